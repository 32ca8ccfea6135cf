
  /* ---- the decision ---- */

  /* evaluation.threshold_curve: what is found, right and flagged from each threshold on; costs below, where they decide. */
  charts.threshold = function (figure, width) {
    const curve = evaluation && evaluation.threshold_curve;
    if (!curve || !curve.at || curve.at.length < 2) return false;
    const side = Math.min(width, 560), m = { top: 24, right: 12, bottom: 40, left: 46 }, plot = 260;
    const costs = curve.cost && curve.cost.some(finite), below = costs ? 110 : 0, height = m.top + plot + below + m.bottom;
    const svg = canvas(figure, side, height, caption(figure));
    svg.style('max-width', side + 'px');
    const x = d3.scale.linear().domain([0, 1]).range([m.left, side - m.right]);
    const y = d3.scale.linear().domain([0, 1]).range([m.top + plot, m.top]);
    const points = curve.at.map((at, i) => ({ at: at, i: i })).filter((p) => finite(p.at));
    axisY(svg, y, m.left, side - m.left - m.right, 5, d3.format('.1f'));
    function draw(values, scale, className) {
      const line = d3.svg.line().defined((p) => finite(values[p.i])).x((p) => x(p.at)).y((p) => scale(values[p.i]));
      svg.append('path').attr('class', className).attr('d', line(points));
    }
    draw(curve.flagged, y, 'line soft');
    draw(curve.f1, y, 'line');
    draw(curve.precision, y, 'line second');
    draw(curve.recall, y, 'line accent');
    if (costs) {
      const known = curve.cost.filter(finite), most = d3.max(known) || 1;
      const c = d3.scale.linear().domain([0, most]).range([height - m.bottom, m.top + plot + 34]);
      axisY(svg, c, m.left, side - m.left - m.right, 3, short);
      draw(curve.cost, c, 'line');
      text(svg, m.left + 6, m.top + plot + 28, 'cost of a row', 'start', 'name');
    }
    axisX(svg, x, height - m.bottom, 5, d3.format('.1f'));
    text(svg, (m.left + side - m.right) / 2, height - 4, 'decided for “' + shorten(String(curve.label), 24) + '” from this probability on', 'middle');
    const chosen = finite(curve.chosen) ? curve.at[curve.chosen] : NaN;
    if (finite(chosen)) {
      svg.append('path').attr('class', 'guide').attr('d', 'M' + x(chosen) + ',' + m.top + 'V' + (height - m.bottom));
      text(svg, x(chosen) + (chosen > .6 ? -5 : 5), 12, 'in use: ' + short(chosen), chosen > .6 ? 'end' : 'start', 'accent');
      svg.append('circle').attr('class', 'dot').attr('r', 4).attr('cx', x(chosen)).attr('cy', y(curve.recall[curve.chosen]));
      describe(svg, 'in use ' + short(chosen) + ', precision ' + score(curve.precision[curve.chosen]) + ', recall ' + score(curve.recall[curve.chosen]));
    }
    key(figure, [['line', 'recall'], ['second', 'precision'], ['thin', 'F1'], ['faint', 'share flagged']]);
    const near = points.map((p) => ({ x: x(p.at), y: y(finite(curve.recall[p.i]) ? curve.recall[p.i] : 0), p: null, i: p.i }));
    nearest(svg, side, height, near, 40, (event, q) => {
      const pairs = [['precision', score(curve.precision[q.i])], ['recall', score(curve.recall[q.i])], ['F1', score(curve.f1[q.i])],
        ['flagged', percent(curve.flagged[q.i])]];
      if (costs) pairs.push(['cost', score(curve.cost[q.i])]);
      showTip(event, 'from ' + short(curve.at[q.i]) + ' on', pairs);
    });
    return true;
  };

  /* The threshold in use as a point of ROC ([false positive rate, recall]) or PR ([recall, precision]) of that class. */
  function chosenPoint(kind, label) {
    const curve = evaluation && evaluation.threshold_curve;
    if (!curve || !finite(curve.chosen) || curve.label !== label) return null;
    const recall = curve.recall[curve.chosen], precision = curve.precision[curve.chosen], flagged = curve.flagged[curve.chosen];
    if (!finite(recall) || !finite(precision) || !finite(flagged)) return null;
    if (kind === 'pr') return [recall, precision];
    const share = recall > 0 ? flagged * precision / recall : NaN;
    return share < 1 ? [flagged * (1 - precision) / (1 - share), recall] : null;
  }
