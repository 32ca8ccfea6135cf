/* app/status.c - the status of a study in a few lines, in one line, or as JSON. */
#include "app/status.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/columns.h"
#include "reports/sheets.h"

/* ---- saying ------------------------------------------------------------------------------------ */

static double count(const Status *status, const char *key)
{
    return status_count(status, key);
}

static const char *const states[] = {"complete", "pruned", "failed", "infeasible", "interrupted", "excluded",
                                     "running", "queued", "imported"};

static void add_counts(const Status *status, Text *out)
{
    double cap = count(status, "run_cap"), own = count(status, "trials") - count(status, "imported");
    if (cap > 0) text_print(out, "%.0f of %.0f trials", own, cap);
    else text_print(out, "%.0f trial%s", own, own == 1 ? "" : "s");
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
    const Crew *crew = &status->crew;
    add_counts(status, out);
    if (has_best(status))
        text_print(out, "; best %.6g (trial %.0f)", count(status, "best"), count(status, "best_trial"));
    if (crew->many)
        text_print(out, "; %d seat%s on %d host%s, %.0f %% in use", crew->all.seats,
                   crew->all.seats == 1 ? "" : "s", crew->n_hosts, crew->n_hosts == 1 ? "" : "s",
                   100 * crew_share(&crew->all.time));
    if (crew->many && crew->all.lost > 0)
        text_print(out, ", %d attempt%s lost", crew->all.lost, crew->all.lost == 1 ? "" : "s");
}

/* What runs now. Of thousands of trials none is listed. */
static bool print_running(const Status *status, Arena *arena, Text *out)
{
    enum { MOST_RUNNING = 16 };
    static const char *const titles[] = {"trial", "epochs", "last", "elapsed_s", "heartbeat_age_s", NULL};
    int n = (int)doc_count(status->running);
    if (n == 0 || (status->crew.many && n > MOST_RUNNING)) return text_ok(out);
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
    sheet_print(&sheet, 0, out);
    return text_ok(out);
}

static Doc *crew_of(const Status *status, bool each)
{
    Doc *crew = crew_doc(&status->crew, each);
    if (status->cure) doc_set_text(crew, "cure", status->cure);
    return crew;
}

/* Where several train: hosts, and how their time is used. */
static bool print_crew(const Status *status, Arena *arena, Text *out)
{
    enum { MOST_HOSTS = 10 };
    Sheet sheet;
    if (!status->crew.many) return text_ok(out);
    Doc *doc = crew_of(status, false);
    bool ok = sheet_hosts(doc, MOST_HOSTS, arena, &sheet, NULL);
    if (ok) {
        text_add(out, "\n");
        sheet_print(&sheet, 0, out);
        if (sheet.note) text_print(out, "%s\n", sheet.note);
    }
    doc_free(doc);
    return ok && text_ok(out);
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
    if (status->lookback > 0)
        text_print(out, "lookback %d\n", status->lookback);
    if (status->space_version > 0)
        text_print(out, "space   version %d, from trial %d on\n", status->space_version, status->space_from);
    if (status->part) text_print(out, "model   %s\n", status->part);
    text_add(out, "trials  ");
    add_counts(status, out);
    text_add(out, "\n");
    if (has_best(status))
        text_print(out, "best    %.6g, trial %.0f\n", count(status, "best"), count(status, "best_trial"));
    for (int i = 0; i < status->limits.n; i++)
        text_print(out, "%s%s, broken by %d of %.0f\n", i ? "        " : "limits  ", status->limits.text[i],
                   status->limits.broken[i], count(status, "complete"));
    if (count(status, "repeats") > 0) {
        text_print(out, "finals  %.0f", count(status, "repeats"));
        if (status->n_repeats > 0) text_print(out, " of %d", status->n_repeats);
        text_print(out, " runs on fresh seeds; trial %.0f leads with a mean of %.6g\n", count(status, "winner"),
                   count(status, "winner_mean"));
    }
    text_print(out, "time    %s of training", text_duration(count(status, "trial_secs"), duration));
    if (by->alive && doc_kind(doc_get(doc_at(status->counts, 0), "eta_s")) == DOC_NUMBER)
        text_print(out, ", about %s left", text_about(count(status, "eta_s"), duration));
    text_add(out, "\n");
    return print_crew(status, arena, out) && print_running(status, arena, out);
}

Doc *status_doc(const Status *status)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set(doc, "rows", doc_copy(status->counts));
    doc_set(doc, "running", doc_copy(status->running));
    if (status->lookback > 0) doc_set_number(doc, "lookback", status->lookback);
    if (status->limits.n > 0) doc_set(doc, "limits", limits_doc(&status->limits));
    if (status->space_version > 0) {
        Doc *space = doc_set(doc, "space", doc_object());
        doc_set_number(space, "version", status->space_version);
        doc_set_number(space, "from_trial", status->space_from);
    }
    if (status->part) doc_set_text(doc, "part", status->part);
    doc_set(doc, "crew", crew_of(status, true));
    if (status->holder.alive) {
        Doc *by = doc_set(doc, "by", doc_object());
        doc_set_number(by, "pid", (double)status->holder.pid);
        doc_set_text(by, "host", status->holder.host);
        doc_set_text(by, "since_utc", status->holder.since_utc);
        doc_set_number(by, "heartbeat_age_s", fmax(0, status->holder.beat_age_s));
    }
    return doc;
}
