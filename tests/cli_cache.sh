#!/usr/bin/env bash
# A large table is kept as read: the second time says the same and reads nothing, and nobody notices when it cannot be
# kept.   tests/cli_cache.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export XDG_CACHE_HOME=$work/cache

awk 'BEGIN { print "a,b,word,y"; for (i = 0; i < 1200000; i++) printf "%d,%d.25,w%d,%s\n", i % 977, i * 7 % 8911, i % 13, i % 3 ? "u" : "v" }' > large.csv
touch -d '1 hour ago' large.csv
ok "first" data inspect large.csv
cp out first.txt
ok "second" data inspect large.csv
is "second" "$(cat out)" "$(cat first.txt)"
ok "list" data cache
has "list" out "^$work/cache/consort: 1 table"
has "list" out 'large.csv'
ok "list as JSON" data cache --json
is "list as JSON" "$(python3 -c 'import json; print(len(json.load(open("out"))["tables"]))')" 1
ok "doctor" doctor
has "doctor" out 'tables +1$'

# It is the cache that is read: of another table under its name nothing is said, which only a key that holds forgives.
kept=$(ls cache/consort/*.table)
is "kept" "$(stat -c %a "$kept")" "$(stat -c %a large.csv)"
head -c 5000 "$kept" > cut && mv cut "$kept"
ok "damaged" data inspect large.csv
has "damaged" out '^note: .* in the cache was damaged, and made anew$'
is "damaged" "$(grep -v '^note: .*damaged' out)" "$(cat first.txt)"
sed -i 's/^5,35.25,w5,u$/6,35.25,w5,u/' large.csv
touch -d '30 minutes ago' large.csv
ok "written to" data inspect large.csv
n=$((n + 1))
[ "$(sed -n 2p out)" != "$(sed -n 2p first.txt)" ] || fail "written to: the fingerprint is that of before"

ok "clear" data cache --clear
has "clear" out '^2 tables removed$'
is "clear" "$(ls cache/consort)" ""
XDG_CACHE_HOME=$work/large.csv ok "nowhere" data inspect large.csv
has "nowhere" out '^note: the table was not kept in the cache: '
cat > off.yaml <<'YAML'
data: {train: large.csv, label: y, cache: off}
parameters: {learning_rate: {min: 0.001, max: 0.01}}
YAML
ok "off" data preview off.yaml
is "off" "$(ls cache/consort)" ""
ok "a folder" data preview off.yaml --set data.cache="$work/mine"
is "a folder" "$(ls mine | wc -l)" 1
ok "a folder" data cache "$work/mine"
has "a folder" out 'large.csv'

# A folder of many pictures, used where it is mapped by all that a run does.
mkdir -p many/u many/v
awk 'BEGIN { for (i = 0; i < 1000; i++) { f = "many/" (i % 2 ? "u/" : "v/") i ".pgm"; printf "P2 4 4 255" > f
     for (k = 0; k < 16; k++) printf " %d", (i * 7 + k * (i % 2 ? 13 : 29)) % 256 > f; close(f) } }'
find many -name '*.pgm' -exec touch -d '1 hour ago' {} +
for turn in 1 2; do
    ok "many, turn $turn" run many --set run_cap=1 --set train.epochs=1 --set run.jobs=1 --dir "many-$turn" -q
    is "many, turn $turn" "$(ls cache/consort | wc -l)" 2 # a look at what it is, and the run
done
is "many" "$(sha256sum < many-1/ensemble.consort)" "$(sha256sum < many-2/ensemble.consort)"
ok "many" evaluate many-2/ensemble.consort many
ok "many" inspect many-2/ensemble.consort many --json

echo "cli_cache: $n checks, $failed failed"
[ $failed = 0 ]
