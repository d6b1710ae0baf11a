/* SPDX-License-Identifier: MIT */
#include "engine/noticetext.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"
#include "policy/template.h"

#define MANIFEST_DIGEST 64
#define BLANK "________"	/* to be filled in by hand */

/* Where a policy has no template of its own. */
static const char plain[] =
    "{issuer}\n{title}\n{number}\n\n{receiver}:\n\n"
    "{lines}\n{line}. {hazard} {subject} {place} {category} {severity}\n   {description}\n   {due}{overdue}\n{/lines}\n"
    "{text}\n\n{issuer}\n{date}\n"
    "{annex}\n----\n{annexed}\n{hazard} {place} {description} → {silenced_by}\n{/annexed}\n{/annex}\n";

/* A paper being written. */
struct writing_text {
	const struct notice_batch *b;
	const struct notice_paper *p;
	bool zh, draft;
	struct err *e;
	int rc;
};

static bool is_zh(const struct notice_batch *b, const struct notice_kind *k)
{
	const char *language = k->language && *k->language ? k->language : b->office->reg->language;

	return !language || strcmp(language, "en") != 0;
}

static int offset(const struct writing_text *w)
{
	return w->b->office->reg->offset;
}

/* A day: 2026年3月10日, 2026-03-10. */
static void put_day(const struct writing_text *w, int32_t day, struct buf *out)
{
	char text[DATE_LEN + 1];
	int y, m, d;

	date_civil(day, &y, &m, &d);
	date_write(day, text);
	if (w->zh)
		buf_printf(out, "%d年%d月%d日", y, m, d);
	else
		buf_puts(out, text);
}

/* A time to the minute; one that ends a day is 24时 of it in Chinese. */
static void put_time(const struct writing_text *w, int64_t t, struct buf *out)
{
	int32_t day;
	int64_t minutes;

	if (t == TIME_NONE) {
		buf_puts(out, w->zh ? "未定" : "none");
		return;
	}
	day = time_day(t, offset(w));
	minutes = (t - time_of_day(day, offset(w))) / 60;
	if (w->zh && minutes == 0) {
		day--;
		minutes = (int64_t)24 * 60;
	}
	put_day(w, day, out);
	if (!w->zh)
		buf_printf(out, " %02lld:%02lld", (long long)(minutes / 60), (long long)(minutes % 60));
	else if (minutes % 60)
		buf_printf(out, "%lld时%lld分", (long long)(minutes / 60), (long long)(minutes % 60));
	else
		buf_printf(out, "%lld时", (long long)(minutes / 60));
}

/* The name of an id on the paper's day, or a field of its master row. */
static void put_name(struct writing_text *w, const char *table, struct span id, const char *column,
    struct buf *out)
{
	int32_t day = time_day(w->p->at, offset(w));
	struct span s = { NULL, 0 };

	if (!id.n || w->rc)
		return;
	if (column)
		w->rc = notice_field(w->b->office, table, id, column, day, &s, w->e);
	else
		w->rc = notice_name(w->b->office, table, id, day, &s, w->e);
	if (!w->rc)
		buf_span(out, s);
}

/* An organ's name or, where that is none, a subject's. */
static void put_receiver(struct writing_text *w, struct span id, struct buf *out)
{
	int32_t day = time_day(w->p->at, offset(w));
	struct span organ = { NULL, 0 };

	if (!id.n)
		buf_puts(out, BLANK);
	else if (!w->rc && (w->rc = notice_field(w->b->office, "organs", id, "organ", day, &organ,
	    w->e)) == 0)
		put_name(w, organ.n ? "organs" : "subjects", id, NULL, out);
}

/* Fields of the paper itself; false for one of a hazard. */
static bool put_head(struct writing_text *w, enum template_field f, struct buf *out)
{
	const struct notice_paper *p = w->p;

	switch (f) {
	case FIELD_NUMBER:
		buf_puts(out, w->draft ? (w->zh ? "(草稿,未编号)" : "(draft, no number)") : p->number);
		return true;
	case FIELD_DATE:
		put_day(w, time_day(p->at, offset(w)), out);
		return true;
	case FIELD_ISSUER:
		if (p->issuer.n)
			put_name(w, "organs", p->issuer, NULL, out);
		else
			buf_puts(out, w->b->office->reg->name);
		return true;
	case FIELD_RECEIVER:
		put_receiver(w, p->receiver, out);
		return true;
	case FIELD_TO:
		put_name(w, "officers", p->person, NULL, out);
		return true;
	case FIELD_TITLE:
		buf_puts(out, p->title);
		return true;
	case FIELD_KIND:
		buf_puts(out, p->kind->name);
		return true;
	case FIELD_OFFICE:
		buf_puts(out, w->b->office->reg->name);
		return true;
	case FIELD_COUNT:
		buf_printf(out, "%zu", p->nlines && p->line[0].hazard == NOTICE_NO_HAZARD ? 0
		    : p->nlines - p->nannexed);
		return true;
	case FIELD_TEXT:
		if (p->nlines && p->line[0].hazard == NOTICE_NO_HAZARD)
			text_unfold(out, span_of(p->line[0].note));
		return true;
	case FIELD_REPLY_BY:
		put_time(w, p->due, out);
		return true;
	case FIELD_TELEPHONE:
		put_name(w, "organs", p->issuer, "phone", out);
		return true;
	default:
		return false;
	}
}

/* Days and hours past the due time, in words or as numbers. */
static void put_late(const struct writing_text *w, enum template_field f, const struct notice_line *l,
    struct buf *out)
{
	int64_t late = l->due != TIME_NONE && w->p->at > l->due ? w->p->at - l->due : 0,
	    unit = f == FIELD_HOURS ? 3600 : TIME_DAY;

	if (f != FIELD_OVERDUE)
		buf_printf(out, "%lld", (long long)(late / unit));
	else if (late && late < TIME_DAY)
		buf_printf(out, w->zh ? "(超期%lld小时)" : " (overdue by %lld hours)", (long long)(late / 3600));
	else if (late)
		buf_printf(out, w->zh ? "(超期%lld日)" : " (overdue by %lld days)",
		    (long long)(late / TIME_DAY));
}

/* Fields of a hazard that are looked up: names and what masters say. */
static void put_looked_up(struct writing_text *w, enum template_field f, const struct notice_hazard *h,
    struct buf *out)
{
	switch (f) {
	case FIELD_ADDRESS:
		put_name(w, "subjects", h->subject, "address", out);
		break;
	case FIELD_CONTACT:
		put_name(w, "subjects", h->subject, "contact", out);
		break;
	case FIELD_OWNER:
		put_name(w, "organs", h->owner, NULL, out);
		break;
	case FIELD_PERSON:
		put_name(w, "officers", h->person, NULL, out);
		break;
	case FIELD_GRID:
		if (h->grid)
			buf_span(out, h->grid->name);
		break;
	default:
		break;
	}
}

/* Fields of one line. */
static void put_line(struct writing_text *w, enum template_field f, const struct notice_line *l, size_t row,
    struct buf *out)
{
	const struct notice_hazard *h = &w->b->hazard[l->hazard];

	switch (f) {
	case FIELD_LINE:
		buf_printf(out, "%zu", row + 1);
		break;
	case FIELD_HAZARD:
		buf_puts(out, h->id);
		break;
	case FIELD_SUBJECT:
		buf_puts(out, h->subject_name);
		break;
	case FIELD_PLACE:
		buf_puts(out, h->place);
		break;
	case FIELD_DESCRIPTION:
		text_unfold(out, span_of(h->description));
		break;
	case FIELD_CATEGORY:
		buf_puts(out, h->category);
		break;
	case FIELD_SEVERITY:
		if (h->severity >= 0)
			buf_puts(out, h->policy->severities.v[h->severity].name);
		break;
	case FIELD_STATE:
		buf_puts(out, h->state);
		break;
	case FIELD_REPORTED:
		if (h->reported != TIME_NONE)
			put_day(w, time_day(h->reported, offset(w)), out);
		break;
	case FIELD_DUE:
		put_time(w, l->due, out);
		break;
	case FIELD_DAYS:
	case FIELD_HOURS:
	case FIELD_OVERDUE:
		put_late(w, f, l, out);
		break;
	case FIELD_BASIS:
		buf_puts(out, h->basis);
		break;
	case FIELD_NOTE:
		text_unfold(out, span_of(l->note));
		break;
	case FIELD_SILENCED_BY:
		buf_span(out, l->silenced_by);
		break;
	default:
		put_looked_up(w, f, h, out);
	}
}

/* The earlier paper that this one answers to; what the record does not have is left to be filled in by hand. */
static void put_earlier(struct writing_text *w, enum template_field f, const struct notice_earlier *x, struct buf *out)
{
	if (!x)
		buf_puts(out, f == FIELD_EARLIER_DATE && w->zh ? "____年__月__日" : f == FIELD_EARLIER_ISSUER ? BLANK : BLANK BLANK);
	else if (f == FIELD_EARLIER_DATE)
		put_day(w, time_day(x->at, offset(w)), out);
	else if (f == FIELD_EARLIER_ISSUER)
		put_name(w, "organs", x->issuer, NULL, out);
	else
		buf_span(out, f == FIELD_EARLIER_TITLE ? x->title : x->number);
}

/* One field; outside of blocks a hazard's fields are those of the first line, its number says how many there
 * are. */
static void put_field(void *arg, enum template_field f, bool annexed, size_t row, struct buf *out)
{
	struct writing_text *w = arg;
	const struct notice_paper *p = w->p;
	size_t lines = p->nlines - p->nannexed, at = row == SIZE_MAX ? 0 : annexed ? lines + row : row;

	if (f >= FIELD_EARLIER_NUMBER) {
		put_earlier(w, f, row == SIZE_MAX ? p->earlier : at < p->nlines ? p->line[at].earlier : NULL, out);
		return;
	}
	if (put_head(w, f, out) || at >= p->nlines)
		return;
	if (p->line[at].hazard == NOTICE_NO_HAZARD) {
		if (f == FIELD_SUBJECT)		/* a letter is to its subject, or to nobody's */
			put_name(w, "subjects", p->subject, NULL, out);
		return;
	}
	put_line(w, f, &p->line[at], row == SIZE_MAX ? 0 : row, out);
	for (size_t i = 1; f == FIELD_SUBJECT && row == SIZE_MAX && i < lines; i++)
		if (strcmp(w->b->hazard[p->line[i].hazard].subject_name,
		    w->b->hazard[p->line[0].hazard].subject_name)) {
			buf_puts(out, w->zh ? "等单位" : " and others");
			break;
		}
	if (f == FIELD_HAZARD && row == SIZE_MAX && lines > 1)
		buf_printf(out, w->zh ? "等%zu项" : " and %zu more", w->zh ? lines : lines - 1);
}

/* A template's text, its fields filled in; escaped when it is for people. */
static int fill(struct writing_text *w, struct span bytes, bool blocks, struct buf *out)
{
	struct template t = { NULL, 0, 0 };
	struct template_fault fault;
	size_t lines = w->p->nlines - w->p->nannexed;

	if (lines && w->p->line[0].hazard == NOTICE_NO_HAZARD)
		lines = 0;
	if (!template_parse(bytes, blocks, &t, &fault))
		buf_span(out, bytes);	/* of a policy older than the rules for templates */
	else
		template_write(&t, lines, w->p->nannexed, put_field, w, out);
	template_clear(&t);
	return w->rc;
}

/* A file under templates/ of the policy that the kind is of. */
static int read_template(struct office *o, const struct notice_kind *k, const char *file, struct buf *bytes,
    struct err *e)
{
	const struct policy *p = o->policy;
	struct buf manifest = BUF_INIT;
	struct span rest, line;
	char digest[MANIFEST_DIGEST + 1] = "";
	int rc = notice_kind_of(o, k->id, &p, e) && !reg_version(o->reg, p->digest, &manifest, e) ? 0 : -1;

	rest = buf_view(&manifest);
	while (!rc && !*digest && span_split(&rest, '\n', &line)) {
		struct span path = { line.p + MANIFEST_DIGEST + 2, line.n > MANIFEST_DIGEST + 2
		    ? line.n - MANIFEST_DIGEST - 2 : 0 };

		if (path.n > 10 && !memcmp(path.p, "templates/", 10) && span_is((struct span){ path.p + 10,
		    path.n - 10 }, file))
			memcpy(digest, line.p, MANIFEST_DIGEST);
	}
	buf_clear(&manifest);
	if (!rc && !*digest)
		rc = err_set(e, ERR_DATA, "the policy has no file templates/%s", file);
	return rc ? rc : reg_version(o->reg, digest, bytes, e);
}

int notice_takes_text(struct office *o, const struct notice_kind *k, struct err *e)
{
	struct template t = { NULL, 0, 0 };
	struct template_fault fault;
	struct buf bytes = BUF_INIT;
	int rc = !*k->template;

	if (!rc && read_template(o, k, k->template, &bytes, e))
		rc = -1;
	if (!rc && template_parse(buf_view(&bytes), true, &t, &fault))
		for (size_t i = 0; i < t.n; i++)
			rc |= t.v[i].what == TEMPLATE_FIELD && t.v[i].which == FIELD_TEXT;
	template_clear(&t);
	buf_clear(&bytes);
	return rc;
}

int notice_title(const struct notice_batch *b, const struct notice_paper *p, struct buf *out, struct err *e)
{
	struct writing_text w = { .b = b, .p = p, .zh = is_zh(b, p->kind), .e = e };

	return fill(&w, span_of(*p->kind->title ? p->kind->title : p->kind->name), false, out);
}

int notice_text(const struct notice_batch *b, const struct notice_paper *p, bool draft, struct buf *out,
    struct err *e)
{
	struct writing_text w = { .b = b, .p = p, .zh = is_zh(b, p->kind), .draft = draft, .e = e };
	struct buf bytes = BUF_INIT, raw = BUF_INIT;
	int rc = *p->kind->template ? read_template(b->office, p->kind, p->kind->template, &bytes, e) : 0;

	if (draft)
		buf_puts(&raw, w.zh ? "【草稿】\n" : "DRAFT\n");
	if (!rc)
		rc = fill(&w, *p->kind->template ? buf_view(&bytes) : span_of(plain), true, &raw);
	if (!rc)
		text_escape(out, buf_view(&raw), true);
	if (!rc && raw.n && raw.p[raw.n - 1] != '\n')
		buf_putc(out, '\n');
	buf_clear(&bytes);
	buf_clear(&raw);
	return rc;
}

/* The first so many characters of s, as one line. */
static void put_short(struct buf *out, struct span s, size_t most)
{
	struct buf line = BUF_INIT, clean = BUF_INIT;
	size_t count = 0, cut = 0, at;

	for (size_t i = 0; i < s.n; i++)
		buf_putc(&line, s.p[i] == '\n' ? ' ' : s.p[i]);
	text_escape(&clean, span_trim(buf_view(&line)), false);
	for (at = 0; at < clean.n && count <= most; at++) {
		if ((clean.p[at] & 0xc0) == 0x80)
			continue;
		if (count == most - 1)
			cut = at;	/* where an ellipsis would stand */
		count++;
	}
	if (count > most) {
		buf_put(out, clean.p, cut);
		buf_puts(out, "…");
	} else
		buf_span(out, buf_view(&clean));
	buf_clear(&line);
	buf_clear(&clean);
}

int notice_brief(const struct notice_batch *b, const struct notice_paper *p, struct buf *out, struct err *e)
{
	struct writing_text w = { .b = b, .p = p, .zh = is_zh(b, p->kind), .e = e };
	struct buf bytes = BUF_INIT, raw = BUF_INIT;
	int rc = 0;

	if (*p->kind->brief) {
		rc = read_template(b->office, p->kind, p->kind->brief, &bytes, e);
		if (!rc)
			rc = fill(&w, buf_view(&bytes), true, &raw);
	} else
		buf_puts(&raw, p->title);
	if (!rc)
		put_short(out, buf_view(&raw), NOTICE_BRIEF_MAX);
	buf_clear(&bytes);
	buf_clear(&raw);
	return rc;
}
