/* job/model_facts.h - a model file with all that is known of it: itself, and what its study tells.
 *
 * A model lies beside its study as long as nobody moved it: ensemble.consort and the like in the study's
 * folder, a trial's in artifacts/ below it. What the study's files tell (job/told.h) counts only where they
 * tell of this very file; a model by itself is a model all the same, of which less is known.
 *
 * Memory   the arena, but for the documents: model_facts_free().
 * Errors   as model_open().
 */
#ifndef CONSORT_JOB_MODEL_FACTS_H
#define CONSORT_JOB_MODEL_FACTS_H
#include "job/open.h"

typedef struct {
    Model *model;
    const char *path;
    char sha256[65];
    size_t bytes;
    Doc *provenance;  /* the note of that name; NULL: none that can be read */
    bool beside;      /* its study is there: */
    Place place;
    Doc *summary;     /* ensemble.json of this model; NULL: none */
    Doc *evaluation;  /* evaluation.json of this model, of test rows; NULL: none */
    Doc *card;        /* of the training data (data/card.h); NULL: none */
    Arena *arena;     /* borrowed */
} ModelFacts;

/* `trial` of the study; -1: a model file, or the study's ensemble. */
bool model_facts_open(const char *argument, const PlaceOptions *said, int trial, Arena *arena, ModelFacts *out,
                      Error *err);
void model_facts_free(ModelFacts *facts);
#endif
