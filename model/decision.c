/* Rules of decision as sentences and thresholds. */
#include "model/decision.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int decision_interest(const Model *model, int positive)
{
    const int k = model->schema.n_classes;
    if (positive >= 0 && positive < k) return positive;
    if (model->interest > 0 && model->interest <= k) return model->interest - 1;
    return k > 1;
}

double decision_threshold(const Model *model, int c)
{
    if (model->schema.n_classes != 2) return NAN;
    const int other = 1 - c;
    double own = 1, rest = 1;
    if (model->cost) { /* what an error of either kind costs more than being right */
        own = model->cost[2 * c + other] - model->cost[2 * c + c];
        rest = model->cost[2 * other + c] - model->cost[2 * other + other];
    } else if (model->decision) {
        own = model->decision[c];
        rest = model->decision[other];
    }
    return rest / (own + rest);
}

/* Up to three significant digits: 0.34, 0.0045. */
static const char *share(double p, char text[32])
{
    snprintf(text, 32, p > 0.999 || p < 0.001 ? "%.6g" : "%.3g", p);
    return text;
}

const char *decision_rule(const Model *model, int positive, Arena *arena)
{
    const int k = model->schema.n_classes;
    const char *const *classes = (const char *const *)model->schema.classes;
    char text[32];
    if (k == 2) {
        int c = decision_interest(model, positive);
        return arena_print(arena, "decides %s when p(%s) >= %s, else %s", classes[c], classes[c],
                           share(decision_threshold(model, c), text), classes[1 - c]);
    }
    if (model->cost) return "decides the class of least expected cost";
    if (!model->decision) return "decides the most probable class";
    enum { MOST_SHOWN = 12 };
    Text rule = {0};
    text_add(&rule, "decides the class with the largest p x weight (");
    for (int c = 0; c < k && c < MOST_SHOWN; c++)
        text_print(&rule, "%s%s %.3g", c ? ", " : "", classes[c], model->decision[c]);
    text_add(&rule, k > MOST_SHOWN ? ", ...)" : ")");
    const char *copy = text_ok(&rule) ? arena_copy(arena, rule.bytes) : NULL;
    text_free(&rule);
    return copy;
}

bool decision_set_threshold(Model *model, int c, double p, const char *asked, Arena *arena, Error *err)
{
    double *weight = ARENA_NEW(arena, double, 2);
    if (!weight) return error_memory(err);
    weight[0] = weight[1] = 1;
    weight[c] = (1 - p) / p;
    model->decision = weight;
    model->cost = NULL;
    model->asked = asked;
    return true;
}

bool decision_read_threshold(Model *model, const char *text, Arena *arena, Error *err)
{
    const Schema *schema = &model->schema;
    const char *number = text;
    int c = decision_interest(model, -1);
    double p;
    if (!task_has_classes(&schema->task))
        return error_set(err, ERR_CONFIG, "--threshold is about classes, and this model predicts %s",
                         task_names[schema->task.kind]);
    if (schema->n_classes != 2)
        return error_set(err, ERR_CONFIG, "--threshold is for models of two classes, and this one has %d; its"
                         " rule is made by ensemble.thresholds", schema->n_classes);
    for (int i = 0; i < 2; i++) {
        size_t n = strlen(schema->classes[i]);
        if (strncmp(text, schema->classes[i], n) != 0 || text[n] != '=') continue;
        c = i;
        number = text + n + 1;
    }
    if (!text_to_number(number, &p) || !(p > 0 && p < 1))
        return error_set(err, ERR_CONFIG, "--threshold %.80s: write a number between 0 and 1, or CLASS=NUMBER"
                         " with %.60s or %.60s", text, schema->classes[0], schema->classes[1]);
    return decision_set_threshold(model, c, p, "--threshold", arena, err);
}
