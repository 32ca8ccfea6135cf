/* plan/runtime/list.h - the pieces of C that exported models consist of: each is a file NAME.h beside this one.
 * Both the compiler and the assembler read this list (pieces.c, text.S).
 */
#ifndef CONSORT_PLAN_RUNTIME_LIST_H
#define CONSORT_PLAN_RUNTIME_LIST_H
#define RUNTIME_LIST(X) \
    X(add) X(calibrate) X(calibrate_matrix) X(category) X(clear) X(cool) X(count_yes) \
    X(cumulative) X(decide_cost) X(decide_weights) X(dense) X(error_size) X(exponential) X(exponential_wide) \
    X(gelu) X(identity) X(interval_between) X(interval_even) X(interval_ratio) X(largest) X(leaky_relu) \
    X(log_floor) X(log_mix) X(logistic) X(mish) X(mix) X(norm) X(quantiles) X(relu) X(rise) \
    X(selu) X(set_each) X(set_sum) X(sigmoid) X(silu) X(softmax) X(softplus) X(stack) X(tanh) \
    X(unit) X(vote) X(waves)
#endif
