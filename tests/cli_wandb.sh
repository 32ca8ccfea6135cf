#!/bin/sh
# Does a program get what the real wandb would give it, over random parameters? Needs a Python with wandb and PyYAML, $PYTHON
# (python3 if not set); skips without. WANDB_ROUNDS says how many sweeps of 150 values (2).
#   tests/cli_wandb.sh CONSORT
set -eu
consort=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
"$python" -c 'import wandb, yaml' 2> /dev/null || {
    echo "skipped: cli_wandb.sh: no wandb for $python (PYTHON=/path/to/python chooses another)"
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$python" "$here/golden/wandb_live.py" "$consort" "${WANDB_ROUNDS:-2}" "${WANDB_SEED:-$(date +%j)}"
