#!/bin/bash
# Completion: the script for bash is sourced and asked as bash asks it; those for zsh and fish where they are.
#   tests/cli_complete.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
mkdir bin && ln -s "$consort" bin/consort && PATH=$PWD/bin:$PATH
mkdir folder && touch notes.txt 'two words.csv'
for name in digits letters; do
    ok study sweep digits --name $name --trials 2 --set method=random --set train.epochs=1 --set data.rows=100 \
        --set data.test_rows=20 --set baseline=false
done
. <(consort completion bash)

# asked WORD...: what bash would offer for the last word, sorted, on one line. Words are as bash takes them apart.
asked() {
    COMP_WORDS=(consort "$@") COMP_CWORD=$# COMPREPLY=()
    _consort 2> err
    printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | paste -sd ' '
}
offers() { # offers NAME ANSWER WORD...
    local name=$1 answer=$2
    shift 2
    is "$name: consort $*" "$(asked "$@")" "$answer"
}
offers verb "schema serve show slurm status stop sweep" s
offers options "--state" ls --st
offers flags "--help --version" --
offers second "check resolve" config ""
offers second "inspect" data ins
offers value "c csv json onnx optuna wasm" export --to ""
offers equals "c csv" export --to = c
offers state "pruned" ls --state p
offers method "greedy" ensemble --method g
offers method "gp grid" ask-tell --method g
offers effort "high low medium" run --effort ""
offers progress "auto bar lines none" sweep --progress ""
offers by "mean posterior value" best --by ""
offers from "consort csv optuna wandb-csv" import x --from ""
offers metric "f1_macro= f1_micro= f1_weighted=" evaluate digits --min f1_
offers inputs "columns matrix" export --to onnx --inputs ""
offers classes "index names" export --to onnx --classes ""
offers keys "run.seed=" run --set run.se
offers keys "train.class_weight=" run --set train.class_
offers key_value "bayes" run --set method = b
offers key_value "balanced" run --set train.class_weight = b
offers key_bool "false true" run --set data.split.stratify = ""
offers studies "digits" report dig
offers studies "letters" ls let
offers trials "0 1" show digits ""
offers trials "0 1" diff digits 0 ""
offers both "" show nosuch ""
offers failed "" retry digits ""
offers parameters "dropout=" enqueue digits drop
offers topics "config" help con
offers topics "presets" help pres
offers blanks "two words.csv" run 'two\ w'
ok blanks sweep digits --name 'a study' --trials 2 --set method=random --set train.epochs=1 --set data.rows=100 --set data.test_rows=20
offers blanks "0 1" show 'a\ study' ""
compopt() { quoted=$*; } # the builtin wants to be called by the shell
quoted= && asked show a > /dev/null && is "blanks are quoted" "$(asked show 'a\ s'; _consort; echo "$quoted")" "a study
-o filenames"
unset -f compopt
offers shells "bash" completion b
offers init "images" init i
offers folders "folder" sweep --dir f
offers files "two words.csv" run two
offers config "digits" run d
offers config "folder" run f
offers no_files "" export --to n
offers no_files "" nonsense ""
offers after "digits" show -- dig
# `run --set KEY=VALUE` in one word, as zsh and fish have it.
ok whole complete -- run --set method=b
is whole "$(cut -f1 out)" "method=bayes"
ok whole complete -- export --to=js
is whole "$(cat out)" "--to=json"
ok nothing complete --
silent nothing err
# Only words that the table has are offered as verbs, and every verb of the table is in a group of help.
ok all complete -- ""
cut -f1 out | sort -u > verbs
ok help help
n=$((n + 1))
while read -r verb; do grep -qE "^  $verb( |\$)" out || echo "$verb"; done < verbs > missing
[ ! -s missing ] || fail "not in help: $(paste -sd ' ' missing)"
lacks hidden verbs '^complete$'
for shell in zsh fish; do
    command -v $shell > /dev/null || { skip "$shell is not here"; continue; }
    n=$((n + 1))
    consort completion $shell > script.$shell
    $shell -n script.$shell 2> err || fail "$shell does not read its script"
done
echo "complete: $n checks, $failed failed, $skipped skipped"
[ $failed = 0 ]
