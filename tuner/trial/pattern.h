/* tuner/trial/pattern.h - numbers that a program prints among words, found by a pattern of the user's:
 * `metric: {pattern: "loss=([0-9.e-]+)"}`.
 *
 * A regular expression as Perl has them (PCRE2), with one group, the number. The leftmost match counts, and of
 * those the one that the pattern prefers.
 *
 * Bounds   patterns and lines may be hostile: up to 500 characters, and a budget for going back over a line,
 *          after which the line has no more matches. glibc's regexec has none: `[0-9]+(a)` took 0.6 s over a
 *          line of 4096 digits, and some patterns overflowed its stack.
 * Memory   pattern_create and pattern_destroy; a line takes a few hundred bytes while it is matched.
 * Threads  many may match at once.
 */
#ifndef CONSORT_TUNER_TRIAL_PATTERN_H
#define CONSORT_TUNER_TRIAL_PATTERN_H
#include <stdbool.h>
#include <stddef.h>

enum { PATTERN_MOST = 500 };

typedef struct Pattern Pattern;
/* NULL with `why`, which continues "`pattern`": " needs one group ...". */
Pattern *pattern_create(const char *text, char why[160]);
void pattern_destroy(Pattern *pattern);
/* Calls back with the group of each match in the line, from its beginning, until that returns false; a group of
 * more than 63 bytes is no number. Returns whether there was a match. */
bool pattern_find(const Pattern *pattern, const char *line, size_t n,
                  bool (*found)(void *context, const char *text), void *context);
#endif
