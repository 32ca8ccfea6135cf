/* cluster/mpi.h - frames of bytes between a job's ranks by MPI, and nothing else of it.
 *
 * Rank 0 exchanges frames with all others, these with rank 0 alone. In each direction of a pair one frame is on
 * its way at a time; it stays the caller's until `mpi_look` has told of it. Nothing waits in here but the
 * beginning and the end of a job: MPI's own waiting burns a core.
 *
 * Built with MPI=1 the calls are those of the mpi.h that mpicc finds. Without, the library is loaded when a job
 * has ranks: libmpi.so.40 of Open MPI, libmpich.so.12 or libmpi.so.12 of MPICH and those like it, or the file
 * that CONSORT_MPI names. Both promise that programs built earlier run with later ones, and so what stands in
 * their headers is written down here: Open MPI's handles are addresses of symbols, MPICH's are numbers, and a
 * status is looked at by MPI's own functions alone. Sources: mpi.h of Open MPI 4.1 and 5.0, of MPICH 4.0 and
 * 4.3; "MPICH ABI Compatibility Initiative".
 *
 * Threads  one at a time (MPI_THREAD_SERIALIZED).
 * Errors   errors of MPI are returned, where it has survived them: MOVED_LOST says that a rank is gone. What
 *          the library finds fatal ends the process, and what started the job ends the others.
 * Memory   what is created is destroyed by mpi_end; a process has one, once.
 */
#ifndef CONSORT_CLUSTER_MPI_H
#define CONSORT_CLUSTER_MPI_H
#include <stddef.h>

#include "base/error.h"
#include "cluster/launch.h"

typedef struct Mpi Mpi;

/* ERR_CONFIG: no library, or one that finds other ranks than were started. */
bool mpi_begin(const Launched *launched, Mpi **out, Error *err);
/* `whole`: nobody was left behind, and MPI may wait for all; else the process ends with MPI as it is. */
void mpi_end(Mpi *mpi, bool whole);
int mpi_rank(const Mpi *mpi);
int mpi_size(const Mpi *mpi);

/* The next frame of this rank goes into `buffer`; false: the rank is gone. */
bool mpi_take(Mpi *mpi, int rank, void *buffer, size_t most);
bool mpi_give(Mpi *mpi, int rank, const void *frame, size_t n);
/* No frame is taken from this rank any more. */
void mpi_forget(Mpi *mpi, int rank);

typedef enum { MOVED_NOTHING, MOVED_IN, MOVED_OUT, MOVED_LOST } Moved;
/* One thing that has happened since: a frame of `n` bytes came, one went out, or a rank is gone. */
Moved mpi_look(Mpi *mpi, int *rank, size_t *n);
#endif
