#!/bin/bash
# Prints what each function of plan/runtime/ takes on an emulated Cortex-M4F (pieces.c): instructions by its sizes, then
# its bytes of code. For whoever adjusts the table in plan/measure.c.   tests/boards/pieces.sh
set -eu
boards=$(cd "${BASH_SOURCE%/*}" && pwd)
. "$boards/build.sh"
missing=$(boards_missing)
[ -z "$missing" ] || { echo "no" $missing "(tests/deps.sh --ship installs them)"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
board m4
$cc $flags -O2 -std=c99 -Wno-unused-function -ffunction-sections -fdata-sections -nostartfiles -DTICK_PS=$ps \
    -DINSTRUCTION_PS=$((1000 << shift)) -I"$boards" -I"$boards/../.." "$boards/pieces.c" $start \
    -Wl,--gc-sections,--no-warn-rwx-segments -lm -o pieces.elf
$emulator $machine -display none -monitor none -serial none -semihosting-config enable=on,target=native -icount shift=$shift \
    -kernel pieces.elf < /dev/null 2>&1
$nm -S --size-sort pieces.elf | awk 'function hex(text,   i, n) { for (i = 1; i <= length(text); i++) n = 16 * n + index("0123456789abcdef", substr(text, i, 1)) - 1; return n }
    $4 ~ /_$/ || $4 ~ /^rt_/ { print "code", $4, hex($2) }'
