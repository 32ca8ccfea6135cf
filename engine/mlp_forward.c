/* Rows through a network, block by block: logits, and probabilities of them. */
#include "engine/mlp_forward.h"

#include <string.h>

#include "engine/denormals.h"
#include "engine/gemm.h"
#include "engine/layer.h"
#include "engine/loss.h"

static int widest(const Mlp *mlp)
{
    int most = 0;
    for (int l = 1; l <= mlp->n_layers; l++)
        if (mlp->width[l] > most) most = mlp->width[l];
    return mlp_pad(most);
}

size_t mlp_forward_floats(const Mlp *mlp, int rows)
{
    size_t inputs = mlp->embed ? (size_t)rows * (size_t)mlp_pad(mlp->width[0]) : 0;
    size_t wide = (size_t)widest(mlp);
    return inputs + 2 * (size_t)rows * wide + (mlp->layer_norm ? wide : 0);
}

size_t mlp_block_floats(const Mlp *mlp, const Rows *rows, int n)
{
    if (ramps_pay(rows))
        return (size_t)mlp->width[0] * (size_t)mlp_pad(mlp->width[1]) + ramps_words(rows, n, false);
    return rows_in_place(rows) ? 0 : (size_t)n * (size_t)mlp_pad(rows->n_features);
}

void mlp_block_open(const Mlp *mlp, const Rows *rows, float *memory, MlpBlock *out)
{
    *out = (MlpBlock){.rows = rows, .room = memory};
    if (!ramps_pay(rows)) return;
    out->sums = memory;
    out->hats.memory = (uint32_t *)(void *)(memory + (size_t)mlp->width[0] * (size_t)mlp_pad(mlp->width[1]));
}

void mlp_block_at(MlpBlock *block, int from, int n)
{
    block->n = n;
    if (block->sums) ramps_gather(block->rows, NULL, from, n, &block->hats);
    else block->x = mlp_rows(block->rows, from, n, block->room, &block->ld);
}

float *mlp_forward(const Mlp *mlp, MlpBlock *block, float *work)
{
    const int n = block->n;
    const size_t wide = (size_t)widest(mlp);
    Stage stages[LAYER_MOST_STAGES];
    const int n_stages = layer_stages(mlp, stages), first = mlp->embed != NULL;
    const float *in = block->x;
    int ld_in = block->ld;
    if (first) {
        ld_in = mlp_pad(mlp->width[0]);
        stages[0].kind->predict(mlp, 0, n, in, block->ld, work, NULL);
        in = work;
        work += (size_t)n * (size_t)ld_in;
    }
    float *half[2] = {work, work + (size_t)n * wide}, *zeros = half[1] + (size_t)n * wide;
    if (mlp->layer_norm) memset(zeros, 0, wide * sizeof *zeros);
    if (block->sums) { /* the first product; in stays NULL */
        const MlpLayer layer = mlp_layer(mlp, 0);
        const Rows *rows = block->rows;
        if (block->of != mlp)
            ramps_sums(rows->ramp, rows->n_ramps, mlp->width[0], layer.ld, layer.w, block->sums);
        block->of = mlp;
        gemm_listed(&block->hats.rows, layer.ld, block->sums, layer.ld, half[0], layer.ld);
    }
    for (int s = first; s < n_stages; s++) {
        float *out = half[stages[s].l % 2];
        stages[s].kind->predict(mlp, stages[s].l, n, in, ld_in, out, zeros);
        in = out;
        ld_in = mlp_pad(mlp->width[stages[s].l + 1]);
    }
    return half[(mlp->n_layers - 1) % 2];
}

const float *mlp_rows(const Rows *rows, int from, int n, float *block, int *ld)
{
    if (rows_in_place(rows)) {
        *ld = rows->ld;
        return rows->x + (size_t)from * (size_t)rows->ld;
    }
    *ld = mlp_pad(rows->n_features);
    rows_gather(rows, NULL, from, n, NULL, NULL, NULL, block, *ld);
    return block;
}

bool mlp_predict(const Mlp *mlp, const Rows *rows, Arena *arena, float *values, int ld_values,
                 Error *err)
{
    static const Task classes = {TASK_CLASSES, 0, NULL, 0, NULL};
    const int n_outputs = mlp->width[mlp->n_layers], ld = mlp_pad(n_outputs);
    const Task *task = rows->task ? rows->task : &classes;
    if (rows->n_features != mlp_features(mlp))
        return error_set(err, ERR_INVALID, "the network takes %d features, the rows have %d",
                         mlp_features(mlp), rows->n_features);
    int most = rows->n_rows < MLP_BLOCK ? rows->n_rows : MLP_BLOCK;
    float *work = ARENA_NEW(arena, float, mlp_forward_floats(mlp, most));
    float *room = work ? ARENA_NEW(arena, float, mlp_block_floats(mlp, rows, most)) : NULL;
    if (!room) return error_memory(err);
    MlpBlock block;
    mlp_block_open(mlp, rows, room, &block);
    const Loss loss = {.n_classes = n_outputs};
    unsigned long state = denormals_off();
    for (int from = 0; from < rows->n_rows; from += most) {
        int n = rows->n_rows - from < most ? rows->n_rows - from : most;
        mlp_block_at(&block, from, n);
        float *p = mlp_forward(mlp, &block, work);
        const bool softmax = mlp->link == LINK_SOFTMAX;
        if (softmax) loss_rows(&loss, n, ld, p, NULL, NULL, NULL);
        for (int i = 0; i < n; i++) {
            float *to = values + (size_t)(from + i) * (size_t)ld_values;
            const float *row = p + (size_t)i * (size_t)ld;
            if (softmax) memcpy(to, row, (size_t)n_outputs * sizeof *to);
            else link_row(mlp->link, task, rows->n_classes, row, to);
        }
    }
    denormals_restore(state);
    return true;
}
