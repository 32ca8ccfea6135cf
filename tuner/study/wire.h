/* tuner/study/wire.h - trials between two processes on one host: a task goes out, epochs and a record come
 * back.
 *
 * Messages travel through a socket in the study's folder, which only its owner may use. Both ends are the
 * same program (the greeting says which, and for which study), so numbers travel as they lie in memory.
 *
 * Format    each message is its kind and the length of its body, both uint32, and the body.
 * Memory    what is read lives in the arena given.
 * Threads   a Wire may be sent to from several threads; one reads.
 * Errors    none of its own: false says that the other end is gone, silent for too long, or not one of ours.
 *           What comes is checked as if it came from a stranger.
 */
#ifndef CONSORT_TUNER_STUDY_WIRE_H
#define CONSORT_TUNER_STUDY_WIRE_H
#include <pthread.h>

#include "tuner/trial/runner.h"

typedef enum {
    WIRE_HELLO,  /* text: program and study. The host answers with the same kind, or END */
    WIRE_ASK,    /* text: the same, and a question (request.h). The host answers with this kind, or END */
    WIRE_TASK, WIRE_STOP, /* to the guest */
    WIRE_EPOCH, WIRE_RECORD, WIRE_ALIVE, /* to the host */
    WIRE_OFFER, WIRE_WANT, WIRE_FILE, /* both ways: tuner/study/parcel.h */
    WIRE_END     /* text: why there is nothing more to do */
} WireKind;

typedef struct {
    int fd;
    pthread_mutex_t sending;
} Wire;
enum { WIRE_SILENCE_S = 15 }; /* so long without a word, and the other end is given up */

void wire_create(Wire *wire, int fd);
void wire_hang_up(Wire *wire); /* the other end sees that nobody is here any more */
void wire_destroy(Wire *wire); /* closes it */

/* A socket that listens in the folder, in place of one that a killed process left. -1 and ERR_IO. */
int wire_listen(const char *folder, Error *err);
int wire_accept(int listener); /* -1: nobody came within 100 ms */
void wire_wake(int listener); /* wire_accept returns at once from now on: the end of a sweep need not wait */
void wire_unlisten(int listener, const char *folder);
int wire_connect(const char *folder); /* -1: nobody listens */

/* A message is there within `timeout_ms` (0: look only). `gone`: none will ever come. */
bool wire_waits(Wire *wire, int timeout_ms, bool *gone);
bool wire_receive(Wire *wire, Arena *arena, WireKind *kind, const char **body, size_t *n);
bool wire_send_text(Wire *wire, WireKind kind, const char *text);
const char *wire_text(const char *body, size_t n, Arena *arena); /* NULL: no memory */

/* The values travel as JSON, as they do in the database. */
bool wire_send_task(Wire *wire, const Space *space, const TrialTask *task);
bool wire_task(const char *body, size_t n, const Space *space, Arena *arena, TrialTask *out);
bool wire_send_epoch(Wire *wire, const EpochRow *row);
bool wire_epoch(const char *body, size_t n, EpochRow *out);
bool wire_send_record(Wire *wire, const TrialRecord *record);
bool wire_record(const char *body, size_t n, Arena *arena, TrialRecord *out);
#endif
