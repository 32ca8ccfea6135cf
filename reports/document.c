#include "reports/document_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- gathering ----------------------------------------------------------------------------- */

typedef struct {
    double key; /* minimized */
    int number, at;
} RankKey;

static int by_rank(const void *a, const void *b)
{
    const RankKey *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static bool rank_trials(Facts *facts, Error *err)
{
    RankKey *keys = ARENA_NEW(facts->arena, RankKey, facts->n_trials);
    int *ranked = ARENA_NEW(facts->arena, int, facts->n_trials);
    if (!keys || !ranked) return error_memory(err);
    bool maximize = facts->study.maximize;
    int n = 0;
    for (int i = 0; i < facts->n_trials; i++) {
        const TrialRow *trial = &facts->trials[i];
        if (!trial_ranks(trial)) continue;
        keys[n++] = (RankKey){maximize ? -trial->value : trial->value, trial->number, i};
    }
    qsort(keys, (size_t)n, sizeof *keys, by_rank);
    for (int i = 0; i < n; i++) ranked[i] = keys[i].at;
    facts->ranked = ranked;
    facts->n_ranked = n;
    return true;
}

/* The space tells which parameters are searched on a log scale. A report of a study whose stored
 * configuration an older or newer program wrote must still come out: then the trials' own values
 * have to say it. */
static const Space *stored_space(const StudyInfo *study, Arena *arena)
{
    Error ignored;
    Conf *conf = NULL;
    Space *space = NULL;
    const char *yaml = study->config_yaml;
    if (!yaml || !*yaml) return NULL;
    if (!conf_read_text("stored configuration", yaml, strlen(yaml), arena, &conf, &ignored))
        return NULL;
    const ConfNode *parameters = conf_get(conf->root, "parameters");
    if (!parameters) return NULL;
    return space_read(parameters, NULL, NULL, arena, &space, &ignored) ? space : NULL;
}

/* Each trial's parameters are one small JSON object; `held` owns them until the document is made. */
static bool parse_params(Facts *facts, Doc *held, Error *err)
{
    const Doc **params = ARENA_NEW(facts->arena, const Doc *, facts->n_trials);
    if (!params) return error_memory(err);
    for (int i = 0; i < facts->n_trials; i++) {
        const char *json = facts->trials[i].params;
        Error why = {0};
        Doc *doc = json ? doc_parse(json, strlen(json), &why) : NULL;
        if (!doc && why.code == ERR_MEMORY) return error_memory(err);
        if (!doc) continue;
        const Doc *kept = doc_add(held, doc);
        if (doc_kind(kept) == DOC_OBJECT) params[i] = kept;
    }
    facts->params = params;
    return true;
}

/* ---- the parts that are passed through ------------------------------------------------------ */

static void put_study(const Facts *facts, Doc *document)
{
    const StudyInfo *study = &facts->study;
    bool known = facts->metric != METRIC_COUNT;
    Doc *out = doc_set(document, "study", doc_object());
    doc_set_text(out, "name", study->name);
    doc_set_text(out, "state", study->state);
    doc_set_text(out, "method", study->method);
    doc_set_text(out, "metric", study->metric);
    doc_set_text(out, "metric_name", known ? metric_name(facts->metric) : study->metric);
    doc_set_text(out, "metric_label", known ? metric_label(facts->metric) : study->metric);
    doc_set_bool(out, "maximize", study->maximize);
    doc_set_number(out, "target", study->target);
    doc_set_number(out, "run_cap", study->run_cap);
    doc_set_number(out, "time_cap_s", study->time_cap_s);
    doc_set_bool(out, "deterministic", !study->async);
    doc_set_text(out, "created_utc", study->created_utc);
    doc_set_text(out, "notes", study->notes);
    Doc *classes = doc_set(out, "classes", doc_array());
    for (int i = 0; i < study->n_classes; i++) doc_add(classes, doc_text(study->classes[i]));
}

static bool put_provenance(const Facts *facts, Doc *document, Error *err)
{
    const ReportInput *input = facts->input;
    const StudyInfo *study = &facts->study;
    int looks = 0, resumed = 0, recovered = 0;
    if (!store_count_events(input->store, study->id, "TEST_LOOK", &looks, err) ||
        !store_count_events(input->store, study->id, "RESUMED", &resumed, err) ||
        !store_count_events(input->store, study->id, "RECOVERED", &recovered, err))
        return false;
    Doc *out = doc_set(document, "provenance", doc_object());
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)study->seed);
    doc_set_text(out, "seed", seed); /* text: a JSON number cannot hold 64 bits */
    doc_set_text(out, "consort_version", study->version);
    doc_set_text(out, "config_sha256", study->config_sha256);
    doc_set_text(out, "data_sha256", study->data_sha256);
    doc_set_text(out, "split_sha256", study->split_sha256);
    doc_set_number(out, "test_looks", looks);
    doc_set_number(out, "resumed", resumed);
    doc_set_number(out, "recovered_trials", recovered);
    doc_set(out, "machine", doc_copy(input->machine));
    doc_set_text(out, "config_yaml", study->config_yaml);
    return true;
}

/* ---- the document --------------------------------------------------------------------------- */

const char *facts_text(const Facts *facts, const char *text)
{
    if (!text) *facts->out_of_memory = true;
    return text ? text : "";
}

static bool gather(const ReportInput *input, Arena *arena, Doc *held, Facts *facts, Error *err)
{
    facts->input = input;
    facts->arena = arena;
    facts->metric = METRIC_COUNT;
    TrialRow *trials = NULL;
    if (!store_study_find(input->store, input->study->name, arena, &facts->study, err)) return false;
    /* A program's metric may have one of our names; what it means is the program's business. */
    if (facts->study.metric && facts->study.n_classes > 0) facts->metric = metric_find(facts->study.metric);
    if (!store_trials(input->store, facts->study.id, arena, &trials, &facts->n_trials, err)) return false;
    facts->trials = trials;
    facts->space = stored_space(&facts->study, arena);
    return parse_params(facts, held, err) && rank_trials(facts, err);
}

bool document_make(const ReportInput *input, Arena *arena, Doc **out, Error *err)
{
    bool out_of_memory = false;
    Facts facts = {.out_of_memory = &out_of_memory};
    Noise noise;
    const char *why = "", *ran = "";
    Doc *held = doc_array(), *document = doc_object();
    bool ok = gather(input, arena, held, &facts, err) && noise_estimate(&facts, &noise, err);
    if (!ok) goto done;
    doc_set_number(document, "schema", 1);
    put_study(&facts, document);
    doc_set(document, "verdict", doc_null()); /* first for the reader, but it needs the rest */
    doc_set(document, "card", doc_copy(input->card));
    ok = document_leaderboard(&facts, &noise, document, err);
    if (!ok) goto done;
    ok = document_trials(&facts, document, err) && document_curves(&facts, document, err)
      && document_front(&facts, document, err) && document_posterior(&facts, document, &why, err)
      && document_finalists(&facts, document, &ran, err)
      && document_importance(&facts, document, err);
    if (!ok) goto done;
    doc_set(document, "validation", doc_copy(input->validation));
    doc_set(document, "test", doc_copy(input->test));
    doc_set(document, "best_test", doc_copy(input->best_test));
    doc_set(document, "images", doc_copy(input->images));
    doc_set(document, "ensemble", doc_copy(input->ensemble));
    doc_set(document, "deployment", doc_copy(input->deployment));
    ok = put_provenance(&facts, document, err);
    if (!ok) goto done;
    document_verdict(&facts, &noise, ran, why, document);
    ok = !out_of_memory || error_memory(err);
done:
    doc_free(held);
    if (ok) *out = document;
    else doc_free(document);
    return ok;
}
