/* tuner/trial/settings.h - everything about a trial of networks that can be fixed or searched, by name: the
 * tables of engine/ and data/ as one, and the preset that a trial can stand on.
 *
 * A name is that of a Field; settings of nested sections have dotted ones ("augment.rotate_deg").
 */
#ifndef CONSORT_TUNER_TRIAL_SETTINGS_H
#define CONSORT_TUNER_TRIAL_SETTINGS_H
#include "prep/prep.h"
#include "engine/train.h"
#include "tuner/search/space.h"

#define PRESET_LIST(X) /* what they say: job/presets.h */                                          \
    X(PRESET_KERAS, "keras") X(PRESET_REALMLP_S, "realmlp-s") X(PRESET_DEFAULT, "default")         \
    X(PRESET_LEAN, "lean") X(PRESET_PLE, "ple") X(PRESET_SHARP, "sharp") X(PRESET_SELU, "selu")    \
    X(PRESET_REALMLP, "realmlp") X(PRESET_IMAGE, "image")
typedef enum { PRESET_LIST(LIST_ID) PRESET_COUNT } PresetId;
extern const char *const preset_names[];

typedef struct {
    int preset; /* PresetId, where it is searched */
    TrainOptions train;
    PrepOptions prep;
} Settings;

/* Which table of fields holds the setting of that (dotted) name; NULL when none does. */
const Field *settings_field(const char *name);
bool settings_assign(Settings *settings, const char *name, const Value *value, Arena *arena,
                     Error *err);
/* The value a setting has now; false when no setting has that name or it has no value. */
bool settings_get(const Settings *settings, const char *name, Arena *arena, Value *out);
/* All searchable names, NULL-terminated. */
const char *const *settings_names(Arena *arena);
/* Every parameter of the space names a setting and every value it can take is accepted by it.
 * ERR_CONFIG at the parameter. */
bool settings_check_space(const Space *space, Arena *arena, Error *err);
#endif
