  /* ---- ensemble ---- */

  charts.gain = function (figure, width) {
    const ensemble = doc.ensemble || {}, curve = (ensemble.curve || []).map((p) => finite(p) ? p : p && p.score);
    if (curve.filter(finite).length < 2 || (ensemble.members || []).length < 2) return false; /* nothing was added */
    if (d3.max(curve) - d3.min(curve) <= 1e-6 * Math.abs(d3.max(curve))) return false; /* a line that says nothing */
    const single = ensemble.best_single && ensemble.best_single.score;
    const height = 220, m = { top: 22, right: 100, bottom: 34, left: 54 };
    const y = ySpan(curve.concat(finite(single) ? [single] : []).filter(finite), height, m, false);
    const svg = canvas(figure, width, height, caption(figure));
    const x = d3.scale.linear().domain([1, curve.length]).range([m.left, width - m.right]);
    axisY(svg, y, m.left, width - m.left - m.right, 4);
    axisX(svg, x, height - m.bottom, Math.min(curve.length - 1, 10), d3.format('d'));
    text(svg, (m.left + width - m.right) / 2, height - 2, 'draws, with replacement', 'middle');
    text(svg, 0, 9, metric + arrow, 'start', 'name');
    const labels = [];
    if (finite(single)) {
      svg.append('path').attr('class', 'guide').attr('d', 'M' + m.left + ',' + y(single) + 'H' + (width - m.right));
      labels.push({ x: width - m.right, y: y(single), words: 'best single', className: '' });
    }
    svg.append('path').attr('class', 'line accent').attr('d', d3.svg.line().x((v, i) => x(i + 1)).y((v) => y(v))(curve));
    const best = curve.reduce((k, v, i) => better(v, curve[k]) ? i : k, 0);
    svg.append('circle').attr('class', 'dot best').attr('r', 4.5).attr('cx', x(best + 1)).attr('cy', y(curve[best]));
    labels.push({ x: width - m.right, y: y(curve[curve.length - 1]), words: 'ensemble', className: 'accent' });
    endLabels({ svg: svg }, labels);
    describe(svg, 'from ' + score(curve[0]) + ' to ' + score(curve[curve.length - 1]) + ' in ' + curve.length + ' draws' + (finite(single) ? '; the best single has ' + score(single) : ''));
    nearest(svg, width, height, curve.map((v, i) => ({ x: x(i + 1), y: y(v), v: v, i: i })), 24, (event, p) => showTip(event, (p.i + 1) + (p.i ? ' draws' : ' draw'), [[metric, score(p.v)]]));
    return true;
  };

