/* tuner/study/join.h - lending workers to a study that another process runs (its side: tuner/study/desk.h).
 *
 * A guest trains what it is sent, with a runner of its own made from the same configuration and data, and never
 * opens the database. When the host dies, guests throw away what they were doing, and one runs the study.
 * Guests go when search and finals have ended.
 *
 * Threads   the caller's reads all that comes; each seat has one that trains.
 */
#ifndef CONSORT_TUNER_STUDY_JOIN_H
#define CONSORT_TUNER_STUDY_JOIN_H
#include "tuner/study/facts.h"
#include "tuner/study/link.h"

typedef struct {
    const char *folder, *identity; /* as the host's */
    const PeerFacts *facts;            /* but for what is known here: seats, memory, clock */
    const Space *space;
    const Runner *runner;
    int jobs;
    const StudyLink *link; /* to the host; NULL: the socket in the folder */
    const atomic_int *stop;
    void (*on_trial)(void *context, int number, const TrialRecord *record); /* one at a time; NULL */
    void *context;
} JoinOptions;

typedef enum {
    JOIN_NOBODY,  /* nobody on this host runs the study; not with `link` */
    JOIN_ENDED,   /* the study is over, or was stopped where it runs; `text` says why */
    JOIN_EDITED,  /* its space was edited: it goes on, with another one */
    JOIN_LOST,    /* the process that ran it is gone */
    JOIN_REFUSED, /* it runs something else; `text` */
    JOIN_STOPPED  /* `stop` was raised: what was under way is trained by the host */
} JoinEnd;
typedef struct {
    JoinEnd end;
    int n_trials; /* trained here */
    char text[480];
} JoinSummary;
/* False with the error that kept a trial from being trained (a full disk). */
bool study_join(const JoinOptions *options, JoinSummary *out, Error *err);
#endif
