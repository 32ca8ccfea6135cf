/* job/products.h - what is made of a finished study: ensemble, evaluations, report, exports. The
 * verbs `ensemble`, `evaluate STUDY`, `report`, `export` make one each; `run` makes them all.
 */
#ifndef CONSORT_JOB_PRODUCTS_H
#define CONSORT_JOB_PRODUCTS_H
#include "job/place.h"

/* A study with its configuration and data at hand. */
typedef struct {
    const Cli *cli;
    Place place;
    Store *store;  /* reading */
    StudyInfo study;
    Config *config;
    Data data;
    const char *best_single; /* the model that the ensemble was compared with, once it was built; else NULL */
} Finished;

/* Reads the study's stored configuration and the data it names; refuses data whose fingerprint is
 * not the study's. A study of a program has no data. */
bool finished_open(const Cli *cli, const char *argument, Finished *out, Error *err);
void finished_close(Finished *finished);
/* Refuses what needs trained networks in a study of a program. `what`: "an ensemble". */
bool finished_has_models(const Finished *finished, const char *what, Error *err);

/* Selects, writes ensemble.consort and ensemble.json, records it in the database. */
bool product_ensemble(Finished *finished, const EnsembleOptions *options, Doc **summary,
                      Error *err);
/* Ensemble and best trial on the test set; counts the look; writes evaluation.json. */
bool product_test(Finished *finished, Doc **ensemble, Doc **best, Error *err);
/* report.html, report.json, report.md; `path` gets the page's. */
bool product_report(Finished *finished, int top, const char **path, Error *err);
/* NAME.c and NAME.h in `folder`. */
bool product_c(const Model *model, const char *model_path, const char *name, const char *folder,
               const Table *sample, Arena *arena, const char **source, Error *err);
#endif
