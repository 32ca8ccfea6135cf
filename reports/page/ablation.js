  /* ---- the way to the winner ---- */

  /* A row a change: from where the score was expected to where it is then, with its interval. */
  charts.ablation = function (figure, width) {
    const way = doc.ablation, steps = (way && way.steps) || [];
    if (!steps.length || !way.start) return false;
    const step = 26, m = { top: 26, right: 70, bottom: 40, left: Math.min(230, width * .4) };
    const rows = [{ words: 'trial ' + way.from.trial + ' (' + way.from.what + ')', score: way.start }].concat(steps.map((s) => ({ words: s.name + ' \u2192 ' + word(s.after), full: s.name + ': ' + word(s.before) + ' \u2192 ' + word(s.after), score: s.score, gain: s.gain })));
    const height = m.top + m.bottom + step * rows.length, letters = Math.floor((m.left - 10) / 6.8), points = [];
    const ends = d3.extent([].concat.apply([way.from.value, way.to.value], rows.map((r) => [r.score.low95, r.score.high95])).filter(finite));
    const x = d3.scale.linear().domain(up ? ends : [ends[1], ends[0]]).range([m.left, width - m.right]);
    const svg = canvas(figure, width, height, caption(figure));
    axisX(svg, x, height - m.bottom, Math.max(3, Math.min(8, width / 110)), null, height - m.bottom - m.top);
    text(svg, (m.left + width - m.right) / 2, height - 4, metric + (up ? '' : ', smaller is better: the axis runs down') + ' \u2192', 'middle');
    if (finite(way.to.value)) {
      svg.append('path').attr('class', 'guide').attr('d', 'M' + x(way.to.value) + ',' + (m.top - 8) + 'V' + (height - m.bottom));
      text(svg, x(way.to.value), 11, 'trial ' + way.to.trial + ' had ' + score(way.to.value), 'end', 'accent');
    }
    rows.forEach((r, k) => {
      const y = m.top + step * (k + .5), at = x(r.score.value), before = k ? x(rows[k - 1].score.value) : at;
      text(svg, m.left - 8, y + 4, shorten(r.words, letters), 'end', 'name').append('title').text(r.full || r.words);
      svg.append('path').attr('class', 'whisker').attr('d', 'M' + x(r.score.low95) + ',' + (y - 4) + 'v8m0,-4H' + x(r.score.high95) + 'm0,-4v8');
      if (k) svg.append('path').attr('class', 'line ' + (r.gain.value >= 0 ? 'accent' : 'second')).style('stroke-width', 5).style('stroke-opacity', .5).attr('d', 'M' + before + ',' + y + 'H' + at);
      svg.append('circle').attr('class', 'dot best').attr('r', 4).attr('cx', at).attr('cy', y);
      text(svg, width - m.right + 8, y + 4, k ? (r.gain.value >= 0 ? '+' : '\u2212') + score(Math.abs(r.gain.value)) : score(r.score.value), 'start');
      points.push({ x: at, y: y, r: r });
    });
    describe(svg, rows.map((r) => r.words + ' ' + score(r.score.value)).join(', '));
    nearest(svg, width, height, points, 40, (event, q) => showTip(event, q.r.full || q.r.words, [['expected', score(q.r.score.value)],
      ['95 % interval', score(q.r.score.low95) + ' to ' + score(q.r.score.high95)]].concat(q.r.gain ? [['brings', score(q.r.gain.value)],
      ['95 % interval of that', score(q.r.gain.low95) + ' to ' + score(q.r.gain.high95)]] : [])));
    return true;
  };

