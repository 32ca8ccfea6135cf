  /* ---- all settings at once ---- */

  charts.parallel = function (figure, width) {
    if (parameters.length < 2 || complete.length < 3) return false;
    const axes = parameters.map((p) => ({ name: p.name, p: p })).concat([{ name: metric + arrow, score: true }]);
    const full = Math.max(width, axes.length * 92), height = 320;
    const m = { top: 34, right: 56, bottom: 40, left: 44 };
    const letters = Math.floor((full - m.left - m.right) / (axes.length - 1) / 6.8);
    const domain = scoreDomain(complete.map((r) => r.value));
    const x = d3.scale.ordinal().domain(d3.range(axes.length)).rangePoints([m.left, full - m.right]);
    const bottom = height - m.bottom, off = height - 18;
    axes.forEach((a) => {
      if (a.score) {
        const s = d3.scale.linear().domain(domain).range([bottom, m.top]);
        a.at = (r) => s(clamp(domain, r.value));
        a.ticks = s.ticks(5).map((t) => [s(t), String(+t.toFixed(6))]);
      } else {
        const s = parameterScale(a.p, bottom, m.top);
        a.at = (r) => {
          const v = a.p.values[r.i];
          if (!finite(v)) return off;
          const at = s.at(v);
          return finite(at) ? at : off - 8;
        };
        a.ticks = s.ticks.map((t) => [s.at(t), shorten(s.label(t), 13)]);
        if (s.zero) a.ticks.push([off - 8, '0']);
        if (a.p.values.some((v) => v === null)) a.ticks.push([off, 'not used']);
      }
    });
    const ask = 'Drag along an axis to select.';
    const status = d3.select(figure).append('p').attr('class', 'note hint').attr('aria-live', 'polite').text(ask);
    const svg = canvas(d3.select(figure).append('div').attr('class', 'wrap').node(), full, height, caption(figure));
    if (full > width) svg.style('width', full + 'px').style('max-width', 'none');
    const path = (r) => 'M' + axes.map((a, k) => x(k) + ',' + a.at(r).toFixed(1)).join('L');
    const back = ordered.slice().reverse();
    const lines = svg.append('g').selectAll('path').data(back).enter().append('path')
      .attr('class', (r) => r.top ? 'line soft' : 'line').attr('d', path)
      .style('stroke-opacity', (r) => r.top ? .75 : back.length > 300 ? .25 : .5);
    lines.filter((r) => r === ordered[0]).attr('class', 'line accent').style('stroke-opacity', 1);
    describe(svg, back.length + ' trials, ' + parameters.length + ' settings; the best has ' + parameters.map((p) => p.name + ' ' + (setting(p, ordered[0].i) || 'not used')).join(', '));
    const chosen = {};
    function select() {
      const keys = Object.keys(chosen);
      let n = 0;
      lines.style('display', (r) => {
        const inside = keys.every((k) => { const at = axes[k].at(r); return at >= chosen[k][0] && at <= chosen[k][1]; });
        n += inside;
        return inside ? null : 'none';
      });
      status.text(keys.length ? n + ' of ' + back.length + ' trials selected' : ask);
    }
    axes.forEach((a, k) => {
      const g = svg.append('g').attr('transform', 'translate(' + x(k) + ',0)');
      const last = k === axes.length - 1;
      g.append('path').attr('class', 'rule').attr('d', 'M0,' + m.top + 'V' + bottom);
      text(g, last ? 30 : k ? 0 : -30, m.top - 16, shortName(a.name, letters), last ? 'end' : k ? 'middle' : 'start', 'name').append('title').text(a.name);
      let before = Infinity;
      a.ticks.slice().sort((p, q) => q[0] - p[0]).forEach((t) => {
        if (before - t[0] < 11) return;
        before = t[0];
        const label = text(g, last ? 6 : -5, t[0] + 4, t[1], last ? 'start' : 'end');
        const box = label.node().getBBox(); /* lines would strike the words through */
        g.insert('rect', 'text').attr('x', box.x - 1).attr('y', box.y + 2).attr('width', box.width + 2).attr('height', box.height - 4).style('fill', 'var(--paper)').style('fill-opacity', .85);
      });
      const span = d3.scale.linear().domain([0, height]).range([0, height]);
      const brush = d3.svg.brush().y(span);
      brush.on('brush', () => { if (brush.empty()) delete chosen[k]; else chosen[k] = brush.extent(); select(); });
      g.append('g').attr('class', 'brush').call(brush).selectAll('rect').attr('x', -8).attr('width', 16);
    });
    return true;
  };

