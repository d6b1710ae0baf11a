/* SPDX-License-Identifier: MIT */
#include "base/time.h"

#include <stdarg.h>
#include <stdio.h>

#define SHOWN_MAX 48	/* bytes of a bad value that a message repeats */
#define EXCEL_UNIX 25569	/* the day number Excel gives 1970-01-01 */
#define EXCEL_FIRST 36526	/* 2000-01-01 */
#define EXCEL_LAST 73050	/* 2099-12-31 */

/* What the words of a Chinese date become before it is read; no input byte can be one of them. */
enum { U_YEAR = 1, U_MONTH, U_DAY, U_HOUR, U_MINUTE, U_SECOND, U_AM, U_PM, U_OTHER };

/* One value being read: the text plain and NUL-terminated, and what was read of it. */
struct reading {
	struct span found;
	struct err *e;
	bool date_only;
	int offset;		/* the register's */
	char text[64];
	const char *p;
	int year, month, day, hour, minute, second;
	bool timed;		/* there is a time of day */
	bool zoned;		/* there is an offset */
	int zone;
};

static const struct {
	const char *bytes;
	char plain;
} words[] = {
	{ "年", U_YEAR }, { "月", U_MONTH }, { "日", U_DAY }, { "号", U_DAY }, { "时", U_HOUR }, { "點", U_HOUR },
	{ "点", U_HOUR }, { "分", U_MINUTE }, { "秒", U_SECOND }, { "上午", U_AM }, { "下午", U_PM },
	{ "–", '-' }, { "—", '-' }, { "−", '-' }, { "　", ' ' }, { "\xc2\xa0", ' ' },
	{ "〇", '0' }, { "○", '0' }, { "零", '0' }, { "一", '1' }, { "二", '2' }, { "三", '3' }, { "四", '4' },
	{ "五", '5' }, { "六", '6' }, { "七", '7' }, { "八", '8' }, { "九", '9' }, { "十", '+' },
	{ "\xe2\x80\x8b", 0 }, { "\xe2\x80\x8c", 0 }, { "\xe2\x80\x8d", 0 }, { "\xef\xbb\xbf", 0 },
};
#define TEN_BYTES 3

/* The plain form of the character s begins with: its byte in *plain (0 for none), its length back. */
static size_t plain_char(struct span s, char *plain)
{
	const unsigned char *u = (const unsigned char *)s.p;

	if (u[0] < 0x80) {
		*plain = u[0] < 0x20 ? (u[0] == '\t' ? ' ' : (char)U_OTHER) : s.p[0];
		return 1;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i].bytes);

		if (s.n >= n && memcmp(s.p, words[i].bytes, n) == 0) {
			*plain = words[i].plain;
			return n;
		}
	}
	if (s.n >= 3 && u[0] == 0xef && (u[1] == 0xbc || u[1] == 0xbd)) {	/* U+FF01 is '!' */
		*plain = (char)(((u[1] & 3) << 6 | (u[2] & 63)) + 0x20);
		return 3;
	}
	*plain = U_OTHER;
	return 1;
}

/* Is c the plain form of a Chinese digit at s? */
static bool is_han_digit(struct span s)
{
	char c;

	return s.n >= TEN_BYTES && (unsigned char)s.p[0] >= 0x80 && (unsigned char)s.p[0] != 0xef
	    && plain_char(s, &c) == TEN_BYTES && c >= '0' && c <= '9';
}

/* Fill r->text from r->found; false when it is longer than any time. */
static bool make_plain(struct reading *r)
{
	struct span s = span_trim(r->found);
	bool han = false;	/* the last character was a Chinese digit */
	size_t n = 0;

	while (s.n > 0) {
		bool ten = s.n >= TEN_BYTES && memcmp(s.p, "十", TEN_BYTES) == 0, digit = is_han_digit(s);
		char c;
		size_t k = plain_char(s, &c);

		s = (struct span){ s.p + k, s.n - k };
		if (n + 2 >= sizeof r->text)
			return false;
		if (ten) {	/* 十 10, 十二 12, 二十 20, 二十一 21 */
			if (!han)
				r->text[n++] = '1';
			if (!is_han_digit(s))
				r->text[n++] = '0';
		} else if (c != 0) {
			r->text[n++] = c;
		}
		han = digit;
	}
	r->text[n] = '\0';
	r->p = r->text;
	return true;
}

/* The error: the value, what it is not, why, and what to write. */
__attribute__((format(printf, 3, 4)))
static int refuse(struct reading *r, const char *instead, const char *fmt, ...)
{
	struct span f = r->found;
	char why[160];
	va_list ap;

	if (f.n > SHOWN_MAX) {
		f.n = SHOWN_MAX;
		while (f.n > 0 && ((unsigned char)f.p[f.n] & 0xc0) == 0x80)
			f.n--;
	}
	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	return err_set(r->e, ERR_DATA, "\"%.*s%s\" is not a %s: %s; write %s", (int)f.n, f.n > 0 ? f.p : "",
	    f.n < r->found.n ? "…" : "", r->date_only ? "date" : "time", why, instead);
}

/* "it like" and an example in the register's offset. */
static const char *example(const struct reading *r, char out[40])
{
	char zone[7];

	time_offset_write(r->offset, zone);
	snprintf(out, 40, "it as 2026-02-03%s%s", r->date_only ? "" : "T14:35:00", r->date_only ? "" : zone);
	return out;
}

/* What the value should have been: a day and a time of day. */
static const char *mended(const struct reading *r, int32_t day, int second, char out[TIME_LEN + 1])
{
	if (r->date_only)
		date_write(day, out);
	else
		time_write(time_of_day(day, r->zoned ? r->zone : r->offset) + second, r->offset, out);
	return out;
}

/* Refuse for a reason that leaves no guess what was meant. */
static int refuse_plainly(struct reading *r, const char *why)
{
	char ex[40];

	return refuse(r, example(r, ex), "%s", why);
}

/* Pass over blanks. */
static void skip_blanks(struct reading *r)
{
	while (*r->p == ' ')
		r->p++;
}

/* A run of digits; their count, the value in *v (too many digits give a value too big for anything). */
static int digits(struct reading *r, int *v)
{
	int n = 0;

	for (*v = 0; *r->p >= '0' && *r->p <= '9'; r->p++, n++)
		if (*v < 100000000)
			*v = *v * 10 + (*r->p - '0');
	return n;
}

/* One or two digits, blanks around them passed over. */
static bool number(struct reading *r, int *v)
{
	int n;

	skip_blanks(r);
	n = digits(r, v);
	skip_blanks(r);
	return n == 1 || n == 2;
}

/* A bare number in the range of Excel's days of this century: refuse it with the date it stands for. */
static int refuse_serial(struct reading *r, int serial)
{
	int64_t part = 0, unit = 1, second;
	char out[TIME_LEN + 1];

	if (*r->p == '.')
		for (r->p++; *r->p >= '0' && *r->p <= '9'; r->p++)
			if (unit < 1000000000) {
				part = part * 10 + (*r->p - '0');
				unit *= 10;
			}
	if (*r->p != '\0' || serial < EXCEL_FIRST || serial > EXCEL_LAST)
		return refuse_plainly(r, "it is only a number");
	second = (part * TIME_DAY + unit / 2) / unit;
	return refuse(r, mended(r, serial - EXCEL_UNIX + (int32_t)(second / TIME_DAY), (int)(second % TIME_DAY), out),
	    "it looks like a day number of Excel");
}

/* Why a value that begins with n digits, v, is no date. */
static int refuse_start(struct reading *r, int n, int v)
{
	bool joined = *r->p == '-' || *r->p == '/' || *r->p == '.' || *r->p == U_YEAR;

	if (n == 0)
		return refuse_plainly(r, r->text[0] == '\0' ? "it is empty" : "it does not begin with a year");
	if (n == 5 && (*r->p == '\0' || *r->p == '.'))
		return refuse_serial(r, v);
	if (n <= 2 && *r->p == U_MONTH)
		return refuse_plainly(r, "the year is missing");
	if (n <= 2 && (*r->p == ':' || *r->p == U_HOUR))
		return refuse_plainly(r, "the date is missing");
	if (n <= 2 && joined)
		return refuse_plainly(r, "the year must come first and have four digits");
	if (n == 4 && *r->p == '\0')
		return refuse_plainly(r, "it is only a year");
	return refuse_plainly(r, "it cannot be read as one");
}

/* Year, month and day; what follows is left for the time of day. */
static int read_day(struct reading *r)
{
	int v, n = digits(r, &v);
	char sep;

	if (n == 8 && (*r->p == '\0' || *r->p == ' ' || *r->p == 'T')) {
		r->year = v / 10000, r->month = v / 100 % 100, r->day = v % 100;
		return 0;
	}
	if (n == 4 && *r->p == ' ' && (skip_blanks(r), *r->p != U_YEAR))
		return refuse_plainly(r, "it cannot be read as one");
	sep = *r->p;
	if (n != 4 || (sep != '-' && sep != '/' && sep != '.' && sep != U_YEAR))
		return refuse_start(r, n, v);
	r->year = v;
	r->p++;
	if (!number(r, &r->month))
		return refuse_plainly(r, "the month is not a number of one or two digits");
	if (*r->p != (sep == U_YEAR ? U_MONTH : sep))
		return refuse_plainly(r, *r->p == '\0' ? "the day is missing" : "it cannot be read as one");
	r->p++;
	skip_blanks(r);
	if (*r->p == '\0')
		return refuse_plainly(r, "the day is missing");
	n = digits(r, &r->day);
	if (n != 1 && n != 2)
		return refuse_plainly(r, "the day is not a number of one or two digits");
	if (sep == U_YEAR) {
		const char *before = r->p;

		skip_blanks(r);
		if (*r->p == U_DAY)
			r->p++;
		else
			r->p = before;
	}
	return 0;
}

/* After the hour: :35, :35:00, 时, 时35分, 时35分20秒. */
static int read_minutes(struct reading *r)
{
	if (*r->p == ':') {
		r->p++;
		if (digits(r, &r->minute) != 2)
			return refuse_plainly(r, "the minutes are not two digits");
		if (*r->p != ':')
			return 0;
		r->p++;
		if (digits(r, &r->second) != 2)
			return refuse_plainly(r, "the seconds are not two digits");
		if (*r->p == '.') {
			for (r->p++; *r->p == '0'; r->p++)
				continue;
			if (*r->p >= '1' && *r->p <= '9')
				return refuse_plainly(r, "it has parts of a second, times are whole seconds");
		}
		return 0;
	}
	if (*r->p != U_HOUR)
		return refuse_plainly(r, *r->p == '\0' ? "the minutes are missing" : "the time of day cannot be read");
	r->p++;
	skip_blanks(r);
	if (*r->p == '\0' || *r->p == '+' || *r->p == '-' || *r->p == 'Z')
		return 0;
	if (!number(r, &r->minute))
		return refuse_plainly(r, "the time of day cannot be read");
	if (*r->p != U_MINUTE)
		return 0;
	r->p++;
	skip_blanks(r);
	if (*r->p < '0' || *r->p > '9')
		return 0;
	if (!number(r, &r->second) || *r->p != U_SECOND)
		return refuse_plainly(r, "the seconds cannot be read");
	r->p++;
	return 0;
}

/* The time of day and the offset, if there are any. */
static int read_clock(struct reading *r)
{
	char half;
	int n;

	if (*r->p == 'T')
		r->p++;
	else
		skip_blanks(r);
	if (*r->p == '\0')
		return r->p[-1] == 'T' ? refuse_plainly(r, "the time of day is missing") : 0;
	half = *r->p == U_AM || *r->p == U_PM ? *r->p++ : 0;
	skip_blanks(r);
	n = digits(r, &r->hour);
	if (n != 1 && n != 2)
		return refuse_plainly(r, "there is more after the date than a time of day");
	if (half != 0) {
		if (r->hour < 1 || r->hour > 12)
			return refuse_plainly(r, "hours of 上午 and 下午 go from 1 to 12");
		r->hour = r->hour % 12 + (half == U_PM ? 12 : 0);
	}
	r->timed = true;
	skip_blanks(r);
	if (read_minutes(r) < 0)
		return -1;
	skip_blanks(r);
	if (*r->p == '\0')
		return 0;
	r->zoned = true;
	if (time_offset_read(span_of(r->p), &r->zone))
		return 0;
	if (*r->p == '+' || *r->p == '-')
		return refuse_plainly(r, "the offset from UTC is not one like +08:00");
	return refuse_plainly(r, "there is more after the time of day");
}

/* Are the numbers those of a real time?  *day is its day. */
static int check_numbers(struct reading *r, int32_t *day)
{
	static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December" };
	int second = r->hour * 3600 + r->minute * 60 + r->second, last;
	char ex[40], out[TIME_LEN + 1];

	if (r->year < 1900)
		return refuse_plainly(r, "the year is before 1900");
	if (r->month < 1 || r->month > 12)
		return refuse(r, example(r, ex), "there is no month %d", r->month);
	if (r->day < 1)
		return refuse(r, example(r, ex), "there is no day %d", r->day);
	if (r->minute > 59)
		return refuse(r, example(r, ex), "there is no minute %d", r->minute);
	if (r->second > 59)
		return refuse(r, example(r, ex), "there is no second %d", r->second);
	last = date_month_days(r->year, r->month);
	if (r->hour < 24 && r->day > last) {
		date_of(r->year, r->month, last, day);
		return refuse(r, mended(r, *day, second, out), "%s %d has %d days", months[r->month - 1], r->year, last);
	}
	if (second == TIME_DAY && date_of(r->year, r->month, r->day, day))
		return refuse(r, mended(r, *day + 1, 0, out), "24:00 is 00:00 of the next day");
	if (r->hour > 23)
		return refuse(r, example(r, ex), "there is no hour %d", r->hour);
	return date_of(r->year, r->month, r->day, day) ? 0 : refuse_plainly(r, "there is no such day");
}

/* Read a whole value into its numbers, checked. */
static int read_value(struct reading *r, int32_t *day)
{
	if (!make_plain(r))
		return refuse_plainly(r, "it is too long");
	return read_day(r) < 0 || read_clock(r) < 0 ? -1 : check_numbers(r, day);
}

int time_parse(struct span s, int offset, int64_t *out, bool *dated, struct err *e)
{
	struct reading r = { .found = s, .e = e, .offset = offset };
	char text[TIME_LEN + 1];
	int32_t day = 0;

	if (dated != NULL)
		*dated = false;
	if (time_read(s, offset, out))
		return 0;
	if (read_value(&r, &day) < 0)
		return -1;
	if (dated != NULL)
		*dated = !r.timed;
	*out = time_of_day(day, r.zoned ? r.zone : offset) + r.hour * 3600 + r.minute * 60 + r.second;
	time_write(*out, offset, text);
	return text[0] != '\0' ? 0 : refuse_plainly(&r, "here it falls outside the years 1900 to 9999");
}

int date_parse(struct span s, int32_t *out, struct err *e)
{
	struct reading r = { .found = s, .e = e, .date_only = true };
	char text[DATE_LEN + 1];

	if (date_read(s, out))
		return 0;
	if (read_value(&r, out) < 0)
		return -1;
	/* Excel adds 0:00:00 to a date by itself */
	if (r.timed && (r.zoned || r.hour > 0 || r.minute > 0 || r.second > 0)) {
		date_write(*out, text);
		return refuse(&r, text, "it has a time of day");
	}
	return 0;
}
