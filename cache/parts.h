/* cache/parts.h - what a table is made of, as tables of members: a row each, which is all that storing and
 * loading know. A new member of a struct in data/table.h is one row here and CACHE_VERSION one higher;
 * the sizes in cache_parts.c remind of it.
 */
#ifndef CONSORT_CACHE_PARTS_H
#define CONSORT_CACHE_PARTS_H
#include "data/table.h"

typedef enum {
    PART_INT,     /* int, or an enum */
    PART_BOOL,
    PART_CHAR,
    PART_DOUBLE,
    PART_LETTERS, /* char[size] */
    PART_TEXT,    /* const char *, may be NULL */
    PART_TEXTS,   /* pointer to `count` texts */
    PART_ITEMS,   /* pointer to `count` items of `size` bytes without pointers */
    PART_ROWS,    /* the same, one a row of the table (or each(table) bytes): used where they are mapped */
    PART_STRUCT,  /* a struct of its own rows in place */
    PART_STRUCTS, /* pointer to `count` of them */
    PART_ONE      /* pointer to one of them, or NULL */
} PartKind;

typedef struct Parts Parts;
typedef struct {
    const char *name;
    PartKind kind;
    size_t offset, size;
    size_t count;      /* TEXTS, ITEMS, STRUCTS: where in the struct the int is that says how many */
    const Parts *of;   /* STRUCT, STRUCTS, ONE */
    size_t (*each)(const Table *table);
} Part;
struct Parts {
    const Part *part;
    int n;
    size_t size; /* of the struct */
};
extern const Parts table_parts;
/* Is what was loaded a table, so that no number in it leads astray? */
bool cache_table_holds(const Table *table);
#endif
