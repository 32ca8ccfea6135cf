/* tuner/store/queue.h - the queue, the writer thread that empties it, and whose turn it is on the
 * connection. */
#ifndef CONSORT_TUNER_STORE_QUEUE_H
#define CONSORT_TUNER_STORE_QUEUE_H
#include "tuner/store/write.h"

bool store_writer_start(Store *store, Error *err);
void store_writer_stop(Store *store); /* writes what is queued first */
/* Queues the record; a BEGIN gets its id and attempt, a JOINED its number. `ticket` (may be NULL) is what
 * to wait for. */
bool store_push(Store *store, Record *record, uint64_t *ticket, Error *err);
/* Waits until what has this ticket is committed. */
bool store_await(Store *store, uint64_t ticket, Error *err);
/* The connection for a call that reads: with a writer's store, after a flush. Reading goes on after a
 * failed write. */
void store_enter(Store *store);
void store_leave(Store *store);
/* The connection, in a transaction, for a call that writes and waits; store_leave_write
 * commits when ok and makes the error sticky when the database failed. */
bool store_enter_write(Store *store, Error *err);
bool store_leave_write(Store *store, bool ok, Error *err);
/* The same, and nobody else runs the study or can begin to before it is left. */
bool store_enter_idle(Store *store, int64_t study_id, Error *err);
#endif
