/* Figures of the search: every trial, settings, what mattered, the front, when trials ran. */
#include "reports/figures.h"

#include <math.h>
#include <string.h>

#include "reports/figure_data.h"
#include "reports/sheet.h"

/* ---- the trials ------------------------------------------------------------------------------- */

typedef struct {
    int n;
    double *number, *value, *best, *start, *seconds, *lane;
    const Doc *state;
    bool up;
    const char *metric;
    double low, high; /* of the scores that are drawn */
} Trials;

static bool is_state(const Trials *t, int i, const char *state)
{
    return strcmp(doc_to_text(doc_at(t->state, (size_t)i), ""), state) == 0;
}

static bool is_complete(const Trials *t, int i)
{
    return is_state(t, i, "COMPLETE") && isfinite(t->value[i]);
}

/* False: fewer than two trials have a score. */
static bool read_trials(const Doc *document, Arena *arena, Text *out, Trials *t)
{
    static const char *const keys[] = {"number", "value", "best", "start_s", "seconds", "lane"};
    double **lists[] = {&t->number, &t->value, &t->best, &t->start, &t->seconds, &t->lane};
    const Doc *trials = doc_get(document, "trials");
    int n, scored = 0;
    *t = (Trials){.state = doc_get(trials, "state"), .n = (int)doc_count(doc_get(trials, "number"))};
    for (int k = 0; k < 6; k++)
        if (!(*lists[k] = figure_numbers(doc_get(trials, keys[k]), arena, out, &n)) || n != t->n) return false;
    t->metric = figure_metric(document, arena, out, &t->up);
    double *sorted = figure_room(t->n + 1, arena, out);
    for (int i = 0; sorted && i < t->n; i++) {
        sorted[i] = is_complete(t, i) || is_state(t, i, "PRUNED") ? t->value[i] : NAN;
        scored += is_complete(t, i);
    }
    return sorted && scored > 1 && figure_domain(sorted, t->n, t->up, &t->low, &t->high);
}

bool figure_history(const Doc *document, Arena *arena, Text *out)
{
    Trials t;
    Figure f;
    if (!read_trials(document, arena, out, &t)) return false;
    figure_begin(&f, FIGURE_COLUMN, 150, "Every trial, and the best so far", out);
    Spot *dots = figure_spots(t.n, arena, out), *line = figure_spots(t.n, arena, out);
    if (!dots || !line) return true;
    Axis x = axis_linear(t.number[0], t.number[t.n - 1], f.left + 4, f.right - 4);
    Axis y = axis_linear(t.low, t.high, f.bottom - 3, f.top + 2);
    figure_axis_x(&f, &x, "trial");
    figure_axis_y(&f, &y, t.metric);
    int pruned = 0, failed = 0;
    for (int i = 0; i < t.n; i++) {
        double at = axis_at(&x, t.number[i]), score = axis_at(&y, figure_clamp(t.value[i], t.low, t.high));
        dots[i] = is_complete(&t, i) ? (Spot){at, score} : (Spot){NAN, NAN};
        line[i] = (Spot){at, axis_at(&y, figure_clamp(t.best[i], t.low, t.high))};
        if (is_state(&t, i, "PRUNED") && isfinite(score)) figure_ring(&f, (Spot){at, score}, 1.2, TONE_GREY),
            pruned++;
        if (is_state(&t, i, "FAILED") || is_state(&t, i, "INFEASIBLE"))
            figure_cross(&f, (Spot){at, f.bottom - 2}, 1.3, TONE_INK), failed++;
    }
    figure_dots(&f, dots, t.n, t.n > 300 ? .8 : 1.2, TONE_GREY);
    figure_line(&f, line, t.n, TONE_ACCENT, 1.2, LINE_STEPS);
    double key = figure_key(&f, f.left, TONE_ACCENT, LINE_STEPS, "best so far");
    figure_dots(&f, &(Spot){key + 3, f.top - 7.5}, 1, 1.2, TONE_GREY);
    figure_text(&f, (Spot){key + 8, f.top - 5}, 's', TONE_GREY, 0, "complete");
    key += 44;
    if (pruned) {
        figure_ring(&f, (Spot){key + 3, f.top - 7.5}, 1.2, TONE_GREY);
        figure_text(&f, (Spot){key + 8, f.top - 5}, 's', TONE_GREY, 0, "pruned");
        key += 38;
    }
    if (failed) {
        figure_cross(&f, (Spot){key + 3, f.top - 7.5}, 1.3, TONE_INK);
        figure_text(&f, (Spot){key + 8, f.top - 5}, 's', TONE_GREY, 0, "failed or infeasible");
    }
    figure_end(&f);
    return true;
}

/* The best so far by the time that trials took, one after the other. */
bool figure_best(const Doc *document, Arena *arena, Text *out)
{
    Trials t;
    Figure f;
    double spent = 0, low = INFINITY, high = -INFINITY;
    if (!read_trials(document, arena, out, &t)) return false;
    Spot *line = figure_spots(t.n, arena, out);
    if (!line) return true;
    for (int i = 0; i < t.n; i++) {
        spent += isfinite(t.seconds[i]) ? t.seconds[i] : 0;
        line[i] = (Spot){spent, t.best[i]};
        if (!isfinite(t.best[i])) continue;
        low = fmin(low, fmax(t.best[i], t.low)), high = fmax(high, fmin(t.best[i], t.high));
    }
    if (!(spent > 0)) return false;
    figure_begin(&f, FIGURE_COLUMN, 140, "The best so far, by time of training", out);
    double pad = high > low ? (high - low) * .06 : 0;
    Axis x = axis_linear(0, spent, f.left, f.right - 4);
    Axis y = axis_linear(low - pad, high + pad, f.bottom, f.top);
    figure_axis_x(&f, &x, "seconds of all trials");
    figure_axis_y(&f, &y, t.metric);
    for (int i = 0; i < t.n; i++)
        line[i] = (Spot){axis_at(&x, line[i].x), axis_at(&y, figure_clamp(line[i].y, low, high))};
    figure_line(&f, line, t.n, TONE_ACCENT, 1.2, LINE_STEPS);
    figure_end(&f);
    return true;
}

/* ---- settings --------------------------------------------------------------------------------- */

static void slice(Figure *f, const Doc *document, const Trials *t, const Doc *parameter, bool first,
                  Arena *arena,
                  Text *out)
{
    const Doc *values = doc_get(parameter, "values");
    Setting s = figure_setting(parameter, f->left, f->right);
    Axis y = axis_linear(t->low, t->high, f->bottom - 2, f->top + 2), none = {0};
    Spot *dots = figure_spots(t->n, arena, out);
    if (!dots) return;
    figure_axis_y(f, &y, first ? t->metric : "");
    figure_axis_x(f, s.category ? &none : &s.scale, sheet_text(parameter, "name"));
    for (int c = 0; c < s.n_categories && s.category; c++) {
        double room = (f->right - f->left) / s.n_categories;
        if (s.n_categories > 8 && c % (s.n_categories / 8 + 1)) continue;
        figure_text(f, (Spot){figure_setting_at(&s, c), f->bottom + 10}, 'm', TONE_INK,
                    (int)fmax(3, room * fmax(1, s.n_categories / 8.0) / FIGURE_LETTER), figure_category(&s, c));
    }
    const double best = doc_to_number(doc_get(doc_at(doc_get(document, "leaderboard"), 0), "trial"), -1);
    Spot winner = {NAN, NAN};
    for (int i = 0; i < t->n; i++) {
        double at = figure_setting_at(&s, doc_to_number(doc_at(values, (size_t)i), NAN));
        if (s.category) { /* side by side, the same way each time */
            double share = fmod(t->number[i] * 0.6180339887, 1) - .5;
            at += share * fmin(12, .5 * (f->right - f->left) / fmax(1, s.n_categories));
        }
        dots[i] = is_complete(t, i) ? (Spot){at, axis_at(&y, figure_clamp(t->value[i], t->low, t->high))}
                                    : (Spot){NAN, NAN};
        if (t->number[i] == best) winner = dots[i];
    }
    figure_dots(f, dots, t->n, t->n > 300 ? .7 : 1, TONE_GREY);
    figure_dots(f, &winner, 1, 1.6, TONE_ACCENT);
}

bool figure_slices(const Doc *document, Arena *arena, Text *out)
{
    enum { COLUMNS = 3, MOST = 12 };
    const Doc *parameters = doc_get(document, "parameters");
    int n = (int)doc_count(parameters);
    Trials t;
    Figure f;
    if (n == 0 || !read_trials(document, arena, out, &t)) return false;
    if (n > MOST) n = MOST;
    int rows = (n + COLUMNS - 1) / COLUMNS, columns = n < COLUMNS ? n : COLUMNS;
    double width = FIGURE_PAGE / COLUMNS, height = 116;
    figure_begin(&f, columns * width, rows * height, "Score by each setting; the best trial in colour", out);
    for (int p = 0; p < n; p++) {
        double x = p % COLUMNS * width, y = p / COLUMNS * height;
        f.left = x + 38, f.right = x + width - 6, f.top = y + 6, f.bottom = y + height - 26;
        slice(&f, document, &t, doc_at(parameters, (size_t)p), p % COLUMNS == 0, arena, out);
    }
    figure_end(&f);
    return true;
}

static void axis_of(Figure *f, const Setting *s, double x, const char *name, double room)
{
    char text[32];
    figure_segment(f, (Spot){x, f->top}, (Spot){x, f->bottom}, TONE_GREY, .5);
    figure_text(f, (Spot){x, f->top - 6}, 'm', TONE_INK, (int)(room / FIGURE_LETTER), name);
    for (int c = 0; c < s->n_categories && s->category && s->n_categories <= 16; c++)
        figure_label(f, (Spot){x - 2, figure_setting_at(s, c) + 2.4}, 'e', (int)(room / 2 / FIGURE_LETTER),
                     figure_category(s, c));
    for (int k = 0; k < s->scale.n_ticks && !s->category; k++)
        figure_label(f, (Spot){x - 2, axis_at(&s->scale, s->scale.tick[k]) + 2.4}, 'e', 0,
                     axis_label(&s->scale, s->scale.tick[k], text));
}

bool figure_parallel(const Doc *document, Arena *arena, Text *out)
{
    enum { MOST = 9 };
    const Doc *parameters = doc_get(document, "parameters");
    int n = (int)doc_count(parameters);
    Trials t;
    Figure f;
    if (n < 2 || !read_trials(document, arena, out, &t)) return false;
    if (n > MOST) n = MOST;
    figure_begin(&f, FIGURE_PAGE, 190, "Settings of all complete trials; the best tenth in colour", out);
    f.left = 34, f.right = f.width - 34, f.top = 20, f.bottom = f.height - 20;
    double room = (f.right - f.left) / n;
    Setting *axes = ARENA_NEW(arena, Setting, n);
    Spot *line = figure_spots(n + 1, arena, out);
    double *sorted = figure_room(t.n + 1, arena, out), ignored[2];
    if (!axes) out->broken = true;
    if (!axes || !line || !sorted) return true;
    int scored = 0;
    for (int i = 0; i < t.n; i++)
        if (is_complete(&t, i)) sorted[scored++] = t.value[i];
    figure_domain(sorted, scored, t.up, &ignored[0], &ignored[1]); /* sorts, best first, minimized */
    double tenth = sorted[(scored - 1) / 10];
    Axis y = axis_linear(t.low, t.high, f.bottom, f.top);
    for (int p = 0; p < n; p++) axes[p] = figure_setting(doc_at(parameters, (size_t)p), f.bottom, f.top);
    for (int top = 0; top < 2; top++) /* the best lie above the others */
        for (int i = 0; i < t.n; i++) {
            if (!is_complete(&t, i) || ((t.up ? -t.value[i] : t.value[i]) <= tenth) != (top == 1)) continue;
            for (int p = 0; p < n; p++) {
                double v = doc_to_number(doc_at(doc_get(axes[p].parameter, "values"), (size_t)i), NAN);
                double at = figure_setting_at(&axes[p], v);
                line[p] = (Spot){f.left + p * room, isfinite(at) ? at : f.bottom + 8};
            }
            line[n] = (Spot){f.right, axis_at(&y, figure_clamp(t.value[i], t.low, t.high))};
            figure_line(&f, line, n + 1, top ? TONE_ACCENT : TONE_LIGHT, top ? .7 : .4, LINE_PLAIN);
        }
    for (int p = 0; p < n; p++)
        axis_of(&f, &axes[p], f.left + p * room, sheet_text(axes[p].parameter, "name"), room);
    axis_of(&f, &(Setting){.scale = y}, f.right, t.metric, room);
    figure_end(&f);
    return true;
}

/* What the trials do not tell has its interval and no bar. */
bool figure_importance(const Doc *document, Arena *arena, Text *out)
{
    enum { MOST = 15 };
    static const double STEP = 11;
    const Doc *list = doc_get(doc_get(document, "importance"), "parameters");
    const Doc **row = ARENA_NEW(arena, const Doc *, MOST);
    double most = .01;
    int n = 0;
    Figure f;
    if (!row) return out->broken = true;
    for (size_t i = 0; i < doc_count(list) && n < MOST; i++) {
        double high = sheet_number(doc_at(list, i), "high95");
        if (isfinite(high)) row[n++] = doc_at(list, i), most = fmax(most, high);
    }
    if (n < 2) return false;
    figure_begin(&f, FIGURE_COLUMN, 36 + STEP * n, "What made the difference, with 95 % intervals", out);
    f.left = 84, f.top = 6, f.bottom = f.top + STEP * n;
    Axis x = axis_linear(0, 100 * most, f.left, f.right - 34);
    for (int i = 0; i < n; i++) {
        double y = f.top + STEP * i + 5.5, share = axis_at(&x, 100 * sheet_number(row[i], "importance"));
        double low = axis_at(&x, 100 * sheet_number(row[i], "low95"));
        double high = axis_at(&x, 100 * sheet_number(row[i], "high95"));
        figure_text(&f, (Spot){f.left - 4, y + 2.4}, 'e', TONE_INK, 22, sheet_text(row[i], "name"));
        figure_bar(&f, (Spot){f.left, y - 3}, (Spot){share, y + 3}, TONE_ACCENT, .55);
        figure_segment(&f, (Spot){low, y}, (Spot){high, y}, TONE_INK, .7);
        figure_segment(&f, (Spot){low, y - 2}, (Spot){low, y + 2}, TONE_INK, .7);
        figure_segment(&f, (Spot){high, y - 2}, (Spot){high, y + 2}, TONE_INK, .7);
        if (!isfinite(share)) figure_text(&f, (Spot){high + 4, y + 2.4}, 's', TONE_GREY, 0, "not known");
    }
    figure_axis_x(&f, &x, "importance, percent");
    figure_end(&f);
    return true;
}

/* ---- two settings together, and the timeline ------------------------------------------------------- */

static const char *map_value(const Doc *value, Arena *arena, Text *out)
{
    if (doc_kind(value) == DOC_NUMBER) return figure_words(arena_print(arena, "%.3g", doc_to_number(value, 0)),
                                                           out);
    return sheet_value(arena, value);
}

/* The fuller the colour, the better what the model expects there. */
bool figure_map(const Doc *document, Arena *arena, Text *out)
{
    const Doc *importance = doc_get(document, "importance"), *map = doc_get(importance, "map");
    if (!map) map = doc_at(doc_get(importance, "maps"), 0); /* the strongest pair */
    const Doc *a = doc_get(map, "a_values"), *b = doc_get(map, "b_values"), *mean = doc_get(map, "mean");
    int n = (int)doc_count(a), m = (int)doc_count(b);
    double low = INFINITY, high = -INFINITY;
    bool up;
    Figure f;
    if (n < 2 || m < 2 || n > 64 || m > 64) return false;
    if (!(sheet_number(doc_at(doc_get(importance, "pairs"), 0), "effect") >= .01)) return false;
    for (int y = 0; y < m; y++)
        for (int x = 0; x < n; x++) {
            double value = doc_to_number(doc_at(doc_at(mean, (size_t)y), (size_t)x), NAN);
            if (isfinite(value)) low = fmin(low, value), high = fmax(high, value);
        }
    if (!(high > low)) return false;
    const char *metric = figure_metric(document, arena, out, &up);
    double step_y = fmin(16, 150.0 / m);
    figure_begin(&f, FIGURE_COLUMN, 50 + step_y * m, "What the model expects of the strongest pair of settings",
                 out);
    f.left = 62, f.bottom = f.top + step_y * m;
    double step_x = (f.right - f.left) / n;
    int every_x = (int)ceil(26 / step_x), every_y = (int)ceil(9 / step_y);
    for (int y = 0; y < m; y++) {
        double at = f.bottom - (y + 1) * step_y;
        if (y % every_y == 0)
            figure_text(&f, (Spot){f.left - 3, at + step_y / 2 + 2.4}, 'e', TONE_INK, 10,
                        map_value(doc_at(b, (size_t)y), arena, out));
        for (int x = 0; x < n; x++) {
            double value = doc_to_number(doc_at(doc_at(mean, (size_t)y), (size_t)x), NAN);
            double good = (up ? value - low : high - value) / (high - low);
            figure_bar(&f, (Spot){f.left + x * step_x, at}, (Spot){f.left + (x + 1) * step_x, at + step_y},
                       TONE_ACCENT,
                       isfinite(good) ? .04 + .96 * good * good : 0);
        }
    }
    for (int x = 0; x < n; x += every_x)
        figure_text(&f, (Spot){f.left + (x + .5) * step_x, f.bottom + 9}, 'm', TONE_INK, 8,
                    map_value(doc_at(a, (size_t)x), arena, out));
    figure_text(&f, (Spot){(f.left + f.right) / 2, f.bottom + 20}, 'm', TONE_INK, 40, sheet_text(map, "a"));
    const char *scale = arena_print(arena, "%s from %.3g (pale) to %.3g", metric, up ? low : high,
                                    up ? high : low);
    figure_text(&f, (Spot){4, f.top - 6}, 's', TONE_INK, 22, sheet_text(map, "b"));
    figure_text(&f, (Spot){f.right, f.top - 6}, 'e', TONE_GREY, 42, figure_words(scale, out));
    figure_end(&f);
    return true;
}

bool figure_timeline(const Doc *document, Arena *arena, Text *out)
{
    const Doc *trials = doc_get(document, "trials");
    double lanes = sheet_number(trials, "lanes"), span = sheet_number(trials, "span_s");
    Trials t;
    Figure f;
    if (!(lanes >= 1 && lanes <= 64 && span > 0) || !read_trials(document, arena, out, &t)) return false;
    double height = fmax(4, fmin(12, 200 / lanes));
    figure_begin(&f, FIGURE_PAGE, 40 + height * lanes, "When trials ran", out);
    f.left = 14, f.top = 6, f.bottom = f.top + height * lanes + 2;
    Axis x = axis_linear(0, span, f.left, f.right);
    for (int i = 0; i < t.n; i++) {
        if (!(t.lane[i] >= 0) || !(t.seconds[i] > 0)) continue;
        double y = f.top + t.lane[i] * height;
        bool complete = is_complete(&t, i), pruned = is_state(&t, i, "PRUNED");
        figure_bar(&f, (Spot){axis_at(&x, t.start[i]), y}, (Spot){axis_at(&x, t.start[i] + t.seconds[i]),
                   y + height - 1.2}, complete ? TONE_ACCENT : pruned ? TONE_GREY : TONE_INK, complete ? .6
                       : .8);
    }
    const Doc *parts = doc_get(doc_get(document, "crew"), "parts"), *lane = doc_get(parts, "lane");
    for (size_t i = 0; i < doc_count(lane); i++) { /* lost, or until a pause */
        const double start = doc_to_number(doc_at(doc_get(parts, "start_s"), i), NAN);
        const double seconds = doc_to_number(doc_at(doc_get(parts, "seconds"), i), NAN);
        const double y = f.top + doc_to_number(doc_at(lane, i), NAN) * height;
        const bool lost = doc_to_bool(doc_at(doc_get(parts, "lost"), i), false);
        figure_bar(&f, (Spot){axis_at(&x, start), y}, (Spot){axis_at(&x, start + seconds), y + height - 1.2},
                   lost ? TONE_GREY : TONE_ACCENT, lost ? .3 : .6);
    }
    figure_axis_x(&f, &x, doc_count(lane) ? "seconds; blue complete, grey pruned, black failed, pale grey lost"
                                          : "seconds; blue complete, grey pruned, black failed");
    figure_end(&f);
    return true;
}
