  /* ---- the leaderboard: all trials, sorted and filtered; and one trial by itself ---- */

  /* The page holds the best trials as a plain table. Here its columns learn to sort, a field filters (words, or
     conditions such as `dropout < 0.2`), and the rows of all trials that the document has can be shown. Rows are made
     when they are first seen, so that a thousand trials cost nothing until asked for. */
  const board = document.querySelector('#table-leaderboard table');
  const rankOf = {};
  ordered.forEach((r, k) => { rankOf[r.number] = k + 1; });
  const rowOf = {};
  rows.forEach((r) => { rowOf[r.number] = r; });
  const leaders = {};
  (doc.leaderboard || []).forEach((l) => { if (l) leaders[l.trial] = l; });

  function count(x) { return finite(x) ? String(Math.round(x)).replace(/\B(?=(\d{3})+$)/g, ',') : '–'; }
  function bytes(x) {
    if (!finite(x)) return '–';
    let unit = 0;
    while (x >= 999.5 && unit < 4) { x /= 1000; unit++; }
    return (unit > 0 && x < 99.95 ? x.toFixed(1) : x.toFixed(0)) + ' ' + ['B', 'kB', 'MB', 'GB', 'TB'][unit];
  }
  const looks = { value: score, sd: score, n_params: count, bytes: bytes, seconds: seconds };
  const byKey = {};
  parameters.forEach((p) => { byKey['params.' + p.name] = p; });
  function listed(name, r) { const list = trials[name]; return list && list[r.i]; }

  /* What a column knows of a trial: a number or a word to sort by, and how it looks. */
  function cellOf(key, r) {
    if (key === 'rank') return rankOf[r.number] || null;
    if (key === 'trial') return r.number;
    if (key === 'state') return r.state.toLowerCase();
    if (key.indexOf('metrics.') === 0) return ((trials.metrics || {})[key.slice(8)] || [])[r.i];
    if (key.indexOf('params.') !== 0) return listed(key, r);
    const p = byKey[key], v = p && p.values[r.i];
    if (!p || v === null || v === undefined) return null;
    if (p.scale !== 'category') return v;
    const word = p.categories[v], number = +word;
    return word !== '' && finite(number) ? number : word;
  }
  function lookOf(key, value) {
    if (value === null || value === undefined) return '–';
    if (typeof value === 'string') return value;
    if (key.indexOf('metrics.') === 0) return score(value);
    return byKey[key] ? (value === Math.round(value) ? String(value) : short(value)) : (looks[key] || String)(value);
  }

  function element(name, parent, words, className) {
    const node = document.createElement(name);
    if (words !== undefined) node.textContent = words;
    if (className) node.className = className;
    if (parent) parent.appendChild(node);
    return node;
  }
  function trialLink(cell, number) {
    const link = element('a', null, cell.textContent);
    link.href = '#trial-' + number;
    cell.textContent = '';
    cell.appendChild(link);
  }

  /* `dropout < 0.2 optimizer = adam 256`: conditions on columns, and words that stand anywhere in a row. */
  function readFilter(words, columns) {
    const tests = [], form = /([^\s<>=!"]+)\s*(<=|>=|!=|<|>|=)\s*("[^"]*"|[^\s]+)/g;
    const rest = words.replace(form, (all, name, sign, value) => {
      const wanted = name.toLowerCase(), named = (c) => [c.title.toLowerCase(), c.key.toLowerCase(), c.key.toLowerCase().split('.').pop()];
      const column = columns.filter((c) => named(c).indexOf(wanted) >= 0)[0] || columns.filter((c) => named(c)[0].indexOf(wanted) === 0)[0];
      if (!column) { tests.unknown = name; return ''; }
      const word = value.replace(/^"|"$/g, ''), number = +word.replace(/,/g, ''), numeric = word !== '' && finite(number);
      tests.push((r) => {
        const v = cellOf(column.key, r);
        if (v === null || v === undefined) return sign === '!=';
        const a = numeric && finite(v) ? v : String(v).toLowerCase(), b = numeric && finite(v) ? number : word.toLowerCase();
        return sign === '<' ? a < b : sign === '>' ? a > b : sign === '<=' ? a <= b : sign === '>=' ? a >= b : (a === b) === (sign === '=');
      });
      return '';
    });
    rest.toLowerCase().split(/\s+/).filter((w) => w && w !== 'and').forEach((word) => tests.push((r) => textOf(r, columns).indexOf(word) >= 0));
    return tests;
  }
  const texts = {};
  function textOf(r, columns) {
    if (!texts[r.number]) texts[r.number] = columns.map((c) => c.key === 'rank' ? '' : lookOf(c.key, cellOf(c.key, r))).join(' ').toLowerCase() + ' ' + r.state.toLowerCase();
    return texts[r.number];
  }

  function enliven() {
    if (!board || !rows.length) return;
    const heads = Array.prototype.slice.call(board.querySelectorAll('thead th')), body = board.tBodies[0];
    const columns = heads.map((th) => ({ th: th, key: th.getAttribute('data-key') || '', title: th.textContent.replace(/[↑↓]/, '').trim(), number: th.classList.contains('n') }));
    const made = {}, few = body.rows.length || 20;
    let order = { key: 'rank', down: false }, all = false, words = '', state = '';
    const at = columns.map((c) => c.key).indexOf('trial');
    Array.prototype.slice.call(body.rows).forEach((tr) => {
      const number = +tr.cells[at].textContent.replace(/,/g, '');
      trialLink(tr.cells[at], number);
      made[number] = tr;
    });
    function rowFor(r) {
      if (made[r.number]) return made[r.number];
      const tr = made[r.number] = document.createElement('tr');
      columns.forEach((c, k) => {
        const td = element(k ? 'td' : 'th', tr, lookOf(c.key, cellOf(c.key, r)), c.number ? 'n' : '');
        if (!k) td.scope = 'row';
        if (c.key === 'rank' && !rankOf[r.number]) { td.textContent = r.state.toLowerCase(); td.className = 'state'; }
        if (c.key === 'trial') trialLink(td, r.number);
      });
      return tr;
    }

    const tools = element('form', null, undefined, 'tools');
    const label = element('label', tools, 'Filter ');
    const field = element('input', label);
    const firstNumber = columns.filter((c) => c.number && c.key.indexOf('params.') === 0)[0];
    field.type = 'search';
    field.placeholder = (firstNumber ? firstNumber.title + ' < ' + short(cellOf(firstNumber.key, ordered[0] || rows[0]) || 1) : 'seconds < 10') + ', or words';
    field.setAttribute('spellcheck', 'false');
    const states = {};
    rows.forEach((r) => { states[r.state] = (states[r.state] || 0) + 1; });
    const choice = element('select', element('label', tools, 'of '));
    element('option', choice, 'all states').value = '';
    Object.keys(states).sort().forEach((s) => { element('option', choice, s.toLowerCase() + ' (' + states[s] + ')').value = s; });
    const more = element('button', tools);
    more.type = 'button';
    const status = element('span', tools, '', 'status');
    status.setAttribute('role', 'status');
    board.parentNode.parentNode.insertBefore(tools, board.parentNode);

    function compare(a, b) {
      const x = cellOf(order.key, a), y = cellOf(order.key, b), none = (v) => v === null || v === undefined;
      if (none(x) || none(y)) return none(x) === none(y) ? a.number - b.number : none(x) ? 1 : -1; /* unknown is last either way */
      const sign = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === 'number' ? -1 : 1;
      return (order.down ? -sign : sign) || a.number - b.number;
    }
    function show() {
      const tests = readFilter(words, columns.concat([{ key: 'state', title: 'state' }]));
      const found = tests.unknown ? [] : rows.filter((r) => (state === '' || r.state === state) && tests.every((test) => test(r)));
      found.sort(compare);
      const shown = all ? found : found.slice(0, few), piece = document.createDocumentFragment();
      shown.forEach((r) => piece.appendChild(rowFor(r)));
      body.textContent = '';
      body.appendChild(piece);
      columns.forEach((c) => {
        if (c.key === order.key) c.th.setAttribute('aria-sort', order.down ? 'descending' : 'ascending');
        else c.th.removeAttribute('aria-sort');
      });
      more.hidden = found.length <= few;
      more.textContent = all ? 'Show ' + few : 'Show all ' + count(found.length);
      status.textContent = tests.unknown ? 'no column is called ' + tests.unknown
        : (shown.length < found.length ? count(shown.length) + ' of ' : '') + count(found.length) + (found.length === 1 ? ' trial' : ' trials');
    }
    columns.forEach((c) => {
      if (!c.key) return;
      const button = element('button', null, undefined, 'sort');
      button.type = 'button';
      while (c.th.firstChild) button.appendChild(c.th.firstChild);
      c.th.appendChild(button);
      button.addEventListener('click', () => {
        const arrowUp = c.th.querySelector('.better'), best = arrowUp && arrowUp.textContent === '↑';
        order = { key: c.key, down: order.key === c.key ? !order.down : !!best };
        show();
      });
    });
    let waiting = 0;
    field.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(() => { words = field.value; show(); }, 120); });
    choice.addEventListener('change', () => { state = choice.value; show(); });
    more.addEventListener('click', () => { all = !all; show(); });
    tools.addEventListener('submit', (event) => event.preventDefault());
    show();
  }

  /* Wherever a table names a trial, the name leads to it. */
  function linkTrials() {
    Array.prototype.forEach.call(document.querySelectorAll('#table-front, #table-finalists, #table-members, #table-failures'), (box) => {
      const heads = Array.prototype.map.call(box.querySelectorAll('thead th'), (th) => th.firstChild ? th.firstChild.textContent.trim() : '');
      const at = heads.indexOf('trial');
      if (at < 0) return;
      Array.prototype.forEach.call(box.querySelectorAll('tbody tr'), (tr) => {
        const number = +tr.cells[at].textContent.replace(/,/g, '');
        if (rowOf[number]) trialLink(tr.cells[at], number);
      });
    });
  }

  /* ---- one trial ---- */

  let sheet = null;
  function table(parent, head, lines) {
    const node = element('table', parent);
    if (head) {
      const tr = node.createTHead().insertRow();
      head.forEach((words, k) => { const th = element('th', tr, words, k && lines.some((l) => finite(l.raw)) ? 'n' : ''); th.scope = 'col'; });
    }
    const body = node.createTBody();
    lines.forEach((line) => {
      const tr = body.insertRow();
      element('th', tr, line.name).scope = 'row';
      line.cells.forEach((words) => element('td', tr, words, 'n' + (line.differs ? ' differs' : '')));
    });
    return node;
  }
  function settingsTable(parent, r, best) {
    const known = (leaders[r.number] || {}).params || {};
    const word = (x) => { const p = parameters.map((q) => [q, setting(q, x.i)]); return p; };
    const own = word(r), other = best && best !== r ? word(best) : null;
    const lines = own.map((pair, k) => ({ name: pair[0].name, cells: [pair[1] || '–'].concat(other ? [other[k][1] || '–'] : []), differs: other && other[k][1] !== pair[1] }));
    Object.keys(known).forEach((name) => {
      if (parameters.some((p) => p.name === name)) return;
      const v = known[name], text = typeof v === 'number' ? short(v) : typeof v === 'string' ? v : JSON.stringify(v);
      lines.push({ name: name, cells: [text].concat(other ? [text] : []) });
    });
    if (lines.length) table(parent, ['setting', 'trial ' + r.number].concat(other ? ['trial ' + best.number + ', the best'] : []), lines);
  }
  function measures(parent, r) {
    const lines = [], add = (name, text) => { if (text && text !== '–') lines.push({ name: name, cells: [text] }); };
    const scores = (leaders[r.number] || {}).metrics || {};
    add(metric + arrow, score(r.value));
    Object.keys(scores).sort().forEach((name) => { if (name !== study.metric_name) add(name, score(scores[name])); });
    if (!Object.keys(scores).length) Object.keys(trials.metrics || {}).forEach((name) => { if (name !== study.metric_name) add(name, score(trials.metrics[name][r.i])); });
    add('± sd', score(listed('sd', r)));
    add('weights', count(r.size));
    add('size', bytes(listed('bytes', r)));
    add('time', seconds(r.seconds));
    add('best epoch', finite(listed('best_epoch', r)) ? String(listed('best_epoch', r)) : '');
    if (lines.length) table(parent, null, lines);
  }
  function ownCurve(parent, r) {
    const c = curves.filter((x) => x.trial === r.number)[0];
    if (!c || c.epoch.length < 2) return;
    const figure = element('figure', parent, undefined, 'chart');
    element('figcaption', figure, 'Validation score of trial ' + r.number + ' by epoch');
    const width = 420, height = 180, m = { top: 22, right: 16, bottom: 34, left: 54 }, values = c.val_metric.filter(finite);
    if (values.length < 2) { parent.removeChild(figure); return; }
    const y = d3.scale.linear().domain(scoreDomain(values)).range([height - m.bottom, m.top]);
    const frame = curveFrame(figure, width, height, m, [{ x: c.epoch }], metric + arrow, y);
    draw(frame, y, c.epoch, c.val_metric.map((v) => finite(v) ? clamp(y.domain(), v) : v), 'line accent');
    describe(frame.svg, c.epoch.length + ' epochs, from ' + score(values[0]) + ' to ' + score(values[values.length - 1]));
  }
  function showTrial() {
    const found = /^#trial-(\d+)$/.exec(window.location.hash), r = found && rowOf[+found[1]];
    if (sheet) { sheet.onclose = null; if (sheet.open) sheet.close(); sheet.remove(); sheet = null; }
    if (!r) return;
    hideTip();
    const best = ordered[0], rank = rankOf[r.number];
    sheet = element('dialog', document.body, undefined, 'trial');
    const head = element('header', sheet), title = element('h2', head, 'Trial ' + r.number), close = element('button', head, 'Close');
    title.id = 'trial-title';
    close.type = 'button';
    sheet.setAttribute('aria-labelledby', 'trial-title');
    close.addEventListener('click', () => sheet.close());
    const leader = leaders[r.number] || {};
    element('p', sheet, r.state.toLowerCase() + (rank ? ', rank ' + rank + ' of ' + ordered.length : '')
      + (leader.source && leader.source !== 'tuner' ? ', from ' + leader.source : '') + (leader.alike && rank > 1 ? ', not told from the best' : ''), 'note');
    const parts = element('div', sheet, undefined, 'parts');
    measures(element('div', parts), r);
    settingsTable(element('div', parts), r, best);
    ownCurve(sheet, r);
    const steps = element('p', sheet, undefined, 'steps');
    [[rank ? ordered[rank - 2] : null, 'better'], [rank ? ordered[rank] : null, 'worse']].forEach((step) => {
      if (!step[0]) return;
      const button = element('button', steps, 'the next ' + step[1] + ': trial ' + step[0].number);
      button.type = 'button';
      button.addEventListener('click', () => openTrial(step[0].number));
    });
    const opened = sheet, back = document.activeElement;
    sheet.onclose = () => {
      opened.remove();
      sheet = null;
      window.history.replaceState(null, '', window.location.pathname + window.location.search);
      if (back && back.focus) back.focus({ preventScroll: true });
    };
    sheet.addEventListener('click', (event) => { if (event.target === opened) opened.close(); }); /* beside it */
    sheet.showModal();
  }
