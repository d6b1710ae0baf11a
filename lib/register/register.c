/* SPDX-License-Identifier: MIT */
#include "register/register.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/time.h"
#include "register/inside.h"
#include "yaml/tree.h"

#define REGISTER_FILE_MAX 65536
#define SETTINGS_FIRST 4096		/* bytes of the journal that hold its last line, but for a very long one … */
#define SETTINGS_TAIL 16384		/* … and those whose last line with sizes names the committed register.yaml */
#define SETTINGS_TRIES 4
#define HEADER_FIRST 1024		/* bytes that hold any header of ours */

/* A YAML file; NULL with its first complaint, without the line end, as e's text. */
static struct yaml_file *parse_yaml(struct span bytes, struct err *e)
{
	char *text = NULL;
	size_t n = 0;
	struct yaml_file *f;
	struct diag d;
	FILE *to;

	diag_init(&d, NULL, NULL, 0);
	f = yaml_parse(REGISTER_FILE, bytes, &d);
	if (f != NULL)
		return f;
	/* once more, for the words */
	to = open_memstream(&text, &n);
	if (to == NULL) {
		err_sys(e, "%s: cannot read", REGISTER_FILE);
		return NULL;
	}
	diag_init(&d, to, NULL, 1);
	f = yaml_parse(REGISTER_FILE, bytes, &d);
	if (fclose(to) != 0)
		mem_exhausted();
	if (f == NULL)
		err_set(e, ERR_PERSON, "%.*s", (int)strcspn(text, "\n"), text);
	free(text);
	return f;
}

/* Fill r from the tree. */
static int read_settings(struct reg *r, const struct yaml_file *f, struct err *e)
{
	struct yaml_node *root = f->root, *shared = yaml_get(root, "shared");
	const char *office = yaml_text(yaml_get(root, "office")), *language = yaml_text(yaml_get(root, "language"));
	struct span offset = span_of(yaml_text(yaml_get(root, "offset")));
	int64_t format;

	if (!yaml_int(yaml_get(root, "format"), &format) || format < 1)
		return err_set(e, ERR_PERSON, "%s: format: missing or not a number; this is not a register of gridledger",
		    REGISTER_FILE);
	if (format > REG_FORMAT)
		return err_set(e, ERR_PERSON, "%s: format %jd is newer than this program knows (%d); install a newer gridledger",
		    REGISTER_FILE, (intmax_t)format, REG_FORMAT);
	if (!schema_office_ok(span_of(office)))
		return err_set(e, ERR_PERSON, "%s: office: \"%s\" is not 1 to 12 of A-Z and 0-9", REGISTER_FILE, office);
	if (!time_offset_read(offset, &r->offset))
		return err_set(e, ERR_PERSON, "%s: offset: \"%s\" is not an offset from UTC like +08:00", REGISTER_FILE, offset.p);
	if (strcmp(language, "zh") != 0 && strcmp(language, "en") != 0)
		return err_set(e, ERR_PERSON, "%s: language: \"%s\" is not one of zh, en", REGISTER_FILE, language);
	r->format = (int)format;
	memcpy(r->office, office, strlen(office) + 1);
	r->name = mem_strdup(yaml_text(yaml_get(root, "name")));
	r->language = mem_strdup(language);
	r->file_mode = shared != NULL ? 0660 : 0666;
	r->dir_mode = shared != NULL ? 02770 : 0777;
	return 0;
}

/* Settings from the bytes of a register.yaml, in place of those there were. */
static int take_settings(struct reg *r, struct span bytes, struct err *e)
{
	struct yaml_file *f = parse_yaml(bytes, e);
	int result;

	free(r->name);
	free(r->language);
	r->name = r->language = NULL;
	result = f == NULL ? -1 : read_settings(r, f, e);
	yaml_free(f);
	return result;
}

/* The last digest of register.yaml that the text names, which is cut there; false when there is none. */
static bool last_settings(struct span *text, char digest[65])
{
	static const char mark[] = "register::";
	const size_t n = sizeof mark - 1;

	for (size_t at = text->n >= n + DIGEST_HEX ? text->n - n - DIGEST_HEX + 1 : 0; at-- > 0;)
		if (text->p[at] == mark[0] && memcmp(text->p + at, mark, n) == 0) {
			memcpy(digest, text->p + at + n, DIGEST_HEX);
			digest[DIGEST_HEX] = '\0';
			text->n = at;
			return digest_is_hex(span_of(digest), DIGEST_HEX);
		}
	return false;
}

/* Is this the register.yaml of the newest moment, with the settings that r has now? */
static bool is_committed(struct reg *r, const char *digest)
{
	struct moment *m = mem_zalloc(1, sizeof *m);
	struct err ignored = ERR_INIT;
	const char *now = reg_moment(r, NULL, m, &ignored) == 0 ? moment_version(m, "register") : NULL;
	bool same = now != NULL && strcmp(now, digest) == 0;

	free(m);
	return same;
}

/* The last bytes of the journal, at most n of them; none when they cannot be read. */
static struct span journal_end_bytes(int fd, off_t size, char *tail, size_t n)
{
	struct err ignored = ERR_INIT;

	if ((off_t)n > size)
		n = (size_t)size;
	if (io_read_at(fd, JOURNAL_NAME, tail, n, size - (off_t)n, &ignored) < 0)
		n = 0;
	return (struct span){ tail, n };
}

/* A working copy that was edited changes nothing until it is handed in: go on with what is committed.  Where that cannot be
 * told, because the journal is damaged, r keeps the copy's settings, and who reads the journal says what is wrong. */
static int settle(struct reg *r, struct span copy, struct err *e)
{
	char own[DIGEST_HEX + 1], named[DIGEST_HEX + 1], tail[SETTINGS_TAIL];
	struct err ignored = ERR_INIT;
	struct span text = { tail, 0 };
	struct buf bytes = BUF_INIT;
	bool same = false;
	off_t size = 0;
	int fd = io_open(r->dir, JOURNAL_NAME, O_RDONLY, 0, true, &ignored);

	if (fd < 0)
		return 0;
	digest_of(copy, own);
	if (io_size(fd, JOURNAL_NAME, &size, &ignored) == 0) {
		text = journal_end_bytes(fd, size, tail, SETTINGS_FIRST);
		same = last_settings(&text, named) && strcmp(named, own) == 0;
		if (!same)
			text = journal_end_bytes(fd, size, tail, SETTINGS_TAIL);
	}
	io.close(fd);
	if (same)
		return 0;
	for (int i = 0; i < SETTINGS_TRIES && last_settings(&text, named); i++) {
		if (strcmp(named, own) == 0 && i == 0)
			return 0;
		buf_reset(&bytes);
		err_clear(&ignored);
		r->edited = strcmp(named, own) != 0 && reg_version(r, named, &bytes, &ignored) == 0
		    && take_settings(r, buf_view(&bytes), &ignored) == 0 && is_committed(r, named);
		if (r->edited)
			break;
	}
	buf_clear(&bytes);
	return r->edited ? 0 : take_settings(r, copy, e);
}

/* All bytes of a file that nobody is writing: its size is known, so one read of as many will do. */
static int read_whole(int fd, const char *path, size_t max, struct buf *out, struct err *e)
{
	off_t size;

	if (io_size(fd, path, &size, e) < 0)
		return -1;
	if (size > (off_t)max)
		return err_set(e, ERR_DATA, "%s: longer than the %zu bytes allowed", path, max);
	buf_reserve(out, (size_t)size);
	if (size > 0 && io_read_at(fd, path, out->p + out->n, (size_t)size, 0, e) < 0)
		return -1;
	out->n += (size_t)size;
	out->p[out->n] = '\0';
	return 0;
}

/* register.yaml as it lies there. */
static int read_settings_file(struct reg *r, struct buf *out, struct err *e)
{
	int fd = io_open(r->dir, REGISTER_FILE, O_RDONLY, 0, false, e), result;

	if (fd < 0)
		return -1;
	result = read_whole(fd, REGISTER_FILE, REGISTER_FILE_MAX, out, e);
	return io_close(fd, REGISTER_FILE, e) < 0 ? -1 : result;
}

struct reg *reg_open(const char *dir, struct err *e)
{
	struct reg_inner *in = mem_zalloc(1, sizeof *in);
	struct reg *r = &in->pub;
	struct buf text = BUF_INIT;
	struct stat st;

	r->path = mem_strdup(dir);
	r->dir = io_open_dir(AT_FDCWD, dir, e);
	if (r->dir < 0)
		goto fail;
	if (io.fstatat(r->dir, REGISTER_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) {
		err_set(e, ERR_USAGE, "%s: not a register: it has no %s; make one with gridctl init --office=CODE %s", dir,
		    REGISTER_FILE, dir);
		goto fail;
	}
	if (read_settings_file(r, &text, e) < 0)
		goto fail;
	if (take_settings(r, buf_view(&text), e) < 0 || settle(r, buf_view(&text), e) < 0)
		goto fail;
	buf_clear(&text);
	return r;
fail:
	buf_clear(&text);
	reg_close(r);
	return NULL;
}

/* Give a segment back. */
static void segment_free(struct segment *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		io.close(s->fd);
	free(s->column);
	free(s->window);
	free(s);
}

void reg_close(struct reg *r)
{
	struct reg_inner *in = reg_inner(r);

	if (r == NULL)
		return;
	index_let_go(r);
	index_env_close(in->env);
	for (size_t i = 0; i < in->nsegments; i++)
		segment_free(in->segment[i]);
	free(in->segment);
	if (r->dir >= 0)
		io.close(r->dir);
	free(r->path);
	free(r->name);
	free(r->language);
	free(in);
}

void reg_segment_name(const char *table, unsigned segment, char out[REG_FILE_MAX])
{
	size_t n = strlen(table);

	assert(n + sizeof ".4294967295.csv" <= REG_FILE_MAX);
	memcpy(out, table, n + 1);
	if (segment > 1)
		n += (size_t)snprintf(out + n, REG_FILE_MAX - n, ".%u", segment);
	memcpy(out + n, ".csv", sizeof ".csv");
}

bool segment_parse(struct span name, const struct table **t, unsigned *number)
{
	struct span table = name;
	uint64_t v = 1;
	const char *dot;

	if (name.n <= 4 || memcmp(name.p + name.n - 4, ".csv", 4) != 0)
		return false;
	table.n -= 4;
	dot = memchr(table.p, '.', table.n);
	if (dot != NULL) {
		struct span digits = { dot + 1, table.n - (size_t)(dot + 1 - table.p) };

		if (!span_u64(digits, 99999, &v) || v < 2 || digits.p[0] == '0')
			return false;
		table.n = (size_t)(dot - table.p);
	}
	*t = schema_table(table);
	*number = (unsigned)v;
	return *t != NULL && (*t)->kind == TABLE_RECORD;
}

/* A file that this toolkit never takes away: who did must bring it back. */
static int open_or_missing(struct reg *r, const char *path, int flags, struct err *e)
{
	int fd = io_open(r->dir, path, flags, 0, true, e);

	if (fd < 0 && e->status == ERR_OK)
		err_set(e, ERR_PERSON, "%s: is missing; restore it", path);
	return fd;
}

int segment_changed(const struct segment *s, struct err *e)
{
	size_t n = strlen(s->name);

	if (e->status == ERR_DATA && strncmp(e->text, s->name, n) == 0 && e->text[n] == ':') {
		char text[sizeof e->text];

		memcpy(text, e->text, sizeof text);
		err_clear(e);
		err_set(e, ERR_PERSON, "%.900s; run gridctl verify", text);
	}
	return -1;
}

/* A header as this toolkit writes it: one short line of bare names.  false: scan_header must say what it is. */
static bool plain_header(struct segment *s, off_t size, struct buf *text, struct span *fields)
{
	size_t n = size < HEADER_FIRST ? (size_t)size : HEADER_FIRST;
	struct err ignored = ERR_INIT;
	char first[HEADER_FIRST];
	const char *lf;
	int got;

	if (n == 0 || io_read_at(s->fd, s->name, first, n, 0, &ignored) < 0)
		return false;
	lf = memchr(first, '\n', n);
	for (const char *p = first; lf != NULL && p < lf; p++)
		if ((*p < 'a' || *p > 'z') && (*p < '0' || *p > '9') && *p != '_' && *p != ',')
			return false;
	if (lf == NULL || lf == first)
		return false;
	got = scan_record(s->name, (struct span){ first, (size_t)(lf - first) }, text, fields, SCAN_WANT_MAX, &ignored);
	if (got <= 0)
		return false;
	s->ncols = (size_t)got;
	s->body = lf + 1 - first;
	return true;
}

/* Where a header has the column: most often where the schema has it; -1 nowhere. */
static int column_of(const struct span *fields, size_t n, int likely, const char *name)
{
	if ((size_t)likely < n && span_is(fields[likely], name))
		return likely;
	for (size_t i = 0; i < n; i++)
		if (span_is(fields[i], name))
			return (int)i;
	return -1;
}

/* Bind the schema's columns to the file's by its header. */
static int segment_bind(struct segment *s, struct err *e)
{
	struct scan_source src = { .fd = s->fd, .name = s->name, .from = 0, .canonical = true, .first_line = 1 };
	struct span plain[SCAN_WANT_MAX], *fields = plain, *found = NULL;
	struct buf text = BUF_INIT, rest = BUF_INIT;
	int result = -1;

	if (io_size(s->fd, s->name, &src.to, e) < 0)
		goto done;
	if (!plain_header(s, src.to, &text, plain)) {
		buf_reset(&text);
		if (spreadsheet_check(s->fd, s->name, s->table, e) < 0)
			goto done;
		if (scan_header(&src, &text, &found, &s->ncols, &rest, e) < 0) {
			segment_changed(s, e);
			goto done;
		}
		s->body = src.from;
		fields = found;
	}
	s->seen = src.to;
	s->column = mem_alloc((size_t)s->table->ncolumns * sizeof *s->column);
	for (int c = 0; c < s->table->ncolumns; c++)
		s->column[c] = column_of(fields, s->ncols, c, s->table->columns[c].name);
	if (s->column[s->table->key] < 0) {
		err_set(e, ERR_PERSON, "%s: its header has no column \"%s\"; run gridctl verify", s->name,
		    s->table->columns[s->table->key].name);
		goto done;
	}
	result = 0;
done:
	free(found);
	buf_clear(&text);
	buf_clear(&rest);
	return result;
}

struct segment *segment_get(struct reg *r, const char *table, unsigned number, struct err *e)
{
	struct reg_inner *in = reg_inner(r);
	struct segment *s;

	for (size_t i = 0; i < in->nsegments; i++)
		if (in->segment[i]->number == number && strcmp(in->segment[i]->table->name, table) == 0)
			return in->segment[i];
	s = mem_zalloc(1, sizeof *s);
	s->table = schema_table(span_of(table));
	assert(s->table != NULL);
	s->number = number;
	reg_segment_name(table, number, s->name);
	s->fd = open_or_missing(r, s->name, O_RDONLY, e);
	if (s->fd < 0 || segment_bind(s, e) < 0) {
		segment_free(s);
		return NULL;
	}
	MEM_GROW(in->segment, in->cap, in->nsegments + 1);
	in->segment[in->nsegments++] = s;
	return s;
}

int segment_end(const struct moment *m, struct segment *s, off_t *end, struct err *e)
{
	const struct moment_ledger *l = moment_ledger(m, s->table->name);
	char last = '\n';
	off_t size;

	/* seen to be so before: who reads one record after the other need not ask each time */
	if (l != NULL && l->segment == s->number && l->size == s->whole && s->whole > 0) {
		*end = l->size;
		return 0;
	}
	size = s->seen;		/* a file of ours never gets shorter */
	if ((l == NULL || l->segment != s->number || l->size > size) && io_size(s->fd, s->name, &size, e) < 0)
		return -1;
	*end = l != NULL && l->segment == s->number ? l->size : size;
	if (*end > size)
		return err_set(e, ERR_PERSON, "%s: has %jd bytes, %jd were committed: rows were removed or changed; run gridctl verify", s->name,
		    (intmax_t)size, (intmax_t)*end);
	if (*end != s->whole && *end > 0 && io_read_at(s->fd, s->name, &last, 1, *end - 1, e) < 0)
		return -1;
	if (last != '\n')
		return err_set(e, ERR_PERSON, "%s: was changed before byte %jd, where the committed rows end; run gridctl verify", s->name,
		    (intmax_t)*end);
	s->whole = *end;
	return 0;
}

int segment_scan(struct segment *s, off_t from, off_t to, const int *cols, size_t ncols, scan_row_fn *fn,
    void *const *args, size_t nthreads, struct err *e)
{
	int bound[SCAN_WANT_MAX], result;
	struct scan_source src = { .fd = s->fd, .name = s->name, .from = from, .to = to, .canonical = true, .first_line = 2 };
	struct scan_want want = { .ncols = s->ncols, .cols = bound, .n = ncols };

	assert(ncols <= SCAN_WANT_MAX);
	for (size_t i = 0; i < ncols; i++)
		bound[i] = cols[i] < 0 ? -1 : s->column[cols[i]];
	if (from >= to)
		return 0;
	result = nthreads > 1 ? scan_threads(&src, &want, fn, args, nthreads, e) : scan_rows(&src, &want, fn, args[0], e);
	return result < 0 ? segment_changed(s, e) : result;
}

int journal_open(struct reg *r, int flags, struct err *e)
{
	return open_or_missing(r, JOURNAL_NAME, flags, e);
}

int reg_version(struct reg *r, const char *digest, struct buf *out, struct err *e)
{
	char path[REG_FILE_MAX + 32], now[DIGEST_HEX + 1];
	size_t start = out->n;
	int fd;

	snprintf(path, sizeof path, "versions/%.64s", digest);
	fd = open_or_missing(r, path, O_RDONLY, e);
	if (fd < 0)
		return -1;
	if (read_whole(fd, path, VERSION_MAX, out, e) < 0) {
		io.close(fd);
		return -1;
	}
	if (io_close(fd, path, e) < 0)
		return -1;
	digest_of((struct span){ out->n > start ? out->p + start : NULL, out->n - start }, now);
	if (strcmp(now, digest) != 0)
		return err_set(e, ERR_PERSON, "%s: its bytes have digest %s: the file was changed; run gridctl verify", path, now);
	return 0;
}
