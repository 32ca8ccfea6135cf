/* serve/answer.h - a request in, an answer out, without sockets: what `consort serve` says.
 *
 *     POST /predict   rows (serve/input.h), and rows out in the same kind, or the one that Accept names.
 *                     ?proba=1 top=N threshold=P interval=0.9 id=COLUMN header=false, as the verb's options
 *     GET /model      what the model takes and gives (serve/about.h)
 *     GET /metrics    serve/metrics.h
 *     GET /health     "ok" when there is a model, else 503
 *     GET /           of a study its report; of a model what there is to ask
 *
 * Whatever comes, there is an answer: one JSON error with what is wrong, where, and the cure (answer_error).
 * HEAD is GET, without its body being sent.
 */
#ifndef CONSORT_SERVE_ANSWER_H
#define CONSORT_SERVE_ANSWER_H
#include "serve/service.h"

/* Before there is a body: may there be one for this? False: the answer is there already. */
bool answer_begin(Service *service, const Request *request, Answer *answer);
void answer_request(Service *service, const Request *request, Answer *answer);
#endif
