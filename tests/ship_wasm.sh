#!/bin/bash
# `export --to wasm`: in Node the loader says what `consort predict` says, row by row; in a browser the page does, of a
# digit that is drawn and of a row that is filled in.   tests/ship_wasm.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
without() { # without WHAT: what cannot be done here
    [ -z "${REQUIRE:-}" ] || { echo "wasm: $1"; exit 1; }
    echo "wasm: skipped: $1 (tests/deps.sh --ship installs it)"
}
ready() {
    command -v clang > /dev/null && command -v wasm-ld > /dev/null && [ -e /usr/include/wasm32-wasi/math.h ]
}
python3 - << 'PY'
import random
random.seed(3)
with open("t.csv", "w") as f:
    f.write('age,"plan <b>",constructor,joined,note,price,size,good,bad\n')
    for i in range(240):
        age, plan, extra = random.randint(18, 80), random.choice(["basic", "pro \"x\"", "été", ""]), random.choice(["NA", "1", "2.5"])
        note = random.choice(["fine", "very good, indeed", "bad", "not so bad"])
        price = "%d,%02d" % (age * 3 + (plan == "basic") * 40, random.randint(0, 99))
        size = "small" if age < 35 else "medium" if age < 60 else "large"
        f.write('%d,"%s",%s,20%02d-%02d-%02d,"%s","%s",%s,%s,%s\n' % (age, plan.replace('"', '""'), extra, random.randint(10, 25),
            random.randint(1, 12), random.randint(1, 28), note, price, size, "yes" if age > 50 else "no", "yes" if extra == "1" else "no"))
# Pictures: strokes, as bytes of an array.
pictures = bytearray(30 * 28 * 28)
for n in range(30):
    x, y = random.randint(6, 20), random.randint(6, 20)
    for step in range(30):
        pictures[n * 784 + y * 28 + x] = random.randint(120, 255)
        x, y = min(25, max(2, x + random.randint(-1, 1))), min(25, max(2, y + random.randint(-1, 1)))
head = "{'descr': '|u1', 'fortran_order': False, 'shape': (30, 28, 28), }"
head += " " * (117 - len(head)) + "\n"
open("p.npy", "wb").write(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + pictures)
PY
export_one() { # export_one NAME LABEL OPTIONS...
    local name=$1 label=$2
    shift 2
    ok "$name" run t.csv --label "$label" --name "$name" --trials 1 --set train.epochs=3 -q "$@"
    ok "$name" export runs/"$name" --to wasm --out web/"$name"
    has "$name" err '^proof: .* decided alike in all$'
    ok "$name" export runs/"$name" --to c --verify compile --out c/"$name"
    has "$name" err '^proof: .*, compiled: .* decided alike in all$'
}
# Without a compiler the packages are named, and nothing is left.
ok digits run digits --trials 1 --set train.epochs=6 --set data.rows=1500 --set data.test_rows=100 -q
mkdir empty
PATH=$PWD/empty "$consort" export runs/digits --to wasm --out none/digits > out 2> err
is "exit code without clang" $? 2
n=$((n + 1))
[ ! -e none ] || fail "without clang something is left"
has "without clang" err 'apt-get install clang lld wasi-libc'
printf '#!/bin/sh\necho "model.c:1: error: no"; exit 1\n' > empty/clang
chmod +x empty/clang
[ -e /usr/include/wasm32-wasi/math.h ] && {
    PATH=$PWD/empty:/usr/bin:/bin "$consort" export runs/digits --to wasm --out none/digits > out 2> err
    is "exit code of a clang that fails" $? 2
    has "a clang that fails" err 'clang failed: model.c:1: error: no'
    n=$((n + 1))
    [ ! -e none ] || fail "of a clang that failed something is left"
}
ready || { without "no clang, wasm-ld or wasi-libc"; echo "wasm: $n checks, $failed failed"; [ $failed = 0 ]; exit; }

ok digits export runs/digits --to wasm --out web/digits --json
has digits out '"page": "web/digits.html"'
export_one classes size --set 'ensemble.intervals=[0.9]'
export_one two good --set 'data.columns={note: text}'
export_one numbers age --set 'ensemble.intervals=[0.8,0.95]'
export_one quantiles age --set 'data.quantiles=[0.1,0.5,0.9]' --set metric.name=val_pinball
export_one labels good,bad
n=$((n + 1))
! ls -a web | grep -q '^\.consort' || fail "the compiler's folder is left"

# ---- Node ----
cat > rows.mjs << 'JS'
// rows.mjs MODEL.mjs DATA PREDICTED: rows of DATA (CSV, or an array of pictures) against what predict --json said.
import {readFile} from "node:fs/promises";
const [, , module, data, predicted] = process.argv;
const {load, info} = await import(new URL(module, `file://${process.cwd()}/`));
const model = await load();
const said = (await readFile(predicted, "utf8")).trim().split("\n").map((line) => JSON.parse(line));
const parse = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(,|$)/g)].slice(0, -1).map((m) => m[1].replace(/^"|"$/g, "").replace(/""/g, '"'));
let rows;
if (info.image) {
  const bytes = (await readFile(data)).subarray(128), size = info.image.height * info.image.width;
  rows = Array.from({length: bytes.length / size}, (_, i) => bytes.subarray(i * size, (i + 1) * size));
} else {
  const lines = (await readFile(data, "utf8")).trim().split("\n"), names = parse(lines[0] + ",").slice(0, 9);
  rows = lines.slice(1).map((line) => {
    const cells = parse(line + ",");
    return Object.fromEntries(names.map((name, j) => [name, cells[j]]));
  });
}
let worst = 0, wrong = 0;
const differ = (a, b, scale = 1) => { worst = Math.max(worst, Math.abs(a - b) / Math.max(scale, Math.abs(b) * (scale > 1))); };
rows.forEach((row, i) => {
  const own = model.predict(row), other = said[i];
  if (own.values) {
    for (const name of Object.keys(own.values)) {
      differ(own.values[name], other.predicted[name], 30);
      for (const level of Object.keys((own.intervals || {})[name] || {}))
        [0, 1].forEach((k) => differ(own.intervals[name][level][k], other.interval[name][level][k], 30));
      for (const q of Object.keys((own.quantiles || {})[name] || {})) differ(own.quantiles[name][q], other.quantiles[name][q], 30);
    }
  } else if (own.labels) {
    for (const name of Object.keys(own.labels)) {
      differ(own.probabilities[name], other.p[name]);
      if (own.labels[name] !== other.predicted[name]) wrong++;
    }
  } else {
    for (const name of info.classes) differ(own.probabilities[name], other.proba[name]);
    if (own.label !== other.label) wrong++;
    for (const level of Object.keys(own.sets || {})) if (own.sets[level].join() !== other.set[level].join()) wrong++;
  }
});
// Numbers as numbers, a missing column as missing, and what is no number refused with its column.
if (info.columns) {
  const place = info.columns.findIndex((column) => column.kind === "numeric" && !column.dressed);
  if (place >= 0) {
    const name = info.columns[place].name, row = {...rows[0], [name]: 41};
    const text = JSON.stringify(model.predict({...rows[0], [name]: "41"}));
    if (JSON.stringify(model.predict(row)) !== text) wrong++;
    const without = {...row};
    delete without[name];
    if (JSON.stringify(model.predict(without)) !== JSON.stringify(model.predict({...row, [name]: NaN}))) wrong++;
    try { model.predict({...row, [name]: "many"}); wrong++; } catch (error) { if (!error.message.includes(name)) wrong++; }
  }
  try { model.predict([1]); wrong++; } catch (error) { if (!(error instanceof RangeError)) wrong++; }
  // What is no row, and what is no cell; each was a prediction of a row of missing cells.
  const first = info.columns[0].name;
  for (const row of [null, 3, "x", {"no such column": 1}, {[first]: {x: 1}}, {[first]: new Date(0)}, {[first]: [1]}])
    try { model.predict(row); wrong++; } catch (error) { if (!(error instanceof TypeError)) wrong++; }
  const zeros = new Array(info.columns.length).fill(0), typed = new Float64Array(zeros.length);
  if (JSON.stringify(model.predict(typed)) !== JSON.stringify(model.predict(zeros))) wrong++;
} else {
  for (const row of [[1], Array.from(rows[0], (level) => level / 255), Array.from(rows[0], (level) => level + 256), null])
    try { model.predict(row); wrong++; } catch (error) { if (!(error instanceof RangeError)) wrong++; }
}
console.log(`${rows.length} rows, ${wrong} wrong, ${worst <= 1e-5 ? "all within 1e-5" : `off by ${worst}`}`);
JS
if command -v node > /dev/null; then
    for name in classes two numbers quantiles labels digits; do
        data=t.csv rows=240 more=()
        [ $name = digits ] && data=p.npy rows=30
        case $name in numbers) more=(--interval all) ;; classes) more=(--proba --interval all) ;; two | digits) more=(--proba) ;; esac
        ok "$name" predict runs/$name $data --json "${more[@]}"
        mv out $name.json
        n=$((n + 1))
        node rows.mjs web/$name.mjs $data $name.json > out 2> err
        is "$name in Node" "$(cat out err)" "$rows rows, 0 wrong, all within 1e-5"
    done
else
    without "no node"
fi

# ---- a browser ----
browser=$("$here/browser.sh" --which) || { without "no Chromium"; echo "wasm: $n checks, $failed failed"; [ $failed = 0 ]; exit; }
ask() { timeout 300 python3 "$here/browser_ask.py" "$browser" "$work/profile" "$@" 2>&1; }
root=document.documentElement
is "the page before anything is drawn" "$(ask "$work/web/digits.html" 1280 "$root.dataset.ready && document.querySelector('.answer').textContent")" "Draw something."
# A one: a line from above to below, with the mouse; then by the keyboard after Clear.
draw="(() => { const c = document.querySelector('#sheet'), b = c.getBoundingClientRect();
    const at = (type, x, y) => c.dispatchEvent(new PointerEvent(type, {pointerId: 1, bubbles: true, cancelable: true, clientX: b.left + x * b.width, clientY: b.top + y * b.height}));
    at('pointerdown', .5, .2); for (let k = 0; k <= 20; k++) at('pointermove', .5, .2 + .03 * k); at('pointerup', .5, .8);
    const rows = [...document.querySelectorAll('tbody tr')].map(r => parseFloat(r.querySelector('.number').textContent));
    return [document.querySelector('.answer').textContent.split(',')[0], rows.length, Math.abs(rows.reduce((a, b) => a + b, 0) - 100) < 1].join(' '); })()"
keys="(() => { document.querySelector('#clear').click(); const c = document.querySelector('#sheet');
    const key = (k) => c.dispatchEvent(new KeyboardEvent('keydown', {key: k, bubbles: true, cancelable: true}));
    const empty = document.querySelector('.answer').textContent;
    for (let k = 0; k < 8; k++) key('ArrowUp'); key(' '); for (let k = 0; k < 16; k++) key('ArrowDown');
    return empty + ' ' + document.querySelector('.answer').textContent.split(',')[0]; })()"
answers=$(ask "$work/web/digits.html" 1280 "$root.dataset.ready && 'ready'" 0 "$draw" 0 "$keys" 390 "$root.scrollWidth - $root.clientWidth + ' over'")
is "a one that is drawn" "$(echo "$answers" | tr '\n' '|')" "ready|1 10 true|Draw something. 1|0 over|"
fill="(() => { const set = (i, v) => { const f = document.querySelector('#field-' + i); f.value = v; f.dispatchEvent(new Event('input')); };
    const said = () => document.querySelector('.answer').textContent;
    set(0, '70'); const old = said(); set(0, '20'); const young = said(); set(0, 'many'); const none = said();
    const marked = document.querySelectorAll('[aria-invalid=true]').length; set(0, ''); set(1, 'basic');
    const named = [...document.querySelectorAll('.field')].every(f => f.querySelector('label').htmlFor === f.querySelector('input, select, textarea').id);
    return [old.split(',')[0], young.split(',')[0], none, marked, named, document.querySelectorAll('tbody tr').length].join('|'); })()"
answers=$(ask "$work/web/two.html" 390 "$root.dataset.ready && 'ready'" 0 "$fill" 0 "$root.scrollWidth - $root.clientWidth + ' over'")
is "a row that is filled in" "$(echo "$answers" | tr '\n' '|')" "ready|yes|no|age: not a number: many|1|true|2|0 over|"
for name in classes numbers quantiles labels; do
    answer=$(ask "$work/web/$name.html" 1280 "$root.dataset.ready && document.querySelectorAll('tbody tr').length > 0 && document.querySelector('.answer').textContent.length > 0 && !document.querySelector('.wrong') && 'it says something'")
    is "the page of $name" "$answer" "it says something"
done
# Nothing is fetched, and what is named by others is text.
n=$((n + 1))
! grep -oE '(src|href)="?(https?:)?//[^"]*' web/*.html || fail "a page names another place"
n=$((n + 1))
! grep -q '<b>' web/classes.html || fail "a column's name is markup"
for scheme in 1 0; do
    "$browser" --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$work/profile" --hide-scrollbars \
        --window-size=1280,1600 --blink-settings=preferredColorScheme=$scheme --screenshot="$work/$scheme.png" \
        "file://$work/web/two.html" > /dev/null 2>&1
done
n=$((n + 1))
{ [ -s 0.png ] && [ -s 1.png ] && ! cmp -s 0.png 1.png; } || fail "dark looks like light"
[ -z "${CONSORT_SHOTS:-}" ] || cp ./*.png web/*.html "$CONSORT_SHOTS"
echo "wasm: $n checks, $failed failed"
[ $failed = 0 ]
