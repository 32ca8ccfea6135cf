
// "%Y-%m-%d[ %H:%M]" as a date of that form.
function dateLike(format) {
  const parts = {Y: "2024", y: "24", m: "06", d: "15", H: "12", I: "12", M: "30", S: "00", b: "Jun", B: "June", p: "PM"};
  let depth = 0, text = "";
  for (const letter of format) { // what stands in brackets may be left out
    depth += letter === "[" ? 1 : 0;
    if (depth === 0) text += letter;
    depth -= letter === "]" ? 1 : 0;
  }
  return text.replace(/%([A-Za-z])/g, (all, letter) => parts[letter] || "");
}

// ---- a row is filled in: a field a column, a choice of words where they are known ----
function form(root, changed) {
  const fields = INFO.columns.map((column, j) => {
    const field = document.createElement("div"), label = document.createElement("label");
    const words = column.levels;
    const input = document.createElement(words ? "select" : column.kind === "text" ? "textarea" : "input");
    field.className = "field";
    input.id = `field-${j}`;
    label.htmlFor = input.id;
    label.textContent = column.name;
    if (words) {
      for (const word of ["", ...words]) {
        const option = document.createElement("option");
        option.value = word;
        option.textContent = word === "" ? "(missing)" : word;
        input.append(option);
      }
      input.value = words.length ? words[0] : "";
    } else if (column.kind !== "text") {
      input.type = "text";
      input.autocomplete = "off";
      if (column.kind === "numeric") input.inputMode = "decimal";
      input.placeholder = column.kind === "date" ? dateLike(column.format || "") : "missing";
      if (column.typical !== undefined) input.value = column.typical;
    }
    field.append(label, input);
    input.addEventListener("input", tell);
    root.append(field);
    return input;
  });
  function tell() {
    for (const field of fields) field.removeAttribute("aria-invalid");
    changed(fields.map((field) => (field.value === "" ? null : field.value)), (place) => {
      fields[place].setAttribute("aria-invalid", "true");
    });
  }
  tell();
}
