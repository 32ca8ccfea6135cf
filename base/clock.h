/* base/clock.h - seconds that only grow, for durations. Says nothing about the time of day. */
#ifndef CONSORT_BASE_CLOCK_H
#define CONSORT_BASE_CLOCK_H
#include <time.h>

static inline double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
#endif
