/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "engine/noticetake.h"
#include "engine/noticetext.h"
#include "engine/noticeto.h"
#include "hazard-notice.h"

/* draft and issue at work. */
struct making {
	struct notice_job *j;
	struct writing w;		/* of issue */
	struct office *own;		/* of draft */
	struct office *office;
	struct fold *fold;
	struct notice_batch batch;
	const struct notice_kind *kind;
	struct span issuer;
	struct names ids;
	uint32_t *number;
	struct span *to;		/* receivers that --to names; a NULL p: `words` of it are looked at for each hazard */
	const char *words;
	size_t nto, to_cap;
	int32_t day;
};

/* The organ of who acts, by his row, else by a post. */
static int organ_of(struct making *m, struct span officer, struct err *e)
{
	struct master *posts = office_master(m->office, "posts", e);
	struct master_row row;
	int n;

	if (!posts || notice_field(m->office, "officers", officer, "organ", m->day, &m->issuer, e))
		return -1;
	if (m->issuer.n || !officer.n)
		return 0;
	n = master_find_by(posts, schema_column(master_table(posts), SPAN("officer")), officer, m->day, &row,
	    1, e);
	if (n > 0)
		m->issuer = row.f[schema_column(master_table(posts), SPAN("organ"))];
	return n < 0 ? -1 : 0;
}

/* Who issues: --issuer, else the organ of who acts; a draft may be nobody's yet. */
static int find_issuer(struct making *m, struct err *e)
{
	const char *said = m->j->value[OPT_ISSUER];
	struct err ignored = ERR_INIT;
	struct span actor = m->w.actor;

	if (said)
		return office_resolve(m->office, "organs", span_of(said), (struct span){ "", 0 }, m->day,
		    &m->issuer, e) < 0
		    ? err_prefix(e, "--issuer") : 0;
	if (m->j->command == NOTICE_DRAFT && office_actor(m->office, m->j->c.actor, m->j->c.now, &actor,
	    &ignored))
		return 0;
	if (organ_of(m, actor, e))
		return -1;
	if (!m->issuer.n && m->j->command == NOTICE_ISSUE)
		return err_set(e, ERR_USAGE, "%.*s belongs to no organ; say who issues it: --issuer=ORGAN",
		    (int)actor.n, actor.p);
	return 0;
}

/* Is a word of --to one that stands for another organ with each hazard? */
static bool is_word(const struct policy *p, struct span s)
{
	static const char *const fixed[] = { "owner", "subject", "parent", "top" };

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (span_is(s, fixed[i]))
			return true;
	return vocab_id(&p->levels, s) >= 0 || vocab_id(&p->organ_kinds, s) >= 0;
}

/* One of --to: a word, an organ or a subject. */
static int take_to(struct making *m, struct span s, struct err *e)
{
	struct err ignored = ERR_INIT;
	struct span id;

	MEM_GROW(m->to, m->to_cap, m->nto + 1);
	if (is_word(m->office->policy, s)) {
		m->words = arena_spandup(&m->batch.mem, s);
		m->to[m->nto++] = (struct span){ NULL, 0 };
		return 0;
	}
	if (office_resolve(m->office, "organs", s, (struct span){ "", 0 }, m->day, &id, e) < 0) {
		if (office_resolve(m->office, "subjects", s, (struct span){ "", 0 }, m->day, &id,
		    &ignored) < 0)
			return err_prefix(e, "--to");
		err_clear(e);
	}
	m->to[m->nto++] = id;
	return 0;
}

/* Receivers, as --to says, else the kind, else what is bundled by. */
static int find_to(struct making *m, struct err *e)
{
	struct span rest = span_of(m->j->value[OPT_TO]), one;
	const char *bundle = m->j->value[OPT_BUNDLE];

	while (span_split(&rest, ',', &one)) {
		if (m->nto && m->words)
			return err_set(e, ERR_USAGE,
			    "--to: \"%s\" stands alone, beside it no other addressee can be named", m->words);
		if (take_to(m, span_trim(one), e))
			return -1;
	}
	if (m->nto > 1 && m->words)
		return err_set(e, ERR_USAGE,
		    "--to: \"%s\" stands alone, beside it no other addressee can be named", m->words);
	if (m->nto)
		return 0;
	m->words = *m->kind->to ? m->kind->to : bundle && !strcmp(bundle, "subject") ? "subject" : "owner";
	MEM_GROW(m->to, m->to_cap, 1);
	m->to[m->nto++] = (struct span){ NULL, 0 };
	return 0;
}

/* One hazard to all receivers. */
static int add_hazard(struct making *m, uint32_t hazard, struct err *e)
{
	const struct notice_hazard *h = &m->batch.hazard[hazard];
	const char *bundle = m->j->value[OPT_BUNDLE] ? m->j->value[OPT_BUNDLE] : "receiver";
	struct notice_item i = { .hazard = hazard, .kind = m->kind, .issuer = m->issuer, .key = "",
	    .note = "" };

	if (!strcmp(bundle, "owner"))
		i.group = h->owner;
	else if (!strcmp(bundle, "subject"))
		i.group = h->subject;
	else
		i.alone = !strcmp(bundle, "none");
	for (size_t k = 0; k < m->nto; k++) {
		i.receiver = m->to[k];
		if (!m->to[k].p && notice_addressee(m->office, m->words, h, m->day, &i.receiver, e))
			return -1;
		notice_batch_add(&m->batch, &i);
	}
	return 0;
}

/* Papers about hazards. */
static int make_papers(struct making *m, struct err *e)
{
	m->fold = fold_all(m->office, INT64_MAX, scan_cores(2), e);
	m->number = mem_zalloc((size_t)m->ids.n + 1, sizeof *m->number);
	if (!m->fold || notice_take(&m->batch, m->fold, &m->ids, !m->j->value[OPT_NO_INHIBIT], m->number, e))
		return -1;
	for (uint32_t i = 0; i < m->ids.n; i++)
		if (m->number[i] == NOTICE_NO_HAZARD)
			diag_row(&m->j->c.diag, m->j->c.prog, 0, NULL, "%.*s: no hazard of that id in %s",
			    (int)names_at(&m->ids, i).n,
			    names_at(&m->ids, i).p, m->office->reg->path);
	if (diag_end(&m->j->c.diag, e))
		return -1;
	for (uint32_t i = 0; i < m->ids.n; i++)
		if (add_hazard(m, m->number[i], e))
			return -1;
	return 0;
}

/* All that a word of --to means without a hazard. */
static int find_everyone(struct making *m, struct err *e)
{
	struct span *all;
	size_t n;

	if (notice_everyone(m->office, m->words, m->issuer, m->day, &all, &n, e))
		return err_prefix(e, "--to");
	free(m->to);
	m->to = all;
	m->nto = m->to_cap = n;
	return 0;
}

/* Letters: title and text, no hazard. */
static int make_letters(struct making *m, struct err *e)
{
	struct span text, organ;
	int takes = notice_takes_text(m->office, m->kind, e);

	if (takes < 0)
		return -1;
	if (!takes)
		return err_set(e, ERR_USAGE,
		    "papers of the kind %s have no place for a text of their own ({text} in templates/%s)",
		    m->kind->id,
		    m->kind->template);
	if (!m->j->value[OPT_TO])
		return err_set(e, ERR_USAGE, "a paper without hazards needs its addressees: --to=ORGAN,…");
	if (m->words && find_everyone(m, e))
		return -1;
	if (job_text("text", m->j->value[OPT_TEXT], &m->batch.mem, &text, e))
		return -1;
	for (size_t i = 0; i < m->nto; i++) {
		struct notice_paper *p = notice_batch_letter(&m->batch, m->kind, m->issuer, m->to[i]);

		if (notice_field(m->office, "organs", m->to[i], "organ", m->day, &organ, e))
			return -1;
		if (!organ.n)
			p->subject = m->to[i];
		MEM_GROW(p->line, p->cap, 1);
		p->line[p->nlines++] = (struct notice_line){ NOTICE_NO_HAZARD, TIME_NONE, false, { NULL, 0 },
		    text.p, NULL };
	}
	return 0;
}

/* --title for all papers. */
static int set_titles(struct making *m, struct err *e)
{
	struct span title;

	if (!m->j->value[OPT_TITLE])
		return 0;
	if (job_text("title", m->j->value[OPT_TITLE], &m->batch.mem, &title, e))
		return -1;
	m->batch.title = title.p;
	return 0;
}

/* Is a silenced hazard in some annex? */
static bool is_annexed(const struct notice_batch *b, const char *hazard)
{
	for (size_t i = 0; i < b->npapers; i++)
		for (size_t k = b->paper[i].nlines - b->paper[i].nannexed; k < b->paper[i].nlines; k++)
			if (!strcmp(b->hazard[b->paper[i].line[k].hazard].id, hazard))
				return true;
	return false;
}

/* What needs a person's eye: nobody to get it, silenced without a trace, waiting for a signature. */
static void say(struct making *m)
{
	const struct notice_batch *b = &m->batch;
	struct cli *c = &m->j->c;

	for (size_t i = 0; i < b->nitems; i++) {
		const char *id = b->hazard[b->item[i].hazard].id;

		if (b->item[i].silenced_by.n && !is_annexed(b, id))
			cli_say(c, "%s: %s gets no paper of its own while %.*s of its subject is graver (--no-inhibit makes one)", c->prog, id,
			    (int)b->item[i].silenced_by.n, b->item[i].silenced_by.p);
	}
	for (size_t i = 0; i < b->npapers; i++) {
		const struct notice_paper *p = &b->paper[i];

		if (!p->receiver.n)
			diag_warn(&c->diag, "%s%s%s%s has no receiver, nobody answers for %s", *p->id ? p->id
			    : "a paper", *p->number ? " (" : "",
			    p->number, *p->number ? ")" : "", p->nlines &&
			    p->line[0].hazard != NOTICE_NO_HAZARD ? b->hazard[p->line[0].hazard].id : "it");
		if (*p->id && p->kind->approval >= 0)
			cli_say(c, "%s: %s (%s) waits for approval by %s", c->prog, p->id, p->number,
			    m->office->policy->roles.v[p->kind->approval].name);
	}
}

/* What goes to standard output. */
static int print(struct making *m, struct err *e)
{
	struct notice_job *j = m->j;

	if (job_is(j, "json"))
		return err_set(e, ERR_USAGE, "--format: json goes with list");
	if (job_is(j, "csv")) {
		notice_batch_lines(&m->batch, notice_line_csv, &j->out);
		return 0;
	}
	for (size_t i = 0; i < m->batch.npapers; i++)
		if (job_print(j, &m->batch, &m->batch.paper[i], j->command == NOTICE_DRAFT, e))
			return -1;
	return 0;
}

/* Open the register: draft reads, issue writes. */
static int open_office(struct making *m, struct err *e)
{
	struct notice_job *j = m->j;

	if (j->command == NOTICE_DRAFT) {
		m->office = m->own = office_open(j->c.dir, NULL, e);
		if (!m->own || cli_now(&j->c, m->own->reg->offset, e))
			return -1;
	} else {
		if (writing_open(&m->w, &j->c, "hazard-notice issue", j->value[OPT_KEY] ? j->value[OPT_KEY]
		    : j->key, j->value[OPT_AGAIN] != NULL, e))
			return -1;
		m->office = m->w.office;
	}
	m->day = time_day(j->c.now, m->office->reg->offset);
	m->batch.office = m->office;
	m->batch.now = j->c.now;
	return 0;
}

/* Rows that came in before. */
static int say_again(struct making *m, struct err *e)
{
	struct buf words = BUF_INIT;
	int rc = job_is(m->j, "ids") ? writing_ids(&m->w, m->w.seq, "notices", &m->j->out, e) : 0;

	writing_was(&m->w, &words);
	cli_say(&m->j->c, "%s: %s", m->j->c.prog, words.p);
	buf_clear(&words);
	return rc;
}

/* The papers, and for issue their commit. */
static int make(struct making *m, bool letter, struct err *e)
{
	struct notice_job *j = m->j;

	m->kind = job_kind(j, m->office->policy, e);
	if (!m->kind || find_issuer(m, e) || find_to(m, e) || set_titles(m, e))
		return -1;
	if ((letter ? make_letters(m, e) : make_papers(m, e)) || notice_batch_make(&m->batch, m->fold, e))
		return -1;
	if (j->command == NOTICE_ISSUE && notice_batch_record(&m->batch, m->w.commit, e))
		return -1;
	if (!j->c.dry_run && print(m, e))
		return -1;
	if (j->command == NOTICE_ISSUE && writing_close(&m->w, &j->out, e))
		return -1;
	if (!m->batch.npapers && !m->batch.nitems)
		cli_say(&j->c, "%s: no hazard in the input; nothing was done", j->c.prog);
	say(m);
	return 0;
}

/* Options that do not go together. */
static int refuse(const struct notice_job *j, struct err *e)
{
	static const char *const bundles[] = { "owner", "subject", "receiver", "none" };
	const char *bundle = j->value[OPT_BUNDLE];
	bool known = !bundle;

	for (size_t i = 0; i < 4 && bundle; i++)
		known |= !strcmp(bundle, bundles[i]);
	if (!known)
		return err_set(e, ERR_USAGE, "--bundle: \"%s\" is not one of owner, subject, receiver, none",
		    bundle);
	if (j->value[OPT_TEXT] && j->noperands)
		return err_set(e, ERR_USAGE,
		    "--text is for a paper that names no hazard; \"%s\" is one too many", j->operand[0]);
	if (j->value[OPT_TEXT] && bundle)
		return err_set(e, ERR_USAGE, "--bundle is for papers about hazards, --text for one without");
	return 0;
}

int notice_issue(struct notice_job *j, struct err *e)
{
	struct making m = { .j = j, .w = { .cli = &j->c } };
	bool letter = j->value[OPT_TEXT] != NULL;
	int rc = refuse(j, e);

	if (!rc && !letter)
		rc = job_ids(j, "hazard", schema_table(SPAN("events")), j->command == NOTICE_ISSUE, &m.ids,
		    e);
	if (!rc)
		rc = open_office(&m, e);
	if (!rc)
		rc = m.w.done_before ? say_again(&m, e) : make(&m, letter, e);
	notice_batch_clear(&m.batch);
	fold_free(m.fold);
	names_clear(&m.ids);
	free(m.number);
	free(m.to);
	office_close(m.own);
	writing_drop(&m.w);
	return rc ? -1 : 0;
}
