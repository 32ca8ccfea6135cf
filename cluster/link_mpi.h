/* cluster/link_mpi.h - a job's ranks as the two ends of a StudyLink: rank 0 is the host, and rank r its peer
 * r; to every other rank the host is peer 0.
 *
 * Letters travel as frames (cluster/frames.h), one at a time in each direction of a pair, so nobody's long
 * letter holds up another's, and a rank that hangs holds up nobody. Who waits sleeps, for longer the longer
 * nothing comes, a millisecond at most; `send` and `wake` end that sleep.
 *
 * A peer comes with its first letter of the study's. Letters of kinds from LINK_MPI_OWN on are this room's:
 * they go before, and no peer comes by them.
 *
 * Threads  as tuner/study/link.h has it: MPI is called by whoever calls `next`, or closes, and by nobody else.
 * Errors   a rank that MPI has given up is LINK_GONE, if MPI has survived that.
 * Memory   a frame a peer; letters that wait, at most 1 GiB a peer: then `send` says false.
 */
#ifndef CONSORT_CLUSTER_LINK_MPI_H
#define CONSORT_CLUSTER_LINK_MPI_H
#include <stdatomic.h>

#include "cluster/mpi.h"
#include "tuner/study/link.h"

enum { LINK_MPI_OWN = 64, LINK_MPI_STOP, LINK_MPI_BYE, LINK_MPI_PART, LINK_MPI_RANKS };

typedef struct LinkMpi LinkMpi;

/* `stop` is raised here when it is raised on any rank: of the others the host hears, and tells its study. NULL
 * with `err`. `mpi` is borrowed. */
LinkMpi *link_mpi_open(Mpi *mpi, atomic_int *stop, Error *err);
const StudyLink *link_mpi(LinkMpi *self);
/* Says goodbye. The host waits for everybody's, for as long as somebody still moves; the others wait for the
 * host, which closes last. False, on all ranks: somebody was silent, and is left behind. */
bool link_mpi_close(LinkMpi *self);
#endif
