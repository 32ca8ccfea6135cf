  /* ---- time and memory ---- */

  charts.timeline = function (figure, width) {
    const ran = rows.filter((r) => finite(r.lane) && finite(r.start) && r.seconds > 0);
    if (ran.length < 2 || !(trials.span_s > 0)) return false;
    const lanes = (doc.crew && doc.crew.lanes) || [], parts = (doc.crew && doc.crew.parts) || { lane: [] };
    const m = { top: 6, right: 10, bottom: 24, left: lanes.length ? 140 : 62 }, band = Math.max(6, Math.min(18, 180 / trials.lanes));
    const height = m.top + m.bottom + trials.lanes * (band + 3);
    const x = d3.scale.linear().domain([0, trials.span_s]).range([m.left, width - m.right]);
    const unit = trials.span_s > 7200 ? [3600, ' h'] : trials.span_s > 180 ? [60, ' min'] : [1, ' s'];
    const scale = d3.scale.linear().domain([0, trials.span_s / unit[0]]).range(x.range());
    d3.select(figure).append('p').attr('class', 'note').text(lanes.length ? lanes.length + ' workers by host, in use '
      + percent(trials.utilization) + ' of their time; pale: a worker is there and trains nothing' + (parts.lane.length ? ', dashed: lost, and trained again' : '') + '.'
      : trials.lanes + (trials.lanes === 1 ? ' trial' : ' trials') + ' at a time, busy ' + percent(Math.min(1, trials.utilization)) + ' of ' + seconds(trials.span_s) + '.');
    const svg = canvas(figure, width, height, caption(figure));
    let free = -1; /* lanes that have no label yet: names must not lie on each other */
    lanes.forEach((l) => {
      for (let lane = l.first; lane < l.first + l.n; lane++)
        svg.append('rect').attr('class', 'block idle').attr('x', x(l.came_s)).attr('width', Math.max(.6, x(l.left_s) - x(l.came_s)))
          .attr('y', m.top + lane * (band + 3)).attr('height', band)
          .on('mousemove', () => showTip(d3.event, l.worker + ' on ' + l.host, [['there', seconds(l.left_s - l.came_s)], ['it left', l.reason || 'not yet']])).on('mouseleave', hideTip);
      if (l.first < free) return;
      const words = l.host + ' ' + l.worker;
      text(svg, m.left - 8, m.top + l.first * (band + 3) + band - band / 4, words.length > 22 ? words.slice(0, 21) + '…' : words, 'end');
      free = l.first + Math.ceil(14 / (band + 3));
    });
    for (let lane = 0; !lanes.length && lane < trials.lanes; lane += Math.ceil(14 / (band + 3)))
      text(svg, m.left - 8, m.top + lane * (band + 3) + band - band / 4, 'worker ' + (lane + 1), 'end');
    ran.forEach((r) => {
      const kind = r.state === 'COMPLETE' ? '' : r.state === 'PRUNED' ? ' pruned' : ' failed';
      svg.append('rect').attr('class', 'block' + kind).attr('x', x(r.start)).attr('width', Math.max(.6, x(r.seconds) - x(0) - .6))
        .attr('y', m.top + r.lane * (band + 3)).attr('height', band)
        .on('mousemove', () => trialTip(d3.event, r)).on('mouseleave', hideTip);
    });
    parts.lane.forEach((lane, i) => svg.append('rect').attr('class', 'block' + (parts.lost[i] ? ' lost' : ''))
      .attr('x', x(parts.start_s[i])).attr('width', Math.max(.6, x(parts.seconds[i]) - x(0) - .6)).attr('y', m.top + lane * (band + 3)).attr('height', band)
      .on('mousemove', () => showTip(d3.event, 'trial ' + parts.number[i], [['time', seconds(parts.seconds[i])], ['came to', parts.lost[i] ? 'nothing: lost' : 'a pause']]))
      .on('mouseleave', hideTip));
    describe(svg, ran.length + ' trials in ' + seconds(trials.span_s));
    axisX(svg, scale, height - m.bottom, Math.min(10, width / 90), (t) => t + unit[1]);
    return true;
  };

  /* Seats over time: those that there were, of these in use, and lost. */
  charts.crew = function (figure, width) {
    const over = doc.crew && doc.crew.over_time;
    if (!over || !(over.step_s > 0)) return false;
    const m = { top: 8, right: 10, bottom: 24, left: 62 }, height = 150, n = over.seats.length, most = d3.max(over.seats);
    const svg = canvas(figure, width, height, caption(figure));
    const x = d3.scale.linear().domain([0, n * over.step_s]).range([m.left, width - m.right]);
    const y = d3.scale.linear().domain([0, most || 1]).range([height - m.bottom, m.top]).nice();
    axisY(svg, y, m.left, width - m.left - m.right, 4, short);
    const layer = (low, high, className) => svg.append('path').attr('class', className).attr('d', d3.svg.area().interpolate('step-after')
      .x((d, i) => x(i * over.step_s)).y0((d, i) => y(low(Math.min(i, n - 1)))).y1((d, i) => y(high(Math.min(i, n - 1))))(d3.range(n + 1)));
    layer(() => 0, (i) => over.seats[i], 'block idle');
    layer(() => 0, (i) => over.busy[i], 'block');
    layer((i) => over.busy[i], (i) => over.busy[i] + over.lost[i], 'block failed');
    const unit = n * over.step_s > 7200 ? [3600, ' h'] : n * over.step_s > 180 ? [60, ' min'] : [1, ' s'];
    axisX(svg, d3.scale.linear().domain([0, n * over.step_s / unit[0]]).range(x.range()), height - m.bottom, Math.min(10, width / 90), (t) => t + unit[1]);
    describe(svg, 'at most ' + most + ' seats, in use ' + percent(doc.crew.all.utilization));
    return true;
  };

  /* Processors' seconds and memory of each trial, against how long it ran. */
  charts.usage = function (figure, width) {
    const ran = rows.filter((r) => r.seconds > 0 && (finite(r.cpu) || r.peak > 0));
    if (ran.length < 3) return false;
    const unit = (bytes) => bytes >= 1e9 ? short(bytes / 1e9) + ' GB' : bytes >= 1e6 ? short(bytes / 1e6) + ' MB' : short(bytes / 1e3) + ' kB';
    const panels = [];
    if (ran.some((r) => r.cpu > 0)) panels.push(['processor time', (r) => r.cpu, seconds]);
    if (ran.some((r) => r.peak > 0)) panels.push(['most memory', (r) => r.peak, unit]);
    const best = ordered.length ? ordered[0].number : -1, grid = d3.select(figure).append('div').attr('class', 'grid');
    const columns = width > 560 ? panels.length : 1, w = Math.floor((width - 22 * (columns - 1)) / columns), h = 220;
    const m = { top: 22, right: 14, bottom: 44, left: 66 };
    grid.style('grid-template-columns', 'repeat(' + columns + ', 1fr)');
    panels.forEach((panel) => {
      const shown = ran.filter((r) => panel[1](r) > 0), svg = canvas(grid.append('div').attr('class', 'small').node(), w, h, panel[0] + ' of trials');
      const x = d3.scale.linear().domain([0, d3.max(shown, (r) => r.seconds)]).range([m.left + 6, w - m.right]);
      const y = d3.scale.linear().domain([0, d3.max(shown, panel[1])]).range([h - m.bottom, m.top]).nice();
      axisY(svg, y, m.left, w - m.left - m.right, 4, panel[2]);
      axisX(svg, x, h - m.bottom + 4, Math.min(5, w / 110), seconds);
      text(svg, (m.left + w - m.right) / 2, h - 4, 'time it ran', 'middle');
      text(svg, 0, 9, panel[0], 'start', 'name');
      const points = shown.map((r) => ({ x: x(r.seconds), y: y(panel[1](r)), r: r }));
      dots(svg, points.filter((q) => q.r.state !== 'COMPLETE'), 2.2, 'dots other');
      dots(svg, points.filter((q) => q.r.state === 'COMPLETE'), 2.5, 'dots');
      points.filter((q) => q.r.number === best).forEach((q) => svg.append('circle').attr('class', 'dot best').attr('r', 5).attr('cx', q.x).attr('cy', q.y));
      describe(svg, 'from ' + panel[2](d3.min(shown, panel[1])) + ' to ' + panel[2](d3.max(shown, panel[1])));
      nearest(svg, w, h, points, 14, (event, q) => showTip(event, 'trial ' + q.r.number, [['state', q.r.state.toLowerCase()], ['time', seconds(q.r.seconds)],
        ['processor time', seconds(q.r.cpu)], ['most memory', q.r.peak > 0 ? unit(q.r.peak) : '\u2013']]));
    });
    const cpu = d3.sum(ran, (r) => r.cpu || 0), time = d3.sum(ran, (r) => r.seconds), most = d3.max(ran, (r) => r.peak || 0);
    d3.select(figure).append('p').attr('class', 'note').text((cpu > 0 ? seconds(cpu) + ' of processors in ' + seconds(time) + ' of trials' : '')
      + (most > 0 ? (cpu > 0 ? '; ' : '') + 'the most that a trial held was ' + unit(most) : '') + '. The best trial is ringed.');
    return true;
  };

