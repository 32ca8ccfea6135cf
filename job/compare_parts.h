/* job/compare_parts.h - a comparison's studies once they are open, and the parts of its document.
 *
 * compare_data.c reads tables and predictions, compare_study.c says what each study came to by itself,
 * compare_settings.c what they do differently, compare_pairs.c has the tests.
 */
#ifndef CONSORT_JOB_COMPARE_PARTS_H
#define CONSORT_JOB_COMPARE_PARTS_H
#include "job/best.h"
#include "job/load.h"
#include "job/open.h"

typedef struct {
    const char *label; /* its name; where two have the same, as it was called */
    const char *given;
    OpenStudy open;
    Config *config;
    bool trains;       /* networks, not a program */
    bool found;        /* it has a best trial */
    Best best;
    Data data;         /* once it was needed */
    bool loaded;
    Doc *evaluation;   /* evaluation.json; NULL: its test set was not opened */
    Doc *ensemble;     /* ensemble.json */
} Side;

typedef struct {
    Side *side;
    int n;
    const char *metric; /* that was asked for; NULL: the studies' own */
    MetricId id;        /* METRIC_COUNT: a program's */
    const char *name;
    bool maximize;
    Arena *arena;
} Comparison;

bool compare_study_doc(Comparison *c, Side *side, Doc *out, Error *err);
/* The 95 % interval of its best trial over the rows that it predicted; untouched where its predictions or its
 * data are not there any more. False: no memory. */
bool compare_interval(Comparison *c, Side *side, double *low95, double *high95, Error *err);
/* settings, best_settings, spread */
bool compare_settings(const Comparison *c, Doc *document, Error *err);
/* pairs */
bool compare_pairs(Comparison *c, Doc *document, Error *err);
/* Are two texts the same and there? A database may come from anywhere, and lack a fingerprint. */
bool compare_same(const char *a, const char *b);
/* Its tables, those of studies that read the same files once. ERR_DATA also where they have changed. */
bool compare_load(Comparison *c, Side *side, Error *err);
/* Its value of the metric on the test set, in an evaluation; NULL: none. */
const Doc *compare_tested(const Comparison *c, const Doc *evaluation);
#endif
