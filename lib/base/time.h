/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_TIME_H
#define GL_BASE_TIME_H
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
/*
 * Times.  In memory a time is an int64_t of seconds since 1970-01-01T00:00:00Z;
 * `offset` is the register's fixed offset from UTC in seconds (28800 for
 * +08:00).  In ledgers a time is exactly 25 bytes, whole seconds, in that
 * offset (2026-02-03T14:35:00+08:00), so byte order is time order; a date is
 * 10 bytes.  Dates are int32_t days since 1970-01-01 in the proleptic
 * Gregorian calendar.  Years 1900 to 9999.
 */
#define TIME_LEN 25
#define DATE_LEN 10
#define TIME_NONE INT64_MIN
#define DATE_NONE INT32_MIN
#define TIME_DAY 86400

/* The canonical form, strictly: right length, real date, this offset.  False if it is not. */
bool time_read(struct span s, int offset, int64_t *out);
bool date_read(struct span s, int32_t *out);
/* The same without any check, for committed ledgers. */
int64_t time_trust(const char p[TIME_LEN], int offset);
void time_write(int64_t t, int offset, char out[TIME_LEN + 1]);
void date_write(int32_t day, char out[DATE_LEN + 1]);

/*
 * What clerks write: 2026-02-03T14:35[:00][+08:00|Z], a blank for T, / or . for -,
 * one-digit months and days, 2026年2月3日14时35分, full-width digits and colons, a
 * date alone (then 00:00:00; *dated is set true if dated is not NULL), Excel serials
 * are NOT taken (domain.md 8.3 wants a date column's consent; they get a message of
 * their own that names the date meant).  -1 with e's text = what was found and what to
 * write instead, without file or column: `"2026-02-30" is not a time: February 2026 has 28
 * days; write 2026-02-28T14:35:00+08:00`.
 */
int time_parse(struct span s, int offset, int64_t *out, bool *dated, struct err *e);
int date_parse(struct span s, int32_t *out, struct err *e);

int32_t time_day(int64_t t, int offset);		/* the local day a time falls on */
int64_t time_of_day(int32_t day, int offset);		/* its local 00:00 */
void date_civil(int32_t day, int *y, int *m, int *d);	/* m, d from 1 */
bool date_of(int y, int m, int d, int32_t *day);	/* false for a day that does not exist */
int date_weekday(int32_t day);				/* 1 Monday … 7 Sunday */
void date_isoweek(int32_t day, int *year, int *week);	/* ISO 8601 */
int date_month_days(int y, int m);

/* +08:00, -03:30, Z, within 14 h, whole minutes.  False if it is not an offset. */
bool time_offset_read(struct span s, int *offset);
void time_offset_write(int offset, char out[7]);
int64_t time_now(void);	/* the clock; only cli and the register's journal lines may call it */

#endif
