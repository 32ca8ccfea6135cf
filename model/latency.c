/* Time of one prediction of a whole model, an estimate. */
#include "model/latency.h"

double model_latency_us(const Model *model)
{
    double us = 0;
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++) {
            const Mlp *mlp = model->members[m].nets[k].mlp;
            double flops = 0;
            for (int l = 0; l < mlp->n_layers; l++) flops += 2.0 * mlp->width[l] * mlp->width[l + 1];
            us += latency_us(1, flops);
        }
    return us;
}

int model_n_networks(const Model *model)
{
    int n = 0;
    for (int m = 0; m < model->n_members; m++) n += model->members[m].n_nets;
    return n;
}
