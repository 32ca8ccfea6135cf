  /* ---- the search over time ---- */

  /* Better is up, whichever way the numbers go. */
  const runs = up ? '' : '  (the axis runs down: better is up)';

  charts.history = function (figure, width) {
    if (rows.length < 2) return false;
    const height = 300, m = { top: 22, right: 64, bottom: 46, left: 54 };
    const scored = rows.filter((r) => finite(r.value));
    if (!scored.length) return false;
    const states = {};
    rows.forEach((r) => { states[r.state] = (states[r.state] || 0) + 1; });
    const lost = ['FAILED', 'INFEASIBLE', 'INTERRUPTED'];
    const entries = [['COMPLETE', 'complete'], ['line', 'best so far']];
    if (states.PRUNED) entries.splice(1, 0, ['PRUNED', 'pruned: score when stopped']);
    if (rows.some((r) => lost.indexOf(r.state) >= 0)) entries.push(['FAILED', 'failed or infeasible']);
    key(figure, entries);
    const domain = scoreDomain(scored.map((r) => r.value));
    const x = d3.scale.linear().domain(d3.extent(rows, (r) => r.number)).range([m.left, width - m.right]);
    const y = d3.scale.linear().domain(domain).range([height - m.bottom, m.top]); /* best on top */
    const svg = canvas(figure, width, height, caption(figure));
    axisY(svg, y, m.left, width - m.left - m.right, 5);
    axisX(svg, x, height - m.bottom + 12, Math.min(10, width / 80), d3.format('d'));
    text(svg, (m.left + width - m.right) / 2, height - 4, 'trial', 'middle');
    text(svg, 0, 9, metric + arrow + runs, 'start', 'name');
    const r0 = rows.length > 500 ? 2 : 3, points = [];
    let clipped = 0;
    rows.forEach((r) => {
      const bad = lost.indexOf(r.state) >= 0, px = x(r.number);
      if (!bad && !finite(r.value)) return;
      const v = bad ? domain[0] : clamp(domain, r.value), py = bad ? height - m.bottom + 8 : y(v);
      if (!bad && v !== r.value) clipped++;
      if (r.state !== 'COMPLETE') mark(svg.append('g').attr('transform', 'translate(' + px + ',' + py + ')'), bad ? 'FAILED' : r.state, bad ? 2.5 : r0);
      points.push({ x: px, y: py, r: r });
    });
    dots(svg, points.filter((p) => p.r.state === 'COMPLETE'), r0, 'dots');
    const steps = rows.filter((r) => finite(r.best));
    svg.append('path').attr('class', 'line accent').attr('d', d3.svg.line().interpolate('step-after')
      .x((r) => x(r.number)).y((r) => y(clamp(domain, r.best)))(steps));
    if (ordered.length) {
      const b = ordered[0];
      svg.append('circle').attr('class', 'dot best').attr('r', 5).attr('cx', x(b.number)).attr('cy', y(b.value));
      text(svg, width - m.right + 6, y(b.value) + 4, score(b.value), 'start', 'name accent');
      text(svg, width - m.right + 6, y(b.value) + 18, 'trial ' + b.number, 'start');
    }
    describe(svg, rows.length + ' trials' + (ordered.length ? ', the best ' + score(ordered[0].value) + ' by trial ' + ordered[0].number : ''));
    if (clipped) d3.select(figure).append('p').attr('class', 'note').text(clipped + (clipped === 1 ? ' trial lies' : ' trials lie') + ' beyond the lower edge and ' + (clipped === 1 ? 'is' : 'are') + ' drawn on it.');
    nearest(svg, width, height, points, 18, (event, p) => trialTip(event, p.r));
    return true;
  };

