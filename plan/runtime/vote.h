/* plan/runtime/vote.h - a member's vote. */
#ifndef CONSORT_PLAN_RUNTIME_VOTE_H
#define CONSORT_PLAN_RUNTIME_VOTE_H
#include "plan/runtime/largest.h"

static inline void rt_vote(int n, float weight, const float *v, float *p)
{
    p[rt_largest(n, v)] += weight;
}
#endif
