/* A plan computed row by row: each step is a call of the function that an exported file has for it. */
#include "plan/run.h"

#include <assert.h>
#include <string.h>

#include "plan/constants.h"
#include "plan/encode_run.h"
#include "plan/run_integers.h"
#include "plan/runtime/add.h"
#include "plan/runtime/calibrate.h"
#include "plan/runtime/calibrate_matrix.h"
#include "plan/runtime/category.h"
#include "plan/runtime/clear.h"
#include "plan/runtime/cool.h"
#include "plan/runtime/cumulative.h"
#include "plan/runtime/dense.h"
#include "plan/runtime/exponential.h"
#include "plan/runtime/exponential_wide.h"
#include "plan/runtime/gelu.h"
#include "plan/runtime/identity.h"
#include "plan/runtime/leaky_relu.h"
#include "plan/runtime/log_mix.h"
#include "plan/runtime/logistic.h"
#include "plan/runtime/mish.h"
#include "plan/runtime/mix.h"
#include "plan/runtime/norm.h"
#include "plan/runtime/quantile_link.h"
#include "plan/runtime/relu.h"
#include "plan/runtime/rise.h"
#include "plan/runtime/selu.h"
#include "plan/runtime/sigmoid.h"
#include "plan/runtime/silu.h"
#include "plan/runtime/softmax.h"
#include "plan/runtime/stack.h"
#include "plan/runtime/tanh.h"
#include "plan/runtime/vote.h"
#include "plan/runtime/waves.h"

/* What a step's function takes besides the vectors. */
typedef struct {
    const float *a;         /* weights of a dense layer; a link's, a stack's or a calibration's numbers */
    const float **learned;  /* of each feature of an embedding, or NULL */
    const double *wide;     /* a link's, where floats are not enough */
    const float *bias, *at, *to;
    const uint8_t *n_knots;
} Numbers;

typedef struct {
    const Plan *plan;
    PlanEncoder *encoder;
    Numbers *numbers;   /* (steps) */
    int *last;          /* (vectors) the last step that writes it */
    char *scratch;
    float *values;      /* the row's result */
} Run;

/* ---- before the first row ---------------------------------------------------------------------- */

static bool embedding_numbers(const PlanStep *step, Arena *arena, Numbers *out)
{
    const Embed *embed = step->mlp->embed;
    out->learned = ARENA_NEW(arena, const float *, embed->n_features);
    int n;
    for (int j = 0; out->learned && j < embed->n_features;) {
        const PlanEmbedded one = plan_embedded(embed, j);
        if (one.kind != FEATURE_PLAIN && !(out->learned[j] = plan_embedding(step->mlp, &one, arena, &n)))
            return false;
        j += one.n;
    }
    return out->learned != NULL;
}

static bool calibration_numbers(const Model *model, Arena *arena, Numbers *out)
{
    const Calibration *c = model->calibration;
    const int n_classes = model_values(model);
    if (!c) return true;
    out->a = plan_floats(c->scale, c->n_scale, arena);
    out->bias = plan_floats(c->bias, n_classes, arena);
    if (!out->a || !out->bias) return false;
    if (!c->n_knots) return true;
    const int n = plan_knots(c, n_classes);
    uint8_t *n_knots = ARENA_NEW(arena, uint8_t, n_classes);
    out->at = plan_floats(c->at, n, arena);
    out->to = plan_floats(c->to, n, arena);
    for (int k = 0; n_knots && k < n_classes; k++) n_knots[k] = (uint8_t)c->n_knots[k];
    out->n_knots = n_knots;
    return out->at && out->to && n_knots;
}

static bool link_numbers(const Task *task, Link link, Arena *arena, Numbers *out)
{
    const int n = plan_link_numbers(link);
    if (n == 0) return true;
    out->wide = plan_link(task, link, arena);
    return out->wide && (out->a = plan_floats(out->wide, n * task->n_targets, arena));
}

static bool numbers_of(const Model *model, const PlanStep *step, Arena *arena, Numbers *out)
{
    const Task *task = &model->schema.task;
    switch (step->op) {
    case PLAN_DENSE: return step->integers || (out->a = plan_weights(step, arena)) != NULL;
    case PLAN_EMBED: return embedding_numbers(step, arena, out);
    case PLAN_LINK: return link_numbers(task, step->mlp->link, arena, out);
    case PLAN_STACK: return (out->a = plan_floats(model->intercept, task->n_targets, arena)) != NULL;
    case PLAN_CALIBRATE: return calibration_numbers(model, arena, out);
    default: return true;
    }
}

static bool prepare(Run *run, Arena *arena)
{
    const Plan *plan = run->plan;
    run->scratch = arena_alloc(arena, plan->scratch_bytes, 1);
    run->numbers = ARENA_NEW(arena, Numbers, plan->n_steps);
    run->last = ARENA_NEW(arena, int, plan->n_vectors);
    if (!run->scratch || !run->numbers || !run->last) return false;
    for (int s = 0; s < plan->n_steps; s++) {
        run->last[plan->steps[s].out] = s;
        if (!numbers_of(plan->model, &plan->steps[s], arena, &run->numbers[s])) return false;
    }
    return true;
}

/* ---- one row ------------------------------------------------------------------------------------ */

static float *vector(const Run *run, int v)
{
    if (v < 0 || v == run->plan->result) return run->values; /* of none nothing is read */
    return (float *)(void *)(run->scratch + run->plan->vectors[v].at);
}

static void activate(int activation, int n, float *z)
{
    switch ((Activation)activation) {
    case ACT_RELU: rt_relu(n, z); return;
    case ACT_LEAKY_RELU: rt_leaky_relu(n, z); return;
    case ACT_TANH: rt_tanh(n, z); return;
    case ACT_SIGMOID: rt_sigmoid(n, z); return;
    case ACT_GELU: rt_gelu(n, z); return;
    case ACT_SILU: rt_silu(n, z); return;
    case ACT_SELU: rt_selu(n, z); return;
    case ACT_MISH: rt_mish(n, z); return;
    case ACTIVATION_COUNT: return;
    }
}

static void embed(const PlanStep *step, const Numbers *numbers, const float *x, float *to)
{
    const Embed *e = step->mlp->embed;
    for (int j = 0; j < e->n_features;) {
        const PlanEmbedded one = plan_embedded(e, j);
        const float *from = x + j, *p = numbers->learned[j];
        float *inputs = to + one.input;
        j += one.n;
        if (one.kind == FEATURE_PLAIN) {
            memcpy(inputs, from, (size_t)one.n * sizeof *inputs);
        } else if (one.kind > 0) {
            rt_category(one.kind, e->category_size, p, *from, inputs);
        } else if (one.kind == FEATURE_PERIODIC) {
            rt_waves(e->frequencies, 1, e->size, p, *from, inputs);
        } else {
            inputs[0] = *from;
            rt_waves(e->frequencies, 0, e->size - 1, p, *from, inputs + 1);
        }
    }
}

static void link(const Model *model, const PlanStep *step, const Numbers *numbers, const float *z, float *out)
{
    const float *c = numbers->a;
    const Task *task = &model->schema.task;
    switch (step->mlp->link) {
    case LINK_SOFTMAX: rt_softmax(model_values(model), z, out); return;
    case LINK_CUMULATIVE: rt_cumulative(model_values(model), z, out); return;
    case LINK_SIGMOID: rt_logistic(task->n_targets, z, out); return;
    case LINK_IDENTITY: rt_identity(task->n_targets, c, z, out); return;
    case LINK_LOG: case LINK_RATE:
        if (plan_link_wide(task, step->mlp->link)) rt_exponential_wide(task->n_targets, numbers->wide, z, out);
        else rt_exponential(task->n_targets, c, z, out);
        return;
    case LINK_QUANTILES:
        rt_quantile_link(task->n_targets, task->n_quantiles, link_middle(task), c, z, out);
        return;
    case LINK_COUNT: return;
    }
}

static void calibrate(const Model *model, const Numbers *c, int n, float *p)
{
    if (!model->calibration) {
        rt_cool(n, (float)(1 / model->temperature), p);
        return;
    }
    const int n_scale = model->calibration->n_scale;
    if (n_scale == 1 || n_scale == n) rt_calibrate(n, n_scale > 1, c->a, c->bias, p);
    else rt_calibrate_matrix(n, c->a, c->bias, p);
    if (c->n_knots) rt_rise(n, c->n_knots, c->at, c->to, p);
}

static void step_run(const Run *run, int s, int row)
{
    const Plan *plan = run->plan;
    const Model *model = plan->model;
    const PlanStep *step = &plan->steps[s];
    const Numbers *c = &run->numbers[s];
    const float *in = vector(run, step->in);
    float *out = vector(run, step->out);
    const int n = plan->vectors[step->out].n;
    const float weight = (float)step->weight;
    switch (step->op) {
    case PLAN_PIXELS: case PLAN_NUMBERS: case PLAN_WORD: case PLAN_TEXT: case PLAN_DERIVED:
        plan_encode_row(run->encoder, step, row, out);
        break;
    case PLAN_EMBED: embed(step, c, in, out); break;
    case PLAN_DENSE:
        if (step->integers)
            plan_run_dense(step, &plan->vectors[step->in], &plan->vectors[step->out], in, out);
        else rt_dense(plan->vectors[step->in].n, n, c->a, mlp_layer(step->mlp, step->layer).b, in, out);
        if (step->activation >= 0 && plan->vectors[step->out].type == PLAN_FLOAT)
            activate(step->activation, n, out);
        break;
    case PLAN_NORM: {
        const MlpLayer layer = mlp_layer(step->mlp, step->layer);
        assert(layer.gain && layer.shift);
        rt_norm(n, layer.gain, layer.shift, out);
        break;
    }
    case PLAN_ACTIVATE: activate(step->activation, n, out); break;
    case PLAN_ADD: rt_add(n, vector(run, step->with), out); break;
    case PLAN_LINK: link(model, step, c, in, out); break;
    case PLAN_CLEAR: rt_clear(n, out); break;
    case PLAN_MIX: rt_mix(n, weight, in, out); break;
    case PLAN_VOTE: rt_vote(n, weight, in, out); break;
    case PLAN_LOG_MIX: rt_log_mix(n, weight, in, out); break;
    case PLAN_SOFTMAX: rt_softmax(n, out, out); break;
    case PLAN_STACK: rt_stack(n, task_stride(&model->schema.task), (float)model->slope, c->a, out); break;
    case PLAN_CALIBRATE: calibrate(model, c, n, out); break;
    case PLAN_QUANTIZE: plan_run_quantize(&plan->vectors[step->out], in, out); break;
    case PLAN_OP_COUNT: assert(false);
    }
}

/* ---- the rows ----------------------------------------------------------------------------------- */

bool plan_run_look(const Plan *plan, const Table *table, PlanLook *look, void *context, Arena *arena,
                   float *values, Error *err)
{
    Run run = {.plan = plan};
    const size_t n_values = (size_t)plan->vectors[plan->result].n;
    if (!model_fits(plan->model, table, err)) return false;
    if (!prepare(&run, arena)) return error_memory(err);
    if (!plan_encoder_open(plan, table, arena, &run.encoder, err)) return false;
    for (int i = 0; i < table->n_rows; i++) {
        run.values = values + (size_t)i * n_values;
        for (int s = 0; s < plan->n_steps; s++) {
            const int v = plan->steps[s].out;
            step_run(&run, s, i);
            if (look && run.last[v] == s && plan->vectors[v].type == PLAN_FLOAT)
                look(context, i, v, vector(&run, v));
        }
    }
    return true;
}

bool plan_run(const Plan *plan, const Table *table, Arena *arena, float *values, Error *err)
{
    return plan_run_look(plan, table, NULL, NULL, arena, values, err);
}
