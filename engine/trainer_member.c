/* From the parameters to the weights of one member, and the gradient back: see trainer.h. */
#include <string.h>

#include "engine/layer.h"
#include "engine/trainer.h"

/* The weights of member k from a block of parameters, batch norm left out. */
static void effective(const Trainer *t, float *block, int k, Mlp *out)
{
    Stage stages[LAYER_MOST_STAGES];
    const int n = layer_stages(&t->mlp, stages);
    memcpy(out->params, block, t->mlp.n_floats * sizeof *block); /* embedding, norms, biases */
    for (int s = 0; s < n; s++)
        if (stages[s].kind->effective) stages[s].kind->effective(t, block, stages[s].l, k, out);
}

void trainer_effective(Trainer *t, int k)
{
    if (!t->plain) effective(t, t->params, k, &t->mlp);
}

void trainer_adjoint(Trainer *t, int k)
{
    Stage stages[LAYER_MOST_STAGES];
    if (t->plain) return;
    const int n = layer_stages(&t->mlp, stages);
    for (int s = 0; s < n; s++) stages[s].kind->adjoint(t, stages[s].l, k);
}

void trainer_average(Trainer *t)
{
    if (t->options.optimizer == OPT_SCHEDULE_FREE)
        optimizer_schedule_free_x(t->n_floats, t->options.beta1, t->params, t->m, t->average);
}

void trainer_fold(const Trainer *t, int k, Mlp *out)
{
    Stage stages[LAYER_MOST_STAGES];
    const int n = layer_stages(&t->mlp, stages);
    float *block = t->average ? t->average : t->params;
    effective(t, block, k, out);
    for (int s = 0; s < n; s++)
        if (stages[s].kind->fold) stages[s].kind->fold(t, block, stages[s].l, k, out);
}
