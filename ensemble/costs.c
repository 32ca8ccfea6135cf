/* Bytes, microseconds and networks of candidates. */
#include "ensemble/costs.h"

#include <string.h>

#include "model/latency.h"

/* One file at a time is held. */
static bool look(const Entry *entry, double *us, double *networks, Error *err)
{
    Model *model = NULL;
    Arena *arena = arena_create(0);
    bool ok = arena ? model_load(entry->weights_path, arena, &model, err) : error_memory(err);
    if (ok) {
        *us = model_latency_us(model);
        *networks = model_n_networks(model);
    }
    arena_destroy(arena);
    return ok;
}

static bool skip(Gathered *g, int at, const char *why, Arena *arena)
{
    SkippedTrial *more = ARENA_NEW(arena, SkippedTrial, g->n_skipped + 1);
    const char *copy = arena_copy(arena, why);
    if (!more || !copy) return false;
    memcpy(more, g->skipped, (size_t)g->n_skipped * sizeof *more);
    more[g->n_skipped++] = (SkippedTrial){g->entry[at].row->number, copy};
    g->skipped = more;
    return true;
}

bool costs_of(Gathered *g, const EnsembleOptions *options, Arena *arena, Costs *out, Error *err)
{
    const bool wanted = options->max_us > 0 || options->max_networks > 0;
    Costs costs = {.bytes = ARENA_NEW(arena, int64_t, g->n_entries)};
    int n = 0;
    if (wanted) {
        costs.us = ARENA_NEW(arena, double, g->n_entries);
        costs.networks = ARENA_NEW(arena, double, g->n_entries);
    }
    if (!costs.bytes || (wanted && (!costs.us || !costs.networks))) return error_memory(err);
    for (int i = 0; i < g->n_entries; i++) {
        Error why = {0};
        if (wanted && !look(&g->entry[i], &costs.us[n], &costs.networks[n], &why)) {
            if (why.code == ERR_MEMORY || !skip(g, i, why.message, arena)) return error_memory(err);
            continue;
        }
        costs.bytes[n] = g->entry[i].row->model_bytes;
        g->entry[n++] = g->entry[i];
    }
    g->n_entries = n;
    if (n == 0)
        return error_set(err, ERR_DATA, "no model file can be read: trial %d: %s", g->skipped[0].trial,
                         g->skipped[0].why);
    *out = costs;
    return true;
}
