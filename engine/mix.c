/* Mixup and cutmix, and the Beta draws behind them. */
#include "engine/mix.h"

#include <string.h>

#include "engine/vec.h"

/* Gamma(shape, 1). Below 1: a draw of shape + 1 times u^(1/shape). */
static double draw_gamma(double shape, Rng *rng)
{
    double boost = 1;
    if (shape < 1) {
        boost = pow(1 - rng_uniform(rng), 1 / shape);
        shape += 1;
    }
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = rng_normal(rng), v = 1 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        if (log(1 - rng_uniform(rng)) < 0.5 * x * x + d - d * v + d * log(v)) return boost * d * v;
    }
}

double mix_beta(double alpha, Rng *rng)
{
    double a = draw_gamma(alpha, rng), b = draw_gamma(alpha, rng);
    return a + b > 0 ? a / (a + b) : 0.5;
}

/* How far away the partners are; fills labels2. 0: there is nobody. */
static int draw_turn(Rng *rng, int n, const int32_t *labels, int32_t *labels2)
{
    if (n < 2) return 0;
    int turn = 1 + (int)rng_below(rng, (uint32_t)n - 1);
    for (int i = 0; i < n; i++) labels2[i] = labels[(i + turn) % n];
    return turn;
}

VEC_CLONES static void blend(size_t n, float share, float *x, const float *other)
{
    for (size_t i = 0; i < n; i++) x[i] = share * x[i] + (1.0f - share) * other[i];
}

float mix_up(double alpha, Rng *rng, int n, int ld, float *x, float *copy, const int32_t *labels,
             int32_t *labels2)
{
    float share = (float)mix_beta(alpha, rng);
    int turn = draw_turn(rng, n, labels, labels2);
    if (turn == 0) return 1;
    memcpy(copy, x, (size_t)n * (size_t)ld * sizeof *x);
    for (int i = 0; i < n; i++)
        blend((size_t)ld, share, x + (size_t)i * (size_t)ld,
              copy + (size_t)((i + turn) % n) * (size_t)ld);
    return share;
}

float mix_columns(double alpha, Rng *rng, int n, int width, int ld, float *x, float *copy,
                  const int32_t *labels, int32_t *labels2)
{
    double share = mix_beta(alpha, rng);
    int turn = draw_turn(rng, n, labels, labels2), taken = 0;
    if (turn == 0) return 1;
    memcpy(copy, x, (size_t)n * (size_t)ld * sizeof *x);
    for (int j = 0; j < width; j++) {
        if (rng_uniform(rng) < share) continue;
        taken++;
        for (int i = 0; i < n; i++)
            x[(size_t)i * (size_t)ld + (size_t)j] =
                copy[(size_t)((i + turn) % n) * (size_t)ld + (size_t)j];
    }
    return (float)(1 - (double)taken / width);
}
