/* job/line.h - a line for people, on the way of something that takes a while. Who is to hear it says so. */
#ifndef CONSORT_JOB_LINE_H
#define CONSORT_JOB_LINE_H
#include <stdbool.h>

/* `notice`: it is not about what was asked for, but should be known (a database was migrated). */
typedef void OnLine(void *context, bool notice, const char *line);

/* `on_line` NULL: nobody hears it. */
void line_say(OnLine *on_line, void *context, bool notice, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
#endif
