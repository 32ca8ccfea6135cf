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

  /* Two classes: of the class of interest. More: of the prediction, whatever class it is. Whiskers are 95 % intervals. */
  charts.reliability = function (figure, width) {
    const of = targets[target], classes = (evaluation && evaluation.class_reliability) || [];
    const one = of ? { label: of.name, bins: ((of.class_reliability || [])[0] || {}).bins || of.reliability || [] } : classes.length === 2 ? classes[0] : null;
    const raw = one ? one.bins : (evaluation && evaluation.reliability) || [];
    const bins = raw.map((b) => ({ low: b.low, high: b.high, n: b.n, p: finite(b.mean_p) ? b.mean_p : b.confidence,
      share: finite(b.share) ? b.share : b.accuracy, low95: b.low95, high95: b.high95 })).filter((b) => b.n > 0 && finite(b.share));
    if (bins.length < 2) return false;
    const side = Math.min(width, 400), m = { top: 30, right: 12, bottom: 60, left: 46 }, height = side + 18;
    const svg = canvas(figure, side, height, caption(figure));
    svg.style('max-width', side + 'px');
    const x = d3.scale.linear().domain([0, 1]).range([m.left, side - m.right]);
    const y = d3.scale.linear().domain([0, 1]).range([height - m.bottom, m.top]);
    const most = d3.max(bins, (b) => b.n), total = d3.sum(bins, (b) => b.n), label = one ? shorten(String(one.label), 18) : '';
    axisY(svg, y, m.left, side - m.left - m.right, 5, d3.format('.1f'));
    axisX(svg, x, height - m.bottom + 26, 5, d3.format('.1f'));
    svg.append('path').attr('class', 'guide').attr('d', 'M' + x(0) + ',' + y(0) + 'L' + x(1) + ',' + y(1));
    bins.forEach((b) => { /* how many rows: columns below the axis */
      const h = Math.max(1, 20 * b.n / most);
      svg.append('rect').attr('class', 'column').attr('x', x(b.low) + .5).attr('width', Math.max(1, x(b.high) - x(b.low) - 1))
        .attr('y', height - m.bottom + 24 - h).attr('height', h);
    });
    svg.append('path').attr('class', 'line soft').attr('d', d3.svg.line().x((b) => x(b.p)).y((b) => y(b.share))(bins));
    const points = bins.map((b) => {
      const px = x(b.p), py = y(b.share);
      if (finite(b.low95) && finite(b.high95))
        svg.append('path').attr('class', 'line').attr('d', 'M' + px + ',' + y(b.low95) + 'V' + y(b.high95) +
          'M' + (px - 3) + ',' + y(b.low95) + 'h6M' + (px - 3) + ',' + y(b.high95) + 'h6');
      svg.append('circle').attr('class', 'dot').attr('r', 3).attr('cx', px).attr('cy', py);
      return { x: px, y: py, b: b };
    });
    text(svg, (m.left + side - m.right) / 2, height - 3, one ? 'probability given to ' + label : 'probability of the prediction', 'middle');
    text(svg, 0, 9, one ? 'share that is ' + label : 'share that is right', 'start', 'name');
    const error = evaluation.metrics && !of && evaluation.metrics[one ? 'ece_classwise' : 'ece'], value = error && finite(error.value) ? error.value : error;
    if (finite(value)) text(svg, side - m.right, 9, 'calibration error ' + score(value), 'end');
    text(svg, side - m.right, height - m.bottom + 14, 'rows', 'end', 'name');
    describe(svg, bins.length + ' bins' + (finite(value) ? ', calibration error ' + score(value) : ''));
    nearest(svg, side, height, points, 24, (event, p) => showTip(event, short(p.b.low) + ' to ' + short(p.b.high), [
      ['rows', p.b.n + ' (' + percent(p.b.n / total) + ')'], ['mean probability', score(p.b.p)],
      [one ? 'are ' + label : 'right', score(p.b.share) + (finite(p.b.low95) ? ' (' + score(p.b.low95) + ' to ' + score(p.b.high95) + ')' : '')]]));
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
    shown.forEach((c) => { /* where the decision in use is */
      const p = chosenPoint(corner, c.label);
      if (p) svg.append('circle').attr('class', 'dot chosen').attr('r', 5).attr('cx', x(p[0])).attr('cy', y(p[1]));
    });
    const words = (shown.length > 1 ? 'lowest: ' : '') + shorten(String(worst.label), 18) + (finite(worst[area]) ? ', area ' + score(worst[area]) : '');
    text(svg, side - m.right - 6, side - m.bottom - 10, words, 'end', 'accent');
    describe(svg, words);
    nearest(svg, side, side, points, 20, (event, q) => showTip(event, String(q.c.label), [
      [yLabel, score(q.p[1])], [xLabel, score(q.p[0])], ['area', score(q.c[area])]]));
    return true;
  }
  /* Of classes as they are listed; of labels one each. */
  function curvesOf(name) {
    if (!targets.length) return evaluation && evaluation[name];
    return targets.filter((t) => t[name]).map((t) => Object.assign({}, Array.isArray(t[name]) ? t[name][0] : t[name], { label: t.name }));
  }
  charts.roc = (figure, width) => oneAgainstRest(figure, width, curvesOf('roc'), 'fpr', 'tpr', 'false positive rate', 'true positive rate', 'auc', 'roc');
  charts.pr = (figure, width) => oneAgainstRest(figure, width, curvesOf('pr'), 'recall', 'precision', 'recall', 'precision', 'ap', 'pr');

  charts.mistakes = function (figure) {
    const images = doc.images || [];
    if (!images.length) return false;
    const name = (c) => finite(c) && evaluation && evaluation.classes ? String(evaluation.classes[c]) : String(c);
    const grid = d3.select(figure).append('div').attr('class', 'mistakes');
    images.forEach((image) => {
      const h = image.height, w = image.width, bytes = atob(image.pixels || ''), deep = image.channels === 3 ? 3 : 1;
      if (!(h > 0 && w > 0) || bytes.length < h * w * deep) return;
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
      cell.append('span').text('p ' + (finite(image.p) ? image.p.toFixed(3) : '–') + ', row ' + (finite(image.source_row) ? image.source_row : image.row));
    });
    return true;
  };

  /* The same matrix as counts and as shares: one at a time. */
  function switchTables() {
    Array.prototype.forEach.call(document.querySelectorAll('.switch'), (box) => {
      const tables = Array.prototype.slice.call(box.querySelectorAll('.table'));
      if (tables.length < 2) return;
      const tools = element('div', null, undefined, 'tools'), buttons = [];
      function show(k) {
        tables.forEach((t, i) => t.classList.toggle('away', i !== k));
        buttons.forEach((b, i) => b.setAttribute('aria-pressed', String(i === k)));
      }
      ['rows', 'percent'].forEach((words, k) => {
        const button = element('button', tools, words);
        button.type = 'button';
        button.addEventListener('click', () => show(k));
        buttons.push(button);
      });
      box.insertBefore(tools, tables[0]);
      show(0);
    });
  }

