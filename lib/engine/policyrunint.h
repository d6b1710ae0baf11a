/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_POLICYRUNINT_H
#define GL_ENGINE_POLICYRUNINT_H
#include "engine/policyrun.h"
#include "register/commit.h"
#include "yaml/tree.h"
/*
 * What the parts of policyrun share (policyrun, policyruncase, policyrunevent, policyrunmeasure, policyrunexpect,
 * policyrunoffice, policyrunpaper); nobody else includes this.
 */
struct policyrun_file {
	struct policyrun *run;
	const struct yaml_file *f;
	const char *here;		/* the directory that paths in the file start from */
	const struct pack *pack;
	const struct policy *policy;
	const char *office;
	int offset;
	const struct yaml_node *masters;
	char *actor;			/* the first officer of masters; found by the first case */
};
struct policyrun_case {
	struct policyrun_file *file;
	const struct yaml_node *node;
	char root[256];			/* scratch directory, "" none */
	struct buf reg;			/* the register in it */
	struct names refs;		/* hazards by what the case calls them */
	char (*id)[ID_MAX];		/* by number in refs */
	size_t ids_cap;
	struct names measures;		/* measures by what the case calls them */
	char (*measure)[ID_MAX];	/* by number in measures */
	size_t measures_cap;
	size_t notices, acts;		/* rows that expectations have seen */
	struct buf out;			/* why it failed, as comment lines */
};

/* A complaint about the case: `# file:line:column: text`. */
void policyrun_fail(struct policyrun_case *c, const struct yaml_node *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The number of a hazard in refs, or NAMES_NONE. */
uint32_t policyrun_ref(const struct policyrun_case *c, struct span ref);
/* The items of a list; a scalar is a list of itself; NULL is one of nothing. */
size_t policyrun_items(const struct yaml_node *const *n, const struct yaml_node *const **items);

/* policyruncase: play it; 0 with c->out (empty: it holds), -1 e. */
int policyrun_play(struct policyrun_case *c, struct err *e);
/* policyrunoffice: the register with its masters. 0 with c->out, -1 e. */
int policyrun_office(struct policyrun_case *c, int64_t now, struct err *e);
/* policyrunevent: a hazard, a step, a sweep.  0 done, 1 refused, with why; -1 e. */
int policyrun_add(struct policyrun_case *c, const struct yaml_node *row, int64_t at, const char *by, struct buf *why,
    struct err *e);
int policyrun_step(struct policyrun_case *c, const struct yaml_node *row, int64_t at, const char *by, struct buf *why,
    struct err *e);
int policyrun_sweep(struct policyrun_case *c, int64_t at, struct err *e);
/* A row of the case taken in by a program of that name; id gets the id of what was recorded.  0 done, 1 refused, with
 * why; -1 e. */
struct writing;
typedef int policyrun_take_fn(struct policyrun_case *c, const struct yaml_node *row, struct writing *w, int64_t at,
    struct diag *d, char id[ID_MAX], struct err *e);
int policyrun_take(struct policyrun_case *c, const struct yaml_node *row, int64_t at, const char *by, const char *program,
    policyrun_take_fn *take, char id[ID_MAX], struct buf *why, struct err *e);
/* policyrunmeasure: a measure of a hazard, in the same way; the id of one that the case named, else what was said. */
int policyrun_measure(struct policyrun_case *c, const struct yaml_node *row, int64_t at, const char *by, struct buf *why,
    struct err *e);
struct span policyrun_measure_id(const struct policyrun_case *c, struct span said);
/* policyrunexpect: compare; 0, -1 e. */
int policyrun_expect(struct policyrun_case *c, const struct yaml_node *want, int64_t at, struct err *e);
/* policyrunpaper: what sweeps recorded. */
int policyrun_notices(struct policyrun_case *c, const struct yaml_node *want, const char *when, struct err *e);
int policyrun_acts(struct policyrun_case *c, const struct yaml_node *want, const char *when, struct err *e);

/* Complaints as text instead of lines on standard error. */
struct policyrun_catch {
	struct diag d;
	char *text;
	size_t n;
};
void policyrun_catch(struct policyrun_catch *c);
void policyrun_caught(struct policyrun_catch *c, struct buf *out);	/* appended, one line each; ends it */

#endif
