/* Fuzzes patterns: the first line is one, what follows is a line of output; matches are parts of it. */
#include "tests/fuzz/fuzz.h"
#include "tuner/trial/pattern.h"

typedef struct {
    const char *line;
    size_t n;
    int n_found;
} Lines;

static bool part_of(void *context, const char *text)
{
    Lines *lines = context;
    size_t n = strlen(text);
    bool zeros = memchr(lines->line, '\0', lines->n) != NULL; /* then the text ends early */
    bool there = n == 0;
    for (size_t i = 0; !there && i + n <= lines->n; i++) there = memcmp(lines->line + i, text, n) == 0;
    FUZZ_HOLDS(n < 64 && (there || zeros));
    FUZZ_HOLDS(++lines->n_found <= (int)lines->n + 1);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, '\n', size);
    size_t n = end ? (size_t)(end - data) : size;
    char why[160] = "", *text = fuzz_string(data, n);
    Pattern *pattern = pattern_create(text, why);
    FUZZ_HOLDS(pattern || *why);
    if (pattern) {
        Lines lines = {(const char *)data + n, size - n, 0};
        bool any = pattern_find(pattern, lines.line, lines.n, part_of, &lines);
        FUZZ_HOLDS(any || lines.n_found == 0);
    }
    pattern_destroy(pattern);
    free(text);
    return 0;
}
