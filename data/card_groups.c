/* data/card_groups.c - finds columns that say whose a row is, and counts who stands on both sides. */
#include "data/card_groups.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/set.h"

enum { LEAST_LEVELS = 20, LEAST_ROWS = 50, LEAST_SHARED = 10 };
static const double least_repeats = 1.5, worth_saying = 0.1, codes_share = 0.9;

/* ---- names ---- */

bool card_names_id(const char *name)
{
    static const char *const whole[] = {"uuid", "guid", "ssn", "key", "serial", "isbn", "ean", "imei"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strcasecmp(name, whole[i]) == 0) return true;
    for (const char *at = name; *at; at++) {
        if (strncasecmp(at, "id", 2) != 0 && strncasecmp(at, "nr", 2) != 0) continue;
        unsigned char before = at > name ? (unsigned char)at[-1] : ' ', first = (unsigned char)at[0];
        unsigned char last = (unsigned char)at[1], after = (unsigned char)at[2];
        bool begins = !isalpha(before) || (islower(before) && isupper(first));
        bool ends = !isalpha(after) || (islower(last) && isupper(after));
        if (begins && ends) return true;
    }
    return false;
}

/* Words for somebody, or something, that has several rows. */
static bool names_somebody(const char *name)
{
    static const char *const words[] = {
        "patient", "customer", "client", "user", "subject", "person", "session", "household", "family",
            "device",
        "machine", "account", "member", "student", "athlete", "player", "speaker", "writer", "author", "donor",
        "participant", "respondent", "employee", "driver", "vehicle", "store", "shop", "hospital", "school"};
    char word[32];
    for (const char *at = name; *at;) {
        size_t n = 0;
        while (*at && !isalpha((unsigned char)*at)) at++;
        /* A word ends before a capital that follows a small letter. */
        while (isalpha((unsigned char)*at) && !(n && isupper((unsigned char)*at)
                                                && islower((unsigned char)at[-1]))) {
            if (n + 1 < sizeof word) word[n] = *at;
            n++, at++;
        }
        if (n == 0 || n >= sizeof word) continue;
        word[n] = '\0';
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strcasecmp(word, words[i]) == 0) return true;
    }
    return false;
}

/* p017, C-2204: letters and digits, all of one length. */
static bool holds_codes(const Column *column)
{
    int codes = 0;
    size_t length = column->n_levels ? strlen(column->levels[0]) : 0;
    for (int k = 0; k < column->n_levels; k++) {
        bool letter = false, digit = false;
        const char *at = column->levels[k];
        for (; *at; at++) {
            letter = letter || isalpha((unsigned char)*at);
            digit = digit || isdigit((unsigned char)*at);
        }
        codes += letter && digit && (size_t)(at - column->levels[k]) == length;
    }
    return codes >= codes_share * column->n_levels;
}

/* ---- values ---- */

static bool is_missing(const Column *column, int row)
{
    return column_has_words(column->kind) ? column->code[row] < 0 : isnan(column_number(column, row));
}

static uint64_t value_hash(const Column *column, int row)
{
    if (column_has_words(column->kind)) {
        /* two tables number their levels each for itself */
        const char *level = column->levels[column->code[row]];
        return set_hash(level, strlen(level), 0);
    }
    double number = column_number(column, row) + 0.0;
    return set_hash((const char *)&number, sizeof number, 0);
}

/* The values of some rows, by their hashes; NULL `rows`: of the first n. False: no memory. */
static bool add_values(Set *set, const Column *column, const int32_t *rows, int n)
{
    for (int i = 0; i < n; i++) {
        int row = rows ? rows[i] : i;
        uint32_t step = 0;
        if (is_missing(column, row)) continue;
        uint64_t hash = value_hash(column, row);
        if (set_next(set, hash, &step) < 0 && !set_add(set, NULL, hash, set->n)) return false;
    }
    return true;
}

static int count_known(const Set *set, const Column *column, const int32_t *rows, int n)
{
    int known = 0;
    for (int i = 0; i < n; i++) {
        int row = rows ? rows[i] : i;
        uint32_t step = 0;
        known += !is_missing(column, row) && set_next(set, value_hash(column, row), &step) >= 0;
    }
    return known;
}

/* How many different values, -1 without memory or where a number is no whole one. */
static int count_values(const Column *column, int n_rows)
{
    Set set = {0};
    for (int i = 0; column->kind == COLUMN_NUMERIC && i < n_rows; i++) {
        double value = column_number(column, i);
        if (!isnan(value) && value != floor(value)) return -1;
    }
    int n = add_values(&set, column, NULL, n_rows) ? set.n : -1;
    set_free(&set);
    return n;
}

bool card_names_group(const Column *column, int n_rows)
{
    bool named = names_somebody(column->name) || card_names_id(column->name);
    if (n_rows < LEAST_ROWS || (!named && (column->kind != COLUMN_NOMINAL
                                           || !holds_codes(column)))) return false;
    int n = count_values(column, n_rows);
    return n >= LEAST_LEVELS && n * least_repeats <= n_rows;
}

/* ---- sides ---- */

static void warn_shared(const Column *column, int shared, int n, const char *what, Doc *warnings)
{
    char text[500];
    if (shared < LEAST_SHARED || shared < worth_saying * n) return;
    snprintf(text, sizeof text, "column `%.60s` looks like whose a row is, and %d of %d %s rows (%.1f %%)"
             " share its value"
             " with training rows: scores say how well the known are recognized; if new ones are to be"
                 " predicted,"
             " say `data.groups: %.60s`", column->name, shared, n, what, 100.0 * shared / n, column->name);
    doc_add(warnings, doc_text(text));
}

static const Column *same_column(const Table *table, const char *name)
{
    for (int i = 0; table && i < table->n_columns; i++)
        if (strcmp(table->columns[i].name, name) == 0) return &table->columns[i];
    return NULL;
}

static bool warn_column(const Column *column, const Table *train, const Table *test, const Split *split,
                        Doc *warnings)
{
    const Column *other = same_column(test, column->name);
    Set known = {0}, of_fold = {0};
    if (!card_names_group(column, train->n_rows)) return true;
    bool ok = add_values(&known, column, NULL, train->n_rows)
           && add_values(&of_fold, column, split->train[0], split->n_train[0]);
    if (ok)
        warn_shared(column, count_known(&of_fold, column, split->valid[0], split->n_valid[0]),
                    split->n_valid[0],
                    "validation", warnings);
    if (ok && other && other->kind == column->kind)
        warn_shared(column, count_known(&known, other, NULL, test->n_rows), test->n_rows, "test", warnings);
    set_free(&known);
    set_free(&of_fold);
    return ok;
}

bool card_warn_groups(const Table *train, const Table *test, const Split *split, Doc *card)
{
    if (train->key[ROW_GROUP] || train->key[ROW_ORDER] || !split) return true;
    Doc *warnings = doc_copy(doc_get(card, "warnings"));
    bool ok = warnings != NULL;
    for (int i = 0; ok && i < train->n_columns; i++)
        ok = warn_column(&train->columns[i], train, test, split, warnings);
    if (ok) doc_set(card, "warnings", warnings);
    else doc_free(warnings);
    return ok;
}
