/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_MODELHELP_H
#define GL_TESTS_MODELHELP_H
#include "intakehelp.h"
#include "model/hazard.h"
/*
 * Hazards and events written straight into a scratch register of the place
 * default, for the tests of the fold and of the list.
 */
#define MH_DAY0 "2026-03-02T09:00:00+08:00"

struct mh {
	char *dir;
	struct reg *reg;
	struct commit *c;
	struct office *o;
	char hazard[ID_MAX];	/* the last one added */
	char event[ID_MAX];
};

__attribute__((unused)) static void mh_begin(struct mh *m)
{
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;

	m->c = commit_open(m->reg, &who, &e);
	ck_assert_msg(m->c != NULL, "%s", e.text);
}

__attribute__((unused)) static void mh_open(struct mh *m)
{
	*m = (struct mh){ .dir = ih_register() };
	m->reg = h_open(m->dir);
	mh_begin(m);
}

/* "2026-03-02T09:00:00" plus hours; four results may be in use at once. */
__attribute__((unused)) static const char *mh_at(double hours)
{
	static char text[4][TIME_LEN + 1];
	static int n;
	int64_t t = time_trust(MH_DAY0, H_OFFSET) + (int64_t)(hours * 3600);

	n = (n + 1) % 4;
	time_write(t, H_OFFSET, text[n]);
	return text[n];
}

__attribute__((unused)) static void mh_set(struct span *v, const struct table *t, const char *const *sets)
{
	for (; sets != NULL && *sets != NULL; sets += 2) {
		int col = schema_column(t, span_of(sets[0]));

		ck_assert_int_ge(col, 0);
		v[col] = span_of(sets[1]);
	}
}

/* A hazard reported at an hour; sets: column, value … NULL. */
__attribute__((unused)) static void mh_hazard(struct mh *m, double hours, const char *const *sets)
{
	const struct table *t = h_table("hazards");
	struct span v[64] = { { "", 0 } };
	char policy[13] = "";

	memcpy(policy, moment_version(commit_moment(m->c), "policy"), 12);
	commit_mint(m->c, t, m->hazard);
	mh_set(v, t, (const char *const[]){ "hazard", m->hazard, "reported_at", mh_at(hours), "grid", "990101001001", "subject", "T01-S1",
		"category", "fire", "severity", "general", "source", "patrol", "reporter", "T01-O2", "policy", policy, "description", "d", NULL });
	mh_set(v, t, sets);
	commit_append(m->c, t, v);
}

/* A step on the last hazard. */
__attribute__((unused)) static void mh_step(struct mh *m, double hours, const char *step, const char *actor, const char *const *sets)
{
	const struct table *t = h_table("events");
	struct span v[64] = { { "", 0 } };

	commit_mint(m->c, t, m->event);
	mh_set(v, t, (const char *const[]){ "event", m->event, "at", mh_at(hours), "hazard", m->hazard, "step", step, "actor", actor, NULL });
	mh_set(v, t, sets);
	commit_append(m->c, t, v);
}
#define MH_STEP(m, hours, step, ...) mh_step((m), (hours), (step), "T01-O1", (const char *const[]){ __VA_ARGS__, NULL })
#define MH_SWEEP(m, hours, step, ...) mh_step((m), (hours), (step), "sweep", (const char *const[]){ __VA_ARGS__, NULL })

/* Commit what was written and open an office on it. */
__attribute__((unused)) static void mh_commit(struct mh *m)
{
	struct err e = ERR_INIT;
	struct moment now;

	ck_assert_msg(commit_close(m->c, NULL, &e) == 0, "%s", e.text);
	office_close(m->o);
	ck_assert_msg(reg_moment(m->reg, NULL, &now, &e) == 0, "%s", e.text);
	m->o = office_on(m->reg, &now, &e);
	ck_assert_msg(m->o != NULL, "%s", e.text);
}

__attribute__((unused)) static void mh_close(struct mh *m)
{
	office_close(m->o);
	reg_close(m->reg);
	h_remove(m->dir);
	free(m->dir);
}

/* A recorded hazard row; text holds its bytes. */
__attribute__((unused)) static void mh_row(struct mh *m, const char *hazard, struct span *row, struct buf *text)
{
	struct ledger_at at;
	struct err e = ERR_INIT;

	ck_assert_msg(ledger_find(m->reg, &m->o->at, "hazards", span_of(hazard), &at, &e) == 1, "%s", e.text);
	ck_assert_msg(ledger_read(m->reg, &m->o->at, "hazards", at, text, row, &e) == 0, "%s", e.text);
}
#endif
