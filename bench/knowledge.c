/* bench/knowledge.c - do priors and earlier studies help when they are right, and do no harm when they are not?
 *
 *     knowledge priors|transfer [SEEDS, default 10] [METHOD, default bayes] [FIRST SEED, default 0] [KIND]
 *
 * Six functions whose optimum lies elsewhere for each seed: a steep bowl, Levy, Ackley, Rastrigin, one of
 * numbers, words and whole numbers together, and a plateau with a hole. A row a kind of knowledge: mean
 * regret after 10, 25, 50 and 100 trials (0 is the optimum, 1 the best of ten random points), and behind
 * each how many runs were better and worse than without it on the same seed.
 *     priors    a guess for each parameter: right (a twentieth of the range off, high confidence), vague (a
 *               tenth, medium), off (a quarter, high), wrong (the other end, high)
 *     transfer  50 trials of an earlier study: related (its optimum a fifteenth of the range off, other
 *               scores), half (the same, and it knew half of the parameters), far (a third off), unrelated,
 *               and unrelated beside related
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mat.h"
#include "base/rng.h"
#include "base/text.h"
#include "tuner/search/ask_tell.h"
#include "tuner/search/samplers.h"
#include "tuner/search/transfer.h"

enum { TRIALS = 100, BEFORE = 50, N_AT = 4, MOST_D = 6 };
static const int at[N_AT] = {10, 25, 50, 100};
static const char *const words[] = {"a", "b", "c", "d"};

#define FAMILY_LIST(X) X(BOWL, "bowl5") X(LEVY, "levy5") X(ACKLEY, "ackley4") X(RASTRIGIN, "rastrigin3") \
    X(MIXED, "mixed6") X(PLATEAU, "plateau5")
enum { FAMILY_LIST(LIST_ID) N_FAMILIES };
static const char *const family_names[] = {FAMILY_LIST(LIST_NAME) NULL};
static const int family_dims[N_FAMILIES] = {5, 5, 4, 3, 6, 5};

static void die(const Error *err)
{
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

/* ---- functions: u and the optimum o in [0, 1]^d; of MIXED, 4 is a word (its number) and 5 a whole number
 * ---- */

static double value_of(int family, const double *u, const double *o)
{
    const int d = family_dims[family];
    double sum = 0, product = 0;
    switch (family) {
    case BOWL:
        for (int k = 0; k < d; k++) sum += pow(3, k) * pow(u[k] - o[k] + (k ? 0.3 * (u[k - 1] - o[k - 1]) : 0),
                                                           2);
        return sum;
    case LEVY: {
        double w[MOST_D];
        for (int k = 0; k < d; k++) w[k] = 1 + 4 * (u[k] - o[k]);
        sum = pow(sin(M_PI * w[0]), 2);
        for (int k = 0; k < d - 1; k++) sum += pow(w[k] - 1, 2) * (1 + 10 * pow(sin(M_PI * w[k] + 1), 2));
        return sum + pow(w[d - 1] - 1, 2) * (1 + pow(sin(2 * M_PI * w[d - 1]), 2));
    }
    case ACKLEY:
        for (int k = 0; k < d; k++) {
            const double z = 10 * (u[k] - o[k]);
            sum += z * z / d, product += cos(2 * M_PI * z) / d;
        }
        return -20 * exp(-0.2 * sqrt(sum)) - exp(product) + 20 + M_E;
    case RASTRIGIN:
        for (int k = 0; k < d; k++) {
            const double z = 4 * (u[k] - o[k]);
            sum += z * z + 3 * (1 - cos(2 * M_PI * z));
        }
        return sum;
    case MIXED: {
        const int word = (int)(4 * u[4]), best = (int)(4 * o[4]), other = (word - best + 4) % 4;
        static const double worse[4] = {0, 0.1, 0.3, 0.15};
        for (int k = 0; k < 4; k++) sum += (k + 1) * pow(u[k] - o[k] - (k < 2 ? 0.15 * other : 0), 2);
        return sum + worse[other] + 2 * pow(floor(16 * u[5]) / 16 - floor(16 * o[5]) / 16, 2);
    }
    default:
        for (int k = 0; k < d; k++) sum += pow(u[k] - o[k], 2);
        return 1 - exp(-sum / 0.18) + 0.05 * sum;
    }
}

/* ---- spaces ---------------------------------------------------------------------------------------- */

/* A guess `away` from the optimum on each coordinate; away 0: no prior, 9: the other end. */
static Space *space_of(int family, const double *o, double away, const char *confidence, Rng *rng, Arena *arena)
{
    Text yaml = {0};
    Conf *conf;
    Space *space;
    Error err;
    for (int k = 0; k < family_dims[family]; k++) {
        double guess = o[k] + away * rng_normal(rng);
        if (away == 9) guess = o[k] < 0.5 ? 0.95 : 0.05;
        guess = fmin(fmax(guess, 0), 1 - 1e-9);
        const bool word = family == MIXED && k == 4, whole = family == MIXED && k == 5;
        if (word && away < 0.2) guess = o[k];
        else if (word) guess = fmod(o[k] + 0.5, 1);
        text_print(&yaml, "p%d: {%s", k, word ? "values: [a, b, c, d]" : whole ? "min: 0, max: 15"
                   : "min: 0.0, max: 1.0");
        if (away > 0 && word) text_print(&yaml, ", prior: {value: %s, confidence: %s}",
                                         words[(int)(4 * guess)], confidence);
        else if (away > 0) text_print(&yaml, ", prior: {value: %.6f, confidence: %s}", whole
                                      ? floor(16 * guess) : guess, confidence);
        text_add(&yaml, "}\n");
    }
    if (!conf_read_text("space", yaml.bytes, yaml.n, arena, &conf, &err)
        || !space_read(conf->root, NULL, NULL, arena, &space, &err))
        die(&err);
    text_free(&yaml);
    return space;
}

static void optimum(int family, Rng *rng, double *o)
{
    for (int k = 0; k < family_dims[family]; k++) o[k] = 0.1 + 0.8 * rng_uniform(rng);
}

/* Somewhere near it: words stay. */
static void moved(int family, const double *o, double away, Rng *rng, double *out)
{
    for (int k = 0; k < family_dims[family]; k++) {
        const double step = away * rng_normal(rng);
        out[k] = family == MIXED && k == 4 ? o[k] : fmin(fmax(o[k] + step, 0.02), 0.98);
    }
}

/* ---- one search ---------------------------------------------------------------------------------------- */

typedef struct {
    int n;
    double u[TRIALS * MOST_D], score[TRIALS], best[N_AT];
} Run;

/* `fixed` (d) or NULL: coordinates from this one on stay there. */
static void search(int family, const Space *space, const double *o, const char *method, uint64_t seed, int n,
                   const Transfer *transfer, const double *fixed, int from, Run *out)
{
    AskTell *ask;
    Error err;
    Trace trace;
    AskResult result;
    Value values[MOST_D];
    const int d = space->n_dims;
    double best = INFINITY;
    if (!ask_tell_create(space, sampler_find(method), seed, &ask, &err)) die(&err);
    ask_tell_transfer(ask, transfer);
    out->n = n;
    for (int i = 0; i < n; i++) {
        int id;
        double *u = out->u + i * d, point[MOST_D];
        if (!ask_tell_ask(ask, &id, values, &trace, &result, &err)) die(&err);
        space_encode(space, values, u);
        memcpy(point, u, (size_t)d * sizeof *u);
        for (int k = from; fixed && k < d; k++) point[k] = fixed[k];
        out->score[i] = value_of(family, point, o);
        best = fmin(best, out->score[i]);
        for (int a = 0; a < N_AT; a++)
            if (at[a] == i + 1) out->best[a] = best;
        if (!ask_tell_told(ask, id, &(Told){.value = out->score[i], .share = 1}, &err)) die(&err);
    }
    ask_tell_destroy(ask);
}

/* The mean best of ten random points. */
static double base_of(int family, const Space *space, const double *o)
{
    double sum = 0;
    Rng rng = rng_stream(99, (uint32_t)family, RNG_TEST);
    for (int i = 0; i < 200; i++) {
        double best = INFINITY, u[MOST_D];
        for (int j = 0; j < 10; j++) {
            for (int k = 0; k < space->n_dims; k++) u[k] = rng_uniform(&rng);
            space_snap(space, u);
            best = fmin(best, value_of(family, u, o));
        }
        sum += best / 200;
    }
    return sum;
}

/* What an earlier study with its optimum at o found: points of the space of now. */
static Source source_of(int family, const double *o, const char *method, uint64_t seed, bool half, Arena *arena)
{
    Rng rng = rng_stream(seed, 7, RNG_TEST);
    const int d = family_dims[family], from = half ? (d + 1) / 2 : d;
    Space *space = space_of(family, o, 0, NULL, &rng, arena);
    Run *run = ARENA_NEW(arena, Run, 1);
    bool *known = ARENA_NEW(arena, bool, d);
    double middle[MOST_D];
    for (int k = 0; k < d; k++) middle[k] = 0.5;
    space_snap(space, middle);
    search(family, space, o, method, seed + 1000, BEFORE, NULL, half ? middle : NULL, from, run);
    for (int i = 0; i < BEFORE; i++) {
        run->score[i] = 7 + 3 * log(0.05 + run->score[i]); /* another scale */
        for (int k = from; k < d; k++) run->u[i * d + k] = middle[k];
    }
    for (int k = 0; k < d; k++) known[k] = k < from;
    return (Source){BEFORE, run->u, run->score, known};
}

/* ---- all of them ---------------------------------------------------------------------------------------- */

typedef struct { const char *name, *confidence; double away; } Guess;
static const Guess guesses[] = {
    {"none", NULL, 0}, {"right", "high", 0.05}, {"vague", "medium", 0.1}, {"off", "high", 0.25}, {"wrong",
        "high", 9}};
static const char *const sources[] = {"none", "related", "half", "far", "unrelated", "both"};
enum { MOST_KINDS = 6 };

int main(int argc, char **argv)
{
    const bool priors = argc > 1 && strcmp(argv[1], "priors") == 0;
    if (argc < 2 || (!priors && strcmp(argv[1], "transfer") != 0))
        return fprintf(stderr, "usage: knowledge priors|transfer [SEEDS] [METHOD] [FIRST SEED] [KIND]\n"), 2;
    const int n_seeds = argc > 2 ? atoi(argv[2]) : 10, first = argc > 4 ? atoi(argv[4]) : 0;
    const char *method = argc > 3 ? argv[3] : "bayes", *only = argc > 5 ? argv[5] : NULL;
    const int n_kinds = priors ? 5 : MOST_KINDS;
    Error err;
    static double sum[N_FAMILIES + 1][MOST_KINDS][N_AT];
    static int better[N_FAMILIES + 1][MOST_KINDS][N_AT], worse[N_FAMILIES + 1][MOST_KINDS][N_AT];
    if (!sampler_find(method)) return fprintf(stderr, "no method %s\n", method), 2;
    if (!mat_init(&err)) die(&err);
    for (int family = 0; family < N_FAMILIES; family++)
        for (int s = first; s < first + n_seeds; s++) {
            Arena *arena = arena_create(0);
            Rng rng = rng_stream((uint64_t)s, (uint32_t)family, RNG_TEST);
            double o[MOST_D], near[MOST_D], far[MOST_D], other[MOST_D], plain[N_AT];
            optimum(family, &rng, o);
            optimum(family, &rng, other);
            moved(family, o, 1 / 15.0, &rng, near);
            moved(family, o, 1 / 3.0, &rng, far);
            Source source[4];
            for (int i = 0; !priors && i < 4; i++)
                source[i] = source_of(family, i == 3 ? other : i == 2 ? far : near, method, (uint64_t)s,
                                      i == 1, arena);
            const Source both[2] = {source[3], source[0]};
            for (int kind = 0; kind < n_kinds; kind++) {
                const char *name = priors ? guesses[kind].name : sources[kind];
                if (only && kind > 0 && strcmp(only, name) != 0) continue;
                Run *run = ARENA_NEW(arena, Run, 1);
                const Guess *guess = &guesses[priors ? kind : 0];
                Space *space = space_of(family, o, guess->away, guess->confidence, &rng, arena);
                const Transfer transfer = {kind == 5 ? 2 : 1, kind == 5 ? both : &source[kind > 0 ? kind - 1
                    : 0]};
                search(family, space, o, method, (uint64_t)s, TRIALS, priors || kind == 0 ? NULL : &transfer,
                       NULL, 0, run);
                const double base = base_of(family, space, o);
                for (int a = 0; a < N_AT; a++) {
                    if (kind == 0) plain[a] = run->best[a];
                    for (int f = family;; f = N_FAMILIES) { /* in its own row, and in that of all */
                        sum[f][kind][a] += run->best[a] / base / n_seeds / (f == N_FAMILIES ? N_FAMILIES : 1);
                        better[f][kind][a] += run->best[a] < plain[a] * (1 - 1e-3) - 1e-9;
                        worse[f][kind][a] += run->best[a] > plain[a] * (1 + 1e-3) + 1e-9;
                        if (f == N_FAMILIES) break;
                    }
                }
            }
            arena_destroy(arena);
        }
    for (int f = 0; f <= N_FAMILIES; f++)
        for (int kind = 0; kind < n_kinds; kind++) {
            if (kind > 0 && only && strcmp(only, priors ? guesses[kind].name : sources[kind]) != 0) continue;
            printf("%-11s %-10s", f < N_FAMILIES ? family_names[f] : "all", priors ? guesses[kind].name
                   : sources[kind]);
            for (int a = 0; a < N_AT; a++) {
                printf("  @%-3d %.4f", at[a], sum[f][kind][a]);
                if (kind > 0) printf(" %2d:%-2d", better[f][kind][a], worse[f][kind][a]);
            }
            printf("\n");
        }
    return 0;
}
