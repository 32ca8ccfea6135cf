/* The tables of columns against the database that a new file gets, and against what docs/reference/database.md says. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/store_checks.h"
#include "tuner/store/repeat_rows.h"

static const RowTable *const tables[] = {&trial_columns, &param_columns, &epoch_columns, &metric_columns,
                                         &confusion_columns, &artifact_columns, &repeat_columns, &ensemble_columns,
                                         &worker_columns, &stint_columns};
enum { N_TABLES = sizeof tables / sizeof *tables };

static const char *type_name(ColumnType type)
{
    return type == COLUMN_INTEGER ? "INTEGER" : type == COLUMN_REAL ? "REAL" : "TEXT";
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void a_new_file_has_exactly_these_columns(void **state)
{
    (void)state;
    Store *store;
    OK(store_open(path, STORE_WRITE, &store, &err));
    for (int t = 0; t < N_TABLES; t++) {
        const RowTable *table = tables[t];
        char lines[64][64], sql[160];
        int n = 0;
        Text want = {0};
        for (int i = 0; i < table->n; i++, n++)
            snprintf(lines[n], sizeof *lines, "%s|%s", table->columns[i].name, type_name(table->columns[i].type));
        if (table->owner) snprintf(lines[n++], sizeof *lines, "%s|INTEGER", table->owner);
        qsort(lines, (size_t)n, sizeof *lines, by_text);
        for (int i = 0; i < n; i++) text_print(&want, "%s%s", i ? ";" : "", lines[i]);
        snprintf(sql, sizeof sql, "SELECT name, type FROM pragma_table_info('%s') ORDER BY name || '|'", table->name);
        check_query(store, sql, want.bytes);
        text_free(&want);
    }
    OK(store_close(store, &err));
}

/* No name twice; types are those of the members; what a run came to is written when it ends. */
static void the_columns_agree_with_each_other(void **state)
{
    (void)state;
    for (int t = 0; t < N_TABLES; t++)
        for (int i = 0; i < tables[t]->n; i++) {
            const RowColumn *column = &tables[t]->columns[i];
            assert_int_equal(column_index(tables[t], column->name), i);
            if (column->member == MEMBER_NONE) continue;
            assert_true(column->offset < tables[t]->size);
            assert_int_equal(column->type == COLUMN_TEXT,
                             column->member == MEMBER_TEXT || column->member == MEMBER_ENUM);
            assert_int_equal(column->type == COLUMN_REAL, column->member == MEMBER_DOUBLE);
            assert_int_equal(column->names != NULL, column->member == MEMBER_ENUM);
        }
    for (int i = 0; i < trial_columns.n; i++) {
        const RowColumn *column = &trial_columns.columns[i];
        if (column->when & OF_RUN) assert_true(column->when & AT_END);
        if (column->pause != PAUSE_REPLACES) assert_true(column->when & OF_RUN);
    }
}

/* The row of the page that begins with "| `name`", or the paragraph that begins with "**`name`**". */
static const char *entry_of(const char *page, const char *before, const char *name, size_t *n)
{
    char start[64];
    snprintf(start, sizeof start, "\n%s`%s`", before, name);
    const char *at = strstr(page, start);
    if (!at) fail_msg("docs/reference/database.md: nothing begins with %s", start + 1);
    const char *end = strstr(at + 1, *before == '|' ? "\n" : "\n\n");
    *n = (size_t)(end - at);
    return at;
}

static bool names(const char *text, size_t n, const char *word)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "`%s`", word);
    const char *at = strstr(text, quoted);
    return at && at < text + n;
}

static void the_page_names_every_column(void **state)
{
    (void)state;
    Bytes page;
    OK(file_read("docs/reference/database.md", 0, &page, &err));
    for (int t = 0; t < N_TABLES; t++) {
        size_t n;
        const char *from = entry_of(page.bytes, "**", tables[t]->name, &n);
        if (tables[t] == &trial_columns || tables[t] == &worker_columns) /* these have a table */
            n = (size_t)(strstr(from + 1, "\n**`") - from);
        for (int i = 0; i < tables[t]->n; i++)
            if (!names(from, n, tables[t]->columns[i].name))
                fail_msg("docs/reference/database.md: %s.%s is missing", tables[t]->name, tables[t]->columns[i].name);
    }
    bytes_free(&page);
}

/* Every word of a list stands in its row; `exact`: and no other. */
static void check_words(const char *page, const char *column, const char *const *words, bool exact)
{
    size_t n;
    const char *row = entry_of(page, "| ", column, &n), *last = row + strlen(column) + 5;
    for (int i = 0; words[i]; i++)
        if (!names(row, n, words[i])) fail_msg("docs/reference/database.md: %s: `%s` is missing", column, words[i]);
    while (exact && (last = strchr(last, '`')) && last < row + n) {
        size_t length = strcspn(last + 1, "`");
        bool known = false;
        for (int i = 0; words[i]; i++)
            known |= strlen(words[i]) == length && strncmp(words[i], last + 1, length) == 0;
        if (!known) fail_msg("docs/reference/database.md: %s: `%.*s` is never written", column, (int)length, last + 1);
        last += length + 2;
    }
}

static void the_page_names_every_word(void **state)
{
    (void)state;
    Bytes page;
    OK(file_read("docs/reference/database.md", 0, &page, &err));
    const char *of_trials = strstr(page.bytes, "\n**`trial`**");
    assert_non_null(of_trials);
    check_words(of_trials, "state", trial_state_names, false);
    check_words(of_trials, "source", trial_source_names, false);
    check_words(of_trials, "fail_code`, `fail_text", fail_code_names, true);
    const char *of_workers = strstr(page.bytes, "\n**`worker`**");
    assert_non_null(of_workers);
    check_words(of_workers, "reason", worker_end_names, true);
    size_t n;
    const char *kinds = entry_of(page.bytes, "**", "artifact", &n);
    for (int i = 0; artifact_kind_names[i]; i++) assert_true(names(kinds, n, artifact_kind_names[i]));
    bytes_free(&page);
}

#define T(f) cmocka_unit_test_setup(f, empty)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_new_file_has_exactly_these_columns),
        T(the_columns_agree_with_each_other),
        T(the_page_names_every_column),
        T(the_page_names_every_word),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
