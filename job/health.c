/* job/health.c - versions, processor and database, as one document. */
#include "job/health.h"

#include <unistd.h>

#include "base/mat.h"
#include "tuner/store/store.h"

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

Doc *health_doc(const char *db, bool *sound)
{
    Text cpu = {0};
    Doc *doc = doc_object();
    cpu_features(&cpu);
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "version", CONSORT_VERSION);
    doc_set_text(doc, "blas", mat_library());
    doc_set_text(doc, "cpu", cpu.bytes);
    doc_set_number(doc, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN));
    *sound = doc_to_bool(doc_get(doc_set(doc, "database", store_health(db)), "ok"), true);
    text_free(&cpu);
    return doc;
}
