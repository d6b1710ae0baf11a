/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include <check.h>
#include <stdlib.h>
#include "runhelp.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

START_TEST(test_known_values)
{
	char hex[DIGEST_HEX + 1];

	digest_of(SPAN("abc"), hex);
	ck_assert_str_eq(hex, ABC);
	digest_of((struct span){ NULL, 0 }, hex);
	ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(test_in_pieces)
{
	char hex[DIGEST_HEX + 1];
	struct digest d;

	for (int round = 0; round < 2; round++) {
		digest_start(&d);
		digest_put(&d, "a", 1);
		digest_put(&d, NULL, 0);
		digest_put(&d, "bc", 2);
		digest_hex(&d, hex);
		ck_assert_str_eq(hex, ABC);
	}
}
END_TEST

START_TEST(test_is_hex)
{
	ck_assert(digest_is_hex(SPAN(ABC), DIGEST_HEX));
	ck_assert(digest_is_hex(SPAN("09af"), 4));
	ck_assert(digest_is_hex(SPAN(""), 0));
	ck_assert(!digest_is_hex(SPAN("09af"), 5));
	ck_assert(!digest_is_hex(SPAN("09aF"), 4));
	ck_assert(!digest_is_hex(SPAN("09ag"), 4));
	ck_assert(!digest_is_hex(SPAN("/9:a"), 4));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("digest");
	TCase *c = tcase_create("digest");

	tcase_add_test(c, test_known_values);
	tcase_add_test(c, test_in_pieces);
	tcase_add_test(c, test_is_hex);
	suite_add_tcase(s, c);
	return h_run(s);
}
