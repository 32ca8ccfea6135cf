/* job/evaluate.c - evaluates models on tables and test sets, and holds the result against gates. */
#include "job/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/names.h"
#include "job/inspect.h"
#include "job/products.h"
#include "model/evaluate.h"

enum { BOOTSTRAP_SAMPLES = 1000 };

/* Its number; -1 where none was said. */
static bool find_class(const char *name, const char *const *classes, int n_classes, Arena *arena, int *out,
                       Error *err)
{
    const char **names = ARENA_NEW(arena, const char *, n_classes + 1);
    char known[300];
    *out = -1;
    if (!name) return true;
    if (!names) return error_memory(err);
    if (n_classes == 0)
        return error_set(err, ERR_CONFIG, "--positive-class is about classes, and this model has none; leave it"
                         " out");
    for (int c = 0; c < n_classes; c++) names[c] = classes[c];
    *out = names_find(names, name);
    if (*out >= 0) return true;
    names_join(names, known, sizeof known);
    return error_set(err, ERR_CONFIG, "--positive-class %.100s: there is no such class%s; classes are %s", name,
                     names_suggest_as("; did you mean ", "?", name, names, "").text, known);
}

bool evaluate_was_trained_on(const Model *model, const Table *table)
{
    Error ignored;
    const char *from = model->provenance;
    Doc *doc = from ? doc_parse(from, strlen(from), &ignored) : NULL;
    const Doc *seen = doc_get(doc, "seen");
    bool known = false;
    for (size_t i = 0; i < doc_count(seen); i++)
        known |= strcmp(doc_to_text(doc_at(seen, i), ""), table->fingerprint) == 0;
    doc_free(doc);
    return known;
}

bool evaluate_table(const Model *model, const Table *table, const Segments *by, const char *positive_class,
                    Arena *arena, Doc **out, Error *err)
{
    int positive;
    Doc *doc = NULL;
    if (!find_class(positive_class, model->schema.classes, model->schema.n_classes, arena, &positive, err)
        || !evaluate_model_by(model, table, by->of, by->n, positive, BOOTSTRAP_SAMPLES, 0, arena, &doc,
                              err))
        return false;
    bool ok = inspect_mistakes(table, NULL, doc, arena, err);
    if (ok) *out = doc;
    else doc_free(doc);
    return ok;
}

/* What `train` leaves is one trial, never an ensemble: one of it, as `consort ensemble` would make. */
static bool ensemble_is_there(Finished *finished, Error *err)
{
    const char *path = place_file(&finished->place, "ensemble.consort", finished->arena);
    if (!path) return error_memory(err);
    if (file_exists(path) || finished->config->run_cap != 1) return true;
    return product_ensemble(finished, NULL, err);
}

bool evaluate_final(const Place *place, const TextList *by, const char *positive_class, Arena *arena, Doc **out,
                    Error *err)
{
    Finished finished;
    Doc *best = NULL;
    if (!finished_open(place, arena, &finished, err)) return false;
    const Table *train = finished.data.train;
    int positive = -1;
    bool ok = finished_has_models(&finished, "an evaluation", err)
           && (finished.data.test || error_set(err, ERR_DATA, "study %s has no test set", finished.study.name))
           && find_class(positive_class, train->classes, train->n_classes, arena, &positive, err)
           && (by->n == 0 || segments_load(finished.config, by, "--by", train, finished.data.test, arena,
                                           &finished.data.train_by, &finished.data.test_by, err))
           && ensemble_is_there(&finished, err);
    if (positive >= 0) finished.data.positive = positive;
    ok = ok && product_test(&finished, out, &best, err)
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
    out->metric = metric_of_model(metric_find(name));
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
