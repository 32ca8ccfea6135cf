/* What a program wrote last, beside its trial. */
#include "tuner/trial/program_log.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

/* The folder is the program's: it may have removed it, or put something else where the log goes. False with
 * `*spoilt` where it has left no place; else only what would stop anybody, such as a full disk, is an error. */
static bool write_log(const char *folder, const char *path, const Text *text, bool *spoilt, Error *err)
{
    struct stat there;
    *spoilt = lstat(folder, &there) == 0
           && (!file_is_folder(folder) || access(folder, W_OK | X_OK) != 0
               || file_is_folder(path));
    if (*spoilt || !file_make_folder(folder, err)) return false;
    if (lstat(path, &there) == 0 && !S_ISREG(there.st_mode)) unlink(path); /* a link or pipe of the program's */
    return file_write(path, text->bytes, text->n, err);
}

bool program_log_save(const Tail *log, const char *folder, int number, Arena *arena, TrialRecord *out,
                      Error *err)
{
    ArtifactRow *row = &out->artifacts[0];
    Text text = {0};
    char hex[65];
    bool spoilt = false;
    if (log->n == 0 || out->row.state == TRIAL_INTERRUPTED) return true;
    tail_text(log, &text);
    char *path = path_join(arena, folder, "log.txt");
    bool ok = (path && text_ok(&text)) || error_memory(err);
    ok = ok && write_log(folder, path, &text, &spoilt, err);
    if (ok) {
        sha256_of(text.bytes, text.n, hex);
        *row = (ArtifactRow){artifact_kind_names[ARTIFACT_LOG],
                             arena_print(arena, "artifacts/trial-%06d/log.txt", number),
                             (int64_t)text.n, arena_copy(arena, hex)};
        ok = (row->path && row->sha256) || error_memory(err);
        out->n_artifacts = 1;
    }
    text_free(&text);
    return ok || spoilt;
}
