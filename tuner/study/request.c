/* One question to the process that runs a study, and its answer: connect, greet, send, wait. */
#include "tuner/study/request.h"

#include <string.h>

#include "base/text.h"
#include "tuner/study/link_socket.h"

static bool read_answer(const StudyLink *host, Arena *arena, Doc **answer, Error *err)
{
    enum { PATIENCE_MS = 120000 }; /* a proposal may be under way */
    Letter letter;
    if (host->next(host->self, PATIENCE_MS, arena, &letter) != LINK_LETTER)
        return error_set(err, ERR_STORE, "the process that runs the study gave no answer; look with"
                         " `consort ls` whether it did what was asked");
    if (letter.kind != WIRE_ASK)
        return error_set(err, ERR_STORE, "the process that runs the study is of another version of consort, or"
                         " of another configuration; stop it first (`consort stop`)");
    *answer = doc_parse(letter.body, letter.n, err);
    const char *error = doc_to_text(doc_get(*answer, "error"), NULL);
    bool invalid = doc_to_bool(doc_get(*answer, "invalid"), false);
    return *answer && (!error || error_set(err, invalid ? ERR_INVALID : ERR_STORE, "%s", error));
}

bool study_ask(const char *folder, const char *identity, const Doc *question, Arena *arena, Doc **answer,
               Error *err)
{
    StudyLink host;
    Text text = {0};
    *answer = NULL;
    if (!link_socket_connect(folder, &host)) return true;
    text_print(&text, "%s\n", identity);
    bool ok = doc_print(question, 0, &text) || error_memory(err);
    ok = ok && (host.send(host.self, 0, 0, WIRE_ASK, text.bytes, text.n)
                || error_set(err, ERR_STORE, "the process that runs the study does not listen any more"));
    ok = ok && read_answer(&host, arena, answer, err);
    link_socket_destroy(&host);
    text_free(&text);
    if (ok) return true;
    doc_free(*answer);
    *answer = NULL;
    return false;
}
