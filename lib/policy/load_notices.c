/* SPDX-License-Identifier: MIT */
#include "policy/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/template.h"

#define TIMEOUT 60
#define HOUR 3600
static const int64_t default_retry[] = { 600, 1800, 2 * HOUR };

/* A text with placeholders: a title or a prefix. */
static void check_title(struct loading *l, const struct yaml_node *n, const char *what)
{
	struct template t = { NULL, 0, 0 };
	struct template_fault f;

	load_check_line(l, n, what);
	if (n && n->kind == YAML_SCALAR && !template_parse(n->text, false, &t, &f))
		load_complain(l, n, "%s: %s", what, f.text);
	template_clear(&t);
}

/* A prefix is the head of numbers, which are words of ledgers. */
static void check_prefix(struct loading *l, const struct yaml_node *n)
{
	load_check_line(l, n, "prefix");
	if (!n || n->kind != YAML_SCALAR)
		return;
	for (const char *p = n->text.p, *end = p + n->text.n; p < end; p++) {
		if (strchr(" ,;\"", *p)) {
			load_complain(l, n, "prefix: a number may hold no blank, comma, semicolon or quote; write a word like 安办督");
			return;
		}
		if (*p == '{' && ((size_t)(end - p) < 8 || memcmp(p, "{issuer}", 8))) {
			load_complain(l, n, "prefix: only {issuer} may stand in it");
			return;
		}
	}
}

/* A file under templates/: there, and with known placeholders. */
static void check_file(struct loading *l, const struct yaml_node *n, const char *what)
{
	struct buf path = BUF_INIT, name = BUF_INIT;
	const struct policy_file *f = NULL;
	struct template t = { NULL, 0, 0 };
	struct template_fault fault;

	if (!n || n->kind != YAML_SCALAR)
		return;
	buf_printf(&path, "templates/%.*s", (int)n->text.n, n->text.p);
	for (size_t i = 0; i < l->nfiles && !f; i++)
		if (!strcmp(l->files[i].path, path.p))
			f = &l->files[i];
	buf_printf(&name, "%s%s", l->where, path.p);
	if (!f)
		load_complain(l, n, "%s: there is no file %s", what, name.p);
	else if (!template_parse((struct span){ f->bytes, f->n }, true, &t, &fault))
		diag_pos(l->d, name.p, fault.line, fault.col, "%s", fault.text);
	template_clear(&t);
	buf_clear(&path);
	buf_clear(&name);
}

/* A role by its id or name; -1 for NULL. */
static int load_role(struct loading *l, const struct yaml_node *n)
{
	return n ? load_word(l, n, &l->p->roles) : -1;
}

/* `WHO`, `WHO post ROLE` or `post ROLE`. */
static void load_to(struct loading *l, const struct yaml_node *n, struct notice_kind *k)
{
	static const char *const fixed[] = { "owner", "subject", "parent", "top" };
	struct policy *p = l->p;
	const char *text = load_text(l, n), *post = strncmp(text, "post ", 5) ? strstr(text, " post ") : text;
	struct span who = { text, post ? (size_t)(post - text) : strlen(text) };

	k->to = arena_spandup(&p->mem, who);
	k->post = "";
	if (post)
		k->post = post == text ? text + 5 : post + 6;
	if (l->trust || !n)
		return;
	if (post && strcmp(k->post, "duty") && vocab_id(&p->roles, span_of(k->post)) < 0)
		load_complain(l, n, "to: post \"%s\" is no role of policy.yaml, nor duty", k->post);
	if (who.n == 0 || !(who.p[0] >= 'a' && who.p[0] <= 'z'))
		return;
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (span_is(who, fixed[i]))
			return;
	if (vocab_id(&p->levels, who) < 0 && vocab_id(&p->organ_kinds, who) < 0)
		load_complain(l, n, "to: \"%s\" is not one of owner, subject, parent, top, a level, an organ kind or an organ's id", k->to);
}

/* The channels a kind is sent by. */
static void load_ways(struct loading *l, struct yaml_node *list, struct notice_kind *k)
{
	struct policy *p = l->p;
	const char **names = arena_alloc(&p->mem, (p->nchannels + 1) * sizeof *names);
	struct yaml_node **v;
	size_t n = load_items(&list, &v);

	for (size_t i = 0; i < p->nchannels; i++)
		names[i] = p->channel[i].name;
	k->channel = arena_alloc(&p->mem, (n + 1) * sizeof *k->channel);
	for (size_t i = 0; i < n; i++) {
		int at = -1;

		if (p->nchannels)
			at = load_choice(l, v[i], "channels", names, p->nchannels);
		else
			load_complain(l, v[i], "channels: \"%s\" is not defined; there is no channels: in this file", yaml_text(v[i]));
		if (at >= 0)
			k->channel[k->nchannels++] = at;
	}
}

static void load_kind(struct loading *l, const struct yaml_node *m, const struct vocab_item *w,
    struct notice_kind *k)
{
	struct yaml_node *prefix = yaml_get(m, "prefix"), *title = yaml_get(m, "title"),
	    *template = yaml_get(m, "template");
	struct yaml_node *brief = yaml_get(m, "brief"), *answer = yaml_get(m, "answer"), *bundle = yaml_get(m,
	    "bundle");

	*k = (struct notice_kind){ .id = w->id, .name = w->name, .prefix = load_text(l, prefix),
	    .title = load_text(l, title),
		.template = load_text(l, template), .brief = load_text(l, brief), .approval = load_role(l,
		    yaml_get(m, "approval")),
		.alone = bundle && span_is(bundle->text, "none"), .serve = load_flag(l, yaml_get(m, "serve"),
		    "serve"),
		.any_hour = yaml_get(m, "send") != NULL, .language = load_text(l, yaml_get(m, "language")),
		    .line = (int)m->line };
	k->follows = "";
	if (yaml_get(m, "follows")) {
		const struct vocab *kinds = &((struct policy_box *)l->p)->notice_kinds;
		int at = load_word(l, yaml_get(m, "follows"), kinds);

		k->follows = at >= 0 ? kinds->v[at].id : "";
	}
	if (answer) {
		k->answers = true;
		load_term(l, answer, "answer", &k->answer);
	}
	load_to(l, yaml_get(m, "to"), k);
	load_ways(l, yaml_get(m, "channels"), k);
	if (l->trust)
		return;
	check_prefix(l, prefix);
	check_title(l, title, "title");
	check_file(l, template, "template");
	check_file(l, brief, "brief");
}

/* 30m, 2h, 1d or 60s in seconds. */
static int64_t load_gap(struct loading *l, const struct yaml_node *n, const char *what, int64_t otherwise)
{
	static const struct { char unit; int64_t seconds; } units[] = { { 's', 1 }, { 'm', 60 }, { 'h',
	    HOUR }, { 'd', 24 * HOUR } };
	uint64_t count;

	if (!n)
		return otherwise;
	for (size_t i = 0; n->kind == YAML_SCALAR && n->text.n > 1 && i < 4; i++)
		if (n->text.p[n->text.n - 1] == units[i].unit && span_u64((struct span){ n->text.p,
		    n->text.n - 1 }, 999999, &count)
		    && count > 0)
			return (int64_t)count * units[i].seconds;
	load_complain(l, n, "%s: \"%s\" is not a length of time; write it like 30m, 2h, 1d", what,
	    yaml_text(n));
	return otherwise;
}

static void load_channel(struct loading *l, const struct yaml_node *m, const char *name,
    struct notice_channel *c)
{
	struct yaml_node *run = yaml_get(m, "run"), *retry = yaml_get(m, "retry"), **v;
	struct policy *p = l->p;
	size_t n = load_items(&run, &v);

	*c = (struct notice_channel){ .name = name, .mail = span_is(span_of(yaml_text(yaml_get(m,
	    "address"))), "mail"),
		.from = load_text(l, yaml_get(m, "from")), .fallback = -1 };
	c->run = arena_alloc(&p->mem, (n + 1) * sizeof *c->run);
	for (size_t i = 0; i < n; i++)
		c->run[i] = arena_spandup(&p->mem, v[i]->kind == YAML_SCALAR ? v[i]->text : (struct span){ "",
		    0 });
	if (n == 0)
		load_complain(l, m, "channel \"%s\": run: the program is missing", name);
	c->timeout = (int)load_gap(l, yaml_get(m, "timeout"), "timeout", TIMEOUT);
	c->give_up = load_gap(l, yaml_get(m, "give-up"), "give-up", 24 * HOUR);
	n = load_items(&retry, &v);
	c->nretries = n ? n : sizeof default_retry / sizeof *default_retry;
	c->retry = arena_alloc(&p->mem, c->nretries * sizeof *c->retry);
	for (size_t i = 0; i < c->nretries; i++)
		c->retry[i] = n ? load_gap(l, v[i], "retry", default_retry[0]) : default_retry[i];
}

/* Which channel stands in for each; a chain may not come back to where it was. */
static void load_fallbacks(struct loading *l, const struct yaml_node *map)
{
	struct policy *p = l->p;
	const char **names = arena_alloc(&p->mem, (p->nchannels + 1) * sizeof *names);

	for (size_t i = 0; i < p->nchannels; i++)
		names[i] = p->channel[i].name;
	for (size_t i = 0; i < p->nchannels; i++) {
		const struct yaml_node *n = yaml_get(map->item[i], "fallback");

		if (n)
			p->channel[i].fallback = load_choice(l, n, "fallback", names, p->nchannels);
	}
	for (size_t i = 0; i < p->nchannels; i++) {
		size_t steps = 0;
		int at = (int)i;

		while (at >= 0 && steps++ <= p->nchannels)
			at = p->channel[at].fallback;
		if (at < 0)
			continue;
		load_complain(l, yaml_get(map->item[i], "fallback"),
		    "fallback: the channels stand in for each other in a circle");
		for (size_t k = 0; k < p->nchannels; k++)
			p->channel[k].fallback = -1;
		return;
	}
}

static void load_channels(struct loading *l, const struct yaml_node *map)
{
	struct policy *p = l->p;

	if (!map || map->kind != YAML_MAP)
		return;
	p->channel = arena_alloc(&p->mem, (map->n + 1) * sizeof *p->channel);
	for (p->nchannels = 0; p->nchannels < map->n; p->nchannels++)
		load_channel(l, map->item[p->nchannels], arena_spandup(&p->mem, map->key[p->nchannels]->text),
		    &p->channel[p->nchannels]);
	load_fallbacks(l, map);
}

static void load_inhibits(struct loading *l, struct yaml_node *list)
{
	struct policy *p = l->p;
	struct yaml_node **v, **w;
	size_t n = load_items(&list, &v);

	p->inhibit = arena_alloc(&p->mem, (n + 1) * sizeof *p->inhibit);
	for (size_t i = 0; i < n; i++) {
		struct yaml_node *by = yaml_get(v[i], "by"), *silences = yaml_get(v[i], "silences");
		struct notice_inhibit *x = &p->inhibit[p->ninhibits++];
		size_t m = load_items(&silences, &w);

		x->supervised = by && span_is(by->text, "supervised");
		x->severity = by && !x->supervised ? load_word(l, by, &p->severities) : -1;
		for (size_t k = 0; k < m; k++) {
			int severity = load_word(l, w[k], &p->severities);

			if (severity >= 0 && severity == x->severity)
				load_complain(l, w[k], "silences: \"%s\" would silence itself",
				    yaml_text(w[k]));
			else if (severity >= 0 && severity < 64)
				x->silences |= UINT64_C(1) << severity;
		}
	}
}

/* Two kinds with one prefix would share their numbers. */
static void check_prefixes(struct loading *l, struct yaml_node **v)
{
	const struct policy *p = l->p;

	for (size_t i = 1; i < p->nnotices; i++)
		for (size_t k = 0; k < i; k++)
			if (*p->notice[i].prefix && !strcmp(p->notice[i].prefix, p->notice[k].prefix))
				load_complain(l, yaml_get(v[i], "prefix"),
				    "prefix: \"%s\" is that of \"%s\" on line %d; numbers run for each kind",
				    p->notice[i].prefix, p->notice[k].id, p->notice[k].line);
}

void load_notices(struct loading *l, const struct yaml_node *root)
{
	struct policy *p = l->p;
	struct vocab *w = &((struct policy_box *)p)->notice_kinds;
	const struct shelf shelf = { "kinds", "notice_kind", w, true };
	struct yaml_node *list = yaml_get(root, "kinds"), **v;

	load_vocab(l, root, &shelf);
	load_channels(l, yaml_get(root, "channels"));
	load_inhibits(l, yaml_get(root, "inhibit"));
	p->nnotices = load_items(&list, &v);
	p->notice = arena_alloc(&p->mem, (p->nnotices + 1) * sizeof *p->notice);
	for (size_t i = 0; i < p->nnotices; i++)
		load_kind(l, v[i], &w->v[i], &p->notice[i]);
	if (!l->trust)
		check_prefixes(l, v);
}
