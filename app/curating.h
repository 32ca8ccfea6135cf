/* app/curating.h - what the verbs that change a study between sweeps share: retry, exclude, include,
 * note, enqueue, gc. */
#ifndef CONSORT_APP_CURATING_H
#define CONSORT_APP_CURATING_H
#include "job/place.h"
#include "tuner/store/curate.h"

/* [STUDY] TRIAL...: the first argument is a study unless it is a number and no study of that name is there.
 * Returns where the trials begin. */
int curating_first(const Cli *cli);
/* The trials from argument `first` on: numbers, and ranges as 3-7. ERR_CONFIG otherwise. */
bool curating_numbers(const Cli *cli, int first, int **numbers, int *n, Error *err);

/* The study, its database opened for writing. */
bool curating_open(const Cli *cli, const char *argument, OpenStudy *out, Error *err);
/* Closes it; the error that counts is the first. */
bool curating_close(OpenStudy *open, bool ok, Error *err);
#endif
