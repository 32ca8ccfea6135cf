/* reports/inside_text.h - what a network does (`inside` of the document), for the terminal.
 *
 * Pictures are drawn with characters, two pixels high: a picture by its light, weights and gradients by how
 * much they say, up as shades and down as signs. Nothing is wider than 80 columns but a name that is.
 */
#ifndef CONSORT_REPORTS_INSIDE_TEXT_H
#define CONSORT_REPORTS_INSIDE_TEXT_H
#include "reports/sheet.h"

/* Which network: "network 1 of 5 of trial 4, the heaviest of 3 members: 784-64-10 units, relu". */
const char *inside_who(const Doc *inside, Arena *arena);
/* A contact sheet (inspect/augmented.h): an original and what becomes of it, a line of pictures each. */
void augmented_text(const Doc *augmented, Arena *arena, Text *out);
/* `room` is sheet_print's (reports/columns.h). ERR_MEMORY only. */
bool inside_text(const Doc *inside, int room, Arena *arena, Text *out, Error *err);
#endif
