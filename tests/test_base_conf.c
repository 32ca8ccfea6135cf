#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/conf.h"
#include "base/rng.h"
#include "tests/arena_fixture.h"

static Conf *read_text(const char *text)
{
    Conf *conf = NULL;
    Error err = {0};
    if (!conf_read_text("s.yaml", text, strlen(text), arena, &conf, &err)) fail_msg("%s", err.message);
    return conf;
}

static const ConfNode *at(const Conf *conf, const char *key)
{
    const ConfNode *node = conf_get(conf->root, key);
    assert_non_null(node);
    return node;
}

static void scalars_follow_yaml_1_2(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        ConfKind kind;
        double number;
        bool integer;
    } cases[] = {
        {"1e-3", CONF_NUMBER, 0.001, false}, {"1e3", CONF_NUMBER, 1000, true}, {"64", CONF_NUMBER, 64, true},
        {"64.0", CONF_NUMBER, 64, false}, {"-.5", CONF_NUMBER, -0.5, false}, {"0x1F", CONF_NUMBER, 31, true},
        {"017", CONF_NUMBER, 17, true}, {"1e300", CONF_NUMBER, 1e300, false}, {"true", CONF_BOOL, 1, false},
        {"FALSE", CONF_BOOL, 0, false}, {"null", CONF_NULL, 0, false}, {"~", CONF_NULL, 0, false},
        {"", CONF_NULL, 0, false}, {"no", CONF_TEXT, 0, false}, {"1:30", CONF_TEXT, 0, false},
        {"'12'", CONF_TEXT, 0, false}, {"\"true\"", CONF_TEXT, 0, false}, {"a b", CONF_TEXT, 0, false},
        {"30m", CONF_TEXT, 0, false}, {"1e999", CONF_TEXT, 0, false}, {"|\n  x", CONF_TEXT, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        snprintf(text, sizeof text, "key: %s\n", cases[i].text);
        const ConfNode *node = at(read_text(text), "key");
        if (node->kind != cases[i].kind) fail_msg("%s is %s", text, conf_kind_names[node->kind]);
        assert_true(node->number == cases[i].number || node->kind == CONF_TEXT);
        assert_int_equal(node->integer, cases[i].integer);
    }
}

static void nodes_know_where_they_stand(void **state)
{
    (void)state;
    Conf *conf = read_text("# first\nname: a\ntrain:\n  epochs: 3\n  hidden: [1, 2,\n    30]\n");
    const ConfNode *train = at(conf, "train"), *hidden = conf_get(train, "hidden");
    assert_int_equal(train->n, 2);
    assert_int_equal(conf_get(train, "epochs")->line, 4);
    assert_int_equal(conf_get(train, "epochs")->column, 11);
    assert_int_equal(conf_get(train, "epochs")->key_line, 4);
    assert_int_equal(conf_get(train, "epochs")->key_column, 3);
    assert_int_equal(hidden->n, 3);
    assert_int_equal(hidden->first->next->next->line, 6);
    assert_int_equal(hidden->first->next->next->column, 5);
    assert_null(conf_get(conf->root, "absent"));
    assert_null(conf_get(NULL, "absent"));
    Error err = {0};
    assert_false(conf_error(hidden, &err, "must not be %d", 3));
    assert_string_equal(err.message, "s.yaml:5:11: must not be 3");
    assert_int_equal(err.code, ERR_CONFIG);
    conf_key_error(hidden, &err, "what\nis this");
    assert_string_equal(err.message, "s.yaml:5:3: what?is this");
}

static void aliases_are_copies(void **state)
{
    (void)state;
    Conf *conf = read_text("a: &x {p: 1, q: [2, 3]}\nb: *x\nc: &y 5\nd: [*y, *y]\ne: &x 7\nf: *x\n");
    const ConfNode *b = at(conf, "b");
    assert_int_equal(b->kind, CONF_MAP);
    assert_int_equal(b->line, 2);
    assert_int_equal(conf_get(b, "q")->first->next->number, 3);
    assert_string_equal(b->key, "b");
    assert_int_equal(at(conf, "d")->first->next->number, 5);
    assert_null(at(conf, "d")->first->key);
    assert_int_equal(at(conf, "f")->number, 7);
}

/* Every message is exact: a user reads these more often than any page. */
static const struct {
    const char *text, *message;
} bad[] = {
    {"", "s.yaml:1:1: there is nothing in this file but comments"},
    {"# only\n---\n", "s.yaml:1:1: there is nothing in this file but comments"},
    {"- a\n", "s.yaml:1:1: expected `key: value` lines at the top, found a list"},
    {"just words\n", "s.yaml:1:1: expected `key: value` lines at the top, found text"},
    {"a: 1\n\tb: 2\n", "s.yaml:2:1: this line is indented with a tab; YAML wants spaces"},
    {"a:\n  \tb: 2\n", "s.yaml:2:3: this line is indented with a tab; YAML wants spaces"},
    {"a:\n  b: 1\n c: 2\n", "s.yaml:3:2: expected a key of the section that begins on line 1; check the indentation"},
    {"a: b: c\n", "s.yaml:1:5: a `:` where no key can stand; a text with `: ` in it needs quotes, and keys of one "
                  "section the same indentation"},
    {"a: [1, 2\nb: 3\n", "s.yaml:2:2: expected `,` or `]` in the list that begins on line 1"},
    {"a: {b: 1\nc: 3\n", "s.yaml:2:2: expected `,` or `}` in the map that begins on line 1"},
    {"a: 1\nb: \"x\n", "s.yaml:2:4: this quoted text is never closed"},
    {"a: @x\n", "s.yaml:1:4: a text cannot begin with this character; put it in quotes"},
    {"a: [1, , 2]\n", "s.yaml:1:8: expected a value here"},
    {"a:\n- 1\n 2: 3\n", "s.yaml:3:3: a `:` where no key can stand; a text with `: ` in it needs quotes, and keys of one "
                          "section the same indentation"},
    {"a:\n- 1\n- 2\nb\n", "s.yaml:4:1: expected `key: value`; there is no `:` after this"},
    {"a: - b\n", "s.yaml:1:4: a list item (`- `) cannot begin here; begin a new line, or write [a, b]"},
    {"a: 1\nb\n", "s.yaml:2:1: expected `key: value`; there is no `:` after this"},
    {"a: &x [*x]\n", "s.yaml:1:8: the alias *x stands inside what it names"},
    {"a: *q\n", "s.yaml:1:4: no anchor &q stands above this alias"},
    {"a: !!int 3.5\n", "s.yaml:1:4: `3.5` is no !!int"},
    {"a: !!bool yes\n", "s.yaml:1:4: `yes` is no !!bool"},
    {"a: !!float x\n", "s.yaml:1:4: `x` is no !!float"},
    {"a: !!seq 3\n", "s.yaml:1:4: `3` is no !!seq"},
    {"a: !!python/object:os.system x\n", "s.yaml:1:4: tags (tag:yaml.org,2002:python/object:os.system) are not supported; remove it"},
    {"a: !x [1]\n", "s.yaml:1:4: tags (!x) are not supported; remove it"},
    {"a: 1\n---\nb: 2\n", "s.yaml:2:1: a second document begins here; one file holds one"},
    {"%TAG ! tag:x,2000:\n---\na: 1\n", "s.yaml:1:1: %TAG is not supported; remove it"},
    {"a: 1\nb: 2\na: 3\n", "s.yaml:3:1: the key `a` stands here twice; the first is on line 1"},
    {"t:\n  z: 1\n  b: 1\n  z: 3\n  b: 2\n", "s.yaml:4:3: the key `z` stands here twice; the first is on line 2"},
    {"b: 1\nz: 1\nb: 3\nz: 2\n", "s.yaml:3:1: the key `b` stands here twice; the first is on line 1"},
    {"? [a]\n: 1\n", "s.yaml:1:3: a key must be a word, not a list, map or alias"},
    {"<<: {a: 1}\n<<: {b: 1}\n", "s.yaml:2:1: `<<` stands here twice; write `<<: [*a, *b]`"},
    {"<<: 3\n", "s.yaml:1:5: `<<` takes a map, or a list of maps: `<<: *name`, with &name where it stands"},
    {"a: \xff\n", "s.yaml:1:4: this is not UTF-8; save the file with that encoding"},
    {"\xff\xfe" "a\n", "s.yaml:1:1: this is not UTF-8; save the file with that encoding"},
    {"a: x\n\xC3\xA4: \x07\n", "s.yaml:2:4: a control character (0x07); is this a text file?"},
    {"a: \"\\0\"\n", "s.yaml:1:4: a text with a NUL character in it"},
    {"a: \xEF\xBF\xBF\n", "s.yaml:1:4: a character that cannot be printed; remove it, or write it as \\u in double quotes"},
};

static void every_refusal_is_a_sentence_with_a_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Conf *conf = NULL;
        Error err = {0};
        if (conf_read_text("s.yaml", bad[i].text, strlen(bad[i].text), arena, &conf, &err))
            fail_msg("took: %s", bad[i].text);
        assert_string_equal(err.message, bad[i].message);
        assert_int_equal(err.code, ERR_CONFIG);
        assert_null(conf);
    }
    Conf *conf;
    Error err = {0};
    assert_false(conf_read_text("s.yaml", "a: \0", 4, arena, &conf, &err));
    assert_string_equal(err.message, "s.yaml:1:4: a NUL byte; is this a text file?");
    assert_false(conf_read_file("/nowhere/s.yaml", arena, &conf, &err));
    assert_int_equal(err.code, ERR_IO);
}

static void traps_become_warnings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *warning;
    } cases[] = {
        {"a: no", "s.yaml:1:4: `no` is text here, but false for other YAML readers; write true or false, or quote it"},
        {"a: On", "s.yaml:1:4: `On` is text here, but true for other YAML readers; write true or false, or quote it"},
        {"a: off", "s.yaml:1:4: `off` is text here, but false for other YAML readers; write true or false, or quote it"},
        {"a: yes", "s.yaml:1:4: `yes` is text here, but true for other YAML readers; write true or false, or quote it"},
        {"a: 017", "s.yaml:1:4: `017` is 17 here, but octal 15 for other YAML readers; write it without the zero"},
        {"a: [1:30]", "s.yaml:1:5: `1:30` is text here, but a number in base 60 for other YAML readers; quote it, or "
                      "write a duration as 1m30s"},
        {"a: 1_000", "s.yaml:1:4: `1_000` is text here; write the number without _"},
        {"a: 0b11", "s.yaml:1:4: `0b11` is text here, but a binary number for other YAML readers"},
        {"a: -1e999", "s.yaml:1:4: `-1e999` is taken as text: it is too large for a number"},
        {"no: 1", "s.yaml:1:1: `no` is text here, but false for other YAML readers; write true or false, or quote it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Conf *conf = read_text(cases[i].text);
        assert_int_equal(conf->n_warnings, 1);
        assert_string_equal(conf->warnings[0], cases[i].warning);
    }
    assert_int_equal(read_text("a: 1e-3\nb: 'no'\nc: \"017\"\nd: 0\ne: 0.5\nf: n\ng: 30m\nh: 10\ni: 09:x\nj: .inf\n")->n_warnings, 0);
    char many[4000] = "a: [no";
    for (int i = 0; i < 500; i++) strcat(many, ", no");
    strcat(many, "]\n");
    assert_in_range(read_text(many)->n_warnings, 10, 200);
}

static void expect_bound(char *text, size_t n, const char *part)
{
    Arena *own = arena_create((size_t)256 << 20); /* and it must not take more than this to find out */
    Conf *conf;
    Error err = {0};
    assert_false(conf_read_text("s.yaml", text, n, own, &conf, &err));
    if (!strstr(err.message, part)) fail_msg("%s", err.message);
    assert_int_equal(err.code, ERR_CONFIG);
    arena_destroy(own);
}

static void hostile_files_are_bounded(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE + 10);
    memset(text, '[', SIZE), memcpy(text, "a: ", 3);
    expect_bound(text, 100000, "nested deeper than 64 levels");
    for (int i = 0; i < 100000; i++) memcpy(text + 2 * i, "- ", 2);
    expect_bound(text, 200000, "nested deeper than 64 levels");
    for (int i = 0; i < 100000; i++) memcpy(text + 2 * i, "? ", 2);
    expect_bound(text, 200000, "a key must be a word");
    memset(text, 'x', SIZE + 1), memcpy(text, "a: ", 3);
    expect_bound(text, SIZE + 1, "longer than the 1 MiB");
    for (int i = 0; i < 300000; i++) memcpy(text + 4 + 2 * i, "1,", 2);
    text[3] = '[';
    expect_bound(text, 600000, "more than 100000 values");
    size_t n = 0;
    n += (size_t)sprintf(text, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 40; i++)
        n += (size_t)sprintf(text + n, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1, i - 1,
                             i - 1, i - 1, i - 1, i - 1, i - 1);
    expect_bound(text, n, "more than 100000 values");
    n = (size_t)sprintf(text, "a0: &a0 [x]\n"); /* depth hidden behind aliases */
    for (int i = 1; i < 90; i++) n += (size_t)sprintf(text + n, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    expect_bound(text, n, "nested deeper than 64 levels");
    n = 0;
    for (int i = 0; i < 2000; i++) n += (size_t)sprintf(text + n, "k%d: &a%d 1\n", i, i);
    expect_bound(text, n, "more than 1000 anchors");
    memset(text, 'k', 200), memcpy(text + 200, ": 1\n", 5);
    expect_bound(text, 204, "a key of 200 bytes");
    free(text);
}

/* Whatever bytes come: an answer, no crash, and what was read prints and reads back the same. */
static void damaged_files_never_crash(void **state)
{
    (void)state;
    static const char sample[] = "name: &n x # c\nmetric: {name: *n, goal: \"ma\\u0078\"}\nparameters:\n  lr:\n    min: 1e-4\n"
                                 "    max: 0.1\n  h: {values: [[64], [128, 'a: b']]}\ntext: |\n  line\n  two\n\nlist:\n"
                                 "- a: 1\n  b: [~, true]\n- - x\n  - y\n";
    Rng rng = rng_stream(3, 0, RNG_TEST);
    int good = 0;
    for (int round = 0; round < 4000; round++) {
        char text[sizeof sample];
        memcpy(text, sample, sizeof sample);
        for (uint32_t k = rng_below(&rng, 4); k > 0; k--)
            text[rng_below(&rng, sizeof sample - 1)] = (char)(rng_below(&rng, 3) ? "\n :-[]{},\"'&*#|%!?~\t"[rng_below(&rng, 20)]
                                                                                 : (int)rng_below(&rng, 256));
        size_t n = rng_below(&rng, 4) ? sizeof sample - 1 : rng_below(&rng, sizeof sample);
        Arena *own = arena_create(0);
        Conf *conf, *again;
        Error err = {0};
        if (conf_read_text("s", text, n, own, &conf, &err)) {
            Text one = {0}, two = {0};
            good++;
            assert_true(conf_print(conf->root, &one));
            if (!conf_read_text("again", one.bytes, one.n, own, &again, &err)) fail_msg("%s\n%s", err.message, one.bytes);
            assert_true(conf_print(again->root, &two));
            assert_string_equal(one.bytes, two.bytes);
            text_free(&one), text_free(&two);
        } else {
            assert_int_equal(err.code, ERR_CONFIG);
            assert_null(strchr(err.message, '\n'));
        }
        arena_destroy(own);
    }
    assert_in_range(good, 500, 3900);
}

static void prints_what_reads_back(void **state)
{
    (void)state;
    static const char text[] = "name: mnist\nmetric:\n  name: val_f1\n  goal: maximize\nlist: [1, 2.5, a, \"1\", \"no\", null]\n"
                               "nested: [[64], [128, 64]]\nitems:\n  - a: 1\n    b: [x]\n  - {}\n  - - k: 2\nempty: {}\n"
                               "none: []\nodd: \" a\"\nlong: \"a: b #c\"\n";
    Conf *conf = read_text(text);
    Text out = {0};
    assert_true(conf_print(conf->root, &out));
    assert_string_equal(out.bytes, text);
    text_free(&out);
    static const char *const words[] = {"", " ", "a", "null", "True", "-", "1e5", "a: b", "a #b", "\n", "\t", "\xC2\x85", "\xE2\x80\xA8",
                                        "\xEF\xBB\xBF", "\xEF\xBF\xBE", "'", "\"", "[x]", "\\", "~", "y", "\xF0\x9F\x8E\xBB", "a  b", "a\\nb",
                                        "...", "---", "0x1F", "\x7f", "=", "<<", "a/b-c.d", "no", "01:20", "&a", "*a", "a:"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        Value value = value_text(words[i]);
        text_add(&out, "k: ");
        conf_print_scalar(&out, &value);
        text_add(&out, "\nl: [");
        conf_print_scalar(&out, &value);
        text_add(&out, ", 1]\n");
        Conf *back = read_text(out.bytes);
        assert_int_equal(at(back, "k")->kind, CONF_TEXT);
        assert_string_equal(at(back, "k")->text, words[i]);
        assert_int_equal(at(back, "l")->n, 2);
        assert_string_equal(at(back, "l")->first->text, words[i]);
        assert_int_equal(back->n_warnings, 0);
        text_free(&out);
    }
}

static void overrides_are_set_and_refused(void **state)
{
    (void)state;
    Conf *conf = read_text("name: a\ntrain: {epochs: 3}\nempty:\n");
    Error err = {0};
    static const char *const sets[] = {"train.epochs=50", "train.hidden=[1,2]", "run.jobs=auto", "a.b.c=x=y", "empty.k=1e-3",
                                       "name=", "data={train: x.csv, n: 2}", "train.text='a b'"};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (!conf_set_at(conf, sets[i], NULL, &err)) fail_msg("%s", err.message);
    Text out = {0};
    conf_print(conf->root, &out);
    assert_string_equal(out.bytes, "name: null\ntrain:\n  epochs: 50\n  hidden: [1, 2]\n  text: a b\nempty:\n  k: 1e-3\n"
                                   "run:\n  jobs: auto\na:\n  b:\n    c: \"x=y\"\ndata:\n  train: x.csv\n  n: 2\n");
    const ConfNode *epochs = conf_get(at(conf, "train"), "epochs");
    conf_error(epochs, &err, "too many");
    assert_string_equal(err.message, "--set train.epochs: too many");
    static const struct {
        const char *set, *message;
    } wrong[] = {
        {"epochs", "--set epochs: expected KEY=VALUE, as in --set train.epochs=50"},
        {"=3", "--set =3: expected KEY=VALUE, as in --set train.epochs=50"},
        {"a..b=3", "--set a..b: a key is empty"},
        {"train.epochs.x=3", "--set train.epochs.x: `epochs` is a number, not a section"},
        {"x=[1", "--set x: expected `,` or `]` in the list that begins on line 1"},
        {"x=!!int a", "--set x: `a` is no !!int"},
        {"x={a: 1, a: 2}", "--set x: the key `a` stands here twice"},
        {"x=\xff", "--set x: this is not UTF-8; save the file with that encoding"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(conf_set_at(conf, wrong[i].set, NULL, &err));
        assert_string_equal(err.message, wrong[i].message);
    }
    Text after = {0};
    conf_print(conf->root, &after);
    assert_string_equal(after.bytes, out.bytes); /* a refused override changes nothing */
    text_free(&out), text_free(&after);
    conf_set_at(conf, "x=no", NULL, &err);
    assert_int_equal(conf->n_warnings, 1);
    assert_string_equal(conf->warnings[0], "--set x: `no` is text here, but false for other YAML readers; write true or "
                                           "false, or quote it");
}

static void values_and_unknown_keys(void **state)
{
    (void)state;
    Conf *conf = read_text("i: 3\nr: 3.5\nb: true\nt: 'x\"'\nn:\nl: [256, 0.5, \"a\\\"\", true, ~]\nll: [[1]]\nm: {a: {b c: [1, ~]}, d: 0.1}\n");
    static const char *const known[] = {"learning_rate", "epochs", NULL};
    Error err = {0};
    Value value;
    assert_true(conf_value(at(conf, "i"), arena, &value, &err));
    assert_int_equal(value.kind, VALUE_INT);
    assert_true(conf_value(at(conf, "r"), arena, &value, &err));
    assert_int_equal(value.kind, VALUE_REAL);
    assert_true(conf_value(at(conf, "n"), arena, &value, &err));
    assert_int_equal(value.kind, VALUE_LIST);
    assert_string_equal(value.text, "null");
    assert_true(conf_value(at(conf, "l"), arena, &value, &err));
    assert_string_equal(value.text, "[256,0.5,\"a\\\"\",true,null]");
    assert_true(conf_value(at(conf, "ll"), arena, &value, &err));
    assert_string_equal(value.text, "[[1]]");
    assert_true(conf_value(at(conf, "m"), arena, &value, &err));
    assert_string_equal(value.text, "{\"a\":{\"b c\":[1,null]},\"d\":0.1}");
    conf = read_text("f: !!float 3\ne: !!float 1e-5\ni: !!int 3\ns: !!str 3\nn: !!null ~\nb: !!bool true\nl: !!seq [1]\n");
    assert_true(at(conf, "f")->kind == CONF_NUMBER && !at(conf, "f")->integer);
    assert_string_equal(at(conf, "f")->text, "3.0");
    assert_true(at(conf, "e")->kind == CONF_NUMBER && at(conf, "e")->number == 1e-5);
    assert_true(at(conf, "i")->kind == CONF_NUMBER && at(conf, "i")->integer);
    assert_true(at(conf, "s")->kind == CONF_TEXT && at(conf, "n")->kind == CONF_NULL);
    assert_true(at(conf, "b")->kind == CONF_BOOL && at(conf, "l")->kind == CONF_LIST);
    assert_int_equal(conf->n_warnings, 0);

    conf = read_text("epochs: 3\nlearing_rate: 1\n");
    assert_false(conf_only_keys(conf->root, "in `train`", known, &err));
    assert_string_equal(err.message, "s.yaml:2:1: unknown key `learing_rate` in `train`; did you mean `learning_rate`?");
    conf = read_text("zzz: 3\n");
    assert_false(conf_only_keys(conf->root, "", known, &err));
    assert_string_equal(err.message, "s.yaml:1:1: unknown key `zzz`; known keys: learning_rate, epochs");
    assert_true(conf_only_keys(NULL, "", known, &err));
}

static void running_out_of_memory_is_reported(void **state)
{
    (void)state;
    static const char text[] = "a: &x {b: [1, no]}\nc: *x\nd: 'x'\n";
    bool done = false;
    for (long n = 0; !done; n++) {
        Arena *own = arena_create(0);
        Conf *conf = NULL;
        Error err = {0};
        arena_fail_after(own, n);
        done = conf_read_text("s.yaml", text, strlen(text), own, &conf, &err) && conf_set_at(conf, "e.f=[1, 2]", NULL, &err);
        if (!done) assert_int_equal(err.code, ERR_MEMORY);
        assert_true(n < 200);
        arena_destroy(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_follow_yaml_1_2),
        cmocka_unit_test(nodes_know_where_they_stand),
        cmocka_unit_test(aliases_are_copies),
        cmocka_unit_test(every_refusal_is_a_sentence_with_a_place),
        cmocka_unit_test(traps_become_warnings),
        cmocka_unit_test(hostile_files_are_bounded),
        cmocka_unit_test(damaged_files_never_crash),
        cmocka_unit_test(prints_what_reads_back),
        cmocka_unit_test(overrides_are_set_and_refused),
        cmocka_unit_test(values_and_unknown_keys),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests_name("base/conf", tests, start, finish);
}
