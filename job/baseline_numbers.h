/* job/baseline_numbers.h - the mean, the median and linear regression of a study that predicts numbers. */
#ifndef CONSORT_JOB_BASELINE_NUMBERS_H
#define CONSORT_JOB_BASELINE_NUMBERS_H
#include "job/baseline_parts.h"

bool baseline_mean(const BaselineInput *in, Arena *arena, Baseline *out, Error *err);
bool baseline_median(const BaselineInput *in, Arena *arena, Baseline *out, Error *err);
bool baseline_linear(const BaselineInput *in, const PrepOptions *prep, Arena *arena, Baseline *out, Error *err);
#endif
