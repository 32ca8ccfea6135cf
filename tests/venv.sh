# tests/venv.sh - Python packages for tests of what is shipped, in an environment of the build folder that is made once.
#     venv_with onnx onnxruntime || ...       sets $python; false, with a line on why: there are none
# With REQUIRE=1 what is missing is a failure, not a skip.
venv_with() {
    local venv
    venv=$(dirname "$consort")/venv
    python=$venv/bin/python
    (
        command -v flock > /dev/null && flock 9
        for package; do "$python" -c "import $package" 2> /dev/null || exit 1; done
    ) 9> "$venv.lock" && return 0
    (
        command -v flock > /dev/null && flock 9
        [ -x "$python" ] || python3 -m venv "$venv"
        "$python" -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 20 "$@"
    ) 9> "$venv.lock" > "$work/venv.out" 2>&1 && return 0
    if [ -n "${REQUIRE-}" ]; then
        cat "$work/venv.out"
        fail "Python packages $*"
    else
        skip "pip gets no $* for Python: $(tail -1 "$work/venv.out" | head -c 200)"
    fi
    return 1
}
