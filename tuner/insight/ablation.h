/* tuner/insight/ablation.h - the way from one configuration to another, setting by setting: which change
 * brought what?
 *
 * At each step that of the changes still to be made is made which the model expects to bring most (Fawcett,
 * Hoos 2016). Scores and gains are those of the draws (draws.h): the middle one and 95 % of them. Nothing is
 * run; where the model knows little of the ground between the two, intervals are wide. A setting that a change
 * brings into play comes with the value that it has at the end.
 *
 * Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_INSIGHT_ABLATION_H
#define CONSORT_TUNER_INSIGHT_ABLATION_H
#include "tuner/insight/draws.h"

typedef struct {
    double middle, low95, high95;
} Drawn;

typedef struct {
    int dim;
    Value before, after;
    Drawn score, gain;  /* after the change, in the study's direction; gain > 0: better,
        in units of the score */
} AblationStep;

typedef struct {
    Drawn start;        /* the score of where it begins */
    int n;              /* 0: none */
    AblationStep *step;
} Ablation;

typedef struct AblationPlan AblationPlan;
/* The order of the changes from `from` to `to` (n_dims, snapped), by the mean of the process as it stands.
 * NULL in *out: nothing differs. */
bool ablation_plan(const Gp *gp, const double *from, const double *to, int n_draws, Arena *arena,
                   AblationPlan **out,
                   Error *err);
/* Looks at the functions of one turn. Of n observed scores y and their targets z, both ascending, scores are
 * interpolated. */
void ablation_look(AblationPlan *plan, Draws *draws, int n, const double *z, const double *y);
/* What they said. */
bool ablation_finish(AblationPlan *plan, bool maximize, Arena *arena, Ablation *out, Error *err);
#endif
