/* app/verbs/ensemble.c - builds the ensemble of a study, and says what it is made of. */
#include "app/verbs/verbs.h"

#include <string.h>

#include "app/again.h"
#include "app/arguments.h"
#include "job/kernels.h"
#include "job/products.h"
#include "reports/findings.h"

/* 0.8,0.9 */
static bool read_levels(const Cli *cli, const char *said, TextList *out, Error *err)
{
    const char **items = ARENA_NEW(cli->arena, const char *, FIELD_LIST_MAX);
    int n = 0;
    if (!items) return error_memory(err);
    for (const char *at = said; *at && n < FIELD_LIST_MAX; n++) {
        const size_t length = strcspn(at, ",");
        items[n] = arena_copy_n(cli->arena, at, length);
        if (!items[n]) return error_memory(err);
        at += length + (at[length] == ',');
    }
    *out = (TextList){n, items};
    return true;
}

/* The study's ensemble section with what the line says on top. */
static bool options_of(const Cli *cli, const Config *config, EnsembleOptions *out, Error *err)
{
    static const char *const names[][2] = {{"method", "method"},       {"size", "size"},
                                           {"metric", "metric"},       {"calibrate", "calibrate"},
                                           {"max-bytes", "max_bytes"}, {"max-us", "max_us"},
                                           {"max-networks", "max_networks"}};
    const char *thresholds = cli_value(cli, "thresholds"), *levels = cli_value(cli, "intervals");
    ConfNode *asked;
    *out = config->ensemble;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = cli_value(cli, names[i][0]);
        double number;
        if (!text) continue;
        Value value = text_to_number(text, &number) ? value_real(number) : value_text(text);
        if (!field_assign(&ensemble_fields, names[i][1], &value, out, cli->arena, err))
            return error_wrap(err, "--%s", names[i][0]);
    }
    if (levels && !read_levels(cli, levels, &out->intervals, err)) return false;
    if (!thresholds) return true;
    if (!conf_read_value("--thresholds", thresholds, cli->arena, &asked, err)) return false;
    out->thresholds = asked;
    return true;
}

static void describe(const Ensemble *e, Text *out)
{
    text_print(out, "%s of %d: %s %.6g (best single: trial %d, %.6g)\n", select_method_names[e->method],
               e->n_members, metric_name(e->metric), e->score, e->best_single->number, e->best_single_score);
    if (e->nested.tried)
        text_print(out, "nested validation: stack %.6g, greedy %.6g (standard error of the difference %.2g)\n",
                   e->nested.stack, e->nested.greedy, e->nested.error);
    for (int i = 0; i < e->n_members; i++) {
        const EnsembleMember *member = &e->member[i];
        text_print(out, "  trial %-5d weight %.3f  alone %.6g\n", member->trial->number, member->weight,
                   member->score);
    }
    text_print(out, "calibrated: %s\n%s%s%s%s\n", calibrate_names[1 + e->calibration.method], e->rule,
               e->decision.asked ? " (for " : "", e->decision.asked ? e->decision.asked : "",
               e->decision.asked ? ")" : "");
    if (!e->decision.assured)
        text_add(out, "there are too few rows of the class to be sure of that on new rows\n");
    const Conformal *c = e->conformal.conformal;
    for (int l = 0; c && l < c->n_levels; l++)
        for (int i = 0; i < (c->method[0] >= CONFORMAL_LAC ? 1 : c->n_parts); i++)
            text_print(out, c->method[0] >= CONFORMAL_LAC ? "%g %% sets (%s): %.3g classes on average\n"
                       : "%g %% intervals (%s): %.5g wide on average%s%s\n", 100 * c->level[l],
                       conformal_names[c->method[i]], e->conformal.width[i * c->n_levels + l],
                       c->n_parts > 1 ? ", of " : "", c->n_parts > 1 ? e->parts[i] : "");
    if (c && e->conformal.few) text_add(out, "there are too few rows for the highest of these levels\n");
    text_print(out, "model %s\n", e->path);
}

static int answer(const Cli *cli, const Ensemble *built)
{
    Text text = {0};
    if (cli->json) {
        Doc *doc = ensemble_doc(built);
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
        doc_free(doc);
    } else {
        describe(built, &text);
    }
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

int cmd_ensemble(Cli *cli)
{
    Error err;
    Place place;
    Finished finished;
    EnsembleOptions options;
    if (!find_place(cli, study_argument(cli), &place, &err)
        || !finished_open(&place, cli->arena, &finished, &err))
        return cli_fail(&err);
    again_for_kernels(cli, finished.config);
    /* A study may have been made where there were others. */
    if (!kernels_take((Isa)finished.config->run.isa, &err))
        cli_say(cli, "consort: %s; so the last digits may be others here", err.message);
    bool ok = finished_has_models(&finished, "an ensemble", &err)
           && options_of(cli, finished.config, &options, &err)
           && product_ensemble(&finished, &options, &err);
    int code = ok ? answer(cli, &finished.ensemble) : cli_fail(&err);
    finished_close(&finished);
    return code;
}
