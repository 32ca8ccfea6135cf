/* tuner/study_internal.h - what the parts of a study share.
 *
 *     study.c          the loop: claim, train, settle; the only one that knows threads
 *     study_entries.c  the trials as the study remembers them, and the set of configurations tried
 *     study_ask.c      what the sampler may see, and what it proposes
 *     study_load.c     a study that was begun earlier, read back from its database
 *
 * Everything in a Study is read and written with its lock held.
 */
#ifndef CONSORT_TUNER_STUDY_INTERNAL_H
#define CONSORT_TUNER_STUDY_INTERNAL_H
#include <pthread.h>

#include "tuner/kept.h"
#include "tuner/study.h"

/* A trial as the study remembers it. */
typedef struct {
    TrialState state;
    bool settled; /* its result counts */
    Value *values;
    double *u;            /* canonical point */
    char hash[65];
    const char *source, *trace;
    int attempt;
    int64_t trial_id;
    double score;         /* minimized */
    Curve curve;
} Entry;

typedef struct {
    const StudyOptions *o;
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t settled;
    Arena *arena;         /* what lives as long as the study */
    Entry **entries;
    int n_entries, capacity;
    int next;             /* the number to claim */
    uint64_t *taken;      /* open-addressed set of hash heads; 0 is empty */
    size_t n_taken, taken_size;
    Value *scratch;       /* (n_params) for accept */
    Kept *kept;
    int n_settled, n_of_state[TRIAL_STATE_COUNT], n_running, best_number;
    double best_score, started_s;
    bool ended;
    StudyEnd end;
    bool failed;
    Error error;
} Study;

/* study_entries.c */
Entry *entry_add(Study *study, Error *err);
/* Marks an entry's result as known, from a fresh record or from a row. */
void entry_settle(Study *study, int number, TrialState state, double value);
double study_sign(const Study *study); /* -1 when larger is better: scores are minimized */
bool taken_has(const Study *study, const char *hash);
bool taken_add(Study *study, const char *hash, Error *err);

/* study_ask.c */
/* Fills the entry of number n: enqueued configurations first, then the sampler's. */
bool study_propose(Study *study, int n, Entry *entry, bool *exhausted, Error *err);
/* Do the constraints hold? `violated` gets the text of the first that does not. */
bool study_feasible(Study *study, const Value *values, const char **violated, Error *err);

/* study_load.c */
bool study_load(Study *study, Error *err);
#endif
