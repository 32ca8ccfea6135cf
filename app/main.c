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
#include "app/ranks.h"
#include "app/verbs/verbs.h"

static int help(const Cli *cli)
{
    Text text = {0};
    manual_help(cli->table, cli->verb, &text);
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

static int run(int argc, char **argv, Arena *arena)
{
    Error err;
    Cli cli = {.table = &verb_table, .arena = arena};
    Launched launched;
    const bool many = launched_many(&launched);
    const bool asks = argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
    const bool version = !asks && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0);
    const bool parsed = !asks && !version && cli_parse(argc, argv, &cli, &err);
    if (parsed && !cli_flag(&cli, "help")) {
        if (!many) return cli.verb->run(&cli);
        return ranks_run_verb(&cli, &launched, cli.verb->run == cmd_run || cli.verb->run == cmd_sweep);
    }
    if (many && launched.rank > 0) return EXIT_OK; /* rank 0 answers */
    if (asks) {
        const int code = help(&cli);
        return argc < 2 ? EXIT_USAGE : code;
    }
    if (version) {
        puts("consort " CONSORT_VERSION);
        return EXIT_OK;
    }
    return parsed ? help(&cli) : cli_fail(&err);
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
