/* The completion of stopped trials as completion.h has it: those with a curve by pairs, the others by rank. */
#include "tuner/search/completion.h"

#include <math.h>
#include <stdlib.h>

#include "tuner/search/ends.h"

/* Pairs that what is known of learning curves in general counts for, beside the pairs of this study. */
static const double prior_pairs = 1;

/* How well the order of runs at this share of their epochs agrees with the final order: Spearman's
 * rho, measured on learning curves of 52 epochs (bench/NOTES.md, Early epochs). */
static double rank_agreement(double share)
{
    static const double at[] = {2. / 52, 3. / 52, 5. / 52, 10. / 52, 17. / 52, 26. / 52, 1};
    static const double rho[] = {0.67, 0.73, 0.80, 0.87, 0.91, 0.95, 1};
    if (!(share > at[0])) return rho[0];
    int i = 1;
    while (i < 6 && share > at[i]) i++;
    double t = fmin(1, log(share / at[i - 1]) / log(at[i] / at[i - 1]));
    return rho[i - 1] + t * (rho[i] - rho[i - 1]);
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Between the quartiles of n values, which are sorted in place; 0 where there are none. */
static double spread(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, by_value);
    return n > 0 ? values[3 * (n - 1) / 4] - values[(n - 1) / 4] : 0;
}

static double best_until(const Seen *run, int epoch)
{
    double best = INFINITY;
    for (int i = 0; i < epoch && i < run->n_curve; i++)
        if (run->curve[i] < best) best = run->curve[i];
    return best;
}

/* A trial that came to the end, or, while nobody did, to the epoch `oldest`. */
static bool arrived(const Seen *run, int oldest, double *y)
{
    if (run->n_curve == 0) return false;
    if (oldest == 0 ? run->state != SEEN_DONE : run->n_curve < oldest) return false;
    *y = oldest == 0 ? run->score : best_until(run, oldest);
    return isfinite(*y);
}

typedef struct { double x, y; } Pair;

/* y of a run that had x at an age where others had (x, y). */
static double gained(double x, int n, const Pair *pairs, double width)
{
    double nearest = INFINITY, sum = 0, gain = 0;
    for (int j = 0; j < n; j++) nearest = fmin(nearest, fabs(pairs[j].x - x));
    for (int j = 0; j < n; j++) {
        double away = fabs(pairs[j].x - x) - nearest;
        double w = width > 0 ? exp(-away / width) : away == 0;
        sum += w;
        gain += w * (pairs[j].x - pairs[j].y);
    }
    return x - gain / sum;
}

/* Mean square of what a run's y was off, had the other pairs been asked. */
static double error_of(int n, Pair *pairs, double width)
{
    double sum = 0;
    for (int j = 0; n > 1 && j < n; j++) {
        Pair left = pairs[j];
        pairs[j] = pairs[n - 1];
        double off = gained(left.x, n - 1, pairs, width) - left.y;
        pairs[j] = left;
        sum += off * off;
    }
    return n > 1 ? sum / n : 0;
}

/* The trials that are to be completed: which of ask->seen; the epoch to which all are taken, 0: the end; and
 * what comes out. */
typedef struct {
    const Ask *ask;
    int n;
    const int *rows;
    int oldest;
    double *y; /* (n) */
} Runs;

/* Those of one age: their y, and how uncertain it is in the scores' own unit, squared. */
static bool complete_age(const Runs *runs, int age, double *off, int *n_pairs, Arena *arena, Error *err)
{
    const int n = runs->n, oldest = runs->oldest;
    Pair *pairs = ARENA_NEW(arena, Pair, n);
    double *x = ARENA_NEW(arena, double, n);
    int m = 0, k = 0;
    if (!pairs || !x) return error_memory(err);
    for (int i = 0; i < n; i++) {
        const Seen *run = &runs->ask->seen[runs->rows[i]];
        Pair pair = {.x = best_until(run, age)};
        if (!isfinite(pair.x) || (run->n_curve < age && run->state != SEEN_DONE)) continue;
        x[k++] = pair.x;
        if (arrived(run, oldest, &pair.y)) pairs[m++] = pair;
    }
    double width = spread(x, k) / 8;
    *off = error_of(m, pairs, width);
    *n_pairs = m;
    for (int i = 0; m > 0 && i < n; i++) {
        const Seen *run = &runs->ask->seen[runs->rows[i]];
        double there;
        if (run->state != SEEN_PRUNED || run->n_curve != age || arrived(run, oldest, &there)) continue;
        if (isfinite(run->score)) runs->y[i] = gained(run->score, m, pairs, width);
    }
    return true;
}

static bool complete_curves(const Ask *ask, int n, const int *rows, double *y, double *extra, Arena *arena,
                            Error *err)
{
    int oldest = 0, longest = 0;
    bool any_end = false;
    for (int i = 0; i < n; i++) {
        const Seen *run = &ask->seen[rows[i]];
        double end;
        any_end |= arrived(run, 0, &end);
        if (run->state == SEEN_PRUNED && run->n_curve > oldest) oldest = run->n_curve;
    }
    longest = oldest;
    if (any_end) oldest = 0;
    const Runs runs = {.ask = ask, .n = n, .rows = rows, .oldest = oldest, .y = y};
    double *off = ARENA_NEW(arena, double, longest + 1), *sorted = ARENA_NEW(arena, double, n);
    int *n_pairs = ARENA_NEW(arena, int, longest + 1), n_sorted = 0;
    if (!off || !n_pairs || !sorted) return error_memory(err);
    for (int age = 1; age <= longest; age++) {
        bool there = false;
        for (int i = 0; i < n && !there; i++) {
            const Seen *run = &ask->seen[rows[i]];
            there = run->state == SEEN_PRUNED && run->n_curve == age;
        }
        if (there && !complete_age(&runs, age, &off[age], &n_pairs[age], arena, err))
            return false;
    }
    for (int i = 0; i < n; i++)
        if (isfinite(y[i])) sorted[n_sorted++] = y[i];
    double scale = spread(sorted, n_sorted) / 1.349; /* of a normal distribution: its standard deviation */
    for (int i = 0; i < n; i++) {
        const Seen *run = &ask->seen[rows[i]];
        if (run->state != SEEN_PRUNED || run->n_curve == 0) continue;
        double rho = rank_agreement(run->share), m = n_pairs[run->n_curve];
        double seen = scale > 0 && m > 1 ? fmin(1, off[run->n_curve] / (scale * scale)) : 1 - rho * rho;
        extra[i] = (m * seen + prior_pairs * (1 - rho * rho)) / (m + prior_pairs);
    }
    return true;
}

/* The same as ends.h predicts them. */
static bool complete_ends(const Ask *ask, int n, const int *rows, double *y, double *extra, Arena *arena,
                          Error *err)
{
    End *ends = ARENA_NEW(arena, End, n);
    double *sorted = ARENA_NEW(arena, double, n);
    int n_sorted = 0;
    if (!ends || !sorted) return error_memory(err);
    if (!ends_predict(ask->seen, n, rows, arena, ends, err)) return false;
    for (int i = 0; i < n; i++) {
        if (!isnan(ends[i].mean)) y[i] = ends[i].mean;
        if (isfinite(y[i])) sorted[n_sorted++] = y[i];
    }
    const double scale = spread(sorted, n_sorted) / 1.349;
    for (int i = 0; i < n; i++)
        if (!isnan(ends[i].mean)) extra[i] = scale > 0 ? fmin(1, ends[i].variance / (scale * scale)) : 0;
    return true;
}

/* Those whose end was foretold already: how uncertain that is. */
static bool complete_foretold(const Ask *ask, int n, const int *rows, const double *y, double *extra,
                              Arena *arena, Error *err)
{
    double *sorted = ARENA_NEW(arena, double, n);
    int n_sorted = 0;
    if (!sorted) return error_memory(err);
    for (int i = 0; i < n; i++)
        if (isfinite(y[i])) sorted[n_sorted++] = y[i];
    const double scale = spread(sorted, n_sorted) / 1.349;
    for (int i = 0; i < n; i++) {
        const Seen *run = &ask->seen[rows[i]];
        if (run->state != SEEN_PRUNED || !(run->off > 0)) continue;
        const double share = run->off / scale;
        extra[i] = scale > 0 ? fmin(1, share * share) : 1;
    }
    return true;
}

/* Those without a curve. */
static bool complete_ranks(const Ask *ask, int n, const int *rows, double *y, double *extra, Arena *arena,
                           Error *err)
{
    double *finals = ARENA_NEW(arena, double, n);
    int n_finals = 0;
    if (!finals) return error_memory(err);
    for (int i = 0; i < n; i++)
        if (ask->seen[rows[i]].state == SEEN_DONE && isfinite(y[i])) finals[n_finals++] = y[i];
    qsort(finals, (size_t)n_finals, sizeof *finals, by_value);
    for (int i = 0; i < n; i++) {
        const Seen *run = &ask->seen[rows[i]];
        if (run->state != SEEN_PRUNED || run->n_curve > 0 || run->off > 0 || !isfinite(run->score)) continue;
        double rho = rank_agreement(run->share), better = 0, peers = 0;
        extra[i] = 1 - rho * rho;
        for (int j = 0; j < n; j++) {
            const Seen *other = &ask->seen[rows[j]];
            if (other->state != SEEN_PRUNED || !isfinite(other->score)) continue;
            if (fabs(log(other->share / run->share)) > 0.3) continue;
            peers++;
            better += other->score < run->score ? 1 : other->score == run->score ? 0.5 : 0;
        }
        if (n_finals < 2) continue;
        double quantile = 0.5 + 0.5 * better / peers; /* itself counts half */
        int at = (int)(quantile * (n_finals - 1) + 0.5);
        y[i] = fmin(run->score, finals[at]);
    }
    return true;
}

bool complete_stopped(const Ask *ask, int n, const int *rows, double *y, double *extra, Arena *arena,
                      Error *err)
{
    return (ask->thaws ? complete_ends : complete_curves)(ask, n, rows, y, extra, arena, err)
        && complete_foretold(ask, n, rows, y, extra, arena, err)
        && complete_ranks(ask, n, rows, y, extra, arena, err);
}
