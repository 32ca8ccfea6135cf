/* The list of those who lend seats: found by number, and by who has most of them free. */
#include "tuner/study/peers.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int peers_place(Peer *const *peers, int n, int number)
{
    int low = 0, high = n;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (peers[middle]->number < number) low = middle + 1;
        else high = middle;
    }
    return low;
}

Peer *peers_find(Peer *const *peers, int n, int number)
{
    int at = peers_place(peers, n, number);
    return at < n && peers[at]->number == number ? peers[at] : NULL;
}

static bool has_room(const Peer *peer, double bytes)
{
    return peer->memory <= 0 || peer->taken + bytes <= peer->memory;
}

Peer *peers_best(Peer *const *peers, int n, double bytes, bool *ever)
{
    Peer *best = NULL;
    *ever = false;
    for (int i = 0; i < n; i++) {
        Peer *peer = peers[i];
        if (peer->n_seats == 0) continue;
        *ever |= peer->memory <= 0 || bytes <= peer->memory;
        if (peer->n_busy == peer->n_seats || !has_room(peer, bytes)) continue;
        if (!best || peer->n_seats - peer->n_busy > best->n_seats - best->n_busy) best = peer;
    }
    return best;
}

bool peer_introduce(Peer *peer, const PeerFacts *facts, const char *here)
{
    const bool ok = facts->seats <= PEER_SEATS_MOST && facts->pid <= INT_MAX
                 && strlen(facts->host) < sizeof peer->host;
    if (ok) peer->seats = calloc((size_t)facts->seats, sizeof *peer->seats);
    if (!ok || !peer->seats) return false;
    peer->n_seats = facts->seats;
    peer->pid = (int)facts->pid;
    peer->rank = facts->rank;
    peer->memory = facts->memory_bytes > 0 ? facts->memory_bytes : 0;
    snprintf(peer->host, sizeof peer->host, "%s", facts->host);
    if (facts->rank >= 0) snprintf(peer->name, sizeof peer->name, "rank %d on %s", facts->rank, peer->host);
    else if (strcmp(peer->host, here) == 0)
        snprintf(peer->name, sizeof peer->name, "pid %d", peer->pid);
    else snprintf(peer->name, sizeof peer->name, "pid %d on %s", peer->pid, peer->host);
    return true;
}

void peer_free(Peer *peer)
{
    for (int i = 0; i < peer->n_seats; i++) free(peer->seats[i].held);
    free(peer->seats);
    free(peer);
}
