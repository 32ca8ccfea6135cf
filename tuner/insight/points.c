/* Rows of the database as points, and a model's numbers back as scores. */
#include "tuner/insight/points.h"

#include <math.h>
#include <string.h>

bool points_gather(const Space *space, const TrialRow *rows, int n_rows, const double *score, bool maximize,
                   Arena *arena, Points *out, Error *err)
{
    size_t d = (size_t)space->n_dims;
    double *u = arena_alloc(arena, (size_t)n_rows * d + 1, sizeof *u);
    double *kept = ARENA_NEW(arena, double, n_rows), *stopped = ARENA_NEW(arena, double, n_rows);
    int *row = ARENA_NEW(arena, int, n_rows);
    Value *values = ARENA_NEW(arena, Value, space->n_params);
    if (!u || !kept || !stopped || !row || !values) return error_memory(err);
    int n = 0;
    for (int i = 0; i < n_rows; i++) {
        TrialState state = rows[i].state;
        double value = score ? score[i] : rows[i].value;
        if (state != TRIAL_COMPLETE && state != TRIAL_PRUNED && state != TRIAL_FAILED) continue;
        Error why = {0};
        Doc *params = rows[i].params ? doc_parse(rows[i].params, strlen(rows[i].params), &why) : NULL;
        bool ok = params && space_from_doc(space, params, arena, values, &why)
               && space_encode(space, values, u + (size_t)n * d);
        doc_free(params);
        if (!ok && why.code == ERR_MEMORY) return error_memory(err);
        if (!ok) continue; /* of another space: it says nothing about this one */
        bool counts = state == TRIAL_COMPLETE && isfinite(value);
        row[n] = i;
        stopped[n] = state != TRIAL_PRUNED ? NAN : !isfinite(value) ? INFINITY : maximize ? -value : value;
        kept[n++] = !counts ? INFINITY : maximize ? -value : value;
    }
    *out = (Points){.space = space, .n = n, .u = u, .score = kept, .row = row,
                     .stopped = stopped, .maximize = maximize};
    return true;
}

double points_score(int n, const double *z, const double *y, double at)
{
    int i = 0, j = n - 1;
    while (i < n - 2 && z[i + 1] <= at) i++;
    for (j = i + 1; j < n - 1 && !(z[j] > z[i]); j++) continue;
    if (!(z[j] > z[i])) return y[i];
    return y[i] + (y[j] - y[i]) * (at - z[i]) / (z[j] - z[i]);
}
