/* job/open.c - from what a person calls a study or a model to the study or model itself. */
#include "job/open.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/grow.h"
#include "base/names.h"
#include "data/read.h"
#include "data/source.h"
#include "job/kind.h"

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

/* Folder by folder: `slow` before `slow-b`, though a slash comes after a hyphen. */
static int by_path(const void *one, const void *other)
{
    const char *a = *(const char *const *)one, *b = *(const char *const *)other;
    while (*a && *a == *b) a++, b++;
    int first = *a == '/' ? 1 : (unsigned char)*a, second = *b == '/' ? 1 : (unsigned char)*b;
    return (first > second) - (first < second);
}

bool databases_below(const char *folder, Arena *arena, const char ***out, int *n, Error *err)
{
    int room = 0;
    bool ok = true;
    *out = NULL;
    *n = 0;
    DIR *dir = opendir(folder);
    if (!dir) return true;
    for (struct dirent *entry; ok && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        const char *db = arena_print(arena, "%s/%s/trials.db", folder, entry->d_name);
        ok = db && GROW(arena, *out, *n, room);
        if (ok && file_exists(db)) (*out)[(*n)++] = db;
    }
    closedir(dir);
    if (*n > 1) qsort(*out, (size_t)*n, sizeof **out, by_path);
    return ok || error_memory(err);
}

/* The names of the first studies in runs/, for a message, and how many more there are. */
static const char *names_of_runs(const char *const *dbs, int n, Arena *arena)
{
    enum { SHOWN = 10 };
    const char *names = "";
    for (int i = 0; names && i < n && i < SHOWN; i++) {
        int length = (int)(strlen(dbs[i]) - strlen("runs/") - strlen("/trials.db"));
        names = arena_print(arena, "%s%s%.*s", names, i ? ", " : "", length, dbs[i] + strlen("runs/"));
    }
    return names && n > SHOWN ? arena_print(arena, "%s and %d more", names, n - SHOWN) : names;
}

static bool place_of_folder(const char *folder, const char *name, Arena *arena, Place *out,
                            Error *err)
{
    if (!folder) return error_memory(err);
    *out = (Place){path_join(arena, folder, "trials.db"), arena_copy(arena, folder), name};
    return (out->db && out->folder) || error_memory(err);
}

/* The one study of runs/, or one by name. */
static bool place_in_runs(const char *name, Arena *arena, Place *out, Error *err)
{
    const char **dbs, *names, *folder = name ? place_of_name(name, arena) : NULL;
    const char *db = folder ? path_join(arena, folder, "trials.db") : NULL;
    int n;
    if (name && !db) return error_memory(err);
    if (name && file_exists(db)) return place_of_folder(path_folder(arena, db), NULL, arena, out, err);
    if (!databases_below("runs", arena, &dbs, &n, err)) return false;
    if (!(names = names_of_runs(dbs, n, arena))) return error_memory(err);
    if (name && n == 0)
        return error_set(err, ERR_INVALID, "no study `%.200s`: no such folder or database, and there is"
                         " no runs/ here", name);
    if (name) return error_set(err, ERR_INVALID, "no study `%.200s`; runs/ has: %s", name, names);
    if (n == 0)
        return error_set(err, ERR_INVALID, "there is no study in runs/; start one with"
                         " `consort sweep CONFIG`, or name its folder");
    if (n > 1) return error_set(err, ERR_INVALID, "runs/ has %d studies: name one of %s", n, names);
    return place_of_folder(path_folder(arena, dbs[0]), NULL, arena, out, err);
}

/* DATABASE:NAME, at the first colon before which there is a file: a name may have colons, too. */
static bool in_database(const char *argument, Arena *arena, const char **db, const char **name)
{
    for (const char *colon = strchr(argument, ':'); colon; colon = strchr(colon + 1, ':')) {
        *db = arena_copy_n(arena, argument, (size_t)(colon - argument));
        *name = colon + 1;
        if (*db && file_exists(*db) && !file_is_folder(*db)) return true;
    }
    return false;
}

bool names_study(const char *argument, Arena *arena)
{
    const char *db, *name, *folder = place_of_name(argument, arena);
    const char *in_runs = folder ? path_join(arena, folder, "trials.db") : NULL;
    const char *inside = path_join(arena, argument, "trials.db");
    return (in_runs && file_exists(in_runs)) || (inside && file_exists(inside))
        || (ends_with(argument, ".db") && file_exists(argument)) || in_database(argument, arena, &db, &name);
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
    if (names_data(argument) && source_exists(argument, arena))
        return error_set(err, ERR_CONFIG, "%s is a data file, not a study; `consort run %s --label COLUMN`"
                         " makes one of it", argument, argument);
    if (file_exists(argument) && ends_with(argument, ".consort"))
        return error_set(err, ERR_CONFIG, "%s is a model, not a study; name the study's folder, or the study in"
                         " runs/", argument);
    if (file_exists(argument)) {
        *out = (Place){.db = arena_copy(arena, argument)}; /* the folder follows from the name */
        return out->db || error_memory(err);
    }
    const char *db, *name;
    if (in_database(argument, arena, &db, &name)) {
        *out = (Place){db, place_folder_of_db(db, name, arena), name};
        return out->folder || error_memory(err);
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
    if (!config_read_text(name, open->study.config_yaml, "", open->arena, out, err)) return false;
    /* The file may come from anywhere: it must not say what is overwritten. */
    ReportOptions *report = &(*out)->report;
    report->html = report->json = report->markdown = NULL;
    return true;
}

bool study_trial(const OpenStudy *open, int number, TrialRow *out, Error *err)
{
    TrialRow *rows;
    int n, n_trials;
    if (!store_trials_from(open->store, open->study.id, number, 1, open->arena, &rows, &n, err)) return false;
    if (n > 0 && rows[0].number == number) {
        *out = rows[0];
        return true;
    }
    if (!store_count_trials(open->store, open->study.id, &n_trials, err)) return false;
    if (n_trials < 2)
        return error_set(err, ERR_INVALID, "study %s has no trial %d; it has %s", open->study.name, number,
                         n_trials ? "trial 0 alone" : "none yet");
    return error_set(err, ERR_INVALID, "study %s has no trial %d; it has 0 to %d", open->study.name, number,
                     n_trials - 1);
}

Doc *doc_of_cell(const char *column, const Value *cell)
{
    static const char *const json_columns[] = {"params", "example_params", "trace", NULL};
    Error ignored;
    bool text = cell->kind == VALUE_TEXT && cell->text && *cell->text == '{';
    Doc *doc = text && names_find(json_columns, column) >= 0
             ? doc_parse(cell->text, strlen(cell->text), &ignored) : NULL;
    return doc ? doc : doc_value(cell);
}

static bool take_row(void *context, int n, const char *const *columns, const Value *cells)
{
    Doc *row = doc_add(context, doc_object());
    for (int i = 0; i < n; i++) doc_set(row, columns[i], doc_of_cell(columns[i], &cells[i]));
    return true;
}

bool query_rows(Store *store, const char *sql, double timeout_s, Doc *rows, Error *err)
{
    return store_query(store, sql, timeout_s, &(QuerySink){.row = take_row, .context = rows}, err);
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

bool study_has_networks(const Config *config, const StudyInfo *study, const char *folder, const char *what,
                        Error *err)
{
    if (config->kind->trains) return true;
    return error_set(err, ERR_INVALID, "study %s runs a program of yours: there are no networks and no"
                     " predictions to make %s of; `consort best %s` has the best configuration", study->name,
                     what, folder);
}

/* Why there is no ensemble yet. */
static bool no_ensemble(const Place *place, const char *path, Arena *arena, Error *err)
{
    OpenStudy open;
    Config *config;
    Error ignored;
    if (study_open(place, arena, &open, &ignored)) {
        bool read = study_config(&open, &config, &ignored);
        study_close(&open);
        if (read && !study_has_networks(config, &open.study, place->folder, "a model", err)) return false;
    }
    return error_set(err, ERR_DATA, "%s is not there yet; build it with `consort ensemble %s`", path,
                     place->folder);
}

bool model_open(const char *argument, const PlaceOptions *said, Arena *arena, Model **out, const char **path,
                Error *err)
{
    if (argument && file_exists(argument) && !file_is_folder(argument)
        && !ends_with(argument, ".db") && !names_config(argument)) {
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
        if (!file_exists(*path)) return no_ensemble(&place, *path, arena, err);
    }
    return model_load(*path, arena, out, err);
}

bool model_of_trial(const char *argument, const PlaceOptions *said, int number, Arena *arena, Model **out,
                    const char **path, Error *err)
{
    Place place;
    OpenStudy open;
    TrialRow row;
    ArtifactRow *artifacts = NULL;
    Config *config;
    int n = 0;
    *path = NULL;
    if (argument && ends_with(argument, ".consort"))
        return error_set(err, ERR_CONFIG, "--trial %d: %s is a model; give the study that the trial is of",
                         number, argument);
    if (!place_find(argument, said, arena, &place, err) || !study_open(&place, arena, &open, err)) return false;
    bool ok = study_config(&open, &config, err)
           && study_has_networks(config, &open.study, open.place.folder, "a model", err)
           && study_trial(&open, number, &row, err)
           && store_artifacts(open.store, row.id, arena, &artifacts, &n, err);
    for (int i = 0; ok && i < n; i++)
        if (artifact_is(&artifacts[i], ARTIFACT_WEIGHTS))
            ok = (*path = place_file(&open.place, artifacts[i].path, arena)) != NULL || error_memory(err);
    if (ok && (!*path || !file_exists(*path)))
        ok = error_set(err, ERR_DATA, "trial %d of study %s has no model: %s", number, open.study.name,
                       row.state != TRIAL_COMPLETE ? "it was not trained to its end"
                       : "only the best run.keep_models are kept; `consort best STUDY --trial N --yaml`, then"
                         " `consort train`, makes it again");
    study_close(&open);
    return ok && model_load(*path, arena, out, err);
}
