/* data/card.c - counts what a table holds and looks for the usual traps.
 *
 * Rows are compared by a 64-bit hash of their cells (level texts, not codes, so that two files
 * agree); among a million rows a chance collision has probability 3e-8. "Gives the class away" is
 * Holte's one-column rule: the commonest class for each value, or for each bucket of sorted
 * numbers, counted only where at least six rows support it.
 *
 * Source   Holte, "Very simple classification rules perform well on most commonly used datasets",
 *          Machine Learning 11, 1993.
 */
#include "data/card.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/rng.h"
#include "base/set.h"
#include "data/card_groups.h"
#include "data/card_targets.h"
#include "data/dates.h"
#include "data/order.h"
#include "data/reader.h"

enum { TINY_CLASS = 10, SUPPORT = 6, TOP_LEVELS = 5, FEW_ROWS = 50, MANY_WORDS = 500, MOST_SPELT = 500 };
enum { TINY_LISTED = 5 };
static const double giveaway = 0.999, majority_limit = 0.95, mostly_missing = 0.5;
static const double imbalance_share = 0.75, imbalance_ratio = 10;

typedef struct {
    const Table *table;
    Doc *warnings;
    int *class_rows; /* (n_classes) */
    int n_labelled, largest, smallest; /* classes by their number of rows, -1 without labels */
} Card;

static void warn(const Card *card, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void warn(const Card *card, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    doc_add(card->warnings, doc_text(text));
}

/* ---- rows as hashes ---- */

static uint64_t number_hash(double number)
{
    uint64_t bits;
    if (isnan(number)) return 0x7FF8;
    number += 0.0; /* -0 becomes 0 */
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* `hash[i]` covers the features of row i. */
static bool hash_columns(const Table *table, uint64_t *hashes)
{
    for (int c = 0; c < table->n_columns; c++) {
        const Column *column = &table->columns[c];
        uint64_t *level = NULL;
        if (column_has_words(column->kind)) {
            level = calloc((size_t)column->n_levels + 1, sizeof *level);
            if (!level) return false;
            for (int k = 0; k < column->n_levels; k++)
                level[k] = set_hash(column->levels[k], strlen(column->levels[k]), 0);
        }
        for (int i = 0; i < table->n_rows; i++) {
            uint64_t cell = !level                ? number_hash(column_number(column, i))
                            : column->code[i] < 0 ? 1
                                                  : level[column->code[i]];
            hashes[i] = rng_mix(hashes[i], cell);
        }
        free(level);
    }
    return true;
}

static uint64_t *hash_rows(const Table *table)
{
    uint64_t *hashes = calloc((size_t)table->n_rows + 1, sizeof *hashes);
    size_t size = PIXELS_OF(table);
    if (!hashes) return NULL;
    if (table->columns && !hash_columns(table, hashes)) {
        free(hashes);
        return NULL;
    }
    for (int i = 0; table->pixels && i < table->n_rows; i++) {
        const uint8_t *pixels = table->pixels + (size_t)i * size;
        for (size_t k = 0; k < size; k += 8) {
            uint64_t word = 0;
            memcpy(&word, pixels + k, size - k < 8 ? size - k : 8);
            hashes[i] = rng_mix(hashes[i], word);
        }
    }
    return hashes;
}

typedef struct {
    uint64_t hash;
    int label;
} RowKey;

static int by_hash_and_label(const void *a, const void *b)
{
    const RowKey *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return x->label < y->label ? -1 : x->label > y->label;
}

static RowKey *sorted_rows(const Table *table)
{
    uint64_t *hashes = hash_rows(table);
    RowKey *keys = hashes ? calloc((size_t)table->n_rows + 1, sizeof *keys) : NULL;
    for (int i = 0; keys && i < table->n_rows; i++)
        keys[i] = (RowKey){hashes[i], table->labels ? table->labels[i] : -1};
    if (keys) qsort(keys, (size_t)table->n_rows, sizeof *keys, by_hash_and_label);
    free(hashes);
    return keys;
}

/* Duplicates: rows equal to an earlier one, label included. Conflicts: rows whose features also
 * stand under another label. */
static bool count_duplicates(const Card *card, const Table *test, Doc *doc)
{
    const Table *table = card->table;
    RowKey *keys = sorted_rows(table), *others = test ? sorted_rows(test) : NULL;
    int duplicates = 0, conflicts = 0, overlap = 0;
    bool ok = keys && (!test || others);
    for (int i = 0, end; ok && i < table->n_rows; i = end) {
        for (end = i + 1; end < table->n_rows && keys[end].hash == keys[i].hash; end++)
            duplicates += keys[end].label == keys[end - 1].label;
        if (keys[end - 1].label != keys[i].label) conflicts += end - i;
    }
    for (int i = 0, k = 0; ok && test && i < test->n_rows; i++) {
        while (k < table->n_rows && keys[k].hash < others[i].hash) k++;
        overlap += k < table->n_rows && keys[k].hash == others[i].hash;
    }
    free(keys);
    free(others);
    if (!ok) return false;
    doc_set_number(doc, "duplicates", duplicates);
    doc_set_number(doc, "conflicts", conflicts);
    if (test) doc_set_number(doc, "train_test_overlap", overlap);
    else doc_set(doc, "train_test_overlap", doc_null());
    if (duplicates)
        warn(card, "%d of %d rows repeat an earlier row exactly", duplicates, table->n_rows);
    if (conflicts)
        warn(card, "%d rows have the same features as a row of another class: no model can be right"
                   " on all of them", conflicts);
    if (overlap)
        warn(card, "%d of %d test rows (%.1f %%) also stand in the training rows: test scores will"
                   " look better than they are",
             overlap, test->n_rows, 100.0 * overlap / test->n_rows);
    return true;
}

/* ---- classes ---- */

/* Classes that are too small, in one line however many they are. */
static void warn_tiny(const Card *card)
{
    const Table *table = card->table;
    char list[400] = "";
    int n = 0;
    for (int k = 0; k < table->n_classes; k++) {
        size_t used = strlen(list);
        if (card->class_rows[k] >= TINY_CLASS) continue;
        if (n++ < TINY_LISTED)
            snprintf(list + used, sizeof list - used, "%s`%.40s` %d", used ? ", " : "", table->classes[k],
                     card->class_rows[k]);
        else if (n == TINY_LISTED + 1)
            snprintf(list + used, sizeof list - used, ", ...");
    }
    for (int k = 0; n == 1 && k < table->n_classes; k++)
        if (card->class_rows[k] < TINY_CLASS)
            warn(card, "class `%.60s` has only %d row%s: it can hardly be learned, and its scores are chance",
                 table->classes[k], card->class_rows[k], card->class_rows[k] == 1 ? "" : "s");
    if (n > 1)
        warn(card, "%d classes have fewer than %d rows (%s): they can hardly be learned, and their scores are"
                   " chance", n, TINY_CLASS, list);
}

/* Two spellings of what may be one: another case, 1 and 1.0. Quick enough for as many as anybody has typed. */
static bool same_but_spelt(const char *a, const char *b)
{
    double x, y;
    if (strcasecmp(a, b) == 0) return true;
    return reading_number(a, strlen(a), false, &x) && reading_number(b, strlen(b), false, &y) && x == y;
}

static void warn_spelt(const Card *card, const char *what, const char *const *texts, int n)
{
    for (int i = 0; i < n && n <= MOST_SPELT; i++)
        for (int k = 0; k < i; k++)
            if (same_but_spelt(texts[i], texts[k])) {
                warn(card, "%s: `%.60s` and `%.60s` are different words; if they mean the same, write them"
                           " alike", what, texts[k], texts[i]);
                return;
            }
}

/* All classes are numbers, and they are too fine, too many or too small for names of classes. */
static bool is_quantity(const Card *card)
{
    return classes_are_quantity(card->table->classes, card->class_rows, card->table->n_classes);
}

static void describe_classes(Card *card, Doc *doc)
{
    const Table *table = card->table;
    Doc *balance = doc_set(doc, "class_balance", doc_array());
    card->largest = card->smallest = -1;
    if (!table->labels) return;
    for (int i = 0; i < table->n_rows; i++)
        if (table->labels[i] >= 0) {
            card->class_rows[table->labels[i]]++;
            card->n_labelled++;
        }
    const int *rows = card->class_rows;
    for (int k = 0; k < table->n_classes; k++) {
        Doc *entry = doc_add(balance, doc_object());
        doc_set_text(entry, "class", table->classes[k]);
        doc_set_number(entry, "rows", rows[k]);
        doc_set_number(entry, "share", card->n_labelled ? (double)rows[k] / card->n_labelled : 0);
        if (card->largest < 0 || rows[k] > rows[card->largest]) card->largest = k;
        if (card->smallest < 0 || rows[k] < rows[card->smallest]) card->smallest = k;
    }
    warn_tiny(card);
    warn_spelt(card, "classes", table->classes, table->n_classes);
    if (card->largest < 0 || !card->n_labelled) return;
    if (is_quantity(card)) {
        warn(card, "`%.60s` looks like a quantity (%d different numbers in %d rows); data.task: numbers"
                   " predicts it as one",
             table->label_name, table->n_classes, card->n_labelled);
        return; /* a quantity has no balance */
    }
    double share = (double)rows[card->largest] / card->n_labelled;
    if (share >= imbalance_share || rows[card->largest] >= imbalance_ratio * rows[card->smallest])
        warn(card, "imbalanced: class `%.60s` has %.1f %% of the rows, `%.60s` %.2f %%; accuracy"
                   " misleads here, look at the F1 of each class and try class_weight",
             table->classes[card->largest], 100 * share, table->classes[card->smallest],
             100.0 * rows[card->smallest] / card->n_labelled);
}

/* ---- columns ---- */

/* Room to sort the cells of one column in; (n_rows) each. */
typedef struct {
    Keyed *cells, *other;
    int *count; /* (n_classes) */
} Work;

/* The present cells of one column in order. What is kept as decimals has keys that count units from the least
 * one: they differ in few bytes, and only those are sorted by. */
typedef struct {
    Keyed *cells;
    int n;
    double unit;   /* 0: the keys are those of doubles */
    int64_t least; /* in units */
} Sorted;

static double value_at(const Sorted *s, int i)
{
    uint64_t key = s->cells[i].key;
    return s->unit > 0 ? (double)(s->least + (int64_t)key) / s->unit : order_value(key);
}

static int largest_of(const int *count, int n)
{
    int best = 0;
    for (int k = 1; k < n; k++)
        if (count[k] > count[best]) best = k;
    return best;
}

/* Rows the one-column rule gets right when cells are sorted. Buckets grow until their commonest
 * class has SUPPORT rows; rows in a bucket that never gets there count as undecided. Ends where more than
 * `most_wrong` are wrong, as in nearly every column they soon are. */
static double rule_hits(const Keyed *cells, int n, int n_classes, bool exact, double most_wrong, int *count,
                        int *undecided)
{
    double hits = 0;
    int in_bucket = 0, wrong = 0;
    memset(count, 0, (size_t)n_classes * sizeof *count);
    for (int i = 0, end; i < n; i = end) {
        for (end = i; end < n && cells[end].key == cells[i].key; end++) count[cells[end].label]++;
        in_bucket += end - i;
        int best = largest_of(count, n_classes);
        bool enough = count[best] >= SUPPORT;
        if (!exact && end < n) {
            if (!enough) continue;
            /* Numbers: a bucket goes on while the next rows agree with it. */
            int next = cells[end].label;
            for (int k = end + 1; k < n && cells[k].key == cells[end].key; k++)
                if (cells[k].label < next) next = cells[k].label;
            if (next == best) continue;
        }
        hits += enough ? count[best] : 0;
        wrong += enough ? in_bucket - count[best] : 0;
        *undecided += enough ? 0 : in_bucket;
        if (wrong > most_wrong) break;
        memset(count, 0, (size_t)n_classes * sizeof *count);
        in_bucket = 0;
    }
    return hits;
}

/* `cells` holds the n labelled, present cells, sorted; missing cells count as undecided. */
static void check_giveaway(const Card *card, const Column *column, const Keyed *cells, int n,
                           int *count)
{
    const Table *table = card->table;
    if (card->largest < 0 || card->n_labelled < FEW_ROWS) return;
    double majority = (double)card->class_rows[card->largest] / card->n_labelled;
    int undecided = card->n_labelled - n;
    if (majority >= majority_limit) return;
    double most_wrong = (1 - giveaway) * card->n_labelled + 1;
    double hits = rule_hits(cells, n, table->n_classes, column_has_words(column->kind), most_wrong, count,
                            &undecided);
    double right = (hits + majority * undecided) / card->n_labelled;
    if (right > giveaway)
        warn(card, "column `%.60s` alone gives the class away (%.2f %% right): is it known before"
                   " the class is? If not, put it in data.drop",
             column->name, 100 * right);
}

static void describe_numbers(const Card *card, const Column *column, const Sorted *sorted, Doc *doc)
{
    const int n = sorted->n;
    double sum = 0, square = 0;
    int distinct = 0;
    bool whole = true;
    if (n == 0) return;
    for (int i = 0; i < n; i++) {
        double value = value_at(sorted, i);
        sum += value;
        distinct += i == 0 || sorted->cells[i].key != sorted->cells[i - 1].key;
        whole = whole && value == floor(value);
    }
    double mean = sum / n, low = value_at(sorted, 0), high = value_at(sorted, n - 1);
    double middle = value_at(sorted, n / 2);
    if (n % 2 == 0) middle = value_at(sorted, n / 2 - 1) / 2 + middle / 2;
    for (int i = 0; i < n; i++) {
        double away = value_at(sorted, i) - mean;
        square += away * away;
    }
    doc_set_number(doc, "min", low);
    doc_set_number(doc, "median", middle);
    doc_set_number(doc, "max", high);
    doc_set_number(doc, "mean", mean);
    doc_set_number(doc, "sd", sqrt(square / n));
    doc_set_number(doc, "distinct", distinct);
    if (!whole || n < FEW_ROWS || table_column_counts(column, n)) return;
    if (distinct == n && high - low == n - 1)
        warn(card, "column `%.60s` counts the rows; if it is only a number for each row, put it in"
                   " data.drop", column->name);
    else if (distinct > n / 2 && card_names_id(column->name))
        warn(card, "column `%.60s` looks like an identifier: %d different whole numbers in %d rows; if it only"
                   " says who, put it in data.drop", column->name, distinct, n);
}

static void describe_dates(const Column *column, const Sorted *sorted, Doc *doc)
{
    static const char *const names[] = {"min", "median", "max"};
    const bool clock = date_is_clock(column->format);
    int distinct = 0;
    char text[40];
    doc_set_text(doc, "format", column->format);
    for (int k = 0; k < 3 && sorted->n; k++)
        doc_set_text(doc, names[k], date_text(value_at(sorted, k * (sorted->n - 1) / 2), clock, text));
    for (int i = 0; i < sorted->n; i++)
        distinct += i == 0 || sorted->cells[i].key != sorted->cells[i - 1].key;
    doc_set_number(doc, "distinct", distinct);
}

static bool describe_levels(const Card *card, const Column *column, Doc *doc)
{
    const Table *table = card->table;
    int *rows = calloc((size_t)column->n_levels + 1, sizeof *rows), distinct = 0;
    if (!rows) return false;
    for (int i = 0; i < table->n_rows; i++)
        if (column->code[i] >= 0 && rows[column->code[i]]++ == 0) distinct++;
    char what[90];
    snprintf(what, sizeof what, "column `%.60s`", column->name);
    if (column->kind != COLUMN_FREE_TEXT) {
        warn_spelt(card, what, column->levels, column->n_levels);
        doc_set_number(doc, "levels", column->n_levels);
    }
    doc_set_number(doc, "distinct", distinct);
    Doc *top = doc_set(doc, "top", doc_array());
    for (int k = 0; k < TOP_LEVELS && k < distinct; k++) {
        int best = largest_of(rows, column->n_levels);
        Doc *entry = doc_add(top, doc_object());
        doc_set_text(entry, "value", column->levels[best]);
        doc_set_number(entry, "rows", rows[best]);
        rows[best] = 0;
    }
    free(rows);
    bool nominal = column->kind == COLUMN_NOMINAL;
    if (nominal && distinct > table->n_rows / 2 && distinct > 1)
        warn(card, "column `%.60s` is an identifier: %d different values in %d rows; it will be"
                   " left out", column->name, distinct, table->n_rows);
    else if (distinct == 1 && column->n_missing == 0)
        warn(card, "column `%.60s` is constant; it will be left out", column->name);
    else if (nominal && distinct > MANY_WORDS)
        warn(card, "column `%.60s` has %d different words: one-hot takes as many inputs, and as many weights"
                   " for each unit of the first layer; `data.preprocess.categorical: embed` learns a few"
                   " numbers for each word instead", column->name, distinct);
    return true;
}

/* One sort serves the column's numbers and the rule. -0 is 0. */
static Sorted sort_doubles(const Table *table, const Column *column, Work *work)
{
    Sorted s = {0};
    for (int i = 0; i < table->n_rows; i++) {
        const double value = column->number[i];
        if (isnan(value)) continue;
        work->cells[s.n++] = (Keyed){order_key(value + 0.0), table->labels ? table->labels[i] : -1};
    }
    s.cells = order_keyed(work->cells, work->other, s.n);
    return s;
}

/* Decimals and codes: key and label are one word of half the size while they are sorted. */
static Sorted sort_wholes(const Table *table, const Column *column, Work *work)
{
    const bool numeric = !column_has_words(column->kind);
    const int32_t *whole = numeric ? column->decimal : column->code;
    Sorted s = {.cells = work->cells, .unit = numeric ? column->unit : 1, .least = INT32_MAX};
    uint64_t *words = (uint64_t *)(void *)work->other, *other = words + table->n_rows;
    for (int i = 0; i < table->n_rows; i++) {
        int32_t units = whole[i] == DECIMAL_MINUS_ZERO ? 0 : whole[i];
        if (numeric ? units == DECIMAL_MISSING : units < 0) continue;
        if (units < s.least) s.least = units;
        words[s.n++] = (uint64_t)(uint32_t)units << 32 | (uint32_t)(table->labels ? table->labels[i] : -1);
    }
    for (int i = 0; i < s.n; i++) words[i] -= (uint64_t)(uint32_t)s.least << 32;
    words = order_keys(words, other, s.n, (uint64_t)UINT32_MAX << 32);
    for (int i = 0; i < s.n; i++) work->cells[i] = (Keyed){words[i] >> 32, (int32_t)(uint32_t)words[i]};
    return s;
}

static Sorted sort_cells(const Table *table, const Column *column, Work *work)
{
    bool doubles = !column_has_words(column->kind) && column->number;
    return doubles ? sort_doubles(table, column, work) : sort_wholes(table, column, work);
}

static bool describe_column(const Card *card, const Column *column, Work *work, Doc *features)
{
    const Table *table = card->table;
    Doc *doc = doc_add(features, doc_object());
    doc_set_text(doc, "name", column->name);
    doc_set_text(doc, "type", column_kind_names[column->kind]);
    doc_set_number(doc, "missing", column->n_missing);
    doc_set_number(doc, "missing_share",
                   table->n_rows ? (double)column->n_missing / table->n_rows : 0);
    const bool numeric = !column_has_words(column->kind);
    Sorted sorted = {0};
    if (numeric || table->labels) sorted = sort_cells(table, column, work);
    Keyed *cells = sorted.cells;
    int n = sorted.n, labelled = 0;
    if (numeric) {
        if (column->kind == COLUMN_DATE) describe_dates(column, &sorted, doc);
        else describe_numbers(card, column, &sorted, doc);
        if (n == table->n_rows && n > 1 && cells[0].key == cells[n - 1].key)
            warn(card, "column `%.60s` is constant; it will be left out", column->name);
    } else if (!describe_levels(card, column, doc)) {
        return false;
    }
    if (table_column_counts(column, table->n_rows)) {
        warn(card, "column `%.60s` only counts the rows; it will be left out", column->name);
        return true; /* what follows is about columns that are learned from */
    }
    if (column->n_missing == table->n_rows)
        warn(card, "column `%.60s` is entirely missing; it will be left out", column->name);
    else if (column->n_missing > mostly_missing * table->n_rows)
        warn(card, "column `%.60s` is missing in %.0f %% of the rows", column->name,
             100.0 * column->n_missing / table->n_rows);
    bool all = table->labels && card->n_labelled == table->n_rows;
    for (int i = 0; table->labels && !all && i < n; i++)
        if (cells[i].label >= 0) cells[labelled++] = cells[i];
    if (all) labelled = n;
    if (labelled) check_giveaway(card, column, cells, labelled, work->count);
    return true;
}

static bool describe_columns(const Card *card, Doc *doc)
{
    const Table *table = card->table;
    Doc *features = doc_set(doc, "features", doc_array());
    if (!table->columns) return true;
    size_t n = (size_t)table->n_rows + 1;
    Work work = {calloc(n, sizeof(Keyed)), calloc(n, sizeof(Keyed)),
                 calloc((size_t)table->n_classes + 1, sizeof(int))};
    bool ok = work.cells && work.other && work.count;
    for (int i = 0; ok && i < table->n_columns; i++)
        ok = describe_column(card, &table->columns[i], &work, features);
    free(work.cells);
    free(work.other);
    free(work.count);
    return ok;
}

Doc *card_make(const Table *table, const Table *test)
{
    Doc *doc = doc_object(), *warnings = doc_array();
    Card card = {.table = table,
                 .warnings = warnings,
                 .class_rows = calloc((size_t)table->n_classes + 1, sizeof(int))};
    bool ok = doc && warnings && card.class_rows;
    if (ok) {
        doc_set_number(doc, "rows", table->n_rows);
        if (test) doc_set_number(doc, "test_rows", test->n_rows);
        doc_set_number(doc, "columns", table->n_columns);
        doc_set_number(doc, "classes", table->n_classes);
        Doc *image = doc_set(doc, "image", table->pixels ? doc_object() : doc_null());
        if (table->pixels) {
            doc_set_number(image, "height", table->height);
            doc_set_number(image, "width", table->width);
            if (pixels_channels(table->channels) > 1) doc_set_number(image, "channels", table->channels);
        }
        doc_set_text(doc, "label", table->label_name);
        if (table->n_rows < FEW_ROWS)
            warn(&card, "only %d rows: every number below is a guess", table->n_rows);
        describe_classes(&card, doc);
        ok = card_targets(table, doc, warnings) && describe_columns(&card, doc)
          && count_duplicates(&card, test, doc);
    }
    if (ok) {
        doc_set(doc, "warnings", warnings);
        Doc *notes = doc_set(doc, "notes", doc_array());
        for (int i = 0; i < table->n_notes; i++) doc_add(notes, doc_text(table->notes[i]));
        Text line = {0};
        for (int i = 0; test && test->notes != table->notes && i < test->n_notes; i++) {
            text_print(&line, "data.test: %s", test->notes[i]);
            doc_add(notes, doc_text(line.bytes));
            line.n = 0;
        }
        text_free(&line);
        doc_set_text(doc, "fingerprint", table->fingerprint);
    } else {
        doc_free(warnings);
        doc_free(doc);
    }
    free(card.class_rows);
    return ok ? doc : NULL;
}
