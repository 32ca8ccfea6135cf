/* job/finished.c - opens a study for what is made of it, and lends its database to what writes there. */
#include "job/finished.h"

#include <string.h>

#include "base/mat.h"
#include "job/kind.h"

bool finished_open(const Place *place, Arena *arena, Finished *out, Error *err)
{
    OpenStudy open;
    *out = (Finished){.arena = arena};
    if (!mat_init(err) || !study_open(place, arena, &open, err)) return false;
    out->place = open.place;
    out->store = open.store;
    out->study = open.study;
    bool ok = study_config(&open, &out->config, err);
    if (ok && !out->config->kind->trains) return true;
    ok = ok && data_load(out->config, arena, &out->data, err);
    if (ok && strcmp(out->data.train->fingerprint, out->study.data_sha256) != 0) {
        error_set(err, ERR_DATA, "the data of study %s have changed since it was run (their"
                  " fingerprint differs); run it again under another name", out->study.name);
        ok = data_were_words(out->data.train, err);
    }
    if (!ok) finished_close(out);
    return ok;
}

bool finished_of_sweep(const Sweep *sweep, Config *config, Arena *arena, Finished *out, Error *err)
{
    *out = (Finished){.place = sweep->place, .study = sweep->info, .config = config, .data = sweep->data,
                      .arena = arena};
    return store_open(sweep->place.db, STORE_READ, &out->store, err);
}

bool finished_has_models(const Finished *finished, const char *what, Error *err)
{
    return study_has_networks(finished->config, &finished->study, finished->place.folder, what, err);
}

static void close_store(Finished *f)
{
    if (f->store) store_close(f->store, NULL);
    f->store = NULL;
}

void finished_close(Finished *f)
{
    close_store(f);
    doc_free(f->ensemble.validation);
    f->ensemble = (Ensemble){0};
}

bool finished_change(Finished *f, bool (*change)(Finished *, Store *, void *, Error *), void *context,
                     Error *err)
{
    Store *writer;
    close_store(f);
    if (!store_open(f->place.db, STORE_WRITE, &writer, err)) return false;
    bool ok = change(f, writer, context, err);
    ok = store_close(writer, ok ? err : NULL) && ok;
    return store_open(f->place.db, STORE_READ, &f->store, ok ? err : NULL) && ok;
}
