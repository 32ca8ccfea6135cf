/* reports/figure.h - drawing one chart for print, as SVG: scales, axes, lines, dots, bars, text.
 *
 * For papers: one style, black and grey and one accent, a font without serifs at 7 points, sizes in points
 * (1/72 inch), as wide as a column of text (FIGURE_COLUMN) or as two (FIGURE_PAGE). No script, no style sheet,
 * no font inside, nothing that a converter to PDF would not know; the same document gives the same bytes.
 *
 *     Figure f;
 *     figure_begin(&f, FIGURE_COLUMN, 150, "Every trial", out);
 *     Axis x = axis_linear(0, n, f.left, f.right), y = axis_linear(low, high, f.bottom, f.top);
 *     figure_axis_x(&f, &x, "trial");
 *     figure_axis_y(&f, &y, "macro F1");
 *     figure_line(&f, points, n, TONE_ACCENT, 1.2, LINE_STEPS);
 *     figure_end(&f);
 *
 * Points   from the upper left corner, in points; what is not finite leaves a gap.
 * Text     is escaped here; it may be anybody's.
 * Errors   none: a Text without memory says so itself (text_ok).
 */
#ifndef CONSORT_REPORTS_FIGURE_H
#define CONSORT_REPORTS_FIGURE_H
#include <stdbool.h>

#include "base/text.h"

#define FIGURE_COLUMN 252.0
#define FIGURE_PAGE 516.0
#define FIGURE_LETTER 3.7 /* about what a letter of 7 points takes */

typedef enum { TONE_INK, TONE_GREY, TONE_LIGHT, TONE_ACCENT } Tone;
enum { LINE_PLAIN = 0, LINE_STEPS = 1, LINE_DASHED = 2, LINE_DOTTED = 4 };

typedef struct {
    Text *out;
    double width, height;
    double left, top, right, bottom; /* edges of the plot inside the axes; may be set after figure_begin */
} Figure;

typedef struct {
    double x, y;
} Spot;

void figure_begin(Figure *figure, double width, double height, const char *title, Text *out);
void figure_end(Figure *figure);

/* ---- scales ---------------------------------------------------------------------------------- */

enum { AXIS_TICKS = 16 };
typedef struct {
    double low, high; /* of the data */
    double from, to;  /* where they lie */
    bool log;
    int n_ticks, decimals;
    double tick[AXIS_TICKS];
} Axis;

/* Ticks are round numbers inside [low, high], as many as there is room for. An empty range is widened. */
Axis axis_linear(double low, double high, double from, double to);
Axis axis_log(double low, double high, double from, double to); /* low > 0, else it is linear */
double axis_at(const Axis *scale, double value);
/* A tick as it is written: "0.95", "20k", "1e-4". `out` has 32 bytes. */
const char *axis_label(const Axis *scale, double value, char out[32]);

/* ---- drawing --------------------------------------------------------------------------------- */

void figure_axis_x(Figure *figure, const Axis *scale, const char *label);
void figure_axis_y(Figure *figure, const Axis *scale, const char *label);
void figure_line(Figure *figure, const Spot *spots, int n, Tone tone, double width, unsigned how);
void figure_segment(Figure *figure, Spot a, Spot b, Tone tone, double width);
void figure_dots(Figure *figure, const Spot *spots, int n, double radius, Tone tone);
void figure_ring(Figure *figure, Spot at, double radius, Tone tone);
void figure_cross(Figure *figure, Spot at, double radius, Tone tone);
void figure_bar(Figure *figure, Spot a, Spot b, Tone tone, double opacity); /* between two corners */
/* `anchor`: 's' begins at, 'm' is centered on, 'e' ends at the point, which lies on the base line. At most
 * `letters` of it (0: all). */
void figure_text(Figure *figure, Spot at, char anchor, Tone tone, int letters, const char *text);
/* The same where lines pass: with white around it. */
void figure_label(Figure *figure, Spot at, char anchor, int letters, const char *text);
/* A key above the plot, from its left edge: what was drawn how. Returns where the next one begins. */
double figure_key(Figure *figure, double x, Tone tone, unsigned how, const char *text);
#endif
