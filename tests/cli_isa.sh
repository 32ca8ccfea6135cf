#!/usr/bin/env bash
# run.isa: the same kernels on any processor that has them. One that has fewer is what the environment makes of this one
# (tests/ship_isa.sh has an emulated one).   tests/cli_isa.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
unset OPENBLAS_CORETYPE GLIBC_TUNABLES
cat > sweep.yaml <<'YAML'
name: alike
method: bayes
metric: {name: val_log_loss}
run_cap: 10
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 48, q: 8}
  num_layers: {value: 1}
  dropout: {min: 0.0, max: 0.3}
data: {format: digits, rows: 200, test_rows: 50}
train: {epochs: 4, batch_size: 32}
run: {seed: 11, keep_models: 3, lookback: 2, jobs: 2}
YAML
study() { # study FOLDER OPTIONS...: what is in it
    ok "$1" sweep sweep.yaml -q --dir "$1" "${@:2}"
    "$here/dump.sh" "$consort" "$1" > "$1.txt"
}
same() { n=$((n + 1)); cmp -s "$2.txt" "$3.txt" || { diff "$2.txt" "$3.txt" > out; : > err; fail "$1: another study"; }; }
numbers() { "$consort" query "$1" "SELECT number, value FROM trial ORDER BY number" --csv | sha256sum; }

ok "doctor" doctor --json
kernels=$(sed -n 's/.*"kernels": "\(.*\)".*/\1/p' out)
has "doctor says which there are" out '"kernels": "[a-z0-9]+ of ([a-z0-9]+, )*[a-z0-9]+"'
expect 2 "no such" config check sweep.yaml --set run.isa=avx3
has "and which are" err 'avx3.*auto.*sse2.*avx2.*avx512'
case $kernels in *sse2*) foreign=neon ;; *) foreign=avx2 ;; esac
ok "a check looks at the file, not at the processor" config check sweep.yaml --set run.isa=$foreign
expect 2 "not on this processor" sweep sweep.yaml --set run.isa=$foreign --dir foreign
has "says so" err "^consort: run.isa: $foreign: this processor does not have it \(it has .+\)$"
is "and begins nothing" "$(ls -d foreign 2> /dev/null)" ""

case $kernels in *avx2*) ;; *)
    skip "cli_isa.sh: a processor without AVX2 and FMA has nothing to take away"
    echo "cli_isa: $n checks, $failed failed"
    [ $failed = 0 ]
    exit ;;
esac
fewer=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4
study whole --set run.isa=avx2
OPENBLAS_CORETYPE=Prescott study again --set run.isa=avx2
same "where OpenBLAS was told otherwise" whole again
GLIBC_TUNABLES=glibc.malloc.perturb=0 study tuned --set run.isa=sse2
OPENBLAS_CORETYPE=Prescott GLIBC_TUNABLES=$fewer study older --set run.isa=sse2
same "sse2 here and on an older processor" tuned older
n=$((n + 1))
[ "$(numbers whole)" != "$(numbers tuned)" ] || fail "kernels of two kinds give the same numbers: nothing was tested"
n=$((n + 1))
"$consort" sweep - -q --dir piped --set run.isa=avx2 < sweep.yaml > out 2> err || fail "a configuration that is read once"
"$here/dump.sh" "$consort" piped > piped.txt
same "from standard input" whole piped

# ---- what a study is
sed 's/jobs: 2/jobs: 1, isa: avx2/' sweep.yaml > written.yaml
ok "written, not said: the same" sweep written.yaml -q --dir whole --trials 11
expect 2 "another" sweep sweep.yaml -q --dir whole
has "says what" err 'another configuration: .*isa'
study plain --set run.isa=auto
ok "auto is what it was without the key" sweep sweep.yaml -q --dir plain --trials 11
ok "the winner's file says it" best whole --yaml
has "so it can be had again" out 'isa: avx2'
ok "the ensemble is built with them" ensemble whole
ok "and the report says which" report whole -q
has "in its machine" whole/report.json '"kernels": "[a-z0-9]+"'

# ---- programs get what the program got
cat > program.yaml <<'YAML'
name: told
command: ["sh", "-c", "echo core $OPENBLAS_CORETYPE; echo '{\"loss\": 1}'"]
method: random
metric: {name: loss}
run_cap: 1
parameters: {x: {min: 0.0, max: 1.0}}
run: {isa: avx2}
YAML
ok "a program" sweep program.yaml -q --dir told
has "is told, too" told/artifacts/trial-000000/log.txt '^core Haswell$'

echo "cli_isa: $n checks, $failed failed"
[ $failed = 0 ]
