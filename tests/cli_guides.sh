#!/usr/bin/env bash
# Follows the guides as they stand: every command of a page of docs/guides that says `<!-- guide: ... -->` is run, one
# page a folder, from top to bottom, and must end well.   tests/cli_guides.sh CONSORT [PAGE]
#
#   <!-- guide: needs FILE FILE -->   a guide, and the files it begins with: of
#                                  ../shared/data, or of CONSORT_DATA; without them the page is skipped, and said to be
#   <!-- file: sweep.yaml -->      the block that follows is written there
#   ```sh                          commands; bash, each block stops at the first that fails
#   <!-- fails: 2 -->              the block that follows ends with this exit code
#   <!-- says: WORDS -->           what the block before printed has these words, blanks counting as one
#   <!-- not run: WHY -->          the block that follows is left alone
#   <!-- with: PROGRAM PROGRAM --> the block that follows is run where there are these programs; elsewhere it is skipped
#                                  with what it says, in a line that says so (REQUIRE=1: that is a failure)
#   <!-- two hosts -->             the block that follows wants a second host: run where GUIDES_HOSTS is set, by
#                                  tests/ship_cluster.sh, elsewhere left alone with what it says
#
# GUIDES_SKIP="mnist" leaves pages out (all: all of them): that one trains for most of a minute, which is too much beside loops.
set -u
consort=$(realpath "$1") root=$(cd "$(dirname "$0")/.." && pwd)
given=${CONSORT_DATA:-$root/../shared/data}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$consort" "$work/bin/consort"
export PATH=$work/bin:$PATH LC_ALL=C TERM=dumb NO_COLOR=1
status=0 pages=0 skipped=0 n=0

# One file a step, in order: 001.file (first line its name), 001.run (first line its exit code), 001.says.
steps() {
    awk -v folder="$2" '
        function open_(kind, first) { out = sprintf("%s/%03d.%s", folder, ++step, kind); print first > out; at = FNR }
        /^<!-- file: .* -->$/    { want = "file"; what = $3; next }
        /^<!-- fails: [0-9]+ -->$/ { fails = $3; next }
        /^<!-- not run: .* -->$/ { want = "skip"; next }
        /^<!-- with: .* -->$/    { open_("with", substr($0, 12, length($0) - 15)); close(out); next }
        /^<!-- two hosts -->$/   { open_("hosts", ""); close(out); next }
        /^<!-- says: .* -->$/    { open_("says", substr($0, 12, length($0) - 15)); close(out); next }
        /^```/ && !inside {
            inside = 1
            out = ""
            if (want == "file") open_("file", what)
            else if (/^```sh$/ && want != "skip") open_("run", (fails ? fails : 0) " " FNR)
            want = fails = ""
            next
        }
        /^```$/ { if (out) close(out); inside = 0; next }
        inside && out { print > out }' "$1"
}

follow() { # PAGE
    local page=$1 name needs missing="" step head code wanted program absent="" out=
    name=$(basename "$page" .md)
    needs=$(sed -n 's/^<!-- guide: needs \(.*\) -->$/\1/p' "$page")
    case " ${GUIDES_SKIP:-} " in
    *" $name "* | " all ")
        echo "skipped: $name.md: GUIDES_SKIP names it"
        skipped=$((skipped + 1))
        return ;;
    esac
    mkdir -p "$work/$name.steps" "$work/$name"
    cd "$work/$name" || exit 1
    for file in $needs; do
        case $file in data/*) from=$given/tabular/${file#data/} ;; *) from=$given/$file ;; esac
        [ -e "$from" ] || { missing="$missing $file"; continue; }
        mkdir -p "$(dirname "$file")"
        ln -s "$(realpath "$from")" "$file"
    done
    if [ -n "$missing" ]; then
        echo "skipped: $name.md needs$missing (CONSORT_DATA=folder with them)"
        skipped=$((skipped + 1))
        return
    fi
    pages=$((pages + 1))
    steps "$page" "$work/$name.steps"
    for step in "$work/$name.steps"/*; do
        head=$(head -n 1 "$step")
        case $step in
        *.file)
            mkdir -p "$(dirname "$head")"
            sed 1d "$step" > "$head" ;;
        *.with)
            absent=""
            for program in $head; do command -v "$program" > /dev/null || absent="$absent $program"; done
            [ -n "$absent" ] || continue
            echo "skipped: a block of $name.md needs$absent (tests/deps.sh --ship installs it)"
            [ -z "${REQUIRE-}" ] || status=1
            out=next ;;
        *.hosts) [ -n "${GUIDES_HOSTS-}" ] || out=next ;;
        *.run)
            case $out in next) out=this ;; *) out= ;; esac
            [ -z "$out" ] || continue
            n=$((n + 1))
            sed 1d "$step" > "$work/block"
            bash -e "$work/block" > "$work/out" 2>&1 < /dev/null
            code=$? wanted=${head% *}
            [ $code = "$wanted" ] && continue
            echo "$name.md:${head#* }: ended with $code, not $wanted" >&2
            sed 's/^/    /' "$work/block" "$work/out" >&2
            status=1
            return ;;
        *.says)
            [ -z "$out" ] || continue
            tr -s ' \n' '  ' < "$work/out" | grep -qF -e "$(echo "$head" | tr -s ' ')" && continue
            echo "$name.md: does not say: $head" >&2
            sed 's/^/    /' "$work/out" >&2
            status=1 ;;
        esac
    done
}

for page in "$root"/docs/guides/*.md; do
    grep -q '^<!-- guide: ' "$page" || continue
    case ${2:-} in "" | "$(basename "$page" .md)") follow "$page" ;; esac
done
[ $status = 0 ] && echo "cli_guides.sh: $pages guides followed, $n blocks, $skipped skipped"
exit $status
