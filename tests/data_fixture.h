/* tests/data_fixture.h - a temporary folder, files in it, and reading them; for the readers' suites. */
#ifndef CONSORT_TESTS_DATA_FIXTURE_H
#define CONSORT_TESTS_DATA_FIXTURE_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "data/read.h"
#include "data/synth.h"

typedef struct {
    char folder[64], paths[32][128];
    int n_paths;
    Arena *arena;
} Fixture;

static inline int fixture_open(void **state)
{
    static Fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    strcpy(fixture.folder, "/tmp/consort-data-XXXXXX");
    if (!mkdtemp(fixture.folder) || !(fixture.arena = arena_create(0))) return -1;
    *state = &fixture;
    return 0;
}

static inline int fixture_close(void **state)
{
    Fixture *fixture = *state;
    for (int i = 0; i < fixture->n_paths; i++) unlink(fixture->paths[i]);
    rmdir(fixture->folder);
    arena_destroy(fixture->arena);
    return 0;
}

/* Each test begins with an empty arena. */
static inline int fixture_reset(void **state)
{
    Fixture *fixture = *state;
    arena_fail_after(fixture->arena, -1);
    arena_reset(fixture->arena);
    return 0;
}

/* Writes (again) a file of at most 32 different names; returns its path. */
static inline const char *fixture_write(Fixture *fixture, const char *name, const void *bytes,
                                        size_t n)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
    int at = 0;
    while (at < fixture->n_paths && strcmp(fixture->paths[at], path) != 0) at++;
    if (at == fixture->n_paths) {
        assert_true(at < 32);
        strcpy(fixture->paths[at], path);
        fixture->n_paths++;
    }
    unlink(path); /* some file systems wait for the disk when a file is written over */
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(n ? fwrite(bytes, 1, n, file) : 0, n);
    assert_int_equal(fclose(file), 0);
    return fixture->paths[at];
}

static inline const char *fixture_text(Fixture *fixture, const char *name, const char *text)
{
    return fixture_write(fixture, name, text, strlen(text));
}

/* Reads or fails the test with the reader's message. */
static inline Table *fixture_read(Fixture *fixture, const char *path, const ReadOptions *options,
                                  const Schema *schema)
{
    static const ReadOptions none;
    Error err = {0};
    Table *table = NULL;
    DataFile file = {.images = path};
    if (!table_read(&file, options ? options : &none, schema, fixture->arena, &table, &err))
        fail_msg("%s", err.message);
    assert_int_equal(err.code, ERR_NONE);
    return table;
}

/* Reads what must be refused; the message must have `want` in it and nothing be handed out. */
static inline void fixture_refuses(Fixture *fixture, const char *path, const ReadOptions *options,
                                   const Schema *schema, ErrorCode code, const char *want)
{
    static const ReadOptions none;
    Error err = {0};
    Table *table = NULL;
    DataFile file = {.images = path};
    if (table_read(&file, options ? options : &none, schema, fixture->arena, &table, &err))
        fail_msg("read %d rows where `%s` was due", table->n_rows, want);
    if (err.code != code || !strstr(err.message, want))
        fail_msg("[%s] %s -- wanted [%s] %s", error_name(err.code), err.message, error_name(code),
                 want);
    assert_null(table);
    assert_null(strchr(err.message, '\n'));
}

static inline bool fixture_noted(const Table *table, const char *want)
{
    for (int i = 0; i < table->n_notes; i++)
        if (strstr(table->notes[i], want)) return true;
    return false;
}

/* What every table must be, however its file looked. */
static inline void fixture_check(const Table *table)
{
    assert_true(table->n_rows > 0);
    assert_int_equal(strlen(table->fingerprint), 64);
    assert_true(table->pixels ? table->height > 0 && table->width > 0 : table->n_columns > 0);
    for (int c = 0; c < table->n_columns; c++) {
        const Column *column = &table->columns[c];
        int missing = 0;
        bool words = column_has_words(column->kind);
        assert_int_equal((column->number != NULL) + (column->decimal != NULL), !words);
        assert_true(words == (column->code != NULL));
        assert_true((column->kind == COLUMN_DATE) == (column->format != NULL));
        for (int i = 0; i < table->n_rows; i++) {
            if (!words) {
                assert_false(isinf(column_number(column, i)));
                missing += isnan(column_number(column, i)) != 0;
            } else {
                assert_true(column->code[i] >= -1 && column->code[i] < column->n_levels);
                missing += column->code[i] < 0;
            }
        }
        assert_int_equal(missing, column->n_missing);
    }
    for (int i = 0; table->labels && i < table->n_rows; i++)
        assert_true(table->labels[i] >= -1 && table->labels[i] < table->n_classes);
}

/* Every way of cutting the file short, and `flips` random changed bytes: read or refused, never
 * a crash, and what is read is sound. */
static inline int fixture_batter_packed(Fixture *fixture, const char *name, const void *bytes, size_t n,
                                        size_t step, int flips)
{
    static const ReadOptions none;
    unsigned char *copy = malloc(n + 1);
    assert_non_null(copy);
    Rng rng = rng_stream(11, 0, RNG_TEST);
    int n_read = 0;
    for (size_t round = 0; round < n / step + (size_t)flips; round++) {
        size_t keep = round * step < n ? round * step : n;
        memcpy(copy, bytes, n);
        for (int k = 0; keep == n && k < 3; k++)
            copy[rng_below(&rng, (uint32_t)n)] = (unsigned char)rng_u32(&rng);
        DataFile file = {.images = fixture_write(fixture, name, copy, keep)};
        Error err = {0};
        Table *table = NULL;
        arena_reset(fixture->arena);
        if (table_read(&file, &none, NULL, fixture->arena, &table, &err)) {
            fixture_check(table);
            table_drop_useless(table, fixture->arena);
            n_read++;
        } else {
            assert_null(table);
            assert_true(err.code == ERR_DATA || err.code == ERR_CONFIG);
            assert_true(strlen(err.message) > 10);
        }
    }
    free(copy);
    return n_read;
}

/* The same of a file without checksums, of which some are still read. */
static inline void fixture_batter(Fixture *fixture, const char *name, const void *bytes, size_t n,
                                  size_t step, int flips)
{
    assert_true(fixture_batter_packed(fixture, name, bytes, n, step, flips) > 0);
}

/* Lets each allocation fail in turn until reading succeeds. */
static inline void fixture_starve(Fixture *fixture, const DataFile *file,
                                  const ReadOptions *options, const Schema *schema)
{
    for (long n = 0;; n++) {
        Error err = {0};
        Table *table = NULL;
        arena_reset(fixture->arena);
        arena_fail_after(fixture->arena, n);
        bool ok = table_read(file, options, schema, fixture->arena, &table, &err);
        arena_fail_after(fixture->arena, -1);
        if (ok) {
            assert_true(n > 3);
            fixture_check(table);
            return;
        }
        assert_null(table);
        assert_int_equal(err.code, ERR_MEMORY);
        assert_true(n < 10000);
    }
}

/* The folder of real data: $CONSORT_DATA, or ../shared/data. False where there is none. */
static inline bool fixture_data(const char *name, char *path, size_t size)
{
    const char *folder = getenv("CONSORT_DATA");
    snprintf(path, size, "%s/%s", folder && *folder ? folder : "../shared/data", name);
    if (file_exists(path)) return true;
    print_message("skipped: %s is not here (set CONSORT_DATA to the folder of real data)\n", path);
    return false;
}

/* Numbers of tests/golden/data_tables.py for one file. */
typedef struct {
    const char *name;
    int rows, numeric, nominal, classes, missing;
    double sum, mixed;
} Golden;

static inline double text_sum(const char *text)
{
    double sum = 0;
    for (; *text; text++) sum += (unsigned char)*text;
    return sum;
}

static inline void fixture_golden(const Table *table, const Golden *want)
{
    double sum = 0, mixed = 0;
    int kinds[2] = {0, 0}, missing = 0;
    fixture_check(table);
    for (int c = 0; c < table->n_columns; c++) {
        const Column *column = &table->columns[c];
        kinds[column->kind]++;
        missing += column->n_missing;
        for (int i = 0; i < table->n_rows; i++) {
            if (column->code && column->code[i] >= 0)
                mixed += text_sum(column->levels[column->code[i]]) / (1 + i);
            double number = column->kind == COLUMN_NUMERIC ? column_number(column, i) : NAN;
            if (isnan(number)) continue;
            sum += number;
            mixed += number * number / (1 + i);
        }
    }
    for (int i = 0; i < table->n_rows; i++)
        mixed += text_sum(table->classes[table->labels[i]]) / (1 + i);
    assert_int_equal(table->n_rows, want->rows);
    assert_int_equal(kinds[COLUMN_NUMERIC], want->numeric);
    assert_int_equal(kinds[COLUMN_NOMINAL], want->nominal);
    assert_int_equal(table->n_classes, want->classes);
    assert_int_equal(missing, want->missing);
    if (!(fabs(sum - want->sum) <= 1e-10 * fabs(want->sum)) ||
        !(fabs(mixed - want->mixed) <= 1e-10 * fabs(want->mixed)))
        fail_msg("%s: sum %.17g, mixed %.17g", want->name, sum, mixed);
}
#endif
