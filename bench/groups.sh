#!/usr/bin/env bash
# What a split is worth where rows belong together: 300 people of five rows each, and 2,000 others of one row, whom nobody has
# seen. A line a table: what the random split says, what the one by groups says, and what each one's model then does
# with the others.   bench/groups.sh CONSORT [TABLES]
set -euo pipefail
consort=$(realpath "$1") tables=${2:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C

people() { # people SEED FIRST PEOPLE ROWS: two multiplicative generators make one (L'Ecuyer 1988), the same in any awk
    awk -v seed="$1" -v first="$2" -v people="$3" -v rows="$4" '
        function uniform(   z) {
            a = (a * 40014) % 2147483563; b = (b * 40692) % 2147483399; z = a - b
            return (z > 0 ? z : z + 2147483562) / 2147483563
        }
        function normal() { return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform()) }
        BEGIN {
            a = seed; b = 7 * seed
            print "person,m1,m2,m3,m4,m5,m6,answer"
            for (p = first; p < first + people; p++) {
                for (k = 1; k <= 6; k++) own[k] = normal()
                answer = uniform() < 1 / (1 + exp(-2 * own[1])) ? "yes" : "no"
                for (r = 0; r < rows; r++) {
                    printf "p%05d", p
                    for (k = 1; k <= 6; k++) printf ",%.3f", own[k] + 0.15 * normal()
                    print "," answer
                }
            }
        }'
}

study() { # study NAME DATA-LINE
    cat > "$1.yaml" << YAML
method: random
metric: {name: accuracy}
run_cap: 4
baseline: false
data:
  train: seen.csv
  test: fresh.csv
  label: answer
  $2
  split: {type: kfold, folds: 5}
train: {hidden: [64, 64], epochs: 40}
parameters: {learning_rate: {min: 0.003, max: 0.02}}
YAML
    rm -rf "$1"
    "$consort" run "$1.yaml" --dir "$1" -q > said 2>&1 || { cat said >&2; exit 1; }
    sed -n 's/^ *"score": \([0-9.]*\),$/\1/p' "$1/ensemble.json" | head -n 1
    "$consort" evaluate "$1" --final | sed -n 's/^ *accuracy  *\(0\.[0-9][0-9][0-9][0-9]\) .*/\1/p' | head -n 1
}

printf '%-6s %8s %8s %9s %8s\n' table random "of new" by-groups "of new"
for ((t = 1; t <= tables; t++)); do
    people $((10 + t)) 0 300 5 > seen.csv
    people $((500 + t)) 50000 2000 1 > fresh.csv
    random=$(study random 'drop: [person]') grouped=$(study grouped 'groups: person')
    printf '%-6d %8.3f %8.3f %9.3f %8.3f\n' $t $random $grouped
done
