  /* ---- several goals ---- */

  /* The first goal against the second; the front as a step line, its knee marked. */
  charts.front = function (figure, width) {
    const front = doc.front || {}, goals = front.metrics || [], members = front.members || [];
    if (goals.length < 2 || members.length < 2) return false;
    const first = goals[0], second = goals[1], all = front.trial.map((t, i) => ({
      trial: t, y: front.values[0][i], x: front.values[1][i], on: front.on_front[i], i: i
    })).filter((p) => finite(p.x) && finite(p.y));
    const log = second.cost && all.every((p) => p.x > 0), height = 320, m = { top: 22, right: 24, bottom: 46, left: 60 };
    const firstBetter = (a, b) => first.maximize ? a > b : a < b;
    /* A few hopeless scores must not press the front into a line. */
    const sorted = all.map((p) => p.y).sort((a, b) => firstBetter(a, b) ? -1 : 1);
    const ends = members.map((f) => f.values[0]), best = sorted[0];
    let worst = sorted[sorted.length - 1];
    const lastEnd = ends[ends.length - 1], middle = sorted[Math.floor(sorted.length * .75)];
    const limit = firstBetter(lastEnd, middle) ? middle : lastEnd;
    if (firstBetter(limit, worst)) worst = limit;
    const pad = (best - worst || Math.abs(best) || 1) * .06;
    const y = d3.scale.linear().domain([worst - pad, best + pad]).range([height - m.bottom, m.top]);
    const extent = d3.extent(all, (p) => p.x);
    if (extent[0] === extent[1]) { extent[0] *= .9; extent[1] *= 1.1; }
    const x = (log ? d3.scale.log() : d3.scale.linear()).domain(extent).range([m.left + 8, width - m.right - 8]);
    const clipped = (v) => firstBetter(worst, v) ? worst - pad * .6 : v;
    const more = goals.length > 2;
    key(figure, [['COMPLETE', more ? 'on the front of all ' + goals.length + ' goals' : 'on the front'], ['other', 'other trials']]);
    const svg = canvas(figure, width, height, caption(figure));
    axisY(svg, y, m.left, width - m.left - m.right, 5);
    const axis = d3.svg.axis().scale(x).orient('bottom').tickSize(4).tickPadding(6).tickFormat(short);
    if (log) axis.tickValues(logTicks(extent)); else axis.ticks(Math.min(8, width / 90));
    svg.append('g').attr('class', 'axis').attr('transform', 'translate(0,' + (height - m.bottom + 6) + ')').call(axis);
    text(svg, (m.left + width - m.right) / 2, height - 4, second.label + (second.maximize ? ' \u2191' : ' \u2193') + (log ? '  (log)' : ''), 'middle');
    text(svg, 0, 9, first.label + (first.maximize ? ' \u2191' : ' \u2193'), 'start', 'name');
    const points = all.map((p) => ({ x: x(p.x), y: y(clipped(p.y)), p: p }));
    dots(svg, points.filter((q) => !q.p.on), 2.5, 'dots other');
    const on = points.filter((q) => q.p.on).sort((a, b) => a.x - b.x);
    if (!more) svg.append('path').attr('class', 'line accent').attr('d', d3.svg.line()
      .interpolate(second.maximize ? 'step-before' : 'step-after').x((q) => q.x).y((q) => q.y)(on));
    dots(svg, on, 4, 'dots');
    on.filter((q) => q.p.trial === front.knee).forEach((q) => {
      svg.append('circle').attr('class', 'dot best').attr('r', 5.5).attr('cx', q.x).attr('cy', q.y);
      const near = q.x > width - m.right - 90;
      text(svg, q.x + (near ? -9 : 9), q.y + 16, 'knee, trial ' + q.p.trial, near ? 'end' : 'start', 'accent');
    });
    describe(svg, on.length + ' of ' + all.length + ' trials are on the front, from ' + score(d3.min(on, (q) => q.p.y)) + ' to ' + score(d3.max(on, (q) => q.p.y)) + ' in ' + first.label);
    nearest(svg, width, height, points, 18, (event, q) => showTip(event, 'trial ' + q.p.trial,
      goals.map((g, k) => [g.label, g.cost ? short(front.values[k][q.p.i]) : score(front.values[k][q.p.i])])));
    return true;
  };

  charts.volume = function (figure, width) {
    const front = doc.front || {}, values = front.volume || [];
    if (!front.asked || values.length < 3) return false;
    const height = 180, m = { top: 22, right: 64, bottom: 38, left: 54 };
    const x = d3.scale.linear().domain(d3.extent(front.trial)).range([m.left, width - m.right]);
    const y = d3.scale.linear().domain([0, 1]).range([height - m.bottom, m.top]);
    const svg = canvas(figure, width, height, caption(figure));
    axisY(svg, y, m.left, width - m.left - m.right, 4, d3.format('.1f'));
    axisX(svg, x, height - m.bottom, Math.min(10, width / 80), d3.format('d'));
    text(svg, (m.left + width - m.right) / 2, height - 2, 'trial', 'middle');
    text(svg, 0, 9, 'hypervolume \u2191', 'start', 'name');
    describe(svg, 'from ' + score(values[0]) + ' to ' + score(values[values.length - 1]));
    svg.append('path').attr('class', 'line accent').attr('d', d3.svg.line().interpolate('step-after')
      .x((v, i) => x(front.trial[i])).y((v) => y(v))(values));
    text(svg, width - m.right + 6, y(values[values.length - 1]) + 4, score(values[values.length - 1]), 'start', 'name accent');
    return true;
  };

