/* SPDX-License-Identifier: MIT */
#include "engine/noticekind.h"

#include <stdlib.h>

#include "base/digest.h"
#include "register/journal.h"

/* The journal on its way into versions. */
struct walking {
	struct notice_kinds *k;
	struct err *e;
};

/* The policy of a commit, when it is another one than that before. */
static int on_line(void *arg, const struct journal_line *l, bool chained)
{
	struct walking *x = arg;
	struct notice_kinds *k = x->k;
	const struct policy *p;

	(void)chained;
	if (l->kind != JOURNAL_COMMIT || !l->policy.n)
		return 0;
	if (k->n && l->policy.n <= DIGEST_HEX && !memcmp(k->v[k->n - 1].policy->digest, l->policy.p, l->policy.n))
		return 0;
	p = office_policy(k->office, l->policy, x->e);
	if (!p)
		return -1;
	MEM_GROW(k->v, k->cap, k->n + 1);
	k->v[k->n++] = (struct notice_version){ l->seq, p };
	return 0;
}

/* The kind of that id, or NULL. */
static const struct notice_kind *find(const struct policy *p, struct span id)
{
	for (size_t i = 0; i < p->nnotices; i++)
		if (span_is(id, p->notice[i].id))
			return &p->notice[i];
	return NULL;
}

int notice_rules_of(struct notice_kinds *k, struct span kind, uint64_t commit, struct notice_rules *out, struct err *e)
{
	struct walking x = { k, e };

	*out = (struct notice_rules){ k->office->policy, find(k->office->policy, kind) };
	if (out->kind)
		return 0;
	if (!k->loaded && journal_walk(k->office->reg, k->office->at.journal, on_line, &x, e))
		return -1;
	k->loaded = true;
	for (size_t i = k->n; i-- > 0 && !out->kind;)
		if (k->v[i].seq <= commit)
			*out = (struct notice_rules){ k->v[i].policy, find(k->v[i].policy, kind) };
	return 0;
}

void notice_kinds_clear(struct notice_kinds *k)
{
	free(k->v);
	*k = (struct notice_kinds){ .office = k->office };
}

int notice_rules_role(const struct office *o, const struct notice_rules *r, bool *gone)
{
	int role = r->kind ? r->kind->approval : -1;

	*gone = false;
	if (role < 0 || r->policy == o->policy)
		return role;
	role = vocab_id(&o->policy->roles, span_of(r->policy->roles.v[role].id));
	*gone = role < 0;
	return role;
}

const struct notice_channel *notice_rules_channel(const struct office *o, const struct notice_rules *r, int channel)
{
	const struct notice_channel *c = &r->policy->channel[channel];

	for (size_t i = 0; i < o->policy->nchannels; i++)
		if (!strcmp(o->policy->channel[i].name, c->name))
			return &o->policy->channel[i];
	return c;
}
