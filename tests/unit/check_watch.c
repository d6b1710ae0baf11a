/* SPDX-License-Identifier: MIT */
#include "model/watch.h"

#include <stdlib.h>

#include "engine/sweep.h"
#include "watchhelp.h"

/*
 * Whatever the history, a sweep that goes by the watch list must find what one finds that folds every hazard: the list
 * as it was kept, the list made anew, and none at all are compared over random registers, after each commit and at
 * several times.
 */
enum way { WARM, COLD, FULL, WAYS };

/* The list is taken away, or made to say that every hazard is to be folded. */
static void prepare(struct history *h, enum way way)
{
	const struct watch_rows none = { .place = NULL };
	struct watch w;
	struct watch_mark now;
	struct err e = ERR_INIT;

	if (way != WARM)
		unlinkat(h->m.reg->dir, ".index/watch", 0);
	if (way != FULL)
		return;
	ck_assert_msg(watch_open(h->m.o, &w, &e) >= 0, "%s", e.text);
	now = watch_mark_of(&h->m.o->at, w.versions, true);
	watch_clear(&w);
	watch_write(h->m.reg, &now, &none);
}

/* What a sweep says that it would write, or why it cannot. */
static void dry_sweep(struct history *h, double hour, struct buf *out)
{
	struct cli c = { .prog = "test", .dir = h->m.dir, .now = time_trust(mh_at(hour), H_OFFSET), .lock_wait_ms = 1000,
		.dry_run = true };
	struct sweep s = { .on_line = NULL };
	struct err e = ERR_INIT;

	if (sweep_open(&s, &c, &e) || sweep_run(&s, &e))
		buf_printf(out, "%d %s\n", e.status, e.text);
	else
		commit_pending_all(s.commit, out);
	sweep_clear(&s);
}

/* One for good. */
static void sweep(struct history *h)
{
	struct cli c = { .prog = "test", .dir = h->m.dir, .now = time_trust(mh_at(h->hour), H_OFFSET), .lock_wait_ms = 1000,
		.quiet = true };
	struct sweep s = { .on_line = NULL };
	struct err e = ERR_INIT;
	struct buf warning = BUF_INIT;

	ck_assert_msg(sweep_open(&s, &c, &e) == 0, "%s", e.text);
	if (sweep_run(&s, &e) == 0)
		ck_assert_msg(sweep_close(&s, &warning, &e) == 0, "%s", e.text);
	sweep_clear(&s);
	buf_clear(&warning);
}

/* A hazard that a sweep looks at: all that is derived. */
static int on_seen(void *arg, const struct hazard *h, const struct span *v)
{
	struct buf *out = arg;

	buf_printf(out, "%.*s %s %d %u %jd %jd %jd %.*s %d %d\n", (int)v[0].n, v[0].p, h->policy->workflow.state[h->state].id,
	    h->tier, h->round, (intmax_t)h->due, (intmax_t)h->rectified, (intmax_t)h->closed, (int)h->owner.n,
	    h->owner.p, h->held, h->supervised);
	return 0;
}

/* All that a sweep looks at, by this fold. */
static void see(struct office *o, struct fold *f, struct buf *out)
{
	struct list_columns *all = list_columns_new(o->policy);
	struct err e = ERR_INIT;
	int col;
	struct filter open = { .v = NULL };
	struct list_want want = { .columns = all, .col = &col, .n = 1, .filter = &open, .now = H_NOW, .hazard = true, .nthreads = 1,
		.limited = true };
	void *arg = out;

	col = list_column(all, SPAN("phase"), &e);
	ck_assert_int_eq(filter_in(&open, col, "phase", f->marks != NULL ? "open,done" : "open", NULL, &e), 0);
	col = list_column(all, SPAN("hazard"), &e);
	ck_assert_msg(list_run(f, &want, on_seen, &arg, &e) == 0, "%s", e.text);
	filter_clear(&open);
	list_columns_free(all);
}

/* The hazards that a sweep would look at, one of the three ways. */
static void look(struct history *h, enum way way, struct buf *out)
{
	struct office *o = h->m.o;
	struct err e = ERR_INIT;
	struct watch w = { .found = false };
	struct fold *f;
	int rc = 0;

	prepare(h, way);
	if (way != FULL) {
		rc = watch_open(o, &w, &e);
		ck_assert_msg(rc == 1 || (rc == 0 && way == WARM && w.was.none), "%d %s", rc, e.text);
		h->kept += w.found;
		h->fresh += w.found && w.fresh > 0;
	}
	f = rc > 0 ? fold_of_rows(o, &w.rows, INT64_MAX, 1, &e) : fold_marked(o, INT64_MAX, 1, &e);
	ck_assert_msg(f != NULL, "%s", e.text);
	see(o, f, out);
	h->ended += out->n > 0 && (strstr(out->p, " closed ") != NULL || strstr(out->p, " terminated ") != NULL);
	fold_free(f);
	watch_clear(&w);
}

static void same(const struct history *h, const struct buf *got, const struct buf *want, const char *what, enum way way)
{
	ck_assert_msg(span_eq(buf_view(got), buf_view(want)), "%s, way %d, %zu hazards, random %ju:\n%s---- wanted:\n%s", what, way,
	    h->nhazards, (uintmax_t)h->random, got->p != NULL ? got->p : "", want->p != NULL ? want->p : "");
}

/* The file of the list, empty when there is none. */
static struct buf file_of(const struct history *h)
{
	struct buf b = BUF_INIT;

	return faccessat(h->m.reg->dir, ".index/watch", F_OK, 0) == 0 ? h_slurp(h->m.dir, ".index/watch") : b;
}

static void put_file(const struct history *h, const struct buf *b)
{
	if (b->n > 0)
		h_write(h->m.dir, ".index/watch", b->p, b->n, O_TRUNC);
	else
		unlinkat(h->m.reg->dir, ".index/watch", 0);
}

/* At this moment all ways lead to the same. */
static void compare(struct history *h)
{
	static const double later[] = { 0, 30, 200, 900 };
	struct buf kept = file_of(h);

	for (size_t i = 0; i <= sizeof later / sizeof *later; i++) {
		struct buf out[WAYS] = { BUF_INIT };

		for (enum way way = WARM; way < WAYS; way++) {
			put_file(h, &kept);
			if (i == 0) {
				look(h, way, &out[way]);
			} else {
				prepare(h, way);
				dry_sweep(h, h->hour + later[i - 1], &out[way]);
			}
		}
		for (enum way way = WARM; way < WAYS; way++)
			same(h, &out[way], &out[FULL], i == 0 ? "looked at" : "swept", way);
		for (enum way way = WARM; way < WAYS; way++)
			buf_clear(&out[way]);
	}
	put_file(h, &kept);
	buf_clear(&kept);
}

static void start(struct history *h, uint64_t seed)
{
	*h = (struct history){ .random = seed * 0x9e3779b97f4a7c15u };
	mh_open(&h->m);
	mh_commit(&h->m);
	memcpy(h->policy[h->npolicies++], moment_version(&h->m.o->at, "policy"), 12);
}

/* The office at the newest moment. */
static void reopen(struct history *h)
{
	struct err e = ERR_INIT;
	struct moment now;

	office_close(h->m.o);
	ck_assert_msg(reg_moment(h->m.reg, NULL, &now, &e) == 0, "%s", e.text);
	h->m.o = office_on(h->m.reg, &now, &e);
	ck_assert_msg(h->m.o != NULL, "%s", e.text);
}

START_TEST(any_history)
{
	bool full = getenv("TEST_LONG") != NULL;
	const int rounds = full ? 40 : 14;
	struct history *h = mem_alloc(sizeof *h);

	start(h, (uint64_t)_i + 1);
	for (int i = 0; i < rounds; i++) {
		go_on(h);
		compare(h);
		if (any(h, 8) == 0)
			prepare(h, any(h, 2) == 0 ? COLD : FULL);
		if (any(h, 3) > 0)
			sweep(h);
		reopen(h);
	}
	ck_assert_uint_gt(h->kept, (size_t)rounds / 8);
	ck_assert_uint_gt(h->fresh, (size_t)rounds / 8);
	mh_close(&h->m);
	free(h);
}
END_TEST

/* How many hazards are on the list that is kept; none of the others has events there. */
static size_t listed(struct history *h)
{
	struct watch_rows rows = { .place = NULL };
	struct watch_mark at;
	size_t n = SIZE_MAX;

	if (watch_read(h->m.reg, &h->m.o->at, &at, &rows))
		n = rows.n;
	if (n == 0)
		ck_assert_uint_eq(rows.hazards.n + rows.events.n, 0);
	watch_rows_clear(&rows);
	return n;
}

/* A hazard that ended is on the list no more, unless a limit runs on, and comes back when it is reopened. */
START_TEST(only_what_is_open)
{
	struct history *h = mem_alloc(sizeof *h);
	char first[ID_MAX];

	start(h, 1);
	begin(h);
	mh_hazard(&h->m, 0, (const char *const[]){ "severity", "major", NULL });
	memcpy(first, h->m.hazard, ID_MAX);
	for (int i = 0; i < 50; i++)
		run_plain(h);
	mh_commit(&h->m);
	ck_assert_uint_eq(listed(h), SIZE_MAX);
	sweep(h);
	ck_assert_uint_eq(listed(h), 1);
	/* delisted when it has ended: its publication is watched */
	reopen(h);
	begin(h);
	memcpy(h->m.hazard, first, ID_MAX);
	MH_STEP(&h->m, 1, "terminate", "reason", "r");
	MH_STEP(&h->m, 2, "delist", NULL);
	mh_commit(&h->m);
	h->hour = 24;
	sweep(h);
	reopen(h);
	ck_assert_uint_eq(listed(h), 1);
	begin(h);
	MH_STEP(&h->m, 3, "publish", "note", "n");
	mh_commit(&h->m);
	h->hour = 48;
	sweep(h);
	reopen(h);
	ck_assert_uint_eq(listed(h), 0);
	begin(h);
	memcpy(h->m.hazard, h->hazard[20], ID_MAX);
	MH_STEP(&h->m, 50, "reopen", "reason", "r");
	mh_commit(&h->m);
	h->hour = 72;
	sweep(h);
	reopen(h);
	ck_assert_uint_eq(listed(h), 1);
	compare(h);
	mh_close(&h->m);
	free(h);
}
END_TEST

/* A policy by which a step can be taken when a hazard has ended: what ran lapses no more, with any version. */
START_TEST(policy_wakes)
{
	struct history *h = mem_alloc(sizeof *h);
	struct buf seen = BUF_INIT;

	start(h, 2);
	begin(h);
	mh_hazard(&h->m, 0, NULL);
	MH_STEP(&h->m, 0, "assign", "owner", "T01-FIRE");
	MH_STEP(&h->m, 0, "void", "reason", "r");
	mh_commit(&h->m);
	h->hour = 1;
	sweep(h);
	reopen(h);
	ck_assert_uint_eq(listed(h), 0);
	put_policy(h, "default", &changes[0]);
	compare(h);
	look(h, WARM, &seen);
	ck_assert_msg(seen.n > 0, "it is not looked at");
	buf_clear(&seen);
	mh_close(&h->m);
	free(h);
}
END_TEST

/* A list that is cut, longer, or wrong in any byte is none. */
START_TEST(damaged_list)
{
	struct history *h = mem_alloc(sizeof *h);
	struct buf good, bad = BUF_INIT;

	start(h, 3);
	begin(h);
	add_hazard(h);
	add_hazard(h);
	run_plain(h);
	mh_commit(&h->m);
	sweep(h);
	good = file_of(h);
	ck_assert_uint_eq(listed(h), 2);
	for (size_t i = 0; i < good.n; i++)
		for (int bit = 0; bit < 8; bit += 3) {
			buf_reset(&bad);
			buf_span(&bad, buf_view(&good));
			bad.p[i] = (char)(bad.p[i] ^ 1 << bit);
			put_file(h, &bad);
			ck_assert_msg(listed(h) == SIZE_MAX, "byte %zu", i);
		}
	for (size_t n = 1; n < good.n; n++) {
		bad.n = n;
		put_file(h, &bad);
		ck_assert_msg(listed(h) == SIZE_MAX, "%zu bytes", n);
	}
	buf_reset(&bad);
	buf_span(&bad, buf_view(&good));
	buf_putc(&bad, 'x');
	put_file(h, &bad);
	ck_assert_uint_eq(listed(h), SIZE_MAX);
	put_file(h, &good);
	ck_assert_uint_eq(listed(h), 2);
	buf_clear(&good);
	buf_clear(&bad);
	mh_close(&h->m);
	free(h);
}
END_TEST

/* A register that was put back to an earlier moment and went another way from there. */
START_TEST(another_history)
{
	struct history *h = mem_alloc(sizeof *h);
	const char *const file[] = { "journal.csv", "hazards.csv", "events.csv", "notices.csv", "notice-lines.csv" };
	struct buf was[5], list;

	start(h, 4);
	begin(h);
	run_plain(h);
	add_hazard(h);
	mh_commit(&h->m);
	for (size_t i = 0; i < 5; i++)
		was[i] = h_slurp(h->m.dir, file[i]);
	h->hour = 1;
	begin(h);
	MH_STEP(&h->m, 1, "terminate", "reason", "r");
	mh_commit(&h->m);
	sweep(h);
	reopen(h);
	ck_assert_uint_eq(listed(h), 0);
	list = file_of(h);
	for (size_t i = 0; i < 5; i++) {
		h_write(h->m.dir, file[i], was[i].p, was[i].n, O_TRUNC);
		buf_clear(&was[i]);
	}
	reg_close(h->m.reg);
	h->m.reg = h_open(h->m.dir);
	put_file(h, &list);
	reopen(h);
	ck_assert_uint_eq(listed(h), SIZE_MAX);
	compare(h);
	/* as long as the other one again, and longer */
	for (int i = 0; i < 4; i++) {
		begin(h);
		MH_STEP(&h->m, 1, "note", "note", "abcdef");
		mh_commit(&h->m);
		put_file(h, &list);
		ck_assert_uint_eq(listed(h), SIZE_MAX);
		compare(h);
	}
	buf_clear(&list);
	mh_close(&h->m);
	free(h);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("watch");
	TCase *tc = tcase_create("watch");

	tcase_set_timeout(tc, 1200);
	tcase_add_loop_test(tc, any_history, 0, getenv("TEST_LONG") != NULL ? 40 : 12);
	tcase_add_test(tc, only_what_is_open);
	tcase_add_test(tc, policy_wakes);
	tcase_add_test(tc, damaged_list);
	tcase_add_test(tc, another_history);
	suite_add_tcase(s, tc);
	return h_run(s);
}
