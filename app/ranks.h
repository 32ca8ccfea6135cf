/* app/ranks.h - the program as one of several ranks of a job, started by mpirun or srun (cluster/launch.h).
 *
 * Rank 0 is the program as it is alone: it alone prints, and its exit code is the job's. The others take
 * part in verbs that are for all (Verb.together), say nothing but what went wrong with them, and end with 0.
 * Of other verbs they know nothing, and end at once.
 */
#ifndef CONSORT_APP_RANKS_H
#define CONSORT_APP_RANKS_H
#include "app/cli.h"
#include "cluster/launch.h"

/* The verb, by all ranks (`together`) or by rank 0. Returns an exit code. */
int ranks_run_verb(Cli *cli, const Launched *launched, bool together);
#endif
