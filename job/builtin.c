/* job/builtin.c - the list of the configurations inside the program. */
#include "job/builtin.h"

#include <stddef.h>
#include <string.h>

#include "base/file.h"
#include "base/names.h"

#define BUILTIN_LIST(X) /* id of its bytes, name, file, what it is, runs as it is */                          \
    X(builtin_digits, "digits", "digits.yaml", "synthetic handwritten digits: runs anywhere", true)           \
    X(builtin_table, "table", "tabular.yaml", "a table: CSV or ARFF", false)                                  \
    X(builtin_images, "images", "mnist.yaml", "images in pairs of IDX files, as MNIST has them", false)       \
    X(builtin_program, "program", "program.yaml", "a program of your own", false)                             \
    X(builtin_script, "program.py", "program.py", "the program that the one before runs", false)

#define LIST_BYTES(id, ...) extern const char id[];
BUILTIN_LIST(LIST_BYTES)
#define LIST_BUILTIN(id, name, file, what, whole) {name, file, what, id, whole},
const Builtin builtins[] = {BUILTIN_LIST(LIST_BUILTIN) {NULL, NULL, NULL, NULL, false}};
const char *const builtin_names[] = {BUILTIN_LIST(LIST_NAME) NULL};

const Builtin *builtin_find(const char *name)
{
    int found = names_find(builtin_names, name);
    return found < 0 ? NULL : &builtins[found];
}

const Builtin *builtin_of_file(const char *path)
{
    const char *base = path_base(path);
    for (const Builtin *b = builtins; b->name; b++)
        if (strcmp(b->file, base) == 0) return b;
    return NULL;
}
