/* Files that travel in letters: whole or not at all, with good names only, and never much of them in memory. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/folder.h"
#include "tuner/study/porter.h"
#include "tuner/study/scratch.h"

static char root[64], there[80], here[80]; /* the end that has files, and the one that wants them */
static Arena *arena;
static const ParcelTrial seven = {7, 0, 3};

static void make_folders(const char *below)
{
    char path[200];
    Error err;
    snprintf(path, sizeof path, "%s/artifacts", below);
    assert_true(file_make_folder(path, &err));
}

static int setup(void **state)
{
    (void)state;
    strcpy(root, "/tmp/consort-test-parcel-XXXXXX");
    assert_non_null(mkdtemp(root));
    snprintf(there, sizeof there, "%s/there", root);
    snprintf(here, sizeof here, "%s/here", root);
    make_folders(there);
    make_folders(here);
    arena = arena_create(0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_remove(root);
    arena_destroy(arena);
    return 0;
}

static const char *at(const char *folder, const char *name)
{
    return path_join(arena, folder, name);
}

/* A file of n bytes that look like nothing else's. */
static void put(const char *folder, const char *name, size_t n)
{
    Error err;
    unsigned char *bytes = malloc(n + 1);
    uint32_t x = (uint32_t)n * 2654435761u + (uint32_t)strlen(name);
    for (size_t i = 0; i < n; i++) bytes[i] = (unsigned char)((x = x * 1664525u + 1013904223u) >> 24);
    assert_true(file_make_folder(path_folder(arena, at(folder, name)), &err));
    assert_true(file_write(at(folder, name), bytes, n, &err));
    free(bytes);
}

static bool same(const char *name)
{
    Bytes a, b;
    Error err;
    if (!file_read_plain(at(there, name), 0, &a, &err) || !file_read_plain(at(here, name), 0, &b, &err)) return false;
    bool equal = a.n == b.n && memcmp(a.bytes, b.bytes, a.n) == 0;
    bytes_free(&a);
    bytes_free(&b);
    return equal;
}

static int n_files(const char *folder)
{
    FileList list;
    Error err;
    assert_true(folder_list(folder, 1000, arena, &list, &err));
    return list.n;
}

static ArtifactRow row_of_file(const char *kind, const char *name)
{
    Bytes bytes;
    Error err;
    char *hex = arena_alloc(arena, 65, 1);
    assert_true(file_read_plain(at(there, name), 0, &bytes, &err));
    sha256_of(bytes.bytes, bytes.n, hex);
    ArtifactRow row = {kind, name, (int64_t)bytes.n, hex};
    bytes_free(&bytes);
    return row;
}

/* Trial 7, complete, with a model of that size. */
static TrialRecord record_of(size_t n)
{
    TrialRecord record = {.row = {.state = TRIAL_COMPLETE}, .n_artifacts = 2};
    put(there, "artifacts/trial-000007.consort", n);
    put(there, "artifacts/trial-000007.proba", 1000);
    record.artifacts[0] = row_of_file("weights", "artifacts/trial-000007.consort");
    record.artifacts[1] = row_of_file("proba", "artifacts/trial-000007.proba");
    return record;
}

static Text offer_of(const TrialRecord *record)
{
    ParcelFiles files;
    Text offer = {0};
    Error err;
    assert_true(parcel_find(there, seven, record, arena, &files, &err));
    assert_true(parcel_offer(&files, &offer));
    return offer;
}

/* One want, answered and taken. */
static ParcelState step(ParcelIn *in)
{
    Text want = {0}, piece = {0};
    Error err;
    assert_true(parcel_want(in, &want));
    assert_true(parcel_piece(there, in->trial, want.bytes, want.n, &piece));
    ParcelState state = parcel_take(in, piece.bytes, piece.n, &err);
    text_free(&want);
    text_free(&piece);
    return state;
}

static void travels_whole(void **state)
{
    static const size_t sizes[] = {0, 1, PARCEL_PIECE - 1, PARCEL_PIECE, PARCEL_PIECE + 1, 3 * PARCEL_PIECE, 700001};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ParcelIn in;
        Error err;
        const TrialRecord record = record_of(sizes[i]);
        Text offer = offer_of(&record), enough = {0};
        ParcelState s = parcel_open(here, seven, &record, true, offer.bytes, offer.n, arena, &in, &err);
        while (s == PARCEL_MORE) s = step(&in);
        assert_int_equal(s, PARCEL_WHOLE);
        assert_true(parcel_want(&in, &enough) && parcel_enough(enough.bytes, enough.n));
        parcel_close(&in);
        assert_true(same("artifacts/trial-000007.consort") && same("artifacts/trial-000007.proba"));
        assert_int_equal(n_files(here), 2);
        text_free(&offer);
        text_free(&enough);
    }
}

static void travels_what_is_wanted(void **state)
{
    (void)state;
    ParcelIn in;
    Error err;
    const TrialRecord record = record_of(5000);
    put(there, "artifacts/trial-000007/params.json", 50);
    put(there, "artifacts/trial-000007/deep/er/.hidden", 60);
    put(there, "artifacts/trial-000008/other", 60);
    assert_int_equal(symlink("/etc/hostname", at(there, "artifacts/trial-000007/link")), 0);
    assert_int_equal(symlink(here, at(there, "artifacts/trial-000007/folder")), 0);
    Text offer = offer_of(&record);
    ParcelState s = parcel_open(here, seven, &record, false, offer.bytes, offer.n, arena, &in, &err);
    while (s == PARCEL_MORE) s = step(&in);
    assert_int_equal(s, PARCEL_WHOLE);
    assert_true(same("artifacts/trial-000007/params.json") && same("artifacts/trial-000007/deep/er/.hidden"));
    assert_int_equal(n_files(here), 1); /* and one that is hidden: neither model nor links */
    text_free(&offer);
    /* States travel while the trial waits, and where it begins its program's folder stays as it is. */
    TrialRecord paused = {.row = {.state = TRIAL_QUEUED}};
    put(there, "artifacts/trial-000007.0.checkpoint", 300000);
    put(there, "artifacts/trial-000007.2.checkpoint", 10);
    put(here, "artifacts/trial-000007/params.json", 77);
    for (int i = 0; i < 2; i++) {
        offer = offer_of(i ? &paused : NULL);
        s = parcel_open(here, seven, i ? &paused : NULL, true, offer.bytes, offer.n, arena, &in, &err);
        while (s == PARCEL_MORE) s = step(&in);
        assert_int_equal(s, PARCEL_WHOLE);
        assert_true(same("artifacts/trial-000007.0.checkpoint") && same("artifacts/trial-000007.2.checkpoint"));
        assert_int_equal(same("artifacts/trial-000007/params.json"), i);
        text_free(&offer);
    }
    parcel_drop(here, seven, DROP_STATES, arena);
    assert_int_equal(n_files(here), 1);
    parcel_drop(here, seven, DROP_FOLDER, arena);
    assert_int_equal(n_files(here), 0);
}

static void add_offer(Text *out, const char *name, int64_t bytes)
{
    ParcelFiles files = {.n = 1, .files = &(ParcelFile){name, bytes}};
    assert_true(parcel_offer(&files, out));
}

static void names_are_hostile(void **state)
{
    static const char *const bad[] = {
        "", "/etc/passwd", "../x", "trials.db", "artifacts/trial-000008.consort", "artifacts/trial-000007",
        "artifacts/trial-000007.", "artifacts/trial-000007.sh", "artifacts/trial-000007.consort/x", "join.token",
        "artifacts/trial-000007.-1.checkpoint", "artifacts/trial-000007.123456789.checkpoint",
        "artifacts/trial-000007.0.checkpoint.tmp", "artifacts/trial-000007/", "artifacts/trial-000007/..",
        "artifacts/trial-000007/../trial-000008.consort", "artifacts/trial-000007//etc", "artifacts/trial-000007/a/./b",
        "artifacts/trial-000007/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s", "artifacts/trial-000007.again-1.0.checkpoint",
        "artifacts/trial-0000070.consort", " artifacts/trial-000007.consort"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ParcelIn in;
        Error err;
        Text offer = {0}, piece = {0};
        add_offer(&offer, bad[i], 3);
        assert_int_equal(parcel_open(here, seven, NULL, true, offer.bytes, offer.n, arena, &in, &err), PARCEL_WRONG);
        /* A want has a position where an offer has a size. */
        assert_false(parcel_piece(there, seven, offer.bytes, offer.n, &piece));
        assert_int_equal(piece.n, 0);
        text_free(&offer);
    }
    assert_int_equal(n_files(here), 0);
    /* What lies behind a link is neither read nor written. */
    ParcelIn in;
    Error err;
    Text offer = {0}, piece = {0};
    const TrialRecord paused = {.row = {.state = TRIAL_QUEUED}};
    put(here, "artifacts/trial-000008/secret", 100);
    assert_int_equal(symlink(at(here, "artifacts/trial-000008"), at(here, "artifacts/trial-000007")), 0);
    assert_int_equal(symlink(at(here, "artifacts/trial-000008/secret"), at(here, "artifacts/trial-000007.proba")), 0);
    add_offer(&offer, "artifacts/trial-000007/secret", 0);
    assert_true(parcel_piece(here, seven, offer.bytes, offer.n, &piece));
    assert_true(piece.n < 120);
    assert_int_equal(parcel_open(here, seven, &paused, true, offer.bytes, offer.n, arena, &in, &err), PARCEL_WHOLE);
    text_free(&offer);
    text_free(&piece);
    add_offer(&offer, "artifacts/trial-000007.proba", 0);
    assert_true(parcel_piece(here, seven, offer.bytes, offer.n, &piece));
    assert_true(piece.n < 120);
    text_free(&offer);
    text_free(&piece);
}

/* A repeat has names of its own, and its record names none. */
static void repeats_have_their_own(void **state)
{
    (void)state;
    const ParcelTrial second = {7, 2, 1};
    const TrialRecord record = record_of(100);
    ParcelFiles files;
    ParcelIn in;
    Error err;
    Text offer = {0};
    put(there, "artifacts/trial-000007.again-2/log.txt", 40);
    put(there, "artifacts/trial-000007.again-2.0.checkpoint", 40);
    assert_true(parcel_find(there, second, NULL, arena, &files, &err));
    assert_int_equal(files.n, 2);
    assert_true(parcel_offer(&files, &offer));
    assert_int_equal(parcel_open(here, seven, NULL, true, offer.bytes, offer.n, arena, &in, &err), PARCEL_WRONG);
    ParcelState s = parcel_open(here, second, NULL, true, offer.bytes, offer.n, arena, &in, &err);
    while (s == PARCEL_MORE) s = step(&in);
    assert_int_equal(s, PARCEL_WHOLE);
    assert_true(same("artifacts/trial-000007.again-2/log.txt") && same("artifacts/trial-000007.again-2.0.checkpoint"));
    parcel_drop(here, second, DROP_STATES | DROP_MODELS | DROP_FOLDER, arena);
    assert_int_equal(n_files(here), 0);
    assert_true(file_exists(at(there, record.artifacts[0].path)));
    text_free(&offer);
}

static void letters_are_cut(void **state)
{
    (void)state;
    const TrialRecord record = record_of(5000);
    Text offer = offer_of(&record), want = {0}, piece = {0};
    Error err;
    ParcelIn in;
    for (size_t n = 0; n <= offer.n; n++) {
        char *copy = malloc(n + 1); /* so that one byte too far is seen */
        memcpy(copy, offer.bytes, n);
        ParcelState s = parcel_open(here, seven, &record, true, copy, n, arena, &in, &err);
        assert_int_equal(s, n == offer.n ? PARCEL_MORE : PARCEL_WRONG);
        if (n < offer.n) parcel_close(&in);
        free(copy);
    }
    assert_true(parcel_want(&in, &want));
    for (size_t n = 0; n < want.n; n++) {
        char *copy = malloc(n + 1);
        memcpy(copy, want.bytes, n);
        assert_false(parcel_enough(copy, n));
        assert_false(parcel_piece(there, seven, copy, n, &piece));
        free(copy);
    }
    assert_true(parcel_piece(there, seven, want.bytes, want.n, &piece));
    for (size_t n = 0; n < piece.n; n += n < 150 ? 1 : 97) {
        ParcelIn again;
        char *copy = malloc(n + 1);
        memcpy(copy, piece.bytes, n);
        Text wanted = {0};
        parcel_open(here, seven, &record, true, offer.bytes, offer.n, arena, &again, &err);
        parcel_want(&again, &wanted);
        assert_int_equal(parcel_take(&again, copy, n, &err), PARCEL_WRONG);
        parcel_close(&again);
        text_free(&wanted);
        free(copy);
    }
    parcel_close(&in);
    assert_int_equal(n_files(here), 0);
    text_free(&offer);
    text_free(&want);
    text_free(&piece);
}

/* What the record names must be right; of the rest only what is right is taken. */
static void digests_decide(void **state)
{
    (void)state;
    for (int named = 0; named < 2; named++)
        for (int how = 0; how < 4; how++) {
            TrialRecord record = record_of(600000);
            const char *name = named ? "artifacts/trial-000007.consort" : "artifacts/trial-000007.1.checkpoint";
            record.row.state = TRIAL_INTERRUPTED;
            put(there, "artifacts/trial-000007.1.checkpoint", 600000);
            Text offer = offer_of(&record), want = {0}, piece = {0};
            ParcelIn in;
            Error err;
            ParcelState s = parcel_open(here, seven, &record, true, offer.bytes, offer.n, arena, &in, &err);
            bool spoilt = false;
            while (s == PARCEL_MORE) {
                want = piece = (Text){0};
                assert_true(parcel_want(&in, &want));
                bool that = strcmp(in.files.files[in.at].name, name) == 0;
                if (that && how == 1 && !spoilt) assert_int_equal(truncate(at(there, name), 1000), 0);
                if (that && how == 2 && !spoilt) assert_int_equal(unlink(at(there, name)), 0);
                assert_true(parcel_piece(there, seven, want.bytes, want.n, &piece));
                if (that && how == 0 && !spoilt) piece.bytes[piece.n - 1] ^= 1;
                if (that && how == 3 && !spoilt) put(there, name, 600000 + 1); /* another file of that name */
                spoilt |= that;
                s = parcel_take(&in, piece.bytes, piece.n, &err);
                text_free(&want);
                text_free(&piece);
            }
            parcel_close(&in);
            assert_int_equal(s, named ? PARCEL_WRONG : PARCEL_WHOLE);
            assert_false(file_exists(at(here, name)));
            if (!named) assert_true(same("artifacts/trial-000007.consort"));
            folder_remove(at(here, "artifacts"));
            make_folders(here);
            text_free(&offer);
        }
    /* The right file, and not the one that the record means. */
    TrialRecord record = record_of(100);
    Text offer = offer_of(&record);
    ParcelIn in;
    Error err;
    record.artifacts[0].sha256 = record.artifacts[1].sha256;
    assert_int_equal(parcel_open(here, seven, &record, true, offer.bytes, offer.n, arena, &in, &err), PARCEL_MORE);
    assert_int_equal(step(&in), PARCEL_WRONG);
    parcel_close(&in);
    record.artifacts[0].bytes++;
    assert_int_equal(parcel_open(here, seven, &record, true, offer.bytes, offer.n, arena, &in, &err), PARCEL_WRONG);
    parcel_close(&in);
    record.artifacts[1].path = "artifacts/trial-000007/log.txt"; /* which is not offered */
    assert_int_equal(parcel_open(here, seven, &record, true, offer.bytes, offer.n, arena, &in, &err), PARCEL_WRONG);
    parcel_close(&in);
    assert_int_equal(n_files(here), 0);
    text_free(&offer);
}

static void order_matters(void **state)
{
    (void)state;
    const TrialRecord record = record_of(3 * PARCEL_PIECE);
    Text offer = offer_of(&record), want[3] = {{0}}, piece[2] = {{0}};
    ParcelIn in;
    Error err;
    assert_int_equal(parcel_open(here, seven, &record, true, offer.bytes, offer.n, arena, &in, &err), PARCEL_MORE);
    assert_true(parcel_want(&in, &want[0]) && parcel_want(&in, &want[1]));
    assert_false(parcel_want(&in, &want[2])); /* PARCEL_AHEAD are out */
    for (int i = 0; i < 2; i++) assert_true(parcel_piece(there, seven, want[i].bytes, want[i].n, &piece[i]));
    ParcelIn second = in;
    assert_int_equal(parcel_take(&second, piece[1].bytes, piece[1].n, &err), PARCEL_WRONG);
    assert_int_equal(parcel_take(&in, piece[0].bytes, piece[0].n, &err), PARCEL_MORE);
    assert_int_equal(parcel_take(&in, piece[0].bytes, piece[0].n, &err), PARCEL_WRONG); /* twice */
    parcel_close(&in);
    assert_int_equal(n_files(here), 0);
    text_free(&offer);
    for (int i = 0; i < 2; i++) {
        text_free(&want[i]);
        text_free(&piece[i]);
    }
}

/* ---- porters, with a link between them that remembers how much it held ---- */

typedef struct Sent Sent;
struct Sent {
    Sent *next;
    Letter letter;
    char body[];
};
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t came;
    Sent *first, **last;
    int mine; /* the peer that the other end sees */
    bool woken;
} Way;
static Way to_host, to_guest[2];
static atomic_int n_asked, most_asked; /* pieces that are on their way */

static void way_start(Way *way, int mine)
{
    *way = (Way){.mine = mine};
    pthread_mutex_init(&way->lock, NULL);
    pthread_cond_init(&way->came, NULL);
    way->last = &way->first;
}

static bool carry(Way *way, int peer, int seat, WireKind kind, const void *body, size_t n)
{
    Sent *sent = malloc(sizeof *sent + n + 1);
    sent->next = NULL;
    if (n > 0) memcpy(sent->body, body, n);
    sent->letter = (Letter){.peer = peer, .seat = seat, .kind = kind, .body = sent->body, .n = n};
    pthread_mutex_lock(&way->lock);
    *way->last = sent;
    way->last = &sent->next;
    pthread_cond_signal(&way->came);
    pthread_mutex_unlock(&way->lock);
    return true;
}

static bool host_sends(void *self, int peer, int seat, WireKind kind, const void *body, size_t n)
{
    (void)self;
    if (kind == WIRE_WANT && !parcel_enough(body, n) && ++n_asked > most_asked) most_asked = n_asked;
    return carry(&to_guest[peer], 0, seat, kind, body, n);
}

static bool guest_sends(void *self, int peer, int seat, WireKind kind, const void *body, size_t n)
{
    (void)peer;
    return carry(&to_host, ((Way *)self)->mine, seat, kind, body, n);
}

static void wake(void *self)
{
    Way *way = self;
    pthread_mutex_lock(&way->lock);
    way->woken = true;
    pthread_cond_signal(&way->came);
    pthread_mutex_unlock(&way->lock);
}

static void wait_a_moment(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

/* The next letter; NULL: woken. */
static Sent *next(Way *way)
{
    pthread_mutex_lock(&way->lock);
    while (!way->first && !way->woken) pthread_cond_wait(&way->came, &way->lock);
    Sent *sent = way->first;
    if (sent) {
        way->first = sent->next;
        if (!sent->next) way->last = &way->first;
    } else {
        way->woken = false;
    }
    pthread_mutex_unlock(&way->lock);
    return sent;
}

typedef struct {
    Porter *porter;
    Way *way;
} Ear;

static void *guest_listens(void *context)
{
    const Ear *ear = context;
    for (bool over = false; !over;) {
        Sent *sent = next(ear->way);
        over = sent && sent->letter.kind == WIRE_END;
        if (sent && !over) assert_true(porter_letter(ear->porter, &sent->letter));
        free(sent);
    }
    return NULL;
}

/* Many seats of two guests send files at once; each gets the record taken, and its folder is empty then. */
static void porters_carry(void **state)
{
    enum { SEATS = 20, BYTES = 5 * PARCEL_PIECE + 17 };
    (void)state;
    Error err;
    StudyLink host_link = {.self = &to_host, .send = host_sends, .wake = wake};
    way_start(&to_host, 0);
    Porter *host = porter_create(here, &host_link, false, &err), *guest[2];
    StudyLink guest_link[2];
    Ear ears[2];
    pthread_t thread[2];
    TrialRecord record[2 * SEATS];
    bool listening = false;
    assert_non_null(host);
    for (int g = 0; g < 2; g++) {
        way_start(&to_guest[g], g);
        guest_link[g] = (StudyLink){.self = &to_guest[g], .send = guest_sends, .wake = wake};
        guest[g] = porter_create(there, &guest_link[g], true, &err);
        ears[g] = (Ear){guest[g], &to_guest[g]};
    }
    n_asked = most_asked = 0;
    for (int i = 0; i < 2 * SEATS; i++) {
        const char *name = arena_print(arena, "artifacts/trial-%06d.consort", i);
        put(there, name, BYTES + (size_t)i);
        record[i] = (TrialRecord){.row = {.state = TRIAL_COMPLETE}, .n_artifacts = 1};
        record[i].artifacts[0] = row_of_file("weights", name);
        if (i == 5) record[i].artifacts[0].bytes--; /* a record that is not true */
        put(here, arena_print(arena, "artifacts/trial-%06d.1.checkpoint", i), 5); /* from when it was paused */
        assert_true(porter_send(guest[i % 2], 0, i / 2, (ParcelTrial){i, 0, 2}, &record[i]));
    }
    int n_offers = 0, n_ends = 0;
    while (n_ends < 2 * SEATS) {
        PorterNews news;
        if (n_offers == 2 * SEATS && !listening) { /* nobody answers before as much was asked as may be */
            while (n_asked < PORTER_MOST * PARCEL_AHEAD) wait_a_moment();
            for (int g = 0; g < 2; g++)
                assert_int_equal(pthread_create(&thread[g], NULL, guest_listens, &ears[g]), 0);
            listening = true;
        }
        Sent *sent = next(&to_host);
        if (sent && sent->letter.kind == WIRE_OFFER) {
            int i = sent->letter.seat * 2 + sent->letter.peer;
            assert_true(porter_letter(host, &sent->letter));
            assert_int_equal(porter_hold(host, sent->letter.peer, sent->letter.seat, (ParcelTrial){i, 0, 2}, &record[i], true), PARCEL_MORE);
            n_offers++;
        } else if (sent) {
            n_asked -= sent->letter.kind == WIRE_FILE;
            assert_true(porter_letter(host, &sent->letter));
        }
        free(sent);
        while (porter_next(host, &news)) {
            assert_int_equal(news.state, news.seat * 2 + news.peer == 5 ? PARCEL_WRONG : PARCEL_WHOLE);
            n_ends++;
        }
    }
    assert_int_equal(n_offers, 2 * SEATS);
    assert_false(porter_is_owing(host));
    for (int g = 0; g < 2; g++) { /* all that came before is answered */
        carry(&to_guest[g], 0, 0, WIRE_END, NULL, 0);
        pthread_join(thread[g], NULL);
    }
    while (porter_is_owing(guest[0])) wait_a_moment();
    assert_true(porter_is_owing(guest[1])); /* of the one that was refused */
    for (int i = 0; i < 2 * SEATS; i += 2) /* the first guest's, which are there now, are here no more */
        assert_false(file_exists(at(there, arena_print(arena, "artifacts/trial-%06d.consort", i))));
    assert_int_equal(most_asked, PORTER_MOST * PARCEL_AHEAD);
    /* What nobody asked for is refused, and so is what follows a peer's end. */
    Letter stray = {.peer = 0, .seat = 3, .kind = WIRE_FILE, .body = "x", .n = 1};
    assert_false(porter_letter(host, &stray));
    stray.seat = 77;
    assert_false(porter_letter(host, &stray));
    porter_gone(host, 0);
    stray.seat = 3;
    stray.kind = WIRE_WANT;
    assert_false(porter_letter(host, &stray));
    for (int g = 0; g < 2; g++) porter_destroy(guest[g]);
    porter_destroy(host);
    for (int i = 0; i < 2 * SEATS; i++) {
        const char *name = arena_print(arena, "artifacts/trial-%06d.consort", i);
        assert_int_equal(file_bytes(at(here, name)), i == 5 ? 0 : BYTES + i);
    }
    /* Only the one that was refused still has its state, and there its model. */
    assert_int_equal(n_files(here), 2 * SEATS - 1 + 1);
}

/* Half of a file is there, and its guest is gone. */
static void nothing_half_remains(void **state)
{
    (void)state;
    Error err;
    StudyLink link = {.self = &to_host, .send = host_sends, .wake = wake};
    way_start(&to_host, 0);
    way_start(&to_guest[0], 0);
    Porter *host = porter_create(here, &link, false, &err);
    TrialRecord record = record_of(4 * PARCEL_PIECE);
    Text offer = offer_of(&record), piece = {0};
    Letter letter = {.seat = 1, .kind = WIRE_OFFER, .body = offer.bytes, .n = offer.n};
    assert_true(porter_letter(host, &letter));
    assert_int_equal(porter_hold(host, 0, 1, seven, &record, true), PARCEL_MORE);
    Sent *want = next(&to_guest[0]);
    assert_true(parcel_piece(there, seven, want->letter.body, want->letter.n, &piece));
    letter = (Letter){.seat = 1, .kind = WIRE_FILE, .body = piece.bytes, .n = piece.n};
    assert_true(porter_letter(host, &letter));
    for (int i = 0; i < PARCEL_AHEAD; i++) { /* until the next was asked for, it was not taken in yet */
        free(want);
        want = next(&to_guest[0]);
    }
    free(want);
    assert_int_equal(n_files(here), 1);
    porter_gone(host, 0);
    porter_destroy(host);
    assert_int_equal(n_files(here), 0);
    text_free(&offer);
    text_free(&piece);
    for (Sent *sent; to_guest[0].first && (sent = next(&to_guest[0])); ) free(sent);
}

/* Who asks for more than may be under way is not heard, however slow we are. */
static void floods_are_refused(void **state)
{
    (void)state;
    Error err;
    StudyLink link = {.self = &to_host, .send = host_sends, .wake = wake};
    way_start(&to_host, 0);
    way_start(&to_guest[0], 0);
    Porter *host = porter_create(here, &link, false, &err);
    Text want = {0};
    put(here, "artifacts/trial-000007.0.checkpoint", 100);
    assert_true(porter_send(host, 0, 1, seven, NULL));
    add_offer(&want, "artifacts/trial-000007.0.checkpoint", 0);
    const Letter letter = {.seat = 1, .kind = WIRE_WANT, .body = want.bytes, .n = want.n};
    int n = 0;
    pthread_mutex_lock(&to_guest[0].lock); /* nothing goes out meanwhile */
    while (n < 100 && porter_letter(host, &letter)) n++;
    pthread_mutex_unlock(&to_guest[0].lock);
    assert_in_range(n, PARCEL_AHEAD, 10);
    for (int i = 0; i < 1 + n; i++) {
        Sent *sent = next(&to_guest[0]);
        assert_int_equal(sent->letter.kind, i ? WIRE_FILE : WIRE_OFFER);
        free(sent);
    }
    porter_destroy(host);
    text_free(&want);
}

static void disks_are_full(void **state)
{
    (void)state;
    ParcelIn in;
    Error err;
    Text offer = {0};
    add_offer(&offer, "artifacts/trial-000007.0.checkpoint", INT64_MAX);
    assert_int_equal(parcel_open(here, seven, NULL, true, offer.bytes, offer.n, arena, &in, &err), PARCEL_ERROR);
    assert_non_null(strstr(err.message, "free some space"));
    parcel_close(&in);
    text_free(&offer);
}

/* ---- whose folder is it? ---- */

static void tokens_tell(void **state)
{
    (void)state;
    char token[TOKEN_SIZE], other[TOKEN_SIZE];
    token_write(here, token);
    token_write(there, other);
    assert_int_equal(strlen(token), 64);
    assert_string_not_equal(token, other);
    assert_true(token_is_here(here, token));
    assert_false(token_is_here(here, other) || token_is_here(root, token) || token_is_here(here, ""));
    token_write(here, other); /* another process runs the study now */
    assert_false(token_is_here(here, token));
    token_remove(here);
    assert_false(token_is_here(here, other));
    token_write("/nowhere", token);
    assert_string_equal(token, "");
}

static bool tell_path(int fd, const Scratch *scratch)
{
    char path[200] = "";
    snprintf(path, sizeof path, "%s", scratch->path);
    return write(fd, path, sizeof path) == sizeof path;
}

/* One that lives, one that was killed, and somebody else's. */
static void scratch_does_not_stay(void **state)
{
    (void)state;
    Scratch mine, second;
    Error err;
    int up[2], down[2], status;
    char byte, left[200], lives[200];
    assert_int_equal(setenv("TMPDIR", root, 1), 0);
    assert_true(pipe(up) == 0 && pipe(down) == 0);
    pid_t killed = fork();
    if (killed == 0) _exit(scratch_create(&mine, &err) && tell_path(up[1], &mine) ? 0 : 1);
    assert_int_equal(read(up[0], left, 200), 200);
    assert_true(waitpid(killed, &status, 0) == killed && status == 0);
    pid_t alive = fork();
    if (alive == 0) {
        bool ok = scratch_create(&mine, &err) && tell_path(up[1], &mine) && read(down[0], &byte, 1) == 1;
        scratch_destroy(&mine);
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(read(up[0], lives, 200), 200);
    assert_false(file_exists(left)); /* the second has removed it */
    put(root, "consort-1-abcdef/mine", 5);
    assert_true(scratch_create(&mine, &err) && scratch_create(&second, &err));
    assert_true(file_is_folder(lives) && file_is_folder(at(mine.path, "artifacts")));
    assert_true(file_exists(at(root, "consort-1-abcdef/mine"))); /* it has no lock */
    put(mine.path, "artifacts/trial-000001/deep/file", 9);
    char *path = strdup(mine.path);
    scratch_destroy(&mine);
    assert_false(file_exists(path));
    assert_true(file_is_folder(second.path));
    scratch_destroy(&second);
    assert_int_equal(write(down[1], "x", 1), 1);
    assert_true(waitpid(alive, &status, 0) == alive && status == 0);
    assert_false(file_exists(lives));
    free(path);
    unsetenv("TMPDIR");
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(travels_whole), EACH(travels_what_is_wanted), EACH(names_are_hostile), EACH(repeats_have_their_own), EACH(letters_are_cut),
        EACH(digests_decide), EACH(order_matters), EACH(porters_carry), EACH(nothing_half_remains), EACH(floods_are_refused), EACH(disks_are_full),
        EACH(tokens_tell), EACH(scratch_does_not_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
