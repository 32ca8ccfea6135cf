/* From a model to its plan: one preprocessing after the other, with each the networks that use it. */
#include "plan/steps.h"

/* ---- a network ------------------------------------------------------------------------------- */

typedef struct {
    const Model *model;
    double features;
    StepList list;
    int result;
    int *sum;  /* (members) the vector where a member's networks come together, or -1: not yet */
    int *left; /* (members) of its networks that are still to come */
} Making;

static PlanStep *of_network(Making *making, PlanOp op, int in, int out, int net, const Mlp *mlp, int layer)
{
    PlanStep *step = steps_add(&making->list, op, in, out);
    step->net = net;
    step->mlp = mlp;
    step->layer = layer;
    return step;
}

/* From features to the outputs of the last layer: their vector. */
static int network(Making *making, const Mlp *mlp, int net, int features)
{
    StepList *list = &making->list;
    int in = features;
    if (mlp->embed) {
        in = steps_vector(list, mlp->width[0], PLAN_FLOAT);
        of_network(making, PLAN_EMBED, features, in, net, mlp, 0);
    }
    for (int l = 0; l < mlp->n_layers; l++) {
        const bool hidden = l + 1 < mlp->n_layers, norm = mlp->layer_norm && hidden;
        const int out = steps_vector(list, mlp->width[l + 1], PLAN_FLOAT);
        PlanStep *dense = of_network(making, PLAN_DENSE, in, out, net, mlp, l);
        if (hidden && !norm) dense->activation = (int)mlp->activation;
        if (norm) {
            of_network(making, PLAN_NORM, out, out, net, mlp, l);
            of_network(making, PLAN_ACTIVATE, out, out, net, mlp, l)->activation = (int)mlp->activation;
        }
        if (mlp_skips(mlp, l)) of_network(making, PLAN_ADD, out, out, net, mlp, l)->with = in;
        in = out;
    }
    return in;
}

/* ---- members ---------------------------------------------------------------------------------- */

static double total_weight(const Model *model)
{
    double total = 0;
    for (int m = 0; m < model->n_members; m++) total += model->members[m].weight;
    return total;
}

/* An average is one sum over all networks; of votes and pools each member is whole before it counts. */
static void take_in(Making *making, int m, int values)
{
    const Model *model = making->model;
    const ModelMember *member = &model->members[m];
    const double weight = member->weight / total_weight(model);
    StepList *list = &making->list;
    if (model->combine == COMBINE_AVERAGE) {
        if (values != making->result)
            steps_add(list, PLAN_MIX, values, making->result)->weight = weight / member->n_nets;
        return;
    }
    if (member->n_nets > 1) {
        if (making->sum[m] < 0) {
            making->sum[m] = steps_vector(list, model_values(model), PLAN_FLOAT);
            steps_add(list, PLAN_CLEAR, -1, making->sum[m]);
        }
        steps_add(list, PLAN_MIX, values, making->sum[m])->weight = 1.0 / member->n_nets;
        values = making->sum[m];
    }
    if (--making->left[m] > 0) return;
    const PlanOp op = model->combine == COMBINE_VOTE ? PLAN_VOTE : PLAN_LOG_MIX;
    steps_add(list, op, values, making->result)->weight = weight;
}

/* All networks that preprocessing p feeds. */
static void preprocessing(Making *making, int p, bool alone)
{
    const Model *model = making->model;
    StepList *list = &making->list;
    int features = -1;
    for (int m = 0, net = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++, net++) {
            const ModelNet *one = &model->members[m].nets[k];
            if (one->prep != p) continue;
            if (features < 0) {
                features = steps_vector(list, model->preps[p]->n_features, PLAN_FLOAT);
                plan_encode_steps(model, p, features, making->features, list);
            }
            const int z = network(making, one->mlp, net, features);
            const int values = alone ? making->result : steps_vector(list, model_values(model), PLAN_FLOAT);
            of_network(making, PLAN_LINK, z, values, net, one->mlp, one->mlp->n_layers);
            take_in(making, m, values);
        }
}

static bool make(Making *making)
{
    const Model *model = making->model;
    const bool alone = model->combine == COMBINE_AVERAGE && model->n_members == 1
        && model->members[0].n_nets == 1;
    making->sum = ARENA_NEW(making->list.arena, int, model->n_members);
    making->left = ARENA_NEW(making->list.arena, int, model->n_members);
    if (!making->sum || !making->left) return false;
    for (int m = 0; m < model->n_members; m++) making->sum[m] = -1, making->left[m] = model->members[m].n_nets;
    StepList *list = &making->list;
    const int result = making->result = steps_vector(list, model_values(model), PLAN_FLOAT);
    if (!alone) steps_add(list, PLAN_CLEAR, -1, result);
    for (int p = 0; p < model->n_preps; p++) preprocessing(making, p, alone);
    if (model->combine == COMBINE_POOL) steps_add(list, PLAN_SOFTMAX, result, result);
    if (model->combine != COMBINE_VOTE && model->intercept) steps_add(list, PLAN_STACK, result, result);
    if (model->combine != COMBINE_VOTE && (model->calibration || model->temperature != 1))
        steps_add(list, PLAN_CALIBRATE, result, result);
    return !list->broken;
}

bool plan_make(const Model *model, Arena *arena, Plan **out, Error *err)
{
    return plan_make_near(model, PLAN_FEATURES, arena, out, err);
}

bool plan_make_near(const Model *model, double features, Arena *arena, Plan **out, Error *err)
{
    Making making = {.model = model, .features = features, .list = {.arena = arena}};
    Plan *plan = ARENA_NEW(arena, Plan, 1);
    if (!plan || !make(&making)) return error_memory(err);
    const StepList *list = &making.list;
    *plan = (Plan){.model = model, .features = features, .n_vectors = list->n_vectors, .vectors = list->vectors,
                   .n_steps = list->n_steps, .steps = list->steps, .result = making.result};
    for (int s = 0; s < plan->n_steps; s++) plan->wide = plan->wide || plan->steps[s].wide;
    if (!plan_place(plan, arena)) return error_memory(err);
    *out = plan;
    return true;
}
