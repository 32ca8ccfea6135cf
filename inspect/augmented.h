/* inspect/augmented.h - pictures as training sees them: originals beside what augmentation makes of them.
 *
 * The versions come from the functions that training calls (data/augment.h), in grey levels 0 to 255; which
 * random numbers a run draws is its own affair, so these are examples.
 */
#ifndef CONSORT_INSPECT_AUGMENTED_H
#define CONSORT_INSPECT_AUGMENTED_H
#include "base/doc.h"
#include "data/augment.h"
#include "data/table.h"

enum { AUGMENTED_ROWS = 10, AUGMENTED_VERSIONS = 5, AUGMENTED_BYTES = 90000 };

typedef struct {
    const char *name; /* "as configured", "at the low ends of what is searched" */
    Augment augment;
} AugmentedSet;

/* {height, width, channels (in colour), versions, originals[] {row, class}, pixels, sets[] {name, settings
 * {name: value}, pixels}}: one row of each class, ten at most, fewer of large pictures. Pictures are bytes as
 * base64: of a set the versions of the first original, then of the second. */
bool augmented_make(const Table *table, const AugmentedSet *sets, int n_sets, uint64_t seed, Arena *arena,
                    Doc **out, Error *err);
#endif
