/* ensemble/thresholds.h - what `ensemble.thresholds` asks of the decision, in its forms:
 *
 *     none                          the most probable class, or what class weights ask for
 *     f1_macro                      the weights that are best for a metric
 *     {cost: {bad: {good: 5}}}      least expected cost: what deciding good costs where bad is true. Cells that
 *                                   are not named cost 0 where right and 1 where wrong; lists [[0, 5], [1, 0]]
 *                                   have the classes in their order
 *     {recall: {bad: 0.8}}          find at least so many of a class, with as few false alarms as that takes
 *     {precision: {bad: 0.7}}       of those named so, at least so many are; as many of them as that allows
 *     {fixed: {bad: 0.3}}           two classes: bad when p(bad) is 0.3 or more
 *
 * Memory  the arena. Errors ERR_CONFIG with the place in the file.
 */
#ifndef CONSORT_ENSEMBLE_THRESHOLDS_H
#define CONSORT_ENSEMBLE_THRESHOLDS_H
#include "base/conf.h"
#include "engine/metrics.h"

#define THRESHOLDS_LIST(X)                                                                          \
    X(THRESHOLDS_COST, "cost") X(THRESHOLDS_RECALL, "recall") X(THRESHOLDS_PRECISION, "precision")  \
    X(THRESHOLDS_FIXED, "fixed")
typedef enum { THRESHOLDS_LIST(LIST_ID) THRESHOLDS_METRIC, THRESHOLDS_NONE } ThresholdsKind;
extern const char *const thresholds_names[]; /* of the list, NULL at the end */

typedef struct {
    ThresholdsKind kind;
    MetricId metric;    /* METRIC */
    int label;          /* RECALL, PRECISION, FIXED: the class */
    double at;          /* and its number */
    const double *cost; /* COST: (K, K), rows true, columns decided */
    const char *asked;  /* as it stands in the file, on one line; NULL for NONE */
} Thresholds;

/* `n_classes` 0: they are not known yet, and only the form is checked. */
bool thresholds_read(const ConfNode *node, int n_classes, const char *const *classes, Arena *arena,
                     Thresholds *out, Error *err);
/* Of two classes the one that it is about: the one named, or whose being missed costs more; -1: neither. */
int thresholds_interest(const Thresholds *asked);
#endif
