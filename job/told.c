/* job/told.c - reads what a study's files tell of its ensemble, and holds it against the files themselves. */
#include "job/told.h"

#include <string.h>

#include "base/file.h"

bool told_sha256(const char *path, char hex[65], Error *err)
{
    Bytes bytes;
    if (!file_read_plain(path, 0, &bytes, err)) return false;
    sha256_of(bytes.bytes, bytes.n, hex);
    bytes_free(&bytes);
    return true;
}

/* A document that is an object, if it is anything. `verb` and `flag` make it again. */
static bool load(const Place *place, const char *name, const char *verb, const char *flag, Doc **out,
                 Error *err)
{
    Error why;
    bool ok = doc_load(place, name, out, &why);
    if (ok && (!*out || doc_kind(*out) == DOC_OBJECT)) return true;
    if (ok) {
        doc_free(*out);
        *out = NULL;
        error_set(&why, ERR_DATA, "%.200s/%s: not a JSON object", place->folder, name);
    }
    if (why.code != ERR_DATA)
        *err = why;
    else
        error_set(err, ERR_DATA, "%.500s; `consort %s %.200s%s` makes it again", why.message, verb,
                  place->folder, flag);
    return false;
}

/* Is the file `name`, if it is there, the one that is told of? */
static bool is_told_of(const Place *place, const char *name, const char *told, Error *err)
{
    char hex[65];
    Arena *arena = told ? arena_create(0) : NULL;
    const char *path = arena ? place_file(place, name, arena) : NULL;
    bool ok = !told || path || error_memory(err);
    if (ok && path && file_exists(path)) {
        ok = told_sha256(path, hex, err);
        if (ok && strcmp(hex, told) != 0)
            ok = error_set(err, ERR_DATA, "%s is not the file that ensemble.json beside it tells of (its"
                           " SHA-256 is another); `consort ensemble %.200s` builds both again", path,
                           place->folder);
    }
    arena_destroy(arena);
    return ok;
}

bool told_ensemble(const Place *place, Doc **out, Error *err)
{
    if (!load(place, "ensemble.json", "ensemble", "", out, err)) return false;
    const char *model = doc_to_text(doc_get(*out, "sha256"), NULL);
    const char *proba = doc_to_text(doc_get(*out, "proba_sha256"), NULL);
    if (is_told_of(place, "ensemble.consort", model, err) && is_told_of(place, "ensemble.proba", proba, err))
        return true;
    doc_free(*out);
    *out = NULL;
    return false;
}

static bool differ(const char *a, const char *b)
{
    return a && b && strcmp(a, b) != 0;
}

bool told_evaluation(const Place *place, const Doc *ensemble, const char *test, Doc **out, bool *current,
                     Error *err)
{
    if (!load(place, "evaluation.json", "evaluate", " --final", out, err)) return false;
    const char *built = doc_to_text(doc_get(ensemble, "sha256"), NULL);
    *current = !differ(doc_to_text(doc_get(*out, "sha256"), NULL), built)
            && !differ(doc_to_text(doc_get(*out, "test_sha256"), NULL), test);
    return true;
}

Doc *told_card(const Place *place, const char *data)
{
    Doc *card;
    Error ignored;
    if (!doc_load(place, "data-card.json", &card, &ignored)) return NULL;
    const char *of = doc_to_text(doc_get(card, "fingerprint"), "");
    if (doc_kind(card) == DOC_OBJECT && strcmp(of, data) == 0) return card;
    doc_free(card);
    return NULL;
}
