/* job/baseline_parts.c - the rows that baselines predict, and how they are encoded. */
#include "job/baseline_parts.h"

const double baseline_penalties[N_PENALTIES] = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5};

bool baseline_rows(const BaselineInput *in, int **place, Arena *arena, Baseline *out, Error *err)
{
    const Table *table = in->data->train, *test = in->data->test;
    const Split *split = in->data->split;
    int32_t *row = ARENA_NEW(arena, int32_t, table->n_rows);
    *place = ARENA_NEW(arena, int, table->n_rows); /* table row -> position among the validated */
    int n = 0;
    if (!row || !*place) return error_memory(err);
    for (int i = 0; i < table->n_rows; i++) {
        (*place)[i] = n;
        if (split->fold_of[i] >= 0) row[n++] = i;
    }
    const int values = table_values(table);
    float *proba = arena_alloc(arena, (size_t)n, (size_t)values * sizeof *proba);
    out->test = test ? arena_alloc(arena, (size_t)test->n_rows, (size_t)values * sizeof *out->test) : NULL;
    out->valid = (Predictions){.n_rows = n, .n_classes = values, .row = row, .proba = proba,
                               .numbers = table->task.kind == TASK_NUMBERS};
    return (proba && (!test || out->test)) || error_memory(err);
}

bool baseline_encode(const BaselineInput *in, const PrepOptions *prep, int fold, Arena *arena, FoldRows *out,
                     Error *err)
{
    const Table *table = in->data->train, *other = in->data->test;
    const Split *split = in->data->split;
    Prep *fitted;
    out->test = NULL;
    return prep_fit(prep, table, split->train[fold], split->n_train[fold], arena, &fitted, err)
        && prep_apply_training(fitted, table, split->train[fold], split->n_train[fold], arena, &out->train, err)
        && prep_apply(fitted, table, split->valid[fold], split->n_valid[fold], arena, &out->valid, err)
        && (!other || prep_apply(fitted, other, NULL, other->n_rows, arena, &out->test, err));
}

bool baseline_features(const BaselineInput *in, const PrepOptions *prep, double width, double most,
                       Arena *arena, int *n, Baseline *out, Error *err)
{
    Prep *largest;
    if (!prep_most(prep, in->data->train, arena, &largest, err)) return false;
    *n = largest->n_features;
    if (*n * width <= most) return true;
    out->note = arena_print(arena, "left out: %d features are more than it is meant for", *n);
    *n = 0;
    return out->note || error_memory(err);
}
