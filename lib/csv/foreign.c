/* SPDX-License-Identifier: MIT */
#include "base/relay.h"
#include "csv/foreignint.h"

#define FIELD_MAX_DEFAULT (1u << 20)
#define FIELDS_MAX_DEFAULT 1024u
#define THREAD_FROM ((size_t)1 << 20)	/* bytes; a smaller text is not worth starting a thread for */

/* One parse, both stages. */
struct parse {
	struct foreign_parse first;
	struct foreign_block block[FOREIGN_SLOTS];
	foreign_ahead_fn *ahead;
	struct diag *d;
	foreign_row_fn *row;
	void *arg;
};

/* Fills a slot. */
static int make(void *arg, unsigned slot)
{
	struct parse *p = arg;
	struct foreign_block *b = &p->block[slot];
	bool headed = p->first.headed;

	foreign_fill(&p->first, b);
	for (size_t i = 0; i < b->n; i++)
		b->row[i].slot = slot;
	if (headed && p->ahead != NULL)
		p->ahead(p->arg, slot, b->row, b->n);
	return p->first.pos < p->first.text.n ? 0 : RELAY_LAST;
}

/* Hands out the rows of a slot. */
static int use(void *arg, unsigned slot)
{
	struct parse *p = arg;
	struct foreign_block *b = &p->block[slot];
	int r = 0;

	for (size_t i = 0; i < b->n && r == 0; i++) {
		const struct foreign_said *s = &b->said[i];

		if (s->text != NULL)
			diag_pos(p->d, p->first.name, s->line, s->col, "%s", s->text);
		r = p->row(p->arg, &b->row[i]);
	}
	return r;
}

/* The header, then everything behind it. */
static int run(struct parse *p, bool threaded)
{
	struct foreign_parse *first = &p->first;
	struct relay relay = { FOREIGN_SLOTS, make, use, p };
	int r, made;

	made = make(p, 0);
	if (first->fatal)
		return -1;
	if (!first->headed)
		return err_set(first->e, ERR_DATA, "%s: no header, the file has only empty lines", first->name);
	r = use(p, 0);
	return r != 0 || made == RELAY_LAST ? r : relay_run(&relay, threaded && first->text.n >= THREAD_FROM);
}

int foreign_parse(const char *name, struct span bytes, const struct foreign_options *opt, struct diag *d,
    foreign_row_fn *row, void *arg, struct err *e)
{
	struct parse p = { .first = { .name = name, .clean = opt->clean, .e = e }, .ahead = opt->ahead, .d = d, .row = row, .arg = arg };
	struct buf own = BUF_INIT;
	struct span text;
	int r;

	p.first.field_max = opt->field_max ? opt->field_max : FIELD_MAX_DEFAULT;
	p.first.fields_max = opt->fields_max ? opt->fields_max : FIELDS_MAX_DEFAULT;
	r = foreign_text(name, bytes, opt->encoding, &own, &text, &p.first.clean, &p.first.valid, e);
	if (r == 0) {
		foreign_start(&p.first, text);
		r = strict_ready(&p.first.strict, e) < 0 ? -1 : run(&p, opt->threaded);
		foreign_end(&p.first);
		for (unsigned i = 0; i < FOREIGN_SLOTS; i++)
			foreign_block_clear(&p.block[i]);
	}
	buf_clear(&own);
	return r;
}
