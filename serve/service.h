/* serve/service.h - what a server answers from: a model that may become another, and the report of a study.
 *
 * The model is a file's: MODEL, or the ensemble of STUDY, which may not be there yet. When the file is
 * another, or
 * somebody asks for it, it is read again and takes the old one's place at once; requests that have begun keep
 * the
 * old one until they end. A file that is no sound model changes nothing and is said. The report is made again
 * when
 * the database has changed and somebody looks, at most a tenth of the time, by service_tend()'s thread alone.
 *
 * Threads  service_take(), service_page() and the metrics from any; the rest from one.
 * Memory   each model has an arena of its own, which goes with its last reader.
 */
#ifndef CONSORT_SERVE_SERVICE_H
#define CONSORT_SERVE_SERVICE_H
#include "job/line.h"
#include "job/open.h"
#include "serve/metrics.h"

typedef struct {
    const char *argument; /* MODEL or STUDY */
    PlaceOptions said;
    ReadOptions read;     /* how rows of CSV are read */
    int views;
    OnLine *on_line;      /* a model was read again, or could not be; may be NULL */
    void *context;
} ServiceOptions;

typedef struct Service Service;
/* A model in use. */
typedef struct {
    Arena *arena;
    Model *model;
    Text about;       /* GET /model, made once */
    double loaded_at; /* seconds since 1970 */
    int users;
} HeldModel;

/* The options are copied; what they point to stays the caller's. ERR_DATA and the like where MODEL is none. */
Service *service_create(const ServiceOptions *options, Error *err);
void service_destroy(Service *service);
/* What there is to do once a second: looks whether files have changed. `again`: whatever they are. */
void service_tend(Service *service, bool again);

const ServiceOptions *service_options(const Service *service);
ServeMetrics *service_metrics(Service *service);
bool service_is_study(const Service *service);
/* NULL: there is none yet. To be given back. */
HeldModel *service_take(Service *service);
void service_give_back(Service *service, HeldModel *held);
/* The report's page, appended; false: there is none yet, `why` (NULL: it is being made). `*running`: it will
 * change. */
bool service_page(Service *service, Text *out, bool *running, char why[1000]);
#endif
