/* A thread that carries files between the study's folder and seats: one queue of jobs, in the order they
 * came. */
#include "tuner/study/porter.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"

/* Of one seat: more letters at once than it was asked for break the rules. */
enum { JOBS_MOST = PARCEL_AHEAD + 2, OFFER_MOST = 16 << 20, LETTER_MOST = PARCEL_PIECE + 2048 };

typedef struct Seat Seat;
struct Seat {
    Seat *next;
    int peer, seat;
    ParcelTrial trial;
    bool has_trial;
    char *offer;        /* malloc; the last, until its record comes */
    size_t n_offer;
    int n_jobs;         /* queued, waiting or under way */
    bool gone;
    bool held;          /* its record waits for files */
    bool open;          /* they are under way: `in` */
    bool owes;          /* files were offered from here, and the word that they are there has not come */
    bool news;          /* `state` is to be told */
    bool models, ran;   /* ran: it has a record */
    TrialRecord record; /* state and artifacts of the one that waits */
    TrialState ended;   /* as what the trial ended whose files were offered from here */
    Arena *arena;       /* while it waits */
    ParcelIn in;
    ParcelState state;
    Error error;
};

/* A letter of that kind, about that trial; an OFFER is one whose record, or task, has come. */
typedef struct Job Job;
struct Job {
    Job *next;
    Seat *seat;
    WireKind kind;
    ParcelTrial trial;
    size_t n;
    char body[];
};

typedef struct {
    Job *first, *last;
} Queue;

struct Porter {
    const char *folder;
    const StudyLink *link;
    bool clears;
    pthread_t thread;
    pthread_mutex_t lock; /* everything below; a seat's parcel is the thread's while a job of it is under way */
    pthread_cond_t came;
    bool over;
    Seat *seats;
    int n_open, n_news, n_owing;
    Queue jobs, waiting; /* waiting: for one of those that are open to end */
};

static void put(Queue *queue, Job *job)
{
    job->next = NULL;
    if (queue->first) queue->last->next = job;
    else queue->first = job;
    queue->last = job;
}

static Job *take(Queue *queue)
{
    Job *job = queue->first;
    if (!job) return NULL;
    queue->first = job->next;
    return job;
}

static Seat *find(const Porter *porter, int peer, int number)
{
    Seat *seat = porter->seats;
    while (seat && (seat->gone || seat->peer != peer || seat->seat != number)) seat = seat->next;
    return seat;
}

static Seat *find_or_add(Porter *porter, int peer, int number)
{
    Seat *seat = find(porter, peer, number);
    if (seat || !(seat = calloc(1, sizeof *seat))) return seat;
    seat->peer = peer;
    seat->seat = number;
    seat->next = porter->seats;
    porter->seats = seat;
    return seat;
}

static bool add_job(Porter *porter, Seat *seat, WireKind kind, const void *body, size_t n)
{
    Job *job = malloc(sizeof *job + n);
    if (!job) return false;
    *job = (Job){.seat = seat, .kind = kind, .trial = seat->trial, .n = n};
    if (n > 0) memcpy(job->body, body, n);
    seat->n_jobs++;
    put(&porter->jobs, job);
    pthread_cond_signal(&porter->came);
    return true;
}

/* Its files are there, or will not come: the next that waits has its turn. */
static void let_go(Porter *porter, Seat *seat)
{
    if (seat->open) {
        parcel_close(&seat->in);
        porter->n_open--;
        Job *job = take(&porter->waiting);
        if (job) put(&porter->jobs, job);
    }
    arena_destroy(seat->arena);
    seat->arena = NULL;
    seat->open = seat->held = false;
}

/* Of a peer that is gone, once nothing is under way. */
static void remove_seat(Porter *porter, Seat *seat)
{
    Seat **at = &porter->seats;
    while (*at != seat) at = &(*at)->next;
    *at = seat->next;
    let_go(porter, seat);
    porter->n_news -= seat->news;
    porter->n_owing -= seat->owes;
    free(seat->offer);
    free(seat);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void send_wants(const Porter *porter, Seat *seat)
{
    Text want = {0};
    while (parcel_want(&seat->in, &want) && text_ok(&want)) {
        porter->link->send(porter->link->self, seat->peer, seat->seat, WIRE_WANT, want.bytes, want.n);
        text_free(&want);
        want = (Text){0};
    }
    text_free(&want);
}

static bool waits(TrialState state)
{
    return state == TRIAL_QUEUED || state == TRIAL_INTERRUPTED;
}

static ParcelState open_parcel(const Porter *porter, Seat *seat)
{
    const TrialRecord *record = seat->ran ? &seat->record : NULL;
    ParcelState state = parcel_open(porter->folder, seat->trial, record, seat->models, seat->offer,
                                    seat->n_offer, seat->arena, &seat->in, &seat->error);
    free(seat->offer);
    seat->offer = NULL;
    seat->n_offer = 0;
    return state;
}

/* The other end has what it wants. A program that stands still does so in its folder. */
static void clear(const Porter *porter, const Seat *seat, ParcelTrial trial)
{
    Arena *arena = arena_create(0);
    unsigned what = DROP_STATES | DROP_MODELS | (seat->ended == TRIAL_QUEUED ? 0 : DROP_FOLDER);
    if (arena) parcel_drop(porter->folder, trial, what, arena);
    arena_destroy(arena);
}

static ParcelState answer(const Porter *porter, const Seat *seat, const Job *job)
{
    Text piece = {0};
    if (parcel_enough(job->body, job->n)) {
        clear(porter, seat, job->trial);
        return PARCEL_MORE;
    }
    bool ok = parcel_piece(porter->folder, job->trial, job->body, job->n, &piece);
    if (ok) porter->link->send(porter->link->self, seat->peer, seat->seat, WIRE_FILE, piece.bytes, piece.n);
    text_free(&piece);
    return ok ? PARCEL_MORE : PARCEL_WRONG;
}

/* Without the lock. */
static ParcelState carry(const Porter *porter, Seat *seat, const Job *job)
{
    ParcelState state;
    if (job->kind == WIRE_WANT) return answer(porter, seat, job);
    if (job->kind == WIRE_OFFER) state = open_parcel(porter, seat);
    else state = seat->open ? parcel_take(&seat->in, job->body, job->n, &seat->error) : PARCEL_WRONG;
    if (state == PARCEL_WHOLE && seat->ran && !waits(seat->record.row.state))
        parcel_drop(porter->folder, seat->trial, DROP_STATES, seat->arena);
    if (state == PARCEL_MORE || state == PARCEL_WHOLE) send_wants(porter, seat);
    return state;
}

static void *work(void *context)
{
    Porter *porter = context;
    pthread_mutex_lock(&porter->lock);
    while (!porter->over) {
        Job *job = take(&porter->jobs);
        if (!job) {
            pthread_cond_wait(&porter->came, &porter->lock);
            continue;
        }
        Seat *seat = job->seat;
        const bool opens = job->kind == WIRE_OFFER;
        if (opens && !seat->gone && porter->n_open == PORTER_MOST) {
            put(&porter->waiting, job);
            continue;
        }
        if (!seat->gone) {
            pthread_mutex_unlock(&porter->lock);
            ParcelState state = carry(porter, seat, job);
            pthread_mutex_lock(&porter->lock);
            if (job->kind == WIRE_WANT && seat->owes && parcel_enough(job->body, job->n)) {
                seat->owes = false;
                if (--porter->n_owing == 0) porter->link->wake(porter->link->self);
            }
            if (opens) seat->open = true;
            porter->n_open += opens;
            if (state != PARCEL_MORE && !seat->gone) {
                let_go(porter, seat);
                porter->n_news += !seat->news;
                seat->news = true;
                seat->state = state;
                porter->link->wake(porter->link->self);
            }
        }
        free(job);
        if (--seat->n_jobs == 0 && seat->gone) remove_seat(porter, seat);
    }
    pthread_mutex_unlock(&porter->lock);
    return NULL;
}

/* ---- for whoever takes in letters ------------------------------------------------------------ */

static void porter_free(Porter *porter)
{
    for (Job *job; (job = take(&porter->jobs)) || (job = take(&porter->waiting));) free(job);
    while (porter->seats) remove_seat(porter, porter->seats);
    pthread_mutex_destroy(&porter->lock);
    pthread_cond_destroy(&porter->came);
    free(porter);
}

Porter *porter_create(const char *folder, const StudyLink *link, bool clears, Error *err)
{
    Porter *porter = calloc(1, sizeof *porter);
    if (!porter) return error_memory(err), NULL;
    porter->folder = folder;
    porter->link = link;
    porter->clears = clears;
    pthread_mutex_init(&porter->lock, NULL);
    pthread_cond_init(&porter->came, NULL);
    int rc = pthread_create(&porter->thread, NULL, work, porter);
    if (rc == 0) return porter;
    porter_free(porter);
    threads_error("thread", rc, err);
    return NULL;
}

void porter_destroy(Porter *porter)
{
    if (!porter) return;
    pthread_mutex_lock(&porter->lock);
    porter->over = true;
    pthread_cond_signal(&porter->came);
    pthread_mutex_unlock(&porter->lock);
    pthread_join(porter->thread, NULL);
    porter_free(porter);
}

/* Called with the lock. */
static bool keep_offer(Porter *porter, const Letter *letter)
{
    Seat *seat = letter->n <= OFFER_MOST ? find_or_add(porter, letter->peer, letter->seat) : NULL;
    char *copy = seat && !seat->held ? text_keep(letter->body, letter->n) : NULL;
    if (!copy) return false;
    free(seat->offer);
    seat->offer = copy;
    seat->n_offer = letter->n;
    return true;
}

bool porter_letter(Porter *porter, const Letter *letter)
{
    bool ok = false;
    pthread_mutex_lock(&porter->lock);
    Seat *seat = find(porter, letter->peer, letter->seat);
    const bool asks = letter->kind == WIRE_WANT;
    const bool fits = seat && seat->n_jobs < JOBS_MOST && letter->n <= LETTER_MOST;
    if (letter->kind == WIRE_OFFER) ok = keep_offer(porter, letter);
    else if (asks && !porter->clears && parcel_enough(letter->body, letter->n)) ok = true;
    else if (fits && (asks ? seat->has_trial && !seat->held : seat->held))
        ok = add_job(porter, seat, letter->kind, letter->body, letter->n);
    pthread_mutex_unlock(&porter->lock);
    return ok;
}

bool porter_send(Porter *porter, int peer, int number, ParcelTrial trial, const TrialRecord *record)
{
    Arena *arena = arena_create(0);
    ParcelFiles files;
    Text offer = {0};
    Error ignored; /* what cannot be read is not there */
    bool found = arena && parcel_find(porter->folder, trial, record, arena, &files, &ignored);
    bool ok = arena != NULL;
    pthread_mutex_lock(&porter->lock);
    Seat *seat = found && files.n > 0 ? find_or_add(porter, peer, number) : NULL;
    if (seat) {
        seat->trial = trial;
        seat->has_trial = true;
        seat->ended = record ? record->row.state : TRIAL_QUEUED;
        porter->n_owing += porter->clears && !seat->owes;
        seat->owes = porter->clears;
    }
    pthread_mutex_unlock(&porter->lock);
    if (found && files.n > 0)
        ok = seat && parcel_offer(&files, &offer)
          && porter->link->send(porter->link->self, peer, number, WIRE_OFFER, offer.bytes, offer.n);
    text_free(&offer);
    arena_destroy(arena);
    return ok;
}

/* What a parcel must know of it. */
static bool keep_record(Seat *seat, const TrialRecord *record)
{
    bool ok = seat->arena != NULL;
    seat->ran = record != NULL;
    if (!record) return ok;
    const int n = seat->trial.again ? 0 : record->n_artifacts; /* a repeat leaves none */
    seat->record = (TrialRecord){.row = {.state = record->row.state}, .n_artifacts = n};
    for (int i = 0; ok && i < n; i++)
        ok = record_copy(&artifact_columns, 0, &record->artifacts[i], &seat->record.artifacts[i], seat->arena);
    return ok;
}

ParcelState porter_hold(Porter *porter, int peer, int number, ParcelTrial trial, const TrialRecord *record,
                        bool models)
{
    ParcelState state = PARCEL_WHOLE;
    pthread_mutex_lock(&porter->lock);
    Seat *seat = find(porter, peer, number);
    if (seat && seat->offer) {
        seat->arena = arena_create(0);
        seat->trial = trial;
        seat->models = models;
        seat->held = keep_record(seat, record) && add_job(porter, seat, WIRE_OFFER, NULL, 0);
        state = seat->held ? PARCEL_MORE : PARCEL_ERROR;
        if (!seat->held) let_go(porter, seat);
    }
    pthread_mutex_unlock(&porter->lock);
    const bool states = trial.n_runs > 0 && record && !waits(record->row.state); /* may lie here, of a pause */
    if (state == PARCEL_WHOLE && states) {
        Arena *arena = arena_create(0);
        if (arena) parcel_drop(porter->folder, trial, DROP_STATES, arena);
        arena_destroy(arena);
    }
    return state;
}

bool porter_is_owing(Porter *porter)
{
    pthread_mutex_lock(&porter->lock);
    bool owing = porter->n_owing > 0;
    pthread_mutex_unlock(&porter->lock);
    return owing;
}

bool porter_next(Porter *porter, PorterNews *out)
{
    pthread_mutex_lock(&porter->lock);
    Seat *seat = porter->n_news > 0 ? porter->seats : NULL;
    while (seat && (!seat->news || seat->gone)) seat = seat->next;
    if (seat) {
        *out = (PorterNews){seat->peer, seat->seat, seat->state, seat->error};
        seat->news = false;
        porter->n_news--;
    }
    pthread_mutex_unlock(&porter->lock);
    return seat != NULL;
}

void porter_gone(Porter *porter, int peer)
{
    pthread_mutex_lock(&porter->lock);
    for (Seat *seat = porter->seats, *next; seat; seat = next) {
        next = seat->next;
        if (seat->gone || seat->peer != peer) continue;
        seat->gone = true;
        if (seat->n_jobs == 0) remove_seat(porter, seat);
    }
    /* What waits may now be taken, and thrown away. */
    for (Job *job; (job = take(&porter->waiting)) != NULL;) put(&porter->jobs, job);
    pthread_cond_signal(&porter->came);
    pthread_mutex_unlock(&porter->lock);
}
