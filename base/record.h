/* base/record.h - a table of columns: what a row of the database holds, said once.
 *
 * What Field (base/field.h) is for options, RowColumn is for rows. A module describes the struct that stands
 * for a row with one table; from it come INSERT, UPDATE and SELECT (tuner/store/sql.h), what one process tells
 * another (tuner/study/wire.c), deep copies, JSON and CSV. A new column is one row of the table:
 *
 *     static const RowColumn trial_list[] = {
 *         COLUMN(TrialRow, n_params, INTEGER, .when = AT_END, .zero_is_null = true),
 *         COLUMN_NAMED(TrialRow, seconds, "secs", REAL, .when = AT_END, .label = "seconds"),
 *     };
 *     const RowTable trial_columns = COLUMN_TABLE("trial", NULL, TrialRow, trial_list);
 *
 * The type of the member is the compiler's to find out: int, int64_t, uint64_t (its bits are kept), double,
 * const char *, or an enum, which is kept as the name it has in `names`.
 *
 * NULL    a nan, a text that is NULL, and 0 where `zero_is_null` says that 0 means unknown. Read back it is
 *         nan, NULL or `null_text`, and 0.
 * Memory  texts are borrowed, or copied into the arena given.
 * Errors  ERR_MEMORY; ERR_DATA for a name that an enum does not have.
 */
#ifndef CONSORT_BASE_RECORD_H
#define CONSORT_BASE_RECORD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/error.h"

typedef enum { COLUMN_INTEGER, COLUMN_REAL, COLUMN_TEXT } ColumnType; /* as the database declares it */
typedef enum { MEMBER_NONE, MEMBER_INT, MEMBER_INT64, MEMBER_DOUBLE, MEMBER_TEXT, MEMBER_ENUM } MemberType;
/* What becomes of it when a trial goes on: the new value, or both together. */
typedef enum { PAUSE_REPLACES, PAUSE_ADDS, PAUSE_KEEPS_LARGER } ColumnPause;

typedef struct {
    const char *name;               /* of the column */
    ColumnType type;
    MemberType member;              /* NONE: only SQL looks at it */
    size_t offset;
    unsigned when;                  /* bits of the table's own: the statements and documents it stands in */
    bool zero_is_null;              /* 0 is unknown */
    bool null_is_zero;              /* REAL: NULL is read as 0, not as nan */
    bool counts;                    /* read from 0 to a billion, int64_t to 2^53: sums cannot overflow */
    bool stays;                     /* UPDATE leaves it alone where it is set */
    bool lasts;                     /* UPDATE leaves it alone where the new one is not known */
    ColumnPause pause;
    const char *null_text;          /* TEXT: what NULL stands for */
    const char *const *names;       /* enum: ends with NULL */
    const char *label;              /* its name in JSON and CSV; NULL: `name` */
    const char *unit;               /* "s" or "bytes", for people; NULL: a plain number */
} RowColumn;

typedef struct {
    const char *name;               /* of the database's table */
    const char *owner;              /* the column that says whose rows they are; NULL: it is in `columns` */
    size_t size;                    /* of the struct */
    const RowColumn *columns;
    int n;
} RowTable;

/* An enum without negative numbers is an unsigned to gcc and clang; where it is not, this does not compile. */
#define MEMBER_TYPE(x)                                                                           \
    _Generic((x), int: MEMBER_INT, int64_t: MEMBER_INT64, uint64_t: MEMBER_INT64,                \
             double: MEMBER_DOUBLE, const char *: MEMBER_TEXT, unsigned: MEMBER_ENUM)
#define COLUMN_NAMED(Row, member_, name_, type_, ...)                                            \
    {.name = (name_), .type = COLUMN_##type_, .member = MEMBER_TYPE(((Row *)0)->member_),         \
     .offset = offsetof(Row, member_), __VA_ARGS__}
#define COLUMN(Row, member_, type_, ...) COLUMN_NAMED(Row, member_, #member_, type_, __VA_ARGS__)
/* A column without a member. */
#define COLUMN_ONLY(name_, type_) {.name = (name_), .type = COLUMN_##type_}
#define COLUMN_TABLE(name, owner, Row, list)                                                     \
    {(name), (owner), sizeof(Row), (list), (int)(sizeof(list) / sizeof *(list))}

/* What stands in one place of a table. A REAL that is nan and a TEXT that is NULL are NULL, too. */
typedef struct {
    enum { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT } kind;
    int64_t i;
    double d;
    const char *t;
} RowCell;

/* Is the column one of those that `when` asks for? 0: all. */
static inline bool column_in(const RowColumn *column, unsigned when)
{
    return when == 0 || (column->when & when) != 0;
}
static inline const char *column_label(const RowColumn *column)
{
    return column->label ? column->label : column->name;
}
/* The place of the column of that name; -1: none. */
int column_index(const RowTable *table, const char *name);

RowCell column_get(const RowColumn *column, const void *row);
/* The cell has the column's own type, or is NULL. `arena` NULL: a text is borrowed. */
bool column_set(const RowColumn *column, void *row, const RowCell *cell, Arena *arena, Error *err);
/* As CSV has it: "" for what is NULL. Numbers are printed into `out`. */
const char *column_text(const RowColumn *column, const void *row, char out[32]);
/* For people, with its unit: "1m 05s", "1.5 GiB". */
const char *column_words(const RowColumn *column, const void *row, char out[32]);

/* The members of the columns asked for, from one row to another; texts are copied into the arena (NULL:
 * borrowed). */
bool record_copy(const RowTable *table, unsigned when, const void *from, void *to, Arena *arena);
/* An array of rows, deep. NULL: no memory. */
void *record_copies(const RowTable *table, const void *rows, int n, Arena *arena);
/* How many bytes its texts take; and the texts moved there: the row then points behind itself, say. */
size_t record_text_bytes(const RowTable *table, const void *row);
void record_move_texts(const RowTable *table, void *row, char *to);
/* What a trial came to before its pause, joined to what it came to now (`row`). */
void record_join(const RowTable *table, const void *before, void *row);
/* The columns asked for as members of an object, under their labels. */
void record_doc(const RowTable *table, unsigned when, const void *row, Doc *object);
#endif
