  /* ---- what made the difference ---- */

  /* Bars with whiskers, the longest on top; in each a line at what the setting does alone. Where the trials do not
     tell, the whisker stands by itself. */
  charts.importance = function (figure, width) {
    const list = ((doc.importance && doc.importance.parameters) || []).filter((p) => finite(p.high95)).slice(0, 20);
    if (list.length < 2) return false;
    const step = 24, m = { top: 6, right: 76, bottom: 42, left: Math.min(170, width * .3) };
    const height = m.top + m.bottom + step * list.length, letters = Math.floor((m.left - 12) / 6.8);
    key(figure, [['line', 'share of what decides the rank, 95 % interval'], ['other', 'by itself']]);
    const x = d3.scale.linear().domain([0, Math.max(d3.max(list, (p) => p.high95), .01)]).range([m.left, width - m.right]);
    const svg = canvas(figure, width, height, caption(figure)), points = [];
    axisX(svg, x, height - m.bottom, Math.max(3, Math.min(8, width / 90)), (v) => Math.round(100 * v) + ' %', height - m.bottom - m.top);
    list.forEach((p, k) => {
      const y = m.top + step * (k + .5), told = finite(p.importance);
      text(svg, m.left - 8, y + 4, shortName(p.name, letters), 'end', 'name').append('title').text(p.name);
      if (told) svg.append('rect').attr('class', 'span').attr('x', m.left).attr('y', y - 6).attr('height', 12)
        .attr('width', Math.max(0, x(p.importance) - m.left));
      svg.append('path').attr('class', 'whisker').style('stroke-dasharray', told ? null : '2,3')
        .attr('d', 'M' + x(p.low95) + ',' + (y - 4) + 'v8m0,-4H' + x(p.high95) + 'm0,-4v8');
      if (told && finite(p.alone)) mark(svg.append('g').attr('transform', 'translate(' + x(Math.min(p.alone, p.importance)) + ',' + y + ')'), 'other', 3.5);
      text(svg, Math.max(x(p.high95), told ? x(p.importance) : 0) + 7, y + 4, told ? percent(p.importance) : 'not known', 'start');
      points.push({ x: told ? x(p.importance) : x(p.high95 / 2), y: y, p: p });
    });
    describe(svg, list.slice(0, 5).map((p) => p.name + ' ' + percent(p.importance)).join(', '));
    nearest(svg, width, height, points, 40, (event, q) => showTip(event, q.p.name, [
      ['importance', finite(q.p.importance) ? percent(q.p.importance) : 'not known'],
      ['95 % interval', percent(q.p.low95) + ' to ' + percent(q.p.high95)],
      ['alone', finite(q.p.alone) ? percent(q.p.alone) : '\u2013'], ['tried', percent(q.p.tried) + ' of its range'],
      ['used in', percent(q.p.active)], ['best trials have', q.p.favours]]));
    return true;
  };

  /* Two settings together, a cell for each pair of values: the fuller the colour, the better. */
  charts.map = function (figure, width) {
    const map = doc.importance && doc.importance.map, pair = doc.importance && (doc.importance.pairs || [])[0];
    if (!map || !pair || !(pair.effect >= .01)) return false;
    const nA = map.a_values.length, nB = map.b_values.length, all = [].concat.apply([], map.mean).filter(finite);
    const low = d3.min(all), high = d3.max(all);
    if (!(high > low)) return false;
    const word = (v) => v === null ? '\u2013' : typeof v === 'number' ? short(v) : typeof v === 'string' ? v : JSON.stringify(v);
    const m = { top: 18, right: 10, bottom: 40, left: 96 }, side = Math.min(width, 620);
    const cellX = (side - m.left - m.right) / nA, cellY = Math.min(26, cellX), height = m.top + m.bottom + nB * cellY;
    const svg = canvas(figure, side, height, caption(figure));
    svg.style('max-width', side + 'px');
    text(svg, 0, 11, map.b, 'start', 'name');
    text(svg, (m.left + side - m.right) / 2, height - 3, map.a, 'middle', 'name');
    const every = Math.ceil(nA * 46 / (side - m.left - m.right));
    map.a_values.forEach((v, i) => { if (i % every === 0) text(svg, m.left + (i + .5) * cellX, height - m.bottom + 14, shorten(word(v), 8), 'middle'); });
    map.b_values.forEach((v, j) => text(svg, m.left - 8, m.top + (nB - j - .5) * cellY + 4, shorten(word(v), 13), 'end'));
    map.mean.forEach((line, j) => line.forEach((value, i) => {
      if (!finite(value)) return;
      const good = (up ? value - low : high - value) / (high - low);
      svg.append('rect').attr('x', m.left + i * cellX).attr('y', m.top + (nB - 1 - j) * cellY).attr('width', Math.max(1, cellX - 1)).attr('height', cellY - 1)
        .attr('fill', 'var(--accent)').attr('fill-opacity', .06 + .94 * good * good)
        .on('mousemove', () => showTip(d3.event, metric, [['expected', score(value)], [map.a, word(map.a_values[i])], [map.b, word(map.b_values[j])]]))
        .on('mouseleave', hideTip);
    }));
    describe(svg, map.b + ' by ' + map.a + ', from ' + score(low) + ' to ' + score(high));
    d3.select(figure).append('p').attr('class', 'note').text('From ' + score(up ? low : high) + ' (pale) to ' + score(up ? high : low) + ' (full colour), as the model has it.');
    return true;
  };

