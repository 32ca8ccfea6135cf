/* job/kernels, base/isa: which kernels run.isa takes, and what is said where it cannot. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mat.h"
#include "engine/gemm.h"
#include "job/kernels.h"

static void clear(void **state)
{
    (void)state;
    unsetenv("OPENBLAS_CORETYPE");
    unsetenv("GLIBC_TUNABLES");
    assert_true(gemm_take(ISA_AUTO));
}

static void tell(Isa isa)
{
    for (const KernelSetting *s = kernels_environment(isa); s->name; s++) setenv(s->name, s->value, 1);
}

static void refused(Isa isa, const char *words)
{
    Error err = {0};
    if (kernels_take(isa, &err)) fail_msg("%s was taken", isa_names[isa]);
    assert_int_equal(err.code, ERR_CONFIG);
    if (!strstr(err.message, words)) fail_msg("%s\nhas not: %s", err.message, words);
}

static void test_common(void **state)
{
    (void)state;
    assert_int_equal(isa_common(ISA_AVX512, ISA_AVX2), ISA_AVX2);
    assert_int_equal(isa_common(ISA_SSE2, ISA_AVX512), ISA_SSE2);
    assert_int_equal(isa_common(ISA_NEON, ISA_NEON), ISA_NEON);
    assert_int_equal(isa_common(ISA_NEON, ISA_SSE2), ISA_AUTO);
}

static void test_of_another_kind(void **state)
{
    clear(state);
    const Isa best = gemm_isa();
    assert_int_not_equal(best, ISA_AUTO);
    assert_true(isa_there(best));
    refused(isa_there(ISA_NEON) ? ISA_AVX2 : ISA_NEON, "this processor does not have it (it has ");
    assert_int_equal(gemm_isa(), best);
}

/* Where OpenBLAS took other kernels and was not told; and where it was, in vain: it is loaded. */
static void test_told_too_late(void **state)
{
    const char *core = mat_core();
    clear(state);
    for (int isa = ISA_AUTO + 1; core && isa < ISA_COUNT; isa++) {
        const KernelSetting *s = kernels_environment((Isa)isa);
        if (!isa_there((Isa)isa) || !gemm_take((Isa)isa) || !s->name || s[1].name || strcasecmp(s->value, core) == 0)
            continue;
        char words[80];
        snprintf(words, sizeof words, "with OPENBLAS_CORETYPE=%s in its environment: OpenBLAS took %s", s->value, core);
        assert_false(kernels_are_told((Isa)isa));
        refused((Isa)isa, words);
        tell((Isa)isa);
        assert_true(kernels_are_told((Isa)isa));
        refused((Isa)isa, "this OpenBLAS has no kernels called");
        clear(state);
    }
}

static void test_c_library(void **state)
{
    Error err;
    clear(state);
    if (!gemm_take(ISA_SSE2)) {
        skip();
    }
    assert_int_equal(gemm_isa(), ISA_SSE2);
    refused(ISA_SSE2, "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA");
    tell(ISA_SSE2);
    assert_true(kernels_are_told(ISA_SSE2));
    setenv("GLIBC_TUNABLES", "glibc.malloc.perturb=1:glibc.cpu.hwcaps=-AVX2,-FMA", 1);
    assert_false(kernels_are_told(ISA_SSE2));
    if (isa_there(ISA_AVX2)) refused(ISA_AVX2, "takes instructions away");
    clear(state);
    assert_true(kernels_take(ISA_AUTO, &err));
}

static void test_libraries(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const char *libraries = kernels_libraries(arena);
    assert_non_null(strstr(libraries, ", "));
    if (mat_core()) assert_non_null(strstr(libraries, mat_core()));
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_common),    cmocka_unit_test(test_of_another_kind),
        cmocka_unit_test(test_told_too_late), cmocka_unit_test(test_c_library),
        cmocka_unit_test(test_libraries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
