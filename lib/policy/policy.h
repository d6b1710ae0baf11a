/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_POLICY_H
#define GL_POLICY_POLICY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/diag.h"
#include "base/mem.h"
#include "policy/calendar.h"
#include "policy/pattern.h"
#include "policy/term.h"
#include "policy/overlay.h"
#include "policy/rule.h"
#include "policy/workflow.h"
/*
 * A policy: the YAML files of one committed version (or of a directory that
 * is to be committed) as plain structs.  Everything lives in the policy's
 * arena; strings are NUL-terminated; numbers index the arrays here.
 * policy.yaml, workflow.yaml and escalation.yaml are required, notices.yaml
 * and calendar.yaml are optional; other files are carried and checked when they have a schema.
 */
struct vocab_item {
	const char *id;			/* ASCII word: minor, gas, township */
	const char *name;		/* what people read: 小隐患 */
	const char **alias;		/* further words accepted on input */
	size_t naliases;
	bool major;			/* severities: counts as 重大 */
	uint64_t by;			/* severities: roles that may raise a hazard to it; 0 whoever may take the step */
	const char **needs;		/* severities: columns of hazards.csv that one of it must fill when it is reported */
	size_t nneeds;
	const char *zh;			/* same as name, kept for --labels=zh when name is not Chinese; never NULL */
};
struct vocab {
	const char *what;		/* "severity", as in messages and in schema columns' vocabulary */
	struct vocab_item *v;
	size_t n;
};
/* Index by id, name or alias; -1 when unknown. vocab_id: by id alone (committed data; fast). */
int vocab_find(const struct vocab *w, struct span s);
int vocab_id(const struct vocab *w, struct span s);

struct duty {			/* who answers for a category, while */
	const char *lead;	/* an organ id, or an organ kind (resolved up the tree by model/grid) */
	int32_t from, to;	/* days, DATE_NONE open-ended, inclusive */
	const char *basis;
};
struct category {
	int vocab;		/* index into categories vocab */
	struct duty *duty;
	size_t nduties;
};
struct notice_kind {
	const char *id;		/* supervision */
	const char *name;	/* 督办函 */
	const char *prefix;	/* number is prefix〔year〕serial号; the serial counts per prefix, {issuer} filled in, and year */
	const char *title;	/* policy/template.h, one line: {hazard} {subject} {days} … */
	const char *template;	/* file under templates/, "" none */
	const char *brief;	/* file under templates/ with the text for phones, "" the title */
	int approval;		/* role that must sign before it is sent or served, -1 none */
	const char *to;		/* addressee: owner, subject, parent, top, a level, an organ kind or id; "" not said */
	const char *post;	/* role of the person there who gets it, "duty": who is on duty; "" not said */
	bool alone;		/* bundle: none, one paper for each hazard */
	bool answers;		/* a reply is wanted within … */
	struct term answer;
	bool serve;		/* must be served on its addressee */
	bool any_hour;		/* send: any, not only in sending hours */
	int *channel;		/* by which channels it is sent, all of them */
	size_t nchannels;
	const char *follows;	/* kind of the earlier paper about the same hazards that it answers to ({earlier_number} …); "" none */
	const char *language;	/* of dates and labels on it, zh or en; "" as the register says */
	int line;
};
struct notice_channel {		/* a way out: a program that gets the message on its standard input */
	const char *name;
	char **run;		/* argv, NULL behind the last */
	bool mail;		/* its addresses are of mail, else phone numbers */
	const char *from;	/* sender of mails, "" not said */
	int timeout;		/* seconds */
	int64_t *retry;		/* seconds until the next attempt, the last one goes on */
	size_t nretries;
	int64_t give_up;	/* seconds after the first attempt */
	int fallback;		/* channel tried when it gave up, -1 none */
};
struct notice_inhibit {		/* these hazards of a subject keep the others of it off papers of their own */
	bool supervised;	/* by those under supervision, */
	int severity;		/* or by those of this severity, -1 */
	uint64_t silences;	/* bit set over severities */
};

enum rate_basis { RATE_RECTIFIED, RATE_CLOSED };

struct policy {
	struct arena mem;
	char digest[65];		/* of the manifest; "" for a directory not committed */
	const char *place, *name;
	struct vocab levels;		/* top first: level 0 is the whole area */
	struct vocab severities;	/* lightest first */
	struct vocab sources, roles, subject_kinds, sectors, grid_kinds, organ_kinds, categories;
	struct category *category;	/* one per item of categories */
	enum rate_basis rate_of;
	int rate_decimals;
	int rate_target;		/* percent, -1 none */
	struct term backdate;		/* an older `at` needs a reason; n < 0: none needed */
	int yellow, red;		/* percent of the time used */
	struct workflow workflow;
	struct rules rules;
	struct overlays overlays;	/* of policy.d/; none: the policy has no such folder */
	struct calendar *calendar;	/* NULL: the policy has no calendar.yaml */
	struct notice_kind *notice;
	size_t nnotices;
	struct notice_channel *channel;
	size_t nchannels;
	struct notice_inhibit *inhibit;
	size_t ninhibits;
};

/* One file of a policy in memory. */
struct policy_file {
	char *path;		/* "policy.yaml", "policy.d/GAS.yaml", "crontab" */
	char *bytes;
	size_t n;
};
/* One file of a committed version as the tree that was made of it (yaml_pack). */
struct policy_tree {
	struct span path, tree;
};

/*
 * Load from files: limits, YAML, JSON Schema, then meaning (every name used is defined, ids are unique,
 * states all reach an end, no cycle of implied steps, every rule can match and the last one matches everything).
 * All complaints go to d; NULL when there was an error.  `where` is put before file names in
 * messages ("policy/").  With trust (a committed version) the schema pass is left out.  The digest is left empty: who
 * took the files from a manifest knows it.
 */
struct policy *policy_load(const char *where, const struct policy_file *files, size_t n, bool trust, struct diag *d);
/* The same, with trust, from trees; NULL when they cannot be read: then from the files. */
struct policy *policy_load_trees(const char *where, const struct policy_tree *trees, size_t n, struct diag *d);
/* A calendar.yaml alone, with its schema: a policy that has nothing but its calendar; NULL when there was an error. */
struct policy *policy_load_calendar(const char *name, struct span bytes, struct diag *d);
void policy_free(struct policy *p);
/* Does policy_load with trust read a file of this path?  The others need not be given to it. */
bool policy_reads(struct span path);
/* Is it the path of a test of a policy, tests/NAME.test.yaml? */
bool policy_is_test(const char *path);
/* What can be said of one YAML file of a policy alone, by its path: patterns quoted in braces, its JSON Schema when it has one. */
struct yaml_file;
void policy_check(const struct yaml_file *f, const char *path, struct diag *d);
/* The vocabulary of a schema column ("severity", "step", "state", "level", "notice_kind" …), or NULL when it has none here. */
const struct vocab *policy_vocab(const struct policy *p, const char *vocabulary);
/* The manifest: one line `sha256  path` per file, sorted by path; its digest names the policy. */
void policy_manifest(const struct policy_file *files, size_t n, struct buf *out);

#endif
