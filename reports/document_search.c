/* What the trials of a study say about its search space. */
#include "reports/document_internal.h"
#include "tuner/importance.h"

bool document_importance(const Facts *facts, Doc *document, Error *err)
{
    ImportanceInput input;
    Importance importance;
    if (!facts->space) return true;
    if (!importance_gather(facts->space, facts->trials, facts->n_trials, NULL, facts->study.maximize,
                           facts->arena, &input, err))
        return false;
    input.seed = facts->study.seed;
    if (!importance_compute(&input, facts->arena, &importance, err)) return false;
    doc_set(document, "importance", importance_doc(&importance, facts->space));
    return true;
}
