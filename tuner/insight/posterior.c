#include "tuner/insight/posterior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/search/gp.h"

enum { MOST_FITTED = 400, MOST_BEST = 200, FEWEST = 8 };

typedef struct {
    double score; /* minimized; INFINITY: none */
    int at, number;
} Ranked;

static int by_score(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

double posterior_score(int n, const double *z, const double *y, double at)
{
    int i = 0, j = n - 1;
    while (i < n - 2 && z[i + 1] <= at) i++;
    for (j = i + 1; j < n - 1 && !(z[j] > z[i]); j++) continue;
    if (!(z[j] > z[i])) return y[i];
    return y[i] + (y[j] - y[i]) * (at - z[i]) / (z[j] - z[i]);
}

static int by_mean(const void *a, const void *b)
{
    const PosteriorTrial *x = a, *y = b;
    if (x->mean != y->mean) return x->mean < y->mean ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* The best, and of the others an even sample, moved to the front of `ranked`. */
static int choose(Ranked *ranked, int n)
{
    if (n <= MOST_FITTED) return n;
    int rest = n - MOST_BEST, want = MOST_FITTED - MOST_BEST;
    for (int k = 0; k < want; k++) ranked[MOST_BEST + k] = ranked[MOST_BEST + (int)((int64_t)k * rest / want)];
    return MOST_FITTED;
}

/* The settled trials as points, best first; `u` (n, n_dims) by Ranked.at. */
static bool gather(const Space *space, const TrialRow *rows, int n_rows, bool maximize, Arena *arena,
                   double **u, Ranked **out, int *n, Error *err)
{
    const size_t d = (size_t)space->n_dims;
    Ranked *ranked = ARENA_NEW(arena, Ranked, n_rows + 1);
    *u = arena_alloc(arena, (size_t)n_rows * d + 1, sizeof **u);
    if (!ranked || !*u) return error_memory(err);
    *n = 0;
    for (int i = 0; i < n_rows; i++) { /* one at a time, to know which trial a point is */
        ImportanceInput one;
        if (rows[i].state == TRIAL_PRUNED) continue; /* what it would have come to is not known */
        if (!importance_gather(space, &rows[i], 1, NULL, maximize, arena, &one, err)) return false;
        if (one.n == 0) continue;
        memcpy(*u + (size_t)*n * d, one.u, d * sizeof **u);
        ranked[*n] = (Ranked){one.score[0], *n, rows[i].number};
        ++*n;
    }
    qsort(ranked, (size_t)*n, sizeof *ranked, by_score);
    *out = ranked;
    return true;
}

bool posterior_of(const Space *space, const TrialRow *rows, int n_rows, bool maximize, Arena *arena,
                  Posterior *out, Error *err)
{
    Ranked *ranked = NULL;
    double *u = NULL;
    int n_all = 0;
    *out = (Posterior){.noise = NAN};
    if (space->n_dims == 0) return true;
    if (!gather(space, rows, n_rows, maximize, arena, &u, &ranked, &n_all, err)) return false;
    const size_t d = (size_t)space->n_dims;
    int n = choose(ranked, n_all), n_scored = 0;
    double *x = arena_alloc(arena, (size_t)n * d + 1, sizeof *x), *y = ARENA_NEW(arena, double, n + 1);
    double *z = ARENA_NEW(arena, double, n + 1), *scratch = ARENA_NEW(arena, double, 2 * n + 1);
    if (!x || !y || !z || !scratch) return error_memory(err);
    for (int i = 0; i < n; i++) {
        memcpy(x + (size_t)i * d, u + (size_t)ranked[i].at * d, d * sizeof *x);
        y[i] = isfinite(ranked[i].score) ? ranked[i].score : NAN;
        n_scored += isfinite(ranked[i].score);
    }
    if (n_scored < FEWEST || y[0] == y[n_scored - 1]) return true;
    const GpData data = {.space = space, .n = n, .x = x, .y = y};
    Gp *gp = NULL;
    Error why = {0};
    if (!gp_fit(&data, GP_TREND, arena, &gp, &why)) {
        if (why.code == ERR_NUMERIC) return true;
        if (err) *err = why;
        return false;
    }
    gp_transform(n, y, z, scratch);
    double sign = maximize ? -1 : 1;
    for (int i = 0; i < n_scored && i < POSTERIOR_MOST; i++) {
        double mean, sigma;
        gp_predict(gp, x + (size_t)i * d, &mean, &sigma);
        out->trial[out->n++] =
            (PosteriorTrial){ranked[i].number, y[i], posterior_score(n_scored, z, y, mean),
                             posterior_score(n_scored, z, y, mean - 1.96 * sigma),
                             posterior_score(n_scored, z, y, mean + 1.96 * sigma)};
    }
    qsort(out->trial, (size_t)out->n, sizeof *out->trial, by_mean);
    for (int i = 0; i < out->n; i++) {
        PosteriorTrial *t = &out->trial[i];
        double low = sign * t->low95, high = sign * t->high95;
        *t = (PosteriorTrial){t->number, sign * t->value, sign * t->mean, fmin(low, high), fmax(low, high)};
    }
    out->noise = gp_noise(gp);
    return true;
}

const char *posterior_sentence(const Posterior *posterior, int winner, Arena *arena)
{
    int at = 0;
    if (posterior->n < 2) return "";
    while (at < posterior->n && posterior->trial[at].number != winner) at++;
    if (at == posterior->n) return "";
    const PosteriorTrial *own = &posterior->trial[at], *other = &posterior->trial[at == 0];
    return arena_print(arena, "By a model of all trials, trial %d is worth %.5g (%.5g to %.5g), %s %d %.5g"
                       " (%.5g to %.5g); noise is %.1f %% of what the settings explain.", own->number,
                       own->mean, own->low95, own->high95,
                       at == 0 ? "and the next, trial" : "but trial", other->number, other->mean,
                       other->low95, other->high95, 100 * posterior->noise);
}

Doc *posterior_doc(const Posterior *posterior)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "noise", posterior->noise);
    Doc *list = doc_set(doc, "trials", doc_array());
    for (int i = 0; i < posterior->n; i++) {
        const PosteriorTrial *t = &posterior->trial[i];
        Doc *row = doc_add(list, doc_object());
        doc_set_number(row, "trial", t->number);
        doc_set_number(row, "value", t->value);
        doc_set_number(row, "mean", t->mean);
        doc_set_number(row, "low95", t->low95);
        doc_set_number(row, "high95", t->high95);
    }
    return doc;
}
