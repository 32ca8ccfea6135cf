/* bench/importance.c - is importance right after a search that went where it was good, or silent?
 *
 *     importance [SEEDS, default 10] [METHOD, default bayes] [-v]
 *
 * Six functions whose importance is known (tests/known_functions.h), 20, 40 and 100 trials of the search, 10
 * seeds. A row a function and number of trials: in how many seeds the three that matter most are named in
 * their order; in how many of those the order of all three is called sure, and how many sure places were
 * wrong; in how many seeds nothing is said; the share of parameters for which no number is shown; how often a
 * 95 % interval holds the truth, of the numbers shown and of all; the mean width of an interval; CPU. The
 * truth is over the whole space.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/mat.h"
#include "base/rng.h"
#include "tests/known_functions.h"
#include "tuner/insight/importance.h"
#include "tuner/search/ask_tell.h"
#include "tuner/search/samplers.h"

enum { MOST_TRIALS = 100, N_AT = 3 };
static const int at[N_AT] = {20, 40, 100};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

typedef struct {
    int seeds, ranked, sure, wrong, places, silent, params, told, held, held_all;
    double width, seconds;
} Tally;

static void die(const Error *err)
{
    fprintf(stderr, "importance: %s\n", err->message);
    exit(1);
}

/* Parameters by the truth, most important first. Those closer than 0.02 may stand in either order. */
static bool in_order(const double *total, const Importance *got, int place)
{
    for (int later = place + 1; later < got->n_params; later++)
        if (total[got->param[later].dim] > total[got->param[place].dim] + 0.02) return false;
    return true;
}

static void judge(int f, const Importance *got, bool verbose, Tally *tally)
{
    const double *total = known_truth[f].total;
    const int d = known_truth[f].d;
    tally->seeds++;
    if (got->n_params == 0) {
        tally->silent++;
        if (verbose) printf("    silent: %s\n", got->warning);
        return;
    }
    bool right = true;
    for (int k = 0; k < 3; k++) right &= in_order(total, got, k);
    tally->ranked += right;
    tally->sure += got->n_sure >= 3;
    for (int k = 0; k < got->n_sure && k < 3; k++) {
        tally->places++;
        tally->wrong += !in_order(total, got, k);
    }
    for (int k = 0; k < d; k++) {
        const ParamImportance *p = &got->param[k];
        bool held = total[p->dim] >= p->low95 && total[p->dim] <= p->high95;
        tally->params++;
        tally->told += p->told;
        tally->held += held && p->told;
        tally->held_all += held;
        tally->width += p->high95 - p->low95;
        if (verbose) printf("    %d: %.3f (%.3f to %.3f) truth %.3f%s%s ahead %.2f alone %.3f truth %.3f\n",
                            p->dim, p->importance,
                            p->low95, p->high95, total[p->dim], p->told ? "" : " untold",
                                held ? "" : " MISSED", p->ahead,
                            p->alone, known_truth[f].first[p->dim]);
    }
    if (verbose) printf("    %s, sure %d, left out %.2f\n", right ? "right" : "WRONG", got->n_sure,
                        got->left_out);
}

static void run(int f, const char *method, uint64_t seed, bool verbose, Tally tally[N_AT])
{
    Error err = {0};
    Arena *arena = arena_create(0);
    Conf *conf;
    Space *space;
    AskTell *search;
    const char *yaml = known_functions[f].yaml;
    if (!conf_read_text("space", yaml, strlen(yaml), arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err)
        || !ask_tell_create(space, sampler_find(method), seed, &search, &err))
        die(&err);
    const size_t d = (size_t)space->n_dims;
    double *u = ARENA_NEW(arena, double, MOST_TRIALS * d), *score = ARENA_NEW(arena, double, MOST_TRIALS);
    Value *values = ARENA_NEW(arena, Value, space->n_params);
    Rng rng = rng_stream(seed, 0, RNG_TEST);
    if (!u || !score || !values) exit(1);
    for (int i = 0; i < MOST_TRIALS; i++) {
        Trace trace;
        AskResult result;
        int id;
        if (!ask_tell_ask(search, &id, values, &trace, &result, &err)) die(&err);
        score[i] = known_functions[f].score(values) + known_functions[f].noise * rng_normal(&rng);
        if (!ask_tell_told(search, id, &(Told){.value = score[i], .share = 1}, &err)) die(&err);
        space_encode(space, values, u + (size_t)i * d);
        int n = 0;
        while (n < N_AT && i + 1 != at[n]) n++;
        if (n == N_AT) continue;
        ImportanceInput input = {.trials = {.space = space, .n = i + 1, .u = u, .score = score}, .seed = seed};
        Importance got;
        double before = now();
        Arena *own = arena_create(0);
        if (!importance_compute(&input, own, &got, &err)) die(&err);
        Tally *of = &tally[n];
        of->seconds += now() - before;
        if (verbose) printf("  %s %d trials, seed %d\n", known_functions[f].name, i + 1, (int)seed);
        judge(f, &got, verbose, of);
        arena_destroy(own);
    }
    ask_tell_destroy(search);
    arena_destroy(arena);
}

static void row(const char *name, int trials, const Tally *t)
{
    const int spoke = t->seeds - t->silent;
    const double params = t->params > 0 ? t->params : 1;
    printf("| %s | %d | %d of %d | %d | %d of %d | %d | %.0f %% | %.0f %% | %.0f %% | %.2f | %.2f s |\n", name,
           trials, t->ranked,
           spoke, t->sure, t->wrong, t->places, t->silent, 100 * (1 - t->told / params),
           100.0 * t->held / (t->told > 0 ? t->told : 1), 100 * t->held_all / params, t->width / params,
           t->seconds / t->seeds);
}

int main(int argc, char **argv)
{
    int seeds = argc > 1 ? atoi(argv[1]) : 10, only = argc > 4 ? atoi(argv[4]) : -1;
    const char *method = argc > 2 ? argv[2] : "bayes";
    bool verbose = argc > 3 && strcmp(argv[3], "-v") == 0;
    Tally all[N_AT] = {{0}};
    mat_init(NULL);
    printf("| function | trials | top three in order | all three sure | sure places wrong | silent |");
    printf(" no number | interval holds | of all | width | CPU |\n");
    printf("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (int f = 0; f < N_KNOWN; f++) {
        if (only >= 0 && f != only) continue;
        Tally tally[N_AT] = {{0}};
        for (int s = 1; s <= seeds; s++) run(f, method, (uint64_t)s, verbose, tally);
        for (int n = 0; n < N_AT; n++) {
            Tally *t = &tally[n], *a = &all[n];
            row(known_functions[f].name, at[n], t);
            a->seeds += t->seeds, a->ranked += t->ranked, a->sure += t->sure, a->wrong += t->wrong;
            a->places += t->places, a->silent += t->silent, a->params += t->params, a->told += t->told;
            a->held += t->held, a->held_all += t->held_all, a->width += t->width, a->seconds += t->seconds;
        }
        fflush(stdout);
    }
    for (int n = 0; n < N_AT; n++) row("all", at[n], &all[n]);
    return 0;
}
