#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mat.h"
#include "job/place.h"

/* A flat or nested document as "key: value" lines. */
static void print_doc(const Doc *doc, int indent, Text *out)
{
    const char *key;
    const Doc *child;
    for (size_t i = 0; doc_member(doc, i, &key, &child); i++) {
        text_print(out, "%*s%-22s ", indent, "", key);
        if (doc_kind(child) == DOC_OBJECT) {
            text_add(out, "\n");
            print_doc(child, indent + 2, out);
            continue;
        }
        if (doc_kind(child) == DOC_TEXT) text_add(out, doc_to_text(child, ""));
        else doc_print(child, 0, out);
        text_add(out, "\n");
    }
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

int cmd_doctor(Cli *cli)
{
    Error err;
    const char *path = NULL;
    if (cli->n_arguments > 0) {
        Place place;
        if (!place_of_argument(cli, cli->arguments[0], cli->arena, &place, &err))
            return cli_fail(&err);
        path = place.db;
    }
    mat_init();
    Text text = {0}, cpu = {0};
    Doc *doc = doc_object();
    cpu_features(&cpu);
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "version", CONSORT_VERSION);
    doc_set_text(doc, "blas", mat_library());
    doc_set_text(doc, "cpu", cpu.bytes);
    doc_set_number(doc, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN));
    const Doc *health = doc_set(doc, "database", store_health(path));
    bool sound = doc_to_bool(doc_get(health, "ok"), true);
    if (cli->json) {
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
    } else {
        print_doc(doc, 0, &text);
    }
    int code = cli_answer(&text);
    if (code == EXIT_OK && !sound) code = EXIT_STORE;
    text_free(&cpu);
    text_free(&text);
    doc_free(doc);
    return code;
}
