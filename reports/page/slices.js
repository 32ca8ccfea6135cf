  /* ---- score by settings ---- */

  charts.slices = function (figure, width) {
    if (!parameters.length || complete.length < 2) return false;
    key(figure, [['COMPLETE', 'best tenth'], ['other', 'other trials']]);
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
      const room = p.scale === 'category' ? (w - m.left) / Math.max(1, s.ticks.length) : w;
      const turns = s.ticks.some((t) => s.label(t).length * 6.8 > room) ? 2 : 1, end = [s.zero ? m.left + 12 : -Infinity, -Infinity];
      s.ticks.forEach((t, k) => {
        const words = shorten(s.label(t), Math.max(4, Math.floor(turns * room / 6.8))), at = s.at(t), line = k % turns;
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

