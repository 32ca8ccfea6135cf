/* Fuzzes what exported C reads cells with (plan/runtime/), a cell a line: it means what the program's own readers say. */
#include "data/dates.h"
#include "data/dressed.h"
#include "data/reader.h"
#include "plan/runtime/bare.h"
#include "plan/runtime/cell.h"
#include "plan/runtime/date.h"
#include "plan/runtime/parse.h"
#include "plan/runtime/text.h"
#include "prep/texts.h"
#include "tests/fuzz/fuzz.h"

enum { BUCKETS = 97 };

static bool alike(double a, double b)
{
    if (!isfinite(a) || !isfinite(b)) return !isfinite(a) && !isfinite(b);
    return fabs(a - b) <= 1e-12 * fabs(b) + 1e-320;
}

static void numbers(const char *text, size_t n)
{
    const rt_signs signs = {dressed_blanks, dressed_quotes, dressed_currencies};
    for (int comma = 0; comma < 2; comma++) {
        double ours = 0, theirs = 0;
        const bool is_number = reading_number(text, n, comma, &theirs);
        FUZZ_HOLDS(is_number == (rt_parse(text, n, comma, &ours) != 0));
        FUZZ_HOLDS(!is_number || alike(ours, theirs));
    }
    for (int s = 1; s < STYLE_COUNT; s++) {
        char bare[DRESSED_MOST] = "", mine[RT_BARE_MOST] = "";
        const size_t k = dressed_bare(text, n, (NumberStyle)s, bare);
        FUZZ_HOLDS(k == rt_bare(&signs, dressed_thousands((NumberStyle)s), dressed_decimal((NumberStyle)s), text, n, mine));
        FUZZ_HOLDS(memcmp(bare, mine, k) == 0);
    }
}

static void dates(const char *text, size_t n)
{
    for (int f = 0; f < DATE_FORMAT_COUNT; f++) {
        double theirs;
        if (!date_read(date_formats[f], text, n, &theirs)) theirs = NAN;
        const double ours = rt_date(date_formats[f], text, n);
        FUZZ_HOLDS(isnan(theirs) ? isnan(ours) : ours == theirs);
    }
}

static void texts(const char *text, Arena *arena)
{
    uint16_t bucket[BUCKETS];
    int32_t place[BUCKETS], feature[BUCKETS];
    double ones[BUCKETS];
    float value[BUCKETS], f[BUCKETS];
    for (int k = 0; k < BUCKETS; k++) bucket[k] = (uint16_t)(place[k] = k), ones[k] = 1;
    for (int ngrams = 0; ngrams < 3; ngrams++)
        for (int weight = 0; weight < 4; weight++) {
            const TextPrep prep = {BUCKETS, (TextNgrams)ngrams, (TextWeight)weight, BUCKETS, place, ones};
            const rt_text_column t = {BUCKETS, BUCKETS, (unsigned char)ngrams, (unsigned char)weight, bucket, NULL};
            TextCoder coder;
            if (!text_coder(&prep, arena, &coder)) abort();
            const int n = text_encode(&coder, text, feature, value);
            rt_text(&t, text, f);
            for (int k = 0, i = 0; k < BUCKETS; k++) {
                const float want = i < n && feature[i] == k ? value[i++] : 0;
                FUZZ_HOLDS(fabsf(f[k] - want) <= 1e-6f);
            }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzBytes rest = {data, size};
    while (rest.n) {
        const FuzzBytes line = fuzz_line(&rest);
        char *copy = malloc(line.n + 1); /* of its own, so that what is read behind it is seen */
        if (!copy) abort();
        memcpy(copy, line.at, line.n);
        copy[line.n] = '\0';
        const char *text = copy;
        const size_t n = rt_trim(&text);
        numbers(text, n);
        dates(text, n);
        texts(copy, fuzz_arena());
        FUZZ_HOLDS(rt_find(text, n, date_formats, DATE_FORMAT_COUNT) < DATE_FORMAT_COUNT);
        free(copy);
    }
    return 0;
}
