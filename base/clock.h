/* base/clock.h - seconds that only grow, for durations: as they pass, and as this thread spent them on a
 * processor. Says nothing about the time of day. */
#ifndef CONSORT_BASE_CLOCK_H
#define CONSORT_BASE_CLOCK_H
#include <time.h>

static inline double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline double clock_thread_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
#endif
