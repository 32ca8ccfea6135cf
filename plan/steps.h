/* plan/steps.h - a list of vectors and steps that grows: what plan.c and encode.c write a plan into.
 *
 * Memory  the arena's.
 * Errors  none at once: without memory the list is `broken`, steps_add() returns a step that goes nowhere and
 *         steps_vector() -1, and who began the list says ERR_MEMORY at its end.
 */
#ifndef CONSORT_PLAN_STEPS_H
#define CONSORT_PLAN_STEPS_H
#include "plan/plan.h"

typedef struct {
    Arena *arena;
    PlanVector *vectors;
    int n_vectors, room_vectors;
    PlanStep *steps;
    int n_steps, room_steps;
    bool broken;
    PlanStep nowhere;
} StepList;

/* A new vector of n numbers: its index. */
int steps_vector(StepList *list, int n, PlanType type);
/* A new step at the end, of which only `op`, `in` and `out` are set; good until the next one is added. */
PlanStep *steps_add(StepList *list, PlanOp op, int in, int out);

/* The steps that encode a row by preprocessing `prep` of the model into vector `features`, in the order of the
 * features. Neighbours that are alike (plan_columns_alike) are one step. `most`: how wrong
 * features may be. */
void plan_encode_steps(const Model *model, int prep, int features, double most, StepList *list);

/* place.c: gives each vector but the result its place in the scratch memory, and counts that. False: no
 * memory. */
bool plan_place(Plan *plan, Arena *arena);
/* Does a step look at what vector v holds before it? */
bool plan_reads(const PlanStep *step, int v);
/* Bytes of a vector. */
size_t plan_vector_bytes(const PlanVector *vector);
#endif
