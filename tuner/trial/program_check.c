/* Can a program be run at all? What can be found wrong before the first trial. */
#include <string.h>

#include "base/file.h"
#include "tuner/trial/program.h"

bool program_check(const Command *command, Arena *arena, Error *err)
{
    const Space *space = command->space;
    Value *values = ARENA_NEW(arena, Value, space->n_params);
    const char *const *words;
    if (!values) return error_memory(err);
    for (int i = 0; i < space->n_params; i++) values[i] = value_none();
    if (!command_words(command, values, "{}", "params.json", arena, &words, err)) return false;
    if (!command->word && !file_exists(command->program))
        return error_set(err, ERR_CONFIG, "`program: %.200s` is not there, neither here nor beside the"
                         " configuration", command->program);
    bool env = words[1] && strcmp(words[0], "/usr/bin/env") == 0 && *words[1] != '-'
            && !strchr(words[1], '=');
    for (int i = 0; i <= env; i++)
        if (!command_find(words[i], arena))
            return error_set(err, ERR_CONFIG, "cannot run `%.200s`: %s", words[i],
                             file_exists(words[i]) ? "it may not be executed (chmod +x makes it so)"
                                                   : "there is no such program");
    return true;
}
