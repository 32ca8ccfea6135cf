#include "app/status.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/output.h"
#include "reports/columns.h"

/* ---- reading ----------------------------------------------------------------------------------- */

static bool take_row(void *context, int n, const char *const *columns, const Value *cells)
{
    Doc *row = doc_add(context, doc_object());
    for (int i = 0; i < n; i++) doc_set(row, columns[i], doc_value(&cells[i]));
    return true;
}

static bool rows_of(OpenStudy *open, const char *sql, Doc **out, Error *err)
{
    Doc *rows = doc_array();
    if (!sql) {
        doc_free(rows);
        return error_memory(err);
    }
    if (!store_query(open->store, sql, 10, &(QuerySink){.row = take_row, .context = rows}, err)) {
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

static double count(const Status *status, const char *key)
{
    return doc_to_number(doc_get(doc_at(status->counts, 0), key), 0);
}

bool status_read(OpenStudy *open, Status *out, Error *err)
{
    Status got = {0};
    const char *name = output_quote(open->study.name, open->arena);
    if (!name) return error_memory(err);
    bool ok = rows_of(open, arena_print(open->arena, counts_sql, name), &got.counts, err)
           && rows_of(open, arena_print(open->arena, running_sql, name), &got.running, err)
           && curate_holder(open->store, open->study.id, &got.holder, err);
    Error ignored; /* a configuration of another version: then it is not known */
    Config *config;
    if (ok && count(&got, "repeats") > 0 && study_config(open, &config, &ignored)) {
        double leaders = fmin(config->finalists.top, count(&got, "complete"));
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

/* ---- saying ------------------------------------------------------------------------------------ */

static const char *const states[] = {"complete", "pruned", "failed", "infeasible", "interrupted", "excluded",
                                     "running", "queued", "imported"};

static void add_counts(const Status *status, Text *out)
{
    double cap = count(status, "run_cap"), own = count(status, "trials") - count(status, "imported");
    if (cap > 0) text_print(out, "%.0f of %.0f trials", own, cap);
    else text_print(out, "%.0f trials", own);
    for (size_t i = 0, n = 0; i < sizeof states / sizeof *states; i++)
        if (count(status, states[i]) > 0)
            text_print(out, "%s%.0f %s", n++ ? ", " : ": ", count(status, states[i]), states[i]);
}

static bool has_best(const Status *status)
{
    return doc_kind(doc_get(doc_at(status->counts, 0), "best")) == DOC_NUMBER;
}

void status_line(const Status *status, Text *out)
{
    add_counts(status, out);
    if (has_best(status))
        text_print(out, "; best %.6g (trial %.0f)", count(status, "best"), count(status, "best_trial"));
}

bool status_print(const OpenStudy *open, const Status *status, Arena *arena, Text *out)
{
    char duration[32];
    const StudyHolder *by = &status->holder;
    text_print(out, "study   %s, %s %s by %s\n", open->study.name, open->study.maximize ? "maximizes"
               : "minimizes",
               open->study.metric, open->study.method);
    if (by->alive)
        text_print(out, "state   running since %.10s %.5s UTC: pid %" PRId64 " on %s, last sign of life %.0f s"
                   " ago\n", by->since_utc, by->since_utc + 11, by->pid, by->host, fmax(0, by->beat_age_s));
    else
        text_print(out, "state   %s%s\n", open->study.state,
                   strcmp(open->study.state, "OPEN") == 0
                       ? ": its process is gone; the same command continues it" : "");
    text_add(out, "trials  ");
    add_counts(status, out);
    text_add(out, "\n");
    if (has_best(status))
        text_print(out, "best    %.6g, trial %.0f\n", count(status, "best"), count(status, "best_trial"));
    if (count(status, "repeats") > 0) {
        text_print(out, "finals  %.0f", count(status, "repeats"));
        if (status->n_repeats > 0) text_print(out, " of %d", status->n_repeats);
        text_print(out, " runs on fresh seeds; trial %.0f leads with a mean of %.6g\n", count(status, "winner"),
                   count(status, "winner_mean"));
    }
    text_print(out, "time    %s of training", text_duration(count(status, "trial_secs"), duration));
    if (by->alive && doc_kind(doc_get(doc_at(status->counts, 0), "eta_s")) == DOC_NUMBER)
        text_print(out, ", about %s left", text_duration(count(status, "eta_s"), duration));
    text_add(out, "\n");
    int n = (int)doc_count(status->running);
    if (n == 0) return text_ok(out);
    static const char *const titles[] = {"trial", "epochs", "last", "elapsed_s", "heartbeat_age_s", NULL};
    Sheet sheet;
    if (!sheet_plain(titles, (size_t)n, arena, &sheet, NULL)) return false;
    for (int i = 0; i < n; i++) {
        const Doc *row = doc_at(status->running, (size_t)i);
        double last = doc_to_number(doc_get(row, "last_val_metric"), NAN);
        Cell *cell = sheet_row(&sheet);
        cell[0].text = arena_print(arena, "%.0f", doc_to_number(doc_get(row, "trial"), -1));
        cell[1].text = arena_print(arena, "%.0f", doc_to_number(doc_get(row, "epochs"), 0));
        cell[2].text = isnan(last) ? "-" : arena_print(arena, "%.6g", last);
        cell[3].text = arena_print(arena, "%.1f", doc_to_number(doc_get(row, "elapsed_s"), NAN));
        cell[4].text = arena_print(arena, "%.1f", doc_to_number(doc_get(row, "heartbeat_age_s"), NAN));
    }
    if (!sheet_whole(&sheet)) return false;
    text_add(out, "\n");
    sheet_print(&sheet, out);
    return text_ok(out);
}

Doc *status_doc(const Status *status)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set(doc, "rows", doc_copy(status->counts));
    doc_set(doc, "running", doc_copy(status->running));
    if (status->holder.alive) {
        Doc *by = doc_set(doc, "by", doc_object());
        doc_set_number(by, "pid", (double)status->holder.pid);
        doc_set_text(by, "host", status->holder.host);
        doc_set_text(by, "since_utc", status->holder.since_utc);
        doc_set_number(by, "heartbeat_age_s", fmax(0, status->holder.beat_age_s));
    }
    return doc;
}
