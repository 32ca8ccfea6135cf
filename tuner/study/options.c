/* The ends of a study in words, and the line by which two processes know that they run the same study. */
#include "tuner/study/options.h"

const char *const study_end_names[] = {STUDY_END_LIST(LIST_NAME) NULL};

const char *study_identity(const StudyInfo *info, Arena *arena)
{
    return arena_print(arena, "consort %s, configuration %s, data %s, split %s", CONSORT_VERSION,
                       info->config_sha256, info->data_sha256, info->split_sha256);
}
