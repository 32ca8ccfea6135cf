/* tests/arena_fixture.h - one arena for a whole suite:
 *     cmocka_run_group_tests_name("base/conf", tests, start, finish)
 */
#ifndef CONSORT_TESTS_ARENA_FIXTURE_H
#define CONSORT_TESTS_ARENA_FIXTURE_H
#include "base/arena.h"

static Arena *arena;

static int start(void **state)
{
    (void)state;
    arena = arena_create(0);
    return arena ? 0 : -1;
}

static int finish(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}
#endif
