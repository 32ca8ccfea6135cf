/* Reliability of the largest probability and of each class's, and what is wrong with them in a sentence. */
#include "model/reliability.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double share_or_nan(double part, double n)
{
    return n > 0 ? part / n : NAN; /* written as null */
}

static Doc *add_bin(Doc *list, int b, double n)
{
    Doc *entry = doc_add(list, doc_object());
    doc_set_number(entry, "low", (double)b / ECE_BINS);
    doc_set_number(entry, "high", (b + 1.0) / ECE_BINS);
    doc_set_number(entry, "n", n);
    return entry;
}

static void set_share(Doc *entry, const char *key, double hits, double n)
{
    Interval interval = interval_share(hits, n);
    doc_set_number(entry, key, share_or_nan(hits, n));
    doc_set_number(entry, "low95", interval.low);
    doc_set_number(entry, "high95", interval.high);
}

/* Of the most probable class, whatever was decided. */
static void write_top(const Evaluation *e, Doc *out)
{
    double n[ECE_BINS] = {0}, confidence[ECE_BINS] = {0}, hits[ECE_BINS] = {0};
    for (int i = 0; i < e->n; i++) {
        const float *p = e->proba + (size_t)i * (size_t)e->n_classes;
        int top = 0;
        if (e->labels[i] < 0) continue;
        for (int c = 1; c < e->n_classes; c++)
            if (p[c] > p[top]) top = c;
        int bin = calibration_bin((double)p[top]);
        n[bin]++;
        confidence[bin] += (double)p[top];
        hits[bin] += top == e->labels[i];
    }
    Doc *list = doc_set(out, "reliability", doc_array());
    for (int b = 0; b < ECE_BINS; b++) {
        Doc *entry = add_bin(list, b, n[b]);
        doc_set_number(entry, "confidence", share_or_nan(confidence[b], n[b]));
        set_share(entry, "accuracy", hits[b], n[b]);
    }
}

/* ---- by class ---------------------------------------------------------------------------------- */

typedef struct {
    double n[ECE_BINS], mean[ECE_BINS], hits[ECE_BINS]; /* `mean` holds sums */
    double rows, all_p, all_hits, all_square, all_foreseen; /* square: of p - hit; foreseen: p (1 - p) */
} ClassBins;

static ClassBins bins_of(const Evaluation *e, int class)
{
    ClassBins bins = {.rows = 0};
    for (int i = 0; i < e->n; i++) {
        double p = e->proba[(size_t)i * (size_t)e->n_classes + (size_t)class], hit = e->labels[i] == class;
        if (e->labels[i] < 0) continue;
        int b = calibration_bin(p);
        bins.n[b]++;
        bins.mean[b] += p;
        bins.hits[b] += hit;
        bins.rows++;
        bins.all_p += p;
        bins.all_hits += hit;
        bins.all_square += (p - hit) * (p - hit);
        bins.all_foreseen += p * (1 - p);
    }
    return bins;
}

/* Standard error of mean p - share: of a mean of row differences, or, where few rows of the class leave those
 * all alike, what the probabilities themselves foresee. */
static double error_of_prior(const ClassBins *bins)
{
    double off = bins->all_p - bins->all_hits;
    return sqrt(fmax(bins->all_foreseen, bins->all_square - off * off / bins->rows)) / bins->rows;
}

/* Two standard errors, and more for more classes: of many, one is always that far off by chance. */
static double far_off(int n_classes)
{
    return sqrt(4 + 2.4 * log(n_classes > 2 ? n_classes / 2.0 : 1));
}

static void warn(const Evaluation *e, int class, const ClassBins *bins, Arena *arena, Doc *warnings)
{
    enum { MOST = 5 };
    double mean = bins->all_p / bins->rows, share = bins->all_hits / bins->rows, error = error_of_prior(bins);
    double far = far_off(e->n_classes);
    double half_a_row = 0.5 / bins->rows; /* shares of few rows are far from normal */
    if (!isfinite(mean) || !(fabs(mean - share) > far * error + half_a_row) || doc_count(warnings) >= MOST)
        return;
    const char *text = arena_print(arena, "%.100s has a mean probability of %.4f, but a share of %.4f of the"
                                   " %.0f rows is of it: more than %.2g standard errors (of %.4f) apart. The"
                                   " probabilities are off, whatever is decided.", e->classes[class], mean,
                                   share, bins->rows, far, error);
    doc_add(warnings, doc_text(text));
}

static void write_class(const Evaluation *e, int class, const ClassBins *bins, Doc *list)
{
    double error = 0;
    Doc *entry = doc_add(list, doc_object());
    doc_set_text(entry, "label", e->classes[class]);
    doc_set_number(entry, "n", bins->all_hits);
    doc_set_number(entry, "mean_p", bins->all_p / bins->rows);
    set_share(entry, "share", bins->all_hits, bins->rows);
    for (int b = 0; b < ECE_BINS; b++) error += fabs(bins->hits[b] - bins->mean[b]);
    doc_set_number(entry, "ece", error / bins->rows);
    Doc *of_bins = doc_set(entry, "bins", doc_array());
    for (int b = 0; b < ECE_BINS; b++) {
        Doc *bin = add_bin(of_bins, b, bins->n[b]);
        doc_set_number(bin, "mean_p", share_or_nan(bins->mean[b], bins->n[b]));
        set_share(bin, "share", bins->hits[b], bins->n[b]);
    }
}

typedef struct {
    int class;
    int64_t rows;
} Sized;

static int by_rows(const void *a, const void *b)
{
    const Sized *x = a, *y = b;
    if (x->rows != y->rows) return x->rows > y->rows ? -1 : 1;
    return x->class - y->class;
}

bool write_reliability(const Evaluation *e, Arena *arena, Doc *out, Error *err)
{
    Sized *of = ARENA_NEW(arena, Sized, e->n_classes);
    int n = e->n_classes;
    if (!of) return error_memory(err);
    write_top(e, out);
    for (int c = 0; c < n; c++) of[c] = (Sized){c, e->metrics.per_class[c].support};
    if (n == 2) of[0].class = e->positive, of[1].class = !e->positive;
    if (n > RELIABILITY_MOST) {
        qsort(of, (size_t)n, sizeof *of, by_rows);
        n = RELIABILITY_MOST;
    }
    Doc *list = doc_set(out, "class_reliability", doc_array());
    Doc *warnings = doc_set(out, "warnings", doc_array());
    for (int c = 0; c < n; c++) {
        ClassBins bins = bins_of(e, of[c].class);
        write_class(e, of[c].class, &bins, list);
        if (e->n_classes != 2 || c == 0) warn(e, of[c].class, &bins, arena, warnings);
    }
    return true;
}
