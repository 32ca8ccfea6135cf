/* tuner/study/load.h - a study that was begun earlier, read back from its database.
 *
 * What is read is what an earlier process wrote down; the turns it took are not, since they follow from it
 * (tuner/study/state.h). Called while the study begins, by its one thread.
 */
#ifndef CONSORT_TUNER_STUDY_LOAD_H
#define CONSORT_TUNER_STUDY_LOAD_H
#include "tuner/study/state.h"

bool study_load(Study *study, Error *err);
#endif
