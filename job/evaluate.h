/* job/evaluate.h - how good a model is on rows whose classes are known, and whether that is good enough.
 *
 * An evaluation is the document of model/evaluate.h; the caller frees it.
 */
#ifndef CONSORT_JOB_EVALUATE_H
#define CONSORT_JOB_EVALUATE_H
#include "base/doc.h"
#include "job/place.h"
#include "job/segments.h"
#include "model/model.h"

/* `positive_class` is what ROC and PR are about; NULL: the second. ERR_CONFIG when the model has no such
 * class. */
bool evaluate_table(const Model *model, const Table *table, const Segments *by, const char *positive_class,
                    Arena *arena, Doc **out, Error *err);
/* Were these rows trained on? A model remembers the fingerprint of its training table, not its rows: one row
 * more or less, and it does not know them. False also for a model from before this was kept. */
bool evaluate_was_trained_on(const Model *model, const Table *table);
/* A study's ensemble on the study's own test set: a look that is recorded. Of a study of one trial, as `consort
 * train` leaves it, the ensemble of that one is made where it is not there. */
bool evaluate_final(const Place *place, const TextList *by, const char *positive_class, Arena *arena, Doc **out,
                    Error *err);

/* A bound that a metric must keep: "f1_macro=0.97". */
typedef struct {
    MetricId metric;
    double bound;
} Bound;
/* ERR_CONFIG in the words of --min. */
bool bound_read(const char *text, Bound *out, Error *err);
/* `got` is the metric's value. */
bool bound_holds(const Bound *gate, const Doc *evaluation, double *got);
#endif
