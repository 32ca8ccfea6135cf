/* app/width.h - text that fits: how wide a terminal is, and lines folded to it. */
#ifndef CONSORT_APP_WIDTH_H
#define CONSORT_APP_WIDTH_H
#include "base/text.h"

/* Columns of the terminal behind a file descriptor: COLUMNS, else what it says itself; `otherwise` where there
 * is none. */
int width_of(int fd, int otherwise);
/* The same for what is read line by line: 60 to 100, or what COLUMNS says; in a pipe 80. */
int width_of_help(void);
/* Appends `text`, its lines folded at blanks to `width` columns. A line goes on below where its explanation
 * began, behind two blanks or more ("  -j, --jobs N   trials at the same time"); without any, below its own
 * beginning. */
void width_fold(const char *text, int width, Text *out);
#endif
