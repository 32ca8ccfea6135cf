/* job/model_doc.h - what is in a model file: as a document, checked, and beside another.
 *
 *     model_doc     {path, sha256, bytes, name, task, classes or targets, label, image or columns
 *                   [{name, kind, levels}], networks, n_params, preps [{features, derived}], members [{name,
 *                   weight, networks, layers, activation, norm, residual, n_params}], combine, calibration,
 *                   decision, conformal, provenance, study (the folder of the study beside it)}
 *     model_check   {path, checks [{name, ok, found}], ok, figures [{metric, stored, found}]}: the file was
 *                   read, so its checksum, its form (safetensors), every index and every number are sound
 *                   (model/model.h); this adds what takes a prediction
 *     model_diff    {a, b, takes [], preprocessing [], members [], weights {compared, distance}, figures [],
 *                   decisions {rows, differ, ...}}; lists are empty where nothing differs
 *
 * Errors  as model_predict(); the caller frees documents.
 */
#ifndef CONSORT_JOB_MODEL_DOC_H
#define CONSORT_JOB_MODEL_DOC_H
#include "job/model_facts.h"

Doc *model_doc(const ModelFacts *facts);
/* Parts of it, for the card; NULL: nothing of the kind. */
Doc *model_doc_calibration(const Model *model);
Doc *model_doc_conformal(const Model *model);
/* "decides bad when p(bad) >= 0.34, else good"; of labels and numbers what they are said by. */
const char *model_doc_rule(const Model *model, Arena *arena);

/* `table` NULL: no rows. `ok` false: something is wrong, the document says what. */
bool model_check(const ModelFacts *facts, const Table *table, Doc **out, bool *ok, Error *err);
/* The same rows, each table read with its model's schema; NULL: none. ERR_INVALID where the models predict
 * different things and there are rows. */
bool model_diff(const ModelFacts *a, const ModelFacts *b, const Table *of_a, const Table *of_b, Doc **out,
                Error *err);
#endif
