/* job/distill.h - a small network that learns from a large model what it thinks of the training rows.
 *
 * Of a study the teacher is its ensemble, and what it says of a training row is what ensemble.proba has: the
 * word of networks that were not trained on that row. Rows that no fold has validated (of a hold-out most)
 * get the ensemble's own prediction, which has seen them; so does every row where the teacher is a model
 * file with rows beside it. How many of each there are is said.
 *
 * The network is job/student.h's. A second one, of the same settings and on the labels alone, says what the
 * teacher was worth. Both are judged with the teacher on the study's test rows (a look, which is recorded),
 * on those of a file, or on the rows that the search held out: then the search has chosen by them, and the
 * document says so.
 *
 * The result is a model file like any other. Its decision is the teacher's (thresholds, costs); it has neither
 * a calibration nor intervals; its provenance has "taught_by".
 *
 *     {teacher {model, sha256, name, members, networks, out_of_fold, in_sample, params, bytes, us, metrics},
 *      labels {params, ..., metrics}, student {model, sha256, params, bytes, us, metrics, holdout_loss},
 *      judged {on, rows}, budget {params}, settings {...}, tried [{..., loss}]}
 *
 * Errors  ERR_CONFIG for a budget that no network meets, and for quantiles; ERR_DATA.
 */
#ifndef CONSORT_JOB_DISTILL_H
#define CONSORT_JOB_DISTILL_H
#include "job/finished.h"
#include "job/student.h"

typedef struct {
    Budget budget;
    uint64_t seed;
    const char *out;    /* path of the model file */
    bool in_sample;     /* the teacher's own word also of rows for which the study has another's */
    OnLine *on_line;
    void *context;
} DistillOptions;

/* `test`: other test rows than the study's own, read by its schema; NULL: its own. */
bool distill_study(const Place *place, const DataFile *test, const DistillOptions *options, Arena *arena,
                   Doc **out, Error *err);
/* A model file (`path`) and rows of its schema; without `test` a fifth of them. */
bool distill_rows(const Model *teacher, const char *path, const Table *rows, const Table *test,
                  const DistillOptions *options, Arena *arena, Doc **out, Error *err);
#endif
