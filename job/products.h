/* job/products.h - what is made of a finished study: the ensemble and its test; and all of it at once, with C
 * source. For the report by itself see job/report.h, for files for elsewhere job/ship.h.
 *
 * Errors  ERR_INVALID where there is nothing to build from, ERR_DATA where files of trials are gone or
 * damaged.
 */
#ifndef CONSORT_JOB_PRODUCTS_H
#define CONSORT_JOB_PRODUCTS_H
#include "job/finished.h"

/* Selects, writes ensemble.consort and ensemble.json, records it in the database. `options` NULL: the
 * configuration's. What was built is finished->ensemble. */
bool product_ensemble(Finished *finished, const EnsembleOptions *options, Error *err);
/* Ensemble and best trial on the test set (model/evaluate.h); counts the look; writes evaluation.json. */
bool product_test(Finished *finished, Doc **ensemble, Doc **best, Error *err);

/* The whole of it, as the configuration says: ensemble (finished->ensemble), test where there is a test
 * set, C source where the model is small, report. Of a program there is only the report. */
typedef struct {
    const char *model;  /* path of ensemble.consort; NULL: a program */
    const char *source; /* of the C file; NULL: none was written ... */
    const char *no_source; /* ... because of this; NULL: the model is large */
    const char *knee, *knee_source; /* of several goals: the front's knee as a model and as C; NULL: none */
    const char *page;   /* the report */
    Doc *test, *best_test; /* both on the test set; NULL: there is none */
    Doc *document;      /* of the report */
} Products;
bool products_make(Finished *finished, Products *out, Error *err);
void products_free(Products *products);
#endif
