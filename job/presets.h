/* job/presets.h - settings that a user names in one word: `preset: realmlp`.
 *
 * A preset is a piece of YAML with the sections `train` and `preprocess`, laid over the defaults before
 * the file's own keys, which win. One table: the reader, `consort help presets` and the documents
 * show the same lines.
 */
#ifndef CONSORT_JOB_PRESETS_H
#define CONSORT_JOB_PRESETS_H
#include "tuner/trial/networks.h"

typedef struct {
    const char *name;
    const char *alias; /* another name, or NULL */
    const char *help;  /* one line */
    const char *yaml;
} Preset;

extern const Preset presets[]; /* ends with a name of NULL */
extern const char *const preset_names[]; /* with aliases; ends with NULL */

/* By name or alias; NULL: there is none. */
const Preset *preset_find(const char *name);
/* Sets what the preset says and leaves the rest. */
bool preset_apply(const Preset *preset, Settings *settings, Arena *arena, Error *err);
/* Appends every preset with its settings. */
void presets_print(Text *out);
#endif
