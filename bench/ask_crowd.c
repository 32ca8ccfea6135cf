/* bench/ask_crowd.c - what does a proposal of `bayes` cost while very many trials are under way?
 *
 *     ask_crowd [PENDING, default 2000] [ASKS, default 400] [late|goals]
 *
 * A bowl in seven numbers; 30, 1,000, 10,000, 100,000 and 1,000,000 settled trials before those that are
 * pending. In each ask the oldest pending trial is settled and the new point becomes pending. A row: settled
 * trials; CPU of the first ask, which remembers nothing; the mean and the most of the others, fits included.
 * late: the first trial is not settled for good, as in a bracket of halving that stays open. goals: two goals,
 * whose one score is made for each ask, as the study does it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/mat.h"
#include "tuner/search/pareto.h"
#include "tuner/search/samplers.h"

enum { D = 7 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

static bool accept_all(void *context, const double *u)
{
    (void)context, (void)u;
    return true;
}

static void settle(Seen *seen)
{
    seen->state = SEEN_DONE;
    seen->score = 0;
    for (int k = 0; k < D; k++) seen->score += (seen->u[k] - 0.3) * (seen->u[k] - 0.3) / (1 + k);
}

/* One score of two goals for this ask: the first is the score, the second the point's first number. */
static bool scalarize(const Ask *ask, Seen *copy, Arena *arena, Error *err)
{
    const int n = ask->n_seen;
    double *points = ARENA_NEW(arena, double, 2 * n), *scores = ARENA_NEW(arena, double, n), weight[2];
    bool *done = ARENA_NEW(arena, bool, n);
    if (!points || !scores || !done) return error_memory(err);
    memcpy(copy, ask->seen, (size_t)n * sizeof *copy);
    for (int i = 0; i < n; i++) {
        done[i] = copy[i].state == SEEN_DONE;
        points[2 * i] = done[i] ? copy[i].score : NAN;
        points[2 * i + 1] = done[i] ? 1 - copy[i].u[0] : NAN;
    }
    pareto_weights(2, ask->seed, ask->number, weight);
    if (!pareto_scalarize(n, 2, points, done, weight, arena, scores, err)) return false;
    for (int i = 0; i < n; i++)
        if (done[i]) copy[i].score = scores[i];
    return true;
}

static bool measure(const Space *space, int settled, int pending, int asks, const char *how, Error *err)
{
    const bool goals = strcmp(how, "goals") == 0, late = goals || strcmp(how, "late") == 0;
    const int all = settled + pending + asks;
    double *points = calloc((size_t)all * D, sizeof *points), first = 0, most = 0, sum = 0;
    Seen *seen = calloc((size_t)all, sizeof *seen), *copy = calloc((size_t)all, sizeof *seen);
    Memo *memo = memo_create();
    bool ok = points && seen && copy && memo;
    Rng rng = rng_stream(1, 0, RNG_TEST);
    for (int i = 0; ok && i < all; i++) {
        for (int k = 0; k < D; k++) points[i * D + k] = rng_uniform(&rng);
        seen[i] = (Seen){.number = (uint32_t)i, .state = SEEN_PENDING, .u = points + i * D, .share = 1};
        if (i < settled) settle(&seen[i]);
    }
    for (int i = 0; ok && i < asks; i++) {
        const int n = settled + pending + i;
        Ask ask = {.space = space, .seed = 1, .number = (uint32_t)n, .n_seen = n, .seen = seen,
                         .accept = accept_all, .memo = memo, .n_steady = late ? 0 : settled + i};
        Trace trace;
        AskResult result;
        Arena *arena = arena_create(0);
        const double start = now();
        if (goals) ok = arena && scalarize(&ask, copy, arena, err);
        if (goals) ask.seen = copy;
        ok = ok && arena && sampler_bayes.ask(&ask, arena, points + n * D, &trace, &result, err);
        const double took = now() - start;
        arena_destroy(arena);
        if (i == 0) first = took;
        else sum += took, most = took > most ? took : most;
        settle(&seen[settled + i]);
    }
    if (ok) printf("%8d %8.1f %8.2f %8.1f\n", settled, first, sum / (asks - 1), most);
    memo_destroy(memo);
    free(seen);
    free(copy);
    free(points);
    return ok;
}

int main(int argc, char **argv)
{
    static const int settled[] = {30, 1000, 10000, 100000, 1000000};
    const int pending = argc > 1 ? atoi(argv[1]) : 2000, asks = argc > 2 ? atoi(argv[2]) : 400;
    char yaml[512] = "parameters:\n";
    for (int k = 0; k < D; k++) {
        char line[64];
        snprintf(line, sizeof line, "  x%d: {min: 0.0, max: 1.0}\n", k);
        strcat(yaml, line);
    }
    Error err = {0};
    Conf *conf;
    Space *space;
    Arena *arena = arena_create(0);
    bool ok = pending > 0 && asks > 1 && arena && mat_init(&err)
           && conf_read_text("space.yaml", yaml, strlen(yaml), arena, &conf, &err)
           && space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err);
    if (ok) printf("%d pending\n%8s %8s %8s %8s ms\n", pending, "settled", "first", "mean", "most");
    const char *how = argc > 3 ? argv[3] : "";
    for (int i = 0; ok && i < 5; i++) ok = measure(space, settled[i], pending, asks, how, &err);
    if (!ok) fprintf(stderr, "ask_crowd: %s\n", err.message);
    arena_destroy(arena);
    return !ok;
}
