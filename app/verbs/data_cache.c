/* app/verbs/data_cache.c - which tables were kept as read, and how to be rid of them. */
#include "app/verbs/verbs.h"

#include <time.h>

#include "app/output.h"
#include "base/text.h"
#include "cache/tables.h"
#include "job/cache_place.h"
#include "reports/columns.h"
#include "reports/sheet.h"

static const char *when(int64_t nanoseconds, Arena *arena)
{
    time_t seconds = (time_t)(nanoseconds / 1000000000);
    struct tm at;
    if (!localtime_r(&seconds, &at)) return "";
    return arena_print(arena, "%04d-%02d-%02d %02d:%02d", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday,
                       at.tm_hour, at.tm_min);
}

static bool print_list(const char *folder, const CacheList *list, int fit, Arena *arena, Text *out)
{
    static const char *const titles[] = {"table of", "bytes", "last used", NULL};
    char bytes[32];
    Sheet sheet;
    text_print(out, "%s: %d table%s, %s\n", folder, list->n, list->n == 1 ? "" : "s",
               text_bytes((double)list->bytes, bytes));
    if (list->n == 0) return true;
    if (!sheet_plain(titles, (size_t)list->n, arena, &sheet, NULL)) return false;
    for (int i = 0; i < list->n; i++) {
        const CacheEntry *entry = &list->entries[i];
        Cell *row = sheet_row(&sheet);
        row[0].text = entry->source ? entry->source : "(damaged, or of another version)";
        row[1].text = arena_copy(arena, text_bytes((double)entry->bytes, bytes));
        row[2].text = when(entry->used, arena);
    }
    if (!sheet_whole(&sheet)) return false;
    text_add(out, "\n");
    sheet_print(&sheet, fit, out);
    return true;
}

static bool print_json(const char *folder, const CacheList *list, int removed, Text *out)
{
    Doc *doc = doc_object(), *tables = doc_set(doc, "tables", doc_array());
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "folder", folder);
    doc_set_number(doc, "bytes", (double)list->bytes);
    doc_set_number(doc, "removed", removed);
    for (int i = 0; i < list->n; i++) {
        Doc *one = doc_add(tables, doc_object());
        doc_set_text(one, "source", list->entries[i].source);
        doc_set_text(one, "path", list->entries[i].path);
        doc_set_number(one, "bytes", (double)list->entries[i].bytes);
    }
    bool ok = doc_print(doc, 1, out);
    text_add(out, "\n");
    doc_free(doc);
    return ok;
}

int cmd_data_cache(Cli *cli)
{
    Error err;
    CacheList list;
    Text text = {0};
    const int fit = output_width(cli, output_format(cli));
    const char *folder = cli->n_arguments > 0 ? cli->arguments[0] : cache_place("auto", cli->arena);
    int removed = 0;
    if (!folder) {
        error_set(&err, ERR_CONFIG, "neither XDG_CACHE_HOME nor HOME says where the cache is; name its FOLDER");
        return cli_fail(&err);
    }
    if (!cache_list(folder, cli->arena, &list, &err)) return cli_fail(&err);
    if (cli_flag(cli, "clear")) {
        removed = cache_shrink(&list, 0);
        if (!cli->json) text_print(&text, "%d table%s removed\n", removed, removed == 1 ? "" : "s");
        if (!cache_list(folder, cli->arena, &list, &err)) return cli_fail(&err);
    }
    bool ok = cli->json ? print_json(folder, &list, removed, &text) : print_list(folder, &list, fit, cli->arena,
                                                                                 &text);
    int code = ok ? output_lines(&text, fit) : cli_fail((error_memory(&err), &err));
    if (!ok) text_free(&text);
    return code;
}
