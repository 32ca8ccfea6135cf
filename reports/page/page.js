/* The report's charts, drawn with D3 3.5 from the JSON document in the page (docs/report.md).
 *
 * Each <figure data-chart="name"> is handed to charts[name](figure, width). A chart that has nothing to
 * show returns false and its figure stays hidden; tables and text never depend on this script.
 * Colours come from the style sheet, so light, dark and paper need nothing here. All text goes in
 * as text, never as markup. */
(function () {
  'use strict';

  /* Seen by the browser test; a reader sees tables and text all the same. */
  const problems = [];
  function problem(words) {
    problems.push(words);
    document.documentElement.setAttribute('data-problems', problems.join('; '));
  }
  window.onerror = (message, source, line) => problem(message + ' (line ' + line + ')');

  const doc = JSON.parse(document.getElementById('document').textContent) || {};
  const study = doc.study || {}, trials = doc.trials || {}, parameters = doc.parameters || [];
  const evaluation = doc.test || doc.validation;
  const up = study.maximize !== false;
  const metric = study.metric_label || 'score', arrow = up ? ' ↑' : ' ↓';
  const better = (a, b) => up ? a > b : a < b;
  const finite = (x) => typeof x === 'number' && isFinite(x);

  /* ---- how numbers look ---- */

  function score(x) {
    if (!finite(x)) return '–';
    const size = Math.abs(x);
    return size !== 0 && (size < 1e-4 || size >= 1e5) ? x.toExponential(2) : x.toFixed(size >= 1000 ? 1 : 4);
  }
  function short(x) { /* a setting or a tick: at most three significant digits */
    if (!finite(x)) return '–';
    const size = Math.abs(x);
    if (size === 0) return '0';
    if (size >= 1e5 || size < 1e-3) return x.toExponential().replace(/(\.\d{0,2})\d*/, '$1').replace(/\.0*e/, 'e').replace('e+', 'e');
    return String(+x.toPrecision(3));
  }
  function seconds(x) {
    if (!finite(x)) return '–';
    const two = (n) => (n < 10 ? '0' : '') + n;
    if (x < 59.95) return x.toFixed(x < 1 ? 2 : 1) + 's';
    const whole = Math.round(x), minutes = Math.floor(whole / 60);
    if (minutes < 60) return minutes + 'm ' + two(whole % 60) + 's';
    return Math.floor(minutes / 60) + 'h ' + two(minutes % 60) + 'm';
  }
  const percent = (x) => (100 * x).toFixed(1) + ' %';

  /* ---- the trials as records ---- */

  const rows = (trials.number || []).map((number, i) => ({
    i: i, number: number, state: trials.state[i], value: trials.value[i], best: trials.best[i],
    start: trials.start_s[i], seconds: trials.seconds[i], lane: trials.lane[i], size: trials.n_params[i]
  }));
  const complete = rows.filter((r) => r.state === 'COMPLETE' && finite(r.value));
  const ordered = complete.slice().sort((a, b) => better(a.value, b.value) ? -1 : a.value === b.value ? a.number - b.number : 1);
  const tenth = Math.max(1, Math.ceil(ordered.length / 10));
  ordered.forEach((r, k) => { r.top = k < tenth; });

  function setting(parameter, i) { /* as text; '' when it does not apply */
    const v = parameter.values[i];
    if (v === null || v === undefined) return '';
    return parameter.scale === 'category' ? parameter.categories[v] : short(v);
  }

  /* Scores to show: a few hopeless trials must not press the rest into a line. The worst drawn value
     lies at most so far below the middle as gives the upper half its room; others sit on the edge. */
  function scoreDomain(values) {
    const sorted = values.slice().sort((a, b) => better(a, b) ? -1 : 1);
    const best = sorted[0], middle = sorted[Math.floor(sorted.length / 2)];
    let worst = sorted[sorted.length - 1];
    const limit = middle - 3 * (best - middle || (best - worst) / 3);
    if (better(limit, worst)) worst = limit;
    const pad = (best - worst || Math.abs(best) || 1) * .05;
    return [worst - pad, best + pad];
  }
  const clamp = (domain, v) => better(domain[0], v) ? domain[0] : v;

  /* ---- helpers for drawing ---- */

  function caption(figure) { return figure.querySelector('figcaption').textContent; }

  function canvas(parent, width, height, label) {
    return d3.select(parent).append('svg').attr('viewBox', '0 0 ' + width + ' ' + height)
      .attr('width', width).attr('height', height).attr('role', 'img').attr('aria-label', label);
  }
  function axisX(svg, scale, y, ticks, format, grid) {
    const axis = d3.svg.axis().scale(scale).orient('bottom').ticks(ticks).tickSize(grid ? -grid : 4).tickPadding(6);
    if (format) axis.tickFormat(format);
    svg.append('g').attr('class', 'axis').attr('transform', 'translate(0,' + y + ')').call(axis);
  }
  function axisY(svg, scale, x, width, ticks, format) {
    const axis = d3.svg.axis().scale(scale).orient('left').ticks(ticks).tickSize(-width).tickPadding(6);
    if (scale.base) axis.tickValues(logTicks(scale.domain())); /* a log scale */
    if (format) axis.tickFormat(format);
    svg.append('g').attr('class', 'axis').attr('transform', 'translate(' + x + ',0)').call(axis);
  }
  function text(svg, x, y, words, anchor, className) {
    return svg.append('text').attr('x', x).attr('y', y).attr('text-anchor', anchor || 'start')
      .attr('class', className || '').text(words);
  }
  /* Powers of ten, or 1-2-5 steps when there are few. */
  function logTicks(domain) {
    const low = Math.log10(domain[0]), high = Math.log10(domain[1]), out = [];
    const steps = high - low > 2.5 ? [1] : high - low > 1.2 ? [1, 3] : [1, 2, 5];
    for (let e = Math.floor(low); e <= Math.ceil(high); e++)
      steps.forEach((s) => { const v = s * Math.pow(10, e); if (v >= domain[0] * .999 && v <= domain[1] * 1.001) out.push(+v.toPrecision(2)); });
    return out;
  }
  function key(figure, entries) { /* [[shape, words]] */
    const line = d3.select(figure).append('div').attr('class', 'key');
    entries.forEach((entry) => {
      const item = line.append('span');
      const svg = item.append('svg').attr('viewBox', '0 0 12 12').attr('aria-hidden', 'true');
      mark(svg.append('g').attr('transform', 'translate(6,6)'), entry[0], 4);
      item.append('span').text(entry[1]);
    });
  }
  function mark(g, state, r) {
    if (state === 'line') g.append('path').attr('class', 'line accent').attr('d', 'M-6,0H6');
    else if (state === 'thin') g.append('path').attr('class', 'line').attr('d', 'M-6,0H6');
    else if (state === 'second') g.append('path').attr('class', 'line second').attr('d', 'M-6,0H6');
    else if (state === 'COMPLETE') g.append('circle').attr('class', 'dot').attr('r', r);
    else if (state === 'other') g.append('circle').attr('class', 'dot other').attr('r', r);
    else if (state === 'PRUNED') g.append('circle').attr('class', 'dot pruned').attr('r', r - .5);
    else g.append('path').attr('class', 'cross').attr('d', 'M' + -r + ',' + -r + 'L' + r + ',' + r + 'M' + -r + ',' + r + 'L' + r + ',' + -r);
  }

  /* Many points are one path of round line ends: a thousand trials draw at once. */
  function dots(svg, points, r, className) {
    svg.append('path').attr('class', className).style('stroke-width', 2 * r)
      .attr('d', points.map((p) => 'M' + p.x.toFixed(1) + ',' + p.y.toFixed(1) + 'h.01').join(''));
  }

  /* ---- tooltips ---- */

  let tip = null;
  function hideTip() { if (tip) { tip.remove(); tip = null; } }
  function showTip(event, title, pairs) {
    hideTip();
    tip = document.createElement('div');
    tip.className = 'tip';
    const head = document.createElement('strong'), table = document.createElement('table');
    head.textContent = title;
    pairs.forEach((pair) => {
      const tr = table.insertRow(), th = document.createElement('th'), td = document.createElement('td');
      th.textContent = pair[0];
      td.textContent = pair[1];
      tr.appendChild(th);
      tr.appendChild(td);
    });
    tip.appendChild(head);
    tip.appendChild(table);
    document.body.appendChild(tip);
    const width = tip.offsetWidth, room = document.documentElement.clientWidth;
    const x = Math.min(event.clientX + 14, room - width - 8);
    tip.style.left = Math.max(4, x) + window.pageXOffset + 'px';
    tip.style.top = event.clientY + 14 + window.pageYOffset + 'px';
  }
  function trialTip(event, r) {
    const pairs = [[metric, score(r.value)], ['state', r.state.toLowerCase()]];
    parameters.forEach((p) => { const s = setting(p, r.i); if (s !== '') pairs.push([p.name, s]); });
    if (finite(r.seconds)) pairs.push(['time', seconds(r.seconds)]);
    showTip(event, 'trial ' + r.number, pairs);
  }
  /* Points are small: the nearest within reach answers. */
  function nearest(svg, width, height, points, reach, show) {
    const node = svg.node(), ring = svg.append('circle').attr('class', 'ring').attr('r', 5).style('display', 'none');
    svg.insert('rect', ':first-child').attr('width', width).attr('height', height).attr('fill', 'transparent');
    svg.on('mousemove', () => {
      const at = d3.mouse(node);
      let found = null, least = reach * reach;
      points.forEach((p) => {
        const d = (p.x - at[0]) * (p.x - at[0]) + (p.y - at[1]) * (p.y - at[1]);
        if (d < least) { least = d; found = p; }
      });
      ring.style('display', found ? null : 'none');
      if (!found) return hideTip();
      ring.attr('cx', found.x).attr('cy', found.y);
      show(d3.event, found);
    }).on('mouseleave', () => { hideTip(); ring.style('display', 'none'); });
  }

  const charts = {};

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
    if (clipped) d3.select(figure).append('p').attr('class', 'note').text(clipped + (clipped === 1 ? ' trial lies' : ' trials lie') + ' beyond the lower edge and ' + (clipped === 1 ? 'is' : 'are') + ' drawn on it.');
    nearest(svg, width, height, points, 18, (event, p) => trialTip(event, p.r));
    return true;
  };

  /* One scale a parameter: position of a trial's setting, or of "does not apply" and of zero on a log
     axis, which have their places below the axis. */
  function parameterScale(p, low, high) {
    const values = p.values.filter(finite), positive = values.filter((v) => v > 0);
    if (p.scale === 'category') {
      const s = d3.scale.ordinal().domain(d3.range(p.categories.length)).rangePoints([low, high], 1);
      return { at: s, ticks: d3.range(p.categories.length), label: (t) => p.categories[t], zero: false };
    }
    const log = p.scale === 'log' && positive.length > 0;
    const extent = d3.extent(log ? positive : values);
    if (extent[0] === extent[1]) { extent[0] -= log ? extent[0] / 2 : 1; extent[1] += log ? extent[1] : 1; }
    const scale = (log ? d3.scale.log() : d3.scale.linear()).domain(extent).range([low, high]);
    const zero = log && positive.length < values.length, whole = values.every((v) => v === Math.round(v));
    const ticks = log ? logTicks(extent) : scale.ticks(4).filter((t) => !whole || t === Math.round(t));
    return { at: (v) => log && v <= 0 ? null : scale(v), ticks: ticks, label: short, zero: zero, log: log };
  }

  function shorten(words, n) { return words.length > n ? words.slice(0, n - 1) + '…' : words; }
  /* Of a nested name ("augment.rotate_deg") the last part says most. */
  function shortName(name, n) { return shorten(name.length > n ? name.split('.').pop() : name, n); }

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
    const status = d3.select(figure).append('p').attr('class', 'note').attr('aria-live', 'polite');
    const svg = canvas(d3.select(figure).append('div').attr('class', 'wrap').node(), full, height, caption(figure));
    if (full > width) svg.style('width', full + 'px').style('max-width', 'none');
    const path = (r) => 'M' + axes.map((a, k) => x(k) + ',' + a.at(r).toFixed(1)).join('L');
    const back = ordered.slice().reverse();
    const lines = svg.append('g').selectAll('path').data(back).enter().append('path')
      .attr('class', (r) => r.top ? 'line soft' : 'line').attr('d', path)
      .style('stroke-opacity', (r) => r.top ? .75 : back.length > 300 ? .25 : .5);
    lines.filter((r) => r === ordered[0]).attr('class', 'line accent').style('stroke-opacity', 1);
    const chosen = {};
    function select() {
      const keys = Object.keys(chosen);
      let n = 0;
      lines.style('display', (r) => {
        const inside = keys.every((k) => { const at = axes[k].at(r); return at >= chosen[k][0] && at <= chosen[k][1]; });
        n += inside;
        return inside ? null : 'none';
      });
      status.text(keys.length ? n + ' of ' + back.length + ' trials selected' : '');
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
    axisX(svg, scale, height - m.bottom, Math.min(10, width / 90), (t) => t + unit[1]);
    return true;
  };

  /* ---- learning curves ---- */

  const curves = doc.curves || [];

  function curveFrame(figure, width, height, m, series, label, yScale) {
    const svg = canvas(figure, width, height, caption(figure));
    const last = d3.max(series, (s) => s.x[s.x.length - 1]);
    const x = d3.scale.linear().domain([1, Math.max(2, last)]).range([m.left, width - m.right]);
    axisY(svg, yScale, m.left, width - m.left - m.right, height < 200 ? 3 : 5, yScale.ticksFormat);
    axisX(svg, x, height - m.bottom, Math.min(10, width / 80), d3.format('d'));
    text(svg, (m.left + width - m.right) / 2, height - 2, 'epoch', 'middle');
    text(svg, 0, 9, label, 'start', 'name');
    return { svg: svg, x: x };
  }
  function ySpan(values, height, m, log) {
    const extent = d3.extent(values);
    if (extent[0] === extent[1]) { extent[0] *= .9; extent[1] = extent[1] * 1.1 || 1; }
    const scale = (log ? d3.scale.log() : d3.scale.linear()).domain(extent).range([height - m.bottom, m.top]);
    return log ? scale : scale.nice();
  }
  function draw(frame, y, xs, ys, className) {
    const line = d3.svg.line().defined((d) => finite(d[1])).x((d) => frame.x(d[0])).y((d) => y(d[1]));
    return frame.svg.append('path').attr('class', className).attr('d', line(xs.map((v, i) => [v, ys[i]])));
  }
  /* Labels at the ends of lines, moved apart. */
  function endLabels(frame, labels) {
    labels.sort((a, b) => a.y - b.y);
    for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + 14);
    labels.forEach((l) => text(frame.svg, l.x + 6, l.y + 4, l.words, 'start', l.className));
  }

  charts['curve-metric'] = function (figure, width) {
    const shown = curves.filter((c) => c.val_metric.some(finite));
    if (!shown.length || shown[0].epoch.length < 2) return false;
    const height = 280, m = { top: 22, right: 90, bottom: 34, left: 54 }, points = [], labels = [];
    const entries = [['line', 'trial ' + shown[0].trial + ', the best']];
    if (shown.length > 1) entries.push(['thin', 'the next ' + shown.filter((c, k) => k && c.role !== 'median').length]);
    if (shown.some((c) => c.role === 'median')) entries.push(['second', 'the median trial']);
    key(figure, entries);
    const all = [];
    shown.forEach((c) => c.val_metric.forEach((v) => { if (finite(v)) all.push(v); }));
    const domain = scoreDomain(all), y = d3.scale.linear().domain(domain).range([height - m.bottom, m.top]);
    const frame = curveFrame(figure, width, height, m, shown.map((c) => ({ x: c.epoch })), metric + arrow, y);
    frame.svg.append('clipPath').attr('id', 'curve-frame').append('rect').attr('x', m.left).attr('y', 0)
      .attr('width', width - m.left).attr('height', height - m.bottom);
    shown.slice().reverse().forEach((c) => {
      const ys = c.val_metric, first = c === shown[0], median = c.role === 'median';
      draw(frame, y, c.epoch, ys, 'line' + (first ? ' accent' : median ? ' second' : '')).attr('clip-path', 'url(#curve-frame)');
      c.epoch.forEach((e, i) => { if (finite(ys[i]) && !better(domain[0], ys[i])) points.push({ x: frame.x(e), y: y(ys[i]), c: c, i: i }); });
      const end = c.epoch.length - 1;
      if (first || median) labels.push({ x: frame.x(c.epoch[end]), y: y(clamp(domain, ys[end])), words: 'trial ' + c.trial, className: first ? 'accent' : 'second' });
      const at = c.epoch.indexOf(c.best_epoch);
      if (first && at >= 0 && finite(ys[at])) frame.svg.append('circle').attr('class', 'dot best').attr('r', 4.5).attr('cx', frame.x(c.best_epoch)).attr('cy', y(ys[at]));
    });
    endLabels(frame, labels);
    nearest(frame.svg, width, height, points, 16, (event, p) => showTip(event, 'trial ' + p.c.trial + ', rank ' + p.c.rank, [
      ['epoch', p.c.epoch[p.i]], [metric, score(p.c.val_metric[p.i])], ['training loss', score(p.c.train_loss[p.i])],
      ['validation loss', score(p.c.val_loss[p.i])], ['learning rate', short(p.c.learning_rate[p.i])]]));
    return true;
  };

  charts['curve-loss'] = function (figure, width) {
    const c = curves[0];
    if (!c || c.epoch.length < 2) return false;
    const values = c.train_loss.concat(c.val_loss).filter((v) => finite(v) && v > 0);
    if (!values.length) return false;
    const height = 240, m = { top: 22, right: 90, bottom: 34, left: 54 };
    const log = d3.max(values) > 20 * d3.min(values), y = ySpan(values, height, m, log);
    y.ticksFormat = short;
    const frame = curveFrame(figure, width, height, m, [{ x: c.epoch }], 'loss ↓' + (log ? '  (log)' : ''), y);
    const last = c.epoch.length - 1, labels = [];
    [['train_loss', 'training', 'second'], ['val_loss', 'validation', 'accent']].forEach((s) => {
      const ys = c[s[0]].map((v) => finite(v) && v > 0 ? v : null);
      draw(frame, y, c.epoch, ys, 'line ' + s[2]);
      if (finite(ys[last])) labels.push({ x: frame.x(c.epoch[last]), y: y(ys[last]), words: s[1], className: s[2] });
    });
    endLabels(frame, labels);
    if (c.best_epoch >= 1 && c.best_epoch <= c.epoch[last]) {
      const bx = frame.x(c.best_epoch), near = bx > width - m.right - 90;
      frame.svg.append('path').attr('class', 'guide').attr('d', 'M' + bx + ',' + m.top + 'V' + (height - m.bottom));
      text(frame.svg, bx + (near ? -5 : 5), m.top + 8, 'best epoch ' + c.best_epoch, near ? 'end' : 'start');
    }
    return true;
  };

  charts['curve-rate'] = function (figure, width) {
    const c = curves[0], rates = c ? c.learning_rate.filter(finite) : [];
    if (rates.length < 2 || d3.max(rates) <= d3.min(rates) * 1.001) return false;
    const height = 150, m = { top: 22, right: 90, bottom: 34, left: 54 };
    const y = d3.scale.linear().domain([0, d3.max(rates)]).range([height - m.bottom, m.top]);
    y.ticksFormat = short;
    const frame = curveFrame(figure, width, height, m, [{ x: c.epoch }], 'learning rate', y);
    draw(frame, y, c.epoch, c.learning_rate, 'line accent');
    return true;
  };

  /* ---- the winner ---- */

  /* Only where the classes are too many for a table of numbers. */
  charts.confusion = function (figure, width) {
    const matrix = evaluation && evaluation.confusion, n = matrix ? matrix.length : 0;
    if (n <= 40) return false;
    const side = Math.min(width, 640), cell = side / n;
    const svg = canvas(figure, side, side, caption(figure));
    svg.style('max-width', side + 'px');
    matrix.forEach((line, t) => {
      const sum = d3.sum(line);
      line.forEach((count, p) => {
        if (!count) return;
        svg.append('rect').attr('x', p * cell).attr('y', t * cell).attr('width', cell).attr('height', cell)
          .attr('fill', t === p ? 'var(--accent)' : 'var(--second)').attr('fill-opacity', t === p ? .7 * count / sum : Math.sqrt(count / sum))
          .on('mousemove', () => showTip(d3.event, String(evaluation.classes[t]), [['predicted as', String(evaluation.classes[p])], ['rows', count], ['of the class', percent(count / sum)]]))
          .on('mouseleave', hideTip);
      });
    });
    return true;
  };

  charts.reliability = function (figure, width) {
    const bins = ((evaluation && evaluation.reliability) || []).filter((b) => b.n > 0 && finite(b.accuracy));
    if (bins.length < 2) return false;
    const side = Math.min(width, 400), m = { top: 12, right: 12, bottom: 60, left: 46 }, height = side;
    const svg = canvas(figure, side, height, caption(figure));
    svg.style('max-width', side + 'px');
    const x = d3.scale.linear().domain([0, 1]).range([m.left, side - m.right]);
    const y = d3.scale.linear().domain([0, 1]).range([height - m.bottom, m.top]);
    const most = d3.max(bins, (b) => b.n), total = d3.sum(bins, (b) => b.n);
    axisY(svg, y, m.left, side - m.left - m.right, 5, d3.format('.1f'));
    axisX(svg, x, height - m.bottom + 26, 5, d3.format('.1f'));
    svg.append('path').attr('class', 'guide').attr('d', 'M' + x(0) + ',' + y(0) + 'L' + x(1) + ',' + y(1));
    bins.forEach((b) => { /* how many rows: columns below the axis */
      const h = Math.max(1, 20 * b.n / most);
      svg.append('rect').attr('class', 'column').attr('x', x(b.low) + .5).attr('width', Math.max(1, x(b.high) - x(b.low) - 1))
        .attr('y', height - m.bottom + 24 - h).attr('height', h);
    });
    svg.append('path').attr('class', 'line soft').attr('d', d3.svg.line().x((b) => x(b.confidence)).y((b) => y(b.accuracy))(bins));
    const points = bins.map((b) => {
      const px = x(b.confidence), py = y(b.accuracy);
      svg.append('circle').attr('class', 'dot').attr('r', 2.5 + 5 * Math.sqrt(b.n / most)).attr('cx', px).attr('cy', py);
      return { x: px, y: py, b: b };
    });
    text(svg, (m.left + side - m.right) / 2, height - 3, 'probability of the prediction', 'middle');
    text(svg, m.left + 6, m.top + 6, 'share that is right', 'start', 'name');
    const ece = evaluation.metrics && evaluation.metrics.ece, value = ece && finite(ece.value) ? ece.value : ece;
    if (finite(value)) text(svg, m.left + 6, m.top + 22, 'calibration error ' + score(value), 'start');
    nearest(svg, side, height, points, 24, (event, p) => showTip(event, short(p.b.low) + ' to ' + short(p.b.high), [
      ['rows', p.b.n + ' (' + percent(p.b.n / total) + ')'], ['mean probability', score(p.b.confidence)], ['right', score(p.b.accuracy)]]));
    return true;
  };

  /* evaluation.roc and .pr: one entry a class, points as two lists. */
  function oneAgainstRest(figure, width, list, xName, yName, xLabel, yLabel, area, corner) {
    const shown = (list || []).filter((c) => c && c[xName] && c[xName].length > 1);
    if (!shown.length) return false;
    const side = Math.min(width, 400), m = { top: 24, right: 12, bottom: 40, left: 46 };
    const svg = canvas(figure, side, side, caption(figure));
    svg.style('max-width', side + 'px');
    const x = d3.scale.linear().domain([0, 1]).range([m.left, side - m.right]);
    const y = d3.scale.linear().domain([0, 1]).range([side - m.bottom, m.top]);
    axisY(svg, y, m.left, side - m.left - m.right, 5, d3.format('.1f'));
    axisX(svg, x, side - m.bottom, 5, d3.format('.1f'));
    text(svg, (m.left + side - m.right) / 2, side - 4, xLabel, 'middle');
    text(svg, 0, 9, yLabel, 'start', 'name');
    if (corner === 'roc') svg.append('path').attr('class', 'guide').attr('d', 'M' + x(0) + ',' + y(0) + 'L' + x(1) + ',' + y(1));
    const points = [];
    const worst = shown.slice().sort((a, b) => (finite(a[area]) ? a[area] : 2) - (finite(b[area]) ? b[area] : 2))[0];
    shown.forEach((c) => {
      const line = d3.svg.line().interpolate(corner === 'pr' ? 'step-before' : 'linear').x((p) => x(p[0])).y((p) => y(p[1]));
      const pairs = c[xName].map((v, i) => [v, c[yName][i]]).filter((p) => finite(p[0]) && finite(p[1]));
      svg.append('path').attr('class', 'line' + (c === worst ? ' accent' : '')).attr('d', line(pairs));
      pairs.forEach((p) => points.push({ x: x(p[0]), y: y(p[1]), c: c, p: p }));
    });
    const words = (shown.length > 1 ? 'lowest: ' : '') + shorten(String(worst.label), 18) + (finite(worst[area]) ? ', area ' + score(worst[area]) : '');
    text(svg, side - m.right - 6, side - m.bottom - 10, words, 'end', 'accent');
    nearest(svg, side, side, points, 20, (event, q) => showTip(event, String(q.c.label), [
      [yLabel, score(q.p[1])], [xLabel, score(q.p[0])], ['area', score(q.c[area])]]));
    return true;
  }
  charts.roc = (figure, width) => oneAgainstRest(figure, width, evaluation && evaluation.roc, 'fpr', 'tpr', 'false positive rate', 'true positive rate', 'auc', 'roc');
  charts.pr = (figure, width) => oneAgainstRest(figure, width, evaluation && evaluation.pr, 'recall', 'precision', 'recall', 'precision', 'ap', 'pr');

  charts.mistakes = function (figure) {
    const images = doc.images || [];
    if (!images.length) return false;
    const name = (c) => finite(c) && evaluation && evaluation.classes ? String(evaluation.classes[c]) : String(c);
    const grid = d3.select(figure).append('div').attr('class', 'mistakes');
    images.forEach((image) => {
      const h = image.height, w = image.width, bytes = atob(image.pixels || ''), deep = bytes.length >= 3 * h * w ? 3 : 1;
      if (!(h > 0 && w > 0) || bytes.length < h * w) return;
      const cell = grid.append('div'), surface = cell.append('canvas').attr('width', w).attr('height', h).node();
      const words = 'true ' + name(image.truth) + ', predicted ' + name(image.predicted);
      surface.setAttribute('role', 'img');
      surface.setAttribute('aria-label', words);
      const context = surface.getContext('2d'), data = context.createImageData(w, h);
      for (let i = 0; i < h * w; i++) {
        for (let k = 0; k < 3; k++) data.data[4 * i + k] = bytes.charCodeAt(i * deep + (deep === 3 ? k : 0));
        data.data[4 * i + 3] = 255;
      }
      context.putImageData(data, 0, 0);
      const line = cell.append('span');
      line.append('b').text(name(image.truth));
      line.append('span').text(' taken for ');
      line.append('b').text(name(image.predicted));
      cell.append('br');
      cell.append('span').text('p ' + (finite(image.p) ? image.p.toFixed(3) : '–') + ', row ' + image.row);
    });
    return true;
  };

  /* ---- ensemble ---- */

  charts.gain = function (figure, width) {
    const ensemble = doc.ensemble || {}, curve = (ensemble.curve || []).map((p) => finite(p) ? p : p && p.score);
    if (curve.filter(finite).length < 2) return false;
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
    nearest(svg, width, height, curve.map((v, i) => ({ x: x(i + 1), y: y(v), v: v, i: i })), 24, (event, p) => showTip(event, (p.i + 1) + (p.i ? ' draws' : ' draw'), [[metric, score(p.v)]]));
    return true;
  };

  /* ---- the page ---- */

  function drawAll() {
    hideTip();
    Array.prototype.forEach.call(document.querySelectorAll('figure[data-chart]'), (figure) => {
      const name = figure.getAttribute('data-chart'), make = charts[name];
      while (figure.children.length > 1) figure.removeChild(figure.lastChild);
      figure.hidden = false; /* has a width only when it shows */
      const width = Math.floor(figure.getBoundingClientRect().width);
      try { /* one chart that fails must not take the others along */
        figure.hidden = !(make && width > 0 && make(figure, Math.max(260, width)));
      } catch (error) {
        figure.hidden = true;
        problem(name + ': ' + error.message);
      }
    });
  }

  /* The index marks the section being read. */
  function watchSections() {
    const links = {};
    Array.prototype.forEach.call(document.querySelectorAll('nav a'), (a) => { links[a.getAttribute('href').slice(1)] = a; });
    if (!window.IntersectionObserver) return;
    const observer = new IntersectionObserver((entries) => {
      entries.forEach((entry) => {
        if (!entry.isIntersecting || !links[entry.target.id]) return;
        Object.keys(links).forEach((id) => links[id].classList.toggle('here', id === entry.target.id));
      });
    }, { rootMargin: '-10% 0px -75% 0px' });
    Array.prototype.forEach.call(document.querySelectorAll('header, section'), (part) => observer.observe(part));
  }

  drawAll();
  watchSections();
  let waiting = 0, lastWidth = window.innerWidth;
  window.addEventListener('resize', () => {
    if (window.innerWidth === lastWidth) return;
    lastWidth = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 150);
  });
  document.documentElement.setAttribute('data-drawn', 'yes');
}());
