/* job/limits_told.c - counts complete trials by the limits that their rows say they break. */
#include "job/limits_told.h"

#include "job/config.h"

static bool count(const OpenStudy *open, const char *where, int *out, Error *err)
{
    Doc *rows = doc_array();
    const char *sql = arena_print(open->arena, "SELECT count(*) AS n FROM trial WHERE study_id = %lld AND state"
                                  " = 'COMPLETE' AND fail_code = 'LIMIT'%s", (long long)open->study.id, where);
    const bool ok = sql ? query_rows(open->store, sql, 10, rows, err) : error_memory(err);
    *out = (int)doc_to_number(doc_get(doc_at(rows, 0), "n"), 0);
    doc_free(rows);
    return ok;
}

bool limits_told(const OpenStudy *open, LimitsTold *out, Error *err)
{
    Error ignored; /* a configuration of another version: then it is not known */
    Config *config;
    *out = (LimitsTold){0};
    if (!study_config(open, &config, &ignored) || config->space->n_limits == 0) return true;
    for (int i = 0; i < config->space->n_limits; i++) {
        const char *text = config->space->limits[i].text, *said = arena_print(open->arena, "%s: ", text);
        const char *quoted = said ? sql_quote(said, open->arena) : NULL;
        const char *where = quoted ? arena_print(open->arena, " AND instr(fail_text, %s) > 0", quoted) : NULL;
        if (!where) return error_memory(err);
        if (!count(open, where, &out->broken[i], err)) return false;
        out->text[i] = text;
    }
    out->n = config->space->n_limits;
    return count(open, "", &out->n_broken, err);
}

Doc *limits_doc(const LimitsTold *limits)
{
    Doc *out = doc_array();
    for (int i = 0; i < limits->n; i++) {
        Doc *limit = doc_add(out, doc_object());
        doc_set_text(limit, "limit", limits->text[i]);
        doc_set_number(limit, "broken", limits->broken[i]);
    }
    return out;
}
