/* job/compare_pairs.c - the first study of a comparison against each of the others: paired tests where both
 * predicted the same rows, else two intervals and why there is no more. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mat.h"
#include "job/common_rows.h"
#include "job/compare_parts.h"

/* ---- tests --------------------------------------------------------------------------------------- */

/* Why the two cannot have validation rows in common; NULL: they can. */
static const char *not_in_pairs(const Comparison *c, const Side *a, const Side *b)
{
    const StudyInfo *x = &a->open.study, *y = &b->open.study;
    const Side *program = !a->trains ? a : b;
    if (!a->trains || !b->trains)
        return arena_print(c->arena, "%s runs a program, and no predictions of its trials are kept",
                           program->label);
    if (!compare_same(x->data_sha256, y->data_sha256)) return "their data are not the same";
    if (!compare_same(x->split_sha256, y->split_sha256))
        return "they split the data in other ways, so one has learned from rows that the other is judged by";
    return NULL;
}

static bool pair_trials(Comparison *c, Side *a, Side *b, Pair *pair, Error *err)
{
    Predictions of_a, of_b;
    return trial_predictions(a->open.store, a->open.place.folder, &a->best.row, c->arena, &of_a, err)
        && trial_predictions(b->open.store, b->open.place.folder, &b->best.row, c->arena, &of_b, err)
        && compare_load(c, a, err) && common_rows(&of_a, &of_b, a->data.train, c->arena, pair, err);
}

/* What the ensemble says about the test rows whose truth is known. */
static bool predict(const Comparison *c, Side *side, float **proba, const double **decision,
                    const double **cost, Error *err)
{
    Model *model;
    const Table *test = side->data.test;
    const char *path = place_file(&side->open.place, "ensemble.consort", c->arena);
    if (!path || !model_load(path, c->arena, &model, err)) return path ? false : error_memory(err);
    if (model->schema.task.kind != test->task.kind)
        return error_set(err, ERR_DATA, "%s predicts %s, and the test set has %s", path,
                         task_names[model->schema.task.kind], task_names[test->task.kind]);
    if (model_values(model) != table_values(test))
        return error_set(err, ERR_DATA, "%s: of %d classes, and the test set has %d", path,
                         model_values(model), table_values(test));
    const size_t k = (size_t)model_values(model);
    *proba = ARENA_NEW(c->arena, float, (size_t)test->n_rows * k + 1);
    if (!*proba) return error_memory(err);
    if (!model_predict(model, test, c->arena, *proba, err)) return false;
    size_t n = 0;
    for (int i = 0; i < test->n_rows; i++)
        if (table_known(test, i)) memmove(*proba + k * n++, *proba + k * (size_t)i, k * sizeof **proba);
    *decision = model->decision;
    *cost = model->cost;
    return true;
}

static bool pair_ensembles(Comparison *c, Side *a, Side *b, Pair *pair, Error *err)
{
    float *of_a, *of_b;
    if (!compare_load(c, a, err) || !compare_load(c, b, err)) return false;
    const Table *test = a->data.test, *other = b->data.test;
    if (!test || !other) return error_set(err, ERR_DATA, "%s has no test set", test ? b->label : a->label);
    if (strcmp(test->fingerprint, other->fingerprint) != 0 || table_values(test) != table_values(other))
        return error_set(err, ERR_DATA, "their test sets are not the same");
    int32_t *rows = ARENA_NEW(c->arena, int32_t, test->n_rows + 1);
    int n = 0;
    if (!rows) return error_memory(err);
    for (int i = 0; i < test->n_rows; i++)
        if (table_known(test, i)) rows[n++] = i;
    if (!truth_of_rows(test, rows, n, c->arena, pair, err)
        || !predict(c, a, &of_a, &pair->decision_a, &pair->cost_a, err)
        || !predict(c, b, &of_b, &pair->decision_b, &pair->cost_b, err))
        return false;
    pair->a = of_a, pair->b = of_b;
    return true;
}

/* ---- the document ---------------------------------------------------------------------------------- */

static void put_delta(const char *name, double a, double b, double low, double high, Doc *metrics, Doc **out)
{
    *out = doc_set(metrics, name, doc_object());
    doc_set_number(*out, "a", a);
    doc_set_number(*out, "b", b);
    doc_set_number(*out, "difference", b - a);
    doc_set_number(*out, "low95", low);
    doc_set_number(*out, "high95", high);
}

static bool put_paired(const Comparison *c, const Pair *pair, Doc *out, Error *err)
{
    MetricId metrics[PAIRED_METRICS + 1];
    PairedDelta delta[PAIRED_METRICS + 1];
    int n = PAIRED_METRICS, only_a = 0, only_b = 0;
    const MetricId own = metric_of_model(c->id);
    bool listed = c->id == METRIC_COUNT || c->id == METRIC_LOSS;
    for (int m = 0; m < n; m++) {
        metrics[m] = paired_metrics(pair->task)[m];
        listed |= metrics[m] == own;
    }
    if (!listed) metrics[n++] = own;
    Paired both;
    if (!paired_differences(pair, metrics, n, c->arena, delta, err)
        || !paired_compare(pair, c->arena, &both, err))
        return false;
    only_a = both.only_a, only_b = both.only_b;
    doc_set_bool(out, "paired", true);
    doc_set_number(out, "rows", pair->n);
    doc_set_number(out, "only_a", only_a);
    doc_set_number(out, "only_b", only_b);
    Doc *list = doc_set(out, "metrics", doc_object()), *entry;
    for (int m = 0; m < n; m++) {
        put_delta(metric_name(metrics[m]), delta[m].a, delta[m].b, delta[m].low95, delta[m].high95, list,
                  &entry);
        doc_set_number(entry, "p", delta[m].p);
        doc_set_text(entry, "test", delta[m].test);
    }
    return true;
}

/* Two scores, each with an interval of its own: the interval of their difference where they are independent,
 * from those of the two (Zou & Donner, Statistics in Medicine 27 (2008), 1693-1702). */
static void put_unpaired(const Comparison *c, const Doc *a, const Doc *b, const char *why, Doc *out)
{
    double x = doc_to_number(doc_get(a, "value"), NAN), y = doc_to_number(doc_get(b, "value"), NAN);
    double x_low = doc_to_number(doc_get(a, "low95"), NAN), x_high = doc_to_number(doc_get(a, "high95"), NAN);
    double y_low = doc_to_number(doc_get(b, "low95"), NAN), y_high = doc_to_number(doc_get(b, "high95"), NAN);
    Doc *entry;
    doc_set_bool(out, "paired", false);
    doc_set_text(out, "why", why);
    put_delta(c->id != METRIC_COUNT ? metric_name(c->id) : c->name, x, y, y - x - hypot(y - y_low, x_high - x),
              y - x + hypot(y_high - y, x - x_low), doc_set(out, "metrics", doc_object()), &entry);
    doc_set_text(entry, "test", "none");
}

/* Of everything that is missing or spoilt: the two are not compared in pairs, and that is why. Only memory is
 * no reason to go on. */
static bool put_pair(Comparison *c, Side *a, Side *b, bool tested, const Doc *of_a, const Doc *of_b, Doc *out,
                     Error *err)
{
    Error why = {0};
    Pair pair = {.draws = PAIRED_DRAWS, .seed = a->open.study.seed, .positive = -1};
    const char *reason = tested ? NULL : not_in_pairs(c, a, b);
    doc_set_text(out, "a", a->label);
    doc_set_text(out, "b", b->label);
    doc_set_text(out, "what", tested ? "ensembles" : "best trials");
    doc_set_text(out, "on", tested ? "test" : "validation");
    bool ok = !reason && (tested ? pair_ensembles : pair_trials)(c, a, b, &pair, &why);
    if (ok && pair.n == 0) ok = error_set(&why, ERR_DATA, "of no test row the truth is known");
    pair.positive = a->data.positive;
    if (ok) return put_paired(c, &pair, out, err);
    if (why.code == ERR_MEMORY) return error_memory(err);
    if (!reason && !(reason = arena_copy(c->arena, why.message))) return error_memory(err);
    put_unpaired(c, of_a, of_b, reason, out);
    return true;
}

bool compare_pairs(Comparison *c, Doc *document, Error *err)
{
    const Doc *studies = doc_get(document, "studies"), *first = doc_at(studies, 0);
    Doc *out = doc_set(document, "pairs", doc_array());
    Side *a = &c->side[0];
    if (!mat_init(err)) return false;
    for (int s = 1; s < c->n; s++) {
        Side *b = &c->side[s];
        const Doc *other = doc_at(studies, (size_t)s);
        bool tested = doc_kind(doc_get(first, "test")) == DOC_OBJECT
                   && doc_kind(doc_get(other, "test")) == DOC_OBJECT;
        for (int t = 0; t < 2; t++) {
            const char *score = t ? "test" : "best";
            if (t ? !tested : !(a->found && b->found)) continue;
            Doc *pair = doc_add(out, doc_object());
            if (!put_pair(c, a, b, t, doc_get(first, score), doc_get(other, score), pair, err)) return false;
        }
    }
    return true;
}
