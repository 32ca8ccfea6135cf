/* Which format a picture has, and the reader of it. */
#include "pictures/read.h"

#include <string.h>
#include <strings.h>

typedef struct {
    const char *begins;
    size_t n;
    PictureReader *read;
    const char *ending;
} PictureFormat;
#define LIST_PICTURE(begins, n, read, ending) {begins, n, read, ending},
static const PictureFormat formats[] = {PICTURE_LIST(LIST_PICTURE)};
enum { N_FORMATS = sizeof formats / sizeof *formats };

/* "P5" may begin a table, too: behind it stands a blank or a remark. */
static bool begins(const PictureFormat *format, const char *bytes, size_t n)
{
    if (n <= format->n || memcmp(bytes, format->begins, format->n) != 0) return false;
    char c = bytes[format->n];
    return format->n > 2 || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '#';
}

bool picture_looks_like(const char *bytes, size_t n)
{
    for (int f = 0; f < N_FORMATS; f++)
        if (begins(&formats[f], bytes, n)) return true;
    return false;
}

bool picture_is_called(const char *path)
{
    size_t n = strlen(path);
    for (int f = 0; f < N_FORMATS; f++) {
        size_t k = strlen(formats[f].ending);
        if (n > k && strcasecmp(path + n - k, formats[f].ending) == 0) return true;
    }
    return false;
}

bool picture_read(const char *bytes, size_t n, bool look, uint8_t background, Picture *out, Error *err)
{
    for (int f = 0; f < N_FORMATS; f++) {
        if (!begins(&formats[f], bytes, n)) continue;
        *out = (Picture){0};
        if (formats[f].read((const uint8_t *)bytes, n, look, background, out, err)) return true;
        picture_free(out);
        return false;
    }
    return error_set(err, ERR_DATA, n == 0 ? "the file is empty"
                     : "no picture that is read: PNG, JPEG and PNM (PGM, PPM, PBM) are; save it as PNG");
}
