/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_VALUEINT_H
#define GL_MODEL_VALUEINT_H
#include "model/value.h"
/*
 * What value and valuestand share: the memory of look-ups.
 */
#define SOURCES 128		/* columns that have a source at hand; a power of two */

/* What a look-up gave: the value, or why there is none. */
struct answer {
	struct span value;
	const char *why;
};

#define WORDS_MET 16u		/* a power of two */

/* What a column's plain values are looked up in. */
struct source {
	const struct column *c;
	struct master *m;
	int from, to;			/* its columns of validity, or -1 */
	const struct policy *policy;
	const struct vocab *words;	/* of that policy */
	struct span *met;		/* WORDS_MET ids of it that were found, by length and first letter; the last one stays */
};

/* A key that was found in a master, and the days on which it surely is there. */
#define SEEN 65536u		/* a power of two, some times the keys of a county */
#define SEEN_WAYS 2u		/* two of a kind have room in a line of the cache; a third pushes the older one out */
#define SEEN_TEXT 22
#define SEEN_FROM 16u		/* keys asked for before there is room for them: one row is done sooner without */
struct seen {
	int32_t from, to;
	uint8_t source, n;		/* n 0: free */
	char text[SEEN_TEXT];
};

struct values {
	struct office *office;
	struct source source[SOURCES];
	struct seen *seen;		/* by hash, in ways; made when masters were asked often enough */
	unsigned asked_keys;		/* until then */
	void *seen_memory;
	struct names asked;		/* column, policy, grid, day, said -> number of its answer */
	struct answer *answer;
	size_t cap;
	struct arena mem;
	struct buf key, half, made;
};

/* Is every byte printable ASCII, so that nothing is to be made canonical? */
bool value_is_plain(struct span s);
#endif
