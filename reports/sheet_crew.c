/* The table of hosts: who trained, and what became of the seats' time. */
#include "reports/sheets.h"

#include <math.h>

static const char *count_of(Arena *arena, const Doc *row, const char *key)
{
    return sheet_count(arena, sheet_number(row, key));
}

static const char *share_of(Arena *arena, const Doc *row, const char *key)
{
    return sheet_percent(arena, sheet_number(row, key) / sheet_number(row, "seats_s"));
}

/* "4", "3 of 4", "1 of 4, 3 lost" */
static const char *workers_of(Arena *arena, const Doc *row, bool living)
{
    double all = sheet_number(row, "workers"), here = sheet_number(row, "here");
    double gone = sheet_number(row, "gone");
    const char *there = living && here < all ? arena_print(arena, "%.0f of %.0f", here, all)
                                             : arena_print(arena, "%.0f", all);
    return there && gone > 0 ? arena_print(arena, "%s, %.0f lost", there, gone) : there;
}

bool sheet_hosts(const Doc *crew, int top, Arena *arena, Sheet *out, Error *err)
{
    const Doc *hosts = doc_get(crew, "hosts"), *all = doc_get(crew, "all");
    const size_t n = doc_count(hosts), shown = top > 0 && n > (size_t)top ? (size_t)top : n;
    const bool living = sheet_number(all, "here") > 0, waited = sheet_number(all, "waiting_s") >= 0;
    if (!sheet_create("hosts", "Who trained", 10, n ? shown + 1 : 0, arena, out, err)) return false;
    sheet_column(out, "host", false, 0, NULL);
    sheet_column(out, "workers", false, 0, "processes; those that died, were cut off or fell silent are lost");
    sheet_column(out, "seats", true, 0, "trials that it trains at a time");
    if (living) sheet_column(out, "running", true, 0, "trials that it trains now");
    sheet_column(out, "done", true, 0, "trials that ended there");
    sheet_column(out, "failed", true, 0, "of these");
    sheet_column(out, "an hour", true, 0, "trials done, while it was there");
    sheet_column(out, "in use", true, +1, "share of its seats' time that trained what counts");
    sheet_column(out, "lost", true, -1, "share that trained what came to nothing: of workers that died, of"
                 " trials that were stopped");
    if (waited)
        sheet_column(out, "waited", true, -1, "share in which the study had nothing to give: its lookback was"
                     " full");
    for (size_t i = 0; n > 0 && i <= shown; i++) {
        const Doc *row = i < shown ? doc_at(hosts, i) : all;
        if (i == shown && n == 1) break;
        Cell *cell = sheet_row(out);
        int c = 0;
        cell[c++].text = i < shown ? sheet_text(row, "host") : arena_print(arena, "all %zu hosts", n);
        cell[c++].text = workers_of(arena, row, living);
        cell[c++].text = count_of(arena, row, "seats");
        if (living) cell[c++].text = count_of(arena, row, "running");
        cell[c++].text = count_of(arena, row, "done");
        cell[c++].text = count_of(arena, row, "failed");
        cell[c++].text = sheet_quantity(arena, sheet_number(row, "per_hour"));
        cell[c++].text = sheet_percent(arena, sheet_number(row, "utilization"));
        cell[c++].text = share_of(arena, row, "lost_s");
        if (waited) cell[c++].text = share_of(arena, row, "waiting_s");
        out->strong[out->n_rows - 1] = i == shown;
    }
    const char *cure = doc_to_text(doc_get(crew, "cure"), NULL);
    out->note = cure;
    if (shown < n) {
        out->note = arena_print(arena, "The first %zu of %zu hosts.%s%s", shown, n, cure ? " " : "",
                                cure ? cure : "");
        if (!out->note) return error_memory(err);
    }
    return sheet_whole(out) || error_memory(err);
}
