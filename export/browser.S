/* export/browser.S - the loader, the page and the shim of a model in WebAssembly, as bytes inside the binary.
 * Paths are relative to the root of the repository, where make runs.
 */
.macro embed name, path
    .global browser_\name
browser_\name:
    .incbin "\path"
    .byte 0
.endm

    .section .rodata
    embed shim, export/browser/shim.c
    embed loader, export/browser/loader.js
    embed load, export/browser/load.js
    embed css, export/browser/page.css
    embed draw, export/browser/draw.js
    embed form, export/browser/form.js
    embed page, export/browser/page.js

    .section .note.GNU-stack, "", %progbits
