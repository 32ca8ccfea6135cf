#!/usr/bin/env bash
# What ranks of a job cost, as processes of this machine. First: processor time a trial beside one process, by
# the difference of a short and a long study of networks that train about a millisecond; so what starts up drops
# out, and what else the machine does hardly counts. Then: as many trials a seat for more and more seats, which
# only sleep, so that they need no cores.
#   bench/ranks.sh BUILD [TRIALS, default 2000] [MOST RANKS THAT SLEEP, default 33]
# MPIRUN='mpirun.mpich' names another launcher; RANKS='2 3 5' the numbers of ranks that train.
set -eu
consort=$(realpath "$1/consort") trials=${2:-2000} most=${3:-33}
launcher=${MPIRUN:-mpirun.openmpi --allow-run-as-root --oversubscribe}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export OPENBLAS_NUM_THREADS=1 TIMEFORMAT='%U %S'

study() { # NAME TRIALS LOOKBACK METRIC
    cat << YAML
name: $1
method: random
metric: {name: $4}
run_cap: $2
run: {lookback: $3, keep_models: 1}
YAML
}
networks() { # NAME TRIALS
    study "$1" "$2" 64 val_accuracy
    cat << YAML
parameters: {learning_rate: {min: 0.0001, max: 0.1}}
data: {format: digits, rows: 40, test_rows: 10}
train: {hidden: [2], epochs: 3, patience: 100}
YAML
}
sleepers() { # NAME TRIALS LOOKBACK
    study "$1" "$2" "$3" loss
    cat << YAML
parameters: {x: {min: 0.0, max: 1.0}}
command: ["sh", "-c", "sleep 0.2; echo '{\"loss\": 1}'"]
YAML
}
# run RANKS CONFIG: sets $host to the milliseconds of processor time of rank 0, $all to those of everybody.
run() {
    local words=("$consort" sweep "$2" -q -j 1)
    rm -rf runs
    if [ "$1" = 1 ]; then
        { time "${words[@]}" > out 2> err; } 2> all.time
        cp all.time host.time
    else # rank 0 in a shell that takes its time
        { time $launcher -n 1 bash -c 'exec 3> host.time; { time "$@" > out 2> err; } 2>&3' rank0 "${words[@]}" \
            : -n $(($1 - 1)) "${words[@]}" < /dev/null > /dev/null 2> others; } 2> all.time
    fi
    host=$(awk '{ s += $1 + $2 } END { printf "%d", 1000 * s }' host.time)
    all=$(awk '{ s += $1 + $2 } END { printf "%d", 1000 * s }' all.time)
}

echo "$trials networks of a millisecond, processor time a trial in ms"
echo
echo "| ranks | all | rank 0 | more than one process |"
echo "|--:|--:|--:|--:|"
networks few 200 > few.yaml
networks many $((200 + trials)) > many.yaml
for n in 1 ${RANKS:-2 3 5}; do
    run "$n" few.yaml && few_host=$host few_all=$all
    run "$n" many.yaml
    one=${one:-$((all - few_all))}
    awk -v n="$n" -v h=$((host - few_host)) -v a=$((all - few_all)) -v one="$one" -v t="$trials" 'BEGIN {
        printf "| %d | %.2f | %.2f | %.2f |\n", n, a / t, (n > 1 ? h / t : 0), (a - one) / t }'
done

echo
echo "20 trials a seat that sleep .2 s"
echo
echo "| ranks | seats | trials/s | seats in use | rank 0, a trial |"
echo "|--:|--:|--:|--:|--:|"
for n in 2 3 5 9 17 33; do
    [ "$n" -le "$most" ] || break
    seats=$((n - 1))
    sleepers sleep $((20 * seats)) $((8 * seats)) > sleep.yaml
    run "$n" sleep.yaml
    "$consort" query runs/sleep/trials.db --csv "SELECT sum(secs), (julianday(max(end_utc)) - julianday(min(start_utc)))
        * 86400, count(*) FROM trial" | tail -1 | awk -F, -v n="$n" -v seats="$seats" -v host=$((host - one_host)) '{
            printf "| %d | %d | %.1f | %.1f %% | %.2f ms |\n", n, seats, $3 / $2, 100 * $1 / ($2 * seats), host / ($3 - seats) }'
done
