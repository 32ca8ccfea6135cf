/* From selected members to pooled ones. */
#include "ensemble/stack.h"

#include "ensemble/weigh_pool.h"

static const double least_weight = 1e-3; /* a member that hardly counts is not worth its bytes */

/* The selection's members first, then the best of the others. Returns how many. */
static int candidates(const Choice *choice, const Selection *selected, int *member)
{
    int n = 0;
    Spent spent = {0};
    for (int m = 0; m < choice->library->n_models; m++)
        if (selected->weight[m] > 0 && choice_afford(choice, m, &spent)) member[n++] = m;
    for (int i = 0; i < choice->n && n < choice->options->size; i++) {
        const int m = choice->ranked[i];
        if (selected->weight[m] == 0 && choice_afford(choice, m, &spent)) member[n++] = m;
    }
    return n;
}

static bool fit(Choice *choice, const Selection *selected, Candidate *out, Pool *pool, Error *err)
{
    const Library *l = choice->library;
    int *member = ARENA_NEW(choice->arena, int, l->n_models);
    double *centre = ARENA_NEW(choice->arena, double, l->n_models), total = 0;
    if (!member || !centre || !candidate_create(choice, SELECT_STACK, out, err)) return error_memory(err);
    const int n = candidates(choice, selected, member);
    for (int m = 0; m < n; m++) centre[m] = selected->weight[member[m]];
    const PoolAsk ask = {.library = l, .member = member, .centre = centre, .n = n, .seed = choice->seed};
    if (!pool_choose(&ask, choice->arena, pool, err)) return false;
    for (int m = 0; m < n; m++) total += pool->w[m] < least_weight ? 0 : pool->w[m];
    for (int m = 0; m < n; m++)
        out->weight[member[m]] = pool->w[m] < least_weight ? 0 : pool->w[m] / total;
    out->slope = pool->slope;
    choice_score(choice, out);
    return true;
}

static int count(const Library *l, const double *weight)
{
    int n = 0;
    for (int m = 0; m < l->n_models; m++) n += weight[m] > 0;
    return n;
}

bool stack_classes(const Library *library, const EnsembleOptions *options, MetricId metric, uint64_t seed,
                   const Selection *selected, Arena *arena, Selection *out, Error *err)
{
    EnsembleOptions sane = *options;
    if (sane.size < 1) sane.size = 1;
    Choice choice;
    Candidate stacked, single;
    Pool pool;
    Selection s = *selected;
    if (!choice_begin(library, &sane, metric, seed, arena, &choice, err)
        || !candidate_create(&choice, SELECT_AVERAGE, &single, err)
        || !fit(&choice, selected, &stacked, &pool, err))
        return false;
    single.weight[selected->best_model] = 1;
    choice_score(&choice, &single);
    const int n = count(library, stacked.weight);
    if (pool.slope > 0 && n > 1 && choice_beats(&choice, &stacked, &single)) {
        s.method = SELECT_STACK;
        s.vote = false;
        s.weight = stacked.weight;
        s.slope = stacked.slope;
        s.intercept = NULL;
        s.crossed = pool.crossed;
        s.n_members = n;
        s.score = stacked.value;
        s.n_curve = 0;
        s.reason = arena_print(arena, "a stack of %d members: their logarithms pooled, with weights of a"
                               " regression (ridge %g, cross-validated)", n, pool.ridge);
    } else {
        s.reason = arena_print(arena, "%s; a stack of these models is no better than the best of them alone",
                               selected->reason);
    }
    if (!s.reason) return error_memory(err);
    *out = s;
    return true;
}
