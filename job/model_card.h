/* job/model_card.h - a model card: what a model is for, what it was made of, how good it is, where it ends.
 *
 * The headings are those of Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019). All that is said
 * is read from the model file and from what its study tells of this very file; nothing is claimed that was not
 * measured. What only people know (licence, intended use, ethics, contact) is null, to be filled in: a card
 * that is written again keeps what stands there.
 *
 * The document: {schema, model {...}, owner {license, contact, intended_use, out_of_scope, ethics}, predicts
 * {...}, columns [{name, kind, low, high, missing_share, levels}] or image, training {...}, evaluation {on,
 * rows, metrics, per_class, averages, targets}, calibration, decision, conformal, limits [], export {...}}.
 *
 * Errors  ERR_MEMORY, ERR_IO. The caller frees the document.
 */
#ifndef CONSORT_JOB_MODEL_CARD_H
#define CONSORT_JOB_MODEL_CARD_H
#include "job/model_facts.h"

/* `before` (NULL: none) is a card.json from which the owner's words are kept. */
bool model_card(const ModelFacts *facts, const char *before, Doc **out, Error *err);
#endif
