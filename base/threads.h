/* base/threads.h - how many threads can be had.
 *
 * Limits on processes, address space or control groups (ulimit -u, -v, pids.max) show only when a thread
 * cannot be made; OpenMP then ends the program. So they are made for a moment, before others rely on them.
 */
#ifndef CONSORT_BASE_THREADS_H
#define CONSORT_BASE_THREADS_H
#include "base/error.h"

/* At most `wanted`, at least 1: this thread and as many more as could run beside it just now. */
int threads_possible(int wanted);
/* ERR_IO: no thread, or no process, could be made; `number` is an errno. */
bool threads_error(const char *what, int number, Error *err);
#endif
