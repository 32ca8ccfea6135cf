/* Quantities and yes/no labels as the data card has them, over the rows of which they are known. */
#include "data/card_targets.h"

#include <math.h>
#include <stdlib.h>

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void describe_number(double *y, int n, Doc *out)
{
    double mean = 0, square = 0;
    qsort(y, (size_t)n, sizeof *y, by_size);
    for (int i = 0; i < n; i++) mean += (y[i] - y[0]) / n;
    for (int i = 0; i < n; i++) square += (y[i] - y[0] - mean) * (y[i] - y[0] - mean) / n;
    doc_set_number(out, "min", n ? y[0] : NAN);
    doc_set_number(out, "median", n ? (y[(n - 1) / 2] + y[n / 2]) / 2 : NAN);
    doc_set_number(out, "max", n ? y[n - 1] : NAN);
    doc_set_number(out, "mean", n ? y[0] + mean : NAN);
    doc_set_number(out, "sd", n ? sqrt(square) : NAN);
}

static void describe_label(const Target *target, const double *y, int n, Doc *out)
{
    int yes = 0;
    for (int i = 0; i < n; i++) yes += y[i] > .5;
    doc_set_text(out, "no", target->answer[0]);
    doc_set_text(out, "yes", target->answer[1]);
    doc_set_number(out, "yes_rows", yes);
    doc_set_number(out, "share", n ? (double)yes / n : NAN);
}

bool card_targets(const Table *table, Doc *card)
{
    const Task *task = &table->task;
    const int k = task->n_targets;
    if (!table->targets) return true;
    double *y = malloc(((size_t)table->n_rows + 1) * sizeof *y);
    Doc *list = doc_set(card, "targets", doc_array());
    for (int t = 0; y && t < k; t++) {
        int n = 0;
        Doc *out = doc_add(list, doc_object());
        for (int i = 0; i < table->n_rows; i++) {
            double value = table->targets[(size_t)i * (size_t)k + (size_t)t];
            if (isfinite(value)) y[n++] = value;
        }
        doc_set_text(out, "name", task->targets[t].name);
        doc_set_number(out, "rows", n);
        if (task->kind == TASK_LABELS) describe_label(&task->targets[t], y, n, out);
        else describe_number(y, n, out);
    }
    free(y);
    return y != NULL;
}
