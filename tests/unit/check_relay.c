/* SPDX-License-Identifier: MIT */
#include "base/relay.h"
#include <check.h>
#include <stdlib.h>
#include <unistd.h>
#include "runhelp.h"

#define SLOTS 3

/* Numbers 1 to n made in turn; each slot is filled with one and is wiped when it was used. */
struct sums {
	int slot[SLOTS];
	int made, used, n, stop_at, late;
	long sum;
};

static int make(void *arg, unsigned slot)
{
	struct sums *s = arg;

	ck_assert_int_eq(s->slot[slot], 0);
	if (s->late == 1)
		usleep(500);
	s->slot[slot] = ++s->made;
	return s->made == s->n ? RELAY_LAST : 0;
}

static int use(void *arg, unsigned slot)
{
	struct sums *s = arg;

	if (s->late == 2)
		usleep(500);
	s->used++;
	ck_assert_int_eq(s->slot[slot], s->used);
	s->sum += s->slot[slot];
	s->slot[slot] = 0;
	return s->used == s->stop_at ? 7 : 0;
}

/* Everything arrives once and in order, whoever is the slower one. */
START_TEST(all)
{
	for (int ahead = 0; ahead < 2; ahead++)
		for (int n = 1; n < 40; n++) {
			struct sums s = { .n = n, .late = _i };
			struct relay r = { SLOTS, make, use, &s };

			ck_assert_int_eq(relay_run(&r, ahead), 0);
			ck_assert_int_eq(s.used, n);
			ck_assert_int_eq(s.sum, (long)n * (n + 1) / 2);
		}
}
END_TEST

/* What use gives ends it, with at most a full ring made for nothing. */
START_TEST(stopped)
{
	for (int ahead = 0; ahead < 2; ahead++)
		for (int at = 1; at < 10; at++) {
			struct sums s = { .n = 1000, .stop_at = at, .late = _i };
			struct relay r = { SLOTS, make, use, &s };

			ck_assert_int_eq(relay_run(&r, ahead), 7);
			ck_assert_int_eq(s.used, at);
			ck_assert_int_le(s.made, at + SLOTS);
		}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("relay");
	TCase *c = tcase_create("relay");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, all, 0, 3);
	tcase_add_loop_test(c, stopped, 0, 3);
	suite_add_tcase(suite, c);
	return h_run(suite);
}
