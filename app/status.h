/* app/status.h - how far a study is (job/status.h), as `status` and `watch` say it. */
#ifndef CONSORT_APP_STATUS_H
#define CONSORT_APP_STATUS_H
#include "job/status.h"

/* For people: a few lines, and a table of what runs now. */
bool status_print(const OpenStudy *open, const Status *status, Arena *arena, Text *out);
/* One line, for a log. */
void status_line(const Status *status, Text *out);
Doc *status_doc(const Status *status); /* {"schema": 1, "rows": [counts], "running": [...], "by": {...}} */
#endif
