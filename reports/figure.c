/* reports/figure.c - writes SVG elements, and finds round numbers for axes. */
#include "reports/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const colours[] = {"#000000", "#6b6b6b", "#c4c4c4", "#0b62a8"};

/* ---- frame ----------------------------------------------------------------------------------- */

void figure_begin(Figure *f, double width, double height, const char *title, Text *out)
{
    *f = (Figure){out, width, height, 40, 16, width - 8, height - 28};
    text_print(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\""
               " width=\"%gpt\" height=\"%gpt\" viewBox=\"0 0 %g %g\" font-family=\"Helvetica, Arial,"
               " 'Liberation Sans', sans-serif\" font-size=\"7\">\n<title>", width, height, width, height);
    text_html(out, title);
    text_print(out, "</title>\n<rect width=\"%g\" height=\"%g\" fill=\"#ffffff\"/>\n", width, height);
}

void figure_end(Figure *f)
{
    text_add(f->out, "</svg>\n");
    if (text_ok(f->out) && f->out->n > 0) text_calm(f->out->bytes, f->out->n, true);
}

/* ---- scales ---------------------------------------------------------------------------------- */

static double room_of(const Axis *s)
{
    return fabs(s->to - s->from);
}

static void add_tick(Axis *s, double value)
{
    if (s->n_ticks < AXIS_TICKS && value >= s->low - 1e-9 * fabs(s->low) && value <= s->high
        + 1e-9 * fabs(s->high))
        s->tick[s->n_ticks++] = value;
}

Axis axis_linear(double low, double high, double from, double to)
{
    if (!isfinite(low) || !isfinite(high)) low = 0, high = 1;
    if (!(high > low)) {
        double room = low != 0 ? fabs(low) * .05 : 1;
        low -= room, high += room;
    }
    Axis s = {.low = low, .high = high, .from = from, .to = to};
    bool upright = to < from; /* a y axis takes more ticks to a length */
    double most = fmax(2, fmin(9, room_of(&s) / (upright ? 18 : 36))), raw = (high - low) / most;
    double power = pow(10, floor(log10(raw))), step = power;
    static const double steps[] = {1, 2, 5, 10};
    for (int i = 0; i < 4 && step < raw * (1 - 1e-9); i++) step = steps[i] * power;
    s.decimals = step >= 1 ? 0 : (int)fmin(9, ceil(-log10(step) - 1e-9));
    double first = ceil(low / step - 1e-9);
    for (int i = 0; i < AXIS_TICKS && (first + i) * step <= high + 1e-9 * step; i++)
        add_tick(&s, (first + i) * step);
    return s;
}

Axis axis_log(double low, double high, double from, double to)
{
    if (!(low > 0) || !isfinite(high)) return axis_linear(low, high, from, to);
    if (!(high > low)) low /= 2, high *= 2;
    Axis s = {.low = low, .high = high, .from = from, .to = to, .log = true};
    double decades = log10(high / low);
    static const double coarse[] = {1}, middle[] = {1, 3}, fine[] = {1, 2, 5};
    const double *steps = decades > 2.5 ? coarse : decades > 1.2 ? middle : fine;
    int n = decades > 2.5 ? 1 : decades > 1.2 ? 2 : 3, every = (int)fmax(1, ceil(decades * 30 / room_of(&s)));
    for (double e = floor(log10(low)); e <= ceil(log10(high)); e++)
        for (int i = 0; i < n; i++)
            if (n > 1 || fmod(fabs(e), every) == 0) add_tick(&s, steps[i] * pow(10, e));
    return s;
}

double axis_at(const Axis *s, double value)
{
    if (s->log && !(value > 0)) return NAN;
    double share = s->log ? log(value / s->low) / log(s->high / s->low) : (value - s->low) / (s->high - s->low);
    return s->from + share * (s->to - s->from);
}

const char *axis_label(const Axis *s, double value, char out[32])
{
    double size = fabs(value), most = fmax(fabs(s->low), fabs(s->high));
    if (value == 0) return "0";
    if (s->log && size < 1e-3) {
        bool power = fabs(log10(size) - round(log10(size))) < 1e-6;
        if (power) snprintf(out, 32, "1e%.0f", round(log10(size)));
        else snprintf(out, 32, "%.0e", value);
        return out;
    }
    bool large = s->log ? size >= 1e4 : most >= 1e4;
    double unit = !large ? 1 : (s->log ? size : most) >= 1e6 ? 1e6 : 1e3;
    const char *sign = unit == 1e6 ? "M" : unit == 1e3 ? "k" : "";
    if (s->log || large) snprintf(out, 32, "%.4g%s", value / unit, sign);
    else snprintf(out, 32, "%.*f", s->decimals, value);
    return out;
}

/* ---- elements -------------------------------------------------------------------------------- */

static void stroke(Figure *f, Tone tone, double width, unsigned how)
{
    text_print(f->out, " fill=\"none\" stroke=\"%s\" stroke-width=\"%g\"", colours[tone], width);
    if (how & LINE_DASHED) text_add(f->out, " stroke-dasharray=\"4 2\"");
    if (how & LINE_DOTTED) text_add(f->out, " stroke-dasharray=\"1 1.5\"");
}

void figure_segment(Figure *f, Spot a, Spot b, Tone tone, double width)
{
    if (!isfinite(a.x + a.y + b.x + b.y)) return;
    text_print(f->out, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\"", a.x, a.y, b.x, b.y);
    stroke(f, tone, width, 0);
    text_add(f->out, "/>\n");
}

void figure_line(Figure *f, const Spot *spots, int n, Tone tone, double width, unsigned how)
{
    bool open = false, any = false;
    for (int i = 0; i < n; i++) {
        if (!isfinite(spots[i].x + spots[i].y)) {
            open = false;
            continue;
        }
        if (!any) text_add(f->out, "<path d=\"");
        any = true;
        if (!open) text_print(f->out, "M%.2f %.2f", spots[i].x, spots[i].y);
        else if (how & LINE_STEPS) text_print(f->out, "H%.2fV%.2f", spots[i].x, spots[i].y);
        else text_print(f->out, "L%.2f %.2f", spots[i].x, spots[i].y);
        open = true;
    }
    if (!any) return;
    text_add(f->out, "\"");
    stroke(f, tone, width, how);
    text_add(f->out, " stroke-linejoin=\"round\"/>\n");
}

/* Many are one path of round line ends. */
void figure_dots(Figure *f, const Spot *spots, int n, double radius, Tone tone)
{
    bool any = false;
    for (int i = 0; i < n; i++) {
        if (!isfinite(spots[i].x + spots[i].y)) continue;
        if (!any) text_add(f->out, "<path d=\"");
        any = true;
        text_print(f->out, "M%.2f %.2fh.01", spots[i].x, spots[i].y);
    }
    if (!any) return;
    text_add(f->out, "\"");
    stroke(f, tone, 2 * radius, 0);
    text_print(f->out, " stroke-linecap=\"round\"%s/>\n", n > 200 ? " stroke-opacity=\".6\"" : "");
}

void figure_ring(Figure *f, Spot at, double radius, Tone tone)
{
    if (!isfinite(at.x + at.y)) return;
    text_print(f->out, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%g\"", at.x, at.y, radius);
    stroke(f, tone, .7, 0);
    text_add(f->out, "/>\n");
}

void figure_cross(Figure *f, Spot at, double r, Tone tone)
{
    if (!isfinite(at.x + at.y)) return;
    text_print(f->out, "<path d=\"M%.2f %.2fl%g %gm0 %gl%g %g\"", at.x - r, at.y - r, 2 * r, 2 * r, -2 * r,
               -2 * r,
               2 * r);
    stroke(f, tone, .7, 0);
    text_add(f->out, "/>\n");
}

void figure_bar(Figure *f, Spot a, Spot b, Tone tone, double opacity)
{
    if (!isfinite(a.x + a.y + b.x + b.y)) return;
    text_print(f->out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"", fmin(a.x, b.x),
               fmin(a.y, b.y), fabs(b.x - a.x), fabs(b.y - a.y), colours[tone]);
    if (opacity < 1) text_print(f->out, " fill-opacity=\"%.3f\"", fmax(0, opacity));
    text_add(f->out, "/>\n");
}

/* ---- text ------------------------------------------------------------------------------------ */

/* The first letters, the last of them an ellipsis where there are more. */
static void add_letters(Text *out, int letters, const char *text)
{
    size_t n = strlen(text), at = 0;
    int count = 0;
    for (size_t i = 0; i < n; i++) count += ((unsigned char)text[i] & 0xC0) != 0x80;
    Text cut = {0};
    for (int k = 0; at < n && (letters <= 0 || count <= letters || k < letters - 1); k++) {
        size_t step = 1;
        while (at + step < n && ((unsigned char)text[at + step] & 0xC0) == 0x80) step++;
        text_add_n(&cut, text + at, step);
        at += step;
    }
    if (at < n) text_add(&cut, "…");
    if (!text_ok(&cut)) out->broken = true;
    text_html(out, cut.bytes ? cut.bytes : "");
    text_free(&cut);
}

static void open_text(Figure *f, Spot at, char anchor, const char *paint)
{
    text_print(f->out, "<text x=\"%.2f\" y=\"%.2f\" %s%s>", at.x, at.y, paint,
               anchor == 'm' ? " text-anchor=\"middle\"" : anchor == 'e' ? " text-anchor=\"end\"" : "");
}

void figure_text(Figure *f, Spot at, char anchor, Tone tone, int letters, const char *text)
{
    if (!isfinite(at.x + at.y) || !text || !*text) return;
    char paint[24];
    snprintf(paint, sizeof paint, "fill=\"%s\"", colours[tone]);
    open_text(f, at, anchor, paint);
    add_letters(f->out, letters, text);
    text_add(f->out, "</text>\n");
}

void figure_label(Figure *f, Spot at, char anchor, int letters, const char *text)
{
    if (!isfinite(at.x + at.y) || !text || !*text) return;
    open_text(f, at, anchor, "fill=\"#ffffff\" stroke=\"#ffffff\" stroke-width=\"2.4\""
                             " stroke-linejoin=\"round\"");
    add_letters(f->out, letters, text);
    text_add(f->out, "</text>\n");
    figure_text(f, at, anchor, TONE_INK, letters, text);
}

static int letters_of(const char *text)
{
    int count = 0;
    for (; *text; text++) count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

double figure_key(Figure *f, double x, Tone tone, unsigned how, const char *text)
{
    const Spot ends[] = {{x, f->top - 7.5}, {x + 12, f->top - 7.5}};
    figure_line(f, ends, 2, tone, 1.2, how & ~(unsigned)LINE_STEPS);
    figure_text(f, (Spot){x + 15, f->top - 5}, 's', TONE_GREY, 0, text);
    return x + 15 + FIGURE_LETTER * letters_of(text) + 8;
}

/* ---- axes ------------------------------------------------------------------------------------ */

void figure_axis_x(Figure *f, const Axis *s, const char *label)
{
    char text[32];
    for (int i = 0; i < s->n_ticks; i++) {
        double x = axis_at(s, s->tick[i]);
        figure_segment(f, (Spot){x, f->bottom}, (Spot){x, f->bottom + 2.5}, TONE_GREY, .5);
        figure_text(f, (Spot){x, f->bottom + 10}, 'm', TONE_INK, 0, axis_label(s, s->tick[i], text));
    }
    figure_segment(f, (Spot){f->left, f->bottom}, (Spot){f->right, f->bottom}, TONE_GREY, .5);
    figure_text(f, (Spot){(f->left + f->right) / 2, f->bottom + 21}, 'm', TONE_INK,
                (int)((f->right - f->left) / FIGURE_LETTER), label);
}

void figure_axis_y(Figure *f, const Axis *s, const char *label)
{
    char text[32];
    for (int i = 0; i < s->n_ticks; i++) {
        double y = axis_at(s, s->tick[i]);
        figure_segment(f, (Spot){f->left, y}, (Spot){f->right, y}, TONE_LIGHT, .3);
        figure_text(f, (Spot){f->left - 4, y + 2.4}, 'e', TONE_INK, 0, axis_label(s, s->tick[i], text));
    }
    figure_segment(f, (Spot){f->left, f->top}, (Spot){f->left, f->bottom}, TONE_GREY, .5);
    if (!label || !*label) return;
    double x = f->left - 30, y = (f->top + f->bottom) / 2;
    text_print(f->out, "<text transform=\"translate(%.2f %.2f) rotate(-90)\" text-anchor=\"middle\""
                       " fill=\"%s\">", x,
               y, colours[TONE_INK]);
    add_letters(f->out, (int)((f->bottom - f->top) / FIGURE_LETTER) + 4, label);
    text_add(f->out, "</text>\n");
}
