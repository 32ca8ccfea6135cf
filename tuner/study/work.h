/* tuner/study/work.h - what is to be trained, as those see it who train it: pieces that are taken, and ended
 * or given back.
 *
 * A study has one Work at a time: the turns of its search (tuner/study/claim.h), then the runs of its finals
 * (tuner/study/finals.h). It is done by hands, threads of this process (tuner/study/workers.h), and on seats
 * that other processes lend (tuner/study/desk.h). Who does a piece changes nothing of what comes out.
 *
 * Given back  A piece whose seat was lost comes back to the study and is taken again before anything new, by
 *           whoever is free first, hand or seat. That is another attempt at its trial, and the database
 *           counts it. What has cost STUDY_LOST_MOST seats ends as FAILED with code LOST: it may well be what
 *           they died of. A piece that fits into the memory of no seat is given back to the hands.
 * The end   nothing is over while a piece is out on a seat, since it may come back: hands wait for that.
 *
 * Lock      the study's is held where nothing else is said.
 */
#ifndef CONSORT_TUNER_STUDY_WORK_H
#define CONSORT_TUNER_STUDY_WORK_H
#include "tuner/study/state.h"

enum { STUDY_LOST_MOST = 3 };

typedef enum {
    WORK_RUNS,  /* a piece was taken, and runs from now on */
    WORK_LATER, /* there is none now: study_wake says when to look again */
    WORK_OVER   /* there will be none */
} WorkNext;

/* What each kind of work can do. A piece is a number of its own choice. */
struct Work {
    void *self;
    /* The next that nobody has had. WORK_OVER, too, when the study has failed. */
    WorkNext (*next)(Study *study, void *self, Arena *arena, int *piece);
    /* Would `next` say WORK_OVER, as far as is known? */
    bool (*over)(Study *study, void *self);
    /* What is to be done. Memory: the arena and the study's. */
    bool (*task)(Study *study, void *self, int piece, Arena *arena, TrialTask *task, Error *err);
    /* It is taken again, since its seat was lost, or somebody left. */
    bool (*again)(Study *study, void *self, int piece, Arena *arena, Error *err);
    /* What it came to, which is copied. Called without the lock. */
    bool (*end)(Study *study, void *self, int piece, const TrialRecord *record, Error *err);
    /* What there is to do after pieces were taken; NULL: nothing. Called without the lock. */
    bool (*tidy)(Study *study, Error *err);
    int *(*n_lost)(Study *study, void *self, int piece); /* seats lost with it so far */
};

/* Who takes. */
typedef enum {
    TAKER_HAND,
    TAKER_SEAT,
    TAKER_HOST /* the thread of a process that trains nothing but what fits nowhere else */
} Taker;
WorkNext work_take(Study *study, Taker taker, Arena *arena, int *piece);
/* How a piece comes back that was on its way to a seat, or on it. */
typedef enum {
    BACK_LOST, /* its seat is gone */
    BACK_LEFT, /* its seat was taken away: nobody's fault */
    BACK_UNSENT, /* nobody has begun it */
    BACK_LARGE /* nor can anybody: it fits on no seat, and is for hands */
} Back;
/* Takes the lock itself, as the next one does. */
void work_give_back(Study *study, int piece, Back how);
/* What a seat's piece came to. */
void work_end(Study *study, int piece, const TrialRecord *record);
/* Has somebody asked that the study stops? Needs no lock. */
bool study_stopping(const Study *study);
#endif
