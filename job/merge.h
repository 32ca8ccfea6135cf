/* job/merge.h - studies that several hosts ran, joined: the trials of each study appended to the first, where
 * their scores can stand in one list. How a trial is known again, and what comes along: tuner/store/merge.h.
 */
#ifndef CONSORT_JOB_MERGE_H
#define CONSORT_JOB_MERGE_H
#include "job/line.h"
#include "job/place.h"
#include "tuner/store/merge.h"

typedef struct {
    const char *const *studies; /* (n) STUDY arguments; the first, which is merged into, may be a configuration
                                 * that was not run yet */
    int n;
    bool parts;                 /* after the first, the only one, come its parts (job/parts.h) that are there */
    PlaceOptions place;
    bool dry;                   /* nothing is written */
    OnLine *on_line;            /* what people should hear on the way */
    void *context;
} MergeOptions;

typedef struct {
    const char *said; /* the STUDY argument, or the folder of a part */
    const char *name, *db;
    bool numbered;    /* a part, whose trials have kept their numbers */
    MergeCount count;
} MergedFrom;

typedef struct {
    Place made;       /* the first was not there, and was made here; db NULL: it was */
    const char *into; /* its name */
    int n_from;       /* merged so far, in their order */
    MergedFrom *from;
    int n_merged;     /* trials of all */
    int n_apart;      /* of them, those for which the study cannot be repeated from its seed any more */
} Merged;

/* `out` is filled as far as it got, also on failure: what was merged before stays merged.
 * Errors  ERR_CONFIG, ERR_DATA where trials cannot be compared; ERR_STORE. */
bool merge_studies(const MergeOptions *options, Arena *arena, Merged *out, Error *err);
#endif
