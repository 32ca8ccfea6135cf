/* Filling an Error, and putting context in front of it. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Whatever a file, a path or an argument that is quoted in it contains: no line ends, nothing that a terminal
 * would obey. */
static void make_one_line(char *message)
{
    text_calm(message, strlen(message), true);
    for (char *c = message; *c; c++)
        if (*c == '\n' || *c == '\t') *c = ' ';
}

bool error_set(Error *err, ErrorCode code, const char *format, ...)
{
    if (!err) return false;
    va_list args;
    va_start(args, format);
    err->code = code;
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    make_one_line(err->message);
    return false;
}

bool error_wrap(Error *err, const char *format, ...)
{
    if (!err) return false;
    char inner[sizeof err->message];
    memcpy(inner, err->message, sizeof inner);
    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    size_t at = used < 0 ? 0 : (size_t)used;
    /* The context comes first and whole; what no longer fits is the end of the cause. */
    for (const char *part[] = {": ", inner, NULL}, **p = part; *p; p++)
        for (const char *c = *p; *c && at + 1 < sizeof err->message; c++) err->message[at++] = *c;
    if (at < sizeof err->message) err->message[at] = '\0';
    make_one_line(err->message);
    return false;
}

bool error_memory(Error *err)
{
    return error_set(err, ERR_MEMORY, "out of memory");
}

const char *error_name(ErrorCode code)
{
    static const char *const names[] = {ERROR_LIST(LIST_NAME)};
    return code >= 0 && code < ERROR_COUNT ? names[code] : "unknown";
}
