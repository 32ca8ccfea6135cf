/* Predictions of ends: a regression a run on those that ended, one age of runs after the other. */
#include "tuner/search/ends.h"

#include <math.h>
#include <stdlib.h>

/* What learning curves in general let expect (bench/NOTES.md, Freeze and thaw): the gain of a doubling in
 * shares of the one before, how sure that is, and the constant's standard deviation; an error of a prediction
 * three doublings before the end, and for how many that counts. */
static const double ratio = 0.5, ratio_error = 0.7, constant_error = 0.2;
static const double general_error = 0.2, n_general = 3;

/* A run that ended, when it was as old as those that are looked at. */
typedef struct {
    double x, s, gain; /* in the scores' unit */
    int at;
} Peer;

/* All that have one age. */
typedef struct {
    int age, full; /* epochs they had, and could have had */
    double scale;
    int n_peers;
    const Peer *peers; /* by x */
} Age;

static double best_until(const Seen *run, int epoch)
{
    double best = INFINITY;
    for (int i = 0; i < epoch && i < run->n_curve; i++)
        if (run->curve[i] < best) best = run->curve[i];
    return best;
}

static bool waits(const Seen *run)
{
    return run->state == SEEN_PRUNED && run->n_curve > 0 && isfinite(run->score);
}

/* Epochs it could have had. */
static int whole(const Seen *run)
{
    double full = run->share > 0 ? floor(run->n_curve / run->share + 0.5) : run->n_curve;
    return full > run->n_curve && full < 1e9 ? (int)full : run->n_curve;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int by_x(const void *a, const void *b)
{
    const Peer *x = a, *y = b;
    if (x->x != y->x) return x->x < y->x ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Who had this age, and what became of those that ended. `x` (n) is scratch. */
static void look_at(Age *age, const Seen *seen, int n, const int *rows, double *x, Peer *peers)
{
    int n_x = 0, m = 0;
    for (int i = 0; i < n; i++) {
        const Seen *run = &seen[rows[i]];
        if (run->n_curve == 0 || !isfinite(run->score)) continue;
        const int then = (int)fmax(1, floor((double)age->age * whole(run) / age->full + 0.5));
        if (then > run->n_curve) continue;
        const double there = best_until(run, then);
        if (!isfinite(there)) continue;
        x[n_x++] = there;
        if (run->state != SEEN_DONE || then == run->n_curve) continue;
        const double before = best_until(run, (then + 1) / 2);
        peers[m++] = (Peer){there, isfinite(before) ? before - there : 0, there - run->score, rows[i]};
    }
    qsort(x, (size_t)n_x, sizeof *x, by_size);
    qsort(peers, (size_t)m, sizeof *peers, by_x);
    age->scale = n_x > 0 ? x[n_x / 2] - x[0] : 0;
    age->n_peers = m;
    age->peers = peers;
}

/* The first of the ENDS_PEERS nearest in x; *n of them. */
static const Peer *nearest(const Age *age, double x, int *n)
{
    int low = 0, high = age->n_peers;
    *n = high;
    while (high - low > ENDS_PEERS) {
        if (fabs(age->peers[low].x - x) > fabs(age->peers[high - 1].x - x)) low++;
        else high--;
    }
    *n = high - low;
    return age->peers + low;
}

static End predict(const Age *age, const Seen *run)
{
    const double x = best_until(run, age->age), before = best_until(run, (age->age + 1) / 2), unit = age->scale;
    if (!(unit > 0)) return (End){x, 0};
    const double s = isfinite(before) ? (before - x) / unit : 0, doublings = log2((double)age->full / age->age);
    const double c0 = ratio * (1 - pow(ratio, doublings)) / (1 - ratio);
    const double general = general_error * general_error * fmin(1, doublings / 3);
    if (!(c0 > 0)) return (End){x, 0}; /* it had all its epochs */
    /* Precision of (c, b), and precision times mean. */
    double cc = 1 / pow(ratio_error * c0, 2), cb = 0, bb = 1 / pow(constant_error, 2), rc = c0 * cc, rb = 0;
    int n;
    const Peer *peers = nearest(age, x, &n);
    for (int j = 0; j < n; j++) {
        const double sj = peers[j].s / unit, gain = peers[j].gain / unit;
        const double w = exp(-2 * fabs(peers[j].x - x) / unit) / general;
        cc += w * sj * sj, cb += w * sj, bb += w, rc += w * sj * gain, rb += w * gain;
    }
    const double det = cc * bb - cb * cb, c = (bb * rc - cb * rb) / det, b = (cc * rb - cb * rc) / det;
    double squares = n_general * general, weights = n_general;
    for (int j = 0; j < n; j++) {
        const double w = exp(-fabs(peers[j].x - x) / unit);
        const double off = (peers[j].gain - c * peers[j].s) / unit - b;
        squares += w * off * off, weights += w;
    }
    const double v = squares / weights;
    return (End){.mean = x - unit * fmax(0, c * s + b),
                 .variance = unit * unit * (v + v / general * (bb * s * s - 2 * cb * s + cc) / det)};
}

bool ends_predict(const Seen *seen, int n, const int *rows, Arena *arena, End *out, Error *err)
{
    bool *done = ARENA_NEW(arena, bool, n + 1);
    double *x = ARENA_NEW(arena, double, n + 1);
    Peer *peers = ARENA_NEW(arena, Peer, n + 1);
    if (!done || !x || !peers) return error_memory(err);
    for (int i = 0; i < n; i++) {
        const Seen *run = &seen[rows[i]];
        if (done[i]) continue;
        out[i] = (End){NAN, 0};
        if (!waits(run)) continue;
        Age age = {.age = run->n_curve, .full = whole(run)};
        look_at(&age, seen, n, rows, x, peers);
        for (int j = i; j < n; j++) {
            const Seen *other = &seen[rows[j]];
            if (!waits(other) || other->n_curve != age.age || whole(other) != age.full) continue;
            out[j] = predict(&age, other);
            done[j] = true;
        }
    }
    return true;
}
