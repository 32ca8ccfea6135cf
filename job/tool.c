/* job/tool.c - starts a program, waits for it, and says how it ended. */
#include "job/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"

extern char **environ;

static bool start(const char *const *words, const char *said, const char *missing, pid_t *child, Error *err)
{
    posix_spawn_file_actions_t files;
    int why = posix_spawn_file_actions_init(&files);
    if (why) return error_memory(err);
    why = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    if (!why) why = posix_spawn_file_actions_addopen(&files, 1, said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!why) why = posix_spawn_file_actions_adddup2(&files, 1, 2);
    if (!why) why = posix_spawnp(child, words[0], &files, NULL, (char *const *)words, environ);
    posix_spawn_file_actions_destroy(&files);
    if (why == ENOENT) return error_set(err, ERR_INVALID, "there is no program `%s` here; %s", words[0],
                                        missing);
    return why == 0 || error_set(err, ERR_IO, "cannot run %s: %s", words[0], strerror(why));
}

/* Its first lines, in one. */
static bool failed(const char *name, const char *said, Error *err)
{
    enum { SHOWN = 600 };
    Bytes bytes = {0};
    Error ignored;
    bool read = file_read_plain(said, 1 << 20, &bytes, &ignored);
    error_set(err, ERR_INVALID, "%s failed: %.*s", name, SHOWN, read && bytes.n > 0 ? bytes.bytes
              : "it does not say why");
    if (read) bytes_free(&bytes);
    return false;
}

bool tool_run(const char *const *words, double limit_s, const char *said, const char *missing, Error *err)
{
    enum { STEP_MS = 5 };
    const struct timespec step = {0, STEP_MS * 1000000L};
    pid_t child, ended = 0;
    int status = 0;
    if (!start(words, said, missing, &child, err)) return false;
    for (double waited = 0; ended == 0 && waited < limit_s; waited += STEP_MS / 1000.0) {
        ended = waitpid(child, &status, WNOHANG);
        if (ended == 0) nanosleep(&step, NULL);
        else if (ended < 0 && errno == EINTR) ended = 0;
    }
    if (ended == 0) {
        kill(child, SIGKILL);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
        return error_set(err, ERR_INVALID, "%s has not ended after %.0f s", words[0], limit_s);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) /* where the spawn could not say so itself */
        return error_set(err, ERR_INVALID, "there is no program `%s` here; %s", words[0], missing);
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0) || failed(words[0], said, err);
}
