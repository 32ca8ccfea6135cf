/* Figures of the model: learning curves, confusion, areas, reliability, thresholds, the gain of the ensemble.
 * */
#include "reports/figures.h"

#include <math.h>
#include <string.h>

#include "reports/figure_data.h"
#include "reports/sheets.h"

/* ---- learning curves ---------------------------------------------------------------------------- */

static bool is_median(const Doc *curve)
{
    return strcmp(sheet_text(curve, "role"), "median") == 0;
}

static void add_extent(const double *value, int n, double *low, double *high)
{
    for (int i = 0; i < n; i++)
        if (isfinite(value[i])) *low = fmin(*low, value[i]), *high = fmax(*high, value[i]);
}

/* One list of a curve over its epochs. */
static void draw_curve(Figure *f, const Doc *curve, const char *key, const Axis *x, const Axis *y, Tone tone,
                       double width, unsigned how, Arena *arena)
{
    int n, m;
    double *epoch = figure_numbers(doc_get(curve, "epoch"), arena, f->out, &n);
    double *value = figure_numbers(doc_get(curve, key), arena, f->out, &m);
    Spot *line = figure_spots(n, arena, f->out);
    for (int i = 0; epoch && value && line && i < n && i < m; i++)
        line[i] = (Spot){axis_at(x, epoch[i]), axis_at(y, figure_clamp(value[i], y->low, y->high))};
    if (line && epoch && value) figure_line(f, line, n < m ? n : m, tone, width, how);
}

bool figure_curves(const Doc *document, Arena *arena, Text *out)
{
    const Doc *curves = doc_get(document, "curves"), *first = doc_at(curves, 0);
    int n_curves = (int)doc_count(curves), total = 0, n;
    double last = 1, low, high;
    bool up;
    Figure f;
    if (doc_count(doc_get(first, "epoch")) < 2) return false;
    for (int c = 0; c < n_curves; c++)
        total += (int)doc_count(doc_get(doc_at(curves, (size_t)c), "val_metric"));
    double *all = figure_room(total + 1, arena, out);
    if (!all) return out->broken = true;
    total = 0;
    for (int c = 0; c < n_curves; c++) {
        const Doc *curve = doc_at(curves, (size_t)c);
        double *value = figure_numbers(doc_get(curve, "val_metric"), arena, out, &n);
        for (int i = 0; value && i < n; i++) all[total++] = value[i];
        last = fmax(last, doc_to_number(doc_at(doc_get(curve, "epoch"), doc_count(doc_get(curve, "epoch")) - 1),
                                        1));
    }
    const char *metric = figure_metric(document, arena, out, &up);
    if (!figure_domain(all, total, up, &low, &high)) return false;
    figure_begin(&f, FIGURE_COLUMN, 150, "Validation score by epoch", out);
    Axis x = axis_linear(1, last, f.left, f.right - 4), y = axis_linear(low, high, f.bottom, f.top);
    figure_axis_x(&f, &x, "epoch");
    figure_axis_y(&f, &y, metric);
    for (int c = n_curves - 1; c >= 0; c--) {
        const Doc *curve = doc_at(curves, (size_t)c);
        bool median = is_median(curve);
        draw_curve(&f, curve, "val_metric", &x, &y, c == 0 ? TONE_ACCENT : median ? TONE_INK : TONE_LIGHT,
                   c == 0 ? 1.3 : .7, median ? LINE_DASHED : LINE_PLAIN, arena);
    }
    const char *best = figure_words(arena_print(arena, "trial %.0f, the best", sheet_number(first, "trial")),
                                    out);
    double key = figure_key(&f, f.left, TONE_ACCENT, LINE_PLAIN, best);
    if (n_curves > 1 + is_median(doc_at(curves, (size_t)n_curves - 1)))
        key = figure_key(&f, key, TONE_LIGHT, LINE_PLAIN, "the next");
    if (n_curves > 1 && is_median(doc_at(curves, (size_t)n_curves - 1)))
        figure_key(&f, key, TONE_INK, LINE_DASHED, "the median trial");
    figure_end(&f);
    return true;
}

bool figure_losses(const Doc *document, Arena *arena, Text *out)
{
    const Doc *curve = doc_at(doc_get(document, "curves"), 0);
    int n, m, k;
    double *epoch = figure_numbers(doc_get(curve, "epoch"), arena, out, &n), low = INFINITY, high = -INFINITY;
    double *train = figure_numbers(doc_get(curve, "train_loss"), arena, out, &m);
    double *val = figure_numbers(doc_get(curve, "val_loss"), arena, out, &k);
    Figure f;
    if (!epoch || !train || !val || n < 2) return false;
    add_extent(train, m, &low, &high);
    add_extent(val, k, &low, &high);
    if (!(high > low)) return false;
    bool log = low > 0 && high > 20 * low;
    figure_begin(&f, FIGURE_COLUMN, 140, "Loss of the best trial by epoch", out);
    Axis x = axis_linear(1, epoch[n - 1], f.left, f.right - 4);
    Axis y = (log ? axis_log : axis_linear)(low, high, f.bottom - 2, f.top + 2);
    figure_axis_x(&f, &x, "epoch");
    figure_axis_y(&f, &y, log ? "loss ↓ (log)" : "loss ↓");
    draw_curve(&f, curve, "train_loss", &x, &y, TONE_GREY, 1, LINE_DASHED, arena);
    draw_curve(&f, curve, "val_loss", &x, &y, TONE_ACCENT, 1.3, LINE_PLAIN, arena);
    figure_key(&f, figure_key(&f, f.left, TONE_ACCENT, LINE_PLAIN, "validation"), TONE_GREY, LINE_DASHED,
               "training");
    figure_end(&f);
    return true;
}

bool figure_rate(const Doc *document, Arena *arena, Text *out)
{
    const Doc *curve = doc_at(doc_get(document, "curves"), 0);
    int n, m;
    double *epoch = figure_numbers(doc_get(curve, "epoch"), arena, out, &n), low = INFINITY, high = -INFINITY;
    double *rate = figure_numbers(doc_get(curve, "learning_rate"), arena, out, &m);
    Figure f;
    if (!epoch || !rate || n < 2) return false;
    add_extent(rate, m, &low, &high);
    if (!(high > low * 1.001)) return false; /* constant: nothing to see */
    figure_begin(&f, FIGURE_COLUMN, 120, "Learning rate of the best trial by epoch", out);
    Axis x = axis_linear(1, epoch[n - 1], f.left, f.right - 4), y = axis_linear(0, high * 1.04, f.bottom,
                                                                                f.top);
    figure_axis_x(&f, &x, "epoch");
    figure_axis_y(&f, &y, "learning rate");
    draw_curve(&f, curve, "learning_rate", &x, &y, TONE_ACCENT, 1.2, LINE_PLAIN, arena);
    figure_end(&f);
    return true;
}

/* ---- confusion --------------------------------------------------------------------------------------- */

bool figure_confusion(const Doc *document, Arena *arena, Text *out)
{
    enum { MOST_NUMBERS = 20, MOST_CLASSES = 100 };
    const Doc *evaluation = sheet_evaluation(document, NULL), *matrix = doc_get(evaluation, "confusion");
    const Doc *classes = doc_get(evaluation, "classes");
    int n = (int)doc_count(matrix);
    Figure f;
    if (n < 2 || n > MOST_CLASSES) return false;
    bool numbers = n <= MOST_NUMBERS;
    double cell = n <= 4 ? 36 : numbers ? fmax(15, 190.0 / n) : 190.0 / n, left = 62;
    figure_begin(&f, left + cell * n + 8, cell * n + 40,
                 "Confusion: rows are true classes, columns predictions", out);
    f.left = left, f.top = 6, f.bottom = f.top + cell * n, f.right = left + cell * n;
    for (int t = 0; t < n; t++) {
        const Doc *row = doc_at(matrix, (size_t)t);
        double sum = 0, y = f.top + t * cell;
        for (int p = 0; p < n; p++) sum += doc_to_number(doc_at(row, (size_t)p), 0);
        for (int p = 0; p < n; p++) {
            double count = doc_to_number(doc_at(row, (size_t)p), 0), share = sum > 0 ? count / sum : 0;
            double x = f.left + p * cell;
            /* Errors are few: the root makes one percent visible. */
            figure_bar(&f, (Spot){x, y}, (Spot){x + cell, y + cell}, t == p ? TONE_ACCENT : TONE_INK,
                       t == p ? .8 * share : .6 * sqrt(share));
            const char *text = figure_words(arena_print(arena, "%.0f", count), out);
            bool dark = t == p ? share > .6 : share > .5;
            if (!numbers || count == 0) continue;
            Spot at = {x + cell / 2, y + cell / 2 + 2.4};
            if (dark) text_print(f.out, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"middle\""
                                        " fill=\"#ffffff\">%s</text>\n",
                                 at.x, at.y, text);
            else figure_text(&f, at, 'm', TONE_INK, 0, text);
        }
        if (!numbers) continue;
        const char *name = doc_to_text(doc_at(classes, (size_t)t), "");
        figure_text(&f, (Spot){f.left - 3, y + cell / 2 + 2.4}, 'e', TONE_INK, 14, name);
        figure_text(&f, (Spot){f.left + t * cell + cell / 2, f.bottom + 9}, 'm', TONE_INK,
                    (int)fmax(2, cell / FIGURE_LETTER), name);
    }
    figure_segment(&f, (Spot){f.left, f.top}, (Spot){f.left, f.bottom}, TONE_GREY, .5);
    figure_segment(&f, (Spot){f.left, f.bottom}, (Spot){f.right, f.bottom}, TONE_GREY, .5);
    figure_text(&f, (Spot){(f.left + f.right) / 2, f.bottom + 20}, 'm', TONE_INK, 0, "predicted class");
    figure_text(&f, (Spot){4, f.bottom + 20}, 's', TONE_INK, 0, "true class ↑");
    figure_end(&f);
    return true;
}

/* ---- one class against the rest ------------------------------------------------------------------------ */

static void begin_square(Figure *f, const char *title, Axis *x, Axis *y, const char *of_x, const char *of_y,
                         Text *out)
{
    figure_begin(f, 180, 180, title, out);
    *x = axis_linear(0, 1, f->left, f->right - 2);
    *y = axis_linear(0, 1, f->bottom, f->top);
    figure_axis_x(f, x, of_x);
    figure_axis_y(f, y, of_y);
}

/* Of classes as they are listed; of labels one each. */
static size_t n_against_rest(const Doc *evaluation, const char *list)
{
    const Doc *targets = doc_get(evaluation, "targets");
    return targets ? doc_count(targets) : doc_count(doc_get(evaluation, list));
}

static const Doc *against_rest_at(const Doc *evaluation, const char *list, size_t i, const char **name)
{
    const Doc *target = doc_at(doc_get(evaluation, "targets"), i);
    const Doc *curves = doc_get(target ? target : evaluation, list);
    const Doc *curve = !target ? doc_at(curves, i) : doc_kind(curves) == DOC_ARRAY ? doc_at(curves, 0) : curves;
    *name = sheet_text(target ? target : curve, target ? "name" : "label");
    return curve;
}

/* The class with the smallest area in colour, the others grey. */
static bool against_rest(const Doc *document, const char *list, const char *const keys[3],
                         const char *const words[3],
                         bool diagonal, Arena *arena, Text *out)
{
    const Doc *evaluation = sheet_evaluation(document, NULL), *worst = NULL;
    const size_t n_curves = n_against_rest(evaluation, list);
    const char *name, *worst_name = "";
    Figure f;
    Axis x, y;
    for (size_t c = 0; c < n_curves; c++) {
        const Doc *curve = against_rest_at(evaluation, list, c, &name);
        if (doc_count(doc_get(curve, keys[0])) < 2) continue;
        if (worst && !(sheet_number(curve, keys[2]) < sheet_number(worst, keys[2]))) continue;
        worst = curve, worst_name = name;
    }
    if (!worst) return false;
    begin_square(&f, words[0], &x, &y, words[1], words[2], out);
    if (diagonal)
        figure_line(&f, (Spot[]){{axis_at(&x, 0), axis_at(&y, 0)}, {axis_at(&x, 1), axis_at(&y, 1)}}, 2,
                    TONE_LIGHT,
                    .6, LINE_DASHED);
    for (int chosen = 0; chosen < 2; chosen++)
        for (size_t c = 0; c < n_curves; c++) {
            const Doc *curve = against_rest_at(evaluation, list, c, &name);
            int n, m;
            double *across = figure_numbers(doc_get(curve, keys[0]), arena, out, &n);
            double *upward = figure_numbers(doc_get(curve, keys[1]), arena, out, &m);
            Spot *line = figure_spots(n, arena, out);
            if (!across || !upward || !line || n != m || (curve == worst) != (chosen == 1)) continue;
            for (int i = 0; i < n; i++) line[i] = (Spot){axis_at(&x, across[i]), axis_at(&y, upward[i])};
            figure_line(&f, line, n, chosen ? TONE_ACCENT : TONE_LIGHT, chosen ? 1.2 : .6, LINE_PLAIN);
        }
    const char *area = arena_print(arena, "area %.4f%s: %s", sheet_number(worst, keys[2]),
                                   n_curves > 1 ? ", the lowest" : "", worst_name);
    if (isfinite(sheet_number(worst, keys[2])))
        figure_text(&f, (Spot){f.left, f.top - 5}, 's', TONE_ACCENT, 38, figure_words(area, out));
    figure_end(&f);
    return true;
}

bool figure_roc(const Doc *document, Arena *arena, Text *out)
{
    static const char *const keys[] = {"fpr", "tpr", "auc"};
    static const char *const words[] = {"ROC: one class against the rest", "false positive rate",
                                        "true positive rate"};
    return against_rest(document, "roc", keys, words, true, arena, out);
}

bool figure_pr(const Doc *document, Arena *arena, Text *out)
{
    static const char *const keys[] = {"recall", "precision", "ap"};
    static const char *const words[] = {"Precision and recall: one class against the rest", "recall",
                                        "precision"};
    return against_rest(document, "pr", keys, words, false, arena, out);
}

/* ---- reliability ------------------------------------------------------------------------------------------
 * */

/* Of the class of interest with intervals where the evaluation has them, else of the top label. */
bool figure_reliability(const Doc *document, Arena *arena, Text *out)
{
    const Doc *evaluation = sheet_evaluation(document, NULL);
    const Doc *one = doc_at(doc_get(evaluation, "class_reliability"), 0);
    const Doc *bins = one ? doc_get(one, "bins") : doc_get(evaluation, "reliability");
    int n = 0, most = (int)doc_count(bins);
    Figure f;
    Axis x, y;
    Spot *dots = figure_spots(most, arena, out);
    double rows = 0;
    if (!dots) return true;
    for (int i = 0; i < most; i++) {
        const Doc *bin = doc_at(bins, (size_t)i);
        rows = fmax(rows, doc_to_number(doc_get(bin, "n"), 0));
        n += sheet_number(bin, "n") > 0 && isfinite(sheet_number(bin, one ? "share" : "accuracy"));
    }
    if (n < 2) return false;
    const char *of_y = !one ? "share that is right"
                     : figure_words(arena_print(arena, "share that is %s", sheet_text(one, "label")), out);
    begin_square(&f, "Reliability: how often it is so, by the probability", &x, &y,
                 one ? "predicted probability" : "probability of the prediction", of_y, out);
    figure_line(&f, (Spot[]){{axis_at(&x, 0), axis_at(&y, 0)}, {axis_at(&x, 1), axis_at(&y, 1)}}, 2, TONE_LIGHT,
                .6,
                LINE_DASHED);
    n = 0;
    for (int i = 0; i < most; i++) {
        const Doc *bin = doc_at(bins, (size_t)i);
        double count = doc_to_number(doc_get(bin, "n"), 0), mean = sheet_number(bin, one ? "mean_p"
                                                                                : "confidence");
        Spot at = {axis_at(&x, mean), axis_at(&y, sheet_number(bin, one ? "share" : "accuracy"))};
        if (!(count > 0) || !isfinite(at.x + at.y)) continue;
        figure_bar(&f, (Spot){axis_at(&x, sheet_number(bin, "low")), f.bottom},
                   (Spot){axis_at(&x, sheet_number(bin, "high")), f.bottom - 12 * count / rows}, TONE_LIGHT,
                       .7);
        figure_segment(&f, (Spot){at.x, axis_at(&y, sheet_number(bin, "low95"))},
                       (Spot){at.x, axis_at(&y, sheet_number(bin, "high95"))}, TONE_GREY, .7);
        dots[n++] = at;
    }
    figure_line(&f, dots, n, TONE_ACCENT, .8, LINE_PLAIN);
    figure_dots(&f, dots, n, 1.7, TONE_ACCENT);
    figure_end(&f);
    return true;
}

/* ---- the decision
 * ------------------------------------------------------------------------------------------- */

bool figure_threshold(const Doc *document, Arena *arena, Text *out)
{
    static const char *const keys[] = {"precision", "recall", "f1", "flagged"};
    static const char *const words[] = {"precision", "recall", "F1", "share flagged"};
    static const Tone tones[] = {TONE_INK, TONE_INK, TONE_ACCENT, TONE_GREY};
    static const unsigned how[] = {LINE_PLAIN, LINE_DASHED, LINE_PLAIN, LINE_DOTTED};
    const Doc *curve = doc_get(sheet_evaluation(document, NULL), "threshold_curve");
    int n, m;
    double *at = figure_numbers(doc_get(curve, "at"), arena, out, &n), place = sheet_number(curve, "chosen");
    double chosen = sheet_number(doc_get(sheet_evaluation(document, NULL), "decision"), "threshold");
    Figure f;
    if (!at || n < 2) return false;
    if (!isfinite(chosen) && place >= 0 && place < n) chosen = at[(int)place];
    figure_begin(&f, FIGURE_COLUMN, 160, "Scores by the threshold of the decision", out);
    Axis x = axis_linear(0, 1, f.left, f.right - 4), y = axis_linear(0, 1, f.bottom, f.top);
    const char *of_x = arena_print(arena, "threshold of %s", sheet_text(curve, "label"));
    figure_axis_x(&f, &x, figure_words(of_x, out));
    figure_axis_y(&f, &y, "");
    double key = f.left;
    for (int k = 0; k < 4; k++) {
        double *value = figure_numbers(doc_get(curve, keys[k]), arena, out, &m);
        Spot *line = figure_spots(n, arena, out);
        if (!value || !line || n != m) continue;
        for (int i = 0; i < n; i++) line[i] = (Spot){axis_at(&x, at[i]), axis_at(&y, value[i])};
        figure_line(&f, line, n, tones[k], 1.1, how[k]);
        key = figure_key(&f, key, tones[k], how[k], words[k]);
    }
    if (chosen >= 0 && chosen <= 1) {
        double where = axis_at(&x, chosen);
        figure_line(&f, (Spot[]){{where, f.top}, {where, f.bottom}}, 2, TONE_GREY, .6, LINE_DASHED);
        figure_text(&f, (Spot){where + 3, f.bottom - 4}, 's', TONE_INK, 0,
                    figure_words(arena_print(arena, "%.3f", chosen), out));
    }
    figure_end(&f);
    return true;
}

/* ---- the ensemble
 * ---------------------------------------------------------------------------------------------- */

bool figure_gain(const Doc *document, Arena *arena, Text *out)
{
    const Doc *ensemble = doc_get(document, "ensemble");
    int n;
    bool up;
    double *curve = figure_numbers(doc_get(ensemble, "curve"), arena, out, &n), low = INFINITY,
        high = -INFINITY;
    double single = sheet_number(doc_get(ensemble, "best_single"), "score");
    Figure f;
    if (!curve || n < 2) return false;
    add_extent(curve, n, &low, &high);
    add_extent(&single, 1, &low, &high);
    if (!(high > low)) return false;
    const char *metric = figure_metric(document, arena, out, &up);
    figure_begin(&f, FIGURE_COLUMN, 140, "Score on the selection rows as members are added", out);
    Spot *line = figure_spots(n, arena, out);
    if (!line) return true;
    double pad = (high - low) * .06;
    Axis x = axis_linear(1, n, f.left, f.right - 4), y = axis_linear(low - pad, high + pad, f.bottom, f.top);
    figure_axis_x(&f, &x, "draws, with replacement");
    figure_axis_y(&f, &y, metric);
    for (int i = 0; i < n; i++) line[i] = (Spot){axis_at(&x, i + 1), axis_at(&y, curve[i])};
    figure_line(&f, line, n, TONE_ACCENT, 1.2, LINE_PLAIN);
    double key = figure_key(&f, f.left, TONE_ACCENT, LINE_PLAIN, "ensemble");
    if (isfinite(single)) {
        double at = axis_at(&y, single);
        figure_line(&f, (Spot[]){{f.left, at}, {f.right - 4, at}}, 2, TONE_GREY, .8, LINE_DASHED);
        figure_key(&f, key, TONE_GREY, LINE_DASHED, "best single trial");
    }
    figure_end(&f);
    return true;
}
