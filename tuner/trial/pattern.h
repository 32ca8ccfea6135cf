/* tuner/trial/pattern.h - numbers that a program prints among words, found by a pattern of the user's:
 * `metric: {pattern: "loss=([0-9.e-]+)"}`.
 *
 * A POSIX extended regular expression with one group, the number; of what other tools have also \d, \s, \w and
 * (?:...). The leftmost match counts, and of those the longest. The C library's own is not used: on glibc 2.36
 * `[0-9]+(a)` took 0.6 s over a line of 4096 digits, and some patterns overflowed its stack.
 *
 * How      compiled to at most 1000 steps, of which all that a line may have reached are followed at once
 *          (Thompson 1968; with captures as in Pike's sam), so that no pattern goes back over a line.
 * Bounds   patterns and lines may be hostile: up to 500 characters, no \1, and the same budget of steps for
 *          every line, after which it has no more matches.
 * Memory   pattern_create and pattern_destroy.
 * Threads  many may match at once.
 */
#ifndef CONSORT_TUNER_TRIAL_PATTERN_H
#define CONSORT_TUNER_TRIAL_PATTERN_H
#include <stdbool.h>
#include <stddef.h>

enum { PATTERN_MOST = 500, PATTERN_MOST_STEPS = 1000 };

typedef struct Pattern Pattern;
/* NULL with `why`, which continues "`pattern`": " needs one group ...". */
Pattern *pattern_create(const char *text, char why[160]);
void pattern_destroy(Pattern *pattern);
/* Calls back with the group of each match in the line, from its beginning, until that returns false; a group of
 * more than 63 bytes is no number. Returns whether there was a match. */
bool pattern_find(const Pattern *pattern, const char *line, size_t n,
                  bool (*found)(void *context, const char *text), void *context);
#endif
