/* job/compare.h - several studies side by side: what each came to and cost, what they do differently, and
 * whether one is better by more than chance.
 *
 * The first study is what the others are compared with. Best trials are compared on the validation rows that
 * both predicted, ensembles on the test set: in pairs (model/paired.h), where the rows are the same. Where they
 * are not (other data, another split, a program's trials) two scores with intervals of their own are all there
 * is, and the document says so: "paired": false, and why. The test set is looked at only where both studies
 * have opened theirs already.
 *
 * The document feeds terminal, CSV, Markdown, the page and figures; docs/reference/report.md#comparisons has
 * its keys. A difference is b - a.
 *
 * Errors  ERR_CONFIG where the studies judge by different metrics, and none is asked for that all of them have.
 */
#ifndef CONSORT_JOB_COMPARE_H
#define CONSORT_JOB_COMPARE_H
#include "base/doc.h"
#include "job/place.h"

typedef struct {
    const char *given; /* as a person called it */
    Place place;
} ComparedStudy;

/* `metric` NULL: the studies' own. The caller frees the document. */
bool compare_studies(const ComparedStudy *studies, int n, const char *metric, Arena *arena, Doc **out,
                     Error *err);
/* One argument as studies: a STUDY, or all of a database that has several. Appends to `list`, which has room
 * for `room`. */
bool compare_find(const char *argument, Arena *arena, ComparedStudy **list, int *n, int *room, Error *err);
#endif
