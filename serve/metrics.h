/* serve/metrics.h - what a server has done, counted, and as Prometheus reads it.
 *
 * Threads  all of them count at once; each number is atomic by itself.
 */
#ifndef CONSORT_SERVE_METRICS_H
#define CONSORT_SERVE_METRICS_H
#include <stdatomic.h>

#include "serve/http.h"

enum { SERVE_CODES = 12, SERVE_BUCKETS = 14 };

typedef struct {
    atomic_long code[SERVE_CODES];     /* answers, in the order of HTTP_CODE_LIST */
    atomic_long bucket[SERVE_BUCKETS]; /* requests that took at most so long, and no less than the one before */
    atomic_long slower;
    atomic_long microseconds, rows, unknown, in_flight, connections, reloads;
} ServeMetrics;

/* A request has been answered. */
void serve_count(ServeMetrics *metrics, int code, double seconds, int rows, long unknown);
/* Text format 0.0.4. `model`: its name. */
void serve_metrics_print(const ServeMetrics *metrics, const char *model, double loaded_at, Text *out);
#endif
