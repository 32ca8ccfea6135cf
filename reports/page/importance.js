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

