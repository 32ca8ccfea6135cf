/* app/verbs/distill.c - a large ensemble teaches a small network, and how both fare. */
#include "app/verbs/verbs.h"

#include <math.h>
#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "base/file.h"
#include "job/distill.h"

/* --budget params=2000, several of them, or several in one: params=2000,us=1. */
static bool read_budget(const Cli *cli, Budget *out, Error *err)
{
    const char *texts[CLI_MAX_OPTIONS];
    const int n = cli_values(cli, "budget", texts);
    *out = (Budget){{0}};
    if (n == 0)
        return error_set(err, ERR_CONFIG, "how small? --budget params=2000 says how many weights it may have;"
                         " bytes=, us= (microseconds a row) are possible, too");
    for (int i = 0; i < n; i++)
        for (const char *at = texts[i]; *at;) {
            const size_t length = strcspn(at, ",");
            const char *part = arena_copy_n(cli->arena, at, length);
            const char *sign = part ? strchr(part, '=') : NULL;
            const char *name = sign ? arena_copy_n(cli->arena, part, (size_t)(sign - part)) : part;
            double most;
            if (!part || !name) return error_memory(err);
            const int kind = names_find(budget_names, name);
            if (kind < 0)
                return error_set(err, ERR_CONFIG, "--budget %.60s: there is no such budget%s", part,
                                 names_suggest(name, budget_names, "; params, bytes and us are known").text);
            if (!sign || !text_to_number(sign + 1, &most) || !(most > 0) || !isfinite(most))
                return error_set(err, ERR_CONFIG, "--budget %.60s: it takes a number above 0, as in %s=2000",
                                 part, budget_names[kind]);
            out->most[kind] = most;
            at += length + (at[length] == ',');
        }
    return true;
}

static void on_line(void *context, bool notice, const char *line)
{
    (void)notice;
    cli_say(context, "%s", line);
}

static bool is_file(const char *argument)
{
    size_t n = strlen(argument);
    return n > 8 && strcmp(argument + n - 8, ".consort") == 0;
}

/* A model file and --data. */
static bool of_file(const Cli *cli, const DistillOptions *options, Doc **out, Error *err)
{
    Model *model;
    const char *path, *data = cli_value(cli, "data"), *test = cli_value(cli, "test");
    ReadOptions read;
    Table *rows, *tests = NULL;
    PlaceOptions said = place_options(cli);
    DataFile file = {data, cli_value(cli, "labels")}, test_file = {test, NULL};
    if (!data)
        return error_set(err, ERR_CONFIG, "%.200s is a model and knows no rows: --data FILE says from which to"
                         " learn; a study's folder teaches its own", cli->arguments[0]);
    if (!model_open(cli->arguments[0], &said, cli->arena, &model, &path, err) || !read_options(cli, &read, err)
        || !table_open(&file, &read, &model->schema, cli->arena, &rows, err))
        return false;
    say_notes(cli, data, rows);
    if (!table_has_label(rows))
        return error_set(err, ERR_DATA, "%s has no label column; name it with --label", data);
    if (test && !table_open(&test_file, &read, &model->schema, cli->arena, &tests, err)) return false;
    if (tests && !table_has_label(tests))
        return error_set(err, ERR_DATA, "%s has no label column; name it with --label", test);
    return distill_rows(model, path, rows, tests, options, cli->arena, out, err);
}

static bool of_study(const Cli *cli, const DistillOptions *options, Doc **out, Error *err)
{
    Place place;
    const char *test = cli_value(cli, "test");
    const DataFile file = {test, cli_value(cli, "labels")};
    if (cli_value(cli, "data"))
        return error_set(err, ERR_CONFIG, "--data is for a model file; a study teaches its own training rows");
    return find_place(cli, cli->arguments[0], &place, err)
        && distill_study(&place, test ? &file : NULL, options, cli->arena, out, err);
}

/* ---- the answer -------------------------------------------------------------------------------------- */

static void put_line(const char *who, const Doc *of, const char *const *metrics, Text *out)
{
    text_print(out, "  %-12s", who);
    for (int i = 0; metrics[i]; i++) {
        const double value = doc_to_number(doc_get(doc_get(of, "metrics"), metrics[i]), NAN);
        text_print(out, " %10.4g", value);
    }
    for (int b = 0; b < BUDGETS; b++)
        text_print(out, b == BUDGET_US ? " %10.2f" : " %10.0f",
                   doc_to_number(doc_get(of, budget_key(b)), NAN));
    text_add(out, "\n");
}

static void describe(const Doc *doc, Text *out)
{
    static const char *const of_classes[] = {"accuracy", "log_loss", NULL};
    static const char *const of_numbers[] = {"rmse", "r2", NULL};
    static const char *const of_labels[] = {"f1_macro", "log_loss", NULL};
    const Doc *teacher = doc_get(doc, "teacher"), *judged = doc_get(doc, "judged");
    const Doc *given = doc_get(doc, "settings");
    const Doc *metrics = doc_get(teacher, "metrics"), *hidden = doc_get(given, "hidden");
    const char *const *names = doc_get(metrics, "accuracy") ? of_classes : doc_get(metrics, "rmse") ? of_numbers
        : of_labels;
    const bool test = strcmp(doc_to_text(doc_get(judged, "on"), ""), "test") == 0;
    text_print(out, "The teacher has %.0f networks; of %.0f training rows it spoke out of fold", doc_to_number(
                   doc_get(teacher, "networks"), 0), doc_to_number(doc_get(teacher, "out_of_fold"), 0));
    if (doc_to_number(doc_get(teacher, "in_sample"), 0) > 0)
        text_print(out, ", of %.0f it may have seen the label",
                   doc_to_number(doc_get(teacher, "in_sample"), 0));
    text_add(out, ".\nThe network has");
    for (size_t l = 0; l < doc_count(hidden); l++)
        text_print(out, "%s%.0f", l ? ", " : " ", doc_to_number(doc_at(hidden, l), 0));
    text_print(out, " hidden units and learns %.0f %% from the teacher, the rest from the labels.\n\n"
               "On %.0f %s:\n", 100 * doc_to_number(doc_get(given, "soft_weight"), 0),
               doc_to_number(doc_get(judged, "rows"), 0),
               test ? "test rows" : "held-out rows, by which it was chosen");
    text_print(out, "  %-12s", "");
    for (int i = 0; names[i]; i++) text_print(out, " %10s", names[i]);
    for (int b = 0; b < BUDGETS; b++) text_print(out, " %10s", budget_names[b]);
    text_add(out, "\n");
    put_line("teacher", teacher, names, out);
    put_line("labels alone", doc_get(doc, "labels"), names, out);
    put_line("distilled", doc_get(doc, "student"), names, out);
    text_print(out, "model %s\n", doc_to_text(doc_get(doc_get(doc, "student"), "model"), ""));
}

int cmd_distill(Cli *cli)
{
    Error err;
    Doc *doc = NULL;
    int seed;
    DistillOptions options = {.out = cli_value(cli, "out"), .on_line = on_line, .context = cli};
    if (!options.out) {
        error_set(&err, ERR_CONFIG, "--out FILE: where is the small network to be written?");
        return cli_fail(&err);
    }
    if (!read_budget(cli, &options.budget, &err) || !cli_int(cli, "seed", 0, INT32_MAX, 0, &seed, &err))
        return cli_fail(&err);
    options.seed = (uint64_t)seed;
    options.in_sample = cli_flag(cli, "in-sample");
    if (!(is_file(cli->arguments[0]) ? of_file : of_study)(cli, &options, &doc, &err)) return cli_fail(&err);
    if (cli->json) {
        Doc *answer = output_answer();
        const char *key;
        const Doc *child;
        for (size_t i = 0; doc_member(doc, i, &key, &child); i++) doc_set(answer, key, doc_copy(child));
        doc_free(doc);
        return output_doc(answer);
    }
    Text text = {0};
    describe(doc, &text);
    doc_free(doc);
    return output_lines(&text, output_width(cli, OUTPUT_TABLE));
}
