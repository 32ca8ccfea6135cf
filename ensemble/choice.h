/* ensemble/choice.h - a selection under way: the library, what was asked for, candidates and the result.
 *
 * The ground floor of selection: select.c weighs the ways against each other, greedy.c is one of them, pool.c
 * another.
 *
 * Predictions of any task (data/task.h) are rows of K values: probabilities, or numbers as they are kept.
 *
 * Memory  the arena of the choice. Errors none.
 */
#ifndef CONSORT_ENSEMBLE_CHOICE_H
#define CONSORT_ENSEMBLE_CHOICE_H
#include "engine/metrics.h"
#include "ensemble/options.h"

typedef struct {
    int n_models, n_rows, n_classes;
    const float *const *proba; /* (n_models) of (n_rows, K) */
    const int32_t *labels;     /* (n_rows) classes; -1: not known */
    const int64_t *bytes;      /* (n_models) of weights, or NULL */
    const double *us, *networks; /* (n_models) microseconds of one prediction, and networks; or NULL */
    int positive;
    const Task *task;          /* NULL: classes */
    const double *targets;     /* (n_rows, T) what other tasks have instead of labels; NaN: not known */
    const double *weight;      /* (n_rows) how much each row counts; NULL: all alike */
} Library;

/* What metrics_score is to be asked of these predictions of the library's rows. */
static inline ScoredRows library_scored(const Library *library, const float *values)
{
    return (ScoredRows){.task = library->task, .n = library->n_rows, .n_classes = library->n_classes,
                        .values = values, .ld = library->n_classes, .labels = library->labels,
                        .targets = library->targets, .weight = library->weight,
                        .positive = library->positive};
}
static inline int library_n_targets(const Library *library)
{
    return library->targets ? library->task->n_targets : 0;
}
bool library_knows(const Library *library, int row); /* anything of it */
/* Quantities, rather than probabilities? */
static inline bool library_has_numbers(const Library *library)
{
    return library->task && library->task->kind == TASK_NUMBERS;
}

/* Both ways of AUTO, chosen and fitted on other rows than those they are scored on (contest.h). */
typedef struct {
    bool tried;
    double greedy, stack; /* in the metric's own direction */
    double gain, error;   /* of the stack; standard error of the paired difference */
} Nested;

typedef struct {
    SelectMethod method;     /* what was used in the end */
    bool vote;
    double *weight;          /* (n_models), sum 1; 0: not a member */
    double slope;            /* STACK: what the weighted mean (of classes: of logarithms) is times; */
    double *intercept;       /*        of numbers what is then added, (T); else NULL */
    const float *crossed;    /* STACK of classes: (N, K) what stacks of other rows say, slope 1; else NULL */
    int n_members;
    double score, best_single; /* in the metric's own direction */
    int best_model;
    int n_curve;             /* greedy: score by number of draws, one run over the whole library */
    double *curve;
    const char *reason;      /* one sentence for the report */
    Nested nested;
} Selection;

enum { SELECT_PLAIN = 5 }; /* most models in the plain average that greedy must beat */

/* One way to combine the library's models, scored on all its rows. */
typedef struct {
    SelectMethod method;
    double *weight; /* (n_models), sum 1 */
    double value, cost;
    double slope;      /* STACK alone */
    double *intercept; /* (T) of numbers */
} Candidate;

/* A selection under way. N = rows of the library, K = classes. */
typedef struct {
    const Library *library;
    const EnsembleOptions *options;
    MetricId metric;
    uint64_t seed;
    Arena *arena;
    int *ranked;      /* model numbers, best first: those considered */
    int n;            /* of them */
    Metrics metrics;
    void *scratch;
    float *proba;     /* (N, K) of a candidate */
    double *row;      /* (K) */
} Choice;

/* What is optimized where `metric` is asked for: of stored predictions `loss` is another metric. */
MetricId select_metric(const Task *task, MetricId metric);
/* The metrics that a cost takes, as a set for metrics_score. */
unsigned select_needs(const Task *task, MetricId metric);
/* What tells apart what a metric that counts cannot: log loss, or the share of variance that is left; 0 where
 * the metric does by itself. */
double select_grain(const Task *task, MetricId metric, const double value[METRIC_COUNT]);
/* What is minimized inside: the metric turned so that less is better, plus 1e-3 of that grain; nan becomes
 * infinite. */
double select_cost(MetricId metric, double value, double grain);

/* Ready to weigh candidates: the models that fit the budget, ranked. Borrows library and options. */
bool choice_begin(const Library *library, const EnsembleOptions *options, MetricId metric, uint64_t seed,
                  Arena *arena, Choice *out, Error *err);
bool candidate_create(Choice *choice, SelectMethod method, Candidate *out, Error *err);
/* What model_combine computes, from the library, (N, K): the same sums in the same order. */
void choice_combine(const Choice *choice, const Candidate *candidate, float *proba);
void choice_score_proba(Choice *choice, const float *proba, double *value, double *cost);
void choice_score(Choice *choice, Candidate *candidate);
/* The best `size` models that fit the budget together, equally weighted. Returns how many. */
int choice_take_best(const Choice *choice, int size, double *weight);
/* The members of a candidate, by number; returns how many. */
int choice_members(const Choice *choice, const double *weight, int *member);
/* Better on the selection rows than the best model alone? A count metric's tie is broken by the log loss,
 * except for votes, whose shares are no probabilities. */
bool choice_beats(const Choice *choice, const Candidate *candidate, const Candidate *single);

/* What members cost so far, of the three budgets. */
typedef struct {
    double bytes, us, networks;
} Spent;
/* Does the budget hold for this model, too? Then it is added. */
bool choice_afford(const Choice *choice, int model, Spent *spent);
#endif
