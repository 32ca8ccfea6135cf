/* base/conf.h - a YAML file as a tree that remembers where everything stands. The one caller of
 * libyaml.
 *
 * Scalars follow YAML 1.2's core schema: `1e-3` is a number, booleans are true/false only; what
 * other readers would take differently (no, off, 1:30, 017) becomes a warning with its line.
 * Anchors, aliases and merge keys work, without recursion, and the core schema's tags (!!float 1e-5);
 * other tags, several documents, duplicate keys, more than
 * 1 MiB or 64 levels are refused. Every message reads "file:line:column: what, and the cure".
 *
 * Memory  nodes and text live in the arena given to conf_read.
 * Errors  ERR_CONFIG, ERR_IO, ERR_MEMORY.
 */
#ifndef CONSORT_BASE_CONF_H
#define CONSORT_BASE_CONF_H
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/names.h"
#include "base/text.h"
#include "base/value.h"

#define CONF_KIND_LIST(X) /* with the words of messages: "expected a list, found a number" */     \
    X(CONF_NULL, "nothing") X(CONF_BOOL, "true/false") X(CONF_NUMBER, "a number")                 \
    X(CONF_TEXT, "text") X(CONF_LIST, "a list") X(CONF_MAP, "a map")
typedef enum { CONF_KIND_LIST(LIST_ID) } ConfKind;
extern const char *const conf_kind_names[];

typedef struct ConfNode ConfNode;
struct ConfNode {
    ConfKind kind;
    const char *key;           /* as a member of a map, else NULL */
    const char *text;          /* any scalar as it was written (unquoted) */
    double number;             /* NUMBER (`.inf` and `.nan`, too); BOOL 0 or 1 */
    bool integer;              /* NUMBER that is whole and written without a point: 3, 1e3, not 3.0 */
    const char *file;          /* "sweep.yaml", or "--set data.dir" for an override */
    int line, column;          /* of the value, from 1; 0 for an override */
    int key_line, key_column;  /* of the key */
    ConfNode *first, *next;    /* children of a list or map in order; next sibling */
    int n;                     /* number of children */
};

typedef struct {
    const char *file;
    ConfNode *root;      /* a map */
    const char *source;  /* the text that was read */
    const char **warnings;
    int n_warnings;
    Arena *arena;
} Conf;

/* `file` "-" reads standard input. */
bool conf_read_file(const char *file, Arena *arena, Conf **out, Error *err);
bool conf_read_text(const char *name, const char *text, size_t n, Arena *arena, Conf **out,
                    Error *err);
/* Applies "a.b.c=VALUE" (VALUE in YAML flow syntax), making maps on the way. Messages name `place`
 * ("--jobs"), or "--set a.b.c" when it is NULL. */
bool conf_set_at(Conf *conf, const char *assignment, const char *place, Error *err);

/* One value by itself, a default or the like, in YAML flow syntax; nothing at all is null. `name`
 * stands before messages, NULL for none; the nodes have no line. */
bool conf_read_value(const char *name, const char *text, Arena *arena, ConfNode **out, Error *err);

const ConfNode *conf_get(const ConfNode *map, const char *key); /* NULL when absent or null map */
/* A node as a Value: lists, maps and null become canonical JSON in `arena`, of kind LIST. */
bool conf_value(const ConfNode *node, Arena *arena, Value *out, Error *err);

/* err = "file:line:column: <message>", ERR_CONFIG, at the value or at the key. Returns false. */
bool conf_error(const ConfNode *node, Error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool conf_key_error(const ConfNode *node, Error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "unknown key `learing_rate`; did you mean `learning_rate`?" / "; known keys: a, b, c". Known
 * names end with NULL. `where` names the section, "in `train`". */
bool conf_unknown_key(const ConfNode *node, const char *where, const char *const *known,
                      Error *err);
/* Refuses members of `map` that are not in `known`. */
bool conf_only_keys(const ConfNode *map, const char *where, const char *const *known, Error *err);

/* Writing YAML: a tree of nodes as text that conf_read_text reads back the same. */
bool conf_print(const ConfNode *node, Text *out);
/* The same for what follows "key:" on a line: " value\n", or a new line and a block at `indent`. */
void conf_print_under(const ConfNode *node, int indent, Text *out);
/* The same in what readers of YAML 1.1 (PyYAML, so wandb) take for the same: 2.0e-05 instead of 2e-5. */
bool conf_print_portable(const ConfNode *node, Text *out);
/* The same on one line, without its end: {min: 0.0, max: 0.4}. */
void conf_print_line(const ConfNode *node, Text *out);
/* A value for every reader, a text quoted if it needs to be. */
void conf_print_scalar(Text *out, const Value *value);
/* JSON, with Python's Infinity and NaN in it, as YAML for every reader. */
void conf_print_json(Text *out, const char *json);
#endif
