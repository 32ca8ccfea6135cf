/* The standard error of the best value, who is as good within it, and how much of it may be luck. */
#include "reports/noise.h"

#include <math.h>
#include <string.h>

double expected_maximum(int n)
{
    /* E = integral of x n f(x) F(x)^(n-1), trapezoids; f decays so fast that the ends are zero. */
    enum { STEPS = 4000 };
    double sum = 0, low = -9, high = 9, h = (high - low) / STEPS;
    if (n < 2) return 0;
    for (int i = 0; i <= STEPS; i++) {
        double x = low + h * i, f = exp(-x * x / 2) / 2.5066282746310002; /* sqrt(2 pi) */
        sum += x * n * f * pow(erfc(-x / 1.4142135623730951) / 2, n - 1);
    }
    return sum * h;
}

static bool is_share(MetricId metric) /* a mean of zeros and ones over rows, or close to one */
{
    return metric == METRIC_ACCURACY || metric == METRIC_F1_MACRO || metric == METRIC_F1_MICRO ||
           metric == METRIC_F1_WEIGHTED || metric == METRIC_PRECISION_MACRO ||
           metric == METRIC_RECALL_MACRO || metric == METRIC_BALANCED_ACCURACY;
}

static bool count_rows(const Facts *facts, int64_t *n_rows, Error *err)
{
    ConfusionRow confusion = {0};
    *n_rows = 0;
    if (!store_confusion(facts->input->store, facts->trials[facts->ranked[0]].id, "val",
                         facts->arena, &confusion, err))
        return false;
    for (int i = 0; i < confusion.n_classes * confusion.n_classes; i++)
        *n_rows += confusion.count[i];
    return true;
}

void noise_among(const double *value, int n, Noise *noise)
{
    noise->band = 2 * sqrt(2) * noise->error;
    noise->n_alike = n > 0;
    while (noise->n_alike < n && fabs(value[noise->n_alike] - value[0]) < noise->band) noise->n_alike++;
    noise->optimism = noise->error * expected_maximum(noise->n_alike);
}

bool noise_estimate(const Facts *facts, Noise *out, Error *err)
{
    *out = (Noise){.error = NAN, .band = NAN, .optimism = NAN};
    if (facts->n_ranked == 0) return true;
    const TrialRow *best = &facts->trials[facts->ranked[0]];
    MetricRow *metrics = NULL;
    int n = 0;
    if (!count_rows(facts, &out->n_rows, err)) return false;
    if (!store_metrics(facts->input->store, best->id, facts->arena, &metrics, &n, err))
        return false;
    for (int i = 0; i < n && facts->metric != METRIC_COUNT; i++) {
        bool own = strcmp(metrics[i].split, "val") == 0 && metrics[i].fold <= 0 &&
                   strcmp(metrics[i].name, metric_name(facts->metric)) == 0;
        double width = metrics[i].high95 - metrics[i].low95;
        if (!own || !(width > 0)) continue;
        out->error = width / (2 * 1.959963984540054);
        out->method = "from its 95 % interval";
    }
    double width = doc_to_number(doc_get(facts->input->best_interval, "high95"), NAN)
                 - doc_to_number(doc_get(facts->input->best_interval, "low95"), NAN);
    if (!out->method && width > 0) {
        out->error = width / (2 * 1.959963984540054);
        out->method = "from the 95 % interval over the validation rows";
    }
    if (!out->method && out->n_rows > 0 && is_share(facts->metric)) {
        /* A Laplace-smoothed share, so that a perfect score still has an error. */
        double rows = (double)out->n_rows, share = (best->value * rows + 1) / (rows + 2);
        if (share > 0 && share < 1) out->error = sqrt(share * (1 - share) / rows);
        out->method = isfinite(out->error) ? "as of a share of the validation rows" : NULL;
    }
    out->n_alike = facts->n_ranked > 0;
    if (!out->method) return true;
    double *value = ARENA_NEW(facts->arena, double, facts->n_ranked);
    if (!value) return error_memory(err);
    for (int i = 0; i < facts->n_ranked; i++) value[i] = facts->trials[facts->ranked[i]].value;
    noise_among(value, facts->n_ranked, out);
    if (facts->input->n_alike < 1) return true;
    out->paired = true;
    out->n_alike = facts->input->n_alike < facts->n_ranked ? facts->input->n_alike : facts->n_ranked;
    out->optimism = out->error * expected_maximum(out->n_alike);
    return true;
}
