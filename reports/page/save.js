  /* ---- saving a chart; printing ---- */

  /* A chart is saved as what the eye sees of it: drawings, pictures, and the words around them, each at its place, in
     the colours of paper. Styles are written into the elements, so that the file needs nothing else. Pictures are made
     of the same drawing, twice as fine. Nothing leaves the page: the file is a Blob, the drawing a data: address. */
  const NS = 'http://www.w3.org/2000/svg';
  const styled = ['fill', 'fill-opacity', 'stroke', 'stroke-opacity', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin',
    'opacity', 'paint-order', 'text-anchor', 'font-size', 'font-weight', 'shape-rendering'];
  const plain = { 'fill-opacity': '1', 'stroke-opacity': '1', 'stroke-dasharray': 'none', 'stroke-linecap': 'butt', 'stroke-linejoin': 'miter', 'opacity': '1', 'paint-order': 'normal', 'text-anchor': 'start', 'shape-rendering': 'auto' };
  const shapes = /^(path|rect|circle|ellipse|line|polyline|polygon|text|tspan|image)$/;

  function svgElement(name, attributes) {
    const node = document.createElementNS(NS, name);
    Object.keys(attributes).forEach((a) => node.setAttribute(a, attributes[a]));
    return node;
  }
  function copyStyled(from) {
    const name = from.localName, style = getComputedStyle(from);
    if (style.display === 'none' || style.visibility === 'hidden' || name === 'title') return null;
    if (name === 'rect' && from.getAttribute('fill') === 'transparent') return null; /* a pointer's */
    const to = from.cloneNode(false);
    ['class', 'style', 'tabindex', 'role', 'aria-label', 'aria-hidden'].forEach((a) => to.removeAttribute(a));
    if (shapes.test(name)) styled.forEach((s) => {
      const value = style.getPropertyValue(s);
      if (value && value !== plain[s] && !(name !== 'text' && name !== 'tspan' && /^(font|text)/.test(s))) to.setAttribute(s, value);
    });
    else if (style.opacity !== '1') to.setAttribute('opacity', style.opacity);
    Array.prototype.forEach.call(from.childNodes, (child) => {
      const copy = child.nodeType === 1 ? copyStyled(child) : child.nodeType === 3 ? document.createTextNode(child.data) : null;
      if (copy) to.appendChild(copy);
    });
    return to;
  }
  /* The words of an element outside drawings, a <text> for each line as it was broken. */
  function copyWords(node, origin, out) {
    const parent = node.parentNode, style = getComputedStyle(parent), range = document.createRange(), lines = [];
    if (!node.data.trim()) return;
    node.data.replace(/\S+\s*/g, (word, start) => {
      range.setStart(node, start);
      range.setEnd(node, start + word.replace(/\s+$/, '').length);
      const box = range.getClientRects()[0];
      if (!box || !box.width) return word;
      const last = lines[lines.length - 1];
      if (last && Math.abs(last.box.top - box.top) < 3) last.words += word; else lines.push({ box: box, words: word });
      return word;
    });
    lines.forEach((line) => {
      const t = svgElement('text', { x: (line.box.left - origin.left).toFixed(1), y: (line.box.bottom - origin.top - line.box.height * .24).toFixed(1),
        fill: style.color, 'font-size': style.fontSize, 'font-weight': style.fontWeight });
      t.textContent = line.words.trim();
      out.appendChild(t);
    });
  }
  function copyPart(node, origin, out) {
    if (node.nodeType === 3) return copyWords(node, origin, out);
    if (node.nodeType !== 1 || ['save', 'hint', 'pick'].some((c) => node.classList.contains(c))) return; /* for the hand, not the eye */
    const box = node.getBoundingClientRect(), style = getComputedStyle(node);
    if (style.display === 'none' || style.visibility === 'hidden') return;
    const place = { x: box.left - origin.left, y: box.top - origin.top, width: box.width, height: box.height };
    if (node.localName === 'canvas' || node.localName === 'img') {
      if (box.width > 0) out.appendChild(svgElement('image', { x: place.x, y: place.y, width: place.width, height: place.height, style: 'image-rendering:pixelated',
        href: node.localName === 'img' ? node.src : node.toDataURL('image/png') }));
    } else if (node.localName === 'svg') {
      const copy = copyStyled(node);
      if (!copy) return;
      Object.keys(place).forEach((a) => copy.setAttribute(a, place[a].toFixed(2)));
      copy.setAttribute('overflow', 'visible');
      out.appendChild(copy);
    } else Array.prototype.forEach.call(node.childNodes, (child) => copyPart(child, origin, out));
  }
  function drawingOf(figure) {
    const root = document.documentElement;
    root.classList.add('light');
    const box = figure.getBoundingClientRect(), wide = d3.max(Array.prototype.map.call(figure.querySelectorAll('svg, canvas'), (n) => n.getBoundingClientRect().right).concat([box.right])) - box.left;
    const width = Math.ceil(wide + 24), height = Math.ceil(box.height + 24);
    const svg = svgElement('svg', { width: width, height: height, viewBox: '-12 -12 ' + width + ' ' + height,
      'font-family': 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif', 'font-size': '12px' });
    const title = svgElement('title', {});
    title.textContent = (study.name || 'study') + ': ' + caption(figure);
    svg.appendChild(title);
    svg.appendChild(svgElement('rect', { x: -12, y: -12, width: width, height: height, fill: '#ffffff' }));
    try { copyPart(figure, box, svg); } finally { root.classList.remove('light'); }
    return { text: '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(svg) + '\n', width: width, height: height };
  }
  function download(blob, figure, ending) {
    const link = document.createElement('a'), address = URL.createObjectURL(blob);
    link.href = address;
    link.download = ((study.name || 'study') + '-' + figure.getAttribute('data-chart')).replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 100) + ending;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }
  function savePicture(figure) {
    const drawing = drawingOf(figure), picture = new Image();
    picture.onload = () => {
      const surface = document.createElement('canvas');
      surface.width = 2 * drawing.width;
      surface.height = 2 * drawing.height;
      surface.getContext('2d').drawImage(picture, 0, 0, surface.width, surface.height);
      surface.toBlob((blob) => { if (blob) download(blob, figure, '.png'); else problem('no picture of ' + figure.getAttribute('data-chart')); }, 'image/png');
    };
    picture.onerror = () => problem('no picture of ' + figure.getAttribute('data-chart'));
    picture.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(drawing.text);
  }
  function offerSaving(figure) {
    const line = figure.querySelector('figcaption'), words = caption(figure);
    if (line.querySelector('.save')) return;
    figure.setAttribute('data-caption', words);
    const tools = element('span', line, undefined, 'save');
    [['SVG', () => download(new Blob([drawingOf(figure).text], { type: 'image/svg+xml' }), figure, '.svg')], ['PNG', () => savePicture(figure)]].forEach((way) => {
      const button = element('button', tools, way[0]);
      button.type = 'button';
      button.title = 'Save as ' + way[0];
      button.setAttribute('aria-label', 'Save as ' + way[0] + ': ' + words);
      button.addEventListener('click', way[1]);
    });
  }

  /* Paper has no clicks: what is folded is opened, and folded again afterwards. */
  function openForPrint() {
    let opened = [];
    window.addEventListener('beforeprint', () => {
      opened = Array.prototype.filter.call(document.querySelectorAll('details'), (d) => !d.open);
      opened.forEach((d) => { d.open = true; });
      hideTip();
    });
    window.addEventListener('afterprint', () => { opened.forEach((d) => { d.open = false; }); opened = []; });
  }
