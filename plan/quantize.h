/* plan/quantize.h - a plan of floats becomes one of integers, calibrated on rows.
 *
 * Weights are int8, symmetric, with one scale an output (-127 .. 127). Activations are int8 (PLAN_I8,
 * asymmetric) or int16 (PLAN_I16, symmetric), one scale a vector; their ranges are those of the calibration
 * rows, cut where that loses least. Features are quantized after preprocessing, with one scale: scales of
 * columns folded into weights cost points (digits: 98.0 to 90.3 %). A last layer's sums become floats, so
 * that link, mixing and decision see full resolution. Sums are int32 and never overflow: of 16 bits as many
 * are used as the widest layer allows. Requantization is a Q31 multiplier and a shift that rounds once, as
 * CMSIS-NN does with CMSIS_NN_USE_SINGLE_ROUNDING. Layers that end in relu hand on integers; other
 * activations, and steps that have no integer form (norm, embed, skips), work on floats, which are quantized
 * for the next layer.
 *
 * Errors   ERR_INVALID: no rows to calibrate on; ERR_MEMORY; as plan_run().
 */
#ifndef CONSORT_PLAN_QUANTIZE_H
#define CONSORT_PLAN_QUANTIZE_H
#include "plan/plan.h"

bool plan_quantize(const Plan *plan, PlanNumbers numbers, const Table *rows, Arena *arena, Plan **out,
                   Error *err);
#endif
