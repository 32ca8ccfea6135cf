/* inspect/inputs.h - what a network's inputs are called: by the column of the table that they come from.
 *
 *     age    age, age in bin 3, age missing     color is red, color missing, color unseen
 *     color ~2: an embedded column's second input
 *     a / b, target of city, mean of x by city in bin 3: derived columns (prep/derive.h)
 */
#ifndef CONSORT_INSPECT_INPUTS_H
#define CONSORT_INSPECT_INPUTS_H
#include "prep/prep.h"
#include "engine/mlp.h"

typedef struct {
    const char *name; /* NULL: a pixel */
    int column;       /* of the table, of a derived one its first; a pixel's own number */
} InputName;

/* (mlp->width[0]) of them. */
bool inputs_name(const Prep *prep, const Mlp *mlp, Arena *arena, InputName **out, Error *err);
#endif
