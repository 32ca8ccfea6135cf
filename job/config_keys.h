/* job/config_keys.h - every key of a configuration, by its dotted name, for what completes or suggests one. */
#ifndef CONSORT_JOB_CONFIG_KEYS_H
#define CONSORT_JOB_CONFIG_KEYS_H
#include "base/arena.h"
#include "base/error.h"

typedef struct {
    const char *name; /* "train.learning_rate" */
    const char *help;
    const char *const *choices; /* of a choice: its names, NULL at the end; else NULL */
} ConfigKey;
/* In the order of `consort help config`; in the arena. */
bool config_keys(Arena *arena, ConfigKey **out, int *n, Error *err);
#endif
