  /* ---- verdict: the score and what it is compared with ---- */

  charts.verdict = function (figure, width) {
    const verdict = doc.verdict || {}, members = (doc.ensemble || {}).members || [];
    const list = [];
    function add(name, s, model) {
      if (s && finite(s.value)) list.push({ name: name, v: s.value, low: s.low95, high: s.high95, model: model });
    }
    add(members.length > 1 ? 'ensemble of ' + members.length : members.length ? 'trial ' + members[0].trial : 'the best trial', verdict.score, true);
    if (members.length > 1) add('best trial (' + verdict.single_trial + ')', verdict.single, false);
    (doc.baselines || []).slice().reverse().forEach((b) => add(b.name, b.score, false));
    if (list.length < 2) return false;

    /* A score that is far behind must not press the others into a line: it gets an arrow at the edge. */
    const ends = (r) => [finite(r.low) ? r.low : r.v, finite(r.high) ? r.high : r.v];
    const near = list.slice().sort((a, b) => better(a.v, b.v) ? -1 : 1).slice(0, Math.max(2, list.length - 1));
    let domain = d3.extent(d3.merge(near.map(ends)));
    const span = domain[1] - domain[0] || Math.abs(domain[0]) || 1;
    const inside = (r) => ends(r)[0] >= domain[0] - span && ends(r)[1] <= domain[1] + span;
    domain = d3.extent(domain.concat(d3.merge(list.filter(inside).map(ends))));
    const pad = (domain[1] - domain[0] || span) * .04;
    const step = 26, left = Math.min(170, width * .36), right = 66, top = 8, height = top + step * list.length + 34;
    const x = d3.scale.linear().domain([domain[0] - pad, domain[1] + pad]).range([left, width - right]);
    const svg = canvas(figure, width, height, caption(figure));
    axisX(svg, x, height - 32, Math.max(2, Math.min(6, (width - left - right) / 80)), null, height - 32 - top);
    text(svg, (left + width - right) / 2, height - 1, metric + arrow, 'middle', 'name');
    const points = [], model = list[0];
    if (inside(model)) svg.append('path').attr('class', 'guide').attr('d', 'M' + x(model.v) + ',' + top + 'V' + (height - 32));
    list.forEach((r, i) => {
      const y = top + step * (i + .5), shown = inside(r);
      const label = shorten(r.name, Math.max(8, Math.floor(left / 7)));
      text(svg, left - 10, y + 4, label, 'end', r.model ? 'accent' : '');
      text(svg, width - right + 8, y + 4, score(r.v), 'start', r.model ? 'accent' : '');
      if (!shown) {
        const at = r.v < domain[0] ? left + 6 : width - right - 6;
        text(svg, at, y + 4, r.v < domain[0] ? '◂' : '▸', 'middle');
        return;
      }
      if (finite(r.low) && finite(r.high))
        svg.append('path').attr('class', r.model ? 'line accent' : 'whisker').attr('d', 'M' + x(r.low) + ',' + (y - 4) + 'v8m0,-4H' + x(r.high) + 'm0,-4v8');
      svg.append('circle').attr('class', r.model ? 'dot best' : 'dot other').attr('r', r.model ? 5 : 4.5).attr('cx', x(r.v)).attr('cy', y);
      points.push({ x: x(r.v), y: y, of: r });
    });
    describe(svg, list.map((r) => r.name + ' ' + score(r.v) + (finite(r.low) ? ' (' + score(r.low) + ' to ' + score(r.high) + ')' : '')).join(', '));
    nearest(svg, width, height, points, 30, (event, p) => {
      const with_ = (verdict.compared || []).filter((c) => c.with === p.of.name || (c.with === 'best trial' && p.of.name.indexOf('best trial') === 0))[0];
      const pairs = [[metric, score(p.of.v)]];
      if (finite(p.of.low)) pairs.push(['95 % interval', score(p.of.low) + ' to ' + score(p.of.high)]);
      if (with_ && finite(with_.difference)) {
        pairs.push(['the model less this', (with_.difference > 0 ? '+' : '') + score(with_.difference)]);
        pairs.push(['p', with_.p < .001 ? '< 0.001' : String(+with_.p.toPrecision(2))]);
      }
      showTip(event, p.of.name, pairs);
    });
    return true;
  };

