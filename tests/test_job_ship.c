/* job/ship.h: what is written, and that it is all or nothing; proofs that hold and that do not; cards. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/folder.h"
#include "job/model_card.h"
#include "job/ship.h"
#include "reports/model_card.h"
#include "tests/model_maker.h"
#include "tests/arena_fixture.h"

static char folder[] = "/tmp/consort_ship_XXXXXX";
static Error err;

#define TRY(call) do { if (!(call)) fail_msg(#call ": %s", err.message); } while (0)

static const char *in_folder(const char *name)
{
    return arena_print(arena, "%s/%s", folder, name);
}

/* A model in a file, and rows of its table. */
static void make(MakeKind kind, ModelFacts *facts, Table **rows)
{
    const char *path = in_folder("m.consort");
    *rows = make_table(kind, 40, 3, 5, arena);
    Model *model = make_model(*rows, 2, 1, 7, arena, &err);
    TRY(model_save(model, path, &err));
    TRY(model_facts_open(path, NULL, -1, arena, facts, &err));
}

static int files_in(const char *name)
{
    FileList list = {0};
    TRY(folder_list(in_folder(name), 100, arena, &list, &err));
    return list.n;
}

static ShipOptions to(const char *name, const ProofRows *rows)
{
    return (ShipOptions){.to = SHIP_C, .folder = in_folder(name), .name = "net", .rows = rows};
}

static void test_ships_with_a_card_and_a_proof(void **state)
{
    (void)state;
    static const MakeKind kinds[] = {MAKE_COLOUR, MAKE_IMAGE, MAKE_NUMERIC, MAKE_MIXED};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        ModelFacts facts;
        Table *table;
        ProofRows rows;
        Shipped files;
        make(kinds[k], &facts, &table);
        TRY(proof_rows_of_table(facts.model, table, "t.csv", false, arena, &rows, &err));
        ShipOptions options = to("out", &rows);
        options.compile = system("command -v cc > /dev/null") == 0;
        TRY(ship(&facts, &options, arena, &files, &err));
        assert_string_equal(files.proof.by, options.compile ? "compiled C" : "its plan");
        options.compile = false;
        TRY(ship(&facts, &options, arena, &files, &err));
        assert_int_equal(files_in("out"), 4);
        assert_int_equal(files.n, 4);
        assert_true(files.proved && files.proof.held);
        assert_int_equal(files.proof.rows, 40);
        assert_int_equal(files.proof.agree, 40);
        assert_true(files.proof.deviation <= 1e-5);
        assert_string_equal(files.file[0].path, in_folder("out/net.c"));
        for (int i = 0; i < files.n; i++) assert_int_equal(file_bytes(files.file[i].path), files.file[i].bytes);
        Bytes bytes;
        TRY(file_read(in_folder("out/net.card.json"), 0, &bytes, &err));
        Doc *card = doc_parse(bytes.bytes, bytes.n, &err);
        bytes_free(&bytes);
        assert_non_null(card);
        const Doc *export = doc_get(card, "export");
        assert_string_equal(doc_to_text(doc_get(export, "to"), ""), "c");
        assert_true(doc_to_bool(doc_get(doc_get(export, "proof"), "held"), false));
        assert_int_equal((int)doc_to_number(doc_get(doc_at(doc_get(export, "files"), 0), "bytes"), 0),
                         (int)files.file[0].bytes);
        assert_string_equal(doc_to_text(doc_get(doc_get(card, "model"), "sha256"), ""), facts.sha256);
        doc_free(card);
        model_facts_free(&facts);
    }
}

static void test_nothing_is_left_of_what_is_not_so(void **state)
{
    (void)state;
    ModelFacts facts;
    Table *table;
    ProofRows rows;
    Shipped files;
    make(MAKE_MIXED, &facts, &table);
    TRY(proof_rows_of_table(facts.model, table, "t.csv", false, arena, &rows, &err));
    ShipOptions options = to("missed", &rows);
    options.within = 1e-12;
    TRY(ship(&facts, &options, arena, &files, &err));
    assert_int_equal(files.n, 0);
    assert_true(files.proved && !files.proof.held && files.proof.deviation > 1e-12);
    assert_false(file_exists(in_folder("missed")));
    options.rows = NULL; /* not asked */
    TRY(ship(&facts, &options, arena, &files, &err));
    assert_true(files.n == 4 && !files.proved);
    model_facts_free(&facts);
}

/* The last file cannot be written: where it belongs there is a folder. */
static void test_all_or_none(void **state)
{
    (void)state;
    ModelFacts facts;
    Table *table;
    Shipped files;
    make(MAKE_NUMERIC, &facts, &table);
    TRY(file_make_folder(in_folder("half/net.card.json/x"), &err));
    const ShipOptions options = to("half", NULL);
    assert_false(ship(&facts, &options, arena, &files, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(files_in("half"), 0);
    model_facts_free(&facts);
}

static void test_names_that_no_include_can_say(void **state)
{
    (void)state;
    ModelFacts facts;
    Table *table;
    Shipped files;
    make(MAKE_NUMERIC, &facts, &table);
    ShipOptions options = to("names", NULL);
    options.name = "a\"b";
    assert_false(ship(&facts, &options, arena, &files, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_false(file_exists(in_folder("names")));
    model_facts_free(&facts);
}

/* What proof_make says of values that are off in one row, by so much. */
static void test_proofs_by_hand(void **state)
{
    (void)state;
    ModelFacts facts;
    Table *table;
    ProofRows rows;
    Proof proof;
    make(MAKE_MIXED, &facts, &table);
    TRY(proof_rows_of_table(facts.model, table, "t.csv", false, arena, &rows, &err));
    const int n = table->n_rows, k = model_values(facts.model);
    float *values = ARENA_NEW(arena, float, n * k);
    TRY(model_predict(facts.model, table, arena, values, &err));
    TRY(proof_make(facts.model, &rows, PLAN_F32, 1e-5, values, "hand", arena, &proof, &err));
    assert_true(proof.held && proof.deviation == 0 && proof.agree == n);

    values[11 * k + 1] += 3e-5f;
    TRY(proof_make(facts.model, &rows, PLAN_F32, 1e-5, values, "hand", arena, &proof, &err));
    assert_false(proof.held);
    assert_int_equal(proof.worst, table_source(table, 11));
    assert_float_equal(proof.deviation, 3e-5, 1e-7);
    TRY(proof_make(facts.model, &rows, PLAN_I8, 1e-5, values, "hand", arena, &proof, &err));
    assert_true(proof.held); /* all are decided alike */
    for (int row = 0; row < 1; row++) { /* one of 40 is not: 97.5 % */
        float *v = values + row * k;
        const int old = model_decide(facts.model, v);
        for (int c = 0; c < k; c++) v[c] = c == (old + 1) % k ? 1 : 0;
    }
    TRY(proof_make(facts.model, &rows, PLAN_I8, 1e-5, values, "hand", arena, &proof, &err));
    assert_int_equal(proof.agree, n - 1);
    assert_false(proof.held);
    values[5] = NAN;
    TRY(proof_make(facts.model, &rows, PLAN_F32, 1, values, "hand", arena, &proof, &err));
    assert_true(!proof.held && isinf(proof.deviation));
    const char *said = proof_sentence(&proof, arena);
    assert_non_null(strstr(said, "40 rows of t.csv"));
    model_facts_free(&facts);
}

/* Eight of 400 rows that were right are not: of another class in 2 %, and more than chance does. */
static void test_integers_that_lose_rows(void **state)
{
    (void)state;
    ModelFacts facts;
    Table *table;
    ProofRows rows;
    Proof proof;
    make(MAKE_MIXED, &facts, &table);
    table = make_table(MAKE_MIXED, 400, 3, 5, arena);
    TRY(proof_rows_of_table(facts.model, table, "t.csv", true, arena, &rows, &err));
    const int n = table->n_rows, k = model_values(facts.model);
    float *values = ARENA_NEW(arena, float, n * k);
    TRY(model_predict(facts.model, table, arena, values, &err));
    for (int i = 0; i < n; i++) table->labels[i] = model_decide(facts.model, values + i * k);
    table->labels[399] = -1;
    for (int lost = 1; lost <= 8; lost++) {
        float *v = values + lost * 7 * k;
        const int old = model_decide(facts.model, v);
        for (int c = 0; c < k; c++) v[c] = c == (old + 1) % k ? 1 : 0;
        TRY(proof_make(facts.model, &rows, PLAN_I8, 1e-5, values, "hand", arena, &proof, &err));
        assert_int_equal(proof.known, 399);
        assert_int_equal(proof.right, 399);
        assert_int_equal(proof.right_there, 399 - lost);
        assert_true(proof.held == (lost - 399 * 0.002 <= 2 * sqrt(lost)));
    }
    assert_non_null(strstr(proof_sentence(&proof, arena), "right in 391 instead of 399"));
    assert_non_null(strstr(proof.bar, "0.20 %"));
    for (int i = 0; i < n; i++) table->labels[i] = -1; /* nobody knows */
    TRY(proof_make(facts.model, &rows, PLAN_I8, 1e-5, values, "hand", arena, &proof, &err));
    assert_true(proof.held && proof.known == 0);
    model_facts_free(&facts);
}

/* What floats lose of a cell a steep network makes too much of: then cells are doubles, and the header says why. */
static void test_steep_networks_get_doubles(void **state)
{
    (void)state;
    static const ShipTo formats[] = {SHIP_C, SHIP_ONNX};
    const char *path = in_folder("steep.consort");
    Table *table = make_table(MAKE_NUMERIC, 200, 3, 5, arena);
    for (int j = 0; j < table->n_columns; j++)
        for (int i = 0; i < table->n_rows; i++) table->columns[j].number[i] = 30.1 + 0.017 * ((i * (j + 7)) % 61);
    Model *model = make_model(table, 1, ACT_TANH, 7, arena, &err);
    const Mlp *mlp = model->members[0].nets[0].mlp;
    for (size_t w = 0; w < mlp->n_floats; w++) mlp->params[w] *= 4;
    TRY(model_save(model, path, &err));
    ModelFacts facts;
    TRY(model_facts_open(path, NULL, -1, arena, &facts, &err));
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        ProofRows rows;
        Shipped files;
        TRY(proof_rows_of_table(facts.model, table, "t.csv", true, arena, &rows, &err));
        ShipOptions options = to("steep", &rows);
        options.to = formats[k];
        TRY(ship(&facts, &options, arena, &files, &err));
        if (!files.n) fail_msg("%s", proof_sentence(&files.proof, arena));
        Bytes bytes;
        TRY(file_read(files.file[k == 0 ? 1 : 0].path, 0, &bytes, &err));
        if (k == 0) assert_non_null(strstr((const char *)bytes.bytes, "(the network is steep)"));
        bytes_free(&bytes);
    }
    model_facts_free(&facts);
}

static void test_rows_are_made_up_where_there_are_none(void **state)
{
    (void)state;
    ModelFacts facts;
    Table *table, none = {0};
    ProofRows rows;
    make(MAKE_MIXED, &facts, &table);
    assert_false(facts.beside);
    TRY(proof_rows_of_study(facts.model, NULL, false, arena, &rows, &err));
    assert_string_equal(rows.source, "made-up rows");
    assert_int_equal(rows.table->n_rows, PROOF_MADE);
    const Place nowhere = {.db = in_folder("no.db"), .folder = folder};
    TRY(proof_rows_of_study(facts.model, &nowhere, false, arena, &rows, &err));
    assert_non_null(strstr(rows.source, "made-up rows ("));
    assert_false(proof_rows_of_table(facts.model, &none, "empty.csv", false, arena, &rows, &err));
    assert_int_equal(err.code, ERR_DATA);
    model_facts_free(&facts);
}

/* Of many rows some, evenly, and the last part of them, too. */
static void test_some_of_many_rows(void **state)
{
    (void)state;
    ModelFacts facts;
    Table *table, *many;
    ProofRows rows;
    make(MAKE_NUMERIC, &facts, &table);
    const int n = (int)(PROOF_WORK / (double)(model_n_params(facts.model) + 1)) + 5000;
    int32_t *which = ARENA_NEW(arena, int32_t, n);
    for (int i = 0; i < n; i++) which[i] = i % 40;
    TRY(table_rows(table, which, n, arena, &many, &err));
    TRY(proof_rows_of_table(facts.model, many, "many.csv", false, arena, &rows, &err));
    assert_int_equal(rows.of, n);
    assert_true(rows.table->n_rows < n && rows.table->n_rows >= PROOF_LEAST);
    TRY(proof_rows_of_table(facts.model, many, "many.csv", true, arena, &rows, &err));
    assert_int_equal(rows.table->n_rows, n);
    model_facts_free(&facts);
}

/* What the owner has filled in stays when a card is written again; what is no card is none. */
static void test_cards_keep_their_owners_words(void **state)
{
    (void)state;
    static const char before[] = "{\"owner\": {\"license\": \"CC <BY> 4.0\", \"ethics\": 3}}";
    ModelFacts facts;
    Table *table;
    Doc *card;
    Text page = {0};
    make(MAKE_MIXED, &facts, &table);
    TRY(file_write(in_folder("old.json"), before, sizeof before - 1, &err));
    TRY(model_card(&facts, in_folder("old.json"), &card, &err));
    assert_string_equal(doc_to_text(doc_get(doc_get(card, "owner"), "license"), ""), "CC <BY> 4.0");
    assert_null(doc_to_text(doc_get(doc_get(card, "owner"), "ethics"), NULL));
    TRY(model_card_markdown(card, arena, &page, &err));
    assert_non_null(strstr(page.bytes, "**Licence**: CC &lt;BY> 4.0\n"));
    assert_non_null(strstr(page.bytes, "## Caveats and limits"));
    text_free(&page);
    doc_free(card);
    TRY(file_write(in_folder("old.json"), "{", 1, &err));
    TRY(model_card(&facts, in_folder("old.json"), &card, &err));
    doc_free(card);
    model_facts_free(&facts);
}

static void test_without_memory(void **state)
{
    (void)state;
    ModelFacts facts;
    Table *table;
    ProofRows rows;
    Shipped files;
    make(MAKE_MIXED, &facts, &table);
    TRY(proof_rows_of_table(facts.model, table, "t.csv", false, arena, &rows, &err));
    ShipOptions options = to("starved", &rows);
    bool done = false;
    for (int n = 0; !done && n < 100000; n++) {
        Arena *small = arena_create(0);
        assert_non_null(small);
        facts.arena = small;
        arena_fail_after(small, n);
        done = ship(&facts, &options, small, &files, &err);
        if (!done) {
            assert_int_equal(err.code, ERR_MEMORY);
            assert_false(file_exists(in_folder("starved/net.c")));
        }
        arena_destroy(small);
    }
    assert_true(done);
    facts.arena = arena;
    model_facts_free(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ships_with_a_card_and_a_proof),
        cmocka_unit_test(test_nothing_is_left_of_what_is_not_so),
        cmocka_unit_test(test_all_or_none),
        cmocka_unit_test(test_names_that_no_include_can_say),
        cmocka_unit_test(test_proofs_by_hand),
        cmocka_unit_test(test_integers_that_lose_rows),
        cmocka_unit_test(test_steep_networks_get_doubles),
        cmocka_unit_test(test_rows_are_made_up_where_there_are_none),
        cmocka_unit_test(test_some_of_many_rows),
        cmocka_unit_test(test_cards_keep_their_owners_words),
        cmocka_unit_test(test_without_memory),
    };
    if (!mkdtemp(folder)) return 1;
    int failed = cmocka_run_group_tests_name("job/ship", tests, start, finish);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? failed : 1;
}
