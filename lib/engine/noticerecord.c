/* SPDX-License-Identifier: MIT */
#include "engine/noticebatch.h"

#include <stdio.h>

#include "base/text.h"
#include "base/time.h"
#include "csv/writer.h"
#include "engine/noticerow.h"
#include "register/ledger.h"

const char *const notice_columns[NOTICE_COLUMNS] = {
	"notice", "kind", "number", "issuer", "receiver", "line", "hazard", "due", "overdue", "silenced_by",
	    "title", "note"
};

void notice_line_csv(void *arg, const struct span *v)
{
	struct buf *out = arg;

	if (!out->n) {
		struct span header[NOTICE_COLUMNS];

		for (size_t i = 0; i < NOTICE_COLUMNS; i++)
			header[i] = span_of(notice_columns[i]);
		writer_row(out, header, NOTICE_COLUMNS);
	}
	writer_row(out, v, NOTICE_COLUMNS);
}

/* A time as text, empty for none. */
static struct span time_text(int64_t t, int offset, char out[TIME_LEN + 1])
{
	out[0] = '\0';
	if (t != TIME_NONE)
		time_write(t, offset, out);
	return span_of(out);
}

static void record_line(struct notice_batch *b, struct commit *c, const struct notice_paper *p, size_t i)
{
	const struct notice_line *l = &p->line[i];
	struct notice_row r = { .t = schema_table(SPAN("notice-lines")) };
	char due[TIME_LEN + 1], number[24];

	snprintf(number, sizeof number, "%zu", i + 1);
	notice_row_set(&r, "notice", span_of(p->id));
	notice_row_set(&r, "line", span_of(number));
	if (l->hazard != NOTICE_NO_HAZARD)
		notice_row_set(&r, "hazard", span_of(b->hazard[l->hazard].id));
	notice_row_set(&r, "due", time_text(l->due, b->office->reg->offset, due));
	notice_row_set(&r, "overdue", l->overdue ? SPAN("yes") : (struct span){ NULL, 0 });
	notice_row_set(&r, "silenced_by", l->silenced_by);
	notice_row_set(&r, "note", span_of(l->note));
	commit_append(c, r.t, r.f);
}

/* One paper: its id and number, its row, its lines. */
static int record_paper(struct notice_batch *b, struct commit *c, struct notice_paper *p, struct err *e)
{
	struct notice_row r = { .t = schema_table(SPAN("notices")) };
	char id[ID_MAX], at[TIME_LEN + 1], due[TIME_LEN + 1];
	struct buf number = BUF_INIT;
	int rc = notice_number(&b->serials, b->office, p->kind, p->issuer, p->at, &number, e);

	if (!rc) {
		commit_mint(c, r.t, id);
		p->id = arena_strdup(&b->mem, id);
		p->number = arena_strdup(&b->mem, number.p);
		notice_row_set(&r, "notice", span_of(p->id));
		notice_row_set(&r, "at", time_text(p->at, b->office->reg->offset, at));
		notice_row_set(&r, "kind", span_of(p->kind->id));
		notice_row_set(&r, "number", span_of(p->number));
		notice_row_set(&r, "issuer", p->issuer);
		notice_row_set(&r, "receiver", p->receiver);
		notice_row_set(&r, "person", p->person);
		notice_row_set(&r, "subject", p->subject);
		notice_row_set(&r, "due", time_text(p->due, b->office->reg->offset, due));
		notice_row_set(&r, "key", span_of(p->key));
		notice_row_set(&r, "title", span_of(p->title));
		commit_append(c, r.t, r.f);
		for (size_t i = 0; i < p->nlines; i++)
			record_line(b, c, p, i);
	}
	buf_clear(&number);
	return rc;
}

int notice_batch_record(struct notice_batch *b, struct commit *c, struct err *e)
{
	if (b->npapers && notice_serials_load(&b->serials, b->office->reg, commit_moment(c), e))
		return -1;
	for (size_t i = 0; i < b->npapers; i++)
		if (record_paper(b, c, &b->paper[i], e))
			return -1;
	return 0;
}

void notice_batch_lines(const struct notice_batch *b, notice_line_fn *fn, void *arg)
{
	for (size_t i = 0; i < b->npapers; i++)
		for (size_t k = 0; k < b->paper[i].nlines; k++) {
			const struct notice_paper *p = &b->paper[i];
			const struct notice_line *l = &p->line[k];
			char due[TIME_LEN + 1], line[24];
			const struct span v[NOTICE_COLUMNS] = { span_of(p->id), span_of(p->kind->id),
			    span_of(p->number), p->issuer,
				p->receiver, (struct span){ line, (size_t)snprintf(line, sizeof line, "%zu",
				    k + 1) },
				l->hazard == NOTICE_NO_HAZARD ? (struct span){ NULL, 0 }
				    : span_of(b->hazard[l->hazard].id),
				time_text(l->due, b->office->reg->offset, due), l->overdue ? SPAN("yes")
				    : (struct span){ NULL, 0 },
				l->silenced_by, span_of(p->title), span_of(l->note) };

			fn(arg, v);
		}
}
