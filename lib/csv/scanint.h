/* SPDX-License-Identifier: MIT */
#ifndef GL_CSV_SCANINT_H
#define GL_CSV_SCANINT_H
#include <signal.h>
#include <stdatomic.h>
#include "csv/scan.h"
#include "csv/strict.h"
/*
 * What the files of the fast reader share; nobody else but foreign.c and the
 * tests includes this.  Stage one (scanmask) turns a window into position lists,
 * stage two (scanrow) turns these into rows; scanread fills the buffer.
 */
#define SCAN_WINDOW 16384u	/* bytes in a window; a multiple of 64 */
#define SCAN_SLACK 128u		/* zero bytes that stand behind the data in every buffer that is masked */
#define SCAN_NOT_BAD SIZE_MAX

/* Position lists of a window, as offsets from its first byte, which begins a record. */
struct scan_lists {
	uint16_t *sep;	/* commas and line ends outside quotes; sep[-1] is UINT16_MAX, so sep[-1] + 1 is 0 in 16 bits */
	uint16_t *nl;	/* the line ends among them */
	size_t nsep, nnl;
	size_t pad;	/* this many UINT16_MAX stand behind the nsep */
	size_t bad;	/* the first byte that the fast path does not take, or SCAN_NOT_BAD; nothing behind it is good */
	bool cr;	/* a CR was seen */
};
void scan_lists_init(struct scan_lists *l, size_t ncols, size_t window);	/* for windows of at most so many bytes */
void scan_lists_clear(struct scan_lists *l);

/* The two stages' vector code, one set per instruction set. */
struct scan_isa {
	const char *name;
	/* Lists of p[0, n), n at most the lists' window, rounded up to a multiple of 64 that is readable with one byte more. */
	void (*mask)(const char *p, size_t n, bool canonical, struct scan_lists *l);
	size_t (*count)(const char *p, size_t n, char c);	/* how often c stands there */
	/* Bit c: field c of the n (at most 64) that end at sep[0 … n - 1] is not empty.  Reads up to 31 places more. */
	uint64_t (*filled)(const uint16_t *sep, size_t n);
};
extern const struct scan_isa scan_isa_plain;
#if defined(__x86_64__)
extern const struct scan_isa scan_isa_avx2, scan_isa_avx512;
#endif
const struct scan_isa *scan_isa(void);	/* the best that this processor has */

/*
 * A field as it stands between two separators of a regular record: blanks
 * around it cut, quotes removed, doubled quotes made single at *to, which has
 * room for raw.n bytes and is moved on.  False if it is not regular after all.
 */
bool scan_unquote(struct span raw, char **to, struct span *out);
/* True when s holds blanks and tabs only. */
bool scan_blank(struct span s);

/* What an empty field points at where no bytes of its own are at hand. */
extern const char scan_nothing[64];

/*
 * A window of a file that is mapped, not read: that saves the copy.  A file may
 * be cut by others meanwhile, or its disk fail, and then SIGBUS comes where
 * pread would say so.  Between scan_map_begin and scan_map_end, which stand
 * around all threads' work and change what that signal does in the process,
 * such a window turns into zeros and `lost` is set: all that was seen is void,
 * and the file is to be read to learn why.
 */
struct scan_map {
	char *p;		/* NULL: none */
	size_t size;
	off_t at;		/* of p in the file */
	volatile sig_atomic_t lost;
};
void scan_map_begin(void);
void scan_map_end(void);
/* Maps the part of [0, to) around byte `at` that is good to be mapped at once; false when it ends less than `least` bytes and
 * SCAN_SLACK behind `at`, or cannot be mapped. */
bool scan_map(struct scan_map *m, int fd, off_t at, off_t to, size_t least);
void scan_unmap(struct scan_map *m);

struct scanner {
	const struct scan_source *src;
	const struct scan_want *want;
	scan_row_fn *row;
	void *arg;
	off_t lines_from;		/* where src->first_line counts from: the whole source's start */
	const atomic_size_t *failed;	/* the lowest range that failed, NULL without threads */
	size_t index;			/* which range this is */
	/* the buffer: b[pos, n) is still to be read, b[0] stands at byte `base` of the source */
	struct span rest;		/* bytes that come before the descriptor's */
	char *b;			/* own or map.p */
	size_t n, pos;
	off_t base;
	char *own;
	size_t cap;			/* of own */
	bool may_map;			/* the rows can be asked for once more */
	struct scan_map map;
	size_t lines;			/* LFs in front of b[0], streams only */
	bool eof, added_lf;		/* added_lf: the last byte of b is a LF that the source lacks */
	/* the stages */
	const struct scan_isa *isa;
	struct scan_lists l;
	size_t window, window_most;	/* window shrinks behind irregular records */
	size_t copies;			/* how often the most wanted column is wanted */
	char *text;			/* unquoted fields of a row */
	size_t text_cap;
	struct span f[SCAN_WANT_MAX];
	struct { unsigned col, place; } present[SCAN_WANT_MAX];	/* the columns that there are, and where in f they go */
	size_t npresent;
	/* most columns of some ledgers are empty in most rows: then f is brought up to date by the columns that are filled
	 * in this row or were in the one before */
	bool sparse;
	uint64_t asked, shown;		/* bits of columns: wanted, not empty in f */
	uint8_t place[64];		/* column -> place in f */
	struct strict strict;
};

void scanner_init(struct scanner *s, const struct scan_source *src, struct span rest, const struct scan_want *want,
    scan_row_fn *row, void *arg);
void scanner_clear(struct scanner *s);
int scanner_run(struct scanner *s, struct err *e);

/* The capacity of a buffer that the source deserves. */
size_t scanner_first_cap(const struct scanner *s);
/* Reads on until at least `min` new bytes are there or the end is; 0 or -1. */
int scanner_fill(struct scanner *s, size_t min, struct err *e);
/* `name:line: text` for the byte at b[off]; -1. */
int scanner_complain(struct scanner *s, size_t off, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* All rows of the next window, or one irregular record; 0, the callback's value, or -1. */
int scanner_step(struct scanner *s, struct err *e);

#endif
