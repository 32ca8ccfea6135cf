/* cache/tables: a table that was kept is the table that was read; what is damaged is no table. */
#define _DEFAULT_SOURCE
#include "tests/data_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "cache/tables.h"
#include "cache/file.h"

static const char key[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static CachePlace place_in(Fixture *fixture)
{
    return (CachePlace){fixture_write(fixture, "kept.table", "", 0), key, "/data/churn.csv", false};
}

static void same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a) assert_string_equal(a, b);
}

static void same_array(const void *a, const void *b, size_t n)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a) assert_memory_equal(a, b, n);
    assert_true(b == NULL || (uintptr_t)b % 8 == 0);
}

static void same_column(const Column *a, const Column *b, size_t n)
{
    same_text(a->name, b->name);
    same_text(a->format, b->format);
    assert_true(a->kind == b->kind && a->unit == b->unit && a->n_levels == b->n_levels && a->style == b->style);
    assert_true(a->n_missing == b->n_missing && a->place == b->place);
    same_array(a->number, b->number, n * sizeof(double));
    same_array(a->decimal, b->decimal, n * sizeof(int32_t));
    same_array(a->code, b->code, n * sizeof(int32_t));
    for (int k = 0; k < a->n_levels; k++) same_text(a->levels[k], b->levels[k]);
}

static void same_table(const Table *a, const Table *b)
{
    const size_t n = (size_t)a->n_rows;
    assert_true(a->n_rows == b->n_rows && a->n_columns == b->n_columns && a->n_classes == b->n_classes);
    assert_true(a->height == b->height && a->width == b->width && a->channels == b->channels);
    assert_true(a->task.kind == b->task.kind && a->task.n_targets == b->task.n_targets);
    assert_true(a->task.n_quantiles == b->task.n_quantiles && a->n_notes == b->n_notes);
    same_text(a->label_name, b->label_name);
    same_text(a->fingerprint, b->fingerprint);
    same_array(a->pixels, b->pixels, n * PIXELS_OF(a));
    same_array(a->labels, b->labels, n * sizeof(int32_t));
    same_array(a->targets, b->targets, n * (size_t)a->task.n_targets * sizeof(double));
    same_array(a->source, b->source, n * sizeof(int32_t));
    if (a->task.n_quantiles)
        same_array(a->task.quantiles, b->task.quantiles, (size_t)a->task.n_quantiles * sizeof(double));
    for (int i = 0; i < a->n_columns; i++) same_column(&a->columns[i], &b->columns[i], n);
    for (int i = 0; i < a->n_classes; i++) same_text(a->classes[i], b->classes[i]);
    for (int i = 0; i < a->n_notes; i++) same_text(a->notes[i], b->notes[i]);
    for (int t = 0; t < a->task.n_targets; t++) {
        const Target *x = &a->task.targets[t], *y = &b->task.targets[t];
        same_text(x->name, y->name);
        assert_true(x->shift == y->shift && x->scale == y->scale && x->logs == y->logs && x->whole == y->whole);
        assert_true(x->origin == y->origin && x->unit == y->unit && x->log_mean == y->log_mean);
        same_text(x->answer[1], y->answer[1]);
    }
    assert_int_equal(a->id == NULL, b->id == NULL);
    if (a->id) same_column(a->id, b->id, n);
    for (int k = 0; k < ROW_KEYS; k++) {
        assert_int_equal(a->key[k] == NULL, b->key[k] == NULL);
        if (a->key[k]) same_column(a->key[k], b->key[k], n);
    }
    same_array(a->weight, b->weight, n * sizeof(double));
    const ReadRules *r = &a->rules, *s = &b->rules;
    assert_true(r->n_missing == s->n_missing && r->decimal_comma == s->decimal_comma && r->names == s->names);
    assert_true(r->fit == s->fit && r->ground == s->ground && r->layout.width == s->layout.width);
    assert_true(r->layout.delimiter == s->layout.delimiter && r->layout.skip == s->layout.skip);
    same_text(r->layout.comment, s->layout.comment);
    for (int i = 0; i < r->n_missing; i++) same_text(r->missing[i], s->missing[i]);
}

/* Everything that a reader can make. */
enum { KINDS = 7 };
static Table *read_kind(Fixture *fixture, int kind)
{
    static const char csv[] = "a;b;name;y\n1,5;x;p1;u\n2,5;;p2;v\n;z;p3;u\n4;x;p4;\n5;x;p5;v\n";
    static const char *const label[] = {"y"};
    static const char *const two[] = {"p", "q"};
    if (kind == 0) return fixture_read(fixture, fixture_text(fixture, "t", csv), NULL, NULL);
    if (kind == 1)
        return fixture_read(fixture, fixture_text(fixture, "t", "a,y\n1.123456789012,2.5\n2,3.5\n3,\n"),
                            &(ReadOptions){.label = {1, (const char **)label}, .task = 1 + TASK_NUMBERS}, NULL);
    if (kind == 2)
        return fixture_read(fixture, fixture_text(fixture, "t", "a,p,q\n1,0,1\n2,1,1\n3,1,0\n4,0,0\n"),
                            &(ReadOptions){.label = {2, (const char **)two}, .task = 1 + TASK_LABELS}, NULL);
    if (kind == 6) {
        Table *dated = fixture_read(fixture, fixture_text(fixture, "t", "when,a,y\n2020-01-05,1,u\n2021-11-30,2,v\n"
                                                          "1999-12-31,3,u\n,4,v\n2001-02-03,5,u\n"), NULL, NULL);
        assert_int_equal(dated->columns[0].kind, COLUMN_DATE);
        return dated;
    }
    if (kind == 5)
        return fixture_read(fixture, fixture_text(fixture, "t", "a,who,w,y\n1,p,2,u\n2,q,0.5,v\n3,p,1,u\n"),
                            &(ReadOptions){.groups = "who", .weight = "w"}, NULL);
    Table *table, *with_id = ARENA_NEW(fixture->arena, Table, 1);
    Error err;
    if (kind == 3) {
        assert_true(table_synth_digits(20, 1, 0, 1, fixture->arena, &table, &err));
        table->width /= 4, table->n_rows -= 3, table->channels = 1; /* a view */
    } else {
        table = fixture_read(fixture, fixture_text(fixture, "t", csv), NULL, NULL);
        *with_id = *table;
        with_id->id = &table->columns[2], with_id->n_columns = 2;
        table = with_id;
    }
    table_fingerprint(table);
    return table;
}

/* CACHE_CORPUS=FOLDER: leaves seeds there for tests/fuzz/cache.c, which wants the footer cut off and says with a last
 * byte how many times 64 bytes are arrays. */
static void leave_seed(const char *path, int kind)
{
    const char *where = getenv("CACHE_CORPUS");
    char seed[200];
    Bytes bytes;
    Error err;
    uint64_t at;
    enum { FOOTER = 112, PLACE = 32 };
    if (!where || !file_read_plain(path, 0, &bytes, &err)) return;
    memcpy(&at, bytes.bytes + bytes.n - FOOTER + PLACE, sizeof at);
    const size_t padded = (at + 63) / 64 * 64, n = bytes.n - FOOTER - at;
    char *out = calloc(padded + n + 1, 1);
    assert_non_null(out);
    memcpy(out, bytes.bytes, at);
    memcpy(out + padded, bytes.bytes + at, n);
    out[padded + n] = (char)(padded / 64);
    snprintf(seed, sizeof seed, "%s/kind-%d", where, kind);
    assert_true(file_write(seed, out, padded + n + 1, &err));
    free(out);
    bytes_free(&bytes);
}

static void what_was_kept_is_what_was_read(void **state)
{
    Fixture *fixture = *state;
    Error err;
    for (int kind = 0; kind < KINDS; kind++) {
        Table *table = read_kind(fixture, kind), *kept = NULL;
        CachePlace place = place_in(fixture);
        if (!cache_store(&place, table, 0600, &err)) fail_msg("%s", err.message);
        struct stat about;
        assert_int_equal(stat(place.path, &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
        leave_seed(place.path, kind);
        assert_int_equal(cache_load(&place, fixture->arena, &kept), CACHE_FOUND);
        same_table(table, kept);
        char before[65];
        memcpy(before, kept->fingerprint, sizeof before);
        table_fingerprint(kept); /* of the arrays themselves */
        assert_string_equal(kept->fingerprint, before);
        assert_string_equal(cache_source(place.path, fixture->arena), "/data/churn.csv");
    }
}

static void of_another_it_says_so(void **state)
{
    Fixture *fixture = *state;
    Error err;
    Table *kept = NULL;
    CachePlace place = place_in(fixture), other = place;
    assert_int_equal(cache_load(&place, fixture->arena, &kept), CACHE_DAMAGED); /* empty */
    place.fresh = true;
    assert_true(cache_store(&place, read_kind(fixture, 0), 0600, &err));
    assert_int_equal(cache_load(&place, fixture->arena, &kept), CACHE_FRESH);
    other.key = "another";
    assert_int_equal(cache_load(&other, fixture->arena, &kept), CACHE_DAMAGED);
    other.path = "/nowhere/x.table";
    assert_int_equal(cache_load(&other, fixture->arena, &kept), CACHE_ABSENT);
    assert_false(cache_store(&other, read_kind(fixture, 0), 0600, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_null(kept);
}

/* Cut anywhere it is no table; a changed byte of an array may be another number, and of anything else is seen. */
static void survives_battering(void **state)
{
    Fixture *fixture = *state;
    Error err;
    Rng rng = rng_stream(3, 0, RNG_TEST);
    for (int kind = 0; kind < KINDS; kind++) {
        CachePlace place = place_in(fixture);
        Bytes bytes;
        assert_true(cache_store(&place, read_kind(fixture, kind), 0600, &err));
        assert_true(file_read_plain(place.path, 0, &bytes, &err));
        int n_found = 0, n_damaged = 0;
        for (size_t round = 0; round < 600; round++) {
            Table *kept = NULL;
            const size_t n = round < 300 ? round * bytes.n / 300 : bytes.n;
            const size_t at = rng_below(&rng, (uint32_t)bytes.n);
            const char was = bytes.bytes[at];
            if (n == bytes.n) bytes.bytes[at] = (char)rng_u32(&rng);
            place.path = fixture_write(fixture, "kept.table", bytes.bytes, n);
            arena_reset(fixture->arena);
            CacheState said = cache_load(&place, fixture->arena, &kept);
            if (n < bytes.n) assert_int_equal(said, CACHE_DAMAGED);
            if (said == CACHE_FOUND) {
                n_found++;
                for (int c = 0; c < kept->n_columns; c++)
                    for (int i = 0; kept->columns[c].code && i < kept->n_rows; i++)
                        assert_true(kept->columns[c].code[i] >= -1
                                    && kept->columns[c].code[i] < kept->columns[c].n_levels);
            } else {
                n_damaged++;
            }
            bytes.bytes[at] = was;
        }
        assert_true(n_found > 0 && n_damaged > 300);
        bytes_free(&bytes);
    }
}

static void without_memory_it_is_read_again(void **state)
{
    Fixture *fixture = *state;
    Error err;
    CachePlace place = place_in(fixture);
    Arena *other = arena_create(0);
    assert_true(cache_store(&place, read_kind(fixture, 0), 0600, &err));
    for (long n = 0;; n++) {
        Table *kept = NULL;
        arena_reset(other);
        arena_fail_after(other, n);
        if (cache_load(&place, other, &kept) == CACHE_FOUND) break;
        assert_null(kept);
        assert_true(n < 1000);
    }
    arena_destroy(other);
}

/* ---- the whole ---------------------------------------------------------------------------------------- */

static char folder[128];

static Table *read_through(Fixture *fixture, const char *path, const ReadOptions *options, const char *where)
{
    Error err;
    Table *table = NULL;
    arena_reset(fixture->arena);
    if (!cache_read(&(DataFile){.images = path}, options, NULL, NULL, where, fixture->arena, &table, &err))
        fail_msg("%s", err.message);
    fixture_check(table);
    return table;
}

static int entries(Fixture *fixture)
{
    CacheList list;
    Error err;
    assert_true(cache_list(folder, fixture->arena, &list, &err));
    return list.n;
}

/* As if it had been written so many seconds ago. */
static void date_back(const char *path, int seconds)
{
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    struct timespec times[2] = {about.st_atim, about.st_mtim};
    times[1].tv_sec -= seconds;
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static const char *large(Fixture *fixture, const char *first)
{
    const size_t n = CACHE_LEAST + 100;
    char *text = malloc(n + 64);
    assert_non_null(text);
    size_t at = (size_t)sprintf(text, "a,b,y\n%s\n", first);
    for (int i = 0; at < n; i++) at += (size_t)sprintf(text + at, "%d,%d.25,%s\n", i % 977, i % 89, i % 3 ? "u" : "v");
    const char *path = fixture_write(fixture, "large.csv", text, at);
    free(text);
    date_back(path, 100);
    return path;
}

static void large_files_are_kept_while_they_hold(void **state)
{
    Fixture *fixture = *state;
    ReadOptions options = {0}, other = {.numeric = {1, (const char *[]){"b"}}};
    char print[65];
    CacheList list;
    Error err;
    snprintf(folder, sizeof folder, "%s/cache", fixture->folder);
    const char *small = fixture_text(fixture, "small.csv", "a,y\n1,u\n2,v\n");
    read_through(fixture, small, &options, folder);
    assert_int_equal(entries(fixture), 0);
    const char *path = large(fixture, "1,2,u");
    memcpy(print, read_through(fixture, path, &options, NULL)->fingerprint, sizeof print);
    assert_int_equal(entries(fixture), 0);
    for (int round = 0; round < 3; round++)
        assert_string_equal(read_through(fixture, path, &options, folder)->fingerprint, print);
    assert_int_equal(entries(fixture), 1);
    read_through(fixture, path, &other, folder); /* read otherwise: another */
    assert_int_equal(entries(fixture), 2);
    date_back(path, 7); /* written to: another */
    read_through(fixture, path, &options, folder);
    assert_int_equal(entries(fixture), 3);
    path = large(fixture, "3,2,u"); /* of the same length: another table */
    Table *changed = read_through(fixture, path, &options, folder);
    assert_string_not_equal(changed->fingerprint, print);
    memcpy(print, changed->fingerprint, sizeof print);
    /* Damaged: told, and made anew. */
    assert_true(cache_list(folder, fixture->arena, &list, &err));
    assert_string_equal(list.entries[0].source, path);
    for (int i = 0; i < list.n; i++) assert_int_equal(truncate(list.entries[i].path, 1000), 0);
    Table *again = read_through(fixture, path, &options, folder);
    assert_true(fixture_noted(again, "in the cache was damaged, and made anew"));
    assert_string_equal(again->fingerprint, print);
    assert_false(fixture_noted(read_through(fixture, path, &options, folder), "damaged"));
    /* The oldest go first, and what is no file of ours stays. */
    char mine[160];
    snprintf(mine, sizeof mine, "%s/mine.txt", folder);
    assert_true(file_write(mine, "x", 1, &err));
    assert_true(cache_list(folder, fixture->arena, &list, &err));
    assert_int_equal(cache_shrink(&list, list.entries[0].bytes), list.n - 1);
    assert_int_equal(entries(fixture), 1);
    assert_string_equal(read_through(fixture, path, &options, folder)->fingerprint, print);
    assert_true(cache_list(folder, fixture->arena, &list, &err));
    assert_int_equal(cache_shrink(&list, 0), 1);
    assert_true(file_exists(mine));
    unlink(mine);
    rmdir(folder);
}

static void just_written_or_nowhere_to_keep(void **state)
{
    Fixture *fixture = *state;
    ReadOptions options = {0};
    snprintf(folder, sizeof folder, "%s/cache", fixture->folder);
    const char *path = large(fixture, "1,2,u");
    date_back(path, -100); /* now */
    read_through(fixture, path, &options, folder);
    read_through(fixture, path, &options, folder);
    assert_int_equal(entries(fixture), 1); /* kept, and not trusted */
    CacheList list;
    Error err;
    assert_true(cache_list(folder, fixture->arena, &list, &err));
    cache_shrink(&list, 0);
    rmdir(folder);
    const char *file = fixture_text(fixture, "file", "");
    Table *table = read_through(fixture, path, &options, file);
    assert_true(fixture_noted(table, "the table was not kept in the cache: "));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(what_was_kept_is_what_was_read),       TEST(of_another_it_says_so),
        TEST(survives_battering),                   TEST(without_memory_it_is_read_again),
        TEST(large_files_are_kept_while_they_hold), TEST(just_written_or_nowhere_to_keep),
    };
    return cmocka_run_group_tests_name("cache/tables", tests, fixture_open, fixture_close);
}
