/* Figures of numbers: predicted against true, errors by prediction and size, promises of quantiles and of
 * intervals. Of several targets the first; report.json has all. */
#include "reports/figures.h"

#include <math.h>
#include <string.h>

#include "reports/figure_data.h"
#include "reports/sheets.h"

static const Doc *first_target(const Doc *document)
{
    const Doc *evaluation = sheet_evaluation(document, NULL);
    bool numbers = strcmp(sheet_text(evaluation, "task"), "numbers") == 0;
    return numbers ? doc_at(doc_get(evaluation, "targets"), 0) : NULL;
}

/* "true price": at most twenty letters of the name. */
static const char *label_of(const char *format, const Doc *target, Arena *arena, Text *out)
{
    enum { MOST = 20 };
    const char *name = sheet_text(target, "name");
    size_t n = 0;
    for (int letters = 0; name[n] && letters < MOST; letters++)
        do n++;
        while (((unsigned char)name[n] & 0xC0) == 0x80);
    const char *cut = arena_copy_n(arena, name, n);
    return figure_words(cut ? arena_print(arena, format, cut, name[n] ? "…" : "") : NULL, out);
}

/* Both members of a list of pairs, those that are finite. */
typedef struct {
    int n;
    double *truth, *predicted;
} Pairs;

static bool take_pairs(const Doc *list, Arena *arena, Text *out, Pairs *pairs)
{
    int most = (int)doc_count(list);
    *pairs = (Pairs){.truth = figure_room(most, arena, out), .predicted = figure_room(most, arena, out)};
    for (int i = 0; pairs->truth && pairs->predicted && i < most; i++) {
        const Doc *one = doc_at(list, (size_t)i);
        double y = sheet_number(one, "truth"), p = sheet_number(one, "predicted");
        if (isfinite(y) && isfinite(p)) pairs->truth[pairs->n] = y, pairs->predicted[pairs->n++] = p;
    }
    return pairs->n > 1;
}

static void extend(const double *value, int n, double *low, double *high)
{
    for (int i = 0; i < n; i++) *low = fmin(*low, value[i]), *high = fmax(*high, value[i]);
}

static Axis axis_of(double low, double high, double from, double to)
{
    double pad = high > low ? (high - low) * .03 : 0;
    bool log = low > 0 && high > 1000 * low;
    return log ? axis_log(low, high, from, to) : axis_linear(low - pad, high + pad, from, to);
}

static double metric_of(const Doc *target, MetricId id)
{
    return sheet_number(doc_get(doc_get(target, "metrics"), metric_name(id)), "value");
}

bool figure_scatter(const Doc *document, Arena *arena, Text *out)
{
    const Doc *target = first_target(document);
    double low = INFINITY, high = -INFINITY, r2 = metric_of(target, METRIC_R2);
    Pairs pairs;
    Figure f;
    if (!take_pairs(doc_get(target, "scatter"), arena, out, &pairs)) return false;
    extend(pairs.truth, pairs.n, &low, &high);
    extend(pairs.predicted, pairs.n, &low, &high);
    Spot *dots = figure_spots(pairs.n, arena, out);
    if (!dots) return true;
    figure_begin(&f, 200, 200, "Predicted against true", out);
    Axis x = axis_of(low, high, f.left, f.right - 4), y = axis_of(low, high, f.bottom, f.top);
    figure_axis_x(&f, &x, label_of("true %s%s", target, arena, out));
    figure_axis_y(&f, &y, "predicted");
    figure_line(&f, (Spot[]){{axis_at(&x, low), axis_at(&y, low)}, {axis_at(&x, high), axis_at(&y, high)}}, 2,
                TONE_GREY, .6, LINE_DASHED);
    for (int i = 0; i < pairs.n; i++)
        dots[i] = (Spot){axis_at(&x, pairs.truth[i]), axis_at(&y, pairs.predicted[i])};
    figure_dots(&f, dots, pairs.n, pairs.n > 200 ? .9 : 1.3, TONE_ACCENT);
    const char *words = arena_print(arena, "RMSE %.4g, R2 %.3f", metric_of(target, METRIC_RMSE), r2);
    if (isfinite(r2)) figure_text(&f, (Spot){f.left, f.top - 5}, 's', TONE_ACCENT, 0, figure_words(words, out));
    figure_end(&f);
    return true;
}

bool figure_residuals(const Doc *document, Arena *arena, Text *out)
{
    const Doc *target = first_target(document);
    double low = INFINITY, high = -INFINITY, end = 0;
    Pairs pairs, groups;
    Figure f;
    if (!take_pairs(doc_get(target, "scatter"), arena, out, &pairs)) return false;
    extend(pairs.predicted, pairs.n, &low, &high);
    for (int i = 0; i < pairs.n; i++) end = fmax(end, fabs(pairs.predicted[i] - pairs.truth[i]));
    Spot *dots = figure_spots(pairs.n, arena, out);
    if (!dots || !(end > 0)) return !dots;
    figure_begin(&f, 200, 180, "Errors by what was predicted", out);
    Axis x = axis_of(low, high, f.left, f.right - 4), y = axis_linear(-end, end, f.bottom, f.top);
    figure_axis_x(&f, &x, label_of("predicted %s%s", target, arena, out));
    figure_axis_y(&f, &y, "predicted less true");
    figure_line(&f, (Spot[]){{f.left, axis_at(&y, 0)}, {f.right - 4, axis_at(&y, 0)}}, 2, TONE_GREY, .6,
                LINE_DASHED);
    for (int i = 0; i < pairs.n; i++)
        dots[i] = (Spot){axis_at(&x, pairs.predicted[i]), axis_at(&y, pairs.predicted[i] - pairs.truth[i])};
    figure_dots(&f, dots, pairs.n, pairs.n > 200 ? .8 : 1.2, TONE_ACCENT);
    bool grouped = take_pairs(doc_get(target, "by_predicted"), arena, out, &groups);
    Spot *line = figure_spots(groups.n, arena, out);
    for (int i = 0; line && i < groups.n; i++) {
        double at = fmin(x.high, fmax(x.low, groups.predicted[i]));
        double error = groups.predicted[i] - groups.truth[i];
        line[i] = (Spot){axis_at(&x, at), axis_at(&y, fmin(end, fmax(-end, error)))};
    }
    if (grouped && line) {
        figure_line(&f, line, groups.n, TONE_INK, 1, LINE_PLAIN);
        figure_key(&f, f.left, TONE_INK, LINE_PLAIN, "mean of a tenth of the rows");
    }
    figure_end(&f);
    return true;
}

bool figure_errors(const Doc *document, Arena *arena, Text *out)
{
    const Doc *bins = doc_get(first_target(document), "residuals");
    double most = 0;
    int n_edges, n;
    double *edge = figure_numbers(doc_get(bins, "edges"), arena, out, &n_edges);
    double *count = figure_numbers(doc_get(bins, "counts"), arena, out, &n);
    Figure f;
    if (!edge || !count || n < 2 || n_edges != n + 1 || !(edge[n] > edge[0])) return false;
    for (int i = 0; i < n; i++) most = fmax(most, count[i]);
    figure_begin(&f, FIGURE_COLUMN, 130, "How large the errors are", out);
    /* the document has truth less prediction; here too much is to the right */
    Axis x = axis_linear(-edge[n], -edge[0], f.left, f.right - 4), y = axis_linear(0, most, f.bottom, f.top);
    figure_axis_x(&f, &x, "predicted less true");
    figure_axis_y(&f, &y, "rows");
    for (int i = 0; i < n; i++)
        if (count[i] > 0)
            figure_bar(&f, (Spot){axis_at(&x, -edge[i + 1]), f.bottom},
                       (Spot){axis_at(&x, -edge[i]), axis_at(&y, count[i])}, TONE_ACCENT, .5);
    if (edge[0] < 0 && edge[n] > 0)
        figure_line(&f, (Spot[]){{axis_at(&x, 0), f.top}, {axis_at(&x, 0), f.bottom}}, 2, TONE_GREY, .6,
                    LINE_DASHED);
    figure_end(&f);
    return true;
}

bool figure_sizes(const Doc *document, Arena *arena, Text *out)
{
    const Doc *target = first_target(document), *groups = doc_get(target, "by_truth");
    const int n = (int)doc_count(groups);
    double low = 0, high = 0;
    Figure f;
    Spot *line = figure_spots(n, arena, out);
    if (n < 2 || !line) return n >= 2;
    for (int g = 0; g < n; g++) {
        const Doc *group = doc_at(groups, (size_t)g);
        double bias = sheet_number(group, "predicted") - sheet_number(group, "truth");
        double rmse = sheet_number(group, "rmse");
        if (!isfinite(bias) || !isfinite(rmse)) return false;
        low = fmin(low, bias), high = fmax(high, fmax(bias, rmse));
    }
    if (!(high > low)) return false;
    figure_begin(&f, FIGURE_COLUMN, 140, "Error by the size of the true value", out);
    Axis y = axis_linear(low, high, f.bottom, f.top);
    double step = (f.right - 4 - f.left) / n;
    figure_axis_y(&f, &y, "error");
    for (int g = 0; g < n; g++) {
        const Doc *group = doc_at(groups, (size_t)g);
        double at = f.left + step * (g + .5), truth = sheet_number(group, "truth");
        double bias = sheet_number(group, "predicted") - truth;
        figure_bar(&f, (Spot){at - step * .4, axis_at(&y, 0)},
                   (Spot){at + step * .4, axis_at(&y, sheet_number(group, "rmse"))}, TONE_ACCENT, .4);
        line[g] = (Spot){at, axis_at(&y, bias)};
        const char *words = arena_print(arena, "%.3g", truth);
        if (n <= 6 || g % 2 == 0)
            figure_text(&f, (Spot){at, f.bottom + 9}, 'm', TONE_INK, 0, figure_words(words, out));
    }
    figure_line(&f, line, n, TONE_INK, 1, LINE_PLAIN);
    figure_text(&f, (Spot){(f.left + f.right) / 2, f.bottom + 20}, 'm', TONE_INK, 0,
                label_of("mean true %s%s of a tenth of the rows", target, arena, out));
    double key = figure_key(&f, f.left, TONE_ACCENT, LINE_PLAIN, "RMSE");
    figure_key(&f, key, TONE_INK, LINE_PLAIN, "mean of predicted less true");
    figure_end(&f);
    return true;
}

/* ---- promises -------------------------------------------------------------------------------- */

typedef struct {
    const char *title, *across, *upward;
} Words;

static bool promises(const Doc *list, const char *at_key, const char *kept_key, const Words *words,
                     Arena *arena, Text *out)
{
    const int most = (int)doc_count(list);
    Spot *dots = figure_spots(most, arena, out);
    int n = 0;
    Figure f;
    for (int i = 0; dots && i < most; i++) {
        const Doc *one = doc_at(list, (size_t)i), *kept = doc_get(one, kept_key);
        double at = sheet_number(one, at_key), value = doc_to_number(kept, sheet_number(kept, "value"));
        if (isfinite(at) && isfinite(value)) dots[n++] = (Spot){at, value};
    }
    if (n < 2) return false;
    figure_begin(&f, 180, 180, words->title, out);
    Axis x = axis_linear(0, 1, f.left, f.right - 2), y = axis_linear(0, 1, f.bottom, f.top);
    figure_axis_x(&f, &x, words->across);
    figure_axis_y(&f, &y, words->upward);
    figure_line(&f, (Spot[]){{axis_at(&x, 0), axis_at(&y, 0)}, {axis_at(&x, 1), axis_at(&y, 1)}}, 2, TONE_LIGHT,
                .6, LINE_DASHED);
    for (int i = 0; i < n; i++) dots[i] = (Spot){axis_at(&x, dots[i].x), axis_at(&y, dots[i].y)};
    figure_line(&f, dots, n, TONE_ACCENT, .8, LINE_PLAIN);
    figure_dots(&f, dots, n, 1.7, TONE_ACCENT);
    figure_end(&f);
    return true;
}

bool figure_quantiles(const Doc *document, Arena *arena, Text *out)
{
    static const Words words = {"Quantiles: do they come true?", "predicted quantile",
                                "share of rows below it"};
    return promises(doc_get(first_target(document), "quantiles"), "quantile", "below", &words, arena, out);
}

bool figure_coverage(const Doc *document, Arena *arena, Text *out)
{
    static const Words words = {"Intervals: do they keep their promise?", "promised share",
                                "share of rows within"};
    return promises(doc_get(first_target(document), "interval"), "level", "coverage", &words, arena, out);
}
