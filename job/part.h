/* job/part.h - one part of a study, K of N, for places where N processes run without knowing of each other:
 * the tasks of an array in a queueing system. `run.part: K/N` (`consort sweep --part`), K from 0.
 *
 * By number   where nothing looks at results (grid, random, qmc, without early termination) part K trains
 *             the trials K, K + N, K + 2 N, ... of the one study, with the numbers, parameters and seeds that
 *             one process would give them: the others are proposed and left alone. Merged, the parts are that
 *             study (tuner/store/merge.h).
 * By seed     else each part is a study with a seed of its own, made of the study's and K, and its share of
 *             run_cap and of what is to run first. Merged, they are one list of trials.
 *
 * A part runs no finals: the merged study does. Where it lies: job/parts.h.
 */
#ifndef CONSORT_JOB_PART_H
#define CONSORT_JOB_PART_H
#include "job/config.h"

enum { PART_MOST = 100000 };

/* Fills in part and n_parts from run.part; ERR_CONFIG at its place. */
bool part_read(Config *config, Error *err);
/* It is not a part any more. */
void part_forget(Config *config);
/* Does no trial of it depend on the result of another? Then its parts are by number. */
bool part_by_number(const Config *config);
/* The seed of the study that is run: run.seed, or what a part makes of it. */
uint64_t part_seed(const Config *config);
/* run_cap, or a part's share of it; 0: no cap. */
int part_trials(const Config *config);
/* Of parts by seed, each configuration that is to run first belongs to one: the others are dropped. */
void part_share_enqueued(Config *config);
/* ERR_CONFIG where it is a part: `what` is not done to one. */
bool part_refuse(const Config *config, const char *what, Error *err);

/* Of a study that lies in `folder`: the folder of all its parts, and that of one. NULL: no memory. */
const char *part_folder_of_all(const char *folder, Arena *arena);
const char *part_folder(const char *folder, int part, Arena *arena);
#endif
