/* job/evaluate.c - evaluates models on tables and test sets, and holds the result against gates. */
#include "job/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "job/inspect.h"
#include "job/products.h"
#include "model/evaluate.h"

enum { BOOTSTRAP_SAMPLES = 1000 };

bool evaluate_table(const Model *model, const Table *table, const char *positive_class, Arena *arena, Doc **out,
                    Error *err)
{
    int positive = -1;
    for (int c = 0; positive_class && c < model->schema.n_classes; c++)
        if (strcmp(model->schema.classes[c], positive_class) == 0) positive = c;
    if (positive_class && positive < 0)
        return error_set(err, ERR_CONFIG, "--positive-class %.100s: the model has no such class",
                         positive_class);
    Doc *doc = NULL;
    if (!evaluate_model(model, table, positive, BOOTSTRAP_SAMPLES, 0, arena, &doc, err)) return false;
    bool ok = inspect_mistakes(table, NULL, doc, arena, err);
    if (ok) *out = doc;
    else doc_free(doc);
    return ok;
}

bool evaluate_final(const Place *place, Arena *arena, Doc **out, Error *err)
{
    Finished finished;
    Doc *best = NULL;
    if (!finished_open(place, arena, &finished, err)) return false;
    bool ok = finished_has_models(&finished, "an evaluation", err)
           && (finished.data.test || error_set(err, ERR_DATA, "study %s has no test set", finished.study.name))
           && product_test(&finished, out, &best, err)
           && inspect_mistakes(finished.data.test, NULL, *out, arena, err);
    finished_close(&finished);
    doc_free(best);
    return ok;
}

bool bound_read(const char *text, Bound *out, Error *err)
{
    char name[64];
    const char *equal = strchr(text, '=');
    snprintf(name, sizeof name, "%.*s", equal ? (int)(equal - text) : 0, text);
    out->metric = metric_find(name);
    if (equal && out->metric != METRIC_COUNT && text_to_number(equal + 1, &out->bound)) return true;
    const char *form = "write METRIC=VALUE, such as f1_macro=0.97";
    bool unknown = equal && out->metric == METRIC_COUNT;
    return error_set(err, ERR_CONFIG, "--min %.80s: %s", text, unknown
                     ? names_suggest_as("unknown metric; did you mean `", "`?", name, metric_names, form).text
                     : form);
}

bool bound_holds(const Bound *gate, const Doc *evaluation, double *got)
{
    const Doc *metric = doc_get(doc_get(evaluation, "metrics"), metric_name(gate->metric));
    *got = doc_to_number(doc_get(metric, "value"), NAN);
    return metric_larger_is_better(gate->metric) ? *got >= gate->bound : *got <= gate->bound;
}
