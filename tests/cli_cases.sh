#!/usr/bin/env bash
# Cases: small files of what once went wrong, each with the right answer. A new case is a file and no code.
#   tests/cli_cases.sh CONSORT [PATTERN]     those below tests/cases/ whose path matches PATTERN
#
# A case is lines that begin with a word; lines indented by four blanks belong to the one before them.
#     # a remark: what was wrong
#     file NAME            the indented lines are its content
#     bytes NAME           the same, without the last newline, and \t \r \x80 \0 mean what they do in C
#     run ARGUMENTS        consort ARGUMENTS, as a shell reads them; what it says is what the next lines are about
#     sh COMMAND           any command, with consort in front of the path; indented lines go on with it
#     exit CODE            of the run before; not given: 0
#     out, err             the indented lines are all of its standard output, standard error
#     out~ err~ PATTERN    one line of it matches (extended regular expression)
#     out! err! PATTERN    none does
# Each case has an empty folder of its own.
. "${BASH_SOURCE%/*}/expect.sh"
pattern=${2:-}
if [ -z "$pattern" ]; then # the folders side by side
    pids=()
    for folder in "$here"/cases/*/; do
        name=$(basename "$folder")
        "$here/${0##*/}" "$consort" "/$name/" > "$name.said" 2>&1 &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
    cat ./*.said
    [ $failed = 0 ] && [ ${#pids[@]} -gt 0 ]
    exit
fi
mkdir bin && ln -s "$consort" bin/consort && PATH=$PWD/bin:$PATH
top=$PWD ran=0

wrong() { # wrong WHAT
    cp -f out err "$top" 2> /dev/null
    (cd "$top" && fail "${case#"$here"/}:$line: $1")
    failed=$((failed + 1))
}
code=0 want=0 pending=0
settle() { # the exit code of the last run is judged when the next thing begins
    [ $pending = 0 ] && return
    pending=0 n=$((n + 1))
    [ $code = "$want" ] || wrong "exit code $code, not $want: $ran_what"
    want=0
}
content() { # the lines of the block, without their four blanks
    local l
    for l in "${block[@]}"; do printf '%s\n' "${l:4}"; done
}
run_it() { # run_it COMMAND
    ran_what=$1
    (eval "$1") > out 2> err < /dev/null
    code=$?
    pending=1 n=$((n + 1))
    grep -qE 'Sanitizer|runtime error|Assertion|\(null\)' out err && wrong "a bug: $1"
}
compare() { # compare FILE
    n=$((n + 1))
    content > want.txt
    if ! diff -u want.txt "$1" > diff.txt; then
        cp diff.txt out; wrong "$1 is another"
    fi
}
matches() { # matches FILE PATTERN
    n=$((n + 1))
    grep -qE -- "$2" "$1" || wrong "no line of $1 matches: $2"
}
lacks_it() {
    n=$((n + 1))
    ! grep -qE -- "$2" "$1" || wrong "a line of $1 matches: $2"
}
finish() { # what stood before, with its block
    local word=${head%% *} rest=${head#* }
    [ "$rest" = "$head" ] && rest=""
    case $word in
        '' | '#'*) ;;
        file) settle; mkdir -p "$(dirname "$rest")"; content > "$rest" ;;
        bytes) settle; mkdir -p "$(dirname "$rest")"; printf '%b' "$(content)" > "$rest" ;;
        run) settle; run_it "consort $rest" ;;
        sh) settle; run_it "$rest
$(content)" ;;
        exit) want=$rest ;;
        out | err) compare "$word" ;;
        out~ | err~) matches "${word%?}" "$rest" ;;
        out! | err!) lacks_it "${word%?}" "$rest" ;;
        *) wrong "no such word: $word" ;;
    esac
}
one() { # one CASE
    case=$1 line=0 head="" block=() code=0 want=0 pending=0
    local text number=0
    while IFS= read -r text || [ -n "$text" ]; do
        number=$((number + 1))
        case $text in
            '    '*) block+=("$text") ;;
            '') [ ${#block[@]} = 0 ] || block+=("") ;;
            *) finish; head=$text line=$number; block=() ;;
        esac
    done < <(sed 's/[ ]*$//' "$case"; echo '#')
    finish
    settle
}
for file in "$here"/cases/*/*.case; do
    [[ -e $file && $file =~ $pattern ]] || continue
    mkdir "$top/case" && cd "$top/case" || exit 1
    one "$file"
    cd "$top" && rm -rf case
    ran=$((ran + 1))
done
echo "cli_cases: $ran cases, $n checks, $failed failed"
[ $failed = 0 ] && [ $ran -gt 0 ]
