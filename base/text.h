/* base/text.h - growing text, escaping, and small things about strings.
 *
 * Memory  a Text owns malloc'd bytes; text_free() returns them. After a failed allocation a Text
 *         is "broken": further appends do nothing and text_ok() says so, so a writer checks once
 *         at the end.
 */
#ifndef CONSORT_BASE_TEXT_H
#define CONSORT_BASE_TEXT_H
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char *bytes; /* NUL-terminated once anything was added; NULL before */
    size_t n, capacity;
    bool broken;
} Text;

void text_add(Text *text, const char *piece);
void text_add_n(Text *text, const char *piece, size_t n);
void text_print(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_html(Text *text, const char *piece); /* & < > " ' escaped */
/* As one word of a POSIX shell: runs/plain, 'runs/with blanks'. */
void text_shell(Text *text, const char *word);
void text_json(Text *text, const char *piece); /* as a quoted JSON string; bad UTF-8 -> U+FFFD */
/* One step of what text_json does, for writers with a buffer of their own: escapes the character at
 * *at (n > 0 bytes left) into `piece`, moves *at on, returns the length of the piece. */
size_t text_json_step(const char **at, size_t n, char piece[8]);
/* Appends one cell of CSV, quoted if it needs to be. What a spreadsheet would run as a formula gets an
 * apostrophe in front, which spreadsheets take for "this is text". */
void text_csv(Text *text, const char *cell);
bool text_ok(const Text *text);
void text_free(Text *text);
/* A copy on the heap, NUL-terminated, of bytes that need not be text; NULL: no memory. */
char *text_keep(const char *bytes, size_t n);

/* Shortest decimal that reads back as the same double ("0.1", "1e-05", "17"); "null" for nan and
 * infinities, because that is what JSON can say. `out` needs 32 bytes. */
char *text_number(double number, char *out);
/* Parses a whole string as a finite number by YAML 1.2's core rules ("1e-3", ".5", "0x1F", "+2"),
 * independent of the locale. */
bool text_to_number(const char *text, double *number);
/* "1h30m", "90s", "15m", "2.5" (seconds) -> seconds. "2GiB", "500MB", "1024" -> bytes. */
bool text_to_duration(const char *text, double *seconds);
bool text_to_bytes(const char *text, double *bytes);
/* "740 MiB", "1.5 GiB" into `out` (32 bytes). */
const char *text_bytes(double bytes, char out[32]);
/* "1h 02m", "3m 05s", "12.4s" into `out` (32 bytes). */
char *text_duration(double seconds, char *out);
/* The same for what is a guess: no tenths of a second. */
char *text_about(double seconds, char *out);
/* The candidate nearest to `word` (Damerau-Levenshtein, at most a third of its letters apart), or
 * NULL. `candidates` ends with NULL. */
const char *text_nearest(const char *word, const char *const *candidates);
/* What a terminal would obey becomes blanks, in place: control characters but line ends and tabs; `all`: also
 * DEL, U+0080 to U+009F and what changes the direction of text. */
void text_calm(char *bytes, size_t n, bool all);
/* The first line in which two texts differ, "seed 1, not seed 2" or "x: min: 0, not min: 1": after the last key
 * (a line that ends in a colon) above it that both have. */
void text_difference(const char *a, const char *b, char *out, size_t size);
bool text_is_utf8(const char *bytes, size_t n);
/* Of the character at the beginning; 0: it is none. `n` > 0. */
size_t text_utf8_length(const char *bytes, size_t n);
#endif
