/* data/rows.h - encoded rows, ready for a network, and how a batch is gathered from them.
 *
 * Running text is kept as what is not 0 in it, a list of features and values for each row.
 *
 * A piecewise-linear column (prep/prep.h) is 1 up to a bin, a part in it and 0 beyond: two numbers for many
 * features, and a first layer can use them so (engine/ramps.h).
 *
 * Tables are encoded once, into floats; a word that becomes many features of which one is 1 stays a
 * number, the place of that feature, since a column of a thousand words would fill a thousand floats a
 * row with zeros. Images stay bytes (a quarter of the memory, and what augmentation wants). All become
 * floats as a batch is gathered: a network asks for "rows i_0 .. i_B-1 as floats" and gets them.
 *
 * Shapes  N = n_rows, D = n_features; batches are (B, D) with row distance ld >= D, the pad zeroed.
 * Memory  borrowed; the arena that made them owns the arrays. Immutable once made, so threads
 *         share them freely.
 */
#ifndef CONSORT_DATA_ROWS_H
#define CONSORT_DATA_ROWS_H
#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "data/augment.h"
#include "data/pixels.h"
#include "data/task.h"

/* What a feature is to the network's first stage (engine/embed.h): a number used as it is, a number
 * that is given a learned embedding, or, when positive, the code of a category of so many levels:
 * 1 .. levels, and 0 for one that is missing or was never met in training. */
#define FEATURE_LIST(X) /* id, its name in a model file, what it is among the levels */ \
    X(FEATURE_PLAIN, "none", 0) X(FEATURE_PBLD, "pbld", -1) X(FEATURE_PERIODIC, "periodic", -2)
#define LIST_FEATURE(id, name, value) id = (value),
enum { FEATURE_LIST(LIST_FEATURE) };
#undef LIST_FEATURE

/* Features [first, first + n) of a piecewise-linear column, and what a row has there: 1 below place `bin`,
 * which is in [0, n), `part` in [0, 1] there, 0 above. */
typedef struct {
    int first, n;
} Ramp;
typedef struct {
    int32_t bin;
    float part;
} RampValue;

typedef struct {
    int n_rows, n_features, n_classes;
    const Task *task;      /* NULL: CLASSES */
    const int32_t *labels; /* (N), -1 = unknown; NULL when unlabelled, or of another task */
    const double *targets; /* (N, n_targets) as in a Table; NULL: none */
    const float *weight;   /* (N) what each row counts for, >= 0; NULL: all 1 */
    const double *soft;    /* what a teacher says, as in a Table; NULL: there is none */
    const int *feature;    /* (D) FEATURE_... or levels; NULL: all plain */
    /* encoded table: D floats a row, or if it is spread the n_plain that are none of what follows */
    const float *x; /* (N, ld) or NULL for images */
    int ld;
    int n_hot, n_plain;
    const int *plain;   /* (n_plain) the feature of each float, increasing */
    const int32_t *hot; /* (N, n_hot) for each one-hot column the feature that is 1, or -1 */
    int n_ramps;        /* 0: neither of the two */
    const Ramp *ramp;   /* (n_ramps) */
    const RampValue *climbed;  /* (N, n_ramps) */
    int n_texts;               /* columns of text; 0: none of the three */
    const int64_t *text_start; /* (N + 1) row i has the entries text_start[i] .. text_start[i + 1] - 1 */
    const int32_t *text_at;    /* features, increasing in a row */
    const float *text_value;   /* not 0 */
    /* images: byte (i, j) becomes (pixels[source[i] * D + j] - shift[j]) * scale[j] */
    const uint8_t *pixels;
    const int32_t *source; /* (N) row of `pixels`; NULL: the same number */
    const float *shift, *scale;
    int height, width, channels; /* D = height width channels */
} Rows;

/* Some features of a table are kept in another form than floats. */
static inline bool rows_spread(const Rows *rows)
{
    return rows->n_hot > 0 || rows->n_ramps > 0 || rows->n_texts > 0;
}

static inline TaskKind rows_kind(const Rows *rows) { return rows->task ? rows->task->kind : TASK_CLASSES; }
/* Values of a prediction of a row, and outputs of a network for it. */
static inline int rows_values(const Rows *rows)
{
    return rows->task ? task_values(rows->task, rows->n_classes) : rows->n_classes;
}
static inline int rows_outputs(const Rows *rows)
{
    return rows->task ? task_outputs(rows->task, rows->n_classes) : rows->n_classes;
}

/* The rows as they stand in memory are what rows_gather() would give, `ld` apart. */
static inline bool rows_in_place(const Rows *rows)
{
    return rows->x && !rows_spread(rows);
}

/* How many of a row's features are 0. */
int rows_zeros(const Rows *rows, int row);

/* Row i of the result depends on its index, its place i and where `rng` stands, on no other row.
 * Gathers rows `index[0..n)` (NULL: from, from + 1, ...) into `out` (n, ld_out), deformed by
 * `augment` when that is not NULL, with randomness from `rng` (not read otherwise). `scratch` needs
 * augment_scratch_floats() floats. Allocates nothing. */
void rows_gather(const Rows *rows, const int32_t *index, int from, int n, const Augment *augment,
                 Rng *rng, float *scratch, float *out, int ld_out);
#endif
