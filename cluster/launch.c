/* What starts ranks, known by the variables that it leaves. */
#include "cluster/launch.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Before what they stand on: Open MPI's and MPICH's ranks may have been started by srun.
 * SLURM_STEP_NUM_TASKS is a step's; a batch script, which is one process, has SLURM_NTASKS alone. */
static const struct {
    const char *size, *rank; /* size NULL: not said */
    MpiFamily family;
} starters[] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", MPI_OF_OPEN},
    {"PMI_SIZE", "PMI_RANK", MPI_OF_MPICH},
    {"MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK", MPI_OF_MPICH},
    {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID", MPI_OF_ANY},
    {NULL, "PMIX_RANK", MPI_OF_OPEN},
};

static bool whole(const char *name, int *out)
{
    double number;
    const char *text = name ? getenv(name) : NULL;
    if (!text || !text_to_number(text, &number) || !(number >= 0) || number > INT_MAX) return false;
    *out = (int)number;
    return *out == number;
}

bool launched_many(Launched *out)
{
    const char *said = getenv("CONSORT_MPI");
    *out = (Launched){0};
    if (said && strcmp(said, "off") == 0) return false;
    for (size_t i = 0; i < sizeof starters / sizeof *starters; i++) {
        int size = 0, rank;
        if (!whole(starters[i].rank, &rank)) continue;
        if (starters[i].size && (!whole(starters[i].size, &size) || size <= rank)) continue;
        if (size == 1) return false;
        *out = (Launched){size, rank, starters[i].family,
                          starters[i].size ? starters[i].size : starters[i].rank};
        /* In a step of Slurm the library is known by what Slurm offers to it. */
        if (out->family == MPI_OF_ANY && getenv("PMIX_RANK")) out->family = MPI_OF_OPEN;
        return true;
    }
    return false;
}
