#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/mat.h"
#include "engine/mlp.h"
#include "plan/measure.h"

/* What can be known to the byte, and in which direction the rest goes; how near it comes to a board is
 * tests/ship_boards.sh's business. */

static Error err;

enum { COLUMNS = 6, CLASSES = 3 };

/* COLUMNS numbers, CLASSES classes, so many equal networks without weights. */
static PlanSize measured(const int *hidden, int n_hidden, Activation activation, int nets, Arena *arena)
{
    PrepColumn *columns = ARENA_NEW(arena, PrepColumn, COLUMNS);
    Column *raw = ARENA_NEW(arena, Column, COLUMNS);
    for (int j = 0; j < COLUMNS; j++) {
        columns[j] = (PrepColumn){.name = "x", .kind = COLUMN_NUMERIC, .out = j, .n_out = 1, .shift = j,
                                  .scale = 1 + j, .fill = j};
        raw[j] = (Column){.name = "x", .kind = COLUMN_NUMERIC};
    }
    Prep *prep = ARENA_NEW(arena, Prep, 1);
    *prep = (Prep){.n_features = COLUMNS, .n_columns = COLUMNS, .columns = columns};
    Mlp *mlp = ARENA_NEW(arena, Mlp, 1);
    if (!mlp_shape(COLUMNS, hidden, n_hidden, CLASSES, activation, mlp, &err) || !mlp_measure(mlp, &err))
        fail_msg("%s", err.message);
    ModelNet *net = ARENA_NEW(arena, ModelNet, nets);
    for (int i = 0; i < nets; i++) net[i].mlp = mlp;
    const ModelMember member = {.weight = 1, .n_nets = nets, .nets = net};
    static const char *classes[CLASSES] = {"a", "b", "c"};
    const Prep *const preps[1] = {prep};
    const Model model = {.schema = {.n_columns = COLUMNS, .columns = raw, .n_classes = CLASSES, .classes = classes},
                         .n_preps = 1, .preps = preps, .n_members = 1, .members = &member,
                         .temperature = 1, .slope = 1};
    Plan *plan;
    PlanSize size;
    if (!plan_make(&model, arena, &plan, &err)) fail_msg("%s", err.message);
    plan_measure(plan, &size);
    assert_int_equal(size.flash, size.constants + size.code);
    assert_int_equal(size.ram, 0);
    return size;
}

static void constants_are_known_to_the_byte(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const int one[] = {10}, two[] = {10, 7};
    /* what a run of columns is told: its record, a shift and a scale each; a missing number is the shift */
    const size_t columns = 24 + 4 * 2 * COLUMNS;
    assert_int_equal(measured(one, 1, ACT_RELU, 1, arena).constants,
                     columns + 4 * (COLUMNS * 10 + 10 + 10 * CLASSES + CLASSES));
    assert_int_equal(measured(two, 2, ACT_RELU, 1, arena).constants,
                     columns + 4 * (COLUMNS * 10 + 10 + 10 * 7 + 7 + 7 * CLASSES + CLASSES));
    assert_int_equal(measured(two, 2, ACT_RELU, 4, arena).constants,
                     columns + 4 * 4 * (COLUMNS * 10 + 10 + 10 * 7 + 7 + 7 * CLASSES + CLASSES));
    arena_destroy(arena);
}

/* Wider, deeper, more of them: more of everything. A function is in the file once. */
static void more_takes_more(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const int one[] = {16}, wide[] = {64}, deep[] = {16, 16};
    const PlanSize small = measured(one, 1, ACT_RELU, 1, arena), wider = measured(wide, 1, ACT_RELU, 1, arena),
                   deeper = measured(deep, 2, ACT_RELU, 1, arena), three = measured(one, 1, ACT_RELU, 3, arena),
                   mish = measured(one, 1, ACT_MISH, 1, arena);
    assert_true(wider.flash > small.flash && wider.cycles_m4 > 2 * small.cycles_m4);
    assert_int_equal(wider.stack, small.stack + 4 * (64 - 16));
    assert_int_equal(wider.code, small.code);
    assert_true(deeper.code > small.code && deeper.code < small.code + 100);
    assert_true(deeper.cycles_m4 > small.cycles_m4 + 16 * 16);
    assert_true(three.cycles_m4 > 2.5 * small.cycles_m4 && three.cycles_m4 < 3.5 * small.cycles_m4);
    assert_true(mish.cycles_m4 > small.cycles_m4 + 100 * 16);
    arena_destroy(arena);
}

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_are_known_to_the_byte),
        cmocka_unit_test(more_takes_more),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
