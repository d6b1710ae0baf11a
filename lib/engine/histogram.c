/* SPDX-License-Identifier: MIT */
#include "engine/histogram.h"

#include <stdlib.h>

#define FIRST 16

static int by_value(const void *a, const void *b)
{
	const struct histogram_bar *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

/* Sort it and put the same values together. */
static void settle(struct histogram *h)
{
	size_t to = 0;

	if (h->sorted == h->n)
		return;
	qsort(h->v, h->n, sizeof *h->v, by_value);
	for (size_t i = 1; i < h->n; i++)
		if (h->v[i].value == h->v[to].value)
			h->v[to].count += h->v[i].count;
		else
			h->v[++to] = h->v[i];
	h->n = h->sorted = to + 1;
}

void histogram_add(struct histogram *h, uint64_t value, uint64_t count)
{
	if (count == 0)
		return;
	if (h->n == h->cap) {
		settle(h);
		if (h->n >= h->cap / 2)		/* else it settles again only after as many more */
			MEM_GROW(h->v, h->cap, h->cap > 0 ? 2 * h->cap : FIRST);
	}
	h->v[h->n++] = (struct histogram_bar){ value, count };
}

void histogram_join(struct histogram *to, const struct histogram *from)
{
	for (size_t i = 0; i < from->n; i++)
		histogram_add(to, from->v[i].value, from->v[i].count);
}

uint64_t histogram_count(const struct histogram *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += h->v[i].count;
	return n;
}

uint64_t histogram_rank(struct histogram *h, unsigned percent)
{
	unsigned __int128 want = (unsigned __int128)histogram_count(h) * percent;
	uint64_t seen = 0;

	settle(h);
	for (size_t i = 0; i < h->n; i++) {
		seen += h->v[i].count;
		if ((unsigned __int128)seen * 100 >= want)
			return h->v[i].value;
	}
	return 0;
}

size_t histogram_write(struct histogram *h, size_t from, size_t bytes, struct buf *out, uint64_t *count)
{
	size_t i = from;

	settle(h);
	*count = 0;
	for (; i < h->n && out->n < bytes; i++) {
		buf_printf(out, "%s%llu:%llu", i > from ? " " : "", (unsigned long long)h->v[i].value,
		    (unsigned long long)h->v[i].count);
		*count += h->v[i].count;
	}
	return i < h->n ? i : 0;
}

int histogram_read(struct histogram *h, struct span text, struct err *e)
{
	struct span rest = text, bar, value;
	uint64_t v, n;

	while (span_split(&rest, ' ', &bar)) {
		struct span whole = bar;

		if (!span_split(&bar, ':', &value) || !span_u64(value, UINT64_MAX / 2, &v) || !span_u64(bar, UINT32_MAX, &n))
			return err_set(e, ERR_DATA, "times: \"%.*s\" is not SECONDS:COUNT", (int)whole.n, whole.p);
		histogram_add(h, v, n);
	}
	return 0;
}

void histogram_clear(struct histogram *h)
{
	free(h->v);
	*h = (struct histogram){ NULL, 0, 0, 0 };
}
