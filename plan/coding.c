/* From fitted preprocessing to the tables of plan/runtime/. */
#include "plan/coding.h"

#include <string.h>

#include "base/set.h"

/* ---- numbers ------------------------------------------------------------------------------------ */

static bool list_of(const double *values, int n, bool wide, Arena *arena, CodingList *out)
{
    *out = (CodingList){.n = n};
    if (n == 0) return true;
    if (wide) {
        out->wide = values;
        return true;
    }
    float *narrow = ARENA_NEW(arena, float, n);
    if (!narrow) return false;
    for (int i = 0; i < n; i++) narrow[i] = (float)values[i];
    out->narrow = narrow;
    return true;
}

/* The same, once where all are alike. */
static bool list_once(const double *values, int n, bool wide, Arena *arena, CodingList *out)
{
    int alike = 1;
    while (alike < n && (wide ? values[alike] == values[0] : (float)values[alike] == (float)values[0])) alike++;
    return list_of(values, alike == n && n > 0 ? 1 : n, wide, arena, out);
}

static bool numbers(const PrepColumn *columns, int n, bool wide, Arena *arena, Coding *out)
{
    double *shift = ARENA_NEW(arena, double, n), *scale = ARENA_NEW(arena, double, n);
    double *fill = ARENA_NEW(arena, double, n);
    if (!shift || !scale || !fill) return false;
    bool filled = false;
    for (int i = 0; i < n; i++) {
        const PrepColumn *column = &columns[i];
        if (column->scale != 0) {
            shift[i] = column->shift;
            scale[i] = column->scale;
            fill[i] = column->fill;
        }
        filled = filled || (wide ? fill[i] != shift[i] : (float)fill[i] != (float)shift[i]);
    }
    return list_once(shift, n, wide, arena, &out->shift) && list_once(scale, n, wide, arena, &out->scale) &&
           list_once(fill, !out->run || filled ? n : 0, wide, arena, &out->fill);
}

static bool one_number(const PrepColumn *column, bool wide, Arena *arena, Coding *out)
{
    const double *fill = &column->fill;
    return numbers(column, 1, wide, arena, out) && list_of(fill, 1, wide, arena, &out->fill) &&
           list_of(column->knots, column->n_knots, true, arena, &out->knots) &&
           list_of(column->edges, column->n_edges > 1 ? column->n_edges : 0, wide, arena, &out->edges);
}

static bool is_run(const PrepColumn *column)
{
    return column->kind == COLUMN_NUMERIC && column->n_knots == 0 && column->n_edges < 2;
}

/* ---- words -------------------------------------------------------------------------------------- */

/* From the levels of the model's schema to those of a preprocessing. */
static bool place_of(const PrepColumn *column, const Column *known, int missing, int unseen, Arena *arena,
                     CodingPlace *out)
{
    const int n = known->n_levels;
    *out = (CodingPlace){.n_known = n, .n_levels = column->n_levels, .missing = missing, .unseen = unseen};
    uint16_t *word = ARENA_NEW(arena, uint16_t, n);
    uint8_t *byte = ARENA_NEW(arena, uint8_t, n);
    if (!word || !byte) return false;
    TextSet levels = {0};
    for (int i = 0; i < column->n_levels; i++)
        if (text_set_add(&levels, arena, column->levels[i], strlen(column->levels[i])) < 0) return false;
    bool same = column->n_levels == n;
    for (int i = 0; i < n; i++) {
        const int found = text_set_find(&levels, known->levels[i], strlen(known->levels[i]));
        const int place = found < 0 ? column->n_levels : found;
        same = same && place == i;
        word[i] = (uint16_t)place;
        byte[i] = (uint8_t)place;
    }
    if (same || n == 0) return true;
    out->bits = column->n_levels <= UINT8_MAX ? 8 : 16;
    out->byte = byte;
    out->word = word;
    return true;
}

static bool words(const PrepColumn *column, const Column *known, Arena *arena, CodingPlace *out)
{
    const int n = column->n_levels;
    return place_of(column, known, column->missing_level ? n : -1,
                    column->unseen_level ? n + column->missing_level : -1, arena, out);
}

/* ---- the others --------------------------------------------------------------------------------- */

static bool text(const TextPrep *prep, Arena *arena, Coding *out)
{
    const bool weighed = prep->weight == TEXT_TFIDF && prep->n > 0;
    uint16_t *bucket = ARENA_NEW(arena, uint16_t, prep->n);
    float *idf = ARENA_NEW(arena, float, prep->n);
    if (!bucket || !idf) return false;
    for (int k = 0; k < prep->n; k++) bucket[k] = (uint16_t)prep->bucket[k];
    for (int k = 0; weighed && k < prep->n; k++) idf[k] = (float)prep->idf[k];
    out->n_buckets = prep->n_buckets;
    out->bucket = bucket;
    out->idf = weighed ? idf : NULL;
    return true;
}

/* The group of a word: its level, missing, and what is rare or was never met. */
static bool group(const Plan *plan, const Prep *prep, int j, Arena *arena, CodingPlace *out)
{
    const int n = prep->columns[j].n_levels;
    return place_of(&prep->columns[j], &plan->model->schema.columns[j], n, n + 1, arena, out);
}

static bool derived(const Plan *plan, const Prep *prep, const Derivation *d, bool wide, Arena *arena,
                    Coding *out)
{
    out->derivation = d;
    out->by = out->with = -1;
    if (!derive_by_words(d->kind)) return true;
    out->by = d->kind == DERIVE_TARGET ? d->a : d->b;
    if (d->kind == DERIVE_TARGET) out->with = d->b;
    return list_of(d->cells, d->n_cells, wide, arena, &out->cells) &&
           group(plan, prep, out->by, arena, &out->place) &&
           (out->with < 0 || group(plan, prep, out->with, arena, &out->cross));
}

static bool pixels(const Prep *prep, Coding *out)
{
    const int n = prep->n_features;
    bool same = true;
    for (int i = 1; i < n && same; i++)
        same = prep->pixel_shift[i] == prep->pixel_shift[0] && prep->pixel_scale[i] == prep->pixel_scale[0];
    out->shift = (CodingList){same ? 1 : n, prep->pixel_shift, NULL};
    out->scale = (CodingList){same ? 1 : n, prep->pixel_scale, NULL};
    return true;
}

bool plan_coding(const Plan *plan, const PlanStep *step, Arena *arena, Coding *out)
{
    const Prep *prep = plan->model->preps[step->prep];
    *out = (Coding){.n = step->n_columns, .wide = step->wide, .by = -1, .with = -1};
    if (step->op == PLAN_PIXELS) return pixels(prep, out);
    const int own = prep_table_columns(prep), j = step->column;
    const PrepColumn *column = out->column = &prep->columns[step->op == PLAN_DERIVED ? own + j : j];
    switch (step->op) {
    case PLAN_WORD: return words(column, &plan->model->schema.columns[j], arena, &out->place);
    case PLAN_TEXT: return text(&column->text, arena, out);
    case PLAN_DERIVED:
        return derived(plan, prep, &prep->derived[j], step->wide, arena, out) &&
               one_number(column, step->wide, arena, out);
    default: break;
    }
    out->thermometer = column->kind == COLUMN_ORDERED && column->coding == ORDERED_THERMOMETER;
    out->run = is_run(column);
    return out->run ? numbers(column, step->n_columns, step->wide, arena, out)
                    : one_number(column, step->wide, arena, out);
}

static size_t list_bytes(const CodingList *list)
{
    return (size_t)list->n * (list->wide ? sizeof *list->wide : sizeof *list->narrow);
}

static size_t place_bytes(const CodingPlace *place)
{
    return (size_t)place->n_known * (size_t)place->bits / 8;
}

/* What is said in calls, and what is not said of columns alone, is code. */
size_t coding_bytes(const Coding *c)
{
    enum { RUN = 24, TEXT = 20 }; /* the structs of numbers.h and text.h */
    const bool pixels = !c->column;
    size_t n = list_bytes(&c->knots) + list_bytes(&c->edges) + list_bytes(&c->cells) + place_bytes(&c->place) +
               place_bytes(&c->cross);
    if (c->run || pixels) n += list_bytes(&c->shift) + list_bytes(&c->scale);
    if (c->run) n += list_bytes(&c->fill) + RUN;
    if (!pixels && c->column->kind == COLUMN_FREE_TEXT && c->column->text.n > 0)
        n += TEXT + (size_t)c->column->text.n * (2 + (c->idf ? 4 : 0));
    return n;
}
