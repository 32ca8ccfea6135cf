/* app/verbs/model.c - what is in a model file, whether it is sound, and what tells it from another. */
#include "app/verbs/verbs.h"

#include <math.h>
#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "base/names.h"
#include "job/model_card.h"
#include "job/model_doc.h"
#include "reports/model_card.h"

static bool open_facts(const Cli *cli, int argument, ModelFacts *out, Error *err)
{
    const PlaceOptions said = place_options(cli);
    int trial;
    return cli_int(cli, "trial", 0, 1000000000, -1, &trial, err)
        && model_facts_open(argument < cli->n_arguments ? cli->arguments[argument] : NULL, &said, trial,
                            cli->arena,
                            out, err);
}

/* DATA, read as a model wants it; NULL where it was not given. */
static bool open_rows(const Cli *cli, int argument, const Model *model, bool say, Table **out, Error *err)
{
    const DataFile file = {argument < cli->n_arguments ? cli->arguments[argument] : NULL, cli_value(cli,
                                                                                                    "labels")};
    ReadOptions read;
    *out = NULL;
    if (!file.images) return true;
    if (!read_options(cli, &read, err) || !table_open(&file, &read, &model->schema, cli->arena, out, err))
        return false;
    if (say) say_notes(cli, file.images, *out);
    return true;
}

/* ---- show ------------------------------------------------------------------------------------- */

static void add_names(const Doc *list, const char *key, size_t most, Text *out)
{
    const size_t n = doc_count(list);
    for (size_t i = 0; i < n && i < most; i++) {
        const Doc *entry = key ? doc_get(doc_at(list, i), key) : doc_at(list, i);
        const char *word = doc_to_text(entry, "?"), *quote = names_quote(word);
        text_print(out, "%s%s%s%s", i ? ", " : "", quote, word, quote);
    }
    if (n > most) text_print(out, " and %zu more", n - most);
}

static void print_inputs(const Doc *doc, bool all, Text *out)
{
    const Doc *image = doc_get(doc, "image"), *columns = doc_get(doc, "columns");
    const size_t n = doc_count(columns), most = all ? n : 12;
    if (image) {
        text_print(out, "takes       pictures of %.0f x %.0f%s\n", doc_to_number(doc_get(image, "height"), 0),
                   doc_to_number(doc_get(image, "width"), 0),
                   doc_to_number(doc_get(image, "channels"), 1) == 3 ? ", in colour" : "");
        return;
    }
    text_print(out, "takes       %zu column%s\n", n, n == 1 ? "" : "s");
    for (size_t j = 0; j < n && j < most; j++) {
        const Doc *column = doc_at(columns, j), *levels = doc_get(column, "levels");
        text_print(out, "  %s: %s", doc_to_text(doc_get(column, "name"), "?"),
                   doc_to_text(doc_get(column, "kind"), "?"));
        if (levels) text_add(out, ", ");
        add_names(levels, NULL, all ? doc_count(levels) : 8, out);
        text_add(out, "\n");
    }
    if (n > most) text_print(out, "  and %zu more (-v)\n", n - most);
}

static void print_members(const Doc *doc, bool all, Text *out)
{
    const Doc *members = doc_get(doc, "members");
    const size_t n = doc_count(members), most = all ? n : 12;
    text_print(out, "made of     %.0f network%s in %zu member%s, %.0f weights; taken together by %s\n",
               doc_to_number(doc_get(doc, "networks"), 0),
               doc_to_number(doc_get(doc, "networks"), 0) == 1 ? "" : "s", n, n == 1 ? "" : "s",
               doc_to_number(doc_get(doc, "n_params"), 0), doc_to_text(doc_get(doc, "combine"), "?"));
    for (size_t m = 0; m < n && m < most; m++) {
        const Doc *member = doc_at(members, m), *layers = doc_get(member, "layers");
        text_print(out, "  %s: weight %.4g, %.0f x ", doc_to_text(doc_get(member, "name"), "?"),
                   doc_to_number(doc_get(member, "weight"), NAN), doc_to_number(doc_get(member, "networks"),
                                                                                NAN));
        for (size_t l = 0; l < doc_count(layers); l++)
            text_print(out, "%s%.0f", l ? "-" : "", doc_to_number(doc_at(layers, l), 0));
        text_print(out, " %s%s%s\n", doc_to_text(doc_get(member, "activation"), "?"),
                   doc_to_bool(doc_get(member, "layer_norm"), false) ? ", layer norm" : "",
                   doc_to_bool(doc_get(member, "residual"), false) ? ", residual" : "");
    }
    if (n > most) text_print(out, "  and %zu more (-v)\n", n - most);
}

static void print_origin(const Doc *from, Text *out)
{
    const char *study = doc_to_text(doc_get(from, "study"), NULL), *metric = doc_to_text(doc_get(from,
                                                                                                 "metric"), "");
    const Doc *trials = doc_get(from, "trials");
    const double score = doc_to_number(doc_get(from, "validation_score"), NAN);
    if (doc_get(from, "taught_by"))
        text_print(out, "made by     a teacher, %s\n", doc_to_text(doc_get(doc_get(from, "taught_by"),
                                                                           "name"), "?"));
    if (study) text_print(out, "made by     study %s", study);
    if (study && doc_count(trials) > 0) {
        text_print(out, ", trial%s ", doc_count(trials) == 1 ? "" : "s");
        for (size_t i = 0; i < doc_count(trials); i++)
            text_print(out, "%s%.0f", i ? ", " : "", doc_to_number(doc_at(trials, i), 0));
    }
    if (study) text_print(out, " (Consort %s)\n", doc_to_text(doc_get(from, "version"), "?"));
    if (!isnan(score))
        text_print(out, "scored      %s %.6g on %.0f rows that were not trained on\n", metric, score,
                   doc_to_number(doc_get(from, "validation_rows"), NAN));
    if (doc_get(from, "data_sha256"))
        text_print(out, "trained on  data with fingerprint %s\n", doc_to_text(doc_get(from, "data_sha256"),
                                                                              "?"));
}

static void print_model(const Doc *doc, bool all, Text *out)
{
    const Doc *classes = doc_get(doc, "classes"), *targets = doc_get(doc, "targets");
    const Doc *promises = doc_get(doc, "conformal"), *calibration = doc_get(doc, "calibration");
    text_print(out, "%s: %.0f bytes, SHA-256 %s\n", doc_to_text(doc_get(doc, "path"), "?"),
               doc_to_number(doc_get(doc, "bytes"), 0), doc_to_text(doc_get(doc, "sha256"), "?"));
    text_print(out, "predicts    %s", doc_to_text(doc_get(doc, "task"), "?"));
    if (classes && doc_to_text(doc_get(doc, "label"), NULL))
        text_print(out, " of %s", doc_to_text(doc_get(doc, "label"), "?"));
    text_add(out, ": ");
    add_names(classes ? classes : targets, classes ? NULL : "name", all ? 1000000 : 12, out);
    text_add(out, "\n");
    print_inputs(doc, all, out);
    print_members(doc, all, out);
    if (classes) text_print(out, "calibrated  %s\n", doc_to_text(doc_get(calibration, "method"), "none"));
    text_print(out, "decision    %s\n", doc_to_text(doc_get(doc, "decision"), "?"));
    if (doc_kind(promises) == DOC_OBJECT) {
        text_print(out, "promises    %s that hold the truth in", doc_to_text(doc_get(promises, "kind"), "?"));
        for (size_t l = 0; l < doc_count(doc_get(promises, "levels")); l++)
            text_print(out, "%s %g %%", l ? "," : "", 100 * doc_to_number(doc_at(doc_get(promises, "levels"),
                                                                                 l), 0));
        text_add(out, "\n");
    }
    print_origin(doc_get(doc, "provenance"), out);
}

int cmd_model_show(Cli *cli)
{
    Error err;
    ModelFacts facts;
    Text text = {0};
    if (!open_facts(cli, 0, &facts, &err)) return cli_fail(&err);
    Doc *doc = model_doc(&facts);
    model_facts_free(&facts);
    doc_set_number(doc, "schema", 1);
    if (cli->json) return output_doc(doc);
    print_model(doc, cli->verbose > 0, &text);
    doc_free(doc);
    return output_lines(&text, output_width(cli, OUTPUT_TABLE));
}

/* ---- verify ----------------------------------------------------------------------------------- */

static void print_checks(const Doc *doc, Text *out)
{
    const Doc *checks = doc_get(doc, "checks"), *figures = doc_get(doc, "figures");
    for (size_t i = 0; i < doc_count(checks); i++) {
        const Doc *check = doc_at(checks, i);
        text_print(out, "%-7s %s: %s\n", doc_to_bool(doc_get(check, "ok"), false) ? "ok" : "WRONG",
                   doc_to_text(doc_get(check, "name"), "?"), doc_to_text(doc_get(check, "found"), "?"));
    }
    for (size_t i = 0; i < doc_count(figures); i++) {
        const Doc *figure = doc_at(figures, i), *met = doc_get(figure, "met");
        text_print(out, "%-7s %s %.6g", !met || doc_to_bool(met, false) ? "" : "WRONG",
                   doc_to_text(doc_get(figure, "metric"), "?"), doc_to_number(doc_get(figure, "found"), NAN));
        if (met && !doc_to_bool(met, false))
            text_print(out, ", stored is %.6g", doc_to_number(doc_get(figure, "stored"), NAN));
        text_add(out, "\n");
    }
}

int cmd_model_verify(Cli *cli)
{
    Error err;
    ModelFacts facts;
    Table *table;
    Doc *doc;
    Text text = {0};
    bool sound;
    if (!open_facts(cli, 0, &facts, &err)) return cli_fail(&err);
    bool ok = open_rows(cli, 1, facts.model, true, &table, &err) && model_check(&facts, table, &doc, &sound,
                                                                                &err);
    model_facts_free(&facts);
    if (!ok) return cli_fail(&err);
    doc_set_number(doc, "schema", 1);
    int code;
    if (cli->json) {
        code = output_doc(doc);
    } else {
        print_checks(doc, &text);
        doc_free(doc);
        code = output_lines(&text, output_width(cli, OUTPUT_TABLE));
    }
    return code == EXIT_OK && !sound ? EXIT_GATE : code;
}

/* ---- diff -------------------------------------------------------------------------------------- */

static void print_list(const Doc *doc, const char *key, const char *title, Text *out)
{
    const Doc *list = doc_get(doc, key);
    if (doc_count(list) > 0) text_print(out, "%s\n", title);
    for (size_t i = 0; i < doc_count(list); i++) {
        const Doc *entry = doc_at(list, i);
        text_print(out, "  %s: %s -> %s\n", doc_to_text(doc_get(entry, "what"), "?"),
                   doc_to_text(doc_get(entry, "a"), "none"), doc_to_text(doc_get(entry, "b"), "none"));
    }
}

static void print_paired(const Doc *paired, bool numbers, Text *out)
{
    const char *name;
    const Doc *delta;
    const double only_a = doc_to_number(doc_get(paired, "only_a"), 0),
                 only_b = doc_to_number(doc_get(paired, "only_b"), 0),
                 p = doc_to_number(doc_get(paired, "mcnemar_p"), NAN);
    if (!paired) return;
    text_print(out, "  %s: A %.0f, B %.0f rows (%s, p = %.3g)\n",
               numbers ? "nearer to the truth alone" : "right alone", only_a, only_b,
               numbers ? "exact sign test" : "McNemar's exact test", p);
    for (size_t i = 0; doc_member(paired, i, &name, &delta); i++) {
        if (doc_kind(delta) != DOC_OBJECT) continue;
        text_print(out, "  %s: %.6g -> %.6g, 95 %% from %+.3g to %+.3g\n", name,
                   doc_to_number(doc_get(delta, "a"), NAN), doc_to_number(doc_get(delta, "b"), NAN),
                   doc_to_number(doc_get(delta, "low95"), NAN), doc_to_number(doc_get(delta, "high95"), NAN));
    }
}

static void print_diff(const Doc *doc, bool numbers, Text *out)
{
    const Doc *weights = doc_get(doc, "weights"), *decisions = doc_get(doc, "decisions");
    const double compared = doc_to_number(doc_get(weights, "compared"), 0);
    text_print(out, "A %s\nB %s\n", doc_to_text(doc_get(doc, "a"), "?"), doc_to_text(doc_get(doc, "b"), "?"));
    if (doc_to_bool(doc_get(doc, "same_file"), false)) text_add(out, "the same file, byte for byte\n");
    print_list(doc, "takes", "what they take and say", out);
    print_list(doc, "preprocessing", "preprocessing", out);
    print_list(doc, "members", "what they are made of", out);
    if (compared > 0)
        text_print(out,
                   "weights of %.0f networks of the same shape in the same place: %.3g of their length apart\n",
                   compared, doc_to_number(doc_get(weights, "distance"), NAN));
    else text_add(out, "no two networks of the same shape in the same place\n");
    print_list(doc, "figures", "figures", out);
    if (!decisions) return;
    const double n = doc_to_number(doc_get(decisions, "rows"), 0);
    text_print(out, "on %.0f rows\n", n);
    if (!numbers)
        text_print(out, "  decide otherwise: %.0f (%.3g %%)\n", doc_to_number(doc_get(decisions, "differ"), 0),
                   n > 0 ? 100 * doc_to_number(doc_get(decisions, "differ"), 0) / n : NAN);
    text_print(out, "  %s: largest difference %.4g, mean of the rows' largest %.4g\n",
               numbers ? "numbers" : "probabilities", doc_to_number(doc_get(decisions, "largest_difference"),
                                                                    NAN),
               doc_to_number(doc_get(decisions, "mean_difference"), NAN));
    print_paired(doc_get(decisions, "paired"), numbers, out);
}

int cmd_model_diff(Cli *cli)
{
    Error err;
    ModelFacts a, b;
    Table *of_a, *of_b;
    Doc *doc;
    Text text = {0};
    if (!open_facts(cli, 0, &a, &err)) return cli_fail(&err);
    if (!open_facts(cli, 1, &b, &err)) {
        model_facts_free(&a);
        return cli_fail(&err);
    }
    bool ok = open_rows(cli, 2, a.model, true, &of_a, &err) && open_rows(cli, 2, b.model, false, &of_b, &err)
           && model_diff(&a, &b, of_a, of_b, &doc, &err);
    const bool numbers = a.model->schema.task.kind == TASK_NUMBERS;
    model_facts_free(&a);
    model_facts_free(&b);
    if (!ok) return cli_fail(&err);
    doc_set_number(doc, "schema", 1);
    if (cli->json) return output_doc(doc);
    print_diff(doc, numbers, &text);
    doc_free(doc);
    return output_lines(&text, output_width(cli, OUTPUT_TABLE));
}

/* ---- card -------------------------------------------------------------------------------------- */

int cmd_model_card(Cli *cli)
{
    Error err;
    ModelFacts facts;
    Doc *card;
    Text text = {0};
    if (!open_facts(cli, 0, &facts, &err)) return cli_fail(&err);
    bool ok = model_card(&facts, NULL, &card, &err);
    model_facts_free(&facts);
    if (!ok) return cli_fail(&err);
    if (cli->json) return output_doc(card);
    ok = model_card_markdown(card, cli->arena, &text, &err);
    doc_free(card);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
