/* The verdict: what won, by how much, and how far that can be trusted (noise.h), in sentences. */
#include "reports/verdict.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "reports/sheets.h"

/* ---- sentences -------------------------------------------------------------------------------- */

typedef struct {
    double value, low, high;
} Estimate;

static Estimate estimate_of(const Doc *evaluation, const char *metric)
{
    const Doc *entry = doc_get(doc_get(evaluation, "metrics"), metric);
    if (doc_kind(entry) == DOC_NUMBER) return (Estimate){doc_to_number(entry, NAN), NAN, NAN};
    return (Estimate){doc_to_number(doc_get(entry, "value"), NAN),
                      doc_to_number(doc_get(entry, "low95"), NAN),
                      doc_to_number(doc_get(entry, "high95"), NAN)};
}

static void put_estimate(Doc *parent, const char *key, Estimate estimate)
{
    Doc *out = doc_set(parent, key, doc_object());
    doc_set_number(out, "value", estimate.value);
    doc_set_number(out, "low95", estimate.low);
    doc_set_number(out, "high95", estimate.high);
}

typedef struct {
    const Facts *facts;
    const Noise *noise;
    const char *metric, *label; /* "f1_macro", "macro F1" */
    bool maximize, program;
    int n_members;              /* of the ensemble; 0: there is none */
    Estimate test, single, validation; /* the model on both sets, the best trial on the test set */
    Doc *out, *sentences, *caveats;
} Writer;

static void say(Writer *w, Doc *list, const char *text)
{
    doc_add(list, doc_text(facts_text(w->facts, text)));
}

static const char *score(Writer *w, double value)
{
    const char *text = sheet_score(w->facts->arena, value);
    bool lost = isfinite(value) && strcmp(text, SHEET_DASH) == 0;
    return facts_text(w->facts, lost ? NULL : text);
}

static const char *interval(Writer *w, Estimate e)
{
    if (!isfinite(e.low) || !isfinite(e.high)) return "";
    const char *text = arena_print(w->facts->arena, "; 95 %% interval %s to %s", score(w, e.low),
                                   score(w, e.high));
    return facts_text(w->facts, text);
}

/* An accuracy, a loss, an MCC. */
static const char *article(const char *noun)
{
    bool spelled = isupper((unsigned char)noun[0]) && isupper((unsigned char)noun[1]);
    return *noun && strchr(spelled ? "AEFHILMNORSX" : "aeioAEIO", *noun) ? "an" : "a";
}

static void say_headline(Writer *w, const Doc *winner)
{
    Arena *arena = w->facts->arena;
    const TrialRow *best = &w->facts->trials[w->facts->ranked[0]];
    bool tested = isfinite(w->test.value);
    Estimate e = tested ? w->test : w->validation;
    int number = best->number;
    if (!isfinite(e.value)) { /* no model was looked at more closely: the trials have the word */
        e = (Estimate){doc_to_number(doc_get(winner, "mean"), best->value), NAN, NAN};
        number = (int)doc_to_number(doc_get(winner, "trial"), best->number);
    }
    const char *who = w->n_members > 1
                          ? arena_print(arena, "An ensemble of %d networks", w->n_members)
                          : arena_print(arena, "Trial %d", number);
    /* What a program's score was measured on, only the program knows. */
    const char *where = tested ? " on the test set" : w->program ? "" : " on the validation rows";
    const char *text = arena_print(arena, "%s reaches %s %s of %s%s.", facts_text(w->facts, who),
                                   article(w->label), w->label, score(w, e.value), where);
    doc_set_text(w->out, "headline", facts_text(w->facts, text));
    doc_set_text(w->out, "winner", w->n_members > 1 ? "ensemble" : "trial");
    doc_set_text(w->out, "split", tested ? "test" : "val");
    put_estimate(w->out, "score", e);
}

static void say_gain(Writer *w)
{
    Arena *arena = w->facts->arena;
    const Doc *ensemble = w->facts->input->ensemble;
    int best = w->facts->trials[w->facts->ranked[0]].number;
    bool tested = isfinite(w->test.value) && isfinite(w->single.value);
    double model = w->test.value, single = w->single.value;
    if (w->n_members < 2) return;
    if (!tested) {
        model = doc_to_number(doc_get(ensemble, "score"), NAN);
        single = doc_to_number(doc_get(doc_get(ensemble, "best_single"), "score"), NAN);
    }
    best = (int)doc_to_number(doc_get(doc_get(ensemble, "best_single"), "trial"), best);
    double gain = w->maximize ? model - single : single - model;
    if (!isfinite(gain)) return;
    put_estimate(w->out, "single", tested ? w->single : (Estimate){single, NAN, NAN});
    doc_set_number(w->out, "single_trial", best);
    doc_set_number(w->out, "gain", gain);
    const char *where = tested ? "the test set" : "the rows it was selected on";
    const char *how = gain > 0 ? "better than" : gain < 0 ? "worse than" : "the same as";
    const char *by = gain != 0 ? score(w, fabs(gain)) : "";
    say(w, w->sentences, arena_print(arena, "On %s it is %s%s%s the best single trial (trial %d, %s%s).",
                                     where, by, *by ? " " : "", how, best, score(w, single),
                                     tested ? interval(w, w->single) : ""));
    bool overlap = w->test.low <= w->single.high && w->single.low <= w->test.high;
    if (tested && isfinite(w->test.low) && isfinite(w->single.low) && gain != 0)
        say(w, w->sentences, overlap
            ? "The two intervals overlap: on this many test rows the difference could be chance."
            : "The two intervals do not overlap: the difference is larger than chance explains.");
}

static void say_alike(Writer *w)
{
    Arena *arena = w->facts->arena;
    const Noise *noise = w->noise;
    if (!noise->method) return;
    doc_set_number(w->out, "alike", noise->n_alike);
    doc_set_number(w->out, "standard_error", noise->error);
    doc_set_number(w->out, "band", noise->band);
    if (noise->n_alike < 2)
        say(w, w->sentences, "The best trial stands apart from the second by more than chance explains.");
    else
        say(w, w->sentences, arena_print(arena, "The first %d trials are statistically "
            "indistinguishable: they lie within %s of the best, two standard errors of a difference.",
            noise->n_alike, score(w, noise->band)));
}

static void say_front(Writer *w, const Doc *front)
{
    Arena *arena = w->facts->arena;
    const Doc *metrics = doc_get(front, "metrics");
    double knee = doc_to_number(doc_get(front, "knee"), NAN);
    if (!doc_to_bool(doc_get(front, "asked"), false)) return;
    const char *at = isfinite(knee) ? arena_print(arena, "; its knee is trial %.0f", knee) : ".";
    say(w, w->sentences, arena_print(arena, "%zu trials are on the front: none is better than another in all"
        " %zu goals%s%s", doc_count(doc_get(front, "members")), doc_count(metrics), facts_text(w->facts, at),
        isfinite(knee) ? "." : ""));
}

static void say_optimism(Writer *w)
{
    Arena *arena = w->facts->arena;
    const Noise *noise = w->noise;
    int n = w->facts->n_ranked;
    const TrialRow *best = &w->facts->trials[w->facts->ranked[0]];
    if (w->program) {
        if (n > 1)
            say(w, w->caveats, arena_print(arena, "The best score, %s, is the best of %d: as far as the same"
                " settings do not always give the same score, part of it is luck.", score(w, best->value),
                n));
        return;
    }
    if (noise->method && noise->n_alike > 1) {
        doc_set_number(w->out, "optimism", noise->optimism);
        doc_set_number(w->out, "corrected", w->maximize ? best->value - noise->optimism
                                                        : best->value + noise->optimism);
        say(w, w->caveats, arena_print(arena, "The validation score of the best trial, %s, is the best "
            "of %d on the same rows; up to about %s of it may be luck.", score(w, best->value), n,
            score(w, noise->optimism)));
    } else if (n > 1) {
        say(w, w->caveats, arena_print(arena, "The validation score of the best trial, %s, is the best "
            "of %d on the same rows, so it is optimistic.", score(w, best->value), n));
    }
    if (!isfinite(w->test.value))
        say(w, w->caveats, "No test set was opened: every score here comes from rows that also chose "
                           "the winner.");
}

/* What the search's optimism came to for the trial that it chose. */
static void say_fall(Writer *w)
{
    const Doc *single = doc_get(w->facts->input->ensemble, "best_single");
    double before = doc_to_number(doc_get(single, "score"), NAN), after = w->single.value;
    if (!isfinite(before) || !isfinite(after)) return;
    say(w, w->caveats, arena_print(w->facts->arena, "The best single trial (%.0f) has %s on the validation "
        "rows that chose it and %s on the test set.", doc_to_number(doc_get(single, "trial"), 0),
        score(w, before), score(w, after)));
}

static void say_looks(Writer *w, const Doc *provenance)
{
    double looks = doc_to_number(doc_get(provenance, "test_looks"), 0);
    if (looks > 1)
        say(w, w->caveats, arena_print(w->facts->arena, "The test set has been looked at %.0f times; "
            "each choice made after a look makes its score more optimistic.", looks));
}

static void say_warnings(Writer *w)
{
    size_t n = doc_count(doc_get(w->facts->input->card, "warnings"));
    if (n > 0)
        say(w, w->caveats, arena_print(w->facts->arena, "The data card has %zu warning%s.", n,
                                       n == 1 ? "" : "s"));
}

/* What keeps the same seed from giving the same study. */
static void say_chance(Writer *w)
{
    int n_timeouts = 0, n_merged = 0;
    const Facts *facts = w->facts;
    Error ignored; /* then it is the other reason that is told */
    if (facts->study.async)
        store_count_events(facts->input->store, facts->study.id, "MERGED", &n_merged, &ignored);
    for (int i = 0; i < w->facts->n_trials; i++) {
        const char *code = w->facts->trials[i].fail_code;
        n_timeouts += code && strcmp(code, fail_code_names[FAIL_TIMEOUT]) == 0;
    }
    if (n_merged > 0)
        say(w, w->caveats, "Trials of other studies were merged into this one. The same seed would not give "
                           "the same study again.");
    else if (facts->study.async)
        say(w, w->caveats, "The study ran with run.deterministic: false. The same seed would not give the "
                           "same study again.");
    else if (n_timeouts > 0)
        say(w, w->caveats, arena_print(w->facts->arena, "%d trial%s ran into run.trial_time_cap, so the study "
            "depends on the clock: the same seed may not give it again.", n_timeouts,
            n_timeouts == 1 ? "" : "s"));
}

void document_verdict(const Facts *facts, const Noise *noise, const char *ran, const char *why, Doc *document)
{
    const ReportInput *input = facts->input;
    bool known = facts->metric != METRIC_COUNT;
    const char *name = known ? metric_name(facts->metric) : facts->study.metric;
    Writer w = {.facts = facts, .noise = noise, .metric = name ? name : "",
                .label = known ? metric_label(facts->metric) : name ? name : "score",
                .maximize = facts->study.maximize, .program = facts->study.n_classes == 0,
                .n_members = (int)doc_count(doc_get(input->ensemble, "members"))};
    w.out = doc_set(document, "verdict", doc_object());
    w.test = estimate_of(input->test, w.metric);
    w.single = estimate_of(input->best_test, w.metric);
    w.validation = estimate_of(input->validation, w.metric);
    if (facts->n_ranked == 0) {
        doc_set_text(w.out, "headline", facts->n_trials
                     ? "No trial has finished with a score." : "No trial has been run yet.");
        doc_set(w.out, "sentences", doc_array());
        doc_set(w.out, "caveats", doc_array());
        return;
    }
    say_headline(&w, doc_at(doc_get(document, "finalists"), 0));
    w.sentences = doc_set(w.out, "sentences", doc_array());
    w.caveats = doc_set(w.out, "caveats", doc_array());
    Estimate shown = isfinite(w.test.value) ? w.test : w.validation;
    const Doc *evaluation = isfinite(w.test.value) ? input->test : input->validation;
    double rows = doc_to_number(doc_get(evaluation, "rows"), NAN);
    if (isfinite(shown.low))
        say(&w, w.sentences, arena_print(facts->arena, "The 95 %% interval is %s to %s, from %s rows.",
            score(&w, shown.low), score(&w, shown.high), sheet_count(facts->arena, rows)));
    say_gain(&w);
    say_alike(&w);
    if (*ran) say(&w, w.sentences, ran);
    if (*why) say(&w, w.sentences, why);
    say_front(&w, doc_get(document, "front"));
    say_optimism(&w);
    say_fall(&w);
    say_looks(&w, doc_get(document, "provenance"));
    say_warnings(&w);
    say_chance(&w);
}
