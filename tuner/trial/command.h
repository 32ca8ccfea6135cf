/* tuner/trial/command.h - the command line of a trial, as `wandb agent` would write it.
 *
 * A W&B sweep file names a `program` and, if the default does not do, a `command`: a list of words.
 * A word that is one of these macros becomes what it stands for, any number of words:
 *
 *     ${env}                     /usr/bin/env
 *     ${interpreter}             python; python3 where there is no python
 *     ${program}                 the file's `program`
 *     ${args}                    --name=value for each parameter
 *     ${args_no_hyphens}         name=value
 *     ${args_no_equals}          --name value, two words
 *     ${args_no_boolean_flags}   --name=value; of true/false ones --name if true, else nothing
 *     ${args_append_hydra}       +name=value
 *     ${args_override_hydra}     ++name=value
 *     ${args_json}               one word: all parameters as a JSON object
 *     ${args_json_file}          the path of a file that holds the same
 * and, anywhere in a word, ${envvar:NAME} is the value of an environment variable. The default command
 * is ${env} ${interpreter} ${program} ${args}.
 *
 * Values are written as Python would: True, None, 1e-05, 3.0, [64, 'a']; text as it is. Nested
 * parameters are optimizer.lr in a word and {"optimizer": {"lr": ...}} in JSON. (W&B's agent passes
 * such a group as one word that holds a Python dictionary, which few programs can read.) Parameters
 * that do not apply are left out.
 *
 * Source    the macros: docs.wandb.ai, "Sweep configuration options"; how values are written: Python's
 *           str(), as the agent does; compared word by word with wandb 0.31
 * Memory    everything in the arena given; nodes and the space are borrowed.
 * Errors    ERR_CONFIG with file:line:column.
 */
#ifndef CONSORT_TUNER_TRIAL_COMMAND_H
#define CONSORT_TUNER_TRIAL_COMMAND_H
#include "tuner/search/space.h"

typedef struct {
    const char *program;        /* NULL: none */
    int n;
    const ConfNode *const *word; /* (n) NULL: the default command */
    const Space *space;
    const ConfNode *parameters; /* the map that the space was read from; NULL: none */
} Command;

/* `program` is the path or name as it is passed on; `command` the list, or NULL. */
bool command_read(const char *program, const ConfNode *command, const Space *space,
                  const ConfNode *parameters, Arena *arena, Command *out, Error *err);
/* The words of one trial, ended by NULL. `json` and `json_file` stand for the two JSON macros. An
 * environment variable that is not set is an error. */
bool command_words(const Command *command, const Value *values, const char *json,
                   const char *json_file, Arena *arena, const char *const **out, Error *err);
/* The parameters as a JSON object, nested as in the file. */
Doc *command_params(const Command *command, const Value *values);
/* The text of a value as Python's str() gives it. */
bool command_value(const Value *value, Text *out);
/* The file that the system would run for this word: itself with a slash in it, else the first of that
 * name in PATH; NULL when there is none. */
char *command_find(const char *word, Arena *arena);
#endif
