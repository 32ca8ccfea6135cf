/* prep/texts.c - texts into n-grams, n-grams into features. */
#include "prep/texts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const text_ngram_names[] = {TEXT_NGRAM_LIST(LIST_NAME) NULL};
const char *const text_weight_names[] = {TEXT_WEIGHT_LIST(LIST_NAME) NULL};

enum { LONGEST = 5, SHORTEST = 3 };

/* ---- characters ---- */

/* The small letter of a character of two bytes, or the character. */
static unsigned small(unsigned c)
{
    if (c >= 0xC0 && c <= 0xDE) return c + 0x20;
    if (c == 0x178) return 0xFF;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c % 2 ? c + 1 : c;
    if (c >= 0x100 && c <= 0x177 && c != 0x130 && c != 0x131 && c != 0x138 && c != 0x149) return c | 1;
    if (c == 0x386) return 0x3AC;
    if (c >= 0x388 && c <= 0x38A) return c + 37;
    if (c == 0x38C) return 0x3CC;
    if (c == 0x38E || c == 0x38F) return c + 63;
    if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 0x20;
    if (c >= 0x400 && c <= 0x40F) return c + 0x50;
    return c >= 0x410 && c <= 0x42F ? c + 0x20 : c;
}

static bool follows(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The next character: `*used` bytes of the text, in small letters in `out`. Returns its bytes, 0 if it parts
 * words. */
static int next_character(const char *text, int *used, char *out)
{
    const unsigned char a = (unsigned char)text[0];
    *used = 1;
    out[0] = text[0];
    if (a < 0x80) {
        if (a >= 'A' && a <= 'Z') out[0] = (char)(a + 32);
        return (a >= '0' && a <= '9') || (out[0] >= 'a' && out[0] <= 'z');
    }
    int n = a >= 0xF0 ? 4 : a >= 0xE0 ? 3 : a >= 0xC2 ? 2 : 1;
    for (int i = 1; i < n; i++) {
        if (!follows(text[i])) return 1; /* no UTF-8: a letter of one byte */
        out[i] = text[i];
    }
    *used = n;
    if (n == 2) {
        unsigned c = small(((a & 0x1Fu) << 6) | ((unsigned char)text[1] & 0x3Fu));
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return c < 0xC0 || c == 0xD7 || c == 0xF7 ? 0 : 2;
    }
    bool general = a == 0xE2 && ((unsigned char)text[1] & 0xFE) == 0x80, cjk = a == 0xE3 && text[1] == '\x80';
    return general || cjk ? 0 : n;
}

/* ---- n-grams ---- */

static uint32_t hash_add(uint32_t hash, const char *bytes, int n)
{
    for (int i = 0; i < n; i++) hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash;
}

static uint32_t hash_mix(uint32_t hash)
{
    hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
    hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
    return hash ^ hash >> 16;
}

typedef struct {
    char letter[LONGEST][4]; /* the last characters of the word at hand, the newest last */
    int size[LONGEST], n;    /* n: characters of the word so far */
    TextVisit visit;
    void *context;
} Window;

static void push(Window *w, const char *letter, int size)
{
    memmove(w->letter, w->letter + 1, sizeof w->letter - sizeof *w->letter);
    memmove(w->size, w->size + 1, sizeof w->size - sizeof *w->size);
    memcpy(w->letter[LONGEST - 1], letter, (size_t)size);
    w->size[LONGEST - 1] = size;
    w->n++;
    for (int n = SHORTEST; n <= LONGEST && n <= w->n; n++) {
        uint32_t hash = hash_add(2166136261u, "c", 1);
        for (int i = LONGEST - n; i < LONGEST; i++) hash = hash_add(hash, w->letter[i], w->size[i]);
        w->visit(w->context, hash_mix(hash));
    }
}

void text_grams(const char *text, TextNgrams ngrams, TextVisit visit, void *context)
{
    const uint32_t start = hash_add(2166136261u, "w", 1);
    uint32_t word = 0, pair = 0;
    bool inside = false, before = false, words = ngrams != TEXT_CHARS, chars = ngrams != TEXT_WORDS;
    Window window = {.visit = visit, .context = context};
    for (bool end = false; !end;) {
        char letter[4];
        int used = 0, size = 0;
        end = !*text;
        if (!end) size = next_character(text, &used, letter);
        text += used;
        if (size > 0 && !inside) {
            pair = hash_add(word, " ", 1);
            word = start;
            window.n = 0;
            if (chars) push(&window, " ", 1);
        }
        if (size > 0) {
            word = hash_add(word, letter, size);
            pair = hash_add(pair, letter, size);
            if (chars) push(&window, letter, size);
        } else if (inside) {
            if (words) visit(context, hash_mix(word));
            if (words && before) visit(context, hash_mix(pair));
            if (chars) push(&window, " ", 1);
            before = true;
        }
        inside = size > 0;
    }
}

double text_grams_most(const Column *cells, int n_rows, TextNgrams ngrams)
{
    double bytes = 0;
    for (int i = 0; i < n_rows; i++)
        if (cells->code[i] >= 0) bytes += (double)strlen(cells->levels[cells->code[i]]) + 1;
    /* A word and its pair take two bytes at least; of characters at most three begin at each. */
    return bytes * ((ngrams != TEXT_CHARS ? 1 : 0) + (ngrams != TEXT_WORDS ? 3 : 0));
}

/* ---- fitting ---- */

typedef struct {
    uint32_t n_buckets;
    int *rows, *last; /* (n_buckets) rows with the bucket, and the last of them, from 1 */
    int row;
} Count;

static void count(void *context, uint32_t hash)
{
    Count *c = context;
    uint32_t bucket = hash % c->n_buckets;
    if (c->last[bucket] == c->row) return;
    c->last[bucket] = c->row;
    c->rows[bucket]++;
}

bool text_fit(const Column *cells, const int32_t *rows, int n, int least, Arena *arena, TextPrep *prep)
{
    Count c = {.n_buckets = (uint32_t)prep->n_buckets};
    c.rows = calloc((size_t)prep->n_buckets, sizeof *c.rows);
    c.last = calloc((size_t)prep->n_buckets, sizeof *c.last);
    bool ok = c.rows && c.last;
    for (int i = 0; ok && i < n; i++) {
        int code = cells->code[rows ? rows[i] : i];
        c.row = i + 1;
        if (code >= 0) text_grams(cells->levels[code], prep->ngrams, count, &c);
    }
    prep->n = 0;
    for (int b = 0; ok && b < prep->n_buckets; b++) prep->n += c.rows[b] >= least;
    int32_t *bucket = ok ? ARENA_NEW(arena, int32_t, prep->n) : NULL;
    double *idf = ok ? ARENA_NEW(arena, double, prep->n) : NULL;
    ok = bucket && idf;
    for (int b = 0, k = 0; ok && b < prep->n_buckets; b++) {
        if (c.rows[b] < least) continue;
        bucket[k] = b;
        idf[k++] = prep->weight == TEXT_TFIDF ? log((1.0 + n) / (1.0 + c.rows[b])) + 1 : 1;
    }
    prep->bucket = bucket;
    prep->idf = idf;
    free(c.rows);
    free(c.last);
    return ok;
}

/* ---- encoding ---- */

bool text_coder(const TextPrep *prep, Arena *arena, TextCoder *out)
{
    TextCoder c = {.prep = prep};
    c.place = ARENA_NEW(arena, int32_t, prep->n_buckets);
    c.count = ARENA_NEW(arena, float, prep->n);
    c.seen = ARENA_NEW(arena, bool, prep->n);
    c.met = ARENA_NEW(arena, int32_t, prep->n);
    if (!c.place || !c.count || !c.seen || !c.met) return false;
    for (int b = 0; b < prep->n_buckets; b++) c.place[b] = -1;
    for (int k = 0; k < prep->n; k++) c.place[prep->bucket[k]] = k;
    memset(c.count, 0, (size_t)prep->n * sizeof *c.count);
    memset(c.seen, 0, (size_t)prep->n * sizeof *c.seen);
    *out = c;
    return true;
}

static void add(void *context, uint32_t hash)
{
    TextCoder *c = context;
    int k = c->place[hash % (uint32_t)c->prep->n_buckets];
    if (k < 0) return;
    if (!c->seen[k]) c->met[c->n_met++] = k;
    c->seen[k] = true;
    c->count[k] += hash >> 31 ? -1.0f : 1.0f;
}

static int by_number(const void *a, const void *b)
{
    return *(const int32_t *)a - *(const int32_t *)b;
}

static double weighted(const TextPrep *prep, double count, int k)
{
    double v = count;
    if (prep->weight == TEXT_BINARY) v = count > 0 ? 1 : -1;
    if (prep->weight == TEXT_LOG) v = count > 0 ? log(1 + count) : -log(1 - count);
    return v * prep->idf[k];
}

int text_encode(TextCoder *c, const char *text, int32_t *feature, float *value)
{
    int n = 0;
    double square = 0;
    c->n_met = 0;
    if (text) text_grams(text, c->prep->ngrams, add, c);
    qsort(c->met, (size_t)c->n_met, sizeof *c->met, by_number);
    for (int i = 0; i < c->n_met; i++) {
        int k = c->met[i];
        if (c->count[k] == 0) continue; /* its n-grams cancel out */
        double v = weighted(c->prep, c->count[k], k);
        square += v * v;
        feature[n++] = k;
    }
    double length = sqrt(square);
    for (int i = 0; i < n; i++)
        value[i] = (float)(weighted(c->prep, c->count[feature[i]], feature[i]) / length);
    for (int i = 0; i < c->n_met; i++) c->count[c->met[i]] = 0, c->seen[c->met[i]] = false;
    return n;
}
