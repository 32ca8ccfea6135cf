#!/bin/sh
# Loads a report in headless Chromium, light and dark, at three widths and on paper, and fails when the page
# complains, a chart is missing, dark looks like light, something is too wide, or what tests/browser_check.js asks
# (sorting, filters, saving, hostile labels, the policy) is not so. Where axe-core is found its rules are held, too.
#
#     tests/browser.sh [REPORT.html]       without one, the page that test_reports_html writes (from $B)
#     tests/browser.sh --which             where Chromium is
#     AXE=FILE                             axe.min.js; else the one of a Python package such as axe-playwright-python
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
    CONSORT_PAGE=$page CONSORT_PAGE_NUMBERS=$folder/numbers.html CONSORT_PAGE_LABELS=$folder/labels.html \
        "${B:-build}/tests/test_reports_html" > "$folder/test" 2>&1 || {
        cat "$folder/test"
        exit 1
    }
    charts="$charts verdict parallel timeline curve-rate reliability roc pr threshold mistakes gain importance front pair ablation distribution stopping usage"
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
        grep -q "<figure class=\"chart\" data-chart=\"$chart\" data-caption=\"[^\"]*\">" "$shown" || complain "$scheme: no $chart chart"
    done
    n=$(grep -o '<svg' "$shown" | wc -l)
    [ "$n" -ge 4 ] || complain "$scheme: only $n drawings"
}
look light 1
look dark 0
cmp -s "$folder/light.png" "$folder/dark.png" && complain "dark looks like light"

# A copy of the page with scripts of ours in its end.
with() { # COPY SCRIPT...
    copy=$1
    shift
    sed '/^<\/body>$/,$d' "$page" > "$copy"
    for script; do
        { echo '<script>' && cat "$script" && echo '</script>'; } >> "$copy"
    done
    echo '</body></html>' >> "$copy"
}
here=$(dirname "$0")
ask() { # PAGE WIDTH EXPRESSION...
    python3 "$here/browser_ask.py" "$browser" "$folder/profile" "$@" 2>&1
}
root=document.documentElement
with "$folder/checked.html" "$here/browser_check.js"
answer=$(ask "$folder/checked.html" 1280 "$root.getAttribute('data-checked')")
[ "$answer" = ok ] || complain "in the page: $answer"

# Charts are drawn again a moment after the width changes, so that each width gets a page of its own.
for width in 390 768 1440; do
    answer=$(ask "$page" $width "$root.hasAttribute('data-drawn') ? $root.scrollWidth - $root.clientWidth + ' over' : ''")
    [ "$answer" = "0 over" ] || complain "$width pixels: $answer"
done

# The pages of other tasks have charts of their own; of several targets the one that was chosen shows.
of_task() { # PAGE CHART...
    task=$folder/$1.html
    [ -f "$task" ] || return
    shift
    names=$(for chart; do printf "'%s'," "$chart"; done)
    answer=$(ask "$task" 390 "$root.hasAttribute('data-drawn') ? $root.scrollWidth - $root.clientWidth + ' over, ' + ($root.getAttribute('data-problems') || 'whole') + [$names].filter(n => !document.querySelector('[data-chart=' + n + '] svg[role=img]')).map(n => ', no ' + n).join('') : ''")
    [ "$answer" = "0 over, whole" ] || complain "$(basename "$task"): $answer"
}
of_task numbers scatter residuals errors sizes quantiles coverage verdict
of_task labels reliability roc pr verdict
if [ -f "$folder/numbers.html" ]; then
    answer=$(ask "$folder/numbers.html" 1280 "$root.hasAttribute('data-drawn') ? (s => { s.value = 1; s.dispatchEvent(new Event('change')); return [...document.querySelectorAll('.target')].map(t => t.classList.contains('away')).join(); })(document.querySelector('.targets select')) : ''")
    [ "$answer" = "true,false" ] || complain "the second target was chosen: $answer"
fi

"$browser" --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$folder/profile" \
    --no-pdf-header-footer --print-to-pdf="$folder/page.pdf" "file://$page" > /dev/null 2>&1
head -c 5 "$folder/page.pdf" 2> /dev/null | grep -q '%PDF-' || complain "it does not print"

axe=${AXE:-$(python3 -c 'import glob, site, sys
places = site.getsitepackages() + [site.getusersitepackages()]
found = [f for p in places for f in glob.glob(p + "/axe*/**/axe.min.js", recursive=True)]
print(found[0] if found else "")' 2> /dev/null)}
if [ -f "$axe" ]; then
    cat > "$folder/run-axe.js" <<'END'
(async function () { // the page, and again with a trial opened
    const said = [];
    const look = async () => (await axe.run({resultTypes: ["violations"]})).violations.forEach((v) =>
        said.push(v.id + ": " + v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", ")));
    try {
        await look();
        const link = document.querySelector('a[href^="#trial-"]');
        if (link) {
            window.location.hash = link.getAttribute("href");
            while (!document.querySelector("dialog[open]")) await new Promise((done) => setTimeout(done, 50));
            await look();
        }
    } catch (error) { said.push(String(error)); }
    document.documentElement.setAttribute("data-axe", said.join("; ") || "none");
}());
END
    with "$folder/axe.html" "$axe" "$folder/run-axe.js"
    for width in 390 1280; do
        answer=$(ask "$folder/axe.html" $width "$root.getAttribute('data-axe')")
        [ "$answer" = none ] || complain "axe at $width pixels: $answer"
    done
    axe="axe-core content"
else
    axe="axe-core not here: its rules were skipped"
fi
[ $status = 0 ] && echo "browser.sh: $n drawings, light and dark, three widths, paper, no complaints; $axe"
exit $status
