/* The ranking of the finalists by the mean of their runs. */
#include "tuner/insight/finalists.h"

#include <math.h>
#include <stdlib.h>

/* How a finalist is ranked: failures first, then the minimized mean. */
typedef struct {
    Finalist finalist;
    double key;
} Ranked;

static int by_rank(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    const Finalist *f = &x->finalist, *g = &y->finalist;
    if (f->n_failed != g->n_failed) return f->n_failed < g->n_failed ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (f->number > g->number) - (f->number < g->number);
}

/* One trial from its rows, which come in the order of their runs, so the sums are the same every time. */
static Finalist sum_up(const RepeatRow *rows, int n)
{
    Finalist f = {.number = rows->number, .n_runs = 1, .value = rows->first, .sd = NAN, .fresh = NAN};
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        if (!isfinite(rows[i].value)) {
            f.n_failed++;
            continue;
        }
        f.n_runs++;
        sum += rows[i].value;
    }
    if (f.n_runs > 1) f.fresh = sum / (f.n_runs - 1);
    f.mean = (f.value + sum) / f.n_runs;
    squares = (f.value - f.mean) * (f.value - f.mean);
    for (int i = 0; i < n; i++)
        if (isfinite(rows[i].value)) squares += (rows[i].value - f.mean) * (rows[i].value - f.mean);
    if (f.n_runs > 1) f.sd = sqrt(squares / (f.n_runs - 1));
    return f;
}

/* Student's 97.5 % point. */
static double student(int df)
{
    static const double small[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
    if (df <= 10) return small[df - 1];
    double z = 1.959964, z3 = z * z * z, n = df; /* Fisher's expansion */
    return z + (z3 + z) / (4 * n) + (5 * z3 * z * z + 16 * z3 + 3 * z) / (96 * n * n);
}

/* Squares of fresh runs around their own mean. */
static double fresh_squares(const RepeatRow *rows, int n, double mean)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(rows[i].value)) sum += (rows[i].value - mean) * (rows[i].value - mean);
    return sum;
}

/* Intervals from the variance of one run. Of three and more, means are drawn together as far as their
 * differences are no larger than runs make them: who leads them is lucky, too. */
static void value(Finalist *list, int n, double variance, int df)
{
    double sum = 0, squares = 0;
    int known = 0;
    for (int i = 0; i < n; i++) {
        list[i].low95 = list[i].high95 = NAN;
        if (isfinite(list[i].fresh)) sum += list[i].fresh, known++;
    }
    double middle = known ? sum / known : NAN;
    for (int i = 0; i < n; i++)
        if (isfinite(list[i].fresh)) squares += (list[i].fresh - middle) * (list[i].fresh - middle);
    for (int i = 0; i < n && df > 0; i++) {
        Finalist *f = &list[i];
        if (!isfinite(f->fresh)) continue;
        double error = variance / (f->n_runs - 1), spread = known > 1 ? squares / (known - 1) : 0;
        double real = known < 3 ? 1 : spread > error ? 1 - error / spread : 0;
        double worth = middle + real * (f->fresh - middle), half = student(df) * sqrt(error);
        f->low95 = worth - half, f->high95 = worth + half;
    }
}

bool finalists_rank(const RepeatRow *rows, int n_rows, bool maximize, Arena *arena, Finalist **out, int *n,
                    Error *err)
{
    Ranked *ranked = ARENA_NEW(arena, Ranked, n_rows + 1);
    Finalist *list = ARENA_NEW(arena, Finalist, n_rows + 1);
    double squares = 0;
    int found = 0, df = 0;
    if (!ranked || !list) return error_memory(err);
    for (int i = 0, next; i < n_rows; i = next) {
        for (next = i + 1; next < n_rows && rows[next].trial_id == rows[i].trial_id;) next++;
        if (!isfinite(rows[i].first)) continue;
        Finalist f = sum_up(rows + i, next - i);
        if (f.n_runs > 2) squares += fresh_squares(rows + i, next - i, f.fresh), df += f.n_runs - 2;
        ranked[found++] = (Ranked){f, maximize ? -f.mean : f.mean};
    }
    qsort(ranked, (size_t)found, sizeof *ranked, by_rank);
    for (int i = 0; i < found; i++) list[i] = ranked[i].finalist;
    value(list, found, df > 0 ? squares / df : NAN, df);
    *out = list;
    *n = found;
    return true;
}

bool finalists_read(Store *store, const StudyInfo *study, Arena *arena, Finalist **out, int *n, Error *err)
{
    RepeatRow *rows;
    int n_rows;
    return store_repeats(store, study->id, arena, &rows, &n_rows, err)
        && finalists_rank(rows, n_rows, study->maximize, arena, out, n, err);
}
