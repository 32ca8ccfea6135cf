/* cluster/ranks.h - the ranks of a job before its study begins: who is where, who reads first, and one word for
 * all about whether it begins.
 *
 * All ranks run the same program with the same words, and what one refuses all refuse: rank 0 hears of it,
 * says it once, with rank and host, and all end. So the calls below are made by all ranks, in the same
 * order; each has two or three letters a rank. A rank above 0 that gets `false` says nothing: its error is
 * empty (ERR_NONE).
 *
 * Files that many read alike are read in two rounds: first by the lowest rank of each host, then by the others,
 * which find what that one has left in the cache.
 *
 * Ranks   NULL is a process alone: all calls succeed, and nothing is said to anybody.
 * Errors  those that a rank handed in; ERR_IO when a rank is gone; ERR_STOPPED when `stop` is raised.
 * Memory  its own; the documents that come live until ranks_end.
 */
#ifndef CONSORT_CLUSTER_RANKS_H
#define CONSORT_CLUSTER_RANKS_H
#include <stdatomic.h>

#include "base/doc.h"
#include "base/error.h"
#include "cluster/launch.h"
#include "tuner/study/link.h"

typedef struct Ranks Ranks;

/* Meets all others. `stop`: raised on one rank it is soon raised on rank 0. */
bool ranks_begin(const Launched *launched, atomic_int *stop, Ranks **out, Error *err);
/* The same over any link, for rank `rank` of `size` on a host of that name. */
bool ranks_begin_over(const StudyLink *link, int rank, int size, const char *host, const atomic_int *stop,
                      Ranks **out, Error *err);
void ranks_end(Ranks *ranks);

int ranks_rank(const Ranks *ranks);   /* 0 where it is alone */
int ranks_size(const Ranks *ranks);   /* 1 */
int ranks_beside(const Ranks *ranks); /* ranks above 0 on this host, this one among them; at least 1 */
const char *ranks_host(const Ranks *ranks, int rank); /* on rank 0; of itself everywhere */
const StudyLink *ranks_link(const Ranks *ranks); /* to the study; NULL where it is alone */

/* Waits until it is this rank's turn to read. Then whether it could, and what all are to know of it (`facts`,
 * which is taken; NULL: nothing) is said by ranks_agree, which returns when all have said theirs. On rank 0
 * `check` sees the facts of each other, and may refuse them, with words that name the rank. */
bool ranks_turn(Ranks *ranks, Error *err);
typedef bool RankCheck(void *context, int rank, const Doc *facts, Error *err);
bool ranks_agree(Ranks *ranks, bool ok, Doc *facts, RankCheck *check, void *context, Error *err);
/* What rank 0 says to all, in `*said` everywhere; or that it has failed. Others call it with ok. */
bool ranks_hear(Ranks *ranks, bool ok, Doc *facts, const Doc **said, Error *err);
#endif
