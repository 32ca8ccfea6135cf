/* A list of vectors and steps that grows. */
#include "plan/steps.h"

#include "base/grow.h"

int steps_vector(StepList *list, int n, PlanType type)
{
    if (!GROW(list->arena, list->vectors, list->n_vectors, list->room_vectors)) {
        list->broken = true;
        return -1;
    }
    list->vectors[list->n_vectors] = (PlanVector){.n = n, .type = type, .scale = 1};
    return list->n_vectors++;
}

PlanStep *steps_add(StepList *list, PlanOp op, int in, int out)
{
    PlanStep *step = &list->nowhere;
    if (!GROW(list->arena, list->steps, list->n_steps, list->room_steps)) list->broken = true;
    else step = &list->steps[list->n_steps++];
    *step = (PlanStep){.op = op, .in = in, .with = -1, .out = out, .net = -1, .prep = -1, .activation = -1};
    return step;
}

size_t plan_vector_bytes(const PlanVector *vector)
{
    static const size_t size[PLAN_TYPE_COUNT] = {[PLAN_FLOAT] = 4, [PLAN_DOUBLE] = 8, [PLAN_INT8] = 1,
                                                 [PLAN_INT16] = 2};
    return (size_t)vector->n * size[vector->type];
}

bool plan_reads(const PlanStep *step, int v)
{
    switch (step->op) {
    case PLAN_NORM: case PLAN_ACTIVATE: case PLAN_MIX: case PLAN_VOTE: case PLAN_LOG_MIX: case PLAN_SOFTMAX:
    case PLAN_STACK: case PLAN_CALIBRATE:
        if (step->out == v) return true; /* what it finds there counts */
        break;
    default: break;
    }
    return step->in == v || step->with == v;
}
