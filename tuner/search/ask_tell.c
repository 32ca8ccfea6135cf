/* What was tried, asking and telling: numbers, points and how often each configuration came up. */
#include "tuner/search/ask_tell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/set.h"

/* How often a configuration has been proposed or told of. Snapped points are canonical: two that decode
 * to the same values are equal bit for bit. */
typedef struct {
    int first;    /* a number whose point this is */
    int times;
} Tried;

struct AskTell {
    const Space *space;
    const Sampler *sampler;
    uint64_t seed;
    const Transfer *transfer;
    Arena *points, *scratch; /* coordinates; what one ask needs */
    Seen *seen;              /* (n), by number */
    double *next_slack;      /* the same for slacks */
    double *next;            /* coordinates for the next number, or NULL: not allocated yet */
    Value *values;           /* (n_params) for checks */
    Tried *tried;            /* (n_tried) */
    Set index;               /* of tried, by point */
    Memo *memo;
    int64_t grid_from;
    int n, room, n_tried, tried_room;
    int n_steady;            /* the first so many are told: they stay as they are */
    int round;               /* how often a configuration may have been tried to be accepted */
};

enum { MOST_POINTS = 10000000, MOST_ROUNDS = 1000 };

bool ask_tell_create(const Space *space, const Sampler *sampler, uint64_t seed, AskTell **out,
                     Error *err)
{
    AskTell *search = calloc(1, sizeof *search);
    if (!search) return error_memory(err);
    *search = (AskTell){.space = space, .sampler = sampler, .seed = seed, .round = 1};
    search->points = arena_create(0);
    search->scratch = arena_create(0);
    search->values = calloc((size_t)space->n_params + 1, sizeof *search->values);
    search->memo = memo_create();
    if (!search->points || !search->scratch || !search->values) {
        ask_tell_destroy(search);
        return error_memory(err);
    }
    *out = search;
    return true;
}

void ask_tell_transfer(AskTell *search, const Transfer *transfer) { search->transfer = transfer; }

void ask_tell_destroy(AskTell *search)
{
    if (!search) return;
    arena_destroy(search->points);
    arena_destroy(search->scratch);
    memo_destroy(search->memo);
    free(search->seen);
    free(search->tried);
    set_free(&search->index);
    free(search->values);
    free(search);
}

/* ---- which configurations were tried ---- */

static uint64_t hash_of(const Space *space, const double *u)
{
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (int d = 0; d < space->n_dims; d++) {
        uint64_t bits;
        memcpy(&bits, &u[d], sizeof bits);
        hash = rng_mix(hash, bits);
    }
    return hash;
}

static bool same_point(const AskTell *search, int number, const double *u)
{
    const double *other = search->seen[number].u;
    return search->space->n_dims == 0
        || memcmp(other, u, (size_t)search->space->n_dims * sizeof *u) == 0;
}

/* What is known of this point; NULL: it was never tried. */
static Tried *find(const AskTell *search, const double *u)
{
    const uint64_t hash = hash_of(search->space, u);
    uint32_t step = 0;
    for (int i; (i = set_next(&search->index, hash, &step)) >= 0;)
        if (same_point(search, search->tried[i].first, u)) return &search->tried[i];
    return NULL;
}

/* Room for one point more, its coordinates included: after it nothing can fail. */
static bool make_room(AskTell *search, Error *err)
{
    if (!search->next) search->next = ARENA_NEW(search->points, double, search->space->n_dims);
    if (!search->next_slack) search->next_slack = ARENA_NEW(search->points, double, search->space->n_limits);
    if (!search->next || !search->next_slack) return error_memory(err);
    if (search->n >= MOST_POINTS)
        return error_set(err, ERR_INVALID, "more than %d points in one search", MOST_POINTS);
    return (GROW(NULL, search->seen, search->n, search->room)
            && GROW(NULL, search->tried, search->n_tried, search->tried_room)
            && set_reserve(&search->index, NULL))
        || error_memory(err);
}

/* What is told of limits. `next_slack` is there. */
static void take(AskTell *search, Seen *seen, const Told *told)
{
    const Space *space = search->space;
    seen->score = isfinite(told->value) ? told->value : NAN;
    seen->share = told->share;
    seen->n_repeats = told->n_repeats;
    seen->variance = told->variance;
    if (!told->reported || space->n_limits == 0) return;
    for (int i = 0; i < space->n_limits; i++)
        search->next_slack[i] = limit_slack(&space->limits[i], told->reported[i]);
    seen->slack = search->next_slack;
    search->next_slack = NULL;
}

/* The next number gets the snapped point in `next`. The caller has made room. */
static void add(AskTell *search, SeenState state, const Told *told)
{
    const int number = search->n++;
    const double *u = search->next;
    search->next = NULL;
    search->seen[number] =
        (Seen){.number = (uint32_t)number, .state = state, .u = u, .score = NAN, .share = 1};
    if (told) take(search, &search->seen[number], told);
    Tried *tried = find(search, u);
    if (!tried) {
        tried = &search->tried[search->n_tried];
        *tried = (Tried){.first = number};
        set_add(&search->index, NULL, hash_of(search->space, u), search->n_tried++);
    }
    tried->times++;
}

static bool accept(void *context, const double *u)
{
    AskTell *search = context;
    const Space *space = search->space;
    const Tried *tried = find(search, u);
    if (tried && tried->times >= search->round) return false;
    if (space->n_constraints == 0) return true;
    space_decode(space, u, search->values);
    return space_satisfies(space, search->values, NULL, NULL);
}

/* ---- asking ---- */

static bool ask_sampler(AskTell *search, Trace *trace, AskResult *result, Error *err)
{
    int *steady = &search->n_steady;
    while (*steady < search->n && search->seen[*steady].state != SEEN_PENDING) ++*steady;
    Ask ask = {.space = search->space, .seed = search->seed, .number = (uint32_t)search->n,
               .n_seen = search->n, .seen = search->seen, .accept = accept, .context = search,
               .transfer = search->transfer, .memo = search->memo, .grid_from = &search->grid_from,
                   .n_steady = search->n_steady};
    arena_reset(search->scratch);
    return search->sampler->ask(&ask, search->scratch, search->next, trace, result, err);
}

bool ask_tell_ask(AskTell *search, int *id, Value *values, Trace *trace, AskResult *result, Error *err)
{
    const Space *space = search->space;
    if (!make_room(search, err) || !ask_sampler(search, trace, result, err)) return false;
    /* A space that is used up goes round again. Where not even that helps, the constraints refuse
     * everything, and the round is taken back. */
    bool ends = search->sampler->needs_grid || !isfinite(space_size(space)) || search->n == 0;
    if (*result == ASK_EXHAUSTED && !ends && search->round < MOST_ROUNDS) {
        search->round++;
        bool ok = ask_sampler(search, trace, result, err);
        if (!ok || *result == ASK_EXHAUSTED) search->round--;
        if (!ok) return false;
    }
    if (*result == ASK_EXHAUSTED) return true;
    *id = search->n;
    space_decode(space, search->next, values);
    add(search, SEEN_PENDING, NULL);
    return true;
}

/* ---- telling ---- */

static bool check_share(double share, Error *err)
{
    return (share > 0 && share <= 1) || error_set(err, ERR_INVALID, "`share` must be above 0 and at most 1");
}

static SeenState state_of(double value, double share)
{
    return !isfinite(value) ? SEEN_FAILED : share < 1 ? SEEN_PRUNED : SEEN_DONE;
}

bool ask_tell_told(AskTell *search, int id, const Told *told, Error *err)
{
    if (id < 0 || id >= search->n)
        return error_set(err, ERR_INVALID, "id %d was never given out", id);
    if (search->seen[id].state != SEEN_PENDING)
        return error_set(err, ERR_INVALID, "id %d was told already", id);
    if (!check_share(told->share, err) || !make_room(search, err)) return false;
    Seen *seen = &search->seen[id]; /* where the room is now */
    seen->state = state_of(told->value, told->share);
    take(search, seen, told);
    return true;
}

/* A number that its parameter can take, but for rounding to its cells. */
static bool in_range(const Param *param, const Value *value)
{
    if (value->kind != VALUE_INT && value->kind != VALUE_REAL) return false;
    double slack = 1e-9 * fmax(fabs(param->least), fabs(param->most));
    return (value->number == 0 && param->zero_prob > 0)
        || (value->number >= param->least - slack && value->number <= param->most + slack);
}

static bool check_values(AskTell *search, const Value *values, double *u, Error *err)
{
    const Space *space = search->space;
    Value given[SPACE_MAX_PARAMS];
    memcpy(given, values, (size_t)space->n_params * sizeof *given);
    /* Parents first: what is active follows from values that have been checked already. */
    for (int k = 0; k < space->n_params; k++) {
        int i = space->order[k];
        const Param *param = &space->params[i];
        if (param->distribution == DIST_CONSTANT) given[i] = param->choices[0];
        if (param->distribution == DIST_DERIVED) given[i] = expr_eval(param->derived, given);
        if (param->when && !expr_true(param->when, given)) given[i] = value_none();
        else if (param->dim >= 0 && given[i].kind == VALUE_NONE)
            return error_set(err, ERR_INVALID, "parameter `%s` is missing", param->name);
        if (param->dim < 0 || given[i].kind == VALUE_NONE) continue;
        bool known = param->n_choices > 0;
        for (int c = 0; known && c <= param->n_choices; c++) {
            if (c == param->n_choices)
                return error_set(err, ERR_INVALID, "parameter `%s`: not one of its choices",
                                 param->name);
            if (value_equal(&param->choices[c], &given[i])) break;
        }
        if (!known && !in_range(param, &given[i]))
            return error_set(err, ERR_INVALID, "parameter `%s`: not a number from %g to %g", param->name,
                             param->least, param->most);
    }
    if (!space_encode(space, given, u))
        return error_set(err, ERR_INVALID, "the parameters are not in the space");
    space_snap(space, u);
    return true;
}

bool ask_tell_other(AskTell *search, const Value *values, const Told *told, int *id, Error *err)
{
    if (!check_share(told->share, err) || !make_room(search, err)
        || !check_values(search, values, search->next, err))
        return false;
    *id = search->n;
    add(search, state_of(told->value, told->share), told);
    return true;
}
