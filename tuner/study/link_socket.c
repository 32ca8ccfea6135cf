/* A link over sockets of one host: one thread polls them all, letters wait in a queue a peer until they are
 * taken. */
#include "tuner/study/link_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/grow.h"
#include "base/text.h"

typedef struct {
    uint32_t kind, seat, n;
} Head;

typedef struct {
    int number, fd;
    char *in;      /* bytes that came: (room), of which those from `at` to `n_in` are to be looked at */
    size_t at, n_in, most; /* most: bytes of a letter from it */
    int room;
    Text out;      /* bytes to be sent, those before `sent` are */
    size_t sent;
    bool told;     /* that it came */
    bool ended;    /* nothing more comes from it */
    bool mute;     /* it takes nothing any more */
    bool dropped;  /* nobody wants to hear of it */
} Peer;

typedef struct {
    int listener;  /* -1: a guest's */
    char *folder;
    int bell[2];   /* a byte from [1] to [0] ends the wait */
    struct pollfd *polls; /* (SOCKET_PEERS + 2) */
    double deaf_until; /* a connection could not be taken: not at once again */
    int next_number, turn;
    pthread_mutex_t lock; /* of the peers; only who calls `next` adds and removes them */
    Peer *peers[SOCKET_PEERS];
    int n_peers;
} Sockets;

/* ---- peers: called with the lock ----------------------------------------------------------------- */

static Peer *find(const Sockets *s, int number)
{
    for (int i = 0; i < s->n_peers; i++)
        if (s->peers[i]->number == number && !s->peers[i]->dropped) return s->peers[i];
    return NULL;
}

static bool add_peer(Sockets *s, int fd)
{
    Peer *peer = s->n_peers < SOCKET_PEERS ? calloc(1, sizeof *peer) : NULL;
    if (!peer) return false;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    peer->fd = fd;
    peer->most = s->listener >= 0 ? WIRE_FIRST_MOST : WIRE_BODY_MOST;
    peer->number = s->next_number++;
    s->peers[s->n_peers++] = peer;
    return true;
}

static void remove_peer(Sockets *s, int i)
{
    Peer *peer = s->peers[i];
    close(peer->fd);
    free(peer->in);
    text_free(&peer->out);
    free(peer);
    memmove(&s->peers[i], &s->peers[i + 1], (size_t)(s->n_peers - i - 1) * sizeof *s->peers);
    s->n_peers--;
}

static bool is_queued(const Peer *peer)
{
    return !peer->mute && peer->sent < peer->out.n;
}

static void flush(Peer *peer)
{
    while (is_queued(peer)) {
        ssize_t n = send(peer->fd, peer->out.bytes + peer->sent, peer->out.n - peer->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (n <= 0) peer->mute = true; /* what it has sent is still read */
        else peer->sent += (size_t)n;
    }
    text_free(&peer->out);
    peer->sent = 0;
}

/* The bytes of the letter that comes first, as far as is known. */
static size_t wanted(const Peer *peer)
{
    Head head;
    if (peer->n_in - peer->at < sizeof head) return sizeof head;
    memcpy(&head, peer->in + peer->at, sizeof head);
    return head.kind > WIRE_END || head.n > peer->most ? 0 : sizeof head + head.n;
}

/* Room for more bytes, not much more than there are: a length alone takes no memory. */
static bool make_room(Peer *peer)
{
    enum { PIECE = 1 << 16 };
    if (peer->at > 0) {
        memmove(peer->in, peer->in + peer->at, peer->n_in - peer->at);
        peer->n_in -= peer->at;
        peer->at = 0;
    }
    while ((size_t)peer->room - peer->n_in < PIECE / 2)
        if (!GROW(NULL, peer->in, peer->room, peer->room)) return false;
    return true;
}

static void receive(Peer *peer)
{
    if (!make_room(peer)) {
        peer->ended = true;
        return;
    }
    ssize_t n = recv(peer->fd, peer->in + peer->n_in, (size_t)peer->room - peer->n_in, MSG_DONTWAIT);
    if (n > 0) peer->n_in += (size_t)n;
    else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) peer->ended = true;
}

/* The letter that came first, if all of it is there. False: this is no letter of ours, or there is no memory.
 * */
static bool take_letter(Peer *peer, Arena *arena, Letter *out, bool *there)
{
    size_t n = wanted(peer);
    *there = n > 0 && peer->n_in - peer->at >= n;
    if (!*there) return n > 0;
    Head head;
    memcpy(&head, peer->in + peer->at, sizeof head);
    char *body = arena_copy_n(arena, peer->in + peer->at + sizeof head, head.n);
    if (!body) return false;
    *out = (Letter){.peer = peer->number, .seat = head.seat > INT32_MAX ? -1 : (int)head.seat,
                    .kind = (WireKind)head.kind, .body = body, .n = head.n};
    peer->at += n;
    peer->most = WIRE_BODY_MOST;
    if (peer->at < peer->n_in) return true;
    peer->at = peer->n_in = 0;
    if (peer->room <= 1 << 20) return true;
    free(peer->in); /* a large one came: not often */
    peer->in = NULL;
    peer->room = 0;
    return true;
}

/* What there is to tell without waiting; peers take turns. */
static LinkEvent take(Sockets *s, Arena *arena, Letter *out)
{
    for (int i = s->n_peers - 1; i >= 0; i--)
        if (s->peers[i]->dropped) remove_peer(s, i);
    for (int k = 0; k < s->n_peers; k++) {
        int i = (s->turn + k) % s->n_peers;
        Peer *peer = s->peers[i];
        bool there;
        *out = (Letter){.peer = peer->number};
        if (!peer->told) {
            peer->told = true;
            return LINK_CAME;
        }
        bool ours = take_letter(peer, arena, out, &there);
        s->turn = i + 1;
        if (ours && there) return LINK_LETTER;
        if (ours && !peer->ended) continue;
        *out = (Letter){.peer = peer->number};
        remove_peer(s, i);
        return LINK_GONE;
    }
    return s->listener < 0 && s->n_peers == 0 ? LINK_OVER : LINK_NOTHING;
}

/* ---- the link ------------------------------------------------------------------------------------ */

static void ring(void *self)
{
    const Sockets *s = self;
    while (send(s->bell[1], "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EINTR) {}
}

static void accept_peer(Sockets *s)
{
    int fd = accept(s->listener, NULL, NULL);
    if (fd >= 0 && add_peer(s, fd)) return;
    if (fd >= 0) close(fd);
    s->deaf_until = clock_seconds() + 1;
}

/* Waits until something can be read or sent. True when somebody rang. */
static bool look(Sockets *s, int timeout_ms)
{
    char bytes[64];
    bool listens = s->listener >= 0 && s->n_peers < SOCKET_PEERS && clock_seconds() >= s->deaf_until;
    pthread_mutex_lock(&s->lock);
    int n = s->n_peers;
    s->polls[0] = (struct pollfd){.fd = s->bell[0], .events = POLLIN};
    s->polls[1] = (struct pollfd){.fd = listens ? s->listener : -1, .events = POLLIN};
    for (int i = 0; i < n; i++)
        s->polls[2 + i] = (struct pollfd){.fd = s->peers[i]->fd,
                                          .events = POLLIN | (is_queued(s->peers[i]) ? POLLOUT : 0)};
    pthread_mutex_unlock(&s->lock);
    if (poll(s->polls, (nfds_t)n + 2, timeout_ms) <= 0) return false;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < n; i++) {
        if (s->polls[2 + i].revents & POLLOUT) flush(s->peers[i]);
        if (s->polls[2 + i].revents & ~POLLOUT) receive(s->peers[i]);
    }
    if (s->polls[1].revents) accept_peer(s);
    pthread_mutex_unlock(&s->lock);
    if (!s->polls[0].revents) return false;
    while (recv(s->bell[0], bytes, sizeof bytes, MSG_DONTWAIT) > 0) {}
    return true;
}

static LinkEvent next(void *self, int timeout_ms, Arena *arena, Letter *out)
{
    Sockets *s = self;
    const double until = clock_seconds() + timeout_ms / 1000.0;
    for (bool rung = false, looked = false;; looked = true) {
        pthread_mutex_lock(&s->lock);
        LinkEvent event = take(s, arena, out);
        pthread_mutex_unlock(&s->lock);
        if (event != LINK_NOTHING) return event;
        double left = until - clock_seconds();
        if (looked && (rung || left <= 0)) return LINK_NOTHING;
        rung = look(s, left > 0 ? (int)ceil(1000 * left) : 0);
    }
}

static bool send_letter(void *self, int number, int seat, WireKind kind, const void *body, size_t n)
{
    Sockets *s = self;
    const Head head = {(uint32_t)kind, (uint32_t)seat, (uint32_t)n};
    if (n > WIRE_BODY_MOST) return false;
    pthread_mutex_lock(&s->lock);
    Peer *peer = find(s, number);
    bool ok = peer && !peer->mute, waited = ok && is_queued(peer);
    if (ok && peer->out.n - peer->sent + n > WIRE_BODY_MOST) {
        shutdown(peer->fd, SHUT_RDWR); /* it takes nothing: `next` finds its end */
        ok = false;
    }
    if (ok && peer->sent > peer->out.n / 2) { /* one that always lags behind takes no more memory for it */
        memmove(peer->out.bytes, peer->out.bytes + peer->sent, peer->out.n - peer->sent);
        peer->out.n -= peer->sent;
        peer->sent = 0;
    }
    if (ok) {
        text_add_n(&peer->out, (const char *)&head, sizeof head);
        if (n > 0) text_add_n(&peer->out, body, n);
        peer->mute = !text_ok(&peer->out);
        flush(peer);
        ok = !peer->mute;
    }
    bool waits = ok && is_queued(peer);
    pthread_mutex_unlock(&s->lock);
    if (waits && !waited) ring(s); /* so that the wait is for this, too */
    return ok;
}

static void drop(void *self, int number)
{
    Sockets *s = self;
    pthread_mutex_lock(&s->lock);
    Peer *peer = find(s, number);
    if (peer) {
        peer->dropped = true;
        shutdown(peer->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&s->lock);
}

/* ---- beginning and ending ------------------------------------------------------------------------ */

/* A socket's path has room for about a hundred characters; through /proc every folder's is short.
 * `folder_fd` (-1: none) is the caller's to close once the address has served. */
static bool address_of(const char *folder, struct sockaddr_un *address, int *folder_fd)
{
    const size_t size = sizeof address->sun_path;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    *folder_fd = -1;
    if ((size_t)snprintf(address->sun_path, size, "%s/join.socket", folder) < size) return true;
    *folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder_fd < 0) return false;
    snprintf(address->sun_path, size, "/proc/self/fd/%d/join.socket", *folder_fd);
    return true;
}

static int unix_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static int listen_in(const char *folder, Error *err)
{
    struct sockaddr_un address;
    int folder_fd, fd = unix_socket();
    bool ok = fd >= 0 && address_of(folder, &address, &folder_fd);
    if (ok) {
        unlink(address.sun_path);
        /* Nobody can connect before it listens: by then it is ours alone. */
        ok = bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && chmod(address.sun_path, 0600) == 0
          && listen(fd, 128) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
        int reason = errno;
        if (folder_fd >= 0) close(folder_fd);
        errno = reason;
    }
    if (ok) return fd;
    error_set(err, ERR_IO, "%s/join.socket: %s; nobody can join this sweep", folder, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

static int connect_to(const char *folder)
{
    struct sockaddr_un address;
    int folder_fd, fd = unix_socket();
    if (fd < 0) return -1;
    bool ok = address_of(folder, &address, &folder_fd)
           && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (folder_fd >= 0) close(folder_fd);
    if (ok) return fd;
    close(fd);
    return -1;
}

static void sockets_free(Sockets *s)
{
    while (s->n_peers > 0) remove_peer(s, s->n_peers - 1);
    if (s->listener >= 0) close(s->listener);
    for (int i = 0; i < 2; i++)
        if (s->bell[i] >= 0) close(s->bell[i]);
    pthread_mutex_destroy(&s->lock);
    free(s->polls);
    free(s->folder);
    free(s);
}

static Sockets *sockets_create(const char *folder)
{
    Sockets *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    *s = (Sockets){.listener = -1, .bell = {-1, -1}};
    pthread_mutex_init(&s->lock, NULL);
    s->polls = calloc(SOCKET_PEERS + 2, sizeof *s->polls);
    s->folder = text_keep(folder, strlen(folder));
    bool ok = s->polls && s->folder && socketpair(AF_UNIX, SOCK_STREAM, 0, s->bell) == 0;
    for (int i = 0; ok && i < 2; i++) fcntl(s->bell[i], F_SETFD, FD_CLOEXEC);
    if (ok) return s;
    sockets_free(s);
    return NULL;
}

static StudyLink link_of(Sockets *s)
{
    return (StudyLink){.self = s, .next = next, .send = send_letter, .wake = ring, .drop = drop};
}

bool link_socket_listen(const char *folder, StudyLink *out, Error *err)
{
    Sockets *s = sockets_create(folder);
    if (!s) return error_memory(err);
    s->listener = listen_in(folder, err);
    if (s->listener < 0) {
        sockets_free(s);
        return false;
    }
    *out = link_of(s);
    return true;
}

bool link_socket_connect(const char *folder, StudyLink *out)
{
    Sockets *s = sockets_create(folder);
    int fd = s ? connect_to(folder) : -1;
    if (fd >= 0 && add_peer(s, fd)) {
        s->peers[0]->told = true;
        *out = link_of(s);
        return true;
    }
    if (fd >= 0) close(fd);
    if (s) sockets_free(s);
    return false;
}

void link_socket_destroy(StudyLink *link)
{
    enum { PATIENCE_S = 2 };
    if (!link) return;
    Sockets *s = link->self;
    if (s->listener >= 0) { /* no more guests: they would wait for a word */
        struct sockaddr_un address;
        int folder_fd;
        if (address_of(s->folder, &address, &folder_fd)) unlink(address.sun_path);
        if (folder_fd >= 0) close(folder_fd);
    }
    const double until = clock_seconds() + PATIENCE_S;
    for (int i = 0; i < s->n_peers; i++)
        while (is_queued(s->peers[i]) && clock_seconds() < until) {
            struct pollfd waits = {.fd = s->peers[i]->fd, .events = POLLOUT};
            poll(&waits, 1, 100);
            flush(s->peers[i]);
        }
    sockets_free(s);
}
