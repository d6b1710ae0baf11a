/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "reghelp.h"
#include "register/indexsort.h"

#define ENTRIES 400000u		/* more than two runs hold */

/* Some numbers in no order. */
static uint64_t state = 7;

static uint32_t next(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33);
}

/* What comes out of a merge: never less than what came before, and all of it. */
struct seen {
	struct sort_entry last;
	size_t n;
	uint64_t sum;
};

static int on_entry(void *arg, const struct sort_entry *x)
{
	struct seen *s = arg;
	int c = s->n > 0 ? memcmp(s->last.key, x->key, SORT_KEY) : -1;

	ck_assert(c < 0 || (c == 0 && (s->last.n < x->n || (s->last.n == x->n && s->last.v <= x->v))));
	s->last = *x;
	s->n++;
	s->sum += x->v;
	return 0;
}

/* Two sorters, one of which has runs in a file: everything comes out once and in order. */
START_TEST(merges)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct spool spool[2] = { { r, 0, -1, 0 }, { r, 1, -1, 0 } };
	struct sorter s[2] = { { .n = 0 }, { .n = 0 } };
	struct seen seen = { .n = 0 };
	struct err e = ERR_INIT;
	uint64_t sum = 0;
	char path[512];

	snprintf(path, sizeof path, "%s/.index", dir);
	ck_assert(mkdir(path, 0700) == 0 || errno == EEXIST);
	for (uint32_t i = 0; i < ENTRIES; i++) {
		struct sort_entry x = { .n = (uint8_t)(2 + next() % 20), .v = next() % 1000 };

		for (unsigned k = 0; k < x.n; k++)
			x.key[k] = (unsigned char)(next() % 3);
		sum += x.v;
		ck_assert_int_eq(sorter_add(&s[i % 7 == 0], &x, &spool[i % 7 == 0], &e), 0);
	}
	ck_assert_uint_gt(s[0].nruns, 1);
	ck_assert_int_eq(sorters_merge((struct sorter *[]){ &s[0], &s[1] }, 2, on_entry, &seen, &e), 0);
	ck_assert_uint_eq(seen.n, ENTRIES);
	ck_assert_uint_eq(seen.sum, sum);
	for (int i = 0; i < 2; i++) {
		sorter_clear(&s[i]);
		spool_clear(&spool[i]);
	}
	reg_close(r);
	h_remove(dir);
	free(dir);
}
END_TEST

/* The number that a record of the queue below should have. */
static int on_record(void *arg, struct span key, struct span value, bool keep)
{
	uint64_t *i = arg;
	char want[32];

	snprintf(want, sizeof want, "key %ju", (uintmax_t)*i);
	ck_assert(span_is(key, want));
	ck_assert_uint_eq(value.n, *i % 5 * 8);
	ck_assert_int_eq(keep, *i % 3 == 0);
	++*i;
	return 0;
}

/* A queue longer than what it keeps in memory gives everything back in its order. */
START_TEST(queues)
{
	char *dir = h_create(), path[512], key[32], value[40] = "";
	struct reg *r = h_open(dir);
	struct queue q = { .spool = { r, 0, -1, 0 } };
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	uint64_t n = 0;

	snprintf(path, sizeof path, "%s/.index", dir);
	ck_assert(mkdir(path, 0700) == 0 || errno == EEXIST);
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(key, sizeof key, "key %u", i);
		queue_put(&text, span_of(key), (struct span){ value, i % 5 * 8 }, i % 3 == 0);
		if (text.n > 5000) {
			ck_assert_int_eq(queue_add(&q, buf_view(&text), &e), 0);
			buf_reset(&text);
		}
	}
	ck_assert_int_eq(queue_add(&q, buf_view(&text), &e), 0);
	ck_assert(q.spool.size > 0);
	ck_assert_int_eq(queue_each(&q, on_record, &n, &e), 0);
	ck_assert_uint_eq(n, 100000);
	queue_clear(&q);
	buf_clear(&text);
	reg_close(r);
	h_remove(dir);
	free(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("indexsort");
	TCase *t = tcase_create("indexsort");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_test(t, merges);
	tcase_add_test(t, queues);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
