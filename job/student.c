/* job/student.c - widths for a budget, a few settings compared, and the network itself. */
#include "job/student.h"

#include <math.h>
#include <string.h>

#include "model/calibration_choose.h"
#include "model/latency.h"
#include "tuner/trial/cost.h"

const char *const budget_names[] = {BUDGET_LIST(LIST_NAME) NULL};

enum { FEW_ROWS = 1000, SOME_ROWS = 3000, MOST_FOLDS = 5, SOME_FOLDS = 3, WIDEST = 4096, NARROW = 4 };

typedef struct {
    const StudentInput *in;
    EncodedCache *encoded;
    MetricId metric;
    int n_folds;          /* that are looked at */
    Arena *own, *scratch; /* of the search; of one run after the other */
    int32_t *rows;        /* (n_rows) those that can teach: without a label or weight they cannot */
    int n_rows;
    Doc *tried;
} Search;

/* ---- the budget -------------------------------------------------------------------------------------- */

static void add_cost(const Mlp *mlp, double out[BUDGETS])
{
    double flops = 0;
    for (int l = 0; l < mlp->n_layers; l++) flops += 2.0 * mlp->width[l] * mlp->width[l + 1];
    out[BUDGET_PARAMS] += (double)mlp->n_params;
    out[BUDGET_BYTES] += 4 * (double)mlp->n_params;
    out[BUDGET_US] += latency_us(1, flops);
}

void budget_of(const Model *model, double out[BUDGETS])
{
    memset(out, 0, BUDGETS * sizeof *out);
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++) add_cost(model->members[m].nets[k].mlp, out);
}

/* What a network with `n` hidden layers of this width takes. */
static bool cost_of(const Settings *settings, const Rows *shape, int n, int width, Arena *arena,
                    double out[BUDGETS], Error *err)
{
    TrainOptions o = settings->train;
    Mlp mlp;
    int members;
    o.hidden = (IntList){.n = n};
    for (int l = 0; l < n; l++) o.hidden.items[l] = width;
    memset(out, 0, BUDGETS * sizeof *out);
    if (!train_shape(&o, shape, arena, &mlp, &members, err)) return false;
    add_cost(&mlp, out);
    return true;
}

static bool within(const Budget *budget, const double cost[BUDGETS])
{
    for (int b = 0; b < BUDGETS; b++)
        if (budget->most[b] > 0 && cost[b] > budget->most[b]) return false;
    return true;
}

/* The widest that the budget allows; 0: none. */
static bool widest(const Search *s, const Settings *settings, const Rows *shape, int n, int *width, Error *err)
{
    double cost[BUDGETS];
    int low = 0, high = WIDEST + 1;
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        if (!cost_of(settings, shape, n, middle, s->scratch, cost, err)) return false;
        if (within(&s->in->budget, cost)) low = middle;
        else high = middle;
    }
    *width = low;
    return true;
}

/* Rows of a preprocessing fitted to all that teach, without the rows. */
static bool shape_of(const Search *s, const Settings *settings, Rows *out, Error *err)
{
    const Table *table = s->in->table;
    Prep *prep;
    if (!prep_fit(&settings->prep, table, s->rows, s->n_rows, s->scratch, &prep, err)) return false;
    *out = prep_shape(prep);
    out->n_rows = s->n_rows;
    out->n_classes = table->n_classes;
    out->task = &table->task;
    return true;
}

/* ---- settings ---------------------------------------------------------------------------------------- */

static bool any_kind(const Table *table, ColumnKind kind)
{
    for (int i = 0; i < table->n_columns; i++)
        if (table->columns[i].kind == kind) return true;
    return false;
}

/* What all candidates have in common: many small steps and no regularization, since what is so small does not
 * overfit what a teacher has smoothed. */
static bool settings_of(const StudentInput *in, Arena *arena, Settings *out, Error *err)
{
    enum { ROWS_SEEN = 1500000, LEAST_EPOCHS = 40, MOST_EPOCHS = 200 };
    const Table *table = in->table;
    *out = (Settings){0};
    if (!field_defaults(&train_fields, &out->train, arena, err)
        || !field_defaults(&prep_fields, &out->prep, arena, err)
        || !field_defaults(&missing_fields, &out->prep, arena, err))
        return false;
    TrainOptions *o = &out->train;
    const int n = table->n_rows, epochs = ROWS_SEEN / n;
    o->epochs = epochs < LEAST_EPOCHS ? LEAST_EPOCHS : epochs > MOST_EPOCHS ? MOST_EPOCHS : epochs;
    for (o->batch_size = 16; o->batch_size < 128 && o->batch_size * 32 <= n; o->batch_size *= 2) {}
    o->activation = ACT_SILU;
    o->learning_rate = 0.01;
    o->best_of = BEST_OF_CYCLES; /* the last epoch: the best of many would flatter */
    const double *most = in->budget.most;
    double weights = fmin(most[BUDGET_PARAMS] > 0 ? most[BUDGET_PARAMS] : INFINITY,
                          most[BUDGET_BYTES] > 0 ? most[BUDGET_BYTES] / 4 : INFINITY);
    if (any_kind(table, COLUMN_FREE_TEXT))
        for (out->prep.text_features = 4096; out->prep.text_features > 16
             && out->prep.text_features * 8 > weights; out->prep.text_features /= 2) {}
    return true;
}

Doc *student_settings_doc(const Settings *settings)
{
    const TrainOptions *o = &settings->train;
    Doc *doc = doc_object(), *hidden = doc_set(doc, "hidden", doc_array());
    for (int l = 0; l < o->hidden.n; l++) doc_add(hidden, doc_number(o->hidden.items[l]));
    doc_set_text(doc, "numeric_embedding", numeric_embedding_names[settings->prep.numeric_embedding]);
    if (settings->prep.numeric_embedding == NUMERIC_EMBED_PLE)
        doc_set_number(doc, "ple_bins", settings->prep.ple_bins);
    if (settings->prep.min_count > 0) doc_set_number(doc, "min_count", settings->prep.min_count);
    doc_set_number(doc, "learning_rate", o->learning_rate);
    doc_set_number(doc, "batch_size", o->batch_size);
    doc_set_number(doc, "epochs", o->epochs);
    doc_set_number(doc, "soft_weight", o->soft_weight);
    return doc;
}

/* ---- trying ------------------------------------------------------------------------------------------ */

/* One fold; `proba` (NULL: nobody asks) gets what is said of its rows. */
static bool try_fold(const Search *s, const Settings *settings, int fold, float *proba, double *loss,
                     Error *err)
{
    Encoded encoded;
    TrainResult result;
    Rows train;
    const TrainRun run = {.seed = s->in->seed, .stream = (uint32_t)fold, .metric = s->metric, .positive = -1};
    if (!encoded_get(s->encoded, &settings->prep, fold, &encoded, err)) return false;
    arena_reset(s->scratch);
    train = *encoded.train;
    if (s->in->blind) train.soft = s->in->blind[fold];
    bool ok = train_network(&settings->train, &train, encoded.valid, &run, s->scratch, &result, err);
    const bool whole = ok && result.outcome == RUN_COMPLETE && isfinite(result.score);
    *loss = whole ? result.score : INFINITY;
    if (whole && proba)
        memcpy(proba, result.proba,
               (size_t)encoded.valid->n_rows * (size_t)rows_values(encoded.valid) * sizeof *proba);
    encoded_release(s->encoded, &encoded);
    return ok;
}

/* All folds that are looked at: the mean over their rows. */
static bool try_settings(const Search *s, const Settings *settings, float *proba, double *loss, Error *err)
{
    const Split *split = s->in->split;
    double sum = 0, rows = 0, one;
    for (int f = 0; f < s->n_folds; f++) {
        const size_t done = (size_t)rows * (size_t)table_values(s->in->table);
        if (!try_fold(s, settings, f, proba ? proba + done : NULL, &one, err)) return false;
        sum += one * split->n_valid[f];
        rows += split->n_valid[f];
    }
    *loss = rows > 0 ? sum / rows : INFINITY;
    return true;
}

static bool better_than(Search *s, const Settings *candidate, Settings *best, double *least, Error *err)
{
    Settings quick = *candidate;
    double loss;
    quick.train.epochs = (candidate->train.epochs + 1) / 2;
    if (!try_settings(s, &quick, NULL, &loss, err)) return false;
    Doc *doc = s->tried ? doc_add(s->tried, student_settings_doc(candidate)) : NULL;
    if (doc) doc_set_number(doc, "loss", loss);
    if (doc)
        line_say(s->in->on_line, s->in->context, false, "tried %d: %s %.5g", (int)doc_count(s->tried),
                 metric_label(s->metric), loss);
    if (*least >= 0 && !(loss < *least)) return true;
    *least = loss;
    *best = *candidate;
    return true;
}

/* "50 weights, ..." for a message: what the smallest network takes. */
static bool too_small(const StudentInput *in, const Rows *shape, const double cost[BUDGETS], Error *err)
{
    int b = 0;
    while (b + 1 < BUDGETS && !(in->budget.most[b] > 0 && cost[b] > in->budget.most[b])) b++;
    return error_set(err, ERR_CONFIG, "--budget %s=%g: the smallest network for these rows, one unit between %d"
                     " features and %d output%s, takes %g", budget_names[b], in->budget.most[b],
                     shape->n_features, rows_outputs(shape), rows_outputs(shape) == 1 ? "" : "s", cost[b]);
}

/* Rare words go until something fits: with thousands of them there would be no room for units. */
static bool make_fit(const Search *s, Settings *settings, Error *err)
{
    static const int counts[] = {0, 5, 20, 100, 1000};
    Settings fits = {0};
    double cost[BUDGETS] = {0};
    Rows shape = {0};
    int width = 0, best = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts && best < NARROW; i++) {
        if (i > 0 && !any_kind(s->in->table, COLUMN_NOMINAL)) break;
        arena_reset(s->scratch);
        settings->prep.min_count = counts[i];
        if (!shape_of(s, settings, &shape, err) || !widest(s, settings, &shape, 1, &width, err)
            || !cost_of(settings, &shape, 1, 1, s->scratch, cost, err))
            return false;
        if (width > best) fits = *settings, best = width;
    }
    if (best == 0) return too_small(s->in, &shape, cost, err);
    *settings = fits;
    return true;
}

static bool try_shapes(Search *s, const Settings *base, Settings *best, double *least, Error *err)
{
    static const int bins[] = {0, 4, 12};
    const Table *table = s->in->table;
    const bool numbers = any_kind(table, COLUMN_NUMERIC) || any_kind(table, COLUMN_DATE);
    for (int b = 0; b < (numbers ? 3 : 1); b++)
        for (int n = 1; n <= 2; n++) {
            Settings candidate = *base;
            Rows shape;
            int width;
            candidate.prep.numeric_embedding = bins[b] ? NUMERIC_EMBED_PLE : NUMERIC_EMBED_NONE;
            if (bins[b]) candidate.prep.ple_bins = bins[b];
            arena_reset(s->scratch);
            if (!shape_of(s, &candidate, &shape, err) || !widest(s, &candidate, &shape, n, &width, err))
                return false;
            if (width < NARROW && (b > 0 || n > 1)) continue;
            candidate.train.hidden = (IntList){.n = n, .items = {width, n > 1 ? width : 0}};
            if (!better_than(s, &candidate, best, least, err)) return false;
        }
    return true;
}

static bool begin(const StudentInput *in, Search *s, Error *err)
{
    static const size_t cap = (size_t)1 << 30;
    *s = (Search){.in = in, .n_folds = in->split->n_folds,
                  .metric = in->table->task.kind == TASK_NUMBERS ? METRIC_RMSE : METRIC_LOG_LOSS};
    const int n = in->table->n_rows, folds = n <= FEW_ROWS ? MOST_FOLDS : n <= SOME_ROWS ? SOME_FOLDS : 1;
    if (s->n_folds > folds) s->n_folds = folds;
    s->encoded = encoded_create(in->table, in->split, cap);
    s->own = arena_create(0);
    s->scratch = arena_create(0);
    if (!s->encoded || !s->own || !s->scratch) return error_memory(err);
    SplitRows rows;
    s->rows = ARENA_NEW(s->own, int32_t, in->table->n_rows);
    if (!s->rows) return error_memory(err);
    if (!split_rows(in->table, s->own, &rows, err)) return false;
    for (int i = 0; i < in->table->n_rows; i++)
        if (split_usable(&rows, i) && table_known(in->table, i)) s->rows[s->n_rows++] = i;
    return s->n_rows > 0 || error_set(err, ERR_DATA, "no row has a label from which a network could learn");
}

static void end(Search *s)
{
    encoded_destroy(s->encoded);
    arena_destroy(s->scratch);
    arena_destroy(s->own);
}

bool student_search(const StudentInput *input, Arena *arena, Settings *out, Doc *tried, Error *err)
{
    static const double rates[] = {1.0 / 3, 3}, weights[] = {0.4, 1};
    Search s;
    Settings base, best = {0}, from;
    double least = -1;
    bool ok = begin(input, &s, err) && settings_of(input, arena, &base, err) && make_fit(&s, &base, err);
    s.tried = tried;
    ok = ok && try_shapes(&s, &base, &best, &least, err);
    from = best;
    for (int i = 0; ok && i < 2; i++) {
        Settings candidate = from;
        candidate.train.learning_rate *= rates[i];
        ok = better_than(&s, &candidate, &best, &least, err);
    }
    from = best;
    for (int i = 0; ok && i < 2; i++) {
        Settings candidate = from;
        candidate.train.soft_weight = weights[i];
        ok = better_than(&s, &candidate, &best, &least, err);
    }
    if (ok) {
        Settings candidate = best;
        candidate.train.epochs = (best.train.epochs + 2) / 3;
        ok = better_than(&s, &candidate, &best, &least, err);
    }
    if (ok && !isfinite(least))
        ok = error_set(err, ERR_NUMERIC, "none of %d networks could be trained on these rows",
                       (int)doc_count(tried));
    end(&s);
    if (ok) *out = best;
    return ok;
}

bool student_search_plain(const StudentInput *input, const Settings *settings, Settings *plain, Error *err)
{
    Search s;
    Settings from = *settings, best;
    double least = -1;
    from.train.soft_weight = 0;
    bool ok = begin(input, &s, err) && better_than(&s, &from, &best, &least, err);
    for (int i = 0; ok && i < 2; i++) { /* alone it overfits sooner */
        Settings candidate = best;
        candidate.train.epochs = (best.train.epochs + 2) / 3;
        ok = better_than(&s, &candidate, &best, &least, err);
    }
    if (ok) {
        Settings candidate = best;
        candidate.train.learning_rate /= 3;
        ok = better_than(&s, &candidate, &best, &least, err);
    }
    end(&s);
    if (ok) *plain = best;
    return ok;
}

/* ---- the network ------------------------------------------------------------------------------------- */

/* What the networks of the folds say of the rows that they did not see. */
static bool hold_out(const Search *s, const Settings *settings, Arena *arena, Student *out, Error *err)
{
    const Split *split = s->in->split;
    int32_t *held;
    for (int f = 0; f < s->n_folds; f++) out->n_held += split->n_valid[f];
    out->held = held = ARENA_NEW(arena, int32_t, out->n_held);
    out->proba = ARENA_NEW(arena, float, (size_t)out->n_held * (size_t)table_values(s->in->table));
    if (!held || !out->proba) return error_memory(err);
    for (int f = 0, at = 0; f < s->n_folds; at += split->n_valid[f++])
        memcpy(held + at, split->valid[f], (size_t)split->n_valid[f] * sizeof *held);
    return try_settings(s, settings, out->proba, &out->loss, err);
}

/* Labels alone make it too sure, which a teacher does not. Where rows are few the networks of the hold-out, on
 * fewer still, are so much surer than the one that learns from all rows that their temperature harms it. */
static bool calibrate(const Search *s, const Settings *settings, const Student *student, Arena *arena,
                      Model *model, Error *err)
{
    const Table *table = s->in->table;
    const int n = student->n_held;
    const bool wanted = table->labels && settings->train.soft_weight == 0 && table->n_rows > SOME_ROWS;
    if (!wanted || !isfinite(student->loss)) return true;
    int32_t *labels = ARENA_NEW(arena, int32_t, n);
    double *weight = table->weight ? ARENA_NEW(arena, double, n) : NULL;
    if (!labels || (table->weight && !weight)) return error_memory(err);
    for (int i = 0; i < n; i++) {
        labels[i] = table->labels[student->held[i]];
        if (weight) weight[i] = table->weight[student->held[i]];
    }
    const KnownRows rows = {n, table->n_classes, student->proba, labels, weight};
    const CalibrationAsk ask = {CALIBRATION_SET(CALIBRATION_TEMPERATURE), 5, NULL, s->in->seed};
    CalibrationChoice choice;
    if (!calibration_choose(&rows, &ask, arena, &choice, err)) return false;
    calibration_choice_apply(&choice, n, table->n_classes, student->proba);
    model->temperature = choice.temperature;
    model->calibration = choice.calibration;
    return true;
}

static bool train_all(const Search *s, const Settings *settings, Arena *arena, Model *model, Error *err)
{
    const Table *table = s->in->table;
    const TrainRun run = {.seed = s->in->seed, .stream = MOST_FOLDS, .metric = s->metric, .positive = -1};
    Prep *prep;
    Rows *rows;
    TrainResult result;
    ModelNet *net = ARENA_NEW(arena, ModelNet, 1);
    ModelMember *member = ARENA_NEW(arena, ModelMember, 1);
    const Prep **preps = ARENA_NEW(arena, const Prep *, 1);
    if (!net || !member || !preps) return error_memory(err);
    if (!prep_fit(&settings->prep, table, s->rows, s->n_rows, arena, &prep, err)
        || !prep_apply(prep, table, s->rows, s->n_rows, arena, &rows, err)
        || !train_network(&settings->train, rows, NULL, &run, arena, &result, err))
        return false;
    if (result.outcome != RUN_COMPLETE || result.n_nets != 1)
        return error_set(err, ERR_NUMERIC, "the network could not be trained on all rows: %s", result.why);
    *net = (ModelNet){result.mlp, 0};
    *member = (ModelMember){"student", 1, 1, net};
    *preps = prep;
    model->schema = table_schema(table);
    model->n_preps = model->n_members = 1;
    model->preps = preps;
    model->members = member;
    return true;
}

bool student_train(const StudentInput *input, const Settings *settings, Arena *arena, Student *out,
                   Error *err)
{
    Search s;
    Student student = {.model = ARENA_NEW(arena, Model, 1)};
    bool ok = begin(input, &s, err) && (student.model || error_memory(err));
    if (ok) *student.model = (Model){.temperature = 1};
    ok = ok && hold_out(&s, settings, arena, &student, err)
      && calibrate(&s, settings, &student, arena, student.model, err)
      && train_all(&s, settings, arena, student.model, err);
    end(&s);
    if (ok) *out = student;
    return ok;
}
