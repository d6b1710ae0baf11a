/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_LOAD_H
#define GL_POLICY_LOAD_H
#include <stdbool.h>
#include <stddef.h>
#include "base/diag.h"
#include "policy/policy.h"
#include "yaml/tree.h"
/*
 * Shared by the parts of policy_load (load.c, load_vocab.c, load_notices.c, load_workflow.c, load_rule.c, load_gate.c, load_overlay.c, load_cover.c, load_calendar.c);
 * nobody else includes this.  Each part reads one tree into the policy and complains about what it cannot
 * read; it must stand any tree, since a trusted version skips the schemas.
 */
/* A policy with what its struct has no room for: vocabularies that policy_vocab hands out. */
struct policy_box {
	struct policy p;	/* first: a policy is its box */
	struct vocab states, steps, point_kinds, notice_kinds;
};

struct loading {
	struct policy *p;
	struct diag *d;
	const struct yaml_file *file;	/* the one being read: its name stands in complaints */
	bool trust;			/* leave out what a committed version has passed */
	const char *where;		/* stands before names of files in complaints */
	const struct policy_file *files;	/* all that were given, without trust; else NULL */
	size_t nfiles;
};

/* load.c: helpers.  Nothing is said of a place about which the schema has complained: what is read there is what is left of it. */
void load_complain(struct loading *l, const struct yaml_node *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* `what: "x" is not one of a, b; did you mean "a"?` */
void load_unknown(struct loading *l, const struct yaml_node *at, const char *what, const char *const *names, size_t n);
const char *load_text(struct loading *l, const struct yaml_node *n);	/* into the policy; "" for NULL and what is no scalar */
/* The items of a list; a scalar counts as a list of itself, NULL as an empty one. *n stays where it is. */
size_t load_items(struct yaml_node **n, struct yaml_node ***items);
/* The index of a scalar in names; complains and returns -1 when it is none. */
int load_choice(struct loading *l, const struct yaml_node *n, const char *what, const char *const *names, size_t count);
bool load_flag(struct loading *l, const struct yaml_node *n, const char *what);		/* yes or no; NULL is no */
void load_term(struct loading *l, const struct yaml_node *n, const char *what, struct term *out);
/* The index of a scalar in a vocabulary, by id, name or alias; complains and returns -1 when it is none. */
int load_word(struct loading *l, const struct yaml_node *n, const struct vocab *w);
const char **load_ids(struct loading *l, const struct vocab *w);	/* ids as an array, for messages */

/* load_vocab.c: policy.yaml */
void load_words(struct loading *l, const struct yaml_node *root);
struct shelf {			/* the key a vocabulary stands under, and the word for one of it */
	const char *key, *what;
	struct vocab *to;
	bool required;
};
void load_vocab(struct loading *l, const struct yaml_node *root, const struct shelf *s);
/* What people read must be one clean line; NULL is left alone. */
void load_check_line(struct loading *l, const struct yaml_node *n, const char *what);
/* load_notices.c: notices.yaml and the templates it names */
void load_notices(struct loading *l, const struct yaml_node *root);
/* load_workflow.c */
void load_workflow(struct loading *l, const struct yaml_node *root);
/* load_rule.c: escalation.yaml */
void load_rules(struct loading *l, const struct yaml_node *root);
/* An entry of an overlay: what it says, as a rule of which all else is left out; rungs as they stand in the file. */
void load_tighter(struct loading *l, const struct yaml_node *m, struct rule *out);
/* owner, parent, dispatch, top, a level, an organ kind; or an organ's id, which has a capital or a digit first. */
const char *load_whom(struct loading *l, const struct yaml_node *n, const char *what);
/* A list of words as they stand (the schema has looked at them). */
size_t load_list(struct loading *l, struct yaml_node *list, const char ***out);
int load_step_of(struct loading *l, const struct yaml_node *n);		/* the number of the step it names, -1 */
int32_t load_day(struct loading *l, const struct yaml_node *n);		/* a day; DATE_NONE for NULL */
/* load_gate.c: what a rule asks of single steps: what an extension must keep to; what a plan must treat and what waits for it; what
 * must be there before the end, who must have looked and who may set it. */
void load_extend(struct loading *l, const struct yaml_node *m, bool has_due, struct rule_extend *out);
void load_plan(struct loading *l, const struct yaml_node *m, struct rule *out);
void load_close(struct loading *l, const struct yaml_node *m, struct rule *out);
/* load_overlay.c: policy.d/ORGAN.yaml, one behind the other, by path; then, when all are read, the rules in their tightened forms. */
void load_overlay(struct loading *l, const struct yaml_node *root, const char *path);
void load_overlays_end(struct loading *l);
/* load_cover.c: rules that can never match, and a last one that does not match everything; list is the `rules` node. */
void load_cover(struct loading *l, const struct yaml_node *list);
/* load_calendar.c: the calendar; days that do not exist, stand in another year or twice, hours that run backwards … */
void load_calendar(struct loading *l, const struct yaml_node *root);

#endif
