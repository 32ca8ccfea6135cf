/* Which columns are derived: what a candidate says of the target beyond its parts, on training rows only. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/order.h"
#include "prep/derive.h"

enum { MOST_SAMPLE = 5000, BINS = 16, OCTILES = 8, MOST_NUMBERS = 24, MOST_WORDS = 100, MOST_CLASSES = 100 };

/* A part of the training rows whose target is known, and all that is measured on it. */
typedef struct {
    DeriveRows in;         /* of the sample alone: its rows, and their groups */
    int32_t *y;            /* (in.n) */
    int n_classes;
    int *count;            /* a row of n_classes for each group */
    Keyed *keyed, *other;  /* (in.n) */
    double *value;         /* (in.n) */
    double *information;   /* (columns) of each by itself; -1: not looked at */
    Arena *scratch;
} Sample;

typedef struct {
    Derivation d;
    double gain;
} Candidate;

/* ---- information ---- */

/* What is measured and how far chance alone would take it. */
typedef struct {
    double nats;   /* less what chance would give on average */
    int free;      /* degrees of freedom: 2 n times the information is chi-squared by chance */
} Told;

/* Of a table of counts, n_groups by classes; groups without rows are none. */
static Told told(const Sample *s, int n_groups, const int *count)
{
    const int k = s->n_classes;
    int of_class[MOST_CLASSES] = {0}, used = 0, classes = 0;
    double n = 0, sum = 0;
    for (int g = 0; g < n_groups; g++) {
        int rows = 0;
        for (int c = 0; c < k; c++) {
            int m = count[g * k + c];
            if (m == 0) continue;
            rows += m;
            of_class[c] += m;
            sum += m * log(m);
        }
        if (rows == 0) continue;
        used++;
        n += rows;
        sum -= rows * log(rows);
    }
    if (n == 0) return (Told){0, 0};
    for (int c = 0; c < k; c++) {
        if (of_class[c] == 0) continue;
        classes++;
        sum -= of_class[c] * log(of_class[c]);
    }
    int degrees = (used - 1) * (classes - 1);
    return (Told){(sum + n * log(n)) / n - degrees / (2 * n), degrees};
}

static Told told_by_groups(const Sample *s, const int32_t *a, const int32_t *b, int n_a, int n_b)
{
    const size_t k = (size_t)s->n_classes;
    memset(s->count, 0, (size_t)n_a * (size_t)n_b * k * sizeof *s->count);
    for (int i = 0; i < s->in.n; i++)
        s->count[(size_t)(a[i] * n_b + (b ? b[i] : 0)) * k + (size_t)s->y[i]]++;
    return told(s, n_a * n_b, s->count);
}

/* Of s->value, in bins of equal size; what is missing has one of its own, equal values share one. */
static Told told_by_number(const Sample *s)
{
    const int k = s->n_classes;
    int present = 0;
    memset(s->count, 0, (size_t)(BINS + 1) * (size_t)k * sizeof *s->count);
    for (int i = 0; i < s->in.n; i++) {
        if (isnan(s->value[i])) s->count[BINS * k + s->y[i]]++;
        else s->keyed[present++] = (Keyed){order_key(s->value[i]), s->y[i]};
    }
    const Keyed *sorted = order_keyed(s->keyed, s->other, present);
    for (int i = 0, bin = 0; i < present; i++) {
        if (i == 0 || sorted[i].key != sorted[i - 1].key) bin = (int)((int64_t)i * BINS / present);
        s->count[bin * k + sorted[i].label]++;
    }
    return told(s, BINS + 1, s->count);
}

/* Above what two standard deviations of chance would give? */
static bool beyond_chance(const Sample *s, double gain, int free)
{
    return gain > 2 * sqrt(2.0 * (free > 0 ? free : 0)) / (2 * s->in.n);
}

/* ---- the sample ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Classes of the target: its own, or of numbers the octiles. */
static bool classes_of(Sample *s)
{
    const Table *table = s->in.table;
    const Task *task = &table->task;
    if (task->kind == TASK_NUMBERS) {
        double *sorted = ARENA_NEW(s->scratch, double, s->in.n), cut[OCTILES];
        if (!sorted) return false;
        for (int i = 0; i < s->in.n; i++) sorted[i] = derive_target(table, s->in.rows[i], 0);
        qsort(sorted, (size_t)s->in.n, sizeof *sorted, by_size);
        for (int c = 1; c < OCTILES; c++) cut[c] = sorted[(int64_t)c * s->in.n / OCTILES];
        for (int i = 0; i < s->in.n; i++)
            for (int c = 1; c < OCTILES; c++) s->y[i] += derive_target(table, s->in.rows[i], 0) >= cut[c];
        s->n_classes = OCTILES;
        return true;
    }
    s->n_classes = task_has_classes(task) ? table->n_classes : 2;
    for (int i = 0; i < s->in.n; i++)
        s->y[i] = task_has_classes(task) ? table->labels[s->in.rows[i]]
                                         : derive_target(table, s->in.rows[i], 0) > 0.5;
    return true;
}

static bool is_known(const Table *table, int row)
{
    return task_has_classes(&table->task) ? table->labels && table->labels[row] >= 0
                                          : isfinite(derive_target(table, row, 0));
}

/* Every so many-th of the rows whose target is known, with the groups of their words. */
static bool take_sample(const DeriveRows *in, Sample *s)
{
    const int n_columns = in->table->n_columns;
    int known = 0, taken = 0, place = 0;
    for (int i = 0; i < in->n; i++) known += is_known(in->table, in->rows ? in->rows[i] : i);
    const int n = known < MOST_SAMPLE ? known : MOST_SAMPLE;
    int32_t *rows = ARENA_NEW(s->scratch, int32_t, n), *at = ARENA_NEW(s->scratch, int32_t, n);
    const int32_t **group = ARENA_NEW(s->scratch, const int32_t *, n_columns);
    s->y = ARENA_NEW(s->scratch, int32_t, n);
    s->keyed = ARENA_NEW(s->scratch, Keyed, n);
    s->other = ARENA_NEW(s->scratch, Keyed, n);
    s->value = ARENA_NEW(s->scratch, double, n);
    s->information = ARENA_NEW(s->scratch, double, n_columns);
    if (!rows || !at || !group || !s->y || !s->keyed || !s->other || !s->value || !s->information) return false;
    for (int i = 0; i < in->n; i++) {
        const int row = in->rows ? in->rows[i] : i;
        if (!is_known(in->table, row)) continue;
        if ((int64_t)place++ * n / known < taken) continue;
        rows[taken] = row;
        at[taken++] = i;
        if (taken == n) break;
    }
    for (int j = 0; j < n_columns; j++) {
        if (in->n_groups[j] == 0) continue;
        int32_t *of = ARENA_NEW(s->scratch, int32_t, n);
        if (!of) return false;
        for (int i = 0; i < taken; i++) of[i] = in->group[j][at[i]];
        group[j] = of;
    }
    s->in = (DeriveRows){in->table, rows, taken, in->n_groups, group};
    if (!classes_of(s)) return false;
    if (s->n_classes > MOST_CLASSES) s->in.n = 0;
    s->count = ARENA_NEW(s->scratch, int, (size_t)DERIVE_MOST_CELLS * (size_t)s->n_classes);
    return s->count != NULL;
}

static void measure(Sample *s, int column)
{
    if (s->in.n_groups[column] > 0) {
        s->information[column] = told_by_groups(s, s->in.group[column], NULL, s->in.n_groups[column], 1).nats;
        return;
    }
    for (int i = 0; i < s->in.n; i++) {
        double v = column_number(&s->in.table->columns[column], s->in.rows[i]);
        s->value[i] = isfinite(v) ? v : NAN;
    }
    s->information[column] = told_by_number(s).nats;
}

/* The columns of words, or of numbers, that say most by themselves, in the table's order. */
static int *telling(Sample *s, bool words, int most, int *n)
{
    const Table *table = s->in.table;
    int *list = ARENA_NEW(s->scratch, int, table->n_columns + 1);
    if (!list) return NULL;
    *n = 0;
    for (int j = 0; j < table->n_columns; j++) {
        const int groups = s->in.n_groups[j];
        const bool has_words = groups > 0 && groups <= DERIVE_MOST_CELLS;
        if (words ? !has_words : table->columns[j].kind != COLUMN_NUMERIC) continue;
        measure(s, j);
        list[(*n)++] = j;
    }
    while (*n > most) {
        int least = 0;
        for (int i = 1; i < *n; i++)
            if (s->information[list[i]] <= s->information[list[least]]) least = i;
        memmove(list + least, list + least + 1, (size_t)(*n - least - 1) * sizeof *list);
        --*n;
    }
    return list;
}

/* ---- candidates ---- */

/* Keeps the best `most`, best first, of equal ones the first. */
static void keep(Candidate *best, int *n, int most, const Derivation *d, double gain)
{
    int at = *n;
    while (at > 0 && best[at - 1].gain < gain) at--;
    if (at >= most) return;
    int end = *n < most ? (*n)++ : most - 1;
    memmove(best + at + 1, best + at, (size_t)(end - at) * sizeof *best);
    best[at] = (Candidate){*d, gain};
}

static bool find_crosses(Sample *s, int most, Candidate *best, int *n)
{
    int m;
    const int *words = telling(s, true, MOST_WORDS, &m), *groups = s->in.n_groups;
    if (!words) return false;
    for (int i = 0; i < m; i++)
        for (int j = i + 1; j < m; j++) {
            Derivation d = {.kind = DERIVE_TARGET, .a = words[i], .b = words[j]};
            if (derive_cells(&d, groups) == 0) continue;
            Told pair = told_by_groups(s, s->in.group[d.a], s->in.group[d.b], groups[d.a], groups[d.b]);
            double gain = pair.nats - fmax(s->information[d.a], 0) - fmax(s->information[d.b], 0);
            if (beyond_chance(s, gain, pair.free)) keep(best, n, most, &d, gain);
        }
    return true;
}

static bool find_arithmetic(Sample *s, int most, Candidate *best, int *n)
{
    int m;
    const int *numbers = telling(s, false, MOST_NUMBERS, &m);
    if (!numbers) return false;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++) {
            Candidate pair = {.gain = 0};
            double alone = fmax(fmax(s->information[numbers[i]], s->information[numbers[j]]), 0);
            for (int kind = DERIVE_DIFFERENCE; kind <= DERIVE_SUM; kind++) {
                /* Only a ratio is another one the other way round. */
                if (i == j || (j < i && kind != DERIVE_RATIO)) continue;
                Derivation d = {.kind = (DeriveKind)kind, .a = numbers[i], .b = numbers[j]};
                derive_values(&d, &s->in, s->value);
                Told it = told_by_number(s);
                double gain = it.nats - alone;
                if (gain > pair.gain && beyond_chance(s, gain, it.free)) pair = (Candidate){d, gain};
            }
            if (pair.gain > 0) keep(best, n, most, &pair.d, pair.gain);
        }
    return true;
}

static bool find_aggregates(Sample *s, int most, Candidate *best, int *n)
{
    int m, w;
    const int *numbers = telling(s, false, MOST_NUMBERS, &m), *words = telling(s, true, MOST_NUMBERS, &w);
    Arena *cells = arena_create(0);
    bool ok = numbers && words && cells;
    for (int i = 0; ok && i < m; i++)
        for (int j = 0; j < w; j++) {
            Derivation d = {.kind = DERIVE_DEVIATION, .a = numbers[i], .b = words[j]};
            arena_reset(cells);
            if (!(ok = derive_fit_cells(&d, &s->in, cells))) break;
            derive_values(&d, &s->in, s->value);
            Told it = told_by_number(s);
            double gain = it.nats - fmax(s->information[d.a], 0);
            if (beyond_chance(s, gain, it.free)) keep(best, n, most, &d, gain);
        }
    arena_destroy(cells);
    return ok;
}

/* ---- the list ---- */

typedef struct {
    const DeriveRows *in;
    Arena *arena;
    Derivation *list;
    int n, values;
} List;

static bool add(List *list, Derivation d)
{
    if (!derive_fit_cells(&d, list->in, list->arena)) return false;
    list->list[list->n++] = d;
    return true;
}

static bool add_targets(List *list, int a, int b)
{
    for (int v = 0; v < list->values; v++)
        if (!add(list, (Derivation){.kind = DERIVE_TARGET, .a = a, .b = b, .value = v})) return false;
    return true;
}

static bool find_pairs(const DeriveOptions *o, Sample *s, List *list)
{
    typedef bool Find(Sample *, int, Candidate *, int *);
    static Find *const find[] = {find_crosses, find_arithmetic, find_aggregates};
    const int most[] = {list->values > 0 ? o->crosses : 0, o->arithmetic, o->aggregates};
    if (most[0] + most[1] + most[2] == 0) return true;
    if (!take_sample(list->in, s)) return false;
    for (int k = 0; k < 3; k++) {
        Candidate best[DERIVE_MOST_PAIRS];
        int n = 0;
        if (most[k] == 0 || s->in.n == 0) continue;
        if (!find[k](s, most[k] < DERIVE_MOST_PAIRS ? most[k] : DERIVE_MOST_PAIRS, best, &n)) return false;
        for (int i = 0; i < n; i++) {
            Derivation d = best[i].d;
            if (k == 0 ? !add_targets(list, d.a, d.b) : !add(list, d)) return false;
            d.kind = DERIVE_MEAN;
            if (k == 2 && !add(list, d)) return false;
        }
    }
    return true;
}

/* Columns that there would be at most, and room for them. */
static bool room(const DeriveOptions *o, const Table *table, List *list)
{
    int words = 0;
    for (int j = 0; j < table->n_columns; j++) words += table->columns[j].kind == COLUMN_NOMINAL;
    const int targets = o->target_encoding == TARGET_OOF ? words : 0;
    list->values = table_has_label(table) ? derive_values_of(&table->task, table->n_classes) : 0;
    list->list = ARENA_NEW(list->arena, Derivation, (targets + o->crosses) * list->values + o->arithmetic +
                                                        2 * o->aggregates);
    return list->list != NULL;
}

bool derive_fit(const DeriveOptions *options, const DeriveRows *in, Arena *arena, Derivation **out, int *n)
{
    enum { FEWEST_GROUPS = 3 + 2 };
    List list = {.in = in, .arena = arena};
    if (!room(options, in->table, &list)) return false;
    for (int j = 0; options->target_encoding == TARGET_OOF && j < in->table->n_columns; j++)
        if (in->n_groups[j] >= FEWEST_GROUPS && !add_targets(&list, j, -1)) return false;
    Sample sample = {.scratch = arena_create(0)};
    bool ok = sample.scratch && find_pairs(options, &sample, &list);
    arena_destroy(sample.scratch);
    *out = list.list;
    *n = list.n;
    return ok;
}

bool derive_most(const DeriveOptions *options, const Table *table, Arena *arena, Derivation **out, int *n)
{
    List list = {.arena = arena};
    int words = 0, numbers = 0;
    if (!room(options, table, &list)) return false;
    for (int j = 0; j < table->n_columns; j++) {
        numbers += table->columns[j].kind == COLUMN_NUMERIC;
        if (table->columns[j].kind != COLUMN_NOMINAL) continue;
        words++;
        if (options->target_encoding == TARGET_OOF && table->columns[j].n_levels >= 3) list.n += list.values;
    }
    const double pairs[] = {0.5 * words * (words - 1), 1.0 * numbers * (numbers - 1), 1.0 * words * numbers};
    list.n += (int)fmin(options->crosses, pairs[0]) * list.values + (int)fmin(options->arithmetic, pairs[1]) +
              2 * (int)fmin(options->aggregates, pairs[2]);
    *out = list.list;
    *n = list.n;
    return true;
}
