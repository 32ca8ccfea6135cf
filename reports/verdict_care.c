/* What a reader of the verdict has to be careful with: luck, looks, data, chance. */
#include "reports/verdict_parts.h"

#include <math.h>
#include <string.h>

static void warn_of_luck(Verdict *v)
{
    Arena *arena = v->facts->arena;
    const Noise *noise = v->noise;
    int n = v->facts->n_ranked;
    const TrialRow *best = &v->facts->trials[v->facts->ranked[0]];
    if (v->program) {
        if (n > 1)
            verdict_warn(v, arena_print(arena, "The best score, %s, is the best of %d: as far as the same"
                " settings do not always give the same score, part of it is luck.",
                verdict_score(v, best->value), n));
        return;
    }
    if (noise->method && noise->n_alike > 1) {
        doc_set_number(v->out, "optimism", noise->optimism);
        doc_set_number(v->out, "corrected", v->maximize ? best->value - noise->optimism
                                                        : best->value + noise->optimism);
        verdict_warn(v, arena_print(arena, "The validation score of the best trial, %s, is the best "
            "of %d on the same rows; up to about %s of it may be luck.", verdict_score(v, best->value), n,
            verdict_score(v, noise->optimism)));
    } else if (n > 1) {
        verdict_warn(v, arena_print(arena, "The validation score of the best trial, %s, is the best "
            "of %d on the same rows, so it is optimistic.", verdict_score(v, best->value), n));
    }
    if (v->facts->input->untested)
        verdict_warn(v, "The test set was opened for another ensemble than this one, so every score here"
            " comes from rows that also chose the winner; consort evaluate STUDY --final opens it again.");
    else if (!isfinite(v->test.value))
        verdict_warn(v, "No test set was opened: every score here comes from rows that also chose "
                        "the winner.");
}

/* What the search's optimism came to for the trial that it chose. */
static void warn_of_the_fall(Verdict *v)
{
    const Doc *single = doc_get(v->facts->input->ensemble, "best_single");
    double before = doc_to_number(doc_get(single, "score"), NAN), after = v->single.value;
    if (!isfinite(before) || !isfinite(after)) return;
    verdict_warn(v, arena_print(v->facts->arena, "The best single trial (%.0f) has %s on the validation "
        "rows that chose it and %s on the test set.", doc_to_number(doc_get(single, "trial"), 0),
        verdict_score(v, before), verdict_score(v, after)));
}

static void warn_of_looks(Verdict *v)
{
    double looks = doc_to_number(doc_get(doc_get(v->document, "provenance"), "test_looks"), 0);
    if (looks > 1)
        verdict_warn(v, arena_print(v->facts->arena, "The test set has been looked at %.0f times; "
            "each choice made after a look makes its score more optimistic.", looks));
}

static void warn_of_the_data(Verdict *v)
{
    size_t n = doc_count(doc_get(v->facts->input->card, "warnings"));
    if (n > 0)
        verdict_warn(v, arena_print(v->facts->arena, "The data card has %zu warning%s.", n, n == 1 ? "" : "s"));
}

/* What keeps the same seed from giving the same study. */
static void warn_of_chance(Verdict *v)
{
    int n_timeouts = 0, n_merged = 0;
    const Facts *facts = v->facts;
    Error ignored; /* then it is the other reason that is told */
    if (facts->study.async)
        store_count_events(facts->input->store, facts->study.id, "MERGED", &n_merged, &ignored);
    for (int i = 0; i < facts->n_trials; i++) {
        const char *code = facts->trials[i].fail_code;
        n_timeouts += code && strcmp(code, fail_code_names[FAIL_TIMEOUT]) == 0;
    }
    if (n_merged > 0)
        verdict_warn(v, "Trials of other studies were merged into this one. The same seed would not give "
                        "the same study again.");
    else if (facts->study.async)
        verdict_warn(v, "The study ran with run.deterministic: false. The same seed would not give the "
                        "same study again.");
    else if (n_timeouts > 0)
        verdict_warn(v, arena_print(facts->arena, "%d trial%s ran into run.trial_time_cap, so the study "
            "depends on the clock: the same seed may not give it again.", n_timeouts,
            n_timeouts == 1 ? "" : "s"));
}

/* What the test rows do not have, they do not judge. */
static void warn_of_absent_classes(Verdict *v)
{
    const Doc *classes = doc_get(v->facts->input->test, "per_class");
    const char *first = "";
    int n = 0;
    for (size_t i = 0; i < doc_count(classes); i++) {
        if (doc_to_number(doc_get(doc_at(classes, i), "support"), 1) > 0) continue;
        if (n++ == 0) first = doc_to_text(doc_get(doc_at(classes, i), "label"), "");
    }
    const char *more = n < 2 ? "" : facts_text(v->facts, arena_print(v->facts->arena,
        " and of %d other class%s", n - 1, n == 2 ? "" : "es"));
    if (n > 0)
        verdict_warn(v, arena_print(v->facts->arena, "The test set has no row of %s%s, so it says nothing about"
                                    " finding them.", first, more));
}

/* The sentences themselves stand beside the reliability. */
static void warn_of_probabilities(Verdict *v)
{
    const size_t n = doc_count(doc_get(v->facts->input->test, "warnings"));
    if (n > 0)
        verdict_warn(v, arena_print(v->facts->arena, "On the test set the mean probability of %zu class%s is"
            " off its share of the rows by more than chance explains.", n, n == 1 ? "" : "es"));
}

/* A recall or precision that was promised, from too few rows. */
static void warn_of_promises(Verdict *v)
{
    const Doc *ensemble = v->facts->input->ensemble;
    const char *asked = doc_to_text(doc_get(ensemble, "asked"), "");
    if (!doc_to_bool(doc_get(ensemble, "assured"), true))
        verdict_warn(v, facts_text(v->facts, arena_print(v->facts->arena, "There are too few validation rows"
            " of the class to be sure of %s on new rows.", asked)));
}

void verdict_care(Verdict *v)
{
    warn_of_absent_classes(v);
    warn_of_probabilities(v);
    warn_of_promises(v);
    warn_of_luck(v);
    warn_of_the_fall(v);
    warn_of_looks(v);
    warn_of_the_data(v);
    warn_of_chance(v);
}
