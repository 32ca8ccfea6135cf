#!/bin/bash
# Exported C on emulated boards: Cortex-M0+, M3, M4F, M7 and RV32 with and without FPU (tests/boards/build.sh). Every
# row's values are those of `consort predict`; no warning of gcc or clang, as C99 and as C++, on these, x86-64 and arm64;
# nothing static that changes; what plan/measure.c says of flash and instructions is right to 5 %.
# BOARDS="m0 m4" chooses some; MORE=1: 26 more shapes, of which some are not counted that well.
#   tests/ship_boards.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
boards=$here/boards
. "$boards/build.sh"
export OPENBLAS_NUM_THREADS=1
missing=$(boards_missing)
if [ -n "$missing" ]; then
    echo "boards: skipped: no" $missing "(tests/deps.sh --ship installs them)"
    [ -z "${REQUIRE-}" ]
    exit
fi

# A table of numbers with gaps, words, a date; and small pictures.
awk 'BEGIN { srand(7); print "age,income,town,since,steps,y,tall,late,kind"
    split("Rome Oslo Lima Bern Riga", towns, " ")
    for (i = 0; i < 300; i++) {
        age = int(rand() * 60) + 18; income = rand() * 90000
        y = 30 + age / 5 + income / 1e4 + (rand() - 0.5)
        kind = age / 60 + income / 90000 + rand() < 1 ? "low" : income > 60000 ? "rich" : "mid"
        printf "%s,%s,%s,20%02d-%02d-11,%d,%.3f,%s,%s,%s\n", i % 7 ? age : "", i % 11 ? sprintf("%.2f", income) : "NA",
            i % 13 ? towns[int(rand() * 5) + 1] : "?", i % 20, 1 + i % 12, rand() * rand() * 500, y, (y > 40 ? "yes" : "no"), (i % 20 > 9 ? "yes" : "no"), kind } }' > table.csv
python3 - << 'P'
import random, struct
random.seed(4)
n, side = 300, 12
images, labels = bytearray(), bytearray()
for i in range(n):
    dx, dy = random.randrange(3), random.randrange(3)
    for y in range(side):
        for x in range(side):
            u, v = x - dx, y - dy
            lit = [4 <= u <= 5, 4 <= v <= 5, abs(u - v) < 1, abs(u + v - 9) < 1][i % 4]
            images.append(random.randrange(150, 256) if lit else random.randrange(1, 40))
    labels.append(i % 4)
with open("pictures.idx", "wb") as f: f.write(struct.pack(">HHIII", 0, 0x803, n, side, side) + images)
with open("labels.idx", "wb") as f: f.write(struct.pack(">HHI", 0, 0x801, n) + labels)
P

# model NAME LABEL DATA-KEYS [SETTINGS...]: a study of the table (LABEL pictures: of the pictures); its ensemble as
# made/NAME/model.c; rows.bin and type beside it
model() {
    local name=$1 label=$2 keys=$3 data=table.csv form=--proba setting
    shift 3
    mkdir -p "made/$name"
    {
        if [ "$label" = pictures ]; then
            data=pictures.idx form="--format idx --labels labels.idx --proba"
            printf 'name: %s\ndata: {format: idx, train: {images: pictures.idx, labels: labels.idx}%s}\n' "$name" "$keys"
        else
            case $label in y | '['*) form= ;; esac
            printf 'name: %s\ndata: {train: table.csv, label: %s%s}\n' "$name" "$label" "$keys"
        fi
        printf 'method: grid\nrun: {keep_models: 2}\nensemble: {method: average}\n'
        printf 'train: {epochs: 6, hidden: [24, 12]}\nparameters:\n  learning_rate: {values: [0.01]}\n'
    } > "$name.yaml"
    for setting; do set -- "$@" --set "$setting"; shift; done
    ok "$name: sweep" sweep "$name.yaml" -q "$@"
    ok "$name: ensemble" ensemble "$name" -q
    ok "$name: export" export "$name" --to c --numbers "${numbers-f32}" --out "made/$name/model"
    ok "$name: predict" predict "runs/$name/ensemble.consort" $data $form
    n=$((n + 1))
    python3 "$boards/rows.py" $data "made/$name/model.h" out "made/$name/rows.bin" > "made/$name/type" 2> err || fail "$name: rows.py"
}

strict="-Wall -Wextra -Wpedantic -Wconversion -Werror"

# figure NAME: a figure of what the board said last
figure() {
    awk -v name="$1" '{ for (i = 1; i < NF; i += 2) if ($i == name) print $(i + 1) }' out
}

# near WHAT COUNTED MEASURED: to 5 %
near() {
    n=$((n + 1))
    awk -v a="$2" -v b="$3" 'BEGIN { exit !(a > 0.95 * b && a < 1.05 * b) }' || fail "$1: counted $2, measured $3"
}

# counted MODEL: flash, stack and instructions that the header says
counted() {
    tr '\n' ' ' < "made/$1/model.h" | sed 's/ *\* */ /g' |
        sed -n 's/.* about \([0-9]*\) bytes of flash ([0-9]* of them constants), \([0-9]*\) of stack, and \([0-9]*\) instr.*/\1 \2 \3/p'
}

# on_board MODEL BOARD: builds, runs, compares
on_board() {
    local name=$1 board=$2 type code
    type=$(cat "made/$name/type")
    n=$((n + 1))
    (cd "made/$name" && board_model "$board" -O2) > out 2> err || { fail "$name on $board: warnings"; return; }
    board=$2
    (cd "made/$name" && board_run "$board" "$type") > out 2> err
    code=$?
    if [ $code = 95 ] && [ "$board" = m0 ] && grep -q 'overflowed\|flash\|memory' "made/$name/m0.link"; then
        board=m0-large
        (cd "made/$name" && board_model m0-large -O2 && board_run m0-large "$type") > out 2> err
        code=$?
    fi
    [ $code = 95 ] && cp "made/$name/$board.link" err
    [ $code = 0 ] || { fail "$name on $board: exit code $code"; return; }
    n=$((n + 4))
    case $name in # how far values may be, in 1e-9, and how many rows may be of another class
    *8) set -- 300000000 6 ;;
    *16) set -- 100000000 3 ;;
    *) set -- 100000 0 ;;
    esac
    [ "$(figure wrong)" -le "$2" ] || fail "$name on $board: $(figure wrong) rows of another class"
    [ "$(figure off_e9)" -lt "$1" ] || fail "$name on $board: values are off"
    [ "$(figure test)" = 0 ] || fail "$name on $board: the self-test"
    set -- "$name" "$board" $(cd "made/$name" && board_size "$board" "$type")
    [ "$4" = 0 ] || fail "$name on $board: $4 bytes of static memory"
    printf '%-9s %-9s %5d %9d %6d %6d %9d %9d %9d  %.1e\n' "$1" "$2" "$(figure rows)" "$3" "$4" "$(figure stack)" \
        "$(figure instructions)" "$(figure most)" "$(figure reading)" "$(figure off_e9)e-9"
    case $name:$board in *8:m[47] | *16:m[47]) plainly "$name" "$board" "$type" ;; esac
    [ "$board" = m4 ] || return 0
    set -- "$1" "$3" $(counted "$1")
    [ $# = 5 ] || { fail "$1: the header does not say what a prediction takes"; return; }
    printf '%-9s %-9s %5s %9d %6s %6d %9d\n' "" "counted" "" "$3" "" "$4" "$5"
    near "$1: flash" "$3" "$2"
    near "$1: instructions" "$5" "$(figure instructions)"
}

# plainly MODEL BOARD TYPE: without instructions for pairs of 16 bits, and by clang: the same to the bit, as out says
plainly() {
    local name=$1 board=$2 type=$3 bits before include
    bits=$(figure bits) before=$(figure instructions)
    cp out out.pairs
    n=$((n + 3))
    (cd "made/$name" && board_model "$board" "-O2 -DMODEL_PLAIN" && board_run "$board" "$type") > out 2> err \
        || fail "$name on $board, plainly"
    [ "$(figure bits)" = "$bits" ] || fail "$name on $board: plain C gives something else"
    [ "$(figure instructions)" -gt "$before" ] || fail "$name on $board: pairs take more than plain C"
    printf '%-9s %-9s %51d\n' "" "plain" "$(figure instructions)"
    if command -v clang > /dev/null; then
        board "$board"
        include=$(dirname "$(echo '#include <math.h>' | $cc $flags -M -x c - | tr ' ' '\n' | grep '/math.h$')")
        n=$((n + 2))
        (cd "made/$name" && clang --target=arm-none-eabi ${flags% --specs*} $strict -std=c99 -O2 -ffp-contract=off -ffunction-sections \
            -isystem "$include" -c model.c -o "$board.o" && board_run "$board" "$type") > out 2> err || fail "$name on $board by clang"
        [ "$(figure bits)" = "$bits" ] || fail "$name on $board: clang gives something else"
    fi
    n=$((n + 1))
    (cd "made/$name" && arm-none-eabi-g++ $flags $strict -x c++ -std=c++17 -O1 -c model.c -o other.o) > out 2> err \
        || fail "$name on $board: C++"
    cp out.pairs out
}

# elsewhere MODEL: x86-64 and arm64, gcc and clang, C99 and C++: no warning, and arm64 computes the same
elsewhere() {
    local name=$1 compiler
    for compiler in "cc -std=c99" "clang -std=c99" "g++ -x c++ -std=c++17" "clang++ -x c++ -std=c++17" "aarch64-linux-gnu-gcc -std=c99"; do
        command -v "${compiler%% *}" > /dev/null || { skip "no ${compiler%% *}"; continue; }
        n=$((n + 1))
        (cd "made/$name" && $compiler $strict -O1 -c model.c -o other.o) > out 2> err || fail "$name: $compiler"
    done
    command -v aarch64-linux-gnu-gcc > /dev/null && command -v qemu-aarch64 > /dev/null || return 0
    n=$((n + 1))
    (cd "made/$name" && echo '#include "model.h"
int main(void) { return model_selftest(); }' > arm64.c \
        && aarch64-linux-gnu-gcc -static -O2 arm64.c model.c -lm -o arm64 && qemu-aarch64 ./arm64) > out 2> err \
        || fail "$name: the self-test on arm64: $?"
}

if [ -n "${MORE-}" ]; then # MORE=1: many shapes, to see how near what is counted comes
    holdout=", split: {type: holdout}"
    base=", drop: [y, tall, late, town, since]"
    for a in relu leaky_relu tanh sigmoid gelu silu selu mish; do
        model "a-$a" kind "$base$holdout" train.hidden='[24, 12]' train.activation=$a
    done
    model small kind "$base$holdout" train.hidden='[4]'
    model big kind "$base$holdout" train.hidden='[64, 64, 32]' train.activation=silu
    model odd kind "$base$holdout" train.hidden='[17, 9]' train.activation=silu
    model norm kind "$base$holdout" train.hidden='[24, 24]' train.norm=layer train.residual=true
    model waves kind "$base$holdout, preprocess: {numeric_embedding: pbld}"
    model sines kind "$base$holdout, preprocess: {numeric_embedding: periodic}"
    model town kind ", drop: [y, tall, late, since]$holdout"
    model coded kind ", drop: [y, tall, late, since]$holdout, preprocess: {categorical: embed, embed_above: 2}"
    model since kind ", drop: [y, tall, late, town]$holdout"
    model knots kind "$base$holdout, preprocess: {numeric: quantile}"
    model bins kind "$base$holdout, preprocess: {numeric_embedding: ple}"
    model cool kind "$base$holdout" ensemble.calibrate=temperature
    model vector kind "$base$holdout" ensemble.calibrate=vector
    model five kind "$base, split: {type: kfold, folds: 5}"
    model number y ", drop: [kind, tall, late, since, town]$holdout"
    model three '[y, age]' ", drop: [kind, tall, late, since, town]$holdout"
    model yes '[tall, late]' ", drop: [y, kind, town, since]$holdout"
    model picture pictures "$holdout" train.hidden='[16, 8]' train.activation=silu
fi
# Integers: values are near those of floats; the ten rows of the self-test are exactly those of the plan.
numbers=i8
model words8 kind ", drop: [y, tall, late], split: {type: holdout}"
model pictures8 pictures ", split: {type: holdout}" train.hidden='[32]'
model numbers8 y ", drop: [kind, tall, late, since], split: {type: holdout}" train.activation=silu
numbers=i16
model words16 kind ", drop: [y, tall, late], split: {type: holdout}"
numbers=f32

drop=", drop: [y, tall, late]"
model words kind "$drop, split: {type: holdout}"
model folds kind "$drop, split: {type: kfold, folds: 3}" train.hidden='[16]' train.activation=tanh
model wide kind ", drop: [y, tall, late, town, since], split: {type: holdout}" train.hidden='[64, 32]'
model pictures pictures ", split: {type: holdout}" train.hidden='[32]'
model numbers y ", drop: [kind, tall, late, since], split: {type: holdout}" train.activation=silu
model edges kind ", drop: [y, tall, late, since], split: {type: holdout}, preprocess: {numeric_embedding: ple}"
model answers '[tall, late]' ", drop: [y, kind], task: labels, split: {type: holdout}"
models=$(ls made)
printf '%-9s %-9s %5s %9s %6s %6s %9s %9s %9s  %s\n' model board rows flash static stack predict most reading off
for name in $models; do
    for one in ${BOARDS-$all_boards}; do on_board "$name" "$one"; done
    [ -n "${BOARDS-}" ] || elsewhere "$name"
done
echo "boards: $n checks, $failed failed"
[ $failed = 0 ]
