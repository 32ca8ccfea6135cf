/* serve/http.h - a request and its answer, as bytes: what serve/answer.h makes one of the other knows no
 * sockets.
 *
 * Memory  a Request borrows everything; an Answer owns its body: text_free(&answer->body).
 */
#ifndef CONSORT_SERVE_HTTP_H
#define CONSORT_SERVE_HTTP_H
#include "base/text.h"

/* Codes that are given, for the counts of serve/metrics.h, and what each is called. */
#define HTTP_CODE_LIST(X)                                                                                   \
    X(200, "OK") X(400, "Bad Request") X(401, "Unauthorized") X(403, "Forbidden") X(404, "Not Found")       \
    X(405, "Method Not Allowed") X(406, "Not Acceptable") X(408, "Request Timeout")                         \
    X(413, "Content Too Large") X(415, "Unsupported Media Type") X(500, "Internal Server Error")            \
    X(503, "Service Unavailable")

enum { HTTP_MOST_QUERIES = 16 };

typedef struct {
    const char *key, *value; /* "" where nothing is said */
} Query;

typedef struct {
    const char *method, *path; /* "POST", "/predict" */
    const char *type, *accept; /* what is sent and what is wanted; NULL: it was not said */
    const char *packed;        /* Content-Encoding, NULL: none */
    Query queries[HTTP_MOST_QUERIES];
    int n_queries;
    const char *body;
    size_t n_body;
} Request;

typedef struct {
    int code;
    const char *type;    /* "application/json" */
    const char *allow;   /* 405: the methods that there are; else NULL */
    int retry_s;         /* 503: come again after so long; 0: not said */
    int refresh_s;       /* a page that becomes another; 0: it stays */
    int rows;            /* that were predicted */
    long unknown;        /* cells with words that the model does not know */
    Text body;
} Answer;

/* {"error": {"code": 400, "message": ...}} in place of any other answer. `row_is` NULL, or what a line of the
 * request is called, "line" or "row": then a message "request:3: ..." has it apart. */
void answer_error(Answer *answer, int code, const char *row_is, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
#endif
