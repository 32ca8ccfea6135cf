  /* ---- score by settings ---- */

  const word = (v) => v === null ? '\u2013' : typeof v === 'number' ? short(v) : typeof v === 'string' ? v : JSON.stringify(v);

  /* [value, score] of each setting, from the first of the model's maps that has it: the mean over the other one. */
  function expectations() {
    const found = {};
    ((doc.importance && doc.importance.maps) || []).forEach((map) => {
      if (!found[map.a]) found[map.a] = map.a_values.map((v, i) => [v, d3.mean(map.mean, (line) => line[i])]);
      if (!found[map.b]) found[map.b] = map.b_values.map((v, j) => [v, d3.mean(map.mean[j])]);
    });
    return found;
  }

  charts.slices = function (figure, width) {
    if (!parameters.length || complete.length < 2) return false;
    const expected = expectations(), entries = [['COMPLETE', 'best tenth'], ['other', 'other trials']];
    if (Object.keys(expected).length) entries.push(['second', 'what the model expects, whatever the others are']);
    key(figure, entries);
    if (!up) d3.select(figure).append('p').attr('class', 'note').text('Better is up: the axes of ' + metric + ' run down.');
    const grid = d3.select(figure).append('div').attr('class', 'grid');
    const columns = Math.max(1, Math.floor((width + 22) / (272 + 22)));
    const w = Math.floor((width - 22 * (columns - 1)) / columns), h = 178;
    const domain = scoreDomain(complete.map((r) => r.value));
    const m = { top: 22, right: 12, bottom: 34, left: 46 };
    parameters.forEach((p) => {
      const cell = grid.append('div').attr('class', 'small').node();
      const svg = canvas(cell, w, h, metric + ' by ' + p.name);
      const y = d3.scale.linear().domain(domain).range([h - m.bottom, m.top]);
      const s = parameterScale(p, m.left + 14, w - m.right - 4), points = [];
      axisY(svg, y, m.left, w - m.left - m.right, 4);
      text(svg, m.left, 12, shortName(p.name, 34) + (s.log ? '  (log)' : ''), 'start', 'name');
      /* Names of choices that stand too close go on two lines by turns. */
      const room = p.scale === 'category' ? (s.ticks.length > 1 ? s.at(1) - s.at(0) : w - m.left) : w;
      const turns = s.ticks.some((t) => s.label(t).length * 6.8 > room) ? 2 : 1, end = [s.zero ? m.left + 12 : -Infinity, -Infinity];
      s.ticks.forEach((t, k) => {
        const words = shorten(s.label(t), Math.max(4, Math.floor((turns * room - 5) / 6.6))), at = s.at(t), line = k % turns;
        if (at - words.length * 3.3 < end[line]) return;
        end[line] = at + words.length * 3.3 + 4;
        text(svg, at, h - m.bottom + 16 + 13 * line, words, 'middle').append('title').text(s.label(t));
      });
      const zeroAt = m.left + 4;
      if (s.zero) text(svg, zeroAt, h - m.bottom + 16, '0', 'middle');
      ordered.slice().reverse().forEach((r) => {
        const v = p.values[r.i];
        if (!finite(v)) return;
        let px = s.at(v);
        if (!finite(px)) px = zeroAt;
        if (p.scale === 'category') px += ((r.number * 0.6180339887) % 1 - .5) * Math.min(26, (w - m.left) / p.categories.length * .5);
        const py = y(clamp(domain, r.value));
        points.push({ x: px, y: py, r: r });
      });
      if (expected[p.name] && p.scale !== 'category') {
        const line = d3.svg.line().defined((q) => finite(q[0]) && finite(s.at(q[0]))).x((q) => s.at(q[0])).y((q) => y(clamp(domain, q[1])));
        const low = d3.min(p.values.filter(finite)), high = d3.max(p.values.filter(finite));
        svg.append('path').attr('class', 'line second').style('stroke-opacity', .8).attr('d', line(expected[p.name].filter((q) => q[0] >= low && q[0] <= high && !better(domain[0], q[1]))));
      } else if (expected[p.name]) expected[p.name].forEach((q) => {
        const at = p.categories.indexOf(word(q[0]));
        if (at >= 0 && !better(domain[0], q[1])) svg.append('path').attr('class', 'line second').attr('d', 'M' + (s.at(at) - 12) + ',' + y(clamp(domain, q[1])) + 'h24');
      });
      const r0 = ordered.length > 400 ? 1.7 : 2.5;
      dots(svg, points.filter((q) => !q.r.top), r0, 'dots other');
      dots(svg, points.filter((q) => q.r.top), r0, 'dots');
      if (p.scale === 'category') s.ticks.forEach((t) => {
        const values = complete.filter((r) => p.values[r.i] === t).map((r) => r.value);
        if (values.length < 3) return;
        const py = y(clamp(domain, d3.median(values)));
        svg.append('path').attr('class', 'median').attr('d', 'M' + (s.at(t) - 9) + ',' + py + 'h18').append('title').text('median ' + score(d3.median(values)));
      });
      describe(svg, points.length + ' trials, the best with ' + (setting(p, ordered[0].i) || 'none'));
      nearest(svg, w, h, points, 14, (event, q) => trialTip(event, q.r));
    });
    return true;
  };

