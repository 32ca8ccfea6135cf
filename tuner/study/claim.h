/* tuner/study/claim.h - the search as work (tuner/study/work.h): its pieces are turns, each decided and begun
 * when it is taken.
 */
#ifndef CONSORT_TUNER_STUDY_CLAIM_H
#define CONSORT_TUNER_STUDY_CLAIM_H
#include "tuner/study/work.h"

extern const Work search_work;
#endif
