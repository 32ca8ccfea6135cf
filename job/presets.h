/* job/presets.h - settings that a user names in one word: `preset: realmlp`.
 *
 * A preset is a piece of YAML with the sections `train` and `preprocess`, laid over the defaults before
 * the file's own keys, which win. It can be searched like any setting: then each trial stands on the preset
 * that it drew, with the file's keys and the trial's other values on top (settings.h). What is best for
 * classes is not for numbers: where there are such, a second piece goes on top of the first. One table: the
 * reader, `consort help presets` and the documents show the same lines.
 */
#ifndef CONSORT_JOB_PRESETS_H
#define CONSORT_JOB_PRESETS_H
#include "tuner/trial/settings.h"

typedef struct {
    const char *name;
    const char *alias; /* another name, or NULL */
    const char *base;  /* the preset that it is laid over; NULL: the defaults */
    const char *help;  /* one line */
    const char *yaml;
    const char *numbers; /* laid over it where numbers are predicted; NULL: nothing */
} Preset;

extern const Preset presets[]; /* ends with a name of NULL; names and aliases are PRESET_LIST's (settings.h) */

/* By name or alias; NULL: there is none. */
const Preset *preset_find(const char *name);
/* The one that a key names; NULL, with what could have been meant. */
const Preset *preset_of(const ConfNode *node, Error *err);
/* The same by its name, where `node` is the place to point at. */
const Preset *preset_named(const char *name, const ConfNode *node, Error *err);
/* Sets what the preset says and leaves the rest. */
bool preset_apply(const Preset *preset, bool numbers, Settings *settings, Arena *arena, Error *err);
/* Appends every preset with its settings. */
void presets_print(Text *out);
#endif
