/* job/load.c - reads the tables of a configuration, takes the test part off them, and splits the rest. */
#include "job/load.h"

#include <string.h>

#include "cache/tables.h"
#include "data/card.h"
#include "data/card_groups.h"
#include "data/split_given.h"
#include "data/synth.h"
#include "ensemble/asked.h"
#include "ensemble/thresholds.h"
#include "job/cache_place.h"

/* Rows to test with have labels: better said now than when all trials have run. */
static bool can_judge(const char *path, const Table *train, const Table *test, Error *err)
{
    int n = 0;
    for (int i = 0; i < test->n_rows; i++) n += table_known(test, i);
    if (n > 0) return true;
    if (table_has_label(test))
        return error_set(err, ERR_DATA, "%s: no row has a label in `%s`, so nothing can be tested with it;"
                         " leave data.test out, and use `consort predict` on this file",
                         path, test->label_name);
    return error_set(err, ERR_DATA, "%s has no labels (`%s` in the training data), so nothing can be tested"
                     " with it; leave data.test out, and use `consort predict` on this file",
                     path, train->label_name ? train->label_name : "a file of their own");
}

/* What a schema is of, besides the options: the table, and how its file lay. */
static const char *learned_from(const DataFile *file, const Table *table, Arena *arena)
{
    const Layout *at = &table->rules.layout;
    return arena_print(arena, "%s %s %s %d %d %d %d %d %d %d", table->fingerprint, file->images,
                       at->comment ? at->comment : "", at->width, at->label, at->delimiter, at->skip,
                       at->titles, (int)table->rules.names, table->rules.decimal_comma);
}

static bool read_tables(const Config *config, Arena *arena, Data *out, Error *err)
{
    const DataOptions *data = &config->data;
    const ReadOptions *read = &data->read;
    if (read->format == FORMAT_DIGITS) {
        uint64_t seed = (uint64_t)read->digits_seed;
        if (!table_synth_digits(read->rows, seed, 0, read->digits_noise, arena, &out->train, err))
            return false;
        return data->test || read->test_rows == 0
            || table_synth_digits(read->test_rows, seed, 1, read->digits_noise, arena, &out->test,
                                  err);
    }
    const char *cache = cache_place(read->cache, arena);
    if (!cache_read(&data->train_file, read, NULL, NULL, cache, arena, &out->train, err)) return false;
    table_drop_useless(out->train, arena);
    if (!out->train->pixels && out->train->n_columns == 0)
        return error_set(err, ERR_DATA, "%s: no column is left to learn from: all are constant, empty,"
                         " identifiers or free text, which is not supported (`consort data inspect` shows"
                         " them)",
                         data->train_file.images);
    if (!data->test_file.images) return true;
    Schema schema = table_schema(out->train);
    const char *learned = learned_from(&data->train_file, out->train, arena);
    return cache_read(&data->test_file, read, &schema, learned, cache, arena, &out->test, err)
        && can_judge(data->test_file.images, out->train, out->test, err);
}

/* Columns that say how to divide are columns of a table. */
static bool check_keys(const ReadOptions *read, const Table *train, Error *err)
{
    for (int k = 0; k < ROW_KEYS; k++)
        if (read_options_key(read, k) && !train->key[k])
            return error_set(err, ERR_CONFIG, "data.%s: %s have no column `%s`; leave it out", row_key_names[k],
                             train->pixels ? "pictures" : "the data", read_options_key(read, k));
    if (read->soft_labels && read->soft_labels->kind != CONF_NULL && !train->soft)
        return error_set(err, ERR_CONFIG, "data.soft_labels: these data have no such columns; leave it out");
    return true;
}

/* Rows are drawn by class: of numbers there is none. */
static bool check_sampling(const Config *config, const Table *train, Error *err)
{
    const bool asked = config->settings.train.sampling != SAMPLING_NONE
                    || space_find(config->space, "sampling") >= 0;
    return !asked || task_has_classes(&train->task)
        || error_set(err, ERR_CONFIG, "train.sampling is for classes, and `%s` has %s; leave it out",
                     train->label_name, task_names[train->task.kind]);
}

static bool part_tables(const TwoParts *parts, Arena *arena, Data *out, Error *err)
{
    Table *all = out->train, as_read = *all;
    as_read.soft = NULL;
    table_fingerprint(&as_read); /* without the columns that were dropped, as a model reads it */
    memcpy(out->whole, as_read.fingerprint, sizeof out->whole);
    out->test_said = parts->said;
    return table_rows(all, parts->rest, parts->n_rest, arena, &out->train, err)
        && table_rows(all, parts->held, parts->n_held, arena, &out->test, err);
}

/* data.test: {fraction: ...} takes the test rows from the table itself. */
static bool take_test_part(const TestOptions *options, Arena *arena, Data *out, Error *err)
{
    const HoldOut how = {options->fraction, options->stratify, (uint64_t)options->seed, options->gap,
                         options->gap_unit};
    SplitRows rows;
    TwoParts parts;
    if (!split_rows(out->train, arena, &rows, err)) return false;
    if (how.gap > 0 && !rows.order)
        return error_set(err, ERR_CONFIG, "data.test: gap needs data.order, the column that says what came"
                         " when");
    return (split_two(&how, &rows, arena, &parts, err) || error_wrap(err, "data.test"))
        && part_tables(&parts, arena, out, err);
}

/* The table's own test rows, by a column or a file that names them. */
static bool take_given_test(const DataOptions *data, Arena *arena, Data *out, Error *err)
{
    SplitRows rows;
    TwoParts parts;
    if (!split_rows(out->train, arena, &rows, err)) return false;
    if (!split_given_test(&data->split, &rows, data->read.dir, arena, &parts, err)) return false;
    if (parts.n_held == 0) return true;
    if (data->test)
        return error_set(err, ERR_CONFIG, "%s names test rows, and data.test does, too; leave one of them out",
                         data->split.type == SPLIT_FILES ? "split.test" : "data.split_column");
    return part_tables(&parts, arena, out, err);
}

/* Scores of training and test rows mean the same. */
static bool check_weights(const Data *data, const char *path, Error *err)
{
    if (!data->test || !data->train->weight || data->test->weight) return true;
    return error_set(err, ERR_DATA, "%s has no column `%s` (data.weight), so its rows cannot be weighed as"
                     " those that"
                     " train; add it", path, data->train->key[ROW_WEIGHT]->name);
}

static bool find_positive(const Config *config, Data *out, Error *err)
{
    const char *name = config->report.positive_class;
    out->positive = -1;
    if (!name) return true;
    if (!out->train->labels)
        return error_set(err, ERR_CONFIG, "report.positive_class is `%s`, but `%s` has no classes", name,
                         out->train->label_name);
    for (int c = 0; c < out->train->n_classes; c++)
        if (strcmp(out->train->classes[c], name) == 0) out->positive = c;
    if (out->positive >= 0) return true;
    return error_set(err, ERR_CONFIG, "report.positive_class is `%s`, but the classes are %s, %s%s",
                     name, out->train->classes[0],
                     out->train->n_classes > 1 ? out->train->classes[1] : "",
                     out->train->n_classes > 2 ? ", ..." : "");
}

/* A file of data that cannot be read, in a folder that the configuration says or not. */
static void not_there(const Config *config, Error *err)
{
    const Error read = *err;
    if (config->remarks || !conf_get(conf_get(config->conf->root, "data"), "dir")) err->code = ERR_DATA;
    else error_set(err, ERR_DATA, "%s; --set data.dir=FOLDER says where the files are%s", read.message,
                   config->data.read.format == FORMAT_IDX ? ", docs/guides/mnist.md where MNIST is from" : "");
}

bool data_were_words(const Table *train, Error *err)
{
    for (int i = 0; err && err->code == ERR_DATA && train && i < train->n_columns; i++) {
        const Column *c = &train->columns[i];
        if (c->kind != COLUMN_DATE && c->kind != COLUMN_FREE_TEXT) continue;
        Error before = *err;
        error_set(err, ERR_DATA, "%s; if `%s` was still read as words then, `consort sweep` with --set"
                  " 'data.columns={\"%s\": nominal}' goes on with it", before.message, c->name, c->name);
        break;
    }
    return false;
}

bool data_load(Config *config, Arena *arena, Data *out, Error *err)
{
    *out = (Data){0};
    bool ok = read_tables(config, arena, out, err);
    if (ok && (!table_has_label(out->train) || (out->train->labels && out->train->n_classes < 2)))
        ok = error_set(err, ERR_DATA, "the training data have %s; name the column with `data.label`",
                       out->train->labels ? "only one class" : "no label column");
    ok = ok && check_keys(&config->data.read, out->train, err);
    ok = ok && check_sampling(config, out->train, err);
    ok = ok && config_take_task(config, &out->train->task, out->train->label_name, arena, err);
    const TestOptions *part = &config->data.test_part;
    if (ok && config->data.test && !config->data.test_file.images && part->fraction > 0)
        ok = take_test_part(part, arena, out, err);
    ok = ok && take_given_test(&config->data, arena, out, err)
      && check_weights(out, config->data.test_file.images, err);
    Thresholds asked; /* classes that do not exist are said before anything is trained */
    if (ok && !task_has_classes(&out->train->task) && config->ensemble.thresholds
        && config->ensemble.thresholds->kind != CONF_NULL
        && !(config->ensemble.thresholds->text && strcmp(config->ensemble.thresholds->text, "none") == 0))
        ok = error_set(err, ERR_CONFIG, "ensemble.thresholds is about classes, and `%s` is %s; leave it out",
                       out->train->label_name, task_names[out->train->task.kind]);
    ok = ok && asked_fits(&config->ensemble, &out->train->task, err) && find_positive(config, out, err)
      && thresholds_read(config->ensemble.thresholds, out->train->n_classes,
                         (const char *const *)out->train->classes, arena, &asked, err);
    if (ok && out->positive < 0 && out->train->n_classes == 2) out->positive = thresholds_interest(&asked);
    SplitRows rows;
    ok = ok && split_rows(out->train, arena, &rows, err)
      && split_divide(&config->data.split, &rows, config->data.read.dir, arena, &out->split, err)
      && segments_load(config, &config->report.by, "report.by", out->train, out->test, arena, &out->train_by,
                       &out->test_by, err);
    if (!ok && err->code == ERR_IO) not_there(config, err);
    return ok;
}

void data_say_split(const Data *data, Doc *out)
{
    const Table *train = data->train;
    double sum = 0;
    if (data->split && data->split->said) doc_set_text(out, "split", data->split->said);
    if (data->test_said) doc_set_text(out, "test_split", data->test_said);
    if (!train->weight) return;
    for (int i = 0; i < train->n_rows; i++) sum += train->weight[i];
    doc_set_text(out, "weight", train->key[ROW_WEIGHT]->name);
    doc_set_number(out, "weight_sum", sum);
}

Doc *data_card(const Data *data)
{
    Doc *card = card_make(data->train, data->test);
    if (!card) return NULL;
    data_say_split(data, card);
    if (card_warn_groups(data->train, data->test, data->split, card)) return card;
    doc_free(card);
    return NULL;
}

bool table_open(const DataFile *file, const ReadOptions *options, const Schema *schema, Arena *arena,
                Table **out, Error *err)
{
    const char *cache = schema ? NULL : cache_place(options->cache, arena);
    if (cache_read(file, options, schema, NULL, cache, arena, out, err)) return true;
    if (err->code == ERR_IO) err->code = ERR_DATA;
    return false;
}
