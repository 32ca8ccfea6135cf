#!/bin/bash
# The wheel: made, small, without a library that is not everywhere; installed into an environment of its own with what
# people have beside it, and held to what it promises (tests/python_package.py).   tests/ship_python.sh CONSORT
# Needs python3 with venv, and pip's way to its registry; REQUIRE=1 fails where they are missing.
. "${BASH_SOURCE%/*}/expect.sh"
root=${here%/*} built=${consort%/*}
leave() { # leave WHY: nothing can be tested here
    echo "skipped: the Python package: $1"
    [ "${REQUIRE:-}" != 1 ]
    exit
}
nm -D "$consort" | grep -q __asan_init && leave "no wheel is made of a build with sanitizers"
python3 -c 'import venv, ensurepip' 2> /dev/null || leave "python3 has no venv (apt-get install python3-venv)"
[ -e /usr/lib/"$(gcc -print-multiarch)"/blas/libblas.a ] || leave "Netlib's static libraries are not there (libblas-dev liblapack-dev)"

venv=$built/venv-python # fresh: of nothing but what people have
if [ ! -x "$venv/bin/consort-ready-2" ]; then
    rm -rf "$venv"
    { python3 -m venv "$venv" && "$venv/bin/python" -m pip install -q numpy scipy scikit-learn pandas onnxruntime; } > out 2> err \
        || leave "pip cannot install scikit-learn and onnxruntime: $(tail -1 err)"
    for also in polars twine auditwheel; do # each is tried where it can be had
        "$venv/bin/python" -m pip install -q $also > out 2> err || echo "without $also: $(tail -1 err)"
    done
    ln -s python "$venv/bin/consort-ready-2"
fi
n=$((n + 1))
rm -f "$root"/dist/consort-*.whl
make -s -C "$root" B="$(realpath --relative-to="$root" "$built")" wheel > out 2> err || fail "make wheel"
wheel=$(ls "$root"/dist/consort-*.whl)
n=$((n + 1))
[ "$(stat -c %s "$wheel")" -le 6000000 ] || fail "$wheel is larger than 6 MB"
n=$((n + 1))
"$venv/bin/python" -m pip install -q --force-reinstall --no-deps "$wheel" > out 2> err || fail "pip install"
is "the program inside" "$("$venv/bin/consort" --version)" "$("$consort" --version)"
is "and as a module" "$("$venv/bin/python" -m consort --version)" "$("$consort" --version)"
is "what is installed fits" "$("$venv/bin/python" -m pip check)" "No broken requirements found."
if "$venv/bin/python" -c 'import twine' 2> /dev/null; then
    n=$((n + 1))
    "$venv/bin/python" -m twine check --strict "$wheel" > out 2> err || fail "what the wheel says of itself"
fi
if "$venv/bin/python" -c 'import auditwheel' 2> /dev/null; then
    tag=${wheel##*-none-} tag=${tag%.whl}
    n=$((n + 1))
    "$venv/bin/python" -m auditwheel show "$wheel" > out 2> err && grep -qF "constrains the platform tag to \"$tag\"" out \
        || fail "the tag $tag"
fi
"$venv/bin/python" -c 'import consort._library as l, subprocess, os
print(subprocess.run(["ldd", os.path.join(os.path.dirname(l.__file__), "native", "libconsort.so.0")], capture_output=True, text=True).stdout)' > out
is "what it needs" "$(awk '/=>/ { print $1 }' out | sort | tr '\n' ' ')" "libc.so.6 libgomp.so.1 libm.so.6 "
n=$((n + 1))
OMP_NUM_THREADS=1 timeout 1200 "$venv/bin/python" "$here/python_package.py" "$consort" "${2:-}" > out 2> err || fail "what the package promises"
tail -1 out
echo "python: $n checks, $failed failed"
[ $failed = 0 ]
