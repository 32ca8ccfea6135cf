/* What tests/browser.sh asks of a page from inside it, in a copy: that its board sorts, filters and opens trials, that
 * its charts can be saved, that it folds open for print, that hostile labels stayed text, and that it can load nothing.
 * The answer is the attribute data-checked of the root: "ok", or what is wrong. */
(function () {
  'use strict';
  const root = document.documentElement, wrong = [];
  const need = (truth, words) => { if (!truth) wrong.push(words); };
  const all = (what, from) => Array.prototype.slice.call((from || document).querySelectorAll(what));
  const after = (ms) => new Promise((done) => setTimeout(done, ms));

  async function until(what) { for (let i = 0; i < 1200 && !what(); i++) await after(50); return what(); }

  let alarms = 0;
  window.alert = () => { alarms++; };
  const blobs = [], make = URL.createObjectURL;
  URL.createObjectURL = (blob) => { blobs.push(blob); return make.call(URL, blob); };
  HTMLAnchorElement.prototype.click = function () {}; /* a download would leave the page's folder */

  function rowsOf() { return all('#table-leaderboard tbody tr'); }
  async function board() {
    const heads = all('#table-leaderboard th[data-key]');
    need(heads.length > 3 && heads.every((th) => th.querySelector('button')), 'the board has heads without a button');
    const k = all('#table-leaderboard thead th').findIndex((th) => th.getAttribute('data-key') === 'value');
    const values = () => rowsOf().map((tr) => parseFloat(tr.cells[k].textContent)).filter(isFinite);
    const button = heads.find((th) => th.getAttribute('data-key') === 'value').querySelector('button');
    const ordered = (list, up) => list.every((v, i) => !i || (up ? list[i - 1] <= v : list[i - 1] >= v));
    button.click();
    const first = button.closest('th').getAttribute('aria-sort');
    need(ordered(values(), first === 'ascending'), 'sorted ' + first + ', the scores are ' + values().slice(0, 5));
    button.click();
    const second = button.closest('th').getAttribute('aria-sort');
    need(first !== second && ordered(values(), second === 'ascending'), 'sorted ' + second + ', the scores are ' + values().slice(0, 5));
    need(all('#table-leaderboard th[aria-sort]').length === 1, 'more than one column is sorted');
    button.focus();
    need(document.activeElement === button, 'a head cannot be reached with the keyboard');
    const field = document.querySelector('form.tools input'), status = document.querySelector('form.tools [role=status]');
    const before = status.textContent;
    async function filter(words) { /* every filter of ours changes what the board says of itself */
      const said = status.textContent;
      field.value = words;
      field.dispatchEvent(new Event('input'));
      await until(() => status.textContent !== said);
    }
    await filter('trial < 3');
    need(rowsOf().length > 0 && rowsOf().length <= 3, 'trial < 3 leaves ' + rowsOf().length + ' rows');
    await filter('nothingsocalled > 3');
    need(/no column is called nothingsocalled/.test(status.textContent), 'an unknown column is not named: ' + status.textContent);
    await filter('');
    need(status.textContent === before, 'an empty filter shows ' + status.textContent + ', not ' + before);
    const link = document.querySelector('#table-leaderboard a[href^="#trial-"]');
    window.location.hash = link.getAttribute('href');
    await until(() => document.querySelector('dialog[open]'));
    const sheet = document.querySelector('dialog[open]');
    need(sheet && sheet.textContent.indexOf('Trial ' + link.textContent) >= 0, 'a link does not open its trial');
    need(sheet && sheet.querySelectorAll('table').length >= 2, 'a trial shows no settings or no scores');
    if (sheet) sheet.close();
    await until(() => !document.querySelector('dialog'));
    need(!document.querySelector('dialog'), 'a trial does not close');
  }
  async function saving() {
    const figures = all('figure[data-chart]').filter((figure) => !figure.hidden);
    for (const figure of figures) {
      const name = figure.getAttribute('data-chart'), buttons = all('.save button', figure);
      need(buttons.length === 2, name + ' cannot be saved');
      if (buttons.length !== 2) continue;
      blobs.length = 0;
      buttons[0].click();
      const text = blobs.length ? await blobs[0].text() : '', xml = new DOMParser().parseFromString(text, 'image/svg+xml');
      need(blobs.length === 1 && !xml.querySelector('parsererror'), name + ' is saved as something that is not XML');
      need(xml.querySelectorAll('svg *').length > 3, name + ' is saved empty');
      need(!xml.querySelector('script, style, foreignObject, [class], [style*="var("]'), name + ' is saved with what needs the page');
      need(all('[href]', xml).every((n) => /^(#|data:image\/png)/.test(n.getAttribute('href'))), name + ' is saved with an address');
    }
    blobs.length = 0;
    document.querySelector('figure[data-chart]:not([hidden]) .save button:last-child').click();
    await until(() => blobs.length);
    need(blobs.length === 1 && blobs[0].type === 'image/png' && blobs[0].size > 1000, 'no PNG is made');
  }
  function printing() {
    const folded = all('details').filter((d) => !d.open).length;
    window.dispatchEvent(new Event('beforeprint'));
    need(all('details').every((d) => d.open), 'what is folded stays folded on paper');
    window.dispatchEvent(new Event('afterprint'));
    need(all('details').filter((d) => !d.open).length === folded, 'what was opened for paper stays open');
  }
  function keyboard() {
    const svg = document.querySelector('figure[data-chart=history] svg[tabindex]');
    need(svg, 'the history cannot be reached with the keyboard');
    if (!svg) return;
    svg.focus();
    svg.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    need(document.querySelector('.tip'), 'an arrow key shows no point');
    svg.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    need(!document.querySelector('.tip'), 'Escape leaves the point shown');
    need(/\d/.test(svg.getAttribute('aria-label')), 'the history has no number in its name');
  }
  function hostile() {
    need(alarms === 0, 'a label ran as a script');
    need(!document.querySelector('img, iframe, object, [onerror], [onload], a[href^="javascript"]'), 'a label became an element');
    need(all('body script').length <= 4, 'a label became a script'); /* the document, D3, the page's, and this */
  }
  /* Last, because the browser says on the console what it refused. */
  async function loads() {
    const refused = [];
    document.addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective));
    const picture = new Image();
    picture.src = 'http://127.0.0.1:9/x.png';
    try { await fetch('http://127.0.0.1:9/x'); } catch (error) { /* as it should be */ }
    await until(() => refused.length > 1);
    need(refused.some((d) => d === 'img-src') && refused.some((d) => d === 'connect-src'), 'the policy let a load pass: refused only ' + refused.join(' '));
  }
  (async function () {
    try {
      hostile();
      keyboard();
      printing();
      if (document.getElementById('table-leaderboard')) await board();
      await saving();
      hostile();
      await loads();
    } catch (error) { wrong.push(String(error && error.stack || error)); }
    if (root.hasAttribute('data-problems')) wrong.push(root.getAttribute('data-problems'));
    root.setAttribute('data-checked', wrong.length ? wrong.join('; ') : 'ok');
  }());
}());
