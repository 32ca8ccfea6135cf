/* Ranges of what lies between the layers, found on rows; then weights, biases and factors as integers. */
#include "plan/quantize.h"

#include <math.h>
#include <string.h>

#include "plan/run.h"
#include "plan/steps.h"

enum { BINS = 1024, CUTS = 40 };

/* A vector of floats that a dense layer reads. */
typedef struct {
    bool wanted;
    bool whole;      /* it becomes integers where it is made; else a step makes them of it */
    bool features;   /* of no network, but of all that share a preprocessing */
    int most_inputs; /* of the widest dense layer that reads it */
    int integers;    /* the vector of integers, once it is there; -1: not yet */
    float low, high; /* that were seen */
    int64_t *bin;    /* (BINS) how often, between these */
} Range;

typedef struct {
    const Plan *plan;
    PlanNumbers numbers;
    Range *range; /* (vectors of the plan) */
    bool counting;
    StepList list;
} Work;

/* ---- what is to be integers -------------------------------------------------------------------- */

/* Written once, by a layer that ends in relu, and read by layers only? */
static bool can_be_whole(const Plan *plan, int v)
{
    int made = 0;
    for (int s = 0; s < plan->n_steps; s++) {
        const PlanStep *step = &plan->steps[s];
        if (step->out == v) made += step->op == PLAN_DENSE && step->activation == ACT_RELU ? 1 : 2;
        if (step->op != PLAN_DENSE && plan_reads(step, v)) return false;
    }
    return made == 1;
}

static bool find_wanted(Work *w, Arena *arena)
{
    const Plan *plan = w->plan;
    w->range = ARENA_NEW(arena, Range, plan->n_vectors);
    if (!w->range) return false;
    for (int s = 0; s < plan->n_steps; s++) {
        const PlanStep *step = &plan->steps[s];
        if (step->op <= PLAN_DERIVED) w->range[step->out].features = true;
        if (step->op != PLAN_DENSE) continue;
        Range *range = &w->range[step->in];
        range->wanted = true;
        range->most_inputs = plan->vectors[step->in].n;
    }
    for (int v = 0; v < plan->n_vectors; v++) {
        Range *range = &w->range[v];
        range->integers = -1;
        if (!range->wanted) continue;
        range->whole = can_be_whole(plan, v);
        range->bin = ARENA_NEW(arena, int64_t, BINS);
        if (!range->bin) return false;
    }
    return true;
}

/* ---- ranges ------------------------------------------------------------------------------------ */

static void look(void *context, int row, int vector, const float *v)
{
    const Work *w = (const Work *)context;
    Range *range = &w->range[vector];
    const int n = w->plan->vectors[vector].n;
    (void)row;
    if (!range->wanted) return;
    const float width = (range->high - range->low) / BINS;
    for (int i = 0; i < n; i++) {
        if (!w->counting) {
            range->low = fminf(range->low, v[i]);
            range->high = fmaxf(range->high, v[i]);
        } else if (width > 0) {
            const int b = (int)((v[i] - range->low) / width);
            range->bin[b < 0 ? 0 : b >= BINS ? BINS - 1 : b]++;
        }
    }
}

/* Mean square of what is lost of a range's values when [low, high] is cut into `steps`. */
static double lost(const Range *range, double low, double high, double steps)
{
    const double width = ((double)range->high - range->low) / BINS, step = (high - low) / steps;
    double sum = 0;
    for (int b = 0; b < BINS; b++) {
        const double v = range->low + (b + 0.5) * width;
        const double off = v < low ? low - v : v > high ? v - high : 0;
        sum += (double)range->bin[b] * (off * off + step * step / 12);
    }
    return sum;
}

/* Cuts a range where that loses least: few values far out would make all others coarse. */
static void cut(Range *range)
{
    double best = INFINITY, share = 1;
    for (int c = CUTS; c >= 2; c--) {
        const double now = (double)c / CUTS;
        const double loss = lost(range, now * range->low, now * range->high, 255);
        if (loss < best) best = loss, share = now;
    }
    range->low = (float)(share * range->low);
    range->high = (float)(share * range->high);
}

static bool find_ranges(Work *w, const Table *rows, Arena *arena, Error *err)
{
    const size_t n_values = (size_t)w->plan->vectors[w->plan->result].n;
    float *values = ARENA_NEW(arena, float, (size_t)rows->n_rows * n_values);
    if (!values) return error_memory(err);
    for (int pass = 0; pass < 2; pass++) {
        w->counting = pass == 1;
        if (!plan_run_look(w->plan, rows, look, w, arena, values, err)) return false;
    }
    for (int v = 0; w->numbers == PLAN_I8 && v < w->plan->n_vectors; v++)
        if (w->range[v].wanted) cut(&w->range[v]);
    return true;
}

/* Scale, zero and largest integer of a vector, by its range. Sums of 16 bits must not overflow, so the wider
 * the layer, the fewer of them are used. */
static PlanVector integer_vector(const Work *w, const Range *range, int n)
{
    PlanVector out = {.n = n, .type = w->numbers == PLAN_I8 ? PLAN_INT8 : PLAN_INT16, .scale = 1};
    if (w->numbers == PLAN_I8) {
        out.most = 127;
        if (range->high > range->low) out.scale = (range->high - range->low) / 255;
        out.zero = (int)fmaxf(-128, fminf(127, rintf(-128 - range->low / out.scale)));
        return out;
    }
    const float far = fmaxf(-range->low, range->high);
    out.most = (int)fmin(32767, 0x7fffffff / 2 / (127.0 * range->most_inputs));
    if (far > 0) out.scale = far / (float)out.most;
    return out;
}

/* ---- weights ----------------------------------------------------------------------------------- */

typedef struct {
    int8_t *w, *shift;
    int32_t *bias, *multiplier;
    float *scale;
} Weights;

static bool weights_room(Weights *k, size_t n_in, size_t n_out, bool whole, Arena *arena)
{
    k->w = (int8_t *)arena_room(arena, n_in * n_out, 1);
    k->bias = ARENA_NEW(arena, int32_t, n_out);
    k->scale = ARENA_NEW(arena, float, n_out);
    k->multiplier = whole ? ARENA_NEW(arena, int32_t, n_out) : NULL;
    k->shift = whole ? ARENA_NEW(arena, int8_t, n_out) : NULL;
    return k->w && k->bias && k->scale && (!whole || (k->multiplier && k->shift));
}

/* factor = multiplier / 2^(31 + shift), the multiplier of 31 bits. */
static void as_multiplier(double factor, int32_t *multiplier, int8_t *shift)
{
    int exponent;
    const double fraction = frexp(factor, &exponent);
    int64_t m = llrint(ldexp(fraction, 31));
    if (m == (int64_t)1 << 31) m /= 2, exponent++;
    if (exponent < -31 || m == 0) m = 0, exponent = -31;
    if (exponent > 30) m = 0x7fffffff, exponent = 30;
    *multiplier = (int32_t)m;
    *shift = (int8_t)-exponent;
}

/* Output o: W's column o by one scale; the bias at the scale of the sums, with what the zero of the inputs
 * adds. */
static void quantize_output(const MlpLayer *layer, int o, const PlanVector *in, const PlanVector *out,
                            Weights *k)
{
    const int n_in = in->n;
    const double bias = layer->b[o];
    double largest = 0, scale;
    int64_t sum = 0;
    const float *column = layer->w + o;
    const size_t ld = (size_t)layer->ld;
    for (int i = 0; i < n_in; i++) largest = fmax(largest, fabs((double)column[(size_t)i * ld]));
    scale = largest > 0 ? largest / 127 : 1;
    scale = fmax(scale, fabs(bias) / in->scale / 0x1p29); /* so that the bias fits */
    for (int i = 0; i < n_in; i++) {
        const long q = lrint((double)column[(size_t)i * ld] / scale);
        k->w[(size_t)o * (size_t)n_in + (size_t)i] = (int8_t)q;
        sum += q;
    }
    k->scale[o] = (float)(scale * in->scale);
    k->bias[o] = (int32_t)(llrint(bias / (scale * in->scale)) - in->zero * sum);
    if (k->multiplier) as_multiplier(scale * in->scale / out->scale, &k->multiplier[o], &k->shift[o]);
}

static bool quantize_dense(Work *w, PlanStep *step)
{
    Arena *arena = w->list.arena;
    const PlanVector *in = &w->list.vectors[step->in], *out = &w->list.vectors[step->out];
    const MlpLayer layer = mlp_layer(step->mlp, step->layer);
    Weights k;
    PlanIntegers *made = ARENA_NEW(arena, PlanIntegers, 1);
    if (!made || !weights_room(&k, (size_t)in->n, (size_t)out->n, out->type != PLAN_FLOAT, arena)) return false;
    for (int o = 0; o < out->n; o++) quantize_output(&layer, o, in, out, &k);
    *made = (PlanIntegers){k.w, k.bias, k.scale, k.multiplier, k.shift};
    step->integers = made;
    return true;
}

/* ---- the plan ---------------------------------------------------------------------------------- */

/* The integers of vector v, made by a step if they are not there. */
static int integers_of(Work *w, int v, int net)
{
    Range *range = &w->range[v];
    if (range->integers >= 0) return range->integers;
    const PlanVector form = integer_vector(w, range, w->plan->vectors[v].n);
    const int q = steps_vector(&w->list, form.n, form.type);
    if (q < 0) return q;
    w->list.vectors[q] = form;
    steps_add(&w->list, PLAN_QUANTIZE, v, q)->net = w->range[v].features ? -1 : net;
    range->integers = q;
    return q;
}

static bool make(Work *w)
{
    const Plan *plan = w->plan;
    StepList *list = &w->list;
    for (int v = 0; v < plan->n_vectors; v++) {
        const PlanVector *old = &plan->vectors[v];
        const int made = steps_vector(list, old->n, old->type);
        if (made < 0) return false;
        if (!w->range[v].whole) continue;
        list->vectors[made] = integer_vector(w, &w->range[v], old->n);
        w->range[v].integers = v;
    }
    for (int s = 0; s < plan->n_steps && !list->broken; s++) {
        PlanStep step = plan->steps[s];
        if (step.op == PLAN_DENSE) {
            step.in = integers_of(w, step.in, step.net);
            if (list->broken || !quantize_dense(w, &step)) return false;
        }
        *steps_add(list, step.op, step.in, step.out) = step;
    }
    return !list->broken;
}

bool plan_quantize(const Plan *plan, PlanNumbers numbers, const Table *rows, Arena *arena, Plan **out,
                   Error *err)
{
    Work work = {.plan = plan, .numbers = numbers, .list = {.arena = arena}};
    if (numbers == PLAN_F32) return error_set(err, ERR_INVALID, "a plan of floats is no plan of integers");
    if (rows->n_rows == 0)
        return error_set(err, ERR_INVALID, "integers are calibrated on rows, and there are none");
    Plan *made = ARENA_NEW(arena, Plan, 1);
    if (!made || !find_wanted(&work, arena)) return error_memory(err);
    if (!find_ranges(&work, rows, arena, err)) return false;
    if (!make(&work)) return error_memory(err);
    *made = *plan;
    made->numbers = numbers;
    made->vectors = work.list.vectors;
    made->n_vectors = work.list.n_vectors;
    made->steps = work.list.steps;
    made->n_steps = work.list.n_steps;
    if (!plan_place(made, arena)) return error_memory(err);
    *out = made;
    return true;
}
