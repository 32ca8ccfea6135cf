/* Fuzzes what a process says of itself when it joins a study: what was believed is printed, read again, and the same;
 * and whatever it is, it is judged in lines that are whole. */
#include "tests/fuzz/fuzz.h"
#include "tuner/study/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const PeerFacts host = {.name = "pid 7", .host = "a", .pid = 7, .rank = -1, .seats = 2, .cpus = 2,
                               .version = "1.0", .configuration = "c0", .settings = "seed 1\n", .data = "d1",
                               .split = "51", .isa = ISA_AVX2, .libraries = "some", .memory_bytes = 8e9,
                               .disk_bytes = 1e9, .clock_s = 1000, .folder = "runs/x"};
    Arena *arena = fuzz_arena();
    FactsJudge judge = {.host = &host, .arena = arena};
    FactsVerdict verdict;
    PeerFacts facts, again;
    Text once = {0}, twice = {0};
    char *text = fuzz_string(data, size);
    if (facts_read(text, size, arena, &facts)) {
        FUZZ_HOLDS(facts_print(&facts, &once) && facts_read(once.bytes, once.n, arena, &again)
                   && facts_print(&again, &twice) && fuzz_same(&once, &twice));
        facts_judge(&judge, &facts, 1000, &verdict);
        FUZZ_HOLDS(!strchr(verdict.refusal, '\n') && strlen(verdict.refusal) < sizeof verdict.refusal);
        for (int i = 0; i < verdict.n_warnings; i++)
            FUZZ_HOLDS(verdict.warnings[i][0] && !strchr(verdict.warnings[i], '\n'));
        facts_judge(&judge, &facts, 1000, &verdict);
        FUZZ_HOLDS(verdict.n_warnings == 0);
    }
    text_free(&once);
    text_free(&twice);
    free(text);
    return 0;
}
