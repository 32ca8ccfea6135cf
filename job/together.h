/* job/together.h - one study by the ranks of a job (cluster/ranks.h): what rank 0 settles for all, and what
 * all must have in common before the first trial.
 *
 * Rank 0 alone knows the database, so the study's name (--fresh), its lookback and the versions of its space
 * are as it finds them. What others have read, configuration, data, division into folds, is compared with what
 * it has read. A rank that has anything else, or cannot begin, ends the job, which says so once.
 *
 * Memory  the arena. Errors as cluster/ranks.h has them.
 */
#ifndef CONSORT_JOB_TOGETHER_H
#define CONSORT_JOB_TOGETHER_H
#include "cluster/ranks.h"
#include "job/edited.h"
#include "tuner/store/store.h"

/* Rank 0 has settled these, or failed (`ok`), and finds the space as `edited` says; the others have that then
 * and jobs for the cores that are theirs where nobody said how many. */
bool together_settle(Config *config, Ranks *ranks, bool ok, const EditedSpace *edited, Arena *arena,
                     Error *err);
/* What this rank has read and where it would write, and how many trials it would train at once. */
typedef struct {
    const Config *config;
    const StudyInfo *info;
    const char *folder;
    int jobs;
} TogetherRank;
/* This rank is ready to train, or is not (`ok`); all are when it returns true. `*seats`, on rank 0: all that
 * the others train at once. */
bool together_ready(const TogetherRank *self, Ranks *ranks, bool ok, int *seats, Arena *arena, Error *err);
/* How many train where, and whether run.lookback keeps some of them idle, in a line; NULL: no memory. */
const char *together_said(const Config *config, const Ranks *ranks, int seats, bool *idle, Arena *arena);
#endif
