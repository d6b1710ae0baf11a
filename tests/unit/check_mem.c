/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "runhelp.h"

START_TEST(test_plain_allocation)
{
	char *p = mem_alloc(0), *q = mem_zalloc(0, 8), *s = mem_strdup("隐患"), *t = mem_spandup(SPAN("ab"));
	int *v = mem_zalloc(10, sizeof *v), *w;

	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(q);
	ck_assert_str_eq(s, "隐患");
	ck_assert_str_eq(t, "ab");
	ck_assert_int_eq(v[9], 0);
	v[9] = 4;
	w = mem_realloc(v, 1000, sizeof *w);
	ck_assert_int_eq(w[9], 4);
	free(p);
	free(q);
	free(s);
	free(t);
	free(w);
}
END_TEST

START_TEST(test_grow)
{
	int *v = NULL;
	size_t cap = 0, moves = 0;

	for (int i = 0; i < 100000; i++) {
		int *before = v;
		size_t old = cap;

		MEM_GROW(v, cap, (size_t)i + 1);
		moves += old != cap;
		ck_assert(old != cap || before == v);
		v[i] = i;
	}
	ck_assert_int_eq(v[77777], 77777);
	ck_assert_uint_lt(moves, 20);
	free(v);
}
END_TEST

/* Tell which handler ran. */
static void end_4(void)
{
	_exit(4);
}

START_TEST(test_exhaustion_calls_the_handler)
{
	mem_on_exhausted(end_4);
	mem_realloc(NULL, SIZE_MAX / 2, 4);
}
END_TEST

START_TEST(test_exhaustion_of_a_product)
{
	mem_on_exhausted(end_4);
	mem_zalloc(SIZE_MAX / 2, 4);
}
END_TEST

START_TEST(test_exhaustion_without_a_handler)
{
	mem_realloc(NULL, SIZE_MAX / 2, 4);
}
END_TEST

START_TEST(test_arena)
{
	struct arena a = { NULL };
	char *kept = arena_strdup(&a, "kept"), *big;

	for (size_t i = 0; i < 5000; i++) {
		unsigned char *p = arena_alloc(&a, i % 97);

		ck_assert_uint_eq((uintptr_t)p % 16, 0);
		for (size_t k = 0; k < i % 97; k++)
			ck_assert_int_eq(p[k], 0);
		memset(p, 0xff, i % 97);
		if (i % 5 == 0)
			ck_assert_str_eq(arena_spandup(&a, SPAN("odd")), "odd");
	}
	big = arena_alloc(&a, 3 << 20);
	memset(big, 1, 3 << 20);
	ck_assert_str_eq(arena_strdup(&a, "after"), "after");
	ck_assert_str_eq(arena_spandup(&a, (struct span){ NULL, 0 }), "");
	ck_assert_str_eq(kept, "kept");
	arena_clear(&a);
	arena_clear(&a);
	ck_assert_str_eq(arena_strdup(&a, "again"), "again");
	arena_clear(&a);
}
END_TEST

START_TEST(test_names)
{
	struct names t = { .n = 0 };
	char text[32];
	const char *first;

	ck_assert_uint_eq(names_find(&t, SPAN("x")), NAMES_NONE);
	ck_assert_uint_eq(names_add(&t, SPAN("T01-H2026-000001")), 0);
	first = names_at(&t, 0).p;
	ck_assert_uint_eq(names_add(&t, (struct span){ NULL, 0 }), 1);
	ck_assert_uint_eq(names_add(&t, (struct span){ "a\0b", 3 }), 2);
	ck_assert_uint_eq(names_find(&t, SPAN("a")), NAMES_NONE);
	for (int i = 3; i < 50000; i++) {
		snprintf(text, sizeof text, "T01-O%06d", i);
		ck_assert_uint_eq(names_add(&t, span_of(text)), (uint32_t)i);
	}
	for (int i = 3; i < 50000; i++) {
		snprintf(text, sizeof text, "T01-O%06d", i);
		ck_assert_uint_eq(names_find(&t, span_of(text)), (uint32_t)i);
		ck_assert_uint_eq(names_add(&t, span_of(text)), (uint32_t)i);
		ck_assert_str_eq(names_at(&t, (uint32_t)i).p, text);
	}
	ck_assert_uint_eq(names_find(&t, SPAN("")), 1);
	ck_assert_ptr_eq(names_at(&t, 0).p, first);
	ck_assert_uint_eq(t.n, 50000);
	ck_assert_uint_lt((uint64_t)t.n * 10, ((uint64_t)t.mask + 1) * 7 + 10);
	names_clear(&t);
	ck_assert_uint_eq(names_add(&t, SPAN("new")), 0);
	names_clear(&t);
}
END_TEST

START_TEST(test_hash_sees_every_byte)
{
	char text[80] = "", exact[80];

	for (size_t n = 0; n < sizeof text; n++) {
		uint64_t h = mem_hash((struct span){ text, n }, 1);

		memcpy(exact, text, n);
		ck_assert_uint_eq(mem_hash((struct span){ exact, n }, 1), h);
		ck_assert_uint_ne(mem_hash((struct span){ text, n }, 2), h);
		if (n + 1 < sizeof text)	/* another length of the same zeros */
			ck_assert_uint_ne(mem_hash((struct span){ text, n + 1 }, 1), h);
		for (size_t i = 0; i < n; i++) {
			exact[i] ^= 1;
			ck_assert_uint_ne(mem_hash((struct span){ exact, n }, 1), h);
			exact[i] ^= 1;
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mem");
	TCase *c = tcase_create("mem");

	tcase_add_test(c, test_plain_allocation);
	tcase_add_test(c, test_grow);
	tcase_add_exit_test(c, test_exhaustion_calls_the_handler, 4);
	tcase_add_exit_test(c, test_exhaustion_of_a_product, 4);
	tcase_add_exit_test(c, test_exhaustion_without_a_handler, 4);
	tcase_add_test(c, test_arena);
	tcase_add_test(c, test_names);
	tcase_add_test(c, test_hash_sees_every_byte);
	suite_add_tcase(s, c);
	return h_run(s);
}
