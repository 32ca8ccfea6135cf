/* serve/service.c - a model that may become another, and the report of a study. */
#include "serve/service.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "job/report.h"
#include "job/status.h"
#include "reports/html.h"
#include "serve/about.h"

typedef struct {
    int64_t size, seconds, nanoseconds, node; /* all 0: there is no file */
} Mark;

struct Service {
    ServiceOptions said;
    Arena *arena;
    Place place;        /* of a study */
    const char *path;   /* of the model */
    bool study;
    ServeMetrics metrics;
    pthread_mutex_t lock;
    HeldModel *held;    /* NULL: none yet */
    Mark model_is;
    Text page;
    bool page_asked, running;
    char page_why[1000];
    Mark database_is, log_is;
    double page_next;   /* no new page before this */
};

static Mark mark_of(const char *path)
{
    struct stat s;
    if (!path || stat(path, &s) != 0) return (Mark){0};
    return (Mark){(int64_t)s.st_size, (int64_t)s.st_mtim.tv_sec, (int64_t)s.st_mtim.tv_nsec, (int64_t)s.st_ino};
}

static bool same_mark(const Mark *a, const Mark *b)
{
    return a->size == b->size && a->seconds == b->seconds && a->nanoseconds == b->nanoseconds
        && a->node == b->node;
}

static double now(int clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the model ----------------------------------------------------------------------------------- */

static void held_destroy(HeldModel *held)
{
    if (!held) return;
    arena_destroy(held->arena);
    text_free(&held->about);
    free(held);
}

static bool held_load(const Service *s, HeldModel **out, Error *err)
{
    HeldModel *held = calloc(1, sizeof *held);
    if (!held || !(held->arena = arena_create(0))) return free(held), error_memory(err);
    held->users = 1; /* the service */
    held->loaded_at = now(CLOCK_REALTIME);
    if (model_load(s->path, held->arena, &held->model, err) && model_set_views(held->model, s->said.views, err)
        && about_model(held->model, held->loaded_at, held->arena, &held->about, err)) {
        *out = held;
        return true;
    }
    held_destroy(held);
    return false;
}

HeldModel *service_take(Service *s)
{
    pthread_mutex_lock(&s->lock);
    HeldModel *held = s->held;
    if (held) held->users++;
    pthread_mutex_unlock(&s->lock);
    return held;
}

void service_give_back(Service *s, HeldModel *held)
{
    if (!held) return;
    pthread_mutex_lock(&s->lock);
    const bool last = --held->users == 0;
    pthread_mutex_unlock(&s->lock);
    if (last) held_destroy(held);
}

static void tend_model(Service *s, bool again)
{
    const Mark is = mark_of(s->path);
    HeldModel *held = NULL, *before;
    Error err;
    if (same_mark(&is, &s->model_is) && !(again && is.seconds)) return;
    s->model_is = is;
    if (!is.seconds) {
        line_say(s->said.on_line, s->said.context, true, "%s is gone; what was read of it goes on answering",
                 s->path);
        return;
    }
    if (!held_load(s, &held, &err)) {
        line_say(s->said.on_line, s->said.context, true, "%s; %s", err.message,
                 s->held ? "the model before it goes on answering" : "there is no model yet");
        return;
    }
    pthread_mutex_lock(&s->lock);
    before = s->held;
    s->held = held;
    pthread_mutex_unlock(&s->lock);
    if (before) atomic_fetch_add(&s->metrics.reloads, 1);
    line_say(s->said.on_line, s->said.context, false, "%s was read%s", s->path, before ? " again" : "");
    service_give_back(s, before);
}

/* ---- the report ---------------------------------------------------------------------------------- */

static bool is_running(const Finished *f, Arena *arena)
{
    OpenStudy open = {.place = f->place, .store = f->store, .study = f->study, .arena = arena};
    Status status;
    if (!status_read(&open, &status, NULL)) return false;
    const bool alive = status.holder.alive;
    status_free(&status);
    return alive;
}

static bool make_page(const Service *s, Text *out, bool *running, Error *err)
{
    Arena *arena = arena_create(0);
    Finished finished;
    Doc *document = NULL;
    if (!arena) return error_memory(err);
    bool ok = finished_open(&s->place, arena, &finished, err);
    if (ok) *running = is_running(&finished, arena);
    ok = ok && report_document(&finished, 0, &document, err) && html_write(document, out, err)
      && (text_ok(out) || error_memory(err));
    finished_close(&finished);
    doc_free(document);
    arena_destroy(arena);
    return ok;
}

static void tend_page(Service *s, bool again)
{
    char log[4200];
    const double begin = now(CLOCK_MONOTONIC);
    strncpy(log, s->place.db, sizeof log - 8);
    log[sizeof log - 8] = '\0';
    strcat(log, "-wal");
    const Mark database = mark_of(s->place.db), wal = mark_of(log);
    const bool changed = !same_mark(&database, &s->database_is) || !same_mark(&wal, &s->log_is);
    pthread_mutex_lock(&s->lock);
    const bool asked = s->page_asked || !s->page.bytes;
    pthread_mutex_unlock(&s->lock);
    if (!again && (!changed || !asked || begin < s->page_next)) return;
    Text page = {0};
    Error err = {0};
    bool running = false;
    const bool ok = make_page(s, &page, &running, &err);
    s->page_next = now(CLOCK_MONOTONIC) + 1 + 9 * (now(CLOCK_MONOTONIC) - begin);
    s->database_is = database;
    s->log_is = wal;
    pthread_mutex_lock(&s->lock);
    s->page_asked = false;
    if (ok) {
        const Text before = s->page;
        s->page = page;
        page = before;
        s->running = running;
        s->page_why[0] = '\0';
    } else {
        strcpy(s->page_why, err.message);
    }
    pthread_mutex_unlock(&s->lock);
    text_free(&page);
}

bool service_page(Service *s, Text *out, bool *running, char why[1000])
{
    pthread_mutex_lock(&s->lock);
    const bool there = s->page.bytes != NULL;
    s->page_asked = true;
    *running = s->running;
    strcpy(why, s->page_why);
    if (there) text_add_n(out, s->page.bytes, s->page.n);
    pthread_mutex_unlock(&s->lock);
    return there;
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static bool is_model(const char *argument)
{
    const size_t n = strlen(argument);
    return file_exists(argument) && !file_is_folder(argument) && !names_config(argument)
        && !(n >= 3 && strcmp(argument + n - 3, ".db") == 0);
}

static bool find(Service *s, Error *err)
{
    const char *argument = s->said.argument;
    if (argument && is_model(argument)) {
        s->path = arena_copy(s->arena, argument);
        return (s->path || error_memory(err)) && held_load(s, &s->held, err);
    }
    const size_t n = argument ? strlen(argument) : 0;
    if (n > 8 && strcmp(argument + n - 8, ".consort") == 0)
        return error_set(err, ERR_DATA, "cannot read the model %s: no such file", argument);
    OpenStudy open;
    if (!place_find(argument, &s->said.said, s->arena, &s->place, err)) return false;
    const bool ok = study_open(&s->place, s->arena, &open, err);
    if (ok) s->place = open.place;
    study_close(&open);
    if (!ok) return false;
    s->study = true;
    s->path = place_file(&s->place, "ensemble.consort", s->arena);
    if (!s->path) return error_memory(err);
    return !file_exists(s->path) || held_load(s, &s->held, err);
}

Service *service_create(const ServiceOptions *options, Error *err)
{
    Service *s = calloc(1, sizeof *s);
    if (!s || !(s->arena = arena_create(0))) return free(s), error_memory(err), NULL;
    s->said = *options;
    pthread_mutex_init(&s->lock, NULL);
    if (!find(s, err)) return service_destroy(s), NULL;
    s->model_is = mark_of(s->path);
    return s;
}

void service_destroy(Service *s)
{
    if (!s) return;
    service_give_back(s, s->held);
    text_free(&s->page);
    arena_destroy(s->arena);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void service_tend(Service *s, bool again)
{
    tend_model(s, again);
    if (s->study) tend_page(s, again);
}

const ServiceOptions *service_options(const Service *s) { return &s->said; }
ServeMetrics *service_metrics(Service *s) { return &s->metrics; }
bool service_is_study(const Service *s) { return s->study; }
