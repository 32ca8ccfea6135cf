/* job/distill.c - what the teacher says, who learns from it, and how both fare. */
#include "job/distill.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "job/products.h"
#include "job/told.h"
#include "model/evaluate.h"

typedef struct {
    const DistillOptions *options;
    Arena *arena;
    const Model *teacher;
    const char *path;      /* of its file */
    Table *train;          /* with what the teacher says in it */
    const Table *test;     /* NULL: none */
    const Split *split;
    float *said;           /* (N, values) of the training rows */
    int out_of_fold;       /* of so many by networks that were not trained on them */
    const double **blind;  /* as in StudentInput, or NULL */
    int positive;
    const char *seen[2];   /* fingerprints of what is learned from, as a model's reader makes them */
} Distilling;

/* ---- the teacher ------------------------------------------------------------------------------------- */

/* The ensemble's predictions of the rows that its networks did not see, where the study's folder has them. */
static bool out_of_fold(Distilling *d, const char *proba, bool *known, Error *err)
{
    const int n_values = model_values(d->teacher);
    Predictions p;
    if (!file_exists(proba)) return true;
    if (!predictions_load(proba, d->arena, &p, err)) return false;
    if (p.n_classes != n_values || p.numbers != (d->teacher->schema.task.kind == TASK_NUMBERS)
        || (p.n_rows > 0 && p.row[p.n_rows - 1] >= d->train->n_rows))
        return error_set(err, ERR_DATA, "%s: predictions of other rows than the study's; build the ensemble"
                         " again", proba);
    for (int i = 0; i < p.n_rows; i++) {
        known[p.row[i]] = true;
        memcpy(d->said + (size_t)p.row[i] * (size_t)n_values, p.proba + (size_t)i * (size_t)n_values,
               (size_t)n_values * sizeof *d->said);
    }
    d->out_of_fold = p.n_rows;
    return true;
}

/* What is said of one row, as a table keeps it. */
static void as_soft(const Task *task, int n_values, const float *said, double *soft)
{
    double sum = 0;
    for (int c = 0; c < n_values; c++) {
        soft[c] = task->kind == TASK_NUMBERS ? task_number(task, c, (double)said[c]) : (double)said[c];
        sum += soft[c];
    }
    for (int c = 0; c < n_values && task_has_classes(task); c++) soft[c] /= sum;
}

/* How many networks of a member stand together for a fold: a trial trains its folds one after another, one
 * network each or several (members, snapshots), and their preprocessing tells them apart. 0: it does not. */
static int nets_of_fold(const ModelMember *member, int n_folds)
{
    int p = 1;
    while (p < member->n_nets && member->nets[p].prep == member->nets[0].prep) p++;
    if (p == member->n_nets) p = 1; /* pictures have one preprocessing */
    return member->n_nets % (p * n_folds) == 0 ? p : 0;
}

/* The teacher's networks that have not seen fold f. */
static bool without_fold(const Distilling *d, int f, Model *out)
{
    const int n_folds = d->split->n_folds;
    ModelMember *members = ARENA_NEW(d->arena, ModelMember, d->teacher->n_members);
    *out = *d->teacher;
    out->members = members;
    for (int m = 0; members && m < out->n_members; m++) {
        const ModelMember *all = &d->teacher->members[m];
        const int p = nets_of_fold(all, n_folds);
        ModelNet *nets = ARENA_NEW(d->arena, ModelNet, all->n_nets);
        if (!nets) return false;
        members[m] = *all;
        members[m].nets = nets;
        members[m].n_nets = 0;
        for (int k = 0; k < all->n_nets; k++)
            if (k / p % n_folds == f) nets[members[m].n_nets++] = all->nets[k];
    }
    return members != NULL;
}

/* The rows that the search holds out have taught the networks that speak, out of fold, of the others. So in the
 * search a fold's student hears the networks of that fold alone, although they have seen its rows. */
static bool hear_blind(Distilling *d, Error *err)
{
    const int n = d->train->n_rows, n_values = model_values(d->teacher), n_folds = d->split->n_folds;
    for (int m = 0; m < d->teacher->n_members; m++)
        if (nets_of_fold(&d->teacher->members[m], n_folds) == 0) return true;
    d->blind = ARENA_NEW(d->arena, const double *, n_folds);
    float *said = ARENA_NEW(d->arena, float, (size_t)n * (size_t)n_values);
    if (!d->blind || !said) return error_memory(err);
    for (int f = 0; f < n_folds; f++) {
        Model model;
        const int n_train = d->split->n_train[f];
        double *soft = ARENA_NEW(d->arena, double, (size_t)n_train * (size_t)n_values);
        if (!soft || !without_fold(d, f, &model)) return error_memory(err);
        if (!model_predict(&model, d->train, d->arena, said, err)) return false;
        for (int i = 0; i < n_train; i++)
            as_soft(&d->train->task, n_values, said + (size_t)d->split->train[f][i] * (size_t)n_values,
                    soft + (size_t)i * (size_t)n_values);
        d->blind[f] = soft;
    }
    return true;
}

/* `proba` NULL: the teacher has seen all rows. */
static bool hear(Distilling *d, const char *proba, Error *err)
{
    const int n = d->train->n_rows, n_values = model_values(d->teacher);
    const Task *task = &d->train->task;
    const size_t cells = (size_t)n * (size_t)n_values;
    bool *known = ARENA_NEW(d->arena, bool, n);
    float *own = ARENA_NEW(d->arena, float, cells);
    double *soft = ARENA_NEW(d->arena, double, cells);
    d->said = ARENA_NEW(d->arena, float, cells);
    if (task->n_quantiles > 0)
        return error_set(err, ERR_CONFIG, "a model of quantiles teaches no network: between a teacher's number"
                         " and a row's lies no quantile");
    if (!known || !own || !soft || !d->said) return error_memory(err);
    if (proba && !out_of_fold(d, proba, known, err)) return false;
    for (int i = 0; d->options->in_sample && i < n; i++) d->out_of_fold -= known[i], known[i] = false;
    if (d->out_of_fold < n && !model_predict(d->teacher, d->train, d->arena, own, err)) return false;
    for (int i = 0; i < n; i++) {
        const size_t at = (size_t)i * (size_t)n_values;
        if (!known[i]) memcpy(d->said + at, own + at, (size_t)n_values * sizeof *own);
        as_soft(task, n_values, d->said + at, soft + at);
    }
    d->train->soft = soft;
    return !proba || d->split->n_folds < 2 || hear_blind(d, err);
}

/* ---- how they fare ----------------------------------------------------------------------------------- */

/* What a model says of rows, against the truth: {name: value}. `row` NULL: the first n. */
static bool judge(const Distilling *d, const Model *model, const Table *table, const int32_t *row, int n,
                  const float *proba, Doc **out, Error *err)
{
    static const char *const kept[] = {"accuracy", "f1_macro", "log_loss", "rmse", "mae", "r2"};
    const size_t n_targets = table->targets ? (size_t)table->task.n_targets : 0;
    int32_t *labels = table->labels ? ARENA_NEW(d->arena, int32_t, n) : NULL;
    double *targets = n_targets ? ARENA_NEW(d->arena, double, (size_t)n * n_targets) : NULL;
    double *weight = table->weight ? ARENA_NEW(d->arena, double, n) : NULL;
    Doc *doc;
    if ((table->labels && !labels) || (n_targets && !targets) || (table->weight && !weight))
        return error_memory(err);
    for (int i = 0; i < n; i++) {
        const int from = row ? row[i] : i;
        if (labels) labels[i] = table->labels[from];
        if (weight) weight[i] = table->weight[from];
        for (size_t t = 0; t < n_targets; t++)
            targets[(size_t)i * n_targets + t] = table->targets[(size_t)from * n_targets + t];
    }
    Judged judged = {.n = n, .n_classes = model_values(model), .proba = proba, .labels = labels,
                     .targets = targets, .weight = weight, .positive = d->positive};
    evaluate_as(model, &judged);
    if (!evaluate_predictions(&judged, d->arena, &doc, err)) return false;
    const Doc *metrics = doc_get(doc, "metrics");
    Doc *values = doc_object();
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (doc_get(metrics, kept[i]))
            doc_set_number(values, kept[i], doc_to_number(doc_get(doc_get(metrics, kept[i]), "value"), NAN));
    doc_free(doc);
    *out = values;
    return true;
}

/* On the test rows, or on those held out, of which `proba` is known. */
static bool put_scores(const Distilling *d, const Model *model, const Student *student, const float *proba,
                       Doc *out, Error *err)
{
    double cost[BUDGETS];
    Doc *metrics = NULL;
    budget_of(model, cost);
    for (int b = 0; b < BUDGETS; b++) doc_set_number(out, budget_key(b), cost[b]);
    const Table *table = d->test ? d->test : d->train;
    const int n = d->test ? d->test->n_rows : student->n_held;
    if (d->test) {
        float *own = ARENA_NEW(d->arena, float, (size_t)n * (size_t)model_values(model));
        if (!own) return error_memory(err);
        if (!model_predict(model, d->test, d->arena, own, err)) return false;
        proba = own;
    }
    if (!judge(d, model, table, d->test ? NULL : student->held, n, proba, &metrics, err)) return false;
    doc_set(out, "metrics", metrics);
    return true;
}

static bool put_teacher(const Distilling *d, const Student *student, Doc *out, Error *err)
{
    const size_t n_values = (size_t)model_values(d->teacher);
    char hex[65];
    int networks = 0;
    float *held = ARENA_NEW(d->arena, float, (size_t)student->n_held * n_values);
    if (!held) return error_memory(err);
    for (int i = 0; i < student->n_held; i++)
        memcpy(held + (size_t)i * n_values, d->said + (size_t)student->held[i] * n_values,
               n_values * sizeof *held);
    for (int m = 0; m < d->teacher->n_members; m++) networks += d->teacher->members[m].n_nets;
    if (!told_sha256(d->path, hex, err)) return false;
    doc_set_text(out, "model", d->path);
    doc_set_text(out, "sha256", hex);
    doc_set_text(out, "name", d->teacher->name);
    doc_set_number(out, "members", d->teacher->n_members);
    doc_set_number(out, "networks", networks);
    doc_set_number(out, "out_of_fold", d->out_of_fold);
    doc_set_number(out, "in_sample", d->train->n_rows - d->out_of_fold);
    return put_scores(d, d->teacher, student, held, out, err);
}

/* ---- the model --------------------------------------------------------------------------------------- */

static const char *provenance(const Distilling *d, const Settings *settings, const Doc *teacher)
{
    static const char *const kept[] = {"name", "sha256", "members", "networks", "n_params", "out_of_fold",
                                       "in_sample"};
    char seed[32];
    Text text = {0};
    Doc *doc = doc_object(), *taught = doc_set(doc, "taught_by", doc_object());
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        doc_set(taught, kept[i], doc_copy(doc_get(teacher, kept[i])));
    doc_set(doc, "settings", student_settings_doc(settings));
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)d->options->seed);
    doc_set_text(doc, "seed", seed);
    doc_set_text(doc, "version", CONSORT_VERSION);
    Doc *seen = doc_set(doc, "seen", doc_array());
    for (int i = 0; i < 2; i++)
        if (d->seen[i]) doc_add(seen, doc_text(d->seen[i]));
    const char *copy = doc_print(doc, 0, &text) ? arena_copy(d->arena, text.bytes) : NULL;
    doc_free(doc);
    text_free(&text);
    return copy;
}

static bool save(const Distilling *d, const Settings *settings, const Student *student, const Doc *teacher,
                 Doc *out, Error *err)
{
    char hex[65];
    Model *model = student->model;
    model->provenance = provenance(d, settings, teacher);
    if (!model->provenance) return error_memory(err);
    if (!model_save(model, d->options->out, err) || !told_sha256(d->options->out, hex, err)) return false;
    doc_set_text(out, "model", d->options->out);
    doc_set_text(out, "sha256", hex);
    return true;
}

/* What the teacher decides is decided: by its costs or weights, of the student's own probabilities. */
static void take_decision(const Distilling *d, Model *model)
{
    model->name = d->teacher->name;
    model->decision = d->teacher->decision;
    model->cost = d->teacher->cost;
    model->asked = d->teacher->asked;
    model->interest = d->teacher->interest;
}

static bool describe(const Distilling *d, const Settings *settings, const Student *hard, const Student *soft,
                     Doc *doc, Error *err)
{
    Doc *teacher = doc_set(doc, "teacher", doc_object()), *labels = doc_set(doc, "labels", doc_object());
    Doc *student = doc_set(doc, "student", doc_object()), *judged = doc_set(doc, "judged", doc_object());
    Doc *budget = doc_set(doc, "budget", doc_object());
    if (!put_teacher(d, soft, teacher, err) || !put_scores(d, hard->model, hard, hard->proba, labels, err)
        || !save(d, settings, soft, teacher, student, err)
        || !put_scores(d, soft->model, soft, soft->proba, student, err))
        return false;
    doc_set_number(student, "holdout_loss", soft->loss);
    doc_set_number(labels, "holdout_loss", hard->loss);
    doc_set_text(judged, "on", d->test ? "test" : "holdout");
    doc_set_number(judged, "rows", d->test ? d->test->n_rows : soft->n_held);
    for (int b = 0; b < BUDGETS; b++)
        if (d->options->budget.most[b] > 0) doc_set_number(budget, budget_key(b), d->options->budget.most[b]);
    doc_set(doc, "settings", student_settings_doc(settings));
    return true;
}

/* A student larger than its teacher would take hours where nobody meant it: `params=1e9`. */
static Budget sensible(const Budget *asked, const Model *teacher)
{
    enum { SMALL = 10000 };
    double cost[BUDGETS];
    Budget budget = *asked;
    double *most = &budget.most[BUDGET_PARAMS];
    budget_of(teacher, cost);
    const double enough = fmax(cost[BUDGET_PARAMS], SMALL);
    if (!(*most > 0) || *most > enough) *most = enough;
    return budget;
}

static bool distill(Distilling *d, Doc **out, Error *err)
{
    const DistillOptions *o = d->options;
    const StudentInput input = {.table = d->train, .split = d->split, .blind = d->blind,
                                .budget = sensible(&o->budget, d->teacher),
                                .seed = o->seed, .on_line = o->on_line, .context = o->context};
    Doc *doc = doc_object(), *tried = doc_array();
    Settings settings, plain;
    Student hard, soft;
    bool ok = student_search(&input, d->arena, &settings, tried, err);
    ok = ok && student_search_plain(&input, &settings, &plain, err)
      && student_train(&input, &settings, d->arena, &soft, err)
      && student_train(&input, &plain, d->arena, &hard, err);
    if (ok) {
        take_decision(d, soft.model);
        take_decision(d, hard.model);
    }
    ok = ok && describe(d, &settings, &hard, &soft, doc, err);
    doc_set(doc, "tried", tried);
    return doc_hand_over(doc, ok, out, err);
}

/* ---- of a study -------------------------------------------------------------------------------------- */

static bool note_look(Finished *f, Store *writer, void *context, Error *err)
{
    return store_event(writer, f->study.id, 0, "TEST_LOOK", context, err);
}

static bool same_classes(const Model *teacher, const Table *table, Error *err)
{
    bool same = teacher->schema.n_classes == table->n_classes && teacher->schema.task.kind == table->task.kind
             && teacher->schema.task.n_targets == table->task.n_targets;
    for (int c = 0; same && c < table->n_classes; c++)
        same = strcmp(teacher->schema.classes[c], table->classes[c]) == 0;
    return same || error_set(err, ERR_DATA, "the ensemble predicts other classes than the study's data have;"
                             " build it again with `consort ensemble`");
}

static bool of_study(Finished *f, const DataFile *test, const DistillOptions *o, Arena *arena, Doc **out,
                     Error *err)
{
    char what[] = "distilled network";
    Distilling d = {.options = o, .arena = arena, .test = f->data.test, .split = f->data.split,
                    .positive = f->data.positive};
    Doc *told = NULL;
    if (!finished_has_models(f, "a teacher", err)) return false;
    const char *path = place_file(&f->place, "ensemble.consort", arena);
    const char *proba = place_file(&f->place, "ensemble.proba", arena);
    if (!path || !proba) return error_memory(err);
    if ((!file_exists(path) || !file_exists(proba)) && !product_ensemble(f, NULL, err)) return false;
    Model *teacher;
    Table *other, *train = ARENA_NEW(arena, Table, 1);
    if (!train) return error_memory(err);
    if (!told_ensemble(&f->place, &told, err)) return false; /* both are of one build */
    doc_free(told);
    *train = *f->data.train;
    train->soft = NULL;
    table_fingerprint(train); /* without the columns that were dropped */
    d.seen[0] = arena_copy(arena, train->fingerprint);
    d.seen[1] = *f->data.whole ? f->data.whole : NULL;
    d.train = train;
    d.path = path;
    if (!model_load(path, arena, &teacher, err) || !same_classes(teacher, train, err)) return false;
    if (test) {
        ReadOptions read = f->config->data.read;
        read.dir = NULL;
        if (!table_open(test, &read, &teacher->schema, arena, &other, err)) return false;
        if (!table_has_label(other))
            return error_set(err, ERR_DATA, "--test: %s has no label column `%s`", test->images,
                             teacher->schema.label_name);
        d.test = other;
    }
    d.teacher = teacher;
    return hear(&d, proba, err) && (!d.test || test || finished_change(f, note_look, what, err))
        && distill(&d, out, err);
}

bool distill_study(const Place *place, const DataFile *test, const DistillOptions *options, Arena *arena,
                   Doc **out, Error *err)
{
    Finished finished;
    if (!finished_open(place, arena, &finished, err)) return false;
    bool ok = of_study(&finished, test, options, arena, out, err);
    finished_close(&finished);
    return ok;
}

/* ---- of a model file --------------------------------------------------------------------------------- */

static bool divide(const Table *table, Arena *arena, Split **out, Error *err)
{
    enum { FEW = 3000 };
    SplitRows rows;
    SplitOptions how;
    if (!field_defaults(&split_fields, &how, arena, err) || !split_rows(table, arena, &rows, err)) return false;
    how.type = table->n_rows <= FEW ? SPLIT_KFOLD : SPLIT_HOLDOUT;
    return split_divide(&how, &rows, NULL, arena, out, err);
}

static bool known_rows(const Table *rows, Arena *arena, Table **out, Error *err)
{
    int32_t *index = ARENA_NEW(arena, int32_t, rows->n_rows);
    int n = 0;
    if (!index) return error_memory(err);
    for (int i = 0; i < rows->n_rows; i++)
        if (table_known(rows, i)) index[n++] = i;
    if (n == 0) return error_set(err, ERR_DATA, "--data: no row has a label that the model knows");
    return table_rows(rows, index, n, arena, out, err);
}

bool distill_rows(const Model *teacher, const char *path, const Table *rows, const Table *test,
                  const DistillOptions *options, Arena *arena, Doc **out, Error *err)
{
    static const HoldOut fifth = {.fraction = 0.2, .stratify = true};
    Distilling d = {.options = options, .arena = arena, .teacher = teacher, .path = path, .test = test,
                    .positive = -1, .seen = {rows->fingerprint}};
    Table *part;
    SplitRows of;
    TwoParts parts;
    Split *split;
    if (!known_rows(rows, arena, &d.train, err)) return false;
    if (!test) {
        if (!split_rows(d.train, arena, &of, err) || !split_two(&fifth, &of, arena, &parts, err)
            || !table_rows(d.train, parts.held, parts.n_held, arena, &part, err))
            return false;
        d.test = part;
        if (!table_rows(d.train, parts.rest, parts.n_rest, arena, &d.train, err)) return false;
    }
    if (!divide(d.train, arena, &split, err)) return false;
    d.split = split;
    return hear(&d, NULL, err) && distill(&d, out, err);
}
