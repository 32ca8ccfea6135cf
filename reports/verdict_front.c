/* What a study of several goals has found, and how small a model of one goal could be. */
#include "reports/verdict_parts.h"

#include <math.h>
#include <string.h>

#include "reports/sheets.h"

/* ---- the front ------------------------------------------------------------------------------------- */

static double value_of(const Doc *member, size_t goal)
{
    return doc_to_number(doc_at(doc_get(member, "values"), goal), NAN);
}

/* "a tenth of", "40 % of", "" where it is no smaller. */
static const char *share_text(Verdict *v, double share)
{
    static const char *const words[] = {"half of", "a third of", "a quarter of", "a fifth of", "a sixth of",
                                        "a seventh of", "an eighth of", "a ninth of", "a tenth of"};
    double parts = 1 / share, whole = round(parts);
    if (!(share > 0 && share < 0.9)) return "";
    if (whole >= 2 && whole <= 10 && fabs(parts - whole) < 0.12 * whole) return words[(int)whole - 2];
    return facts_text(v->facts, arena_print(v->facts->arena, share < 0.1 ? "%.1f %% of" : "%.0f %% of",
                                            100 * share));
}

static const char *cost_text(Verdict *v, const Doc *metric, double value)
{
    Arena *arena = v->facts->arena;
    const char *name = sheet_text(metric, "name");
    if (!doc_to_bool(doc_get(metric, "cost"), false)) return verdict_score(v, value);
    if (strcmp(name, "model_bytes") == 0) return sheet_bytes(arena, value);
    return value >= 1000 ? sheet_count(arena, value) : facts_text(v->facts, arena_print(arena, "%.3g", value));
}

/* "; trial 5 keeps 96 % of the macro F1 at a tenth of the size" */
static const char *knee_text(Verdict *v, const Doc *metrics, const Doc *best, const Doc *knee)
{
    Arena *arena = v->facts->arena;
    const Doc *score = doc_at(metrics, 0), *cost = doc_at(metrics, 1);
    double number = sheet_number(knee, "trial"), kept = value_of(knee, 0) / value_of(best, 0);
    double share = value_of(knee, 1) / value_of(best, 1);
    const char *label = sheet_text(score, "label"), *less = share_text(v, share);
    if (!knee || knee == best) return "";
    Doc *out = doc_set(v->out, "front", doc_object());
    doc_set_number(out, "trial", number);
    doc_set_number(out, "kept", kept);
    doc_set_number(out, "share", share);
    bool sized = strcmp(sheet_text(cost, "name"), "n_params") == 0
              || strcmp(sheet_text(cost, "name"), "model_bytes") == 0;
    const char *whole = sized ? "size" : sheet_text(cost, "label");
    if (doc_to_bool(doc_get(score, "maximize"), false) && kept > 0 && kept <= 1 && *less)
        return facts_text(v->facts, arena_print(arena, "; trial %.0f keeps %.1f %% of the %s at %s the %s",
                                                number, 100 * kept, label, less, whole));
    return facts_text(v->facts, arena_print(arena, "; trial %.0f has %s %s with %s %s", number, label,
                                            verdict_score(v, value_of(knee, 0)),
                                            cost_text(v, cost, value_of(knee, 1)), sheet_text(cost, "label")));
}

const char *verdict_front(Verdict *v)
{
    const Doc *front = doc_get(v->document, "front"), *metrics = doc_get(front, "metrics");
    const Doc *members = doc_get(front, "members"), *knee = NULL, *cost = doc_at(metrics, 1);
    size_t n = doc_count(members);
    if (!doc_to_bool(doc_get(front, "asked"), false) || n < 2 || doc_count(metrics) < 2) return NULL;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        const Doc *member = doc_at(members, i);
        if (doc_to_bool(doc_get(member, "knee"), false)) knee = member;
        low = fmin(low, value_of(member, 1));
        high = fmax(high, value_of(member, 1));
    }
    const char *what = v->program ? "trials" : "networks";
    const char *text = arena_print(v->facts->arena, "%zu %s on the front, from %s to %s %s%s.", n, what,
                                   cost_text(v, cost, low), cost_text(v, cost, high), sheet_text(cost, "label"),
                                   knee_text(v, metrics, doc_at(members, 0), knee));
    return facts_text(v->facts, text);
}

/* ---- size ------------------------------------------------------------------------------------------- */

/* "5 × 3,970 weights" */
static const char *weights_text(Verdict *v, const TrialRow *trial)
{
    Arena *arena = v->facts->arena;
    int networks = facts_networks(v->facts, trial);
    const char *each = sheet_count(arena, (double)trial->n_params / networks);
    return networks < 2 ? each : facts_text(v->facts, arena_print(arena, "%d × %s", networks, each));
}

void verdict_size(Verdict *v)
{
    enum { LARGE = 1 << 20, WORTH_SAYING = 2 };
    const Facts *facts = v->facts;
    const TrialRow *best = &facts->trials[facts->ranked[0]], *least = best;
    double bytes = doc_to_number(doc_get(facts->input->ensemble, "bytes"), NAN);
    for (int r = 0; v->noise->method && r < v->noise->n_alike && r < facts->n_ranked; r++) {
        const TrialRow *trial = &facts->trials[facts->ranked[r]];
        if (trial->n_params > 0 && trial->n_params < least->n_params) least = trial;
    }
    double whole = fmax((double)best->n_params, doc_to_number(doc_get(facts->input->ensemble, "n_params"), 0));
    if (best->n_params > 0 && (double)least->n_params * WORTH_SAYING <= whole && facts->n_ranked > 1) {
        Doc *out = doc_set(v->out, "smallest", doc_object());
        doc_set_number(out, "trial", least->number);
        doc_set_number(out, "value", least->value);
        doc_set_number(out, "n_params", (double)least->n_params);
        doc_set_number(out, "networks", facts_networks(facts, least));
        verdict_say(v, arena_print(facts->arena, "The smallest that cannot be told from the best is trial %d:"
            " %s weights, %s.", least->number, weights_text(v, least), verdict_score(v, least->value)));
    }
    if (v->n_members > 1 && bytes >= LARGE && (double)least->model_bytes * WORTH_SAYING <= bytes)
        verdict_say(v, arena_print(facts->arena, "The ensemble has %s of weights; ensemble.max_bytes would keep"
            " it smaller.", sheet_bytes(facts->arena, bytes)));
}
