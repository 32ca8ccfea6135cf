#!/usr/bin/env bash
# What nobody meant to write: every key of every section left empty, of another type, or beyond all numbers, and
# every verb with each argument missing or empty. The keys are those of `consort help config` and of the schema of
# parameters, the verbs those of `consort help`: a new one is tried without a line here. Right is an answer (0) or a
# refusal: one line that says what, exit code 2 to 5, never a signal, an assertion, or an internal error.
#   tests/cli_crashes.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"

net='data: {format: digits}
method: random
run_cap: 2
parameters: {learning_rate: {min: 0.001, max: 0.1}}'
program='command: ["true", "${args}"]
method: random
metric: {name: loss}
run_cap: 2
early_terminate: {type: hyperband, min_iter: 2}
parameters: {x: {min: 0.0, max: 1.0}, y: {values: [1, 2]}}'
printf '%s\n' "$net" > net.yaml
printf '%s\n' "$program" > program.yaml

# try NAME ARGUMENTS...: an answer, or a refusal in one line
try() {
    local name=$1 said code lines
    shift
    n=$((n + 1))
    said=$("$consort" "$@" 2>&1 > /dev/null < /dev/null)
    code=$?
    case $said in *Sanitizer* | *'runtime error'* | *Assertion* | *'(null)'*) code=99 ;; esac
    [ $code = 0 ] && return
    lines=${said//[!$'\n']/}
    if [ $code != 2 ] && { [ $code -lt "${least:-2}" ] || [ $code -gt "${most:-2}" ]; } || [ -n "$lines" ] || [ -z "$said" ]; then
        printf '%s\n' "$said" > err
        : > out
        fail "$name: consort $*: exit code $code"
    fi
}

# ---- every key ----------------------------------------------------------------------------------------
# Dotted names, from the indentation of the reference.
COLUMNS=1000 "$consort" help config > reference.txt
mapfile -t keys < <(awk '
    /^ *[A-Za-z_]/ {
        match($0, /^ */); depth = RLENGTH / 2
        path[depth] = $1; name = path[0]
        for (i = 1; i <= depth; i++) name = name "." path[i]
        print name
    }' reference.txt)
[ ${#keys[@]} -gt 150 ] || fail "the reference of keys has ${#keys[@]}"

# Of parameters, metrics and constraints the reference has no rows.
for at in parameters parameters.x parameters.x.{min,max,value,values,probabilities,distribution,q,mu,sigma,when,parameters} \
    parameters.x.parameters.z parameters.x.{log,type,zero_prob,int} metrics.name data.train.images data.test.fraction; do
    keys+=("$at")
done

# The key alone in a file, with nothing behind it: where one stopped typing.
for key in "${keys[@]}"; do
    indent="" rest=$key text=""
    while [ "${rest#*.}" != "$rest" ]; do
        text+="$indent${rest%%.*}:"$'\n'
        indent+="  " rest=${rest#*.}
    done
    text+="$indent$rest:"
    for base in net program; do
        {
            printf '%s\n' "$text"
            while IFS= read -r line; do
                [ "${line%%:*}" = "${key%%.*}" ] || printf '%s\n' "$line"
            done < $base.yaml
        } > empty.yaml
        try "empty $key" config check empty.yaml
    done
done

# Another type, or beyond all numbers: no key takes all of these.
values=('[]' '{}' '""' '[[null]]' '{"": null}' 1e999 -1 99999999999999999999 .nan true '"${x} %s %n"' '[1, {a: [x]}]' -0.0 1e-320)
i=0
for key in "${keys[@]}"; do
    for base in net program; do
        try "type of $key" config resolve $base.yaml --set "$key=${values[i % ${#values[@]}]}"
        i=$((i + 1))
    done
done
echo "${#keys[@]} keys: $n tries, $failed failed"

# ---- every verb ----------------------------------------------------------------------------------------
# From none to five arguments, empty ones, and ones that are no study: with two studies in runs/, so that the one
# that was meant has to be named.
printf 'name: %s\ncommand: ["true"]\nmethod: random\nrun_cap: 1\nparameters: {x: {min: 0.0, max: 1.0}}\n' one > one.yaml
sed 's/one/two/' one.yaml > two.yaml
"$consort" sweep one.yaml -q && "$consort" sweep two.yaml -q || fail "two studies"
before=$n
mapfile -t verbs < <("$consort" help | sed -n 's/^  \([a-z][a-z-]*\( inspect\| preview\| convert\| cache\| check\| resolve\)\{0,1\}\) .*/\1/p' | grep -vx consort | sort -u)
[ ${#verbs[@]} -gt 30 ] || fail "the list of verbs has ${#verbs[@]}"
least=2 most=5
for verb in "${verbs[@]}"; do
    case $verb in watch | stop | serve) continue ;; esac # they wait for others (tests/cli_serve.sh)
    read -ra words <<< "$verb"
    try "$verb" "${words[@]}"
    for given in '' one 'one 0' 'one 0 x' 'one one' 'one 0 x y' nosuch 'nosuch 0' 0 '0 1' '-1' 'one -- -1' '99999999999999999999' 'one 99999999999999999999'; do
        read -ra arguments <<< "$given"
        [ -n "$given" ] || arguments=('')
        try "$verb" "${words[@]}" "${arguments[@]}"
    done
done

tried=""
# Every option that takes a value without one, with an empty one, and with one that is absurd.
for verb in "${verbs[@]}"; do
    case $verb in watch | stop | serve | man | completion | help) continue ;; esac
    read -ra words <<< "$verb"
    "$consort" help $verb > help.txt
    for option in $(sed -n 's/^ .*--\([a-z-]*\) [A-Z][A-Z=]* .*/--\1/p' help.txt | sort -u); do
        case $tried in *" $option "*) ;; *) try "$verb $option" "${words[@]}" one $option ;; esac
        tried+=" $option "
        try "$verb $option" "${words[@]}" one 0 $option ''
        try "$verb $option" "${words[@]}" one 0 $option=-99999999999999999999
    done
done
echo "${#verbs[@]} verbs: $((n - before)) tries"

echo "$n tries, $failed failed"
[ $failed = 0 ]
