/* export/wasm.h - what surrounds a model in WebAssembly: the shim in C, the loader, the page.
 *
 * The model's C (export/c_source.h, named `model`) and the shim (export/browser/shim.c) are compiled together
 * (job/wasm.h). The loader (export/browser/loader.js, load.js) knows names and columns from a document, INFO,
 * and puts cells and pixels into the module's memory. The page has both inside, and the module as base64:
 * one file, no network.
 *
 *     info {name, task, classes [] or targets [{name, no, yes}], quantiles [], point, levels [] of intervals
 *          or sets, image {height, width, channels, dark} or columns [{name, kind, levels, decimal, dressed,
 *          format, typical}]}
 *
 * Memory   the caller frees texts and the document. A failed allocation is a broken text.
 */
#ifndef CONSORT_EXPORT_WASM_H
#define CONSORT_EXPORT_WASM_H
#include "base/doc.h"
#include "model/model.h"

enum { WASM_TEXT = 1 << 17 }; /* bytes of text of a row at most */

void wasm_shim(const Model *model, Text *out);
Doc *wasm_info(const Model *model);
/* NAME.mjs, which takes NAME.wasm from beside it. */
void wasm_loader(const Doc *info, const char *file, Text *out);
void wasm_page(const Model *model, const Doc *info, const void *module, size_t n, Text *out);
#endif
