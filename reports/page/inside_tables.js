  /* ---- inside: columns, and distributions by layer ---- */

  charts.permutation = function (figure, width) {
    const importance = inside.importance || {}, list = (importance.features || []).filter((f) => finite(f.drop)).slice(0, 20);
    if (!list.length) return false;
    const names = Math.min(200, width * .32), line = 22, m = { top: 8, right: 16, bottom: 40 };
    const height = m.top + list.length * line + m.bottom;
    const svg = canvas(figure, width, height, caption(figure));
    const low = Math.min(0, d3.min(list, (f) => finite(f.low95) ? f.low95 : f.drop)), high = Math.max(0, d3.max(list, (f) => finite(f.high95) ? f.high95 : f.drop));
    const x = d3.scale.linear().domain([low, high > low ? high : low + 1]).range([names, width - m.right]).nice();
    axisX(svg, x, height - m.bottom, 5, short, height - m.top - m.bottom);
    svg.append('path').attr('class', 'guide').attr('d', 'M' + x(0) + ',' + m.top + 'V' + (height - m.bottom));
    list.forEach((f, i) => {
      const y = m.top + (i + .5) * line;
      text(svg, names - 8, y + 4, shorten(String(f.name), Math.floor(names / 6.8)), 'end', 'name');
      if (finite(f.low95)) svg.append('path').attr('class', 'whisker').attr('d', 'M' + x(f.low95) + ',' + y + 'H' + x(f.high95));
      svg.append('circle').attr('class', 'dot best').attr('r', 4).attr('cx', x(f.drop)).attr('cy', y);
      svg.append('rect').attr('x', 0).attr('y', y - line / 2).attr('width', width).attr('height', line).attr('fill', 'transparent')
        .on('mousemove', () => showTip(d3.event, String(f.name), [['drop', score(f.drop)], ['95 %', score(f.low95) + ' to ' + score(f.high95)]]))
        .on('mouseleave', hideTip);
    });
    text(svg, (names + width - m.right) / 2, height - 4, 'drop of ' + (importance.metric_label || 'the score') + ' from ' + score(importance.score), 'middle');
    const more = (importance.columns || 0) - list.length, words = importance.repeats + ' shuffles on ' + importance.rows + ' rows'
      + (importance.out_of_fold ? ', each by the networks that were not trained on it' : '') + '. Columns that say the same share what they are worth'
      + (more > 0 ? '. ' + more + ' more column' + (more > 1 ? 's are' : ' is') + ' not drawn.' : '.');
    d3.select(figure).append('p').attr('class', 'note').text(words);
    return true;
  };

  function dependence(parent, one, width) {
    const height = 190, m = { top: 22, right: 10, bottom: 34, left: 40 }, band = 26;
    const svg = canvas(parent, width, height, 'partial dependence on ' + one.name);
    const classes = one.classes || [], values = [].concat.apply([], classes.map((c) => c.mean)).filter(finite);
    if (!values.length) return;
    const high = d3.max(values), low = d3.min(values), free = inside.task === 'numbers';
    const pad = Math.max(free ? 1e-9 : .01, (high - low) * .08), said = (c) => (free ? '' : 'p of ') + c.label, much = free ? short : score;
    const y = d3.scale.linear().domain(free ? [low - pad, high + pad] : [Math.max(0, low - pad), Math.min(1, high + pad)]).range([height - m.bottom - band, m.top]);
    const colour = (k) => classes.length === 1 ? 'var(--accent)' : d3.hsl((210 + 360 * k / classes.length) % 360, .55, .5);
    axisY(svg, y, m.left, width - m.left - m.right, 3, short);
    text(svg, 0, 10, shorten(String(one.name), Math.floor(width / 7)), 'start', 'name');
    if (one.levels) {
      const x = d3.scale.ordinal().domain(d3.range(one.levels.length)).rangeBands([m.left, width - m.right], .15);
      const most = d3.max(one.shares || [0]) || 1;
      one.levels.forEach((level, v) => {
        const h = (band - 6) * (one.shares || [])[v] / most;
        svg.append('rect').attr('class', 'column').attr('x', x(v)).attr('width', x.rangeBand()).attr('y', height - m.bottom - h).attr('height', h);
        classes.forEach((c, k) => svg.append('circle').attr('r', 3.5).attr('fill', colour(k)).attr('cx', x(v) + x.rangeBand() / 2).attr('cy', y(c.mean[v])));
        text(svg, x(v) + x.rangeBand() / 2, height - m.bottom + 14 + (v % 2) * 12, shorten(level === null ? 'missing' : String(level), Math.max(3, Math.floor(x.rangeBand() / 3.4))), 'middle');
        svg.append('rect').attr('x', x(v)).attr('y', m.top).attr('width', x.rangeBand()).attr('height', height - m.top).attr('fill', 'transparent')
          .on('mousemove', () => showTip(d3.event, one.name + ': ' + (level === null ? 'missing' : level), classes.map((c) => [said(c), much(c.mean[v])]).concat([['share of rows', percent(one.shares[v])]])))
          .on('mouseleave', hideTip);
      });
      return;
    }
    const at = one.at || [];
    if (at.length < 2) return;
    const x = d3.scale.linear().domain([at[0], at[at.length - 1]]).range([m.left, width - m.right]);
    axisX(svg, x, height - m.bottom, 3, short);
    const d = one.distribution, counts = d && d.counts ? d.counts : [], most = d3.max(counts) || 1, points = [];
    counts.forEach((n, b) => {
      const w = (x(d.high) - x(d.low)) / counts.length, h = (band - 6) * n / most;
      svg.append('rect').attr('class', 'column').attr('x', x(d.low) + b * w).attr('width', Math.max(1, w - .5)).attr('y', height - m.bottom - h).attr('height', h);
    });
    classes.forEach((c, k) => {
      svg.append('path').attr('class', 'line').style('stroke', colour(k)).style('stroke-width', 1.8)
        .attr('d', d3.svg.line().x((v, i) => x(at[i])).y((v) => y(v))(c.mean));
      c.mean.forEach((v, i) => points.push({ x: x(at[i]), y: y(v), at: at[i], v: v, label: c.label }));
    });
    nearest(svg, width, height, points, 24, (event, p) => showTip(event, one.name + ' ' + short(p.at), [[said(p), much(p.v)]]));
  }
  charts.dependence = function (figure, width) {
    const list = inside.dependence || [];
    if (!list.length) return false;
    const grid = d3.select(figure).append('div').attr('class', 'grid'), wide = Math.min(width, 300);
    list.forEach((one) => dependence(grid.append('div').attr('class', 'small').node(), one, wide));
    const classes = list[0].classes || [];
    const words = classes.length === 1 ? (inside.task === 'numbers' ? 'Mean predicted ' : 'Probability of ') + classes[0].label + '.' : '';
    if (words) d3.select(figure).append('p').attr('class', 'note').text(words);
    else {
      const line = d3.select(figure).append('div').attr('class', 'key');
      classes.forEach((c, k) => {
        const item = line.append('span');
        item.append('i').style('background', String(d3.hsl((210 + 360 * k / classes.length) % 360, .55, .5)));
        item.append('span').text(String(c.label));
      });
    }
    return true;
  };

  function histogram(parent, h, words, width) {
    if (!h || !h.counts) return false;
    const height = 92, m = { top: 16, right: 8, bottom: 22, left: 8 };
    const svg = canvas(parent, width, height, words), counts = h.counts, most = d3.max(counts) || 1;
    const flat = h.low === h.high, x = d3.scale.linear().domain(flat ? [h.low - 1, h.high + 1] : [h.low, h.high]).range([m.left, width - m.right]);
    const w = (width - m.left - m.right) / counts.length;
    text(svg, 0, 10, words);
    axisX(svg, x, height - m.bottom, 3, short);
    counts.forEach((n, b) => { /* roots: a few far out must be seen beside many in the middle */
      const tall = (height - m.top - m.bottom) * Math.sqrt(n / most);
      svg.append('rect').attr('class', 'block').attr('x', m.left + b * w).attr('width', Math.max(1, w - .7)).attr('y', height - m.bottom - tall).attr('height', tall)
        .on('mousemove', () => showTip(d3.event, words, [['from', short(h.low + b * (h.high - h.low) / counts.length)], ['to', short(h.low + (b + 1) * (h.high - h.low) / counts.length)], ['how many', n]]))
        .on('mouseleave', hideTip);
    });
    return true;
  }
  charts.histograms = function (figure, width) {
    const layers = inside.layers || [];
    if (!layers.length) return false;
    const grid = d3.select(figure).append('div').attr('class', 'grid'), wide = Math.min(width, 290);
    layers.forEach((layer) => {
      const name = layer.output ? 'output' : 'layer ' + layer.layer;
      ['weights', 'activations', 'gradients'].forEach((kind) => {
        if (layer[kind]) histogram(grid.append('div').attr('class', 'small').node(), layer[kind], name + ', ' + (layer.output && kind === 'activations' ? 'logits' : kind), wide);
      });
    });
    d3.select(figure).append('p').attr('class', 'note').text('Heights are the roots of counts.');
    return true;
  };

  /* inside.history: for each epoch, layer and kind two floats, the range, and a byte a bin. */
  charts.training = function (figure, width) {
    const history = inside.history || {}, epochs = history.epochs || [], layers = history.layers, bins = history.bins;
    const kinds = history.kinds || [], size = 8 + bins, bytes = bytesOf(history.cells);
    if (!epochs.length || !(layers > 0) || bytes.length !== epochs.length * layers * kinds.length * size) return false;
    const view = new DataView(bytes.buffer), wide = Math.min(width, 290);
    const grid = d3.select(figure).append('div').attr('class', 'grid');
    for (let l = 0; l < layers; l++) kinds.forEach((kind, k) => {
      const rows = epochs.map((epoch, e) => {
        const at = ((e * layers + l) * kinds.length + k) * size;
        return { epoch: epoch, low: view.getFloat32(at, true), high: view.getFloat32(at + 4, true), bins: bytes.subarray(at + 8, at + 8 + bins) };
      }).filter((r) => finite(r.low) && finite(r.high) && r.bins.some((b) => b > 0));
      if (rows.length < 2) return;
      const m = { top: 18, right: 8, bottom: 22, left: 30 }, step = Math.max(5, Math.min(12, 170 / rows.length)), tall = 3.2 * step;
      const height = m.top + tall + step * rows.length + m.bottom, name = (l + 1 === layers ? 'output' : 'layer ' + (l + 1)) + ', ' + kind;
      const svg = canvas(grid.append('div').attr('class', 'small').node(), wide, height, name + ' over the epochs');
      const low = d3.min(rows, (r) => r.low), high = d3.max(rows, (r) => r.high);
      const x = d3.scale.linear().domain([low, high > low ? high : low + 1]).range([m.left, wide - m.right]);
      text(svg, 0, 10, name);
      axisX(svg, x, height - m.bottom, 3, short);
      rows.forEach((r, i) => {
        const y = m.top + tall + i * step, w = (r.high - r.low) / bins, points = [[x(r.low), y]];
        for (let b = 0; b < bins; b++) points.push([x(r.low + (b + .5) * w), y - tall * Math.sqrt(r.bins[b] / 255)]);
        points.push([x(r.high), y]);
        svg.append('path').attr('class', 'ridge').attr('d', 'M' + points.map((p) => p[0].toFixed(1) + ',' + p[1].toFixed(1)).join('L') + 'Z')
          .on('mousemove', () => showTip(d3.event, name, [['epoch', r.epoch], ['from', short(r.low)], ['to', short(r.high)]])).on('mouseleave', hideTip);
        if (i === 0 || i === rows.length - 1) text(svg, m.left - 5, y + 3, r.epoch, 'end');
      });
    });
    d3.select(figure).append('p').attr('class', 'note').text('Network of the first fold: its weights, and activations and gradients of the last batch, at '
      + epochs.length + ' epochs. Heights are roots of shares.');
    return grid.node().children.length > 0;
  };

