/* job/compared.c - compares the ensemble with the best trial and the baselines in pairs; keeps the answers. */
#include "job/compared.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "job/baselines.h"
#include "job/common_rows.h"
#include "job/kind.h"

enum { METHOD = 1 /* raised when the same files would give other answers */ };

/* The numbers of a list in the arena; NULL: there is none of n. */
static const double *take_numbers(const Doc *list, size_t n, Arena *arena)
{
    double *out = n > 0 && doc_count(list) == n ? ARENA_NEW(arena, double, n) : NULL;
    for (size_t i = 0; out && i < n; i++) out[i] = doc_to_number(doc_at(list, i), 1);
    return out;
}

bool compared_single(Finished *f, const Doc *ensemble, SingleTrial *out, Error *err)
{
    TrialRow *rows;
    ArtifactRow *artifacts;
    int n, at = -1;
    const Doc *single = doc_get(ensemble, "best_single");
    const size_t k = (size_t)f->data.train->n_classes;
    double number = doc_to_number(doc_get(single, "trial"), -1);
    const char *asked = doc_to_text(doc_get(single, "asked"), NULL);
    *out = (SingleTrial){.number = -1};
    out->decision.weight = take_numbers(doc_get(single, "decision"), k, f->arena);
    out->decision.cost = take_numbers(doc_get(single, "cost"), k * k, f->arena);
    out->decision.asked = asked ? arena_copy(f->arena, asked) : NULL;
    if (number < 0) return true;
    if (!store_trials_from(f->store, f->study.id, (int64_t)number, 1, f->arena, &rows, &n, err)) return false;
    if (n == 1 && rows[0].number == number) at = 0;
    if (at < 0) return true;
    out->number = rows[at].number;
    out->id = rows[at].id;
    if (!store_artifacts(f->store, rows[at].id, f->arena, &artifacts, &n, err)) return false;
    for (int i = 0; i < n; i++) {
        const char *path = place_file(&f->place, artifacts[i].path, f->arena);
        if (!path) return error_memory(err);
        if (artifact_is(&artifacts[i], ARTIFACT_WEIGHTS)) out->weights = path;
        if (artifact_is(&artifacts[i], ARTIFACT_PROBA)) out->proba = path;
    }
    return true;
}

/* ---- rows ------------------------------------------------------------------------------------------ */

/* One that predicts: its probabilities of the rows that are compared, or what it decides as such. */
typedef struct {
    const char *name;
    int trial;              /* -1: it is no trial */
    const float *proba;     /* NULL: not to be had */
} Side;

typedef struct {
    Finished *f;
    bool tested;
    MetricId metric;
    int n, n_classes;       /* rows whose truth is known; values of a prediction */
    const int32_t *row;     /* (n) of the table */
    Pair truth;             /* labels, or task and targets, of these */
} Common;

static bool rows_to_compare(Common *c, const Predictions *own, Error *err)
{
    const Table *table = c->tested ? c->f->data.test : c->f->data.train;
    int most = c->tested ? table->n_rows : own->n_rows;
    int32_t *row = ARENA_NEW(c->f->arena, int32_t, most + 1);
    if (!row) return error_memory(err);
    for (int i = 0; i < most; i++) {
        int at = c->tested ? i : own->row[i];
        if (at < table->n_rows && table_known(table, at)) row[c->n++] = at;
    }
    c->row = row;
    return truth_of_rows(table, row, c->n, c->f->arena, &c->truth, err);
}

/* Those of the predictions that belong to the common rows; NULL where one of them is missing. */
static bool take(const Common *c, const Predictions *p, float **out, Error *err)
{
    const size_t k = (size_t)c->n_classes;
    float *proba = arena_alloc(c->f->arena, (size_t)c->n + 1, k * sizeof *proba);
    *out = NULL;
    if (!proba) return error_memory(err);
    if (p->n_classes != c->n_classes) return true;
    for (int i = 0, at = 0; i < c->n; i++) {
        while (at < p->n_rows && p->row[at] < c->row[i]) at++;
        if (at == p->n_rows || p->row[at] != c->row[i]) return true;
        memcpy(proba + (size_t)i * k, p->proba + (size_t)at * k, k * sizeof *proba);
    }
    *out = proba;
    return true;
}

static bool predict_test(const Common *c, const Model *model, float **out, Error *err)
{
    const Table *test = c->f->data.test;
    Arena *arena = c->f->arena;
    int32_t *row = ARENA_NEW(arena, int32_t, test->n_rows);
    float *proba = arena_alloc(arena, (size_t)test->n_rows, (size_t)c->n_classes * sizeof *proba);
    if (!row || !proba) return error_memory(err);
    for (int i = 0; i < test->n_rows; i++) row[i] = i;
    *out = NULL;
    if (model_values(model) != c->n_classes) return true;
    return model_predict(model, test, arena, proba, err)
        && take(c, &(Predictions){test->n_rows, c->n_classes, row, proba, false}, out, err);
}

/* ---- sides ------------------------------------------------------------------------------------------- */

/* Where classes are counted, a decision by weights or costs is what counts: then that is all that is left of
 * the probabilities. */
static void decide(const Common *c, const Model *model, float *proba)
{
    if (c->metric >= METRIC_LOG_LOSS || !task_has_classes(&model->schema.task)) return;
    for (int i = 0; i < c->n; i++) {
        float *row = proba + (size_t)i * (size_t)c->n_classes;
        int class = model_decide(model, row);
        for (int k = 0; k < c->n_classes; k++) row[k] = k == class;
    }
}

/* `decision` NULL: the model's own. */
static bool side_of_model(Common *c, const char *path, const char *valid, const Decision *decision, Side *side,
                          Error *err)
{
    Model *model;
    Predictions own = {0};
    if (!path || !file_exists(path)) return true;
    if (!model_load(path, c->f->arena, &model, err)) return false;
    if (decision) {
        model->decision = decision->weight;
        model->cost = decision->cost;
    }
    if (!c->tested) {
        if (!valid || !file_exists(valid)) return true;
        if (!predictions_load(valid, c->f->arena, &own, err)) return false;
    }
    if (!c->row && !rows_to_compare(c, &own, err)) return false;
    float *proba;
    if (!(c->tested ? predict_test(c, model, &proba, err) : take(c, &own, &proba, err))) return false;
    if (proba) decide(c, model, proba);
    side->proba = proba;
    return true;
}

static bool side_of_baseline(const Common *c, const char *name, Side *side, Error *err)
{
    Predictions p;
    float *proba = NULL;
    *side = (Side){.name = name, .trial = -1};
    if (!baseline_predictions(c->f, name, c->tested, &p, err) || (p.n_rows > 0 && !take(c, &p, &proba, err)))
        return false;
    side->proba = proba;
    return true;
}

static bool add(const Common *c, const Side *model, const Side *other, Doc *out, Error *err)
{
    const MetricId metric = c->metric;
    PairedDelta d;
    if (!other->proba || c->n == 0) return true;
    Pair pair = c->truth;
    pair.a = other->proba, pair.b = model->proba;
    pair.draws = PAIRED_DRAWS, pair.seed = c->f->study.seed, pair.positive = c->f->data.positive;
    if (!paired_difference(&pair, metric, c->f->arena, &d, err)) return false;
    if (!isfinite(d.delta)) return true;
    Doc *row = doc_add(out, doc_object());
    doc_set_text(row, "with", other->name);
    if (other->trial >= 0) doc_set_number(row, "trial", other->trial);
    doc_set_text(row, "metric", metric_name(metric));
    doc_set_number(row, "model", d.b);
    doc_set_number(row, "other", d.a);
    doc_set_number(row, "difference", d.delta);
    doc_set_number(row, "low95", d.low95);
    doc_set_number(row, "high95", d.high95);
    doc_set_number(row, "p", d.p);
    doc_set_text(row, "test", d.test);
    doc_set_number(row, "n", d.n);
    doc_set_text(row, "split", c->tested ? "test" : "val");
    return true;
}

static bool compare(Finished *f, const Doc *ensemble, const Doc *baselines, bool tested, Doc *out, Error *err)
{
    const MetricId own = f->config->metric;
    const bool numbers = f->data.train->task.kind == TASK_NUMBERS;
    Common c = {.f = f, .tested = tested, .n_classes = table_values(f->data.train),
                .metric = own != METRIC_LOSS ? metric_of_model(own) : numbers ? METRIC_RMSE : METRIC_LOG_LOSS};
    Side model = {.trial = -1};
    SingleTrial single;
    const char *path = place_file(&f->place, "ensemble.consort", f->arena);
    const char *valid = place_file(&f->place, "ensemble.proba", f->arena);
    if (!path || !valid) return error_memory(err);
    if (!side_of_model(&c, path, valid, NULL, &model, err)) return false;
    if (!model.proba) return true;
    /* Of one member there is nothing else; and the rows that chose the ensemble are no judge of the two. */
    if (tested && doc_count(doc_get(ensemble, "members")) > 1) {
        Side best = {.name = "best trial"};
        if (!compared_single(f, ensemble, &single, err)) return false;
        best.trial = single.number;
        if (!side_of_model(&c, single.weights, NULL, &single.decision, &best, err)
            || !add(&c, &model, &best, out, err))
            return false;
    }
    for (size_t i = doc_count(baselines); i-- > 0;) { /* the hardest to beat first */
        Side other;
        const char *name = doc_to_text(doc_get(doc_at(baselines, i), "name"), "");
        if (!side_of_baseline(&c, name, &other, err) || !add(&c, &model, &other, out, err)) return false;
    }
    return true;
}

/* ---- keeping it ---------------------------------------------------------------------------------------- */

static Doc *key_of(const Finished *f, const Doc *ensemble, const Doc *baselines, bool tested)
{
    char seed[32];
    Doc *key = doc_object();
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)f->study.seed);
    doc_set_number(key, "method", METHOD);
    doc_set(key, "ensemble", doc_copy(doc_get(ensemble, "sha256")));
    doc_set(key, "best_single", doc_copy(doc_get(ensemble, "best_single")));
    doc_set_text(key, "split", tested ? "test" : "val");
    doc_set_text(key, "data_sha256", f->study.data_sha256);
    doc_set_text(key, "test_sha256", tested ? f->data.test->fingerprint : NULL);
    doc_set_text(key, "metric", metric_name(f->config->metric));
    doc_set_text(key, "seed", seed);
    doc_set_number(key, "positive", f->data.positive);
    Doc *names = doc_set(key, "baselines", doc_array());
    for (size_t i = 0; i < doc_count(baselines); i++) {
        const Doc *entry = doc_at(baselines, i), *judged = doc_get(entry, tested ? "test" : "validation");
        Doc *one = doc_add(names, doc_object());
        doc_set(one, "name", doc_copy(doc_get(entry, "name")));
        doc_set(one, "confusion", doc_copy(doc_get(judged, "confusion")));
        if (doc_kind(doc_get(judged, "confusion")) != DOC_ARRAY) /* of numbers and labels */
            doc_set(one, "metrics", doc_copy(doc_get(judged, "metrics")));
    }
    return key;
}

bool compared_ready(Finished *f, const Doc *ensemble, const Doc *baselines, bool tested, Doc **out, Error *err)
{
    Error ignored;
    *out = NULL;
    if (!f->config->kind->trains) return true; /* a program leaves no predictions */
    Doc *stored = NULL, *file = doc_object();
    const Doc *key = doc_set(file, "of", key_of(f, ensemble, baselines, tested));
    if (!doc_load(&f->place, "compared.json", &stored, &ignored)) stored = NULL;
    bool known = doc_same(doc_get(stored, "of"), key);
    Doc *list = known ? doc_copy(doc_get(stored, "compared")) : doc_array();
    bool ok = known || doc_kind(ensemble) != DOC_OBJECT || compare(f, ensemble, baselines, tested, list, err);
    if (ok && !known && doc_count(list) > 0) {
        doc_set(file, "compared", doc_copy(list));
        ok = doc_save(&f->place, "compared.json", file, err);
    }
    doc_free(stored);
    doc_free(file);
    if (ok) *out = list;
    else doc_free(list);
    return ok;
}
