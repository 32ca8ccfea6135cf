/* Fuzzes the reader of configurations: what it accepts prints itself, in full, and that reads back as the same
 * study. */
#include "job/config.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *arena = fuzz_arena();
    Config *config, *again;
    Error err;
    Text once = {0}, twice = {0};
    char *text = fuzz_string(data, size), hex[65], hex_again[65];
    if (memchr(text, '\0', size)) goto done; /* that is for yaml.c */
    if (!config_read_text("a.yaml", text, "", arena, &config, &err)) {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
        goto done;
    }
    FUZZ_HOLDS(config->sampler && config->method && config->metric_full);
    FUZZ_HOLDS(config_print(config, &once) && config_identity(config, hex, &err));
    fuzz_must(config_read_text("b.yaml", once.bytes, "", arena, &again, &err), &err);
    FUZZ_HOLDS(config_print(again, &twice) && config_identity(again, hex_again, &err));
    FUZZ_HOLDS(fuzz_same(&once, &twice) && strcmp(hex, hex_again) == 0);
    config_size(config);
done:
    text_free(&once);
    text_free(&twice);
    free(text);
    return 0;
}
