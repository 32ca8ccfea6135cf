/* api/parts.h - what the files of this room share: handles, and the way from public structs to those of the
 * rooms below.
 *
 * A public function makes an Error of its own, and hands it over with api_end(). Structs with a `size` are
 * copied with api_take() before they are looked at, so that a program may have been compiled with another
 * header.
 *
 * Memory  each handle has an arena that goes with it.
 */
#ifndef CONSORT_API_PARTS_H
#define CONSORT_API_PARTS_H
#include "api/consort.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "data/given.h"
#include "job/finished.h"
#include "job/predict.h"
#include "model/model.h"

struct consort_model {
    Arena *arena;
    Model *model;
    const char *info; /* JSON */
};

struct consort_study {
    Arena *arena;
    OpenStudy open;     /* reading */
    bool is_open;
    Finished finished;  /* configuration and rows at hand */
    bool has_finished;
    const char *end;    /* of a study that was run here: why it ended; else NULL */
};

/* The code of what went wrong, which `out` is told; 0: nothing did. */
int api_end(bool ok, consort_error *out, const Error *err);
/* A copy of a struct that begins with its size. ERR_INVALID where that is 0, or where it has more than is known
 * here and uses it. `name` is for the message. */
bool api_take(const void *from, void *to, size_t known, const char *name, Error *err);
/* The bytes of a text as the caller's own; the text is freed. */
bool api_give(Text *text, char **out, Error *err);

/* Rows that are not a file, as data/given.h has them; `path` is memory:NAME. */
bool api_given(const consort_rows *rows, const char *path, Arena *arena, GivenRows *out, Error *err);
/* Rows as a model wants them. `no_labels`: a label is not looked at. */
bool api_table(const consort_rows *rows, const Schema *schema, bool no_labels, Arena *arena, Table **out,
               Error *err);

/* A handle of a model that lies in `arena`, which is the handle's from then on, also when this fails. */
bool api_model(Model *model, const char *path, Arena *arena, consort_model **out, Error *err);
/* Opens the study again that lies at this place, for reading. */
bool api_look_at(consort_study *study, const Place *place, Error *err);
#endif
