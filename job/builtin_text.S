/* job/builtin_text.S - the configurations of configs/, as bytes inside the binary: `consort init` prints them,
 * `consort run DATA` begins with one. Paths are relative to the root of the repository, where make runs.
 */
.macro embed name, path
    .global builtin_\name
builtin_\name:
    .incbin "\path"
    .byte 0
.endm

    .section .rodata
    embed digits, configs/digits.yaml
    embed table, configs/tabular.yaml
    embed images, configs/mnist.yaml
    embed program, configs/program.yaml
    embed script, configs/program.py

    .section .note.GNU-stack, "", %progbits
