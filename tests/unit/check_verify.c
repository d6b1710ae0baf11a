/* SPDX-License-Identifier: MIT */
#include "reghelp.h"
#include "register/verify.h"

/* The first finding, and how many. */
struct found {
	struct verify_finding first;
	size_t n, warnings;
};

static int note(void *arg, const struct verify_finding *f)
{
	struct found *x = arg;

	x->warnings += f->warning;
	if (!f->warning && x->n++ == 0)
		x->first = *f;
	return 0;
}

static struct found check(struct reg *r, const char *since, struct verify_sum *sum)
{
	struct found x;
	struct verify_sum own;
	struct err e = ERR_INIT;

	memset(&x, 0, sizeof x);
	sum = sum != NULL ? sum : &own;
	ck_assert_msg(verify_register(r, since, note, &x, sum, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(sum->findings, x.n);
	return x;
}

/* A small register: three commits of one pair each. */
static char *small(void)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);

	for (int i = 0; i < 3; i++)
		h_ok(r, "", 1 + (i == 1), H_NOW + i);
	reg_close(r);
	return dir;
}

START_TEST(sound)
{
	char *dir = small();
	struct reg *r = h_open(dir);
	struct verify_sum sum;
	struct found x = check(r, NULL, &sum);

	ck_assert_uint_eq(x.n + x.warnings, 0);
	ck_assert_uint_eq(sum.commits, 4);
	ck_assert_uint_eq(sum.rows, 8);
	ck_assert_uint_eq(sum.head.seq, 4);
	ck_assert(!sum.open_begin);
	ck_assert_uint_gt(sum.bytes, 3000);
	reg_close(r);
	h_drop(dir);
}
END_TEST

static const char *const files[] = { "hazards.csv", "events.csv", "journal.csv" };

/* Does verify see the file as it is now, and name it? */
static bool is_seen(struct reg *r, const char *name)
{
	struct verify_sum sum;
	struct found x = check(r, NULL, &sum);

	if (x.n == 0)
		return sum.open_begin;	/* a whole commit line was cut off: as a crash leaves it */
	return strcmp(x.first.file, name) == 0 || strcmp(name, "journal.csv") == 0;
}

/* Every byte changed; bytes removed and put in; shorter lengths. */
START_TEST(every_byte)
{
	const char *name = files[_i];
	char *dir = small();
	struct reg *r = h_open(dir);
	struct buf b = h_slurp(dir, name);
	char *t = malloc(b.n + 2);
	const size_t every[] = { strcmp(name, "journal.csv") == 0 ? 2 : 1, 5, 7, 11 };
	size_t missed = 0, tried = 0;

	for (size_t i = 0; i < b.n; i++) {
		for (int way = 0; way < 4; way++) {
			size_t n = b.n;

			if (i % every[way] != 0)
				continue;
			memcpy(t, b.p, b.n);
			if (way == 0) {
				t[i] = (char)(t[i] ^ (1 << (i % 7)));
			} else if (way == 1) {
				memmove(t + i, t + i + 1, b.n - i - 1);
				n--;
			} else if (way == 2) {
				memmove(t + i + 1, t + i, b.n - i);
				t[i] = "x,\n\""[i % 4];
				n++;
			} else {
				n = i;
			}
			h_write(dir, name, t, n, O_TRUNC);
			tried++;
			if (!is_seen(r, name)) {
				missed++;
				fprintf(stderr, "%s: way %d at byte %zu was not seen\n", name, way, i);
			}
		}
	}
	h_write(dir, name, b.p, b.n, O_TRUNC);
	ck_assert_uint_eq(check(r, NULL, NULL).n, 0);
	ck_assert_uint_eq(missed, 0);
	ck_assert_uint_gt(tried, 500);
	free(t);
	buf_clear(&b);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* Every two lines next to each other swapped, every line doubled or removed. */
START_TEST(every_line)
{
	const char *name = files[_i];
	char *dir = small();
	struct reg *r = h_open(dir);
	struct buf b = h_slurp(dir, name), t = BUF_INIT;
	struct span line[64], rest = buf_view(&b);
	size_t n = 0;

	for (const char *lf; rest.n > 0 && (lf = memchr(rest.p, '\n', rest.n)) != NULL; n++) {
		line[n] = (struct span){ rest.p, (size_t)(lf + 1 - rest.p) };
		rest = (struct span){ lf + 1, rest.n - line[n].n };
	}
	for (size_t i = 0; i < n; i++)
		for (int way = 0; way < 3; way++) {
			buf_reset(&t);
			for (size_t k = 0; k < n; k++) {
				size_t from = way == 0 && i + 1 < n ? (k == i ? i + 1 : k == i + 1 ? i : k) : k;

				if (way == 2 && k == i)
					continue;
				buf_span(&t, line[from]);
				if (way == 1 && k == i)
					buf_span(&t, line[k]);
			}
			if (span_eq(buf_view(&t), buf_view(&b)))
				continue;
			h_write(dir, name, t.p, t.n, O_TRUNC);
			ck_assert_msg(is_seen(r, name), "%s: line %zu way %d was not seen", name, i + 1, way);
		}
	buf_clear(&t);
	buf_clear(&b);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* Replace the first `what` behind `after` in a file by as many bytes. */
static void edit(const char *dir, const char *name, const char *after, const char *what, const char *with)
{
	struct buf b = h_slurp(dir, name);
	char *at = strstr(strstr(b.p, after), what);

	ck_assert_ptr_nonnull(at);
	memcpy(at, with, strlen(with));
	h_write(dir, name, b.p, b.n, O_TRUNC);
	buf_clear(&b);
}

static const struct {
	const char *after, *what, *with;
	size_t first, last;
	uint64_t seq;
	const char *says;
} narrow[] = {
	{ "T01-H2026-000002", ",3,", ",4,", 3, 3, 3, "this row of commit 3 was changed: its commit column is of another commit" },
	{ "T01-H2026-000003", "T01-H2026-000003", "T01-H2026-000009", 4, 4, 3, "this row of commit 3 was changed: its id is not the one that was given" },
	{ "T01-H2026-000002", "G1,S1", "G1;S1", 3, 3, 3, "this row of commit 3 was changed: it has another number of fields" },
	{ "T01-H2026-000002", "G1,S1", "G1,S\1", 3, 3, 3, "this row of commit 3 was changed: it holds control bytes or broken characters" },
	{ "T01-H2026-000002", "G1,S1", "G1,S2", 3, 4, 3, "rows of commit 3 (bytes " },
	{ "T01-H2026-000001", "G1,S1", "G1,S2", 2, 2, 2, "this row of commit 2 was changed" },
	{ "hazard,", "commit", "commie", 1, 1, 1, "its header was changed" },
};

START_TEST(names_the_row)
{
	char *dir = small();
	struct reg *r = h_open(dir);
	struct found x;

	edit(dir, "hazards.csv", narrow[_i].after, narrow[_i].what, narrow[_i].with);
	x = check(r, NULL, NULL);
	ck_assert_uint_eq(x.n, 1);
	ck_assert_str_eq(x.first.file, "hazards.csv");
	ck_assert_uint_eq(x.first.first_row, narrow[_i].first);
	ck_assert_uint_eq(x.first.last_row, narrow[_i].last);
	ck_assert_uint_eq(x.first.seq, narrow[_i].seq);
	ck_assert_msg(strncmp(x.first.text, narrow[_i].says, strlen(narrow[_i].says)) == 0, "%s", x.first.text);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(tails_and_missing)
{
	char *dir = small(), path[512];
	struct reg *r = h_open(dir);
	struct buf b = h_slurp(dir, "events.csv");
	struct found x;

	h_append(dir, "events.csv", "by hand\n");
	x = check(r, NULL, NULL);
	ck_assert_uint_eq(x.n, 1);
	ck_assert_ptr_nonnull(strstr(x.first.text, "behind the last commit were not written by this toolkit; gridctl adopt takes them in"));
	h_write(dir, "events.csv", b.p, b.n - 5, O_TRUNC);
	x = check(r, NULL, NULL);
	ck_assert_uint_eq(x.first.seq, 4);
	snprintf(path, sizeof path, "%s/events.csv", dir);
	unlink(path);
	x = check(r, NULL, NULL);
	ck_assert_str_eq(x.first.text, "is missing");
	ck_assert_uint_eq(x.first.seq, 1);
	buf_clear(&b);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(versions_and_copies)
{
	char *dir = small(), path[512];
	struct reg *r = h_open(dir);
	struct moment m;
	struct found x;

	h_append(dir, "grids.csv", "G1\n");
	h_append(dir, "policy/templates/a.txt", "more\n");
	x = check(r, NULL, NULL);
	ck_assert_uint_eq(x.n, 0);
	ck_assert_uint_eq(x.warnings, 2);
	h_moment(r, &m);
	snprintf(path, sizeof path, "versions/%s", moment_version(&m, "subjects"));
	h_append(dir, path, "x");
	x = check(r, NULL, NULL);
	ck_assert_uint_eq(x.n, 1);
	ck_assert_ptr_nonnull(strstr(x.first.text, "(subjects of commit 1) was changed"));
	snprintf(path, sizeof path, "%s/versions/%s", dir, moment_version(&m, "subjects"));
	unlink(path);
	x = check(r, NULL, NULL);
	ck_assert_ptr_nonnull(strstr(x.first.text, "(subjects of commit 1) is missing"));
	/* a file of the policy that only the manifest names: hello */
	snprintf(path, sizeof path, "%s/versions/5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03", dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_uint_eq(check(r, NULL, NULL).n, 2);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* Other things that happen to a ledger, and the first that is said. */
static const struct {
	const char *how, *says;
	size_t row;
	uint64_t seq;
} others[] = {
	{ "link", "is not a regular file", 0, 1 },
	{ "mark", "its header was changed: it was saved by a spreadsheet (it begins with a byte order mark)", 1, 1 },
	{ "header", "its header was changed", 1, 1 },
	{ "empty", "its header was changed", 1, 1 },
	{ "adopted", "this row of commit 5 was changed: it has another number of fields", 6, 5 },
	{ "adopted text", "rows of commit 5 (bytes ", 6, 5 },
	{ "behind", "bytes ", 8, 0 },
};

START_TEST(other_damage)
{
	char *dir = small(), path[512], to[512];
	const char *how = others[_i].how;
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW + 9);
	struct buf b, c = BUF_INIT;
	struct err e = ERR_INIT;
	struct found x;

	h_append(dir, "hazards.csv", "T01-H2026-000005,5,2026-02-02T10:40:00+08:00,,G1,S1,,,general,,,,,,,,,,,,by hand\n"
	    "T01-H2026-000006,5,2026-02-02T10:40:00+08:00,,G1,S1,,,general,,,,,,,,,,,,by hand\n");
	ck_assert_msg(commit_adopt(r, &who, NULL, NULL, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(check(r, NULL, NULL).n, 0);
	reg_close(r);
	b = h_slurp(dir, "hazards.csv");
	snprintf(path, sizeof path, "%s/hazards.csv", dir);
	if (strcmp(how, "link") == 0) {
		snprintf(to, sizeof to, "%s/other", dir);
		rename(path, to);
		ck_assert_int_eq(symlink("other", path), 0);
	} else if (strcmp(how, "mark") == 0) {
		buf_puts(&c, "\xef\xbb\xbf");
		buf_span(&c, buf_view(&b));
		h_write(dir, "hazards.csv", c.p, c.n, O_TRUNC);
	} else if (strcmp(how, "empty") == 0) {
		ck_assert_int_eq(truncate(path, 0), 0);
	} else if (strcmp(how, "behind") == 0) {
		h_append(dir, "hazards.csv", "x\n");
	} else {
		if (strcmp(how, "header") == 0)
			b.p[0] ^= 1;
		else if (strcmp(how, "adopted") == 0)
			*strstr(b.p, "general,,,,,,,,,,,,by hand") = ',';
		else
			memcpy(strstr(b.p, "by hand"), "BY", 2);
		h_write(dir, "hazards.csv", b.p, b.n, O_TRUNC);
	}
	r = h_open(dir);
	x = check(r, NULL, NULL);
	ck_assert_msg(strncmp(x.first.text, others[_i].says, strlen(others[_i].says)) == 0, "%s: %s", how, x.first.text);
	ck_assert_str_eq(x.first.file, "hazards.csv");
	ck_assert_uint_eq(x.first.first_row, others[_i].row);
	ck_assert_uint_eq(x.first.seq, others[_i].seq);
	buf_clear(&b);
	buf_clear(&c);
	reg_close(r);
	h_drop(dir);
}
END_TEST

static int stop(void *arg, const struct verify_finding *f)
{
	(void)f;
	return ++*(int *)arg;
}

/* Who has seen enough is told no more; the sum is of all. */
START_TEST(told_to_stop)
{
	char *dir = small();
	struct reg *r = h_open(dir);
	struct verify_sum sum;
	struct err e = ERR_INIT;
	int told = 0;

	h_append(dir, "events.csv", "x\n");
	h_append(dir, "tags.csv", "x\n");
	ck_assert_int_eq(verify_register(r, NULL, stop, &told, &sum, &e), 0);
	ck_assert_int_eq(told, 1);
	ck_assert_uint_eq(sum.findings, 2);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(checkpoints)
{
	char *dir = small(), path[512];
	struct reg *r = h_open(dir);
	struct moment m, known;
	struct err e = ERR_INIT;
	struct buf cp = BUF_INIT, line = BUF_INIT, journal = h_slurp(dir, "journal.csv"), hazards = h_slurp(dir, "hazards.csv"),
		events = h_slurp(dir, "events.csv");
	struct found x;

	h_ok(r, "", 1, H_NOW + 100);
	h_moment(r, &m);
	verify_checkpoint(r, &m, &cp);
	ck_assert_int_eq(strncmp(cp.p, "gridledger-checkpoint 1\nT01 5 2026-02-02T10:41:40+08:00\n", 56), 0);
	verify_short(r, &m, &line);
	ck_assert_uint_eq(line.n, 6 + 19 + 1);
	ck_assert_int_eq(strncmp(line.p + 6, m.chain, 4), 0);
	/* today extends it, also later and from a file */
	ck_assert_uint_eq(check(r, cp.p, NULL).n, 0);
	h_ok(r, "", 1, H_NOW + 200);
	ck_assert_uint_eq(check(r, cp.p, NULL).n, 0);
	h_append(dir, "cp", cp.p);
	snprintf(path, sizeof path, "%s/cp", dir);
	ck_assert_uint_eq(check(r, path, NULL).n, 0);
	ck_assert_int_eq(reg_moment(r, path, &known, &e), 0);
	ck_assert_str_eq(known.chain, m.chain);
	ck_assert_int_eq(verify_register(r, "gridledger-checkpoint 1\nX 1\n", note, &x, &(struct verify_sum){ 0 }, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "is not a checkpoint"));
	err_clear(&e);
	cp.p[25] = 'U';
	ck_assert_int_eq(verify_register(r, cp.p, note, &x, &(struct verify_sum){ 0 }, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "the checkpoint is of office "));
	err_clear(&e);
	cp.p[25] = '0';
	/* rolled back: all files as they were, and the chain is sound */
	h_write(dir, "journal.csv", journal.p, journal.n, O_TRUNC);
	h_write(dir, "hazards.csv", hazards.p, hazards.n, O_TRUNC);
	h_write(dir, "events.csv", events.p, events.n, O_TRUNC);
	ck_assert_uint_eq(check(r, NULL, NULL).n, 0);
	x = check(r, cp.p, NULL);
	ck_assert_uint_eq(x.n, 1);
	ck_assert_str_eq(x.first.text, "the checkpoint is of commit 5, this register ends at commit 4: it was rolled back, or is another one");
	/* and written anew, with another fifth commit */
	h_ok(r, "", 1, H_NOW + 101);
	ck_assert_uint_eq(check(r, NULL, NULL).n, 0);
	x = check(r, cp.p, NULL);
	ck_assert_uint_eq(x.n, 1);
	ck_assert_ptr_nonnull(strstr(x.first.text, "commit 5 is not the one of the checkpoint"));
	ck_assert_ptr_nonnull(strstr(x.first.text, "the history up to it was rewritten"));
	ck_assert_int_eq(reg_moment(r, cp.p, &known, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "is not a moment of this register"));
	buf_clear(&cp);
	buf_clear(&line);
	buf_clear(&journal);
	buf_clear(&hazards);
	buf_clear(&events);
	reg_close(r);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("verify");
	TCase *t = tcase_create("verify");

	tcase_set_timeout(t, 300);
	tcase_add_test(t, sound);
	tcase_add_loop_test(t, every_byte, 0, 3);
	tcase_add_loop_test(t, every_line, 0, 3);
	tcase_add_loop_test(t, names_the_row, 0, (int)(sizeof narrow / sizeof *narrow));
	tcase_add_test(t, tails_and_missing);
	tcase_add_test(t, versions_and_copies);
	tcase_add_loop_test(t, other_damage, 0, (int)(sizeof others / sizeof *others));
	tcase_add_test(t, told_to_stop);
	tcase_add_test(t, checkpoints);
	suite_add_tcase(s, t);
	return h_run(s);
}
