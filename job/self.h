/* job/self.h - what this process says of itself to a study's others (tuner/study/facts.h). */
#ifndef CONSORT_JOB_SELF_H
#define CONSORT_JOB_SELF_H
#include "job/config.h"
#include "tuner/study/facts.h"

/* `info`: the study as this process would run it. `rank` -1: none. ERR_MEMORY. */
bool self_facts(const Config *config, const StudyInfo *info, const char *folder, int rank, Arena *arena,
                PeerFacts *out, Error *err);
#endif
