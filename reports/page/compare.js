  /* ---- studies side by side ---- */

  /* A study has a colour and a way of dashing, so that colour alone says nothing. */
  const studyLook = [['var(--accent)', ''], ['var(--second)', ''], ['var(--muted)', ''], ['#1f9270', '6 3'], ['#a564b8', '2 3'],
    ['var(--accent)', '8 3 2 3'], ['var(--second)', '4 4'], ['var(--muted)', '1 3']];

  /* How the best score grew, a step line a study, over curve[by]. */
  function bestSoFar(figure, width, by, label, format) {
    const lines = (doc.studies || []).map((s, i) => {
      const curve = s.curve || {}, look = studyLook[i % studyLook.length];
      return { name: String(s.label), colour: look[0], dash: look[1], points: (curve[by] || []).map((x, k) => ({ x: x, y: curve.best[k] })).filter((p) => finite(p.x) && finite(p.y)) };
    }).filter((l) => l.points.length);
    if (lines.length < 2) return false;
    const names = width >= 560, longest = d3.max(lines, (l) => Math.min(22, l.name.length));
    const height = 300, m = { top: 22, right: names ? 20 + 6.6 * longest : 16, bottom: 40, left: 54 };
    const last = [], all = [];
    lines.forEach((l) => { last.push(l.points[l.points.length - 1].x); l.points.forEach((p) => all.push(p.y)); });
    /* The first trials of a search are far from all that follows: their scores are cut off. */
    const ends = lines.map((l) => l.points[l.points.length - 1].y), domain = scoreDomain(all.concat(ends, ends));
    const x = d3.scale.linear().domain([0, d3.max(last)]).range([m.left, width - m.right]);
    const y = d3.scale.linear().domain(domain).range([height - m.bottom, m.top]);
    const svg = canvas(figure, width, height, caption(figure) + ': ' + lines.map((l, k) => l.name + ' ' + score(ends[k])).join(', '));
    axisY(svg, y, m.left, width - m.left - m.right, 5);
    axisX(svg, x, height - m.bottom, Math.min(8, width / 90), format);
    text(svg, (m.left + width - m.right) / 2, height - 4, label, 'middle');
    text(svg, 0, 9, metric + arrow, 'start', 'name');
    const points = [], labels = [];
    lines.forEach((l) => {
      const path = d3.svg.line().interpolate('step-after').x((p) => x(p.x)).y((p) => y(clamp(domain, p.y)));
      svg.append('path').attr('class', 'line').style('stroke', l.colour).style('stroke-width', 2).style('stroke-dasharray', l.dash || null).attr('d', path(l.points));
      l.points.forEach((p) => points.push({ x: x(p.x), y: y(clamp(domain, p.y)), p: p, l: l }));
      const end = l.points[l.points.length - 1];
      labels.push({ x: x(end.x), y: y(clamp(domain, end.y)), l: l });
    });
    if (names) {
      labels.sort((a, b) => a.y - b.y);
      for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + 14);
      labels.forEach((t) => text(svg, width - m.right + 8, t.y + 4, shorten(t.l.name, 22)).style('fill', t.l.colour));
    } else {
      const line = d3.select(figure).append('div').attr('class', 'key');
      lines.forEach((l) => {
        const item = line.append('span');
        item.append('svg').attr('viewBox', '0 0 12 12').attr('aria-hidden', 'true').append('path').attr('class', 'line')
          .style('stroke', l.colour).style('stroke-width', 2).style('stroke-dasharray', l.dash || null).attr('d', 'M0,6H12');
        item.append('span').text(l.name);
      });
    }
    nearest(svg, width, height, points, 18, (event, q) => showTip(event, q.l.name, [[metric, score(q.p.y)], [label, by === 'cpu_s' ? seconds(q.p.x) : q.p.x]]));
    return true;
  }
  charts['compare-trials'] = (figure, width) => bestSoFar(figure, width, 'trials', 'trials', d3.format('d'));
  charts['compare-cpu'] = (figure, width) => bestSoFar(figure, width, 'cpu_s', 'seconds of processor time', short);

