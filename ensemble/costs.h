/* ensemble/costs.h - what each candidate would cost as a member: bytes of weights, time of a prediction,
 * networks.
 *
 * Bytes stand in the database. The others are looked up in the model files, and only where a budget asks for
 * them: a bag counts all its networks, as they are shipped. A file that cannot be read costs its trial.
 *
 * Memory  the arena. Errors ERR_MEMORY, ERR_DATA when no file can be read.
 */
#ifndef CONSORT_ENSEMBLE_COSTS_H
#define CONSORT_ENSEMBLE_COSTS_H
#include "ensemble/gather.h"
#include "ensemble/options.h"

/* (n) each. */
typedef struct {
    int64_t *bytes;
    double *us, *networks; /* NULL: nobody asked */
} Costs;

/* Drops the entries whose file cannot be read from `gathered`, and names them there. */
bool costs_of(Gathered *gathered, const EnsembleOptions *options, Arena *arena, Costs *out, Error *err);
#endif
