
// ---- a picture is drawn, with mouse, finger or arrow keys, or taken from a file ----
function drawing(root, changed) {
  const {height, width, channels} = INFO.image, side = 280, colour = channels === 3;
  const scale = side / Math.max(height, width);
  root.innerHTML = `<h2 id="input">${colour ? "Choose a picture" : "Draw"}</h2>
    <canvas id="sheet" width="${Math.round(width * scale)}" height="${Math.round(height * scale)}" tabindex="0" role="img"
      aria-labelledby="input" aria-describedby="keys"></canvas>
    <div class="tools"><button type="button" id="clear">Clear</button>
      <label><input type="checkbox" id="centre" checked>centre and scale as MNIST does</label>
      <label><input type="checkbox" id="dark">dark on light</label>
      <label>from a file <input type="file" id="file" accept="image/*"></label></div>
    <p class="hint" id="keys">With the keyboard: arrow keys move, the space bar puts the pen down or lifts it.</p>
    <p class="hint"><canvas id="seen" width="${width}" height="${height}" aria-hidden="true"></canvas> what the model sees</p>`;
  const sheet = root.querySelector("#sheet"), seen = root.querySelector("#seen"), pen = sheet.getContext("2d",
    {willReadFrequently: true});
  const centre = root.querySelector("#centre"), dark = root.querySelector("#dark");
  const at = {x: sheet.width / 2, y: sheet.height / 2, down: false};
  let ink = false, loaded = false;
  dark.checked = INFO.image.dark;
  if (colour) for (const box of [centre, dark]) { box.checked = false; box.parentNode.hidden = true; }

  function clear() {
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, sheet.width, sheet.height);
    ink = loaded = at.down = false;
    tell();
  }
  function line(x, y, to_x, to_y) {
    if (loaded) clear();
    pen.strokeStyle = "#fff";
    pen.lineWidth = sheet.width / 13;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(to_x + 0.01, to_y);
    pen.stroke();
    ink = true;
  }

  // Levels of height x width cells, each the mean of what it covers; `box` is what of the sheet is taken to where.
  function shrink(box) {
    const small = document.createElement("canvas");
    small.width = width;
    small.height = height;
    const to = small.getContext("2d");
    to.imageSmoothingQuality = "high";
    to.fillStyle = "#000";
    to.fillRect(0, 0, width, height);
    let from = sheet, [x, y, w, h] = box.from; // halved until it is at most twice as large
    while (w > 2 * box.to[2] && h > 2 * box.to[3]) {
      const half = document.createElement("canvas");
      half.width = Math.ceil(w / 2);
      half.height = Math.ceil(h / 2);
      half.getContext("2d").drawImage(from, x, y, w, h, 0, 0, w / 2, h / 2);
      [from, x, y, w, h] = [half, 0, 0, w / 2, h / 2];
    }
    to.drawImage(from, x, y, w, h, ...box.to);
    return to.getImageData(0, 0, width, height).data;
  }
  const whole = () => ({from: [0, 0, sheet.width, sheet.height], to: [0, 0, width, height]});

  // The ink is scaled into a box of 20 / 28 of the side, and its centre of mass put into the middle.
  function centred() {
    const data = pen.getImageData(0, 0, sheet.width, sheet.height).data;
    let left = sheet.width, right = -1, top = sheet.height, bottom = -1;
    for (let y = 0; y < sheet.height; y++)
      for (let x = 0; x < sheet.width; x++) {
        if (data[4 * (y * sheet.width + x)] < 32) continue;
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    if (right < 0) return shrink(whole());
    const w = right - left + 1, h = bottom - top + 1, inner = 20 / 28 * Math.min(height, width), k = inner / Math.max(w, h);
    const box = {from: [left, top, w, h], to: [(width - w * k) / 2, (height - h * k) / 2, w * k, h * k]};
    const first = shrink(box);
    let mass = 0, x = 0, y = 0;
    for (let i = 0; i < height * width; i++) {
      mass += first[4 * i];
      x += first[4 * i] * (i % width + 0.5);
      y += first[4 * i] * (Math.floor(i / width) + 0.5);
    }
    if (mass === 0) return first;
    box.to[0] += Math.round(width / 2 - x / mass);
    box.to[1] += Math.round(height / 2 - y / mass);
    return shrink(box);
  }

  function tell() {
    const data = centre.checked && !loaded ? centred() : shrink(whole());
    const levels = new Uint8Array(height * width * channels);
    for (let i = 0; i < height * width; i++) {
      const [r, g, b] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
      if (colour) levels.set([r, g, b], 3 * i);
      else levels[i] = loaded ? Math.round(0.299 * r + 0.587 * g + 0.114 * b) : r;
    }
    if (dark.checked && !loaded) levels.forEach((level, i) => { levels[i] = 255 - level; });
    const shown = seen.getContext("2d").createImageData(width, height);
    for (let i = 0; i < height * width; i++) {
      for (let c = 0; c < 3; c++) shown.data[4 * i + c] = levels[colour ? 3 * i + c : i];
      shown.data[4 * i + 3] = 255;
    }
    seen.getContext("2d").putImageData(shown, 0, 0);
    changed(ink || loaded ? levels : null);
  }

  const place = (event) => {
    const box = sheet.getBoundingClientRect();
    return [(event.clientX - box.left) * sheet.width / box.width, (event.clientY - box.top) * sheet.height / box.height];
  };
  let from = null;
  sheet.addEventListener("pointerdown", (event) => {
    if (colour) return;
    try { sheet.setPointerCapture(event.pointerId); } catch (error) { /* a pointer of a script */ }
    from = place(event);
    line(...from, ...from);
    tell();
    event.preventDefault();
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = place(event);
    line(...from, ...to);
    from = to;
    tell();
  });
  for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, () => { from = null; });
  const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  sheet.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (colour || (!move && event.key !== " ")) return;
    event.preventDefault();
    const before = {...at}, step = sheet.width / 28;
    if (move) {
      at.x = Math.min(sheet.width, Math.max(0, at.x + move[0] * step));
      at.y = Math.min(sheet.height, Math.max(0, at.y + move[1] * step));
    } else at.down = !at.down;
    if (at.down) line(before.x, before.y, at.x, at.y);
    tell();
  });
  root.querySelector("#clear").addEventListener("click", clear);
  for (const box of [centre, dark]) box.addEventListener("change", tell);
  root.querySelector("#file").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    const picture = await createImageBitmap(file);
    pen.drawImage(picture, 0, 0, sheet.width, sheet.height);
    loaded = true;
    tell();
  });
  clear();
}
