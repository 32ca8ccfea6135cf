/* job/ship.h - the one way from a model to files for elsewhere.
 *
 * A format is a row of SHIP_LIST: its name (--to), the options of `consort export` that it takes, and what
 * makes its files. A format makes texts. Before anything is written they are proved: what they compute is
 * compared with the model, row by row (job/proof.h). Then ship() writes them and a model card
 * (job/model_card.h), all or none, into `folder` as NAME and an ending; the card is NAME.md and NAME.card.json.
 *
 * Errors   ERR_CONFIG a name that cannot be; ERR_INVALID a model that the format cannot say; ERR_IO.
 *          Files that were begun are removed when a later one fails.
 * Memory   all in the arena.
 */
#ifndef CONSORT_JOB_SHIP_H
#define CONSORT_JOB_SHIP_H
#include "job/model_facts.h"
#include "job/proof.h"

#define SHIP_LIST(X) /* format, name, options that are its own, maker (ship.c) */ \
    X(SHIP_C, "c", "trial sample verify within target numbers", make_c) \
    X(SHIP_ONNX, "onnx", "trial sample verify within inputs classes", make_onnx) \
    X(SHIP_WASM, "wasm", "trial sample verify within", make_wasm)
typedef enum { SHIP_LIST(LIST_ID) SHIP_COUNT } ShipTo;
extern const char *const ship_names[];
/* Options of formats, separated by blanks; index ShipTo. */
extern const char *const ship_takes[];

/* What --inputs, --classes, --target and --numbers take. */
extern const char *const *const ship_inputs, *const *const ship_classes, *const *const ship_targets,
    *const *const ship_numbers;

typedef struct {
    ShipTo to;
    const char *folder, *name;
    const Table *sample;       /* rows that go along, for self-tests; NULL: made up */
    const char *numbers;       /* of C, a word of plan_numbers_names; NULL: the first, floats */
    const char *inputs, *classes; /* of ONNX, words of export/onnx_options.h; NULL: the first of them */
    const char *target;        /* of C, as c_target_names has it; NULL: the first */
    const ProofRows *rows;     /* to prove it on; NULL: it is not proved */
    bool compile;              /* prove C by compiling and running it, instead of by its plan */
    double within;             /* the largest deviation that floats may have; 0: PROOF_DEVIATION */
} ShipOptions;

enum { SHIP_FILES = 8 };
typedef struct {
    const char *what;          /* "source", "header", "card", "card_json" */
    const char *path;
    size_t bytes;
} ShippedFile;
typedef struct {
    ShippedFile file[SHIP_FILES]; /* the one that matters first */
    int n;                     /* 0: the proof failed, and nothing was written */
    bool proved;               /* there is a proof: */
    Proof proof;
} Shipped;

bool ship(const ModelFacts *facts, const ShipOptions *options, Arena *arena, Shipped *out, Error *err);
#endif
