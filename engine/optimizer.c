/* One pass over weights, gradient and moments for each optimizer. */
#include "engine/optimizer.h"

#include "engine/vec.h"

/* The update runs in chunks that stay in the first-level cache, so that summing squares and
 * updating are two simple loops, and yet one pass over memory. */
enum { CHUNK = 1024 };

bool optimizer_needs_m(OptimizerKind kind, double momentum)
{
    return kind == OPT_ADAM || kind == OPT_ADAMW || kind == OPT_SCHEDULE_FREE ||
           (kind == OPT_SGD && momentum > 0);
}

bool optimizer_needs_v(OptimizerKind kind)
{
    return kind != OPT_SGD;
}

VEC_CLONES double optimizer_sum_squares(size_t n, const float *g)
{
    double lane[VEC_LANES] = {0};
    for (size_t i = 0; i < n; i += VEC_LANES)
        for (int j = 0; j < VEC_LANES; j++) lane[j] += (double)g[i + j] * (double)g[i + j];
    return vec_lanes_sum(lane);
}

VEC_CLONES double optimizer_penalty(size_t n, const float *w, float *g, double l1, double l2)
{
    double size[VEC_LANES] = {0};
    const float a = (float)l1, b = (float)l2;
    const float *restrict wr = w;
    float *restrict gr = g;
    for (size_t i = 0; i < n; i++) gr[i] += b * wr[i] + (wr[i] > 0 ? a : wr[i] < 0 ? -a : 0.0f);
    for (size_t i = 0; l1 > 0 && i < n; i += VEC_LANES)
        for (int j = 0; j < VEC_LANES; j++) size[j] += fabs((double)w[i + j]);
    double square = l2 > 0 ? optimizer_sum_squares(n, w) : 0;
    return l1 * vec_lanes_sum(size) + l2 / 2 * square;
}

/* What the loops need, as floats. */
typedef struct {
    float rate, keep, scale, momentum, beta1, beta2, rms, epsilon, root_correction, decay,
        mix;
} Constants;

VEC_CLONES static void update_sgd(Constants c, size_t n, float *restrict w,
                                  const float *restrict g, float *restrict m)
{
    if (!m) {
        for (size_t i = 0; i < n; i++) w[i] = w[i] * c.keep - c.rate * (g[i] * c.scale);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float grad = g[i] * c.scale;
        m[i] = c.momentum * m[i] + grad;
        w[i] = w[i] * c.keep - c.rate * m[i];
    }
}

VEC_CLONES static void update_nesterov(Constants c, size_t n, float *restrict w,
                                       const float *restrict g, float *restrict m)
{
    for (size_t i = 0; i < n; i++) {
        float grad = g[i] * c.scale;
        m[i] = c.momentum * m[i] + grad;
        w[i] = w[i] * c.keep - c.rate * (grad + c.momentum * m[i]);
    }
}

VEC_CLONES static void update_rmsprop(Constants c, size_t n, float *restrict w,
                                      const float *restrict g, float *restrict v)
{
    for (size_t i = 0; i < n; i++) {
        float grad = g[i] * c.scale;
        v[i] = c.rms * v[i] + (1.0f - c.rms) * (grad * grad);
        w[i] = w[i] * c.keep - c.rate * (grad / (sqrtf(v[i]) + c.epsilon));
    }
}

VEC_CLONES static void update_adam(Constants c, size_t n, float *restrict w,
                                   const float *restrict g, float *restrict m, float *restrict v)
{
    const float new1 = 1.0f - c.beta1, new2 = 1.0f - c.beta2;
    for (size_t i = 0; i < n; i++) {
        float grad = g[i] * c.scale;
        m[i] += new1 * (grad - m[i]);
        v[i] = c.beta2 * v[i] + new2 * (grad * grad);
        w[i] = w[i] * c.keep - c.rate * m[i] / (sqrtf(v[i]) * c.root_correction + c.epsilon);
    }
}

/* x is not kept: it follows from y and z. */
VEC_CLONES static void update_schedule_free(Constants c, size_t n, float *restrict w,
                                            const float *restrict g, float *restrict z,
                                            float *restrict v)
{
    const float new2 = 1.0f - c.beta2, inverse = 1.0f / c.beta1, slow = 1.0f - c.beta1;
    for (size_t i = 0; i < n; i++) {
        float grad = g[i] * c.scale, x = (w[i] - slow * z[i]) * inverse;
        v[i] = c.beta2 * v[i] + new2 * (grad * grad);
        z[i] -= c.rate * (grad / (sqrtf(v[i]) * c.root_correction + c.epsilon)) + c.decay * w[i];
        x += c.mix * (z[i] - x);
        w[i] = slow * z[i] + c.beta1 * x;
    }
}

double optimizer_update(const OptimizerStep *step, size_t n, float *w, const float *g, float *m,
                        float *v)
{
    bool adam = step->kind == OPT_ADAM || step->kind == OPT_ADAMW;
    double decay = step->kind == OPT_ADAM ? 0 : step->decay;
    double rate = step->rate, root = 1;
    if (adam) rate /= 1 - pow(step->beta1, (double)step->step);
    if (adam || step->kind == OPT_SCHEDULE_FREE)
        root = 1 / sqrt(1 - pow(step->beta2, (double)step->step));
    const Constants c = {.rate = (float)rate, .keep = (float)(1 - decay), .decay = (float)decay,
                         .mix = (float)step->mix,
                         .scale = (float)step->grad_scale, .momentum = (float)step->momentum,
                         .beta1 = (float)step->beta1, .beta2 = (float)step->beta2,
                         .rms = (float)step->rms_decay, .epsilon = (float)step->epsilon,
                         .root_correction = (float)root};
    double squares = 0;
    for (size_t from = 0; from < n; from += CHUNK) {
        size_t size = n - from < CHUNK ? n - from : CHUNK;
        float *wc = w + from, *mc = m ? m + from : NULL, *vc = v ? v + from : NULL;
        const float *gc = g + from;
        squares += optimizer_sum_squares(size, gc);
        if (adam)
            update_adam(c, size, wc, gc, mc, vc);
        else if (step->kind == OPT_SCHEDULE_FREE)
            update_schedule_free(c, size, wc, gc, mc, vc);
        else if (step->kind == OPT_RMSPROP)
            update_rmsprop(c, size, wc, gc, vc);
        else if (step->nesterov && mc)
            update_nesterov(c, size, wc, gc, mc);
        else
            update_sgd(c, size, wc, gc, mc);
    }
    return squares;
}

VEC_CLONES void optimizer_schedule_free_x(size_t n, double beta1, const float *y, const float *z,
                                          float *x)
{
    const float inverse = (float)(1 / beta1), slow = (float)(1 - beta1);
    for (size_t i = 0; i < n; i++) x[i] = (y[i] - slow * z[i]) * inverse;
}

VEC_CLONES void optimizer_ema(size_t n, double memory, const float *w, float *shadow)
{
    const float fresh = (float)(1 - memory);
    for (size_t i = 0; i < n; i++) shadow[i] += fresh * (w[i] - shadow[i]);
}

VEC_CLONES static void column_squares(int rows, int ld, const float *w, double *sum)
{
    for (int j = 0; j < VEC_LANES; j++) sum[j] = 0;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < VEC_LANES; j++) {
            double x = (double)w[(size_t)i * (size_t)ld + (size_t)j];
            sum[j] += x * x;
        }
}

VEC_CLONES static void scale_columns(int rows, int ld, const float *factor, float *w)
{
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < VEC_LANES; j++) w[(size_t)i * (size_t)ld + (size_t)j] *= factor[j];
}

void optimizer_max_norm(int rows, int width, int ld, double limit, float *w)
{
    for (int from = 0; from < width; from += VEC_LANES) {
        double sum[VEC_LANES] = {0};
        float factor[VEC_LANES];
        bool any = false;
        column_squares(rows, ld, w + from, sum);
        for (int j = 0; j < VEC_LANES; j++) {
            double norm = sqrt(sum[j]);
            factor[j] = norm > limit ? (float)(limit / norm) : 1.0f;
            any = any || norm > limit;
        }
        if (any) scale_columns(rows, ld, factor, w + from);
    }
}
