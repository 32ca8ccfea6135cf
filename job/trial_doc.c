/* job/trial_doc.c - one trial with its metrics, curve and confusion matrix as a document. */
#include "job/trial_doc.h"

#include <string.h>

static void add_metrics(Doc *doc, const MetricRow *metrics, int n)
{
    Doc *values = doc_set(doc, "metrics", doc_object());
    for (int i = 0; i < n; i++)
        if (metrics[i].fold == -1 && strcmp(metrics[i].split, "val") == 0)
            doc_set_number(values, metrics[i].name, metrics[i].value);
}

static void add_curve(Doc *doc, const EpochRow *epochs, int n)
{
    Doc *curve = doc_set(doc, "curve", doc_array());
    for (int i = 0; i < n; i++) {
        Doc *point = doc_add(curve, doc_object());
        doc_set_number(point, "fold", epochs[i].fold);
        doc_set_number(point, "epoch", epochs[i].epoch);
        doc_set_number(point, "train_loss", epochs[i].train_loss);
        doc_set_number(point, "val_loss", epochs[i].val_loss);
        doc_set_number(point, "val_metric", epochs[i].val_metric);
    }
}

static void add_confusion(Doc *doc, const ConfusionRow *confusion)
{
    Doc *matrix = doc_set(doc, "confusion", doc_array());
    for (int t = 0; t < confusion->n_classes; t++) {
        Doc *line = doc_add(matrix, doc_array());
        for (int p = 0; p < confusion->n_classes; p++)
            doc_add(line, doc_number((double)confusion->count[t * confusion->n_classes + p]));
    }
}

bool trial_doc(Store *store, const TrialRow *row, Arena *arena, Doc *doc, Error *err)
{
    EpochRow *epochs;
    MetricRow *metrics;
    ConfusionRow confusion;
    int n_epochs, n_metrics;
    if (!store_epochs(store, row->id, arena, &epochs, &n_epochs, err)
        || !store_metrics(store, row->id, arena, &metrics, &n_metrics, err)
        || !store_confusion(store, row->id, "val", arena, &confusion, err))
        return false;
    Error ignored;
    record_doc(&trial_columns, IN_JSON, row, doc);
    doc_set(doc, "params", doc_parse(row->params, strlen(row->params), &ignored));
    if (row->trace) doc_set(doc, "trace", doc_parse(row->trace, strlen(row->trace), &ignored));
    add_metrics(doc, metrics, n_metrics);
    add_curve(doc, epochs, n_epochs);
    add_confusion(doc, &confusion);
    return true;
}
