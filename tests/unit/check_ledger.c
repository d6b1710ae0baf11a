/* SPDX-License-Identifier: MIT */
#include "reghelp.h"
#include "register/ledger.h"

/* 20 hazards in 4 commits, each with two events; every other with a ref. */
static char *filled(void)
{
	char *dir = h_create(), id[ID_MAX], ref[32], text[32];
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;

	for (int i = 0; i < 4; i++) {
		struct commit *c = commit_open(r, &who, &e);

		for (int k = 0; k < 5; k++) {
			int n = i * 5 + k;

			snprintf(ref, sizeof ref, n % 2 == 0 ? "ref,%d" : "", n);
			snprintf(text, sizeof text, "text %d", n / 2);
			h_pair(c, id, ref, text);
			h_row(c, "events", NULL, (const char *const[]){ "at", "2026-02-02T10:40:00+08:00", "hazard", id, "step", "close", NULL });
		}
		ck_assert_int_eq(commit_close(c, NULL, &e), 0);
	}
	reg_close(r);
	return dir;
}

static void no_index(const char *dir)
{
	char path[512];

	snprintf(path, sizeof path, "%s/.index", dir);
	h_remove(path);
}

struct sum {
	size_t rows, bytes;
};

static int count(void *arg, const struct scan_row *row)
{
	struct sum *s = arg;

	s->rows++;
	s->bytes += row->f[0].n + row->f[1].n;
	return 0;
}

START_TEST(scan)
{
	char *dir = filled();
	struct reg *r = h_open(dir);
	struct sum s[2] = { { 0, 0 }, { 0, 0 } };
	void *args[] = { &s[0], &s[1] };
	struct moment m;
	struct err e = ERR_INIT;
	const struct table *t = h_table("hazards");

	ck_assert_int_eq(reg_moment(r, "3", &m, &e), 0);
	ck_assert_int_eq(ledger_scan(r, &m, "hazards", (const int[]){ schema_column(t, SPAN("grid")), -1 }, 2, count, args, 1, &e), 0);
	ck_assert_uint_eq(s[0].rows, 10);
	ck_assert_uint_eq(s[0].bytes, 20);
	h_moment(r, &m);
	s[0].rows = 0;
	ck_assert_int_eq(ledger_scan(r, &m, "events", (const int[]){ 0, 1 }, 2, count, args, 2, &e), 0);
	ck_assert_uint_eq(s[0].rows + s[1].rows, 40);
	s[0].rows = 0;
	ck_assert_int_eq(ledger_scan(r, &m, "tags", (const int[]){ 0, 1 }, 2, count, args, 1, &e), 0);
	ck_assert_uint_eq(s[0].rows, 0);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* What the threads of an ordered scan found, in the order in which their blocks ended. */
struct ordered {
	uint32_t number[4000];
	size_t n, blocks, stop;
};
struct ordered_part {
	struct ordered *all;
	uint32_t number[4000];
	size_t n;
};

static int take_number(void *arg, const struct scan_row *row)
{
	struct ordered_part *p = arg;
	struct schema_id id;

	if (!schema_id_parse(row->f[0], &id))
		return 7;
	p->number[p->n++] = id.number;
	return 0;
}

static int end_block(void *arg)
{
	struct ordered_part *p = arg;

	memcpy(p->all->number + p->all->n, p->number, p->n * sizeof *p->number);
	p->all->n += p->n;
	p->n = 0;
	return ++p->all->blocks == p->all->stop ? 5 : 0;
}

/* A ledger of some blocks, by one thread or several: every row once and in order. */
START_TEST(ordered)
{
	enum { ROWS = 3000, WIDTH = 4000 };
	char *dir = h_create(), *note = calloc(1, WIDTH + 1);
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);
	struct ordered *all = calloc(1, sizeof *all);
	struct ordered_part *part = calloc(3, sizeof *part);
	void *args[] = { &part[0], &part[1], &part[2] };
	const int cols[] = { 0 };
	struct buf path = BUF_INIT;
	struct moment m;
	int fd;

	memset(note, 'x', WIDTH);
	for (int i = 0; i < ROWS; i++)
		h_row(c, "events", NULL, (const char *const[]){ "at", "2026-02-02T10:40:00+08:00", "hazard", "T01-H2026-000001", "step",
			"note", "note", note, NULL });
	ck_assert_int_eq(commit_close(c, NULL, &e), 0);
	h_moment(r, &m);
	for (size_t threads = 1; threads <= 3; threads++) {
		*all = (struct ordered){ .n = 0 };
		for (int i = 0; i < 3; i++)
			part[i] = (struct ordered_part){ .all = all };
		ck_assert_int_eq(ledger_scan_ordered(r, &m, "events", cols, 1, take_number, end_block, args, threads, &e), 0);
		ck_assert_uint_eq(all->n, ROWS);
		ck_assert_uint_gt(all->blocks, 1);
		for (uint32_t i = 0; i < ROWS; i++)
			ck_assert_uint_eq(all->number[i], i + 1);
		*all = (struct ordered){ .stop = 2 };
		ck_assert_int_eq(ledger_scan_ordered(r, &m, "events", cols, 1, take_number, end_block, args, threads, &e), 5);
		ck_assert_uint_eq(all->blocks, 2);
		ck_assert_int_eq(e.status, ERR_OK);
		for (int i = 0; i < 3; i++)
			part[i].n = 0;
	}
	/* a changed row far behind is told with its line */
	buf_printf(&path, "%s/events.csv", dir);
	fd = open(path.p, O_WRONLY);
	ck_assert_int_eq(pwrite(fd, ",", 1, m.ledger[moment_ledger(&m, "events") - m.ledger].size - 2), 1);
	close(fd);
	*all = (struct ordered){ .n = 0 };
	ck_assert_int_eq(ledger_scan_ordered(r, &m, "events", cols, 1, take_number, end_block, args, 3, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "events.csv:3001: "));
	ck_assert_ptr_nonnull(strstr(e.text, "run gridctl verify"));
	reg_close(r);
	h_remove(dir);
	buf_clear(&path);
	free(dir);
	free(note);
	free(all);
	free(part);
}
END_TEST

/* With the index (0) and without (1). */
START_TEST(look_ups)
{
	char *dir = filled();
	struct reg *r;
	struct ledger_at at, *all;
	struct moment m, old;
	struct span f[128];
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	const struct table *t = h_table("hazards");
	size_t n;

	if (_i == 1)
		no_index(dir);
	r = h_open(dir);
	h_moment(r, &m);
	ck_assert_int_eq(reg_moment(r, "2", &old, &e), 0);
	ck_assert_int_eq(ledger_find(r, &m, "hazards", SPAN("T01-H2026-000017"), &at, &e), 1);
	ck_assert_int_eq(ledger_read(r, &m, "hazards", at, &text, f, &e), 0);
	ck_assert(span_is(f[0], "T01-H2026-000017"));
	ck_assert(span_is(f[schema_column(t, SPAN("ref"))], "ref,16"));
	ck_assert(span_is(f[schema_column(t, SPAN("description"))], "text 8"));
	ck_assert_int_eq(ledger_find(r, &old, "hazards", SPAN("T01-H2026-000017"), &at, &e), 0);
	ck_assert_int_eq(ledger_find(r, &m, "hazards", SPAN("T01-H2026-000021"), &at, &e), 0);
	ck_assert_int_eq(ledger_find(r, &m, "hazards", SPAN("X-H2026-000001"), &at, &e), 0);
	ck_assert_int_eq(ledger_find(r, &m, "hazards", SPAN("nonsense"), &at, &e), 0);
	ck_assert_int_eq(ledger_find(r, &m, "hazards", SPAN(""), &at, &e), 0);
	ck_assert_int_eq(ledger_find(r, &m, "events", SPAN("T01-E2026-000040"), &at, &e), 1);
	ck_assert_int_eq(ledger_of_hazard(r, &m, "events", SPAN("T01-H2026-000003"), &all, &n, &e), 1);
	ck_assert_uint_eq(n, 2);
	ck_assert_int_lt(all[0].at, all[1].at);
	buf_reset(&text);
	ck_assert_int_eq(ledger_read(r, &m, "events", all[1], &text, f, &e), 0);
	ck_assert(span_is(f[0], "T01-E2026-000006"));
	free(all);
	ck_assert_int_eq(ledger_of_hazard(r, &old, "events", SPAN("T01-H2026-000013"), &all, &n, &e), 0);
	ck_assert_uint_eq(n, 0);
	free(all);
	ck_assert_int_eq(ledger_find_ref(r, &m, SPAN("ref,18"), &at, &e), 1);
	ck_assert_int_eq(ledger_find_ref(r, &old, SPAN("ref,18"), &at, &e), 0);
	ck_assert_int_eq(ledger_find_ref(r, &m, SPAN("ref,19"), &at, &e), 0);
	ck_assert_int_eq(ledger_find_ref(r, &m, SPAN(""), &at, &e), 0);
	/* likely duplicates: the newest of the two; only the index knows */
	ck_assert_int_eq(ledger_find_like(r, &m, SPAN("G1"), SPAN("S1"), SPAN("2026-02-02"), SPAN("text 3"), &at, &e), _i == 0);
	if (_i == 0) {
		buf_reset(&text);
		ck_assert_int_eq(ledger_read(r, &m, "hazards", at, &text, f, &e), 0);
		ck_assert(span_is(f[0], "T01-H2026-000008"));
	}
	ck_assert_int_eq(ledger_find_like(r, &m, SPAN("G2"), SPAN("S1"), SPAN("2026-02-02"), SPAN("text 3"), &at, &e), 0);
	at.at = 1 << 30;
	ck_assert_int_eq(ledger_read(r, &m, "hazards", at, &text, f, &e), -1);
	ck_assert_str_eq(e.text, "hazards.csv: there is no record at byte 1073741824");
	buf_clear(&text);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* A ledger in two segments, the first with fewer columns: built by hand, as gridctl roll would. */
START_TEST(segments)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct moment m;
	struct sum s = { 0, 0 };
	void *args[] = { &s };
	struct err e = ERR_INIT;
	struct buf header = BUF_INIT, text = BUF_INIT;
	struct ledger_at at;
	struct span f[64];
	const struct table *t = h_table("tags");

	h_moment(r, &m);
	h_write(dir, "tags.csv", "tag,commit,name\nT01-T2026-000001,2,old\n", 39, O_TRUNC);
	schema_header(t, &header);
	buf_puts(&header, "T01-T2026-000002,3,2026-02-02T10:40:00+08:00,S1,new,,,,\n");
	h_write(dir, "tags.2.csv", header.p, header.n, O_TRUNC);
	for (size_t i = 0; i < m.nledgers; i++)
		if (m.ledger[i].table == t) {
			m.ledger[i].segment = 2;
			m.ledger[i].size = (off_t)header.n;
		}
	ck_assert_int_eq(ledger_scan(r, &m, "tags", (const int[]){ schema_column(t, SPAN("name")), schema_column(t, SPAN("subject")) }, 2, count,
	    args, 1, &e), 0);
	ck_assert_uint_eq(s.rows, 2);
	ck_assert_uint_eq(s.bytes, 8);
	ck_assert_int_eq(ledger_find(r, &m, "tags", SPAN("T01-T2026-000001"), &at, &e), 1);
	ck_assert_uint_eq(at.segment, 1);
	ck_assert_int_eq(ledger_read(r, &m, "tags", at, &text, f, &e), 0);
	ck_assert(span_is(f[schema_column(t, SPAN("name"))], "old"));
	ck_assert_uint_eq(f[schema_column(t, SPAN("subject"))].n, 0);
	buf_clear(&header);
	buf_clear(&text);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* Rows of a scan, to be compared with reads of one record each. */
struct seen {
	struct ledger_at at[600];
	char text[600][64];
	size_t n;
};

static int see(void *arg, const struct scan_row *row)
{
	struct seen *s = arg;

	s->at[s->n] = (struct ledger_at){ 1, row->at };
	snprintf(s->text[s->n++], sizeof *s->text, "%zu %.*s", row->f[0].n, (int)(row->f[0].n < 40 ? row->f[0].n : 40), row->f[0].p);
	return 0;
}

/* Every record by itself is what the scan has: in order, backwards and here and there, quoted, long, with blanks at the ends. */
START_TEST(one_by_one)
{
	enum { ROWS = 600 };
	static const char *const texts[] = { "", "plain 液化气", "with, comma", "\"quoted\"", " blank before", "blank behind ", "\ttab", "x" };
	char *dir = h_create(), *big = malloc(70001);
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);
	struct seen *s = calloc(1, sizeof *s);
	const struct table *t = h_table("hazards");
	int col = schema_column(t, SPAN("description"));
	struct buf text = BUF_INIT;
	struct span f[128];
	struct moment m;

	memset(big, 'b', 70000);
	big[70000] = '\0';
	for (int i = 0; i < ROWS; i++) {
		char padded[64];

		snprintf(padded, sizeof padded, "%s%d", texts[i % 8], i % 3 == 0 ? i : 7);
		h_pair(c, NULL, "", i % 97 == 50 ? big + i * 100 : i % 16 < 8 ? texts[i % 8] : padded);
	}
	ck_assert_int_eq(commit_close(c, NULL, &e), 0);
	h_moment(r, &m);
	ck_assert_int_eq(ledger_scan(r, &m, "hazards", &col, 1, see, (void *const[]){ s }, 1, &e), 0);
	ck_assert_uint_eq(s->n, ROWS);
	for (int way = 0; way < 4; way++)
		for (int k = 0; k < ROWS; k++) {
			int i = way == 0 ? k : way == 1 ? ROWS - 1 - k : way == 2 ? k * 7 % ROWS : k * 251 % ROWS;
			char got[64];

			ck_assert_int_eq(ledger_read(r, &m, "hazards", s->at[i], &text, f, &e), 0);
			snprintf(got, sizeof got, "%zu %.*s", f[col].n, (int)(f[col].n < 40 ? f[col].n : 40), f[col].p);
			ck_assert_str_eq(got, s->text[i]);
			ck_assert(span_is(f[schema_column(t, SPAN("severity"))], "general"));
		}
	buf_clear(&text);
	free(s);
	free(big);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* What the filter says of the ref and of the likeness of a row of filled(). */
static int filter_knows(void *arg, const struct scan_row *row)
{
	const struct ledger_filter *f = arg;
	struct span day = { row->f[3].p, 10 };

	ck_assert(row->f[0].n == 0 || ledger_filter_has(f, ledger_ref_hash(row->f[0])));
	ck_assert(ledger_filter_has(f, ledger_print(row->f[1], row->f[2], day, row->f[4])));
	return 0;
}

/* A filter knows all that is there, and of what is not hardly anything. */
START_TEST(filtered)
{
	char *dir = filled(), path[512], ref[32];
	struct reg *r = h_open(dir);
	struct moment m;
	struct ledger_filter *f;
	struct err e = ERR_INIT;
	const struct table *t = h_table("hazards");
	const int cols[] = { schema_column(t, SPAN("ref")), schema_column(t, SPAN("grid")), schema_column(t, SPAN("subject")),
		schema_column(t, SPAN("reported_at")), schema_column(t, SPAN("description")) };
	void *args[1];
	size_t wrong = 0;

	h_moment(r, &m);
	ck_assert_int_gt(ledger_bytes(r, &m, "hazards"), 1000);
	f = ledger_filter_new(r, &m);
	ck_assert_ptr_nonnull(f);
	args[0] = f;
	ck_assert_int_eq(ledger_scan(r, &m, "hazards", cols, 5, filter_knows, args, 1, &e), 0);
	ck_assert(ledger_filter_has(f, ledger_ref_hash(SPAN("ref,18"))));
	ck_assert(ledger_filter_has(f, ledger_print(SPAN("G1"), SPAN("S1"), SPAN("2026-02-02"), SPAN("text 3"))));
	for (int i = 0; i < 10000; i++) {
		snprintf(ref, sizeof ref, "other-%d", i);
		wrong += ledger_filter_has(f, ledger_ref_hash(span_of(ref)));
	}
	ck_assert_uint_lt(wrong, 100);
	ledger_filter_free(f);
	snprintf(path, sizeof path, "%s/hazards.csv", dir);
	ck_assert_int_eq(truncate(path, 200), 0);
	reg_close(r);
	r = h_open(dir);
	ck_assert_int_eq(ledger_bytes(r, &m, "hazards"), -1);
	ck_assert_ptr_null(ledger_filter_new(r, &m));
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(shorter_than_committed)
{
	char *dir = filled(), path[512];
	struct reg *r = h_open(dir);
	struct moment m;
	struct sum s = { 0, 0 };
	void *args[] = { &s };
	struct err e = ERR_INIT;

	h_moment(r, &m);
	snprintf(path, sizeof path, "%s/events.csv", dir);
	ck_assert_int_eq(truncate(path, 1000), 0);
	ck_assert_int_eq(ledger_scan(r, &m, "events", (const int[]){ 0, 1 }, 2, count, args, 1, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_ptr_nonnull(strstr(e.text, "events.csv: has 1000 bytes, "));
	ck_assert_ptr_nonnull(strstr(e.text, " were committed: rows were removed or changed; run gridctl verify"));
	reg_close(r);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ledger");
	TCase *t = tcase_create("ledger");

	tcase_add_test(t, scan);
	tcase_add_test(t, ordered);
	tcase_add_loop_test(t, look_ups, 0, 2);
	tcase_add_test(t, segments);
	tcase_add_test(t, one_by_one);
	tcase_add_test(t, filtered);
	tcase_add_test(t, shorter_than_committed);
	suite_add_tcase(s, t);
	return h_run(s);
}
