/* prep/texts.h - running text as hashed n-grams, and as a sparse row of numbers.
 *
 * A text is taken in small letters (ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic; others stay).
 * Words are runs of letters and digits; ASCII's and Latin-1's signs, general and CJK punctuation part them, all
 * other bytes are letters. From them:
 *
 *     words   each word, and each two that follow one another, with a blank between
 *     chars   3, 4 and 5 characters in a row of each word, which has a blank before and behind
 *
 * Each of these is hashed: FNV-1a over 'w' or 'c' and its bytes, 32 bits, mixed. The rest by n_buckets is its
 * bucket, the highest bit its sign, so that what falls together cancels out on average (Weinberger et al.,
 * ICML 2009). A bucket that too few training rows fill is no feature: a weight that was hardly trained would
 * only add noise.
 *
 * With c the signed count of a bucket in a row, n training rows and d of them with it, a feature is
 *
 *     count c     binary sign(c)     log sign(c) ln(1 + |c|)     tfidf c (ln((1 + n) / (1 + d)) + 1)
 *
 * divided by the row's length over the features of this text, so that long and short texts are alike.
 *
 * Memory  nothing is allocated but by text_fit, in the arena.
 */
#ifndef CONSORT_PREP_TEXTS_H
#define CONSORT_PREP_TEXTS_H
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/names.h"
#include "data/table.h"

#define TEXT_NGRAM_LIST(X) X(TEXT_WORDS, "words") X(TEXT_CHARS, "chars") X(TEXT_BOTH, "both")
typedef enum { TEXT_NGRAM_LIST(LIST_ID) } TextNgrams;
#define TEXT_WEIGHT_LIST(X)                                                                        \
    X(TEXT_COUNT, "count") X(TEXT_BINARY, "binary") X(TEXT_TFIDF, "tfidf") X(TEXT_LOG, "log")
typedef enum { TEXT_WEIGHT_LIST(LIST_ID) } TextWeight;
extern const char *const text_ngram_names[], *const text_weight_names[];

/* How a column of text becomes features. */
typedef struct {
    int n_buckets;
    TextNgrams ngrams;
    TextWeight weight;
    int n;                 /* features */
    const int32_t *bucket; /* (n) increasing */
    const double *idf;     /* (n) 1 unless the weight is tfidf */
} TextPrep;

/* Called with the hash of each n-gram. */
typedef void (*TextVisit)(void *context, uint32_t hash);
void text_grams(const char *text, TextNgrams ngrams, TextVisit visit, void *context);
/* About how many n-grams the present cells of a column have in all, from above. */
double text_grams_most(const Column *cells, int n_rows, TextNgrams ngrams);

/* Settles n, bucket and idf from the given rows: buckets of at least `least` rows. False: no memory. */
bool text_fit(const Column *cells, const int32_t *rows, int n, int least, Arena *arena, TextPrep *prep);

/* Encodes texts one by one. */
typedef struct {
    const TextPrep *prep;
    int32_t *place; /* (n_buckets) the feature of each, -1: none */
    float *count;   /* (n) 0 between texts */
    bool *seen;     /* (n) is it among them? false between texts */
    int32_t *met;   /* (n) features of the text at hand, n_met of them */
    int n_met;
} TextCoder;
/* False: no memory. */
bool text_coder(const TextPrep *prep, Arena *arena, TextCoder *out);
/* The features of a text that are not 0, increasing, and their values; as many as n. Returns how many. NULL:
 * none. */
int text_encode(TextCoder *coder, const char *text, int32_t *feature, float *value);
#endif
