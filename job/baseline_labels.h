/* job/baseline_labels.h - shares and logistic regression of a study that predicts yes/no labels. */
#ifndef CONSORT_JOB_BASELINE_LABELS_H
#define CONSORT_JOB_BASELINE_LABELS_H
#include "job/baseline_parts.h"

bool baseline_shares(const BaselineInput *in, Arena *arena, Baseline *out, Error *err);
bool baseline_logistics(const BaselineInput *in, const PrepOptions *prep, Arena *arena, Baseline *out,
                        Error *err);
#endif
