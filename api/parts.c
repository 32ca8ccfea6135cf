/* api/parts.c - errors, sizes and texts on their way over the border. */
#include "api/parts.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)CONSORT_MEMORY == ERR_MEMORY && (int)CONSORT_IO == ERR_IO
               && (int)CONSORT_CONFIG == ERR_CONFIG && (int)CONSORT_DATA == ERR_DATA
               && (int)CONSORT_INVALID == ERR_INVALID && (int)CONSORT_NUMERIC == ERR_NUMERIC
               && (int)CONSORT_STORE == ERR_STORE && (int)CONSORT_STOPPED == ERR_STOPPED, "codes are the same");
_Static_assert(sizeof ((Error *)0)->message <= sizeof ((consort_error *)0)->message, "messages fit");

const char *consort_version(void)
{
    return CONSORT_VERSION;
}

void consort_free(char *text)
{
    free(text);
}

int api_end(bool ok, consort_error *out, const Error *err)
{
    if (ok) return CONSORT_OK;
    const int code = err->code == ERR_NONE ? ERR_INVALID : err->code;
    if (out) {
        out->code = code;
        memcpy(out->message, err->message, sizeof err->message);
    }
    return code;
}

bool api_take(const void *from, void *to, size_t known, const char *name, Error *err)
{
    size_t size;
    memset(to, 0, known);
    if (!from) return true;
    memcpy(&size, from, sizeof size);
    if (size < sizeof size)
        return error_set(err, ERR_INVALID, "%s: `size` is not set; %s x = CONSORT_INIT(%s) does it", name,
                         name, name);
    for (size_t i = known; i < size; i++)
        if (((const char *)from)[i])
            return error_set(err, ERR_INVALID,
                             "%s: the program uses more of it than this library (%s) knows", name,
                             CONSORT_VERSION);
    memcpy(to, from, size < known ? size : known);
    return true;
}

bool api_give(Text *text, char **out, Error *err)
{
    text_add(text, "");
    const bool ok = text_ok(text) && text->bytes;
    *out = ok ? text->bytes : NULL;
    if (!ok) text_free(text);
    *text = (Text){0};
    return ok || error_memory(err);
}
