#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cluster/launch.h"

static const char *const all[] = {"CONSORT_MPI", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "PMI_SIZE", "PMI_RANK",
                                  "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS",
                                  "SLURM_PROCID", "PMIX_RANK"};

/* NAME VALUE ..., and none of the others. */
static bool found_in(const char *const *pairs, Launched *out)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) unsetenv(all[i]);
    for (; pairs[0]; pairs += 2) setenv(pairs[0], pairs[1], 1);
    return launched_many(out);
}
#define FOUND(...) found_in((const char *const[]){__VA_ARGS__, NULL}, &l)

static void what_starts_ranks_says_so(void **state)
{
    (void)state;
    Launched l;
    assert_true(FOUND("OMPI_COMM_WORLD_SIZE", "4", "OMPI_COMM_WORLD_RANK", "3", "PMIX_RANK", "3"));
    assert_int_equal(l.size, 4);
    assert_int_equal(l.rank, 3);
    assert_int_equal(l.family, MPI_OF_OPEN);
    assert_string_equal(l.by, "OMPI_COMM_WORLD_SIZE");
    assert_true(FOUND("PMI_SIZE", "2", "PMI_RANK", "0"));
    assert_int_equal(l.size, 2);
    assert_int_equal(l.family, MPI_OF_MPICH);
    assert_true(FOUND("SLURM_STEP_NUM_TASKS", "8", "SLURM_NTASKS", "8", "SLURM_PROCID", "7"));
    assert_int_equal(l.rank, 7);
    assert_int_equal(l.family, MPI_OF_ANY);
    assert_true(FOUND("SLURM_STEP_NUM_TASKS", "8", "SLURM_PROCID", "7", "PMIX_RANK", "7"));
    assert_int_equal(l.family, MPI_OF_OPEN);
    assert_true(FOUND("PMIX_RANK", "5"));
    assert_int_equal(l.size, 0);
    assert_int_equal(l.rank, 5);
}

static void one_process_is_alone(void **state)
{
    (void)state;
    Launched l;
    assert_false(FOUND("HOME", "/"));
    assert_false(FOUND("OMPI_COMM_WORLD_SIZE", "1", "OMPI_COMM_WORLD_RANK", "0", "PMIX_RANK", "0"));
    assert_false(FOUND("PMI_SIZE", "1", "PMI_RANK", "0"));
    assert_false(FOUND("SLURM_NTASKS", "8", "SLURM_PROCID", "0")); /* a batch script, no step */
    assert_false(FOUND("OMPI_COMM_WORLD_SIZE", "4", "OMPI_COMM_WORLD_RANK", "1", "CONSORT_MPI", "off"));
    assert_int_equal(l.size, 0);
}

static void what_is_no_number_says_nothing(void **state)
{
    (void)state;
    Launched l;
    assert_false(FOUND("PMI_SIZE", "four", "PMI_RANK", "0"));
    assert_false(FOUND("PMI_SIZE", "4", "PMI_RANK", "-1"));
    assert_false(FOUND("PMI_SIZE", "4", "PMI_RANK", "1.5"));
    assert_false(FOUND("PMI_SIZE", "4", "PMI_RANK", "4"));
    assert_false(FOUND("PMI_SIZE", "1e30", "PMI_RANK", "4"));
    assert_false(FOUND("PMI_SIZE", "", "PMI_RANK", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_starts_ranks_says_so),
        cmocka_unit_test(one_process_is_alone),
        cmocka_unit_test(what_is_no_number_says_nothing),
    };
    return cmocka_run_group_tests_name("cluster/launch", tests, NULL, NULL);
}
