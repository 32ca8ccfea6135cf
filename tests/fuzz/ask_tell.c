/* Fuzzes the line protocol of `consort ask-tell`: every line but blank ones and those after quit has an answer,
 * one JSON object. Options: the method. */
#include "app/verbs/verbs.h"
#include "base/doc.h"
#include "base/file.h"
#include "tests/fuzz/fuzz.h"

static const char space[] = "parameters:\n  lr: {distribution: log_uniform_values, min: 0.0001, max: 0.1}\n"
                            "  n: {values: [1, 2, 3]}\n  word: {values: [a, b]}\n"
                            "  x: {min: 0.0, max: 1.0, when: word == a}\n"
                            "  list: {values: [[1, 2], [3]]}\nconstraints: ['n * lr < 0.25']\n";

static int ask_tell(const char *method, Arena *arena)
{
    static const char *file;
    Error err;
    if (!file) file = fuzz_file("space.yaml", space, sizeof space - 1);
    const char *argv[] = {"consort", "ask-tell", file, "--method", method, "-v"};
    Cli cli = {.table = &verb_table, .arena = arena};
    fuzz_must(cli_parse(6, (char **)(uintptr_t)argv, &cli, &err), &err);
    return cli.verb->run(&cli);
}

static void check_answers(const char *path)
{
    Bytes answers;
    Error err;
    fuzz_must(file_read(path, 0, &answers, &err), &err);
    FuzzBytes rest = {(const uint8_t *)answers.bytes, answers.n};
    while (rest.n) {
        FuzzBytes line = fuzz_line(&rest);
        Doc *doc = doc_parse((const char *)line.at, line.n, &err);
        fuzz_must(doc != NULL, &err);
        FUZZ_HOLDS(doc_kind(doc) == DOC_OBJECT && doc_count(doc) > 0);
        doc_free(doc);
    }
    bytes_free(&answers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const methods[] = {"random", "tpe", "sobol", "cmaes", "de", "bayes"};
    FuzzBytes say = fuzz_options(data, &size);
    const char *questions = fuzz_file("questions", data, size), *answers = fuzz_path("answers");
    if (!freopen(questions, "r", stdin) || !freopen(answers, "w", stdout)) abort();
    FUZZ_HOLDS(ask_tell(methods[fuzz_byte(&say) % 6], fuzz_arena()) == EXIT_OK);
    fflush(stdout);
    check_answers(answers);
    return 0;
}
