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
