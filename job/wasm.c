/* job/wasm.c - writes the C into a folder, runs clang there, and reads what came out. */
#include "job/wasm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "job/tool.h"

enum { LIMIT_S = 600, STACK = 1 << 20 };
static const char missing[] = "--to wasm needs clang, lld and wasi-libc (apt-get install clang lld wasi-libc)";

/* Where Debian, Fedora and the SDK put the C library for WebAssembly: below this. */
static const char *find_root(void)
{
    static const char *const roots[] = {"/usr", "/usr/share/wasi-sysroot", "/opt/wasi-sdk/share/wasi-sysroot"};
    static const char *const headers[] = {"/usr/include/wasm32-wasi/math.h",
                                          "/usr/share/wasi-sysroot/include/wasm32-wasi/math.h",
                                          "/opt/wasi-sdk/share/wasi-sysroot/include/wasm32-wasi/math.h"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (file_exists(headers[i])) return roots[i];
    return NULL;
}

/* Vectors of a prediction lie on the stack. */
static size_t stack_of(const Model *model)
{
    size_t most = 0;
    for (int p = 0; p < model->n_preps; p++)
        if ((size_t)model->preps[p]->n_features > most) most = (size_t)model->preps[p]->n_features;
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++) {
            const Mlp *mlp = model->members[m].nets[k].mlp;
            for (int l = 0; l <= mlp->n_layers; l++)
                if ((size_t)mlp->width[l] > most) most = (size_t)mlp->width[l];
        }
    return STACK + (64 * most + 65535) / 65536 * 65536;
}

static bool compile(const Model *model, const char *const *path, Arena *arena, Error *err)
{
    const char *root = find_root();
    if (!root) return error_set(err, ERR_INVALID, "no C library for WebAssembly is here; %s", missing);
    const char *sysroot = arena_print(arena, "--sysroot=%s", root);
    const char *stack = arena_print(arena, "-Wl,-z,stack-size=%zu", stack_of(model));
    if (!sysroot || !stack) return error_memory(err);
    const char *const words[] = {"clang", "--target=wasm32-wasi", sysroot, "-std=c99", "-O2", "-msimd128",
                                 "-nostdlib", "-nostartfiles", "-DMODEL_NO_SELFTEST", "-Wl,--no-entry",
                                 "-Wl,--strip-all", stack, "-o", path[3], path[1], path[2], "-lc", NULL};
    return tool_run(words, LIMIT_S, path[4], missing, err);
}

bool wasm_compile(const Model *model, const Text *header, const Text *source, const Text *shim,
                  const char *folder, Arena *arena, Text *out, Error *err)
{
    static const char *const names[5] = {"model.h", "model.c", "shim.c", "model.wasm", "said"};
    const Text *texts[3] = {header, source, shim};
    char *path[5];
    Bytes bytes;
    char *work = arena_print(arena, "%s/.consort-wasm-XXXXXX", folder);
    bool ok = (work && text_ok(header) && text_ok(source) && text_ok(shim)) || error_memory(err);
    for (int i = 0; ok && i < 5; i++)
        ok = (path[i] = arena_print(arena, "%s/%s", work, names[i])) != NULL || error_memory(err);
    const bool made = ok && !file_exists(folder);
    if (!ok || !file_make_folder(folder, err)) return false;
    if (!mkdtemp(work)) return error_set(err, ERR_IO, "cannot make a folder in %s: %s", folder,
                                         strerror(errno));
    for (int i = 0; i < 5; i++) memcpy(path[i], work, strlen(work)); /* mkdtemp has named it */
    for (int i = 0; ok && i < 3; i++) ok = file_write(path[i], texts[i]->bytes, texts[i]->n, err);
    ok = ok && compile(model, (const char *const *)path, arena, err) && file_read_plain(path[3], 0, &bytes,
                                                                                        err);
    if (ok) {
        text_add_n(out, bytes.bytes, bytes.n);
        bytes_free(&bytes);
        ok = text_ok(out) || error_memory(err);
    }
    for (int i = 0; i < 5; i++) unlink(path[i]);
    rmdir(work);
    if (!ok && made) rmdir(folder);
    return ok;
}
