/* job/finished.h - a study with its configuration and data at hand, for what is made of it (job/products.h,
 * job/report.h).
 */
#ifndef CONSORT_JOB_FINISHED_H
#define CONSORT_JOB_FINISHED_H
#include "ensemble/build.h"
#include "job/load.h"
#include "job/open.h"
#include "job/sweep.h"

typedef struct {
    Place place;
    Store *store;  /* reading */
    StudyInfo study;
    Config *config;
    Data data;     /* empty for a study of a program */
    Ensemble ensemble; /* once product_ensemble has built it; path NULL: not yet */
    Arena *arena;  /* borrowed */
} Finished;

/* Reads the study's stored configuration and the data it names; refuses data whose fingerprint is
 * not the study's (ERR_DATA). */
bool finished_open(const Place *place, Arena *arena, Finished *out, Error *err);
/* The study that a sweep has just run; nothing is read again. */
bool finished_of_sweep(const Sweep *sweep, Config *config, Arena *arena, Finished *out, Error *err);
/* To be called also after a failure. */
void finished_close(Finished *finished);
/* Refuses what needs trained networks in a study of a program. `what`: "an ensemble". */
bool finished_has_models(const Finished *finished, const char *what, Error *err);

/* Runs `change` on the database opened for writing, then goes back to reading. */
bool finished_change(Finished *finished, bool (*change)(Finished *, Store *writer, void *context, Error *),
                     void *context, Error *err);
#endif
