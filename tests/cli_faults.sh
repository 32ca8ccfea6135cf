#!/bin/bash
# Faults that hit a sweep while it runs: full disks, files deleted, cut off or overwritten, clocks that jump, two
# sweeps at once, pids used again. Each ends in ONE line with the cure and in the right exit code; what was told is
# there; and once the fault is over, the same command brings the study to the same end as if there had been none.
#   tests/cli_faults.sh CONSORT [NAME]          FAULT_WRITES=all: every write of the program fails once, not a few
set -u
consort=$(realpath "$1") only=${2-} here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
clear_away() {
    [ $BASHPID = $$ ] || return # a child that is killed before its exec runs this trap, too
    kill -KILL ${sweep:-x} 2> /dev/null
    umount "$work"/*/artifacts "$work"/*/ 2> /dev/null
    rm -rf "$work"
}
trap clear_away EXIT
cd "$work" || exit 1
. "$here/until.sh"
export LC_ALL=C TERM=dumb NO_COLOR=1 OPENBLAS_NUM_THREADS=1
cat > sweep.yaml <<'YAML'
name: faulty
method: bayes
metric: {name: val_f1_macro}
run_cap: 12
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 64, q: 8}
  optimizer: {values: [adamw, sgd]}
  num_layers: {value: 1}
data: {format: digits, rows: 200, test_rows: 20}
train: {epochs: 3, batch_size: 32}
run: {seed: 5}
YAML
n=0 failed=0 skipped=0 sweep=""
wrong() { echo "FAILED $name: $*"; failed=$((failed + 1)); }
skip() { echo "skipped $1: $2"; skipped=$((skipped + 1)); }
# chosen NAME: is this case to be run?
chosen() {
    name=$1
    case $name in *"$only"*) n=$((n + 1)) ;; *) return 1 ;; esac
    sweep="" at_least=0
}
sweep_of() { command=("$consort" sweep sweep.yaml --dir "$1" -j 2 -q --json "${@:2}"); }
run() { sweep_of "${1:-$name}" && "${command[@]}"; }
ask() { "$consort" query "$1" "$2" --csv | tail -n +2; }

# A sweep that has told at least two trials, cannot end, and now stands still ($sweep), until `go`.
start() {
    at_least=2
    sweep_of $name # not `run`: the process is to be ours, not a shell's
    rm -f go
    : > $name.events # the child empties it, too, but later than one looks into it for what was told
    if [ -n "$shim" ]; then
        held trial-000004. "$work/go" exec "${command[@]}" > $name.events 2> $name.err &
    else
        "${command[@]}" > $name.events 2> $name.err &
    fi
    sweep=$!
    until_told 2 $name.events $sweep
    stand_still $sweep
}
go() {
    : > go
    kill -CONT $sweep 2> /dev/null
    wait $sweep
    got=$?
}

# ended CODE PATTERN: so it ended just now.
ended() {
    local lines
    mapfile -t lines < $name.err
    [ $got = "$1" ] || wrong "exit code $got, not $1: ${lines[*]-}"
    [ ${#lines[@]} = 1 ] || wrong "${#lines[@]} lines on stderr: ${lines[*]-}"
    [[ ${lines[0]-} =~ $2 ]] || wrong "'${lines[0]-}' has no $2"
    case ${lines[0]-} in "consort: "*) ;; *) wrong "no 'consort: ' in front: ${lines[0]-}" ;; esac
    [ -z "$only" ] || echo "$name: $got: ${lines[0]-}"
}

# kept: what was told is there.
kept() {
    if ! "$here/told.sh" "$consort" $name $name.events > $name.n_told; then wrong "$(cat $name.n_told)"
    elif [ "$(cat $name.n_told)" -lt $at_least ]; then wrong "only $(cat $name.n_told) trials were told of"; fi
}
# goes_on: the same command ends the study as if nothing had happened.
goes_on() {
    run > /dev/null 2> $name.again || wrong "does not go on: $(cat $name.again)"
    "$here/dump.sh" "$consort" $name > $name.txt
    cmp -s whole.txt $name.txt || wrong "another study: $(diff whole.txt $name.txt | head -5)"
}

can_hold || skip "trials that wait, clocks that jump, writes that fail" "no shared library can be made: $(head -1 shim.txt)"

name=whole
run > whole.events || exit 1
"$here/dump.sh" "$consort" whole > whole.txt

# ---- full disks ------------------------------------------------------------------------------------------

full='the disk is full.*free some space and run the same command again'
mkdir mounted
if mount -t tmpfs -o size=64k tmpfs mounted 2> /dev/null; then
    umount mounted
    for size in 64 160 256 400; do # kilobytes
        chosen full_disk_$size || continue
        mkdir $name && mount -t tmpfs -o size=${size}k tmpfs $name
        run > $name.events 2> $name.err
        got=$?
        ended 1 "$full"
        mount -o remount,size=64m $name
        [ -s $name.events ] && kept
        goes_on
        umount $name
    done
    if chosen full_artifacts; then
        mkdir -p $name/artifacts && mount -t tmpfs -o size=40k tmpfs $name/artifacts
        run > $name.events 2> $name.err
        got=$?
        ended 1 "artifacts.*$full"
        mount -o remount,size=64m $name/artifacts
        kept
        goes_on
        umount $name/artifacts
    fi
    if chosen read_only; then
        mkdir $name && mount -t tmpfs -o size=64m,ro tmpfs $name
        run > $name.events 2> $name.err
        got=$?
        ended 1 "$name.*Read-only file system"
        mount -o remount,rw $name
        start
        kill -KILL $sweep
        go 2> /dev/null
        kept
        mount -o remount,ro $name
        run > $name.events 2> $name.err
        got=$?
        ended 1 "$name.*Read-only file system"
        mount -o remount,rw $name
        goes_on
        umount $name
    fi
else
    skip "full disks, a read-only file system" "mounting is not permitted here"
fi
if chosen file_limit; then
    (ulimit -f 140 && run > $name.events 2> $name.err)
    got=$?
    ended 1 'a limit on the size of files|File too large'
    kept
    goes_on
fi
if [ "$(id -u)" != 0 ] && chosen unwritable; then
    start
    chmod 500 $name $name/artifacts
    go
    ended 1 'Permission denied'
    chmod 700 $name $name/artifacts
    kept
    goes_on
fi

# ---- files under a running sweep ---------------------------------------------------------------------------

went='was written and is not there any more; put its folder back'
if chosen artifacts_gone; then
    start
    mv $name/artifacts aside
    : > $name/artifacts
    go
    ended 1 "artifacts/trial-.*(its folder is no folder; put one there|$went) and run the same command again"
    kept
    rm $name/artifacts
    mv aside $name/artifacts
    goes_on
    rm -rf $name
    start
    mv $name/artifacts aside
    go
    ended 1 "artifacts/trial-.*(its folder is not there; make it|$went) and run the same command again"
    kept
    mv aside $name/artifacts
    goes_on
fi
if chosen deleted; then
    start
    rm $name/trials.db
    go
    ended 4 'was deleted.*everything acknowledged is in .*trials.rescued.db: move that file'
    mv $name/trials.rescued.db $name/trials.db
    kept
    goes_on
fi
if chosen replaced; then
    start
    cp whole/trials.db other.db && mv other.db $name/trials.db
    go
    ended 4 'replaced.*everything acknowledged is in .*trials.rescued.db: move that file'
    mv $name/trials.rescued.db $name/trials.db
    kept
    goes_on
fi
if chosen journal_deleted; then
    start
    rm $name/trials.db-wal
    go
    ended 4 'trials.db-wal was deleted.*run the same command again'
    kept
    goes_on
fi
if chosen folder_deleted; then
    start
    rm -rf $name
    go
    case $got in # the folder is missed by who looks first
        1) ended 1 "artifacts/trial-.*(its folder is not there; make it|$went) and run the same command again" ;;
        *) ended 4 'was deleted.*no copy could be kept' ;;
    esac
    goes_on
fi
# What was not in the journal is lost, and said to be; what was is not.
for how in truncated overwritten; do
    chosen $how || continue
    start
    case $how in
        truncated) truncate -s 9000 $name/trials.db ;;
        *) head -c 40000 /dev/urandom | dd of=$name/trials.db bs=4096 seek=1 conv=notrunc status=none ;;
    esac
    go
    if [ $got = 0 ]; then
        kept
    else
        ended 4 'cut off or overwritten.*\.recover'
        run > $name.events 2> $name.err
        got=$?
        [ $got = 0 ] || ended 4 'damaged.*restore a copy|not a database'
    fi
done

# ---- two at once, and after the dead -----------------------------------------------------------------------

if chosen two_sweeps; then
    start
    cp $name.err $name.first
    run > second.events 2> $name.err
    got=$?
    ended 4 "is being run by pid $sweep on host"
    go
    [ $got = 0 ] || wrong "the first ends with $got"
    kept
    goes_on
fi
if chosen at_the_same_moment; then
    for i in 1 2 3 4; do run > $name.$i.events 2> $name.$i.err & eval "pid$i=\$!"; done
    winners=0
    for i in 1 2 3 4; do
        eval "wait \$pid$i"
        got=$?
        cp $name.$i.err $name.err
        if [ $got = 0 ]; then winners=$((winners + 1)); else ended 4 'is being run by pid|keeps the database locked'; fi
    done
    [ $winners -ge 1 ] || wrong "none of four sweeps did it"
    cat $name.?.events > $name.events
    kept
    goes_on
fi
if chosen pid_used_again; then
    start
    kill -KILL $sweep
    go 2> /dev/null
    dead=$sweep sweep=""
    sleeper=""
    for i in $(seq 300); do # others take numbers, too
        echo $((dead - 1)) 2> /dev/null > /proc/sys/kernel/ns_last_pid || break
        sleep 600 &
        sleeper=$!
        [ $sleeper = "$dead" ] && break
        kill $sleeper
        sleeper=""
    done 2> /dev/null
    if [ -n "$sleeper" ]; then
        kept
        goes_on # at once: the lease knows when its process was started
        kill $sleeper
    else
        skip $name "a pid cannot be chosen here; tests/test_store_crash.c checks the rule"
    fi
fi

# ---- what only a library in front of the system's can do ---------------------------------------------------

if [ -n "$shim" ]; then
    # A sanitizer wants to be first; it need not be.
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
    year=31536000
    if chosen clock_jumps; then
        echo 0 > clock
        sweep_of $name --time 1h
        SHIM_CLOCK=$work/clock LD_PRELOAD=$shim "${command[@]}" > $name.events 2> $name.err &
        sweep=$!
        while kill -0 $sweep 2> /dev/null; do
            for jump in $year -$((2 * year)) 7200 -7200; do
                echo $jump > clock.new && mv clock.new clock
                sleep 0.02
            done
        done
        wait $sweep
        got=$?
        [ $got = 0 ] || wrong "ends with $got: $(cat $name.err)"
        kept
        goes_on
        [ "$(ask $name 'SELECT count(*) FROM trial WHERE secs < 0 OR secs > 600')" = 0 ] || wrong "durations jump, too"
        ask $name 'SELECT code FROM event ORDER BY event_id' | tr '\n' ' ' | grep -q '^CREATED .*DONE ' ||
            wrong "events are not in order"
    fi
    if chosen clock_set_back; then # the lease is from next year; its process is dead
        echo $year > clock
        export SHIM_CLOCK=$work/clock
        start
        unset SHIM_CLOCK
        "$consort" status $name --json > $name.status 2> $name.err || wrong "status: $(cat $name.err)"
        grep -q '_s": *-' $name.status && wrong "an age below 0: $(cat $name.status)"
        kill -KILL $sweep
        go 2> /dev/null
        kept
        goes_on
    fi
    # A network's file system, as far as the program can tell: no WAL, one process at a time, and it says so.
    for type in NFS=0x6969 SMB2=0xFE534D42 FUSE=0x65735546 Lustre=0x0BD00BD0; do
        chosen network_${type%=*} || continue
        export SHIM_STATFS=${type#*=} LD_PRELOAD=$shim
        busy=$name.busy at_least=2
        "$consort" sweep sweep.yaml --dir $busy -j 1 --trials 5000 --progress none > $name.out 2> $name.said &
        sweep=$!
        until_so eval '[ "$(ask $busy "SELECT count(*) > 1 FROM trial")" = 1 ]'
        grep -q "rollback journal instead of WAL (file system ${type%=*}); run one process at a time" $name.said ||
            wrong "no warning: $(cat $name.said)"
        [ ! -e $busy/trials.db-wal ] && [ ! -e $busy/trials.db-shm ] || wrong "there is a write-ahead log"
        "$consort" doctor $busy > $name.doctor 2>&1
        grep -q "${type%=*}" $name.doctor || wrong "doctor does not name it: $(cat $name.doctor)"
        for verb in "sweep sweep.yaml --dir" retry exclude; do
            # shellcheck disable=SC2086
            "$consort" $verb $busy $([ "${verb%% *}" = sweep ] || echo 0) 2> $name.err > $name.out
            got=$?
            ended 4 "is being run by pid $sweep"
        done
        # Workers of this host do not touch the database.
        "$consort" sweep sweep.yaml --dir $busy --trials 5000 -j 1 --join > $name.out 2> $name.guest &
        guest=$!
        until_so grep -q 'trained here' $name.guest || wrong "a guest trains nothing: $(cat $name.guest)"
        kill -TERM $guest
        wait $guest
        # Killed in the middle: what that leaves is rolled back, also by who only reads.
        kill -KILL $sweep
        wait $sweep 2> /dev/null
        [ "$(ask $busy 'SELECT count(*) > 1 FROM trial')" = 1 ] || wrong "cannot be read after a kill"
        [ "$(ask $busy "SELECT count(*) > 0 FROM event WHERE code = 'JOURNAL'")" = 1 ] || wrong "no event says so"
        start
        kill -KILL $sweep
        go 2> /dev/null
        kept
        goes_on
        unset SHIM_STATFS LD_PRELOAD
    done
    # The disk fails at a write of the program, whoever writes: database, journal, models, the data card.
    if chosen every_write; then
        set -- 1 2 3 10 30 60 100 150 200 300
        [ "${FAULT_WRITES-}" = all ] && set -- $(seq 1 2000)
        n_writes=0
        for at; do
            rm -rf $name
            error=$((at % 2 ? 28 : 5)) # ENOSPC, EIO
            sweep_of $name
            SHIM_DISK=$at:$error LD_PRELOAD=$shim "${command[@]}" > $name.events 2> $name.err
            got=$?
            [ $got = 0 ] && break # it did not write so often
            n_writes=$((n_writes + 1))
            ended 1 '([Dd]isk (is )?full|Input/output error)'
            [ "$(grep -c trial_end $name.events)" = 0 ] || kept
            goes_on
        done
        echo "the disk failed at $n_writes different writes"
    fi
fi
echo "$n faults, $failed not as they should be$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ]
