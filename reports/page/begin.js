/* What all charts of the report share, drawn with D3 3.5 from the JSON document in the page (docs/reference/report.md).
 *
 * reports/embed.S joins the files of this folder to one script, in one function: this one first, end.js last.
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
  const targets = (evaluation && evaluation.targets) || []; /* numbers or labels */
  let target = 0; /* of those, the one that is looked at */
  const up = study.maximize !== false;
  const metric = study.metric_label || 'score', arrow = up ? ' ↑' : ' ↓';
  const better = (a, b) => up ? a > b : a < b;
  const finite = (x) => typeof x === 'number' && isFinite(x);

  /* ---- how numbers look ---- */

  function score(x) {
    if (!finite(x)) return '–';
    const size = Math.abs(x);
    if (size >= 1e5 && size < 1e9) return String(Math.round(x)).replace(/\B(?=(\d{3})+$)/g, ',');
    return size !== 0 && (size < 1e-4 || size >= 1e5) ? x.toExponential(2) : x.toFixed(size >= 1000 ? 1 : 4);
  }
  function short(x) { /* a setting or a tick: at most three significant digits */
    if (!finite(x)) return '–';
    const size = Math.abs(x);
    if (size === 0) return '0';
    if (size >= 1e5 && size < 1e9) return size < 1e6 ? +(x / 1e3).toPrecision(3) + 'k' : +(x / 1e6).toPrecision(3) + 'M';
    if (size >= 1e9 || size < 1e-4) return x.toExponential(2).replace(/\.?0*e/, 'e').replace('e+', 'e');
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
    start: trials.start_s[i], seconds: trials.seconds[i], lane: trials.lane[i], size: trials.n_params[i],
    cpu: (trials.cpu_s || [])[i], peak: (trials.peak_bytes || [])[i], how: (trials.kind || [])[i]
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

  function caption(figure) { return figure.getAttribute('data-caption') || figure.querySelector('figcaption').textContent; }

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
    else if (state === 'faint') g.append('path').attr('class', 'line soft').attr('d', 'M-6,0H6');
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
    tip.setAttribute('role', 'status');
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
  /* The numbers of a drawing, for who cannot see it: added to its name. */
  function describe(svg, words) {
    const name = svg.attr('aria-label');
    svg.attr('aria-label', (/[.:]$/.test(name) ? name + ' ' : name + ': ') + words);
  }
  function trialOf(p) { const r = p.r || p.p; return r ? (finite(r.number) ? r.number : r.trial) : p.c ? p.c.trial : undefined; }
  function openTrial(number) { if (finite(number)) window.location.hash = '#trial-' + number; }

  /* Points are small: the nearest within reach answers. With the keyboard arrows go from point to point, and
     Enter, as a click, opens the trial that a point stands for. */
  function nearest(svg, width, height, points, reach, show) {
    if (!points.length) return;
    const node = svg.node(), ring = svg.append('circle').attr('class', 'ring').attr('r', 5).style('display', 'none');
    svg.insert('rect', ':first-child').attr('width', width).attr('height', height).attr('fill', 'transparent');
    const inOrder = points.slice().sort((a, b) => a.x - b.x || a.y - b.y);
    let found = null, at = -1;
    function answer(event) {
      ring.style('display', found ? null : 'none');
      svg.style('cursor', found && finite(trialOf(found)) ? 'pointer' : null);
      if (!found) return hideTip();
      ring.attr('cx', found.x).attr('cy', found.y);
      show(event, found);
    }
    svg.attr('tabindex', 0).on('keydown', () => {
      const keys = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -inOrder.length, End: inOrder.length };
      const key = d3.event.key, step = keys[key];
      if (key === 'Escape') { found = null; return answer(); }
      if (key === 'Enter' && found) return openTrial(trialOf(found));
      if (!step) return;
      d3.event.preventDefault();
      at = Math.max(0, Math.min(inOrder.length - 1, at < 0 ? (step > 0 ? 0 : inOrder.length - 1) : at + step));
      found = inOrder[at];
      const box = node.getBoundingClientRect(), size = box.width / width;
      answer({ clientX: box.left + found.x * size, clientY: box.top + found.y * size });
    }).on('blur', () => { found = null; answer(); }).on('click', () => { if (found) openTrial(trialOf(found)); });
    svg.on('mousemove', () => {
      const at = d3.mouse(node);
      let least = reach * reach;
      found = null;
      points.forEach((p) => {
        const d = (p.x - at[0]) * (p.x - at[0]) + (p.y - at[1]) * (p.y - at[1]);
        if (d < least) { least = d; found = p; }
      });
      answer(d3.event);
    }).on('mouseleave', () => { found = null; answer(); });
  }

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

  const charts = {};

