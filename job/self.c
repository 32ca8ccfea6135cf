/* Puts together what the study, the configuration and the kernels say of this process. */
#include "job/self.h"

#include "engine/gemm.h"
#include "job/kernels.h"

bool self_facts(const Config *config, const StudyInfo *info, const char *folder, int rank, Arena *arena,
                PeerFacts *out, Error *err)
{
    Text settings = {0};
    const FactsKnown known = {.rank = rank, .isa = gemm_isa(), .libraries = kernels_libraries(arena),
                              .settings = config_identity_text(config, &settings) ? settings.bytes : NULL,
                              .folder = folder};
    bool ok = known.libraries && known.settings && facts_here(info, &known, arena, out);
    text_free(&settings);
    return ok || error_memory(err);
}
