/* The pieces by their names. Their text is text.S's. */
#include "plan/runtime/pieces.h"

#include <stddef.h>
#include <string.h>

#include "plan/runtime/list.h"

#define LIST_TEXT(name) extern const char runtime_##name[];
RUNTIME_LIST(LIST_TEXT)
#define LIST_PIECE(name) {#name, runtime_##name},
const RuntimePiece runtime_pieces[] = {RUNTIME_LIST(LIST_PIECE) {NULL, NULL}};

int runtime_find(const char *name, int n)
{
    for (int i = 0; runtime_pieces[i].name; i++)
        if (strlen(runtime_pieces[i].name) == (size_t)n && memcmp(runtime_pieces[i].name, name, (size_t)n) == 0)
            return i;
    return -1;
}
