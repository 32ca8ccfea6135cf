/* Letters of any length as frames of a few pages. */
#include "cluster/frames.h"

#include <stdlib.h>
#include <string.h>

Parcelled *frames_of(int kind, int seat, const void *body, size_t n)
{
    const LetterHead head = {kind, seat, n};
    Parcelled *letter = n <= LETTER_MOST ? malloc(sizeof *letter + sizeof head + n) : NULL;
    if (!letter) return NULL;
    letter->next = NULL;
    letter->n = sizeof head + n;
    memcpy(letter->bytes, &head, sizeof head);
    if (n > 0) memcpy(letter->bytes + sizeof head, body, n);
    return letter;
}

/* Twice the room, never more than twice what has come. */
static bool make_room(Coming *coming, size_t more)
{
    const size_t wanted = coming->got + more;
    if (coming->body && wanted <= coming->room) return true;
    const size_t room = wanted < FRAME_BYTES ? FRAME_BYTES : 2 * wanted;
    char *body = realloc(coming->body, room);
    if (!body) return false;
    coming->body = body;
    coming->room = room;
    return true;
}

FrameEnd frames_take(Coming *coming, const char *frame, size_t n)
{
    if (!coming->open) {
        if (n < sizeof coming->head) return FRAME_BROKEN;
        memcpy(&coming->head, frame, sizeof coming->head);
        frame += sizeof coming->head;
        n -= sizeof coming->head;
        coming->open = true;
        coming->got = 0;
        if (coming->head.n > LETTER_MOST) return FRAME_BROKEN;
    } else if (n == 0) {
        return FRAME_BROKEN;
    }
    if (n > coming->head.n - coming->got || !make_room(coming, n)) return FRAME_BROKEN;
    if (n > 0) memcpy(coming->body + coming->got, frame, n);
    coming->got += n;
    if (coming->got < coming->head.n) return FRAME_MORE;
    coming->open = false;
    return FRAME_LETTER;
}

void frames_free(Coming *coming)
{
    free(coming->body);
    *coming = (Coming){0};
}
