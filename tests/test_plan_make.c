#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/mat.h"
#include "plan/plan.h"
#include "plan/steps.h"
#include "tests/model_maker.h"

/* What a plan must be, of models of every kind; what it computes is test_plan_run.c's business. */

static Error err;

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    return 0;
}

static Plan *planned(const Model *model, Arena *arena)
{
    Plan *plan = NULL;
    if (!plan_make(model, arena, &plan, &err)) fail_msg("%s", err.message);
    return plan;
}

/* Each step finds what was written for it: memory is followed byte by byte, by who wrote it last. */
static void nothing_is_lost(const Plan *plan)
{
    int *owner = calloc(plan->scratch_bytes + 1, sizeof *owner);
    bool *written = calloc((size_t)plan->n_vectors, sizeof *written);
    assert_non_null(owner);
    assert_non_null(written);
    for (size_t i = 0; i < plan->scratch_bytes; i++) owner[i] = -1;
    for (int s = 0; s < plan->n_steps; s++) {
        const PlanStep *step = &plan->steps[s];
        assert_in_range(step->op, 0, PLAN_OP_COUNT - 1);
        assert_in_range(step->out, 0, plan->n_vectors - 1);
        for (int v = 0; v < plan->n_vectors; v++) {
            if (!plan_reads(step, v)) continue;
            const PlanVector *vector = &plan->vectors[v];
            if (!written[v]) fail_msg("step %d (%s) reads vector %d, which nobody wrote", s,
                                      plan_op_names[step->op], v);
            for (size_t i = 0; v != plan->result && i < plan_vector_bytes(vector); i++)
                if (owner[vector->at + i] != v)
                    fail_msg("step %d (%s) reads vector %d, over which %d was written", s,
                             plan_op_names[step->op], v, owner[vector->at + i]);
        }
        const PlanVector *out = &plan->vectors[step->out];
        written[step->out] = true;
        if (step->out == plan->result) continue;
        assert_true(out->at % 8 == 0);
        assert_true(out->at + plan_vector_bytes(out) <= plan->scratch_bytes);
        for (size_t i = 0; i < plan_vector_bytes(out); i++) owner[out->at + i] = step->out;
    }
    assert_true(written[plan->result]);
    free(owner);
    free(written);
}

/* All features are written, in their order, before a network reads them; all layers are there. */
static void all_is_there(const Plan *plan)
{
    const Model *model = plan->model;
    int n_dense = 0, n_links = 0, n_layers = 0, n_nets = 0;
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++)
            n_nets++, n_layers += model->members[m].nets[k].mlp->n_layers;
    for (int s = 0; s < plan->n_steps; s++) {
        const PlanStep *step = &plan->steps[s];
        n_dense += step->op == PLAN_DENSE;
        n_links += step->op == PLAN_LINK;
        if (step->op > PLAN_DERIVED) continue;
        const Prep *prep = model->preps[step->prep];
        const PrepColumn *columns = prep->columns;
        assert_int_equal(plan->vectors[step->out].n, prep->n_features);
        int next = prep->n_features;
        if (step->op == PLAN_DERIVED) {
            const int j = prep_table_columns(prep) + step->column;
            assert_int_equal(step->first, columns[j].out);
            next = columns[j].out + columns[j].n_out;
        } else if (step->op != PLAN_PIXELS) {
            const int last = step->column + step->n_columns - 1;
            assert_int_equal(step->first, columns[step->column].out);
            next = columns[last].out + columns[last].n_out;
        }
        const PlanStep *after = s + 1 < plan->n_steps ? &plan->steps[s + 1] : NULL;
        if (after && after->op <= PLAN_DERIVED) {
            assert_int_equal(after->out, step->out);
            assert_int_equal(after->first, next);
        } else {
            assert_int_equal(next, prep->n_features);
        }
    }
    assert_int_equal(n_dense, n_layers);
    assert_int_equal(n_links, n_nets);
    assert_int_equal(plan->vectors[plan->result].n, model_values(model));
}

/* The same again, and without weights. */
static void the_same_again(const Plan *plan, Arena *arena)
{
    const Plan *again = planned(plan->model, arena);
    assert_int_equal(again->n_steps, plan->n_steps);
    assert_int_equal(again->n_vectors, plan->n_vectors);
    assert_int_equal(again->scratch_bytes, plan->scratch_bytes);
    assert_memory_equal(again->steps, plan->steps, (size_t)plan->n_steps * sizeof *plan->steps);
    assert_memory_equal(again->vectors, plan->vectors, (size_t)plan->n_vectors * sizeof *plan->vectors);

    Model bare = *plan->model;
    ModelMember *members = ARENA_NEW(arena, ModelMember, bare.n_members);
    for (int m = 0; m < bare.n_members; m++) {
        members[m] = bare.members[m];
        ModelNet *nets = ARENA_NEW(arena, ModelNet, members[m].n_nets);
        for (int k = 0; k < members[m].n_nets; k++) {
            Mlp *shape = ARENA_NEW(arena, Mlp, 1);
            *shape = *members[m].nets[k].mlp;
            shape->params = NULL;
            nets[k] = (ModelNet){shape, members[m].nets[k].prep};
        }
        members[m].nets = nets;
    }
    bare.members = members;
    again = planned(&bare, arena);
    assert_int_equal(again->n_steps, plan->n_steps);
    assert_int_equal(again->scratch_bytes, plan->scratch_bytes);
}

static void check(const Model *model, Arena *arena)
{
    const Plan *plan = planned(model, arena);
    nothing_is_lost(plan);
    all_is_there(plan);
    the_same_again(plan, arena);
}

static void models_of_every_kind(void **state)
{
    (void)state;
    for (int kind = MAKE_COLOUR; kind <= MAKE_MIXED; kind++)
        for (int combine = COMBINE_AVERAGE; combine <= COMBINE_POOL; combine++)
            for (int n_members = 1; n_members <= 8; n_members++) {
                Arena *arena = arena_create(0);
                Table *table = make_table((MakeKind)kind, 300, 3, 5, arena);
                Model *model = make_model(table, n_members, -1, (uint64_t)n_members, arena, &err);
                if (!model) fail_msg("%s", err.message);
                model->combine = combine;
                model->temperature = n_members % 2 ? 1 : 1.5;
                for (int m = 0; m < n_members; m++)
                    for (int k = 0; k < model->members[m].n_nets; k++) {
                        Mlp *mlp = (Mlp *)(uintptr_t)model->members[m].nets[k].mlp;
                        mlp->residual = m % 2;
                        mlp->layer_norm = m % 3 == 0;
                        assert_true(mlp_measure(mlp, &err));
                    }
                check(model, arena);
                arena_destroy(arena);
            }
}

static const PlanOp *ops_of(const Plan *plan, Arena *arena)
{
    PlanOp *ops = ARENA_NEW(arena, PlanOp, plan->n_steps);
    for (int s = 0; s < plan->n_steps; s++) ops[s] = plan->steps[s].op;
    return ops;
}

/* One network alone: it writes the result itself, and two places are enough for all between. */
static void one_network_alone(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_IMAGE, 50, 3, 5, arena);
    Model *model = make_model(table, 1, ACT_RELU, 1, arena, &err);
    const Plan *plan = planned(model, arena);
    static const PlanOp ops[] = {PLAN_PIXELS, PLAN_DENSE, PLAN_DENSE, PLAN_DENSE, PLAN_LINK};
    assert_int_equal(plan->n_steps, 5);
    assert_memory_equal(ops_of(plan, arena), ops, sizeof ops);
    assert_int_equal(plan->steps[4].out, plan->result);
    assert_int_equal(plan->steps[1].activation, ACT_RELU);
    assert_int_equal(plan->steps[3].activation, -1);
    /* 36 features and 7 units at once, 8 and 5 a multiple of 8 bytes each. */
    assert_int_equal(plan->scratch_bytes, 36 * 4 + 32);
    assert_false(plan->wide);
    arena_destroy(arena);
}

/* Weights of members that vote are shares; one of two networks is whole before it votes. */
static void members_come_together(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_IMAGE, 50, 3, 5, arena);
    Model *model = make_model(table, 2, ACT_RELU, 1, arena, &err); /* weights 0.5 and 1.5 */
    double mixed = 0;
    const Plan *plan = planned(model, arena);
    for (int s = 0; s < plan->n_steps; s++) mixed += plan->steps[s].weight;
    assert_float_equal(mixed, 1, 1e-12);

    model->combine = COMBINE_VOTE;
    plan = planned(model, arena);
    double votes = 0, means = 0;
    int last = 0;
    for (int s = 0; s < plan->n_steps; s++) {
        const PlanStep *step = &plan->steps[s];
        if (step->op == PLAN_VOTE) votes += step->weight, last = s;
        if (step->op == PLAN_MIX) means += step->weight;
    }
    assert_float_equal(votes, 1, 1e-12);
    assert_float_equal(means, 1, 1e-12);
    assert_int_equal(last, plan->n_steps - 1);
    model->temperature = 2; /* votes are not cooled */
    assert_int_equal(planned(model, arena)->n_steps, plan->n_steps);
    arena_destroy(arena);
}

static void without_memory(void **state)
{
    (void)state;
    Arena *arena = arena_create(0), *small = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 300, 3, 5, arena);
    Model *model = make_model(table, 3, -1, 1, arena, &err);
    Plan *plan = NULL;
    bool ok = false;
    int n = 0;
    for (; !ok; n++) {
        arena_reset(small);
        arena_fail_after(small, n);
        plan = NULL;
        ok = plan_make(model, small, &plan, &err);
        assert_true(ok == (plan != NULL));
        if (!ok) assert_int_equal(err.code, ERR_MEMORY);
    }
    assert_true(n > 4);
    arena_destroy(small);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_of_every_kind),
        cmocka_unit_test(one_network_alone),
        cmocka_unit_test(members_come_together),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
