/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_RUNHELP_H
#define GL_TESTS_RUNHELP_H
#include <check.h>
/*
 * What the main of every unit test ends with.
 */
/* Runs the suite and frees it: the status of the process. */
__attribute__((unused)) static int h_run(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}

#endif
