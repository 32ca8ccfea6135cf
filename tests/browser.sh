#!/bin/sh
# Loads a report in headless Chromium, light and dark, and fails when the page complains, a chart is
# missing or dark looks like light.
#
#     tests/browser.sh [REPORT.html]       without one, the page that test_reports_html writes (from $B)
#     tests/browser.sh --which             where Chromium is
set -u
[ "${1:-}" = --which ] && { command -v chromium || command -v chromium-browser || command -v google-chrome; exit; }
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "browser.sh: skipped, no Chromium here (apt-get install chromium)"
    exit 0
}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
page=${1:-}
charts="history slices curve-metric curve-loss"
if [ -z "$page" ]; then
    page=$folder/page.html
    CONSORT_PAGE=$page "${B:-build}/tests/test_reports_html" > "$folder/test" 2>&1 || {
        cat "$folder/test"
        exit 1
    }
    charts="$charts verdict parallel timeline curve-rate reliability roc pr threshold mistakes gain importance front"
    charts="$charts weights saliency templates activations asked permutation dependence histograms training augmented"
fi
page=$(realpath "$page") || exit 1
status=0
complain() {
    echo "browser.sh: $1" >&2
    status=1
}
look() { # SCHEME NUMBER: Chromium's preferredColorScheme is 0 for dark, 1 for light
    shown=$folder/$1.html
    set -- "$1" --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$folder/profile" \
        --hide-scrollbars --window-size=1280,2400 --blink-settings=preferredColorScheme="$2"
    scheme=$1
    shift
    "$browser" "$@" --enable-logging=stderr --dump-dom "file://$page" > "$shown" 2> "$folder/log" ||
        complain "$scheme: the browser failed"
    "$browser" "$@" --screenshot="$folder/$scheme.png" "file://$page" > /dev/null 2>&1 ||
        complain "$scheme: no picture"
    # A message of the page itself reads "INFO:CONSOLE(12)] ..."
    grep 'CONSOLE' "$folder/log" && complain "$scheme: the page wrote to the console"
    grep -q '<html[^>]* data-drawn="yes"' "$shown" || complain "$scheme: the script did not finish"
    grep -o '<html[^>]* data-problems="[^"]*"' "$shown" && complain "$scheme: the script failed"
    for chart in $charts; do
        grep -q "<figure class=\"chart\" data-chart=\"$chart\">" "$shown" || complain "$scheme: no $chart chart"
    done
    n=$(grep -o '<svg' "$shown" | wc -l)
    [ "$n" -ge 4 ] || complain "$scheme: only $n drawings"
}
look light 1
look dark 0
cmp -s "$folder/light.png" "$folder/dark.png" && complain "dark looks like light"
[ $status = 0 ] && echo "browser.sh: $n drawings, light and dark, no complaints"
exit $status
