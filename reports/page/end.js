  /* ---- the page ---- */

  function drawOne(figure) {
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
    if (figure.hidden) return;
    offerSaving(figure);
    Array.prototype.forEach.call(figure.querySelectorAll('.wrap'), (wrap) => { /* what scrolls must be reached with the keyboard */
      if (wrap.scrollWidth <= wrap.clientWidth) return;
      wrap.setAttribute('tabindex', 0);
      wrap.setAttribute('role', 'region');
      wrap.setAttribute('aria-label', caption(figure));
    });
  }
  /* Of charts side by side each has its width only when it is known which of them show. */
  function drawAll() {
    hideTip();
    const figures = Array.prototype.slice.call(document.querySelectorAll('figure[data-chart]'));
    figures.forEach((figure) => { figure.hidden = !charts[figure.getAttribute('data-chart')]; });
    figures.forEach(drawOne);
    figures.filter((figure) => !figure.hidden && figure.parentNode.classList.contains('pair')).forEach((figure) => {
      const drawn = figure.querySelector('svg[role=img]');
      if (drawn && Math.abs(figure.getBoundingClientRect().width - drawn.viewBox.baseVal.width) > 2) drawOne(figure);
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

  enliven();
  linkTrials();
  switchTables();
  chooseTargets();
  drawAll();
  watchSections();
  openForPrint();
  window.addEventListener('hashchange', showTrial);
  showTrial();
  let waiting = 0, lastWidth = window.innerWidth;
  window.addEventListener('resize', () => {
    if (window.innerWidth === lastWidth) return;
    lastWidth = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 150);
  });
  document.documentElement.setAttribute('data-drawn', 'yes');
}());
