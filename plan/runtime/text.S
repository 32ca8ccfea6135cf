/* plan/runtime/text.S - the pieces of this room, as bytes inside the binary. Paths are relative to the root of
 * the repository, where make runs.
 */
#include "plan/runtime/list.h"

.macro embed name
    .global runtime_\name
runtime_\name:
    .incbin "plan/runtime/\name\().h"
    .byte 0
.endm

    .section .rodata
#define EMBED(name) embed name;
RUNTIME_LIST(EMBED)

    .section .note.GNU-stack, "", %progbits
