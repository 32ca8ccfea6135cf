/* One question to the process that runs a study, and its answer: connect, greet, send, wait. */
#include "tuner/study/request.h"

#include <string.h>

#include "tuner/study/wire.h"

static bool read_answer(Wire *wire, Arena *arena, Doc **answer, Error *err)
{
    enum { PATIENCE_MS = 120000 }; /* a proposal may be under way */
    WireKind kind;
    const char *body;
    size_t n;
    bool gone;
    if (!wire_waits(wire, PATIENCE_MS, &gone) || !wire_receive(wire, arena, &kind, &body, &n))
        return error_set(err, ERR_STORE, "the process that runs the study gave no answer; look with"
                         " `consort ls` whether it did what was asked");
    if (kind == WIRE_END)
        return error_set(err, ERR_STORE, "the process that runs the study is of another version of consort, or"
                         " of another configuration; stop it first (`consort stop`)");
    *answer = doc_parse(body, n, err);
    const char *error = doc_to_text(doc_get(*answer, "error"), NULL);
    bool invalid = doc_to_bool(doc_get(*answer, "invalid"), false);
    return *answer && (!error || error_set(err, invalid ? ERR_INVALID : ERR_STORE, "%s", error));
}

bool study_ask(const char *folder, const char *identity, const Doc *question, Arena *arena, Doc **answer,
               Error *err)
{
    Wire wire;
    Text text = {0};
    *answer = NULL;
    int fd = wire_connect(folder);
    if (fd < 0) return true;
    wire_create(&wire, fd);
    text_print(&text, "%s\n", identity);
    bool ok = doc_print(question, 0, &text) || error_memory(err);
    ok = ok && (wire_send_text(&wire, WIRE_ASK, text.bytes)
                || error_set(err, ERR_STORE, "the process that runs the study does not listen any more"));
    ok = ok && read_answer(&wire, arena, answer, err);
    wire_destroy(&wire);
    text_free(&text);
    if (ok) return true;
    doc_free(*answer);
    *answer = NULL;
    return false;
}
