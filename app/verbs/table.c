/* app/verbs/table.c - every verb and every option, once. */
#include "app/verbs/verbs.h"
#include "data/read_options.h"

#define FORMAT_WORD(id, name, ...) " " name

static const Option options[] = {
    {"help", 'h', NULL, "what this verb does, and its options"},
    {"quiet", 'q', NULL, "warnings and errors only; -qq: errors only"},
    {"verbose", 'v', NULL, "more: a line for each epoch, each trial's parameters, all columns of a table"},
    {"json", 0, NULL, "the answer as JSON (a sweep: one event a line)"},
    {"csv", 0, NULL, "the answer as CSV"},
    {"md", 0, NULL, "the answer as a Markdown table"},
    {"set", 0, "KEY=VALUE", "change one key of the configuration; may be repeated"},
    {"jobs", 'j', "N", "trials at the same time (default: run.jobs, one a core)"},
    {"time", 0, "DURATION", "start no trial that would end after this long: 90s, 10m; slurm: of one job"},
    {"effort", 0, "WORD", "how much is done about DATA: low, one bag of networks; medium; high"},
    {"trials", 0, "N", "trials of the whole study (run_cap)"},
    {"seed", 0, "N", "the study's seed (run.seed)"},
    {"name", 0, "NAME", "the study's name"},
    {"dir", 0, "FOLDER", "the study's folder (default runs/NAME)"},
    {"db", 0, "FILE", "a database shared by several studies"},
    {"fresh", 0, NULL, "a new study NAME-2, NAME-3, ... instead of continuing; overwrites nothing"},
    {"join", 0, NULL, "lend workers to the study if another process on this host runs it, else run it"},
    {"part", 0, "K/N", "one part of the study, K of N from 0, in FOLDER.parts/K; `merge --parts` joins them"},
    {"parts", 0, NULL, "merge: the parts of INTO, all that have begun"},
    {"nodes", 0, "N", "so many machines (default 1)"},
    {"tasks-per-node", 0, "N", "so many ranks on each (default 1)"},
    {"cpus", 0, "N", "cores a rank (default: Slurm's, one)"},
    {"mem", 0, "SIZE", "memory a machine: 8G (default: Slurm's)"},
    {"partition", 0, "NAME", "where it waits (default: Slurm's)"},
    {"account", 0, "NAME", "who pays for it (default: Slurm's)"},
    {"mpi", 0, "HOW", "how ranks are started: pmix (default) or pmi2, by srun, or mpirun"},
    {"array", 0, "N", "without MPI: N tasks, each its part, and a last job that merges them and does the rest"},
    {"run", 0, NULL, "`consort run`, with ensemble and report, instead of `consort sweep`"},
    {"async", 0, NULL, "look at every result at once and never wait; the study cannot be repeated"},
    {"dry-run", 0, NULL, "say what would be done, do nothing"},
    {"why", 0, "TEXT", "the reason, kept with the edit"},
    {"require-target", 0, NULL, "exit 6 unless metric.target was reached"},
    {"progress", 0, "MODE", "auto, bar, lines or none"},
    {"out", 'o', "FILE", "where to write"},
    {"html", 0, "FILE", "a page like the report's: one file, no network"},
    {"figures", 0, "FOLDER", "charts as SVG for print, tables as CSV and LaTeX, a file each"},
    {"sort", 0, "SQL", "order by a column or expression: value, 'value DESC'"},
    {"top", 0, "N", "the best so many"},
    {"views", 0, "N", "images: predict each 1, 5 or 9 times, moved by a pixel, and take the mean"},
    {"state", 0, "STATE", "only trials in this state: complete, pruned, failed, ..."},
    {"where", 0, "SQL", "only trials for which this is true: 'dropout < 0.2 AND value > 0.9'"},
    {"columns", 0, "LIST", "only these columns: trial,value,learning_rate"},
    {"only-changed", 0, NULL, "leave out columns that are the same in all rows"},
    {"yaml", 0, NULL, "a configuration that `consort train` reproduces bit for bit"},
    {"full", 0, NULL, "--yaml with every default written out"},
    {"metric", 0, "NAME", "by this metric instead of the study's (best, importance: also NAME:min, NAME:max)"},
    {"top-share", 0, "Q", "which share of the trials \"best trials have\" is about (default 0.1)"},
    {"front", 0, NULL, "the trials that no other beats in every goal; with one metric, score and size"},
    {"trial", 0, "N", "this trial instead of the best"},
    {"by", 0, "WHAT", "best: by its value, the mean of its runs, or the posterior of a model; evaluate: scores"
     " by the levels of this column, too; may be repeated"},
    {"budget", 0, "WHAT=MOST", "what the network may take: params=2000, bytes=8000, us=1; may be repeated"},
    {"in-sample", 0, NULL, "the ensemble's own word of rows that its networks have seen, not that out of fold"},
    {"data", 0, "FILE", "the rows from which it learns, where the teacher is a model file"},
    {"timeout", 0, "DURATION", "give up after this long (default 30s; serve: 10s for a request to come)"},
    {"method", 0, "NAME",
     "ensemble: greedy, average, weighted, vote, stack or auto; ask-tell: the search, as in the file"},
    {"size", 0, "N", "most members"},
    {"max-bytes", 0, "SIZE", "budget for all weights: 200kB, 2MB (ensemble.max_bytes)"},
    {"max-us", 0, "N", "budget for one prediction, in microseconds, estimated (ensemble.max_us)"},
    {"max-networks", 0, "N", "budget of networks, of which a bag of k folds has k (ensemble.max_networks)"},
    {"calibrate", 0, "NAME", "auto, none, temperature, bias, vector, matrix or isotonic (ensemble.calibrate)"},
    {"thresholds", 0, "WHAT", "what to decide for, as in the file: f1_macro, '{cost: {bad: {good: 5}}}'"},
    {"final", 0, NULL, "open the study's test set; the look is recorded"},
    {"min", 0, "METRIC=X", "exit 6 when the metric is worse; may be repeated"},
    {"positive-class", 0, "NAME", "the class that ROC and PR are about"},
    {"weight", 0, "COLUMN", "the column of DATA that says what each row counts for"},
    {"id", 0, "COLUMN", "carry this column through, to know the rows by"},
    {"stream", 0, NULL,
     "rows as they come, CSV or NDJSON, in the memory of a few: a pipe, or files of any length"},
    {"batch", 0, "N", "with --stream: predict at most so many rows together (default: 256 KiB of them)"},
    {"on-error", 0, "WHAT",
     "with --stream: stop (the default) at a row that cannot be read, or skip: leave it empty"},
    {"threads", 0, "N", "so many threads predict (default: one a core)"},
    {"port", 0, "N", "where it listens (default: 8080); 0: any port that is free, which it says"},
    {"bind", 0, "ADDRESS", "whom it listens to (default: 127.0.0.1, this machine); another needs a token"},
    {"token-file", 0, "FILE", "who asks must send what stands in it as Authorization: Bearer TOKEN"},
    {"max-body", 0, "SIZE", "a request's body at most (default: 8MiB)"},
    {"connections", 0, "N", "so many at once at most (default: 256)"},
    {"proba", 0, NULL, "the probability of every class"},
    {"interval", 0, "LEVELS", "conformal intervals or sets: 0.9, or 0.8,0.9, of the model's; alone: all"},
    {"intervals", 0, "LEVELS", "conformal intervals or sets that the model is to have: 0.9, or 0.8,0.9"},
    {"threshold", 0, "P", "two classes: decide for the class of interest from P on; CLASS=P: for that one"},
    {"test", 0, "FILE", "a data file to test with (default: a fifth of the rows)"},
    {"labels", 0, "FILE", "IDX: the file of labels; pictures: the CSV of names"},
    {"label", 0, "COLUMN", "the column of the class or number: a name, or a position from 1; a,b: several"},
    {"format", 0, "NAME", "how the file is read:" FORMAT_LIST(FORMAT_WORD)},
    {"header", 0, "MODE", "auto, true or false: is the first line names?"},
    {"delimiter", 0, "CHAR", "auto, tab, space, or one character"},
    {"decimal", 0, "CHAR", "the decimal point: auto, . or ,"},
    {"skip", 0, "N", "leave out so many lines at the beginning"},
    {"comment", 0, "TEXT", "leave out lines that begin so"},
    {"to", 0, "FORMAT",
     "export: the model as c, a C99 source file, onnx, or wasm, for browsers; the trials as csv, json,"
     " optuna; data convert: a format"},
    {"utc", 0, NULL, "times in UTC, as Optuna 5 keeps them; up to 4.9 they are local"},
    {"now", 0, NULL, "at once, without waiting for epochs to end"},
    {"clear", 0, NULL, "remove all of it"},
    {"from", 0, "TOOL", "optuna, csv, wandb-csv or consort"},
    {"study", 0, "NAME", "the study in the other tool's file"},
    {"map", 0, "THERE=HERE", "what a parameter is called there; THERE= leaves it out; may be repeated"},
    {"sample", 0, "FILE", "rows for the self-test, and to prove the export on"},
    {"verify", 0, "HOW", "prove the export on some rows, on all, by compiling it (compile), or on none"},
    {"target", 0, "NAME", "--to c: mcu, one row in little memory (default), or server, many rows at once, too"},
    {"numbers", 0, "FORM", "--to c: f32, or integers of i16 or i8 (weights of 8 bits)"},
    {"within", 0, "X", "the largest deviation that the proof may find, else exit 6 (default 1e-5)"},
    {"inputs", 0, "WHAT", "--to onnx: `columns`, one input a column (default), or `matrix`, one of all"
     " numbers"},
    {"classes", 0, "WHAT", "--to onnx: the label by `names` (default), or by `index`, from 0"},
    {"augment", 0, NULL, "pictures beside what augmentation makes of them"},
    {"row", 0, "N", "explain this row of the data, counted from 1 in its file"},
    {"member", 0, "M", "this member of the model, from 1, instead of the heaviest"},
    {"net", 0, "K", "this network of the member, from 1: of k folds there are as many"},
};

#define READING "labels label format header delimiter decimal skip comment"
#define SWEEPING                                                                                    \
    "set jobs effort time trials seed name dir db fresh async progress json require-target test " READING
#define LABEL_IS \
    "The label is --label, else the column that is called class, label, target, outcome or y, else the last," \
    " if it holds classes."
#define STUDY_IS                                                                                   \
    "STUDY is a study's folder, a database, DATABASE:NAME, a name in runs/, or its YAML file; with" \
    " one study in runs/ it may be left out."

static const Verb verbs[] = {
    {"run", "CONFIG|DATA", "sweep, ensemble, test, report, export: the whole job",
     "Runs or continues the sweep of CONFIG, builds the ensemble from its trials, evaluates it on the"
     " test set, writes the report and (up to 8 MiB of weights) the C source, and prints the"
     " classification report.\n\n"
     "Of DATA, a CSV or ARFF file, the images of a pair of IDX files or a folder of them, sensible settings"
     " are made; they are written into the study's folder as sweep.yaml. " LABEL_IS " `consort run digits`"
     " needs no file at all: its digits are made on the spot.\n\n"
     "  consort run digits\n"
     "  consort run churn.csv --label Churn\n"
     "  consort run sweep.yaml --time 2m",
     1, 1, SWEEPING, cmd_run},
    {"init", "[table|images|program|digits|DATA]", "a commented sweep file to begin with",
     "Writes it to standard output, or to --out, which must not be there. For DATA it says what was found in"
     " the file and what looks wrong with it. " LABEL_IS "\n\n"
     "  consort init churn.csv --label Churn --out churn.yaml\n"
     "  consort init images > mnist.yaml\n"
     "  consort init program > sweep.yaml; consort init program.py > program.py",
     0, 1, "set out test " READING, cmd_init},
    {"sweep", "CONFIG|DATA", "run or continue a study",
     "Trains trials until run_cap, the time cap, the target or the end of the space. Every trial is in"
     " the database before it is counted; the same command continues a study that was interrupted or"
     " killed, and the result is the same. Ctrl-C once: trials end after their epoch; twice: at once."
     " As ranks of mpirun or srun, on any number of machines, processes share one study.\n\n"
     "--part K/N trains one part of N, for N processes that do not know of each other: where no trial depends"
     " on the result of another (grid, random, qmc, without early_terminate) its share of the very same"
     " trials, else a search with a seed of its own.\n\n"
     "  consort sweep sweep.yaml -j 4 --time 8h\n  consort sweep sweep.yaml --json | tail -1\n"
     "  consort sweep sweep.yaml --part 3/16",
     1, 1, SWEEPING " dry-run join part", cmd_sweep},
    {"train", "CONFIG|DATA", "one trial, no search",
     "Trains the configuration once: constants and defaults, with --set on top. It is logged as a study"
     " of one trial, NAME@HASH, and leaves a model file.\n\n"
     "  consort best runs/mnist --yaml > winner.yaml\n  consort train winner.yaml --out winner.consort",
     1, 1, SWEEPING " out", cmd_train},
    {"ask-tell", "SPACE", "the search alone, for any program: points out, results in",
     "Reads one JSON object a line and answers each with one. SPACE is a sweep file, of which only"
     " `parameters`, `constraints`, `method`, `metric`, `transfer` and `run.seed` count; names of parameters"
     " are free. Several points may be pending; a value of null is a failure.\n\n"
     "  {\"cmd\":\"ask\"}                              {\"id\":0,\"params\":{\"x\":0.25}}\n"
     "  {\"cmd\":\"tell\",\"id\":0,\"value\":1.5}        {\"ok\":true}\n"
     "  {\"cmd\":\"tell\",\"params\":{\"x\":0.5},\"value\":2}    evaluated elsewhere\n"
     "  {\"cmd\":\"quit\"}",
     1, 1, "seed method", cmd_ask_tell},
    {"ls", "[STUDY]", "studies, or a study's trials",
     "Without STUDY: the studies in runs/. With it: its trials, one row each with a column per"
     " parameter. " STUDY_IS "\n\n"
     "  consort ls runs/mnist --top 10\n  consort ls runs/mnist --where 'dropout < 0.2' --csv",
     0, 1, "front sort top state where columns only-changed csv json md dir db", cmd_ls},
    {"show", "[STUDY] TRIAL", "one trial, whole",
     "Parameters, metrics, learning curve, per-class table, why it was proposed, why it failed.\n\n"
     "  consort show runs/mnist 17",
     1, 2, "json dir db", cmd_show},
    {"best", "[STUDY]", "the winner's configuration",
     "The best complete trial and its parameters: by the mean of its runs where `finalists` ran again, else"
     " by its value, unless --by says otherwise. With several goals the front, the trials that no other"
     " beats in everything, its knee marked. " STUDY_IS "\n\n"
     "  consort best runs/mnist\n  consort best runs/mnist --yaml > winner.yaml",
     0, 1, "front trial by yaml full metric json dir db", cmd_best},
    {"status", "[STUDY]", "counts, best, what is running",
     "How far a study is, and, where several processes train, on which hosts and how well their time is used."
     " Works while it runs. " STUDY_IS,
     0, 1, "json csv md dir db", cmd_status},
    {"importance", "[STUDY]", "which settings made the difference",
     "How much of a configuration's rank each searched parameter decides, over the whole search space and"
     " wherever the search went, with 95 % intervals, and of which the order is sure. Where trials are"
     " missing it says so instead of a number. " STUDY_IS "\n\n"
     "  consort importance runs/mnist\n  consort importance runs/mnist --metric log_loss --top-share 0.2",
     0, 1, "metric top-share json csv md dir db", cmd_importance},
    {"query", "[STUDY] SQL", "read-only SQL on the trial database",
     "One SELECT; nothing can be changed. docs/reference/database.md lists tables and views.\n\n"
     "  consort query runs/mnist 'SELECT * FROM failures'\n"
     "  consort query runs/mnist 'SELECT trial, value FROM leaderboard LIMIT 5' --csv",
     1, 2, "json csv md timeout dir db", cmd_query},
    {"ensemble", "[STUDY]", "build the ensemble from stored predictions",
     "Selects and weights trials by their stored validation predictions; no training. Writes"
     " ensemble.consort into the study's folder. " STUDY_IS "\n\n"
     "  consort ensemble runs/mnist --method greedy --size 8\n"
     "  consort ensemble runs/mnist --max-bytes 200kB --max-us 50\n"
     "  consort ensemble runs/credit --thresholds '{recall: {bad: 0.8}}'",
     0, 1, "method size max-bytes max-us max-networks metric calibrate thresholds intervals json dir db",
     cmd_ensemble},
    {"distill", "MODEL|STUDY", "a small network that learns from a large ensemble",
     "Trains one network within --budget (weights, four bytes each, or estimated microseconds a row) on what"
     " the teacher says of the training rows and on their labels, and writes it to --out: a model like any"
     " other. Of a study the teacher is its ensemble, and speaks of rows that its networks were not trained"
     " on; a model file teaches the rows of --data, which it may have seen. A few shapes and rates are tried on"
     " held-out rows. What came of it stands beside the teacher, and beside the same network without one, on"
     " the study's test rows (the look is recorded), on --test, or on a fifth of --data.\n\n"
     "  consort distill runs/digits --budget params=2000 --out small.consort\n"
     "  consort distill model.consort --data rows.csv --budget us=1 --out small.consort",
     1, 1, "budget in-sample data test out seed json dir db " READING, cmd_distill},
    {"evaluate", "MODEL [DATA]", "how good it is: every metric of its task",
     "Of classes precision, recall and F1 of each, averages, balanced accuracy, MCC, log loss; of numbers RMSE,"
     " MAE, R2 and more for each target; of yes/no labels F1 and more for each. MODEL is a"
     " .consort file or a study (its ensemble). Without DATA, --final opens the study's own test set,"
     " and the look is recorded.\n\n"
     "  consort evaluate runs/mnist/ensemble.consort t10k-images.gz --labels t10k-labels.gz\n"
     "  consort evaluate model.consort test.csv --min f1_macro=0.97",
     1, 2, "final by weight min positive-class threshold views json dir db " READING, cmd_evaluate},
    {"predict", "MODEL [DATA]", "labels and probabilities, or numbers and intervals",
     "One row out for each row in, as CSV or (--json) one JSON object a line. DATA may be - or left out:"
     " standard input. Columns are matched by name. The label is what the model decides, by the rule that"
     " `ensemble.thresholds` made when it was built (-v says it: \"decides bad when p(bad) >= 0.34, else"
     " good\"); --threshold puts another in its place. --stream answers rows as they come.\n\n"
     "  consort predict model.consort new.csv --proba\n"
     "  consort predict credit.consort new.csv --threshold bad=0.2\n"
     "  tail -1 new.csv | consort predict model.consort\n"
     "  tail -f log.ndjson | consort predict model.consort --stream --id request",
     1, 2, "stream batch on-error threads id proba top interval threshold views json dir db " READING,
         cmd_predict},
    {"serve", "[MODEL|STUDY]", "answer requests over HTTP",
     "Prints where it listens and answers until SIGINT or SIGTERM. POST /predict takes JSON, NDJSON or CSV and"
     " answers in the same kind (?proba=1&interval=0.9&id=COLUMN&top=3&threshold=0.3); GET /model says what the"
     " model takes and gives, /metrics counts, /health whether there is a model, and / of a STUDY, which may"
     " still run, its report. The model is read again when its file changes, and at SIGHUP. -v says each"
     " request.\n\n"
     "  consort serve model.consort --port 8080\n"
     "  curl -H 'Content-Type: text/csv' --data-binary @new.csv localhost:8080/predict",
     0, 1, "port bind token-file max-body timeout connections threads views dir db " READING, cmd_serve},
    {"inspect", "MODEL|STUDY [DATA]", "what the network does: weights, layers, rows, columns",
     "Looks into one network of the model, the heaviest member's first: its first weights as pictures or by"
     " column, dead and saturated units by name, and with rows also activations, gradients, what the model"
     " loses when a column is shuffled, and (--row) one row explained. Of a study the rows are its own: the"
     " test set once that has been opened, else validation rows, each answered by networks that were not"
     " trained on it. A model file alone shows its weights.\n\n"
     "  consort inspect runs/mnist --html inside.html\n"
     "  consort inspect model.consort new.csv --row 17",
     1, 2, "row trial member net html json dir db " READING, cmd_inspect},
    {"report", "[STUDY...]", "the HTML page, Markdown and JSON",
     "Writes report.html (one file, no network), report.md and report.json and prints the page's path. Of"
     " several studies, or a database of several, it is the page of `consort compare`: --out, or compare.html. "
     STUDY_IS "\n\n  consort report runs/mnist\n  consort report runs/mnist --figures paper/figures",
     0, 1000, "top out figures metric json dir db", cmd_report},
    {"export", "[MODEL|STUDY] --to FORMAT", "the model for elsewhere, or the trials for other tools",
     "--to c: MODEL's preprocessing, every member, calibration and class names in one .c and one .h; no"
     " dependency but libm; NAME_selftest() proves it on the target. --trial N: of one trial of STUDY.\n"
     "--to onnx: the same as one ONNX file (opset 13), from cells to classes, probabilities, numbers,"
     " intervals; for onnxruntime, Triton and the like.\n"
     "--to wasm: the same as WebAssembly, with a loader for browsers and Node, and a page to try it out.\n"
     "--to csv, json: STUDY's trials, to --out or standard output.\n"
     "--to optuna: a file that Optuna's load_study and optuna-dashboard read as their own.\n"
     "Each export of a model is proved on rows before it is written (exit 6: it is not so), and has a model"
     " card beside it.\n\n"
     "  consort export runs/digits --to c --out firmware/digits\n"
     "  consort export runs/digits --to wasm --out web/digits\n"
     "  consort export runs/digits --to c --trial 3\n"
     "  consort export runs/adult --to onnx --out adult\n"
     "  consort export runs/digits --to csv --out trials.csv\n"
     "  consort export runs/digits --to optuna --out digits.db",
     0, 1, "to out top utc sample verify within target numbers trial inputs classes json dir db " READING,
     cmd_export},
    {"model show", "MODEL", "what is in a model file",
     "What it predicts of which columns, its members with their networks, calibration, decision, promises, and"
     " where it came from. MODEL is a .consort file or a study (its ensemble; --trial N: of one trial).\n\n"
     "  consort model show model.consort\n  consort model show runs/digits --json",
     1, 1, "trial json dir db", cmd_model_show},
    {"model verify", "MODEL [DATA]", "is it sound, and what it says it is?",
     "Checksum, form (safetensors), every index and every number of the file; predictions of made-up rows. With"
     " DATA its metrics there, held against those that its study has stored of the same rows. Exit 3 for a"
     " damaged file, 6 where a figure is another.\n\n"
     "  consort model verify model.consort\n  consort model verify runs/churn test.csv",
     1, 2, "trial json dir db " READING, cmd_model_verify},
    {"model diff", "A B [DATA]", "two models side by side",
     "What they take, their preprocessing, members and weights, the figures they came with. With DATA how often"
     " they decide otherwise, how far they are apart and, where the truth is known, whether one is better by"
     " more than chance (McNemar's exact test, a paired bootstrap). A and B are .consort files or studies.\n\n"
     "  consort model diff old.consort new.consort\n  consort model diff old.consort runs/churn test.csv",
     2, 3, "json dir db " READING, cmd_model_diff},
    {"model card", "MODEL", "a model card: what it is, how good, where it ends",
     "Markdown, under the headings of Mitchell et al. (2019): what it predicts, columns with their ranges,"
     " training, figures with intervals, calibration, decision, limits. All of it is read from the model and"
     " its study; licence and the like are left to you. Beside each export lie NAME.md and NAME.card.json.\n\n"
     "  consort model card runs/churn > MODEL_CARD.md",
     1, 1, "trial json dir db", cmd_model_card},
    {"watch", "[STUDY]", "the status of a running study, live",
     "On a terminal, redrawn once a second until q or Ctrl-C; elsewhere a line when something has changed. Ends"
     " by itself when nobody runs the study any more.\n\n  consort watch runs/mnist",
     0, 1, "dir db", cmd_watch},
    {"diff", "[STUDY] A B", "two trials side by side, with a paired test",
     "Parameters that differ, every metric, and whether the difference is more than chance on the rows both"
     " predicted: McNemar's exact test for the accuracy, a paired bootstrap for F1 and log loss.\n\n"
     "  consort diff runs/mnist 7 12",
     2, 3, "json dir db", cmd_diff},
    {"compare", "STUDY...", "studies side by side, with paired tests",
     "What each study came to and cost, what they do differently, and whether the difference is more than"
     " chance: the first against each of the others, on the rows that both predicted, where data and split"
     " are the same."
     " A database of several studies means all of them.\n\n"
     "  consort compare runs/mnist runs/mnist-2\n  consort compare night.db --html night.html",
     1, 1000, "metric html figures json csv md", cmd_compare},
    {"stop", "[STUDY]", "ask a running sweep to end",
     "Trials end with their epoch, everything is saved, and the same sweep command goes on later. Waits until"
     " the process has ended. --now ends it at once; what was under way is run again later.\n\n"
     "  consort stop runs/mnist && consort exclude runs/mnist 17",
     0, 1, "now timeout json dir db", cmd_stop},
    {"enqueue", "[STUDY] FILE|KEY=VALUE...", "configurations to train next",
     "One configuration of KEY=VALUE pairs, or those of a YAML or JSON file: a map, a list of maps, or a list"
     " under `enqueue`. What is not named has its default. The sweep that is running, or the next one, trains"
     " them before anything new, also when run_cap was reached.\n\n"
     "  consort enqueue runs/mnist learning_rate=0.002 dropout=0.1",
     1, 1000, "json dir db", cmd_enqueue},
    {"edit", "[STUDY] [FILE]", "another search space from the next trial on",
     "A range made wider or narrower, a value added or withdrawn, a parameter added (`before` says what the"
     " trials so far had) or fixed, constraints. By --set, or by the `parameters` and `constraints` of FILE;"
     " without either: the versions that there are. Works while a sweep runs. Earlier trials stay, and are"
     " learned from; the study is the same again for the same edits before the same trials. Its file needs no"
     " change.\n\n"
     "  consort edit runs/mnist --set parameters.learning_rate.max=0.3 --why 'the best is at the bound'\n"
     "  consort edit runs/mnist --set 'parameters.dropout={value: 0.1}' --dry-run\n"
     "  consort edit runs/mnist new.yaml",
     0, 2, "set why dry-run json dir db", cmd_edit},
    {"retry", "[STUDY] TRIAL...", "run failed trials again",
     "Failed and interrupted trials are queued again, with the same configuration and seed; the next sweep runs"
     " them first. TRIAL is a number or a range.\n\n"
     "  consort retry runs/mnist 3 7-9\n  consort retry runs/mnist --state failed",
     0, 1000, "state json dir db", cmd_retry},
    {"exclude", "[STUDY] TRIAL...", "leave trials out of ranking and search",
     "Nothing is deleted; `include` takes it back. Rankings, reports and ensembles leave them out, and the"
     " sampler forgets their results.\n\n  consort exclude runs/mnist 12",
     1, 1000, "json dir db", cmd_exclude},
    {"include", "[STUDY] TRIAL...", "take back an exclusion", "  consort include runs/mnist 12", 1, 1000,
     "json dir db", cmd_include},
    {"note", "[STUDY] [TRIAL] [TEXT]", "write down something about a study or a trial",
     "Notes have a time and none replaces another. Without TEXT: the notes there are, or the trial's.\n\n"
     "  consort note runs/mnist 12 'the one we showed on Monday'\n  consort note runs/mnist",
     0, 3, "json dir db", cmd_note},
    {"gc", "[STUDY]", "remove models that nobody needs",
     "Models and predictions of trials that are neither among the best (run.keep_models, or --top N) nor in an"
     " ensemble, and files no trial owns. Rows stay.\n\n  consort gc runs/mnist --dry-run",
     0, 1, "top dry-run json dir db", cmd_gc},
    {"import", "[STUDY] FILE --from TOOL", "another tool's trials as a warm start",
     "Complete trials of FILE become trials of the study, seen by the sampler from the start and never trained"
     " again. Names are matched; each must be a value the search space can propose, or the row is refused, with"
     " the reason. STUDY may be a configuration that was not run yet. TOOL is optuna (its SQLite file), csv,"
     " wandb-csv, or consort (another study).\n\n"
     "  consort import sweep.yaml old.db --from optuna\n"
     "  consort import runs/digits runs.csv --from wandb-csv --map lr=learning_rate --metric val_acc\n"
     "  consort import sweep.yaml runs/last-month --from consort",
     1, 2, "from study metric map dry-run json dir db", cmd_import},
    {"merge", "INTO FROM...", "join studies that several hosts ran",
     "Appends the trials of each study FROM to the study INTO: same data, split, search space and settings,"
     " other seeds and methods. Models and predictions come along, so `best`, `ensemble` and `report` see all,"
     " and a sweep goes on from all. What is there already is not doubled, what has not ended is left out, FROM"
     " is only read. INTO may be a configuration that was not run yet. --parts: the parts that `consort sweep"
     " --part` has begun of it.\n\n"
     "  consort merge runs/digits hostb/digits hostc/digits\n"
     "  consort merge sweep.yaml hosta/digits hostb/digits --dir all\n"
     "  consort merge sweep.yaml --parts && consort run sweep.yaml",
     1, 1000, "parts dry-run json dir db", cmd_merge},
    {"data inspect", "FILE", "a data card",
     "Rows, columns, types, missing cells, classes, and what looks wrong.\n\n"
     "  consort data inspect churn.csv --label Churn",
     1, 1, "json " READING, cmd_data_inspect},
    {"data preview", "CONFIG|DATA", "first rows as read and as encoded; pictures as augmented",
     "What trials will be trained on: the first rows as they were read, and below each column the numbers"
     " that the network is given of it (preprocessing with the settings that are not searched). Of pictures,"
     " --augment: originals beside what `augment` makes of them; where it is searched, at both ends of the"
     " ranges.\n\n"
     "  consort data preview configs/tabular.yaml\n"
     "  consort data preview churn.csv --label Churn\n"
     "  consort data preview configs/mnist.yaml --augment --out augmented.html",
     1, 1, "augment out set test json " READING, cmd_data_preview},
    {"data convert", "IN OUT", "a file of rows in another format",
     "Reads whatever is read (`consort data inspect`), with all of its columns, and writes it as the ending"
     " of OUT says, or --to: csv, arff, ndjson, libsvm, npy, npz, idx; packed if the ending says so (.gz, .xz,"
     " .bz2, .zst, .lz4). Numbers are written so that they read back the same, missing stays missing. --label"
     " names the column that libsvm, npy and npz keep apart; the last is taken otherwise. OUT may be -, with"
     " --to.\n\n"
     "  consort data convert 'sqlite:shop.db?SELECT * FROM customer' customer.csv.xz\n"
     "  consort data convert churn.csv - --to ndjson | jq .age",
     2, 2, "to " READING, cmd_data_convert},
    {"data cache", "[FOLDER]", "large tables that were kept as read",
     "What lies in the cache (data.cache), used last first. --clear removes it: it is made anew"
     " when it is wanted.\n\n"
     "  consort data cache\n  consort data cache --clear",
     0, 1, "clear json", cmd_data_cache},
    {"config check", "CONFIG", "is it right?",
     "Reads the configuration and says what it is, or the first mistake with file, line and column.",
     1, 1, "set jobs time trials seed name test json " READING, cmd_config_check},
    {"config resolve", "CONFIG", "the configuration with every default",
     "Prints YAML that means the same, with nothing left out.",
     1, 1, "set jobs time trials seed name test json " READING, cmd_config_resolve},
    {"slurm", "CONFIG [-- #SBATCH OPTIONS]", "a batch script for Slurm",
     "Prints a script that runs the study of CONFIG on a cluster, however short a job may be: before its time"
     " (--time) is up it stops cleanly, puts itself back into the queue, and goes on; it ends when the study is"
     " done, or for a reason that would be the same next time. Several ranks share one study by MPI; with"
     " --array, without it, each task trains a part, and a last job merges them.\n\n"
     "  consort slurm sweep.yaml --nodes 4 --cpus 16 --time 2h > sweep.sh && sbatch sweep.sh\n"
     "  consort slurm sweep.yaml --array 16 --time 90m -o parts.sh && bash parts.sh\n"
     "  consort slurm sweep.yaml --time 8h --run -- -C avx512",
     1, 100, "time nodes tasks-per-node cpus mem partition account mpi array run out dir db", cmd_slurm},
    {"schema", "", "the configuration as a JSON Schema, for editors",
     "Everything that a configuration may hold: keys, types, limits, choices, defaults, help. An editor with a"
     " YAML language server completes and checks as one types; `consort init` writes the line that says where"
     " the schema is. It takes what `config check` takes, but for rules that no schema can say"
     " (docs/reference/schema.md).\n\n"
     "  consort schema --out consort.schema.json",
     0, 0, "out", cmd_schema},
    {"doctor", "[STUDY]", "versions, processor, database health",
     "What Consort runs on; with STUDY, its database checked. Exit 4 on trouble.",
     0, 1, "json dir db", cmd_doctor},
    {"completion", "bash|zsh|fish", "a shell completion script",
     "It asks `consort` itself what could come next: verbs, options and what they take, keys of --set, studies"
     " of runs/, trials.\n\n"
     "  mkdir -p ~/.local/share/bash-completion/completions\n"
     "  consort completion bash > ~/.local/share/bash-completion/completions/consort", 1, 1, "",
     cmd_completion},
    {"complete", "-- WORDS...", "", "What could stand where the last of WORDS does: for the completions.", 0,
     4096, "", cmd_complete},
    {"man", "", "the manual page, as troff",
     "  consort man | man -l -", 0, 0, "", cmd_man},
    {"help", "[VERB|config]", "this, or one verb, or the keys of the YAML file",
     "  consort help sweep\n  consort help config", 0, 2, "", cmd_help},
};

/* Each verb stands in one of them; in which order is that of the table. */
static const VerbGroup groups[] = {
    {"Make", "run, init, sweep, train, ensemble, distill, ask-tell, slurm"},
    {"Look", "ls, show, best, status, watch, importance, diff, compare, report, query, data inspect, data"
             " preview, data convert, data cache, inspect,"
             " evaluate, model show, model diff"},
    {"Change", "stop, enqueue, edit, retry, exclude, include, note, gc, import, merge"},
    {"Ship", "predict, serve, export, model verify, model card"},
    {"Help", "config check, config resolve, schema, doctor, completion, man, help"},
    {NULL, NULL},
};

const VerbTable verb_table = {verbs, sizeof verbs / sizeof *verbs, options, sizeof options / sizeof *options,
                              groups};
