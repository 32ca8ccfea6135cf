  /* ---- numbers: how far predictions are from the truth ---- */

  const ofNumbers = evaluation && evaluation.task === 'numbers';
  const shownTarget = () => ofNumbers ? targets[target] : null;
  const off = (x) => (x > 0 ? '+' : '') + short(x);
  function valueOf(entry) { return entry && finite(entry.value) ? entry.value : finite(entry) ? entry : NaN; }

  /* The ends of what is drawn, with a little room; log where sizes differ a thousandfold. */
  function valueScale(values, low, high, mayLog) {
    const extent = d3.extent(values);
    const log = mayLog && extent[0] > 0 && extent[1] > 1000 * extent[0];
    if (log) return d3.scale.log().domain([extent[0] / 1.1, extent[1] * 1.1]).range([low, high]);
    const pad = (extent[1] - extent[0] || Math.abs(extent[0]) || 1) * .04;
    return d3.scale.linear().domain([extent[0] - pad, extent[1] + pad]).range([low, high]);
  }
  /* Almost all errors: a few that are huge lie on the edge. */
  function errorEnd(errors) {
    const sizes = errors.map(Math.abs).sort((a, b) => a - b);
    const most = sizes[sizes.length - 1], usual = sizes[Math.floor(.98 * (sizes.length - 1))] * 1.4;
    return Math.min(most, usual) || most || 1;
  }
  /* Zero is zero, though steps of a tenth miss it by a last digit. */
  function tickOf(scale) {
    const ends = scale.domain(), span = Math.abs(ends[1] - ends[0]);
    return (v) => short(Math.abs(v) < 1e-9 * span ? 0 : v);
  }
  function ticksX(svg, scale, y, width) {
    const axis = d3.svg.axis().scale(scale).orient('bottom').ticks(Math.max(2, Math.min(6, width / 80))).tickSize(4).tickPadding(6).tickFormat(scale.base ? short : tickOf(scale));
    if (scale.base) axis.tickValues(logTicks(scale.domain()));
    svg.append('g').attr('class', 'axis').attr('transform', 'translate(0,' + y + ')').call(axis);
  }

  charts.scatter = function (figure, width) {
    const t = shownTarget(), pairs = ((t && t.scatter) || []).filter((p) => finite(p.truth) && finite(p.predicted));
    if (pairs.length < 2) return false;
    const side = Math.min(width, 440), m = { top: 24, right: 12, bottom: 40, left: 58 };
    const svg = canvas(figure, side, side, caption(figure));
    svg.style('max-width', side + 'px');
    const all = d3.merge(pairs.map((p) => [p.truth, p.predicted]));
    const x = valueScale(all, m.left, side - m.right, true), y = x.copy().range([side - m.bottom, m.top]), ends = x.domain();
    axisY(svg, y, m.left, side - m.left - m.right, 5, y.base ? short : tickOf(y));
    ticksX(svg, x, side - m.bottom, side);
    text(svg, (m.left + side - m.right) / 2, side - 4, 'true ' + shorten(t.name, 24), 'middle');
    text(svg, 0, 9, 'predicted', 'start', 'name');
    svg.append('path').attr('class', 'guide').attr('d', 'M' + x(ends[0]) + ',' + y(ends[0]) + 'L' + x(ends[1]) + ',' + y(ends[1]));
    const points = pairs.map((p) => ({ x: x(p.truth), y: y(p.predicted), of: p }));
    dots(svg, points, points.length > 200 ? 1.8 : 2.4, 'dots');
    const r2 = valueOf(t.metrics && t.metrics.r2), rmse = valueOf(t.metrics && t.metrics.rmse);
    const words = (finite(rmse) ? 'RMSE ' + short(rmse) : '') + (finite(r2) ? ', R2 ' + r2.toFixed(3) : '');
    text(svg, side - m.right, 9, words, 'end', 'accent');
    describe(svg, pairs.length + ' rows; ' + words);
    nearest(svg, side, side, points, 16, (event, q) => showTip(event, finite(q.of.row) ? 'row ' + q.of.row : t.name, [
      ['true', short(q.of.truth)], ['predicted', short(q.of.predicted)], ['off by', off(q.of.predicted - q.of.truth)]]));
    return true;
  };

  /* Predicted less true, so that too much is above the line; the line is the mean of each tenth of the predictions. */
  charts.residuals = function (figure, width) {
    const t = shownTarget(), pairs = ((t && t.scatter) || []).filter((p) => finite(p.truth) && finite(p.predicted));
    if (pairs.length < 2) return false;
    const side = Math.min(width, 440), m = { top: 24, right: 12, bottom: 40, left: 58 };
    const svg = canvas(figure, side, side, caption(figure));
    svg.style('max-width', side + 'px');
    const end = errorEnd(pairs.map((p) => p.predicted - p.truth));
    const x = valueScale(pairs.map((p) => p.predicted), m.left, side - m.right, true);
    const y = d3.scale.linear().domain([-end * 1.06, end * 1.06]).range([side - m.bottom, m.top]), within = (e) => Math.max(-end, Math.min(end, e));
    axisY(svg, y, m.left, side - m.left - m.right, 5, y.base ? short : tickOf(y));
    ticksX(svg, x, side - m.bottom, side);
    text(svg, (m.left + side - m.right) / 2, side - 4, 'predicted ' + shorten(t.name, 20), 'middle');
    text(svg, 0, 9, 'predicted less true', 'start', 'name');
    svg.append('path').attr('class', 'guide').attr('d', 'M' + m.left + ',' + y(0) + 'H' + (side - m.right));
    const points = pairs.map((p) => ({ x: x(p.predicted), y: y(within(p.predicted - p.truth)), of: p }));
    dots(svg, points, points.length > 200 ? 1.6 : 2.2, 'dots');
    const groups = (t.by_predicted || []).filter((g) => finite(g.predicted) && finite(g.truth) && g.predicted >= x.domain()[0] && g.predicted <= x.domain()[1]);
    if (groups.length > 2)
      svg.append('path').attr('class', 'line second').attr('d', d3.svg.line().x((g) => x(g.predicted)).y((g) => y(within(g.predicted - g.truth)))(groups));
    describe(svg, pairs.length + ' rows, errors up to ' + short(d3.max(pairs, (p) => Math.abs(p.predicted - p.truth))));
    nearest(svg, side, side, points, 16, (event, q) => showTip(event, finite(q.of.row) ? 'row ' + q.of.row : t.name, [
      ['predicted', short(q.of.predicted)], ['true', short(q.of.truth)], ['off by', off(q.of.predicted - q.of.truth)]]));
    if (groups.length > 2) key(figure, [['second', 'mean of a tenth of the rows']]);
    return true;
  };

  charts.errors = function (figure, width) {
    const t = shownTarget(), bins = (t && t.residuals) || {};
    /* The document has truth less prediction; here too much is to the right. */
    const edges = (bins.edges || []).map((e) => -e).reverse(), counts = (bins.counts || []).slice().reverse(), beyond = (bins.below || 0) + (bins.above || 0);
    if (counts.length < 2 || edges.length !== counts.length + 1) return false;
    const side = Math.min(width, 440), height = 240, m = { top: 24, right: 12, bottom: 40, left: 58 };
    const svg = canvas(figure, side, height, caption(figure)), total = d3.sum(counts) || 1;
    svg.style('max-width', side + 'px');
    const x = d3.scale.linear().domain([edges[0], edges[edges.length - 1]]).range([m.left, side - m.right]);
    const y = d3.scale.linear().domain([0, d3.max(counts) * 1.05 || 1]).range([height - m.bottom, m.top]);
    axisY(svg, y, m.left, side - m.left - m.right, 4, tickOf(y));
    ticksX(svg, x, height - m.bottom, side);
    text(svg, (m.left + side - m.right) / 2, height - 4, 'predicted less true', 'middle');
    text(svg, 0, 9, 'rows', 'start', 'name');
    const points = counts.map((n, i) => {
      const from = x(edges[i]), to = x(edges[i + 1]);
      svg.append('rect').attr('class', 'span').attr('x', from + .5).attr('width', Math.max(1, to - from - 1)).attr('y', y(n)).attr('height', Math.max(0, height - m.bottom - y(n)));
      return { x: (from + to) / 2, y: y(n), i: i };
    });
    if (edges[0] < 0 && edges[edges.length - 1] > 0) svg.append('path').attr('class', 'guide').attr('d', 'M' + x(0) + ',' + m.top + 'V' + (height - m.bottom));
    const middle = valueOf(t.metrics && t.metrics.median_ae), mean = valueOf(t.metrics && t.metrics.mae);
    const words = finite(middle) ? 'half of the rows are off by less than ' + short(middle) : finite(mean) ? 'mean absolute error ' + short(mean) : '';
    text(svg, side - m.right, 9, words, 'end', 'accent');
    if (beyond) d3.select(figure).append('p').attr('class', 'note').text(beyond + (beyond === 1 ? ' row lies' : ' rows lie') + ' beyond both ends.');
    describe(svg, total + beyond + ' rows; ' + words);
    nearest(svg, side, height, points, 40, (event, q) => showTip(event, short(edges[q.i]) + ' to ' + short(edges[q.i + 1]), [
      ['rows', String(counts[q.i])], ['share', percent(counts[q.i] / total)]]));
    return true;
  };

  charts.sizes = function (figure, width) {
    const t = shownTarget(), groups = ((t && t.by_truth) || []).filter((g) => finite(g.rmse) && finite(g.truth) && finite(g.predicted));
    if (groups.length < 2) return false;
    const side = Math.min(width, 440), height = 240, m = { top: 24, right: 12, bottom: 40, left: 58 };
    const svg = canvas(figure, side, height, caption(figure));
    svg.style('max-width', side + 'px');
    const bias = groups.map((g) => g.predicted - g.truth), most = d3.max(groups, (g) => g.rmse), least = Math.min(0, d3.min(bias));
    const x = d3.scale.ordinal().domain(d3.range(groups.length)).rangeRoundBands([m.left, side - m.right], .18);
    const y = d3.scale.linear().domain([least * 1.08, Math.max(most, d3.max(bias)) * 1.06 || 1]).range([height - m.bottom, m.top]);
    axisY(svg, y, m.left, side - m.left - m.right, 4, tickOf(y));
    const step = groups.length * 46 > side ? 2 : 1;
    groups.forEach((g, i) => { if (i % step === 0) text(svg, x(i) + x.rangeBand() / 2, height - m.bottom + 15, short(g.truth), 'middle'); });
    text(svg, (m.left + side - m.right) / 2, height - 4, 'mean true ' + shorten(t.name, 20) + ' of the group', 'middle');
    text(svg, 0, 9, 'RMSE', 'start', 'name');
    const points = groups.map((g, i) => {
      svg.append('rect').attr('class', 'span').attr('x', x(i)).attr('width', x.rangeBand()).attr('y', y(g.rmse)).attr('height', Math.max(0, y(0) - y(g.rmse)));
      return { x: x(i) + x.rangeBand() / 2, y: y(g.rmse), g: g };
    });
    svg.append('path').attr('class', 'rule').attr('d', 'M' + m.left + ',' + y(0) + 'H' + (side - m.right));
    svg.append('path').attr('class', 'line second').attr('d', d3.svg.line().x((p) => p.x).y((p) => y(p.g.predicted - p.g.truth))(points));
    key(figure, [['line', 'typical error'], ['second', 'mean error: predicted less true']]);
    describe(svg, 'RMSE ' + short(groups[0].rmse) + ' at ' + short(groups[0].truth) + ', ' + short(groups[groups.length - 1].rmse) + ' at ' + short(groups[groups.length - 1].truth));
    nearest(svg, side, height, points, 40, (event, q) => showTip(event, short(q.g.low) + ' to ' + short(q.g.high), [
      ['rows', String(q.g.n)], ['RMSE', short(q.g.rmse)], ['mean true', short(q.g.truth)], ['mean predicted', short(q.g.predicted)]]));
    return true;
  };

  /* What was promised across, what came of it upward. */
  function promises(figure, width, list, xLabel, yLabel) {
    const shown = list.filter((p) => finite(p.at) && finite(p.kept));
    if (shown.length < 2) return false;
    const side = Math.min(width, 400), m = { top: 24, right: 12, bottom: 40, left: 46 };
    const svg = canvas(figure, side, side, caption(figure));
    svg.style('max-width', side + 'px');
    const x = d3.scale.linear().domain([0, 1]).range([m.left, side - m.right]), y = d3.scale.linear().domain([0, 1]).range([side - m.bottom, m.top]);
    axisY(svg, y, m.left, side - m.left - m.right, 5, d3.format('.1f'));
    axisX(svg, x, side - m.bottom, 5, d3.format('.1f'));
    text(svg, (m.left + side - m.right) / 2, side - 4, xLabel, 'middle');
    text(svg, 0, 9, yLabel, 'start', 'name');
    svg.append('path').attr('class', 'guide').attr('d', 'M' + x(0) + ',' + y(0) + 'L' + x(1) + ',' + y(1));
    svg.append('path').attr('class', 'line soft').attr('d', d3.svg.line().x((p) => x(p.at)).y((p) => y(p.kept))(shown));
    const points = shown.map((p) => {
      if (finite(p.low) && finite(p.high)) svg.append('path').attr('class', 'whisker').attr('d', 'M' + x(p.at) + ',' + y(p.low) + 'V' + y(p.high));
      svg.append('circle').attr('class', 'dot').attr('r', 3.5).attr('cx', x(p.at)).attr('cy', y(p.kept));
      return { x: x(p.at), y: y(p.kept), p2: p };
    });
    describe(svg, shown.map((p) => percent(p.at) + ': ' + percent(p.kept)).join(', '));
    nearest(svg, side, side, points, 24, (event, q) => showTip(event, percent(q.p2.at), [[yLabel, percent(q.p2.kept)]].concat(
      finite(q.p2.low) ? [['95 % interval', percent(q.p2.low) + ' to ' + percent(q.p2.high)]] : [])));
    return true;
  }
  charts.quantiles = function (figure, width) {
    const t = shownTarget();
    return promises(figure, width, ((t && t.quantiles) || []).map((q) => ({ at: q.quantile, kept: valueOf(q.below), low: q.low95, high: q.high95 })), 'predicted quantile', 'share of rows below it');
  };
  charts.coverage = function (figure, width) {
    const t = shownTarget();
    return promises(figure, width, [].concat((t && t.interval) || []).map((i) => ({ at: i.level, kept: valueOf(i.coverage), low: i.coverage && i.coverage.low95, high: i.coverage && i.coverage.high95 })),
      'promised share', 'share of rows within');
  };

  /* One target at a time: charts are drawn of it, and its tables show. */
  function chooseTargets() {
    const box = document.querySelector('.targets');
    if (!box || targets.length < 2) return;
    const line = d3.select(box).insert('div', ':first-child').attr('class', 'pick');
    const select = line.append('label').text(ofNumbers ? 'target ' : 'label ').append('select');
    targets.forEach((t, i) => { if (!ofNumbers || t.scatter) select.append('option').attr('value', i).text(t.name); }); /* of very many the first have charts */
    function show(k) {
      target = k;
      Array.prototype.forEach.call(box.querySelectorAll('.target'), (part) => part.classList.toggle('away', +part.getAttribute('data-target') !== k));
    }
    select.on('change', function () { show(+this.value); drawAll(); });
    show(0);
  }

