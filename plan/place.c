/* Where the vectors of a row lie in the scratch memory: those that are not needed at the same time share it. */
#include "plan/steps.h"

enum { ALIGN = 8 };

/* The steps between which a vector holds something. */
typedef struct {
    int first, last;
} Life;

static void lives_on(Life *lives, int v, int s)
{
    if (v < 0) return;
    if (lives[v].first < 0) lives[v].first = s;
    lives[v].last = s;
}

static bool meet(Life a, Life b)
{
    return a.first <= b.last && b.first <= a.last;
}

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

/* The lowest place at which vector v meets none of those before it. */
static size_t lowest(const PlanVector *vectors, int v, const Life *lives, int result)
{
    const size_t size = aligned(plan_vector_bytes(&vectors[v]));
    size_t at = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int o = 0; o < v; o++) {
            if (o == result || !meet(lives[v], lives[o])) continue;
            const size_t end = vectors[o].at + aligned(plan_vector_bytes(&vectors[o]));
            if (at >= end || at + size <= vectors[o].at) continue;
            at = end;
            moved = true;
        }
    }
    return at;
}

/* Vectors are placed in the order in which they were made, which is about that in which they are needed. */
bool plan_place(Plan *plan, Arena *arena)
{
    Life *lives = ARENA_NEW(arena, Life, plan->n_vectors);
    if (!lives) return false;
    for (int v = 0; v < plan->n_vectors; v++) lives[v] = (Life){-1, -1};
    for (int s = 0; s < plan->n_steps; s++) {
        lives_on(lives, plan->steps[s].in, s);
        lives_on(lives, plan->steps[s].with, s);
        lives_on(lives, plan->steps[s].out, s);
    }
    plan->scratch_bytes = 0;
    for (int v = 0; v < plan->n_vectors; v++) {
        PlanVector *vector = &plan->vectors[v];
        vector->at = 0;
        if (v == plan->result) continue;
        vector->at = lowest(plan->vectors, v, lives, plan->result);
        const size_t end = vector->at + aligned(plan_vector_bytes(vector));
        if (end > plan->scratch_bytes) plan->scratch_bytes = end;
    }
    return true;
}
