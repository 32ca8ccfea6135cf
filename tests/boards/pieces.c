/* What each function of plan/runtime/ takes on an emulated Cortex-M4F: lines of its name, two sizes, and instructions,
 * means over 16 draws. The table in plan/measure.c was read off what it prints; tests/boards/pieces.sh runs it.
 */
#include "board.h"

#include "plan/runtime/add.h"
#include "plan/runtime/arithmetic.h"
#include "plan/runtime/bins.h"
#include "plan/runtime/bins_wide.h"
#include "plan/runtime/calibrate.h"
#include "plan/runtime/category.h"
#include "plan/runtime/clear.h"
#include "plan/runtime/cool.h"
#include "plan/runtime/cumulative.h"
#include "plan/runtime/date_parts.h"
#include "plan/runtime/dense.h"
#include "plan/runtime/dense16.h"
#include "plan/runtime/dense16_relu.h"
#include "plan/runtime/dense8.h"
#include "plan/runtime/dense8_relu.h"
#include "plan/runtime/exponential.h"
#include "plan/runtime/gelu.h"
#include "plan/runtime/hot.h"
#include "plan/runtime/identity.h"
#include "plan/runtime/leaky_relu.h"
#include "plan/runtime/log_mix.h"
#include "plan/runtime/logistic.h"
#include "plan/runtime/mish.h"
#include "plan/runtime/mix.h"
#include "plan/runtime/narrow_row.h"
#include "plan/runtime/norm.h"
#include "plan/runtime/normal_score.h"
#include "plan/runtime/numbers.h"
#include "plan/runtime/numbers_wide.h"
#include "plan/runtime/pixels.h"
#include "plan/runtime/place.h"
#include "plan/runtime/place8.h"
#include "plan/runtime/quantile_link.h"
#include "plan/runtime/quantize16.h"
#include "plan/runtime/quantize8.h"
#include "plan/runtime/rank.h"
#include "plan/runtime/relu.h"
#include "plan/runtime/selu.h"
#include "plan/runtime/sigmoid.h"
#include "plan/runtime/sign.h"
#include "plan/runtime/silu.h"
#include "plan/runtime/softmax.h"
#include "plan/runtime/stack.h"
#include "plan/runtime/tanh.h"
#include "plan/runtime/thermometer.h"
#include "plan/runtime/vote.h"
#include "plan/runtime/waves.h"

enum { MOST = 4096, DRAWS = 16 };
static float w[MOST], x[MOST], y[MOST], b[MOST]; /* any numbers, and b: between 0 and 1 */
static double wide_w[MOST], wide_x[MOST];        /* increasing; any */
static unsigned char bytes[MOST];
static int8_t narrow[MOST], shifts[MOST];
static int16_t middle[MOST];
static int32_t words[MOST];
static uint32_t state = 1;

static float draw(void)
{
    state = state * 1664525u + 1013904223u;
    return (float)(int32_t)state * (2.0f / 2147483648.0f);
}

static void fill(void)
{
    int i;
    for (i = 0; i < MOST; i++) {
        w[i] = draw();
        x[i] = draw();
        y[i] = draw();
        shifts[i] = 6; /* as most are */
        b[i] = (draw() + 2.001f) / 4.1f;
        wide_x[i] = (double)draw();
        wide_w[i] = (double)i / 256 - 1;
    }
}

/* PIECE(name, call): a function of its own, of n and m. */
#define PIECE(name, call) \
    static void __attribute__((noinline)) name##_(int n, int m) { (void)n; (void)m; call; }
PIECE(nothing, __asm__ volatile("" ::: "memory"))
PIECE(dense, rt_dense(n, m, w, b, x, y))
PIECE(dense8, rt_dense8(n, m, narrow, words, b, narrow, y))
PIECE(dense16, rt_dense16(n, m, narrow, words, b, middle, y))
PIECE(dense8_relu, rt_dense8_relu(n, m, narrow, words, words, shifts, 0, 9, narrow, narrow))
PIECE(dense16_relu, rt_dense16_relu(n, m, narrow, words, words, shifts, 0, 9, middle, middle))
PIECE(quantize8, rt_quantize8(n, 100, 3, x, narrow))
PIECE(quantize16, rt_quantize16(n, 9000, 32000, x, middle))
PIECE(norm, rt_norm(n, w, b, y))
PIECE(relu, rt_relu(n, y))
PIECE(leaky_relu, rt_leaky_relu(n, y))
PIECE(tanh, rt_tanh(n, y))
PIECE(sigmoid, rt_sigmoid(n, y))
PIECE(gelu, rt_gelu(n, y))
PIECE(silu, rt_silu(n, y))
PIECE(selu, rt_selu(n, y))
PIECE(mish, rt_mish(n, y))
PIECE(clear, rt_clear(n, y))
PIECE(add, rt_add(n, x, y))
PIECE(mix, rt_mix(n, .5f, x, y))
PIECE(vote, rt_vote(n, .5f, x, y))
PIECE(log_mix, rt_log_mix(n, .5f, b, y))
PIECE(softmax, rt_softmax(n, x, y))
PIECE(stack, rt_stack(n, 1, .5f, x, y))
PIECE(cool, rt_cool(n, .5f, b))
PIECE(calibrate, rt_calibrate(n, 1, x, w, b))
PIECE(logistic, rt_logistic(n, x, y))
PIECE(identity, rt_identity(n, w, x, y))
PIECE(exponential, rt_exponential(n, w, x, y))
PIECE(quantiles, rt_quantile_link(n, m, m / 2, w, x, y))
PIECE(cumulative, rt_cumulative(n, x, y))
PIECE(waves, rt_waves(n, 0, m, w, x[3], y))
PIECE(sines, rt_waves(n, 1, m, w, x[3], y))
PIECE(category, rt_category(m, n, w, 1.0f, y))
PIECE(pixels, rt_pixels(bytes, n, w, b, m, y))
PIECE(bins, rt_bins(w, n, x[0], y))
PIECE(bins_wide, rt_bins_wide(wide_w, n, wide_x[0], y))
PIECE(hot, rt_hot(rt_place(n, (float)m, -1, -1), n, y))
PIECE(hot8, rt_hot(rt_place8(bytes, n, n, (float)m, -1, -1), n, y))
PIECE(sign, y[n] = rt_sign(rt_place(2, (float)m, -1, -1)))
PIECE(thermometer, rt_thermometer(x[0], 0, 0, n, m, y))
PIECE(rank, y[0] = (float)rt_rank(wide_w, n, wide_x[0]))
PIECE(normal_score, y[0] = rt_normal_score((double)b[0]))
PIECE(date_parts, rt_date_parts(17000.3, (unsigned)m, 2000, 0.1, y))
PIECE(narrow_row, rt_narrow_row(wide_x, n, y))
PIECE(arithmetic, wide_x[1] = rt_arithmetic(m, wide_x[0], wide_w[0]))
/* m: 1 clipped, 2 with a feature that says missing */
static void __attribute__((noinline)) numbers_(int n, int m)
{
    const rt_columns t = {n, 1, 1, 0, (m & 1) != 0, (m & 2) != 0, w, b, 0};
    rt_numbers(&t, x, y);
}
static void __attribute__((noinline)) numbers_wide_(int n, int m)
{
    const rt_columns_wide t = {n, 1, 1, 0, (m & 1) != 0, (m & 2) != 0, wide_w, wide_x, 0};
    rt_numbers_wide(&t, wide_x, y);
}

static void say_number(uint32_t n)
{
    char text[12], *at = text + sizeof text;
    *--at = 0;
    do *--at = (char)('0' + n % 10);
    while (n /= 10);
    host_say(" ");
    host_say(at);
}

static uint32_t mean(void (*piece)(int, int), int n, int m)
{
    uint32_t sum = 0;
    int i;
    for (i = 0; i < DRAWS; i++) {
        uint32_t before, after;
        fill();
        count_start();
        before = count_now();
        piece(n, m);
        after = count_now();
        sum += count_between(before, after);
    }
    return sum / DRAWS;
}

static void say(const char *name, void (*piece)(int, int), int n, int m)
{
    const uint32_t instructions = mean(piece, n, m) - mean(nothing_, n, m);
    host_say(name);
    say_number((uint32_t)n);
    say_number((uint32_t)m);
    say_number(instructions);
    host_say("\n");
}
#define SAY(name, m) \
    do for (n = 4; n <= 64; n *= 4) say(#name, name##_, n, m); \
    while (0)

int main(void)
{
    static const int dense_sizes[][2] = {{4, 4}, {8, 4}, {16, 4}, {16, 8}, {16, 16}, {64, 16}, {64, 32}, {4, 1}, {8, 1},
                                         {32, 10}, {5, 7}, {6, 7}, {7, 7}, {9, 3}, {13, 32}};
    int n, m;
    for (n = 0; n < (int)(sizeof dense_sizes / sizeof *dense_sizes); n++) {
        const int n_in = dense_sizes[n][0], n_out = dense_sizes[n][1];
        say("dense", dense_, n_in, n_out);
        say("dense8", dense8_, n_in, n_out);
        say("dense16", dense16_, n_in, n_out);
        say("dense8_relu", dense8_relu_, n_in, n_out);
        say("dense16_relu", dense16_relu_, n_in, n_out);
    }
    SAY(quantize8, 0);
    SAY(quantize16, 0);
    SAY(norm, 3);
    SAY(relu, 3);
    SAY(leaky_relu, 3);
    SAY(tanh, 3);
    SAY(sigmoid, 3);
    SAY(gelu, 3);
    SAY(silu, 3);
    SAY(selu, 3);
    SAY(mish, 3);
    SAY(clear, 3);
    SAY(add, 3);
    SAY(mix, 3);
    SAY(vote, 3);
    SAY(log_mix, 3);
    SAY(softmax, 3);
    SAY(stack, 3);
    SAY(cool, 3);
    SAY(calibrate, 3);
    SAY(logistic, 3);
    SAY(identity, 3);
    SAY(exponential, 3);
    SAY(cumulative, 3);
    SAY(bins, 3);
    SAY(bins_wide, 3);
    SAY(hot, 3);
    SAY(hot8, 3);
    SAY(rank, 3);
    SAY(narrow_row, 3);
    SAY(category, 3);
    SAY(sign, 1);
    SAY(normal_score, 0);
    for (m = 3; m <= 7; m += 4) {
        SAY(quantiles, m);
        SAY(waves, m);
        SAY(sines, m);
    }
    for (m = 0; m < 4; m++) {
        SAY(numbers, m);
        SAY(numbers_wide, m);
        SAY(arithmetic, m);
    }
    for (m = 0; m < 2; m++) {
        SAY(pixels, m);
        SAY(thermometer, m);
    }
    for (m = 1; m < 16; m = 2 * m + 1) say("date_parts", date_parts_, 1, m);
    host_exit(0);
    return 0;
}
