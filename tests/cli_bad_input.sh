#!/bin/bash
# Bad input, one case a line: configurations, command lines, data, models, databases. Each must end in
# ONE line on stderr that names the place and the reason or the cure, in nothing on stdout, in the
# right exit code (app/cli.h), and never in a crash.   tests/cli_bad_input.sh CONSORT [NAME]
# With NAME only the cases whose names contain it are run, and what they say is shown.
set -u
consort=$(realpath "$1") only=${2-} here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$here/until.sh"
export LC_ALL=C TERM=dumb NO_COLOR=1 OPENBLAS_NUM_THREADS=1
n=0 failed=0 skipped=0

# bad NAME EXIT PATTERN ARGUMENTS...: runs `consort ARGUMENTS` with standard input from $input.
input=/dev/null output=out.txt
bad() {
    local name=$1 want=$2 pattern=$3 got why="" line lines
    case $name in *"$only"*) ;; *) return ;; esac
    shift 3
    n=$((n + 1))
    : > out.txt
    timeout 1200 "$consort" "$@" < "$input" > "$output" 2> err.txt
    got=$?
    mapfile -t lines < err.txt
    line=${lines[0]-}
    [ $got = "$want" ] || why="exit code $got, not $want"
    [ ${#lines[@]} = 1 ] || why="$why; ${#lines[@]} lines on stderr"
    [ -s out.txt ] && why="$why; something on stdout"
    [[ $line =~ $pattern ]] || why="$why; nothing that matches: $pattern"
    case $line in "consort: "*) ;; *) why="$why; no 'consort: ' in front" ;; esac
    case ${lines[*]-} in *Sanitizer* | *"runtime error"* | *Assertion* | *"(null)"*) why="$why; a bug" ;; esac
    [[ $line =~ [[:cntrl:]] ]] && why="$why; control characters"
    [ -n "$only" ] && printf '%s: %d: %s\n' "$name" $got "$line"
    [ -z "$why" ] && return
    failed=$((failed + 1))
    printf 'FAILED %s: %s\n  consort' "$name" "${why#; }"
    printf ' %q' "$@"
    printf '\n  %s\n' "$(head -c 1500 err.txt)"
}

# conf NAME PATTERN YAML: a configuration with those top-level keys, the others as below, is refused.
conf() {
    local name=$1 pattern=$2 text=$3 key value
    {
        printf '%s\n' "$text"
        while IFS='|' read -r key value; do
            [[ $'\n'$text == *$'\n'"$key:"* ]] || printf '%s: %s\n' "$key" "$value"
        done <<'END'
method|random
run_cap|2
metric|{name: val_accuracy}
parameters|{learning_rate: {min: 0.001, max: 0.01}}
data|{format: digits, rows: 100, test_rows: 10}
train|{epochs: 1}
END
    } > "$name.yaml"
    bad "$name" 2 "$pattern" config check "$name.yaml"
}

# table NAME PATTERN BYTES: a file of these bytes (as printf %b writes them) is no table.
table() {
    printf '%b' "$3" > "$1"
    bad "$1" 3 "$2" data inspect "$1"
}

skip() { # skip WHAT WHY
    skipped=$((skipped + 1))
    echo "skipped: $1: $2"
}

# ---- YAML: the text ----------------------------------------------------------------------------

conf numbers_key 'numbers_key.yaml:1:11: unknown key `trian` in `numbers`; did you mean `train`' 'numbers: {trian: {epochs: 3}}'
conf numbers_preset 'numbers_preset.yaml:1:19: unknown preset `relmlp`; did you mean `realmlp`' 'numbers: {preset: relmlp}'
conf numbers_setting 'numbers_setting.yaml:1:27: epochs is 0' 'numbers: {train: {epochs: 0}}'
conf numbers_kind 'numbers_kind.yaml:1:10: `numbers` is a map of preset, train' 'numbers: 3'
conf tab 'tab.yaml:2:1: .*tab' $'train:\n\tepochs: 1'
conf duplicate_root 'duplicate_root.yaml:2:1: .*`run_cap`.*(twice|already|line 1)' $'run_cap: 2\nrun_cap: 3'
conf duplicate_nested 'duplicate_nested.yaml:1:20: .*`epochs`' 'train: {epochs: 3, epochs: 4}'
conf unclosed_quote 'unclosed_quote.yaml:[0-9]+:[0-9]+: ' 'name: "never ends'
conf unclosed_flow 'unclosed_flow.yaml:[0-9]+:[0-9]+: ' 'train: {epochs: 3'
conf stray_bracket 'stray_bracket.yaml:1:[0-9]+: ' 'run_cap: ]'
conf bad_indent 'bad_indent.yaml:[0-9]+:[0-9]+: ' $'train:\n  epochs: 3\n patience: 2'
conf unknown_anchor 'unknown_anchor.yaml:1:[0-9]+: .*nowhere' 'run_cap: *nowhere'
conf endless_alias 'endless_alias.yaml:1:[0-9]+: ' 'description: &a [*a]'
conf tag 'tag.yaml:1:[0-9]+: .*tag' 'name: !!python/object:os.system x'
conf two_documents 'two_documents.yaml:[0-9]+:[0-9]+: .*document' $'name: a\n---\nname: b'
printf -- '- a\n- b\n' > list.yaml
bad second_word 2 'unknown verb `data preveiw`; did you mean `consort data preview`' data preveiw x.csv
bad second_word 2 'unknown verb `config chek`; did you mean `consort config check`' config chek x.yaml
bad root_list 2 'list.yaml:1:1: ' config check list.yaml
printf '' > empty.yaml
bad empty_file 2 'empty.yaml' config check empty.yaml
printf '# only a comment\n' > comment.yaml
bad only_comments 2 'comment.yaml' config check comment.yaml
printf 'just a sentence\n' > sentence.yaml
bad sentence 2 'sentence.yaml:1:1' config check sentence.yaml
printf '\0\1\2\377\376binary\0junk\n' > junk.yaml
bad binary_junk 2 'junk.yaml' config check junk.yaml
printf 'name: a\0b\n' > nul.yaml
bad nul_byte 2 'nul.yaml' config check nul.yaml
printf 'name: caf\351\n' > latin.yaml
bad latin_1 2 'latin.yaml.*UTF-8' config check latin.yaml
printf 'name: a\n' | head -c 7 | sed 's/./&\n/g' | tr '\n' '\0' > utf16.yaml
bad utf_16_without_mark 2 'utf16.yaml' config check utf16.yaml
head -c 2000000 /dev/zero | tr '\0' '#' > large.yaml
bad two_megabytes 2 'large.yaml.*(1 MiB|large|limit|more than)' config check large.yaml
{ printf 'name: '; head -c 20000 /dev/zero | tr '\0' '['; } > deep.yaml
bad deep_flow 2 'deep.yaml:1:[0-9]+: .*deep' config check deep.yaml
awk 'BEGIN { for (i = 0; i < 500; i++) { for (j = 0; j < i; j++) printf " "; print "a:" } }' > deeper.yaml
bad deep_block 2 'deeper.yaml:[0-9]+:[0-9]+: .*deep' config check deeper.yaml
awk 'BEGIN { print "a0: &a0 [x,x,x,x,x,x,x,x,x]"
    for (i = 1; i < 12; i++) { printf "a%d: &a%d [", i, i
        for (j = 0; j < 9; j++) printf "%s*a%d", j ? "," : "", i - 1; print "]" } }' > bomb.yaml
bad alias_bomb 2 'bomb.yaml:[0-9]+:[0-9]+: ' config check bomb.yaml
bad no_such_config 2 'nothing.yaml.*(no such|No such)' config check nothing.yaml
mkdir folder.yaml
bad config_is_folder 2 'folder.yaml.*(folder|directory)' config check folder.yaml
bad config_from_empty_stdin 2 'standard input:' config check -

# ---- YAML: keys --------------------------------------------------------------------------------

conf key_root 'key_root.yaml:1:1: unknown key `metod`.*`method`' 'metod: random'
conf key_metric 'key_metric.yaml:1:[0-9]+: unknown key `nam`.*`name`' 'metric: {nam: val_loss}'
conf key_param 'key_param.yaml:2:[0-9]+: unknown key `mn`.*`min`' $'parameters:\n  dropout: {mn: 0, max: 0.5}'
conf key_data 'key_data.yaml:1:[0-9]+: unknown key `rovs`.*`rows`' 'data: {format: digits, rovs: 100}'
conf key_split 'unknown key `fold`.*`folds`' 'data: {format: digits, split: {type: kfold, fold: 5}}'
conf key_preprocess 'unknown key `numerik`.*`numeric`' 'data: {format: digits, preprocess: {numerik: unit}}'
conf key_missing 'unknown key `numerc`.*`numeric`' 'data: {format: digits, missing: {numerc: median}}'
conf key_test 'unknown key `fracton`.*`fraction`' 'data: {train: a.csv, test: {fracton: 0.2}}'
conf key_train_file 'unknown key `image` in `train`.*`images`' \
    'data: {format: idx, train: {image: a, labels: b}}'
conf key_train 'key_train.yaml:1:9: unknown key `epoch`.*`epochs`' 'train: {epoch: 3}'
conf key_augment 'unknown key `rotate`.*rotate_deg' 'train: {augment: {rotate: 3}}'
conf key_run 'unknown key `job`.*`jobs`' 'run: {job: 3}'
conf key_ensemble 'unknown key `sise`.*`size`' 'ensemble: {sise: 3}'
conf key_report 'unknown key `htm`.*`html`' 'report: {htm: a.html}'
conf key_stop 'unknown key `platau`.*`plateau`' 'stop: {platau: {trials: 3}}'
conf cost_random '1:13: `cost_aware` is for `method: bayes`' 'cost_aware: 20'
conf key_plateau 'unknown key `trial`.*`trials`' 'stop: {plateau: {trial: 3}}'
conf key_early 'unknown key `etta`.*`eta`' 'early_terminate: {type: hyperband, min_iter: 1, etta: 3}'
conf key_enqueue 'unknown key `learning_rat`.*`learning_rate`' 'enqueue: [{learning_rat: 0.005}]'
conf parameter_name 'parameter_name.yaml:1:14: .*`learning_rat`.*`learning_rate`' \
    'parameters: {learning_rat: {min: 0.1, max: 0.2}}'
conf parameter_nested '`rotate`.*`rotate_deg`|rotate_deg' \
    'parameters: {augment: {parameters: {rotate: {min: 0, max: 3}}}}'
conf no_data 'no_data.yaml.*`data`' $'data:'
printf 'method: random\n' > bare.yaml
bad no_data_section 2 'bare.yaml.*`data` section' config check bare.yaml
conf no_train_file 'no_train_file.yaml:1:[0-9]+: .*`train`' 'data: {format: csv}'
conf digits_with_file '`format: digits` is generated' 'data: {format: digits, train: a.csv}'
conf images_without_labels '`images` and `labels`' 'data: {format: idx, train: {images: a}}'
conf scheduler 'scheduler.yaml:1:1: .*`method:`' 'scheduler: {engine: optuna}'
conf metrics 'metrics.yaml:1:1: .*do not go together' 'metrics: [{name: val_loss}]'

# ---- YAML: values ------------------------------------------------------------------------------

conf run_cap_word 'run_cap_word.yaml:1:10: .*run_cap' 'run_cap: many'
conf run_cap_fraction 'run_cap_fraction.yaml:1:10: .*whole' 'run_cap: 2.5'
conf run_cap_negative 'run_cap_negative.yaml:1:10: ' 'run_cap: -3'
conf run_cap_list 'run_cap_list.yaml:1:10: ' 'run_cap: [1]'
conf run_cap_huge 'run_cap_huge.yaml:1:10: ' 'run_cap: 1e99'
conf run_cap_nan 'run_cap_nan.yaml:1:10: ' 'run_cap: .nan'
conf epochs_zero 'epochs_zero.yaml:1:17: .*epochs' 'train: {epochs: 0}'
conf epochs_word 'epochs_word.yaml:1:17: .*epochs' 'train: {epochs: ten}'
conf section_scalar 'section_scalar.yaml:1:8: ' 'train: 3'
conf section_list 'section_list.yaml:1:7: ' 'data: [1, 2]'
conf metric_scalar 'metric_scalar.yaml:1:9: ' 'metric: val_loss'
conf metric_nameless '`metric` needs a `name`' 'metric: {goal: minimize}'
conf metric_unknown 'unknown metric `val_acuracy`.*`val_accuracy`' 'metric: {name: val_acuracy}'
conf metric_far 'unknown metric `xyzzy`' 'metric: {name: xyzzy}'
conf metric_goal '1:36: .*`goal: maximize`' 'metric: {name: val_f1_macro, goal: minimize}'
conf metric_goal_word '1:36: .*minimize or maximize' 'metric: {name: val_accuracy, goal: up}'
conf metric_target '`target` must be a finite number' 'metric: {name: val_loss, target: low}'
conf metric_impute '`impute: best`' 'metric: {name: val_loss, impute: best}'
conf method_unknown 'method_unknown.yaml:1:9: unknown method `baies`.*`bayes`' 'method: baies'
conf method_custom '1:9: .*custom' 'method: custom'
conf bool_word '1:11: .*(true|false)' 'baseline: perhaps'
conf seed_negative '1:13: .*seed' 'run: {seed: -1}'
conf jobs_word '1:13: .*jobs' 'run: {jobs: all}'
conf duration '1:17: .*(15m|90s|duration)' 'run: {time_cap: soon}'
conf duration_negative '1:17: ' 'run: {time_cap: -5m}'
conf bytes '1:17: ' 'run: {disk_cap: 2 floppies}'
conf name_lines '1:7: .*control' 'name: "a\nb"'
conf name_empty '`name`' 'name: ""'
conf name_long '1:7: .*200' "name: $(printf '%0300d' 0)"
conf folds_one '1:[0-9]+: .*folds' 'data: {format: digits, split: {type: kfold, folds: 1}}'
conf fraction_zero 'val_fraction' 'data: {format: digits, split: {type: holdout, val_fraction: 0}}'
conf fraction_large 'val_fraction' 'data: {format: digits, split: {type: holdout, val_fraction: 1.5}}'
conf split_type '1:[0-9]+: .*kfold' 'data: {format: digits, split: {type: kfolds}}'
conf numeric_choice '1:[0-9]+: .*(standard|robust)' 'data: {format: digits, preprocess: {numeric: standart}}'
conf format_choice '1:16: .*csv' 'data: {format: cvs, train: a}'
conf rows_many '1:[0-9]+: .*rows' 'data: {format: digits, rows: 99999999999}'
conf rows_none '1:[0-9]+: .*rows' 'data: {format: digits, rows: 0}'
conf optimizer '1:[0-9]+: .*adamw' 'train: {optimizer: adanw}'
conf dropout_range '1:[0-9]+: .*dropout' 'train: {dropout: 1.5}'
conf hidden_zero '1:[0-9]+: .*hidden' 'train: {hidden: [0]}'
conf hidden_text '1:[0-9]+: .*hidden' 'train: {hidden: [wide]}'
conf hidden_huge '1:[0-9]+: .*hidden' 'train: {hidden: [999999999, 999999999]}'
conf hidden_many '1:[0-9]+: .*hidden' "train: {hidden: [8$(printf ',8%.0s' {1..200})]}"
conf learning_rate_text '1:[0-9]+: .*learning_rate' 'train: {learning_rate: fast}'
conf early_type '1:[0-9]+: .*hyperband' 'early_terminate: {type: hyperbant, min_iter: 1}'
conf early_no_s '1:[0-9]+: .*needs .s.' 'early_terminate: {type: hyperband, max_iter: 27}'
conf early_eta '1:[0-9]+: .*eta' 'early_terminate: {type: hyperband, min_iter: 1, eta: 1}'
conf ensemble_method '1:[0-9]+: .*greedy' 'ensemble: {method: gready}'
conf ensemble_size '1:[0-9]+: .*size' 'ensemble: {size: 0}'
conf ensemble_metric '1:[0-9]+: .*metric' 'ensemble: {metric: val_f2}'
conf enqueue_map '1:10: .*list' 'enqueue: {learning_rate: 0.005}'
conf enqueue_scalar '1:11: .*map' 'enqueue: [3]'
conf enqueue_outside '1:27: .*`learning_rate`.*nearest' 'enqueue: [{learning_rate: 7}]'
conf constraints_map '1:14: .*expression' 'constraints: {a: b}'

# ---- YAML: the search space --------------------------------------------------------------------

conf range_reversed '1:[0-9]+: .*(min|max)' 'parameters: {dropout: {min: 0.5, max: 0.1}}'
conf range_half '1:[0-9]+: .*max' 'parameters: {dropout: {min: 0.1}}'
conf range_infinite '1:[0-9]+: ' 'parameters: {learning_rate: {min: 0.1, max: .inf}}'
conf log_zero '1:[0-9]+: .*min' \
    'parameters: {learning_rate: {distribution: log_uniform_values, min: 0, max: 0.1}}'
conf log_negative '1:[0-9]+: .*min' \
    'parameters: {learning_rate: {distribution: log_uniform_values, min: -1, max: 0.1}}'
conf log_looks_like_values '1:[0-9]+: .*log_uniform_values' \
    'parameters: {learning_rate: {distribution: log_uniform, min: 0.0001, max: 0.1}}'
conf distribution '1:[0-9]+: .*`unifrom`.*`uniform`' \
    'parameters: {dropout: {distribution: unifrom, min: 0, max: 0.5}}'
conf q_zero '1:[0-9]+: .*q' 'parameters: {dropout: {distribution: q_uniform, min: 0, max: 0.5, q: 0}}'
conf int_fraction '1:[0-9]+: .*whole|integer' \
    'parameters: {batch_size: {distribution: int_uniform, min: 1.5, max: 64}}'
conf values_empty '1:[0-9]+: .*values' 'parameters: {batch_size: {values: []}}'
conf values_scalar '1:[0-9]+: .*values' 'parameters: {batch_size: {values: 3}}'
conf values_twice '1:[0-9]+: .*(twice|same)' 'parameters: {batch_size: {values: [32, 32]}}'
conf values_and_range '1:[0-9]+: ' 'parameters: {batch_size: {values: [32], min: 1, max: 3}}'
conf probabilities_few '1:[0-9]+: .*probabilities' \
    'parameters: {batch_size: {values: [32, 64], probabilities: [1]}}'
conf probabilities_negative '1:[0-9]+: .*probabilit' \
    'parameters: {batch_size: {values: [32, 64], probabilities: [2, -1]}}'
conf zero_prob '1:[0-9]+: .*zero_prob' 'parameters: {dropout: {min: 0.1, max: 0.5, zero_prob: 2}}'
conf sigma '1:[0-9]+: .*sigma' 'parameters: {learning_rate: {distribution: normal, mu: 0, sigma: 0}}'
conf beta '1:[0-9]+: .*a' 'parameters: {dropout: {distribution: beta, a: -1, b: 1}}'
conf parameter_scalar '1:[0-9]+: .*dropout' 'parameters: {dropout: 0.5}'
conf parameter_empty '1:[0-9]+: .*dropout' 'parameters: {dropout: {}}'
conf parameters_list '1:13: ' 'parameters: [dropout]'
conf parameters_empty '(1:13: |`parameters`)' 'parameters: {}'
conf range_of_setting '1:[0-9]+: .*dropout' 'parameters: {dropout: {min: 0, max: 3}}'
conf choice_of_setting '1:[0-9]+: .*activation.*gelu' 'parameters: {activation: {values: [relu, gellu]}}'
conf type_of_setting '1:[0-9]+: .*batch_size' 'parameters: {batch_size: {values: [small, large]}}'
conf grid_continuous '3:[0-9]+: .*`dropout`.*(q|steps)' \
    $'method: grid\nparameters:\n  dropout: {min: 0.0, max: 0.5}'
conf steps_zero '1:[0-9]+: .*steps' 'parameters: {dropout: {min: 0.0, max: 0.5, steps: 0}}'
conf when_syntax '1:[0-9]+: .*when' 'parameters: {dropout: {min: 0.0, max: 0.5, when: "num_layers >="}}'
conf when_unknown '1:[0-9]+: .*num_layer' 'parameters: {dropout: {min: 0.0, max: 0.5, when: "num_layer > 1"}}'
conf when_itself '1:[0-9]+: .*dropout' 'parameters: {dropout: {min: 0.0, max: 0.5, when: "dropout > 0.1"}}'
conf when_cycle '1:[0-9]+: .*(cycle|circle|each other)' \
    'parameters: {dropout: {min: 0.0, max: 0.5, when: "l2 > 0"}, l2: {min: 0.0, max: 0.5, when: "dropout > 0"}}'
conf when_number '1:[0-9]+: .*when' 'parameters: {dropout: {min: 0.0, max: 0.5, when: [1]}}'
conf constraint_syntax '1:[0-9]+: ' 'constraints: ["n_params <== 3"]'
conf constraint_open '1:[0-9]+: ' 'constraints: ["(n_params < 3"]'
conf constraint_unknown '1:[0-9]+: .*`n_param`.*`n_params`' 'constraints: ["n_param < 3"]'
conf constraint_empty '1:[0-9]+: ' 'constraints: [""]'
conf constraint_deep '1:[0-9]+: .*(deep|nest)' "constraints: [\"$(printf '(%.0s' {1..2000})1\"]"
conf constraint_long '1:[0-9]+: .*4096' "constraints: [\"$(printf '(%.0s' {1..5000})1\"]"
conf constraint_bytes '1:[0-9]+: ' 'constraints: ["n_params @ 3"]'
conf fixed_and_searched '1:[0-9]+: .*`dropout`.*`parameters`' \
    $'train: {dropout: 0.2}\nparameters: {dropout: {min: 0, max: 0.5}}'
conf prep_fixed_and_searched '1:[0-9]+: .*`numeric`' \
    $'data: {format: digits, preprocess: {numeric: unit}}\nparameters: {numeric: {values: [unit, standard]}}'
conf width_alone '1:14: `width_1`.*`num_layers`' 'parameters: {width_1: {min: 8, max: 16}}'
conf fixed_architectures '1:9: `hidden`.*`num_layers`' 'train: {hidden: [8], num_layers: 1, width_1: 8}'
conf two_architectures '[0-9]+:[0-9]+: .*`hidden`' \
    'parameters: {hidden: {values: [[8]]}, num_layers: {min: 1, max: 2}, width_1: {min: 8, max: 16}}'
conf layer_without_width '[0-9]+:[0-9]+: .*width_2' \
    'parameters: {num_layers: {min: 1, max: 2}, width_1: {min: 8, max: 16}}'
conf nested_scalar '1:[0-9]+: ' 'parameters: {augment: {parameters: 3}}'

# ---- --set and the command line ----------------------------------------------------------------

cat > good.yaml <<'YAML'
name: good
method: random
run_cap: 3
metric: {name: val_accuracy}
parameters: {learning_rate: {min: 0.001, max: 0.01}}
data: {format: digits, rows: 120, test_rows: 30}
train: {epochs: 1, hidden: [16]}
run: {jobs: 1}
YAML
bad set_bare 2 'set .*foo.*KEY=VALUE|foo' config check good.yaml --set foo
bad set_no_key 2 '=3' config check good.yaml --set =3
bad set_unknown 2 '`epoch`.*`epochs`' config check good.yaml --set train.epoch=3
bad set_type 2 'set.*epochs' config check good.yaml --set train.epochs=many
bad set_yaml 2 'set' config check good.yaml --set 'train.hidden=[1,'
bad set_through_scalar 2 'set.*epochs' config check good.yaml --set train.epochs.x=3
bad set_empty_part 2 'set' config check good.yaml --set train..epochs=3
bad set_value_missing 2 'set' config check good.yaml --set
bad set_file 2 'set.*(map|section|`train`)' config check good.yaml --set train=3
bad verb_unknown 2 '`swep`.*`consort sweep`' swep good.yaml
bad verb_far 2 '`xyzzy`.*consort help' xyzzy
bad verb_half 2 '`consort data`.*data inspect' data
bad verb_half_wrong 2 'data inspect' data inspekt x
bad option_unknown 2 '--trails.*--trials' sweep good.yaml --trails 3
bad option_far 2 '--xyzzy' sweep good.yaml --xyzzy
bad option_letter 2 '-x' sweep good.yaml -x
bad option_of_other_verb 2 'sweep.*--proba' sweep good.yaml --proba
bad option_needs_value 2 '--trials N' sweep good.yaml --trials
bad option_takes_none 2 '--dry-run' sweep good.yaml --dry-run=yes
bad argument_missing 2 'usage: consort sweep CONFIG' sweep
bad argument_many 2 '`two`.*usage' sweep good.yaml two
bad jobs_number 2 '--jobs: ' sweep good.yaml -j many
bad jobs_below 2 '--jobs: ' sweep good.yaml -j -2
bad trials_fraction 2 '--trials: ' sweep good.yaml --trials 2.5
bad seed_number 2 '--seed: ' sweep good.yaml --seed x
bad time_number 2 '--time: ' sweep good.yaml --time soon
bad name_option 2 '--name: ' sweep good.yaml --name $'a\x01b'
bad progress_mode 2 '--progress fast.*auto, bar, lines, none' sweep good.yaml --progress fast
bad show_number 2 'abc.*TRIAL' show abc
bad completion_shell 2 'tcsh.*bash' completion tcsh
bad help_unknown 2 'nothing' help nothing
bad export_format 2 'onnxx' export good.yaml --to onnxx
bad export_no_format 2 '--to' export good.yaml
bad study_unknown 2 'nowhere' status nowhere
bad study_none 2 'runs/' status
bad study_no_database 2 'folder.yaml|trials.db' status folder.yaml
bad fresh_unending 2 '(run_cap|--trials)' sweep good.yaml --set run_cap=none

# ---- tables ------------------------------------------------------------------------------------

table empty.csv 'empty.csv.*(empty|no rows)' ''
table header_only.csv 'header_only.csv.*(no rows|only)' 'a,b,c\n'
table blank.csv 'blank.csv' '\n\n\n'
table ragged.csv 'ragged.csv:3: .*(2|3) (cells|columns|fields)' 'a,b,c\n1,2,x\n1,2\n1,2,y\n'
table ragged_long.csv 'ragged_long.csv:3: .*4' 'a,b,c\n1,2,x\n1,2,3,y\n'
table open_quote.csv 'open_quote.csv:3.*quote' 'a,b,c\n1,2,x\n1,"2,y\n1,2,x\n'
table after_quote.csv 'after_quote.csv:2.*quote' 'a,b,c\n1,"2"x,y\n'
table nul.csv 'nul.csv.*(NUL|zero byte|binary)' 'a,b,c\n1,2,x\n1,\0000,y\n'
table escape.csv 'escape.csv:2: 2 fields' 'a\0033[31m,b,c\n1,2\n'
table utf16.csv 'utf16.csv.*(UTF-16|UTF-8|NUL)' '\0377\0376a\0000,\0000b\0000\n\0000'
{ echo a,b,label; for i in $(seq 300); do echo "$i,$((i * 7 % 11)),c$((i % 3))"; done; } > rows.csv
gzip -c rows.csv | head -c 400 > cut.csv.gz
bad gzip_cut 3 'cut.csv.gz.*(cut|truncated|ends)' data inspect cut.csv.gz
gzip -c rows.csv > broken.csv.gz
printf 'xxxxxxxxxxxxxxxxxxxxxxxxx' | dd of=broken.csv.gz bs=1 seek=200 conv=notrunc status=none
bad gzip_broken 3 'broken.csv.gz.*(gzip|damaged|corrupt|check)' data inspect broken.csv.gz
printf '\037\213' > stub.csv.gz
bad gzip_stub 3 'stub.csv.gz' data inspect stub.csv.gz
# 64 MiB of one line in 64 KiB: read, and refused in bounded time and memory.
head -c 67108864 /dev/zero | tr '\0' 'x' | gzip -c > bomb.csv.gz
bad gzip_bomb 3 'bomb.csv.gz' data inspect bomb.csv.gz
bad no_such_table 3 'nothing.csv.*(o such file)' data inspect nothing.csv
mkdir folder.csv
bad table_is_folder 3 'folder.csv.*(folder|directory)' data inspect folder.csv
bad label_unknown 2 '--label: rows.csv.*`?labl`?.*label' data inspect rows.csv --label labl
bad label_position 2 'rows.csv.*9' data inspect rows.csv --label 9
printf '"two\nlines","\033[31mred",c\n1,2,x\n3,4,y\n' > names.csv
bad label_line_end 2 'two lines.*red' data inspect names.csv --label three
bad study_line_end 2 'no where' status $'no\nwhere'
bad delimiter_option 2 '--delimiter: ' data inspect rows.csv --delimiter ::
bad format_option 2 'format.*csv' data inspect rows.csv --format cvs
bad header_option 2 'header' data inspect rows.csv --header perhaps
bad table_from_empty_stdin 3 'standard input: ' data inspect -
awk 'BEGIN { printf "a"; for (i = 0; i < 300000; i++) printf ",b%d", i; print ""; print "1" }' > wide.csv
bad wide_header 3 'wide.csv' data inspect wide.csv

# sweeping NAME EXIT PATTERN DATA: a sweep over such a `data` section ends before anything is trained.
sweeping() {
    printf 'name: %s\nmethod: random\nrun_cap: 1\ndata: %s\n' "$1" "$4" > "$1.yaml"
    echo 'parameters: {learning_rate: {min: 0.001, max: 0.01}}' >> "$1.yaml"
    bad "$1" "$2" "$3" sweep "$1.yaml" --dir "d_$1" -q
}
printf 'a,label\n1,x\n2,x\n3,x\n4,x\n' > one_class.csv
sweeping one_class 3 'one_class.csv.*one class|only one class' '{train: one_class.csv}'
printf 'a,b,label\n1,2,x\n1,2,y\n1,2,x\n1,2,y\n1,2,x\n1,2,y\n' > constant.csv
sweeping constant 3 '(constant|no column|useful|nothing)' '{train: constant.csv}'
printf 'a,label\n1,x\n2,y\n3,x\n4,y\n' > few.csv
sweeping few_for_folds 2 'folds: .*4' '{train: few.csv, split: {type: kfold, folds: 5}}'
printf 'a,label\n1,x\n2,y\n' > two.csv
sweeping two_rows 3 '(rows|validation)' '{train: two.csv}'
sweeping sweep_no_file 3 'nothing.csv.*o such file' '{train: nothing.csv}'
sweeping sweep_label_unknown 2 'rows.csv.*`?lebel`?' '{train: rows.csv, label: lebel}'
sweeping sweep_delimiter 2 'delimiter.*::' '{train: rows.csv, delimiter: "::"}'
sweeping sweep_drop_unknown 2 'rows.csv.*`?zz`?' '{train: rows.csv, drop: [zz]}'
sweeping sweep_drop_all 3 'rows.csv|column' '{train: rows.csv, drop: [a, b]}'
sweeping sweep_numeric_text 3 'label|c0|number' '{train: rows.csv, label: a, numeric: [label]}'
printf 'a,c,label\n1,2,c0\n' > other_columns.csv
sweeping sweep_test_columns 3 'other_columns.csv.*`?b`?' '{train: rows.csv, test: other_columns.csv}'
printf 'a,b,label\n1,2,c9\n' > other_class.csv
sweeping sweep_test_class 3 'other_class.csv.*c9' '{train: rows.csv, test: other_class.csv}'
sweeping sweep_test_missing 3 'nothing.csv.*o such file' '{train: rows.csv, test: nothing.csv}'
sweeping sweep_positive 2 'positive_class.*yes.*c0|positive_class' \
    $'{train: rows.csv}\nreport: {positive_class: "yes"}'
printf 'id,label\n' > many_classes.csv
awk 'BEGIN { for (i = 0; i < 400; i++) printf "%d,c%d\n", i, i }' >> many_classes.csv
sweeping class_each_row 3 'class' '{train: many_classes.csv}'
awk 'BEGIN { print "a,label"
    for (i = 0; i < 60; i++) printf "%s,%s\n", i % 2 ? "1e999" : "-1e999", i % 3 ? "x" : "y" }' > huge.csv
sweeping huge_numbers 3 'huge.csv.*no column.*empty' '{train: huge.csv, numeric: [a]}'

table arff_no_data.arff 'arff_no_data.arff.*@data' '@relation x\n@attribute a numeric\n'
table arff_undeclared.arff 'arff_undeclared.arff:5.*`?z`?' \
    '@relation x\n@attribute a numeric\n@attribute c {x,y}\n@data\n1,z\n'
table arff_type.arff 'arff_type.arff:2.*(type|date|wave)' \
    '@relation x\n@attribute a wave\n@attribute c {x,y}\n@data\n1,x\n'
table arff_open.arff 'arff_open.arff:3' '@relation x\n@attribute a numeric\n@attribute c {x,y\n@data\n1,x\n'
table arff_cells.arff 'arff_cells.arff:5' \
    '@relation x\n@attribute a numeric\n@attribute c {x,y}\n@data\n1,2,x\n'
table arff_number.arff 'arff_number.arff:5.*`?abc`?' \
    '@relation x\n@attribute a numeric\n@attribute c {x,y}\n@data\nabc,x\n'
table arff_sparse.arff 'arff_sparse.arff:5' \
    '@relation x\n@attribute a numeric\n@attribute c {x,y}\n@data\n{9 1}\n'
table arff_none.arff 'arff_none.arff' '@relation x\n@data\n1\n'
table arff_no_rows.arff 'arff_no_rows.arff.*(no rows|empty)' \
    '@relation x\n@attribute a numeric\n@attribute c {x,y}\n@data\n'
table arff_junk.arff 'arff_junk.arff:1' 'what is this\n'

# idx NAME PATTERN IMAGES LABELS: two files of these bytes.
idx() {
    printf '%b' "$3" > "$1.images"
    printf '%b' "$4" > "$1.labels"
    bad "$1" 3 "$2" data inspect "$1.images" --labels "$1.labels" --format idx
}
images='\0000\0000\0010\0003\0000\0000\0000\0002\0000\0000\0000\0002\0000\0000\0000\0002abcdefgh'
labels='\0000\0000\0010\0001\0000\0000\0000\0002\0000\0001'
idx idx_empty 'idx_empty.images' '' "$labels"
idx idx_magic 'idx_magic.images.*(magic|IDX)' "zzzz${images#????????????????????}" "$labels"
idx idx_header_cut 'idx_header_cut.images' '\0000\0000\0010\0003\0000\0000' "$labels"
idx idx_dimensions 'idx_dimensions.images' '\0000\0000\0010\0377\0000\0000\0000\0002' "$labels"
idx idx_overflow 'idx_overflow.images' \
    '\0000\0000\0010\0003\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377abc' "$labels"
idx idx_no_rows 'idx_no_rows.images' \
    '\0000\0000\0010\0003\0000\0000\0000\0000\0000\0000\0000\0002\0000\0000\0000\0002' "$labels"
idx idx_flat 'idx_flat.images' \
    '\0000\0000\0010\0003\0000\0000\0000\0002\0000\0000\0000\0000\0000\0000\0000\0002' "$labels"
idx idx_short 'idx_short.images.*(bytes|short|cut)' "${images%gh}" "$labels"
idx idx_long 'idx_long.images.*(bytes|more)' "${images}ijk" "$labels"
idx idx_type 'idx_type.images.*(type|bytes)' \
    '\0000\0000\0015\0003\0000\0000\0000\0002\0000\0000\0000\0002\0000\0000\0000\0002abcdefgh' "$labels"
idx idx_label_count 'idx_label_count.labels.*3.*2|2.*3' "$images" \
    '\0000\0000\0010\0001\0000\0000\0000\0003\0000\0001\0001'
idx idx_label_cut 'idx_label_cut.labels' "$images" '\0000\0000\0010\0001\0000\0000\0000\0002\0000'
idx idx_swapped 'idx_swapped.images' "$labels" "$images"
printf '%b' "$images" > lone.images
bad idx_labels_gone 3 'nothing.labels.*o such file' data inspect lone.images --labels nothing.labels \
    --format idx

# ---- a study, a model of a table, a model of images ----------------------------------------------

cat > table.yaml <<'YAML'
name: table
method: random
run_cap: 1
metric: {name: val_accuracy}
parameters: {learning_rate: {min: 0.001, max: 0.01}}
data: {train: rows.csv, split: {type: holdout, val_fraction: 0.25}}
train: {epochs: 1, hidden: [8]}
run: {jobs: 1}
YAML
"$consort" sweep good.yaml -q > /dev/null || { echo "the study for the cases below failed"; exit 1; }
"$consort" sweep table.yaml --dir table -q > /dev/null || { echo "the table for the cases below failed"; \
    exit 1; }
"$consort" ensemble runs/good -q > /dev/null || { echo "the ensemble for the cases below failed"; exit 1; }
model=table/artifacts/trial-000000.consort images_model=runs/good/ensemble.consort
db=runs/good/trials.db

bad changed_configuration 2 '(changed|differ|another name|--fresh|--name)' sweep good.yaml -q --set \
    train.epochs=2
bad folder_of_another 2 'folder of study .*--dir.*--db' sweep good.yaml -q --name another --dir table
bad folder_and_database 2 'give one of' sweep good.yaml -q --dir elsewhere --db elsewhere.db
bad fresh_in_a_folder 2 '--fresh.*--dir' sweep table.yaml -q --fresh --dir table
bad changed_seed 2 '(changed|differ|another name|--fresh|--name)' sweep good.yaml -q --seed 5
sed 's/rows: 120/rows: 121/' good.yaml > more.yaml
bad changed_rows 3 '(data|rows|differ|changed)' sweep more.yaml -q
cp rows.csv rows_kept.csv
sed '5s/.*/999,999,c1/' rows_kept.csv > rows.csv
cp table/data-card.json card_kept.json
bad changed_data 3 'other data.*--fresh' sweep table.yaml --dir table -q --trials 2
cmp -s table/data-card.json card_kept.json || {
    failed=$((failed + 1))
    echo "FAILED changed_data: a refused run wrote over the data card"
}
bad changed_data_evaluate 3 'data.*(changed|differ)' ensemble table
cp rows_kept.csv rows.csv
"$consort" sweep good.yaml --dir running -q --trials 100000 --set train.epochs=20 --set data.rows=2000 > \
    /dev/null 2>&1 &
running=$!
begun() { [ "$("$consort" query running 'SELECT count(*) > 0 FROM trial' --csv | tail -1)" = 1 ]; }
until_so begun
bad sweep_twice 4 '(run by|running|is being)' sweep good.yaml --dir running -q --trials 100000 --set \
    train.epochs=20 --set data.rows=2000
{ kill -KILL $running; wait $running; } 2> /dev/null

bad trial_gone 2 'good.*trial 99.*0 to 2' show runs/good 99
bad study_of_database 2 'other' status "$db:other"
bad best_metric 2 '`?acuracy`?' best runs/good --metric acuracy
bad ls_where 2 'where|nocolumn' ls runs/good --where 'nocolumn > 3'
bad ls_columns 2 'nocolumn' ls runs/good --columns nocolumn
bad ls_sort 2 'nocolumn' ls runs/good --sort 'nocolumn'
bad ls_state 2 '--state runnin.*COMPLETE' ls runs/good --state runnin
bad ls_top 2 '--top 0' ls runs/good --top 0
bad ls_injection 2 'one statement' ls runs/good --where '1); DROP TABLE trial; --'
bad ensemble_method_option 2 'method.*greedy' ensemble runs/good --method gready
bad ensemble_size_option 2 'size' ensemble runs/good --size 0
bad ensemble_metric_option 2 'acuracy' ensemble runs/good --metric acuracy
bad evaluate_no_data 2 'DATA.*--final' evaluate runs/good
bad evaluate_no_test 3 'table.*test' evaluate table --final
bad evaluate_min 2 '--min accuracy' evaluate $model rows.csv --min accuracy
bad evaluate_min_metric 2 '--min acuracy=1' evaluate $model rows.csv --min acuracy=1
bad evaluate_positive 2 '--positive-class zz' evaluate $model rows.csv --positive-class zz
bad evaluate_unlabelled 3 'label' evaluate $model unlabelled.csv
printf 'a,b\n1,2\n' > unlabelled.csv
bad evaluate_no_labels 3 'unlabelled.csv.*label' evaluate $model unlabelled.csv
bad predict_top 2 '--top x' predict $model rows.csv --top x
printf 'a\n1\n' > no_b.csv
bad predict_column_file 3 'no_b.csv.*`?b`?' predict $model no_b.csv
printf 'a,b\nx,2\n' > text_cell.csv
bad predict_text_cell 3 'text_cell.csv:2.*`?x`?' predict $model text_cell.csv
printf 'a,b\n1,2\n1\n' > ragged_rows.csv
bad predict_ragged 3 'ragged_rows.csv:3' predict $model ragged_rows.csv
bad predict_empty 3 'standard input: ' predict $model
printf '%b' "$images" > small.images
bad predict_image_size 3 'small.images.*2.*28|28.*2' predict $images_model small.images --format idx
bad predict_table_by_images 3 'rows.csv' predict $images_model rows.csv
bad predict_images_by_table 3 'small.images' predict $model small.images --format idx
input=rows.ndjson
printf '{"a": 1, "b": 2}\n{"a": 1' > rows.ndjson
bad predict_json_input 3 'standard input:2: JSON line 1' predict $model
{ printf '{"a":'; head -c 100000 /dev/zero | tr '\0' '['; } > rows.ndjson
bad predict_brackets 3 'standard input:1: JSON line 1.*maximum parsing depth' predict $model
input=/dev/null

# ---- model files -------------------------------------------------------------------------------

printf 'not a model at all' > text.consort
bad model_text 3 'text.consort' predict text.consort rows.csv
printf '' > empty.consort
bad model_empty 3 'empty.consort' predict empty.consort rows.csv
mkdir folder.consort
bad model_folder 3 'folder.consort: it is a folder' predict folder.consort rows.csv
bad model_gone 3 'gone.consort.*no such file' predict gone.consort rows.csv
bad model_is_table 3 'rows.csv' predict rows.csv rows.csv
head -c 100000 /dev/urandom > random.consort
bad model_random 3 'random.consort' predict random.consort rows.csv
bytes=$(stat -c %s $model)
for cut in 4 8 9 100 1000 $((bytes / 2)) $((bytes - 1)); do
    head -c "$cut" $model > "cut_$cut.consort"
    bad "model_cut_$cut" 3 "cut_$cut.consort" predict "cut_$cut.consort" rows.csv
done
{ cat $model; printf x; } > longer.consort
bad model_longer 3 'longer.consort' predict longer.consort rows.csv
# flip OFFSET FILE: one byte of the model changed.
flip() {
    cp $model "$2"
    local byte
    byte=$(od -An -tu1 -j "$1" -N1 $model)
    printf "\\$(printf %o $(((byte ^ 85) & 255)))" | dd of="$2" bs=1 seek="$1" conv=notrunc status=none
}
header=$(od -An -tu4 -N4 $model | tr -d ' ')
for at in 0 1 5 7 8 20 60 200 500 900 $((header + 8)) $((header + 12)) $((bytes - 2)); do
    flip "$at" "flip_$at.consort"
    bad "model_flip_$at" 3 "flip_$at.consort" predict "flip_$at.consort" rows.csv
done
# same TEXT FILE SED: the header changed by a text of the same length.
edited() {
    LC_ALL=C sed "$2" $model > "$1.consort"
    cmp -s $model "$1.consort" && { echo "edit $1 changed nothing"; failed=$((failed + 1)); }
    bad "model_$1" 3 "$1.consort" predict "$1.consort" rows.csv
}
edited format_name 's/"consort/"consorx/'
edited dtype 's/"F32"/"F64"/'
edited number_huge 's/"shape":\[\([0-9]*\),\([0-9]\)\]/"shape":[9e9,\2]/'
# signed NAME PATTERN SED: the header changed and the checksum made right again, as somebody would who
# means harm; a model of a table as `sweep` writes it must not get past the checks of its contents.
signed() {
    local zeros length was new=$1.consort
    case $1 in *"$only"*) ;; *) return ;; esac
    printf -v zeros '%064d' 0
    length=$(od -An -tu4 -N4 $model | tr -d ' ')
    tail -c +9 $model | head -c "$length" | sed "s/\"sha256\":\"[0-9a-f]*\"/\"sha256\":\"$zeros\"/" > header.was
    sed "$3" header.was > header.new
    cmp -s header.was header.new && { echo "FAILED $1: the edit changed nothing"; failed=$((failed + 1)); }
    length=$(stat -c %s header.new)
    printf '%*s' $((7 - (length + 7) % 8)) '' >> header.new # arrays stay aligned
    length=$(stat -c %s header.new)
    was=$(od -An -tu4 -N4 $model | tr -d ' ')
    {
        printf "\\$(printf %o $((length & 255)))\\$(printf %o $((length >> 8 & 255)))\\0\\0\\0\\0\\0\\0"
        cat header.new
        tail -c +$((9 + was)) $model
    } > "$new"
    sed -i "s/\"sha256\":\"$zeros\"/\"sha256\":\"$(sha256sum < "$new" | cut -d' ' -f1)\"/" "$new"
    bad "$1" 3 "${2:-$1.consort}" predict "$new" rows.csv
}
# An edit that changes nothing that matters is accepted, or all that follows would prove nothing.
signed resigned 'resigned.consort: .*activation "nobody"' \
    's/\\"activation\\":\\"relu\\"/\\"activation\\":\\"nobody\\"/'
signed width_of_input '' 's/\\"widths\\":\[[0-9]*,/\\"widths\\":[99,/'
signed width_zero '' 's/\\"widths\\":\[\([0-9]*\),[0-9]*/\\"widths\\":[\1,0/'
signed width_negative '' 's/\\"widths\\":\[\([0-9]*\),[0-9]*/\\"widths\\":[\1,-8/'
signed width_huge '' 's/\\"widths\\":\[\([0-9]*\),[0-9]*/\\"widths\\":[\1,999999999999999999999/'
signed width_float '' 's/\\"widths\\":\[\([0-9]*\),[0-9]*/\\"widths\\":[\1,8.5/'
signed width_none '' 's/\\"widths\\":\[[0-9,]*\]/\\"widths\\":[]/'
signed width_text '' 's/\\"widths\\":\[[0-9,]*\]/\\"widths\\":\\"8\\"/'
signed prep_index '' 's/\\"prep\\":0/\\"prep\\":7/'
signed prep_negative '' 's/\\"prep\\":0/\\"prep\\":-1/'
signed prep_none '' 's/\\"preps\\":\[.*\],\\"members/\\"preps\\":[],\\"members/'
signed prep_features '' 's/\\"features\\":[0-9]*/\\"features\\":2000000000/'
signed prep_knots '' 's/\\"knots\\":0/\\"knots\\":1000000/'
signed nets_none '' 's/\\"nets\\":\[.*\]}\]/\\"nets\\":[]}]/'
signed members_none '' 's/\\"members\\":\[.*\]}"/\\"members\\":[]}"/'
signed members_number '' 's/\\"members\\":\[.*\]}"/\\"members\\":3}"/'
signed classes_few '' 's/\\"classes\\":\[[^]]*\]/\\"classes\\":[\\"a\\"]/'
signed classes_none '' 's/\\"classes\\":\[[^]]*\]/\\"classes\\":[]/'
signed classes_numbers '' 's/\\"classes\\":\[[^]]*\]/\\"classes\\":[1,2,3]/'
signed columns_none '' 's/\\"columns\\":\[{\\"name\\":\\"a\\"[^]]*\]/\\"columns\\":[]/'
signed columns_kind '' 's/\\"kind\\":\\"numeric\\"/\\"kind\\":\\"image\\"/'
signed columns_nominal '' 's/\\"kind\\":\\"numeric\\"/\\"kind\\":\\"nominal\\",\\"levels\\":[\\"x\\",\\"x\\"]/'
signed columns_twice '`a` is wanted twice by the model' 's/\\"name\\":\\"b\\"/\\"name\\":\\"a\\"/'
signed combine '' 's/\\"combine\\":\\"[a-z]*\\"/\\"combine\\":\\"chance\\"/'
signed model_not_json '' 's/\\"combine\\"/combine/'
signed shape_huge '' 's/"shape":\[[0-9]*,/"shape":[4611686018427387904,/'
signed shape_negative '' 's/"shape":\[/"shape":[-/'
signed offsets_backwards '' 's/"data_offsets":\[[0-9]*,/"data_offsets":[99999999,/'
find runs/good/artifacts -name '*proba*' -o -name '*.predictions' | head -1 > proba_file.txt
if [ -s proba_file.txt ]; then
    bad model_of_predictions 3 "$(basename "$(cat proba_file.txt)")" predict "$(cat proba_file.txt)" rows.csv
fi
bad export_sample_gone 3 'nothing.csv.*o such file' export $model --to c --sample nothing.csv
bad export_broken_model 3 'cut_100.consort' export cut_100.consort --to c
bad evaluate_broken_model 3 'cut_100.consort' evaluate cut_100.consort rows.csv
cp -r runs/good spoiled
rm spoiled/artifacts/trial-00000*
bad artifacts_gone 3 'trial-000000' ensemble spoiled
rm -r spoiled/artifacts spoiled/ensemble.consort
bad ensemble_gone 3 'ensemble.consort.*consort ensemble' predict spoiled rows.csv
printf '{"cut' > runs/good/ensemble.json
bad summary_cut 3 'ensemble.json' report runs/good
rm runs/good/ensemble.json

# ---- databases ---------------------------------------------------------------------------------

head -c 20000 /dev/urandom > random.db
bad db_random 4 'random.db' status random.db
printf '' > empty.db
bad db_empty 4 'empty.db' status empty.db
for cut in 50 100 1000 4096 20000; do
    head -c $cut "$db" > cut.db
    bad "db_cut_$cut" 4 'cut.db' status cut.db
done
cp "$db" newer.db
printf '\0\0\3\347' | dd of=newer.db bs=1 seek=60 conv=notrunc status=none
bad db_newer 4 'newer.db.*(newer|999)' status newer.db
cp "$db" alien.db
printf 'ABCD' | dd of=alien.db bs=1 seek=68 conv=notrunc status=none
bad db_alien 4 'alien.db.*(application|Consort|another program)' status alien.db
bad db_alien_written 4 'alien.db' sweep good.yaml -q --db alien.db
bad db_random_written 4 'random.db' sweep good.yaml -q --db random.db
mkdir folder.db
bad db_folder 2 'folder.db' status folder.db
bad db_folder_written 4 'folder.db' sweep good.yaml -q --db folder.db
# A page of rubbish in the middle: whoever meets it says so; `doctor` always finds it.
for page in 1 2 3 5; do
    cp "$db" "torn_$page.db"
    head -c 4096 /dev/urandom | dd of="torn_$page.db" bs=1 seek=$((page * 4096)) conv=notrunc status=none
    for verb in doctor status ls best; do
        case torn_page_$page in *"$only"*) ;; *) continue ;; esac
        n=$((n + 1))
        "$consort" $verb "torn_$page.db" > out.txt 2> err.txt
        got=$?
        case $verb$got in doctor4 | status[04] | ls[04] | best[04] | best2) continue ;; esac
        failed=$((failed + 1))
        echo "FAILED torn_page_$page: $verb ends with $got"
        cat out.txt err.txt
    done
done
cp -r runs/good removed
rm removed/trials.db
bad study_removed 2 'removed.*trials.db|trials.db' ls removed
bad study_removed_query 2 'trials.db' query removed 'SELECT 1'
if [ "$(id -u)" = 0 ]; then
    skip "read-only folder" "root may write everywhere"
    bad db_read_only 1 '/proc' sweep good.yaml -q --dir /proc/consort
else
    mkdir locked && chmod 500 locked
    bad db_read_only 1 'locked' sweep good.yaml -q --dir locked/study
fi
bad dir_is_file 1 'good.yaml' sweep good.yaml -q --dir good.yaml

# ---- queries -----------------------------------------------------------------------------------

bad query_syntax 2 'syntax' query runs/good 'SELEC 1'
bad query_table 2 'no such table: nowhere' query runs/good 'SELECT * FROM nowhere'
bad query_write 2 '(read|change|write|not allowed)' query runs/good 'DELETE FROM trial'
bad query_update_cte 2 '(read|change|write|not allowed)' query runs/good \
    'WITH x AS (SELECT 1) UPDATE trial SET value = 1'
bad query_two 2 '(one statement|second|more than one)' query runs/good 'SELECT 1; SELECT 2'
bad query_empty 2 'empty' query runs/good ''
bad query_comment 2 'empty' query runs/good '/* nothing */'
bad query_dashes 2 'empty' query runs/good -- '-- nothing'
bad query_attach 2 'only read' query runs/good "ATTACH 'x.db' AS x"
bad query_pragma 2 'only read' query runs/good 'PRAGMA writable_schema = 1'
bad query_extension 2 'load_extension' query runs/good "SELECT load_extension('x')"
bad query_endless 4 'SQL: .*1 s.*--timeout' query runs/good --timeout 1s \
    'WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x'
bad query_bomb 2 'too big' query runs/good --timeout 10s 'SELECT hex(zeroblob(2000000000))'
bad query_timeout 2 '--timeout soon' query runs/good 'SELECT 1' --timeout soon
[ -e x.db ] && { echo "ATTACH made a file"; failed=$((failed + 1)); }
[ "$("$consort" query runs/good 'SELECT count(*) FROM trial' --csv | tail -1)" = 3 ] \
    || { echo "a query changed the database"; failed=$((failed + 1)); }

# ---- full disks --------------------------------------------------------------------------------

output=/dev/full
bad full_query 1 'standard output.*No space' query runs/good 'SELECT 1'
bad full_predict 1 'standard output.*No space' predict $model rows.csv
bad full_ls 1 'standard output.*No space' ls
bad full_help 1 'standard output.*No space' help
bad full_version 1 'standard output.*No space' --version
bad full_check 1 'standard output.*No space' config check good.yaml
bad full_sweep 1 'standard output.*No space' sweep good.yaml -q
bad full_json 1 'standard output' sweep good.yaml -q --json
output=out.txt
bad full_train_out 1 '/dev/full|No space' train good.yaml -q --dir full_train --out /dev/full/model.consort
mkdir tiny
if mount -t tmpfs -o size=64k tmpfs tiny 2> /dev/null; then
    bad full_database 1 'tiny.*(full|space)' sweep good.yaml -q --dir tiny/study --trials 500
    umount tiny
else
    skip "full disk" "mounting a small file system is not permitted here"
fi

echo "$n bad inputs, $failed not as they should be$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ]
