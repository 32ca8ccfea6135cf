/* job/load.c - reads the tables of a configuration, takes the test part off them, and splits the rest. */
#include "job/load.h"

#include <string.h>

#include "data/synth.h"
#include "ensemble/thresholds.h"

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
    if (!table_read(&data->train_file, read, NULL, arena, &out->train, err)) return false;
    table_drop_useless(out->train, arena);
    if (!out->train->pixels && out->train->n_columns == 0)
        return error_set(err, ERR_DATA, "%s: no column is left to learn from: all are constant, empty,"
                         " identifiers or free text, which is not supported (`consort data inspect` shows"
                         " them)",
                         data->train_file.images);
    if (!data->test_file.images) return true;
    Schema schema = table_schema(out->train);
    return table_read(&data->test_file, read, &schema, arena, &out->test, err)
        && can_judge(data->test_file.images, out->train, out->test, err);
}

/* data.test: {fraction: ...} takes the test rows from the table itself. */
static bool take_test_part(const TestOptions *options, Arena *arena, Data *out, Error *err)
{
    const HoldOut how = {options->fraction, options->stratify, (uint64_t)options->seed};
    TwoParts parts;
    Table *all = out->train, as_read = *all;
    table_fingerprint(&as_read); /* without the columns that were dropped, as a model reads it */
    memcpy(out->whole, as_read.fingerprint, sizeof out->whole);
    const int32_t *strata;
    int n_strata;
    return table_strata(all, arena, &strata, &n_strata, err)
        && split_hold_out(&how, strata, all->n_rows, n_strata, arena, &parts, err)
        && table_rows(all, parts.rest, parts.n_rest, arena, &out->train, err)
        && table_rows(all, parts.held, parts.n_held, arena, &out->test, err);
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

bool data_load(Config *config, Arena *arena, Data *out, Error *err)
{
    *out = (Data){0};
    bool ok = read_tables(config, arena, out, err);
    if (ok && (!table_has_label(out->train) || (out->train->labels && out->train->n_classes < 2)))
        ok = error_set(err, ERR_DATA, "the training data have %s; name the column with `data.label`",
                       out->train->labels ? "only one class" : "no label column");
    ok = ok && config_take_task(config, &out->train->task, out->train->label_name, arena, err);
    const TestOptions *part = &config->data.test_part;
    if (ok && config->data.test && !config->data.test_file.images && part->fraction > 0)
        ok = take_test_part(part, arena, out, err);
    Thresholds asked; /* classes that do not exist are said before anything is trained */
    if (ok && !task_has_classes(&out->train->task) && config->ensemble.thresholds
        && config->ensemble.thresholds->kind != CONF_NULL
        && !(config->ensemble.thresholds->text && strcmp(config->ensemble.thresholds->text, "none") == 0))
        ok = error_set(err, ERR_CONFIG, "ensemble.thresholds is about classes, and `%s` is %s; leave it out",
                       out->train->label_name, task_names[out->train->task.kind]);
    ok = ok && find_positive(config, out, err)
      && thresholds_read(config->ensemble.thresholds, out->train->n_classes,
                         (const char *const *)out->train->classes, arena, &asked, err);
    if (ok && out->positive < 0 && out->train->n_classes == 2) out->positive = thresholds_interest(&asked);
    const int32_t *strata = NULL;
    int n_strata = 0;
    ok = ok && table_strata(out->train, arena, &strata, &n_strata, err)
      && split_make(&config->data.split, strata, out->train->n_rows, n_strata, arena, &out->split, err)
      && segments_load(config, &config->report.by, "report.by", out->train, out->test, arena, &out->train_by,
                       &out->test_by, err);
    if (!ok && err->code == ERR_IO) not_there(config, err);
    return ok;
}

bool table_open(const DataFile *file, const ReadOptions *options, const Schema *schema, Arena *arena,
                Table **out, Error *err)
{
    if (table_read(file, options, schema, arena, out, err)) return true;
    if (err->code == ERR_IO) err->code = ERR_DATA;
    return false;
}
