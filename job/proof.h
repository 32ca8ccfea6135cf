/* job/proof.h - does what was exported say what the model says? Row by row, on rows that are there.
 *
 * The rows are those of the study's training, opened as the study opens them; of a model file alone those of a
 * file that is named, else of the study beside it, else made up (model/made_rows.h). Of many rows some, evenly
 * over all, so that it takes a second: PROOF_WORK multiplications, at least PROOF_LEAST rows.
 *
 * Deviation  of a probability: the difference. Of a number: the difference in parts of what is larger, how much
 *            the target varies (Target.scale) or how far the number lies from its middle.
 * Agreement  rows of which the same is decided: the class; all answers; numbers within the deviation
 *            allowed, of integers PROOF_INTEGERS.
 * Bars       float32: no deviation above `within`, 1e-5 where nothing else is said. Integers: .995 (i16) and
 *            .98 (i8) of the decisions; and of classes that the rows know, at most .0002 (i16) and .002 (i8)
 *            of the rows fewer are right than with the model, beyond what chance does: twice the root of how
 *            many rows changed between right and wrong.
 *
 * Memory   the arena. Errors as model_predict().
 */
#ifndef CONSORT_JOB_PROOF_H
#define CONSORT_JOB_PROOF_H
#include "base/doc.h"
#include "job/open.h"
#include "plan/plan.h"

enum { PROOF_LEAST = 200, PROOF_MADE = 200 };
#define PROOF_WORK 5e8
#define PROOF_DEVIATION 1e-5
#define PROOF_INTEGERS 0.05

/* Rows to prove on, and what they are called. */
typedef struct {
    const Table *table;
    int of;             /* so many there were */
    const char *source; /* "training rows of study digits" */
} ProofRows;
/* `study` NULL: none is known. A study whose data have moved or changed gives made-up rows, and `source` says
 * why. */
bool proof_rows_of_study(const Model *model, const Place *study, bool all, Arena *arena, ProofRows *out,
                         Error *err);
/* Rows of a table read with the model's schema; `name`: its file. */
bool proof_rows_of_table(const Model *model, const Table *table, const char *name, bool all, Arena *arena,
                         ProofRows *out, Error *err);

typedef struct {
    int rows, of;
    const char *source;
    const char *by;     /* how the other side was computed: "its plan", "compiled C" */
    double deviation;   /* the largest, */
    int worst;          /* and its row, as its file counts */
    int agree;          /* rows */
    int known;          /* rows of which the class is known; so many are right */
    int right, right_there; /* by the model, and by the other side */
    bool held;
    const char *bar;    /* what was asked for, and what a user can do: "at most 1e-05 is allowed ..." */
} Proof;
/* How wrong features may be by floats (plan_make_near): the first, and where the proof of floats misses with
 * it, because the network is steep, the next. */
enum { PROOF_TRIES = 3 };
extern const double proof_features[PROOF_TRIES];
/* Is there more to try of a plan whose proof missed? */
bool proof_try_again(const Plan *plan, int tried);
/* `values` (rows, V) are the other side's. */
bool proof_make(const Model *model, const ProofRows *rows, PlanNumbers numbers, double within,
                const float *values, const char *by, Arena *arena, Proof *out, Error *err);
/* "320 training rows of study x: largest deviation 2.4e-07, decided alike in all". NULL: no memory. */
const char *proof_sentence(const Proof *proof, Arena *arena);
Doc *proof_doc(const Proof *proof);
#endif
