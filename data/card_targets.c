/* Quantities and answers described: where they lie, how they are spread, and which loss that asks for. */
#include "data/card_targets.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_TARGETS = 200, BINS = 20, FEW = 10 };
static const double skewed = 2, far = 6, mostly = 0.5;

static void warn(Doc *warnings, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void warn(Doc *warnings, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    doc_add(warnings, doc_text(text));
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean, deviation and skewness, of the numbers or of log(y + offset). */
typedef struct {
    double mean, sd, skewness;
} Moments;

static Moments moments_of(const double *y, int n, bool logs, double offset)
{
    Moments m = {0, 0, 0};
    double square = 0, cube = 0;
    for (int i = 0; i < n; i++) m.mean += (logs ? log(y[i] + offset) : y[i]) / n;
    for (int i = 0; i < n; i++) {
        double d = (logs ? log(y[i] + offset) : y[i]) - m.mean;
        square += d * d / n;
        cube += d * d * d / n;
    }
    m.sd = sqrt(square);
    m.skewness = square > 0 ? cube / (square * m.sd) : 0;
    return m;
}

/* What the numbers, sorted, say about themselves. */
typedef struct {
    const char *name;
    int n, outliers, commonest; /* of one number the most rows, which is */
    double common;
    double low, q25, median, q75, high;
    Moments plain, logs;
    bool whole, can_log;
} Quantity;

static Quantity describe(const char *name, const double *y, int n)
{
    Quantity q = {.name = name, .n = n, .low = y[0], .q25 = y[n / 4], .high = y[n - 1],
                  .median = (y[(n - 1) / 2] + y[n / 2]) / 2, .q75 = y[(int)((int64_t)n * 3 / 4)],
                  .whole = true};
    const double range = q.q75 - q.q25;
    for (int i = 0, to; i < n; i = to) {
        for (to = i; to < n && y[to] == y[i]; to++) {}
        if (to - i > q.commonest) q.commonest = to - i, q.common = y[i];
        q.whole = q.whole && y[i] == floor(y[i]);
        if (range > 0 && (y[i] < q.q25 - far * range || y[i] > q.q75 + far * range)) q.outliers += to - i;
    }
    q.plain = moments_of(y, n, false, 0);
    q.can_log = q.low >= 0 && q.high > 0;
    if (q.can_log) q.logs = moments_of(y, n, true, q.low > 0 ? 0 : 1);
    return q;
}

static void advise(const Quantity *q, Doc *warnings)
{
    const bool counts = q->whole && q->low == 0 && q->plain.mean < 10 && q->high <= 1000;
    const bool logs = q->can_log && q->plain.skewness > skewed
                   && fabs(q->logs.skewness) < q->plain.skewness / 2;
    if (q->low == q->high) {
        warn(warnings, "`%.60s` is %.6g in every row: there is nothing to learn", q->name, q->low);
        return;
    }
    if (q->commonest >= mostly * q->n)
        warn(warnings, "%.1f %% of the rows have %.6g as `%.60s`", 100.0 * q->commonest / q->n, q->common,
             q->name);
    if (counts && q->plain.skewness > skewed / 4)
        warn(warnings, "`%.60s` looks like counts (whole numbers from 0 on, mean %.3g); `train.loss: poisson`"
                       " is made for them", q->name, q->plain.mean);
    else if (logs)
        warn(warnings, "`%.60s` is skewed (skewness %.2g, of its logarithm %.2g): few large numbers decide what"
                       " squared errors learn; `train.loss: log` learns its logarithm", q->name,
             q->plain.skewness, q->logs.skewness);
    else if (q->outliers > 0)
        warn(warnings, "%d of the numbers of `%.60s` lie far from the others (%.6g to %.6g, half of them within"
                       " %.6g and %.6g): look at them, or try `train.loss: huber`", q->outliers, q->name,
             q->low, q->high, q->q25, q->q75);
}

static void put_distribution(const double *y, int n, Doc *out)
{
    int counts[BINS] = {0};
    const double low = y[0], high = y[n - 1];
    for (int i = 0; i < n; i++)
        counts[high > low ? (int)fmin(BINS - 1, floor((y[i] / 2 - low / 2) / (high / 2 - low / 2) * BINS))
                          : 0]++;
    Doc *distribution = doc_set(out, "distribution", doc_object());
    doc_set_number(distribution, "low", low);
    doc_set_number(distribution, "high", high);
    Doc *list = doc_set(distribution, "counts", doc_array());
    for (int b = 0; b < BINS; b++) doc_add(list, doc_number(counts[b]));
}

static void put_quantity(const char *name, double *y, int n, Doc *out, Doc *warnings)
{
    doc_set_text(out, "name", name);
    doc_set_number(out, "rows", n);
    if (n == 0) return;
    qsort(y, (size_t)n, sizeof *y, by_size);
    const Quantity q = describe(name, y, n);
    const struct {
        const char *key;
        double value;
    } facts[] = {{"min", q.low}, {"q25", q.q25}, {"median", q.median}, {"q75", q.q75}, {"max", q.high},
                 {"mean", q.plain.mean}, {"sd", q.plain.sd}, {"skewness", q.plain.skewness},
                 {"log_skewness", q.can_log ? q.logs.skewness : NAN}, {"outliers", q.outliers}};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) doc_set_number(out, facts[i].key, facts[i].value);
    put_distribution(y, n, out);
    advise(&q, warnings);
}

static void put_answers(const Target *target, const double *y, int n, Doc *out, Doc *warnings)
{
    int yes = 0;
    for (int i = 0; i < n; i++) yes += y[i] > 0.5;
    doc_set_text(out, "name", target->name);
    doc_set_number(out, "rows", n);
    doc_set_text(out, "no", target->answer[0]);
    doc_set_text(out, "yes", target->answer[1]);
    doc_set_number(out, "yes_rows", yes);
    doc_set_number(out, "share", n ? (double)yes / n : NAN);
    if (yes < FEW || n - yes < FEW)
        warn(warnings, "`%.60s` is %.60s in %d of %d rows: that can hardly be learned", target->name,
             target->answer[yes < FEW], yes < FEW ? yes : n - yes, n);
}

bool card_targets(const Table *table, Doc *doc, Doc *warnings)
{
    const Task *task = &table->task;
    if (!table->targets) return true;
    double *y = malloc(((size_t)table->n_rows + 1) * sizeof *y);
    if (!y) return false;
    doc_set_text(doc, "task", task_names[task->kind]);
    Doc *list = doc_set(doc, "targets", doc_array());
    for (int t = 0; t < task->n_targets && t < MOST_TARGETS; t++) {
        int n = 0;
        for (int i = 0; i < table->n_rows; i++) {
            double v = table->targets[(size_t)i * (size_t)task->n_targets + (size_t)t];
            if (isfinite(v)) y[n++] = v;
        }
        Doc *entry = doc_add(list, doc_object());
        if (task->kind == TASK_LABELS) put_answers(&task->targets[t], y, n, entry, warnings);
        else put_quantity(task->targets[t].name, y, n, entry, warnings);
    }
    free(y);
    return true;
}
