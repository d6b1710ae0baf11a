/* SPDX-License-Identifier: MIT */
#include "reghelp.h"
#include "register/inside.h"

#define CHAIN "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LINE(kind, seq, at, policy, chain) kind "," seq "," at ",root@host,T01-O1,hazard-add,0.1,key," policy ",grids::" CHAIN ",," chain

static const struct {
	const char *line;
	bool good;
} lines[] = {
	{ LINE("begin", "12", "2026-02-02T10:40:00+08:00", "0123456789ab", CHAIN), true },
	{ LINE("adopt", "1", "2026-02-02T10:40:00+08:00", "", CHAIN), true },
	{ LINE("ended", "12", "2026-02-02T10:40:00+08:00", "", CHAIN), false },
	{ LINE("begin", "0", "2026-02-02T10:40:00+08:00", "", CHAIN), false },
	{ LINE("begin", "012", "2026-02-02T10:40:00+08:00", "", CHAIN), false },
	{ LINE("begin", "12", "2026-02-02T10:40:00+07:00", "", CHAIN), false },
	{ LINE("begin", "12", "2026-02-30T10:40:00+08:00", "", CHAIN), false },
	{ LINE("begin", "12", "2026-02-02T10:40:00+08:00", "abc", CHAIN), false },
	{ LINE("begin", "12", "2026-02-02T10:40:00+08:00", "", "A" CHAIN), false },
	{ LINE("begin", "12", "2026-02-02T10:40:00+08:00", ",", CHAIN), false },
	{ LINE("begin", "12", "2026-02-02T10:40:00+08:00", "\"\"", CHAIN), false },
	{ LINE("begin", "12", "2026-02-02T10:40:00+08:00", "", CHAIN) "\r", false },
	{ "begin,1," CHAIN, false },
	{ "", false },
};

START_TEST(parse)
{
	struct journal_line l;

	ck_assert_int_eq(journal_parse(span_of(lines[_i].line), H_OFFSET, &l), lines[_i].good);
	if (!lines[_i].good)
		return;
	ck_assert(span_is(l.login, "root@host"));
	ck_assert(span_is(l.key, "key"));
	ck_assert(span_is(l.chain, CHAIN));
	ck_assert_uint_eq(l.body.n, strlen(lines[_i].line) - 65);
	ck_assert_int_eq(l.at, H_NOW);
}
END_TEST

START_TEST(spans_and_sizes)
{
	struct journal_span s[3];
	struct moment m;
	size_t n;

	ck_assert(journal_spans(SPAN("hazards.csv:10:200:3:" CHAIN ";events.2.csv:0:5:0:" CHAIN ";policy::" CHAIN), s, 3, &n));
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(s[0].name, "hazards.csv");
	ck_assert_int_eq(s[0].offset, 10);
	ck_assert_int_eq(s[0].length, 200);
	ck_assert_uint_eq(s[0].rows, 3);
	ck_assert_str_eq(s[1].name, "events.2.csv");
	ck_assert_int_eq(s[2].length, -1);
	ck_assert(journal_spans(SPAN(""), s, 3, &n) && n == 0);
	ck_assert(!journal_spans(SPAN("a::" CHAIN ";b::" CHAIN), s, 1, &n));
	ck_assert(!journal_spans(SPAN("hazards.csv:10:200:" CHAIN), s, 3, &n));
	ck_assert(!journal_spans(SPAN("../x:10:200:3:" CHAIN), s, 3, &n));
	ck_assert(!journal_spans(SPAN("hazards.csv:10:-1:3:" CHAIN), s, 3, &n));
	ck_assert(!journal_spans(SPAN("a::" CHAIN ";"), s, 3, &n));
	ck_assert(journal_sizes(SPAN("hazards.csv:10;events.2.csv:99;grids::" CHAIN), &m));
	ck_assert_uint_eq(m.nledgers, 2);
	ck_assert_uint_eq(m.ledger[1].segment, 2);
	ck_assert_int_eq(m.ledger[1].size, 99);
	ck_assert_str_eq(moment_version(&m, "grids"), CHAIN);
	ck_assert(!journal_sizes(SPAN(""), &m));
	ck_assert(!journal_sizes(SPAN("nothing.csv:10"), &m));
	ck_assert(!journal_sizes(SPAN("grids.csv:10"), &m));
	ck_assert(!journal_sizes(SPAN("hazards.1.csv:10"), &m));
}
END_TEST

/* Names that may not stand in spans and sizes: they become file names. */
static const char *const bad_names[] = { "", ".x", "-x", "A", "a b", "a/b", "a_b", "\xc3\xa9",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

START_TEST(names)
{
	struct journal_span s[2];
	struct moment m;
	char text[512];
	size_t n;

	for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++) {
		snprintf(text, sizeof text, "%s:10:200:3:" CHAIN, bad_names[i]);
		ck_assert_msg(!journal_spans(span_of(text), s, 2, &n), "%s", text);
		snprintf(text, sizeof text, "%s::" CHAIN, bad_names[i]);
		ck_assert_msg(!journal_spans(span_of(text), s, 2, &n), "%s", text);
		snprintf(text, sizeof text, "hazards.csv:1;%s:10", bad_names[i]);
		ck_assert_msg(!journal_sizes(span_of(text), &m), "%s", text);
	}
	/* more than a register can have */
	for (int version = 0; version < 2; version++) {
		struct buf all = BUF_INIT;

		for (int i = 0; i <= REG_LEDGERS_MAX; i++)
			buf_printf(&all, version ? "%sv%d::" CHAIN : "%shazards.%d.csv:1", i > 0 ? ";" : "", i + 2);
		ck_assert(!journal_sizes(buf_view(&all), &m));
		buf_clear(&all);
	}
	/* nor does a moment take in more */
	memset(&m, 0, sizeof m);
	for (int i = 0; i < REG_LEDGERS_MAX; i++) {
		snprintf(text, sizeof text, "v%d", i);
		ck_assert_ptr_nonnull(moment_slot(&m, text));
	}
	ck_assert_ptr_null(moment_slot(&m, "other"));
	ck_assert_ptr_eq(moment_slot(&m, "v3"), &m.version[3]);
}
END_TEST

static const struct {
	const char *name;
	const char *table;	/* NULL: none */
	unsigned number;
} segment_files[] = {
	{ "hazards.csv", "hazards", 1 }, { "hazards.2.csv", "hazards", 2 }, { "notice-lines.99999.csv", "notice-lines", 99999 },
	{ "hazards.1.csv", NULL, 0 }, { "hazards.02.csv", NULL, 0 }, { "hazards.100000.csv", NULL, 0 }, { "hazards..csv", NULL, 0 },
	{ "hazards.x.csv", NULL, 0 }, { ".csv", NULL, 0 }, { "csv", NULL, 0 }, { "hazards.txt", NULL, 0 }, { "grids.csv", NULL, 0 },
	{ "nothing.csv", NULL, 0 },
};

START_TEST(segment_names)
{
	for (size_t i = 0; i < sizeof segment_files / sizeof *segment_files; i++) {
		const struct table *t = NULL;
		unsigned number = 0;
		bool good = segment_parse(span_of(segment_files[i].name), &t, &number);

		ck_assert_msg(good == (segment_files[i].table != NULL), "%s", segment_files[i].name);
		ck_assert(!good || (strcmp(t->name, segment_files[i].table) == 0 && number == segment_files[i].number));
	}
}
END_TEST

static const struct {
	const char *path;
	bool good;
} policy_paths[] = {
	{ "policy.yaml", true }, { "maps/a/b.yaml", true }, { "..a", true }, { "", false }, { ".", false }, { "..", false }, { "a/../b", false },
	{ "a/./b", false }, { "/a", false }, { "a/", false }, { "a//b", false }, { "a\tb", false }, { "a\x80", false },
};

START_TEST(policy_files)
{
	struct span rest, digest, path;
	char line[512], longest[300];

	for (size_t i = 0; i < sizeof policy_paths / sizeof *policy_paths; i++) {
		ck_assert_msg(policy_path_ok(span_of(policy_paths[i].path)) == policy_paths[i].good, "%s", policy_paths[i].path);
		snprintf(line, sizeof line, CHAIN "  %s\n" CHAIN "  z\n", policy_paths[i].path);
		rest = span_of(line);
		ck_assert_int_eq(manifest_next(&rest, &digest, &path), policy_paths[i].good);
		ck_assert(!policy_paths[i].good || (span_is(path, policy_paths[i].path) && span_is(digest, CHAIN)));
		ck_assert(!policy_paths[i].good || (manifest_next(&rest, &digest, &path) && !manifest_next(&rest, &digest, &path)));
	}
	memset(longest, 'a', sizeof longest);
	ck_assert(policy_path_ok((struct span){ longest, 255 }) && !policy_path_ok((struct span){ longest, 256 }));
	for (int i = 0; i < 4; i++) {
		static const char *const none[] = { CHAIN "  a", CHAIN " *a\n", CHAIN "\n", "g" CHAIN "  a\n" };

		rest = span_of(none[i]);
		ck_assert(!manifest_next(&rest, &digest, &path));
	}
}
END_TEST

static const struct {
	const char *from;
	size_t max;
	const char *to;
} words[] = {
	{ "hazard-add --map=x -", 99, "hazard-add:--map=x:-" }, { "a,b;c\"d\te\x7f", 99, "a_b_c_d_e_" }, { "液化气", 99, "液化气" },
	{ "液化气", 7, "液化" }, { "é\U0001f525", 99, "é\U0001f525" }, { "\xc2\xa0x", 99, "__x" }, { "\xe3\x80\x80x", 99, "___x" },
	{ "\xc2", 99, "_" }, { "\xf0\x9f\x94", 99, "___" }, { "\xff\xfe", 99, "__" }, { "\xe2\x82(", 99, "__(" }, { "", 99, "" },
};

/* What stands in the journal is one word of clean text, whatever a command line had. */
START_TEST(one_word)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct buf out = BUF_INIT;

		buf_put(&out, "", 0);
		journal_word(&out, words[i].from, words[i].max);
		ck_assert_msg(strcmp(out.p, words[i].to) == 0, "%zu: %s, should be %s", i, out.p, words[i].to);
		buf_clear(&out);
	}
}
END_TEST

/* The recipe of the header, by the shell's tools. */
START_TEST(chain_by_hand)
{
	char *dir = h_create(), command[1024], out[65] = "";
	struct reg *r = h_open(dir);
	struct moment m;
	FILE *p;

	h_ok(r, "k", 2, H_NOW);
	h_moment(r, &m);
	snprintf(command, sizeof command, "cd %s && prev=$(head -n 1 journal.csv | tr -d '\\n' | sha256sum | cut -c1-64);"
	    " tail -n +2 journal.csv | { while read -r line; do prev=$(printf %%s%%s \"$prev\" \"${line%%,*}\" | sha256sum | cut -c1-64);"
	    " [ \"$prev\" = \"${line##*,}\" ] || echo bad; done; echo $prev; }", dir);
	p = popen(command, "r");
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(fscanf(p, "%64s", out), 1);
	pclose(p);
	ck_assert_str_eq(out, m.chain);
	reg_close(r);
	h_drop(dir);
}
END_TEST

struct seen {
	char text[1024];
	size_t bad;
	int stop;
};

static int see(void *arg, const struct journal_line *l, bool chained)
{
	struct seen *s = arg;
	size_t n = strlen(s->text);

	snprintf(s->text + n, sizeof s->text - n, "%d:%ju ", (int)l->kind, (uintmax_t)l->seq);
	s->bad += !chained;
	return s->stop > 0 && --s->stop == 0 ? 7 : 0;
}

START_TEST(walks)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct moment m;
	struct err e = ERR_INIT;
	struct seen s = { .bad = 0 };
	struct buf b;

	h_ok(r, "", 1, H_NOW);
	h_ok(r, "", 0, H_NOW);
	h_moment(r, &m);
	ck_assert_int_eq(journal_walk(r, m.journal, see, &s, &e), 0);
	ck_assert_str_eq(s.text, "0:1 1:1 0:2 1:2 0:3 1:3 ");
	ck_assert_uint_eq(s.bad, 0);
	s = (struct seen){ .stop = 3 };
	ck_assert_int_eq(journal_walk_back(r, m.journal, see, &s, &e), 7);
	ck_assert_str_eq(s.text, "1:3 0:3 1:2 ");
	s = (struct seen){ .stop = 0 };
	ck_assert_int_eq(journal_walk_back(r, m.journal, see, &s, &e), 0);
	ck_assert_str_eq(s.text, "1:3 0:3 1:2 0:2 1:1 0:1 ");
	ck_assert_uint_eq(s.bad, 0);
	/* one byte of a body: that line alone does not fit */
	b = h_slurp(dir, "journal.csv");
	memcpy(strstr(b.p, "hazard-add"), "hazard-bad", 10);
	h_write(dir, "journal.csv", b.p, b.n, O_TRUNC);
	buf_clear(&b);
	s = (struct seen){ .stop = 0 };
	ck_assert_int_eq(journal_walk(r, m.journal, see, &s, &e), 0);
	ck_assert_uint_eq(s.bad, 1);
	s = (struct seen){ .stop = 0 };
	ck_assert_int_eq(journal_walk_back(r, m.journal, see, &s, &e), 0);
	ck_assert_uint_eq(s.bad, 1);
	reg_close(r);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("journal");
	TCase *t = tcase_create("journal");

	tcase_add_loop_test(t, parse, 0, (int)(sizeof lines / sizeof *lines));
	tcase_add_test(t, spans_and_sizes);
	tcase_add_test(t, names);
	tcase_add_test(t, segment_names);
	tcase_add_test(t, policy_files);
	tcase_add_test(t, one_word);
	tcase_add_test(t, chain_by_hand);
	tcase_add_test(t, walks);
	suite_add_tcase(s, t);
	return h_run(s);
}
