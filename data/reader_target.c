/* data/reader_target.c - from the label columns of a file to what is to be predicted: classes numbered, or
 * quantities, or answers; and which of these it is, where nobody said. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "data/reader.h"

/* ---- which task ------------------------------------------------------------------------------- */

enum { MANY_NUMBERS = 50, FEW_NUMBERS = 5, SMALL_MEDIAN = 5, ENDED = 20 };

typedef struct {
    double value;
    int rows;
} Counted;

static int by_rows(const void *a, const void *b)
{
    return ((const Counted *)a)->rows - ((const Counted *)b)->rows;
}

static int by_value(const void *a, const void *b)
{
    double x = ((const Counted *)a)->value, y = ((const Counted *)b)->value;
    return (x > y) - (x < y);
}

/* Are the least and the largest eighth of n numbers, in their order, a quarter as frequent as all are? Names of
 * classes come in no order that would make them so; sizes, ages and counts of rings are. */
static bool thins_out(const Counted *in_order, int n)
{
    const int eighth = n / 8;
    double all = 0, least = 0, largest = 0;
    for (int k = 0; k < n; k++) {
        all += in_order[k].rows;
        least += k < eighth ? in_order[k].rows : 0;
        largest += k >= n - eighth ? in_order[k].rows : 0;
    }
    const double due = all / n * eighth / 4;
    return least < due && largest < due;
}

bool classes_are_quantity(const char *const *classes, const int *rows, int n)
{
    bool fraction = false, found = false;
    Counted *counted = calloc((size_t)n + 1, sizeof *counted);
    if (!counted) return false;
    for (int k = 0; k < n; k++) {
        double *number = &counted[k].value;
        counted[k].rows = rows ? rows[k] : 0;
        if (!reading_any_number(classes[k], strlen(classes[k]), number) || isnan(*number)) {
            free(counted);
            return false;
        }
        fraction = fraction || *number != floor(*number);
    }
    if (fraction || n > MANY_NUMBERS) {
        found = true;
    } else if (n > FEW_NUMBERS && rows) {
        qsort(counted, (size_t)n, sizeof *counted, by_rows);
        found = counted[n / 2].rows < SMALL_MEDIAN;
        qsort(counted, (size_t)n, sizeof *counted, by_value);
        found = found || (n > ENDED && thins_out(counted, n));
    }
    free(counted);
    return found;
}

/* The levels of a label column that occur, and how many rows have each. */
typedef struct {
    int n;
    const char **text;
    int *rows;
} Met;

static bool levels_met(const Reading *r, const RawColumn *column, Met *met, Error *err)
{
    const int n = column->levels.n;
    int *rows = ARENA_NEW(r->arena, int, n + 1);
    *met = (Met){.text = ARENA_NEW(r->arena, const char *, n + 1), .rows = ARENA_NEW(r->arena, int, n + 1)};
    if (!rows || !met->text || !met->rows) return error_memory(err);
    for (int i = 0; i < r->n_rows; i++)
        if (column->code[i] >= 0) rows[column->code[i]]++;
    for (int k = 0; k < n; k++)
        if (rows[k] > 0) {
            met->text[met->n] = column->levels.text[k];
            met->rows[met->n++] = rows[k];
        }
    return true;
}

/* Of a column of numbers or answers, NA and the like are no level: leaves them out of those met. */
static void leave_out_missing(const Reading *r, Met *met)
{
    int kept = 0;
    for (int k = 0; k < met->n; k++) {
        if (reading_is_missing(r, met->text[k], strlen(met->text[k]))) continue;
        met->text[kept] = met->text[k];
        met->rows[kept++] = met->rows[k];
    }
    met->n = kept;
}

/* What the label columns look like: numbers where all are quantities or (of several) numbers of more than two
 * values, labels where all of several have two, else classes. */
static bool find_task(Reading *r, TaskKind *out, Error *err)
{
    int quantities = 0, pairs = 0, numbers = 0;
    const char *odd = r->columns[r->label].name;
    for (int i = 0; i < r->n_labels; i++) {
        const RawColumn *column = &r->columns[r->label_columns[i]];
        Met met;
        double number;
        if (!levels_met(r, column, &met, err)) return false;
        leave_out_missing(r, &met);
        bool all = met.n > 0;
        for (int k = 0; k < met.n && all; k++)
            all = reading_any_number(met.text[k], strlen(met.text[k]), &number);
        numbers += all && met.n > 2;
        pairs += met.n == 2;
        quantities += classes_are_quantity(met.text, met.rows, met.n);
        if (!all && met.n != 2) odd = column->name;
    }
    if (r->n_labels == 1) {
        *out = quantities ? TASK_NUMBERS : TASK_CLASSES;
        return true;
    }
    if (pairs == r->n_labels) *out = TASK_LABELS;
    else if (numbers == r->n_labels) *out = TASK_NUMBERS;
    else
        return error_set(err, ERR_CONFIG, "%s: several labels are numbers, or each has two answers; `%s` and"
                         " the others are not alike; name one column in data.label, or say data.task",
                         r->path, odd);
    return true;
}

static bool settle_task(Reading *r, TaskKind *out, Error *err)
{
    const ReadOptions *o = r->options;
    const bool several = r->n_labels > 1;
    if (r->schema) {
        *out = r->schema->task.kind;
        return true;
    }
    if (o->ordinal.n > 0) {
        if (o->task != TASK_AUTO && o->task != 1 + TASK_ORDERED)
            return error_set(err, ERR_CONFIG, "data.ordinal is for ordered classes, data.task says %s",
                             task_choice_names[o->task]);
        *out = TASK_ORDERED;
    } else if (o->task != TASK_AUTO) {
        *out = (TaskKind)(o->task - 1);
    } else if (!find_task(r, out, err)) {
        return false;
    }
    if (several && (*out == TASK_CLASSES || *out == TASK_ORDERED))
        return error_set(err, ERR_CONFIG,
                         "data.label names %d columns, which are numbers or yes/no labels; %s are"
                         " of one column", r->n_labels, *out == TASK_CLASSES ? "classes" : "ordered classes");
    if (o->quantiles.n > 0 && *out != TASK_NUMBERS)
        return error_set(err, ERR_CONFIG, "data.quantiles is for numbers; `%s` has %s",
                         r->columns[r->label].name,
                         task_names[*out]);
    return true;
}

/* ---- classes ---------------------------------------------------------------------------------- */

typedef struct {
    const char *text;
    double number;
    int32_t code;
} ClassName;

static int by_number(const void *a, const void *b)
{
    const ClassName *x = a, *y = b;
    if (x->number != y->number) return x->number < y->number ? -1 : 1;
    return strcmp(x->text, y->text);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const ClassName *)a)->text, ((const ClassName *)b)->text);
}

/* In the order of data.ordinal, which names them all. */
static bool by_ordinal(Reading *r, ClassName *names, int n, Error *err)
{
    const TextList *order = &r->options->ordinal;
    for (int k = 0; k < order->n; k++) {
        bool met = false;
        for (int i = 0; i < n && !met; i++) met = strcmp(order->items[k], names[i].text) == 0;
        if (!met) reading_note(r, "class `%.60s` of data.ordinal has no row; it was left out", order->items[k]);
    }
    for (int i = 0; i < n; i++) {
        int at = 0;
        while (at < order->n && strcmp(order->items[at], names[i].text) != 0) at++;
        if (at == order->n)
            return error_set(err, ERR_CONFIG,
                             "data.ordinal does not name `%.60s`, which some rows of %s have; add it"
                             " in its place", names[i].text, r->path);
        names[i].number = at;
    }
    qsort(names, (size_t)n, sizeof *names, by_number);
    return true;
}

/* Numbers the classes that occur, in natural order, and rewrites the codes. */
static bool number_classes(Reading *r, RawColumn *label, Table *table, Error *err)
{
    int n = label->levels.n, kept = 0;
    int64_t *rows = ARENA_NEW(r->arena, int64_t, n);
    ClassName *names = ARENA_NEW(r->arena, ClassName, n);
    int32_t *number_of = ARENA_NEW(r->arena, int32_t, n);
    table->classes = ARENA_NEW(r->arena, const char *, n);
    if (!rows || !names || !number_of || !table->classes) return error_memory(err);
    for (int i = 0; i < r->n_rows; i++)
        if (label->code[i] >= 0) rows[label->code[i]]++;
    bool numbers = true;
    for (int i = 0; i < n; i++) {
        const char *text = label->levels.text[i];
        if (!rows[i]) {
            reading_note(r, "class `%s` is declared but no row has it; it was left out", text);
            continue;
        }
        names[kept] = (ClassName){.text = text, .code = i};
        if (!reading_number(text, strlen(text), false, &names[kept].number) ||
            isnan(names[kept].number))
            numbers = false;
        if (reading_is_missing(r, text, strlen(text)) && !label->declared)
            reading_note(r, "`%s` is a class here, of %lld row%s; if it means that there is no label, add it to"
                         " data.missing_tokens", text, (long long)rows[i], rows[i] == 1 ? "" : "s");
        kept++;
    }
    if (r->options->ordinal.n > 0) {
        if (!by_ordinal(r, names, kept, err)) return false;
    } else if (numbers) qsort(names, (size_t)kept, sizeof *names, by_number);
    else if (!label->declared) qsort(names, (size_t)kept, sizeof *names, by_text);
    for (int i = 0; i < kept; i++) {
        table->classes[i] = names[i].text;
        number_of[names[i].code] = i;
    }
    for (int i = 0; i < r->n_rows; i++)
        if (label->code[i] >= 0) label->code[i] = number_of[label->code[i]];
    table->n_classes = kept;
    return true;
}

static bool all_numbers(const Table *table)
{
    double number;
    for (int k = 0; k < table->n_classes; k++)
        if (!reading_any_number(table->classes[k], strlen(table->classes[k]), &number)) return false;
    return true;
}

static bool check_classes(const Reading *r, const Table *table, Error *err)
{
    const char *name = r->columns[r->label].name;
    if (table->n_classes < 2)
        return error_set(err, ERR_DATA,
                         "%s: the label column `%s` has %s; name the column with the classes in"
                         " data.label",
                         r->path, name, table->n_classes ? "only one class" : "no values");
    if ((table->n_rows >= 20 && table->n_classes > table->n_rows / 2) || table->n_classes > 10000)
        return error_set(err, ERR_DATA,
                         "%s: the label column `%s` has %d different values in %d rows: that is %s; name"
                         " another column in data.label%s",
                         r->path, name, table->n_classes, table->n_rows,
                         all_numbers(table) ? "a quantity or an identifier"
                             : "an identifier or free text, not classes",
                         all_numbers(table) ? ", or say data.task: numbers" : "");
    return true;
}


static bool take_classes(Reading *r, RawColumn *label, Table *table, Error *err)
{
    if (!label->code) /* a declared task of numbers cannot come here */
        return error_set(err, ERR_DATA, "%s: the label `%s` has no classes", r->path, label->name);
    if (r->schema) {
        table->n_classes = r->schema->n_classes;
        table->classes = label->levels.text; /* the schema's, in its order */
    } else if (!number_classes(r, label, table, err)) {
        return false;
    }
    table->labels = label->code;
    return true;
}

/* ---- numbers and answers ---------------------------------------------------------------------- */

/* The number in row i of a label column, whichever way it was read. NaN: none, or (word) not a number. */
static double number_at(const RawColumn *column, const double *of_level, int i)
{
    if (column->number) return column->number[i];
    if (column->decimal) return decimal_number(column->decimal[i], column->unit);
    return column->code[i] < 0 ? NAN : of_level[column->code[i]];
}

/* What the words of a column mean as numbers. */
static bool numbers_of_levels(Reading *r, const RawColumn *column, double **out, Error *err)
{
    *out = ARENA_NEW(r->arena, double, column->levels.n + 1);
    if (!*out) return error_memory(err);
    for (int k = 0; k < column->levels.n; k++) {
        const char *text = column->levels.text[k];
        double *v = &(*out)[k];
        *v = NAN;
        if (reading_is_missing(r, text, strlen(text))) continue;
        if (!reading_number(text, strlen(text), r->decimal_comma, v) && !reading_any_number(text, strlen(text),
                                                                                            v))
            return error_set(err, ERR_DATA,
                             "%s: the label column `%s`: `%.40s` is not a number; data.task: classes"
                             " takes it for a class, data.missing_tokens for unknown", r->path, column->name,
                                 text);
        if (isinf(*v) || reading_is_missing_number(r, *v)) *v = NAN;
    }
    return true;
}

static bool is_yes(const char *text)
{
    static const char *const yes[] = {"1", "true", "yes", "y", "t", "on", "positive", "present", "1.0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (strcasecmp(text, yes[i]) == 0) return true;
    return false;
}

/* The two answers of a column: which is yes by its word, else the later one. */
static bool find_answers(Reading *r, const RawColumn *column, Target *target, Error *err)
{
    Met met;
    double a, b;
    if (!levels_met(r, column, &met, err)) return false;
    if (met.n != 2)
        return error_set(err, ERR_DATA,
                         "%s: the label column `%s` has %d different values; a yes/no label has two",
                         r->path, column->name, met.n);
    bool numbers = reading_number(met.text[0], strlen(met.text[0]), false, &a)
                && reading_number(met.text[1], strlen(met.text[1]), false, &b);
    int second = numbers ? a > b : strcmp(met.text[0], met.text[1]) > 0;
    int yes = is_yes(met.text[0]) != is_yes(met.text[1]) ? !is_yes(met.text[0]) : !second;
    target->answer[1] = met.text[yes];
    target->answer[0] = met.text[!yes];
    return true;
}

static bool answers_of_levels(Reading *r, const RawColumn *column, const Target *target, double **out,
                              Error *err)
{
    *out = ARENA_NEW(r->arena, double, column->levels.n + 1);
    if (!*out) return error_memory(err);
    for (int k = 0; k < column->levels.n; k++) {
        const char *text = column->levels.text[k];
        double x, y;
        int found = -1;
        for (int a = 0; a < 2; a++)
            if (strcmp(text, target->answer[a]) == 0) found = a;
        for (int a = 0; a < 2 && found < 0; a++) /* 1.0 where 1 was learned */
            if (reading_number(text, strlen(text), false, &x)
                && reading_number(target->answer[a], strlen(target->answer[a]), false, &y) && x == y)
                found = a;
        if (found < 0 && column->code)
            for (int i = 0; i < r->n_rows; i++)
                if (column->code[i] == k)
                    return error_set(err, ERR_DATA, "%s: column `%s`: `%.40s` is neither `%.40s` nor `%.40s`",
                                     r->path,
                                     column->name, text, target->answer[0], target->answer[1]);
        (*out)[k] = found;
    }
    return true;
}

static bool read_quantiles(Reading *r, Task *task, Error *err)
{
    const TextList *said = &r->options->quantiles;
    double *q = ARENA_NEW(r->arena, double, said->n + 1);
    if (!q) return error_memory(err);
    if (said->n > TASK_MOST_QUANTILES)
        return error_set(err, ERR_CONFIG, "data.quantiles: %d of them; at most %d", said->n,
                         TASK_MOST_QUANTILES);
    for (int i = 0; i < said->n; i++) {
        const char *text = said->items[i];
        if (!reading_number(text, strlen(text), false, &q[i]) || !(q[i] > 0 && q[i] < 1))
            return error_set(err, ERR_CONFIG, "data.quantiles: `%.40s` is not a number between 0 and 1", text);
        if (i > 0 && !(q[i] > q[i - 1]))
            return error_set(err, ERR_CONFIG,
                             "data.quantiles: %s stands behind %s; write them from the lowest to the"
                             " highest", text, said->items[i - 1]);
    }
    task->n_quantiles = said->n;
    task->quantiles = q;
    return true;
}

static bool fill_targets(Reading *r, Table *table, Target *targets, Error *err)
{
    const size_t n = (size_t)r->n_labels;
    for (size_t t = 0; t < n; t++) {
        double *of_level = NULL;
        if (r->label_columns[t] < 0) {
            for (int i = 0; i < r->n_rows; i++) table->targets[(size_t)i * n + t] = NAN;
            continue;
        }
        const RawColumn *column = &r->columns[r->label_columns[t]];
        const bool answers = table->task.kind == TASK_LABELS;
        if (answers && !r->schema && !find_answers(r, column, &targets[t], err)) return false;
        if (column->code && !(answers ? answers_of_levels(r, column, &table->task.targets[t], &of_level, err)
                                      : numbers_of_levels(r, column, &of_level, err)))
            return false;
        for (int i = 0; i < r->n_rows; i++) table->targets[(size_t)i * n + t] = number_at(column, of_level, i);
    }
    return true;
}

/* Squares of more, times rows, are infinite. */
static const double MOST_TO_SQUARE = 1e150;

/* Where they are far from 0 compared with how they vary, and in which units they are learned. */
static bool measure(Reading *r, Table *table, Target *targets, Error *err)
{
    const int n = table->task.n_targets;
    for (int t = 0; t < n; t++) {
        Target measured = targets[t];
        if (table->task.kind == TASK_NUMBERS) {
            target_measure(table->targets + t, r->n_rows, n, &measured);
            if (!(measured.high > measured.low))
                return error_set(err, ERR_DATA,
                                 "%s: the label column `%s` is always %g: there is nothing to predict",
                                 r->path, targets[t].name, measured.low);
            if (fmax(fabs(measured.low), fabs(measured.high)) > MOST_TO_SQUARE)
                return error_set(err, ERR_DATA,
                                 "%s: the label column `%s` goes from %g to %g, and squares of that are"
                                 " infinite; write it in a larger unit", r->path, targets[t].name, measured.low,
                                 measured.high);
        }
        targets[t] = measured;
    }
    return true;
}

static bool take_targets(Reading *r, TaskKind kind, Table *table, Error *err)
{
    const int n = r->n_labels;
    Target *targets = ARENA_NEW(r->arena, Target, n);
    table->targets = ARENA_NEW(r->arena, double, (size_t)r->n_rows * (size_t)n);
    if (!targets || !table->targets) return error_memory(err);
    if (n > TASK_MOST_TARGETS)
        return error_set(err, ERR_CONFIG, "%d labels; at most %d", n, TASK_MOST_TARGETS);
    for (int t = 0; t < n && !r->schema; t++) targets[t].name = r->columns[r->label_columns[t]].name;
    table->task = r->schema ? r->schema->task : (Task){.kind = kind, .n_targets = n, .targets = targets};
    if (!fill_targets(r, table, targets, err)) return false;
    if (r->schema) return true;
    return read_quantiles(r, &table->task, err) && measure(r, table, targets, err);
}

/* ---- rows ------------------------------------------------------------------------------------- */

static bool label_known(const Reading *r, int row)
{
    for (int i = 0; i < r->n_labels; i++) {
        const RawColumn *column = &r->columns[r->label_columns[i]];
        if (column->code ? column->code[row] >= 0
            : column->number ? !isnan(column->number[row]) : column->decimal[row] != DECIMAL_MISSING)
            return true;
    }
    return false;
}

/* Numbers and answers that are not known, though something stands there: NA and the like, infinities. */
static void forget_unknown(Reading *r, TaskKind kind)
{
    for (int i = 0; i < r->n_labels; i++) {
        RawColumn *column = &r->columns[r->label_columns[i]];
        double number;
        for (int row = 0; column->code && row < r->n_rows; row++) {
            const char *text = column->code[row] < 0 ? NULL : column->levels.text[column->code[row]];
            if (!text) continue;
            const bool infinite = kind == TASK_NUMBERS && reading_any_number(text, strlen(text), &number)
                               && isinf(number);
            if (infinite || reading_is_missing(r, text, strlen(text))) column->code[row] = -1;
            column->n_infinite += infinite;
        }
        if (column->n_infinite)
            reading_note(r, "column `%s`: %d infinite value%s taken as missing", column->name,
                         column->n_infinite, column->n_infinite == 1 ? "" : "s");
    }
}

/* Rows of which nothing is known teach nothing: pulls the others together, cells and labels. */
static bool drop_unlabelled(Reading *r, Error *err)
{
    int kept = 0;
    bool *known = ARENA_NEW(r->arena, bool, r->n_rows);
    if (!known) return error_memory(err);
    for (int i = 0; i < r->n_rows; i++) kept += known[i] = label_known(r, i);
    if (kept == r->n_rows) return true;
    for (int c = 0; c < r->n_columns; c++) {
        RawColumn *column = &r->columns[c];
        if (column->role == ROLE_IGNORED) continue;
        int to = 0;
        column->n_missing = 0;
        for (int i = 0; i < r->n_rows; i++) {
            if (!known[i]) continue;
            if (column->number) {
                column->number[to] = column->number[i];
                column->n_missing += isnan(column->number[to]) != 0;
            } else if (column->decimal) {
                column->decimal[to] = column->decimal[i];
                column->n_missing += column->decimal[to] == DECIMAL_MISSING;
            } else {
                column->code[to] = column->code[i];
                column->n_missing += column->code[to] < 0;
            }
            to++;
        }
    }
    reading_note(r, "%d row%s without a label %s left out", r->n_rows - kept,
                 r->n_rows - kept == 1 ? "" : "s", r->n_rows - kept == 1 ? "was" : "were");
    r->source = ARENA_NEW(r->arena, int32_t, kept); /* no memory: then rows are counted anew */
    for (int i = 0, to = 0; i < r->n_rows && r->source; i++)
        if (known[i]) r->source[to++] = i + 1;
    r->n_rows = kept;
    return true;
}

bool reading_targets(Reading *r, Table *table, Error *err)
{
    TaskKind kind = TASK_CLASSES;
    if (r->schema) table->task = r->schema->task;
    if (r->label < 0) {
        if (!r->schema && !r->mirror && r->options->ordinal.n > 0)
            return error_set(err, ERR_CONFIG, "data.ordinal names classes, and there is no label");
        return true;
    }
    RawColumn *label = &r->columns[r->label];
    table->label_name = r->schema && r->schema->task.n_targets > 1 ? r->schema->label_name : label->name;
    if (!settle_task(r, &kind, err)) return false;
    if (!r->schema && (kind == TASK_NUMBERS || kind == TASK_LABELS)) forget_unknown(r, kind);
    if (!r->schema && !drop_unlabelled(r, err)) return false;
    table->task.kind = kind;
    table->n_rows = r->n_rows;
    if (kind == TASK_NUMBERS || kind == TASK_LABELS) {
        if (r->n_rows == 0) return error_set(err, ERR_DATA, "%s: no row has a label in `%s`", r->path,
                                             label->name);
        if (!take_targets(r, kind, table, err)) return false;
        if (!r->schema && kind == TASK_NUMBERS && r->options->task == TASK_AUTO && r->n_labels == 1)
            reading_note(r, "`%s` looks like a quantity, so numbers are predicted; data.task: classes makes"
                         " classes of it", label->name);
        return true;
    }
    return take_classes(r, label, table, err) && (r->schema || check_classes(r, table, err));
}

bool reading_mirror(Reading *r, Table *table, Error *err)
{
    int n = 0;
    for (int c = 0; c < table->n_columns; c++) n += table->columns[c].kind == COLUMN_NUMERIC;
    if (n == 0)
        return error_set(err, ERR_DATA, "%s: data.label is features, and no feature is a number", r->path);
    if (r->schema) n = r->schema->task.n_targets;
    Target *targets = ARENA_NEW(r->arena, Target, n);
    table->targets = ARENA_NEW(r->arena, double, (size_t)r->n_rows * (size_t)n);
    if (!targets || !table->targets) return error_memory(err);
    for (int c = 0, t = 0; c < table->n_columns && t < n; c++) {
        const Column *column = &table->columns[c];
        if (column->kind != COLUMN_NUMERIC) continue;
        if (r->schema && strcmp(r->schema->task.targets[t].name, column->name) != 0) continue;
        targets[t].name = column->name;
        for (int i = 0; i < r->n_rows; i++) table->targets[(size_t)i * (size_t)n + (size_t)t] =
            column_number(column, i);
        t++;
    }
    table->label_name = "features";
    if (r->schema) {
        table->task = r->schema->task;
        return true;
    }
    table->task = (Task){.kind = TASK_NUMBERS, .n_targets = n, .targets = targets};
    return read_quantiles(r, &table->task, err) && measure(r, table, targets, err);
}
