/* job/parts.c - into how many parts a study was divided, as it is written beside them, and which have begun. */
#include "job/parts.h"

#include "base/file.h"

static const char marker[] = "parts.json";

/* 0: nowhere is it written. */
static bool read_marker(const char *all, int *n_parts, Error *err)
{
    Doc *doc;
    *n_parts = 0;
    if (!doc_load(&(Place){.folder = all}, marker, &doc, err)) return false;
    const double n = doc_to_number(doc_get(doc, "parts"), 0);
    if (n >= 1 && n <= PART_MOST) *n_parts = (int)n;
    doc_free(doc);
    return true;
}

bool parts_check(const Config *config, const Place *place, Arena *arena, Error *err)
{
    int there;
    if (config->n_parts == 0) return true;
    const char *all = path_folder(arena, place->folder);
    if (!all) return error_memory(err);
    if (config->run_cap > 0 && config->n_parts > config->run_cap)
        return error_set(err, ERR_CONFIG, "part %s: run_cap is %d, which is less than a trial for each part;"
                         " have %d parts at most", config->run.part, config->run_cap, config->run_cap);
    if (!read_marker(all, &there, err)) return false;
    if (there == 0 || there == config->n_parts) return true;
    return error_set(err, ERR_CONFIG, "%.200s: study \"%.100s\" was begun in %d parts, not %d; go on with %d,"
                     " or begin another with --dir or --name", all, config->name, there, config->n_parts,
                     there);
}

bool parts_write(const Config *config, const Place *place, Arena *arena, Error *err)
{
    int there;
    if (config->n_parts == 0) return true;
    const char *all = path_folder(arena, place->folder);
    if (!all) return error_memory(err);
    if (!file_make_folder(all, err) || !read_marker(all, &there, err)) return false;
    if (there > 0) return true;
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "study", config->name);
    doc_set_number(doc, "parts", config->n_parts);
    bool ok = doc_save(&(Place){.folder = all}, marker, doc, err);
    doc_free(doc);
    return ok;
}

bool parts_find(const char *folder, Arena *arena, const char *const **out, int *n, int *n_parts, Error *err)
{
    const char *all = part_folder_of_all(folder, arena);
    if (!all) return error_memory(err);
    if (!read_marker(all, n_parts, err)) return false;
    if (*n_parts == 0)
        return error_set(err, ERR_INVALID, "there are no parts in %.300s; `consort sweep CONFIG --part 0/N`"
                         " begins the first of N", all);
    const char **list = ARENA_NEW(arena, const char *, *n_parts);
    if (!list) return error_memory(err);
    *n = 0;
    for (int i = 0; i < *n_parts; i++) {
        const char *one = part_folder(folder, i, arena);
        const char *db = one ? path_join(arena, one, "trials.db") : NULL;
        if (!db) return error_memory(err);
        if (file_exists(db)) list[(*n)++] = one;
    }
    *out = list;
    return true;
}
