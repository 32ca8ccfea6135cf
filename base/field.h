/* base/field.h - a table of options that reads itself from YAML, documents itself, and can be
 * searched over.
 *
 * A module describes the struct it takes with one table. From it come the YAML reader (type,
 * range, nearest right key), the defaults, `config resolve`, `consort help config`, and the
 * assignment of a trial's parameters. Things listed twice drift apart; this is listed once.
 *
 *     #define F(member) offsetof(TrainSpec, member)
 *     static const Field train_field_list[] = {
 *         {"epochs", FIELD_INT, F(epochs), "30", 1, 100000, .help = "passes over the rows"},
 *         {"schedule", FIELD_CHOICE, F(schedule), "cosine", .choices = schedule_names,
 *          .help = "how the learning rate moves"},
 *     };
 *     const FieldTable train_fields = FIELD_TABLE("train", train_field_list);
 *
 * Memory  text and lists point into the arena given, or at the table's own constants.
 * Errors  ERR_CONFIG, with file:line:column where there is a node.
 */
#ifndef CONSORT_BASE_FIELD_H
#define CONSORT_BASE_FIELD_H
#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"

#define FIELD_KIND_LIST(X) /* C type of the member; what `consort help config` says it takes */    \
    X(FIELD_BOOL, "true|false")                     /* bool */                                    \
    X(FIELD_INT, "whole number")                    /* int */                                     \
    X(FIELD_REAL, "number")                         /* double */                                  \
    X(FIELD_TEXT, "text")                           /* const char *, NULL when the default is */  \
    X(FIELD_CHOICE, "")                             /* int: index into `choices` */               \
    X(FIELD_INT_LIST, "list of whole numbers")      /* IntList; a number is a list of one */      \
    X(FIELD_TEXT_LIST, "list of words")             /* TextList; a word is a list of one */       \
    X(FIELD_DURATION, "duration")                   /* double, seconds: "15m", "90s", "1h30m" */  \
    X(FIELD_BYTES, "size")                          /* double, bytes: "2GiB", "500MB" */          \
    X(FIELD_SECTION, "")                            /* a struct with a table of its own: a map */ \
    X(FIELD_NODE, "see the manual")                 /* const ConfNode *: the module's reader */
typedef enum { FIELD_KIND_LIST(LIST_ID) } FieldKind;

enum { FIELD_LIST_MAX = 64 };
typedef struct {
    int n, items[FIELD_LIST_MAX];
} IntList;
typedef struct {
    int n;
    const char **items;
} TextList;
/* A list of one, as it stands in a block of code. */
#define TEXT_ONE(word) ((TextList){1, (const char *[]){(word)}})

typedef struct FieldTable FieldTable;
typedef struct {
    const char *name;
    FieldKind kind;
    size_t offset;
    const char *fallback;           /* the default, as it would stand in YAML; NULL: zero */
    double low, high;               /* inclusive; both 0: no limits; high < low: no upper limit (of
                                       list items, too) */
    const char *const *choices;     /* CHOICE: names, ends with NULL */
    const char *zero_word;          /* INT, REAL, DURATION, BYTES: a word that means 0 ("auto") */
    const char *other_word;         /* INT with a zero_word: a word that means -1 */
    const FieldTable *section;      /* SECTION */
    const char *help;               /* one line */
    const char *alias;              /* other names people know it by, separated by blanks: "lr" */
    bool searchable;                /* may stand in `parameters` */
    bool open_low;                  /* `low` itself is excluded (a learning rate of 0) */
    bool usually_one;               /* TEXT_LIST: one word is written as a word, none as null */
} Field;

struct FieldTable {
    const char *name;
    const Field *fields;
    int n;
};
#define FIELD_TABLE(name, list) {(name), (list), (int)(sizeof(list) / sizeof *(list))}

/* Every field of `record` set to its default. */
bool field_defaults(const FieldTable *table, void *record, Arena *arena, Error *err);
/* Sets the members that `map` names; refuses unknown keys, wrong types and impossible values. The
 * others keep what they hold. A NULL map changes nothing. */
bool field_read(const FieldTable *table, const ConfNode *map, void *record, Arena *arena,
                Error *err);
/* Sets one field by (dotted) name from a value, as a trial's parameter. The message names the
 * field but no place in a file. */
bool field_assign(const FieldTable *table, const char *name, const Value *value, void *record,
                  Arena *arena, Error *err);
/* The field of that (dotted) name, or NULL. */
const Field *field_find(const FieldTable *table, const char *name);
/* Would `value` be accepted? Used to check a search space before anything is trained. */
bool field_accepts(const Field *field, const Value *value, Error *err);
/* Is a number finite and within the limits of the field? */
bool field_within(const Field *field, double number);
/* The name of a field of `record` that holds what its table would have refused, or NULL: for records that
 * a caller built without it. */
const char *field_misfit(const FieldTable *table, const void *record);
/* Appends the record as YAML, two spaces a level, starting at `indent`. */
void field_print_yaml(const FieldTable *table, const void *record, int indent, Text *out);
/* The same without what it holds as `defaults`, a record of the same struct, does. */
void field_print_changed(const FieldTable *table, const void *record, const void *defaults, int indent,
                         Text *out);
/* Appends one line a field: name, type and range, default, help. For `help` and the manual. */
void field_print_help(const FieldTable *table, int indent, Text *out);
/* Names of a table's fields, NULL-terminated, in `arena`. */
const char *const *field_names(const FieldTable *table, Arena *arena);

/* ---- for the files field*.c: a value of whatever kind, and the bytes that its member has */

typedef union {
    bool b;
    int i;
    double real;
    const char *text;
    IntList ints;
    TextList texts;
    const ConfNode *node;
} FieldSlot;
size_t field_slot_size(FieldKind kind);
/* May a null stand for its value? */
bool field_takes_nothing(const Field *field);
/* The limits of its numbers, infinite where there is none; `low` itself is excluded where open_low is set. */
void field_limits(const Field *field, double *low, double *high);
#endif
