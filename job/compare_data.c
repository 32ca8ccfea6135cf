/* job/compare_data.c - reads the data of a comparison's studies, those alike once, and what they say of a best
 * trial. */
#include <math.h>
#include <string.h>

#include "job/common_rows.h"
#include "job/compare_parts.h"
#include "model/evaluate.h"

bool compare_same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

const Doc *compare_tested(const Comparison *c, const Doc *evaluation)
{
    const Doc *value = c->id == METRIC_COUNT ? NULL
                     : doc_get(doc_get(evaluation, "metrics"), metric_name(metric_of_model(c->id)));
    return doc_kind(doc_get(value, "value")) == DOC_NUMBER ? value : NULL;
}

/* Do two configurations read the same files in the same way? Then they are read once. */
static bool reads_alike(const Side *a, const Side *b)
{
    Text x = {0}, y = {0};
    const ConfNode *of_a = conf_get(a->config->conf->root, "data");
    const ConfNode *of_b = conf_get(b->config->conf->root, "data");
    bool same = of_a && of_b && conf_print(of_a, &x) && conf_print(of_b, &y) && text_ok(&x) && text_ok(&y)
             && strcmp(x.bytes, y.bytes) == 0;
    text_free(&x);
    text_free(&y);
    return same;
}

bool compare_load(Comparison *c, Side *side, Error *err)
{
    if (side->loaded) return true;
    for (int s = 0; s < c->n; s++)
        if (c->side[s].loaded && reads_alike(&c->side[s], side)) {
            side->data = c->side[s].data;
            return side->loaded = true;
        }
    if (!data_load(side->config, c->arena, &side->data, err)) return false;
    if (!compare_same(side->data.train->fingerprint, side->open.study.data_sha256))
        return error_set(err, ERR_DATA, "the data of %s have changed since it was run", side->label);
    return side->loaded = true;
}

bool compare_interval(Comparison *c, Side *side, double *low95, double *high95, Error *err)
{
    enum { RESAMPLES = 1000 };
    Error why = {0};
    Predictions kept;
    Pair own = {0};
    Doc *evaluation = NULL;
    if (!side->trains || c->id == METRIC_COUNT) return true;
    bool ok = trial_predictions(side->open.store, side->open.place.folder, &side->best.row, c->arena, &kept,
                                &why)
           && compare_load(c, side, &why) && common_rows(&kept, &kept, side->data.train, c->arena, &own, &why);
    const Judged judged = {.n = own.n, .n_classes = own.n_classes, .classes = side->open.study.classes,
                           .proba = own.a, .labels = own.labels, .task = own.task,
                           .targets = own.targets, .weight = own.weight, .positive = side->data.positive,
                           .bootstrap = RESAMPLES, .seed = side->open.study.seed};
    const bool classes = !own.task || task_has_classes(own.task);
    ok = ok && (!classes || own.n_classes == side->open.study.n_classes)
      && evaluate_predictions(&judged, c->arena, &evaluation, &why);
    const Doc *value = ok ? compare_tested(c, evaluation) : NULL;
    if (value) {
        *low95 = doc_to_number(doc_get(value, "low95"), NAN);
        *high95 = doc_to_number(doc_get(value, "high95"), NAN);
    }
    doc_free(evaluation);
    return ok || why.code != ERR_MEMORY || error_memory(err);
}
