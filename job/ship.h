/* job/ship.h - the one way from a model to files for elsewhere.
 *
 * A format is a row of SHIP_LIST: its name (--to), the options of `consort export` that it takes, and what
 * makes its files. A format makes texts; ship() writes them, all or none, into `folder` as NAME and an ending.
 *
 * Errors   ERR_CONFIG a name that cannot be; ERR_INVALID a model that the format cannot say; ERR_IO.
 *          Files that were begun are removed when a later one fails.
 * Memory   all in the arena.
 */
#ifndef CONSORT_JOB_SHIP_H
#define CONSORT_JOB_SHIP_H
#include "model/model.h"

#define SHIP_LIST(X) /* format, name, options that are its own, maker (ship.c) */ \
    X(SHIP_C, "c", "trial sample", make_c) X(SHIP_ONNX, "onnx", "trial inputs labels", make_onnx)
typedef enum { SHIP_LIST(LIST_ID) SHIP_COUNT } ShipTo;
extern const char *const ship_names[];
/* Options of formats, separated by blanks; index ShipTo. */
extern const char *const ship_takes[];

typedef struct {
    ShipTo to;
    const char *folder, *name;
    const Table *sample;       /* rows that go along, for self-tests; NULL: made up */
    const char *inputs, *labels; /* of ONNX, words of export/onnx_options.h; NULL: the first of them */
} ShipOptions;

enum { SHIP_FILES = 6 };
typedef struct {
    const char *what;          /* "source", "header" */
    const char *path;
    size_t bytes;
} ShippedFile;
typedef struct {
    ShippedFile file[SHIP_FILES]; /* the one that matters first */
    int n;
} Shipped;

/* `path`: where the model was read from; its hash goes along. */
bool ship(const Model *model, const char *path, const ShipOptions *options, Arena *arena, Shipped *out,
          Error *err);
#endif
