/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_RELAY_H
#define GL_BASE_RELAY_H
#include <stdbool.h>
/*
 * Work in two stages, the first a few slots ahead of the second: make(arg, i)
 * fills one slot after the other, use(arg, i) takes them in the same order.
 * With `ahead` make has a thread of its own, else (or when there is no thread
 * to be had) the two take turns on the caller's with one slot; what comes out is the same.  A slot belongs to make until it returned, then to use until
 * that returned; other data that one of them changes is out of bounds for the other.
 */
struct relay {
	unsigned slots;
	int (*make)(void *arg, unsigned slot);	/* 0: there is more; RELAY_LAST: this slot is the last */
	int (*use)(void *arg, unsigned slot);	/* not 0: end at once with that result */
	void *arg;
};
#define RELAY_LAST 1
/* 0 or what use gave; make's thread has ended when it returns. */
int relay_run(const struct relay *r, bool ahead);

#endif
