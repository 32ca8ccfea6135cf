/* Reading of curves, and completion by way of what a sampler is shown. */
#include "tuner/insight/curves.h"

#include <math.h>

#include "tuner/search/completion.h"

bool curves_read(Store *store, const TrialRow *rows, int n_rows, bool maximize, bool stopped, Arena *arena,
                 TrialCurve *out, Error *err)
{
    int wanted = 0, at = 0;
    for (int i = 0; i < n_rows; i++) {
        out[i] = (TrialCurve){0};
        wanted += rows[i].state == TRIAL_COMPLETE || (stopped && rows[i].state == TRIAL_PRUNED);
    }
    for (int i = 0; i < n_rows; i++) {
        if (rows[i].state != TRIAL_COMPLETE && !(stopped && rows[i].state == TRIAL_PRUNED)) continue;
        int64_t place = at++, most = CURVES_MOST;
        if (wanted > most && (place + 1) * most / wanted == place * most / wanted) continue;
        EpochRow *epochs;
        int n, n_kept = 0;
        if (!store_epochs(store, rows[i].id, arena, &epochs, &n, err)) return false;
        double *value = ARENA_NEW(arena, double, n + 1);
        if (!value) return error_memory(err);
        for (int e = 0; e < n; e++)
            if (epochs[e].fold == 0) value[n_kept++] = maximize ? -epochs[e].val_metric : epochs[e].val_metric;
        out[i] = (TrialCurve){n_kept, value};
    }
    return true;
}

bool curves_complete(Store *store, const TrialRow *rows, int n_rows, Points *points, Arena *arena, Error *err)
{
    const int n = points->n, d = points->space->n_dims;
    TrialCurve *curves = ARENA_NEW(arena, TrialCurve, n_rows + 1);
    Seen *seen = ARENA_NEW(arena, Seen, n + 1);
    int *which = ARENA_NEW(arena, int, n + 1), n_known = 0, longest = 1;
    double *y = ARENA_NEW(arena, double, n + 1), *extra = ARENA_NEW(arena, double, n + 1);
    double *stopped = ARENA_NEW(arena, double, n + 1), *noise = ARENA_NEW(arena, double, n + 1);
    bool any = false;
    if (!curves || !seen || !which || !y || !extra || !stopped || !noise) return error_memory(err);
    for (int i = 0; i < n; i++) any |= !isnan(points->stopped[i]);
    if (!any) return true;
    if (!curves_read(store, rows, n_rows, points->maximize, true, arena, curves, err)) return false;
    for (int i = 0; i < n; i++)
        if (curves[points->row[i]].n > longest) longest = curves[points->row[i]].n;
    for (int i = 0; i < n; i++) {
        const TrialCurve *curve = &curves[points->row[i]];
        const bool was_stopped = !isnan(points->stopped[i]);
        stopped[i] = was_stopped ? INFINITY : NAN;
        if (was_stopped ? !isfinite(points->stopped[i])
            || curve->n == 0 : !isfinite(points->score[i])) continue;
        y[n_known] = was_stopped ? points->stopped[i] : points->score[i];
        seen[n_known] = (Seen){.number = (uint32_t)i, .state = was_stopped ? SEEN_PRUNED : SEEN_DONE,
                               .u = points->u + (size_t)i * (size_t)d, .score = y[n_known],
                               .share = was_stopped ? (double)curve->n / longest : 1,
                               .n_curve = curve->n, .curve = curve->value};
        which[n_known] = n_known;
        n_known++;
    }
    const Ask ask = {.space = points->space, .n_seen = n_known, .seen = seen};
    if (!complete_stopped(&ask, n_known, which, y, extra, arena, err)) return false;
    for (int k = 0; k < n_known; k++) {
        const int i = (int)seen[k].number;
        if (seen[k].state != SEEN_PRUNED) continue;
        stopped[i] = y[k];
        noise[i] = 1 - seen[k].share;
    }
    points->stopped = stopped;
    points->extra = noise;
    return true;
}
