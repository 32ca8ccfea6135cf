#!/bin/bash
# A model file is one of safetensors: its own library opens it and finds the arrays that `consort model show` counts, with
# the bytes that lie there; what it writes again, `consort` refuses by name.   tests/ship_safetensors.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
venv=$(dirname "$consort")/venv
have() { "$venv/bin/python" -c 'import safetensors.numpy' 2> /dev/null; }
have || { python3 -m venv "$venv" && "$venv/bin/pip" install -q safetensors numpy; } > pip 2>&1
have || {
    [ -z "${REQUIRE:-}" ] || { echo "safetensors: no Python package safetensors, and pip cannot get it"; exit 1; }
    echo "safetensors: skipped: no Python package safetensors, and pip cannot get it"
    exit 0
}
ok digits run digits --trials 2 --set train.epochs=1 --set data.rows=300 --set data.test_rows=50 -q
cat > look.py << 'PY'
import json, struct, sys
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
import numpy as np
path = sys.argv[1]
raw = open(path, "rb").read()
n = struct.unpack("<Q", raw[:8])[0]
header = json.loads(raw[8:8 + n])
with safe_open(path, "numpy") as f:
    notes, names = f.metadata(), sorted(f.keys())
assert notes["format"] == "consort-model 1" and json.loads(notes["model"])["classes"] == list("0123456789"), notes
assert names == sorted(k for k in header if k != "__metadata__"), names
arrays, numbers = load_file(path), 0
for name in names:
    a, b = header[name]["data_offsets"]
    assert arrays[name].tobytes() == raw[8 + n + a:8 + n + b], name
    assert np.isfinite(arrays[name]).all(), name
    numbers += arrays[name].size
save_file(arrays, "again.safetensors", {k: v for k, v in notes.items() if k != "sha256"})
print(len(names), "arrays of", numbers, "finite numbers")
PY
n=$((n + 1))
"$venv/bin/python" look.py runs/digits/ensemble.consort > out 2> err || fail "safetensors does not read it"
counted=$(cat out)
ok verify model verify runs/digits
has verify out "safetensors, $counted"
for trial in runs/digits/artifacts/*.consort; do
    n=$((n + 1))
    "$venv/bin/python" look.py "$trial" > out 2> err || fail "safetensors does not read $trial"
done
# Written by that library it has no checksum of ours.
expect 3 "written by another" model verify again.safetensors
has "written by another" err 'again.safetensors'
echo "safetensors: $n checks, $failed failed"
[ $failed = 0 ]
