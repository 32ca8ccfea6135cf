/* A row encoded by prep_apply(), a preprocessing at a time. */
#include "plan/encode_run.h"

#include <string.h>

struct PlanEncoder {
    const Plan *plan;
    const Table *table;
    Arena *work; /* reset for each preprocessing of a row */
};

bool plan_encoder_open(const Plan *plan, const Table *table, Arena *arena, PlanEncoder **out, Error *err)
{
    PlanEncoder *encoder = ARENA_NEW(arena, PlanEncoder, 1);
    if (!encoder) return error_memory(err);
    *encoder = (PlanEncoder){plan, table, arena_create(0)};
    if (!encoder->work) return error_memory(err);
    *out = encoder;
    return true;
}

/* The first step of a preprocessing writes the features of all. */
bool plan_encode_row(PlanEncoder *encoder, const PlanStep *step, int row, float *features, Error *err)
{
    const Prep *prep = encoder->plan->model->preps[step->prep];
    const int32_t index = row;
    Rows *rows = NULL;
    if (step->first > 0) return true;
    arena_reset(encoder->work);
    if (!prep_apply(prep, encoder->table, &index, 1, encoder->work, &rows, err)) return false;
    const int ld = mlp_pad(prep->n_features);
    float *block = ARENA_NEW(encoder->work, float, ld);
    if (!block) return error_memory(err);
    rows_gather(rows, NULL, 0, 1, NULL, NULL, NULL, block, ld);
    memcpy(features, block, (size_t)prep->n_features * sizeof *features);
    return true;
}

void plan_encoder_close(PlanEncoder *encoder)
{
    if (encoder) arena_destroy(encoder->work);
}
