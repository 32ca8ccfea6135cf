/* Which stages a network has. */
#include "engine/layer.h"

int layer_stages(const Mlp *mlp, Stage stages[LAYER_MOST_STAGES])
{
    int n = 0;
    if (mlp->embed) stages[n++] = (Stage){&layer_embed, 0};
    for (int l = 0; l < mlp->n_layers; l++) stages[n++] = (Stage){&layer_dense, l};
    return n;
}
