#!/bin/bash
# Studies that several hosts ran, joined: everything of a trial comes along, once; what it leads to; what is refused;
# and a process that is killed at each of its writes leaves the study with all of another or with none of it.
#   MERGE_STEP=7 tests/cli_merge.sh CONSORT      every seventh write; docs/notes/reliability.md: 1
. "${BASH_SOURCE%/*}/expect.sh"
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }

cat > net.yaml <<'YAML'
name: net
method: bayes
run_cap: 8
metric: {name: val_f1_macro}
early_terminate: {type: hyperband, min_iter: 1, eta: 3}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  hidden: {values: [[16], [16, 8], [32]]}
  dropout: {min: 0.0, max: 0.4}
  optimizer: {values: [adamw, sgd]}
  momentum: {min: 0.5, max: 0.95, when: "optimizer == 'sgd'"}
data: {format: digits, rows: 250, test_rows: 50}
train: {epochs: 4}
finalists: {top: 2, seeds: 1}
run: {seed: 1, keep_models: 3}
YAML

# belongings STUDY WHERE: all of those trials but their ids, numbers and the names of their files.
belongings() {
    local table
    ask "$1" "SELECT params_hash, seed, state, state_before, source, params, trace, attempt, crashes, value, value_sd,
        best_epoch, epochs, rung, n_params, model_bytes, fail_code, fail_text, secs, cpu_s, peak_bytes, threads,
        queued_utc, start_utc, end_utc, host, pid, boot_id FROM trial WHERE $2 ORDER BY number"
    for table in "name, num, txt FROM param" \
        "fold, epoch, lr, train_loss, val_loss, val_metric, grad_norm, secs FROM epoch" \
        "split, fold, name, value, lo95, hi95 FROM metric" "split, truth, pred, n FROM confusion" \
        "kind, bytes, sha256 FROM artifact" \
        "run, seed, state, value, value_sd, epochs, fail_code, fail_text, secs, end_utc, host, pid FROM repeat" \
        "utc, code, text FROM event WHERE code <> 'MERGED'"; do
        echo "${table#*FROM}"
        ask "$1" "WITH t AS (SELECT * FROM trial WHERE $2), x AS (SELECT trial_id AS id, $table)
            SELECT t.params_hash, x.* FROM t JOIN x ON x.id = t.trial_id ORDER BY t.number, 3, 4, 5" |
            sed 's/\([0-9a-f]\{64\}\),[0-9]*,/\1,/g'
    done
}
# sound STUDY: no number is missing, none is there twice, each file is what its row says, and there are no others.
sound() {
    is "sound $1" "$(ask "$1" "SELECT count(*) - 1 - max(number), count(*) - count(DISTINCT params_hash || seed) FROM trial")" "0,0 "
    "$consort" query "$1" "SELECT sha256, path FROM artifact ORDER BY path" --csv | tail -n +2 | tr , ' ' > rows.txt
    (cd "$1" && find artifacts -type f ! -name '*params.*' -exec sha256sum {} + | sed 's/  / /' | sort -k2) > files.txt
    n=$((n + 1))
    cmp -s rows.txt files.txt || fail "sound $1: $(diff rows.txt files.txt | head -3)"
}

ok one sweep net.yaml --dir one -q
ok two sweep net.yaml --dir two --seed 2 -q
ok three sweep net.yaml --dir three --seed 3 --set method=random --set run.lookback=2 -q
ok note note two 0 'from the other host'
ok note_study note two 'the second host'
ok exclude exclude two 1
ok excluded exclude three 4
find two three -type f -exec sha256sum {} + > before.txt
sha256sum one/trials.db > into.txt
cp -r one plain

# ---- all of it, once -------------------------------------------------------------------------------------

ok dry merge one two three two --dry-run
is dry "$(cat out)" "8 of 8 trials of two would be merged
8 of 8 trials of three would be merged
0 of 8 trials of two would be merged, 8 there already"
n=$((n + 1))
sha256sum -c into.txt --quiet > out 2>&1 || fail "dry: it wrote"
ok merge merge one two three
is merge "$(cat out)" "8 of 8 trials of two merged
8 of 8 trials of three merged"
has merge err 'study net cannot be repeated from its seed alone'
n=$((n + 1))
sha256sum -c before.txt --quiet > out 2>&1 || fail "merge: it changed what it reads"
sound one
ok again merge one two three --json
has again out '"there_already": 8'
has again out '"merged": 0'
silent again err
for study in two three; do
    seed=$(ask $study "SELECT seed FROM study" | tr -d ' ')
    belongings $study 1 > theirs.txt
    belongings one "seed = $seed" > ours.txt
    n=$((n + 1))
    cmp -s theirs.txt ours.txt || fail "merge: $study differs: $(diff theirs.txt ours.txt | head -5)"
done
is own "$(belongings plain 1)" "$(belongings one 'seed = 1')"
has things ours.txt 'EXCLUDED,[A-Z]+,'
is numbers "$(ask one "SELECT group_concat(seed, '') FROM (SELECT seed FROM trial ORDER BY number)" | tr -d '" ')" \
    111111112222222233333333
is from "$(ask one "SELECT text FROM event JOIN trial USING (trial_id) WHERE code = 'MERGED' AND number = 10")" \
    '"trial 2 of study net, seed 2, two/trials.db" '
is mark "$(ask one "SELECT deterministic FROM study")" "0 "
ok notes note one
is notes "$(sed 's/^.* UTC *//' out)" "trial 8: from the other host
the second host"

# ---- what it leads to ------------------------------------------------------------------------------------

ok ensemble ensemble one --method average --size 9
is members "$(ask one "SELECT count(*) > 5, count(DISTINCT seed) FROM ensemble_member JOIN trial USING (trial_id)")" "1,3 "
ok report report one -q
has report one/report.md 'Trials of other studies were merged into this one'
ok evaluate evaluate one --final
ok best best one
best=$(sed -n 's/^trial \([0-9]*\) .*/\1/p' out)
n=$((n + 1))
[ -n "$best" ] || fail "best"
for trial in 9 17; do # each with the seed it had: trained again it is the same
    ok yaml best one --trial $trial --yaml
    cp out winner.yaml
    ok train train winner.yaml --dir train-$trial -q
    is train "$(ask train-$trial "SELECT value, seed FROM trial")" "$(ask one "SELECT value, seed FROM trial WHERE number = $trial")"
done

# The search goes on from all of them, the same for any number of jobs; run_cap counts them.
cp -r one jobs
ok cap sweep net.yaml --dir one -q
is cap "$(ask one 'SELECT count(*) FROM trial')" "24 "
ok on sweep net.yaml --dir one --trials 30 -j 1 -q
ok on_jobs sweep net.yaml --dir jobs --trials 30 -j 2 -q
"$here/dump.sh" "$consort" one | grep -v '^net,' > one.txt
"$here/dump.sh" "$consort" jobs | grep -v '^net,' > jobs.txt
n=$((n + 1))
cmp -s one.txt jobs.txt || fail "one job and two differ after a merge: $(diff one.txt jobs.txt | head -5)"
is on "$(ask one 'SELECT count(*), count(DISTINCT params_hash || seed) FROM trial')" "30,30 "
is kept "$(ask one 'SELECT count(*) FROM artifact')" "6 "
is still "$(ask one "SELECT deterministic FROM study")" "0 "
sound one
# A study that begins with what others found out: its first proposal knows them.
ok fresh merge net.yaml two --dir fresh
is fresh "$(head -1 out)" "8 of 8 trials of two merged"
sound fresh
ok fresh_on sweep net.yaml --dir fresh --trials 9 -q
is sees "$(ask fresh "SELECT json_extract(trace, '\$.kind') FROM trial WHERE number = 8")" "gp "
ok alone sweep net.yaml --dir alone --trials 2 -q
is alone "$(ask alone "SELECT json_extract(trace, '\$.kind') FROM trial WHERE number = 1")" "middle "
# The same seed, further: the first are the same trials.
ok further sweep net.yaml --dir further --trials 11 -q
cp -r plain same
ok same merge same further
is same "$(cat out)" "3 of 11 trials of further merged, 8 there already"
is same_rows "$(ask same 'SELECT params_hash, value, epochs FROM trial ORDER BY number')" \
    "$(ask further 'SELECT params_hash, value, epochs FROM trial ORDER BY number')"

# A database that several share: from it, into it, within it.
ok share sweep net.yaml --name a --db all.db --trials 3 -q
ok share_b sweep net.yaml --name b --db all.db --trials 3 --seed 2 -q
ok within merge all.db:a all.db:b two
is within "$(cat out)" "3 of 3 trials of all.db:b merged
5 of 8 trials of two merged, 3 there already"
is within_files "$(ask all.db:a "SELECT count(*) FROM artifact JOIN trial USING (trial_id) JOIN study USING (study_id) WHERE name = 'a'")" \
    "$(find all.files/a/artifacts -type f | wc -l) "
cp -r plain out_of
ok out_of merge out_of all.db:b -q
sound out_of

# ---- what does not end in time ---------------------------------------------------------------------------

sed 's/^run_cap: 8/run_cap: 400/; s/epochs: 4/epochs: 500, patience: 500/; /^early/d; /^finalists/d' net.yaml > long.yaml
in_the_middle() {
    [ "$(ask $1 "SELECT count(*) FROM trial WHERE state = 'RUNNING' AND number > 0" 2> /dev/null)" = "1 " ] || return 1
    stand_still $pid
    [ "$(ask $1 "SELECT count(*) FROM trial WHERE state = 'RUNNING'")" = "1 " ] || { kill -CONT $pid; return 1; }
}
# A sweep ($pid) that stands still, alive, in the middle of a trial that is not its first.
start() { # FOLDER SEED
    "$consort" sweep long.yaml --dir $1 --seed $2 -j 1 > $1.out 2>&1 &
    pid=$!
    until_so in_the_middle $1 || fail "$1: no trial runs"
}
ok long sweep long.yaml --dir long --trials 1 -q
start alive 7
ok alive merge long alive
has alive err "alive is being run by pid $pid .*merge it again"
has alive out '^[0-9]+ of [0-9]+ trials of alive merged, 1 not ended$'
expect 4 into_running merge alive long
has into_running err "being run by pid $pid"
kill -KILL $pid
wait $pid 2> /dev/null
ok dead merge long alive
has dead out ' there already, 1 not ended$'
sound long
is dead "$(ask long "SELECT count(*) FROM trial WHERE state <> 'COMPLETE'")" "0 "

# ---- what is refused: in one line, and nothing is written ---------------------------------------------------

everything() { "$here/dump.sh" "$consort" plain && ask plain "SELECT * FROM event" && ls plain/artifacts; }
everything > into.txt
refused() { # EXIT NAME PATTERN ARGUMENTS...
    expect "$1" "$2" merge plain "${@:4}"
    has "$2" err "$3"
    is "$2 lines" "$(wc -l < err)" 1
    silent "$2" out
    is "$2: what is there" "$(everything)" "$(cat into.txt)"
}
other() { # NAME SED
    sed "$2" net.yaml > $1.yaml
    ok $1 sweep $1.yaml --dir $1 --trials 1 -q
}
other rows 's/rows: 250/rows: 260/'
other split 's/test_rows: 50/test_rows: 50, split: {seed: 9}/'
other space 's/max: 0.4/max: 0.5/'
other fixed 's/epochs: 4/epochs: 5/'
other metric 's/val_f1_macro/val_accuracy/'
other early 's/eta: 3/eta: 2/'
other more 's/^finalists.*/constraints: ["n_params < 100000"]/'
refused 3 data 'rows differs from plain in the data: trials cannot be compared; `consort import' two rows
refused 2 split 'in data.split \(seed: 9, not seed: 1\)' split
refused 2 space 'in search space \(dropout: max: 0.5, not max: 0.4\)' space
refused 2 settings 'in settings \(epochs: 5, not epochs: 4\)' fixed
refused 2 metric 'in metric \(metric accuracy, not metric f1_macro\)' metric
refused 2 early 'in early_terminate \(eta: 2, not eta: 3\)' early
refused 2 constraints 'in constraints \(\["n_params < 100000"\], not nothing\)' more
refused 2 not_there 'no study `nowhere`' two nowhere
expect 2 one_study merge plain
cp -r two broken
stored=$(cd broken && find artifacts -name '*.proba' | sort | head -1)
printf 'X' | dd of=broken/$stored bs=1 seek=100 conv=notrunc 2> /dev/null
refused 3 damaged "broken/$stored is not the file that was written there" broken
sound plain
rm broken/$stored
refused 3 missing "broken/$stored is not there; copy the whole folder" broken
mkdir alone_db && cp two/trials.db alone_db/
refused 3 db_alone 'is not there; copy the whole folder' alone_db
sound plain
if command -v sqlite3 > /dev/null; then
    tampered() { # SQL
        rm -rf broken && cp -r two broken && sqlite3 broken/trials.db "$1"
    }
    tampered "UPDATE artifact SET path = 'artifacts/../../one/trials.db'"
    refused 4 path 'which no study writes; the database is damaged' broken
    tampered "UPDATE trial SET params = replace(params, '\"dropout\":', '\"dropout\":9') WHERE number = 3"
    refused 4 params 'trial 3: its parameters are not those of its hash' broken
    tampered "PRAGMA ignore_check_constraints = 1; UPDATE trial SET state = 'LOST' WHERE number = 3"
    refused 4 state 'unknown state' broken
    sound plain
else
    skip "databases that were tampered with: no sqlite3 here"
fi

# ---- programs: their logs ----------------------------------------------------------------------------------

cat > prog.yaml <<'YAML'
name: prog
method: random
run_cap: 3
metric: {name: loss}
program: prog.sh
command: [sh, "${program}", "${args}"]
parameters: {x: {min: 0.0, max: 1.0}}
YAML
echo 'echo "seed $CONSORT_SEED $*"; echo "{\"loss\": 1}"' > prog.sh
ok prog sweep prog.yaml --dir prog -q
ok prog2 sweep prog.yaml --dir prog2 --seed 5 -q
ok prog_merge merge prog prog2
is prog_merge "$(cat out)" "3 of 3 trials of prog2 merged"
is prog_logs "$(cat prog/artifacts/trial-00000[345]/log.txt)" "$(cat prog2/artifacts/*/log.txt)"
sound prog

# ---- halving: they join the brackets -------------------------------------------------------------------------

for type in halving hyperband_sync; do
    sed "s/^early_terminate.*/early_terminate: {type: $type, min_iter: 1, eta: 2}/; /^finalists/d" net.yaml > $type.yaml
    ok $type sweep $type.yaml --dir $type --trials 13 -q
    ok $type-2 sweep $type.yaml --dir $type-2 --trials 9 --seed 2 -q
    ok $type-merge merge $type $type-2
    cp -r $type $type-jobs
    ok $type-on sweep $type.yaml --dir $type --trials 34 -j 1 -q
    ok $type-on-jobs sweep $type.yaml --dir $type-jobs --trials 34 -j 2 -q
    "$here/dump.sh" "$consort" $type > one.txt
    "$here/dump.sh" "$consort" $type-jobs > jobs.txt
    n=$((n + 1))
    cmp -s one.txt jobs.txt || fail "$type: one job and two differ after a merge: $(diff one.txt jobs.txt | head -5)"
    is $type-all "$(ask $type "SELECT count(*), sum(state IN ('COMPLETE', 'PRUNED')) FROM trial")" "34,34 "
done

# ---- killed at each write; a disk that is full at each ---------------------------------------------------------

if can_hold; then
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
    n_kills=0 n_full=0 n_between=0
    for at in $(seq ${MERGE_STEP:-7} ${MERGE_STEP:-7} 2000); do
        for how in kill 28; do
            rm -rf cut && cp -r plain cut
            SHIM_DISK=$at:$how LD_PRELOAD=$shim "$consort" merge cut two three > out 2> err &
            wait $! 2> /dev/null
            got=$?
            [ $got = 0 ] && break 2 # it did not write so often
            if [ $how = kill ]; then
                n_kills=$((n_kills + 1))
            else
                n_full=$((n_full + 1))
                is "full at $at" "$got" 1
                has "full at $at" err '[Dd]isk (is )?full'
            fi
            there=$(ask cut "SELECT count(*) FROM trial" | tr -d ' ')
            case $there in
            8 | 24) ;;
            16) n_between=$((n_between + 1)) ;;
            *) fail "killed at $at: $there trials" ;;
            esac
            ok "doctor at $at" doctor cut
            ok "gc at $at" gc cut -q --top 100
            sound cut
            ok "again at $at" merge cut two three -q
            is "again at $at" "$(ask cut "SELECT count(*), count(DISTINCT params_hash || seed) FROM trial")" \
                "24,24 "
            sound cut
        done
    done
    echo "killed at $n_kills writes, the disk full at $n_full; $n_between times one of two studies was in"
else
    skip "writes that fail: no shared library can be made: $(head -1 shim.txt)"
fi

echo "$n checks of merging, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ]
