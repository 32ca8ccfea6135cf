/* Offers, wants and pieces: written, read as a stranger's, and made into files that are whole or not there. */
#include "tuner/study/parcel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/grow.h"

enum { DEPTH = 16, NAME_BYTES = 1024, HEX = 64 };

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_state(const char *ending)
{
    size_t digits = strspn(ending, "0123456789");
    return digits > 0 && digits < 9 && strcmp(ending + digits, ".checkpoint") == 0;
}

/* Parts of a path that go down, all of them. */
static bool goes_down(const char *path)
{
    for (int depth = 0; depth <= DEPTH; depth++) {
        size_t n = strcspn(path, "/");
        if (n == 0 || (path[0] == '.' && (n == 1 || (n == 2 && path[1] == '.')))) return false;
        if (path[n] == '\0') return true;
        path += n + 1;
    }
    return false;
}

/* What the names of all its files begin with. */
enum { START_BYTES = 64 };
static int start_of(ParcelTrial trial, char start[START_BYTES])
{
    if (trial.again == 0) return snprintf(start, START_BYTES, "artifacts/trial-%06d", trial.number);
    return snprintf(start, START_BYTES, "artifacts/trial-%06d.again-%d", trial.number, trial.again);
}

/* May the trial have such a file? */
static bool name_is_good(const char *name, ParcelTrial trial)
{
    char start[START_BYTES];
    int n = start_of(trial, start);
    if (strncmp(name, start, (size_t)n) != 0) return false;
    if (name[n] == '/') return goes_down(name + n + 1);
    if (name[n] != '.') return false;
    const char *ending = name + n + 1;
    return strcmp(ending, "consort") == 0 || strcmp(ending, "proba") == 0 || is_state(ending);
}

static bool is_model(const char *name)
{
    const char *slash = strrchr(name, '/'), *ending = strrchr(name, '.');
    return slash == strchr(name, '/') && ending
        && (strcmp(ending, ".consort") == 0 || strcmp(ending, ".proba") == 0);
}

/* Does it lie in the folder that the trial of a program has? */
static bool is_own(const char *name)
{
    return strrchr(name, '/') != strchr(name, '/');
}

/* What the record says of that file; NULL: nothing. */
static const ArtifactRow *row_of(const TrialRecord *record, const char *name)
{
    for (int i = 0; record && i < record->n_artifacts; i++)
        if (strcmp(record->artifacts[i].path, name) == 0) return &record->artifacts[i];
    return NULL;
}

/* ---- what there is --------------------------------------------------------------------------- */

typedef struct {
    const char *folder;
    Arena *arena;
    ParcelFiles *out;
    Error *err;
} Search;

/* Nothing where it is not there, or no file. */
static bool add_file(const Search *s, const char *name)
{
    struct stat about;
    const char *path = name ? path_join(s->arena, s->folder, name) : NULL;
    if (!path) return error_memory(s->err);
    if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode)) return true;
    if (!GROW(s->arena, s->out->files, s->out->n, s->out->capacity)) return error_memory(s->err);
    s->out->files[s->out->n++] = (ParcelFile){name, (int64_t)about.st_size};
    return true;
}

/* A program's own folder: files, and folders of files. */
static bool add_folder(const Search *s, const char *name, int depth)
{
    struct stat about;
    const char *path = name ? path_join(s->arena, s->folder, name) : NULL;
    if (!path) return error_memory(s->err);
    if (depth > DEPTH || lstat(path, &about) != 0 || !S_ISDIR(about.st_mode)) return true;
    DIR *folder = opendir(path);
    bool ok = true;
    for (struct dirent *entry; folder && ok && (entry = readdir(folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        const char *below = path_join(s->arena, name, entry->d_name);
        ok = below ? strlen(below) > NAME_BYTES || (add_file(s, below) && add_folder(s, below, depth + 1))
                   : error_memory(s->err);
    }
    if (folder) closedir(folder);
    return ok;
}

static const char *state_name(ParcelTrial trial, int run, Arena *arena)
{
    char start[START_BYTES];
    start_of(trial, start);
    return arena_print(arena, "%s.%d.checkpoint", start, run);
}

bool parcel_find(const char *folder, ParcelTrial trial, const TrialRecord *record, Arena *arena,
                 ParcelFiles *out, Error *err)
{
    char start[START_BYTES];
    const Search search = {folder, arena, out, err};
    const bool waits = !record || record->row.state == TRIAL_QUEUED || record->row.state == TRIAL_INTERRUPTED;
    bool ok = true;
    *out = (ParcelFiles){0};
    for (int i = 0; ok && record && i < record->n_artifacts; i++)
        if (is_model(record->artifacts[i].path)) ok = add_file(&search, record->artifacts[i].path);
    for (int run = 0; ok && waits && run < trial.n_runs; run++)
        ok = add_file(&search, state_name(trial, run, arena));
    start_of(trial, start);
    return ok && add_folder(&search, arena_copy(arena, start), 0);
}

void parcel_drop(const char *folder, ParcelTrial trial, unsigned what, Arena *arena)
{
    static const struct { unsigned kind; const char *ending; } others[] = {
        {DROP_MODELS, ".consort"}, {DROP_MODELS, ".proba"}, {DROP_FOLDER, ""}};
    char start[START_BYTES];
    start_of(trial, start);
    for (int run = 0; (what & DROP_STATES) && run < trial.n_runs; run++) {
        const char *name = state_name(trial, run, arena), *path = name ? path_join(arena, folder, name) : NULL;
        if (path) folder_remove(path);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!(what & others[i].kind)) continue;
        const char *name = arena_print(arena, "%s%s", start, others[i].ending);
        const char *path = name ? path_join(arena, folder, name) : NULL;
        if (path) folder_remove(path);
    }
}

/* ---- letters --------------------------------------------------------------------------------- */

/* A letter as it is read; `bad` once it is too short. */
typedef struct {
    const char *at, *end;
    bool bad;
} Reading;

static void add(Text *out, const void *bytes, size_t n)
{
    text_add_n(out, bytes, n);
}

static void add_name(Text *out, const char *name)
{
    uint32_t n = (uint32_t)strlen(name);
    add(out, &n, sizeof n);
    add(out, name, n);
}

static const char *take(Reading *r, size_t n)
{
    const char *at = r->at;
    if (r->bad || (size_t)(r->end - r->at) < n) {
        r->bad = true;
        return NULL;
    }
    r->at += n;
    return at;
}

static int64_t take_number(Reading *r)
{
    int64_t number = 0;
    const char *at = take(r, sizeof number);
    if (at) memcpy(&number, at, sizeof number);
    if (number < 0) r->bad = true;
    return r->bad ? 0 : number;
}

static void take_name(Reading *r, char name[NAME_BYTES + 1])
{
    uint32_t n = 0;
    const char *at = take(r, sizeof n);
    if (at) memcpy(&n, at, sizeof n);
    if (n > NAME_BYTES) r->bad = true;
    at = take(r, n);
    if (!at || memchr(at, '\0', n)) r->bad = true;
    memcpy(name, r->bad ? "" : at, r->bad ? 0 : n);
    name[r->bad ? 0 : n] = '\0';
}

bool parcel_offer(const ParcelFiles *files, Text *out)
{
    for (int i = 0; i < files->n; i++) {
        add(out, &files->files[i].bytes, sizeof files->files[i].bytes);
        add_name(out, files->files[i].name);
    }
    return text_ok(out);
}

static ParcelState read_offer(const char *body, size_t n, ParcelTrial trial, Arena *arena, ParcelFiles *out,
                              Error *err)
{
    Reading r = {body, body + n, false};
    while (r.at < r.end) {
        char name[NAME_BYTES + 1];
        int64_t bytes = take_number(&r);
        take_name(&r, name);
        if (r.bad || !name_is_good(name, trial)) return PARCEL_WRONG;
        const char *copy = arena_copy(arena, name);
        if (!copy || !GROW(arena, out->files, out->n, out->capacity)) {
            error_memory(err);
            return PARCEL_ERROR;
        }
        out->files[out->n++] = (ParcelFile){copy, bytes};
    }
    return PARCEL_MORE;
}

bool parcel_enough(const char *body, size_t n)
{
    char name[NAME_BYTES + 1];
    Reading r = {body, body + n, false};
    take_number(&r);
    take_name(&r, name);
    return !r.bad && !*name;
}

/* ---- answering ------------------------------------------------------------------------------- */

/* Up to `n` bytes from `at`. */
static size_t read_at(int fd, char *into, size_t n, int64_t at)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = pread(fd, into + got, n - got, (off_t)at + (off_t)got);
        if (r <= 0) break;
        got += (size_t)r;
    }
    return got;
}

static void hash_file(int fd, char *piece, char hex[HEX + 1])
{
    Sha256 sha;
    sha256_start(&sha);
    int64_t at = 0;
    for (size_t got; (got = read_at(fd, piece, PARCEL_PIECE, at)) > 0; at += (int64_t)got)
        sha256_add(&sha, piece, got);
    sha256_end(&sha, hex);
}

static void write_piece(Text *out, int64_t at, const char *name, const char *hex, const char *piece, size_t n)
{
    add(out, &at, sizeof at);
    add_name(out, name);
    add(out, hex, HEX);
    add(out, piece, n);
}

/* Are the folders on the way to a file below `folder` all there, and none of them a link? */
static bool way_is_open(const char *folder, const char *name)
{
    char path[4096];
    struct stat about;
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        int n = snprintf(path, sizeof path, "%s/%.*s", folder, (int)(slash - name), name);
        if (n < 0 || (size_t)n >= sizeof path || lstat(path, &about) != 0 || !S_ISDIR(about.st_mode))
            return false;
    }
    return true;
}

bool parcel_piece(const char *folder, ParcelTrial trial, const char *body, size_t n, Text *out)
{
    char name[NAME_BYTES + 1], path[4096], hex[HEX + 1];
    Reading r = {body, body + n, false};
    int64_t at = take_number(&r);
    struct stat about;
    take_name(&r, name);
    if (r.bad || !name_is_good(name, trial)) return false;
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path) return false;
    char *piece = malloc(PARCEL_PIECE);
    if (!piece) return false;
    memset(hex, '0', HEX);
    size_t got = 0;
    int fd = way_is_open(folder, name) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    if (fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
        if (at >= about.st_size - PARCEL_PIECE) hash_file(fd, piece, hex);
        got = read_at(fd, piece, PARCEL_PIECE, at);
    }
    if (fd >= 0) close(fd);
    write_piece(out, at, name, hex, piece, got);
    free(piece);
    return text_ok(out);
}

/* ---- taking in ------------------------------------------------------------------------------- */

static bool there_is_room(const ParcelIn *in, Error *err)
{
    struct statvfs about;
    double need = 0;
    char needed[32], have[32];
    for (int i = 0; i < in->files.n; i++) need += (double)in->files.files[i].bytes;
    if (statvfs(in->folder, &about) != 0) return true; /* writing will tell */
    double free_bytes = (double)about.f_bavail * (double)about.f_frsize;
    if (need <= free_bytes) return true;
    return error_set(err, ERR_IO, "%s: the files of trial %d take %s, and %s are free on its disk; free some"
                     " space and run the same command again", in->folder, in->trial.number,
                     text_bytes(need, needed), text_bytes(free_bytes, have));
}

/* A file that the record names and that is not as it says: there can be no such trial. Any other is left out.
 * */
static ParcelState pass_over(ParcelIn *in)
{
    if (row_of(in->record, in->files.files[in->at].name)) return PARCEL_WRONG;
    in->over = true;
    return PARCEL_MORE;
}

/* Makes the folders on the way to a file. `*open`: they are there, and what a program has put in its way is not
 * ours to clear. */
static bool make_way(const ParcelIn *in, bool *open, Error *err)
{
    char path[4096];
    struct stat about;
    const char *name = in->files.files[in->at].name;
    *open = false;
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        int n = snprintf(path, sizeof path, "%s/%.*s", in->folder, (int)(slash - name), name);
        if (n < 0 || (size_t)n >= sizeof path) return true;
        if (mkdir(path, 0777) == 0) continue;
        if (errno != EEXIST) return error_set(err, ERR_IO, "cannot make %s: %s", path, strerror(errno));
        if (lstat(path, &about) != 0 || !S_ISDIR(about.st_mode)) return true;
    }
    *open = !file_is_folder(in->path);
    return true;
}

/* The next file that can be written gets its temporary name. */
static ParcelState begin_file(ParcelIn *in, Error *err)
{
    for (; in->at < in->files.n; in->at++) {
        const ParcelFile *file = &in->files.files[in->at];
        const ArtifactRow *row = row_of(in->record, file->name);
        bool open;
        if (row && row->bytes != file->bytes) return PARCEL_WRONG;
        in->asked = in->got = 0;
        in->over = false;
        sha256_start(&in->sha);
        in->path = path_join(in->arena, in->folder, file->name);
        if (!in->path) {
            error_memory(err);
            return PARCEL_ERROR;
        }
        if (!make_way(in, &open, err)) return PARCEL_ERROR;
        if (!open && row) return PARCEL_WRONG;
        if (!open) continue;
        in->writing = file_begin(in->path, 0666, &in->file, err);
        return in->writing ? PARCEL_MORE : PARCEL_ERROR;
    }
    return PARCEL_WHOLE;
}

static ParcelState end_file(ParcelIn *in, const char *hex, Error *err)
{
    const ArtifactRow *row = row_of(in->record, in->files.files[in->at].name);
    char is[HEX + 1];
    ParcelState state = PARCEL_MORE;
    sha256_end(&in->sha, is);
    const bool right = memcmp(is, hex, HEX) == 0 && (!row || strcmp(is, row->sha256) == 0);
    if (!in->over && !right) state = pass_over(in);
    if (in->writing) {
        in->writing = false;
        if (!file_end(&in->file, !in->over && state == PARCEL_MORE, err)) return PARCEL_ERROR;
    }
    if (state != PARCEL_MORE) return state;
    in->at++;
    return begin_file(in, err);
}

static bool has_own_folder(const char *folder, ParcelTrial trial)
{
    char path[4096], start[START_BYTES];
    start_of(trial, start);
    int n = snprintf(path, sizeof path, "%s/%s", folder, start);
    return n > 0 && (size_t)n < sizeof path && file_is_folder(path);
}

ParcelState parcel_open(const char *folder, ParcelTrial trial, const TrialRecord *record, bool models,
                        const char *body, size_t n, Arena *arena, ParcelIn *out, Error *err)
{
    *out = (ParcelIn){.folder = folder, .trial = trial, .record = record, .arena = arena};
    ParcelState state = read_offer(body, n, trial, arena, &out->files, err);
    if (state != PARCEL_MORE) return state;
    ParcelFiles *offered = &out->files;
    for (int i = 0; record && i < record->n_artifacts; i++) { /* all that it names are offered */
        int at = 0;
        while (at < offered->n && strcmp(offered->files[at].name, record->artifacts[i].path) != 0) at++;
        if (at == offered->n) return PARCEL_WRONG;
    }
    int kept = 0;
    const bool stands = !record && has_own_folder(folder, trial);
    for (int i = 0; i < offered->n; i++)
        if ((models || !is_model(offered->files[i].name)) && !(stands && is_own(offered->files[i].name)))
            offered->files[kept++] = offered->files[i];
    offered->n = kept;
    if (!there_is_room(out, err)) return PARCEL_ERROR;
    return begin_file(out, err);
}

bool parcel_want(ParcelIn *in, Text *out)
{
    const ParcelFile *file = in->at < in->files.n ? &in->files.files[in->at] : NULL;
    const int64_t none = 0;
    if (!file) {
        if (in->asked < 0) return false;
        in->asked = -1; /* said once */
        add(out, &none, sizeof none);
        add_name(out, "");
        return true;
    }
    const bool first = in->asked == 0; /* an empty file has one piece, too */
    if (!first && (in->asked >= file->bytes || in->asked - in->got >= PARCEL_AHEAD * (int64_t)PARCEL_PIECE))
        return false;
    add(out, &in->asked, sizeof in->asked);
    add_name(out, file->name);
    in->asked += PARCEL_PIECE;
    return true;
}

ParcelState parcel_take(ParcelIn *in, const char *body, size_t n, Error *err)
{
    char name[NAME_BYTES + 1];
    Reading r = {body, body + n, false};
    int64_t at = take_number(&r);
    take_name(&r, name);
    const char *hex = take(&r, HEX);
    const ParcelFile *file = in->at < in->files.n ? &in->files.files[in->at] : NULL;
    if (r.bad || !file || strcmp(name, file->name) != 0 || at != in->got || at >= in->asked)
        return PARCEL_WRONG;
    const size_t length = (size_t)(r.end - r.at);
    const int64_t left = file->bytes - at, due = left < PARCEL_PIECE ? left : PARCEL_PIECE;
    if (length > PARCEL_PIECE) return PARCEL_WRONG;
    if ((int64_t)length != due && !in->over) { /* it has changed, or is gone */
        ParcelState state = pass_over(in);
        if (state != PARCEL_MORE) return state;
    }
    sha256_add(&in->sha, r.at, length);
    if (in->writing && !in->over) file_add(&in->file, r.at, length);
    in->got += due;
    return in->got == file->bytes ? end_file(in, hex, err) : PARCEL_MORE;
}

void parcel_close(ParcelIn *in)
{
    Error ignored;
    if (in->writing) file_end(&in->file, false, &ignored);
    in->writing = false;
}
