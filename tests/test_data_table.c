/* data/table: fingerprints, useless columns, some of the rows. */
#include "tests/data_fixture.h"

static const char mixed[] =
    "id,flat,empty,rare,x,town,class\n"
    "p1,7,?,z,1,Ulm,a\np2,7,?,?,2,Rom,b\np3,7,?,z,3,Ulm,a\np4,7,?,z,?,Rom,b\n"
    "p4,7,?,z,5,Ulm,a\np6,7,?,z,6,Rom,b\n";

static void drops_what_says_nothing(void **state)
{
    Fixture *fixture = *state;
    Table *t = fixture_read(fixture, fixture_text(fixture, "a.csv", mixed), NULL, NULL);
    char before[65];
    strcpy(before, t->fingerprint);
    assert_int_equal(t->n_columns, 6);
    assert_int_equal(t->columns[2].kind, COLUMN_NUMERIC); /* all missing: read, and all nan */
    assert_int_equal(t->columns[2].n_missing, 6);
    int notes = t->n_notes;
    table_drop_useless(t, fixture->arena);
    fixture_check(t);
    /* `rare` has one value but also a missing cell, which may mean something. */
    assert_int_equal(t->n_columns, 3);
    assert_string_equal(t->columns[0].name, "rare");
    assert_string_equal(t->columns[1].name, "x");
    assert_string_equal(t->columns[2].name, "town");
    assert_int_equal(t->n_notes, notes + 3);
    assert_true(fixture_noted(t, "`id` was dropped: 5 different values in 6 rows"));
    assert_true(fixture_noted(t, "`flat` was dropped: all its values are the same"));
    assert_true(fixture_noted(t, "`empty` was dropped: every cell is missing"));
    assert_string_equal(t->fingerprint, before); /* names the data as they were read */
    table_drop_useless(t, fixture->arena);
    assert_int_equal(t->n_columns, 3);
    assert_int_equal(t->n_notes, notes + 3);
    /* Without memory it leaves the table as it is. */
    t = fixture_read(fixture, fixture_text(fixture, "a.csv", mixed), NULL, NULL);
    arena_fail_after(fixture->arena, 0);
    table_drop_useless(t, fixture->arena);
    assert_int_equal(t->n_columns, 6);
}

static void takes_rows(void **state)
{
    Fixture *fixture = *state;
    Table *t = fixture_read(fixture, fixture_text(fixture, "a.csv", mixed), NULL, NULL), *part;
    Error err = {0};
    const int32_t rows[] = {3, 0, 3}, all[] = {0, 1, 2, 3, 4, 5};
    assert_true(table_rows(t, rows, 3, fixture->arena, &part, &err));
    fixture_check(part);
    assert_int_equal(part->n_rows, 3);
    assert_true(isnan(column_number(&part->columns[4], 0)) && column_number(&part->columns[4], 1) == 1);
    assert_string_equal(part->columns[5].levels[part->columns[5].code[2]], "Rom");
    const int32_t labels[] = {1, 0, 1};
    assert_memory_equal(part->labels, labels, sizeof labels);
    for (int i = 0; i < 3; i++) assert_int_equal(table_source(part, i), rows[i] + 1); /* also a part of a part */
    const int32_t last[] = {2, 1};
    Table *less;
    assert_true(table_rows(part, last, 2, fixture->arena, &less, &err));
    assert_true(table_source(less, 0) == 4 && table_source(less, 1) == 1 && table_source(t, 5) == 6);
    assert_int_equal(part->columns[4].n_missing, 2);
    assert_string_not_equal(part->fingerprint, t->fingerprint);
    assert_true(table_rows(t, all, 6, fixture->arena, &part, &err));
    assert_string_equal(part->fingerprint, t->fingerprint);
    assert_true(table_synth_digits(20, 1, 0, 1, fixture->arena, &t, &err));
    assert_true(table_rows(t, rows, 3, fixture->arena, &part, &err));
    fixture_check(part);
    assert_memory_equal(part->pixels + 784, t->pixels, 784);
    assert_memory_equal(part->pixels, t->pixels + 3 * 784, 784);
    for (long n = 0, ok = 0; !ok; n++) {
        Error starved = {0};
        part = NULL;
        arena_fail_after(fixture->arena, n);
        ok = table_rows(t, rows, 3, fixture->arena, &part, &starved);
        if (!ok) assert_int_equal(starved.code, ERR_MEMORY);
        assert_true(ok ? n == 4 : part == NULL);
    }
}

/* Every part of the content counts; names of files and notes do not. */
static void fingerprints_content(void **state)
{
    static const char *const changed[] = {
        "x,y,class\n1,u,a\n2,v,b\n3,u,a\n", /* the first is the original */
        "x,z,class\n1,u,a\n2,v,b\n3,u,a\n", "x,y,clasp\n1,u,a\n2,v,b\n3,u,a\n",
        "x,y,class\n1,u,a\n2,v,b\n4,u,a\n", "x,y,class\n1,u,a\n2,v,b\n3,v,a\n",
        "x,y,class\n1,u,a\n2,w,b\n3,u,a\n", "x,y,class\n1,u,a\n2,v,b\n3,u,b\n",
        "x,y,class\n1,u,a\n2,v,c\n3,u,a\n", "x,y,class\n2,v,b\n1,u,a\n3,u,a\n",
        "x,y,class\n1,u,a\n2,v,b\n3,u,a\n3,u,a\n", "x,y,class\n1,u,a\n2,v,b\n,u,a\n",
        "y,x,class\nu,1,a\nv,2,b\nu,3,a\n", "x,y,class\n1,uv,a\n2,w,b\n3,uv,a\n",
        "x,y,class\n1,u,a\n2,vw,b\n3,u,a\n", "x,y,class\n1,u,a\n2,v,b\n-0,u,a\n",
    };
    enum { N = sizeof changed / sizeof *changed };
    Fixture *fixture = *state;
    char seen[N][65];
    for (int i = 0; i < N; i++) {
        Table *t = fixture_read(fixture, fixture_text(fixture, "a.csv", changed[i]), NULL, NULL);
        strcpy(seen[i], t->fingerprint);
        for (int k = 0; k < i; k++)
            if (strcmp(seen[i], seen[k]) == 0) fail_msg("%d and %d look the same", i, k);
    }
    /* The same content, written otherwise, under another name, in another format. */
    Table *t = fixture_read(
        fixture, fixture_text(fixture, "b.csv", "x;y;class\r\n1,0;u;a\r\n\"2\";v;b\r\n3;u;a"), NULL,
        NULL);
    assert_string_equal(t->fingerprint, seen[0]);
    t = fixture_read(fixture,
                     fixture_text(fixture, "c",
                                  "@relation r\n@attribute x numeric\n@attribute y {u,v}\n"
                                  "@attribute class {a,b}\n@data\n1,u,a\n2,v,b\n3,u,a\n"),
                     NULL, NULL);
    assert_string_equal(t->fingerprint, seen[0]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(drops_what_says_nothing),
        TEST(takes_rows),
        TEST(fingerprints_content),
    };
    return cmocka_run_group_tests_name("data/table", tests, fixture_open, fixture_close);
}
