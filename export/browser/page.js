
// ---- what it says, as a sentence and as bars ----
function answers(root) {
  const said = root.querySelector(".answer"), table = root.querySelector("tbody");
  const percent = (p) => `${(100 * p).toFixed(1)} %`;
  const quantity = (y) => String(Number(y.toPrecision(6)));
  function row(name, share, text, strong) {
    const line = document.createElement("tr"), head = document.createElement("th"), bar = document.createElement("td");
    const number = document.createElement("td"), span = document.createElement("span");
    head.scope = "row";
    head.textContent = name;
    bar.className = "bar";
    number.className = "number";
    number.textContent = text;
    if (share !== null) {
      span.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
      bar.append(span);
    }
    if (strong) line.className = "said";
    line.append(head, bar, number);
    table.append(line);
  }
  return {
    none(text, wrong) {
      said.textContent = text;
      said.classList.toggle("wrong", Boolean(wrong));
      table.textContent = "";
    },
    show(answer) {
      this.none("");
      if (answer.values) {
        const names = Object.keys(answer.values);
        said.textContent = names.map((name) => `${names.length > 1 ? name + ": " : ""}${quantity(answer.values[name])}`).join(", ");
        for (const name of names) {
          row(name, null, quantity(answer.values[name]), true);
          for (const [level, [low, high]] of Object.entries((answer.intervals || {})[name] || {}))
            row(`in ${100 * level} % of cases`, null, `${quantity(low)} to ${quantity(high)}`);
          for (const [q, y] of Object.entries((answer.quantiles || {})[name] || {})) row(`${100 * q} % lie below`, null, quantity(y));
        }
      } else if (answer.labels) {
        said.textContent = Object.entries(answer.labels).map(([name, word]) => `${name}: ${word}`).join(", ");
        for (const [name, p] of Object.entries(answer.probabilities)) row(name, p, percent(p), p > 0.5);
      } else {
        said.textContent = `${answer.label}, ${percent(answer.probabilities[answer.label])}`;
        for (const name of INFO.classes) row(name, answer.probabilities[name], percent(answer.probabilities[name]), name === answer.label);
        for (const [level, names] of Object.entries(answer.sets || {}))
          row(`in ${100 * level} % of cases one of`, null, names.join(", ") || "none");
      }
    },
  };
}

async function begin() {
  const out = answers(document.querySelector("#answers")), root = document.querySelector("#inputs");
  const bytes = Uint8Array.from(atob(document.querySelector("#wasm").textContent.trim()), (c) => c.charCodeAt(0));
  const {instance} = await WebAssembly.instantiate(bytes, {});
  const model = new Model(instance);
  window.model = model;
  const changed = (row, mark) => {
    if (row === null) {
      out.none(INFO.image.channels === 3 ? "Choose a picture." : "Draw something.");
      return;
    }
    try {
      out.show(model.predict(row));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      const place = INFO.columns.findIndex((column) => error.message.startsWith(`${column.name}: `));
      if (mark && place >= 0) mark(place);
      out.none(error.message, true);
    }
  };
  if (INFO.image) drawing(root, changed);
  else form(root, changed);
  document.documentElement.dataset.ready = "yes";
}
begin().catch((error) => {
  const said = document.querySelector(".answer");
  said.textContent = `This browser cannot run the model: ${error.message}`;
  said.classList.add("wrong");
});
