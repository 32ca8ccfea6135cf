/* app/main.c - the program: parse, dispatch, leave. */
#ifdef __linux__
#include <malloc.h>
#endif
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "app/limits.h"
#include "app/manual.h"
#include "app/verbs/verbs.h"

static int run(int argc, char **argv, Arena *arena)
{
    Error err;
    Cli cli = {.table = &verb_table, .arena = arena};
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        Text text = {0};
        manual_help(cli.table, NULL, &text);
        int code = cli_answer(&text);
        text_free(&text);
        return argc < 2 ? EXIT_USAGE : code;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("consort " CONSORT_VERSION);
        return EXIT_OK;
    }
    if (!cli_parse(argc, argv, &cli, &err)) return cli_fail(&err);
    if (!cli_flag(&cli, "help")) return cli.verb->run(&cli);
    Text text = {0};
    manual_help(cli.table, cli.verb, &text);
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

static int program(int argc, char **argv)
{
#ifdef M_MMAP_THRESHOLD
    /* What is large comes from the system, zeroed and untouched, and goes back to it at once; by itself the C
     * library's limit grows with what is freed. */
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
#endif
    Arena *arena = arena_create(0);
    if (!arena) {
        fputs("consort: out of memory\n", stderr);
        return EXIT_INTERNAL;
    }
    int code = run(argc, argv, arena);
    /* What was printed piece by piece: a full disk must not look like success. Where cli_answer()
     * has already said so the code is not EXIT_OK. */
    bool written = fflush(stdout) == 0;
    if ((!written || ferror(stdout)) && code == EXIT_OK) {
        fprintf(stderr, "consort: cannot write to standard output%s%s\n", written ? "" : ": ",
                written ? "" : strerror(errno));
        code = EXIT_INTERNAL;
    }
    arena_destroy(arena);
    return code;
}

int main(int argc, char **argv) { return limits_run(program, argc, argv); }
