/* SPDX-License-Identifier: MIT */
#include "model/marks.h"

#include <check.h>
#include <stdlib.h>
#include "runhelp.h"

/* Marks for two steps, in a table that must grow. */
static struct marks *made(void)
{
	struct marks *m = mem_zalloc(1, sizeof *m);

	names_add(&m->steps, SPAN("assign"));
	names_add(&m->steps, SPAN("accept"));
	m->mask = 7;
	m->table = mem_zalloc(8, sizeof *m->table);
	return m;
}

START_TEST(test_takes_and_orders)
{
	struct marks *m = made();
	const struct marks_of *x;

	ck_assert_ptr_null(marks_get(m, 5));
	marks_take(m, 5, 0, 100, 0);
	marks_take(m, 5, 1, 100, 0);
	marks_take(m, 5, 0, 100, 0);
	marks_hand(m, 5, 200);
	x = marks_get(m, 5);
	ck_assert_int_eq(x->step[0].at, 100);
	ck_assert_uint_gt(x->step[0].order, x->step[1].order);
	ck_assert_uint_eq(x->handovers, 1);
	ck_assert_int_eq(x->handed, 200);
	ck_assert_uint_eq(marks_step(m, SPAN("accept")), 1);
	ck_assert_uint_eq(marks_step(m, SPAN("close")), NAMES_NONE);
	marks_drop(m, 5);
	ck_assert_ptr_null(marks_get(m, 5));
	marks_drop(m, 5);
	marks_free(m);
}
END_TEST

/* Against a plain array, over hazards that come and go; what is free is used again. */
START_TEST(test_many_come_and_go)
{
	enum { SLOTS = 4000, TURNS = 200000, OPEN = 500 };
	int64_t *want = mem_zalloc(SLOTS, sizeof *want);
	struct marks *m = made();
	uint32_t random = 1, open = 0;

	for (int i = 1; i <= TURNS; i++) {
		uint32_t slot;

		random = random * 1664525 + 1013904223;
		slot = (random >> 8) % SLOTS;
		if (want[slot] != 0 && open > OPEN) {
			marks_drop(m, slot);
			want[slot] = 0;
			open--;
		} else if (want[slot] != 0 || open <= OPEN) {
			open += want[slot] == 0;
			marks_take(m, slot, 1, i, 0);
			want[slot] = i;
		}
	}
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		const struct marks_of *x = marks_get(m, slot);

		ck_assert_msg((x != NULL) == (want[slot] != 0), "slot %u", slot);
		if (x != NULL)
			ck_assert_int_eq(x->step[1].at, want[slot]);
	}
	ck_assert_uint_eq(m->n, open);
	ck_assert_uint_le(m->used, OPEN + 1);
	marks_free(m);
	free(want);
}
END_TEST

/* Limits that begin with the end cost no entry, those that nothing can keep any more lapse, others go on. */
START_TEST(test_after_the_end)
{
	enum { ASSIGN, ACCEPT, CLOSE, NOTE, SLOTS = 5000 };
	struct marks *m = made();
	const struct marks_of *x;

	names_add(&m->steps, SPAN("close"));
	names_add(&m->steps, SPAN("note"));
	m->pair = mem_zalloc(3, sizeof *m->pair);
	m->pair[m->npairs++] = (struct marks_pair){ ASSIGN, ACCEPT, false };
	m->pair[m->npairs++] = (struct marks_pair){ CLOSE, NOTE, true };
	m->pair[m->npairs++] = (struct marks_pair){ ACCEPT, NOTE, true };
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		marks_take(m, slot, ASSIGN, 10, 0);
		marks_end(m, slot, CLOSE, 100, 7, true);
		ck_assert(marks_live_on(m, slot));
	}
	ck_assert_uint_eq(m->n, 0);
	ck_assert_uint_eq(m->used, 1);
	x = marks_look(m, 5, 100, 7);
	ck_assert(marks_runs(m, x, CLOSE, NOTE));
	ck_assert(!marks_runs(m, x, ASSIGN, ACCEPT));
	ck_assert_int_eq(x->step[CLOSE].at, 100);
	ck_assert_uint_eq(x->step[CLOSE].organ, 7);
	marks_after(m, 5, NOTE, 200, 0, 100, 7);
	ck_assert(!marks_live_on(m, 5));
	marks_after(m, 5, NOTE, 300, 0, 100, 7);
	ck_assert(!marks_live_on(m, 5));
	marks_drop(m, 6);				/* reopened */
	ck_assert(!marks_live_on(m, 6));
	/* a step that can still be taken, beside one that cannot, and a close that begins nothing */
	marks_drop(m, 7);
	marks_take(m, 7, ACCEPT, 10, 0);
	marks_take(m, 7, ASSIGN, 20, 0);
	marks_end(m, 7, NAMES_NONE, 100, 0, true);
	x = marks_look(m, 7, 100, 0);
	ck_assert(marks_runs(m, x, ACCEPT, NOTE));
	ck_assert(!marks_runs(m, x, ASSIGN, ACCEPT));
	ck_assert_uint_eq(m->n, 1);
	marks_after(m, 7, NOTE, 200, 0, 100, 0);
	ck_assert(!marks_live_on(m, 7));
	ck_assert_uint_eq(m->n, 0);
	marks_free(m);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("marks");
	TCase *tc = tcase_create("marks");

	tcase_add_test(tc, test_takes_and_orders);
	tcase_add_test(tc, test_many_come_and_go);
	tcase_add_test(tc, test_after_the_end);
	suite_add_tcase(suite, tc);
	return h_run(suite);
}
