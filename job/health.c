/* job/health.c - versions, processor and database, as one document. */
#include "job/health.h"

#include <stdio.h>
#include <unistd.h>

#include "base/mat.h"
#include "base/text.h"
#include "cache/tables.h"
#include "engine/gemm.h"
#include "job/cache_place.h"
#include "tuner/store/store.h"

/* "avx2 of sse2, avx2" */
static void put_kernels(Doc *doc)
{
    char there[80], text[100];
    isa_list(there, sizeof there);
    snprintf(text, sizeof text, "%s of %s", isa_names[gemm_isa()], there);
    doc_set_text(doc, "kernels", text);
}

static void cpu_features(Text *out)
{
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) text_add(out, "avx2 ");
    if (__builtin_cpu_supports("fma")) text_add(out, "fma ");
    if (__builtin_cpu_supports("avx512f")) text_add(out, "avx512f ");
#endif
    if (out->n == 0) text_add(out, "baseline");
}

/* Where large tables are kept, and how much of them. */
static void put_cache(Doc *doc)
{
    char bytes[32];
    CacheList list;
    Arena *arena = arena_create(0);
    const char *folder = arena ? cache_place("auto", arena) : NULL;
    if (folder && cache_list(folder, arena, &list, NULL)) {
        Doc *cache = doc_set(doc, "cache", doc_object());
        doc_set_text(cache, "folder", folder);
        doc_set_number(cache, "tables", list.n);
        doc_set_text(cache, "size", text_bytes((double)list.bytes, bytes));
    }
    arena_destroy(arena);
}

Doc *health_doc(const char *db, bool *sound)
{
    Text cpu = {0};
    Doc *doc = doc_object();
    cpu_features(&cpu);
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "version", CONSORT_VERSION);
    doc_set_text(doc, "blas", mat_library());
    doc_set_text(doc, "cpu", cpu.bytes);
    put_kernels(doc);
    doc_set_number(doc, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN));
    put_cache(doc);
    *sound = doc_to_bool(doc_get(doc_set(doc, "database", store_health(db)), "ok"), true);
    text_free(&cpu);
    return doc;
}
