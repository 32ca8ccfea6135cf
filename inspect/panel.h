/* inspect/panel.h - the rows that a model is looked at with, none of which it was trained on, and who answers
 * for each of them.
 *
 * On a test set that is the model for all rows. On validation rows of k folds each fold's rows are answered by
 * the networks that did not see them: a source a fold. The rows of all sources stand one behind the other in a
 * table of their own, so that a column can be changed and everybody asked again.
 *
 * Shapes   n rows, K classes, or of another task K values (data/task.h).
 * Memory   everything in the arena of panel_make; panel_predict works in the one it is given.
 */
#ifndef CONSORT_INSPECT_PANEL_H
#define CONSORT_INSPECT_PANEL_H
#include "model/model.h"

typedef struct {
    const Model *model;
    const int32_t *rows; /* (n) of the table */
    int n;
} PanelSource;

typedef struct {
    const Model *model;
    int from, n; /* rows of the panel */
} PanelPart;

typedef struct {
    int n, n_classes;
    const Task *task;
    Table *table;       /* (n) the rows; `origin` says which they are in the table they are from */
    int32_t *origin;
    int n_parts;
    PanelPart *part;
    float *proba;       /* (n, K) of whoever answers */
    int32_t *predicted; /* (n) what is decided; of classes, else 0 */
} Panel;

/* At most `most` rows, evenly from all sources; those of unknown truth are left out where there is some. */
bool panel_make(const Table *table, const PanelSource *sources, int n_sources, int most, Arena *arena,
                Panel *out, Error *err);
/* What is answered to the panel's rows as they stand in `changed`, a table of as many rows. */
bool panel_predict(const Panel *panel, const Table *changed, Arena *arena, float *proba, Error *err);
/* The same for some rows of it alone, answered by part `part`: `changed` has `n` rows. */
bool panel_ask(const Panel *panel, int part, const Table *changed, Arena *arena, float *proba, Error *err);
/* The part that answers for a row of the panel. */
int panel_part(const Panel *panel, int row);
#endif
