/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_INSIDE_H
#define GL_REGISTER_INSIDE_H
#include "base/time.h"
#include <sys/stat.h>
#include "csv/scan.h"
#include "register/commit.h"
#include "register/index.h"
#include "register/journal.h"
#include "register/ledger.h"
#include "register/register.h"
/*
 * What the files of this floor share and no other floor may use.
 */
#define JOURNAL_NAME "journal.csv"
#define JOURNAL_HEADER "kind,seq,at,login,actor,command,version,key,policy,spans,sizes,chain"
#define JOURNAL_FIRST ((off_t)sizeof JOURNAL_HEADER)	/* where its first line stands */
#define JOURNAL_LINE_MAX 65536u		/* a longer line is none */
#define JOURNAL_TORN_MAX 131072		/* more bytes than this behind the last good line are no torn write */
#define CHAIN_FIELD 66			/* comma, 64 hex digits, LF */
#define REGISTER_FILE "register.yaml"
#define VERSION_MAX ((size_t)1 << 30)	/* bytes of a master or policy file */
#define SPANS_MAX (2 * REG_LEDGERS_MAX)

/* A ledger file kept open for reading, its columns bound by its own header. */
struct segment {
	const struct table *table;
	unsigned number;
	int fd;
	char name[REG_FILE_MAX];
	int *column;		/* schema column -> column of the file, or -1 */
	size_t ncols;		/* columns of the file */
	off_t body;		/* where the first record stands */
	off_t seen;		/* bytes that it had when it was opened */
	off_t whole;		/* a record ends here, as was seen */
	char *window;		/* bytes that were read last, of committed rows, which never change */
	off_t window_at;
	size_t window_n, window_cap;
};

struct index_env;

/* What reg_open gives out is the first member of this. */
struct reg_inner {
	struct reg pub;
	struct segment **segment;
	size_t nsegments, cap;
	struct index_env *env;
	bool env_failed;	/* tried and unusable: do not try again for each look-up */
	bool writing;		/* the journal's lock is held: an index is not made anew while others wait for it */
	uint64_t env_behind;	/* seq of a moment that the index could not be brought to */
	struct index *kept;	/* the one that look-ups go through, opened and checked once */
};
static inline struct reg_inner *reg_inner(struct reg *r) { return (struct reg_inner *)r; }

/* The open segment of a table; NULL with e. */
struct segment *segment_get(struct reg *r, const char *table, unsigned number, struct err *e);
/* The end of what may be read of it: its committed size, or the file's for one that is finished.  A file that is shorter,
 * or has no line end there, was changed: ERR_PERSON. */
int segment_end(const struct moment *m, struct segment *s, off_t *end, struct err *e);
/* -1.  What the scan says of a ledger in e is no bad input (ERR_DATA) but a file that somebody changed: ERR_PERSON. */
int segment_changed(const struct segment *s, struct err *e);
/* "hazards.2.csv" to its table and 2; false for a name that is no ledger's. */
bool segment_parse(struct span name, const struct table **t, unsigned *number);
/* scan_rows over the records of a segment in [from, to), columns by schema number. */
int segment_scan(struct segment *s, off_t from, off_t to, const int *cols, size_t ncols, scan_row_fn *fn,
    void *const *args, size_t nthreads, struct err *e);
/* The same in blocks, as ledger_scan_ordered has them. */
int segment_scan_ordered(struct segment *s, off_t from, off_t to, const int *cols, size_t ncols, scan_row_fn *fn,
    ledger_end_fn *end, void *const *args, size_t nthreads, struct err *e);

/* Lines backwards.  The span lives until the next call. */
struct back {
	int fd;
	off_t base;		/* file offset of p[0] */
	char *p;
	size_t n;		/* bytes not handed out yet */
	size_t cap, block;
};
void back_start(struct back *b, int fd, off_t size);
/* 1 and the line that ends where the one before began (torn: it has no LF), 0 at the start of the file, -1 e. */
int back_line(struct back *b, struct span *line, off_t *at, bool *torn, struct err *e);
/* The chain that the line just handed out stands on; false when there is none. */
bool back_chain(const struct back *b, off_t at, char prev[65]);
void back_end(struct back *b);

/* journal_walk from the start of a line on (line numbers count from there). */
int journal_walk_from(struct reg *r, off_t from, off_t size, journal_fn *fn, void *arg, struct err *e);

/* The tail of the journal. */
struct tail {
	struct buf text[2];		/* what last and sized point into */
	struct journal_line last;	/* newest line that fits the chain */
	struct journal_line sized;	/* newest one with sizes: last, or the one before an open begin */
	off_t good;			/* where last ends */
	off_t size;			/* of the file; more than good: a torn write */
};
int tail_read(struct reg *r, int fd, struct tail *t, struct err *e);
void tail_clear(struct tail *t);
/* The same for a reader, who may meet a writer between two steps. */
int tail_now(struct reg *r, struct tail *t, struct err *e);

/* The end of a line of that offset and body. */
static inline off_t journal_end(const struct journal_line *l)
{
	return l->offset + (off_t)l->body.n + CHAIN_FIELD;
}
int moment_of_line(const struct journal_line *l, struct moment *m, struct err *e);
/* The `sizes` field of a moment; parsed and put again it is the same. */
void moment_sizes(const struct moment *m, struct buf *out);
struct moment_version *moment_slot(struct moment *m, const char *name);	/* made when new */
void journal_chain_first(char out[65]);

/* One line of the journal, to be built. */
struct journal_new {
	enum journal_kind kind;
	uint64_t seq;
	int64_t at;
	int offset;
	const char *login, *actor, *command, *key, *policy;	/* policy: digest or NULL */
	struct span spans, sizes;
};
/* Appends the line with LF; chain goes from that of the line before to its own. */
void journal_put(struct buf *out, const struct journal_new *l, char chain[65]);
void journal_put_span(struct buf *out, const struct journal_span *s);	/* with ";" in front unless out is empty */
/* A word for a field of the journal: blanks become ":", what may not stand there "_". */
void journal_word(struct buf *out, const char *s, size_t max);
/* user@host; asked of the system once and kept for the process, whose user stays */
void journal_login(struct buf *out);

/* Store bytes under versions/ by their digest, synced; what a crash left half written there is mended. */
int version_store(struct reg *r, struct span bytes, char digest[65], struct err *e);
/* A policy path: relative, without "..", control bytes or an empty part. */
bool policy_path_ok(struct span path);
/* One line of a manifest. */
bool manifest_next(struct span *rest, struct span *digest, struct span *path);
/* Put bytes at dir/path as a working copy, making the directories on the way. */
int working_copy(struct reg *r, const char *path, struct span bytes, struct err *e);
int make_dir(struct reg *r, const char *path, struct err *e);	/* exists is fine */
/* The file must have grown by exactly what was written: a write may lie.  (write.c) */
int check_size(int fd, const char *name, off_t want, struct err *e);
/* Is [from, size) of the file a beginning of these bytes?  Then this process wrote it and it may be cut unsaved:
 * its owner is told that nothing was recorded and still has them. */
bool is_ours(int fd, const char *name, off_t from, const struct buf *bytes, off_t *size);
/* io_open of DIR/FILE with the register's mode; a DIR that is not there is made. */
int open_inside(struct reg *r, const char *path, int flags, struct err *e);
/* io_create with the register's mode. */
int make_file(struct reg *r, const char *path, struct span bytes, struct err *e);

/* Undo what a crash left: journal is locked and open for writing; t is read again. */
int recover(struct reg *r, int journal, const struct commit_who *who, struct tail *t, struct err *e);
/* Keep bytes [from, to) of a file under lost+found/. */
int save_tail(struct reg *r, int fd, const char *file, off_t from, off_t to, uint64_t seq, struct span chain, struct err *e);
/* Refuse when a ledger is not of its committed size (out NULL), or list the tails added by another hand. */
/* The journal; one that is not there is ERR_PERSON. */
int journal_open(struct reg *r, int flags, struct err *e);
/* What a spreadsheet that saved this ledger did to its header, in words; NULL when none did. */
const char *spreadsheet_trace(int fd, const char *name, const struct table *t);
/* The same as an error, ERR_PERSON, that says what to do. */
int spreadsheet_check(int fd, const char *name, const struct table *t, struct err *e);
/* A ledger's file; one that is gone or no regular file is ERR_PERSON. */
int ledger_stat(struct reg *r, const char *name, struct stat *st, struct err *e);
int foreign_check(struct reg *r, const struct moment *m, struct adopt_tail *out, size_t max, size_t *n, struct err *e);
/* The journal opened and locked, as it stands: its descriptor, or -1. */
int journal_hold(struct reg *r, const struct commit_who *who, int flags, struct err *e);
/* Refuse a commit in doubt, lock and recover: the journal's descriptor, or -1. */
int journal_lock(struct reg *r, const struct commit_who *who, struct tail *t, struct err *e);

/* A commit whose line may or may not be on the disk.  It allocates nothing. */
struct doubt {
	uint64_t seq;		/* 0: the mark could not be read */
	char chain[65];
	char at[TIME_LEN + 1];	/* when, as in the journal */
	char command[81];
	int number;		/* errno, 0 unknown */
};
/* Leave the mark that makes every writer refuse; e is ERR_DOUBT with the cause, and says so when there is no mark.  -1. */
int doubt_leave(struct reg *r, const struct doubt *d, const struct err *cause, struct err *e);
/* The commit that a mark names: 1, 0 none, -1 e. */
int doubt_read(struct reg *r, struct doubt *d, struct err *e);
int doubt_remove(struct reg *r, struct err *e);
/* -1 (ERR_DOUBT) while a commit is in doubt. */
int doubt_refuse(struct reg *r, struct err *e);

/* Index kinds: what stands in front of a key. */
#define INDEX_ID 'a'		/* table, id -> where, and where the ids that follow by number are: an index made anew has them first */
#define INDEX_HAZARD 'h'	/* table, hazard, where -> where else, further on */
#define INDEX_REF 'r'		/* ref -> where */
#define INDEX_KEY 'k'		/* retry key -> journal offset */
#define INDEX_LIKE 'l'		/* fingerprint -> where */
#define INDEX_POLICY 'p'	/* policy digest -> trees of its YAML files, behind a hash of them */
#define INDEX_MASTER 'm'	/* table, column, value, line number -> offset in the version */
/* Look-ups give -1 when the index cannot be read: it is to be forgotten, and what is asked looked for by a scan. */
int index_find_id(struct index *x, const struct table *t, struct span id, struct ledger_at *at);	/* 1, 0 */
/* Walk over (table, hazard); more than 0 from fn stops. */
typedef int index_fn(void *arg, struct ledger_at at);
int index_each_hazard(struct index *x, const struct table *t, struct span hazard, index_fn *fn, void *arg);
/* Rows of a master whose column has the value: offset and line in the version file, in order. */
typedef int index_master_fn(void *arg, off_t at, size_t line);
bool index_has_master(struct index *x, const struct table *t, const char *digest);
int index_each_master(struct index *x, const struct table *t, int col, struct span value, index_master_fn *fn, void *arg);
void index_fingerprint(struct span grid, struct span subject, struct span day, struct span description, char out[16]);
/* The index of a moment, made or caught up when that is worth it and allowed; else NULL.  It is kept for the next
 * look-up: index_close leaves it alone, index_let_go gives it back. */
void index_let_go(struct reg *r);
void index_forget(struct reg *r);	/* close it, have it made anew by a later program and do not use it again in this one */
struct index *index_at(struct reg *r, const struct moment *m);
/* What a line of the journal says of all files, where the kept index stands at that line; false: the line must be read. */
bool index_moment(struct reg *r, const struct journal_line *l, struct moment *m);
/* Before the journal is locked: make an index that is missing now.  From here until index_update one that is far behind is
 * left alone, and looked up by scans. */
void index_make_ready(struct reg *r);
/* After a commit: bring it there; nothing when another process is at it. */
int index_update(struct reg *r, const struct moment *m, struct err *e);
void index_env_close(struct index_env *env);
/* Is the column one that names a row (name, uscc, login, the key)? */
bool master_named_by(const struct table *t, int col);

#endif
