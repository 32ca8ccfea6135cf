#!/bin/sh
# Does a program get what the real wandb would give it, over random parameters? Needs a Python with wandb and PyYAML, $PYTHON
# (python3 if not set); skips without. WANDB_ROUNDS says how many sweeps of 150 values (2).
#   tests/cli_wandb.sh CONSORT
modules="wandb, yaml" tool=wandb
. "$(dirname "$0")/peer.sh"
"$python" "$here/golden/wandb_live.py" "$consort" "${WANDB_ROUNDS:-2}" "${WANDB_SEED:-$(date +%j)}"
