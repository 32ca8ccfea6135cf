# tests/onnx_shared.sh - the part of tests/ship_onnx.sh that needs data: MNIST, letter, spambase, adult (mixed), sick (missing),
# a regression, several targets, intervals, from ../shared/data or CONSORT_DATA; what is not there is skipped, and said to be.
data=${CONSORT_DATA:-$here/../../shared/data}
absent() { if [ -n "${REQUIRE-}" ]; then fail "$1"; else skip "$1"; fi; }

# shared NAME FILE LABEL SETTINGS...: a model of FILE, compared on its rows
shared() {
    local name=$1 file=$2 label=$3 settings=()
    shift 3
    wanted "$name" || return 0
    [ -e "$data/$file" ] || { absent "$name: no $file in $data"; return 0; }
    ok "$name rows" data convert "$data/$file" "$name.csv"
    printf 'name: %s\ndata: {train: %s.csv, label: %s, rows: 2000, split: {type: kfold, folds: 2}}\nmethod: random\n' "$name" "$name" "$label" > "$name.yaml"
    printf 'run_cap: 2\nrun: {keep_models: 2}\ntrain: {epochs: 4}\nensemble: {method: average}\nparameters:\n  learning_rate: {min: 0.003, max: 0.02}\n' >> "$name.yaml"
    for setting; do settings+=(--set "$setting"); done
    ok "$name sweep" sweep "$name.yaml" -q "${settings[@]}"
    ok "$name ensemble" ensemble "$name"
    equal "$name" "$name" "$name.csv"
}
shared letter tabular/letter.arff class
shared spambase tabular/spambase.arff class data.preprocess.numeric=quantile
shared adult tabular/adult-test.csv column_15 train.activation=mish ensemble.calibrate=isotonic
shared sick tabular/sick.arff Class data.preprocess.numeric_embedding=ple
shared housing regression/cal-housing.arff medianHouseValue data.preprocess.numeric_embedding=pbld
shared both regression/stock.arff '[company9, company10]'
shared promised regression/abalone.arff Class_Rings ensemble.intervals='[0.8, 0.9]'
if wanted mnist && [ -e "$data/mnist/t10k-images-idx3-ubyte.gz" ]; then
    printf 'name: mnist\ndata: {train: {images: %s/mnist/train-images-idx3-ubyte.gz, labels: %s/mnist/train-labels-idx1-ubyte.gz}, rows: 3000}\nmethod: random\nrun_cap: 1\n' "$data" "$data" > mnist.yaml
    printf 'train: {epochs: 2, hidden: [64]}\nparameters: {learning_rate: {values: [0.003]}}\nensemble: {intervals: [0.9]}\n' >> mnist.yaml
    ok "mnist sweep" sweep mnist.yaml -q
    ok "mnist ensemble" ensemble mnist
    equal mnist mnist "$data/mnist/t10k-images-idx3-ubyte.gz"
elif wanted mnist; then
    absent "mnist: no mnist/ in $data"
fi
