/* model/made_rows.c - draws cells by what a model's first preprocessing knows of its columns. */
#include "model/made_rows.h"

#include <math.h>

#include "base/rng.h"

static bool make_pixels(int n, size_t each, Rng *rng, Arena *arena, Table *out, Error *err)
{
    uint8_t *pixels = ARENA_NEW(arena, uint8_t, (size_t)n * each);
    if (!pixels) return error_memory(err);
    for (size_t i = 0; i < (size_t)n * each; i++)
        pixels[i] = rng_below(rng, 3) ? 0 : (uint8_t)rng_below(rng, 256);
    out->pixels = pixels;
    return true;
}

static bool make_column(const PrepColumn *prep, int n, Rng *rng, Arena *arena, Column *column, Error *err)
{
    static const char *const texts[] = {"Made up: good, and not so good", "it is the best", "\303\234ber alles",
                                        "no. 1"};
    const double unit = column->kind == COLUMN_DATE ? 86400 : 1; /* of days */
    const double spread = prep->scale != 0 ? 1 / prep->scale : 1;
    if (column->kind == COLUMN_FREE_TEXT) {
        column->levels = (const char **)texts;
        column->n_levels = sizeof texts / sizeof *texts;
    }
    column->number = ARENA_NEW(arena, double, n);
    column->code = ARENA_NEW(arena, int32_t, n);
    if (!column->number || !column->code) return error_memory(err);
    for (int i = 0; i < n; i++) {
        const double z = rng_normal(rng);
        const uint32_t draw = rng_u32(rng);
        column->number[i] = (prep->n_knots ? prep->knots[draw % (uint32_t)prep->n_knots]
                                           : prep->shift + spread * z) * unit;
        if (draw % 8 == 0) column->number[i] = NAN;
        column->code[i] = (int32_t)(draw % (uint32_t)(column->n_levels + 1)) - 1;
    }
    return true;
}

bool made_rows(const Model *model, int n, Arena *arena, Table *out, Error *err)
{
    const Schema *schema = &model->schema;
    Rng rng = rng_stream(1, 0, RNG_SYNTH);
    *out = (Table){.n_rows = n, .n_columns = schema->n_columns, .height = schema->height,
                   .width = schema->width, .channels = schema->channels, .task = schema->task,
                   .n_classes = schema->n_classes, .classes = schema->classes};
    if (schema->n_columns == 0) return make_pixels(n, PIXELS_OF(schema), &rng, arena, out, err);
    out->columns = ARENA_NEW(arena, Column, schema->n_columns);
    if (!out->columns) return error_memory(err);
    for (int j = 0; j < schema->n_columns; j++) {
        out->columns[j] = schema->columns[j];
        if (!make_column(&model->preps[0]->columns[j], n, &rng, arena, &out->columns[j], err)) return false;
    }
    return true;
}
