/* SPDX-License-Identifier: MIT */
#include "model/marks.h"

#include <check.h>
#include <stdlib.h>

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
	marks_take(m, 5, 0, 100);
	marks_take(m, 5, 1, 100);
	marks_take(m, 5, 0, 100);
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
			marks_take(m, slot, 1, i);
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

int main(void)
{
	Suite *suite = suite_create("marks");
	TCase *tc = tcase_create("marks");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, test_takes_and_orders);
	tcase_add_test(tc, test_many_come_and_go);
	suite_add_tcase(suite, tc);
	sr = srunner_create(suite);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
