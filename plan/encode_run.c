/* The rows of a table as cells, and cells as features. */
#include "plan/encode_run.h"

#include <math.h>
#include <string.h>

#include "base/set.h"
#include "plan/coding.h"
#include "plan/runtime/arithmetic.h"
#include "plan/runtime/bins.h"
#include "plan/runtime/bins_wide.h"
#include "plan/runtime/date_parts.h"
#include "plan/runtime/days.h"
#include "plan/runtime/hot.h"
#include "plan/runtime/narrow_row.h"
#include "plan/runtime/normal_score.h"
#include "plan/runtime/number.h"
#include "plan/runtime/numbers.h"
#include "plan/runtime/numbers_wide.h"
#include "plan/runtime/ordered.h"
#include "plan/runtime/pixels.h"
#include "plan/runtime/place.h"
#include "plan/runtime/place16.h"
#include "plan/runtime/place8.h"
#include "plan/runtime/rank.h"
#include "plan/runtime/sign.h"
#include "plan/runtime/text.h"
#include "plan/runtime/thermometer.h"

struct PlanEncoder {
    const Plan *plan;
    const Table *table;
    Coding *coding;          /* (steps) of those that encode */
    const int **known;       /* (columns) of words: the schema's level of each of the table's; -1: none */
    double *wide;            /* (columns) cells of the row at hand, */
    float *narrow;           /* the same in floats, */
    const char **text;       /* and of text; NULL: missing */
    const uint8_t *pixels;
    int row;                 /* at hand; -1: none */
};

/* ---- cells -------------------------------------------------------------------------------------- */

static bool match_levels(const Column *cells, const Column *known, Arena *arena, const int **out)
{
    TextSet levels = {0};
    int *map = ARENA_NEW(arena, int, cells->n_levels);
    if (!map) return false;
    for (int i = 0; i < known->n_levels; i++)
        if (text_set_add(&levels, arena, known->levels[i], strlen(known->levels[i])) < 0) return false;
    for (int i = 0; i < cells->n_levels; i++)
        map[i] = text_set_find(&levels, cells->levels[i], strlen(cells->levels[i]));
    *out = map;
    return true;
}

static bool fits(const Plan *plan, const Table *table, Arena *arena, Error *err)
{
    const Model *model = plan->model;
    Rows *none;
    for (int p = 0; p < model->n_preps; p++)
        if (!prep_apply(model->preps[p], table, NULL, 0, arena, &none, err)) return false;
    for (int j = 0; j < model->schema.n_columns; j++) {
        const Column *column = &model->schema.columns[j];
        if (column->n_levels > UINT16_MAX)
            return error_set(err, ERR_INVALID, "column `%.60s` has %d levels; at most %d can be planned",
                             column->name, column->n_levels, UINT16_MAX);
    }
    return true;
}

bool plan_encoder_open(const Plan *plan, const Table *table, Arena *arena, PlanEncoder **out, Error *err)
{
    if (!fits(plan, table, arena, err)) return false;
    const int n = table->n_columns;
    PlanEncoder *encoder = ARENA_NEW(arena, PlanEncoder, 1);
    if (!encoder) return error_memory(err);
    *encoder = (PlanEncoder){.plan = plan, .table = table, .row = -1,
                             .coding = ARENA_NEW(arena, Coding, plan->n_steps),
                             .known = ARENA_NEW(arena, const int *, n), .wide = ARENA_NEW(arena, double, n),
                             .narrow = ARENA_NEW(arena, float, n), .text = ARENA_NEW(arena, const char *, n)};
    if (!encoder->coding || !encoder->known || !encoder->wide || !encoder->narrow || !encoder->text)
        return error_memory(err);
    for (int j = 0; j < n; j++) {
        const Column *cells = &table->columns[j];
        if (column_has_words(cells->kind) && cells->kind != COLUMN_FREE_TEXT &&
            !match_levels(cells, &plan->model->schema.columns[j], arena, &encoder->known[j]))
            return error_memory(err);
    }
    for (int s = 0; s < plan->n_steps; s++)
        if (plan->steps[s].op <= PLAN_DERIVED &&
            !plan_coding(plan, &plan->steps[s], arena, &encoder->coding[s]))
            return error_memory(err);
    *out = encoder;
    return true;
}

static void take_up(PlanEncoder *encoder, int row)
{
    if (row == encoder->row) return;
    encoder->row = row;
    const Table *table = encoder->table;
    if (table->pixels) {
        encoder->pixels = table->pixels + (size_t)row * PIXELS_OF(table);
        return;
    }
    for (int j = 0; j < table->n_columns; j++) {
        const Column *cells = &table->columns[j];
        const int code = column_has_words(cells->kind) ? cells->code[row] : -1;
        if (cells->kind == COLUMN_FREE_TEXT) encoder->text[j] = code < 0 ? NULL : cells->levels[code];
        else if (!column_has_words(cells->kind)) encoder->wide[j] = column_number(cells, row);
        else encoder->wide[j] = code < 0 ? (double)NAN : encoder->known[j][code];
    }
    rt_narrow_row(encoder->wide, table->n_columns, encoder->narrow);
}

/* ---- features ----------------------------------------------------------------------------------- */

static void several(const Coding *c, const PlanEncoder *encoder, int first, float *f)
{
    const unsigned char shift = c->shift.n > 1, scale = c->scale.n > 1, fill = c->fill.n > 1;
    const PrepColumn *column = c->column;
    if (c->wide) {
        const rt_columns_wide t = {c->n, shift, scale, fill, column->clip, column->flag, c->shift.wide,
                                   c->scale.wide, c->fill.wide};
        rt_numbers_wide(&t, encoder->wide + first, f);
    } else {
        const rt_columns t = {c->n, shift, scale, fill, column->clip, column->flag, c->shift.narrow,
                              c->scale.narrow, c->fill.narrow};
        rt_numbers(&t, encoder->narrow + first, f);
    }
}

/* A column with knots, bins or parts, or one that is made of others; v is its value. */
static void one_wide(const Coding *c, double v, float *f)
{
    const PrepColumn *column = c->column;
    const double there = isfinite(v) ? v : c->fill.wide[0];
    if (c->knots.n > 0)
        *f++ = rt_number(rt_normal_score(rt_rank(c->knots.wide, c->knots.n, there)), (float)*c->shift.wide,
                         (float)*c->scale.wide, column->clip);
    else *f++ = rt_number_wide(there, *c->shift.wide, *c->scale.wide, column->clip);
    if (c->edges.n > 0) {
        rt_bins_wide(c->edges.wide, c->edges.n, there, f);
        f += c->edges.n - 1;
    }
    if (column->parts) {
        rt_date_parts(v, column->parts, column->year_shift, column->year_scale, f);
        f += prep_part_features(column);
    }
    if (column->flag) *f = isfinite(v) ? 0.0f : 1.0f;
}

static void one_narrow(const Coding *c, float v, float *f)
{
    const PrepColumn *column = c->column;
    const float there = isfinite(v) ? v : c->fill.narrow[0];
    *f++ = rt_number(there, *c->shift.narrow, *c->scale.narrow, column->clip);
    if (c->edges.n > 0) {
        rt_bins(c->edges.narrow, c->edges.n, there, f);
        f += c->edges.n - 1;
    }
    if (column->flag) *f = isfinite(v) ? 0.0f : 1.0f;
}

static void one(const Coding *c, const PlanEncoder *encoder, int j, float *f)
{
    const PrepColumn *column = c->column;
    const bool ordered = column->kind == COLUMN_ORDERED;
    const double wide = encoder->wide[j];
    const float narrow = ordered ? rt_ordered(encoder->narrow[j]) : encoder->narrow[j];
    if (c->thermometer) {
        const int n = column->high - column->low;
        if (n < 1) *f = 0;
        else rt_thermometer(narrow, (float)column->fill, column->low, n, column->flag, f);
    } else if (c->wide) {
        one_wide(c, column->kind == COLUMN_DATE ? rt_days(wide) : ordered ? (double)narrow : wide, f);
    } else {
        one_narrow(c, narrow, f);
    }
}

static int place(const CodingPlace *p, float x)
{
    if (p->bits == 8) return rt_place8(p->byte, p->n_known, p->n_levels, x, p->missing, p->unseen);
    if (p->bits == 16) return rt_place16(p->word, p->n_known, p->n_levels, x, p->missing, p->unseen);
    return rt_place(p->n_known, x, p->missing, p->unseen);
}

static void word(const Coding *c, float x, float *f)
{
    const PrepColumn *column = c->column;
    const int at = place(&c->place, x);
    if (column->coded) *f = (float)(at + 1);
    else if (column->n_levels == 2) *f = rt_sign(at);
    else rt_hot(at, column->n_out, f);
}

static void made(const Coding *c, const PlanEncoder *encoder, float *f)
{
    const Derivation *d = c->derivation;
    const double *x = encoder->wide;
    if (!derive_by_words(d->kind)) {
        one_wide(c, rt_arithmetic((int)d->kind, x[d->a], x[d->b]), f);
        return;
    }
    int cell = place(&c->place, encoder->narrow[c->by]);
    if (c->with >= 0) cell = cell * (c->cross.n_levels + 2) + place(&c->cross, encoder->narrow[c->with]);
    if (!c->wide) one_narrow(c, c->cells.narrow[cell], f);
    else if (d->kind != DERIVE_DEVIATION) one_wide(c, c->cells.wide[cell], f);
    else one_wide(c, rt_arithmetic(DERIVE_DIFFERENCE, x[d->a], c->cells.wide[cell]), f);
}

void plan_encode_row(PlanEncoder *encoder, const PlanStep *step, int row, float *features)
{
    const Coding *c = &encoder->coding[step - encoder->plan->steps];
    float *f = features + step->first;
    const int j = step->column;
    take_up(encoder, row);
    switch (step->op) {
    case PLAN_PIXELS:
        rt_pixels(encoder->pixels, c->n, c->shift.narrow, c->scale.narrow, c->shift.n > 1, f);
        break;
    case PLAN_NUMBERS:
        if (c->run) several(c, encoder, j, f);
        else one(c, encoder, j, f);
        break;
    case PLAN_WORD: word(c, encoder->narrow[j], f); break;
    case PLAN_TEXT: {
        const TextPrep *text = &c->column->text;
        const rt_text_column t = {c->n_buckets, text->n, (unsigned char)text->ngrams,
                                  (unsigned char)text->weight, c->bucket, c->idf};
        if (text->n == 0) *f = 0;
        else rt_text(&t, encoder->text[j], f);
        break;
    }
    case PLAN_DERIVED: made(c, encoder, f); break;
    default: break;
    }
}
