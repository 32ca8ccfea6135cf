/* base/utc.h - times of day as the database has them, "2026-11-23T22:12:00.250Z", as numbers. */
#ifndef CONSORT_BASE_UTC_H
#define CONSORT_BASE_UTC_H

/* Seconds since 1970; NaN when it is no such time, or NULL. */
double utc_seconds(const char *text);
#endif
