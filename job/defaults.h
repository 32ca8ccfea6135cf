/* job/defaults.h - what the default of a searched setting is among the choices that its list has.
 *
 * A baseline is what one would have had without a search. Where the list has the default, that is it; where the
 * default is `auto`, what that comes to (numeric: robust for tables, unit for pictures; init: by the
 * activation); else the nearest: sizes as ratios, layers by number and width, words in an order of likeness, or
 * the first of the list where there is none.
 */
#ifndef CONSORT_JOB_DEFAULTS_H
#define CONSORT_JOB_DEFAULTS_H
#include "job/config.h"

/* Sets `*value` to the choice of a parameter that stands for the setting's value `wish`. `activation` is the
 * one that it goes with. Leaves `*value` alone where the wish is no default at all (num_layers: 0). */
void default_choice(const Config *config, const Param *param, const Value *wish, const char *activation,
                    Value *value);
#endif
