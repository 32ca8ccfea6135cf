/* data/task.h - what is to be predicted: one of several classes, or numbers, or several yes-or-noes.
 *
 *     CLASSES  one of K classes. A prediction is K probabilities
 *     ORDERED  the same, of classes that have an order: K probabilities, too
 *     NUMBERS  T quantities. A prediction is T numbers, or with Q quantiles T * Q: all of the first target's,
 *              increasing, then those of the second
 *     LABELS   T questions with two answers each: T probabilities of the second answer
 *
 * Numbers are kept in two scales. A network learns z = (y - shift) / scale, so that its outputs are about 1
 * whatever the unit of y; or, where a loss wants logarithms, log(y + log_offset) alike. A prediction is kept as
 * a float v with y = origin + unit v. That is y itself, wherever floats do that justice; only where y is far
 * away from 0 compared with how it varies (a year, a time stamp), or too large or small for a float, origin and
 * unit are others.
 *
 * Both scales are those of all rows that a study trains and validates with: they say in which unit to count,
 * nothing about any row, and members of an ensemble have them in common.
 *
 * Shapes   values of a prediction: task_values(). Memory borrowed. Errors none.
 */
#ifndef CONSORT_DATA_TASK_H
#define CONSORT_DATA_TASK_H
#include <stdbool.h>
#include <stddef.h>

#include "base/names.h"

#define TASK_LIST(X)                                                                               \
    X(TASK_CLASSES, "classes") X(TASK_ORDERED, "ordered") X(TASK_NUMBERS, "numbers")               \
    X(TASK_LABELS, "labels")
typedef enum { TASK_LIST(LIST_ID) TASK_COUNT } TaskKind;
extern const char *const task_names[];

enum { TASK_MOST_TARGETS = 4096, TASK_MOST_QUANTILES = 99 };

typedef struct {
    const char *name;      /* its column */
    /* NUMBERS */
    double origin, unit;   /* y = origin + unit v */
    double shift, scale;   /* z = (y - shift) / scale; scale > 0 */
    double low, high;      /* of the rows that the scales are of */
    bool logs;             /* no y is below 0, and some are above: logarithms can be had */
    double log_offset;     /* 0 where every y is above 0, else 1 */
    double log_shift, log_scale; /* of log(y + log_offset) */
    double log_mean;       /* log of the mean of y; of Poisson's rate */
    bool whole;            /* all are whole numbers */
    /* LABELS */
    const char *answer[2]; /* as the file has them: no, yes */
} Target;

typedef struct {
    TaskKind kind;
    int n_targets;           /* 0 for classes */
    const Target *targets;   /* (n_targets) */
    int n_quantiles;         /* NUMBERS: 0 or Q */
    const double *quantiles; /* (Q) increasing, within (0, 1) */
} Task;

/* Is a prediction probabilities of classes that exclude each other? */
static inline bool task_has_classes(const Task *task)
{
    return task->kind == TASK_CLASSES || task->kind == TASK_ORDERED;
}

/* Values of a target in a prediction: Q, or 1. */
static inline int task_stride(const Task *task)
{
    return task->kind == TASK_NUMBERS && task->n_quantiles > 0 ? task->n_quantiles : 1;
}

/* Values of a prediction: K, T or T * Q. */
static inline int task_values(const Task *task, int n_classes)
{
    return task_has_classes(task) ? n_classes : task->n_targets * task_stride(task);
}

/* Outputs of a network: as many, but for ordered classes K - 1, one a border between them. */
static inline int task_outputs(const Task *task, int n_classes)
{
    return task->kind == TASK_ORDERED ? n_classes - 1 : task_values(task, n_classes);
}

/* Which of a target's values is what is said when one number is wanted: the quantile next to one half. */
int task_point(const Task *task);
/* y from v and back, of target t. */
static inline double task_number(const Task *task, int t, double v)
{
    return task->targets[t].origin + task->targets[t].unit * v;
}
static inline double task_value(const Task *task, int t, double y)
{
    return (y - task->targets[t].origin) / task->targets[t].unit;
}

/* The scales of a target as a row of numbers, for files, and back. */
enum { TASK_SCALES = 10 };
void target_scales_out(const Target *target, double out[TASK_SCALES]);
void target_scales_in(const double in[TASK_SCALES], Target *target);
/* Sets all of `target` but its name from n values, `stride` apart, NaN where unknown. */
void target_measure(const double *y, int n, int stride, Target *target);
#endif
