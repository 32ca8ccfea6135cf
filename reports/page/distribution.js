  /* ---- how the scores are spread ---- */

  /* Which share of the trials is as good as this or better; beside it that of the trials that did not learn from
     others, where there are enough of both. */
  charts.distribution = function (figure, width) {
    if (complete.length < 8) return false;
    const kinds = [['line', 'all complete trials', complete]];
    const blind = complete.filter((r) => r.how === 'random' || r.how === 'sobol' || r.how === 'grid'), rest = complete.filter((r) => blind.indexOf(r) < 0);
    if (blind.length >= 5 && rest.length >= 5) {
      kinds[0] = ['line', 'proposed by what others scored', rest];
      kinds.push(['second', 'tried without looking at scores', blind]);
    }
    const height = 220, m = { top: 22, right: 24, bottom: 44, left: 54 };
    const domain = scoreDomain(complete.map((r) => r.value)), x = d3.scale.linear().domain(up ? domain : domain.slice().reverse()).range(up ? [m.left, width - m.right] : [width - m.right, m.left]);
    x.domain(domain).range([m.left, width - m.right]);
    const y = d3.scale.linear().domain([0, 1]).range([height - m.bottom, m.top]);
    key(figure, kinds.map((k) => [k[0], k[1] + ' (' + k[2].length + ')']));
    const svg = canvas(figure, width, height, caption(figure)), points = [];
    axisY(svg, y, m.left, width - m.left - m.right, 4, (v) => Math.round(100 * v) + ' %');
    axisX(svg, x, height - m.bottom + 4, Math.min(8, width / 90));
    text(svg, (m.left + width - m.right) / 2, height - 4, metric + (up ? '' : ', smaller is better: the axis runs down') + ' \u2192', 'middle');
    text(svg, 0, 9, 'share of trials as good or better', 'start', 'name');
    kinds.forEach((k) => {
      const sorted = k[2].map((r) => r).sort((a, b) => better(a.value, b.value) ? -1 : 1), n = sorted.length;
      const steps = sorted.map((r, i) => ({ x: x(clamp(domain, r.value)), y: y((i + 1) / n), r: r, share: (i + 1) / n }));
      svg.append('path').attr('class', 'line ' + (k[0] === 'line' ? 'accent' : 'second')).attr('d',
        'M' + x(sorted[0].value).toFixed(1) + ',' + y(0) + steps.map((s, i) => 'H' + s.x.toFixed(1) + 'V' + s.y.toFixed(1)).join(''));
      steps.forEach((s) => points.push(s));
    });
    /* a tick a trial along the foot */
    svg.append('path').attr('class', 'line').style('stroke-opacity', .6).attr('d', complete.map((r) => 'M' + x(clamp(domain, r.value)).toFixed(1) + ',' + (height - m.bottom) + 'v-5').join(''));
    describe(svg, kinds.map((k) => k[1] + ': ' + k[2].length + ', middle score ' + score(d3.median(k[2], (r) => r.value))).join('; '));
    nearest(svg, width, height, points, 16, (event, s) => showTip(event, 'trial ' + s.r.number, [[metric, score(s.r.value)], ['as good or better', percent(s.share)]]));
    return true;
  };

  /* Is a score after some epochs in the order of the end? With an interval at each epoch. */
  charts.stopping = function (figure, width) {
    const stopping = doc.stopping, epochs = (stopping && stopping.epoch) || [];
    if (epochs.length < 2) return false;
    const height = 230, m = { top: 22, right: 24, bottom: 44, left: 54 };
    const x = d3.scale.linear().domain(d3.extent(epochs)).range([m.left, width - m.right]);
    const y = d3.scale.linear().domain([Math.min(0, d3.min(stopping.low95)), 1]).range([height - m.bottom, m.top]);
    const svg = canvas(figure, width, height, caption(figure)), points = [];
    axisY(svg, y, m.left, width - m.left - m.right, 5, d3.format('.1f'));
    axisX(svg, x, height - m.bottom, Math.min(10, width / 80), d3.format('d'));
    text(svg, (m.left + width - m.right) / 2, height - 6, 'epoch', 'middle');
    text(svg, 0, 9, 'rank correlation with the end', 'start', 'name');
    svg.append('path').attr('class', 'column').attr('d', 'M' + epochs.map((e, i) => x(e).toFixed(1) + ',' + y(stopping.high95[i]).toFixed(1)).join('L')
      + 'L' + epochs.map((e, i) => x(e).toFixed(1) + ',' + y(stopping.low95[i]).toFixed(1)).reverse().join('L') + 'Z');
    svg.append('path').attr('class', 'guide').attr('d', 'M' + m.left + ',' + y(.9) + 'H' + (width - m.right));
    svg.append('path').attr('class', 'line accent').attr('d', 'M' + epochs.map((e, i) => x(e).toFixed(1) + ',' + y(stopping.rho[i]).toFixed(1)).join('L'));
    if (finite(stopping.safe_epoch)) svg.append('circle').attr('class', 'dot best').attr('r', 4.5).attr('cx', x(stopping.safe_epoch)).attr('cy', y(stopping.rho[epochs.indexOf(stopping.safe_epoch)]));
    epochs.forEach((e, i) => points.push({ x: x(e), y: y(stopping.rho[i]), i: i }));
    describe(svg, 'from ' + stopping.rho[0].toFixed(2) + ' at epoch ' + epochs[0] + ' to ' + stopping.rho[epochs.length - 1].toFixed(2) + ' at epoch ' + epochs[epochs.length - 1]);
    nearest(svg, width, height, points, 18, (event, q) => showTip(event, 'epoch ' + epochs[q.i], [
      ['rank correlation', stopping.rho[q.i].toFixed(3)], ['95 % interval', stopping.low95[q.i].toFixed(3) + ' to ' + stopping.high95[q.i].toFixed(3)]]));
    d3.select(figure).append('p').attr('class', 'note').text(stopping.note || '');
    return true;
  };

