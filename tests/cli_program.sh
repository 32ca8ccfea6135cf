#!/bin/bash
# Sweeps of any program: what it is called with, how what it says is read, every way in which it can
# fail, that nothing of it is left running, and that the study is the same for any number of jobs and
# after kills.   tests/cli_program.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export TERM=dumb
# ask STUDY SQL: one value
ask() { "$consort" query "runs/$1" "$2" --csv | tail -1 | sed 's/^"\(.*\)"$/\1/; s/""/"/g'; }
# gone NAME FILES...: no process whose number stands in one of the files is alive
gone() {
    local name=$1 file
    shift
    n=$((n + 1))
    for file in "$@"; do until_so not_alive "$(cat "$file")" || fail "$name: $file is still running"; done
}
not_alive() { ! kill -0 "$1"; }
# It has ended, but nobody has taken leave of it yet.
dead() { not_alive "$1" || grep -q "^State:.Z" "/proc/$1/status"; }
wait_for() { until_so [ -s "$1" ]; } # FILE

# ---- what it is called with ----------------------------------------------------------------------

cat > say.sh <<'SH'
#!/bin/sh
# Writes its arguments, one a line, and what is in its environment.
for word in "$@"; do echo "$word"; done > "words-$CONSORT_TRIAL"
cp "$WANDB_SWEEP_PARAM_PATH" "wandb-$CONSORT_TRIAL"
env | grep -E '^(CONSORT|PYTHONUNBUFFERED)' | sed 's/=.*tmp[^ ]*\//=/' | sort > "env-$CONSORT_TRIAL"
cp "$CONSORT_PARAMS" "params-$CONSORT_TRIAL"
[ -d "$CONSORT_TRIAL_DIR" ] && echo '{"loss": 1}'
SH
chmod +x say.sh
parameters='parameters:
  lr: {value: 0.00001}
  width: {value: 64}
  rate: {value: 3.0}
  flag: {value: true}
  off: {value: false}
  word: {value: "a b*"}
  list: {value: [64, a, 0.5, true]}
  only: {value: 1, when: "width < 10"}
  optimizer: {parameters: {name: {value: sgd}, schedule: {parameters: {warm: {value: 2}}}}}'
words() { # NAME WORDS WANT...: a command of these words gets these arguments
    local name=$1 words=$2
    shift 2
    rm -rf runs/words words-0
    printf '%s\n' "name: words" "program: say.sh" "command: $words" "method: grid" \
        "metric: {name: loss}" "$parameters" > words.yaml
    TWO="x y" ok "words_$name" sweep words.yaml -q
    printf '%s\n' "$@" > want
    n=$((n + 1))
    cmp -s want words-0 || { fail "words_$name: $words"; diff want words-0 | sed 's/^/    /'; }
}
# shellcheck disable=SC2016
{
words args '["${program}", "${args}"]' --lr=1e-05 --width=64 --rate=3.0 --flag=True --off=False \
    '--word=a b*' "--list=[64, 'a', 0.5, True]" --optimizer.name=sgd --optimizer.schedule.warm=2
has env env-0 '^CONSORT_SEED=[0-9]+$'
has env env-0 '^CONSORT_STUDY=words$'
has env env-0 '^CONSORT_TRIAL=0$'
has env env-0 '^PYTHONUNBUFFERED=1$'
is env "$(grep -c . env-0)" 9
is params "$(cat params-0)" '{"lr":1e-05,"width":64,"rate":3.0,"flag":true,"off":false,"word":"a b*","list":[64,"a",0.5,true],"optimizer":{"name":"sgd","schedule":{"warm":2}}}'
is wandb "$(head -4 wandb-0 | tr '\n' '|')" 'wandb_version: 1||"lr":|  value: 1.0e-05|'
is wandb_nested "$(tail -2 wandb-0 | tr '\n' '|')" '"optimizer":|  value: {"name":"sgd","schedule":{"warm":2}}|'
words no_hyphens '["${program}", x, "${args_no_hyphens}", 1.50]' x lr=1e-05 width=64 rate=3.0 flag=True \
    off=False 'word=a b*' "list=[64, 'a', 0.5, True]" optimizer.name=sgd optimizer.schedule.warm=2 1.50
words booleans '["${env}", "${program}", "${args_no_boolean_flags}"]' --lr=1e-05 --width=64 --rate=3.0 \
    --flag '--word=a b*' "--list=[64, 'a', 0.5, True]" --optimizer.name=sgd --optimizer.schedule.warm=2
words equals '["${program}", "${args_no_equals}"]' --lr 1e-05 --width 64 --rate 3.0 --flag True --off False \
    --word 'a b*' --list "[64, 'a', 0.5, True]" --optimizer.name sgd --optimizer.schedule.warm 2
words hydra '["${program}", "${args_append_hydra}"]' +lr=1e-05 +width=64 +rate=3.0 +flag=True +off=False \
    '+word=a b*' "+list=[64, 'a', 0.5, True]" +optimizer.name=sgd +optimizer.schedule.warm=2
words json '["${program}", "${args_json}", "a${envvar:TWO}b${envvar:TWO}"]' "$(cat params-0)" 'ax ybx y'
words json_file '["${program}", "${args_json_file}"]' "$(pwd -P)/runs/words/artifacts/trial-000000/params.json"
}
# What other people's files hold: null, maps, lists of lists, tags for PyYAML's sake, names with signs in
# them, both forms of hyperband. And all of it comes back from the database when the study is continued.
cat > wild.yaml <<'YAML'
program: say.sh
command: ["${env}", "${program}", "${args_no_hyphens}"]
method: grid
project: tests
controller: {type: local}
metric: {goal: minimize, name: loss}
early_terminate: {type: hyperband, min_iter: 3, s: 2, eta: 3, max_iter: 27}
parameters:
  net/layers: {values: [[[8, 4], [2]], []]}
  ++opt: {values: [{name: sgd, lr: !!float 1e-3, nested: {x: null}}]}
  none: {values: [null, None]}
  flag: {value: True}
  one: {value: !!float 1}
YAML
ok wild_check config check wild.yaml
has wild_check err 'wild.yaml:7: `min_iter` is not looked at beside `max_iter`, as in W&B'
ok wild sweep wild.yaml --trials 2 -q
ok wild_continued sweep wild.yaml -q
is wild "$(cat words-0 words-1 words-2 words-3)" "net/layers=[[8, 4], [2]]
++opt={'name': 'sgd', 'lr': 0.001, 'nested': {'x': None}}
none=None
flag=True
one=1.0
net/layers=[[8, 4], [2]]
++opt={'name': 'sgd', 'lr': 0.001, 'nested': {'x': None}}
none=None
flag=True
one=1.0
net/layers=[]
++opt={'name': 'sgd', 'lr': 0.001, 'nested': {'x': None}}
none=None
flag=True
one=1.0
net/layers=[]
++opt={'name': 'sgd', 'lr': 0.001, 'nested': {'x': None}}
none=None
flag=True
one=1.0"
is wild_json "$(cat params-0)" '{"net/layers":[[8,4],[2]],"++opt":{"name":"sgd","lr":0.001,"nested":{"x":null}},"none":null,"flag":true,"one":1.0}'
is wild_view "$(ask wild 'SELECT count(DISTINCT net_layers) FROM wild')" 2
ok wild_best best wild --yaml
cp out wild-best.yaml
ok wild_train train wild-best.yaml -q
rm -rf runs/wild@*
if command -v python3 > /dev/null; then # the default command; a program beside its file
    mkdir elsewhere
    printf 'import json, sys\nprint(json.dumps({"loss": len(sys.argv)}))\n' > elsewhere/train.py
    printf '%s\n' "program: train.py" "metric: {name: loss}" "method: grid" "$parameters" > elsewhere/python.yaml
    ok python sweep elsewhere/python.yaml -q
    is python "$(ask python "SELECT value FROM best")" 10
fi

# ---- a search, with early termination ------------------------------------------------------------

cat > train.sh <<'SH'
#!/bin/sh
# Nine epochs of a loss that ends at (x - 0.3)^2 + penalty, and what a terminated one does: it goes on.
trap 'echo terminated >&2' TERM
echo "starting $*"
for word in "$@"; do
    case $word in --x=*) x=${word#*=} ;; --kind=b) penalty=0.5 ;; esac
done
for epoch in 1 2 3 4 5 6 7 8 9; do
    awk -v x="$x" -v p="${penalty:-0}" -v e=$epoch -v s="$CONSORT_SEED" 'BEGIN {
        printf "{\"epoch\": %d, \"val\": {\"loss\": %.12g}, \"lr\": %g, \"seen\": %d}\n", e,
               (x - 0.3) ^ 2 + p + 1 / e + 1e-3 * (s % 7), 0.1 / e, 100 * e }'
    [ -n "${SLOW:-}" ] && sleep "$SLOW"
done
echo '{"val": {"loss": 0.5}, "epoch": 3, "note": "not a new epoch"}' > /dev/null
echo finished >&2
SH
chmod +x train.sh
cat > search.yaml <<'YAML'
program: train.sh
command: ["${program}", "${args}"]
method: bayes
metric: {name: val/loss}
run_cap: 16
early_terminate: {type: hyperband, min_iter: 3, eta: 2}
parameters:
  x: {min: 0.0, max: 1.0}
  kind: {values: [a, b]}
run: {seed: 5, lookback: 2, grace: 1s}
YAML
ok check config check search.yaml
has check out 'search.yaml: ok: bayes over 2 parameters .*, val/loss$'
ok resolve config resolve search.yaml
lacks resolve out '^(data|train|ensemble|preset):'
cp out resolved.yaml
ok resolve_again config resolve resolved.yaml
n=$((n + 1))
cmp -s out resolved.yaml || fail "resolve_again: a resolved configuration resolves to another"
ok dry_run sweep search.yaml --dry-run
has dry_run out '^metric +val/loss, smaller is better'
has dry_run out '^jobs +1$'
ok search sweep search.yaml --name one
has search out '^best trial [0-9]+: val/loss 0\.1'
has search err '^trial [0-9]+ pruned +val/loss '
is search_trials "$(ask one "SELECT count(*) FROM trial")" 16
is search_pruned "$(ask one "SELECT count(*) > 0 AND min(epochs) >= 3 AND max(epochs) < 9 FROM trial
    WHERE state = 'PRUNED'")" 1
is search_complete "$(ask one "SELECT count(*) > 0 AND min(epochs) = 9 AND max(epochs) = 9 FROM trial
    WHERE state = 'COMPLETE'")" 1
is search_epochs "$(ask one "SELECT count(*) FROM epoch e JOIN trial t USING (trial_id)
    WHERE t.epochs < e.epoch OR abs(e.lr - 0.1 / e.epoch) > 1e-6")" 0
is search_metrics "$(ask one "SELECT group_concat(name || '=' || value) FROM (SELECT name, m.value FROM metric m
    JOIN trial USING (trial_id) WHERE number = 0 AND name <> 'val/loss' ORDER BY name)")" 'lr=0.0111111,seen=900.0'
ok jobs sweep search.yaml --name two -j 2 -q
dump() { # of what a study must repeat: logs are the program's own
    "$here/dump.sh" "$consort" "runs/$1" | sed "s/^$1,/STUDY,/" | grep -v 'log,artifacts/'
}
dump one > one.txt
dump two > two.txt
n=$((n + 1))
cmp -s one.txt two.txt || { fail "two jobs give another study"; diff one.txt two.txt | head -5; }
is dump_length "$(($(wc -l < one.txt) > 150))" 1

# Killed again and again, it ends as if it had not been.
kills=0
kill_sweeps() { # TIMES PAUSE CONFIG NAME: programs that wait PAUSE after each report
    local times=$1 pid
    while [ "$times" -gt 0 ]; do
        SLOW=$2 "$consort" sweep "$3" --name "$4" -j 2 -q --json > events 2> /dev/null &
        pid=$!
        until_told $((RANDOM % 4)) events $pid
        sleep "0.0$((RANDOM % 90 + 10))" # somewhere in the trial after
        kill -KILL $pid 2> /dev/null
        wait $pid 2> /dev/null
        kills=$((kills + 1)) times=$((times - 1))
    done
}
kill_sweeps 4 0.01 search.yaml killed
ok killed sweep search.yaml --name killed -j 2 -q
dump killed > killed.txt
n=$((n + 1))
cmp -s one.txt killed.txt || { fail "a killed study differs"; diff one.txt killed.txt | head -5; }

# Halving: a program that is paused stands still and goes on where it was; nobody is started twice, and nobody
# stays. What it wrote at once is heard rung by rung, like what it writes later.
sed 's|^early.*|early_terminate: {type: halving, max_iter: 9, min_iter: 2}|; s/^run_cap: 16/run_cap: 20/' \
    search.yaml > halving.yaml
cat > counted.sh <<'SH'
#!/bin/sh
echo $$ >> "$CONSORT_STUDY_DIR/started-$CONSORT_TRIAL"
exec ./train.sh "$@"
SH
chmod +x counted.sh
sed -i 's/^program: .*/program: counted.sh/' halving.yaml
ok halving sweep halving.yaml --name halved -j 1 -q
SLOW=0.02 ok halving_slow sweep halving.yaml --name halved_slow -j 2 -q
dump halved > halved.txt
dump halved_slow > halved_slow.txt
n=$((n + 1))
cmp -s halved.txt halved_slow.txt || { fail "slow programs and two jobs give another study"; diff halved.txt \
    halved_slow.txt | head -5; }
is halving_rungs "$(ask halved "SELECT group_concat(r || ':' || e) FROM (SELECT rung AS r, max(epochs) AS e FROM trial
    GROUP BY 1 ORDER BY 1)")" '1:2,2:6,3:9'
is halving_states "$(ask halved "SELECT count(*) FROM trial WHERE state = 'COMPLETE' AND epochs = 9")" \
    "$(ask halved "SELECT count(*) FROM trial WHERE rung = 3")"
is halving_cpu "$(ask halved "SELECT count(*) FROM trial WHERE cpu_s > 0")" 20
is halving_peak "$(ask halved "SELECT count(*) FROM trial WHERE state = 'COMPLETE' AND peak_bytes IS NULL")" 0
is halving_epochs "$(ask halved "SELECT count(*) = (SELECT sum(epochs) FROM trial) FROM epoch")" 1
is halving_started "$(cat runs/halved_slow/started-* | wc -l)" 20
gone halving_gone runs/halved_slow/started-*
# Killed: those that stood still are gone, and run again from their start.
kill_sweeps 3 0.02 halving.yaml halved_killed
ok halving_killed sweep halving.yaml --name halved_killed -j 2 -q
dump halved_killed > halved_killed.txt
n=$((n + 1))
cmp -s halved.txt halved_killed.txt || { fail "halving: a killed study differs"; diff halved.txt \
    halved_killed.txt | head -5; }
for file in runs/halved_killed/started-*; do tail -1 "$file" > "$file.last"; done
gone halving_killed_gone runs/halved_killed/started-*.last

# What a program took, counted with the child it waited for: some processor time, more than 32 MB.
cat > burn.sh <<'SH'
#!/bin/sh
awk 'BEGIN { while (i < 3000000) i++; s = "x"; for (k = 0; k < 25; k++) s = s s }'
echo '{"loss": 1}'
SH
chmod +x burn.sh
printf '%s\n' "name: burn" "program: burn.sh" "command: [\"\${program}\"]" "method: grid" "metric: {name: loss}" \
    "parameters: {x: {value: 1}}" > burn.yaml
ok burn sweep burn.yaml -q
is burn "$(ask burn "SELECT cpu_s > 0.02 AND cpu_s <= 1.5 * secs + 0.1 AND peak_bytes > 32e6 FROM trial")" 1

# Several goals at once.
sed 's|^metric:.*|metrics: [{name: val/loss}, {name: seen, goal: maximize}]|; /^early/d; s/run_cap: 16/run_cap: 4/' \
    search.yaml > goals.yaml
ok goals sweep goals.yaml -q
is goals "$(ask goals "SELECT count(DISTINCT name) FROM metric WHERE name IN ('val/loss', 'seen')")" 2
sed 's/{name: seen,/{name: sen,/' goals.yaml > no_goal.yaml
expect 5 no_goal sweep no_goal.yaml -q
is no_goal "$(ask no_goal "SELECT fail_code || fail_text FROM trial LIMIT 1")" \
    'NO_METRICit never reported `sen`; did you mean `seen`?'

# ---- looking at it -------------------------------------------------------------------------------

ok ls ls one --top 2 --csv
is ls "$(wc -l < out)" 3
ok show show one 0
has show out '^trial 0 of one: COMPLETE, val/loss 0\.'
has show out '^log +runs/one/artifacts/trial-000000/log.txt$'
lacks show out 'weights'
has log runs/one/artifacts/trial-000000/log.txt '^starting --x='
has log runs/one/artifacts/trial-000000/log.txt '^finished$'
ok show_json show one 0 --json
has show_json out '"log": "runs/one/artifacts'
ok status status one
ok best best one
has best out '^  x '
ok best_other best one --metric seen:max
has best_other out '^trial [0-9]+  seen 900$'
ok importance importance one
ok report report one
lacks report runs/one/report.md 'validation|test set|weights'
has report runs/one/report.md 'reaches a val/loss of 0\.1'
ok yaml best one --yaml
cp out winner.yaml
ok train train winner.yaml -q
has train out '^val/loss 0\.1'
is train "$(cut -c1-20 < out)" "val/loss $(ask one "SELECT printf('%.6g', value) FROM best")"
ok run run search.yaml --name one
has run out '^report  runs/one/report.html$'
expect 2 ensemble ensemble one
has ensemble err 'study one runs a program of yours'
expect 2 evaluate evaluate one --final
has evaluate err 'study one runs a program of yours'
expect 2 train_out train winner.yaml --out model.consort
sed 's/run_cap: 16/run_cap: 17/' search.yaml > more.yaml
ok continued sweep more.yaml --name one -q
is continued "$(ask one "SELECT count(*) FROM trial")" 17
expect 2 other sweep search.yaml --name one --set run.seed=6

# ---- every way to say it, and every way to fail --------------------------------------------------

cat > ways.sh <<'SH'
#!/bin/sh
case ${1#way=} in
last) echo '{"loss": 3}'; echo '{"loss": 2, "acc": 0.5}'; echo no json; echo '{"acc": 0.75}' ;;
no_newline) printf '{"loss": 2}' ;;
crlf) printf '  {"loss": 2}\r\nbye\r\n' ;;
python) echo "{'loss': 2.0, 'epoch': 1.0, 'nice': True, 'none': None, 'it\\'s': 'a \"b\"', 'x': nan}" ;;
file) printf '{"loss": 4}\n' > "$CONSORT_METRICS"; sleep 0.15; printf '{"loss": 2}\n' >> "$CONSORT_METRICS" ;;
pretty) printf '{\n  "acc": 1,\n  "loss": 2\n}\n' > "$CONSORT_METRICS" ;;
rewritten) for l in 4 3 2; do echo "{\"loss\": $l}" > "$CONSORT_METRICS"; done ;;
replaced) for l in 4 3 2; do echo "{\"loss\": $l}" > m; mv m "$CONSORT_METRICS"; done ;;
both) echo '{"loss": 2}' > "$CONSORT_METRICS"; echo '{"loss": 7}' ;;
summary) for e in 0 1 2; do echo "{\"step\": $e, \"loss\": 3}"; done; echo '{"step": 2, "loss": 2.5}'; echo '{"loss": 2}' ;;
binary) head -c 300000 /dev/urandom; echo; echo '{"loss": 2}' ;;
zeros) head -c 3000000 /dev/zero; echo; echo '{"loss": 2}' ;;
long) awk 'BEGIN { printf "{\"loss\": 9"; for (i = 0; i < 400000; i++) printf ", \"a%d\": 1", i; print "}" }'; echo '{"loss": 2}' ;;
names) awk 'BEGIN { for (i = 0; i < 2000; i++) printf "{\"n%d\": 1}\n", i }'; echo '{"loss": 2}' ;;
deep) awk 'BEGIN { for (i = 0; i < 100000; i++) printf "{\"a\": " ; print "1" }'; echo '{"loss": 2}' ;;
closed) echo '{"loss": 2}'; exec >&- 2>&-; sleep 0.2 ;;
child) echo '{"loss": 2}'; sleep 1000 & echo $! > child.pid ;;
exit) echo '{"loss": 2}'; echo 'Traceback: ...' >&2; printf 'ValueError: bad \033[1mlr\n\n' >&2; exit 3 ;;
crash) echo '{"loss": 2}'; kill -SEGV $$ ;;
hang) trap '' TERM; echo waiting >&2; echo $$ > hang.pid; while :; do sleep 0.1; done ;;
silent) echo nothing; echo '{"los": 1}' ;;
dumb) : ;;
nan) echo '{"loss": 1}'; echo '{"loss": NaN}' ;;
infinite) echo '{"loss": -Infinity}' ;;
words) echo '{"loss": "low"}' ;;
stdin) read -r line || echo '{"loss": 2}' ;;
esac
SH
chmod +x ways.sh
good="last no_newline crlf python file pretty rewritten replaced both summary binary zeros long names deep closed child stdin"
bad="exit crash silent dumb nan infinite words"
cat > ways.yaml <<YAML
command: ["./ways.sh", "\${args_no_hyphens}"]
method: grid
metric: {name: loss}
parameters: {way: {values: [${good// /, }, ${bad// /, }]}}
run: {jobs: 2}
YAML
# A cap of its own for the one that needs it: how long the others take is nobody's business.
sed 's/{values: .*/{value: hang}}/; s/^run: .*/run: {trial_time_cap: 3s, grace: 300ms}/' ways.yaml > hang.yaml
"$consort" sweep hang.yaml -q > hang.out 2> hang.err < /dev/null & hang=$!
ok ways sweep ways.yaml -q
wait $hang
is hang $? 5
for way in $good; do
    is "way_$way" "$(ask ways "SELECT state || ' ' || value || ' ' || coalesce(fail_text, '') FROM trial JOIN param
        USING (trial_id) WHERE txt = '$way'")" 'COMPLETE 2.0 '
done
of() { ask ways "SELECT $2 FROM trial JOIN param USING (trial_id) WHERE txt = '$1'"; }
failure() { # WAY CODE TEXT
    is "way_$1" "$(of "$1" "fail_code || ': ' || fail_text")" "$2: $3"
}
failure exit EXIT 'exit code 3: ValueError: bad lr'
failure crash CRASHED 'ended by signal 11 (SIGSEGV)'
# It may not have come to say so.
is way_hang "$(ask hang "SELECT fail_code || ': ' || fail_text FROM trial")" \
    "TIMEOUT: run.trial_time_cap of 3 s reached$([ ! -e hang.pid ] || echo ': waiting')"
failure silent NO_METRIC 'it never reported `loss`; did you mean `los`?'
failure dumb NO_METRIC 'it never reported `loss`: no line of its output, nor CONSORT_METRICS, is {"loss": ...}'
failure nan DIVERGED '`loss` ended as no finite number'
failure infinite DIVERGED '`loss` ended as no finite number'
failure words NO_METRIC 'it reported `loss`, but never as a number'
gone way_child child.pid
[ ! -e hang.pid ] || gone way_hang hang.pid
is way_summary "$(of summary epochs)" 3
is way_last "$(of last epochs)" 2
is way_file "$(of file epochs)" 2
is way_python "$(of python epochs)" 1
is way_names "$(ask ways "SELECT count(*) FROM metric JOIN param USING (trial_id) WHERE txt = 'names'")" 256
log=runs/ways/$(ask ways "SELECT path FROM artifact JOIN param USING (trial_id) WHERE txt = 'zeros'")
is way_log "$(($(wc -c < "$log") < 70000))" 1
has way_log "$log" 'the first [0-9]+ bytes are left out'
has way_log "$log" '^\{"loss": 2\}$'

# Without a metric, to end well is all that counts.
# shellcheck disable=SC2016
printf '%s\n' 'command: ["./ways.sh", "${args_no_hyphens}"]' 'method: grid' \
    'parameters: {way: {values: [last, exit]}}' > plain.yaml
ok plain sweep plain.yaml -q
is plain "$(ask plain "SELECT group_concat(state) FROM (SELECT state FROM trial ORDER BY number)")" COMPLETE,FAILED

# ---- Ctrl-C, and being killed --------------------------------------------------------------------

cat > stay.sh <<'SH'
#!/bin/sh
# Runs until it is told to end, with a child of its own.
trap 'echo told > told; kill $child; exit 0' TERM
sleep 1000 & child=$!
echo $child > child.pid
echo '{"loss": 1}'
echo $$ > own.pid
wait
SH
chmod +x stay.sh
printf '%s\n' 'command: [./stay.sh]' 'method: random' 'run_cap: 3' 'metric: {name: loss}' \
    'parameters: {x: {min: 0.0, max: 1.0}}' 'run: {grace: 20m}' > stay.yaml
stay() { # NAME SIGNAL: sent once the program is there; its exit code is `got`
    rm -f ./*.pid told
    "$consort" sweep stay.yaml --name "$1" > out 2> err &
    local pid=$!
    wait_for own.pid
    kill "-$2" $pid
    wait $pid 2> /dev/null
    got=$?
    gone "$1" own.pid child.pid
}
stay interrupted TERM
is interrupted $got 143
has interrupted err 'asking the running programs to end'
is interrupted "$(cat told)" told
is interrupted "$(ask interrupted "SELECT state || count(*) FROM trial")" INTERRUPTED1
stay murdered KILL
is murdered $got 137
n=$((n + 1))
[ ! -e told ] || fail "murdered: the program was asked, and it cannot have been"

# A program that does not listen: the grace, or a second signal, which does not wait for it.
printf '%s\n' '#!/bin/sh' "trap '' TERM" 'echo $$ > own.pid' 'while :; do sleep 0.1; done' > deaf.sh
chmod +x deaf.sh
sed 's/stay.sh/deaf.sh/' stay.yaml > deaf.yaml
rm -f own.pid
"$consort" sweep deaf.yaml > out 2> err &
pid=$!
wait_for own.pid
kill -TERM $pid
until_so grep -q 'asking the running programs to end' err
n=$((n + 1))
kill -0 "$(cat own.pid)" 2> /dev/null || fail "deaf: it is gone before its grace"
kill -TERM $pid
wait $pid 2> /dev/null
is deaf $? 143
gone deaf own.pid
ok deaf_status status deaf
rm -f own.pid
"$consort" sweep deaf.yaml --name hard --set run.grace=200ms > out 2> err &
pid=$!
wait_for own.pid
kill -TERM $pid
wait $pid 2> /dev/null
is hard $? 143
gone hard own.pid
is hard "$(ask hard "SELECT state FROM trial")" INTERRUPTED

# A signal for all processes at once (scancel) may reach the program first. The same without a stop is a failure.
printf '%s\n' '#!/bin/sh' 'echo $$ > own.pid' 'echo "{\"loss\": 1}"' 'while :; do sleep 0.1; done' > first.sh
chmod +x first.sh
sed 's/stay.sh/first.sh/; s/run_cap: 3/run_cap: 1/' stay.yaml > first.yaml
for told in USR1 TERM nobody; do
    rm -f own.pid
    "$consort" sweep first.yaml --name "$told" > out 2> err &
    pid=$!
    wait_for own.pid
    own=$(cat own.pid)
    [ $told = nobody ] || stand_still $pid # so that it finds both when it looks
    kill "-${told/nobody/TERM}" "$own"
    until_so dead "$own"
    [ $told = nobody ] || { kill "-$told" $pid; kill -CONT $pid; }
    wait $pid 2> /dev/null
    case $told in
    USR1) is first $? 138 ;;
    TERM) is first $? 143 ;;
    *) is first $? 5 ;;
    esac
    is first "$(ask "$told" "SELECT state || coalesce(fail_code, '') FROM trial")" \
        "$([ $told = nobody ] && echo FAILEDCRASHED || echo INTERRUPTED)"
done

# ---- what can be found wrong before --------------------------------------------------------------

refuse() { # NAME TEXT LINES...: `config check` or the sweep says it
    local name=$1 text=$2
    shift 2
    printf '%s\n' "$@" > bad.yaml
    "$consort" config check bad.yaml > out 2> err
    local code=$?
    [ $code != 0 ] || { "$consort" sweep bad.yaml > out 2> err; code=$?; }
    is "$name" $code 2
    n=$((n + 1))
    grep -qF -- "$text" err || fail "$name: does not say: $text"
    is "$name" "$(wc -l < err)" 1
    [ ! -e runs/bad ] || fail "$name: it made a folder"
}
basis='metric: {name: loss}
run_cap: 2
parameters: {x: {min: 0.0, max: 1.0}}'
# shellcheck disable=SC2016
{
refuse macro 'bad.yaml:1:14: unknown macro `${arg}`; did you mean `${args}`?' 'command: [a, "${arg}"]' "$basis"
refuse part '`${args}` must be a word of its own' 'command: [sh, -c, "a ${args}"]' "$basis"
refuse no_program '`${program}` stands here, but there is no `program`' 'command: ["${program}"]' "$basis"
refuse no_list '`command` is a list of words' 'command: python train.py' "$basis"
refuse no_word 'a word of `command` is text' 'command: [a, [b]]' "$basis"
refuse unset 'the environment variable `NOT_THERE` is not set' 'command: [./say.sh, "${envvar:NOT_THERE}"]' "$basis"
refuse not_there 'cannot run `./nothing`: there is no such program' 'command: [./nothing]' "$basis"
refuse env_not_there 'cannot run `nothing-of-that-name`' 'command: ["${env}", nothing-of-that-name]' "$basis"
refuse no_file '`program: nothing.py` is not there' 'program: nothing.py' "$basis"
refuse not_executable 'it may not be executed' 'command: [./words.yaml]' "$basis"
}
refuse data '`data` is for networks that Consort trains, but `program` (line 1) runs a program' 'program: say.sh' \
    "$basis" 'data: {format: digits}'
refuse train '`train` is for networks' 'program: say.sh' "$basis" 'train: {epochs: 3}'
refuse ensemble '`ensemble` is for networks' 'program: say.sh' "$basis" 'ensemble: {size: 3}'
refuse metric 'a search needs `metric: {name: ...}`' 'program: say.sh' 'run_cap: 2' 'parameters: {x: {min: 0.0, max: 1.0}}'
refuse early '`early_terminate` compares trials by a metric' 'program: say.sh' 'method: random' 'run_cap: 2' \
    'early_terminate: {type: hyperband, min_iter: 2}' 'parameters: {x: {min: 0.0, max: 1.0}}'
refuse halving 'it needs `max_iter`, how often a program reports' 'program: say.sh' 'early_terminate: {type: halving}' \
    "$basis"
refuse halving_short 'more than `min_iter`' 'program: say.sh' 'early_terminate: {type: halving, min_iter: 9, max_iter: 9}' \
    "$basis"
refuse halving_network '`max_iter`: the epochs of a network are known' 'data: {format: digits}' \
    'early_terminate: {type: halving, max_iter: 9}' 'parameters: {dropout: {min: 0.0, max: 0.5}}'
refuse preset '`preset` is for networks' 'program: say.sh' 'preset: default' "$basis"
refuse constraint 'unknown name `n_params`' 'program: say.sh' "$basis" 'constraints: ["n_params * 2 < 3"]'
printf '%s\n' 'program: say.sh' "${basis/loss/val_accuracy}" > notice.yaml
ok notice config check notice.yaml
has notice err '`val_accuracy` is minimized, as W&B does'

echo "cli_program.sh: $n checks, $failed failed, $kills kills"
[ $failed = 0 ]
