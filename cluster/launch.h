/* cluster/launch.h - was this process started as one of several ranks of a job?
 *
 * Said by the environment alone: what starts ranks (mpirun, mpiexec, srun) leaves variables there. So on a
 * single machine nothing is loaded or looked for. CONSORT_MPI=off says that it was not, whatever is there.
 *
 * Threads  it reads the environment, which nobody changes.
 * Errors   none: numbers that are none are as good as no variable.
 */
#ifndef CONSORT_CLUSTER_LAUNCH_H
#define CONSORT_CLUSTER_LAUNCH_H
#include <stdbool.h>

typedef enum {
    MPI_OF_ANY, /* nothing says which library the ranks speak through */
    MPI_OF_OPEN,
    MPI_OF_MPICH /* and those with its binary interface: Intel's, Cray's, MVAPICH */
} MpiFamily;

typedef struct {
    int size; /* ranks; 0: the library knows */
    int rank;
    MpiFamily family;
    const char *by; /* the variable that said so */
} Launched;

/* One of several; false: alone, and `out` is zero. */
bool launched_many(Launched *out);
#endif
