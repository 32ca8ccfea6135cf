#!/usr/bin/env bash
# sweep --join from where the study's folder is not: files travel, and the study and its files are the same, byte for
# byte. What is hidden is hidden by a mount of the guest's own, so this wants root.
#   tests/cli_apart.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
unshare -m sh -c 'mount -t tmpfs tmpfs /mnt' 2> /dev/null ||
    { echo "skipped: cli_apart.sh: nothing can be mounted here (it wants root)"; exit 0; }
can_hold || { echo "skipped: cli_apart.sh: no library can be made that holds trials up: $(head -1 shim.txt)"; exit 0; }
cat > networks.yaml <<'YAML'
name: apart
method: random
metric: {name: val_f1_macro}
run_cap: 14
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 600, q: 8}
  num_layers: {value: 1}
  epochs: {values: [18, 14]}
data: {format: digits, rows: 200, test_rows: 50, split: {type: kfold, folds: 2, seed: 3}}
train: {batch_size: 32, patience: 20}
run: {seed: 11, keep_models: 3, lookback: 4}
YAML
sed 's/keep_models: 3/keep_models: all/' networks.yaml > all.yaml
sed 's/^parameters:/early_terminate: {type: halving, min_iter: 3}\n&/' networks.yaml > halving.yaml
sed 's/^run: {/finalists: {top: 2, seeds: 2}\n&/' networks.yaml > finals.yaml
cat > program.yaml <<'YAML'
name: apart
method: random
program: ./train.sh
command: ["${program}", "${args}"]
metric: {name: loss, goal: minimize}
run_cap: 10
parameters:
  x: {min: 0.0, max: 1.0}
run: {seed: 5, lookback: 4}
YAML
cat > train.sh <<'SH'
#!/bin/sh
# Its own files: one in a folder, a hidden one, an empty one, and a link to what is not its own.
cd "$CONSORT_TRIAL_DIR" && mkdir -p deep/er && : > empty && : > .seen && ln -sf /etc/hostname link || exit 1
cp "$CONSORT_PARAMS" deep/er/copy.json
for i in 1 2 3 4 5 6; do
    echo "$i $1" >> .seen
    echo "{\"loss\": 0.${1#--x=0.}}"
done
rm link
SH
chmod +x train.sh
sed 's/^parameters:/early_terminate: {type: halving, min_iter: 2, max_iter: 6}\n&/' program.yaml > pauses.yaml
mkdir scratch

# host YAML FOLDER TRIAL: runs it, held where trial TRIAL makes a file; guest YAML FOLDER OPTIONS...: joins, with
# nothing in the folder of artifacts.
host() {
    rm -f go
    held "$(printf 'trial-%06d' "$3")" "$PWD/go" exec "$consort" sweep "$1" --dir "$2" -j 1 --progress lines \
        > host.out 2> host.err < /dev/null &
    host=$!
    until_so runs "$2" "$3" # by the host: nobody else is there
}
runs() { [ "$("$consort" query "$1" "SELECT state FROM trial WHERE number = $2" --csv | tail -1)" = RUNNING ]; }
guest() {
    local yaml=$1 folder=$2
    shift 2
    TMPDIR=$PWD/scratch unshare -m sh -c 'mount -t tmpfs tmpfs "$1/artifacts" && shift && exec "$@"' - "$folder" \
        "$consort" sweep "$yaml" --dir "$folder" --join --progress lines "$@" > guest.out 2> guest.err < /dev/null &
    guest=$!
}
ended() { # ended WHAT PID CODE
    n=$((n + 1))
    wait "$2"
    local got=$?
    [ $got = "$3" ] || { cp "$1.out" out; cp "$1.err" err; fail "$1: exit code $got, not $3"; }
}
trained() { [ "$(grep -c 'trained here' guest.err)" -ge "$1" ]; }
same() { # same WHAT WHOLE FOLDER
    n=$((n + 1))
    "$here/dump.sh" "$consort" "$2" > whole.txt
    "$here/dump.sh" "$consort" "$3" > this.txt
    diff whole.txt this.txt > out && diff -r "$2/artifacts" "$3/artifacts" >> out || { : > err; fail "$1: another study"; }
    ok "$1" doctor "$3"
    is "$1: nothing stays where the guest worked" "$(find scratch -mindepth 1)" ""
}

for kind in networks all halving finals program; do
    ok "$kind, one process" sweep "$kind.yaml" --dir "$kind.whole" -j 1 -q
    host "$kind.yaml" "$kind.two" 1
    guest "$kind.yaml" "$kind.two" -j 2
    until_so trained 3 # the host stands in trial 1, and has had trial 0
    : > go
    ended guest "$guest" 0; ended host "$host" 0
    has "$kind: the guest trained" guest.err '[1-9][0-9]* trials? w(as|ere) trained here'
    same "$kind" "$kind.whole" "$kind.two"
done

# ---- a program that waits stands still at the guest; how far it got is chance, what comes of it is not
ok "pauses, one process" sweep pauses.yaml --dir pauses.whole -j 1 -q
host pauses.yaml pauses.two 1
guest pauses.yaml pauses.two -j 2
until_so trained 3
: > go
ended guest "$guest" 0; ended host "$host" 0
for folder in pauses.whole pauses.two; do
    "$here/dump.sh" "$consort" $folder > $folder.txt
    (cd $folder/artifacts && find . -type f | sort) > $folder.files
done
is "pauses: the same study" "$(diff pauses.whole.txt pauses.two.txt)" ""
is "pauses: the same files" "$(diff pauses.whole.files pauses.two.files)" ""

# ---- what a trial that waits has learned goes to the host before anybody asks for it
state_came() { [ -n "$(find state/artifacts -name 'trial-00000[234].0.checkpoint')" ]; }
host halving.yaml state 1
guest halving.yaml state -j 1
until_so state_came
: > go
ended guest "$guest" 0; ended host "$host" 0
same "states" halving.whole state

# ---- and comes back: another guest goes on where the first was
host halving.yaml back 1
guest halving.yaml back -j 1
until_so trained 3
kill -TERM "$guest"
ended guest "$guest" 143
is "a guest that leaves tidies up" "$(find scratch -mindepth 1)" ""
guest halving.yaml back -j 2
: > go
ended guest "$guest" 0; ended host "$host" 0
same "a second guest" halving.whole back

# ---- a guest that is killed, and one that finds its folder
host networks.yaml killed 1
guest networks.yaml killed -j 2
until_so trained 2
kill -9 "$guest"; ended guest "$guest" 137 2> /dev/null
is "it leaves its folder" "$(find scratch -mindepth 1 -maxdepth 1 | wc -l)" 1
left=$(ls scratch)
guest networks.yaml killed -j 1
: > go
ended guest "$guest" 0; ended host "$host" 0
is "which the next removes" "$(find scratch -name "$left")" ""
same "killed" networks.whole killed

# ---- no room: the guest leaves with one line, and the study goes on
host networks.yaml full 1
mkdir small && mount -t tmpfs -o size=64k tmpfs small
TMPDIR=$PWD/small unshare -m sh -c 'mount -t tmpfs tmpfs full/artifacts && exec "$@"' - \
    "$consort" sweep networks.yaml --dir full --join -j 1 > guest.out 2> guest.err < /dev/null
is "a full disk ends the guest" "$?" 1
umount small
has "with its host named" guest.err "^consort: host $(hostname): cannot write .*: the disk is full"
: > go
ended host "$host" 0
same "full" networks.whole full

# ---- the same folder: nothing travels
host networks.yaml shared 1
TMPDIR=$PWD/scratch "$consort" sweep networks.yaml --dir shared --join -j 1 > guest.out 2> guest.err < /dev/null &
guest=$!
until_so trained 1
is "no folder of its own" "$(find scratch -mindepth 1)" ""
is "it writes into the study's" "$(find shared/artifacts -name '*.consort' | head -1 | wc -l)" 1
: > go
ended guest "$guest" 0; ended host "$host" 0
same "shared" networks.whole shared
is "the token goes with the host" "$(find . -name join.token)" ""

echo "cli_apart: $n checks, $failed failed"
[ $failed = 0 ]
