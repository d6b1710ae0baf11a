/* SPDX-License-Identifier: MIT */
#include "csv/scanint.h"
#include <stdarg.h>
#include <stdio.h>
#include "base/io.h"
#include "base/mem.h"

#define BUFFER (256u << 10)
#define STREAM (256u << 10)	/* a pipe gives less at once, unless it was made larger */
#define BLOCK (64u << 10)
#define MAP_LEAST (64u << 10)	/* what lies between two maps is read, with so much around it */

/* A regular file is read by offsets, and its lines are counted only when there is an error. */
static bool is_file(const struct scanner *s)
{
	return s->src->to >= 0;
}

/* Moves the unread bytes to the front of the buffer. */
static void compact(struct scanner *s)
{
	if (s->pos == 0)
		return;
	if (!is_file(s))
		s->lines += s->isa->count(s->b, s->pos, '\n');
	memmove(s->b, s->b + s->pos, s->n - s->pos);
	s->base += (off_t)s->pos;
	s->n -= s->pos;
	s->pos = 0;
}

size_t scanner_first_cap(const struct scanner *s)
{
	off_t all = s->src->to - s->src->from;

	if (!is_file(s))
		return s->src->fd < 0 && s->rest.n < STREAM ? s->rest.n + 1 : STREAM;
	return all < (off_t)BUFFER ? (size_t)(all > 0 ? all : 0) + 1 : BUFFER;
}

/* Room for `min` more bytes and one LF; SCAN_SLACK stands behind cap. */
static void make_room(struct scanner *s, size_t min)
{
	size_t cap = s->cap ? s->cap : scanner_first_cap(s);

	while (cap - s->n < min + 1)
		cap *= 2;
	if (cap == s->cap)
		return;
	s->b = s->own = mem_realloc(s->own, cap + SCAN_SLACK, 1);
	s->cap = cap;
}

/* One read; the bytes got, 0 at the end, -1. */
static ssize_t read_once(struct scanner *s, struct err *e)
{
	const struct scan_source *src = s->src;
	size_t room = s->cap - 1 - s->n;
	off_t at = s->base + (off_t)s->n;
	ssize_t k;

	if (s->rest.n) {
		size_t take = s->rest.n < room ? s->rest.n : room;

		memcpy(s->b + s->n, s->rest.p, take);
		s->rest.p += take;
		s->rest.n -= take;
		return (ssize_t)take;
	}
	if (!is_file(s))
		return src->fd < 0 ? 0 : io_read_some(src->fd, src->name, s->b + s->n, room, -1, e);
	if (at >= src->to)
		return 0;
	if (s->may_map && room > MAP_LEAST)
		room = MAP_LEAST;
	if ((off_t)room > src->to - at)
		room = (size_t)(src->to - at);
	k = io_read_some(src->fd, src->name, s->b + s->n, room, at, e);
	if (k == 0)
		return err_set(e, ERR_FAILED, "%s: ends at byte %lld, but %lld bytes were expected", src->name,
		    (long long)at, (long long)src->to);
	return k;
}

/* Leaves the map that the buffer is; what was not read in it is missing then. */
static void leave_map(struct scanner *s)
{
	scan_unmap(&s->map);
	s->base += (off_t)s->pos;
	s->b = s->own;
	s->n = s->pos = 0;
}

/* Makes the buffer a map that has `min` bytes from pos on; false unless there are many more. */
static bool enter_map(struct scanner *s, size_t min)
{
	off_t at = s->base + (off_t)s->pos;

	if (!s->may_map || !scan_map(&s->map, s->src->fd, at, s->src->to, min + MAP_LEAST))
		return false;
	s->b = s->map.p;
	s->n = s->map.size - SCAN_SLACK;
	s->base = s->map.at;
	s->pos = (size_t)(at - s->base);
	return true;
}

int scanner_fill(struct scanner *s, size_t min, struct err *e)
{
	size_t had;

	min += s->n - s->pos;
	if (s->map.p != NULL)
		leave_map(s);
	if (enter_map(s, min))
		return 0;
	min -= s->n - s->pos;
	compact(s);
	make_room(s, min);
	had = s->n;
	while (!s->eof && s->n - had < min) {
		ssize_t k = read_once(s, e);

		if (k < 0)
			return -1;
		s->n += (size_t)k;
		s->eof = k == 0 || (is_file(s) && s->base + (off_t)s->n >= s->src->to);
	}
	if (s->eof && s->n && s->b[s->n - 1] != '\n' && !s->added_lf) {
		s->b[s->n++] = '\n';
		s->added_lf = true;
	}
	memset(s->b + s->n, 0, SCAN_SLACK);
	return 0;
}

/* LFs in [from, to) of a regular file; what cannot be read is not counted. */
static size_t count_file(const struct scanner *s, off_t from, off_t to)
{
	char *b = mem_alloc(BLOCK);
	struct err quiet = ERR_INIT;
	size_t lines = 0;

	while (from < to) {
		size_t n = to - from < (off_t)BLOCK ? (size_t)(to - from) : BLOCK;
		ssize_t k = io_read_some(s->src->fd, s->src->name, b, n, from, &quiet);

		if (k <= 0)
			break;
		lines += s->isa->count(b, (size_t)k, '\n');
		from += k;
	}
	free(b);
	return lines;
}

int scanner_complain(struct scanner *s, size_t off, struct err *e, const char *fmt, ...)
{
	size_t line = s->src->first_line ? s->src->first_line : 1;
	char text[512];
	va_list ap;

	if (is_file(s))
		line += count_file(s, s->lines_from, s->base + (off_t)off);
	else
		line += s->lines + s->isa->count(s->b, off, '\n');
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(e, ERR_DATA, "%s:%zu: %s", s->src->name, line, text);
}
