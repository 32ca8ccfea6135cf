/* Derived columns of rows: arithmetic, and cells looked up by groups of words. */
#include "prep/derive.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "data/order.h"

enum { INNER_FOLDS = 5 };
static const double smoothing = 10;

const char *const derive_kind_names[] = {DERIVE_KIND_LIST(LIST_NAME) NULL};
const char *const target_encoding_names[] = {TARGET_ENCODING_LIST(LIST_NAME) NULL};

int derive_values_of(const Task *task, int n_classes)
{
    int n = task->kind == TASK_ORDERED ? 1 : task->kind != TASK_CLASSES ? task->n_targets
          : n_classes == 2           ? 1
                                     : n_classes;
    return n > DERIVE_MOST_VALUES ? 0 : n;
}

int derive_cells(const Derivation *d, const int *n_groups)
{
    if (!derive_by_words(d->kind)) return 0;
    if (d->kind != DERIVE_TARGET) return n_groups[d->b];
    if (d->b < 0) return n_groups[d->a];
    int64_t cells = (int64_t)n_groups[d->a] * n_groups[d->b];
    return cells > DERIVE_MOST_CELLS ? 0 : (int)cells;
}

const char *derive_name(const Derivation *d, const Schema *schema, Arena *arena)
{
    static const char *const signs[] = {"-", "/", "*", "+"};
    const Column *columns = schema->columns;
    const char *a = columns[d->a].name, *b = d->b < 0 ? NULL : columns[d->b].name, *of = NULL;
    if (!a) a = "";
    if (!b) b = "";
    switch (d->kind) {
    case DERIVE_MEAN: return arena_print(arena, "mean of %s by %s", a, b);
    case DERIVE_DEVIATION: return arena_print(arena, "%s minus mean by %s", a, b);
    case DERIVE_TARGET: break;
    default: return arena_print(arena, "%s %s %s", a, signs[d->kind], b);
    }
    if (derive_values_of(&schema->task, schema->n_classes) > 1)
        of = schema->task.kind != TASK_CLASSES ? schema->task.targets[d->value].name
           : schema->classes                   ? schema->classes[d->value]
                                               : NULL;
    return arena_print(arena, "target of %s%s%s%s%s%s", a, d->b < 0 ? "" : " & ", b, of ? " (" : "",
                       of ? of : "", of ? ")" : "");
}

/* ---- rows ---- */

static int row_at(const DeriveRows *in, int i) { return in->rows ? in->rows[i] : i; }

static double number_at(const DeriveRows *in, int column, int i)
{
    double v = column_number(&in->table->columns[column], row_at(in, i));
    return isfinite(v) ? v : NAN;
}

static int cell_at(const Derivation *d, const DeriveRows *in, int i)
{
    if (d->kind != DERIVE_TARGET) return in->group[d->b][i];
    if (d->b < 0) return in->group[d->a][i];
    return in->group[d->a][i] * in->n_groups[d->b] + in->group[d->b][i];
}

static double arithmetic(DeriveKind kind, double a, double b)
{
    double v = kind == DERIVE_DIFFERENCE ? a - b : kind == DERIVE_RATIO ? a / b
             : kind == DERIVE_PRODUCT  ? a * b
                                       : a + b;
    return isfinite(v) ? v : NAN;
}

void derive_values(const Derivation *d, const DeriveRows *in, double *out)
{
    for (int i = 0; i < in->n; i++) {
        if (!derive_by_words(d->kind)) {
            out[i] = arithmetic(d->kind, number_at(in, d->a, i), number_at(in, d->b, i));
            continue;
        }
        double cell = d->cells[cell_at(d, in, i)];
        if (d->kind == DERIVE_DEVIATION) cell = arithmetic(DERIVE_DIFFERENCE, number_at(in, d->a, i), cell);
        out[i] = cell;
    }
}

/* ---- training rows ---- */

double derive_target(const Table *table, int row, int value)
{
    const Task *task = &table->task;
    if (!task_has_classes(task))
        return table->targets ? table->targets[(size_t)row * (size_t)task->n_targets + (size_t)value] : NAN;
    int label = table->labels ? table->labels[row] : -1;
    if (label < 0) return NAN;
    if (task->kind == TASK_ORDERED) return label;
    return label == (table->n_classes == 2 ? 1 : value);
}

/* What a row counts for, about 1. */
static double row_weight(const DeriveRows *in, int i, double mean)
{
    return in->table->weight ? in->table->weight[row_at(in, i)] / mean : 1;
}

static double mean_weight(const DeriveRows *in)
{
    double sum = 0;
    for (int i = 0; in->table->weight && i < in->n; i++) sum += in->table->weight[row_at(in, i)];
    return sum > 0 ? sum / in->n : 1;
}

static int fold_at(const DeriveRows *in, int i)
{
    const int row = row_at(in, i);
    const Column *group = in->table->key[ROW_GROUP];
    uint64_t key = (uint64_t)row;
    if (group) key = column_has_words(group->kind) ? (uint64_t)(uint32_t)group->code[row]
                                                   : order_key(column_number(group, row));
    return (int)(rng_mix(5, key) % INNER_FOLDS);
}

/* What is averaged over a group: of `target` what is predicted, else number a. */
static double averaged(const Derivation *d, const DeriveRows *in, int i)
{
    double y = d->kind == DERIVE_TARGET ? derive_target(in->table, row_at(in, i), d->value)
                                        : number_at(in, d->a, i);
    return isfinite(y) ? y : NAN;
}

/* Sums of weights and of weighted values by fold and group, (folds, n_cells) each; returns the overall mean. */
static double sums(const Derivation *d, const DeriveRows *in, bool folds, double *weight, double *sum)
{
    const double mean = mean_weight(in);
    double all = 0, of = 0;
    for (int i = 0; i < in->n; i++) {
        double y = averaged(d, in, i), w = row_weight(in, i, mean);
        if (isnan(y)) continue;
        size_t at = (size_t)cell_at(d, in, i) + (folds ? (size_t)fold_at(in, i) * (size_t)d->n_cells : 0);
        weight[at] += w;
        sum[at] += w * y;
        all += w;
        of += w * y;
    }
    return all > 0 ? of / all : 0;
}

static double smoothed(const Derivation *d, double weight, double sum, double prior)
{
    double v = d->kind == DERIVE_TARGET ? (sum + smoothing * prior) / (weight + smoothing)
             : weight > 0             ? sum / weight
                                      : prior;
    return isfinite(v) ? v : prior;
}

bool derive_fit_cells(Derivation *d, const DeriveRows *in, Arena *arena)
{
    d->n_cells = derive_cells(d, in->n_groups);
    if (!derive_by_words(d->kind)) return true;
    double *cells = ARENA_NEW(arena, double, d->n_cells), *weight = ARENA_NEW(arena, double, d->n_cells);
    if (!cells || !weight) return false;
    double prior = sums(d, in, false, weight, cells);
    if (!isfinite(prior)) prior = 0;
    for (int g = 0; g < d->n_cells; g++) cells[g] = smoothed(d, weight[g], cells[g], prior);
    d->cells = cells;
    return true;
}

bool derive_training(const Derivation *d, const DeriveRows *in, Arena *scratch, double *out)
{
    if (d->kind != DERIVE_TARGET) {
        derive_values(d, in, out);
        return true;
    }
    const size_t n = (size_t)d->n_cells;
    double *weight = ARENA_NEW(scratch, double, n * INNER_FOLDS);
    double *sum = ARENA_NEW(scratch, double, n * INNER_FOLDS);
    if (!weight || !sum) return false;
    double prior = sums(d, in, true, weight, sum);
    if (!isfinite(prior)) prior = 0;
    /* Adding up the others anew, not subtracting: a group all in one fold has exactly the prior. */
    for (int i = 0; i < in->n; i++) {
        const size_t cell = (size_t)cell_at(d, in, i);
        double others = 0, of = 0;
        for (int f = 0, own = fold_at(in, i); f < INNER_FOLDS; f++) {
            if (f == own) continue;
            others += weight[(size_t)f * n + cell];
            of += sum[(size_t)f * n + cell];
        }
        out[i] = smoothed(d, others, of, prior);
    }
    return true;
}
