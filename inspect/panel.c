/* Gathers the rows to look at, and asks who must answer for them. */
#include "inspect/panel.h"

#include <string.h>

/* Every k-th of the source's rows whose truth is known, `want` of them. */
static int thin(const Table *table, const PanelSource *source, int want, int32_t *out)
{
    int usable = 0, seen = 0, taken = 0;
    const bool known = table_has_label(table);
    for (int i = 0; i < source->n; i++) usable += !known || table_known(table, source->rows[i]);
    if (want > usable) want = usable;
    for (int i = 0; i < source->n && taken < want; i++) {
        int32_t row = source->rows[i];
        if (known && !table_known(table, row)) continue;
        if ((int64_t)(seen + 1) * want / usable > taken) out[taken++] = row;
        seen++;
    }
    return taken;
}

bool panel_make(const Table *table, const PanelSource *sources, int n_sources, int most, Arena *arena,
                Panel *out, Error *err)
{
    int64_t total = 0;
    Panel p = {.n_classes = model_values(sources[0].model), .n_parts = n_sources,
               .task = &sources[0].model->schema.task};
    for (int s = 0; s < n_sources; s++) total += sources[s].n;
    p.part = ARENA_NEW(arena, PanelPart, n_sources);
    p.origin = ARENA_NEW(arena, int32_t, most + n_sources);
    if (!p.part || !p.origin) return error_memory(err);
    for (int s = 0; s < n_sources; s++) {
        const PanelSource *source = &sources[s];
        int want = total > most ? (int)((int64_t)most * source->n / total) + 1 : source->n;
        int n = thin(table, source, want, p.origin + p.n);
        p.part[s] = (PanelPart){source->model, p.n, n};
        p.n += n;
    }
    if (p.n == 0) return error_set(err, ERR_DATA, "there is no row to look at");
    p.proba = ARENA_NEW(arena, float, (size_t)p.n * (size_t)p.n_classes);
    p.predicted = ARENA_NEW(arena, int32_t, p.n);
    if (!p.proba || !p.predicted) return error_memory(err);
    if (!table_rows(table, p.origin, p.n, arena, &p.table, err)
        || !panel_predict(&p, p.table, arena, p.proba, err))
        return false;
    for (int i = 0; i < p.n && task_has_classes(p.task); i++)
        p.predicted[i] =
            model_decide(p.part[panel_part(&p, i)].model, p.proba + (size_t)i * (size_t)p.n_classes);
    *out = p;
    return true;
}

/* The rows from .. from + n - 1, where they stand. */
static bool window(const Table *table, int from, int n, Arena *arena, Table *out, Error *err)
{
    *out = *table;
    out->n_rows = n;
    if (table->labels) out->labels = table->labels + from;
    if (table->targets) out->targets = table->targets + (size_t)from * (size_t)table->task.n_targets;
    const size_t size = PIXELS_OF(table);
    if (table->pixels) out->pixels = table->pixels + (size_t)from * size;
    if (!table->columns) return true;
    out->columns = ARENA_NEW(arena, Column, table->n_columns);
    if (!out->columns) return error_memory(err);
    for (int c = 0; c < table->n_columns; c++) {
        Column *column = &out->columns[c];
        *column = table->columns[c];
        if (column->number) column->number += from;
        if (column->decimal) column->decimal += from;
        if (column->code) column->code += from;
    }
    return true;
}

bool panel_predict(const Panel *panel, const Table *changed, Arena *arena, float *proba, Error *err)
{
    for (int p = 0; p < panel->n_parts; p++) {
        const PanelPart *part = &panel->part[p];
        Table rows;
        if (part->n == 0) continue;
        if (!window(changed, part->from, part->n, arena, &rows, err)
            || !model_predict(part->model, &rows, arena, proba + (size_t)part->from * (size_t)panel->n_classes,
                              err))
            return false;
    }
    return true;
}

bool panel_ask(const Panel *panel, int part, const Table *changed, Arena *arena, float *proba, Error *err)
{
    return model_predict(panel->part[part].model, changed, arena, proba, err);
}

int panel_part(const Panel *panel, int row)
{
    int p = 0;
    while (p + 1 < panel->n_parts && row >= panel->part[p].from + panel->part[p].n) p++;
    return p;
}
