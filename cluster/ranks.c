/* Rank 0 asks and decides, the others answer and hear: JSON in letters of a kind of their own. */
#include "cluster/ranks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster/link_mpi.h"

/* What came from one rank, or from rank 0, and was not looked at yet. */
typedef struct Said {
    struct Said *next;
    Doc *doc;
} Said;

struct Ranks {
    const StudyLink *link;
    Mpi *mpi;          /* NULL: over a link that is the caller's */
    LinkMpi *link_mpi;
    const atomic_int *stop;
    Arena *arena;      /* hosts */
    Arena *letters;    /* one at a time */
    int rank, size;
    const char **hosts; /* (size); of ranks above 0 only the own one is known */
    bool *leads;        /* (size): the lowest rank of its host; the same */
    int beside;
    Said **said;        /* (size): in the order in which it came */
    bool *gone;         /* (size) */
    Said *heard;        /* all that was looked at */
};

/* ---- letters ------------------------------------------------------------------------------------------ */

static bool say_to(Ranks *r, int rank, const Doc *doc, Error *err)
{
    Text text = {0};
    bool ok = doc_print(doc, 0, &text) && text_ok(&text);
    /* That it is gone is seen by who waits for it. */
    if (ok) r->link->send(r->link->self, rank, 0, (WireKind)LINK_MPI_RANKS, text.bytes, text.n);
    text_free(&text);
    return ok || error_memory(err);
}

static bool say_to_all(Ranks *r, bool (*whom)(const Ranks *, int), const Doc *doc, Error *err)
{
    bool ok = doc != NULL || error_memory(err);
    for (int i = 1; ok && i < r->size; i++)
        if (!whom || whom(r, i)) ok = say_to(r, i, doc, err);
    return ok;
}

static bool keep(Ranks *r, const Letter *letter, Error *err)
{
    Said *said = ARENA_NEW(r->arena, Said, 1), **at = &r->said[letter->peer];
    if (!said) return error_memory(err);
    said->doc = doc_parse(letter->body, letter->n, err);
    if (!said->doc) return false;
    while (*at) at = &(*at)->next;
    *at = said;
    return true;
}

/* What this rank says next; it is there until the end. */
static bool hear_from(Ranks *r, int rank, const Doc **out, Error *err)
{
    while (!r->said[rank]) {
        Letter letter;
        if (r->gone[rank]) return error_set(err, ERR_IO, "it is gone");
        if (r->stop && atomic_load(r->stop))
            return error_set(err, ERR_STOPPED, "stopped before the study began");
        arena_reset(r->letters);
        const LinkEvent event = r->link->next(r->link->self, 100, r->letters, &letter);
        if (event == LINK_OVER) return error_set(err, ERR_IO, "nobody is there");
        if (event == LINK_NOTHING || letter.peer < 0 || letter.peer >= r->size) continue;
        if (event == LINK_GONE) r->gone[letter.peer] = true;
        if (event == LINK_LETTER && (int)letter.kind == LINK_MPI_RANKS && !keep(r, &letter, err)) return false;
    }
    Said *said = r->said[rank];
    r->said[rank] = said->next;
    said->next = r->heard;
    r->heard = said;
    *out = said->doc;
    return true;
}

/* ---- a word for all ------------------------------------------------------------------------------------- */

static Doc *word(bool ok, const Error *err, Doc *facts)
{
    Doc *doc = doc_object();
    doc_set_bool(doc, "ok", ok);
    if (!ok) doc_set_number(doc, "code", err->code);
    if (!ok) doc_set_text(doc, "message", err->message);
    if (facts) doc_set(doc, "facts", facts);
    return doc;
}

static bool silent(Error *err)
{
    *err = (Error){.code = ERR_NONE};
    return false;
}

/* The first that failed speaks for all. */
typedef struct {
    int n, rank; /* rank 0: its own, or one that names the rank */
    Error error;
} Failure;

static void note(Failure *failure, int rank, const Error *err)
{
    if (failure->n++ > 0) return;
    failure->rank = rank;
    failure->error = *err;
}

/* What this rank says of itself. */
static void gather_one(Ranks *r, int rank, RankCheck *check, void *context, Failure *failure)
{
    const Doc *said;
    Error err = {0};
    bool ok = hear_from(r, rank, &said, &err);
    if (ok && !doc_to_bool(doc_get(said, "ok"), false)) {
        const double code = doc_to_number(doc_get(said, "code"), ERR_INVALID);
        ok = error_set(&err, code > 0 && code < ERROR_COUNT ? (ErrorCode)code : ERR_INVALID, "%.900s",
                       doc_to_text(doc_get(said, "message"), ""));
    }
    if (!ok) note(failure, rank, &err);
    else if (check && !check(context, rank, doc_get(said, "facts"), &err)) note(failure, 0, &err);
}

static bool leads(const Ranks *r, int rank) { return r->leads[rank]; }
static bool follows(const Ranks *r, int rank) { return !r->leads[rank]; }
static bool is_leader(const Ranks *r) { return r->leads[r->rank]; }

static void gather(Ranks *r, bool (*whom)(const Ranks *, int), RankCheck *check, void *context,
                   Failure *failure)
{
    for (int i = 1; i < r->size; i++)
        if (whom(r, i) && failure->error.code != ERR_STOPPED) gather_one(r, i, check, context, failure);
}

/* True, or rank and host before what was wrong there. */
static bool verdict(const Ranks *r, const Failure *failure, Error *err)
{
    if (failure->n == 0) return true;
    *err = failure->error;
    if (err->code == ERR_STOPPED || (failure->rank == 0 && failure->n == 1)) return false;
    if (failure->rank == 0)
        return error_set(err, err->code, "%s (and %d more rank%s)", failure->error.message, failure->n - 1,
                         failure->n == 2 ? "" : "s");
    if (failure->n == 1) return error_wrap(err, "rank %d (%s)", failure->rank, r->hosts[failure->rank]);
    return error_wrap(err, "rank %d (%s) and %d more", failure->rank, r->hosts[failure->rank], failure->n - 1);
}

/* Says the end of a round to all, and what came of it. */
static bool decide(Ranks *r, const Failure *failure, Doc *facts, Error *err)
{
    Error ignored;
    Doc *doc = word(failure->n == 0, &failure->error, facts);
    const bool told = say_to_all(r, NULL, doc, &ignored);
    doc_free(doc);
    if (!verdict(r, failure, err)) return false;
    return told || error_memory(err);
}

/* Of a rank above 0: rank 0 has said, or will say, why not. */
static bool hear(Ranks *r, const Doc **said, Error *err)
{
    const Doc *doc = NULL;
    if (!hear_from(r, 0, &doc, err)) return silent(err);
    if (said) *said = doc_get(doc, "facts");
    return doc_to_bool(doc_get(doc, "ok"), false) || silent(err);
}

bool ranks_turn(Ranks *r, Error *err)
{
    return !r || is_leader(r) || hear(r, NULL, err);
}

bool ranks_agree(Ranks *r, bool ok, Doc *facts, RankCheck *check, void *context, Error *err)
{
    Failure failure = {0};
    if (!r || r->rank > 0) {
        if (!r) {
            doc_free(facts);
            return ok;
        }
        if (!ok && err->code == ERR_NONE) { /* it was not its turn */
            doc_free(facts);
            return false;
        }
        Doc *doc = word(ok, err, facts);
        Error unsaid;
        const bool said = say_to(r, 0, doc, &unsaid);
        doc_free(doc);
        return said ? hear(r, NULL, err) : silent(err);
    }
    doc_free(facts);
    if (!ok) note(&failure, 0, err);
    gather(r, leads, check, context, &failure);
    if (failure.n == 0) {
        Doc *go = word(true, NULL, NULL);
        if (!say_to_all(r, follows, go, err)) note(&failure, 0, err);
        doc_free(go);
        gather(r, follows, check, context, &failure);
    }
    return decide(r, &failure, NULL, err);
}

bool ranks_hear(Ranks *r, bool ok, Doc *facts, const Doc **said, Error *err)
{
    Failure failure = {0};
    *said = NULL;
    if (!r || r->rank > 0) {
        doc_free(facts);
        return r ? hear(r, said, err) : ok;
    }
    if (!ok) note(&failure, 0, err);
    return decide(r, &failure, facts, err);
}

/* ---- meeting -------------------------------------------------------------------------------------------- */

/* On rank 0, which knows all hosts: who leads on each, how many ranks above 0 are there, said to each. */
static bool tell_places(Ranks *r, Error *err)
{
    bool ok = true;
    for (int i = 0; ok && i < r->size; i++) {
        int lowest = i, beside = 0;
        for (int j = 0; j < r->size; j++) {
            if (strcmp(r->hosts[i], r->hosts[j]) != 0) continue;
            if (j < lowest) lowest = j;
            beside += j > 0;
        }
        r->leads[i] = lowest == i;
        if (i == 0) {
            r->beside = beside;
            continue;
        }
        Doc *facts = doc_object(), *doc = word(true, NULL, facts);
        doc_set_bool(facts, "leads", r->leads[i]);
        doc_set_number(facts, "beside", beside);
        ok = say_to(r, i, doc, err);
        doc_free(doc);
    }
    return ok;
}

static bool meet(Ranks *r, const char *host, Error *err)
{
    r->hosts[r->rank] = arena_copy(r->arena, host);
    if (!r->hosts[r->rank]) return error_memory(err);
    if (r->rank > 0) {
        const Doc *facts = NULL;
        Doc *mine = doc_text(host);
        bool ok = say_to(r, 0, mine, err);
        doc_free(mine);
        if (!ok || !hear(r, &facts, err)) return silent(err);
        r->leads[r->rank] = doc_to_bool(doc_get(facts, "leads"), true);
        r->beside = (int)doc_to_number(doc_get(facts, "beside"), 1);
        return true;
    }
    for (int i = 1; i < r->size; i++) {
        const Doc *said = NULL;
        if (!hear_from(r, i, &said, err))
            return err->code != ERR_STOPPED && error_wrap(err, "rank %d", i);
        r->hosts[i] = arena_copy(r->arena, doc_to_text(said, ""));
        if (!r->hosts[i]) return error_memory(err);
    }
    return tell_places(r, err);
}

static Ranks *create(int rank, int size, const atomic_int *stop)
{
    Ranks *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    *r = (Ranks){.rank = rank, .size = size, .stop = stop, .beside = 1, .arena = arena_create(0),
                 .letters = arena_create(0)};
    if (r->arena && r->letters && (r->hosts = ARENA_NEW(r->arena, const char *, size)) != NULL
        && (r->leads = ARENA_NEW(r->arena, bool, size)) != NULL
        && (r->gone = ARENA_NEW(r->arena, bool, size)) != NULL
        && (r->said = ARENA_NEW(r->arena, Said *, size)) != NULL) {
        for (int i = 0; i < size; i++) r->said[i] = NULL, r->gone[i] = false;
        return r;
    }
    ranks_end(r);
    return NULL;
}

bool ranks_begin_over(const StudyLink *link, int rank, int size, const char *host, const atomic_int *stop,
                      Ranks **out, Error *err)
{
    Ranks *r = create(rank, size, stop);
    if (!r) return error_memory(err);
    r->link = link;
    if (meet(r, host, err)) {
        *out = r;
        return true;
    }
    ranks_end(r);
    return false;
}

bool ranks_begin(const Launched *launched, atomic_int *stop, Ranks **out, Error *err)
{
    char host[256] = "";
    Mpi *mpi;
    if (!mpi_begin(launched, &mpi, err)) return false;
    LinkMpi *link = link_mpi_open(mpi, stop, err);
    if (!link) return false;
    if (gethostname(host, sizeof host - 1) != 0) strcpy(host, "localhost");
    if (!ranks_begin_over(link_mpi(link), mpi_rank(mpi), mpi_size(mpi), host, stop, out, err)) {
        mpi_end(mpi, link_mpi_close(link));
        return false;
    }
    (*out)->mpi = mpi;
    (*out)->link_mpi = link;
    return true;
}

static void forget(Said *list)
{
    for (Said *said = list; said; said = said->next) doc_free(said->doc);
}

void ranks_end(Ranks *r)
{
    if (!r) return;
    if (r->mpi) mpi_end(r->mpi, link_mpi_close(r->link_mpi));
    for (int i = 0; r->said && i < r->size; i++) forget(r->said[i]);
    forget(r->heard);
    arena_destroy(r->arena);
    arena_destroy(r->letters);
    free(r);
}

int ranks_rank(const Ranks *ranks) { return ranks ? ranks->rank : 0; }
int ranks_size(const Ranks *ranks) { return ranks ? ranks->size : 1; }
int ranks_beside(const Ranks *ranks) { return ranks && ranks->beside > 0 ? ranks->beside : 1; }
const char *ranks_host(const Ranks *ranks, int rank) { return ranks->hosts[rank]; }
const StudyLink *ranks_link(const Ranks *ranks) { return ranks ? ranks->link : NULL; }
