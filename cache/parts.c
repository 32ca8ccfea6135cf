/* The members of a table and of what is in it, a row each; and what must be true of them. */
#include "cache/parts.h"

#include <stddef.h>
#include <string.h>

#include "data/dates.h"
#include "data/pixels.h"

#define PARTS(list, type) {list, (int)(sizeof(list) / sizeof *(list)), sizeof(type)}

#define PLACE(member) .name = #member, .offset = offsetof(OF, member)
#define AT(what, member) {PLACE(member), .kind = what, .size = sizeof(((OF *)0)->member)}
#define INT(member) AT(PART_INT, member)
#define BOOL(member) AT(PART_BOOL, member)
#define DOUBLE(member) AT(PART_DOUBLE, member)
#define TEXT(member) AT(PART_TEXT, member)
#define TEXTS(member, n) {PLACE(member), .kind = PART_TEXTS, .count = offsetof(OF, n)}
#define ROWS(member) {PLACE(member), .kind = PART_ROWS, .size = sizeof(*((OF *)0)->member)}
#define ROWS_OF(member, bytes) {PLACE(member), .kind = PART_ROWS, .each = bytes}
#define ITEMS(member, n) \
    {PLACE(member), .kind = PART_ITEMS, .size = sizeof(*((OF *)0)->member), .count = offsetof(OF, n)}
#define STRUCT(member, parts) {PLACE(member), .kind = PART_STRUCT, .of = &(parts)}
#define STRUCTS(member, n, parts) \
    {PLACE(member), .kind = PART_STRUCTS, .count = offsetof(OF, n), .of = &(parts)}
#define ONE(member, parts) {PLACE(member), .kind = PART_ONE, .of = &(parts)}

#define OF Column
static const Part column_list[] = {
    TEXT(name), INT(kind), ROWS(number), ROWS(decimal), DOUBLE(unit), ROWS(code), INT(n_levels),
    TEXTS(levels, n_levels), INT(n_missing), TEXT(format), INT(style), INT(place),
};
static const Parts column_parts = PARTS(column_list, Column);
#undef OF

#define OF Layout
static const Part layout_list[] = {
    INT(width), INT(label), AT(PART_CHAR, delimiter), INT(skip), INT(titles), TEXT(comment), BOOL(skipped_rows),
    BOOL(empty_titles), BOOL(names_in_row),
};
static const Parts layout_parts = PARTS(layout_list, Layout);
#undef OF

#define OF ReadRules
static const Part rules_list[] = {
    INT(n_missing), TEXTS(missing, n_missing), BOOL(decimal_comma), INT(names), STRUCT(layout, layout_parts),
    INT(fit), INT(ground),
};
static const Parts rules_parts = PARTS(rules_list, ReadRules);
#undef OF

#define OF Target
static const Part target_list[] = {
    TEXT(name), DOUBLE(origin), DOUBLE(unit), DOUBLE(shift), DOUBLE(scale), DOUBLE(low), DOUBLE(high),
    BOOL(logs), DOUBLE(log_offset), DOUBLE(log_shift), DOUBLE(log_scale), DOUBLE(log_mean), BOOL(whole),
    TEXT(answer[0]), TEXT(answer[1]),
};
static const Parts target_parts = PARTS(target_list, Target);
#undef OF

#define OF Task
static const Part task_list[] = {
    INT(kind), INT(n_targets), STRUCTS(targets, n_targets, target_parts), INT(n_quantiles),
    ITEMS(quantiles, n_quantiles),
};
static const Parts task_parts = PARTS(task_list, Task);
#undef OF

static size_t picture_bytes(const Table *table)
{
    return PIXELS_OF(table);
}

static size_t target_bytes(const Table *table)
{
    return (size_t)table->task.n_targets * sizeof(double);
}

static size_t soft_bytes(const Table *table)
{
    return (size_t)table_soft_width(table) * sizeof(double);
}

#define OF Table
static const Part table_list[] = {
    INT(n_rows), INT(n_columns), STRUCTS(columns, n_columns, column_parts), INT(height), INT(width),
    INT(channels), ROWS_OF(pixels, picture_bytes), TEXT(label_name), STRUCT(task, task_parts), ROWS(labels),
    ROWS_OF(targets, target_bytes), INT(n_classes), TEXTS(classes, n_classes), INT(n_notes),
    TEXTS(notes, n_notes), STRUCT(rules, rules_parts), AT(PART_LETTERS, fingerprint), ROWS(source),
    ONE(id, column_parts), ONE(key[ROW_GROUP], column_parts), ONE(key[ROW_ORDER], column_parts),
    ONE(key[ROW_PART], column_parts), ONE(key[ROW_WEIGHT], column_parts), ROWS(weight),
    ROWS_OF(soft, soft_bytes),
};
_Static_assert(ROW_KEYS == 4, "another key of rows: give it a row above");
const Parts table_parts = PARTS(table_list, Table);
#undef OF

/* A struct has grown: give what is new a row above, add one to CACHE_VERSION, and write its size here. */
#define SIZE_IS(type, bytes) \
    _Static_assert(sizeof(void *) != 8 || sizeof(type) == (bytes), #type " has changed: cache/parts.c")
SIZE_IS(Table, 336);
SIZE_IS(Column, 88);
SIZE_IS(ReadRules, 72);
SIZE_IS(Layout, 40);
SIZE_IS(Task, 32);
SIZE_IS(Target, 120);

/* ---- what must be true ------------------------------------------------------------------------------- */

/* All of n in [-1, end)? Numbers that are used as places. */
static bool codes_hold(const int32_t *code, int n, int end)
{
    uint32_t most = 0;
    for (int i = 0; i < n; i++) {
        uint32_t v = (uint32_t)code[i] + 1;
        most = v > most ? v : most;
    }
    return most <= (uint32_t)end;
}

static bool column_holds(const Column *column, int n_rows)
{
    const char *why;
    const bool date = column->kind == COLUMN_DATE;
    if ((unsigned)column->kind > COLUMN_ORDERED || !column->name || column->n_levels < 0) return false;
    if (date != (column->format != NULL) || (date && !date_format_check(column->format, &why))) return false;
    if (column->n_missing < 0 || column->n_missing > n_rows) return false;
    if (column->code)
        return codes_hold(column->code, n_rows, column->n_levels) && !column->number && !column->decimal
            && column_has_words(column->kind);
    return (column->number != NULL) != (column->decimal != NULL) && !column_has_words(column->kind);
}

bool cache_table_holds(const Table *t)
{
    enum { MOST_PIXELS = 1 << 26 };
    if (t->n_rows < 1 || t->n_columns < 0 || t->n_classes < 0) return false;
    if (t->fingerprint[64] || strlen(t->fingerprint) != 64) return false;
    if (t->height < 0 || t->width < 0 || PIXELS_OF(t) > MOST_PIXELS || (t->channels & ~3) || t->channels == 2)
        return false;
    if ((t->pixels != NULL) != (PIXELS_OF(t) > 0) || (!t->pixels && t->n_columns < 1)) return false;
    if (t->task.kind < 0 || t->task.kind >= TASK_COUNT || t->task.n_targets < 0
        || t->task.n_targets > TASK_MOST_TARGETS || t->task.n_quantiles < 0
        || t->task.n_quantiles > TASK_MOST_QUANTILES)
        return false;
    if ((t->labels && !codes_hold(t->labels, t->n_rows, t->n_classes)) || (t->targets && t->task.n_targets < 1))
        return false;
    for (int i = 0; i < t->n_columns; i++)
        if (!column_holds(&t->columns[i], t->n_rows)) return false;
    for (int k = 0; k < ROW_KEYS; k++)
        if (t->key[k] && !column_holds(t->key[k], t->n_rows)) return false;
    return !t->id || column_holds(t->id, t->n_rows);
}
