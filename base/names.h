/* base/names.h - lists of names: an enum and its texts, which one a word is, which one was meant.
 *
 * An enum and its names are one list, so that they cannot drift apart. In the header, and in the .c:
 *
 *     #define SHAPE_LIST(X) X(SHAPE_ROUND, "round") X(SHAPE_FLAT, "flat")
 *     typedef enum { SHAPE_LIST(LIST_ID) SHAPE_COUNT } Shape;
 *     extern const char *const shape_names[];
 *
 *     const char *const shape_names[] = {SHAPE_LIST(LIST_NAME) NULL};
 *
 * Whatever else belongs to an entry stands behind its name; the .c that wants it defines a LIST_...
 * of its own. Every list of names ends with NULL.
 *
 * A message ends in what helps. The suggestion is a value and lives until the statement ends:
 *
 *     return error_set(err, ERR_CONFIG, "unknown shape `%s`%s", word,
 *                      names_suggest(word, shape_names, "; see `consort help shapes`").text);
 */
#ifndef CONSORT_BASE_NAMES_H
#define CONSORT_BASE_NAMES_H
#include <stddef.h>

#define LIST_ID(id, ...) id,
#define LIST_NAME(id, name, ...) name,

/* Its place in the list, -1 when it is not there. */
int names_find(const char *const *names, const char *word);

typedef struct {
    char text[640];
} Suggestion;

/* "; did you mean `X`?" with the nearest name (text_nearest), or the first of which the word is a whole part
 * (f1: f1_macro), `otherwise` when there is none. */
Suggestion names_suggest(const char *word, const char *const *names, const char *otherwise);
/* The same in other words: `before` X `after`. */
Suggestion names_suggest_as(const char *before, const char *after, const char *word,
                            const char *const *names, const char *otherwise);
/* What to put on both sides of a word in a list "a, b, c": "`" where it would be taken for two or for
 * none, because it has a comma, is empty or ends in a blank; else "". */
const char *names_quote(const char *word);
/* "a, b, c" into `out`; what does not fit ends in "...". Returns `out`. */
char *names_join(const char *const *names, char *out, size_t size);
#endif
