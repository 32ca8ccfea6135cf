/* data/dressed.h - numbers as people write them for people: $2.50, 1 250 kr, 45%, 1,200, 1.299,99, (3).
 *
 * A column is read so when all of its cells agree: one style, the same currency or percent sign in all of
 * them or none. What stands around a number is left away, 45% is 45; a thousands separator has to stand where
 * it belongs, before each three digits or, if it is a comma, as in India (12,34,567). A currency of letters in
 * front of a number stands apart from it, for Kr85 is a name. The style is the column's, and is kept in the
 * model, so that "1.299" means the same later.
 */
#ifndef CONSORT_DATA_DRESSED_H
#define CONSORT_DATA_DRESSED_H
#include <stdbool.h>
#include <stddef.h>

#include "base/names.h"

/* Id, name in a model file, thousands separator, decimal point. Earlier ones are preferred. */
#define NUMBER_STYLE_LIST(X)                                                              \
    X(STYLE_PLAIN, "plain", '\0', '.') X(STYLE_POINT, "1234.5", '\0', '.')                \
    X(STYLE_COMMA_POINT, "1,234.5", ',', '.') X(STYLE_COMMA, "1234,5", '\0', ',')         \
    X(STYLE_POINT_COMMA, "1.234,5", '.', ',') X(STYLE_QUOTE_POINT, "1'234.5", '\'', '.')  \
    X(STYLE_QUOTE_COMMA, "1'234,5", '\'', ',') X(STYLE_BLANK_POINT, "1 234.5", ' ', '.')  \
    X(STYLE_BLANK_COMMA, "1 234,5", ' ', ',')
typedef enum { NUMBER_STYLE_LIST(LIST_ID) STYLE_COUNT } NumberStyle;
extern const char *const number_style_names[];
/* What may stand around a number or between its thousands, in UTF-8, NULL at the end: for exported C. */
extern const char *const dressed_blanks[], *const dressed_quotes[], *const dressed_currencies[];

enum { DRESSED_MOST = 64 }; /* bytes of a bare number, with its NUL */

char dressed_thousands(NumberStyle style); /* '\0': none */
char dressed_decimal(NumberStyle style);
/* The number as "-1234.5"; 0 if the text is none of this style, else its length. */
size_t dressed_bare(const char *text, size_t n, NumberStyle style, char *out);

/* What the cells of one column have in common so far; zero: no cell yet. */
typedef struct {
    bool begun, split;  /* some cell; the signs around the numbers differ */
    unsigned styles;    /* that all cells allow, a bit each */
    char sign[8];       /* currency, or "%", or "" */
} Dress;
/* `comma`: -1 a decimal point is one, 1 a comma is, 0 either. */
void dress_add(Dress *dress, const char *text, size_t n, int comma);
/* STYLE_PLAIN where the cells do not agree. Of several styles, one with a decimal comma where that is usual. */
NumberStyle dress_style(const Dress *dress, bool comma_is_usual);
/* Is one cell alone such a number? `value` in the first of its styles. */
bool dressed_number(const char *text, size_t n, double *value);
#endif
