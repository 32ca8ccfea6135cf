/* tuner/study/wire.h - what two processes of one study tell each other about trials, as bytes: a task goes out,
 * epochs and a record come back (how bytes travel: tuner/study/link.h).
 *
 * Both ends are the same program (the greeting says which, and for which study), so numbers travel as they
 * lie in memory. One function a struct writes it and reads it back.
 *
 * Errand    each task has a number that its host gives to no other; epochs and the record bring it back. What
 *           is said of another errand than the seat has is no word about its trial.
 *
 * Memory    what is read lives in the arena given; what is written is added to a Text.
 * Errors    none of its own: false says that there is no memory, or that these are not bytes of ours. What
 *           comes is checked as if it came from a stranger.
 */
#ifndef CONSORT_TUNER_STUDY_WIRE_H
#define CONSORT_TUNER_STUDY_WIRE_H
#include "tuner/trial/runner.h"

typedef enum {
    WIRE_HELLO,  /* program and study, a line's end, the process as JSON. The host answers with it, or END */
    WIRE_ASK,    /* the same, and a question (request.h). The host answers with it, or END */
    WIRE_TASK, WIRE_STOP, /* to a seat */
    WIRE_EPOCH, WIRE_RECORD, /* from a seat, to the host */
    WIRE_ALIVE,  /* text, from a guest, now and then: facts_clock(). Long epochs are not its end */
    WIRE_OFFER, WIRE_WANT, WIRE_FILE, /* both ways: tuner/study/parcel.h */
    WIRE_END     /* text: why there is nothing more to do. From a guest: it leaves, with nothing under way */
} WireKind;

enum {
    WIRE_SILENCE_S = 15, /* so long without a word, and a guest is given up */
    WIRE_ALIVE_S = 3,
    WIRE_FIRST_MOST = 16 << 20, /* of who has not been heard yet: HELLO, ASK */
    WIRE_BODY_MOST = 256 << 20
};

/* The values travel as JSON, as they do in the database. */
bool wire_put_task(const Space *space, int64_t errand, const TrialTask *task, Text *out);
bool wire_task(const char *body, size_t n, const Space *space, Arena *arena, int64_t *errand, TrialTask *out);
bool wire_put_epoch(int64_t errand, const EpochRow *row, Text *out);
bool wire_epoch(const char *body, size_t n, int64_t *errand, EpochRow *out);
bool wire_put_record(int64_t errand, const TrialRecord *record, Text *out);
bool wire_record(const char *body, size_t n, Arena *arena, int64_t *errand, TrialRecord *out);
#endif
