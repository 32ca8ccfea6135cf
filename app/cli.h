/* app/cli.h - the command line: one table of verbs and one of options, from which parsing, --help,
 * the man page and shell completions all come.
 *
 * stdout is the answer, stderr is the rest. Exit codes: docs/reference/cli.md and below.
 */
#ifndef CONSORT_APP_CLI_H
#define CONSORT_APP_CLI_H
#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

typedef enum {
    EXIT_OK = 0,
    EXIT_INTERNAL = 1,   /* unexpected internal or input/output error */
    EXIT_USAGE = 2,      /* command line or configuration */
    EXIT_DATA = 3,       /* data or model file */
    EXIT_STORE = 4,      /* database */
    EXIT_NO_TRIAL = 5,   /* finished, but no trial succeeded */
    EXIT_GATE = 6,       /* a gate was missed: --min, --verify, --require-target */
    EXIT_SIGINT = 130, EXIT_SIGTERM = 143
} ExitCode;

typedef struct {
    const char *name;     /* "jobs": --jobs */
    char letter;          /* 'j': -j; 0: none */
    const char *argument; /* "N"; NULL: a flag */
    const char *help;
} Option;

typedef struct Cli Cli;
typedef struct {
    const char *name;       /* "sweep", "data inspect" */
    const char *arguments;  /* "CONFIG"; what --help shows */
    const char *summary;    /* one line; "": for scripts, in no list */
    const char *about;      /* paragraphs for --help and the man page, with an example */
    int min_arguments, max_arguments;
    const char *options;    /* names, separated by blanks; help, quiet, verbose always work */
    int (*run)(Cli *cli);
} Verb;
/* Where help lists verbs: "run, data inspect". */
typedef struct {
    const char *title, *verbs;
} VerbGroup;
/* What the program can do: app/verbs/table.c. */
typedef struct {
    const Verb *verbs;
    int n_verbs;
    const Option *options;
    int n_options;
    const VerbGroup *groups; /* title NULL after the last */
} VerbTable;

enum { CLI_MAX_OPTIONS = 128 };
struct Cli {
    const VerbTable *table;
    const Verb *verb;
    Arena *arena;           /* lives as long as the process */
    char **argv;            /* of the whole command */
    int n_arguments;
    const char **arguments;
    int n_given;
    struct {
        const Option *option;
        const char *value; /* NULL for a flag */
    } given[CLI_MAX_OPTIONS];
    int quiet, verbose;
    bool json;
    struct Ranks *ranks;    /* of this job (cluster/ranks.h); NULL: alone */
};

/* Needs cli->table and cli->arena, fills in the rest. */
bool cli_parse(int argc, char **argv, Cli *cli, Error *err);
const char *cli_value(const Cli *cli, const char *option); /* the last given, or NULL */
bool cli_flag(const Cli *cli, const char *option);
int cli_values(const Cli *cli, const char *option, const char **values); /* all, in order */
/* A whole number in [low, high], `otherwise` when not given. */
bool cli_int(const Cli *cli, const char *option, int low, int high, int otherwise, int *out,
             Error *err);

const Verb *cli_find_verb(const VerbTable *table, const char *name);
/* "data inspect FILE, data cache [FOLDER]", the verbs of two words of which `word` is the first; NULL: none. */
char *cli_family(const VerbTable *table, const char *word, Arena *arena);
bool cli_verb_takes(const Verb *verb, const char *option);

/* Prints "consort: message" to stderr and returns the exit code that belongs to the error. Of a rank that
 * leaves it to rank 0 to say it (ERR_NONE), nothing. */
int cli_fail(const Error *err);
ExitCode cli_exit_code(ErrorCode code);
/* To stderr unless -q. */
void cli_say(const Cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same however quiet, and without a line end: a part of a line. */
void cli_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Writes text to stdout; EXIT_OK, or EXIT_INTERNAL when that failed (a full disk). Control characters become
 * blanks. Of data for other programs (CSV), only where stdout is a terminal. */
int cli_answer(const Text *text);
int cli_answer_data(const Text *text);
#endif
