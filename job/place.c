#include "job/place.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "data/synth.h"

enum { MODEL_LIMIT_BYTES = 1 << 30, DOC_LIMIT_BYTES = 1 << 28 };

/* ---- places ---------------------------------------------------------------------------------- */

bool place_is_shared(const Place *place)
{
    return strcmp(path_base(place->db), "trials.db") != 0;
}

/* Where the files of study `name` in database `db` lie. */
static const char *folder_of_db(const char *db, const char *name, Arena *arena)
{
    const char *dir = path_folder(arena, db), *stem = path_stem(arena, db);
    if (!dir || !stem) return NULL;
    if (!*dir) dir = ".";
    return place_is_shared(&(Place){.db = db}) ? arena_print(arena, "%s/%s.files/%s", dir, stem, name)
                                               : dir;
}

bool place_of_config(const Cli *cli, const Config *config, Arena *arena, Place *out, Error *err)
{
    const char *db = cli_value(cli, "db"), *dir = cli_value(cli, "dir");
    if (!db && !dir) {
        db = config->run.db;
        dir = config->run.dir;
    }
    if (db && dir)
        return error_set(err, ERR_CONFIG, "a study has a folder of its own (--dir, run.dir) or a database"
                         " that several share (--db, run.db); give one of %.200s and %.200s", dir, db);
    *out = (Place){.name = config->name};
    if (db) {
        out->db = arena_copy(arena, db);
        out->folder = folder_of_db(db, config->name, arena);
    } else {
        out->folder = dir ? arena_copy(arena, dir) : arena_print(arena, "runs/%s", config->name);
        out->db = out->folder ? path_join(arena, out->folder, "trials.db") : NULL;
    }
    return (out->db && out->folder) || error_memory(err);
}

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

bool place_of_argument(const Cli *cli, const char *argument, Arena *arena, Place *out, Error *err)
{
    if (!argument) argument = cli_value(cli, "dir");
    if (!argument) argument = cli_value(cli, "db");
    if (!argument) return place_in_runs(NULL, arena, out, err);
    if (file_is_folder(argument)) return place_of_folder(argument, NULL, arena, out, err);
    if (names_config(argument)) {
        Config *config;
        return config_read(argument, NULL, 0, arena, &config, err)
            && place_of_config(cli, config, arena, out, err);
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
            *out = (Place){db, folder_of_db(db, colon + 1, arena), colon + 1};
            return out->folder || error_memory(err);
        }
    }
    return place_in_runs(argument, arena, out, err);
}

char *place_file(const Place *place, const char *name, Arena *arena)
{
    return path_join(arena, place->folder, name);
}

/* ---- studies --------------------------------------------------------------------------------- */

bool study_open(const Cli *cli, const char *argument, OpenStudy *out, Error *err)
{
    *out = (OpenStudy){.arena = cli->arena};
    if (!place_of_argument(cli, argument, cli->arena, &out->place, err)) return false;
    if (!file_exists(out->place.db))
        return error_set(err, ERR_INVALID, "%s is not there; start the study with `consort sweep`",
                         out->place.db);
    if (!store_open(out->place.db, STORE_READ, &out->store, err)) return false;
    if (!store_study_find(out->store, out->place.name, cli->arena, &out->study, err)) {
        study_close(out);
        return false;
    }
    if (!out->place.folder)
        out->place.folder = folder_of_db(out->place.db, out->study.name, cli->arena);
    out->place.name = out->study.name;
    return true;
}

void study_close(OpenStudy *open)
{
    if (open->store) store_close(open->store, NULL);
    open->store = NULL;
}

bool study_config(const OpenStudy *open, Config **out, Error *err)
{
    char *name = arena_print(open->arena, "%s (stored configuration)", open->place.db);
    if (!name) return error_memory(err);
    return config_read_text(name, open->study.config_yaml, "", open->arena, out, err);
}

/* ---- data ------------------------------------------------------------------------------------ */

static bool read_tables(const Config *config, Arena *arena, Data *out, Error *err)
{
    const DataOptions *data = &config->data;
    const ReadOptions *read = &data->read;
    if (read->format == FORMAT_DIGITS) {
        uint64_t seed = (uint64_t)read->digits_seed;
        if (!table_synth_digits(read->rows, seed, 0, read->digits_noise, arena, &out->train, err))
            return false;
        return data->test || read->test_rows == 0
            || table_synth_digits(read->test_rows, seed, 1, read->digits_noise, arena, &out->test,
                                  err);
    }
    if (!table_read(&data->train_file, read, NULL, arena, &out->train, err)) return false;
    table_drop_useless(out->train, arena);
    if (!out->train->pixels && out->train->n_columns == 0)
        return error_set(err, ERR_DATA, "%s: no column is left to learn from: all are constant, empty"
                         " or identifiers (`consort data inspect` shows them)",
                         data->train_file.images);
    if (!data->test_file.images) return true;
    Schema schema = table_schema(out->train);
    return table_read(&data->test_file, read, &schema, arena, &out->test, err);
}

/* data.test: {fraction: ...} takes the test rows from the table itself. */
static bool take_test_part(const TestOptions *options, Arena *arena, Data *out, Error *err)
{
    int32_t *rest, *held;
    int n_rest, n_held;
    Table *all = out->train;
    return split_hold_out(options->fraction, options->stratify, (uint64_t)options->seed,
                          all->labels, all->n_rows, all->n_classes, arena, &rest, &n_rest, &held,
                          &n_held, err)
        && table_rows(all, rest, n_rest, arena, &out->train, err)
        && table_rows(all, held, n_held, arena, &out->test, err);
}

static bool find_positive(const Config *config, Data *out, Error *err)
{
    const char *name = config->report.positive_class;
    out->positive = -1;
    if (!name) return true;
    for (int c = 0; c < out->train->n_classes; c++)
        if (strcmp(out->train->classes[c], name) == 0) out->positive = c;
    if (out->positive >= 0) return true;
    return error_set(err, ERR_CONFIG, "report.positive_class is `%s`, but the classes are %s, %s%s",
                     name, out->train->classes[0],
                     out->train->n_classes > 1 ? out->train->classes[1] : "",
                     out->train->n_classes > 2 ? ", ..." : "");
}

bool data_load(const Config *config, Arena *arena, Data *out, Error *err)
{
    *out = (Data){0};
    bool ok = read_tables(config, arena, out, err);
    if (ok && (!out->train->labels || out->train->n_classes < 2))
        ok = error_set(err, ERR_DATA, "the training data have %s; name the column with `data.label`",
                       out->train->labels ? "only one class" : "no label column");
    const TestOptions *part = &config->data.test_part;
    if (ok && config->data.test && !config->data.test_file.images && part->fraction > 0)
        ok = take_test_part(part, arena, out, err);
    ok = ok && find_positive(config, out, err)
      && split_make(&config->data.split, out->train->labels, out->train->n_rows,
                    out->train->n_classes, arena, &out->split, err);
    if (!ok && err->code == ERR_IO) err->code = ERR_DATA;
    return ok;
}

/* ---- models ---------------------------------------------------------------------------------- */

bool model_open(const Cli *cli, const char *argument, Arena *arena, Model **out,
                const char **path, Error *err)
{
    if (argument && file_exists(argument) && !file_is_folder(argument)
        && !ends_with(argument, ".db")) {
        *path = argument;
    } else {
        Place place;
        if (argument && (ends_with(argument, ".consort") || ends_with(argument, ".safetensors")))
            return error_set(err, ERR_DATA, "cannot read the model %s: %s", argument,
                             file_is_folder(argument) ? "it is a folder" : "no such file");
        if (!place_of_argument(cli, argument, arena, &place, err)) return false;
        if (!place.folder) {
            OpenStudy open;
            if (!study_open(cli, argument, &open, err)) return false;
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

bool read_options_of(const Cli *cli, Arena *arena, ReadOptions *out, Error *err)
{
    static const char *const names[] = {"format", "delimiter", "header", "label"};
    if (!field_defaults(&read_fields, out, arena, err)) return false;
    out->dir = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = cli_value(cli, names[i]);
        if (!text) continue;
        Value value = value_text(text);
        if (!field_assign(&read_fields, names[i], &value, out, arena, err))
            return error_wrap(err, "--%s", names[i]);
    }
    return true;
}

bool table_open(const DataFile *file, const ReadOptions *options, const Schema *schema,
                Arena *arena, Table **out, Error *err)
{
    static const char *const names[] = {"label", "delimiter", "header", "format"};
    if (table_read(file, options, schema, arena, out, err)) return true;
    if (err->code == ERR_IO) err->code = ERR_DATA;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        const char *rest = err->message + 5 + n;
        if (strncmp(err->message, "data.", 5) != 0 || strncmp(err->message + 5, names[i], n) != 0
            || *rest != ':')
            continue;
        char text[sizeof err->message];
        snprintf(text, sizeof text, "%s", rest);
        return error_set(err, err->code, "--%s%s", names[i], text);
    }
    return false;
}

/* ---- documents ------------------------------------------------------------------------------- */

bool doc_load(const Place *place, const char *name, Doc **out, Error *err)
{
    Arena *arena = arena_create(0);
    char *path = arena ? place_file(place, name, arena) : NULL;
    Bytes bytes = {0};
    bool ok = true;
    *out = NULL;
    if (!path) {
        ok = error_memory(err);
    } else if (file_exists(path)) {
        ok = file_read(path, DOC_LIMIT_BYTES, &bytes, err);
        if (ok) {
            *out = doc_parse(bytes.bytes, bytes.n, err);
            ok = *out || error_wrap(err, "%s", path);
        }
        bytes_free(&bytes);
    }
    arena_destroy(arena);
    return ok;
}

bool doc_save(const Place *place, const char *name, const Doc *doc, Error *err)
{
    Arena *arena = arena_create(0);
    char *path = arena ? place_file(place, name, arena) : NULL;
    Text text = {0};
    bool ok = path && doc_print(doc, 1, &text);
    ok = ok ? file_write(path, text.bytes, text.n, err) : error_memory(err);
    text_free(&text);
    arena_destroy(arena);
    return ok;
}
