/* tuner/trial/gate.h - trials that run at the same time share the memory there is: those whose footprints fit
 * together are let in, the others wait. So how many run at once depends on the machine, and what comes out
 * does not.
 *
 * Nobody waits while nobody is inside: what is too large for the gate alone is for the caller to refuse.
 *
 * Threads   any: a lock guards what is taken, and is never held while somebody waits.
 */
#ifndef CONSORT_TUNER_TRIAL_GATE_H
#define CONSORT_TUNER_TRIAL_GATE_H
#include <stdatomic.h>
#include <stdbool.h>

typedef struct Gate Gate;
Gate *gate_create(double capacity); /* bytes; 0: no limit. NULL: no memory */
void gate_destroy(Gate *gate);
/* Waits until so many bytes are left of the capacity. False when `*stop` (may be NULL) became true meanwhile:
 * then nobody was let in. */
bool gate_enter(Gate *gate, double bytes, const atomic_int *stop);
void gate_leave(Gate *gate, double bytes);
#endif
