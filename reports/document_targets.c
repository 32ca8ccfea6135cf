/* Evaluations of many targets, as the document has them: figures of the first, scores of all. */
#include <string.h>

#include "reports/document_parts.h"

/* What takes room: lists of points, groups and rows. */
static bool is_figure(const char *key)
{
    static const char *const figures[] = {"scatter", "residuals", "by_truth", "by_predicted", "worst",
                                          "reliability", "class_reliability", "roc", "pr"};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (strcmp(key, figures[i]) == 0) return true;
    return false;
}

static Doc *scores_of(const Doc *target)
{
    const char *key;
    const Doc *value;
    Doc *out = doc_object();
    for (size_t i = 0; doc_member(target, i, &key, &value); i++)
        if (!is_figure(key)) doc_set(out, key, doc_copy(value));
    return out;
}

Doc *document_evaluation(const Doc *evaluation, bool shown)
{
    enum { MOST = 16 }; /* with figures; a page has to stay a page */
    const Doc *targets = doc_get(evaluation, "targets");
    const char *key;
    const Doc *value;
    if (doc_kind(targets) != DOC_ARRAY) return doc_copy(evaluation);
    Doc *out = doc_object(), *list = doc_array();
    for (size_t t = 0; t < doc_count(targets); t++)
        doc_add(list, shown && t < MOST ? doc_copy(doc_at(targets, t)) : scores_of(doc_at(targets, t)));
    for (size_t i = 0; doc_member(evaluation, i, &key, &value); i++)
        doc_set(out, key, strcmp(key, "targets") == 0 ? list : doc_copy(value));
    return out;
}

Doc *document_ensemble(const Doc *ensemble)
{
    const char *key;
    const Doc *value;
    if (!doc_get(doc_get(ensemble, "validation"), "targets")) return doc_copy(ensemble);
    Doc *out = doc_object(); /* `validation` of the document says it */
    for (size_t i = 0; doc_member(ensemble, i, &key, &value); i++)
        if (strcmp(key, "validation") != 0) doc_set(out, key, doc_copy(value));
    return out;
}
