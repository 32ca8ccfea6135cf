/* The inside of a network as lines of text: tables, and pictures made of characters. */
#include "reports/inside_text.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/base64.h"
#include "reports/columns.h"
#include "reports/sheets.h"

enum { TILE = 15 /* characters of a picture of weights */, TILES_A_LINE = 5, MOST_TILES = 10, PICTURE = 36 };

const char *inside_who(const Doc *inside, Arena *arena)
{
    const Doc *network = doc_get(inside, "network"), *widths = doc_get(network, "widths");
    double nets = sheet_number(inside, "nets"), members = sheet_number(inside, "members");
    Text text = {0};
    if (nets > 1) text_print(&text, "network %.0f of %.0f of ", sheet_number(inside, "net"), nets);
    text_add(&text, doc_to_text(doc_get(inside, "member"), "the network"));
    if (members > 1)
        text_print(&text, ", %s of %.0f members",
                   doc_to_bool(doc_get(inside, "heaviest"), false) ? "the heaviest" : "one", members);
    text_add(&text, ": ");
    for (size_t i = 0; i < doc_count(widths); i++)
        text_print(&text, "%s%.0f", i ? "-" : "", doc_to_number(doc_at(widths, i), NAN));
    text_add(&text, " units");
    if (doc_count(widths) > 2) text_print(&text, ", %s", doc_to_text(doc_get(network, "activation"), ""));
    const char *copy = text_ok(&text) && text.n ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    return sheet_or_dash(copy);
}

/* ---- pictures --------------------------------------------------------------------------------- */

typedef struct {
    int height, width, channels;
} Size;

/* A picture of bytes, or of signed ones, cut into cells of characters. */
typedef struct {
    const uint8_t *bytes; /* (height, width, channels); NULL: none */
    int height, width, channels;
    bool is_signed;
    int columns, lines;
    double most;          /* signed: the largest mean of a cell */
} Picture;

/* The mean of what a cell covers: -1 to 1, or 0 to 1. */
static double cell_mean(const Picture *p, int line, int column)
{
    int y0 = line * p->height / p->lines, y1 = (line + 1) * p->height / p->lines;
    int x0 = column * p->width / p->columns, x1 = (column + 1) * p->width / p->columns, n = 0;
    double sum = 0;
    for (int y = y0; y < (y1 > y0 ? y1 : y0 + 1); y++)
        for (int x = x0; x < (x1 > x0 ? x1 : x0 + 1); x++, n++) {
            const uint8_t *pixel = p->bytes + (y * p->width + x) * p->channels;
            double v = 0;
            for (int c = 0; c < p->channels; c++) v += pixel[c];
            v /= p->channels;
            sum += p->is_signed ? (v - 128) / 127 : v / 255;
        }
    return sum / n;
}

static Picture picture_of(const uint8_t *bytes, Size size, bool is_signed, int most)
{
    const int height = size.height, width = size.width;
    Picture p = {bytes, height, width, size.channels, is_signed, width < most ? width : most, 0, 0};
    p.lines = (height * p.columns + width) / (2 * width); /* a character is twice as high as wide */
    if (p.lines < 1) p.lines = 1;
    for (int line = 0; line < p.lines; line++)
        for (int c = 0; c < p.columns; c++) p.most = fmax(p.most, fabs(cell_mean(&p, line, c)));
    if (!is_signed || p.most == 0) p.most = 1;
    return p;
}

static const char *character(const Picture *p, int line, int column)
{
    static const char *const up[] = {" ", "░", "▒", "▓", "█"}, *const down[] = {" ", "·", "-", "=", "#"};
    double v = cell_mean(p, line, column) / p->most, size = fmin(1, fabs(v));
    int step = (int)(size * 4 + 0.5);
    return v < 0 ? down[step] : up[step];
}

/* Side by side; all have the same number of lines. */
static void draw(const Picture *pictures, int n, Text *out)
{
    for (int line = 0; line < pictures[0].lines; line++) {
        for (int k = 0; k < n; k++) {
            for (int c = 0; c < pictures[k].columns; c++) text_add(out, character(&pictures[k], line, c));
            if (k + 1 < n) text_add(out, " ");
        }
        text_add(out, "\n");
    }
}

/* Bytes of a member of the document; NULL where it does not have so many. */
static const uint8_t *bytes_of(const Doc *doc, const char *key, size_t n, Arena *arena)
{
    const char *text = doc_to_text(doc_get(doc, key), NULL);
    uint8_t *bytes = text && n > 0 ? arena_alloc(arena, n, 1) : NULL;
    return bytes && base64_read(text, bytes, n) ? bytes : NULL;
}

static bool size_of(const Doc *doc, Size *out)
{
    double h = sheet_number(doc, "height"), w = sheet_number(doc, "width");
    if (!(h >= 1 && w >= 1 && h <= 4096 && w <= 4096)) return false;
    *out = (Size){(int)h, (int)w, sheet_number(doc, "channels") == 3 ? 3 : 1};
    return true;
}

static size_t bytes_in(Size size)
{
    return (size_t)size.height * (size_t)size.width * (size_t)size.channels;
}

static void put_tiles(const Doc *inside, Arena *arena, Text *out)
{
    const Doc *first = doc_get(inside, "first_layer"), *tiles = doc_get(first, "tiles");
    bool classes = doc_to_bool(doc_get(first, "classes"), false);
    int n = (int)doc_count(tiles);
    Size shape;
    if (!size_of(first, &shape)) return;
    const size_t size = bytes_in(shape);
    const uint8_t *bytes = bytes_of(first, "pixels", size * (size_t)n, arena);
    if (!bytes) return;
    text_print(out, "\n%s (░▒▓█ pull up, ·-=# pull down):\n",
               classes ? "weights of the classes" : "first weights, the longest first");
    for (int from = 0; from < n && from < MOST_TILES; from += TILES_A_LINE) {
        Picture pictures[TILES_A_LINE];
        int k = 0;
        for (; k < TILES_A_LINE && from + k < n && from + k < MOST_TILES; k++) {
            double unit = sheet_number(doc_at(tiles, (size_t)(from + k)), "unit");
            const char *label = sheet_unit(inside, unit, arena);
            pictures[k] = picture_of(bytes + (size_t)(from + k) * size, shape, true, TILE);
            text_print(out, "%s%.*s", k ? " " : "", TILE, label);
            int blank = pictures[k].columns - columns_letters(label);
            columns_pad(out, blank > 0 ? blank : 0);
        }
        text_add(out, "\n");
        draw(pictures, k, out);
    }
    double left = sheet_number(first, "units") - MOST_TILES;
    if (n > MOST_TILES) text_print(out, "and %.0f more (--html draws %d)\n", left, n);
}

/* ---- the row that was asked for ---------------------------------------------------------------- */

static bool put_sheet(bool (*make)(const Doc *, Arena *, Sheet *, Error *), const Doc *inside, int room,
                      Arena *arena, Text *out, Error *err)
{
    Sheet sheet;
    if (!make(inside, arena, &sheet, err)) return false;
    if (!sheet_whole(&sheet)) return error_memory(err);
    if (sheet.n_rows == 0) return true;
    text_print(out, "\n%s\n", sheet.caption);
    sheet_print(&sheet, room, out);
    return true;
}

static const Doc *asked_row(const Doc *inside)
{
    const Doc *row = doc_at(doc_get(inside, "rows"), 0);
    return strcmp(doc_to_text(doc_get(row, "why"), ""), "asked") == 0 ? row : NULL;
}

static bool put_asked(const Doc *inside, int room, Arena *arena, Text *out, Error *err)
{
    const Doc *row = asked_row(inside);
    if (!row) return true;
    const char *truth = doc_to_text(doc_get(row, "truth"), NULL), *id = doc_to_text(doc_get(row, "id"), NULL);
    Size shape;
    text_print(out, "\nrow %.0f", sheet_number(row, "row"));
    if (id) text_print(out, " (%s)", id);
    const char *target = doc_to_text(doc_get(row, "target"), NULL), *predicted = sheet_text(row, "predicted");
    const double p = sheet_number(row, "p");
    if (target) text_print(out, ": %s %s", target, predicted);
    else text_print(out, ": %s", predicted);
    if (!target || isfinite(p)) text_print(out, " with probability %s", sheet_score(arena, p));
    if (truth) text_print(out, "; %s %s", target ? "in truth" : "its class is", truth);
    text_add(out, "\n");
    if (size_of(row, &shape)) {
        const size_t size = bytes_in(shape);
        const uint8_t *pixels = bytes_of(row, "pixels", size, arena);
        const uint8_t *saliency = bytes_of(row, "saliency", size / (size_t)shape.channels, arena);
        Picture pair[2];
        if (pixels && saliency) {
            pair[0] = picture_of(pixels, shape, false, PICTURE);
            shape.channels = 1; /* one number a pixel */
            pair[1] = picture_of(saliency, shape, true, PICTURE);
            text_add(out, "the row, and where more ink raises (░▒▓█) or lowers (·-=#) its class's score:\n");
            draw(pair, 2, out);
        }
    }
    return put_sheet(sheet_row_values, inside, room, arena, out, err)
        && put_sheet(sheet_row_proba, inside, room, arena, out, err);
}

bool inside_text(const Doc *inside, int room, Arena *arena, Text *out, Error *err)
{
    double looked = sheet_number(inside, "rows_looked"), asked = sheet_number(inside, "rows_asked");
    text_print(out, "%s: %s\n", doc_to_text(doc_get(inside, "model"), "model"), inside_who(inside, arena));
    if (looked > 0)
        text_print(out, "layers seen with %.0f rows of the %s, the whole model asked on %.0f\n", looked,
                   doc_to_text(doc_get(inside, "where"), "data"), asked);
    if (!asked_row(inside)) put_tiles(inside, arena, out);
    const char *kind = doc_to_text(doc_get(doc_get(inside, "first_layer"), "kind"), "");
    bool ok = put_asked(inside, room, arena, out, err)
           && put_sheet(sheet_layers_brief, inside, room, arena, out, err)
           && put_sheet(sheet_permutation, inside, room, arena, out, err)
           && (strcmp(kind, "heat") != 0 || looked > 0
               || put_sheet(sheet_first_weights, inside, room, arena, out, err));
    return ok && (text_ok(out) || error_memory(err));
}

/* ---- augmented pictures ------------------------------------------------------------------------ */

static void put_set(const Doc *augmented, const Doc *set, Arena *arena, Text *out)
{
    enum { VERSIONS = 4, SIZE = 15, ROWS = 5 };
    const Doc *originals = doc_get(augmented, "originals"), *settings = doc_get(set, "settings"), *child;
    const char *key;
    double versions = sheet_number(augmented, "versions");
    size_t n = doc_count(originals);
    Size shape;
    if (!size_of(augmented, &shape) || !(versions >= 1 && versions <= 100)) return;
    const size_t size = bytes_in(shape), each = (size_t)versions;
    const uint8_t *before = bytes_of(augmented, "pixels", n * size, arena);
    const uint8_t *after = bytes_of(set, "pixels", n * each * size, arena);
    if (!before || !after) return;
    text_print(out, "%s:", sheet_text(set, "name"));
    for (size_t i = 0; doc_member(settings, i, &key, &child); i++)
        text_print(out, "%s %s %.4g", i ? "," : "", key, doc_to_number(child, NAN));
    text_add(out, "\n");
    for (size_t i = 0; i < n && i < ROWS; i++) {
        Picture line[1 + VERSIONS];
        int k = 0;
        line[k++] = picture_of(before + i * size, shape, false, SIZE);
        for (size_t v = 0; v < each && v < VERSIONS; v++)
            line[k++] = picture_of(after + (i * each + v) * size, shape, false, SIZE);
        const Doc *one = doc_at(originals, i);
        text_print(out, "%s, row %.0f, and as training sees it\n", sheet_text(one, "class"),
                   sheet_number(one, "row"));
        draw(line, k, out);
    }
}

/* Without versions: the pictures as they are, side by side. */
static void put_originals(const Doc *augmented, Arena *arena, Text *out)
{
    enum { A_LINE = 5, SIZE = 15 };
    const Doc *originals = doc_get(augmented, "originals");
    const size_t n = doc_count(originals);
    Size shape;
    if (!size_of(augmented, &shape)) return;
    const size_t size = bytes_in(shape);
    const uint8_t *bytes = bytes_of(augmented, "pixels", n * size, arena);
    for (size_t from = 0; bytes && from < n; from += A_LINE) {
        Picture line[A_LINE];
        int k = 0;
        for (; k < A_LINE && from + (size_t)k < n; k++) {
            const Doc *one = doc_at(originals, from + (size_t)k);
            text_print(out, "%s%s, row %.0f", k ? "; " : "", sheet_text(one, "class"),
                       sheet_number(one, "row"));
            line[k] = picture_of(bytes + (from + (size_t)k) * size, shape, false, SIZE);
        }
        text_add(out, "\n");
        draw(line, k, out);
    }
}

void augmented_text(const Doc *augmented, Arena *arena, Text *out)
{
    const Doc *sets = doc_get(augmented, "sets");
    if (doc_count(sets) == 0) put_originals(augmented, arena, out);
    for (size_t s = 0; s < doc_count(sets); s++) {
        if (s) text_add(out, "\n");
        put_set(augmented, doc_at(sets, s), arena, out);
    }
}
