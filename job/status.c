/* job/status.c - asks a study's database for its counts, for what runs now, and for who runs it. */
#include "job/status.h"

#include <math.h>
#include <string.h>

#include "tuner/store/versions.h"

static bool rows_of(const OpenStudy *open, const char *sql, Doc **out, Error *err)
{
    Doc *rows = doc_array();
    if (!sql) {
        doc_free(rows);
        return error_memory(err);
    }
    if (!query_rows(open->store, sql, 10, rows, err)) {
        doc_free(rows);
        return false;
    }
    *out = rows;
    return true;
}

/* What is left takes as long as what was, shared by as many as run now. Imported trials cost nothing; their
 * events are counted, because finding them among a hundred thousand trials would take too long. */
#define counts_sql \
    "WITH c AS (SELECT p.*, (SELECT count(*) FROM event e JOIN study s USING (study_id) WHERE" \
    " s.name = p.study AND e.code = 'IMPORTED') AS imported, (SELECT count(*) FROM repeat r CROSS JOIN" \
    " trial t USING (trial_id) JOIN study s USING (study_id) WHERE s.name = p.study) AS repeats," \
    " f.trial AS winner, f.mean AS winner_mean FROM progress p LEFT JOIN finalists f ON f.study = p.study" \
    " AND f.rank = 1 WHERE p.study = %s)" \
    " SELECT c.*, b.value AS best, b.trial AS best_trial, CASE WHEN c.running > 0 AND c.run_cap > 0 AND" \
    " c.trials > c.running + c.queued + c.imported THEN round(max(0, c.run_cap - c.trials + c.imported" \
    " + c.queued + 0.5 * c.running) * c.trial_secs / (c.trials - c.running - c.queued - c.imported)" \
    " / c.running) END AS eta_s FROM c LEFT JOIN best b ON b.study = c.study"
/* The plus keeps SQLite from reading all trials in number order to find the few that run. */
#define running_sql \
    "SELECT trial, attempt, epochs, last_val_metric, max(0, elapsed_s) AS elapsed_s," \
    " max(0, heartbeat_age_s) AS heartbeat_age_s, host, pid, params FROM" \
    " running WHERE study = %s ORDER BY +trial"

/* The text of the first event of that code; NULL: there is none. */
static bool first_event(const OpenStudy *open, const char *name, const char *code, const char **out, Error *err)
{
    Doc *rows;
    *out = NULL;
    const char *sql = arena_print(open->arena, "SELECT e.text AS text FROM event e JOIN study s USING"
                                  " (study_id) WHERE s.name = %s AND e.code = '%s' ORDER BY e.event_id LIMIT 1",
                                  name, code);
    if (!rows_of(open, sql, &rows, err)) return false;
    const char *text = doc_to_text(doc_get(doc_at(rows, 0), "text"), NULL);
    bool ok = !text || (*out = arena_copy(open->arena, text));
    doc_free(rows);
    return ok || error_memory(err);
}

double status_count(const Status *status, const char *key)
{
    return doc_to_number(doc_get(doc_at(status->counts, 0), key), 0);
}

bool status_read(const OpenStudy *open, Status *out, Error *err)
{
    Status got = {0};
    const char *name = sql_quote(open->study.name, open->arena);
    if (!name) return error_memory(err);
    bool ok = rows_of(open, arena_print(open->arena, counts_sql, name), &got.counts, err)
           && rows_of(open, arena_print(open->arena, running_sql, name), &got.running, err)
           && first_event(open, name, "PART", &got.part, err)
           && limits_told(open, &got.limits, err)
           && curate_holder(open->store, open->study.id, &got.holder, err);
    SpaceVersion *versions;
    int n_versions = 0;
    ok = ok && store_versions(open->store, open->study.id, open->arena, &versions, &n_versions, err);
    if (ok && n_versions > 0) {
        got.space_version = versions[n_versions - 1].version;
        got.space_from = versions[n_versions - 1].from_trial;
    }
    got.lookback = open->study.async ? 0 : open->stored.lookback;
    if (ok) ok = crew_read(open->store, open->study.id, got.holder.until, open->arena, &got.crew, err);
    if (ok) got.cure = crew_cure(open->store, open->study.id, &got.crew, got.lookback, open->arena);
    Error ignored; /* a configuration of another version: then it is not known */
    Config *config;
    if (ok && status_count(&got, "repeats") > 0 && study_config(open, &config, &ignored)) {
        double leaders = fmin(config->finalists.top, status_count(&got, "complete"));
        got.n_repeats = (int)leaders * config->finalists.seeds;
    }
    if (ok) *out = got;
    else status_free(&got);
    return ok;
}

void status_free(Status *status)
{
    doc_free(status->counts);
    doc_free(status->running);
    *status = (Status){0};
}

