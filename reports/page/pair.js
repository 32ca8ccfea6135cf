  /* ---- two settings at once ---- */

  const maps = (doc.importance && doc.importance.maps) || [];
  /* Kept when the page is drawn anew. */
  const pairShown = {};

  /* Values, and mean[i][j] by the first of the two names, of the map of two settings; null: there is none. */
  function mapOf(a, b) {
    const map = maps.filter((m) => (m.a === a && m.b === b) || (m.a === b && m.b === a))[0];
    if (!map) return null;
    const straight = map.a === a, at = (i, j) => straight ? map.mean[j][i] : map.mean[i][j];
    return { a: straight ? map.a_values : map.b_values, b: straight ? map.b_values : map.a_values, at: at };
  }

  /* A scale for the trials' settings and for a map's cells: at(value) of a trial, cells [from, to] in pixels. */
  function pairAxis(p, values, low, high) {
    const side = high > low ? 1 : -1;
    if (p.scale === 'category') {
      const names = p.categories.slice();
      (values || []).forEach((v) => { if (v !== null && names.indexOf(word(v)) < 0) names.push(word(v)); });
      const step = (high - low) / names.length, middle = (k) => low + (k + .5) * step;
      return {
        at: middle, step: Math.abs(step), ticks: d3.range(names.length), label: (k) => names[k],
        cells: (values || []).map((v) => { const k = names.indexOf(word(v)); return [low + k * step, low + (k + 1) * step]; })
      };
    }
    const known = p.values.concat(values || []).filter(finite), positive = known.filter((v) => v > 0);
    const log = p.scale === 'log' && positive.length > 0, extent = d3.extent(log ? positive : known);
    if (extent[0] === extent[1]) { extent[0] -= log ? extent[0] / 2 : 1; extent[1] += log ? extent[1] : 1; }
    const scale = (log ? d3.scale.log() : d3.scale.linear()).domain(extent).range([low + 9 * side, high - 9 * side]);
    const at = (v) => log && v <= 0 ? low + 3 * side : scale(v), middles = (values || []).map((v) => finite(v) ? at(v) : NaN);
    const cells = middles.map((x, i) => {
      const before = finite(middles[i - 1]) ? (x + middles[i - 1]) / 2 : low, after = finite(middles[i + 1]) ? (x + middles[i + 1]) / 2 : high;
      return [before, after];
    });
    const whole = known.every((v) => v === Math.round(v));
    return { at: at, log: log, cells: cells, label: short, ticks: log ? logTicks(extent) : scale.ticks(5).filter((t) => !whole || t === Math.round(t)) };
  }

  function drawPair(holder, width) {
    while (holder.firstChild) holder.removeChild(holder.firstChild);
    const pa = parameters.filter((p) => p.name === pairShown.a)[0], pb = parameters.filter((p) => p.name === pairShown.b)[0];
    const map = mapOf(pa.name, pb.name), side = Math.min(width, 640);
    const m = { top: 20, right: 84, bottom: 44, left: Math.min(96, side * .22) }, height = Math.min(360, Math.max(250, side * .6));
    const x = pairAxis(pa, map && map.a, m.left, side - m.right), y = pairAxis(pb, map && map.b, height - m.bottom, m.top);
    const domain = scoreDomain(complete.map((r) => r.value)), best = d3[up ? 'max' : 'min'](complete, (r) => r.value);
    const worst = domain[0], good = (v) => Math.max(0, Math.min(1, (v - worst) / (best - worst || 1))), ink = (t) => .05 + .95 * t * t;
    const svg = canvas(holder, side, height, metric + ' by ' + pa.name + ' and ' + pb.name);
    svg.style('max-width', side + 'px');
    if (map) map.a.forEach((va, i) => map.b.forEach((vb, j) => {
      const v = map.at(i, j), cx = x.cells[i], cy = y.cells[j];
      if (!finite(v) || !finite(cx[0]) || !finite(cy[0])) return;
      svg.append('rect').attr('x', Math.min(cx[0], cx[1])).attr('y', Math.min(cy[0], cy[1])).attr('width', Math.abs(cx[1] - cx[0]) + .4)
        .attr('height', Math.abs(cy[1] - cy[0]) + .4).attr('fill', 'var(--accent)').attr('fill-opacity', .75 * ink(good(v)));
    }));
    else svg.append('rect').attr('class', 'rule').attr('x', m.left).attr('y', m.top).attr('width', side - m.right - m.left).attr('height', height - m.bottom - m.top);
    const turns = x.step && x.ticks.some((t) => x.label(t).length * 6.8 > x.step) ? 2 : 1;
    const letters = x.step ? Math.max(3, Math.floor(turns * x.step / 6.8)) : 9;
    let end = [-Infinity, -Infinity];
    x.ticks.forEach((t, k) => {
      const words = shorten(x.label(t), letters), at = x.at(t), line = k % turns;
      if (at - words.length * 3.3 < end[line]) return;
      end[line] = at + words.length * 3.3 + 4;
      text(svg, at, height - m.bottom + 15 + 12 * line, words, 'middle').append('title').text(x.label(t));
    });
    let before = Infinity;
    y.ticks.slice().sort((s, t) => y.at(t) - y.at(s)).forEach((t) => {
      if (before - y.at(t) < 11) return;
      before = y.at(t);
      text(svg, m.left - 7, y.at(t) + 4, shorten(y.label(t), Math.floor((m.left - 10) / 6.6)), 'end').append('title').text(y.label(t));
    });
    text(svg, 0, 11, shortName(pb.name, 30) + (y.log ? '  (log)' : ''), 'start', 'name');
    text(svg, (m.left + side - m.right) / 2, height - 2, shortName(pa.name, 30) + (x.log ? '  (log)' : ''), 'middle', 'name');
    const points = [], spread = (r, step) => ((r.number * .6180339887) % 1 - .5) * Math.min(22, step * .6);
    ordered.slice().reverse().forEach((r) => {
      const va = pa.values[r.i], vb = pb.values[r.i];
      if (!finite(va) || !finite(vb)) return;
      const px = x.at(va) + (x.step ? spread(r, x.step) : 0), py = y.at(vb) + (y.step ? spread({ number: r.number * 3.7 }, y.step) : 0);
      points.push({ x: px, y: py, r: r });
    });
    const many = points.length > 600, r0 = many ? 2 : 3.4;
    points.forEach((q) => {
      svg.append('circle').attr('cx', q.x.toFixed(1)).attr('cy', q.y.toFixed(1)).attr('r', r0).attr('class', 'scored').style('--t', ink(good(q.r.value)).toFixed(2));
    });
    /* the colour bar: the same ramp as cells and dots */
    const bx = side - m.right + 18, bar = height - m.bottom - m.top;
    for (let k = 0; k < 24; k++) svg.append('rect').attr('x', bx).attr('width', 10).attr('y', m.top + bar * k / 24).attr('height', bar / 24 + .4)
      .attr('fill', 'var(--accent)').attr('fill-opacity', ink(1 - (k + .5) / 24));
    [[0, best], [.5, worst + (best - worst) / 2], [1, worst]].forEach((t) => text(svg, bx + 14, m.top + bar * t[0] + 4, (t[0] === 1 && complete.some((r) => better(worst, r.value)) ? (up ? '\u2264 ' : '\u2265 ') : '') + score(t[1]), 'start'));
    text(svg, bx, 11, 'score', 'start');
    describe(svg, points.length + ' trials from ' + score(worst) + ' to ' + score(best) + (map ? ', and what the model expects' : ''));
    nearest(svg, side, height, points, 14, (event, q) => trialTip(event, q.r));
    d3.select(holder).append('p').attr('class', 'note').text(map
      ? 'The ground is what the model expects there, whatever the other settings are; dots are trials.'
      : maps.length ? 'Dots are trials. The model has no map of this pair: it draws the six settings that matter most.'
        : 'Dots are trials. There is no map: the model tells too little of what it has not seen.');
  }

  /* Any two settings, the strongest pair first. */
  charts.pair = function (figure, width) {
    if (parameters.length < 2 || complete.length < 3) return false;
    const has = (name) => parameters.some((p) => p.name === name), first = maps.filter((m) => has(m.a) && has(m.b))[0];
    if (!has(pairShown.a)) pairShown.a = first ? first.a : parameters[0].name;
    if (!has(pairShown.b) || pairShown.b === pairShown.a) pairShown.b = first && first.a === pairShown.a ? first.b : parameters.filter((p) => p.name !== pairShown.a)[0].name;
    const line = d3.select(figure).append('div').attr('class', 'pick'), holder = d3.select(figure).append('div').attr('class', 'small').node();
    const choices = {};
    [['a', 'across'], ['b', 'up']].forEach((axis) => {
      const label = line.append('label').text(axis[1] + ' ');
      choices[axis[0]] = label.append('select').on('change', function () {
        const other = axis[0] === 'a' ? 'b' : 'a', value = this.value;
        if (pairShown[other] === value) pairShown[other] = pairShown[axis[0]];
        pairShown[axis[0]] = value;
        choices[other].property('value', pairShown[other]);
        drawPair(holder, width);
      });
      parameters.forEach((p) => choices[axis[0]].append('option').attr('value', p.name).text(p.name));
      choices[axis[0]].property('value', pairShown[axis[0]]);
    });
    drawPair(holder, width);
    return true;
  };

