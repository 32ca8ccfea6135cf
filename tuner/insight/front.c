/* The front from the rows of a database, and how its volume grew. */
#include "tuner/insight/front.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void front_goals(const StudyInfo *study, const Goals *asked, Goals *out)
{
    *out = *asked;
    if (out->n > 0 || !study->metric) return;
    bool program = study_runs_program(study);
    if (!goal_find(study->metric, program, &out->goal[0]) || out->goal[0].cost) return;
    goal_find("n_params", program, &out->goal[1]);
    if (program) { /* what a trial costs is known where it says so itself */
        if (strcmp(study->metric, "n_params") == 0 || strcmp(study->metric, "none") == 0) return;
        out->goal[0].maximize = study->maximize;
        out->goal[1].cost = true;
    }
    out->n = 2;
}

/* `scratch` is reset after each trial: there may be a million. */
static bool read_points(Store *store, const TrialRow *rows, int n_rows, Arena *scratch, Front *f, int *row,
                        Error *err)
{
    const int m = f->goals.n;
    for (int i = 0; i < n_rows; i++) {
        MetricRow *metrics;
        int n_metrics;
        if (!trial_ranks(&rows[i])) continue;
        arena_reset(scratch);
        if (!store_metrics(store, rows[i].id, scratch, &metrics, &n_metrics, err)) return false;
        double *value = f->value + (size_t)f->n * (size_t)m, *point = f->point + (size_t)f->n * (size_t)m;
        bool whole = true;
        goals_values(&f->goals, metrics, n_metrics, value);
        for (int g = 0; g < m; g++) /* trials of before their costs were stored have their weights */
            if (f->goals.goal[g].cost && isnan(value[g]) && strcmp(f->goals.goal[g].key, "n_params") == 0
                && rows[i].n_params > 0)
                value[g] = (double)rows[i].n_params;
        goals_point(&f->goals, value, point);
        for (int g = 0; g < m; g++) whole &= isfinite(point[g]);
        if (whole) row[f->n++] = i;
    }
    return true;
}

/* Best in the first goal first; of equals the smaller in the next ones, then the earlier. */
static bool before(const Front *f, int a, int b)
{
    const int m = f->goals.n;
    for (int g = 0; g < m; g++) {
        double x = f->point[a * m + g], y = f->point[b * m + g];
        if (x != y) return x < y;
    }
    return a < b;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A tiny network that has learned nothing is on every front of score and size, and would stretch the line
 * through the ends until the knee lay at a poor score. So only what is as good as the median trial, in every
 * goal that is no cost, can be one of its ends. With two of those and nothing between them there is no knee. */
static bool find_knee(Front *f, Arena *arena, Error *err)
{
    const int m = f->goals.n;
    bool *useful = ARENA_NEW(arena, bool, f->n + 1);
    double *sorted = ARENA_NEW(arena, double, f->n + 1);
    int n = 0;
    if (!useful || !sorted) return error_memory(err);
    for (int i = 0; i < f->n; i++) useful[i] = f->on_front[i];
    for (int g = 0; g < m; g++) {
        if (f->goals.goal[g].cost) continue;
        for (int i = 0; i < f->n; i++) sorted[i] = f->point[i * m + g];
        qsort(sorted, (size_t)f->n, sizeof *sorted, by_size);
        for (int i = 0; i < f->n; i++) useful[i] &= f->point[i * m + g] <= sorted[(f->n - 1) / 2];
    }
    for (int i = 0; i < f->n; i++) n += useful[i];
    if (n > 2) f->knee = pareto_knee(f->n, m, f->point, useful);
    return true;
}

bool front_read(Store *store, const Goals *goals, const TrialRow *rows, int n_rows, Arena *arena, Front *out,
                Error *err)
{
    size_t cells = ((size_t)n_rows + 1) * PARETO_MOST;
    int *row = ARENA_NEW(arena, int, n_rows + 1);
    *out = (Front){.goals = *goals, .row = row, .knee = -1};
    out->value = ARENA_NEW(arena, double, cells);
    out->point = ARENA_NEW(arena, double, cells);
    out->on_front = ARENA_NEW(arena, bool, n_rows + 1);
    if (!row || !out->value || !out->point || !out->on_front) return error_memory(err);
    if (goals->n == 0) return true;
    Arena *scratch = arena_create(0);
    const bool ok = scratch ? read_points(store, rows, n_rows, scratch, out, row, err) : error_memory(err);
    arena_destroy(scratch);
    if (!ok) return false;
    int *room = ARENA_NEW(arena, int, n_rows + 1);
    if (!room) return error_memory(err);
    out->n_front = pareto_front(out->n, goals->n, out->point, out->on_front, room);
    out->order = ARENA_NEW(arena, int, out->n_front + 1);
    if (!out->order) return error_memory(err);
    for (int i = 0, n = 0; i < out->n; i++) {
        if (!out->on_front[i]) continue;
        int at = n++;
        for (; at > 0 && before(out, i, out->order[at - 1]); at--) out->order[at] = out->order[at - 1];
        out->order[at] = i;
    }
    return find_knee(out, arena, err);
}

bool front_volumes(const Front *front, Arena *arena, double *volume, Error *err)
{
    const int m = front->goals.n, n = front->n;
    double low[PARETO_MOST], high[PARETO_MOST], reference[PARETO_MOST], box = 1;
    double *held = arena_alloc(arena, (size_t)n + 1, (size_t)m * sizeof *held);
    bool *all = ARENA_NEW(arena, bool, n + 1);
    Arena *scratch = held && all ? arena_create(0) : NULL;
    bool ok = true;
    if (!scratch) return error_memory(err);
    for (int i = 0; i < n; i++) all[i] = true;
    pareto_range(n, m, front->point, all, low, high);
    for (int g = 0; g < m; g++) {
        reference[g] = 1.1;
        box *= reference[g];
    }
    int n_held = 0; /* the front so far, scaled to [0, 1] */
    for (int i = 0; ok && i < n; i++) {
        double p[PARETO_MOST];
        bool beaten = false;
        int kept = 0;
        for (int g = 0; g < m; g++)
            p[g] = high[g] > low[g] ? (front->point[i * m + g] - low[g]) / (high[g] - low[g]) : 0;
        for (int k = 0; k < n_held && !beaten; k++)
            beaten = pareto_dominates(m, held + k * m, p)
                  || memcmp(held + k * m, p, (size_t)m * sizeof *p) == 0;
        if (beaten) { /* the first trial never is */
            volume[i] = volume[i - 1];
            continue;
        }
        for (int k = 0; k < n_held; k++)
            if (!pareto_dominates(m, p, held + k * m))
                memmove(held + m * kept++, held + k * m, (size_t)m * sizeof *held);
        memcpy(held + m * kept, p, (size_t)m * sizeof *p);
        n_held = kept + 1;
        arena_reset(scratch);
        ok = pareto_hypervolume(n_held, m, held, reference, scratch, &volume[i], err);
        volume[i] /= box;
    }
    arena_destroy(scratch);
    return ok;
}
