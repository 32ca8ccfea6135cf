/* plan/runtime/text.h - running text as hashed n-grams (prep/texts.h): words and pairs of them, and
 * characters. */
#ifndef CONSORT_PLAN_RUNTIME_TEXT_H
#define CONSORT_PLAN_RUNTIME_TEXT_H
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "plan/runtime/letters.h"

typedef struct {
    int32_t n_buckets, n;      /* n-grams are hashed into so many, of which n are features */
    unsigned char ngrams, weight; /* 0 words, 1 characters, 2 both; 0 count, 1 binary, 2 tfidf, 3 log */
    const uint16_t *bucket;    /* (n) increasing */
    const float *idf;          /* (n) or 0 */
} rt_text_column;

/* The last characters of a word, and where its n-grams are counted. */
typedef struct {
    unsigned char letter[5][4];
    int size[5], n;
    const rt_text_column *t;
    float *f;
} rt_window;

static inline uint32_t rt_hash(uint32_t hash, const unsigned char *bytes, int n)
{
    for (int i = 0; i < n; i++) hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

/* Counts an n-gram whose bucket is a feature. */
static inline void rt_gram(const rt_window *w, uint32_t hash)
{
    int low = 0, high = (int)w->t->n - 1;
    hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
    hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
    hash ^= hash >> 16;
    const uint32_t bucket = hash % (uint32_t)w->t->n_buckets;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (w->t->bucket[middle] < bucket) low = middle + 1;
        else high = middle;
    }
    if (low == high && w->t->bucket[low] == bucket) w->f[low] += hash >> 31 ? -1.0f : 1.0f;
}

static inline void rt_push(rt_window *w, const unsigned char *letter, int size)
{
    static const unsigned char kind = 'c';
    for (int i = 0; i < 4; i++) {
        memcpy(w->letter[i], w->letter[i + 1], 4);
        w->size[i] = w->size[i + 1];
    }
    memcpy(w->letter[4], letter, (size_t)size);
    w->size[4] = size;
    if (w->n < 5) w->n++;
    for (int n = 3; n <= w->n; n++) {
        uint32_t hash = rt_hash(2166136261u, &kind, 1);
        for (int i = 5 - n; i < 5; i++) hash = rt_hash(hash, w->letter[i], w->size[i]);
        rt_gram(w, hash);
    }
}

/* Counts the n-grams of a text. */
static inline void rt_grams(rt_window *w, const char *text)
{
    static const unsigned char kind = 'w', blank = ' ';
    const int words = w->t->ngrams != 1, characters = w->t->ngrams != 0;
    const uint32_t start = rt_hash(2166136261u, &kind, 1);
    uint32_t word = 0, pair = 0;
    int inside = 0, before = 0, used;
    unsigned char letter[4];
    for (int end = 0; !end; text += used) {
        int size = 0;
        used = 0;
        end = !*text;
        if (!end) size = rt_character(text, &used, letter);
        if (size > 0 && !inside) {
            pair = rt_hash(word, &blank, 1);
            word = start;
            w->n = 0;
            if (characters) rt_push(w, &blank, 1);
        }
        if (size > 0) {
            word = rt_hash(word, letter, size);
            pair = rt_hash(pair, letter, size);
            if (characters) rt_push(w, letter, size);
        } else if (inside) {
            if (words) rt_gram(w, word);
            if (words && before) rt_gram(w, pair);
            if (characters) rt_push(w, &blank, 1);
            before = 1;
        }
        inside = size > 0;
    }
}

static inline float rt_weight(const rt_text_column *t, float count, int k)
{
    float v = count;
    if (t->weight == 1) v = count > 0 ? 1.0f : -1.0f;
    if (t->weight == 3) v = count > 0 ? logf(1 + count) : -logf(1 - count);
    return t->idf ? v * t->idf[k] : v;
}

/* The features of a text; 0 is one that is missing. */
static inline void rt_text(const rt_text_column *t, const char *text, float *f)
{
    rt_window w;
    double square = 0;
    memset(&w, 0, sizeof w);
    w.t = t;
    w.f = f;
    for (int k = 0; k < t->n; k++) f[k] = 0;
    if (text) rt_grams(&w, text);
    for (int k = 0; k < t->n; k++) {
        if (!(fabsf(f[k]) > 0)) continue; /* it is not there, or its n-grams cancel out */
        f[k] = rt_weight(t, f[k], k);
        square += (double)f[k] * (double)f[k];
    }
    if (!(square > 0)) return;
    const float length = (float)sqrt(square);
    for (int k = 0; k < t->n; k++) f[k] /= length;
}
#endif
