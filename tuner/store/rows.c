/* What the rows of the database hold, in words. */
#include "tuner/store/rows.h"

#include <math.h>
#include <string.h>

#define X(id, name) name,
const char *const trial_state_names[] = {TRIAL_STATE_LIST(X) NULL};
#undef X

bool trial_ranks(const TrialRow *row)
{
    return row->state == TRIAL_COMPLETE && isfinite(row->value) && strcmp(row->source, "import") != 0;
}
