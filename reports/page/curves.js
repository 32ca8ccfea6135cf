  /* ---- learning curves ---- */

  const curves = doc.curves || [];

  function curveFrame(figure, width, height, m, series, label, yScale) {
    const svg = canvas(figure, width, height, caption(figure));
    const last = d3.max(series, (s) => s.x[s.x.length - 1]);
    const x = d3.scale.linear().domain([1, Math.max(2, last)]).range([m.left, width - m.right]);
    axisY(svg, yScale, m.left, width - m.left - m.right, height < 200 ? 3 : 5, yScale.ticksFormat);
    axisX(svg, x, height - m.bottom, Math.min(10, width / 80), d3.format('d'));
    text(svg, (m.left + width - m.right) / 2, height - 2, 'epoch', 'middle');
    text(svg, 0, 9, label, 'start', 'name');
    return { svg: svg, x: x };
  }
  function ySpan(values, height, m, log) {
    const extent = d3.extent(values);
    if (extent[0] === extent[1]) { extent[0] *= .9; extent[1] = extent[1] * 1.1 || 1; }
    const scale = (log ? d3.scale.log() : d3.scale.linear()).domain(extent).range([height - m.bottom, m.top]);
    return log ? scale : scale.nice();
  }
  function draw(frame, y, xs, ys, className) {
    const line = d3.svg.line().defined((d) => finite(d[1])).x((d) => frame.x(d[0])).y((d) => y(d[1]));
    return frame.svg.append('path').attr('class', className).attr('d', line(xs.map((v, i) => [v, ys[i]])));
  }
  /* Labels at the ends of lines, moved apart. */
  function endLabels(frame, labels) {
    labels.sort((a, b) => a.y - b.y);
    for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + 14);
    labels.forEach((l) => text(frame.svg, l.x + 6, l.y + 4, l.words, 'start', l.className));
  }

  charts['curve-metric'] = function (figure, width) {
    const shown = curves.filter((c) => c.val_metric.some(finite));
    if (!shown.length || shown[0].epoch.length < 2) return false;
    const height = 280, m = { top: 22, right: 90, bottom: 34, left: 54 }, points = [], labels = [];
    const entries = [['line', 'trial ' + shown[0].trial + ', the best']];
    if (shown.length > 1) entries.push(['thin', 'the next ' + shown.filter((c, k) => k && c.role !== 'median').length]);
    if (shown.some((c) => c.role === 'median')) entries.push(['second', 'the median trial']);
    key(figure, entries);
    const all = [];
    shown.forEach((c) => c.val_metric.forEach((v) => { if (finite(v)) all.push(v); }));
    const domain = scoreDomain(all), y = d3.scale.linear().domain(domain).range([height - m.bottom, m.top]);
    const frame = curveFrame(figure, width, height, m, shown.map((c) => ({ x: c.epoch })), metric + arrow, y);
    frame.svg.append('clipPath').attr('id', 'curve-frame').append('rect').attr('x', m.left).attr('y', 0)
      .attr('width', width - m.left).attr('height', height - m.bottom);
    shown.slice().reverse().forEach((c) => {
      const ys = c.val_metric, first = c === shown[0], median = c.role === 'median';
      draw(frame, y, c.epoch, ys, 'line' + (first ? ' accent' : median ? ' second' : '')).attr('clip-path', 'url(#curve-frame)');
      c.epoch.forEach((e, i) => { if (finite(ys[i]) && !better(domain[0], ys[i])) points.push({ x: frame.x(e), y: y(ys[i]), c: c, i: i }); });
      const end = c.epoch.length - 1;
      if (first || median) labels.push({ x: frame.x(c.epoch[end]), y: y(clamp(domain, ys[end])), words: 'trial ' + c.trial, className: first ? 'accent' : 'second' });
      const at = c.epoch.indexOf(c.best_epoch);
      if (first && at >= 0 && finite(ys[at])) frame.svg.append('circle').attr('class', 'dot best').attr('r', 4.5).attr('cx', frame.x(c.best_epoch)).attr('cy', y(ys[at]));
    });
    endLabels(frame, labels);
    const lead = shown[0].val_metric.filter(finite);
    describe(frame.svg, shown.length + ' trials; trial ' + shown[0].trial + ' from ' + score(lead[0]) + ' to ' + score(lead[lead.length - 1]) + ' in ' + shown[0].epoch[shown[0].epoch.length - 1] + ' epochs');
    nearest(frame.svg, width, height, points, 16, (event, p) => showTip(event, 'trial ' + p.c.trial + ', rank ' + p.c.rank, [
      ['epoch', p.c.epoch[p.i]], [metric, score(p.c.val_metric[p.i])], ['training loss', score(p.c.train_loss[p.i])],
      ['validation loss', score(p.c.val_loss[p.i])], ['learning rate', short(p.c.learning_rate[p.i])]]));
    return true;
  };

  charts['curve-loss'] = function (figure, width) {
    const c = curves[0];
    if (!c || c.epoch.length < 2) return false;
    const values = c.train_loss.concat(c.val_loss).filter((v) => finite(v) && v > 0);
    if (!values.length) return false;
    const height = 240, m = { top: 22, right: 90, bottom: 34, left: 54 };
    const log = d3.max(values) > 20 * d3.min(values), y = ySpan(values, height, m, log);
    y.ticksFormat = short;
    const frame = curveFrame(figure, width, height, m, [{ x: c.epoch }], 'loss ↓' + (log ? '  (log)' : ''), y);
    const last = c.epoch.length - 1, labels = [];
    [['train_loss', 'training', 'second'], ['val_loss', 'validation', 'accent']].forEach((s) => {
      const ys = c[s[0]].map((v) => finite(v) && v > 0 ? v : null);
      draw(frame, y, c.epoch, ys, 'line ' + s[2]);
      if (finite(ys[last])) labels.push({ x: frame.x(c.epoch[last]), y: y(ys[last]), words: s[1], className: s[2] });
    });
    endLabels(frame, labels);
    describe(frame.svg, 'at the end ' + score(c.train_loss[last]) + ' in training, ' + score(c.val_loss[last]) + ' in validation, best epoch ' + c.best_epoch);
    if (c.best_epoch >= 1 && c.best_epoch <= c.epoch[last]) {
      const bx = frame.x(c.best_epoch), near = bx > width - m.right - 90;
      frame.svg.append('path').attr('class', 'guide').attr('d', 'M' + bx + ',' + m.top + 'V' + (height - m.bottom));
      text(frame.svg, bx + (near ? -5 : 5), m.top + 8, 'best epoch ' + c.best_epoch, near ? 'end' : 'start');
    }
    return true;
  };

  charts['curve-rate'] = function (figure, width) {
    const c = curves[0], rates = c ? c.learning_rate.filter(finite) : [];
    if (rates.length < 2 || d3.max(rates) <= d3.min(rates) * 1.001) return false;
    const height = 240, m = { top: 22, right: 90, bottom: 34, left: 54 };
    const y = d3.scale.linear().domain([0, d3.max(rates)]).range([height - m.bottom, m.top]);
    y.ticksFormat = short;
    const frame = curveFrame(figure, width, height, m, [{ x: c.epoch }], 'learning rate', y);
    draw(frame, y, c.epoch, c.learning_rate, 'line accent');
    describe(frame.svg, 'from ' + short(rates[0]) + ' to ' + short(rates[rates.length - 1]) + ', at most ' + short(d3.max(rates)));
    return true;
  };

