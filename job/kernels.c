/* The kernels that run.isa asks for: what the environment has to say, whether it does, and what is in use. */
#include "job/kernels.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#include "base/mat.h"
#include "engine/gemm.h"

#define CORE "OPENBLAS_CORETYPE"
#define TUNABLES "GLIBC_TUNABLES"

enum { MOST_SETTINGS = 3 }; /* of BLAS first */
static const KernelSetting settings[ISA_COUNT][MOST_SETTINGS] = {
    /* Before 2.33 the C library had other names; those that it does not know it passes over. */
    [ISA_SSE2] = {{CORE, "Prescott", false},
                  {TUNABLES, "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable,-FMA4_Usable", true}},
    [ISA_AVX2] = {{CORE, "Haswell", false}},
    [ISA_AVX512] = {{CORE, "SkylakeX", false}},
    [ISA_NEON] = {{CORE, "ARMV8", false}},
};

const KernelSetting *kernels_environment(Isa isa) { return settings[isa]; }

bool kernels_are_told(Isa isa)
{
    for (const KernelSetting *s = settings[isa]; s->name; s++) {
        const char *there = getenv(s->name);
        if (!there || (s->adds ? !strstr(there, s->value) : strcmp(there, s->value) != 0)) return false;
    }
    return true;
}

static bool refuse(Isa isa, Error *err)
{
    char there[80];
    isa_list(there, sizeof there);
    if (!isa_there(isa))
        return error_set(err, ERR_CONFIG, "run.isa: %s: this processor does not have it (it has %s)",
                         isa_names[isa], there);
    return error_set(err, ERR_CONFIG, "run.isa: %s: this program was compiled for %s; compile it with gcc, and"
                     " without -march", isa_names[isa], isa_names[gemm_isa()]);
}

/* What the C library took while it was loaded, it does not say: only what it was told is known. */
static bool c_library_took(Isa isa, Error *err)
{
    const char *there = getenv(TUNABLES), *wanted = NULL;
    for (const KernelSetting *s = settings[isa]; s->name; s++)
        if (s->adds) wanted = s->value;
    if (wanted && (!there || !strstr(there, wanted)))
        return error_set(err, ERR_CONFIG, "run.isa: %s: begin this process with %s=%s in its environment: the C"
                         " library chooses while it is loaded", isa_names[isa], TUNABLES, wanted);
    if (!wanted && there && (strstr(there, "-FMA") || strstr(there, "-AVX2")))
        return error_set(err, ERR_CONFIG, "run.isa: %s: %s in the environment takes instructions away from the"
                         " C library; unset it", isa_names[isa], TUNABLES);
    return true;
}

static bool blas_took(Isa isa, Error *err)
{
    const char *core = mat_core(), *wanted = settings[isa][0].value;
    if (!core || !wanted || strcasecmp(core, wanted) == 0) return true;
    if (!kernels_are_told(isa))
        return error_set(err, ERR_CONFIG, "run.isa: %s: begin this process with %s=%s in its environment:"
                         " OpenBLAS took %s while it was loaded", isa_names[isa], CORE, wanted, core);
    return error_set(err, ERR_CONFIG, "run.isa: %s: this OpenBLAS has no kernels called %s, it takes %s;"
                     " install one with kernels for all processors (DYNAMIC_ARCH)", isa_names[isa], wanted,
                     core);
}

bool kernels_take(Isa isa, Error *err)
{
    if (!gemm_take(isa)) return refuse(isa, err);
    return isa == ISA_AUTO || (c_library_took(isa, err) && blas_took(isa, err));
}

/* How long its first two words are: name and version. */
static int two_words(const char *text)
{
    size_t n = strcspn(text, " ");
    return (int)(text[n] ? n + 1 + strcspn(text + n + 1, " ") : n);
}

const char *kernels_libraries(Arena *arena)
{
    const char *blas = mat_library(), *core = mat_core();
#ifdef __GLIBC__
    const char *const library = "glibc", *const version = gnu_get_libc_version();
#else
    const char *const library = "another C library", *const version = "";
#endif
    return core ? arena_print(arena, "%.*s %s, %s %s", two_words(blas), blas, core, library, version)
                : arena_print(arena, "%s, %s %s", blas, library, version);
}
