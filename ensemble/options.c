/* How members are chosen, weighted and calibrated: names, defaults, limits, help. */
#include "ensemble/options.h"

#include <stddef.h>

#include "ensemble/conformal_fit.h"

const char *const select_method_names[] = {SELECT_LIST(LIST_NAME) NULL};
const char *const calibrate_names[] = {CALIBRATE_LIST(LIST_NAME) NULL};

#define F(member) offsetof(EnsembleOptions, member)
static const Field ensemble_field_list[] = {
    {"method", FIELD_CHOICE, F(method), "greedy", .choices = select_method_names,
     .help = "how members are chosen and weighted; auto: greedy or stack, by nested validation; soft: average"},
    {"size", FIELD_INT, F(size), "12", 1, 1000, .help = "most members"},
    {"bags", FIELD_INT, F(bags), "20", 1, 1000,
     .help = "greedy: selections from random halves of the library, averaged; 1: one, from all"},
    {"library", FIELD_INT, F(library), "30", 1, 100000,
     .help = "how many of the best trials are considered"},
    {"metric", FIELD_TEXT, F(metric), NULL, .help = "what is optimized; the study's metric if not set"},
    {"calibrate", FIELD_CHOICE, F(calibrate), "auto", .choices = calibrate_names,
     .help = "make probabilities mean what they say; auto: by cross-validation"},
    {"thresholds", FIELD_NODE, F(thresholds), "none",
     .help = "what to decide for: none, a metric, or a cost, recall, precision or fixed threshold"},
    {"intervals", FIELD_TEXT_LIST, F(intervals),
     .help = "promise the truth with these shares, such as [0.8, 0.9]: intervals of numbers, sets of classes"},
    {"conformal", FIELD_CHOICE, F(conformal), "auto", .choices = conformal_choice_names,
     .help = "how: plain, scaled, ratio or quantiles of numbers, lac, aps or by_class; auto: the narrowest"},
    {"max_bytes", FIELD_BYTES, F(max_bytes), "0", 0, 1e15, .help = "budget for all weights; 0: none"},
    {"max_us", FIELD_REAL, F(max_us), "0", 0, 1e12,
     .help = "budget for one prediction, in microseconds (an estimate, as latency_us); 0: none"},
    {"max_networks", FIELD_INT, F(max_networks), "0", 0, 1e9,
     .help = "budget of networks, of which a bag of k folds has k; 0: none"},
};
#undef F
const FieldTable ensemble_fields = FIELD_TABLE("ensemble", ensemble_field_list);
