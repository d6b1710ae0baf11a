/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_WATCHHELP_H
#define GL_TESTS_WATCHHELP_H
#include "modelhelp.h"
/*
 * Random histories of a scratch register, for check_watch: any step at all on any hazard, ways from report to end, and
 * other policies.
 */
#define HAZARDS_MAX 4000

struct history {
	struct mh m;
	uint64_t random;
	double hour;			/* now, since the first day */
	char policy[8][13];		/* versions that there are */
	size_t npolicies, nhazards;
	char hazard[HAZARDS_MAX][ID_MAX], event[HAZARDS_MAX][ID_MAX];	/* event: the last of each */
	size_t kept, fresh, ended;	/* looks by a kept list; with rows that it had not; at ended hazards */
};

static uint32_t any(struct history *h, uint32_t n)
{
	h->random = h->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(h->random >> 33) % n;
}

static const char *one_of(struct history *h, const char *const *words)
{
	uint32_t n = 0;

	while (words[n] != NULL)
		n++;
	return words[any(h, n)];
}

static void begin(struct history *h)
{
	struct commit_who who = h_who("", time_trust(mh_at(h->hour), H_OFFSET));
	struct err e = ERR_INIT;

	h->m.c = commit_open(h->m.reg, &who, &e);
	ck_assert_msg(h->m.c != NULL, "%s", e.text);
}

static void add_hazard(struct history *h)
{
	static const char *const severity[] = { "minor", "general", "general", "major", NULL },
		*const emergency[] = { "", "", "", "yes", NULL }, *const subject[] = { "T01-S1", "T01-S2", "", NULL };

	if (h->nhazards == HAZARDS_MAX)
		return;
	mh_hazard(&h->m, h->hour - any(h, 50), (const char *const[]){ "severity", one_of(h, severity), "emergency", one_of(h, emergency),
		"subject", one_of(h, subject), "policy", h->policy[any(h, (uint32_t)h->npolicies)], "description", "a, \"b\"", NULL });
	memcpy(h->hazard[h->nhazards], h->m.hazard, ID_MAX);
	h->event[h->nhazards++][0] = '\0';
}

/* Any step at all on some hazard, fit or not: the ways of the workflows more often than others. */
static void add_event(struct history *h)
{
	static const char *const step[] = { "assign", "assign", "accept", "accept", "rectify", "rectify", "rectify", "recheck", "recheck",
		"recheck", "close", "close", "close", "close", "judge", "note", "note", "whistle", "report-in", "raise", "return", "hold",
		"resume", "extend", "ask-extension", "supervise", "supervise", "delist", "delist", "file", "publish", "transfer",
		"terminate", "void", "reopen", "reopen", "correct", "retract", "repin", "verify", "no-such-step", NULL };
	static const char *const owner[] = { "", "", "T01-FIRE", "T01-E", "T01-GOV", "-", NULL },
		*const result[] = { "", "pass", "pass", "fail", NULL }, *const field[] = { "severity", "category", "subject", NULL },
		*const value[] = { "major", "general", "gas", "T01-S1", "-", NULL };
	/* the last ones more often: most of what is old has ended */
	size_t n = h->nhazards < 12 || any(h, 6) == 0 ? any(h, (uint32_t)h->nhazards) : h->nhazards - 1 - any(h, 12);
	const char *s = one_of(h, step);
	bool correct = strcmp(s, "correct") == 0, extend = strcmp(s, "extend") == 0;
	double at = h->hour - (any(h, 4) == 0 ? any(h, 200) : 0);

	memcpy(h->m.hazard, h->hazard[n], ID_MAX);
	mh_step(&h->m, at, s, any(h, 12) == 0 ? "sweep" : "T01-O1", (const char *const[]){ "owner", strcmp(s, "assign") == 0 ? "T01-FIRE" :
		one_of(h, owner), "result", one_of(h, result), "due", extend ? mh_at(h->hour + any(h, 500)) : "",
		"key", strcmp(s, "retract") == 0 ? h->event[n] : "", "field", correct ? one_of(h, field) : "", "value",
		correct ? one_of(h, value) : strcmp(s, "repin") == 0 ? h->policy[any(h, (uint32_t)h->npolicies)] : "", "severity",
		strcmp(s, "judge") == 0 ? "major" : "", "reason", "r", NULL });
	if (any(h, 2) == 0)
		memcpy(h->event[n], h->m.event, ID_MAX);
}

/* Steps on a hazard, the last of which may be taken back, or said of another version. */
static void take_steps(struct history *h, size_t n, const char *const *step)
{
	for (; *step != NULL && any(h, 12) > 0; step++) {
		memcpy(h->m.hazard, h->hazard[n], ID_MAX);
		mh_step(&h->m, h->hour, *step, "T01-O1", (const char *const[]){ "result", strcmp(*step, "recheck") == 0 ? "pass" : "",
			"owner", strcmp(*step, "assign") == 0 ? "T01-FIRE" : "", NULL });
	}
	memcpy(h->event[n], h->m.event, ID_MAX);
	if (any(h, 6) == 0)
		MH_STEP(&h->m, h->hour, "retract", "key", h->event[n], "reason", "r");
	else if (any(h, 6) == 0)
		MH_STEP(&h->m, h->hour, "repin", "value", h->policy[any(h, (uint32_t)h->npolicies)], "reason", "r");
}

/* From its report to the end, by the way of the place default; some with limits that run on. */
static void run_through(struct history *h)
{
	static const char *const way[][8] = { { "assign", "accept", "rectify", "recheck", "close", NULL },
		{ "assign", "accept", "rectify", "recheck", "close", NULL }, { "assign", "accept", "rectify", "recheck", NULL },
		{ "assign", "accept", "rectify", NULL }, { "supervise", "assign", "accept", "terminate", NULL },
		{ "supervise", "file", "rectify", "recheck", "close", "delist", NULL }, { "assign", "void", NULL },
		{ "supervise", "delist", "terminate", NULL } };

	add_hazard(h);
	take_steps(h, h->nhazards - 1, way[any(h, 8)]);
}

/* The same from its report to its end. */
static void run_plain(struct history *h)
{
	static const char *const step[] = { "assign", "accept", "rectify", "recheck", "close" };

	add_hazard(h);
	for (size_t i = 0; i < 5; i++)
		MH_STEP(&h->m, h->hour, step[i], "result", i == 3 ? "pass" : "", "owner", i == 0 ? "T01-FIRE" : "");
}

/* What makes another policy of the place default: limits from what ends a hazard, and from before that on; another end. */
static const struct change {
	const char *path, *was, *now;
} changes[] = {
	{ "workflow.yaml", "accept:    {name: 接收, from: [assigned],", "accept: {name: 接收, from: any," },
	{ "escalation.yaml", "- {id: recheck, from: rectify,",
	    "- {id: told, from: close, until: note, within: 2d, miss: {do: remind, to: owner, notice: reminder}}\n"
	    "      - {id: seen, from: accept, until: publish, within: 5d, miss: {do: remind, to: owner, notice: reminder}}\n"
	    "      - {id: recheck, from: rectify," },
	{ "escalation.yaml", "- {id: ack, from: assign,",
	    "- {id: void, from: void, until: file, within: 3d, miss: {do: remind, to: owner, notice: reminder}}\n"
	    "      - {id: ack, from: assign," },
	{ "workflow.yaml", "{pass: rechecked, fail: rectifying}", "{pass: closed, fail: rectifying}" },
	{ "workflow.yaml", "from: [reported, rectifying], to: rectified}", "from: [reported, rectifying], to: closed}" },
	{ "policy.yaml", "", "# put anew\n" },
};
#define CHANGES (sizeof changes / sizeof *changes)

/* A file of a policy with a change made; its bytes are the caller's. */
static struct buf changed(struct span file, const struct change *c)
{
	const char *at = memmem(file.p, file.n, c->was, strlen(c->was));
	struct buf out = BUF_INIT;

	ck_assert_msg(at != NULL, "%s: %s", c->path, c->was);
	buf_put(&out, file.p, (size_t)(at - file.p));
	buf_puts(&out, c->now);
	buf_put(&out, at + strlen(c->was), file.n - (size_t)(at - file.p) - strlen(c->was));
	return out;
}

/* Another policy in force: that of a place, or (c not NULL) with a change. */
static void put_policy(struct history *h, const char *place, const struct change *c)
{
	struct pack p = PACK_INIT;
	struct buf manifest = BUF_INIT, file = BUF_INIT;
	const char *data = getenv("GRIDLEDGER_DATA");
	struct err e = ERR_INIT;
	char path[512], digest[65];

	if (h->npolicies == 8)
		return;
	snprintf(path, sizeof path, "%s/places/%s", data != NULL ? data : PKGDATADIR, place);
	ck_assert_msg(pack_read(&p, path, &e) == 0, "%s", e.text);
	for (size_t i = 0; i < p.n; i++) {
		if (c != NULL && strcmp(p.bytes[i].path, c->path) == 0) {
			file = changed(p.bytes[i].bytes, c);
			p.bytes[i].bytes = buf_view(&file);
		}
		digest_of(p.bytes[i].bytes, digest);
		buf_printf(&manifest, "%s  %s\n", digest, p.bytes[i].path);
	}
	begin(h);
	commit_policy(h->m.c, p.bytes, p.n, buf_view(&manifest));
	mh_commit(&h->m);
	pack_clear(&p);
	buf_clear(&manifest);
	buf_clear(&file);
	memcpy(h->policy[h->npolicies], moment_version(&h->m.o->at, "policy"), 12);
	h->policy[h->npolicies++][12] = '\0';
}

/* Some rows; now and then a policy. */
static void go_on(struct history *h)
{
	static const char *const place[] = { "taian", "xianyou", "guali", NULL };

	h->hour += any(h, 60);
	if (any(h, 24) == 0)
		put_policy(h, one_of(h, place), NULL);
	else if (any(h, 8) == 0)
		put_policy(h, "default", &changes[any(h, CHANGES)]);
	begin(h);
	for (uint32_t i = any(h, 4); i > 0; i--)
		add_hazard(h);
	for (uint32_t i = any(h, 6); i > 0; i--)
		run_through(h);
	for (uint32_t i = any(h, 12); i > 0 && h->nhazards > 0; i--)
		add_event(h);
	mh_commit(&h->m);
}
#endif
