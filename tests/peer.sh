# tests/peer.sh - what the scripts that ask another tool share; each sets
#     modules=...  tool=...     what Python has to import, and what that is called
# and then reads this by `.`: it gets $consort, $here, $python ($PYTHON, or python3) and an empty folder to work in, which goes
# when the script ends. Without the modules it ends here, and says so.
set -eu
consort=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
"$python" -c "import $modules" 2> /dev/null || {
    echo "skipped: $(basename "$0"): no $tool for $python (PYTHON=/path/to/python chooses another)"
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
