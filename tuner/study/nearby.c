/* Draws around a point, the nearest of which is moved back towards it. */
#include "tuner/study/nearby.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

enum { DRAWS = 4096, HALVINGS = 20, STREAM = 0x6e656172 };

typedef struct {
    const Space *space;
    bool (*accept)(void *context, const double *u);
    void *context;
    const double *wish; /* (n_dims) */
    double *best, *u;   /* (n_dims) */
    double least;       /* the distance of the best; infinite: there is none yet */
} Nearby;

static double distance(const Nearby *near, const double *u)
{
    double sum = 0;
    for (int p = 0; p < near->space->n_params; p++) {
        const Param *param = &near->space->params[p];
        if (param->dim < 0) continue;
        double away = u[param->dim] - near->wish[param->dim];
        sum += param->n_choices == 0 ? away * away : away != 0;
    }
    return sum;
}

/* Takes `u`, which becomes its cell's own point, where it is allowed and nearer. */
static bool consider(Nearby *near)
{
    space_snap(near->space, near->u);
    double away = distance(near, near->u);
    if (away >= near->least || !near->accept(near->context, near->u)) return false;
    near->least = away;
    memcpy(near->best, near->u, (size_t)near->space->n_dims * sizeof *near->best);
    return true;
}

static void draw(Nearby *near, Rng *rng, int k)
{
    int d = near->space->n_dims;
    double reach = (1 + k % 8) / 8.0, share = k % 3 == 0 ? 1 : k % 3 == 1 ? 0.5 : fmin(1, 1.5 / d);
    for (int i = 0; i < d; i++) {
        double chance = rng_uniform(rng), to = rng_uniform(rng);
        near->u[i] = near->wish[i] + (chance < share ? reach * (to - near->wish[i]) : 0);
    }
    consider(near);
}

/* Each coordinate back to where it was wished, or as near to that as is allowed. */
static void move_back(Nearby *near)
{
    int d = near->space->n_dims;
    for (int i = 0; i < d; i++) {
        double bad = near->wish[i];
        for (int h = 0; h < HALVINGS && near->best[i] != near->wish[i]; h++) {
            memcpy(near->u, near->best, (size_t)d * sizeof *near->u);
            near->u[i] = h == 0 ? near->wish[i] : 0.5 * (bad + near->best[i]);
            double tried = near->u[i];
            if (!consider(near)) bad = tried;
        }
    }
}

bool nearby(const Space *space, uint64_t seed, bool (*accept)(void *context, const double *u), void *context,
            Value *values)
{
    const int d = space->n_dims;
    Arena *arena = arena_create(0);
    double *wish = arena ? ARENA_NEW(arena, double, d + 1) : NULL;
    Nearby near = {.space = space, .accept = accept, .context = context, .wish = wish, .least = INFINITY};
    near.best = arena ? ARENA_NEW(arena, double, d + 1) : NULL;
    near.u = arena ? ARENA_NEW(arena, double, d + 1) : NULL;
    bool ok = wish && near.best && near.u && d > 0 && space_encode(space, values, wish);
    Rng rng = rng_stream(seed, STREAM, RNG_SAMPLER);
    for (int k = 0; ok && k < DRAWS; k++) draw(&near, &rng, k);
    ok = ok && isfinite(near.least);
    for (int pass = 0; ok && pass < 2; pass++) move_back(&near);
    if (ok) space_decode(space, near.best, values);
    arena_destroy(arena);
    return ok;
}
