/* inspect/rows.h - single rows seen through the model: what they are, what is answered, what every layer does
 * with them, and what in them the answer hangs on.
 *
 * typical     of a class: the rightly answered row nearest to the mean of its class in the last hidden layer
 * saliency    gradient of the decided class's logit by the picture, in the network's own scale of grey
 * template    mean of that gradient over rows of a class: what a network without hidden layers has as weights
 */
#ifndef CONSORT_INSPECT_ROWS_H
#define CONSORT_INSPECT_ROWS_H
#include "base/doc.h"
#include "inspect/panel.h"
#include "inspect/trace.h"

typedef struct {
    const Model *model;    /* whose preprocessing the network has */
    const Model *answers;  /* for the row explained */
    const ModelNet *net;   /* whose layers are shown */
    const Panel *panel;
    int from, n;           /* rows of the panel that the network did not see */
    const Table *table;    /* that `row` is of */
    int row;               /* to explain; -1: none */
} RowsInput;

enum { ROWS_MOST = 20 /* classes that get a typical row */, ROWS_UNITS = 128 /* of a layer */,
       ROWS_ALL_UNITS = 1024 /* of all layers together */, ROWS_BYTES = 100000 /* of typical pictures */,
       ROWS_BACKGROUND = 100 };

/* `rows` (the explained one first) and, of pictures, `templates` of document.inside. */
bool rows_put(const RowsInput *input, Arena *arena, Doc *out, Error *err);
/* Features of table rows as the network takes them: (n, *ld). NULL rows: the first n. */
bool rows_features(const Prep *prep, const Table *table, const int32_t *rows, int n, Arena *arena, float **out,
                   int *ld, Error *err);
#endif
