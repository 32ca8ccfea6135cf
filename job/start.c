/* job/start.c - reads a file of rows once, to see what it is, and makes a configuration of one inside the
 * program. */
#include "job/start.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "data/card.h"
#include "data/pictures.h"
#include "data/read.h"
#include "data/source.h"
#include "job/builtin.h"
#include "job/load.h"

enum { MOST_OVERRIDES = 300, MOST_REMARKS = 8, MANY_ROWS = 20000 };
enum { MOST_BINS = 1400, FEWEST_BINS = 8 };
enum { MOST_CLASSES = 100, MOST_NAMED = 8 };

typedef struct {
    StartData said;
    Arena *arena;
    Override over[MOST_OVERRIDES];
    int n_over, n_own;
    const char *remarks[MOST_REMARKS + 1];
    int n_remarks;
    bool quantity; /* the label that was guessed is one */
} Start;

/* ---- saying -------------------------------------------------------------------------------------- */

static bool remark(Start *s, const char *text)
{
    if (text && s->n_remarks < MOST_REMARKS) s->remarks[s->n_remarks++] = text;
    return text != NULL;
}

/* KEY="VALUE", before what the user says. */
static bool put(Start *s, const char *key, const char *value, bool quote)
{
    Text text = {0};
    if (!value) return false; /* there was no memory for it */
    text_print(&text, "%s=", key);
    if (quote) text_json(&text, value);
    else text_add(&text, value);
    const char *assignment = text_ok(&text) ? arena_copy(s->arena, text.bytes) : NULL;
    text_free(&text);
    if (!assignment || s->n_over == MOST_OVERRIDES) return false;
    memmove(s->over + s->n_own + 1, s->over + s->n_own, (size_t)(s->n_over - s->n_own) * sizeof *s->over);
    s->over[s->n_own++] = (Override){assignment, "DATA"};
    s->n_over++;
    return true;
}

/* ---- files --------------------------------------------------------------------------------------- */

/* The pictures to learn from in a folder of MNIST's kind; NULL: none there. */
static const char *pictures_in(const char *folder, Arena *arena)
{
    static const char *const names[] = {"train-images-idx3-ubyte", "train-images-idx3-ubyte.gz",
                                        "train-images.idx3-ubyte"};
    for (size_t i = 0; file_is_folder(folder) && i < sizeof names / sizeof *names; i++) {
        const char *path = path_join(arena, folder, names[i]);
        if (path && file_exists(path)) return path;
    }
    return NULL;
}

bool start_is_data(const char *argument, Arena *arena)
{
    if (file_is_folder(argument)) return pictures_in(argument, arena) || folder_has_pictures(argument, arena);
    return names_data(argument);
}

/* train-images... -> t10k-images..., test-images...; NULL: it is not there. */
static const char *test_beside(const char *train, Arena *arena)
{
    static const char *const words[] = {"t10k", "test"};
    const char *word = strstr(path_base(train), "train");
    for (size_t i = 0; word && i < sizeof words / sizeof *words; i++) {
        const char *path = arena_print(arena, "%.*s%s%s", (int)(word - train), train, words[i], word + 5);
        if (path && file_exists(path)) return path;
    }
    return NULL;
}

/* "a/churn.csv.gz" -> churn; of a folder its own name. What no study may have in its name, line
 * breaks and their like, becomes _, and what is too long is cut. */
static const char *name_of(const char *data, Arena *arena)
{
    const char *stem = source_stem(arena, data);
    bool usable = stem && *stem && strcmp(stem, ".") != 0 && strcmp(stem, "..") != 0;
    char *name = usable ? arena_copy(arena, stem) : NULL;
    for (char *c = name; c && *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F) *c = '_';
    enum { LONGEST = 200 };
    if (name && strlen(name) > LONGEST) {
        int n = LONGEST;
        while (n > 0 && ((unsigned char)name[n] & 0xC0) == 0x80) n--;
        name[n] = '\0';
    }
    return name ? name : "study";
}

/* ---- the label ----------------------------------------------------------------------------------- */

/* Does it hold classes, as far as one can tell? */
static bool is_classes(const Column *column, int n_rows)
{
    double seen[MOST_CLASSES];
    int n = column->n_levels;
    const int most = n_rows / 2 < MOST_CLASSES ? n_rows / 2 : MOST_CLASSES;
    if (column->kind == COLUMN_NUMERIC) {
        n = 0;
        for (int r = 0; r < n_rows; r++) {
            double number = column_number(column, r);
            int i = 0;
            if (isnan(number)) continue;
            while (i < n && seen[i] != number) i++;
            if (i == n && n == most) return false;
            seen[i] = number;
            n += i == n;
            if (number != floor(number)) return false;
        }
    }
    return n >= 2 && n <= most;
}

static bool is_called_label(const char *name)
{
    static const char *const words[] = {"class", "label", "target", "outcome", "y"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(name, words[i]) == 0) return true;
    return false;
}

/* Or numbers of many sizes: only under a name for what is to be predicted. */
static bool is_quantity(const Column *column, int n_rows)
{
    double first = NAN;
    for (int r = 0; column->kind == COLUMN_NUMERIC && r < n_rows; r++) {
        double number = column_number(column, r);
        if (isnan(first)) first = number;
        if (!isnan(number) && number != first) return true;
    }
    return false;
}

/* Those that could be it, or what there is to say where none could. */
static bool not_plain(const Start *s, const Table *table, int named, Error *err)
{
    const char *list = "", *data = s->said.data;
    int n = 0;
    for (int c = 0; list && c < table->n_columns; c++) {
        if (!is_classes(&table->columns[c], table->n_rows)) continue;
        if (named > 1 && !is_called_label(table->columns[c].name)) continue;
        if (n++ < MOST_NAMED)
            list = arena_print(s->arena, "%s%s%.60s", list, *list ? ", " : "", table->columns[c].name);
    }
    if (!list) return error_memory(err);
    if (n == 0)
        return error_set(err, ERR_CONFIG, "%s: no column looks like classes; name the one that is to be"
                         " predicted, classes or numbers, with --label COLUMN", data);
    return error_set(err, ERR_CONFIG, "%s: which column is the class? --label COLUMN says it; it could be %s%s",
                     data,
                     list, n > MOST_NAMED ? ", ..." : "");
}

/* The table was read without a label: all its columns are there. */
static bool guess_label(Start *s, const Table *table, Error *err)
{
    int named = 0, found = table->n_columns - 1;
    for (int c = 0; c < table->n_columns; c++)
        if (is_called_label(table->columns[c].name)) named++, found = c;
    for (int c = 0; named == 0 && c < table->n_columns; c++) /* less plainly: beside a class it is no label */
        if (strcasecmp(table->columns[c].name, "price") == 0) named++, found = c;
    const bool classes = table->n_columns > 0 && is_classes(&table->columns[found], table->n_rows);
    if (table->n_columns == 0 || named > 1
        || (!classes && !(named == 1 && is_quantity(&table->columns[found], table->n_rows))))
        return not_plain(s, table, named, err);
    const Column *column = &table->columns[found];
    const char *value = column->name;
    if (table->rules.names == NAMES_BY_PLACE) value = arena_print(s->arena, "%d", column->place + 1);
    s->quantity = !classes;
    bool ok = value && put(s, "data.label", value, true)
           && remark(s, arena_print(s->arena, "the label is %s%s%s%s%s (--label COLUMN for another)",
                                    value == column->name ? "`" : "column ", value, value == column->name ? "`"
                                        : "",
                                    named ? "" : ", the last column", classes ? "" : ", a quantity"));
    return ok || error_memory(err);
}

/* ---- the configuration --------------------------------------------------------------------------- */

static bool read_with(Start *s, const char *which, Config **out, Error *err)
{
    const Builtin *built = builtin_find(which);
    const char *name = arena_print(s->arena, "(built in) %s", built->file);
    if (!name) return error_memory(err);
    if (!config_read_said(name, built->text, "", s->over, s->n_over, s->arena, out, err)) return false;
    (*out)->data.read.given = s->said.given;
    (*out)->data.read.n_given = s->said.n_given;
    if (!s->said.no_test || s->said.test) return true;
    (*out)->data.test = NULL; /* the one of configs/mnist.yaml */
    (*out)->data.test_file = (DataFile){0};
    return true;
}

static bool has(const Config *config, const char *key)
{
    return conf_get(conf_get(config->conf->root, "data"), key) != NULL;
}

static bool put_files(Start *s, const char *data, bool pictures, Error *err)
{
    const char *test = s->said.test;
    bool ok = true;
    if (s->said.labels) {
        ok = put(s, "data.train", "{}", false) && put(s, "data.train.images", data, true)
          && put(s, "data.train.labels", s->said.labels, true);
    } else {
        ok = put(s, "data.train", data, true);
    }
    if (!test && pictures && (test = test_beside(data, s->arena)) != NULL)
        ok = ok && remark(s, arena_print(s->arena, "test rows are those of %s", test));
    if (test) ok = ok && put(s, "data.test", test, true);
    else if (!s->said.no_test)
        ok = ok && put(s, "data.test", "{fraction: 0.2, stratify: true, seed: 99}", false);
    return ok || error_memory(err);
}

/* The study is called after the file, the description after what is in it. */
static bool put_names(Start *s, const char *data, bool pictures, Error *err)
{
    const char *about = arena_print(s->arena, "Networks on %s of %s", pictures ? "the images" : "the rows",
                                    source_is_query(data) ? data : path_base(data));
    return (about && put(s, "description", about, true) && put(s, "name", name_of(s->said.data, s->arena),
                                                               true))
        || error_memory(err);
}

/* What columns were found to be is said in the configuration, where it can be changed. An order of day and
 * month that nothing tells is said at once. */
static bool put_columns(Start *s, const Table *table, const TextList *labels, Error *err)
{
    Text map = {0};
    bool texts = false;
    for (int c = 0; c < table->n_columns; c++) {
        const Column *column = &table->columns[c];
        bool date = column->kind == COLUMN_DATE;
        bool label = false, text = column->kind == COLUMN_FREE_TEXT;
        for (int i = 0; i < labels->n; i++) label = label || strcmp(labels->items[i], column->name) == 0;
        if ((!date && !text) || label) continue;
        texts = texts || text;
        text_add(&map, map.n ? ", " : "{");
        text_json(&map, column->name);
        text_add(&map, date ? ": {date: " : ": text");
        if (date) text_json(&map, column->format);
        if (date) text_add(&map, "}");
    }
    text_add(&map, "}");
    bool ok = text_ok(&map) && (map.n == 1 || put(s, "data.columns", map.bytes, false));
    if (ok && texts) /* how much of a text is worth knowing, its data tell */
        ok = put(s, "parameters.text_features", "{values: [1024, 4096, 16384]}", false)
          && put(s, "parameters.text_ngrams", "{values: [words, both]}", false);
    text_free(&map);
    for (int i = 0; i < table->n_notes && ok; i++)
        if (strstr(table->notes[i], "do not say which is the month")) ok = remark(s, table->notes[i]);
    return ok || error_memory(err);
}

/* Does the user say it, KEY=...? */
static bool is_said(const Start *s, const char *key)
{
    const size_t n = strlen(key);
    for (int i = s->n_own; i < s->n_over; i++)
        if (strncmp(s->over[i].assignment, key, n) == 0 && s->over[i].assignment[n] == '=') return true;
    return false;
}

/* Bins of piecewise-linear encoding, of many columns fewer each: what a step updates grows with all of them. */
static bool put_bins(Start *s, int preset_bins, const Table *table)
{
    int n = 0;
    for (int c = 0; c < table->n_columns; c++) n += table->columns[c].kind == COLUMN_NUMERIC;
    if (n * preset_bins <= MOST_BINS || is_said(s, "parameters.ple_bins")) return true;
    int bins = MOST_BINS / n < FEWEST_BINS ? FEWEST_BINS : MOST_BINS / n;
    return put(s, "data.preprocess.ple_bins", arena_print(s->arena, "%d", bins), false);
}

/* How much is done. A search for numbers has a size of its own, unless it is asked for another. */
static bool put_plan(Start *s, const Config *config, const Table *table, double *cap_s, Error *err)
{
    static const char *const hold_out = "{type: holdout, val_fraction: 0.2, stratify: true, seed: 1}";
    const EffortAsked *asked = &s->said.asked;
    EffortPlan plan;
    if (!effort_plan(config, table, asked, s->arena, &plan, err)) return false;
    *cap_s = plan.cap_s;
    const bool numbers = s->quantity || (table->targets != NULL && table->task.kind == TASK_NUMBERS);
    const bool large = numbers && table->n_rows > MANY_ROWS && plan.folds > 1;
    bool ok = numbers || put_bins(s, config->settings.prep.ple_bins, table);
    if (ok && (!numbers || asked->effort || asked->time_s > 0))
        ok = put(s, "run_cap", arena_print(s->arena, "%d", plan.trials), false)
          && (is_said(s, "run_cap") || remark(s, plan.remark));
    if (ok && (large || plan.folds == 1)) ok = put(s, "data.split", hold_out, false);
    if (ok && large)
        ok = remark(s, arena_print(s->arena, "of %d rows a fifth validates; five folds would take five times as"
                                   " long", table->n_rows));
    if (ok && plan.half && !is_said(s, "parameters.epochs"))
        ok = put(s, "train.epochs", arena_print(s->arena, "%d", config->settings.train.epochs / 2), false);
    return ok || error_memory(err);
}

/* One look at the file: is it pictures, how many rows are there, which column is the label? */
static bool look(Start *s, const char *data, Config **config, Table **table, Error *err)
{
    const char *none = "none";
    if (!put(s, "data.dir", ".", true)) return error_memory(err);
    if (!put_names(s, data, false, err) || !put_files(s, data, false, err)) return false;
    if (!read_with(s, "table", config, err)) return false;
    ReadOptions read = (*config)->data.read;
    if (read.label.n == 0) read.label = (TextList){1, &none};
    return table_open(&(*config)->data.train_file, &read, NULL, s->arena, table, err);
}

/* A configuration under the name of a data file is called what it is. */
static bool wrong(const Start *s, const char *data, Error *err)
{
    enum { MOST = 1 << 20 };
    static const char *const keys[] = {"method", "parameters", "data", "program"};
    Error ignored;
    Conf *conf;
    const int64_t bytes = file_is_folder(data) ? 0 : file_bytes(data);
    bool ours = bytes > 0 && bytes < MOST && conf_read_file(data, s->arena, &conf, &ignored), meant = false;
    for (size_t i = 0; ours && i < sizeof keys / sizeof *keys; i++)
        meant |= conf->root->kind == CONF_MAP && conf_get(conf->root, keys[i]);
    if (meant)
        error_set(err, ERR_CONFIG, "%s is a configuration by what is in it; give it a name that ends in .yaml",
                  data);
    return false;
}

bool start_config(const StartData *start, const Override *overrides, int n, Arena *arena, Config **out,
                  Error *err)
{
    Start *s = ARENA_NEW(arena, Start, 1), *first = ARENA_NEW(arena, Start, 1);
    Config *config;
    Table *table;
    if (!s || !first) return error_memory(err);
    *s = (Start){.said = *start, .arena = arena, .n_over = n};
    if (n > MOST_OVERRIDES - 20)
        return error_set(err, ERR_CONFIG, "more than %d settings", MOST_OVERRIDES - 20);
    if (n > 0) memcpy(s->over, overrides, (size_t)n * sizeof *overrides);
    *first = *s;
    const char *data = start->data, *inside = pictures_in(data, arena);
    if (inside) data = inside;
    if (file_is_folder(data) && !folder_has_pictures(data, arena))
        return error_set(err, ERR_CONFIG, "%s is a folder without pictures and without train-images-idx3-ubyte;"
                                          " name the file to learn from",
                         data);
    if (!look(first, data, &config, &table, err)) return wrong(s, data, err);
    const bool pictures = table->pixels != NULL;
    double cap_s = 0;
    if (!put(s, "data.dir", ".", true)) return error_memory(err);
    if (pictures && !put(s, "data.format", "auto", false)) return error_memory(err);
    if (!put_names(s, data, pictures, err) || !put_files(s, data, pictures, err)) return false;
    if (!pictures && config->data.read.label.n == 0 && !guess_label(s, table, err)) return wrong(s, data, err);
    if (pictures && !table->labels)
        return error_set(err, ERR_CONFIG, "%s: there are no labels: no file of them beside it, no folder of"
                                          " each class in it; name one with --labels FILE", data);
    if (pictures && start->asked.effort)
        return error_set(err, ERR_CONFIG, "--effort is for tables, and %s are pictures: --trials N says how"
                                          " much is done", data);
    if (!pictures && !put_plan(s, config, table, &cap_s, err)) return false;
    if (!pictures && !has(config, "columns") && !put_columns(s, table, &config->data.read.label, err))
        return false;
    if (!read_with(s, pictures ? "images" : "table", out, err)) return false;
    (*out)->remarks = s->remarks;
    if (cap_s > 0) (*out)->run.time_cap = cap_s;
    return has(*out, "train") || error_memory(err);
}

/* ---- as a file ----------------------------------------------------------------------------------- */

/* A class or a column may be called anything, and a line of a comment stays one: what ends lines in YAML
 * becomes blanks. */
static void one_line(Text *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        bool next_line = c[0] == 0xC2 && c[1] == 0x85;
        bool separator = c[0] == 0xE2 && c[1] == 0x80 && (c[2] == 0xA8 || c[2] == 0xA9);
        if (*c >= 32 && !next_line && !separator) {
            text_add_n(out, (const char *)c, 1);
            continue;
        }
        text_add(out, " ");
        c += next_line ? 1 : separator ? 2 : 0;
    }
}

/* Folded. */
static void remark_lines(Text *out, const char *before, const char *text)
{
    enum { MOST = 108 };
    size_t n = strlen(text), at = 0;
    while (at < n) {
        size_t most = MOST - strlen(before), take = n - at;
        if (take > most)
            for (take = most; take > most / 2 && text[at + take] != ' ';) take--;
        while (take > 1 && ((unsigned char)text[at + take] & 0xC0) == 0x80) take--; /* a whole letter */
        text_print(out, "# %s%.*s\n", at ? "  " : before, (int)take, text + at);
        at += take;
        while (text[at] == ' ') at++;
    }
}

static void say(Text *out, const char *before, const char *text)
{
    Text line = {0};
    if (!text) { /* no memory */
        out->broken = true;
        return;
    }
    one_line(&line, text);
    if (text_ok(&line) && line.n > 0) remark_lines(out, before, line.bytes);
    text_free(&line);
}

static void head(const Config *config, const Table *table, const Doc *card, Arena *arena, Text *out)
{
    const DataFile *file = &config->data.train_file;
    say(out, "", arena_print(arena, "Made from %s by `consort init`, or by `consort run` of it; yours to"
                                    " change.",
                              source_is_query(file->images) ? file->images : path_base(file->images)));
    if (table->pixels) text_print(out, "# %d images of %d x %d%s", table->n_rows, table->height, table->width,
                                  pixels_colour(table->channels));
    else text_print(out, "# %d rows, %d columns", table->n_rows, table->n_columns);
    if (table->targets) text_print(out, ", %s", task_names[table->task.kind]);
    else text_print(out, ", %d classes", table->n_classes);
    const Doc *balance = doc_get(card, "class_balance");
    for (size_t i = 0; i < doc_count(balance) && i < MOST_NAMED; i++) {
        const Doc *one = doc_at(balance, i);
        text_add(out, i ? ", " : ": ");
        one_line(out, doc_to_text(doc_get(one, "class"), "?"));
        text_print(out, " %.0f", doc_to_number(doc_get(one, "rows"), NAN));
    }
    text_print(out, "%s\n", doc_count(balance) > MOST_NAMED ? ", ..." : "");
    for (int i = 0; config->remarks && config->remarks[i]; i++) say(out, "decided: ", config->remarks[i]);
    static const char *const lists[] = {"notes", "warnings"}, *const words[] = {"note: ", "warning: "};
    for (int l = 0; l < 2; l++)
        for (size_t i = 0; i < doc_count(doc_get(card, lists[l])); i++) {
            const Doc *line = doc_at(doc_get(card, lists[l]), i);
            say(out, words[l], doc_to_text(line, doc_to_text(doc_get(line, "text"), "?")));
        }
    text_add(out, "# `consort help config` has every key there is.\n");
}

bool start_print(const Config *config, const char *folder, Arena *arena, Text *out, Error *err)
{
    Table *table;
    if (!table_open(&config->data.train_file, &config->data.read, NULL, arena, &table, err)) return false;
    table_drop_useless(table, arena);
    Doc *card = card_make(table, NULL);
    Text text = {0};
    if (card) head(config, table, card, arena, &text);
    doc_free(card);
    if (text_ok(&text)) text_calm(text.bytes, text.n, true);
    bool ok = card && text_ok(&text);
    if (ok) text_add(out, text.bytes);
    text_free(&text);
    return (ok && config_print_commented(config, folder, out)) || error_memory(err);
}
