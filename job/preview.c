/* Rows and pictures as training will see them. */
#include "job/preview.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "inspect/augmented.h"
#include "inspect/encoded.h"
#include "job/kind.h"
#include "reports/html.h"

static const char prefix[] = "augment.";

/* The configuration's augmentation with what is searched at one end: 0 the low, 1 the high. */
static bool augment_at(const Config *config, int end, Arena *arena, Augment *out, bool *searched, Error *err)
{
    const Space *space = config->space;
    double *u = ARENA_NEW(arena, double, space->n_dims + 1);
    Value *ends[2];
    for (int e = 0; e < 2; e++) {
        if (!u || !(ends[e] = ARENA_NEW(arena, Value, space->n_params + 1))) return error_memory(err);
        for (int d = 0; d < space->n_dims; d++) u[d] = e ? 1 - 1e-9 : 0;
        space_decode(space, u, ends[e]);
    }
    *out = config->settings.train.augment;
    for (int p = 0; p < space->n_params; p++) {
        const char *name = space->params[p].name;
        if (strncmp(name, prefix, sizeof prefix - 1) != 0) continue;
        const Value *a = &ends[0][p], *b = &ends[1][p];
        if (a->kind == VALUE_NONE || b->kind == VALUE_NONE) a = b = a->kind == VALUE_NONE ? b : a;
        if (a->kind == VALUE_NONE) continue; /* under a condition that holds at neither end */
        bool rises = a->number <= b->number; /* some scales run down */
        *searched |= !value_equal(a, b);
        if (!field_assign(&augment_fields, name + sizeof prefix - 1, (end == 1) == rises ? b : a, out, arena,
                          err))
            return false;
    }
    return true;
}

bool preview_augmented(const Config *config, const Table *table, Arena *arena, Doc **out, Error *err)
{
    AugmentedSet sets[2] = {{.name = "at the low ends of what is searched"},
                            {.name = "at the high ends of what is searched"}};
    bool searched = false;
    *out = NULL;
    if (!config->kind->trains || !table || !table->pixels || table->n_rows == 0) return true;
    for (int e = 0; e < 2; e++)
        if (!augment_at(config, e, arena, &sets[e].augment, &searched, err)) return false;
    if (!augment_is_on(&sets[1].augment)) return true;
    if (!searched) sets[0].name = "as configured";
    const bool low = augment_is_on(&sets[0].augment); /* nothing is done at the low ends: originals show that */
    const AugmentedSet *from = searched && !low ? sets + 1 : sets;
    return augmented_make(table, from, searched && low ? 2 : 1, (uint64_t)config->run.seed, arena, out, err);
}

bool preview_asked(const Config *config, const Table *table, Arena *arena, Doc **out, Error *err)
{
    if (!config->kind->trains)
        return error_set(err, ERR_CONFIG, "%s: a program's data are its own; there is nothing to preview",
                         config->file);
    if (!table->pixels)
        return error_set(err, ERR_CONFIG, "%s: the rows are no pictures; of a table `augment` adds noise to"
                                          " what"
                         " `consort data preview` shows as encoded, and that is all", config->file);
    if (!preview_augmented(config, table, arena, out, err)) return false;
    return *out || error_set(err, ERR_CONFIG, "%s: nothing is augmented; set some of `train.augment`"
                             " (`consort help config` lists what there is)", config->file);
}

bool preview_pictures(const Table *table, Arena *arena, Doc **out, Error *err)
{
    return augmented_make(table, NULL, 0, 0, arena, out, err);
}

bool preview_rows(const Config *config, const Data *data, int n, Arena *arena, Doc **out, Error *err)
{
    enum { MOST_FEATURES = 8 };
    Prep *prep;
    bool ok = prep_fit(&config->settings.prep, data->train, data->split->train[0], data->split->n_train[0],
                       arena,
                       &prep, err)
           && encoded_make(data->train, prep, n, MOST_FEATURES, arena, out, err);
    if (ok) data_say_split(data, *out);
    return ok;
}

bool preview_page(const Config *config, const Doc *augmented, const char *path, Error *err)
{
    Text html = {0};
    Doc *document = doc_object(), *study = doc_set(document, "study", doc_object());
    doc_set_text(study, "name", config->name);
    Doc *verdict = doc_set(document, "verdict", doc_object());
    doc_set_text(verdict, "headline", "What training sees of the pictures");
    doc_set(document, "augmented", doc_copy(augmented));
    bool ok = html_write(document, &html, err) && file_write(path, html.bytes, html.n, err);
    text_free(&html);
    doc_free(document);
    return ok;
}
