#!/bin/sh
# Do the documents say what the program does?   tests/cli_docs.sh CONSORT
#
#   <!-- check -->           the ```yaml block below passes `consort config check`
#   <!-- refuse: TEXT -->    it is refused with exit code 2 and a message that contains TEXT
#   docs/reference/cli.md              has a heading for every verb of `consort help`, and every option
#   docs/reference/config.md           has every key of `consort help config`
#   docs/reference/search.md           has a row for every method of `consort help methods`
#   docs/reference/data.md             names every format of data.format
#   *.md                     every path in backquotes that begins with a room is there, and so is every path that
#                            a comment of ours names
#   *.md                     every link within this repository leads to a file, and to a heading of it
set -u
consort=$(realpath "$1") || exit 1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
status=0 n=0
complain() {
    echo "cli_docs.sh: $1" >&2
    status=1
}

# Each marked block becomes a file NUMBER.yaml, beside NUMBER.want, where it stands and what it wants.
awk -v folder="$folder" '
    /^<!-- (check|refuse: .*) -->$/ { want = $0; sub(/^<!-- /, "", want); sub(/ -->$/, "", want); next }
    /^```yaml$/ && want != "" {
        name = folder "/" sprintf("%03d", ++n)
        print FILENAME ":" FNR ": " want > (name ".want")
        close(name ".want")
        inside = 1
        want = ""
        next
    }
    /^```$/ { if (inside) close(name ".yaml"); inside = 0; next }
    inside { print > (name ".yaml") }
    /[^ ]/ && !inside && want != "" {
        print FILENAME ":" FNR ": a mark without a block" > (folder "/stray")
        want = ""
    }
' docs/*.md docs/*/*.md README.md
[ -e "$folder/stray" ] && complain "$(cat "$folder/stray")"

for want in "$folder"/*.want; do
    [ -e "$want" ] || break
    n=$((n + 1))
    place=$(sed 's/: .*//' "$want")
    text=$("$consort" config check "${want%.want}.yaml" 2>&1)
    code=$?
    case $(cat "$want") in
    *": refuse: "*)
        expected=$(sed 's/^[^ ]*: refuse: //' "$want")
        [ $code = 2 ] || complain "$place: exit code $code, not 2"
        case $text in *"$expected"*) ;; *) complain "$place: says: $text" ;; esac ;;
    *) [ $code = 0 ] || complain "$place: $text"
        "$consort" config resolve "${want%.want}.yaml" > "$folder/again.yaml" &&
            "$consort" config check "$folder/again.yaml" > "$folder/said" 2>&1 ||
            complain "$place: resolved: $(cat "$folder/said")" ;;
    esac
done
for config in configs/*.yaml; do
    "$consort" config resolve "$config" > "$folder/once.yaml" &&
        "$consort" config resolve "$folder/once.yaml" > "$folder/twice.yaml" &&
        cmp "$folder/once.yaml" "$folder/twice.yaml" || complain "$config does not read back"
done
[ $n -ge 10 ] || complain "only $n marked blocks were found"

stands_in() { # FILE WORD WHAT
    grep -qF -e "\`$2\`" -e "\`$2 " -e " $2\`" "$1" || complain "$1: $3 \`$2\` is missing"
}
verbs=$("$consort" help | sed -n 's/^  \([a-z]\{2,\}\( [a-z]\{4,\}\)\{0,1\}\) .*/\1/p' | grep -v '^consort')
[ "$(echo "$verbs" | wc -l)" -ge 15 ] || complain "the verbs of \`consort help\` could not be read"
echo "$verbs" > "$folder/verbs"
while read -r verb; do
    case $verb in "data "* | "config "* | "model "*) ;; *) verb=${verb%% *} ;; esac
    grep -qE "^### $verb( |\$)" docs/reference/cli.md || complain "docs/reference/cli.md: no heading for $verb"
    # shellcheck disable=SC2086
    "$consort" help $verb | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -e '--[a-z-]+' >> "$folder/all"
done < "$folder/verbs"
sort -u "$folder/all" > "$folder/options"
while read -r option; do stands_in docs/reference/cli.md "$option" option; done < "$folder/options"
for key in $(COLUMNS=1000 "$consort" help config | sed 's/^ *//; s/ .*//' | sort -u); do
    stands_in docs/reference/config.md "$key" key
done

# Methods of search: in the table of docs/reference/search.md, and the list of docs/reference/config.md and docs/reference/cli.md.
methods=$("$consort" help methods | sed -n 's/^\([a-z]\{1,\}\) .*/\1/p')
[ "$(echo "$methods" | wc -l)" -ge 8 ] || complain "the methods of \`consort help methods\` could not be read"
list=$(echo $methods | sed 's/ /, /g')
for method in $methods; do
    grep -qF -e "| \`$method\` |" docs/reference/search.md || complain "docs/reference/search.md: no row for the method $method"
done
for page in docs/reference/config.md docs/reference/cli.md; do
    grep -qF -e "$list" $page || complain "$page: the methods are $list"
done

# Formats that a file may have, as a message lists them.
printf 'data: {format: nope, train: a.csv}\nparameters: {dropout: {min: 0.0, max: 0.5}}\n' > "$folder/format.yaml"
formats=$("$consort" config check "$folder/format.yaml" 2>&1 | sed -n 's/.*is one of \(.*\)$/\1/p' | tr -d ',')
[ -n "$formats" ] || complain "the formats could not be read"
for format in $formats; do grep -qwi -e "$format" docs/reference/data.md || complain "docs/reference/data.md: no format $format"; done

# Paths of files, in pages and in comments.
rooms="base data engine model tuner ensemble reports export job app examples tests docs bench configs"
path="($(echo $rooms | tr ' ' '|'))/[A-Za-z0-9_./-]*\.(c|h|S|sh|py|md|txt|yaml|js|css|awk|db|png|json|html)"
{
    grep -noE "\`$path" README.md CONTRIBUTING.md docs/*.md docs/*/*.md bench/*.md | tr -d '`'
    grep -noE "(^|[ (])$path" $(for room in $rooms; do find $room -name '*.[ch]' -o -name '*.sh' -o -name '*.txt'; done | grep -v rules_can_fail) \
        tests/golden/*.py Makefile | sed 's/:[ (]\([^:]*\)$/:\1/'
} | while IFS=: read -r page line named; do
    case $named in *NAME* | *ROOM* | *-N.*) continue ;; esac
    [ -e "$named" ] || echo "$page:$line: $named is not there"
done > "$folder/gone"
[ ! -s "$folder/gone" ] || complain "$(cat "$folder/gone")"

# What a fail code's row in docs/reference/database.md promises (tests/test_store_rows.c) is written by somebody.
codes=$(grep -oE 'X\(FAIL_[A-Z_]+' tuner/store/rows.h | sed 's/X(//')
[ "$(echo "$codes" | wc -l)" -ge 9 ] || complain "tuner/store/rows.h: the fail codes could not be read"
for code in $codes; do
    grep -rqE --include='*.c' "\b$code\b" tuner || complain "tuner/store/rows.h: nobody writes $code"
done

# Anchors as GitHub makes them from headings: lower case, blanks to hyphens, other signs dropped.
anchors() { sed -n 's/^##* //p' "$1" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-'; }
for page in README.md CONTRIBUTING.md CHANGELOG.md docs/*.md docs/*/*.md bench/*.md; do
    for link in $(grep -oE '\]\([^): ]+\)' "$page" | sed 's/^](//; s/)$//'); do
        file=$(dirname "$page")/${link%%#*}
        case $link in "#"*) file=$page ;; esac
        [ -e "$file" ] || { complain "$page: $link is not there"; continue; }
        case $link in *"#"*) ;; *) continue ;; esac
        anchors "$file" | grep -qxF -e "${link#*#}" || complain "$page: $link: no such heading"
    done
done
verbs=$(wc -l < "$folder/verbs") options=$(wc -l < "$folder/options")
[ $status = 0 ] && echo "cli_docs.sh: $n examples, $verbs verbs, $options options agree"
exit $status
