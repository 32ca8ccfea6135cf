/* job/place.c - the folder and the database of a study, and the documents in it. */
#include "job/place.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "data/synth.h"
#include "job/part.h"

enum { DOC_LIMIT_BYTES = 1 << 28 };

bool place_is_shared(const Place *place)
{
    return strcmp(path_base(place->db), "trials.db") != 0;
}

/* A study's name as the name of a folder, one beside the others whatever the study is called. */
static const char *one_part(const char *name, Arena *arena)
{
    char *part = arena_copy(arena, *name ? name : "_");
    for (char *c = part; c && *c; c++)
        if (*c == '/' || *c == ':') *c = '_';
    if (part && *part == '.') *part = '_'; /* hidden, or "..", another folder */
    return part;
}

const char *place_of_name(const char *name, Arena *arena)
{
    const char *part = one_part(name, arena);
    return part ? arena_print(arena, "runs/%s", part) : NULL;
}

const char *place_folder_of_db(const char *db, const char *name, Arena *arena)
{
    const char *dir = path_folder(arena, db), *stem = path_stem(arena, db);
    if (!dir || !stem || !(name = one_part(name, arena))) return NULL;
    if (!*dir) dir = ".";
    return place_is_shared(&(Place){.db = db}) ? arena_print(arena, "%s/%s.files/%s", dir, stem, name)
                                               : dir;
}

bool place_of_config(const Config *config, const PlaceOptions *said, Arena *arena, Place *out, Error *err)
{
    const char *db = said ? said->db : NULL, *dir = said ? said->dir : NULL;
    if (!db && !dir) {
        db = config->run.db;
        dir = config->run.dir;
    }
    if (db && config->n_parts > 0)
        return error_set(err, ERR_CONFIG, "part %s: a part has a folder of its own, and %.200s is a database"
                         " that several share; give --dir (run.dir), or neither", config->run.part, db);
    if (db && dir)
        return error_set(err, ERR_CONFIG, "a study has a folder of its own (--dir, run.dir) or a database"
                         " that several share (--db, run.db); give one of %.200s and %.200s", dir, db);
    *out = (Place){.name = config->name};
    if (db) {
        out->db = arena_copy(arena, db);
        out->folder = place_folder_of_db(db, config->name, arena);
    } else {
        out->folder = dir ? arena_copy(arena, dir) : place_of_name(config->name, arena);
        if (out->folder && config->n_parts > 0) out->folder = part_folder(out->folder, config->part, arena);
        out->db = out->folder ? path_join(arena, out->folder, "trials.db") : NULL;
    }
    return (out->db && out->folder) || error_memory(err);
}

bool place_own(const Place *place, const char *folder, Arena *arena, Error *err)
{
    struct stat about;
    const char *path = place_file(place, folder, arena);
    if (!path) return error_memory(err);
    if (lstat(path, &about) != 0 || !S_ISLNK(about.st_mode)) return true;
    return error_set(err, ERR_DATA, "%s is a link, and nothing is written or removed outside of the study's"
                     " folder; put a folder there, or link the whole study", path);
}

bool place_artifacts_own(const Place *place, Arena *arena, Error *err)
{
    return place_own(place, "artifacts", arena, err);
}

char *place_file(const Place *place, const char *name, Arena *arena)
{
    return path_join(arena, place->folder, name);
}

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
        ok = file_read_plain(path, DOC_LIMIT_BYTES, &bytes, err);
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
