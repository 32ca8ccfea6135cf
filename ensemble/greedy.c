/* Greedy selection with replacement (Caruana et al. 2004), bagged over random halves of the library
 * (Caruana, Munson, Niculescu-Mizil 2006).
 */
#include "ensemble/greedy.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/score.h"

enum { FEW_ROWS = 1000, FEW_ROUNDS = 25, ROUNDS = 50, SLOW_BAGS = 5, FEW_MODELS = 10 };

/* One run over a pool of models, which are numbered by rank as in the scorer. */
typedef struct {
    const Choice *choice;
    Scorer *scorer;
    int rounds, n_start;
    int *draw;      /* (rounds) */
    double *value;  /* (rounds) the metric after each draw */
    int *count;     /* (n) draws of each model, in the best prefix */
} Path;

static void path_draw(Path *path, int at, int model, double value)
{
    path->draw[at] = model;
    path->value[at] = value;
    path->count[model]++;
    scorer_draw(path->scorer, model);
}

/* The best few of the pool whose plain average is best, at most n_start: how many. */
static int path_start(Path *path, const int *pool, int n_pool, double *cost)
{
    int most = path->n_start < n_pool ? path->n_start : n_pool, best = 0;
    Spent spent = {0};
    for (int at = 0; at < most; at++) {
        if (!choice_afford(path->choice, path->choice->ranked[pool[at]], &spent)) break;
        double now = scorer_cost(path->scorer, pool[at]);
        path_draw(path, at, pool[at], path->scorer->value);
        if (at == 0 || now < *cost) *cost = now, best = at + 1;
    }
    scorer_clear(path->scorer);
    memset(path->count, 0, (size_t)path->choice->n * sizeof *path->count);
    for (int at = 0; at < best; at++) path_draw(path, at, pool[at], path->value[at]);
    return best;
}

/* Draws with replacement the model that helps most, and counts the draws of the best prefix.
 * Returns its length. (Caruana et al. 2004, "Ensemble selection from libraries of models") */
static int path_run(Path *path, const int *pool, int n_pool)
{
    const Choice *choice = path->choice;
    double best_cost = INFINITY;
    Spent spent = {0};
    int n_models = 0;
    scorer_clear(path->scorer);
    memset(path->count, 0, (size_t)choice->n * sizeof *path->count);
    int best_length = path_start(path, pool, n_pool, &best_cost);
    for (int i = 0; i < best_length; i++, n_models++)
        (void)choice_afford(choice, choice->ranked[pool[i]], &spent);
    for (int at = best_length; at < path->rounds; at++) {
        int best = -1;
        double cost = INFINITY, value = NAN;
        for (int i = 0; i < n_pool; i++) {
            int model = pool[i];
            bool in = path->count[model] > 0;
            Spent with = spent;
            if (!in && (n_models == choice->options->size
                        || !choice_afford(choice, choice->ranked[model], &with)))
                continue;
            double now = scorer_cost(path->scorer, model);
            bool tie = now == cost && best >= 0 && in && path->count[best] == 0;
            if (best < 0 || now < cost || tie)
                best = model, cost = now, value = path->scorer->value;
        }
        if (path->count[best] == 0) {
            n_models++;
            (void)choice_afford(choice, choice->ranked[best], &spent);
        }
        path_draw(path, at, best, value);
        if (cost < best_cost) best_cost = cost, best_length = at + 1;
    }
    memset(path->count, 0, (size_t)choice->n * sizeof *path->count);
    for (int at = 0; at < best_length; at++) path->count[path->draw[at]]++;
    return best_length;
}

/* Keeps the heaviest `size` that fit the budget, and makes their sum 1. */
static void prune(const Choice *choice, double *weight, double *kept)
{
    double total = 0;
    Spent spent = {0};
    for (int taken = 0; taken < choice->options->size; taken++) {
        int heaviest = -1;
        for (int i = 0; i < choice->n; i++) {
            int m = choice->ranked[i];
            Spent with = spent;
            if (weight[m] > 0 && kept[m] == 0 && (heaviest < 0 || weight[m] > weight[heaviest])
                && choice_afford(choice, m, &with))
                heaviest = m;
        }
        if (heaviest < 0) break;
        kept[heaviest] = weight[heaviest];
        total += weight[heaviest];
        (void)choice_afford(choice, heaviest, &spent);
    }
    for (int i = 0; i < choice->n; i++) kept[choice->ranked[i]] /= total;
}

bool select_greedy(Choice *choice, Candidate *whole, Candidate *bagged, bool *few,
                   Selection *selection, Error *err)
{
    const bool slow = scorer_is_slow(choice->metric);
    const int n = choice->n;
    Scorer scorer;
    if (!scorer_create(choice->library, choice->ranked, n, choice->metric, choice->arena, &scorer,
                       err))
        return false;
    /* On few rows a single lucky model must not set the direction. */
    *few = scorer.n < FEW_ROWS;
    int size = choice->options->size, bags = choice->options->bags;
    if (slow && bags > SLOW_BAGS) bags = SLOW_BAGS;
    Path path = {.choice = choice, .scorer = &scorer, .rounds = *few || slow ? FEW_ROUNDS : ROUNDS,
                 .n_start = !*few ? 0 : size < SELECT_PLAIN ? size : SELECT_PLAIN};
    path.draw = ARENA_NEW(choice->arena, int, path.rounds);
    path.value = ARENA_NEW(choice->arena, double, path.rounds);
    path.count = ARENA_NEW(choice->arena, int, n);
    int32_t *order = ARENA_NEW(choice->arena, int32_t, n);
    int *pool = ARENA_NEW(choice->arena, int, n);
    double *weight = ARENA_NEW(choice->arena, double, choice->library->n_models);
    selection->curve = ARENA_NEW(choice->arena, double, path.rounds);
    if (!path.draw || !path.value || !path.count || !order || !pool || !weight ||
        !selection->curve)
        return error_memory(err);
    for (int i = 0; i < n; i++) pool[i] = i;
    int length = path_run(&path, pool, n);
    selection->n_curve = path.rounds;
    memcpy(selection->curve, path.value, (size_t)path.rounds * sizeof *path.value);
    for (int i = 0; i < n; i++) weight[choice->ranked[i]] = (double)path.count[i] / length;
    prune(choice, weight, whole->weight);
    if (bags <= 1 || n < FEW_MODELS) bags = 0; /* half of so few is no library */
    else memset(weight, 0, (size_t)choice->library->n_models * sizeof *weight);
    for (int bag = 0; bag < bags; bag++) {
        Rng rng = rng_stream(choice->seed, (uint32_t)bag, RNG_BOOTSTRAP);
        for (int i = 0; i < n; i++) order[i] = i;
        rng_shuffle(&rng, order, (size_t)n);
        memset(path.count, 0, (size_t)n * sizeof *path.count);
        for (int i = 0; i < (n + 1) / 2; i++) path.count[order[i]] = 1;
        int n_pool = 0;
        for (int i = 0; i < n; i++)
            if (path.count[i]) pool[n_pool++] = i;
        length = path_run(&path, pool, n_pool);
        for (int i = 0; i < n; i++)
            weight[choice->ranked[i]] += (double)path.count[i] / length / bags;
    }
    prune(choice, weight, bagged->weight);
    return true;
}
