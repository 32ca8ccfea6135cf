#include "tuner/sampler_internal.h"

static bool ask_bayes(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result,
                      Error *err)
{
    (void)arena, (void)err;
    bool found = sampler_sobol(ask, u);
    trace_clear(trace, "sobol");
    *result = found ? ASK_POINT : ASK_EXHAUSTED;
    return true;
}

const Sampler sampler_bayes = {"bayes", "a Gaussian process that learns from finished trials", ask_bayes};
