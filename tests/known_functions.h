/* tests/known_functions.h - six functions whose importance is known, for test_insight_importance.c and
 * bench/importance.c: two of conditional parameters, one that lives on an interaction, idle parameters in all but
 * one. tests/golden/known_functions.py has them, too, and works out the truth. */
#ifndef CONSORT_TESTS_KNOWN_FUNCTIONS_H
#define CONSORT_TESTS_KNOWN_FUNCTIONS_H
#include <math.h>
#include <string.h>

#include "tests/golden/known_functions.h"
#include "tuner/search/space.h"

static double square(double x) { return x * x; }

/* A bowl, each side as steep as it likes; `e` is idle. */
static double known_bowl(const Value *v)
{
    return 4 * square(v[0].number - 0.7) + 2 * square(v[1].number - 0.35) + 1.2 * square(v[2].number - 0.6)
         + 0.3 * v[3].number;
}

/* What a network makes of its rate: a valley, and above it everything breaks; the batch moves the valley. */
static double known_rates(const Value *v)
{
    double rate = log10(v[0].number), batch = log2(v[1].number / 16), at = rate + 2.4 - 0.15 * batch;
    double score = 0.1 + 0.08 * square(at) + (strcmp(v[2].text, "sgd") == 0 ? 0.12 : 0)
                 + 0.10 * square(v[3].number - 0.3);
    return at > 1.4 ? score + 5 * square(at - 1.4) : score;
}

/* Neither a nor b does anything alone. */
static double known_product(const Value *v)
{
    return 4 * (v[0].number - 0.5) * (v[1].number - 0.5) + 0.7 * v[2].number;
}

/* One layer is plainly worse; the widths of layers that are not there have no say. */
static double known_layers(const Value *v)
{
    double score = v[0].number < 1.5 ? 0.20 : v[0].number < 2.5 ? 0.06 : 0.05;
    score += 0.06 * square(log10(v[1].number) + 2.2);
    score += 0.02 * square(log2(v[2].number / 128) / 2);
    if (v[3].kind != VALUE_NONE) score += 0.01 * square(log2(v[3].number / 64) / 2);
    if (v[4].kind != VALUE_NONE) score += 0.005 * square(log2(v[4].number / 64) / 2);
    return score;
}

/* Three methods with a setting of their own each. */
static double known_kinds(const Value *v)
{
    const char kind = v[0].text[0];
    double score = kind == 'p' ? 0.8 + 0.1 * v[1].number : kind == 'q' ? 0.25 + 1.6 * square(v[2].number - 0.3)
                                                                     : 0.5;
    return score + 0.5 * square(v[3].number - 0.8);
}

/* A polynomial's degree, as in configs/program.yaml. */
static double known_degree(const Value *v)
{
    static const double of_degree[] = {0.9, 0.55, 0.2, 0.12, 0.1};
    return of_degree[(int)v[0].number - 1] + 0.16 * square(log10(v[1].number) + 1) + 0.06 * v[2].number;
}

static const struct {
    const char *name, *yaml;
    double (*score)(const Value *values);
    double noise; /* standard deviation of what two runs of the same settings differ by */
} known_functions[] = {
    {"bowl", "parameters: {a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0}, c: {min: 0.0, max: 1.0},"
             " d: {min: 0.0, max: 1.0}, e: {min: 0.0, max: 1.0}}", known_bowl, 0},
    {"rates", "parameters:\n"
              "  rate: {distribution: log_uniform_values, min: 0.0001, max: 1.0}\n"
              "  batch: {values: [16, 32, 64, 128]}\n"
              "  optimizer: {values: [sgd, adam]}\n"
              "  dropout: {min: 0.0, max: 0.8}\n"
              "  decay: {distribution: log_uniform_values, min: 0.000001, max: 0.1}\n", known_rates, 0.005},
    {"product", "parameters: {a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0}, c: {min: 0.0, max: 1.0},"
                " d: {min: 0.0, max: 1.0}}", known_product, 0.01},
    {"layers", "parameters:\n"
               "  layers: {min: 1, max: 3}\n"
               "  rate: {distribution: log_uniform_values, min: 0.0001, max: 0.1}\n"
               "  width_1: {distribution: q_log_uniform_values, min: 16, max: 512, q: 16}\n"
               "  width_2: {distribution: q_log_uniform_values, min: 16, max: 512, q: 16, when: layers >= 2}\n"
               "  width_3: {distribution: q_log_uniform_values, min: 16, max: 512, q: 16, when: layers >= 3}\n",
     known_layers, 0.003},
    {"kinds", "parameters:\n"
              "  kind: {values: [p, q, r]}\n"
              "  of_p: {min: 0.0, max: 1.0, when: kind == p}\n"
              "  of_q: {min: 0.0, max: 1.0, when: kind == q}\n"
              "  all: {min: 0.0, max: 1.0}\n", known_kinds, 0.005},
    {"degree", "parameters:\n"
               "  degree: {min: 1, max: 5}\n"
               "  rate: {distribution: log_uniform_values, min: 0.001, max: 1.0}\n"
               "  momentum: {min: 0.0, max: 0.95}\n"
               "  l2: {distribution: log_uniform_values, min: 0.000001, max: 0.1}\n", known_degree, 0.01},
};
enum { N_KNOWN = sizeof known_functions / sizeof *known_functions };
#endif
