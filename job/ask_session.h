/* job/ask_session.h - the search alone, for any program that evaluates points itself: a question in JSON,
 * an answer in JSON (docs/reference/cli.md, ask-tell). A program in C has the same without JSON in
 * tuner/search/ask_tell.h.
 */
#ifndef CONSORT_JOB_ASK_SESSION_H
#define CONSORT_JOB_ASK_SESSION_H
#include "base/arena.h"
#include "base/doc.h"
#include "base/error.h"

typedef struct {
    const char *file;   /* a sweep file, of which only the space, the method, metric.goal and run.seed count */
    const char *method; /* instead of the file's; NULL */
    int seed;           /* instead of the file's; -1 */
    bool explain;       /* answers say why a point was proposed */
} AskOptions;

typedef struct AskSession AskSession;
/* Memory: the session borrows `arena`. */
bool ask_session_create(const AskOptions *options, Arena *arena, AskSession **out, Error *err);
void ask_session_destroy(AskSession *session);
/* One question; what the other side gets wrong is answered {"error": "..."} and changes nothing. False: it
 * was the last, and is not answered. */
bool ask_session_answer(AskSession *session, const char *question, size_t n, Doc *answer);
#endif
