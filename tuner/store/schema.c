/* The tables of schema 1, and the views. docs/reference/database.md explains each to the people who query them.
 * Tables change only by the steps of migrate.c, which says how to add one; a change of a view needs a
 * new schema, too, so that older files get it. */
#include "tuner/store/schema.h"

#include <stddef.h>

/* Tables whose rows several workers write have natural keys and no rowid: what they hold, and in
 * which order, does not depend on who came first. */
const char schema_first_tables[] =
    "CREATE TABLE study (study_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " state TEXT NOT NULL CHECK (state IN ('OPEN', 'DONE', 'STOPPED')),"
    " method TEXT NOT NULL, metric TEXT NOT NULL,"
    " goal TEXT NOT NULL CHECK (goal IN ('maximize', 'minimize')), target REAL,"
    " seed INTEGER NOT NULL, run_cap INTEGER, time_cap_s REAL,"
    " config_yaml TEXT, config_sha256 TEXT, data_sha256 TEXT, split_sha256 TEXT,"
    " view_name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " consort_version TEXT, created_utc TEXT NOT NULL, notes TEXT) STRICT;"

    "CREATE TABLE class_label (study_id INTEGER NOT NULL REFERENCES study, class_id INTEGER NOT NULL,"
    " label TEXT NOT NULL, PRIMARY KEY (study_id, class_id)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE param_def (study_id INTEGER NOT NULL REFERENCES study, name TEXT NOT NULL,"
    " ord INTEGER NOT NULL, column_name TEXT, distribution TEXT NOT NULL,"
    " lo REAL, hi REAL, q REAL, mu REAL, sigma REAL, a REAL, b REAL, zero_prob REAL,"
    " choices TEXT, probabilities TEXT, cond TEXT, expr TEXT,"
    " PRIMARY KEY (study_id, name)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE trial (trial_id INTEGER PRIMARY KEY, study_id INTEGER NOT NULL REFERENCES study,"
    " number INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'COMPLETE', 'PRUNED', 'FAILED',"
    " 'INFEASIBLE', 'INTERRUPTED', 'EXCLUDED')), state_before TEXT,"
    " source TEXT NOT NULL, params_hash TEXT NOT NULL, params TEXT NOT NULL, trace TEXT,"
    " seed INTEGER NOT NULL, attempt INTEGER NOT NULL DEFAULT 1, crashes INTEGER NOT NULL DEFAULT 0,"
    " value REAL, value_sd REAL, best_epoch INTEGER, epochs INTEGER NOT NULL DEFAULT 0,"
    " n_params INTEGER, model_bytes INTEGER, fail_code TEXT, fail_text TEXT, secs REAL,"
    " threads INTEGER, queued_utc TEXT, start_utc TEXT, end_utc TEXT, heartbeat_utc TEXT,"
    " host TEXT, pid INTEGER, boot_id TEXT,"
    " UNIQUE (study_id, number), UNIQUE (study_id, params_hash, seed)) STRICT;"

    "CREATE TABLE param (trial_id INTEGER NOT NULL REFERENCES trial, name TEXT NOT NULL, num REAL,"
    " txt TEXT, PRIMARY KEY (trial_id, name)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE epoch (trial_id INTEGER NOT NULL REFERENCES trial, fold INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, lr REAL, train_loss REAL, val_loss REAL, val_metric REAL,"
    " grad_norm REAL, secs REAL, PRIMARY KEY (trial_id, fold, epoch)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE metric (trial_id INTEGER NOT NULL REFERENCES trial, split TEXT NOT NULL,"
    " fold INTEGER NOT NULL, name TEXT NOT NULL, value REAL, lo95 REAL, hi95 REAL,"
    " PRIMARY KEY (trial_id, split, fold, name)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE confusion (trial_id INTEGER NOT NULL REFERENCES trial, split TEXT NOT NULL,"
    " truth INTEGER NOT NULL, pred INTEGER NOT NULL, n INTEGER NOT NULL,"
    " PRIMARY KEY (trial_id, split, truth, pred)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE artifact (trial_id INTEGER NOT NULL REFERENCES trial, kind TEXT NOT NULL,"
    " path TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT,"
    " PRIMARY KEY (trial_id, kind, path)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE ensemble (ensemble_id INTEGER PRIMARY KEY,"
    " study_id INTEGER NOT NULL REFERENCES study, method TEXT NOT NULL, metric TEXT NOT NULL,"
    " value REAL, config TEXT, path TEXT, bytes INTEGER, sha256 TEXT, created_utc TEXT NOT NULL)"
    " STRICT;"

    "CREATE TABLE ensemble_member (ensemble_id INTEGER NOT NULL REFERENCES ensemble,"
    " ord INTEGER NOT NULL, trial_id INTEGER NOT NULL REFERENCES trial, weight REAL NOT NULL,"
    " PRIMARY KEY (ensemble_id, ord)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE event (event_id INTEGER PRIMARY KEY, utc TEXT NOT NULL,"
    " study_id INTEGER REFERENCES study, trial_id INTEGER REFERENCES trial, code TEXT NOT NULL,"
    " text TEXT) STRICT;"

    "CREATE TABLE lease (study_id INTEGER PRIMARY KEY REFERENCES study, host TEXT NOT NULL,"
    " boot_id TEXT NOT NULL, pid INTEGER NOT NULL, pid_space INTEGER NOT NULL,"
    " started INTEGER NOT NULL, since_utc TEXT NOT NULL, heartbeat_utc TEXT NOT NULL) STRICT;";

/* A NaN is kept as NULL, and NULL sorts before every number: whatever ranks says "IS NOT NULL". `better`
 * is the value with the sign that makes smaller better. */
#define BETTER "(CASE s.goal WHEN 'maximize' THEN -t.value ELSE t.value END)"
/* Who may be called the best: another tool's result has no model, and nobody can check it; a complete trial
 * with a fail_code breaks a limit. */
#define RANKS "t.state = 'COMPLETE' AND t.value IS NOT NULL AND t.source <> 'import'" \
              " AND t.fail_code IS NULL"

/* Subqueries that an index answers alone: per state, and in order of value or time. */
#define OF_ALL(what, which) "(SELECT " what " FROM trial t WHERE t.study_id = s.study_id" which ")"
#define COUNT(which) " " OF_ALL("count(*)", which)
#define FIRST(order) "(SELECT b.trial_id FROM trial b WHERE b.study_id = s.study_id AND b.state = 'COMPLETE'" \
                     " AND b.value IS NOT NULL AND b.source <> 'import' AND b.fail_code IS NULL" \
                     " ORDER BY " order ", b.number LIMIT 1)"

/* The confusion of trials, and of what is none. */
#define ALL_CONFUSION "SELECT t.study_id, t.number AS trial, 'trial ' || t.number AS model, c.split, c.truth," \
                      " c.pred, c.n FROM confusion c JOIN trial t USING (trial_id) UNION ALL SELECT study_id," \
                      " NULL, model, split, truth, pred, n FROM model_confusion"

const SchemaView schema_views[] = {
    /* Ranks ids alone, and comes for the rest as it is asked: of a million trials the first few take seconds
     * less than to sort whole rows would. The window leaves its rows in its order, which CROSS JOIN keeps. */
    {"leaderboard",
    "SELECT r.study, r.rank, t.number AS trial, t.value, t.value_sd, t.epochs, t.best_epoch, t.n_params,"
    " t.secs, t.source, t.params, t.trial_id"
    " FROM (SELECT s.name AS study, t.trial_id,"
    " row_number() OVER (PARTITION BY s.name ORDER BY " BETTER ", t.number) AS rank"
    " FROM trial t NOT INDEXED JOIN study s USING (study_id) WHERE " RANKS ") r"
    " CROSS JOIN trial t USING (trial_id)"},

    /* straight from the index trial_value, as are the counts: no window over all trials */
    {"best",
    "SELECT s.name AS study, t.number AS trial, t.value, t.value_sd, t.epochs, t.best_epoch, t.n_params,"
    " t.secs, t.source, t.params, t.trial_id"
    " FROM study s JOIN trial t ON t.trial_id = CASE s.goal"
    " WHEN 'maximize' THEN " FIRST("b.value DESC") " ELSE " FIRST("b.value") " END"},

    /* best mean over all runs first; the trial itself is a run, `fresh` is the mean without it */
    {"finalists",
    "SELECT study, row_number() OVER (PARTITION BY study ORDER BY failed, CASE goal WHEN 'maximize' THEN -mean"
    " ELSE mean END, trial) AS rank, trial, runs, failed, value, mean, fresh, low, high, params,"
    " trial_id FROM ("
    " SELECT s.name AS study, s.goal, t.number AS trial, 1 + count(r.value) AS runs,"
    " count(*) - count(r.value) AS failed, t.value, (t.value + total(r.value)) / (1 + count(r.value)) AS mean,"
    " avg(r.value) AS fresh, min(t.value, coalesce(min(r.value), t.value)) AS low,"
    " max(t.value, coalesce(max(r.value), t.value)) AS high, t.params, t.trial_id"
    " FROM repeat r CROSS JOIN trial t USING (trial_id) JOIN study s USING (study_id)"
    " WHERE " RANKS " GROUP BY t.trial_id) ORDER BY study, rank"},

    {"progress",
    "SELECT s.name AS study, s.state, s.run_cap,"
    COUNT("") " AS trials,"
    COUNT(" AND t.state = 'QUEUED'") " AS queued,"
    COUNT(" AND t.state = 'RUNNING'") " AS running,"
    COUNT(" AND t.state = 'COMPLETE'") " AS complete,"
    COUNT(" AND t.state = 'PRUNED'") " AS pruned,"
    COUNT(" AND t.state = 'FAILED'") " AS failed,"
    COUNT(" AND t.state = 'INFEASIBLE'") " AS infeasible,"
    COUNT(" AND t.state = 'INTERRUPTED'") " AS interrupted,"
    COUNT(" AND t.state = 'EXCLUDED'") " AS excluded,"
    " CASE s.goal WHEN 'maximize' THEN " OF_ALL("max(t.value)", " AND " RANKS)
    " ELSE " OF_ALL("min(t.value)", " AND " RANKS) " END AS best_value,"
    " coalesce(" OF_ALL("sum(t.secs)", "") ", 0) AS trial_secs,"
    " " OF_ALL("min(t.start_utc)", "") " AS first_start_utc,"
    " " OF_ALL("max(t.end_utc)", "") " AS last_end_utc, s.deterministic"
    " FROM study s"},

    {"running",
    "SELECT s.name AS study, t.number AS trial, t.attempt,"
    " (SELECT count(*) FROM epoch e WHERE e.trial_id = t.trial_id) AS epochs,"
    " (SELECT e.val_metric FROM epoch e WHERE e.trial_id = t.trial_id"
    " ORDER BY e.fold DESC, e.epoch DESC LIMIT 1) AS last_val_metric,"
    " round((julianday('now') - julianday(t.start_utc)) * 86400, 1) AS elapsed_s,"
    " round((julianday('now') - julianday(t.heartbeat_utc)) * 86400, 1) AS heartbeat_age_s,"
    " t.host, t.pid, t.params"
    " FROM trial t JOIN study s USING (study_id) WHERE t.state = 'RUNNING'"},

    /* with min(), the bare columns come from the row that has the minimum */
    {"failures",
    "SELECT s.name AS study, t.fail_code AS code, count(*) AS n,"
    " min(t.number) AS example_trial, t.fail_text AS example, t.params AS example_params"
    " FROM trial t JOIN study s USING (study_id) WHERE t.state IN ('FAILED', 'INFEASIBLE')"
    " OR (t.state = 'COMPLETE' AND t.fail_code IS NOT NULL)"
    " GROUP BY s.study_id, t.fail_code ORDER BY s.study_id, n DESC, code"},

    /* each of the ensemble and of the baselines, and of trials, which are "trial 17" here */
    {"scores",
    "SELECT s.name AS study, 'trial ' || t.number AS model, t.number AS trial, m.split, m.name AS metric,"
    " m.value, m.lo95, m.hi95 FROM metric m JOIN trial t USING (trial_id) JOIN study s USING (study_id)"
    " WHERE m.fold = -1"
    " UNION ALL SELECT s.name, m.model, NULL, m.split, m.name, m.value, m.lo95, m.hi95"
    " FROM model_metric m JOIN study s USING (study_id)"},

    {"per_class",
    "WITH cell AS ("
    " SELECT study_id, trial, model, split, truth AS class_id, n AS support, 0 AS predicted,"
    " CASE WHEN truth = pred THEN n ELSE 0 END AS hit FROM (" ALL_CONFUSION ")"
    " UNION ALL SELECT study_id, trial, model, split, pred, 0, n, 0 FROM (" ALL_CONFUSION ")),"
    " total AS (SELECT study_id, trial, model, split, class_id, sum(support) AS support,"
    " sum(predicted) AS predicted, sum(hit) AS hit FROM cell GROUP BY study_id, trial, model, split, class_id)"
    " SELECT s.name AS study, c.trial, c.split, c.class_id,"
    " coalesce(l.label, c.class_id) AS label,"
    " 1.0 * c.hit / nullif(c.predicted, 0) AS precision,"
    " 1.0 * c.hit / nullif(c.support, 0) AS recall,"
    " CASE WHEN c.predicted > 0 AND c.support > 0"
    " THEN 2.0 * c.hit / (c.predicted + c.support) END AS f1,"
    " c.support, c.predicted, c.model"
    " FROM total c JOIN study s USING (study_id)"
    " LEFT JOIN class_label l ON l.study_id = c.study_id AND l.class_id = c.class_id"},

    {"confused_pairs",
    "SELECT s.name AS study, c.trial, c.split,"
    " coalesce(a.label, c.truth) AS truth, coalesce(b.label, c.pred) AS predicted, c.n,"
    " 1.0 * c.n / c.of_truth AS share_of_truth, c.model"
    " FROM (SELECT *, sum(n) OVER (PARTITION BY study_id, model, split, truth) AS of_truth"
    " FROM (" ALL_CONFUSION ")) c JOIN study s USING (study_id)"
    " LEFT JOIN class_label a ON a.study_id = c.study_id AND a.class_id = c.truth"
    " LEFT JOIN class_label b ON b.study_id = c.study_id AND b.class_id = c.pred"
    " WHERE c.truth <> c.pred AND c.n > 0"},

    /* smallest first; who is better than everything smaller is on the front */
    {"pareto",
    "SELECT study, trial, value, n_params, params, trial_id FROM ("
    " SELECT s.name AS study, t.number AS trial, t.value, t.n_params, t.params, t.trial_id,"
    " " BETTER " AS better,"
    " min(" BETTER ") OVER (PARTITION BY s.name ORDER BY t.n_params, " BETTER ", t.number"
    " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS best_smaller"
    " FROM trial t JOIN study s USING (study_id)"
    " WHERE " RANKS " AND t.n_params IS NOT NULL)"
    " WHERE best_smaller IS NULL OR better < best_smaller ORDER BY study, n_params"},

    {"history",
    "SELECT study, trial, value, best_so_far, value = best_so_far AND"
    " (before IS NULL OR before <> best_so_far) AS is_best FROM ("
    " SELECT s.name AS study, t.number AS trial, t.value,"
    " CASE s.goal WHEN 'maximize' THEN max(t.value) OVER w ELSE min(t.value) OVER w END"
    " AS best_so_far,"
    " CASE s.goal WHEN 'maximize' THEN max(t.value) OVER b ELSE min(t.value) OVER b END AS before"
    " FROM trial t JOIN study s USING (study_id)"
    " WHERE " RANKS
    " WINDOW w AS (PARTITION BY s.name ORDER BY t.number),"
    " b AS (PARTITION BY s.name ORDER BY t.number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))"
    " ORDER BY study, trial"},
    {NULL, NULL},
};
