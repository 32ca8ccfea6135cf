#include "app/verbs/verbs.h"

#include <stdio.h>

#include "job/products.h"

/* The study's ensemble section with --method, --size, --metric on top. */
static bool options_of(const Cli *cli, const Config *config, EnsembleOptions *out, Error *err)
{
    static const char *const names[] = {"method", "size", "metric"};
    *out = config->ensemble;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = cli_value(cli, names[i]);
        double number;
        if (!text) continue;
        Value value = text_to_number(text, &number) ? value_real(number) : value_text(text);
        if (!field_assign(&ensemble_fields, names[i], &value, out, cli->arena, err))
            return error_wrap(err, "--%s", names[i]);
    }
    return true;
}

static void describe(const Doc *summary, Text *out)
{
    const Doc *members = doc_get(summary, "members"), *best = doc_get(summary, "best_single");
    text_print(out, "%s of %zu: %s %.6g (best single: trial %.0f, %.6g)\n",
               doc_to_text(doc_get(summary, "method"), "?"), doc_count(members),
               doc_to_text(doc_get(summary, "metric"), "?"),
               doc_to_number(doc_get(summary, "score"), 0),
               doc_to_number(doc_get(best, "trial"), -1),
               doc_to_number(doc_get(best, "score"), 0));
    for (size_t i = 0; i < doc_count(members); i++) {
        const Doc *member = doc_at(members, i);
        text_print(out, "  trial %-5.0f weight %.3f  alone %.6g\n",
                   doc_to_number(doc_get(member, "trial"), -1),
                   doc_to_number(doc_get(member, "weight"), 0),
                   doc_to_number(doc_get(member, "score"), 0));
    }
    text_print(out, "model %s\n", doc_to_text(doc_get(summary, "path"), "?"));
}

int cmd_ensemble(Cli *cli)
{
    Error err;
    Finished finished;
    EnsembleOptions options;
    Doc *summary = NULL;
    if (!finished_open(cli, cli->n_arguments ? cli->arguments[0] : NULL, &finished, &err))
        return cli_fail(&err);
    bool ok = finished_has_models(&finished, "an ensemble", &err)
           && options_of(cli, finished.config, &options, &err)
           && product_ensemble(&finished, &options, &summary, &err);
    finished_close(&finished);
    if (!ok) return cli_fail(&err);
    Text text = {0};
    if (cli->json) {
        doc_print(summary, 1, &text);
        text_add(&text, "\n");
    } else {
        describe(summary, &text);
    }
    int code = cli_answer(&text);
    text_free(&text);
    doc_free(summary);
    return code;
}
