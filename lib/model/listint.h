/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_LISTINT_H
#define GL_MODEL_LISTINT_H
#include "model/deriveint.h"
#include "model/list.h"
/*
 * What list and listvalue share; nobody else includes this.
 */
enum {				/* parts of a derivation that a column needs */
	PART_GRID = 1, PART_SUBJECT = 2, PART_CLOCK = 4, PART_ROW = 8, PART_PILOTS = 16
};
struct maker;
/* Makes one value; text is room of its own that lives as long as the value. */
#define VALUE_TEXT 32
typedef struct span value_fn(struct maker *m, const struct hazard *h, int arg, char text[VALUE_TEXT]);
struct list_kind {
	value_fn *make;
	int arg;			/* a hazards column, or a level */
	unsigned parts;
	const struct column *column;	/* its schema; NULL for the columns of levels */
	unsigned asks;			/* of a trail: TRAIL_COUNTS … */
	const char *step;		/* and this one; NULL none */
};
/* One thread's worth of making values. */
struct maker {
	struct deriver d;
	const struct list_want *want;
	bool zh;
	struct err *e;			/* of office_level */
	struct span pilots;		/* of the hazard */
	pthread_mutex_t *lock;		/* around masters; NULL: alone */
	struct names stood;		/* "officer day" -> level */
	int8_t *level;
	size_t level_cap;
	/* the last unit asked for, and what it was */
	const struct grid_node *unit_of, *unit;
	int unit_level;
	int64_t unit_on;
};
/* The kind of a column of hazard-list by name; false: none has it. */
bool value_kind(struct span name, struct list_kind *k);
value_fn value_level_grid, value_level_name, value_step;
/* A value as people read it in Chinese. */
struct span value_label(const struct hazard *h, const struct list_kind *k, struct span v);
#endif
