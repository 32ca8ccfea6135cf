/* The loops between two matrix products, for each activation, forward and backward. */
#include "engine/activation.h"

#include "engine/vec.h"

const char *const activation_names[] = {ACTIVATION_LIST(LIST_NAME) NULL};

Dropout dropout_make(double share)
{
    double threshold = share > 0 ? floor(share * 65536 + 0.5) : 0;
    if (threshold > 65535) threshold = 65535; /* something must be left to scale up */
    return (Dropout){(uint32_t)threshold, (float)(65536 / (65536 - threshold))};
}

/* Each computes f(z) and stores f'(z); a loop that does not want the slope has it removed. */
VEC_INLINE float act_relu(float z, float *d)
{
    *d = z > 0 ? 1.0f : 0.0f;
    return z > 0 ? z : z != z ? z : 0.0f; /* a nan must stay visible */
}
VEC_INLINE float act_leaky_relu(float z, float *d)
{
    *d = z > 0 ? 1.0f : 0.01f;
    return z > 0 ? z : 0.01f * z;
}
VEC_INLINE float act_tanh(float z, float *d)
{
    float h = vec_tanh(z);
    *d = 1.0f - h * h;
    return h;
}
VEC_INLINE float act_sigmoid(float z, float *d)
{
    float h = vec_sigmoid(z);
    *d = h * (1.0f - h);
    return h;
}
VEC_INLINE float act_gelu(float z, float *d)
{
    float density, cdf = vec_normal_cdf(z, &density);
    *d = cdf + z * density;
    return z * cdf;
}
VEC_INLINE float act_silu(float z, float *d)
{
    float s = vec_sigmoid(z), h = z * s;
    *d = s + h * (1.0f - s);
    return h;
}
VEC_INLINE float act_selu(float z, float *d)
{
    const float s = 1.05070098735548f, sa = 1.75809934084738f;
    float low = sa * vec_expm1_below(z < 0 ? z : 0.0f);
    *d = z > 0 ? s : low + sa;
    return z > 0 ? s * z : z != z ? z : low;
}
VEC_INLINE float act_mish(float z, float *d)
{
    /* Beyond 20, tanh(log(1 + e^z)) is 1 in float. */
    float u = vec_exp(z > 20.0f ? 20.0f : z), n = u * (u + 2.0f), below = 1.0f / (n + 2.0f);
    float t = n * below;
    *d = z > 20.0f ? 1.0f : t + z * (4.0f * u * (u + 1.0f) * below * below);
    return z > 20.0f ? z : z * t;
}

/* One copy for each clone of all loops: the switch is outside them. */
VEC_CLONES void activation_forward(Activation activation, int rows, int ld, const float *bias,
                                   float *z, float *d)
{
#define LOOP(name)                                                                  \
    for (int r = 0; r < rows; r++) {                                                \
        float *restrict zr = z + (size_t)r * ld, slope;                             \
        const float *restrict b = bias;                                             \
        if (d) {                                                                    \
            float *restrict dr = d + (size_t)r * ld;                                \
            for (int j = 0; j < ld; j++) zr[j] = act_##name(zr[j] + b[j], &dr[j]);  \
        } else {                                                                    \
            for (int j = 0; j < ld; j++) zr[j] = act_##name(zr[j] + b[j], &slope);  \
        }                                                                           \
    }                                                                               \
    break;
    switch (activation) {
    case ACT_RELU: LOOP(relu)
    case ACT_LEAKY_RELU: LOOP(leaky_relu)
    case ACT_TANH: LOOP(tanh)
    case ACT_SIGMOID: LOOP(sigmoid)
    case ACT_GELU: LOOP(gelu)
    case ACT_SILU: LOOP(silu)
    case ACT_SELU: LOOP(selu)
    case ACT_MISH: LOOP(mish)
    case ACTIVATION_COUNT: break;
    }
#undef LOOP
}

VEC_CLONES void activation_bias(int rows, int ld, const float *bias, float *z)
{
    const float *restrict b = bias;
    for (int r = 0; r < rows; r++) {
        float *restrict zr = z + (size_t)r * ld;
        for (int j = 0; j < ld; j++) zr[j] += b[j];
    }
}

VEC_CLONES void activation_drop(Dropout dropout, size_t n, const uint32_t *words, float *h,
                                float *d)
{
    const uint32_t threshold = dropout.threshold;
    const float scale = dropout.scale;
    /* A choice, not a product: 0 * infinity would be nan, and a dropped infinity is dropped. */
    for (int half = 0; half < 2; half++) {
        const uint32_t *restrict word = words;
        float *restrict hr = h + half * (n / 2), *restrict dr = d ? d + half * (n / 2) : NULL;
        const int shift = 16 * half;
        if (d) {
            for (size_t i = 0; i < n / 2; i++) {
                uint32_t bits = word[i] >> shift & 0xFFFFu;
                hr[i] = bits < threshold ? 0.0f : hr[i] * scale;
                dr[i] = bits < threshold ? 0.0f : dr[i] * scale;
            }
        } else {
            for (size_t i = 0; i < n / 2; i++)
                hr[i] = (word[i] >> shift & 0xFFFFu) < threshold ? 0.0f : hr[i] * scale;
        }
    }
}

VEC_CLONES void activation_backward(int rows, int ld, const float *d, float *dh, float *db)
{
    float *restrict sum = db;
    for (int j = 0; j < ld; j++) sum[j] = 0.0f;
    for (int r = 0; r < rows; r++) {
        float *restrict g = dh + (size_t)r * ld;
        if (!d) {
            for (int j = 0; j < ld; j++) sum[j] += g[j];
            continue;
        }
        const float *restrict slope = d + (size_t)r * ld;
        for (int j = 0; j < ld; j++) {
            g[j] *= slope[j];
            sum[j] += g[j];
        }
    }
}

VEC_CLONES void activation_backward_relu(int rows, int ld, const float *h, float scale, float *dh,
                                         float *db)
{
    float *restrict sum = db;
    for (int j = 0; j < ld; j++) sum[j] = 0.0f;
    for (int r = 0; r < rows; r++) {
        float *restrict g = dh + (size_t)r * ld;
        const float *restrict hr = h + (size_t)r * ld;
        for (int j = 0; j < ld; j++) {
            g[j] = hr[j] > 0 ? g[j] * scale : 0.0f;
            sum[j] += g[j];
        }
    }
}
