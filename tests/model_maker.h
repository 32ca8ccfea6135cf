/* Made-up tables and models for tests: every kind of column and preprocessing, random weights. */
#ifndef CONSORT_TESTS_MODEL_MAKER_H
#define CONSORT_TESTS_MODEL_MAKER_H
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "model/model.h"

typedef enum { MAKE_COLOUR = -1, MAKE_IMAGE, MAKE_NUMERIC, MAKE_MIXED } MakeKind;

enum { MAKE_SIDE = 6, MAKE_COLUMNS = 5 };

static const char *make_name(Arena *arena, const char *stem, int i)
{
    return arena_print(arena, "%s%d", stem, i);
}

static void make_number(Column *column, Rng *rng, int n, int place)
{
    column->kind = COLUMN_NUMERIC;
    for (int i = 0; i < n; i++) {
        double z = rng_normal(rng);
        if (place == 1) z = exp(3 * z);                          /* skewed */
        if (place == 2) z = 20260101 + 0.001 * z;                /* a float would lose it all */
        if (place == 3) z = rng_uniform(rng) < 0.6 ? 0 : z;      /* mostly zeros: equal knots */
        if (place != 2 && rng_uniform(rng) < 0.1) z = NAN, column->n_missing++;
        column->number[i] = z;
    }
}

static void make_words(Column *column, Rng *rng, int n, int n_levels, Arena *arena)
{
    column->kind = COLUMN_NOMINAL;
    column->n_levels = n_levels;
    column->levels = ARENA_NEW(arena, const char *, n_levels);
    for (int i = 0; i < n_levels; i++)
        column->levels[i] = i == 0 ? "plain" : i == 1 ? "with \"quotes\", \\ and ?\?/" :
                            i == 2 ? "\xc3\xa9t\xc3\xa9 1" : make_name(arena, "level ", i);
    for (int i = 0; i < n; i++) {
        int code = (int)rng_below(rng, (uint32_t)n_levels);
        if (rng_uniform(rng) < 0.1) code = -1, column->n_missing++;
        if (code == n_levels - 1 && i > 3) code = 0; /* a rare level */
        column->code[i] = code;
    }
}

static inline Table *make_table(MakeKind kind, int n, int n_classes, uint64_t seed, Arena *arena)
{
    Rng rng = rng_stream(seed, (uint32_t)kind, RNG_TEST);
    Table *table = ARENA_NEW(arena, Table, 1);
    table->n_rows = n;
    table->label_name = "class";
    table->n_classes = n_classes;
    table->classes = ARENA_NEW(arena, const char *, n_classes);
    for (int c = 0; c < n_classes; c++)
        table->classes[c] = c == 1 ? "<=50K \"x\"" : make_name(arena, "class ", c);
    table->labels = ARENA_NEW(arena, int32_t, n);
    for (int i = 0; i < n; i++) table->labels[i] = (int32_t)rng_below(&rng, (uint32_t)n_classes);
    if (kind == MAKE_IMAGE || kind == MAKE_COLOUR) {
        const int size = MAKE_SIDE * MAKE_SIDE * (kind == MAKE_COLOUR ? 3 : 1);
        uint8_t *pixels = ARENA_NEW(arena, uint8_t, (size_t)n * (size_t)size);
        for (int i = 0; i < n * size; i++) pixels[i] = (uint8_t)rng_below(&rng, 256);
        table->pixels = pixels;
        table->channels = kind == MAKE_COLOUR ? 3 : 0;
        table->height = table->width = MAKE_SIDE;
        return table;
    }
    table->n_columns = MAKE_COLUMNS;
    table->columns = ARENA_NEW(arena, Column, MAKE_COLUMNS);
    for (int j = 0; j < MAKE_COLUMNS; j++) {
        Column *column = &table->columns[j];
        column->name = make_name(arena, "column ", j);
        bool words = kind == MAKE_MIXED && (j == 1 || j == 4);
        if (words) column->code = ARENA_NEW(arena, int32_t, n);
        else column->number = ARENA_NEW(arena, double, n);
        if (words) make_words(column, &rng, n, j == 1 ? 2 : 6, arena);
        else make_number(column, &rng, n, j);
    }
    return table;
}

static Mlp *make_net(int n_in, const int *hidden, int n_hidden, int n_classes, Activation activation,
                     Rng *rng, Arena *arena)
{
    Mlp *mlp = NULL;
    if (!mlp_create(n_in, hidden, n_hidden, n_classes, activation, arena, &mlp, NULL)) return NULL;
    for (int l = 0; l < mlp->n_layers; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        double size = 1.5 / sqrt(mlp->width[l]);
        for (int i = 0; i < mlp->width[l]; i++)
            for (int j = 0; j < mlp->width[l + 1]; j++)
                layer.w[(size_t)i * (size_t)layer.ld + (size_t)j] = (float)(size * rng_normal(rng));
        for (int j = 0; j < mlp->width[l + 1]; j++) layer.b[j] = (float)(0.3 * rng_normal(rng));
    }
    return mlp;
}

/* One network for each of `n_members` members and one more for the second, with preprocessing of
 * several kinds, fitted to the table's first half. `activation` < 0: a different one each. */
static inline Model *make_model(const Table *table, int n_members, int activation, uint64_t seed,
                         Arena *arena, Error *err)
{
    static const int image_kinds[] = {NUMERIC_UNIT, NUMERIC_STANDARD};
    static const int table_kinds[] = {NUMERIC_ROBUST, NUMERIC_QUANTILE, NUMERIC_STANDARD,
                                      NUMERIC_MINMAX};
    static const int hidden[5][3] = {{7, 5, 0}, {9, 0, 0}, {8, 8, 8}, {12, 3, 0}, {0, 0, 0}};
    static const int n_hidden[5] = {2, 1, 3, 2, 0};
    Rng rng = rng_stream(seed, 7, RNG_TEST);
    int n_preps = table->pixels ? 2 : 4;
    Model *model = ARENA_NEW(arena, Model, 1);
    const Prep **preps = ARENA_NEW(arena, const Prep *, n_preps);
    ModelMember *members = ARENA_NEW(arena, ModelMember, n_members);
    for (int p = 0; p < n_preps; p++) {
        PrepOptions options = {.numeric = table->pixels ? image_kinds[p] : table_kinds[p],
                               .impute = p % 2 ? IMPUTE_MEAN : IMPUTE_MEDIAN_FLAG,
                               .missing_category = p == 2 ? MISSING_ZEROS : MISSING_OWN_LEVEL,
                               .min_count = p == 1 ? 3 : 0};
        Prep *prep = NULL;
        int half = table->n_rows / 2;
        int32_t *rows = ARENA_NEW(arena, int32_t, half);
        for (int i = 0; i < half; i++) rows[i] = i;
        if (!prep_fit(&options, table, rows, half, arena, &prep, err)) return NULL;
        preps[p] = prep;
    }
    for (int m = 0; m < n_members; m++) {
        int n_nets = m == 1 ? 2 : 1;
        ModelNet *nets = ARENA_NEW(arena, ModelNet, n_nets);
        for (int k = 0; k < n_nets; k++) {
            int p = (m + k) % n_preps;
            Activation f = (Activation)(activation >= 0 ? activation : (m + k) % ACTIVATION_COUNT);
            int shape = k ? 4 : m % 4;
            nets[k] = (ModelNet){make_net(preps[p]->n_features, hidden[shape], n_hidden[shape],
                                          table->n_classes, f, &rng, arena), p};
        }
        members[m] = (ModelMember){.name = make_name(arena, "trial ", m), .weight = 0.5 + m,
                                   .n_nets = n_nets, .nets = nets};
    }
    *model = (Model){.name = "made up", .schema = table_schema(table), .n_preps = n_preps,
                     .preps = preps, .n_members = n_members, .members = members,
                     .combine = COMBINE_AVERAGE, .temperature = 1,
                     .provenance = "{\"study\": \"made up\"}"};
    return model;
}
#endif
