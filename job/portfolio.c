/* job/portfolio.c - the entries of the portfolio, and how one is fitted into a search space. */
#include "job/portfolio.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *activation;
    int batch_size, num_layers, width;
    double learning_rate, dropout, weight_decay, label_smoothing;
    const char *embedding; /* NULL: says nothing */
} Entry;

/* In the order of their help. With AdamW, 40 epochs, one cosine. */
static const Entry entries[PORTFOLIO_SIZE] = {
    {"mish", 64, 2, 208, 0.025, 0.05, 0.25, 0, NULL},
    {"mish", 64, 2, 224, 0.004, 0.5, 0.0002, 0.05, NULL},
    {"selu", 32, 1, 72, 0.025, 0, 0, 0, NULL},
    {"mish", 32, 2, 104, 0.0065, 0.35, 0.15, 0.05, NULL},
    {"mish", 64, 3, 120, 0.002, 0.3, 0.004, 0, NULL},
};
/* Numbers: rates as RealMLP counts them (lr_scaling: ntk). Beside the preset's: thresholds for what jumps,
 * high frequencies for what is smooth, and the plain network. */
static const Entry of_numbers[PORTFOLIO_SIZE] = {
    {"relu", 128, 2, 128, 0.04, 0.15, 0.02, 0, "ple"},
    {"mish", 128, 2, 128, 0.07, 0, 0.005, 0, "periodic"},
    {"mish", 256, 2, 256, 0.07, 0.05, 0.02, 0, "none"},
    {"relu", 128, 2, 208, 0.15, 0.1, 0.01, 0, "pbld"},
    {"mish", 128, 2, 128, 0.05, 0.1, 0.02, 0, "ple"},
};

/* NONE where an entry says nothing about the parameter. */
static Value wish_of(const Entry *entry, const char *name)
{
    const struct {
        const char *name;
        double number;
    } numbers[] = {{"batch_size", entry->batch_size}, {"num_layers", entry->num_layers},
                   {"learning_rate", entry->learning_rate}, {"dropout", entry->dropout},
                   {"weight_decay", entry->weight_decay}, {"label_smoothing", entry->label_smoothing}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(name, numbers[i].name) == 0) return value_real(numbers[i].number);
    if (strncmp(name, "width_", 6) == 0) return value_real(entry->width);
    if (strcmp(name, "numeric_embedding") == 0 && entry->embedding) return value_text(entry->embedding);
    return strcmp(name, "activation") == 0 ? value_text(entry->activation) : value_none();
}

/* The choice nearest to the wish, sizes compared as ratios; the default where there is none. */
static void take_choice(const Param *param, const Value *wish, Value *value)
{
    double least = INFINITY;
    for (int c = 0; c < param->n_choices; c++) {
        const Value *choice = &param->choices[c];
        bool number = choice->kind == VALUE_INT || choice->kind == VALUE_REAL;
        if (value_equal(choice, wish)) least = -1;
        else if (!number || wish->kind != VALUE_REAL) continue;
        double away = fabs(log(fmax(choice->number, 1e-4) / fmax(wish->number, 1e-4)));
        if (least >= 0 && away >= least) continue;
        *value = *choice;
        if (least < 0) return;
        least = away;
    }
}

/* Of lists of widths, the one with as many layers as the wish, or nearly, and about as wide. */
static void take_layers(const Param *param, const Entry *entry, Value *value)
{
    double least = INFINITY;
    for (int c = 0; c < param->n_choices; c++) {
        const Value *choice = &param->choices[c];
        if (choice->kind != VALUE_LIST) continue;
        int layers = 1;
        for (const char *at = choice->text; *at; at++) layers += *at == ',';
        double width = fmax(1, strtod(choice->text + 1, NULL));
        double away = 2 * abs(layers - entry->num_layers) + fabs(log(width / entry->width));
        if (away < least) *value = *choice;
        least = fmin(least, away);
    }
}

bool portfolio_fit(int i, bool numbers, const Space *space, Arena *arena, Value *values)
{
    double *u = ARENA_NEW(arena, double, space->n_dims + 1);
    const Entry *entry = numbers ? &of_numbers[i] : &entries[i];
    if (!u) return false;
    for (int p = 0; p < space->n_params; p++) {
        const Param *param = &space->params[p];
        Value wish = wish_of(entry, param->name);
        if (param->dim < 0) continue;
        if (strcmp(param->name, "hidden") == 0) take_layers(param, entry, &values[p]);
        if (wish.kind == VALUE_NONE) continue;
        if (param->n_choices > 0) take_choice(param, &wish, &values[p]);
        else if (wish.kind == VALUE_REAL) values[p] = wish;
    }
    space_encode(space, values, u);
    space_decode(space, u, values);
    return true;
}
