/* model/threshold_curve.h - the part of an evaluation about its decision: the rule in words, and what other
 * thresholds would have come to.
 *
 * decision {rule, threshold (of two classes where the one of interest is decided for, else null), weights [] or
 * null, asked (what it is for, or null)}.
 *
 * threshold_curve {label, at [], precision [], recall [], f1 [], flagged [], cost [] or null, chosen}: of the
 * class of interest, decided for from p = `at` on, 0.01 to 0.99 and the chosen one among them (at[chosen]); of
 * more than two classes one against the rest, only where a class of interest is asked for, and with none chosen
 * (null). cost is the mean cost of a row, where the decision is made by costs of two classes. `flagged` is the
 * share of rows that are decided for it. Undefined values are null. null instead of it all where there is no
 * such curve.
 */
#ifndef CONSORT_MODEL_THRESHOLD_CURVE_H
#define CONSORT_MODEL_THRESHOLD_CURVE_H
#include "model/curves.h"
#include "model/model.h"

/* Adds both to `out`. Of `rule` its decision, cost and asked are looked at; `interest`: is there a class that
 * was asked for? */
bool evaluate_decision(const Evaluation *evaluation, const Model *rule, bool interest, Arena *arena, Doc *out,
                       Error *err);
#endif
