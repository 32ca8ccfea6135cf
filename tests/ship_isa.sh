#!/usr/bin/env bash
# run.isa on processors that are not here: qemu emulates one of Intel's with AVX2 and no more, and one with neither AVX nor
# FMA; studies there are those that this processor makes with the same run.isa.   tests/ship_isa.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
emulator=$(command -v qemu-x86_64 || true)
if [ -z "$emulator" ] || [ "$(uname -m)" != x86_64 ] || ! grep -qw avx2 /proc/cpuinfo; then
    what="ship_isa.sh: no qemu-x86_64 (tests/deps.sh --ship), or not on an x86-64 with AVX2"
    [ -n "$emulator" ] || [ -z "${REQUIRE:-}" ] || { echo "FAILED $what"; exit 1; }
    echo "skipped: $what"
    exit 0
fi
unset OPENBLAS_CORETYPE GLIBC_TUNABLES
cat > sweep.yaml <<'YAML'
name: alike
method: bayes
metric: {name: val_log_loss}
run_cap: 8
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 48, q: 8}
  num_layers: {value: 1}
  dropout: {min: 0.0, max: 0.3}
data: {format: digits, rows: 200, test_rows: 50}
train: {epochs: 3, batch_size: 32}
run: {seed: 11, keep_models: 3, lookback: 2, jobs: 2}
YAML
# on CPU ARGUMENTS...: there. What begins again would leave the emulator: it is told from the beginning.
on() { timeout 1200 "$emulator" -cpu "$1" "$consort" "${@:2}" > out 2> err < /dev/null; }
study() { # study ISA CPU SETTINGS...
    local isa=$1 cpu=$2
    shift 2
    ok "$isa here" sweep sweep.yaml -q --dir "$isa" --set run.isa="$isa"
    n=$((n + 1))
    (export "$@"; on "$cpu" sweep sweep.yaml -q --dir "$isa.$cpu" --set run.isa="$isa") || fail "$isa on $cpu"
    for folder in "$isa" "$isa.$cpu"; do "$here/dump.sh" "$consort" "$folder" > "$folder.txt"; done
    n=$((n + 1))
    cmp -s "$isa.txt" "$isa.$cpu.txt" || { diff "$isa.txt" "$isa.$cpu.txt" > out; fail "$isa on $cpu: another study"; }
}
n=$((n + 1))
on Haswell doctor || fail "doctor"
has "the processor that is emulated" out '^kernels +avx2 of sse2, avx2$'
study avx2 Haswell OPENBLAS_CORETYPE=Haswell
study sse2 Nehalem OPENBLAS_CORETYPE=Prescott \
    GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable,-FMA4_Usable
n=$((n + 1))
if (export OPENBLAS_CORETYPE=Prescott; on Nehalem sweep sweep.yaml -q --dir none --set run.isa=avx2); then fail "no AVX2"; fi
has "refused where it is not there" err '^consort: run.isa: avx2: this processor does not have it \(it has sse2\)$'

echo "ship_isa: $n checks, $failed failed"
[ $failed = 0 ]
