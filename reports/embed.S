/* reports/embed.S - the page's style and script and D3, as bytes inside the binary.
 *
 * D3 (version 3.5, BSD-3-Clause) is the system's: Debian and Ubuntu have it as libjs-d3. Elsewhere
 * build with CPPFLAGS='-DD3_PATH="\"/path/to/d3.min.js\""'. Its licence text goes along, as the licence
 * asks. Paths are relative to the root of the repository, where make runs.
 */
#ifndef D3_PATH
#define D3_PATH "/usr/share/javascript/d3/d3.min.js"
#endif
#if !__has_include(D3_PATH)
#error "D3 is missing: apt-get install libjs-d3, or build with -DD3_PATH pointing at a d3.min.js of version 3.5"
#endif

.macro embed name, path
    .global page_\name
    .global page_\name\()_end
page_\name:
    .incbin "\path"
page_\name\()_end:
    .byte 0
.endm

    .section .rodata
    embed css, reports/page/page.css
    embed license, reports/page/d3-license.txt
    .global page_js
    .global page_js_end
page_js:
    .incbin "reports/page/begin.js"
    .incbin "reports/page/verdict.js"
    .incbin "reports/page/history.js"
    .incbin "reports/page/front.js"
    .incbin "reports/page/parallel.js"
    .incbin "reports/page/slices.js"
    .incbin "reports/page/importance.js"
    .incbin "reports/page/pair.js"
    .incbin "reports/page/distribution.js"
    .incbin "reports/page/ablation.js"
    .incbin "reports/page/usage.js"
    .incbin "reports/page/curves.js"
    .incbin "reports/page/winner.js"
    .incbin "reports/page/numbers.js"
    .incbin "reports/page/decision.js"
    .incbin "reports/page/inside.js"
    .incbin "reports/page/inside_tables.js"
    .incbin "reports/page/ensemble.js"
    .incbin "reports/page/compare.js"
    .incbin "reports/page/board.js"
    .incbin "reports/page/save.js"
    .incbin "reports/page/end.js"
page_js_end:
    .byte 0
    .global page_d3
    .global page_d3_end
page_d3:
    .incbin D3_PATH
page_d3_end:
    .byte 0

    .section .note.GNU-stack, "", %progbits
