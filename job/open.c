/* job/open.c - from what a person calls a study or a model to the study or model itself. */
#include "job/open.h"

#include <dirent.h>
#include <string.h>

#include "base/file.h"
#include "base/mat.h"

/* ---- places ---------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

bool names_config(const char *argument)
{
    return ends_with(argument, ".yaml") || ends_with(argument, ".yml");
}

/* The study folders in runs/: their number, the first's name, and all names for a message. */
static int list_runs(Arena *arena, const char **first, Text *names)
{
    int n = 0;
    DIR *dir = opendir("runs");
    if (!dir) return 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char *db = arena_print(arena, "runs/%s/trials.db", entry->d_name);
        if (entry->d_name[0] == '.' || !db || !file_exists(db)) continue;
        if (n++ == 0) *first = arena_copy(arena, entry->d_name);
        if (n <= 10) text_print(names, "%s%s", n > 1 ? ", " : "", entry->d_name);
    }
    closedir(dir);
    return n;
}

static bool place_of_folder(const char *folder, const char *name, Arena *arena, Place *out,
                            Error *err)
{
    *out = (Place){path_join(arena, folder, "trials.db"), arena_copy(arena, folder), name};
    return (out->db && out->folder) || error_memory(err);
}

/* The one study of runs/, or one by name. */
static bool place_in_runs(const char *name, Arena *arena, Place *out, Error *err)
{
    Text names = {0};
    const char *first = NULL;
    int n = list_runs(arena, &first, &names);
    bool ok = true;
    if (name) {
        char *db = arena_print(arena, "runs/%s/trials.db", name);
        ok = db && file_exists(db);
        first = name;
        if (!ok && n == 0)
            error_set(err, ERR_INVALID, "no study `%.200s`: no such folder or database, and there is"
                      " no runs/ here", name);
        else if (!ok)
            error_set(err, ERR_INVALID, "no study `%.200s`; runs/ has: %s", name, names.bytes);
    } else if (n == 0) {
        ok = error_set(err, ERR_INVALID, "there is no study in runs/; start one with"
                       " `consort sweep CONFIG`, or name its folder");
    } else if (n > 1) {
        ok = error_set(err, ERR_INVALID, "runs/ has %d studies: name one of %s", n, names.bytes);
    }
    text_free(&names);
    char *folder = ok ? arena_print(arena, "runs/%s", first) : NULL;
    if (ok && !folder) return error_memory(err);
    return ok && place_of_folder(folder, NULL, arena, out, err);
}

bool place_find(const char *argument, const PlaceOptions *said, Arena *arena, Place *out, Error *err)
{
    if (!argument && said) argument = said->dir ? said->dir : said->db;
    if (!argument) return place_in_runs(NULL, arena, out, err);
    if (file_is_folder(argument)) return place_of_folder(argument, NULL, arena, out, err);
    if (names_config(argument)) {
        Config *config;
        return config_read(argument, NULL, 0, arena, &config, err)
            && place_of_config(config, said, arena, out, err);
    }
    if (file_exists(argument)) {
        *out = (Place){.db = arena_copy(arena, argument)}; /* the folder follows from the name */
        return out->db || error_memory(err);
    }
    const char *colon = strrchr(argument, ':');
    if (colon) {
        char *db = arena_copy_n(arena, argument, (size_t)(colon - argument));
        if (!db) return error_memory(err);
        if (file_exists(db)) {
            *out = (Place){db, place_folder_of_db(db, colon + 1, arena), colon + 1};
            return out->folder || error_memory(err);
        }
    }
    return place_in_runs(argument, arena, out, err);
}

/* ---- studies --------------------------------------------------------------------------------- */

bool study_open(const Place *place, Arena *arena, OpenStudy *out, Error *err)
{
    *out = (OpenStudy){.place = *place, .arena = arena};
    if (!file_exists(out->place.db))
        return error_set(err, ERR_INVALID, "%s is not there; start the study with `consort sweep`",
                         out->place.db);
    if (!store_open(out->place.db, STORE_READ, &out->store, err)) return false;
    if (!store_study_find(out->store, out->place.name, arena, &out->study, err)
        || !stored_read(&out->study, arena, &out->stored, err)) {
        study_close(out);
        return false;
    }
    if (!out->place.folder)
        out->place.folder = place_folder_of_db(out->place.db, out->study.name, arena);
    out->place.name = out->study.name;
    return true;
}

void study_close(OpenStudy *open)
{
    if (open->store) store_close(open->store, NULL);
    open->store = NULL;
}

bool study_open_writer(OpenStudy *open, Error *err)
{
    study_close(open);
    return store_open(open->place.db, STORE_WRITE, &open->store, err);
}

bool study_close_writer(OpenStudy *open, bool ok, Error *err)
{
    Error closing;
    bool closed = !open->store || store_close(open->store, &closing);
    open->store = NULL;
    if (ok && !closed) *err = closing;
    return ok && closed;
}

bool study_config(const OpenStudy *open, Config **out, Error *err)
{
    char *name = arena_print(open->arena, "%s (stored configuration)", open->place.db);
    if (!name) return error_memory(err);
    return config_read_text(name, open->study.config_yaml, "", open->arena, out, err);
}

bool study_trial(const OpenStudy *open, int number, TrialRow *out, Error *err)
{
    TrialRow *rows;
    int n;
    if (!store_trials(open->store, open->study.id, open->arena, &rows, &n, err)) return false;
    for (int i = 0; i < n; i++) {
        if (rows[i].number != number) continue;
        *out = rows[i];
        return true;
    }
    return error_set(err, ERR_INVALID, "study %s has no trial %d; it has 0 to %d", open->study.name, number,
                     n - 1);
}

const char *sql_quote(const char *text, Arena *arena)
{
    size_t n = strlen(text), at = 0;
    char *quoted = arena_alloc(arena, 2 * n + 3, 1);
    if (!quoted) return NULL;
    quoted[at++] = '\'';
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\'') quoted[at++] = '\'';
        quoted[at++] = text[i];
    }
    quoted[at] = '\'';
    return quoted;
}

/* ---- models ---------------------------------------------------------------------------------- */

bool model_open(const char *argument, const PlaceOptions *said, Arena *arena, Model **out, const char **path,
                Error *err)
{
    mat_init();
    if (argument && file_exists(argument) && !file_is_folder(argument)
        && !ends_with(argument, ".db")) {
        *path = argument;
    } else {
        Place place;
        if (argument && (ends_with(argument, ".consort") || ends_with(argument, ".safetensors")))
            return error_set(err, ERR_DATA, "cannot read the model %s: %s", argument,
                             file_is_folder(argument) ? "it is a folder" : "no such file");
        if (!place_find(argument, said, arena, &place, err)) return false;
        if (!place.folder) {
            OpenStudy open;
            if (!study_open(&place, arena, &open, err)) return false;
            place = open.place;
            study_close(&open);
        }
        *path = place_file(&place, "ensemble.consort", arena);
        if (!*path) return error_memory(err);
        if (!file_exists(*path))
            return error_set(err, ERR_DATA, "%s is not there yet; build it with `consort ensemble %s`",
                             *path, place.folder);
    }
    return model_load(*path, arena, out, err);
}
