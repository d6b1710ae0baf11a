/* SPDX-License-Identifier: MIT */
#include "engine/noticetake.h"

#include <stdlib.h>

#include "model/list.h"

#define FEW 64			/* ids that are compared one by one, so that other hazards need no deadline */

struct taking {
	struct notice_batch *b;
	const struct names *ids;
	uint32_t *number;
	bool watch;
};

static int on_hazard(void *arg, const struct hazard *h, const struct span *v)
{
	struct taking *x = arg;
	uint32_t i = names_find(x->ids, v[0]);

	if (x->watch)
		notice_batch_watch(x->b, h, h->supervised);
	if (i != NAMES_NONE)
		x->number[i] = notice_batch_hazard(x->b, h);
	return 0;
}

/* A filter for these ids alone. */
static int filter_ids(struct filter *f, int col, const struct names *ids, struct err *e)
{
	struct buf list = BUF_INIT;
	int rc;

	for (uint32_t i = 0; i < ids->n; i++) {
		buf_puts(&list, i ? "," : "");
		buf_span(&list, names_at(ids, i));
	}
	rc = filter_in(f, col, "hazard", list.p, NULL, e);
	buf_clear(&list);
	return rc;
}

int notice_take(struct notice_batch *b, struct fold *f, const struct names *ids, bool watch, uint32_t *number,
    struct err *e)
{
	struct list_columns *all = list_columns_new(b->office->policy);
	int col = list_column(all, SPAN("hazard"), e), rc = 0;
	struct taking x = { b, ids, number, watch && b->office->policy->ninhibits > 0 };
	struct filter few = { .v = NULL };
	struct list_want want = { .columns = all, .col = &col, .n = 1, .now = b->now, .hazard = true,
	    .nthreads = 1 };
	void *arg = &x;

	for (uint32_t i = 0; i < ids->n; i++)
		number[i] = NOTICE_NO_HAZARD;
	if (!x.watch && ids->n <= FEW && ids->n) {
		rc = filter_ids(&few, col, ids, e);
		want.filter = &few;
	}
	if (!rc && ids->n)
		rc = list_run(f, &want, on_hazard, &arg, e);
	filter_clear(&few);
	list_columns_free(all);
	return rc;
}
