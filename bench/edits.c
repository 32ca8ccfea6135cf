/* bench/edits.c - is it worth anything to go on with a study whose space was edited?
 *
 *     edits [SEEDS, default 10] [METHOD, default bayes] [FIRST SEED, default 0]
 *
 * Three functions of five numbers (a bent bowl, Levy, Ackley) whose optimum lies elsewhere for each seed. 25
 * trials, then an edit, then 25 more. A row an edit, and of each three ways to go on: `edit`, the study goes
 * on and all of its trials are evidence; `inside`, another study in the new space that was given those trials
 * which lie in it; `fresh`, another study that knows nothing. What is said is the mean regret, against the best
 * of the new space, of the trials after the edit (1: the best of ten random points there) after 5, 10 and 25 of
 * them, and behind `edit` how many runs were better and worse than `inside` after 10.
 *     wider    a range was half as wide as it is now, and the optimum lies in the other half
 *     narrow   two ranges become a quarter as wide, around the best so far
 *     fixed    two parameters are fixed at what the best so far has of them
 *     added    a parameter is added, which all trials had at the middle
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat.h"
#include "tuner/search/samplers.h"

enum { D = 5, BEFORE = 25, AFTER = 25, N_AT = 3 };
static const int at[N_AT] = {5, 10, 25};
typedef enum { WIDER, NARROW, FIXED, ADDED, N_EDITS } EditKind;
static const char *const edit_names[] = {"wider", "narrow", "fixed", "added"};
typedef enum { EDIT, INSIDE, FRESH, N_WAYS } Way;
static const char *const way_names[] = {"edit", "inside", "fresh"};
enum { BOWL, LEVY, ACKLEY, N_FUNCTIONS };

static void die(const Error *err)
{
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

static double value_at(int function, const double *x, const double *o)
{
    double sum = 0, waves = 0;
    switch (function) {
    case BOWL:
        for (int k = 0; k < D; k++)
            sum += pow(2, k) * pow(x[k] - o[k] + (k ? 0.3 * (x[k - 1] - o[k - 1]) : 0), 2);
        return sum;
    case LEVY:
        for (int k = 0; k < D; k++) {
            const double w = 1 + 3 * (x[k] - o[k]);
            sum += pow(w - 1, 2) * (1 + 10 * pow(sin(M_PI * w + 1), 2));
        }
        return sum;
    default:
        for (int k = 0; k < D; k++) {
            const double z = 8 * (x[k] - o[k]);
            sum += z * z;
            waves += cos(2 * M_PI * z);
        }
        return 20 - 20 * exp(-0.2 * sqrt(sum / D)) + M_E - exp(waves / D);
    }
}

static Space *space_of(const char *text, Arena *arena)
{
    ConfNode *node;
    Space *space;
    Error err = {0};
    if (!conf_read_value("space", text, arena, &node, &err)
        || !space_read(node, NULL, NULL, arena, &space, &err))
        die(&err);
    return space;
}

/* Values of all parameters by name: x0 ... x4; what a space has not got is 0.5. */
static void x_of(const Space *space, const double *u, double *x)
{
    Value values[SPACE_MAX_PARAMS];
    space_decode(space, u, values);
    for (int k = 0; k < D; k++) {
        char name[8];
        snprintf(name, sizeof name, "x%d", k);
        const int i = space_find(space, name);
        x[k] = i < 0 || values[i].kind == VALUE_NONE ? 0.5 : values[i].number;
    }
}

enum { MOST = BEFORE + AFTER };
typedef struct {
    const Space *space;
    int n;
    double u[MOST][D], x[MOST][D], y[MOST];
} Run;

static bool accept(void *context, const double *u)
{
    const Run *run = context;
    Value values[SPACE_MAX_PARAMS];
    space_decode(run->space, u, values);
    for (int i = 0; i < run->n; i++)
        if (memcmp(run->u[i], u, (size_t)run->space->n_dims * sizeof *u) == 0) return false;
    return space_offers(run->space, values);
}

static void go_on(const Sampler *sampler, Run *run, int until, uint64_t seed, int function, const double *o)
{
    Seen seen[BEFORE + AFTER];
    for (; run->n < until; run->n++) {
        Error err = {0};
        Arena *arena = arena_create(0);
        for (int i = 0; i < run->n; i++)
            seen[i] = (Seen){.number = (uint32_t)i, .state = SEEN_DONE, .u = run->u[i], .score = run->y[i],
                             .share = 1};
        const Ask ask = {.space = run->space, .seed = seed, .number = (uint32_t)run->n, .n_seen = run->n,
                         .seen = seen, .accept = accept, .context = run};
        AskResult result;
        Trace trace;
        if (!sampler->ask(&ask, arena, run->u[run->n], &trace, &result, &err)) die(&err);
        arena_destroy(arena);
        x_of(run->space, run->u[run->n], run->x[run->n]);
        run->y[run->n] = value_at(function, run->x[run->n], o);
    }
}

/* The trials of `from`, as far as the space has a place for them. */
static void take(Run *run, const Run *from)
{
    run->n = 0;
    for (int i = 0; i < from->n; i++) {
        Value values[SPACE_MAX_PARAMS], back[SPACE_MAX_PARAMS];
        bool inside = true;
        for (int p = 0; p < run->space->n_params; p++)
            values[p] = value_real(from->x[i][run->space->params[p].name[1] - '0']);
        if (!space_encode(run->space, values, run->u[run->n])) continue;
        space_decode(run->space, run->u[run->n], back);
        for (int p = 0; p < run->space->n_params; p++)
            inside = inside && fabs(back[p].number - values[p].number) < 1e-6;
        if (!inside) continue;
        memcpy(run->x[run->n], from->x[i], sizeof run->x[0]);
        run->y[run->n++] = from->y[i];
    }
}

/* The spaces before the edit, after it alone, and of both; `best` (D): the best of before. */
static void texts_of(EditKind kind, const double *best, char *before, char *alone, char *both, size_t size)
{
    size_t n[3] = {0};
    char *text[3] = {before, alone, both};
    for (int k = 0; k < D; k++) {
        char part[3][120];
        for (int t = 0; t < 3; t++) snprintf(part[t], sizeof part[t], "x%d: {min: 0.0, max: 1.0}", k);
        const double low = fmin(fmax(best[k] - 0.125, 0), 0.75);
        if (kind == WIDER && k == 0) snprintf(part[0], sizeof part[0], "x0: {min: 0.0, max: 0.5}");
        if (kind == NARROW && k < 2) {
            snprintf(part[1], sizeof part[1], "x%d: {distribution: uniform, min: %.6f, max: %.6f}", k, low,
                     low + 0.25);
            snprintf(part[2], sizeof part[2], "x%d: {min: 0.0, max: 1.0, only: {min: %.6f, max: %.6f}}", k, low,
                     low + 0.25);
        }
        if (kind == FIXED && k < 2) {
            snprintf(part[1], sizeof part[1], "x%d: {value: %.7f}", k, best[k]);
            snprintf(part[2], sizeof part[2], "x%d: {min: 0.0, max: 1.0, only: {value: %.7f}}", k, best[k]);
        }
        if (kind == ADDED && k == 4) {
            part[0][0] = '\0';
            snprintf(part[2], sizeof part[2], "x4: {min: 0.0, max: 1.0, before: 0.5}");
        }
        for (int t = 0; t < 3; t++)
            if (part[t][0])
                n[t] += (size_t)snprintf(text[t] + n[t], size - n[t], "%s%s", n[t] ? ", " : "{", part[t]);
    }
    for (int t = 0; t < 3; t++) snprintf(text[t] + n[t], size - n[t], "}");
}

/* Of points drawn in a space the best of ten, on average, and the least that was seen of a hundred thousand. */
static void scale_of(const Space *space, int function, const double *o, double *random, double *least)
{
    Rng rng = rng_stream(77, 0, RNG_TEST);
    double sum = 0, ten = INFINITY;
    *least = INFINITY;
    for (int i = 0; i < 100000; i++) {
        double u[D], x[D];
        for (int k = 0; k < space->n_dims; k++) u[k] = rng_uniform(&rng);
        x_of(space, u, x);
        const double y = value_at(function, x, o);
        *least = fmin(*least, y);
        ten = fmin(ten, y);
        if (i < 1000 && i % 10 == 9) sum += ten, ten = INFINITY;
        if (i >= 1000) ten = INFINITY;
    }
    double u[D], x[D]; /* the optimum itself, or what is nearest to it */
    Value values[SPACE_MAX_PARAMS];
    for (int p = 0; p < space->n_params; p++)
        values[p] = space->params[p].dim < 0 ? space->params[p].choices[0]
                                             : value_real(o[space->params[p].name[1] - '0']);
    space_encode(space, values, u);
    x_of(space, u, x);
    *least = fmin(*least, value_at(function, x, o));
    *random = sum / 100;
}

static void one(const Sampler *sampler, EditKind kind, int function, uint64_t seed, double regret[N_WAYS][N_AT])
{
    static Run before, after;
    char text[3][700];
    double o[D], random, least, middle[D] = {0.5, 0.5, 0.5, 0.5, 0.5};
    Rng rng = rng_stream(seed, (uint32_t)(function + 10 * (int)kind), RNG_TEST);
    for (int k = 0; k < D; k++) o[k] = 0.1 + 0.8 * rng_uniform(&rng);
    if (kind == WIDER) o[0] = 0.55 + 0.4 * rng_uniform(&rng);
    Arena *arena = arena_create(0);
    texts_of(kind, middle, text[0], text[1], text[2], sizeof text[0]);
    before = (Run){.space = space_of(text[0], arena)};
    go_on(sampler, &before, BEFORE, seed, function, o);
    int best = 0;
    for (int i = 1; i < before.n; i++)
        if (before.y[i] < before.y[best]) best = i;
    texts_of(kind, before.x[best], text[0], text[1], text[2], sizeof text[0]);
    const Space *alone = space_of(text[1], arena), *both = space_of(text[2], arena);
    scale_of(alone, function, o, &random, &least);
    for (int way = 0; way < N_WAYS; way++) {
        after = (Run){.space = way == EDIT ? both : alone};
        if (way != FRESH) take(&after, &before);
        const int from = after.n;
        go_on(sampler, &after, from + AFTER, seed + 1000, function, o);
        double found = INFINITY;
        for (int i = 0, a = 0; i < AFTER; i++) {
            found = fmin(found, after.y[from + i]);
            if (i + 1 == at[a]) regret[way][a++] = fmax(0, found - least) / (random - least);
        }
    }
    arena_destroy(arena);
}

int main(int argc, char **argv)
{
    Error err = {0};
    const int seeds = argc > 1 ? atoi(argv[1]) : 10, first = argc > 3 ? atoi(argv[3]) : 0;
    const Sampler *sampler = sampler_find(argc > 2 ? argv[2] : "bayes");
    if (!sampler || !mat_init(&err)) return 1;
    printf("%-8s %-8s %8d %8d %8d\n", "edit", "way", at[0], at[1], at[2]);
    for (int kind = 0; kind < N_EDITS; kind++) {
        double sum[N_WAYS][N_AT] = {{0}};
        int better = 0, worse = 0;
        for (int seed = first; seed < first + seeds; seed++)
            for (int function = 0; function < N_FUNCTIONS; function++) {
                double regret[N_WAYS][N_AT];
                one(sampler, (EditKind)kind, function, (uint64_t)seed, regret);
                better += regret[EDIT][1] < regret[INSIDE][1];
                worse += regret[EDIT][1] > regret[INSIDE][1];
                for (int w = 0; w < N_WAYS; w++)
                    for (int a = 0; a < N_AT; a++) sum[w][a] += regret[w][a] / (seeds * N_FUNCTIONS);
            }
        for (int w = 0; w < N_WAYS; w++) {
            printf("%-8s %-8s %8.3f %8.3f %8.3f", edit_names[kind], way_names[w], sum[w][0], sum[w][1],
                   sum[w][2]);
            if (w == EDIT) printf("  %d:%d", better, worse);
            printf("\n");
        }
        fflush(stdout);
    }
    return 0;
}
