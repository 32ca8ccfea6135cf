/* job/figures.c - writes each figure and table of a document into a file of its own. */
#include "job/figures.h"

#include "base/file.h"
#include "base/grow.h"
#include "reports/compare.h"
#include "reports/sheet_print.h"

static bool write(const Text *text, const char *folder, const char *name, const char *end, Arena *arena,
                  FigureFiles *out, Error *err)
{
    const char *file = arena_print(arena, "%s%s", name, end), *path = file ? path_join(arena, folder, file)
        : NULL;
    if (!path || !text_ok(text) || !GROW(arena, out->path, out->n, out->room)) return error_memory(err);
    out->path[out->n++] = path;
    return file_write(path, text->bytes ? text->bytes : "", text->n, err);
}

static bool write_figures(const Doc *document, const FigureKind *kinds, const char *folder, Arena *arena,
                          FigureFiles *out, Error *err)
{
    bool ok = true;
    for (; ok && kinds->name; kinds++) {
        Text svg = {0};
        bool drawn = kinds->draw(document, arena, &svg);
        if (drawn) ok = write(&svg, folder, kinds->name, ".svg", arena, out, err);
        else if (svg.broken) ok = error_memory(err);
        text_free(&svg);
    }
    return ok;
}

static bool write_tables(const Doc *document, AnySheet *const *sheets, const char *folder, Arena *arena,
                         FigureFiles *out, Error *err)
{
    for (; *sheets; sheets++) {
        Sheet sheet;
        Text csv = {0}, latex = {0};
        if (!(*sheets)(document, arena, &sheet, err)) return false;
        if (sheet.n_rows == 0) continue;
        sheet_csv(&sheet, &csv);
        sheet_latex(&sheet, &latex);
        bool ok = write(&csv, folder, sheet.id, ".csv", arena, out, err)
               && write(&latex, folder, sheet.id, ".tex", arena, out, err);
        text_free(&csv);
        text_free(&latex);
        if (!ok) return false;
    }
    return true;
}

bool figures_of_report(const Doc *document, const char *folder, Arena *arena, FigureFiles *out, Error *err)
{
    *out = (FigureFiles){0};
    return file_make_folder(folder, err) && write_figures(document, figure_kinds, folder, arena, out, err)
        && write_tables(document, report_sheets, folder, arena, out, err);
}

bool figures_of_compare(const Doc *document, const char *folder, Arena *arena, FigureFiles *out, Error *err)
{
    *out = (FigureFiles){0};
    return file_make_folder(folder, err) && write_figures(document, compare_figure_kinds, folder, arena, out,
                                                          err)
        && write_tables(document, compare_sheets, folder, arena, out, err);
}
