  /* ---- time and memory ---- */

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

