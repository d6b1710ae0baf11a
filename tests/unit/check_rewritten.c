/* SPDX-License-Identifier: MIT */
#include "proofhelp.h"
#include "register/inside.h"
#include "register/master.h"
/*
 * Journals whose chain fits and whose lines are wrong all the same: somebody rewrote them, or another version of the
 * program wrote them.
 */

/* One change to the journal; the chain is made to fit again. */
struct edit {
	const char *line;	/* the first line that begins so; NULL: all lines */
	const char *from;	/* NULL: the whole line goes */
	const char *to;		/* NULL: the part of spans or sizes that begins so goes */
};

/* Replace in a line. */
static void edit_line(struct buf *line, const struct edit *x)
{
	char *at = strstr(line->p, x->from);
	struct buf out = BUF_INIT;
	size_t head, cut;

	if (at == NULL)
		return;
	head = (size_t)(at - line->p);
	cut = strlen(x->from);
	if (x->to == NULL) {
		cut = strcspn(at, ";,");
		if (at[cut] == ';')
			cut++;
		else if (head > 0 && at[-1] == ';') {
			head--;
			cut++;
		}
	}
	buf_put(&out, line->p, head);
	buf_puts(&out, x->to != NULL ? x->to : "");
	buf_puts(&out, line->p + head + cut);
	buf_clear(line);
	*line = out;
}

/* Apply edits and chain the journal anew; the chain of the last line. */
static void rewrite(const char *dir, const struct edit *edit, size_t n, char chain[65])
{
	struct buf journal = h_slurp(dir, "journal.csv"), out = BUF_INIT;
	struct span rest = buf_view(&journal), l;
	bool done[4] = { false };

	ck_assert(span_split(&rest, '\n', &l));
	buf_span(&out, l);
	buf_putc(&out, '\n');
	journal_chain_first(chain);
	while (rest.n > 0 && span_split(&rest, '\n', &l) && l.n > 0) {
		struct buf line = BUF_INIT;
		bool gone = false;
		char prev[65];

		buf_put(&line, l.p, l.n - 65);
		for (size_t i = 0; i < n; i++) {
			if (done[i] || (edit[i].line != NULL && strncmp(line.p, edit[i].line, strlen(edit[i].line)) != 0))
				continue;
			gone |= edit[i].from == NULL;
			if (edit[i].from != NULL)
				edit_line(&line, &edit[i]);
			done[i] = edit[i].line != NULL;
		}
		if (!gone) {
			memcpy(prev, chain, sizeof prev);
			journal_chain(prev, buf_view(&line), chain);
			buf_printf(&out, "%s,%s\n", line.p, chain);
		}
		buf_clear(&line);
	}
	h_write(dir, "journal.csv", out.p, out.n, O_TRUNC);
	buf_clear(&journal);
	buf_clear(&out);
}

/* A register of three commits. */
static char *three(void)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);

	h_ok(r, "", 1, H_NOW);
	h_ok(r, "", 1, H_NOW);
	reg_close(r);
	return dir;
}

/* The first finding that is no warning. */
static int first_finding(void *arg, const struct verify_finding *f)
{
	struct verify_finding *to = arg;

	if (!f->warning && to->text[0] == '\0')
		*to = *f;
	return 0;
}

static void find_first(struct reg *r, struct verify_finding *f)
{
	struct verify_sum sum;
	struct err e = ERR_INIT;

	memset(f, 0, sizeof *f);
	ck_assert_msg(verify_register(r, NULL, first_finding, f, &sum, &e) == 0, "%s", e.text);
	ck_assert_int_eq(sum.findings > 0, f->text[0] != '\0');
}

#define UNREAD "its sizes cannot be read"
#define OFF "its sizes are not what the spans before it add up to"

static const struct {
	struct edit edit[2];
	const char *finds;	/* verify, of the journal */
	const char *says;	/* the next writer; NULL: it goes on */
	int line;		/* of the finding */
} wrong[] = {
	{ { { "commit,3,", "hazards.csv:", "hazards.x:" } }, UNREAD, "journal.csv: the sizes of commit 3 cannot be read: a newer program wrote them,"
	    " or they were changed; run gridctl verify", 7 },
	{ { { "commit,3,", "hazards.csv:", "hazards.csv:1" } }, OFF, "hazards.csv: has ", 7 },
	{ { { "commit,3,", "tags.csv:", "tags.2.csv:" } }, OFF, "tags.2.csv: is missing; restore it", 7 },
	{ { { "commit,3,", "tags.csv:", NULL } }, OFF, NULL, 7 },
	{ { { "commit,3,", "tags.csv:", "hazards.csv:" } }, OFF, "hazards.csv: was changed before byte ", 7 },
	{ { { "commit,3,", "grids::", "gridz::" } }, OFF, NULL, 7 },
	{ { { "commit,3,", "grids::", NULL } }, OFF, NULL, 7 },
	{ { { "commit,3,", "grids::", "grids::x" } }, UNREAD, "journal.csv: the sizes of commit 3 cannot be read", 7 },
	{ { { "begin,3,", "hazards.csv:", "hazards.x:" } }, OFF, NULL, 7 },
	{ { { "begin,3,", "hazards.csv:", "hazards.3.csv:" } }, OFF, NULL, 7 },
	{ { { "begin,3,", "hazards.csv:", "hazards.csv:1" } }, OFF, NULL, 7 },
	{ { { "begin,3,", "hazards.csv:", "../hazards.csv:" } }, "its spans cannot be read", NULL, 6 },
	{ { { "begin,3,", "begin,3,", "begin,5," } }, "is out of order", NULL, 7 },
	{ { { "begin,3,", NULL, NULL } }, "is out of order", NULL, 6 },
	{ { { "commit,2,", NULL, NULL } }, "is out of order", NULL, 5 },
	{ { { "begin,3,", "hazards.csv:", "../hazards.csv:" }, { "commit,3,", NULL, NULL } }, "its spans cannot be read", "cannot undo an interrupted"
	    " commit: journal.csv: the spans of the open begin 3 cannot be read; a newer program wrote them", 6 },
	{ { { "commit,2,", "hazards.csv:", "hazards.x:" }, { "commit,3,", NULL, NULL } }, UNREAD, "cannot undo an interrupted commit: ", 5 },
};

/* Where the newest sizes cannot be read nobody can say what is committed: everybody says so alike. */
static void all_say(struct reg *r, const char *text)
{
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct moment m;
	size_t n;

	ck_assert_int_eq(reg_moment(r, NULL, &m, &e), -1);
	ck_assert_str_eq(e.text, text);
	err_clear(&e);
	ck_assert_int_eq(reg_moment(r, "3", &m, &e), -1);
	ck_assert_str_eq(e.text, text);
	for (int dry = 0; dry < 2; dry++) {
		who.dry_run = dry;
		err_clear(&e);
		ck_assert_ptr_null(commit_open(r, &who, &e));
		ck_assert_str_eq(e.text, text);
		err_clear(&e);
		ck_assert_int_eq(commit_adopt(r, &who, NULL, NULL, &e), -1);
		ck_assert_str_eq(e.text, text);
	}
	err_clear(&e);
	ck_assert_int_eq(h_foreign(r, NULL, 0, &n, &e), -1);
	ck_assert_str_eq(e.text, text);
}

START_TEST(wrong_lines)
{
	char *dir = three(), chain[65];
	struct reg *r;
	struct verify_finding f;
	struct err e = ERR_INIT;
	size_t n = wrong[_i].edit[1].line != NULL ? 2 : 1;

	rewrite(dir, wrong[_i].edit, n, chain);
	r = h_open(dir);
	find_first(r, &f);
	ck_assert_msg(strcmp(f.text, wrong[_i].finds) == 0 && strcmp(f.file, "journal.csv") == 0, "%s: %s", f.file, f.text);
	ck_assert_uint_eq(f.first_row, (size_t)wrong[_i].line);
	if (wrong[_i].says == NULL) {
		h_ok(r, "", 1, H_NOW);
	} else {
		ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
		ck_assert_int_eq(e.status, ERR_PERSON);
		ck_assert_msg(strncmp(e.text, wrong[_i].says, strlen(wrong[_i].says)) == 0, "%s", e.text);
	}
	if (n == 1 && strcmp(f.text, UNREAD) == 0)
		all_say(r, e.text);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* A register of an older program, which knew no tags and no devices. */
START_TEST(older_program)
{
	static const struct edit edit[] = { { NULL, "tags.csv:", NULL }, { NULL, "devices::", NULL } };
	static const char *const none[] = { "devices", "hazards", "nothing" };
	char *dir = three(), chain[65], path[512], want[128];
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct verify_finding f;
	struct ledger_at at;
	struct moment m;
	struct commit *c;
	struct reg *r;

	rewrite(dir, edit, 2, chain);
	snprintf(path, sizeof path, "%s/.index", dir);
	h_remove(path);
	r = h_open(dir);
	find_first(r, &f);
	ck_assert_str_eq(f.text, "");
	c = commit_open(r, &who, &e);
	ck_assert_msg(c != NULL, "%s", e.text);
	ck_assert_uint_eq(commit_pending(c, h_table("tags")).n, 0);
	h_row(c, "tags", NULL, (const char *const[]){ "name", "x", NULL });
	h_pair(c, NULL, "", "x");
	ck_assert_int_eq(commit_close(c, NULL, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_str_eq(e.text, "this register has no tags.csv: it was made by an older program");
	err_clear(&e);
	h_moment(r, &m);
	ck_assert_uint_eq(m.seq, 3);
	ck_assert_int_eq(ledger_find(r, &m, "tags", SPAN("T01-T2026-000001"), &at, &e), 0);
	ids_are(r, "tags", "");
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		err_clear(&e);
		snprintf(want, sizeof want, "this register has no %s.csv: it was made by an older program", none[i]);
		ck_assert_ptr_null(master_open(r, &m, none[i], &e));
		ck_assert_str_eq(e.text, want);
	}
	/* its devices come with the first commit that brings some */
	err_clear(&e);
	c = commit_open(r, &who, &e);
	commit_version(c, "devices", SPAN("device\n"));
	ck_assert_int_eq(commit_close(c, NULL, &e), 0);
	h_moment(r, &m);
	ck_assert_ptr_nonnull(moment_version(&m, "devices"));
	verified(r, 4);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* A commit in doubt whose begin does not say what it covers. */
static const struct {
	struct edit edit;
	const char *says;
	int status;
} doubts[] = {
	{ { "begin,3,", "hazards.csv:", "../hazards.csv:" }, "journal.csv: the spans of commit 3 cannot be read; a newer program wrote them", ERR_PERSON },
	{ { "begin,3,", "hazards.csv:", "hazardz.csv:" }, "hazardz.csv: cannot open", ERR_DOUBT },
	{ { "begin,3,", "hazards.csv:", "hazards.csv:1" }, "hazards.csv: ends at byte ", ERR_DOUBT },
};

START_TEST(doubt)
{
	char *dir = three(), chain[65], mark[256];
	struct commit_who who = h_who("", H_NOW);
	struct buf said = BUF_INIT;
	struct err e = ERR_INIT;
	struct reg *r;

	rewrite(dir, &doubts[_i].edit, 1, chain);
	snprintf(mark, sizeof mark, "3,%s,2026-02-02T10:40:00+08:00,hazard-add,5\n", chain);
	h_append(dir, "lost+found/in-doubt", mark);
	r = h_open(dir);
	ck_assert_int_eq(commit_settle(r, &who, &said, &e), -1);
	ck_assert_int_eq(e.status, doubts[_i].status);
	ck_assert_msg(strncmp(e.text, doubts[_i].says, strlen(doubts[_i].says)) == 0, "%s", e.text);
	ck_assert_uint_eq(said.n, 0);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* The journal cut off before some text, and what verify, a reader and a writer say. */
static const struct {
	const char *keep;
	const char *finds, *says;
} cuts[] = {
	{ "begin,1,", "holds no commit", "journal.csv: no line at its end fits the chain; run gridctl verify, or, when this is a new register whose"
	    " gridctl init was interrupted, remove the directory and run it again" },
	{ "commit,1,", "", "journal.csv: the line before the open begin at byte 69 does not fit the chain; run gridctl verify" },
	{ ",seq", "its header was changed", "journal.csv: no line at its end fits the chain" },
};

START_TEST(cut_off)
{
	char *dir = three();
	struct buf journal = h_slurp(dir, "journal.csv");
	struct err e = ERR_INIT;
	struct verify_finding f;
	struct moment m;
	struct reg *r;

	h_write(dir, "journal.csv", journal.p, (size_t)(strstr(journal.p, cuts[_i].keep) - journal.p), O_TRUNC);
	r = h_open(dir);
	find_first(r, &f);
	ck_assert_msg(strncmp(f.text, cuts[_i].finds, strlen(cuts[_i].finds)) == 0, "%s", f.text);
	ck_assert_int_eq(reg_moment(r, NULL, &m, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_msg(strncmp(e.text, cuts[_i].says, strlen(cuts[_i].says)) == 0, "%s", e.text);
	err_clear(&e);
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	ck_assert_msg(strncmp(e.text, cuts[_i].says, strlen(cuts[_i].says)) == 0, "%s", e.text);
	buf_clear(&journal);
	reg_close(r);
	h_drop(dir);
}
END_TEST

#define COUNT(v) (int)(sizeof (v) / sizeof *(v))

int main(void)
{
	Suite *s = suite_create("rewritten");
	TCase *t = tcase_create("rewritten");

	tcase_add_loop_test(t, wrong_lines, 0, COUNT(wrong));
	tcase_add_test(t, older_program);
	tcase_add_loop_test(t, doubt, 0, COUNT(doubts));
	tcase_add_loop_test(t, cut_off, 0, COUNT(cuts));
	suite_add_tcase(s, t);
	return h_run(s);
}
