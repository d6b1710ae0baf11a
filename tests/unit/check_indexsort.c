/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "reghelp.h"
#include "register/indexplaces.h"
#include "register/indexsort.h"

#define ENTRIES 700000u		/* more than memory holds of a part */
#define PLACES 20u		/* in a round trip below */

/* Some numbers in no order. */
static uint64_t state = 7;

static uint32_t next(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33);
}

/* What comes out of a sieve: groups that ascend, or begin again where they are many, and places that ascend in each. */
struct seen {
	unsigned low;		/* bits of a key that do not tell its group */
	uint64_t group, place, places, keys;
	size_t n, calls, again;
};

static int on_group(void *arg, const struct sieve_entry *v, size_t n)
{
	struct seen *s = arg;

	ck_assert_uint_gt(n, 0);
	s->again += s->calls > 0 && v[0].key >> s->low <= s->group;
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(v[i].key >> s->low, v[0].key >> s->low);
		ck_assert(i == 0 || v[i].place > s->place);
		s->place = v[i].place;
		s->places += v[i].place;
		s->keys += v[i].key;
	}
	s->group = v[0].key >> s->low;
	s->n += n;
	s->calls++;
	return 0;
}

/* n entries with keys below most, and one key that has every third of them; what comes out is asked of *seen. */
static void sieve_of(size_t n, uint64_t most, unsigned low, unsigned group, bool to_file, struct seen *seen)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct sieve s = { .spool = { r, 0, -1, 0 }, .low = low };
	struct err e = ERR_INIT;
	uint64_t place = 0, places = 0, keys = 0;
	char path[512];

	snprintf(path, sizeof path, "%s/.index", dir);
	ck_assert(mkdir(path, 0700) == 0 || errno == EEXIST);
	for (size_t i = 0; i < n;) {
		struct sieve_entry v[50];
		size_t k = 0;

		for (; k < 50 && i < n; k++, i++) {
			place += 1 + (next() % 7 == 0 ? (uint64_t)next() << 12 : next() % 200);
			v[k] = (struct sieve_entry){ i % 3 == 0 ? most / 2 : ((uint64_t)next() << 31 | next()) % most, place };
			places += v[k].place;
			keys += v[k].key;
		}
		ck_assert_int_eq(sieve_add(&s, v, k, &e), 0);
	}
	ck_assert(!to_file || s.spool.size > 0);
	*seen = (struct seen){ .low = group };
	ck_assert_int_eq(sieve_each(&s, group, on_group, seen, &e), 0);
	ck_assert_uint_eq(seen->n, n);
	ck_assert_uint_eq(seen->places, places);
	ck_assert_uint_eq(seen->keys, keys);
	/* it is empty then */
	ck_assert_int_eq(sieve_each(&s, group, on_group, &(struct seen){ .low = group }, &e), 0);
	sieve_clear(&s);
	reg_close(r);
	h_drop(dir);
}

START_TEST(sieves_a_few)
{
	struct seen seen;

	sieve_of(0, 1000, 16, 6, false, &seen);
	ck_assert_uint_eq(seen.calls, 0);
	sieve_of(1, 1000, 16, 6, false, &seen);
	ck_assert_uint_eq(seen.calls, 1);
	sieve_of(4000, 3000, 16, 6, false, &seen);
	ck_assert_uint_eq(seen.again, 0);
}
END_TEST

START_TEST(sieves_many)
{
	struct seen seen;

	sieve_of(5000, 3000, 16, 6, false, &seen);
	sieve_of(ENTRIES, 2000000, 16, 6, true, &seen);
	ck_assert_uint_eq(seen.again, 0);
	/* prints: far more above than below */
	sieve_of(ENTRIES / 4, (uint64_t)1 << 56, 48, 38, true, &seen);
	/* groups that are larger than parts */
	sieve_of(5000, (uint64_t)1 << 56, 48, 50, false, &seen);
	/* all in one part, which comes in rounds */
	sieve_of(2 * ENTRIES, 60000, 16, 6, true, &seen);
	ck_assert_uint_gt(seen.again, 0);
}
END_TEST

/* Many parts, each with a few: more slots are made as they come. */
START_TEST(sieves_parts)
{
	struct seen seen;

	sieve_of(20000, (uint64_t)1 << 40, 16, 6, false, &seen);
	ck_assert_uint_gt(seen.calls, 13000);
}
END_TEST

/* What was packed comes out of it again, can be gone on with, and is not believed when it is cut. */
START_TEST(places)
{
	const uint64_t step[] = { 0, 1, 127, 128, 16383, 16384, (uint64_t)1 << 47, (uint64_t)1 << 48, UINT64_MAX };

	for (unsigned width = 0; width <= 4; width += width == 0 ? 1 : 3) {
		struct places p, q;
		struct places_reader u;
		uint64_t place[PLACES], at = 5;
		size_t n;

		places_start(&p, width, at);
		for (n = 0; n < PLACES; n++) {
			place[n] = at += step[n % 9];
			ck_assert(places_add(&p, (uint32_t)n, at));
		}
		ck_assert(places_add(&p, 77, at + 9));
		places_drop(&p);
		ck_assert(places_load(&q, width, 5, p.b, p.n));
		ck_assert_uint_eq(q.count, PLACES);
		ck_assert_uint_eq(q.last, p.last);
		ck_assert(width == 0 || q.rest == PLACES - 1);
		places_drop(&q);
		ck_assert(places_add(&q, PLACES - 1, place[PLACES - 1]));
		ck_assert_uint_eq(q.n, p.n);
		ck_assert(memcmp(q.b, p.b, p.n) == 0);
		u = (struct places_reader){ .p = q.b, .end = q.b + q.n, .width = width, .place = 5 };
		for (n = 0; places_next(&u) > 0; n++) {
			ck_assert_uint_eq(u.place, place[n]);
			ck_assert_uint_eq(u.rest, width > 0 ? n : 0);
		}
		ck_assert_uint_eq(n, PLACES);
		/* a place of ten bytes, cut */
		places_start(&p, width, 0);
		ck_assert(places_add(&p, 1, UINT64_MAX));
		for (size_t cut = 1; cut < p.n; cut++) {
			ck_assert(!places_load(&q, width, 0, p.b, cut));
			u = (struct places_reader){ .p = p.b, .end = p.b + cut, .width = width };
			ck_assert_int_eq(places_next(&u), -1);
		}
		/* more bytes than 64 bits have */
		memset(q.b, 0xff, 20);
		u = (struct places_reader){ .p = q.b, .end = q.b + 20, .width = width };
		ck_assert_int_eq(places_next(&u), -1);
		/* full, and as it was */
		for (n = 1; places_add(&p, 1, n % 2 ? 0 : UINT64_MAX); n++)
			;
		ck_assert_uint_eq(p.count, n);
		ck_assert_uint_le(p.n, PLACES_MAX);
		ck_assert_uint_gt(n, 50);
	}
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
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("indexsort");
	TCase *t = tcase_create("indexsort");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, sieves_a_few);
	tcase_add_test(t, sieves_many);
	tcase_add_test(t, sieves_parts);
	tcase_add_test(t, places);
	tcase_add_test(t, queues);
	suite_add_tcase(s, t);
	return h_run(s);
}
