/* SPDX-License-Identifier: MIT */
/* Times and dates as people write them: what is taken prints and parses back to the same. */
#include "base/time.h"
#include "fuzz.h"

fuzz_fn FUZZ_TARGET(time);

static void check_time(struct span s, int offset)
{
	char out[TIME_LEN + 1];
	struct err e = ERR_INIT;
	int64_t t, again = 0, strict = 0;
	bool dated = false;

	if (time_read(s, offset, &strict)) {
		time_write(strict, offset, out);
		FUZZ_CHECK(span_is(s, out), "%s", out);
		FUZZ_CHECK(time_trust(s.p, offset) == strict, "%s", out);
		FUZZ_CHECK(time_parse(s, offset, &t, NULL, &e) == 0 && t == strict, "%s: %s", out, e.text);
	}
	err_clear(&e);
	if (time_parse(s, offset, &t, &dated, &e) != 0) {
		fuzz_error(&e);
		return;
	}
	time_write(t, offset, out);
	FUZZ_CHECK(time_read(span_of(out), offset, &again) && again == t, "%s", out);
	FUZZ_CHECK(time_parse(span_of(out), offset, &again, NULL, &e) == 0 && again == t, "%s: %s", out, e.text);
	FUZZ_CHECK(time_of_day(time_day(t, offset), offset) <= t && t - time_of_day(time_day(t, offset), offset) < TIME_DAY, "%s", out);
	FUZZ_CHECK(!dated || time_of_day(time_day(t, offset), offset) == t, "a date alone is 00:00: %s", out);
}

static void check_date(struct span s)
{
	char out[DATE_LEN + 1];
	struct err e = ERR_INIT;
	int32_t day, again = 0;
	int y, m, d, year, week;

	if (date_read(s, &day)) {
		date_write(day, out);
		FUZZ_CHECK(span_is(s, out), "%s", out);
		FUZZ_CHECK(date_parse(s, &again, &e) == 0 && again == day, "%s: %s", out, e.text);
	}
	err_clear(&e);
	if (date_parse(s, &day, &e) != 0) {
		fuzz_error(&e);
		return;
	}
	date_write(day, out);
	FUZZ_CHECK(date_read(span_of(out), &again) && again == day, "%s", out);
	date_civil(day, &y, &m, &d);
	FUZZ_CHECK(date_of(y, m, d, &again) && again == day && d <= date_month_days(y, m), "%s", out);
	date_isoweek(day, &year, &week);
	FUZZ_CHECK(week >= 1 && week <= 53 && year >= y - 1 && year <= y + 1, "%s: week %d", out, week);
	FUZZ_CHECK(date_weekday(day) >= 1 && date_weekday(day) <= 7, "%s", out);
}

int FUZZ_TARGET(time)(const uint8_t *p, size_t n)
{
	static const int offsets[] = { 28800, 0, -12600, 50400, -43200, 20700 };
	struct fuzz_in in = { { (const char *)p, n } };
	int offset = offsets[fuzz_byte(&in) % 6], said;
	struct span s = fuzz_rest(&in);
	char out[7];

	check_time(s, offset);
	check_date(s);
	if (time_offset_read(s, &offset)) {
		time_offset_write(offset, out);
		FUZZ_CHECK(time_offset_read(span_of(out), &said) && said == offset, "%s", out);
	}
	fuzz_free(s);
	return 0;
}
