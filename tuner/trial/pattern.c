/* Numbers among words, by PCRE2, which is called from here alone. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "tuner/trial/pattern.h"

#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of one search: how often the matcher may go back, and the KiB for what it remembers; matches of one line. */
enum { MOST_CALLS = 100000, MOST_KIB = 4096, MOST_FOUND = 1000 };

struct Pattern {
    pcre2_code *code;
};

static void refuse(int code, size_t at, char why[160])
{
    char what[120] = "is no regular expression";
    pcre2_get_error_message(code, (PCRE2_UCHAR *)what, sizeof what);
    snprintf(why, 160, ": %s (behind character %zu)", what, at);
}

static pcre2_code *compile(const char *text, char why[160])
{
    int code;
    PCRE2_SIZE at;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                                         PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (!compiled) refuse(code, at, why);
    return compiled;
}

Pattern *pattern_create(const char *text, char why[160])
{
    uint32_t n_groups = 0;
    snprintf(why, 160, ": out of memory");
    Pattern *pattern = calloc(1, sizeof *pattern);
    if (!pattern) return NULL;
    size_t length = strlen(text);
    if (length >= 1 && length <= PATTERN_MOST) pattern->code = compile(text, why);
    else snprintf(why, 160, " needs 1 to %d characters", PATTERN_MOST);
    if (pattern->code && pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &n_groups) == 0
        && n_groups == 1)
        return pattern;
    if (pattern->code)
        snprintf(why, 160, " needs one group in parentheses, the number; it has %u%s", (unsigned)n_groups,
                 n_groups ? " ((?:...) is none)" : "");
    pattern_destroy(pattern);
    return NULL;
}

void pattern_destroy(Pattern *pattern)
{
    if (!pattern) return;
    pcre2_code_free(pattern->code);
    free(pattern);
}

/* The group, if it took part in the match and may be a number. */
static bool copy_group(const char *line, const PCRE2_SIZE *at, char text[64])
{
    if (at[2] == PCRE2_UNSET || at[3] <= at[2] || at[3] - at[2] >= 64) return false;
    memcpy(text, line + at[2], at[3] - at[2]);
    text[at[3] - at[2]] = '\0';
    return true;
}

bool pattern_find(const Pattern *pattern, const char *line, size_t n,
                  bool (*found)(void *context, const char *text), void *context)
{
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    int n_found = 0;
    if (match && limits) {
        pcre2_set_match_limit(limits, MOST_CALLS);
        pcre2_set_heap_limit(limits, MOST_KIB);
        /* What is over a limit is an error, and so no match: this line has no more. */
        for (size_t from = 0; from <= n && n_found < MOST_FOUND; n_found++) {
            char text[64];
            if (pcre2_match(pattern->code, (PCRE2_SPTR)line, n, from, 0, match, limits) < 0) break;
            const PCRE2_SIZE *at = pcre2_get_ovector_pointer(match);
            if (copy_group(line, at, text) && !found(context, text)) {
                n_found++;
                break;
            }
            from = at[1] > from ? at[1] : from + 1;
        }
    }
    pcre2_match_context_free(limits);
    pcre2_match_data_free(match);
    return n_found > 0;
}
