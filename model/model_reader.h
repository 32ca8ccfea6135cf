/* model/model_reader.h - the ground floor of reading a model file: keys of its structure and arrays, each
 * checked before it is believed.
 *
 * `where` names the part of the structure for messages: "prep 2, column 5". Each function leaves its output
 * alone when it fails. reader_calibration and reader_decision read what stands behind the networks.
 *
 * Memory  what is read is copied into the arena, since the file is closed after loading.
 * Errors  ERR_DATA "FILE: what; the file is damaged or not from this program", ERR_MEMORY.
 */
#ifndef CONSORT_MODEL_MODEL_READER_H
#define CONSORT_MODEL_MODEL_READER_H
#include "model/model.h"

enum {
    READER_MOST_ITEMS = 1 << 20, /* of a list: far beyond what anyone trains */
    READER_MOST_DERIVED = 1 << 16
};

typedef struct {
    const char *path;
    const TensorFile *file;
    Arena *arena;
    Error *err;
    Model *model; /* as far as it is read */
} ModelReader;

/* Always false. */
bool reader_bad(ModelReader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool reader_int(ModelReader *r, const Doc *object, const char *where, const char *key, int low, int high,
                int *out);
bool reader_flag(ModelReader *r, const Doc *object, const char *where, const char *key, bool *out);
/* The same for keys that older files do not have: false, and 0. */
bool reader_new_flag(ModelReader *r, const Doc *object, const char *where, const char *key, bool *out);
bool reader_new_int(ModelReader *r, const Doc *object, const char *where, const char *key, int high, int *out);
bool reader_text(ModelReader *r, const Doc *object, const char *where, const char *key, const char **out);
bool reader_texts(ModelReader *r, const Doc *object, const char *where, const char *key, int *n,
                  const char ***out);
/* Index of the key's text among `names`. */
bool reader_choice(ModelReader *r, const Doc *object, const char *where, const char *key,
                   const char *const *names, int *out);
/* A tensor of n finite numbers. */
bool reader_doubles(ModelReader *r, const char *name, int64_t n, const double **out);
bool reader_floats(ModelReader *r, const char *name, int64_t n, const float **out);

/* What is predicted, with the classes; older files, and those of classes, do not say. */
bool reader_task(ModelReader *r, const Doc *root, Schema *schema);
bool reader_link(ModelReader *r, const Doc *net, const char *where, Link *out);
/* Derived columns, before the columns of a preprocessing are read; and their cells, after. `derived` is
 * prep->derived, as long as it can be changed. */
bool reader_derived(ModelReader *r, const Doc *list, int number, Prep *prep, Derivation **derived);
bool reader_cells(ModelReader *r, int number, Prep *prep, Derivation *derived);
bool reader_calibration(ModelReader *r, const Doc *root);
bool reader_decision(ModelReader *r, const Doc *root);
bool reader_stack(ModelReader *r);
bool reader_conformal(ModelReader *r, const Doc *root);
#endif
