/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_ERR_H
#define GL_BASE_ERR_H
/*
 * Errors as values.  A function that can fail takes a `struct err *` last and
 * returns 0 or -1 (or NULL); the first error set wins, so clean-up on the way
 * out never hides the cause.  The status is the program's exit status
 * (DESIGN.md 5); the text is one line, lower case, no full stop, the file and
 * line first: `hazards.csv:17: severity: "serious" is not one of minor, general, major`.
 */
enum err_status {
	ERR_OK = 0,	/* done */
	ERR_NO = 1,	/* the answer is no */
	ERR_USAGE = 2,	/* the command line is wrong */
	ERR_DATA = 3,	/* bad input data or policy; nothing changed */
	ERR_FAILED = 4,	/* busy, disk full, I/O; nothing changed, try again */
	ERR_PERSON = 5,	/* the register needs a person */
	ERR_DOUBT = 6,	/* a sync failed after the commit line */
	ERR_UNSAID = 7	/* recorded, but the answer could not be delivered */
};

struct err {
	enum err_status status;
	char text[1024];
};

#define ERR_INIT { ERR_OK, "" }
/* The same for one that is made for every value of every row: without clearing the text. */
static inline void err_start(struct err *e)
{
	e->status = ERR_OK;
	e->text[0] = '\0';
}

/* Set status and text unless an error is set already; returns -1 always. */
int err_set(struct err *e, enum err_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with status ERR_FAILED and ": strerror(errno)" appended; -1. */
int err_sys(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Put "prefix: " in front of the text of an error that is set; returns -1. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *e);

#endif
