/* The verdict: what won, by how much, and how far that can be trusted, in sentences. */
#include "reports/verdict.h"

#include <math.h>
#include <string.h>

#include "reports/sheets.h"
#include "reports/verdict_parts.h"

/* ---- the headline ------------------------------------------------------------------------------- */

static void say_headline(Verdict *v, const Doc *winner)
{
    Arena *arena = v->facts->arena;
    const TrialRow *best = &v->facts->trials[v->facts->ranked[0]];
    bool tested = isfinite(v->test.value);
    Estimate e = tested ? v->test : v->validation;
    int number = best->number;
    if (v->n_members == 1) /* the model is this trial's */
        number = (int)doc_to_number(doc_get(doc_at(doc_get(v->facts->input->ensemble, "members"), 0), "trial"),
                                    number);
    if (!isfinite(e.value)) { /* no model was looked at more closely: the trials have the word */
        e = (Estimate){doc_to_number(doc_get(winner, "mean"), best->value), NAN, NAN};
        number = (int)doc_to_number(doc_get(winner, "trial"), best->number);
    }
    const char *who = v->n_members > 1
                          ? arena_print(arena, "An ensemble of %d networks", v->n_members)
                          : arena_print(arena, "Trial %d", number);
    /* What a program's score was measured on, only the program knows. */
    const char *where = tested ? " on the test set" : v->program ? "" : " on the validation rows";
    double loss = verdict_loss(v);
    const char *but = loss > 0 ? arena_print(arena, ", %s worse than its best single trial",
                                             verdict_score(v, loss)) : "";
    const char *begin = verdict_headline(v, facts_text(v->facts, who), e.value);
    if (!begin)
        begin = facts_text(v->facts, arena_print(arena, "%s reaches %s %s of %s", facts_text(v->facts, who),
                                                 verdict_article(v->label), v->label,
                                                 verdict_score(v, e.value)));
    const char *text = arena_print(arena, "%s%s%s.", begin, where, facts_text(v->facts, but));
    const char *front = verdict_front(v);
    doc_set_text(v->out, "headline", front ? front : facts_text(v->facts, text));
    doc_set_text(v->out, "winner", v->n_members > 1 ? "ensemble" : "trial");
    doc_set_text(v->out, "split", tested ? "test" : "val");
    verdict_put(v->out, "score", e);
    if (front) verdict_say(v, text);
}

/* ---- the sentences --------------------------------------------------------------------------------- */

static void say_interval(Verdict *v)
{
    bool tested = isfinite(v->test.value);
    Estimate shown = tested ? v->test : v->validation;
    const Doc *evaluation = tested ? v->facts->input->test : v->facts->input->validation;
    double rows = doc_to_number(doc_get(evaluation, "rows"), NAN);
    if (isfinite(shown.low))
        verdict_say(v, arena_print(v->facts->arena, "The 95 %% interval is %s to %s, from %s rows.",
                                   verdict_score(v, shown.low), verdict_score(v, shown.high),
                                   sheet_count(v->facts->arena, rows)));
}

/* Of one trial there is nothing to say. */
static void say_alike(Verdict *v)
{
    Arena *arena = v->facts->arena;
    const Noise *noise = v->noise;
    if (!noise->method || v->facts->n_ranked < 2) return;
    doc_set_number(v->out, "alike", noise->n_alike);
    doc_set_number(v->out, "standard_error", noise->error);
    doc_set_number(v->out, "band", noise->band);
    if (noise->n_alike < 2)
        verdict_say(v, "The best trial stands apart from the second by more than chance explains.");
    else if (noise->paired)
        verdict_say(v, arena_print(arena, "The first %d trials are statistically indistinguishable: compared"
            " with the best row by row, none differs by more than chance explains.", noise->n_alike));
    else
        verdict_say(v, arena_print(arena, "The first %d trials are statistically "
            "indistinguishable: they lie within %s of the best, two standard errors of a difference.",
            noise->n_alike, verdict_score(v, noise->band)));
}

/* Where nobody is ranked: because of limits on what trials report? */
static bool any_breaks(const Facts *facts)
{
    for (int i = 0; i < facts->n_trials; i++)
        if (facts->trials[i].state == TRIAL_COMPLETE && facts->trials[i].fail_code) return true;
    return false;
}

static const char *why_none(const Facts *facts)
{
    if (facts->n_trials == 0) return "No trial has been run yet.";
    return any_breaks(facts) ? "No finished trial keeps all limits." : "No trial has finished with a score.";
}

void document_verdict(const Facts *facts, const Noise *noise, const char *ran, Doc *document)
{
    const ReportInput *input = facts->input;
    bool known = facts->metric != METRIC_COUNT;
    /* Labels and ordered classes are trained by the log loss itself. */
    bool loss = facts->metric == METRIC_LOSS
             && (facts_task(facts) == TASK_LABELS || facts_task(facts) == TASK_ORDERED);
    const MetricId metric = loss || !known ? METRIC_LOG_LOSS : metric_of_model(facts->metric);
    const char *name = known ? metric_name(metric) : facts->study.metric;
    Verdict v = {.facts = facts, .noise = noise, .document = document, .metric = name ? name : "",
                 .label = known ? metric_label(metric) : name ? name : "score",
                 .maximize = facts->study.maximize, .program = study_runs_program(&facts->study),
                 .n_members = (int)doc_count(doc_get(input->ensemble, "members"))};
    v.out = doc_set(document, "verdict", doc_object());
    v.test = verdict_estimate(input->test, v.metric);
    v.single = verdict_estimate(input->best_test, v.metric);
    v.validation = verdict_estimate(input->validation, v.metric);
    if (facts->n_ranked == 0) {
        doc_set_text(v.out, "headline", why_none(facts));
        doc_set(v.out, "sentences", doc_array());
        doc_set(v.out, "caveats", doc_array());
        return;
    }
    v.sentences = doc_array(); /* the headline comes first, and may leave one behind */
    v.caveats = doc_array();
    say_headline(&v, doc_at(doc_get(document, "finalists"), 0));
    v.sentences = doc_set(v.out, "sentences", v.sentences);
    v.caveats = doc_set(v.out, "caveats", v.caveats);
    say_interval(&v);
    verdict_explains(&v);
    verdict_gain(&v);
    verdict_baselines(&v);
    verdict_promises(&v);
    verdict_decision(&v);
    say_alike(&v);
    verdict_size(&v);
    if (*ran) verdict_say(&v, ran);
    verdict_care(&v);
}
