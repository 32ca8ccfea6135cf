  /* ---- inside: weights, rows and activations ---- */

  const inside = doc.inside || {};

  /* Bytes from base64; [] where it is none. */
  function bytesOf(words) {
    try { return Uint8Array.from(atob(words || ''), (c) => c.charCodeAt(0)); } catch (error) { return []; }
  }
  /* A colour of the style sheet as three numbers. */
  function rgbOf(name) {
    const words = getComputedStyle(document.documentElement).getPropertyValue(name).trim().split(/[ ,]+/).map(Number);
    return words.length === 3 && words.every(finite) ? words : [128, 128, 128];
  }
  /* Three for colour, red, green and blue side by side. */
  function deepOf(one) { return one && one.channels === 3 ? 3 : 1; }
  /* A picture of h x w: signed bytes (128 is nothing, blue above, orange below) over grey or coloured ones, `deep` bytes a pixel; either may be
   * missing. Signed bytes of three channels are shown as they are: grey is nothing, and what is red pulls at red. */
  function picture(parent, h, w, grey, signed, words, deep) {
    const surface = parent.append('canvas').attr('width', w).attr('height', h).node();
    surface.setAttribute('role', 'img');
    surface.setAttribute('aria-label', words);
    const context = surface.getContext('2d'), data = context.createImageData(w, h);
    const up = rgbOf('--accent-rgb'), down = rgbOf('--second-rgb');
    const coloured = signed && !grey && deep === 3;
    for (let i = 0; i < h * w; i++) {
      if (coloured) {
        for (let k = 0; k < 3; k++) data.data[4 * i + k] = signed[3 * i + k];
        data.data[4 * i + 3] = 255;
        continue;
      }
      const v = signed ? (signed[i] - 128) / 127 : 0, colour = v > 0 ? up : down, a = Math.min(1, Math.abs(v));
      for (let k = 0; k < 3; k++) {
        const g = grey ? (deep === 3 ? grey[3 * i + k] : grey[i]) : 0;
        data.data[4 * i + k] = signed ? (grey ? g * .5 * (1 - a) + colour[k] * a : colour[k]) : g;
      }
      data.data[4 * i + 3] = signed && !grey ? 255 * Math.pow(a, .8) : 255;
    }
    context.putImageData(data, 0, 0);
    return surface;
  }
  function unitName(unit, first) {
    const classes = inside.classes || [];
    return first.classes ? String(classes[unit - 1]) : 'unit ' + unit;
  }
  /* Units of layer l that are dead. */
  function deadOf(l) {
    const layer = (inside.layers || [])[l];
    return layer && layer.dead ? layer.dead : [];
  }

  function weightTiles(figure, first) {
    const h = first.height, w = first.width, deep = deepOf(first), size = h * w * deep, all = bytesOf(first.pixels), tiles = first.tiles || [], dead = deadOf(0);
    if (!(size > 0) || all.length < tiles.length * size || !tiles.length) return false;
    const grid = d3.select(figure).append('div').attr('class', 'tiles');
    tiles.forEach((tile, t) => {
      const gone = !first.classes && dead.indexOf(tile.unit) >= 0, words = unitName(tile.unit, first) + (gone ? ', dead' : '');
      const cell = grid.append('div').attr('class', gone ? 'gone' : '').attr('title', words + ', length ' + short(tile.norm));
      picture(cell, h, w, null, all.subarray(t * size, (t + 1) * size), 'weights of ' + words, deep);
      cell.append('span').text(first.classes ? unitName(tile.unit, first) : tile.unit + (gone ? ' dead' : ''));
    });
    const more = first.units - tiles.length;
    d3.select(figure).append('p').attr('class', 'note').text('All on one scale, up to ±' + short(first.pixels_scale)
      + (more > 0 ? '; the ' + (more === 1 ? 'unit' : more + ' units') + ' with the shortest weights ' + (more === 1 ? 'is' : 'are') + ' left out.' : '.'));
    return true;
  }

  function weightHeat(figure, width, first) {
    const rows = first.rows || [], shown = first.shown || [], dead = deadOf(0);
    if (!rows.length || !shown.length) return false;
    const names = Math.min(220, width * .3), cell = Math.max(4, Math.min(18, (width - names) / shown.length)), line = 16, top = 16;
    const svg = canvas(figure, width, top + rows.length * line + 20, caption(figure));
    const most = d3.max(rows, (r) => d3.max(r.weights, Math.abs)) || 1;
    text(svg, names, 10, first.classes ? 'classes' : 'units, the longest weights first');
    rows.forEach((row, i) => {
      text(svg, names - 6, top + i * line + 12, shorten(String(row.input), Math.floor(names / 6.6)), 'end', 'name');
      row.weights.forEach((v, k) => {
        if (!finite(v)) return;
        svg.append('rect').attr('x', names + k * cell).attr('y', top + i * line).attr('width', Math.max(1, cell - 1)).attr('height', line - 1)
          .attr('fill', v > 0 ? 'var(--accent)' : 'var(--second)').attr('fill-opacity', Math.sqrt(Math.abs(v) / most))
          .on('mousemove', () => showTip(d3.event, String(row.input), [['to', unitName(shown[k], first)], ['weight', short(v)], ['length of the row', short(row.norm)]]))
          .on('mouseleave', hideTip);
      });
    });
    shown.forEach((unit, k) => {
      if (!first.classes && dead.indexOf(unit) >= 0) text(svg, names + (k + .5) * cell, top + rows.length * line + 12, '†', 'middle');
    });
    const left = (first.inputs || 0) - rows.length, more = first.units - shown.length, words = [];
    if (left > 0) words.push(left + ' input' + (left > 1 ? 's' : '') + ' with shorter weights left out');
    if (more > 0) words.push(more + ' unit' + (more > 1 ? 's' : '') + ' left out');
    if (!first.classes && shown.some((u) => dead.indexOf(u) >= 0)) words.push('† dead unit');
    if (words.length) d3.select(figure).append('p').attr('class', 'note').text(words.join('; ') + '.');
    return true;
  }
  charts.weights = function (figure, width) {
    const first = inside.first_layer || {};
    return first.kind === 'tiles' ? weightTiles(figure, first) : weightHeat(figure, width, first);
  };

  const typical = (inside.rows || []).filter((r) => r && r.why === 'typical');
  const asked = (inside.rows || []).filter((r) => r && r.why === 'asked')[0];

  function rowPictures(parent, row) {
    const h = row.height, w = row.width, deep = deepOf(row), grey = bytesOf(row.pixels), signed = bytesOf(row.saliency);
    if (!(h > 0 && w > 0) || grey.length < h * w * deep || signed.length < h * w) return false;
    const pair = parent.append('div').attr('class', 'two');
    picture(pair, h, w, grey, null, 'row ' + row.row + ', ' + row.truth, deep);
    picture(pair, h, w, grey, signed, 'gradient of the score of ' + row.predicted, deep);
    return true;
  }
  charts.saliency = function (figure) {
    if (!typical.length || !typical[0].saliency) return false;
    const grid = d3.select(figure).append('div').attr('class', 'mistakes pairs');
    let drawn = 0;
    typical.forEach((row) => {
      const cell = grid.append('div');
      if (!rowPictures(cell, row)) return cell.remove();
      drawn++;
      cell.append('b').text(String(row.truth));
      cell.append('span').text((row.predicted === row.truth ? ', p ' : ', taken for ' + row.predicted + ', p ') + score(row.p) + ', row ' + row.row);
    });
    return drawn > 0;
  };
  charts.templates = function (figure) {
    const list = inside.templates || [], first = inside.first_layer || {};
    if (!list.length) return false;
    const grid = d3.select(figure).append('div').attr('class', 'tiles large');
    list.forEach((one) => {
      const cell = grid.append('div'), signed = bytesOf(one.pixels);
      if (signed.length < first.height * first.width * deepOf(first)) return;
      picture(cell, first.height, first.width, null, signed, 'template of ' + one.class, deepOf(first));
      cell.append('span').text(String(one.class));
    });
    return true;
  };
  charts.asked = function (figure) {
    if (!asked) return false;
    const box = d3.select(figure).append('div').attr('class', 'mistakes pairs large');
    const has = rowPictures(box.append('div'), asked);
    if (!has) box.remove();
    return strips(figure, [asked]) || has;
  };

  /* One line a row and layer: a cell a unit, darker the more it says. */
  function strips(figure, list) {
    const width = Math.max(260, Math.floor(figure.getBoundingClientRect().width));
    const layers = d3.max(list, (r) => (r.layers || []).length) || 0;
    if (!layers) return false;
    for (let l = 0; l < layers; l++) {
      const rows = list.filter((r) => r.layers[l] && r.layers[l].length);
      const n = d3.max(rows, (r) => r.layers[l].length), most = d3.max(rows, (r) => d3.max(r.layers[l], Math.abs)) || 1;
      const names = Math.min(120, width * .25), cell = (width - names) / n, line = list.length > 1 ? 15 : 22, top = 18;
      const svg = canvas(figure, width, top + rows.length * line + 6, caption(figure) + ': layer ' + (l + 1));
      const layer = (inside.layers || [])[l] || {};
      text(svg, names, 11, 'layer ' + (l + 1) + ': ' + (layer.units > n ? 'the first ' + n + ' of ' + layer.units : n) + ' units, up to ' + short(most));
      rows.forEach((row, i) => {
        text(svg, names - 6, top + i * line + 11, shorten(String(list.length > 1 ? row.truth : 'row ' + row.row), 16), 'end', 'name');
        row.layers[l].forEach((v, j) => {
          if (!finite(v) || v === 0) return;
          svg.append('rect').attr('x', names + j * cell).attr('y', top + i * line).attr('width', Math.max(.6, cell - (cell > 4 ? 1 : 0))).attr('height', line - 1)
            .attr('fill', v > 0 ? 'var(--accent)' : 'var(--second)').attr('fill-opacity', Math.min(1, Math.abs(v) / most));
        });
        svg.append('rect').attr('x', names).attr('y', top + i * line).attr('width', width - names).attr('height', line - 1).attr('fill', 'transparent')
          .on('mousemove', function () {
            const j = Math.floor((d3.mouse(this)[0] - names) / cell), v = row.layers[l][j];
            if (finite(v)) showTip(d3.event, 'unit ' + (j + 1), [['row', row.row], ['activation', short(v)]]);
          }).on('mouseleave', hideTip);
      });
    }
    return true;
  }
  charts.activations = (figure) => typical.length > 0 && strips(figure, typical);

  /* A contact sheet: an original, and versions of it. */
  charts.augmented = function (figure) {
    const sheet = doc.augmented || {}, h = sheet.height, w = sheet.width, deep = deepOf(sheet), size = h * w * deep, k = sheet.versions, originals = sheet.originals || [];
    const before = bytesOf(sheet.pixels);
    if (!(size > 0) || !originals.length || before.length < originals.length * size) return false;
    (sheet.sets || []).forEach((set) => {
      const after = bytesOf(set.pixels), settings = set.settings || {};
      if (after.length < originals.length * k * size) return;
      d3.select(figure).append('p').attr('class', 'note').text(set.name + ': ' + Object.keys(settings).map((s) => s + ' ' + short(settings[s])).join(', '));
      const grid = d3.select(figure).append('div').attr('class', 'sheet');
      originals.forEach((one, i) => {
        const line = grid.append('div');
        picture(line, h, w, before.subarray(i * size, (i + 1) * size), null, 'row ' + one.row + ', ' + one.class, deep);
        for (let v = 0; v < k; v++)
          picture(line, h, w, after.subarray((i * k + v) * size, (i * k + v + 1) * size), null, 'version ' + (v + 1) + ' of row ' + one.row, deep);
      });
    });
    return figure.querySelectorAll('canvas').length > 0;
  };

