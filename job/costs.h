/* job/costs.h - whether the search weighs what a trial costs, where nobody said it (cost_aware: auto).
 *
 * It does over the first 50 trials of a `bayes` study of networks whose costs differ: of 64 points of the
 * space the dearest tenth takes more than three times the work of the cheapest. It is counted for a table that
 * nobody has seen, so it follows from the file alone, before any data are read. Where preprocessing is
 * searched it does not: the table would have to be encoded in every way only to count.
 *
 * A study has what it began with, in the configuration that its database keeps: those from before there was
 * `auto` go on without.
 *
 * Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_JOB_COSTS_H
#define CONSORT_JOB_COSTS_H
#include "job/config.h"
#include "job/place.h"

/* Settles config->cost_aware where it is auto: of the study at `place`, or of the one that begins there. */
bool costs_settle(Config *config, const Place *place, Arena *arena, Error *err);
#endif
