/* export/write.c - who writes which format. */
#include "export/write.h"

#include <string.h>
#include <strings.h>

#include "base/packed.h"

typedef struct {
    const char *name, *endings;
    bool (*write)(const WriteRows *rows, Text *out, Text *beside, Error *err);
} Writer;

#define LIST_WRITER(id, name, endings, known_by, read_by, as_bytes, written_by, ...) \
    {name, endings, written_by},
static const Writer writers[] = {FORMAT_LIST(LIST_WRITER)};

DataFormat write_format_of(const char *path)
{
    size_t n;
    packed_how_named(path, &n);
    for (int f = 0; f < FORMAT_COUNT; f++)
        for (const char *word = writers[f].write ? writers[f].endings : NULL; word
             && *word; word += strspn(word, " ")) {
            size_t k = strcspn(word, " ");
            if (n > k && strncasecmp(path + n - k, word, k) == 0) return (DataFormat)f;
            word += k;
        }
    return FORMAT_AUTO;
}

bool write_can(int format)
{
    return writers[format].write != NULL;
}

const char *write_formats(Arena *arena)
{
    Text list = {0};
    for (int f = 0; f < FORMAT_COUNT; f++)
        if (writers[f].write) text_print(&list, "%s%s", list.n ? ", " : "", writers[f].name);
    const char *copy = text_ok(&list) && list.n ? arena_copy(arena, list.bytes) : NULL;
    text_free(&list);
    return copy ? copy : "";
}

bool table_write(const WriteRows *rows, DataFormat format, Text *out, Text *beside, Error *err)
{
    if (!writers[format].write)
        return error_set(err, ERR_CONFIG, "%s is not written; what is: %s", writers[format].name,
                         write_formats(rows->arena));
    return writers[format].write(rows, out, beside, err) && (text_ok(out) || error_memory(err));
}
