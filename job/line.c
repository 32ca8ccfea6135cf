/* job/line.c - formats a line and hands it on. */
#include "job/line.h"

#include <stdarg.h>
#include <stdio.h>

void line_say(OnLine *on_line, void *context, bool notice, const char *format, ...)
{
    char line[1024];
    va_list args;
    if (!on_line) return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    on_line(context, notice, line);
}
