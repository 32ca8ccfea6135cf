/* job/kind.c - all kinds of trials, and which of them a configuration means. */
#include "job/kind.h"

const TrialKind *const trial_kinds[] = {&program_kind, &networks_kind, NULL};

const TrialKind *kind_meant(const Config *config)
{
    int i = 0;
    while (!trial_kinds[i]->is_meant(config)) i++;
    return trial_kinds[i];
}
