/* Names of a network's inputs, from the preprocessing. */
#include "inspect/inputs.h"

#include "data/dates.h"

/* Of a date, feature `at` of its parts. */
static const char *part_name(const PrepColumn *c, int at, Arena *arena)
{
    for (int p = 0; p < DATE_PART_COUNT; p++) {
        bool cycle = date_cycle((DatePart)p) > 0;
        if (!(c->parts >> p & 1)) continue;
        if (at <= cycle)
            return arena_print(arena, "%s %s%s", c->name, date_part_names[p],
                               !cycle ? "" : at ? " cosine" : " sine");
        at -= 1 + cycle;
    }
    return c->name;
}

/* Feature `at` of a column's n_out; in the order of prep/prep.h. */
static const char *feature_name(const PrepColumn *c, int at, Arena *arena)
{
    if (c->kind == COLUMN_ORDERED && c->coding == ORDERED_THERMOMETER) {
        if (at < c->high - c->low) return arena_print(arena, "%s from step %d", c->name, c->low + 2 + at);
        return c->high > c->low ? arena_print(arena, "%s missing", c->name) : c->name;
    }
    if (prep_by_number(c)) {
        int bins = c->n_edges > 1 ? c->n_edges - 1 : 0, parts = prep_part_features(c);
        if (at == 0) return c->name;
        if (at <= bins) return arena_print(arena, "%s in bin %d", c->name, at);
        if (at <= bins + parts) return part_name(c, at - bins - 1, arena);
        return arena_print(arena, "%s missing", c->name);
    }
    if (c->kind == COLUMN_FREE_TEXT) return arena_print(arena, "%s n-grams %d", c->name, at + 1);
    if (c->coded || c->n_levels == 0) return c->name;
    if (c->n_levels == 2 && c->n_out == 1) return arena_print(arena, "%s is %s", c->name, c->levels[1]);
    if (at < c->n_levels) return arena_print(arena, "%s is %s", c->name, c->levels[at]);
    return arena_print(arena, "%s %s", c->name, at == c->n_levels && c->missing_level ? "missing" : "unseen");
}

bool inputs_name(const Prep *prep, const Mlp *mlp, Arena *arena, InputName **out, Error *err)
{
    const int n = mlp->width[0], n_features = mlp_features(mlp);
    const Embed *embed = mlp->embed;
    InputName *inputs = ARENA_NEW(arena, InputName, n);
    InputName *features = embed ? ARENA_NEW(arena, InputName, n_features) : inputs;
    if (!inputs || !features) return error_memory(err);
    for (int f = 0; !prep->columns && f < n_features; f++) features[f] = (InputName){NULL, f};
    for (int c = 0; prep->columns && c < prep->n_columns; c++)
        for (int k = 0; k < prep->columns[c].n_out; k++) {
            const char *name = feature_name(&prep->columns[c], k, arena);
            const int own = c - prep_table_columns(prep);
            if (!name) return error_memory(err);
            features[prep->columns[c].out + k] = (InputName){name, own < 0 ? c : prep->derived[own].a};
        }
    for (int f = 0; embed && f < n_features; f++) {
        int first = embed->first_input[f], end = f + 1 < n_features ? embed->first_input[f + 1] : n;
        for (int i = first; i < end; i++) {
            inputs[i] = features[f];
            if (end - first > 1) inputs[i].name = arena_print(arena, "%s ~%d", features[f].name, i - first + 1);
            if (!inputs[i].name) return error_memory(err);
        }
    }
    *out = inputs;
    return true;
}
