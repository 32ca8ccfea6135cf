#!/bin/bash
# The line protocol of `consort ask-tell`: answers, pending points, points from elsewhere, hostile lines, and
# the same points again from the same answers.   tests/cli_ask_tell.sh CONSORT
set -u
consort=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C OPENBLAS_NUM_THREADS=1
n=0 failed=0

fail() {
    failed=$((failed + 1))
    echo "FAILED $1"
    head -c 1500 out | sed 's/^/    /'
    head -c 300 err | sed 's/^/    /'
}
# talk EXIT NAME ARGUMENTS... < questions
talk() {
    local want=$1 name=$2 got
    shift 2
    n=$((n + 1))
    timeout 1200 "$consort" ask-tell "$@" > out 2> err
    got=$?
    [ $got = "$want" ] || fail "$name: exit code $got, not $want"
    grep -qE 'Sanitizer|runtime error|Assertion' out err && fail "$name: a bug"
}
has() { n=$((n + 1)); grep -qE -- "$2" out err || fail "$1: nothing matches: $2"; }
line() { # line NAME NUMBER PATTERN
    n=$((n + 1))
    sed -n "$2p" out | grep -qE -- "$3" || fail "$1: line $2 does not match: $3"
}
count() { n=$((n + 1)); [ "$(grep -cE -- "$3" out)" = "$2" ] || fail "$1: not $2 lines match: $3"; }

cat > space.yaml << 'END'
method: bayes
metric: {name: whatever, goal: minimize}
parameters:
  depth: {distribution: int_uniform, min: 1, max: 3}
  units_2: {distribution: q_log_uniform_values, min: 8, max: 512, q: 1, when: "depth >= 2"}
  kind: {values: [a, b]}
  rate: {distribution: log_uniform_values, min: 0.001, max: 1}
END

# ---- a conversation ----

# loop SEED N: asks and tells N times, two pending; prints the answers to ask.
loop() {
    coproc TALK { "$consort" ask-tell space.yaml --seed "$1" "${@:3}"; }
    local i answer rate tell
    for ((i = 0; i < $2 + 2; i++)); do
        echo '{"cmd":"ask"}' >&"${TALK[1]}"
        read -r answer <&"${TALK[0]}"
        echo "$answer"
        rate=$(sed 's/.*"rate":\([^,}]*\).*/\1/' <<< "$answer")
        eval "rate_$i=$rate"
        [ $i -ge 2 ] || continue
        # The later of two is told first.
        if [ $((i % 2)) = 0 ]; then tell=$((i - 1)); else tell=$((i - 3)); fi
        [ $tell -ge 0 ] || continue
        eval "rate=\$rate_$tell"
        echo "{\"cmd\":\"tell\",\"id\":$tell,\"value\":$rate}" >&"${TALK[1]}"
        read -r answer <&"${TALK[0]}"
        [ "$answer" = '{"ok":true}' ] || echo "tell $tell: $answer"
    done
    echo '{"cmd":"quit"}' >&"${TALK[1]}"
    wait "$TALK_PID"
}
loop 3 14 > first
loop 3 14 > second
loop 4 14 > third
n=$((n + 3))
cp first out
: > err
cmp -s first second || fail "the same seed and answers gave other points"
cmp -s first third && fail "another seed gave the same points"
[ "$(grep -c '^{"id":' first)" = 16 ] && ! grep -q '^tell' first || fail "loop"
[ "$(sort -u first | wc -l)" = 16 ] || fail "a point came twice"
count inactive 0 '"depth":1.*units_2'
has active '"depth":[23].*"units_2":[0-9]+'
# The rate is all that counts: the model finds small ones.
tail -4 first | grep -qE '"rate":0.00[1-4]' || fail "nothing was learned"

# ---- what else may be said ----

talk 0 other space.yaml -v << 'END'
{"cmd":"tell","params":{"depth":2,"units_2":64,"kind":"a","rate":0.01},"value":3}
{"cmd":"tell","params":{"depth":1,"units_2":64,"kind":"b","rate":0.02},"value":null}
{"cmd":"tell","params":{"depth":1,"kind":"b","rate":0.5},"value":2,"share":0.25}

  {"cmd": "ask"}
{"cmd":"tell","id":3,"value":null}
{"cmd":"quit"}
{"cmd":"ask"}
END
line other 1 '^\{"ok":true,"id":0\}$'
line other 3 '^\{"ok":true,"id":2\}$'
line other 4 '^\{"id":3,"params":\{.*"why":\{"kind":"[a-z]+"'
line other 5 '^\{"ok":true\}$'
count other 5 .

# ---- what cannot be: one answer each, and the search goes on ----

{
    cat << 'END'
{"cmd":"tell","params":{"depth":2,"kind":"a","rate":0.01},"value":3}
{"cmd":"tell","params":{"depth":2,"units_2":64,"kind":"c","rate":0.01},"value":3}
{"cmd":"tell","params":{"depth":2,"units_2":4,"kind":"a","rate":0.01},"value":3}
{"cmd":"tell","params":{"depth":1,"kind":"a","rate":"fast"},"value":3}
{"cmd":"tell","params":{"depth":1,"kind":"a","rate":0.1,"color":1},"value":3}
{"cmd":"tell","params":{"depth":1,"kind":"a","rate":{"x":1}},"value":3}
{"cmd":"tell","params":[1,2],"value":3}
{"cmd":"tell","id":0,"value":1}
{"cmd":"tell","id":-1,"value":1}
{"cmd":"tell","id":0.5,"value":1}
{"cmd":"tell","id":1e300,"value":1}
{"cmd":"tell","id":"0","value":1}
{"cmd":"tell","id":0}
{"cmd":"tell","value":1}
{"cmd":"tell","id":0,"params":{},"value":1}
{"cmd":"tell","id":0,"value":"good"}
{"cmd":"tell","params":{"depth":1,"kind":"a","rate":0.1},"value":1,"share":0}
{"cmd":"tell","params":{"depth":1,"kind":"a","rate":0.1},"value":1,"share":"half"}
{"cmd":"dance"}
{"command":"ask"}
[]
7
"ask"
null
ask
{"cmd":"ask"
{"cmd":"ask","cmd":"ask"}
{"cmd":"ask"} {"cmd":"ask"}
END
    printf '{"cmd":"a\0sk"}\n\xff\xfe\n'
    printf '%0.s[' {1..5000}; echo
    head -c 2000000 /dev/zero | tr '\0' 'x'; echo
    echo '{"cmd":"ask"}'
} > hostile
lines=$(wc -l < hostile)
talk 0 hostile space.yaml < hostile
count hostile $((lines - 1)) '^\{"error":".+"\}$'
line hostile 1 'units_2.*missing'
line hostile 2 'kind.*choices'
line hostile 3 'units_2.*from 8 to 512'
line hostile $((lines - 1)) '1 MiB'
line hostile "$lines" '^\{"id":0,'

printf '{"cmd":"ask"}\n{"cmd":"tell","id":0,"value":1}\n{"cmd":"tell","id":0,"value":1}' > twice
talk 0 twice space.yaml < twice
line twice 2 '^\{"ok":true\}$'
line twice 3 'error.*already'

# ---- spaces ----

printf 'method: grid\nparameters: {a: {values: [1, 2]}, b: {values: [x, y]}}\n' > grid.yaml
printf '{"cmd":"ask"}\n%.0s' {1..6} > six
talk 0 grid grid.yaml < six
count grid 4 '^\{"id"'
count grid 2 '"exhausted":true'
talk 0 around grid.yaml --method random < six
count around 6 '^\{"id"'
printf 'parameters: {a: {values: [1, 2]}, b: {values: [1, 2]}}\nconstraints: ["a + b > 9"]\n' > never.yaml
talk 0 never never.yaml < six
count never 6 '"exhausted":true'
printf 'method: bayes\nmetric: {goal: maximize}\nparameters: {x: {min: 0.0, max: 1.0}}\n' > up.yaml
for ((i = 0; i <= 20; i++)); do
    awk -v i=$i 'BEGIN { printf "{\"cmd\":\"tell\",\"params\":{\"x\":%g},\"value\":%g}\n", i / 20, i / 20 }'
done > rising
echo '{"cmd":"ask"}' >> rising
talk 0 maximize up.yaml < rising
has maximize '"id":21,"params":\{"x":(1|1\.0|0\.9)'

talk 2 no_file missing.yaml < /dev/null
talk 2 stdin - < /dev/null
talk 2 bad_method space.yaml --method bayse < /dev/null
has bad_method 'did you mean bayes'
printf 'method: bayes\n' > empty.yaml
talk 2 no_parameters empty.yaml < /dev/null
has no_parameters parameters
printf 'paramters: {}\n' > typo.yaml
talk 2 typo typo.yaml < /dev/null
has typo 'did you mean `parameters`'
printf 'run: {seed: -1}\nparameters: {x: {min: 0.0, max: 1.0}}\n' > seed.yaml
talk 2 seed seed.yaml < /dev/null
printf 'method: grid\nparameters: {x: {min: 0.0, max: 1.0}}\n' > nogrid.yaml
talk 2 nogrid nogrid.yaml < /dev/null
n=$((n + 1))
"$consort" ask-tell space.yaml < six > /dev/full 2> err
[ $? = 1 ] && grep -q 'standard output' err || fail "a full disk"

echo "$n checks of ask-tell, $failed failed"
[ $failed = 0 ]
