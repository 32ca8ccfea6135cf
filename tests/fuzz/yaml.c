/* Fuzzes the reader of YAML: what it accepts is printed, and reads back the same. */
#include "base/conf.h"
#include "tests/fuzz/fuzz.h"

static void walk(const ConfNode *node)
{
    int n = 0;
    FUZZ_HOLDS(node->kind >= CONF_NULL && node->kind <= CONF_MAP);
    FUZZ_HOLDS(node->kind == CONF_LIST || node->kind == CONF_MAP || node->text);
    for (const ConfNode *child = node->first; child; child = child->next, n++) walk(child);
    FUZZ_HOLDS(n == node->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *arena = fuzz_arena();
    Conf *conf, *again;
    Error err;
    Text once = {0}, twice = {0};
    char *text = fuzz_string(data, size);
    if (conf_read_text("a.yaml", text, size, arena, &conf, &err)) {
        walk(conf->root);
        if (conf_print(conf->root, &once)) {
            fuzz_must(conf_read_text("b.yaml", once.bytes, once.n, arena, &again, &err), &err);
            FUZZ_HOLDS(conf_print(again->root, &twice) && fuzz_same(&once, &twice));
        }
        text_free(&once);
        text_free(&twice);
    } else {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
    }
    free(text);
    return 0;
}
