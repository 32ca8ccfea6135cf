  /* ---- search ---- */

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
    text(svg, 0, 9, metric + arrow, 'start', 'name');
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
        label.style('paint-order', 'stroke').style('stroke', 'var(--paper)').style('stroke-width', 3);
      });
      const span = d3.scale.linear().domain([0, height]).range([0, height]);
      const brush = d3.svg.brush().y(span);
      brush.on('brush', () => { if (brush.empty()) delete chosen[k]; else chosen[k] = brush.extent(); select(); });
      g.append('g').attr('class', 'brush').call(brush).selectAll('rect').attr('x', -8).attr('width', 16);
    });
    return true;
  };

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
      const turns = s.ticks.some((t) => s.label(t).length * 6.8 > room) ? 2 : 1, end = [-Infinity, -Infinity];
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

  /* Bars with whiskers, the longest on top; beside each what the model says, as a ring. */
  charts.importance = function (figure, width) {
    const list = ((doc.importance && doc.importance.parameters) || []).filter((p) => finite(p.importance)).slice(0, 20);
    if (list.length < 2) return false;
    const step = 24, m = { top: 6, right: 60, bottom: 42, left: Math.min(170, width * .3) };
    const height = m.top + m.bottom + step * list.length, letters = Math.floor((m.left - 12) / 6.8);
    const modelled = list.some((p) => finite(p.effect));
    const entries = [['line', 'share of what sets the best trials apart, 95 % interval']];
    if (modelled) entries.push(['PRUNED', 'share of the model\u2019s variance']);
    key(figure, entries);
    const most = d3.max(list, (p) => Math.max(p.high95, modelled && finite(p.effect) ? Math.min(1, p.effect) : 0));
    const x = d3.scale.linear().domain([0, Math.max(most, .01)]).range([m.left, width - m.right]);
    const svg = canvas(figure, width, height, caption(figure)), points = [];
    axisX(svg, x, height - m.bottom, Math.max(3, Math.min(8, width / 90)), (v) => Math.round(100 * v) + ' %', height - m.bottom - m.top);
    list.forEach((p, k) => {
      const y = m.top + step * (k + .5);
      text(svg, m.left - 8, y + 4, shortName(p.name, letters), 'end', 'name').append('title').text(p.name);
      svg.append('rect').attr('class', 'span').attr('x', m.left).attr('y', y - 6).attr('height', 12)
        .attr('width', Math.max(0, x(p.importance) - m.left));
      svg.append('path').attr('class', 'whisker')
        .attr('d', 'M' + x(p.low95) + ',' + (y - 4) + 'v8m0,-4H' + x(p.high95) + 'm0,-4v8');
      if (finite(p.effect)) mark(svg.append('g').attr('transform', 'translate(' + x(Math.min(1, p.effect)) + ',' + y + ')'), 'PRUNED', 4);
      text(svg, Math.max(x(p.high95), x(p.importance)) + 7, y + 4, percent(p.importance), 'start');
      points.push({ x: x(p.importance), y: y, p: p });
    });
    describe(svg, list.slice(0, 5).map((p) => p.name + ' ' + percent(p.importance)).join(', '));
    nearest(svg, width, height, points, 40, (event, q) => showTip(event, q.p.name, [
      ['importance', percent(q.p.importance)], ['95 % interval', percent(q.p.low95) + ' to ' + percent(q.p.high95)],
      ['by chance', short(q.p.p_chance)], ['model', finite(q.p.effect) ? percent(q.p.effect) : '\u2013'],
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

  charts.timeline = function (figure, width) {
    const ran = rows.filter((r) => finite(r.lane) && finite(r.start) && r.seconds > 0);
    if (ran.length < 2 || !(trials.span_s > 0)) return false;
    const m = { top: 6, right: 10, bottom: 24, left: 62 }, band = Math.max(6, Math.min(18, 180 / trials.lanes));
    const height = m.top + m.bottom + trials.lanes * (band + 3);
    const x = d3.scale.linear().domain([0, trials.span_s]).range([m.left, width - m.right]);
    const unit = trials.span_s > 7200 ? [3600, ' h'] : trials.span_s > 180 ? [60, ' min'] : [1, ' s'];
    const scale = d3.scale.linear().domain([0, trials.span_s / unit[0]]).range(x.range());
    d3.select(figure).append('p').attr('class', 'note').text(trials.lanes + (trials.lanes === 1 ? ' trial' : ' trials') + ' at a time, busy ' + percent(Math.min(1, trials.utilization)) + ' of ' + seconds(trials.span_s) + '.');
    const svg = canvas(figure, width, height, caption(figure));
    for (let lane = 0; lane < trials.lanes; lane += Math.ceil(14 / (band + 3)))
      text(svg, m.left - 8, m.top + lane * (band + 3) + band - band / 4, 'worker ' + (lane + 1), 'end');
    ran.forEach((r) => {
      const kind = r.state === 'COMPLETE' ? '' : r.state === 'PRUNED' ? ' pruned' : ' failed';
      svg.append('rect').attr('class', 'block' + kind).attr('x', x(r.start)).attr('width', Math.max(.6, x(r.seconds) - x(0) - .6))
        .attr('y', m.top + r.lane * (band + 3)).attr('height', band)
        .on('mousemove', () => trialTip(d3.event, r)).on('mouseleave', hideTip);
    });
    describe(svg, ran.length + ' trials in ' + seconds(trials.span_s));
    axisX(svg, scale, height - m.bottom, Math.min(10, width / 90), (t) => t + unit[1]);
    return true;
  };

