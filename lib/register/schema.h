/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_SCHEMA_H
#define GL_REGISTER_SCHEMA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
/*
 * The columns of every ledger, compiled in from data-schemas/tables
 * (Frictionless Table Schema; see data-schemas/compile.awk).  Order, types,
 * checks and titles come from there and from nowhere else.  All is constant
 * and lives as long as the program.
 */
enum column_type {
	COLUMN_ID,	/* <office>-<letter><yyyy>-<6 to 9 digits>; with ref, a row of that record ledger */
	COLUMN_CODE,	/* a word: no comma, semicolon, quote, blank, control or invisible character, not "-" alone;
			 * with ref, it may be a key of that table but need not be */
	COLUMN_ENUM,	/* one of values: an enum of the law */
	COLUMN_PLACE,	/* a code that the place's policy lists under vocabulary; membership is not checked here */
	COLUMN_TIME,	/* 25 bytes in the register's offset */
	COLUMN_DATE,	/* 10 bytes */
	COLUMN_INTEGER,	/* low to high, no sign, no leading zero */
	COLUMN_FEN,	/* money, an integer of fen */
	COLUMN_QTY,	/* decimal text, at most 15 digits and three places; low < 0 admits a minus */
	COLUMN_DIGEST,	/* `digits` lower-case hex digits */
	COLUMN_REF,	/* a code that is a key of table ref; that it exists is not checked here */
	COLUMN_LIST,	/* codes joined by ";"; with ref, keys of that table */
	COLUMN_TEXT	/* free text, right of the bar */
};

/* Holds no pointers: nothing of the many columns is then to be relocated when a program starts. */
struct column {
	char name[16];		/* as in the header row, "reported_at" */
	char title[24], title_zh[28];
	enum column_type type;
	bool left;		/* stands left of the bar of ledgers.md: safe for cut, sort, join, awk -F, */
	bool required;
	bool clears;		/* "-" is admitted and clears what events before it set */
	char letter;		/* COLUMN_ID: the ledger's letter */
	uint8_t digits;		/* COLUMN_DIGEST */
	uint8_t nvalues, naliases;
	uint16_t values, labels, aliases;	/* for schema_value, schema_label and schema_alias */
	char vocabulary[16];	/* COLUMN_PLACE: severity category source step state level role sector stage, and
				 * grid_ organ_ subject_ point_ device_ inspection_ notice_ activity_ action_ incident_kind; else "" */
	char ref[12];		/* name of a table, or "" */
	int64_t low, high;	/* COLUMN_INTEGER, COLUMN_FEN */
	size_t max;		/* longest value in bytes */
};

/* The i-th value of a COLUMN_ENUM, of nvalues, and its Chinese label. */
const char *schema_value(const struct column *c, size_t i);
const char *schema_label(const struct column *c, size_t i);
/* The i-th further Chinese header that is accepted on input, of naliases. */
const char *schema_alias(const struct column *c, size_t i);

enum table_kind {
	TABLE_RECORD,	/* append-only */
	TABLE_MASTER,	/* versions under versions/ */
	TABLE_JOURNAL,
	TABLE_VIEW	/* printed, never stored: hazard-list */
};

struct table {
	const char *name;	/* "notice-lines": the file is <name>.csv */
	const char *title, *title_zh;
	enum table_kind kind;
	const char *writer;	/* TABLE_RECORD: the program that people append rows with; NULL none */
	char id_letter;		/* the ledger mints ids with it; 0 if it mints none */
	int key;		/* column of the id or code a row goes by (answers, notice-lines, rewards, campaigns and
				 * masters with validity may have several rows of one key; see primary) */
	const char *primary;	/* names of the columns that together are unique, comma between: "grid,valid_from" */
	int levels_at;		/* hazard-list: <level>_grid columns go before this column, <level>_name before column
				 * nleft; else 0 */
	const struct column *columns;
	int ncolumns, nleft;
};

/* The table of that name ("hazards"), or NULL. */
const struct table *schema_table(struct span name);
/* All tables in byte order of their names. */
const struct table *schema_tables(size_t *n);
/* The table whose ids carry that letter, or NULL. */
const struct table *schema_of_letter(char letter);

/* The column of that exact name, or -1. */
int schema_column(const struct table *t, struct span name);
/* The same for a header a person wrote: the name (in any case), the title in English or Chinese or an alias,
 * full-width and half-width alike, blanks at the ends ignored; or -1. */
int schema_column_label(const struct table *t, struct span label);
/* The column whose name or title is nearest to label, or -1 when none is near: for "did you mean". */
int schema_nearest_column(const struct table *t, struct span label);
/* Appends the header line with its LF. */
void schema_header(const struct table *t, struct buf *out);

/* The value of an enum of the law that s names in English or by its Chinese label, else -1. */
int schema_enum(const struct column *c, struct span s);

/*
 * Check one value that is canonical text already (text_canonical).  Empty is
 * right unless the column is required.  offset is the register's, in seconds.
 * Returns 0, or -1 with e (ERR_DATA) saying what was found and what to write,
 * without file or column.
 */
int schema_check(const struct column *c, struct span value, int offset, struct err *e);

struct schema_id {
	struct span office;	/* points into what was parsed */
	char letter;		/* H E M V I N D A X K F P R T */
	int year;		/* 1000 to 9999 */
	uint32_t number;	/* 1 to 999999999 */
};
#define SCHEMA_OFFICE_MAX 12
#define SCHEMA_ID_MAX 28	/* longest id in bytes, without NUL */
#define SCHEMA_NUMBER_MAX 999999999

/* False if s is not an id in canonical form: six digits at least, no leading zero beyond six. */
bool schema_id_parse(struct span s, struct schema_id *out);
/* Writes an id whose office is right, NUL-terminated; returns its length. */
size_t schema_id_write(const struct schema_id *id, char out[SCHEMA_ID_MAX + 1]);
/* 1 to 12 of A-Z and 0-9. */
bool schema_office_ok(struct span office);

#endif
