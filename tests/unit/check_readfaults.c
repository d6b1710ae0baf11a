/* SPDX-License-Identifier: MIT */
#include "faultops.h"
#include "register/index.h"
#include "register/inside.h"
#include "register/master.h"
/*
 * Readers on a disk that fails: an error, or the right answer.
 */

/* A ledger, the policy and a version were changed. */
static char *damaged(void)
{
	char *dir = filled(), path[128];
	struct reg *r = h_open(dir);
	struct moment m;
	struct buf b = h_slurp(dir, "events.csv");

	h_moment(r, &m);
	reg_close(r);
	memcpy(strstr(b.p, "assign"), "assixn", 6);
	h_write(dir, "events.csv", b.p, b.n, O_TRUNC);
	buf_clear(&b);
	snprintf(path, sizeof path, "versions/%s", moment_version(&m, "grids"));
	h_append(dir, path, "x");
	h_append(dir, "policy/policy.yaml", "x");
	h_append(dir, "journal.csv", "begin,4,torn");
	h_append(dir, "tags.csv", "by hand\n");
	return dir;
}

static int open_it(const char *dir, struct buf *said, struct err *e)
{
	struct reg *r = reg_open(dir, e);

	if (r == NULL)
		return -1;
	buf_printf(said, "%s %s %s %d", r->office, r->name, r->language, r->offset);
	reg_close(r);
	return 0;
}

static int moment_it(const char *dir, struct buf *said, struct err *e)
{
	const char *const known[] = { NULL, "2", "1", "2026-02-03T00:00:00+08:00" };
	struct reg *r = reg_open(dir, e);
	struct moment m;
	int result = r == NULL ? -1 : 0;

	for (size_t i = 0; i < sizeof known / sizeof *known && result == 0; i++) {
		result = reg_moment(r, known[i], &m, e);
		if (result == 0)
			buf_printf(said, "%ju %s ", (uintmax_t)m.seq, m.chain);
	}
	reg_close(r);
	return result;
}

/* A checkpoint of a file, made before. */
static int since_it(const char *dir, struct buf *said, struct err *e)
{
	struct io_table now = io;
	struct verify_sum sum;
	struct buf text = BUF_INIT;
	struct moment m;
	struct err own = ERR_INIT;
	struct reg *r;
	char path[512];
	int result = -1;

	io = hit || target > 0 ? kernel : io;
	r = h_open(dir);
	ck_assert_int_eq(reg_moment(r, NULL, &m, &own), 0);
	verify_checkpoint(r, &m, &text);
	h_write(dir, "checkpoint", text.p, text.n, O_TRUNC);
	snprintf(path, sizeof path, "%s/checkpoint", dir);
	buf_clear(&text);
	io = now;
	if (reg_moment(r, path, &m, e) == 0 && verify_register(r, path, print_finding, NULL, &sum, e) == 0) {
		buf_printf(said, "%ju %s %ju", (uintmax_t)m.seq, m.chain, (uintmax_t)sum.findings);
		result = 0;
	}
	reg_close(r);
	return result;
}

static int say_finding(void *arg, const struct verify_finding *f)
{
	buf_printf(arg, "%s:%zu-%zu %ju %s %s\n", f->file, f->first_row, f->last_row, (uintmax_t)f->seq, f->warning ? "warning" : "", f->text);
	return 0;
}

static int verify_it(const char *dir, struct buf *said, struct err *e)
{
	struct reg *r = reg_open(dir, e);
	struct verify_sum sum;
	int result = r == NULL ? -1 : verify_register(r, NULL, say_finding, said, &sum, e);

	if (result == 0)
		buf_printf(said, "%ju commits %ju rows", (uintmax_t)sum.commits, (uintmax_t)sum.rows);
	reg_close(r);
	return result;
}

/* Look-ups of every kind. */
static int find_it(const char *dir, struct buf *said, struct err *e)
{
	struct reg *r = reg_open(dir, e);
	struct ledger_at at, *all = NULL;
	struct span f[128];
	struct buf text = BUF_INIT;
	struct moment m;
	uint64_t seq;
	int64_t when;
	size_t n;
	int result = -1;

	if (r == NULL || reg_moment(r, NULL, &m, e) < 0)
		goto done;
	if (ledger_find(r, &m, "hazards", SPAN("T01-H2026-000002"), &at, e) < 0)
		goto done;
	buf_printf(said, "%u:%jd ", at.segment, (intmax_t)at.at);
	if (ledger_read(r, &m, "hazards", at, &text, f, e) < 0)
		goto done;
	buf_printf(said, "%.*s ", (int)f[0].n, f[0].p);
	if (ledger_find_ref(r, &m, SPAN("R1"), &at, e) < 0)
		goto done;
	buf_printf(said, "%jd ", (intmax_t)at.at);
	if (ledger_of_hazard(r, &m, "events", SPAN("T01-H2026-000002"), &all, &n, e) < 0)
		goto done;
	buf_printf(said, "%zu:%jd ", n, (intmax_t)all[0].at);
	if (ledger_find(r, &m, "hazards", SPAN("T01-H2026-000009"), &at, e) != 0)
		goto done;
	result = commit_find_key(r, &m, "key", &seq, &when, e);
	if (result == 1)
		buf_printf(said, "%ju", (uintmax_t)seq);
	result = result == 1 ? 0 : -1;
	if (result < 0 && e->status == ERR_OK)
		err_set(e, ERR_FAILED, "the retry key was not found");
done:
	free(all);
	buf_clear(&text);
	reg_close(r);
	return result;
}

static int master_it(const char *dir, struct buf *said, struct err *e)
{
	struct reg *r = reg_open(dir, e);
	struct master *x = NULL;
	struct master_row row;
	const struct master_row *all;
	struct moment m;
	size_t n;
	int result = -1;

	if (r == NULL || reg_moment(r, NULL, &m, e) < 0)
		goto done;
	x = master_open(r, &m, "grids", e);
	if (x == NULL || master_find(x, SPAN("G2"), DATE_NONE, &row, e) != 1)
		goto done;
	buf_printf(said, "%.*s ", (int)row.f[1].n, row.f[1].p);
	if (master_find_by(x, schema_column(h_table("grids"), SPAN("name")), SPAN("West"), DATE_NONE, &row, 1, e) != 1)
		goto done;
	buf_printf(said, "%.*s ", (int)row.f[0].n, row.f[0].p);
	if (master_rows(x, &all, &n, e) < 0)
		goto done;
	buf_printf(said, "%zu %u", n, (unsigned)master_number(x, SPAN("G3"), e));
	result = 0;
done:
	master_close(x);
	reg_close(r);
	return result;
}

static int foreign_it(const char *dir, struct buf *said, struct err *e)
{
	struct reg *r = reg_open(dir, e);
	struct adopt_tail tail[4];
	size_t n;
	int result = r == NULL ? -1 : h_foreign(r, tail, 4, &n, e);

	if (result == 0)
		buf_printf(said, "%zu %s %jd", n, n > 0 ? tail[0].table->name : "", n > 0 ? (intmax_t)tail[0].from : 0);
	reg_close(r);
	return result;
}

static const struct op ops[] = {
	{ "open", filled, open_it, .writes = false },
	{ "moment", filled, moment_it, .writes = false },
	{ "since", filled, since_it, .writes = false },
	{ "verify", filled, verify_it, .writes = false },
	{ "verify what was damaged", damaged, verify_it, .writes = false },
	{ "find", filled, find_it, .writes = false },
	{ "find without an index", without_index, find_it, .writes = false },
	{ "master", filled, master_it, .writes = false },
	{ "master without an index", without_index, master_it, .writes = false },
	{ "rows by hand", touched, foreign_it, .writes = false },
};

START_TEST(every_call)
{
	every_call_of(&ops[_i], MODE_EIO);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("readfaults");
	TCase *t = tcase_create("readfaults");

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, every_call, 0, (int)(sizeof ops / sizeof *ops));
	suite_add_tcase(s, t);
	return h_run(s);
}
