/* Pictures deformed as in training, for a contact sheet. */
#include "inspect/augmented.h"

#include <math.h>
#include <string.h>

#include "data/rows.h"
#include "inspect/say.h"

/* The first row of each class. */
static int choose_rows(const Table *table, int most, int32_t *rows)
{
    int n = 0;
    for (int c = 0; c < (table->labels ? table->n_classes : most) && n < most; c++)
        for (int i = 0; i < table->n_rows; i++) {
            bool fits = table->labels ? table->labels[i] == c : i == c;
            if (!fits) continue;
            rows[n++] = i;
            break;
        }
    return n;
}

static void put_settings(const Augment *augment, Doc *set)
{
    Doc *settings = doc_set(set, "settings", doc_object());
    for (int i = 0; i < augment_fields.n; i++) {
        const Field *field = &augment_fields.fields[i];
        double value;
        memcpy(&value, (const char *)augment + field->offset, sizeof value);
        bool of_elastic = strcmp(field->name, "elastic_sigma") == 0;
        if (field->kind == FIELD_REAL && value != 0 && (!of_elastic || augment->elastic_alpha > 0))
            doc_set_number(settings, field->name, value);
    }
}

/* The versions of n rows, one row after the other. */
static bool put_versions(const Table *table, const AugmentedSet *set, const int32_t *rows, int n, uint64_t seed,
                         Arena *arena, Doc *out, Error *err)
{
    const int h = table->height, w = table->width, size = (int)PIXELS_OF(table);
    const size_t cells = (size_t)n * AUGMENTED_VERSIONS * (size_t)size;
    float *ones = ARENA_NEW(arena, float, size), *zeros = ARENA_NEW(arena, float, size);
    float *grey = ARENA_NEW(arena, float, size);
    float *scratch = ARENA_NEW(arena, float,
                               augment_scratch_floats(h, w) + augment_pool_floats(&set->augment, h, w));
    uint8_t *bytes = ARENA_NEW(arena, uint8_t, cells);
    if (!ones || !zeros || !grey || !scratch || !bytes) return error_memory(err);
    for (int i = 0; i < size; i++) ones[i] = 1;
    const Rows pictures = {.n_rows = table->n_rows, .n_features = size, .n_classes = table->n_classes,
                           .pixels = table->pixels, .shift = zeros, .scale = ones, .height = h, .width = w,
                           .channels = table->channels};
    Rng fields = rng_stream(rng_mix(seed, UINT64_MAX), 0, RNG_AUGMENT);
    augment_fill_pool(&set->augment, h, w, &fields, scratch);
    for (int v = 0; v < n * AUGMENTED_VERSIONS; v++) {
        Rng rng = rng_stream(rng_mix(seed, (uint64_t)v), 0, RNG_AUGMENT);
        rows_gather(&pictures, &rows[v / AUGMENTED_VERSIONS], 0, 1, &set->augment, &rng, scratch, grey, size);
        for (int i = 0; i < size; i++)
            bytes[(size_t)v * (size_t)size + (size_t)i] = (uint8_t)lroundf(fminf(255, fmaxf(0, grey[i])));
    }
    doc_set_text(out, "name", set->name);
    put_settings(&set->augment, out);
    say_bytes(out, "pixels", bytes, cells);
    return true;
}

bool augmented_make(const Table *table, const AugmentedSet *sets, int n_sets, uint64_t seed, Arena *arena,
                    Doc **out, Error *err)
{
    const size_t size = PIXELS_OF(table);
    const size_t each = size * (size_t)(1 + n_sets * AUGMENTED_VERSIONS);
    int32_t rows[AUGMENTED_ROWS];
    int most = AUGMENTED_ROWS, n;
    while (most > 1 && (size_t)most * each > AUGMENTED_BYTES) most--;
    n = choose_rows(table, most, rows);
    uint8_t *originals = ARENA_NEW(arena, uint8_t, (size_t)n * size);
    if (!originals) return error_memory(err);
    Doc *doc = doc_object(), *list;
    doc_set_number(doc, "height", table->height);
    doc_set_number(doc, "width", table->width);
    if (pixels_channels(table->channels) > 1) doc_set_number(doc, "channels", table->channels);
    doc_set_number(doc, "versions", AUGMENTED_VERSIONS);
    list = doc_set(doc, "originals", doc_array());
    for (int i = 0; i < n; i++) {
        Doc *one = doc_add(list, doc_object());
        doc_set_number(one, "row", table_source(table, rows[i]));
        doc_set_text(one, "class", table->labels ? table->classes[table->labels[rows[i]]] : NULL);
        memcpy(originals + (size_t)i * size, table->pixels + (size_t)rows[i] * size, size);
    }
    say_bytes(doc, "pixels", originals, (size_t)n * size);
    list = doc_set(doc, "sets", doc_array());
    bool ok = true;
    for (int s = 0; ok && s < n_sets; s++)
        ok = put_versions(table, &sets[s], rows, n, seed, arena, doc_add(list, doc_object()), err);
    return doc_hand_over(doc, ok, out, err);
}
