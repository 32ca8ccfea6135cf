#!/bin/bash
# The script of `consort slurm`, without Slurm: whatever paths and names hold, its words are theirs; what it does about each
# end of the program; a signal before the program has ended.   tests/cli_slurm.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
mkdir bin
for tool in srun mpirun; do printf '#!/bin/bash\nwhile [[ $1 == -* ]]; do case $1 in -n | --bind-to) shift ;; esac; shift; done\nexec "$@"\n' > bin/$tool; done
printf '#!/bin/bash\nprintf "%%s\\n" "$*" >> "$CALLS"\n' > bin/scontrol
printf '#!/bin/bash\nprintf "%%s\\n" "$@" >> "$CALLS"; echo "41;cluster"\n' > bin/sbatch
chmod +x bin/*
export CALLS=$PWD/calls PATH=$PWD/bin:$PATH

# ---- words -------------------------------------------------------------------------------------------------

cat > study.yaml <<'YAML'
command: ["sh", "-c", "echo '{\"loss\": 1}'"]
method: random
metric: {name: loss}
run_cap: 1
parameters: {x: {min: 0.0, max: 1.0}}
YAML
seed=${SLURM_SEED:-7}
letters=("a" "B" "0" " " "  " "'" '"' '\' '$' '`' '!' '*' '?' '#' '&' ';' '|' '<' '>' '(' ')' '[' ']' '{' '}' '~' '=' '%' '^' ',' '-' '--' '.' 'ü' '$(x)' '$HOME' "''" '\\' '\n' ':')
RANDOM=$seed
for i in $(seq 40); do
    name=
    for _ in $(seq $((RANDOM % 7 + 1))); do name+=${letters[RANDOM % ${#letters[@]}]}; done
    case $name in . | .. | -*) name=x$name ;; esac
    mkdir -p "here/$name" && cp study.yaml "here/$name/$name.yaml" || continue
    cd "here/$name" || exit 1
    args=()
    [ $((i % 3)) != 0 ] || args=(--nodes 2)
    [ $((i % 6)) != 0 ] || args+=(--mpi mpirun)
    expect 0 "words $name" slurm "./$name.yaml" --dir "out/$name" --time 1h "${args[@]}"
    cp out "$work/job.sh"
    rm -f out err
    cd "$work" || exit 1
    n=$((n + 2))
    bash -n job.sh 2> err || fail "words $name: bash does not read it"
    (cd / && SLURM_JOB_ID=7 bash "$work/job.sh") > out 2> err < /dev/null || fail "words $name: it fails"
    [ -s "here/$name/out/$name/trials.db" ] || fail "words $name: the study is elsewhere"
    rm -rf here
done
mkdir "$(printf 'new\nline')" && cp study.yaml "$(printf 'new\nline')"
expect 2 newline slurm "$(printf 'new\nline/study.yaml')" --time 1h
has newline err 'a control character'

# ---- ends --------------------------------------------------------------------------------------------------

cat > fake <<'FAKE'
#!/bin/bash
printf '%s\n' "$*" >> "$CALLS"
trap 'exit 138' USR1
[ -z "${READY-}" ] || { : > "$READY"; while :; do sleep 0.05; done; }
exit $CODE
FAKE
chmod +x fake
ok ends slurm study.yaml --time 1h -o job.sh
sed -i "s,^consort=.*,consort=$PWD/fake," job.sh
ended() { # ended CODE CALLS [VARIABLE=VALUE...]: the script ends with that code, having called scontrol so
    local code=$1 calls=$2
    shift 2
    rm -f calls
    env SLURM_JOB_ID=7 CODE="$code" "$@" bash job.sh > out 2> err < /dev/null
    is "ends $code $*" "$? $(grep requeue calls)" "$calls"
}
for code in 0 2 3 5 6; do ended $code "$code "; done
for code in 130 138 143; do ended $code "0 requeue 7"; done
for code in 1 4 137 139; do
    ended $code "$code "
    has ends err "^consort failed \($code\) within a minute"
    ended $code "0 requeue 7" SECONDS=61
done
ended 143 "0 requeue 7" SLURM_RESTART_COUNT=99
ended 143 "143 " SLURM_RESTART_COUNT=100
ended 143 "143 " SLURM_RESTART_COUNT=3 MOST_REQUEUES=3
has ends err '^put back 3 times, and not done'

# The signal reaches the program, and the script waits for its end.
for signal in USR1 TERM; do
    rm -f calls ready
    SLURM_JOB_ID=7 CODE=0 READY=$PWD/ready bash job.sh > out 2> err < /dev/null &
    pid=$!
    until_so test -e ready
    kill -$signal $pid
    [ $signal = USR1 ] || pkill -USR1 -P $pid
    wait $pid
    code=$?
    [ $signal = USR1 ] && is $signal "$code $(grep requeue calls)" "0 requeue 7" || is $signal "$code $(grep requeue calls)" "138 "
done

# ---- arrays ------------------------------------------------------------------------------------------------

sed -i 's/^run_cap.*/run_cap: 4/' study.yaml
ok array slurm study.yaml --array 4 --time 1h -o "the parts.sh"
rm -f calls
bash "the parts.sh" > out 2> err < /dev/null
is array "$(cat out)" 'job 41: 4 parts; job 41: the rest, after them'
is array "$(tr '\n' ' ' < calls)" '--parsable the parts.sh --parsable --array=0 --dependency=afterany:41 --job-name=study-last --output=%x-%A.out the parts.sh last '
sed -i "s,^consort=.*,consort=$PWD/fake," "the parts.sh"
rm -f calls
SLURM_JOB_ID=7 SLURM_ARRAY_TASK_ID=3 CODE=0 bash "the parts.sh" > out 2> err < /dev/null
SLURM_JOB_ID=8 SLURM_ARRAY_TASK_ID=0 CODE=0 bash "the parts.sh" last > out 2> err < /dev/null
is array "$(sed "s,$PWD/,,g" calls)" 'sweep study.yaml --dir runs/study --part 3/4
merge study.yaml --parts --dir runs/study
run study.yaml --dir runs/study'

echo "cli_slurm: $n checks, $failed failed"
[ $failed = 0 ]
