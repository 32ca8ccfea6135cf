/* Trials that are runs of a program: started, heard, paused, judged by what they said and how they ended. */
#include "tuner/trial/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/grow.h"
#include "tuner/trial/launch.h"
#include "tuner/trial/process.h"
#include "tuner/trial/tail.h"

enum { LOG_BYTES = 1 << 16, ERROR_BYTES = 2048 };
/* Of the metrics file: at once, and at the end in all, when the program is no more and its caps are none. */
enum { LOOK_BYTES = 4 << 20, FILE_BYTES = 1 << 28 };
static const double TICK_S = 0.1; /* how often the clock, Ctrl-C and the metrics file are looked at */

typedef struct Trial Trial;

struct Program {
    ProgramOptions o;
    char *folder; /* absolute: the program may change its working folder */
    Guard *guard;
    Pattern *pattern;
    pthread_mutex_t lock; /* of the list below; a Trial belongs to the worker that took it */
    Trial *standing;      /* those that are paused */
};

/* ---- one trial under way --------------------------------------------------------------------- */

struct Trial {
    Trial *next;       /* paused, too */
    int number;
    const Program *program;
    const TrialTask *task;
    Arena *arena;
    bool owns_arena;   /* it may be paused, and outlive its worker's */
    Process process;
    const char *folder, *metrics_path; /* its own */
    MetricStream stream;
    StreamLine out_line, file_line;
    Tail log, errors;
    /* the metrics file as it was when last looked at */
    off_t offset;
    ino_t inode;
    struct timespec changed;
    double *curve, *more; /* `more`: (n_curve, goals - 1) of the further goals, for forecasts */
    int n_curve, room, n_more, more_room;
    int best_epoch;
    double best, reported_s;
    RunGains gains;
    double told_cpu_s; /* of its processor time, when it was paused last */
    bool pruned, done, interrupted, timed_out, out_of_memory, paused; /* done: it has stopped improving */
    Text held;         /* what it had written when it was paused and nobody has heard yet */
};

static bool curve_add(Trial *trial, double value)
{
    if (trial->n_curve >= TRIAL_MAX_CURVE) return true;
    if (!GROW(trial->arena, trial->curve, trial->n_curve, trial->room)) return false;
    trial->curve[trial->n_curve++] = value;
    return true;
}

/* The further goals, where somebody asks for their forecasts. */
static bool note_goals(Trial *trial, const StreamReport *report, EpochRow *row)
{
    const ProgramOptions *o = &trial->program->o;
    double value[PARETO_MOST] = {NAN}, more[PARETO_MOST];
    if (!pruner_forecasts(o->pruner) || !o->goals || o->goals->n < 2) return true;
    for (int g = 1; g < o->goals->n; g++) value[g] = report->further[g - 1];
    goals_note(o->goals, value, row);
    goals_noted(o->goals, row, more);
    for (int g = 1; g < o->goals->n; g++) {
        if (!GROW(trial->arena, trial->more, trial->n_more, trial->more_room)) return false;
        trial->more[trial->n_more++] = more[g - 1];
    }
    return true;
}

static bool on_report(void *context, const StreamReport *report)
{
    Trial *trial = context;
    const ProgramOptions *o = &trial->program->o;
    const TrialTask *task = trial->task;
    double now = clock_seconds(), score = o->maximize ? -report->value : report->value;
    if (trial->n_curve >= TRIAL_MAX_CURVE) return true;
    EpochRow row = {task->repeat, report->number, report->learning_rate, report->train_loss, report->val_loss,
                    report->value, report->grad_norm, now - trial->reported_s, NAN, NAN, NAN};
    if (!curve_add(trial, score) || !note_goals(trial, report, &row)) {
        trial->out_of_memory = true;
        return false;
    }
    double key = o->take == TAKE_LAST ? score : o->take == TAKE_MIN ? report->value : -report->value;
    if (key < trial->best) {
        trial->best = key;
        trial->best_epoch = report->number;
    }
    trial->reported_s = now;
    bool known = report->number <= task->n_known;
    if (!known && task->on_epoch && !task->on_epoch(task->context, task->number, &row)) {
        trial->interrupted = true;
        return false;
    }
    if (report->number == task->pause_after) trial->paused = true;
    if (!o->pruner || o->pruner->type == PRUNER_NONE) return true;
    Curve curve = {trial->n_curve, trial->curve};
    const ForecastRun far = {trial->n_curve, task->full, trial->curve, trial->more, NULL, false};
    trial->pruned = pruner_stops(o->pruner, &curve, task->n_others, task->others, NULL)
                 || task_forecasts(task, o->pruner, &far);
    trial->done = pruner_is_done(o->pruner, &trial->gains, score);
    return !trial->pruned && !trial->done;
}

/* Line by line where it may be paused after one. Returns how many bytes were heard before that. */
static size_t hear(Trial *trial, StreamLine *line, const char *bytes, size_t n)
{
    size_t heard = 0;
    while (heard < n && !trial->paused) {
        const char *end = trial->task->pause_after > 0 ? memchr(bytes + heard, '\n', n - heard) : NULL;
        size_t length = end ? (size_t)(end + 1 - (bytes + heard)) : n - heard;
        metric_stream_feed(&trial->stream, line, bytes + heard, length);
        heard += length;
    }
    return heard;
}

static void on_bytes(void *context, bool is_error, const char *bytes, size_t n)
{
    Trial *trial = context;
    tail_add(&trial->log, bytes, n);
    if (is_error) {
        tail_add(&trial->errors, bytes, n);
        return;
    }
    size_t heard = hear(trial, &trial->out_line, bytes, n);
    if (heard < n) text_add_n(&trial->held, bytes + heard, n - heard);
    if (!text_ok(&trial->held)) trial->out_of_memory = true;
}

/* What was added to the metrics file since the last look. A file that was replaced, or written anew,
 * is read from its beginning. */
static void look_into_file(Trial *trial)
{
    struct stat now;
    int fd = open(trial->metrics_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return;
    if (fstat(fd, &now) == 0 && S_ISREG(now.st_mode)) {
        bool touched = now.st_mtim.tv_sec != trial->changed.tv_sec
                    || now.st_mtim.tv_nsec != trial->changed.tv_nsec;
        if (now.st_ino != trial->inode || now.st_size < trial->offset
            || (touched && now.st_size == trial->offset)) {
            trial->offset = 0;
            stream_line_free(&trial->file_line);
        }
        trial->inode = now.st_ino;
        trial->changed = now.st_mtim;
        char bytes[1 << 15];
        ssize_t n;
        off_t most = trial->offset + LOOK_BYTES; /* the clock waits for us; the rest comes with the next look */
        while (trial->offset < now.st_size && trial->offset < most && !trial->paused && !trial->stream.closed
               && (n = pread(fd, bytes, sizeof bytes, trial->offset)) > 0)
            trial->offset += (off_t)hear(trial, &trial->file_line, bytes, (size_t)n);
    }
    close(fd);
}

static bool is_told_to_stop(const Trial *trial)
{
    return trial->task->stop && atomic_load(trial->task->stop);
}

/* The file has the last word, in whatever way it was written. */
static void finish_reading(Trial *trial)
{
    Bytes bytes;
    metric_stream_end(&trial->stream, &trial->out_line);
    const off_t most = trial->offset + FILE_BYTES;
    off_t before;
    do {
        before = trial->offset;
        look_into_file(trial);
    } while (trial->offset != before && trial->offset < most && !is_told_to_stop(trial));
    metric_stream_end(&trial->stream, &trial->file_line);
    if (trial->stream.closed || trial->offset == 0
        || trial->offset > FILE_BYTES || !file_read_plain(trial->metrics_path, FILE_BYTES, &bytes, NULL))
        return;
    metric_stream_values(&trial->stream, bytes.bytes, bytes.n);
    bytes_free(&bytes);
}

static void watch(Trial *trial, double started_s)
{
    const ProgramOptions *o = &trial->program->o;
    Process *process = &trial->process;
    started_s -= trial->task->seconds; /* it ran before it was paused */
    while (!trial->paused && process_read(process, TICK_S, on_bytes, trial)) {
        if (!trial->paused) look_into_file(trial);
        bool decided = trial->pruned || trial->done;
        if (is_told_to_stop(trial) && !decided) trial->interrupted = true;
        if (o->time_cap_s > 0 && clock_seconds() - started_s > o->time_cap_s && !decided)
            trial->timed_out = true;
        if (trial->interrupted || trial->timed_out || decided || trial->out_of_memory)
            process_stop(process, o->grace_s);
    }
    if (process->term_s > 0) return;
    trial->timed_out = false; /* it ended by itself */
    trial->interrupted = process_was_stopped(process, trial->task->stop);
}

/* ---- before and after ------------------------------------------------------------------------ */

static uint64_t seed_of(const Program *program, const TrialTask *task)
{
    const uint64_t seed = program->o.seed;
    return program->o.repeats.most > 1 ? repeated_seed(seed, task) : runner_seed(seed, task);
}

static bool start(Trial *trial, Error *err)
{
    const Program *program = trial->program;
    const TrialTask *task = trial->task;
    LaunchOptions options = {.command = program->o.command, .values = task->values, .trial = task->number,
                             .seed = seed_of(program, task), .folder = trial->folder,
                             .metrics_path = trial->metrics_path, .study = program->o.name,
                             .study_folder = program->folder};
    Launch launch;
    if (!launch_prepare(&options, trial->arena, &launch, err)) return false;
    unlink(trial->metrics_path); /* of an attempt that did not end */
    return process_start(program->guard, launch.path, launch.words, launch.environment, &trial->process, err);
}

/* What it said last: its errors, or where there are none, the rest. */
static void fail(TrialRecord *out, FailCode code, const Trial *trial, const char *what)
{
    char line[160];
    tail_last_line(&trial->errors, line, sizeof line);
    if (!*line) tail_last_line(&trial->log, line, sizeof line);
    if (*line == '{') *line = '\0'; /* a report of numbers is no reason */
    out->row.state = TRIAL_FAILED;
    out->row.fail_code = fail_code_names[code];
    snprintf(out->fail_text, sizeof out->fail_text, "%.70s%s%s", what, *line ? ": " : "", line);
}

static void no_metric(const Trial *trial, const char *metric, TrialRecord *out)
{
    const MetricStream *stream = &trial->stream;
    const char *names[STREAM_MAX_NAMES + 1];
    for (int i = 0; i < stream->n_names; i++) names[i] = stream->name[i];
    names[stream->n_names] = NULL;
    const char *near = text_nearest(metric, names);
    out->row.state = TRIAL_FAILED;
    out->row.fail_code = fail_code_names[FAIL_NO_METRIC];
    if (stream->as_text && metric == trial->program->o.metrics[0]) {
        snprintf(out->fail_text, sizeof out->fail_text, "it reported `%.80s`, but never as a number", metric);
        return;
    }
    int n = snprintf(out->fail_text, sizeof out->fail_text, "it never reported `%.80s`", metric);
    char *rest = out->fail_text + n;
    size_t room = sizeof out->fail_text - (size_t)n;
    if (trial->program->pattern && metric == trial->program->o.metrics[0])
        snprintf(rest, room, ": no line of its output matches `pattern`");
    else if (near)
        snprintf(rest, room, "; did you mean `%.80s`?", near);
    else if (stream->n_names > 0)
        snprintf(rest, room, ", but `%.80s`%s", names[0], stream->n_names > 1 ? " and others" : "");
    else
        snprintf(rest, room, ": no line of its output, nor CONSORT_METRICS, is {\"%.40s\": ...}", metric);
}

/* It ended well; did it say what was asked for? */
static void judge_values(const Trial *trial, TrialRecord *out)
{
    const ProgramOptions *o = &trial->program->o;
    const MetricStream *stream = &trial->stream;
    char what[80];
    for (int m = 0; m < o->n_metrics; m++) {
        int i = 0;
        while (i < stream->n_names && strcmp(stream->name[i], o->metrics[m]) != 0) i++;
        if (i == stream->n_names) {
            no_metric(trial, o->metrics[m], out);
            return;
        }
        if (isfinite(stream->last[i])) continue;
        snprintf(what, sizeof what, "`%.40s` ended as no finite number", o->metrics[m]);
        out->row.state = TRIAL_FAILED;
        out->row.fail_code = fail_code_names[FAIL_DIVERGED];
        snprintf(out->fail_text, sizeof out->fail_text, "%s", what);
        return;
    }
    out->row.state = TRIAL_COMPLETE;
    if (o->n_metrics > 0) out->row.value = stream->value;
}

static void judge(const Trial *trial, TrialRecord *out)
{
    const MetricStream *stream = &trial->stream;
    const Process *process = &trial->process;
    char what[80];
    if (trial->interrupted) {
        out->row.state = TRIAL_INTERRUPTED;
    } else if (trial->pruned) {
        out->row.state = TRIAL_PRUNED;
        out->row.value = stream->value;
    } else if (trial->done) { /* however it took the end of it */
        judge_values(trial, out);
    } else if (trial->timed_out) {
        snprintf(what, sizeof what, "run.trial_time_cap of %g s reached", trial->program->o.time_cap_s);
        fail(out, FAIL_TIMEOUT, trial, what);
    } else if (process->signal) {
        snprintf(what, sizeof what, "ended by signal %d (%s)", process->signal,
                 process->signal == SIGKILL ? "SIGKILL, as when memory runs out"
                                            : signal_name(process->signal));
        fail(out, FAIL_CRASHED, trial, what);
    } else if (process->exit_code != 0) {
        int number = process->exit_code - 128; /* so a shell says that what it ran was ended by a signal */
        const char *name = number > 0 && number < 32 ? signal_name(number) : NULL;
        snprintf(what, sizeof what, "exit code %d%s%s%s", process->exit_code, name ? " (" : "",
                 !name ? "" : number == SIGKILL ? "killed, mostly because memory ran out" : name,
                 name ? ")" : "");
        fail(out, FAIL_EXIT, trial, what);
    } else {
        judge_values(trial, out);
    }
}

/* The folder is the program's: it may have removed it, or put something else where the log goes. False with
 * `*spoilt` where it has left no place; else only what would stop anybody, such as a full disk, is an error. */
static bool write_log(const Trial *trial, const char *path, const Text *text, bool *spoilt, Error *err)
{
    struct stat there;
    *spoilt = lstat(trial->folder, &there) == 0
           && (!file_is_folder(trial->folder) || access(trial->folder, W_OK | X_OK) != 0
               || file_is_folder(path));
    if (*spoilt || !file_make_folder(trial->folder, err)) return false;
    if (lstat(path, &there) == 0 && !S_ISREG(there.st_mode)) unlink(path); /* a link or pipe of the program's */
    return file_write(path, text->bytes, text->n, err);
}

static bool save_log(const Trial *trial, Arena *arena, TrialRecord *out, Error *err)
{
    const Tail *log = &trial->log;
    ArtifactRow *row = &out->artifacts[0];
    Text text = {0};
    char hex[65];
    bool spoilt = false;
    if (log->n == 0 || out->row.state == TRIAL_INTERRUPTED) return true;
    tail_text(log, &text);
    char *path = path_join(arena, trial->folder, "log.txt");
    bool ok = (path && text_ok(&text)) || error_memory(err);
    ok = ok && write_log(trial, path, &text, &spoilt, err);
    if (ok) {
        sha256_of(text.bytes, text.n, hex);
        *row = (ArtifactRow){artifact_kind_names[ARTIFACT_LOG],
                             arena_print(arena, "artifacts/trial-%06d/log.txt", trial->task->number),
                             (int64_t)text.n, arena_copy(arena, hex)};
        ok = (row->path && row->sha256) || error_memory(err);
        out->n_artifacts = 1;
    }
    text_free(&text);
    return ok || spoilt;
}

/* The trial's arena may be its own, and the record lives in the worker's. */
static bool record_curve(const Trial *trial, Arena *arena, TrialRecord *out, Error *err)
{
    double *curve = ARENA_NEW(arena, double, trial->n_curve);
    if (!curve) return error_memory(err);
    double *more = ARENA_NEW(arena, double, trial->n_more);
    if (!more) return error_memory(err);
    if (trial->n_curve > 0) memcpy(curve, trial->curve, (size_t)trial->n_curve * sizeof *curve);
    if (trial->n_more > 0) memcpy(more, trial->more, (size_t)trial->n_more * sizeof *more);
    out->curve = (Curve){trial->n_curve, curve};
    out->more = (Curve){trial->n_more, more};
    out->row.epochs = trial->n_curve;
    out->row.best_epoch = trial->best_epoch;
    return true;
}

static bool record_metrics(const Trial *trial, Arena *arena, TrialRecord *out, Error *err)
{
    const MetricStream *stream = &trial->stream;
    out->metrics = ARENA_NEW(arena, MetricRow, stream->n_names);
    if (!out->metrics) return error_memory(err);
    for (int i = 0; i < stream->n_names; i++) {
        double value = stream->last[i];
        if (!isfinite(value)) continue;
        const char *name = arena_copy(arena, stream->name[i]);
        if (!name) return error_memory(err);
        out->metrics[out->n_metrics++] = (MetricRow){"val", -1, name, value, NAN, NAN};
        bool whole = value >= 0 && value < 0x1p53;
        if (whole && strcmp(stream->name[i], "n_params") == 0) out->row.n_params = (int64_t)value;
        if (whole && strcmp(stream->name[i], "model_bytes") == 0) out->row.model_bytes = (int64_t)value;
    }
    return true;
}

/* ---- its life -------------------------------------------------------------------------------- */

static void destroy(Trial *trial)
{
    if (!trial) return;
    process_end(&trial->process);
    stream_line_free(&trial->out_line);
    stream_line_free(&trial->file_line);
    text_free(&trial->held);
    if (trial->owns_arena) arena_destroy(trial->arena);
}

static Trial *create(const Program *program, const TrialTask *task, Arena *arena, Error *err)
{
    Arena *own = task->rungs ? arena_create(0) : arena;
    Trial *trial = own ? ARENA_NEW(own, Trial, 1) : NULL;
    if (!trial) {
        if (own != arena) arena_destroy(own);
        return error_memory(err), NULL;
    }
    *trial = (Trial){.number = task->number, .program = program, .task = task, .arena = own,
                     .owns_arena = own != arena, .best = INFINITY};
    char *name = task->again ? arena_print(own, "artifacts/trial-%06d.again-%d", task->number, task->again)
                             : arena_print(own, "artifacts/trial-%06d", task->number);
    if (name && task->repeat > 0) name = arena_print(own, "%s/repeat-%d", name, task->repeat + 1);
    trial->folder = name ? path_join(own, program->folder, name) : NULL;
    trial->metrics_path = trial->folder ? path_join(own, trial->folder, "metrics.json") : NULL;
    trial->log = (Tail){ARENA_NEW(own, char, 2 * LOG_BYTES), 0, LOG_BYTES, 0};
    trial->errors = (Tail){ARENA_NEW(own, char, 2 * ERROR_BYTES), 0, ERROR_BYTES, 0};
    metric_stream_start(&trial->stream, program->o.n_metrics, program->o.metrics, own);
    trial->stream.on_report = on_report;
    trial->stream.context = trial;
    trial->stream.take = (Take)program->o.take;
    trial->stream.pattern = program->pattern;
    bool ok = (trial->metrics_path && trial->log.bytes && trial->errors.bytes) || error_memory(err);
    if (ok && start(trial, err)) return trial;
    destroy(trial);
    return NULL;
}

static void stand(Program *program, Trial *trial)
{
    pthread_mutex_lock(&program->lock);
    trial->next = program->standing;
    program->standing = trial;
    pthread_mutex_unlock(&program->lock);
}

/* The paused trial of that number, which is the caller's now; NULL: none. */
static Trial *take(Program *program, int number)
{
    pthread_mutex_lock(&program->lock);
    Trial **at = &program->standing;
    while (*at && (*at)->number != number) at = &(*at)->next;
    Trial *trial = *at;
    if (trial) *at = trial->next;
    pthread_mutex_unlock(&program->lock);
    return trial;
}

static void forget(void *self, int number)
{
    destroy(take(self, number));
}

/* One that was paused goes on with what it had written by then. NULL: there is none that can. */
static Trial *resume(Program *program, const TrialTask *task)
{
    Trial *trial = task->rungs ? take(program, task->number) : NULL;
    if (trial && !process_resume(&trial->process)) {
        destroy(trial);
        trial = NULL;
    }
    if (!trial) return NULL;
    Text held = trial->held;
    trial->task = task;
    trial->paused = false;
    trial->held = (Text){0};
    size_t heard = held.n > 0 ? hear(trial, &trial->out_line, held.bytes, held.n) : 0;
    if (heard < held.n) text_add_n(&trial->held, held.bytes + heard, held.n - heard);
    if (!text_ok(&trial->held)) trial->out_of_memory = true;
    text_free(&held);
    return trial;
}

static bool run(void *self, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err)
{
    Program *program = self;
    double started_s = clock_seconds();
    *out = (TrialRecord){.row = {.value = NAN, .value_sd = NAN}};
    Trial *trial = resume(program, task);
    if (!trial) trial = create(program, task, arena, err);
    if (!trial) return false;
    trial->reported_s = started_s;
    watch(trial, started_s);
    bool pauses = trial->paused && !trial->interrupted && !trial->timed_out && !trial->out_of_memory;
    if (pauses) {
        process_pause(&trial->process);
    } else {
        process_end(&trial->process);
        finish_reading(trial);
    }
    out->row.seconds = clock_seconds() - started_s;
    out->row.cpu_s = fmax(0, trial->process.cpu_s - trial->told_cpu_s);
    out->row.peak_bytes = trial->process.peak_bytes;
    trial->told_cpu_s = trial->process.cpu_s;
    bool ok = !trial->out_of_memory ? record_curve(trial, arena, out, err) : error_memory(err);
    if (ok && pauses) { /* with its log so far: it may be left behind here */
        out->row.state = TRIAL_QUEUED;
        ok = save_log(trial, arena, out, err);
        stand(program, trial);
        return ok;
    }
    if (ok) {
        judge(trial, out);
        ok = record_metrics(trial, arena, out, err) && save_log(trial, arena, out, err);
    }
    destroy(trial);
    return ok;
}

static bool run_all(void *self, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err)
{
    const ProgramOptions *o = &((Program *)self)->o;
    const Repeats repeats = {.race = o->repeats, .pruner = o->pruner, .maximize = o->maximize, .once = run,
                             .metric = o->n_metrics > 0 ? o->metrics[0] : "", .self = self};
    if (o->repeats.most < 2) return run(self, task, arena, out, err);
    return repeated_run(&repeats, task, arena, out, err);
}

static int full_reports(void *self, const Value *values)
{
    (void)values;
    return ((const Program *)self)->o.full_reports;
}

/* ---- the program ----------------------------------------------------------------------------- */

/* The place of its trials, made where it is not there. What stands still does so where it was: it goes. */
static bool move(void *self, const char *folder, Error *err)
{
    Program *program = self;
    char absolute[PATH_MAX];
    if (!file_make_folder(folder, err)) return false;
    if (!realpath(folder, absolute)) return error_set(err, ERR_IO, "%s: %s", folder, strerror(errno));
    char *copy = strdup(absolute);
    if (!copy) return error_memory(err);
    while (program->standing) destroy(take(program, program->standing->number));
    free(program->folder);
    program->folder = copy;
    return true;
}

bool program_create(const ProgramOptions *options, Program **out, Error *err)
{
    Program *program = calloc(1, sizeof *program);
    if (!program) return error_memory(err);
    program->o = *options;
    pthread_mutex_init(&program->lock, NULL);
    bool ok = move(program, options->folder, err) && guard_create(&program->guard, err);
    char why[160];
    if (ok && options->pattern && !(program->pattern = pattern_create(options->pattern, why)))
        ok = error_set(err, ERR_CONFIG, "`pattern`%s", why);
    if (ok) *out = program;
    else program_destroy(program);
    return ok;
}

void program_destroy(Program *program)
{
    if (!program) return;
    while (program->standing) destroy(take(program, program->standing->number));
    guard_destroy(program->guard);
    pattern_destroy(program->pattern);
    pthread_mutex_destroy(&program->lock);
    free(program->folder);
    free(program);
}

Runner program_runner(Program *program)
{
    if (program->o.full_reports == 0) return (Runner){.self = program, .run = run_all, .move = move};
    return (Runner){.self = program, .run = run_all, .full_epochs = full_reports, .forget = forget,
                    .move = move};
}
