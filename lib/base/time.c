/* SPDX-License-Identifier: MIT */
#include "base/time.h"

#include <endian.h>
#include <time.h>

#define YEAR_MIN 1900
#define YEAR_MAX 9999
#define OFFSET_MAX (14 * 3600)

/* Two bytes as digits; anything over 99 if one of them is none. */
static inline unsigned two(const char *p)
{
	unsigned a = (unsigned char)p[0] - (unsigned)'0', b = (unsigned char)p[1] - (unsigned)'0';

	return a > 9 || b > 9 ? 1000 : a * 10 + b;
}

/* Two bytes that are digits. */
static inline int two_trust(const char *p)
{
	return p[0] * 10 + p[1] - '0' * 11;
}

/* Days since 1970-01-01 of a civil date from year 0 on; years begin in March, so the leap day is last. */
static inline int32_t days_of(int y, int m, int d)
{
	unsigned year = (unsigned)(y - (m <= 2));
	unsigned month = (unsigned)(m > 2 ? m - 3 : m + 9);

	return (int32_t)(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + (unsigned)d) - 719469;
}

int date_month_days(int y, int m)
{
	bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

	if (m == 2)
		return leap ? 29 : 28;
	return 30 + ((m + (m >> 3)) & 1);
}

bool date_of(int y, int m, int d, int32_t *day)
{
	if (y < YEAR_MIN || y > YEAR_MAX || m < 1 || m > 12 || d < 1 || d > date_month_days(y, m))
		return false;
	*day = days_of(y, m, d);
	return true;
}

void date_civil(int32_t day, int *y, int *m, int *d)
{
	int64_t z = (int64_t)day + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400) + (*m <= 2);
}

/* The ten bytes of a date. */
static inline bool date_read10(const char *p, int32_t *out)
{
	unsigned c = two(p), y = two(p + 2), m = two(p + 5), d = two(p + 8);

	if (p[4] != '-' || p[7] != '-' || c > 99 || y > 99 || m > 12 || d > 31)
		return false;
	return date_of((int)(c * 100 + y), (int)m, (int)d, out);
}

bool date_read(struct span s, int32_t *out)
{
	return s.n == DATE_LEN && date_read10(s.p, out);
}

bool time_read(struct span s, int offset, int64_t *out)
{
	const char *p = s.p;
	unsigned h, m, sec, oh, om, minutes = (unsigned)(offset < 0 ? -offset : offset) / 60;
	int32_t day;

	if (s.n != TIME_LEN || p[10] != 'T' || p[13] != ':' || p[16] != ':' || p[22] != ':'
	    || p[19] != (offset < 0 ? '-' : '+'))
		return false;
	h = two(p + 11), m = two(p + 14), sec = two(p + 17), oh = two(p + 20), om = two(p + 23);
	if (h > 23 || m > 59 || sec > 59 || om > 59 || oh * 60 + om != minutes || !date_read10(p, &day))
		return false;
	*out = (int64_t)day * TIME_DAY + (int)(h * 3600 + m * 60 + sec) - offset;
	return true;
}

/* Each byte of the eight at p, ten times, and the next one: where two digits stand, their number. */
static inline uint64_t pairs(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	v = le64toh(v) & 0x0f0f0f0f0f0f0f0fu;
	return v * 10 + (v >> 8);
}

/* Byte i of v. */
static inline int byte_of(uint64_t v, int i)
{
	return (int)(v >> 8 * i & 0xff);
}

int64_t time_trust(const char p[TIME_LEN], int offset)
{
	uint64_t date = pairs(p), time = pairs(p + 11);		/* 2026-02- and 14:35:00 */
	int32_t day = days_of(byte_of(date, 0) * 100 + byte_of(date, 2), byte_of(date, 5), two_trust(p + 8));
	int sec = byte_of(time, 0) * 3600 + byte_of(time, 3) * 60 + byte_of(time, 6);

	return (int64_t)day * TIME_DAY + sec - offset;
}

/* v as two digits. */
static inline void put_two(char *p, int v)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
}

/* The ten bytes of a date, no NUL; false outside the years that can be written. */
static bool date_write10(int32_t day, char *out)
{
	int y, m, d;

	date_civil(day, &y, &m, &d);
	if (y < YEAR_MIN || y > YEAR_MAX)
		return false;
	put_two(out, y / 100);
	put_two(out + 2, y % 100);
	out[4] = '-';
	put_two(out + 5, m);
	out[7] = '-';
	put_two(out + 8, d);
	return true;
}

void date_write(int32_t day, char out[DATE_LEN + 1])
{
	out[date_write10(day, out) ? DATE_LEN : 0] = '\0';
}

void time_write(int64_t t, int offset, char out[TIME_LEN + 1])
{
	int64_t limit = (int64_t)3000000 * TIME_DAY;
	int32_t day;
	int sec;

	out[0] = '\0';
	if (t < -limit || t > limit)
		return;
	day = time_day(t, offset);
	if (!date_write10(day, out)) {
		out[0] = '\0';
		return;
	}
	sec = (int)(t - time_of_day(day, offset));
	out[10] = 'T';
	put_two(out + 11, sec / 3600);
	out[13] = ':';
	put_two(out + 14, sec / 60 % 60);
	out[16] = ':';
	put_two(out + 17, sec % 60);
	time_offset_write(offset, out + 19);
}

int32_t time_day(int64_t t, int offset)
{
	int64_t local = t + offset, day = local / TIME_DAY;

	return (int32_t)(local % TIME_DAY < 0 ? day - 1 : day);
}

int64_t time_of_day(int32_t day, int offset)
{
	return (int64_t)day * TIME_DAY - offset;
}

int date_weekday(int32_t day)
{
	/* day 0 was a Thursday */
	int w = (int)(((int64_t)day + 3) % 7);

	return (w < 0 ? w + 7 : w) + 1;
}

void date_isoweek(int32_t day, int *year, int *week)
{
	/* the week belongs to the year of its Thursday */
	int32_t thursday = day - date_weekday(day) + 4;
	int y, m, d;

	date_civil(thursday, &y, &m, &d);
	*year = y;
	*week = (thursday - days_of(y, 1, 1)) / 7 + 1;
}

bool time_offset_read(struct span s, int *offset)
{
	unsigned h, m;

	if (s.n == 1 && s.p[0] == 'Z') {
		*offset = 0;
		return true;
	}
	if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':')
		return false;
	h = two(s.p + 1), m = two(s.p + 4);
	if (h > 14 || m > 59 || h * 3600 + m * 60 > OFFSET_MAX)
		return false;
	*offset = (int)(h * 3600 + m * 60) * (s.p[0] == '-' ? -1 : 1);
	return true;
}

void time_offset_write(int offset, char out[7])
{
	int minutes = (offset < 0 ? -offset : offset) / 60;

	out[0] = offset < 0 ? '-' : '+';
	put_two(out + 1, minutes / 60);
	out[3] = ':';
	put_two(out + 4, minutes % 60);
	out[6] = '\0';
}

int64_t time_now(void)
{
	return (int64_t)time(NULL);
}
