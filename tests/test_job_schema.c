/* `consort schema` and `consort config check` take and refuse the same files: 30,000 of them, made from the schema
 * and spoilt, and all that the repository has. What only the reader can know is a short list, below and in
 * docs/reference/schema.md; the schema never refuses what the reader takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "job/builtin.h"
#include "job/config.h"
#include "job/schema.h"
#include "tests/arena_fixture.h"
#include "tests/schema_maker.h"

enum { FILES = 30000 };

/* Words of the message by which a rule is known. */
static struct {
    const char *rule, *said;
    int seen;
} beyond[] = {
    {"an expression", "`when`: ", 0}, {"an expression", "`expr`: ", 0}, {"an expression", "a constraint: ", 0},
    {"an expression", "depend", 0}, {"no number of JSON", "a finite number", 0},
    {"a regular expression", "`pattern`", 0},
    {"a date's format", "is no format of dates", 0},
    {"twice", "stands in `metrics` twice", 0}, {"twice", "is listed twice", 0}, {"twice", "is defined twice", 0},
    {"twice", "stands twice in `values`", 0}, {"twice", "are the same setting", 0},
    {"arithmetic", "`part` is K/N", 0}, {"arithmetic", "below one epoch", 0}, {"arithmetic", "`bracket` must be at least `eta`", 0},
    {"arithmetic", "`min` and `max` are both", 0}, {"arithmetic", "is below `min`", 0},
    {"arithmetic", "no multiple of `q`", 0}, {"arithmetic", "is too fine", 0},
    {"arithmetic", "must add up to 1", 0}, {"arithmetic", "one for each of the `values`", 0},
    {"arithmetic", "natural logarithm", 0}, {"arithmetic", "reaches beyond 1e100", 0},
    {"arithmetic", "finalists, but only", 0}, {"arithmetic", "more than `min_iter`", 0},
    {"arithmetic", "from the lowest to the highest", 0}, {"arithmetic", "`least` is more than `most`", 0},
    {"arithmetic", "up to 64 seeds a trial", 0}, {"two sections", "are the same for networks", 0},
    {"two sections", "takes the mean of a metric", 0},
    {"a number in quotes", "not `1e400`", 0},
    {"a number in quotes", "is not a number between 0 and 1", 0}, {"two sections", "both standard input", 0},
    {"a spelling", "takes whole numbers; give whole", 0},
    {"the form of a network", "`num_layers`", 0}, {"the form of a network", "a preset has `hidden`", 0},
    {"two sections", "is fixed here and searched", 0},
    {"the search space", "in `enqueue`", 0}, {"the search space", "here; it is one of", 0},
    {"the search space", "needs finitely many values", 0},
    {"the search space", "cannot have `probabilities`", 0},
    {"an edit", "is none of its values", 0}, {"an edit", "which it cannot be", 0}, {"an edit", "of `only` is none of the values", 0},
    {"an edit", "outside of ", 0}, {"an edit", "`only` must be a part of", 0}, {"an edit", "lies in `only`", 0},
    {"a prior", "of a prior is a factor", 0}, {"a prior", "of a prior is so small", 0},
    {"a prior", "is not among the `values`", 0}, {"a prior", "has any weight", 0},
    {"transfer", "fit this search space", 0}, {"transfer", "is for methods that look", 0},
    {"transfer", "knows one score", 0}, {"transfer", "studies at most", 0},
    {"a command", "macro", 0}, {"a command", "${program}", 0}, {"a command", "the first word of `command`", 0},
};
enum { N_BEYOND = sizeof beyond / sizeof *beyond };

static bool is_beyond(const char *message)
{
    for (int i = 0; i < N_BEYOND; i++)
        if (strstr(message, beyond[i].said)) return beyond[i].seen++, true;
    return false;
}

static int seen(const char *rule)
{
    int n = 0;
    for (int i = 0; i < N_BEYOND; i++)
        if (strcmp(beyond[i].rule, rule) == 0) n += beyond[i].seen;
    return n;
}

typedef struct {
    int taken, refused, beyond, wrong;
} Count;

/* Does the schema take a text? Not YAML, or no map: nobody does. */
static bool schema_takes(const Doc *schema, const char *text)
{
    Conf *conf;
    return conf_read_text("s", text, strlen(text), arena, &conf, NULL) && schema_fits(schema, schema, conf->root);
}

static void compare(const Doc *schema, const char *text, Count *count)
{
    Config *config;
    Error err = {0};
    const bool read = config_read_text("t", text, "", arena, &config, &err), fits = schema_takes(schema, text);
    if (read && fits) count->taken++;
    else if (!read && !fits) count->refused++;
    else if (fits && is_beyond(err.message)) count->beyond++;
    else if (count->wrong++ < 40) print_error("%s: %s\n  %s\n", read ? "config check takes" : "the schema takes", text, err.message);
}

static void on_files_by_chance(void **state)
{
    (void)state;
    Error err;
    Doc *schema;
    Count count = {0};
    const char *said = getenv("SCHEMA_FILES");
    const int n = said ? atoi(said) : FILES;
    const uint64_t seed = getenv("SCHEMA_SEED") ? (uint64_t)atoi(getenv("SCHEMA_SEED")) : 17;
    assert_true(schema_make(&schema, &err));
    const Doc *kind = NULL, *rules = doc_get(schema, "allOf");
    for (size_t i = 0; i < doc_count(rules); i++)
        if (doc_get(doc_at(rules, i), "else")) kind = doc_at(rules, i);
    for (int i = 0; i < n; i++) {
        arena_reset(arena);
        Maker m = {schema, arena, rng_stream(seed, (uint32_t)i, RNG_TEST)};
        const bool program = maker_odds(&m, 0.25);
        ConfNode *root = NULL;
        for (int tries = 0; tries < 5 && (!root || !maker_fits(&m, schema, root)); tries++) {
            root = maker_map(&m, doc_get(kind, program ? "then" : "else"), schema, 0);
            if (program && !maker_has(root, "program") && !maker_has(root, "command")) {
                ConfNode *word = maker_raw(&m, "train.py");
                word->key = "program";
                maker_put(root, word);
            }
        }
        if (maker_odds(&m, 0.5))
            for (int k = 1 + maker_below(&m, 3); k > 0; k--) maker_spoil(&m, root);
        Text text = {0};
        maker_write(root, &text);
        compare(schema, text.bytes, &count);
        text_free(&text);
    }
    doc_free(schema);
    printf("%d files: %d taken, %d refused by both, %d by rules that no schema can say\n", n, count.taken,
           count.refused, count.beyond);
    assert_int_equal(count.wrong, 0);
    assert_true(count.taken > n / 5 && count.refused > n / 4 && count.beyond < n / 5);
    for (int i = 0; i < N_BEYOND && n >= FILES; i++)
        if (seen(beyond[i].rule) == 0) fail_msg("no file met the rule of %s", beyond[i].rule);
}

static bool takes(const char *text)
{
    Error err;
    Doc *schema;
    assert_true(schema_make(&schema, &err));
    const bool fits = schema_takes(schema, text);
    doc_free(schema);
    return fits;
}

static void on_files_of_ours(void **state)
{
    (void)state;
    for (const Builtin *b = builtins; b->name; b++)
        if (strstr(b->file, ".yaml") && !takes(b->text)) fail_msg("%s", b->file);
}

/* `$schema` is for editors, and changes nothing. */
static void the_key_of_editors(void **state)
{
    (void)state;
    static const char plain[] = "data: {format: digits}\nrun_cap: 3\n";
    const char *named = arena_print(arena, "$schema: ./consort.schema.json\n%s", plain);
    char a[65], b[65];
    Config *config;
    Error err;
    assert_true(takes(plain) && takes(named));
    assert_true(config_read_text("t", plain, "", arena, &config, &err) && config_identity(config, a, &err));
    assert_true(config_read_text("t", named, "", arena, &config, &err) && config_identity(config, b, &err));
    assert_string_equal(a, b);
}

/* What once was taken by one of the two alone, or crashed. */
static void mended(void **state)
{
    (void)state;
    static const struct { const char *text; bool right; } cases[] = {
        {"data: {train: t.csv, dir: null}", true},
        {"data: {train: t.csv, header: True}", true},
        {"data: {train: t.csv, header: TRUE}\nrun: {deterministic: False}", true},
        {"data: {train: t.csv, columns: {a: [low, ~]}}", false},
        {"data: {train: t.csv}\nmetric: {name: val_accuracy, numbers: val_f1}", false},
        {"data: {train: t.csv}\nmetric: {name: val_accuracy, numbers: rmse}", true},
        {"data: {train: t.csv}\nnumbers: {parameters: {dropout: {min: 0, max: 2}}}", false},
        {"data: {train: t.csv}\nnumbers: {parameters: {dropuot: {min: 0.0, max: 0.2}}}", false},
        {"data: {train: t.csv}\ntrain: {lr: 0.1, learning_rate: 0.1}", false},
        {"data: &d {train: t.csv}\ntrain: &t {lr: 0.1}\nnumbers: {train: {<<: *t, epochs: 3}}", true},
        {"program: t.py\nmethod: grid\nparameters: {x: {values: [null, {a: 1}, [1]]}}", true},
        {"program: t.py\nmethod: grid\ntrain: {lr: 0.1}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Config *config;
        Error err;
        if (config_read_text("t", cases[i].text, "", arena, &config, &err) != cases[i].right
            || takes(cases[i].text) != cases[i].right)
            fail_msg("%s", cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_files_by_chance),
        cmocka_unit_test(on_files_of_ours),
        cmocka_unit_test(the_key_of_editors),
        cmocka_unit_test(mended),
    };
    return cmocka_run_group_tests_name("job/schema", tests, start, finish);
}
