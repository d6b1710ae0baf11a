/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_HISTOGRAM_H
#define GL_ENGINE_HISTOGRAM_H
#include "base/err.h"
#include "base/mem.h"
/*
 * How often each value occurred: exact, so parts of it add up to the whole.  Zero-initialised is ready for use.
 */
struct histogram {
	struct histogram_bar { uint64_t value, count; } *v;
	size_t n, cap, sorted;		/* the first so many are sorted, each value once */
};
void histogram_add(struct histogram *h, uint64_t value, uint64_t count);
void histogram_join(struct histogram *to, const struct histogram *from);
uint64_t histogram_count(const struct histogram *h);
/* The nearest rank: the smallest value that at least `percent` % of all do not exceed; 100: the largest.  0 of none. */
uint64_t histogram_rank(struct histogram *h, unsigned percent);
/* "value:count value:count …", sorted: those from number `from` on, until out has so many bytes; *count: how often they occurred
 * together.  Which number is next, 0: that was the last one.  And back: -1 with e when it is not that. */
size_t histogram_write(struct histogram *h, size_t from, size_t bytes, struct buf *out, uint64_t *count);
int histogram_read(struct histogram *h, struct span text, struct err *e);
void histogram_clear(struct histogram *h);

#endif
