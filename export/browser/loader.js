// What the model is: its task, names, columns. Written by the export.
const INFO = /*INFO*/;

function asText(value, column) {
  // A cell as the training file would have it; null: missing.
  if (value === null || value === undefined) return null;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return null;
    let text = String(value);
    if (column.dressed && text.includes("e"))
      text = value.toLocaleString("en-US", {useGrouping: false, maximumFractionDigits: 20});
    return column.decimal === "," ? text.replace(".", ",") : text;
  }
  if (!["string", "boolean", "bigint"].includes(typeof value)) // a Date, too: which form would the training file have?
    throw new TypeError(`${column.name}: a cell is a number, a word or null; a date is written as in the training file`);
  return String(value);
}

const isList = (row) => Array.isArray(row) || ArrayBuffer.isView(row);

// A name such as `constructor` is a column only where the row has it itself.
function cellOf(row, column, place) {
  if (isList(row)) return row[place];
  return Object.prototype.hasOwnProperty.call(row, column.name) ? row[column.name] : null;
}

class Model {
  constructor(instance) {
    this.info = INFO;
    this.wasm = instance.exports;
  }

  // Tables: {column: value} or values in the order of info.columns; a number, a word, or null (missing).
  // Pictures: height * width (* 3) levels from 0 to 255, row by row.
  predict(row) {
    const said = this.put(row);
    if (INFO.task === "numbers") return this.numbers();
    const p = this.values();
    if (INFO.task === "labels") {
      return {
        labels: Object.fromEntries(INFO.targets.map((target, t) => [target.name, p[t] > 0.5 ? target.yes : target.no])),
        probabilities: Object.fromEntries(INFO.targets.map((target, t) => [target.name, p[t]])),
      };
    }
    const answer = {
      label: INFO.classes[said],
      probabilities: Object.fromEntries(INFO.classes.map((name, c) => [name, p[c]])),
    };
    if (INFO.levels.length) answer.sets = this.sets();
    return answer;
  }

  put(row) {
    if (INFO.image) this.putPixels(row);
    else this.putCells(row);
    const said = this.wasm.predict();
    if (said < 0) {
      const column = INFO.columns[-said - 1];
      throw new TypeError(`${column.name}: not a number: ${cellOf(row, column, -said - 1)}`);
    }
    return said;
  }

  putPixels(pixels) {
    const n = this.wasm.n_inputs();
    if (!pixels || pixels.length !== n) throw new RangeError(`a picture has ${n} levels, not ${pixels ? pixels.length : 0}`);
    if (!(pixels instanceof Uint8Array || pixels instanceof Uint8ClampedArray)) {
      const wrong = Array.prototype.find.call(pixels, (level) => !(Number.isInteger(level) && level >= 0 && level <= 255));
      if (wrong !== undefined) throw new RangeError(`a level is a whole number from 0 to 255, not ${wrong}`);
    }
    new Uint8Array(this.wasm.memory.buffer, this.wasm.pixels(), n).set(pixels);
  }

  putCells(row) {
    const text = new Uint8Array(this.wasm.memory.buffer, this.wasm.text(), this.wasm.text_bytes());
    const cells = new Uint32Array(this.wasm.memory.buffer, this.wasm.cells(), INFO.columns.length);
    const encoder = new TextEncoder();
    if (row === null || typeof row !== "object") throw new TypeError("a row is an object by column names, or an array");
    if (isList(row) && row.length !== INFO.columns.length)
      throw new RangeError(`a row has ${INFO.columns.length} cells, not ${row.length}`);
    const keys = isList(row) ? [] : Object.keys(row), names = INFO.columns.map((column) => column.name);
    if (keys.length && !keys.some((key) => names.includes(key)))
      throw new TypeError(`none of the row's names is a column: ${keys.slice(0, 9).join(", ")}; columns are ${names.slice(0, 9).join(", ")}`);
    let at = 0;
    INFO.columns.forEach((column, j) => {
      const cell = asText(cellOf(row, column, j), column);
      cells[j] = cell === null ? 0 : at + 1;
      if (cell === null) return;
      const bytes = encoder.encode(cell.split("\0")[0]);
      if (at + bytes.length + 1 > text.length) throw new RangeError(`a row has at most ${text.length} bytes of text`);
      text.set(bytes, at);
      text[at + bytes.length] = 0;
      at += bytes.length + 1;
    });
  }

  values() {
    return Array.from(new Float64Array(this.wasm.memory.buffer, this.wasm.values(), this.wasm.n_values()));
  }

  numbers() {
    const y = this.values(), stride = Math.max(1, INFO.quantiles.length);
    const middle = INFO.quantiles.length ? INFO.point : 0;
    const each = (what) => Object.fromEntries(INFO.targets.map((target, t) => [target.name, what(t)]));
    const answer = {values: each((t) => y[t * stride + middle])};
    if (INFO.quantiles.length)
      answer.quantiles = each((t) => Object.fromEntries(INFO.quantiles.map((q, i) => [q, y[t * stride + i]])));
    if (INFO.levels.length) {
      const ends = INFO.levels.map((level, l) => {
        this.wasm.interval(l);
        const low = new Float64Array(this.wasm.memory.buffer, this.wasm.low(), INFO.targets.length);
        const high = new Float64Array(this.wasm.memory.buffer, this.wasm.high(), INFO.targets.length);
        return Array.from(low, (x, t) => [x, high[t]]);
      });
      answer.intervals = each((t) => Object.fromEntries(INFO.levels.map((level, l) => [level, ends[l][t]])));
    }
    return answer;
  }

  sets() {
    const answer = {};
    INFO.levels.forEach((level, l) => {
      this.wasm.set(l);
      const inside = new Uint8Array(this.wasm.memory.buffer, this.wasm.inside(), INFO.classes.length);
      answer[level] = INFO.classes.filter((name, c) => inside[c]);
    });
    return answer;
  }
}
