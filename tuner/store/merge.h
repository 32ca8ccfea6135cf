/* tuner/store/merge.h - studies that several hosts ran, joined: the trials of one appended to another.
 * (merge.c)
 *
 * A trial is known by its configuration and seed, from which all about it follows. So one that is there already
 * is the same trial and is left alone, and merging a study twice changes nothing. The others get the next
 * numbers, in the order of their old ones, and bring all that belongs to them: parameters, curves, metrics,
 * confusion matrices, repeats, events, and their files. What still runs or waits in the source is left out.
 *
 * A part      of the study that it is merged into (job/part.h) has trials of that study: they keep their
 *             numbers, and where the database has that study alone their ids are those that one process would
 *             have given. The study stays what its seed makes of it, and nothing is marked. Numbers that no
 *             part brings are begun by the sweep that goes on.
 * Whole       one transaction. Each file is copied, checked against its SHA-256 and in place before its row is
 *             committed. A process that is killed leaves the study as it was, and files that no row names,
 *             which `gc` and the next sweep remove.
 * The source  is only read, and may be running: an ended trial does not change any more. A model that its
 *             study lets go of meanwhile is not missed.
 * Afterwards  each has an event MERGED that says which trial of which study it was, and keeps its seed and the
 *             host that trained it. A trial of another seed than the study's is known to a sweep by that (see
 *             load.c). The study is marked: its seed alone would not give it again.
 */
#ifndef CONSORT_TUNER_STORE_MERGE_H
#define CONSORT_TUNER_STORE_MERGE_H
#include "tuner/store/store.h"

typedef struct {
    Store *store; /* NULL: of a dry run, the study that is not there yet */
    const StudyInfo *study;
    const char *folder; /* of its files */
    bool numbered;      /* it is a part of sides[0]: its trials keep their numbers */
} MergeSide;

typedef struct {
    int n_trials; /* of the source */
    int n_merged, n_there, n_unfinished; /* appended; known already; left out */
} MergeCount;

/* Merges sides[n - 1] into sides[0]. Those in between were merged before; only a dry run, which writes nothing
 * and needs no writing store, looks at them. That scores and settings mean the same in both is the caller's to
 * see to; that each trial lies in `space` is checked here. ERR_STORE also when somebody runs sides[0]. */
bool merge_study(const MergeSide *sides, int n, const Space *space, bool dry, MergeCount *out, Error *err);
#endif
