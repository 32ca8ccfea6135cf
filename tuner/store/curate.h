/* tuner/store/curate.h - what people change in a study between two sweeps: trials added, queued again, left
 * out, noted; files nobody needs removed. (curate.c) For what they add while it runs see
 * tuner/study/wishes.c.
 *
 * Each call is one transaction, and is refused while a living process runs the study: a sweep keeps the
 * trials in memory, and what it does not know would be overwritten or lost. ERR_STORE says who runs it.
 * What is added takes effect when the sweep is continued, in number order, so it is as repeatable as the
 * rest of the study.
 */
#ifndef CONSORT_TUNER_STORE_CURATE_H
#define CONSORT_TUNER_STORE_CURATE_H
#include "tuner/store/store.h"

/* Is nobody running the study? Else ERR_STORE "being run by pid 4711 ...". For what changes files. */
bool curate_allowed(Store *store, int64_t study_id, Error *err);

/* Who runs the study. */
typedef struct {
    bool alive; /* somebody does; else the rest says who did last, or nothing */
    bool here;  /* on this host, where its pid means something to us */
    bool writes; /* and it holds the database open, which only /proc knows; without it: as `here` */
    int64_t pid;
    char host[65], since_utc[32];
    double beat_age_s; /* since it last gave a sign of life */
    double until;      /* it was there until then, seconds since 1970: now, while alive; NaN: nobody */
} StudyHolder;
bool curate_holder(Store *store, int64_t study_id, StudyHolder *out, Error *err);

/* Appends rows (n) with the next numbers, and `n_metrics` rows of `metrics` for each: QUEUED ones are trained
 * by the next sweep before anything new; COMPLETE ones (source "import", with a value) are seen by the sampler.
 * A row whose configuration is in the study already (params_hash, seed) is skipped: its id stays 0. Sets ids
 * and numbers of the others. */
bool curate_add(Store *store, int64_t study_id, TrialRow *rows, const MetricRow *metrics, int n_metrics,
                int n, int *n_added, Error *err);

/* FAILED and INTERRUPTED trials are queued again: attempt + 1, what belonged to them forgotten. ERR_INVALID
 * when one of them ended well or does not exist; then none is touched. */
bool curate_retry(Store *store, int64_t study_id, const int *numbers, int n, Error *err);
/* EXCLUDED, or back to what they were. All or none, as above. */
bool curate_exclude(Store *store, int64_t study_id, const int *numbers, int n, bool excluded, Error *err);

/* Notes are events NOTE: they have a time, and none overwrites another. `number` -1: of the study. Allowed
 * while a sweep runs in another process only if the SQLite library is safe for two writers; see store.h. */
bool curate_note(Store *store, int64_t study_id, int number, const char *text, Error *err);
typedef struct {
    int number; /* -1: of the study */
    const char *utc, *text;
} NoteRow;
bool curate_notes(Store *store, int64_t study_id, Arena *arena, NoteRow **out, int *n, Error *err);

/* Forgets models and predictions of these trials (logs stay), and waits until that is on disk: then their
 * files may go. */
bool curate_drop(Store *store, int64_t study_id, const int64_t *trial_ids, int n, Error *err);
#endif
