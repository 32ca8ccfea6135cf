/* The books that a trial keeps over its runs: which rows are validated, and what was predicted for them. */
#include "tuner/trial/gathered.h"

#include <math.h>

#include "engine/sampling.h"
#include "engine/trainer.h"

bool gathered_create(const ObjectiveOptions *o, const TrainOptions *train, Arena *arena, Gathered *g,
                     Error *err)
{
    const Split *split = o->split;
    const Table *table = o->table;
    const size_t n_targets = table->targets ? (size_t)table->task.n_targets : 0;
    int k = table_values(table), repeats = train->seeds_per_trial < 1 ? 1 : train->seeds_per_trial;
    int nets_a_run = train->members * (train->snapshots > 0 ? train->snapshots : 1);
    for (int i = 0; i < split->n_rows; i++) g->n_rows += split->fold_of[i] >= 0;
    g->n_runs = repeats * split->n_folds;
    size_t cells = (size_t)g->n_rows * (size_t)k;
    g->row = ARENA_NEW(arena, int32_t, g->n_rows);
    g->position = ARENA_NEW(arena, int32_t, o->table->n_rows);
    if (table->labels) g->labels = ARENA_NEW(arena, int32_t, g->n_rows);
    if (table->weight && !(g->weight = ARENA_NEW(arena, double, g->n_rows))) return error_memory(err);
    if (n_targets) g->targets = ARENA_NEW(arena, double, (size_t)g->n_rows * n_targets);
    g->sum = ARENA_NEW(arena, double, cells);
    g->proba = ARENA_NEW(arena, float, cells);
    g->run_score = ARENA_NEW(arena, double, g->n_runs);
    g->nets = ARENA_NEW(arena, ModelNet, g->n_runs * nets_a_run);
    g->preps = ARENA_NEW(arena, const Prep *, split->n_folds);
    if (!g->row || !g->position || (!g->labels && !g->targets) || !g->sum || !g->proba || !g->run_score
        || !g->nets
        || !g->preps)
        return error_memory(err);
    for (int i = 0, n = 0; i < o->table->n_rows; i++) {
        g->position[i] = -1;
        if (split->fold_of[i] >= 0) {
            g->position[i] = n;
            g->row[n] = i;
            if (g->labels) g->labels[n] = table->labels[i];
            if (g->weight) g->weight[n] = table->weight[i];
            for (size_t t = 0; t < n_targets; t++)
                g->targets[(size_t)n * n_targets + t] = table->targets[(size_t)i * n_targets + t];
            n++;
        }
    }
    return true;
}

void gathered_add(const ObjectiveOptions *o, Gathered *g, int fold, const float *proba)
{
    int k = table_values(o->table);
    for (int i = 0; i < o->split->n_valid[fold]; i++) {
        double *to = g->sum + (size_t)g->position[o->split->valid[fold][i]] * (size_t)k;
        for (int c = 0; c < k; c++) to[c] += proba[(size_t)i * (size_t)k + (size_t)c];
    }
}

bool gathered_weigh(Gathered *g, const TrainOptions *train, const Rows *rows, int n_folds, Arena *arena,
                    Error *err)
{
    const int k = rows->n_classes;
    if ((train->class_weight == CLASS_WEIGHT_NONE && train->sampling == SAMPLING_NONE) || !rows->labels)
        return true;
    float *seen = ARENA_NEW(arena, float, k), *weight = ARENA_NEW(arena, float, k);
    bool first = !g->class_weight;
    if (first) g->class_weight = ARENA_NEW(arena, double, k);
    if (!seen || !weight || !g->class_weight) return error_memory(err);
    trainer_class_weights((ClassWeight)train->class_weight, rows, weight);
    sampling_weights((Sampling)train->sampling, rows, seen);
    for (int c = 0; c < k; c++) weight[c] *= seen[c];
    for (int c = 0; c < k; c++) {
        double share = pow(weight[c], 1.0 / n_folds);
        g->class_weight[c] = first ? share : g->class_weight[c] * share;
    }
    return true;
}
