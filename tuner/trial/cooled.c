/* One temperature for a trial: into its predictions and into the last layers of its networks. */
#include "tuner/trial/cooled.h"

#include <math.h>

#include "engine/cooling.h"

static void cool_rows(float *proba, int n, int k, double t)
{
    for (int i = 0; i < n; i++) {
        float *p = proba + (size_t)i * (size_t)k;
        double top = 0, sum = 0;
        for (int c = 0; c < k; c++) top = fmax(top, (double)p[c]);
        if (!(top > 0)) continue;
        for (int c = 0; c < k; c++) sum += pow((double)p[c] / top, 1 / t);
        for (int c = 0; c < k; c++) p[c] = (float)(pow((double)p[c] / top, 1 / t) / sum);
    }
}

static void cool_network(const Mlp *mlp, float share)
{
    const int last = mlp->n_layers - 1;
    const MlpLayer layer = mlp_layer(mlp, last);
    const size_t n = ((size_t)mlp->width[last] + 1) * (size_t)layer.ld; /* the bias follows the weights */
    for (size_t i = 0; i < n; i++) layer.w[i] *= share;
}

void gathered_cool(const ObjectiveOptions *o, const TrainOptions *train, Gathered *g)
{
    const int k = o->table->n_classes;
    const bool alone = g->n_nets == g->n_runs && g->n_runs == o->split->n_folds && o->split->n_times == 1;
    const bool classes = o->table->task.kind == TASK_CLASSES && g->labels && !g->class_weight;
    if (!train->cool || !alone || !classes) return;
    const double t = cooling_fit(&(CoolingRows){g->n_rows, k, g->proba, k, g->labels, g->weight, 0});
    if (!isfinite(t)) return; /* a prediction is nan */
    cool_rows(g->proba, g->n_rows, k, t);
    for (int i = 0; i < g->n_nets; i++) cool_network(g->nets[i].mlp, (float)(1 / t));
}
