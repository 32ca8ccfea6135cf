/* Who trained, for a study that several processes trained: hosts, lanes of the timeline by host and worker,
 * what was lost, and how much of the seats was in use at each time. */
#include <math.h>

#include "reports/document_parts.h"
#include "tuner/insight/crew.h"

/* Charts stay quick and the page small. */
enum { MOST_LANES = 256, MOST_PARTS = 2000, BINS = 60 };

typedef struct {
    const Facts *facts;
    Crew crew;
    int *first_lane;   /* (n_workers) of its seats; -1: it has none that is drawn */
    int *n_lanes;      /* (n_workers) seats that it used */
    int lanes;
    double from, to;   /* of the study, seconds since 1970 */
} Drawn;

static double rounded(double seconds)
{
    return round(seconds * 1e3) / 1e3;
}

/* Lanes by host, then by worker; as many as it used of its seats. */
static bool deal_lanes(Drawn *d, Error *err)
{
    const Crew *crew = &d->crew;
    d->first_lane = ARENA_NEW(d->facts->arena, int, crew->n_workers + 1);
    d->n_lanes = ARENA_NEW(d->facts->arena, int, crew->n_workers + 1);
    if (!d->first_lane || !d->n_lanes) return error_memory(err);
    for (int i = 0; i < crew->n_spans; i++) {
        const CrewSpan *span = &crew->spans[i];
        if (span->lane >= d->n_lanes[span->worker]) d->n_lanes[span->worker] = span->lane + 1;
    }
    for (int h = 0; h < crew->n_hosts; h++)
        for (int w = 0; w < crew->n_workers; w++) {
            if (crew->host_of[w] != h) continue;
            const bool drawn = d->n_lanes[w] > 0 && d->lanes + d->n_lanes[w] <= MOST_LANES;
            d->first_lane[w] = drawn ? d->lanes : -1;
            if (drawn) d->lanes += d->n_lanes[w];
        }
    return true;
}

static int lane_of(const Drawn *d, const CrewSpan *span)
{
    const int first = d->first_lane[span->worker];
    return first < 0 ? -1 : first + span->lane;
}

static void find_ends(Drawn *d)
{
    d->from = INFINITY, d->to = -INFINITY;
    for (int i = 0; i < d->crew.n_spans; i++) {
        d->from = fmin(d->from, d->crew.spans[i].start);
        d->to = fmax(d->to, d->crew.spans[i].end);
    }
}

/* A trial that was trained without a break, and not in vain, is drawn as what it is; the rest in parts. */
static void put_parts(const Drawn *d, Slot *slots, Doc *out)
{
    Doc *parts = doc_set(out, "parts", doc_object());
    Doc *number = doc_set(parts, "number", doc_array()), *lane = doc_set(parts, "lane", doc_array());
    Doc *start = doc_set(parts, "start_s", doc_array()), *took = doc_set(parts, "seconds", doc_array());
    Doc *lost = doc_set(parts, "lost", doc_array());
    int n = 0;
    for (int i = 0; i < d->crew.n_spans; i++) {
        const CrewSpan *span = &d->crew.spans[i];
        const double seconds = span->end - span->start;
        const int at = lane_of(d, span);
        Slot *slot = &slots[span->at];
        slot->start = span->start - d->from;
        slot->lane = -1;
        if (!span->lost && fabs(seconds - d->facts->trials[span->at].seconds) < 1e-3) {
            slot->lane = at;
            continue;
        }
        if (at < 0 || n++ >= MOST_PARTS) continue;
        doc_add(number, doc_number(span->number));
        doc_add(lane, doc_number(at));
        doc_add(start, doc_number(rounded(span->start - d->from)));
        doc_add(took, doc_number(rounded(seconds)));
        doc_add(lost, doc_bool(span->lost));
    }
}

static void put_lanes(const Drawn *d, Doc *out)
{
    const Crew *crew = &d->crew;
    Doc *lanes = doc_set(out, "lanes", doc_array());
    for (int h = 0; h < crew->n_hosts; h++)
        for (int w = 0; w < crew->n_workers; w++) {
            if (crew->host_of[w] != h || d->first_lane[w] < 0) continue;
            Doc *lane = doc_add(lanes, doc_object());
            doc_set_text(lane, "host", crew->workers[w].host);
            doc_set_text(lane, "worker", crew->workers[w].name);
            doc_set_text(lane, "reason", crew->workers[w].reason);
            doc_set_number(lane, "first", d->first_lane[w]);
            doc_set_number(lane, "n", d->n_lanes[w]);
            doc_set_number(lane, "came_s", rounded(fmax(0, crew->came[w] - d->from)));
            doc_set_number(lane, "left_s", rounded(fmin(d->to, crew->left[w]) - d->from));
        }
}

/* Adds what of [from, to) lies in each bin, times `by`. */
static void add_to_bins(const Drawn *d, double from, double to, double by, double *bins)
{
    const double step = (d->to - d->from) / BINS;
    from = fmax(from, d->from), to = fmin(to, d->to);
    if (!(to > from)) return;
    for (int b = (int)((from - d->from) / step); b < BINS && d->from + b * step < to; b++)
        bins[b] += by * fmax(0, fmin(to, d->from + (b + 1) * step) - fmax(from, d->from + b * step)) / step;
}

static void put_bins(Doc *over, const char *name, const double *bins)
{
    Doc *list = doc_set(over, name, doc_array());
    for (int b = 0; b < BINS; b++) doc_add(list, doc_number(rounded(bins[b])));
}

static void put_over_time(const Drawn *d, Doc *out)
{
    double seats[BINS] = {0}, busy[BINS] = {0}, lost[BINS] = {0};
    for (int w = 0; w < d->crew.n_workers; w++)
        add_to_bins(d, d->crew.came[w], d->crew.left[w], d->crew.workers[w].seats, seats);
    for (int i = 0; i < d->crew.n_spans; i++) {
        const CrewSpan *span = &d->crew.spans[i];
        add_to_bins(d, span->start, span->end, 1, span->lost ? lost : busy);
    }
    Doc *over = doc_set(out, "over_time", doc_object());
    doc_set_number(over, "step_s", (d->to - d->from) / BINS);
    put_bins(over, "seats", seats);
    put_bins(over, "busy", busy);
    put_bins(over, "lost", lost);
}

bool document_crew(const Facts *facts, Slot *slots, Lanes *lanes, Doc *document, Error *err)
{
    Drawn d = {.facts = facts};
    Store *store = facts->input->store;
    const int lookback = facts->study.async ? 0 : facts->stored.lookback;
    if (!crew_read(store, facts->study.id, NAN, facts->arena, &d.crew, err)) return false;
    if (!d.crew.many) return true;
    if (!crew_spans(store, facts->study.id, facts->trials, facts->n_trials, lookback, facts->arena, &d.crew,
                    err)
        || !deal_lanes(&d, err))
        return false;
    find_ends(&d);
    if (!(d.to > d.from)) return true;
    Doc *out = doc_set(document, "crew", crew_doc(&d.crew, false));
    const char *cure = crew_cure(store, facts->study.id, &d.crew, lookback, facts->arena);
    if (cure) doc_set_text(out, "cure", cure);
    for (int t = 0; t < facts->n_trials; t++) slots[t] = (Slot){NAN, -1};
    put_parts(&d, slots, out);
    put_lanes(&d, out);
    put_over_time(&d, out);
    *lanes = (Lanes){d.lanes, d.to - d.from, crew_share(&d.crew.all.time)};
    return true;
}
