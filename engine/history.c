/* Histograms of weights, activations and gradients, epoch by epoch, in bytes. */
#include "engine/history.h"

#include <math.h>
#include <string.h>

#include "base/base64.h"

static const char *const kind_names[] = {HISTORY_KIND_LIST(LIST_NAME) NULL};

static size_t row_bytes(int n_layers)
{
    return (size_t)n_layers * HISTORY_KINDS * HISTORY_CELL;
}

static int most_epochs(int n_layers, int n_epochs)
{
    int most = (int)(HISTORY_MOST_BYTES / row_bytes(n_layers));
    if (most > HISTORY_EPOCHS) most = HISTORY_EPOCHS;
    if (most < 2) most = 2;
    return n_epochs < most ? n_epochs : most;
}

size_t history_bytes(int n_layers, int n_epochs)
{
    return (size_t)most_epochs(n_layers, n_epochs) * (sizeof(int32_t) + row_bytes(n_layers)) + 128;
}

bool history_create(int n_layers, int n_epochs, Arena *arena, History *out, Error *err)
{
    History h = {.n_layers = n_layers, .n_epochs = n_epochs, .most = most_epochs(n_layers, n_epochs)};
    h.epoch = ARENA_NEW(arena, int32_t, h.most);
    h.cell = ARENA_NEW(arena, uint8_t, (size_t)h.most * row_bytes(n_layers));
    if (!h.epoch || !h.cell) return error_memory(err);
    *out = h;
    return true;
}

/* Which of the noted epochs it would be, counted in shares of the way. */
static int place_of(const History *h, int epoch)
{
    return h->n_epochs == 1 ? 0 : (int)((int64_t)(epoch - 1) * (h->most - 1) / (h->n_epochs - 1));
}

bool history_wants(const History *h, int epoch)
{
    return h->n < h->most && (epoch == 1 || place_of(h, epoch) != place_of(h, epoch - 1));
}

/* So many numbers on, so that all are looked at evenly: with a common divisor some columns were never met. */
static size_t step_of(size_t n, size_t columns)
{
    size_t step = n > HISTORY_SAMPLE ? n / HISTORY_SAMPLE : 1;
    for (;; step++) {
        size_t a = columns, b = step;
        while (b > 0) {
            size_t rest = a % b;
            a = b, b = rest;
        }
        if (a == 1) return step;
    }
}

/* Finite numbers of a matrix (rows, columns) with row distance ld; returns how many. */
static int sample(const float *x, size_t rows, size_t columns, size_t ld, float out[2 * HISTORY_SAMPLE])
{
    const size_t step = step_of(rows * columns, columns), down = step / columns, right = step % columns;
    int n = 0;
    for (size_t r = 0, c = 0; r < rows && n < 2 * HISTORY_SAMPLE; r += down, c += right) {
        if (c >= columns) {
            c -= columns;
            if (++r >= rows) break;
        }
        float v = x[r * ld + c];
        if (isfinite(v)) out[n++] = v;
    }
    return n;
}

static void put_cell(const float *x, size_t rows, size_t columns, size_t ld, uint8_t *cell)
{
    float seen[2 * HISTORY_SAMPLE], low = INFINITY, high = -INFINITY;
    const int n = sample(x, rows, columns, ld, seen);
    uint32_t count[HISTORY_BINS + 1] = {0}, most = 0; /* the last: what is at the upper end */
    if (n == 0) return;
    for (int i = 0; i < n; i++) {
        low = seen[i] < low ? seen[i] : low;
        high = seen[i] > high ? seen[i] : high;
    }
    const float scale = high > low ? HISTORY_BINS / (high - low) : 0;
    for (int i = 0; i < n; i++) {
        float at = (seen[i] - low) * scale; /* not finite where the range is not */
        count[at > 0 && at < HISTORY_BINS ? (int)at : at > 0 ? HISTORY_BINS : 0]++;
    }
    count[HISTORY_BINS - 1] += count[HISTORY_BINS];
    for (int b = 0; b < HISTORY_BINS; b++) most = count[b] > most ? count[b] : most;
    const float ends[2] = {low, high};
    for (int k = 0; k < 2; k++) {
        uint32_t bits;
        memcpy(&bits, &ends[k], sizeof bits);
        for (int b = 0; b < 4; b++) cell[4 * k + b] = (uint8_t)(bits >> 8 * b);
    }
    for (int b = 0; b < HISTORY_BINS; b++) /* what there is shows, however little */
        cell[8 + b] = (uint8_t)(((uint64_t)count[b] * 255 + most - 1) / most);
}

void history_note(History *h, int epoch, const Trainer *t, const Mlp *shipped, int n)
{
    uint8_t *row = h->cell + (size_t)h->n * row_bytes(h->n_layers);
    for (int l = 0; l < h->n_layers; l++, row += HISTORY_KINDS * HISTORY_CELL) {
        MlpLayer layer = mlp_layer(shipped, l), own = mlp_layer(&t->mlp, l);
        const size_t in = (size_t)shipped->width[l], out = (size_t)shipped->width[l + 1];
        const size_t ld = (size_t)layer.ld;
        put_cell(layer.w, in, out, ld, row + HISTORY_WEIGHTS * HISTORY_CELL);
        if (l + 1 < h->n_layers)
            put_cell(t->h[l], (size_t)n, out, ld, row + HISTORY_ACTIVATIONS * HISTORY_CELL);
        put_cell(t->eff_grad + (own.w - t->mlp.params), in, out, ld, row + HISTORY_GRADIENTS * HISTORY_CELL);
    }
    h->epoch[h->n++] = epoch;
}

void history_print(const History *h, Text *out)
{
    text_add(out, "{\"epochs\":[");
    for (int e = 0; e < h->n; e++) text_print(out, "%s%d", e ? "," : "", (int)h->epoch[e]);
    text_print(out, "],\"layers\":%d,\"bins\":%d,\"kinds\":[", h->n_layers, HISTORY_BINS);
    for (int k = 0; k < HISTORY_KINDS; k++) text_print(out, "%s\"%s\"", k ? "," : "", kind_names[k]);
    text_add(out, "],\"cells\":\"");
    base64_add(h->cell, (size_t)h->n * row_bytes(h->n_layers), out);
    text_add(out, "\"}");
}
