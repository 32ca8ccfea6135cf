/* What the model beats, and what it does not: the best single trial and the baselines, by paired tests. */
#include "base/names.h"
#include "reports/sheet.h"
#include "reports/verdict_parts.h"

#include <math.h>
#include <string.h>

static const double significant = 0.05;

static const Doc *compared_with(const Verdict *v, const char *name)
{
    const Doc *list = v->facts->input->compared;
    for (size_t i = 0; i < doc_count(list); i++)
        if (strcmp(doc_to_text(doc_get(doc_at(list, i), "with"), ""), name) == 0) return doc_at(list, i);
    return NULL;
}

/* Of a member of the comparison; better is above 0, whatever the metric. */
static double way(const Verdict *v, const Doc *row, const char *key)
{
    double value = doc_to_number(doc_get(row, key), NAN);
    return v->maximize ? value : -value;
}

static const char *p_text(Verdict *v, double p)
{
    return facts_text(v->facts, p < 0.001 ? "p < 0.001" : arena_print(v->facts->arena, "p = %.2g", p));
}

static bool on_test(const Doc *row)
{
    return strcmp(doc_to_text(doc_get(row, "split"), ""), "test") == 0;
}

/* ---- the best single trial ----------------------------------------------------------------------- */

typedef struct {
    double model, single, gain; /* gain: better is above 0 */
    int trial;
    bool tested;
} Gain;

static bool find_gain(const Verdict *v, Gain *out)
{
    const Doc *ensemble = v->facts->input->ensemble;
    *out = (Gain){.model = v->test.value, .single = v->single.value,
                  .tested = isfinite(v->test.value) && isfinite(v->single.value),
                  .trial = v->facts->trials[v->facts->ranked[0]].number};
    if (v->n_members < 2) return false;
    if (!out->tested) {
        out->model = doc_to_number(doc_get(ensemble, "score"), NAN);
        out->single = doc_to_number(doc_get(doc_get(ensemble, "best_single"), "score"), NAN);
    }
    out->trial = (int)doc_to_number(doc_get(doc_get(ensemble, "best_single"), "trial"), out->trial);
    out->gain = v->maximize ? out->model - out->single : out->single - out->model;
    return isfinite(out->gain);
}

double verdict_loss(Verdict *v)
{
    Gain g;
    return find_gain(v, &g) && g.tested && g.gain < 0 ? -g.gain : 0;
}

/* ", more than chance explains (95 % interval of the difference +0.0005 to +0.0043, p = 0.012)" */
static const char *chance_text(Verdict *v, const Doc *row)
{
    double p = doc_to_number(doc_get(row, "p"), NAN), a = way(v, row, "low95"), b = way(v, row, "high95");
    if (!isfinite(p)) return ", which cannot be tested: some class has too few rows";
    const char *test = strcmp(doc_to_text(doc_get(row, "test"), ""), "mcnemar") == 0
                           ? "McNemar's test" : "a paired bootstrap";
    return facts_text(v->facts, arena_print(v->facts->arena,
        "%s (95 %% interval of the difference %s, %s by %s)",
        p < significant ? ", more than chance explains" : ", which chance may explain",
        sheet_signed_range(v->facts->arena, fmin(a, b), fmax(a, b)), p_text(v, p), test));
}

void verdict_gain(Verdict *v)
{
    Arena *arena = v->facts->arena;
    Gain g;
    if (v->facts->input->compared) doc_set(v->out, "compared", doc_copy(v->facts->input->compared));
    if (!find_gain(v, &g)) return;
    const Doc *row = compared_with(v, "best trial");
    verdict_put(v->out, "single", g.tested ? v->single : (Estimate){g.single, NAN, NAN});
    doc_set_number(v->out, "single_trial", g.trial);
    doc_set_number(v->out, "gain", g.gain);
    const char *how = g.gain > 0 ? "better than" : g.gain < 0 ? "worse than" : "the same as";
    const char *by = g.gain != 0 ? verdict_score(v, fabs(g.gain)) : "";
    bool paired = g.tested && g.gain != 0 && row && on_test(row);
    const char *where = g.tested ? "the test set" : "the rows it was selected on";
    verdict_say(v, arena_print(arena, "On %s it is %s%s%s the best single trial (trial %d, %s)%s.", where, by,
                               *by ? " " : "", how, g.trial, verdict_score(v, g.single),
                               paired ? chance_text(v, row) : ""));
}

/* ---- the baselines ----------------------------------------------------------------------------------- */

/* "a", "a and b", "a, b and c" of the names in `list`, which ends with NULL. */
static const char *enumerate(Verdict *v, const char *const *list)
{
    const char *text = "";
    for (int i = 0; list[i]; i++)
        text = facts_text(v->facts, arena_print(v->facts->arena, "%s%s%s", text,
                                                i == 0 ? "" : list[i + 1] ? ", " : " and ", list[i]));
    return text;
}

static const char *with_article(Verdict *v, const char *name)
{
    static const char *const bare[] = {"logistic regression", "linear regression", NULL};
    if (names_find(bare, name) >= 0) return name;
    return facts_text(v->facts, arena_print(v->facts->arena, "the %s", name));
}

/* Of n in all. */
static const char *all_or_some(Verdict *v, const char *const *list, int n)
{
    int some = 0;
    while (list[some]) some++;
    if (some < n) return enumerate(v, list);
    return some == 3 ? "all three" : some == 4 ? "all four" : enumerate(v, list);
}

static const char *sort_out(Verdict *v, int n, const char *const *beaten, const char *const *unclear,
                            const char *const *lost)
{
    Arena *arena = v->facts->arena;
    const char *text = "", *model = v->n_members > 1 ? "the ensemble" : "the model";
    if (beaten[0])
        text = facts_text(v->facts, arena_print(arena, "%s beats %s by more than chance explains", model,
                                                all_or_some(v, beaten, n)));
    if (unclear[0])
        text = facts_text(v->facts, arena_print(arena, "%s%s%s cannot be told from %s", text,
                                                *text ? ", and " : "", *text ? "it" : model,
                                                all_or_some(v, unclear, n)));
    if (lost[0])
        text = facts_text(v->facts, arena_print(arena, "%s%s%s beat%s %s by more than chance explains", text,
                                                *text ? "; " : "", enumerate(v, lost), lost[1] ? "" : "s",
                                                *text ? "it" : model));
    return text;
}

void verdict_baselines(Verdict *v)
{
    enum { MOST = 8 };
    const char *values[MOST + 1] = {NULL}, *beaten[MOST + 1] = {NULL}, *unclear[MOST + 1] = {NULL};
    const char *lost[MOST + 1] = {NULL}, *ahead[MOST + 1] = {NULL};
    int n = 0, n_tested = 0, n_beaten = 0, n_unclear = 0, n_lost = 0, n_ahead = 0;
    bool tested = false;
    const char *below = "";
    const Doc *list = v->facts->input->compared;
    for (size_t i = 0; i < doc_count(list) && n < MOST; i++) {
        const Doc *row = doc_at(list, i);
        const char *name = doc_to_text(doc_get(row, "with"), "");
        double p = doc_to_number(doc_get(row, "p"), NAN), gain = way(v, row, "difference");
        if (strcmp(name, "best trial") == 0 || !isfinite(gain)) continue;
        tested = on_test(row);
        name = with_article(v, name);
        values[n] = facts_text(v->facts, arena_print(v->facts->arena, "%s%s %s", name, n ? "" : " reaches",
                               verdict_score(v, doc_to_number(doc_get(row, "other"), NAN))));
        n++;
        n_tested += isfinite(p);
        if (!(p < significant)) unclear[n_unclear++] = name;
        else if (gain > 0) beaten[n_beaten++] = name;
        else lost[n_lost++] = name;
        if (gain <= 0) ahead[n_ahead++] = name;
        if (n_beaten == 1 && beaten[0] == name) /* the hardest to beat comes first */
            below = verdict_below(v, name, doc_to_number(doc_get(row, "model"), NAN),
                                  doc_to_number(doc_get(row, "other"), NAN));
    }
    if (n == 0) return;
    verdict_say(v, arena_print(v->facts->arena, "On the same %s rows %s: %s%s.", tested ? "test" : "validation",
                               enumerate(v, values), n_tested ? sort_out(v, n, beaten, unclear, lost)
                               : "differences cannot be tested, for some class has too few rows",
                               n_lost ? "" : below));
    if (n_ahead > 0)
        verdict_warn(v, arena_print(v->facts->arena, "On the %s rows the search has gained nothing over %s.",
                                    tested ? "test" : "validation", enumerate(v, ahead)));
}

/* ---- decisions --------------------------------------------------------------------------------------- */

/* Metrics and promises look at rows; class weights, costs and fixed thresholds are what was said. */
static bool is_fitted(const char *asked)
{
    static const char *const given[] = {"class_weight", "{cost:", "{fixed:"};
    bool is_given = false;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        is_given |= strncmp(asked, given[i], strlen(given[i])) == 0;
    return !is_given;
}

static bool has_baselines(const Verdict *v)
{
    const Doc *list = v->facts->input->compared;
    bool has = false;
    for (size_t i = 0; i < doc_count(list); i++)
        has |= strcmp(doc_to_text(doc_get(doc_at(list, i), "with"), ""), "best trial") != 0;
    return has;
}

void verdict_decision(Verdict *v)
{
    const Doc *evaluation = v->facts->input->test ? v->facts->input->test : v->facts->input->validation;
    const Doc *decision = doc_get(evaluation, "decision"), *ensemble = v->facts->input->ensemble;
    const char *rule = doc_to_text(doc_get(decision, "rule"), doc_to_text(doc_get(ensemble, "rule"), NULL));
    const char *asked = doc_to_text(doc_get(decision, "asked"), doc_to_text(doc_get(ensemble, "asked"), NULL));
    doc_set_text(v->out, "decision", rule);
    if (!rule || !*rule || facts_task(v->facts) == TASK_NUMBERS) return; /* it says the number */
    /* How it was asked for is said where it was not simply the most probable class. */
    const char *more = "";
    if (asked && *asked && strcmp(asked, "none") != 0)
        more = facts_text(v->facts, arena_print(v->facts->arena, " (for %s%s%s%s)", asked,
                          is_fitted(asked) ? ", chosen on the validation rows" : "",
                          v->n_members > 1 ? "; single trials decide in the same way" : "",
                          !has_baselines(v) ? "" : v->n_members > 1
                          ? ", the baselines for the most probable class"
                          : "; the baselines decide for the most probable class"));
    size_t n = strlen(rule);
    if (rule[n - 1] == '.') n--;
    verdict_say(v, arena_print(v->facts->arena, "The model %s%.*s%s.",
                               strncmp(rule, "decides", 7) == 0
                               || facts_task(v->facts) == TASK_LABELS ? "" : "decides: ", (int)n, rule, more));
}
