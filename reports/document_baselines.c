/* What the model has to beat, as the document has it: each baseline on the rows that the report stands on. */
#include "reports/document_parts.h"

#include <math.h>

void document_baselines(const Facts *facts, Doc *document)
{
    const Doc *list = facts->input->baselines;
    bool tested = doc_kind(facts->input->test) == DOC_OBJECT;
    const MetricId own = facts->metric == METRIC_LOSS ? METRIC_LOG_LOSS : metric_of_model(facts->metric);
    const char *metric = facts->metric == METRIC_COUNT ? "" : metric_name(own);
    if (doc_count(list) == 0) return;
    Doc *out = doc_set(document, "baselines", doc_array());
    for (size_t i = 0; i < doc_count(list); i++) {
        const Doc *entry = doc_at(list, i), *judged = doc_get(entry, tested ? "test" : "validation");
        const Doc *metrics = doc_get(judged, "metrics");
        Doc *row = doc_add(out, doc_object());
        doc_set(row, "name", doc_copy(doc_get(entry, "name")));
        doc_set(row, "score", doc_copy(doc_get(metrics, metric)));
        doc_set(row, "metrics", doc_copy(metrics));
        doc_set(row, "rows", doc_copy(doc_get(judged, "rows")));
        doc_set_text(row, "split", tested ? "test" : "val");
        static const char *const more[] = {"n_params", "epochs", "l2", "note"};
        for (size_t k = 0; k < sizeof more / sizeof *more; k++) {
            const Doc *value = doc_get(entry, more[k]);
            bool said = doc_kind(value) != DOC_NULL
                     && (doc_kind(value) != DOC_NUMBER || isfinite(doc_to_number(value, NAN)));
            if (said) doc_set(row, more[k], doc_copy(value)); /* as if it came from a file, where NaN is null */
        }
    }
}
