/* tuner/exchange/optuna_space.h - the parameters of a search space in Optuna's words, and back.
 *
 * Memory  what is returned lives in the arena, or in the space.
 */
#ifndef CONSORT_TUNER_EXCHANGE_OPTUNA_SPACE_H
#define CONSORT_TUNER_EXCHANGE_OPTUNA_SPACE_H
#include "tuner/search/space.h"

typedef enum { FOREIGN_NUMBER, FOREIGN_CHOICE, FOREIGN_SWITCH } ForeignKind;
typedef struct {
    const char *name;
    int param;         /* of the space */
    ForeignKind kind;  /* SWITCH: is a parameter with a zero_prob other than zero? */
    const char *json;  /* distribution_json */
} ForeignParam;

/* One or two for each parameter that is not derived. `least` and `most` (n_params) are the range that
 * was seen, for those without bounds; NaN where nothing was. */
bool foreign_space(const Space *space, const double *least, const double *most, Arena *arena,
                   ForeignParam **out, int *n, Error *err);
/* The number Optuna keeps for it: itself, or the place in `choices`. False: does not apply here. */
bool foreign_number(const Space *space, const ForeignParam *foreign, const Value *values, double *out);
/* Choice i of a parameter as a plain value; lists become words. Text is the parameter's or the arena's. */
bool foreign_choice(const Param *param, int i, Arena *arena, Value *out, Error *err);
#endif
