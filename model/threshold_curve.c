/* The rule of decision and its alternatives: one pass over the rows for each threshold. */
#include "model/threshold_curve.h"

#include <math.h>

#include "model/decision.h"

enum { STEPS = 100 };

/* What a threshold comes to. */
typedef struct {
    double hits, named, of_class, n;
} Counts;

static Counts count(const Evaluation *e, double at)
{
    Counts counts = {0};
    for (int i = 0; i < e->n; i++) {
        if (e->labels[i] < 0) continue;
        bool is = e->labels[i] == e->positive;
        bool says = (double)e->proba[(size_t)i * (size_t)e->n_classes + (size_t)e->positive] >= at;
        counts.n++;
        counts.of_class += is;
        counts.named += says;
        counts.hits += is && says;
    }
    return counts;
}

/* A row's mean cost, of two classes. */
static double mean_cost(const Counts *c, const double *cost, int positive)
{
    const int p = positive, q = 1 - positive;
    double missed = c->of_class - c->hits, wrong = c->named - c->hits, rest = c->n - c->of_class - wrong;
    return (c->hits * cost[2 * p + p] + missed * cost[2 * p + q] + wrong * cost[2 * q + p]
            + rest * cost[2 * q + q]) / c->n;
}

/* The lists of a curve under way. */
typedef struct {
    const Evaluation *e;
    const double *cost; /* NULL: none */
    Doc *list[6];       /* at, precision, recall, f1, flagged, cost */
    int n;
} Curve;

static void add_point(Curve *curve, double at)
{
    const Counts c = count(curve->e, at);
    const double values[] = {at, c.hits / c.named, c.hits / c.of_class, 2 * c.hits / (c.named + c.of_class),
                             c.named / c.n};
    for (int k = 0; k < 5; k++) doc_add(curve->list[k], doc_number(values[k]));
    if (curve->cost) doc_add(curve->list[5], doc_number(mean_cost(&c, curve->cost, curve->e->positive)));
    curve->n++;
}

/* `chosen` NaN: none. */
static void write_curve(const Evaluation *e, const double *cost, double chosen, Doc *out)
{
    static const char *const names[] = {"at", "precision", "recall", "f1", "flagged", "cost"};
    Curve curve = {.e = e, .cost = cost};
    int place = -1;
    doc_set_text(out, "label", e->classes[e->positive]);
    for (int k = 0; k < 6; k++)
        curve.list[k] = doc_set(out, names[k], k == 5 && !cost ? doc_null() : doc_array());
    for (int step = 1; step <= STEPS; step++) {
        const double next = step < STEPS ? (double)step / STEPS : INFINITY;
        if (place < 0 && chosen <= next) { /* among the others, in its place */
            place = curve.n;
            add_point(&curve, chosen);
        }
        if (step < STEPS && chosen != next) add_point(&curve, next);
    }
    doc_set(out, "chosen", place < 0 ? doc_null() : doc_number(place));
}

bool evaluate_decision(const Evaluation *e, const Model *rule, bool interest, Arena *arena, Doc *out,
                       Error *err)
{
    Model model = *rule;
    model.schema = (Schema){.n_classes = e->n_classes, .classes = (const char **)e->classes};
    const char *words = decision_rule(&model, e->positive, arena);
    if (!words) return error_memory(err);
    const double threshold = decision_threshold(&model, e->positive);
    Doc *decision = doc_set(out, "decision", doc_object());
    doc_set_text(decision, "rule", words);
    doc_set_number(decision, "threshold", threshold);
    Doc *weights = doc_set(decision, "weights", rule->decision ? doc_array() : doc_null());
    for (int c = 0; rule->decision && c < e->n_classes; c++) doc_add(weights, doc_number(rule->decision[c]));
    doc_set_text(decision, "asked", rule->asked);
    if (e->n_classes != 2 && !interest) doc_set(out, "threshold_curve", doc_null());
    else write_curve(e, e->n_classes == 2 ? rule->cost : NULL, threshold,
                     doc_set(out, "threshold_curve", doc_object()));
    return true;
}
