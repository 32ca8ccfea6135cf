/* inspect/inside.h - what a network does, as one document: `inside` of report.json, and what `consort inspect`
 * says.
 *
 * One network of a model is looked into; answers are the whole model's. Without a table there are weights
 * alone; with one also activations, gradients, single rows, and what the columns do. Its keys:
 * docs/reference/inspect.md.
 *
 * Cost   `work` multiplications for what asks the model again and again (importance, dependence); the rest
 *        looks at some hundreds of rows at most.
 * Errors ERR_DATA where the table does not fit the model, ERR_INVALID for a network there is not, ERR_MEMORY.
 */
#ifndef CONSORT_INSPECT_INSIDE_H
#define CONSORT_INSPECT_INSIDE_H
#include "inspect/effect.h"
#include "inspect/rows.h"

typedef struct {
    const Model *model;      /* whose answer counts */
    int member, net;         /* the network, from 0 */
    const Table *table;      /* NULL: none */
    const PanelSource *sources; /* (n_sources) who answers for which rows that nobody trained on */
    int n_sources;
    int own;                 /* the source whose rows the network did not see; -1: all are such */
    const char *where;       /* what the rows are: "test set" */
    int row;                 /* of `table`, to explain; -1: none */
    const Model *answers;    /* for that row; NULL: `model` */
    bool effects;            /* importance and dependence, too */
    EffectOptions effect;
} InsideInput;

/* The heaviest member, the first among equals. */
int inside_heaviest(const Model *model);
bool inside_make(const InsideInput *input, Arena *arena, Doc **out, Error *err);

/* Each of the mistakes[] of an evaluation of `table` gains source_row, id where there is one, and of a table
 * `values`: the cells of the columns in `order` (n; NULL: the first ones), eight at most. */
bool inside_mistakes(const Table *table, const int *order, int n, Doc *evaluation, Arena *arena, Error *err);
#endif
