/* plan/runtime/list.h - the pieces of C that exported models consist of: each is a file NAME.h beside this one.
 * Both the compiler and the assembler read this list (pieces.c, text.S).
 */
#ifndef CONSORT_PLAN_RUNTIME_LIST_H
#define CONSORT_PLAN_RUNTIME_LIST_H
#define RUNTIME_LIST(X) \
    X(add) X(arithmetic) X(bare) X(bins) X(bins_wide) X(calendar) X(calibrate) \
    X(calibrate_matrix) X(category) X(cell) X(clear) X(cool) X(count_yes) X(cumulative) X(date) \
    X(date_parts) X(days) X(decide_cost) X(decide_weights) X(dense) X(dense16) X(dense16_relu) X(dense8) \
    X(dense8_relu) X(dot16) X(dot8) X(quantize16) X(quantize8) X(requantize) X(error_size) X(exponential) \
    X(exponential_wide) X(gelu) X(hot) X(identity) X(interval_between) X(interval_even) \
    X(interval_ratio) X(largest) X(leaky_relu) X(letters) X(log_floor) X(log_mix) X(logistic) \
    X(mish) X(mix) X(narrow) X(narrow_row) X(norm) X(normal_score) X(number) X(number_wide) \
    X(numbers) X(numbers_wide) X(ordered) X(pairs) X(panels) X(parse) X(pixels) X(place) X(place16) \
    X(place8) X(quantile_link) X(rank) X(relu) X(rise) X(selu) X(set_each) X(set_sum) X(sigmoid) \
    X(sign) X(silu) X(softmax) X(softplus) X(squash) X(stack) X(tanh) X(text) X(thermometer) \
    X(unit) X(vote) X(waves)
#endif
