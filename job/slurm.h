/* job/slurm.h - a batch script for Slurm that runs a study to its end, however short the time of one job.
 *
 * Before its time is up the job gets SIGUSR1 and hands it on: a clean stop. Then it puts itself back into the
 * queue, and the same command goes on. It ends for good when the study is done, when what is wrong will not
 * mend by itself (by Consort's exit code), and after a number of times.
 *
 * With several ranks they are started by srun or mpirun. With `array`, N tasks run a part of the study each
 * (job/part.h), and a last job merges them and runs the rest.
 *
 * Memory  what is made here lives in the arena; the script is appended to `out`.
 */
#ifndef CONSORT_JOB_SLURM_H
#define CONSORT_JOB_SLURM_H
#include "job/place.h"

#define MPI_START_LIST(X) X(MPI_PMIX, "pmix") X(MPI_PMI2, "pmi2") X(MPI_MPIRUN, "mpirun")
typedef enum { MPI_START_LIST(LIST_ID) MPI_START_COUNT } MpiStart;
extern const char *const mpi_start_names[];

/* Zero and NULL: nothing is said of it. */
typedef struct {
    const char *time;       /* of one job: 2h, 90m; 2:00:00, 1-12 */
    int nodes, tasks;       /* tasks a node */
    int cpus;               /* a task */
    const char *memory;     /* a node: 8G */
    const char *partition, *account;
    const char *mpi;        /* of mpi_start_names */
    int array;              /* so many parts */
    bool run;               /* `consort run`, not `sweep`; with an array the last job always does */
    const char *const *more; /* (n_more) words of further #SBATCH lines */
    int n_more;
    const char *program;    /* of Consort: its absolute path */
    PlaceOptions place;
} SlurmOptions;

/* ERR_CONFIG with the option that is wrong. */
bool slurm_script(const Config *config, const SlurmOptions *options, Arena *arena, Text *out, Error *err);
#endif
