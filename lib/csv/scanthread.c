/* SPDX-License-Identifier: MIT */
#include "csv/scanint.h"
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include "base/io.h"
#include "base/mem.h"

#define BLOCK (64u << 10)
#define THREADS_FROM (512 << 10)	/* bytes; a smaller source is not worth starting a thread for */
#define THREADS_MAX 256u
#define MAP_FROM (4 << 20)		/* bytes; a smaller source is not worth a map for one thread */

/* A byte range of the source and what became of it. */
struct range {
	struct job *job;
	struct scan_source src;
	void *arg;
	bool open;	/* its first byte lies inside quotes */
	int r;
	struct err e;
	pthread_t thread;
	bool started;
};

/* One scan_threads. */
struct job {
	const struct scan_source *src;
	const struct scan_want *want;
	scan_row_fn *row;
	struct range *v;
	size_t n;
	atomic_uint *quotes;	/* parity of the quotes in each range */
	atomic_size_t failed;
	bool guess;		/* every newline is taken for the end of a record */
	int (*step)(struct range *r);
};

/* Where range i of n begins, before it is moved to the start of a record. */
static off_t nominal(const struct job *j, size_t i)
{
	off_t all = j->src->to - j->src->from;

	return j->src->from + (off_t)((unsigned __int128)all * i / j->n);
}

/* Calls each(arg, bytes) on the blocks of [from, to) until it gives something but 0. */
static int each_block(const struct scan_source *src, off_t from, off_t to,
    int (*each)(void *, struct span, off_t), void *arg, struct err *e)
{
	char *b = mem_alloc(BLOCK);
	int r = 0;

	while (r == 0 && from < to) {
		size_t n = to - from < (off_t)BLOCK ? (size_t)(to - from) : BLOCK;

		r = io_read_at(src->fd, src->name, b, n, from, e);
		if (r == 0)
			r = each(arg, (struct span){ b, n }, from);
		from += (off_t)n;
	}
	free(b);
	return r;
}

/* Adds up quotes. */
static int add_quotes(void *arg, struct span b, off_t at)
{
	(void)at;
	*(size_t *)arg += scan_isa()->count(b.p, b.n, '"');
	return 0;
}

/* This thread's share of the quotes of every range but the last. */
static int count_quotes(struct range *r)
{
	struct job *j = r->job;
	size_t me = (size_t)(r - j->v);

	for (size_t i = 0; i + 1 < j->n; i++) {
		off_t a = nominal(j, i), all = nominal(j, i + 1) - a;
		off_t from = a + (off_t)((unsigned __int128)all * me / j->n);
		off_t to = a + (off_t)((unsigned __int128)all * (me + 1) / j->n);
		size_t n = 0;

		if (each_block(j->src, from, to, add_quotes, &n, &r->e) != 0)
			return -1;
		atomic_fetch_xor(&j->quotes[i], (unsigned)n & 1);
	}
	return 0;
}

/* Looking for the first line end outside quotes. */
struct search {
	bool canonical, open;
	off_t start;	/* behind it; -1 until found */
};

/* One block of the search. */
static int search_block(void *arg, struct span b, off_t at)
{
	struct search *s = arg;

	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] == '"' && !s->canonical)
			s->open = !s->open;
		if (b.p[i] == '\n' && !s->open) {
			s->start = at + (off_t)i + 1;
			return 1;
		}
	}
	return 0;
}

/* Moves the start of a range to the first record that starts at or behind it. */
static int find_start(struct range *r)
{
	struct job *j = r->job;
	struct search s = { j->src->canonical || j->guess, r->open, -1 };
	off_t at = r->src.from;

	if (r == j->v || at >= j->src->to)
		return 0;
	/* the line end of the record before may stand right in front of the range */
	if (at > j->src->from) {
		char c;

		if (io_read_at(j->src->fd, j->src->name, &c, 1, at - 1, &r->e) != 0)
			return -1;
		if (c == '\n' && !s.open)
			return 0;
	}
	if (each_block(j->src, at, j->src->to, search_block, &s, &r->e) < 0)
		return -1;
	r->src.from = s.start < 0 ? j->src->to : s.start;
	return 0;
}

/* The rows of a range. */
static int scan_range(struct range *r)
{
	struct job *j = r->job;
	size_t me = (size_t)(r - j->v), seen;
	struct scanner s;
	int k;

	scanner_init(&s, &r->src, (struct span){ NULL, 0 }, j->want, j->row, r->arg);
	s.lines_from = j->src->from;
	s.failed = &j->failed;
	s.index = me;
	s.may_map = j->guess;
	k = scanner_run(&s, &r->e);
	scanner_clear(&s);
	seen = atomic_load(&j->failed);
	while (k != 0 && me < seen && !atomic_compare_exchange_weak(&j->failed, &seen, me))
		;
	return k;
}

/* A thread's main function. */
static void *run_range(void *arg)
{
	struct range *r = arg;

	r->r = r->job->step(r);
	return NULL;
}

/* Runs a step on all ranges at once; the result of the first that failed, with its error, or 0. */
static int run_step(struct job *j, int (*step)(struct range *), struct err *e)
{
	bool threads = j->src->to - j->src->from >= THREADS_FROM;

	j->step = step;
	for (size_t i = 1; i < j->n; i++)
		j->v[i].started = threads && pthread_create(&j->v[i].thread, NULL, run_range, &j->v[i]) == 0;
	run_range(&j->v[0]);
	for (size_t i = 1; i < j->n; i++)
		if (j->v[i].started)
			pthread_join(j->v[i].thread, NULL);
		else
			run_range(&j->v[i]);	/* no thread to be had: here, then */
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].r) {
			if (j->v[i].e.status != ERR_OK)
				err_set(e, j->v[i].e.status, "%s", j->v[i].e.text);
			return j->v[i].r;
		}
	return 0;
}

/* Cuts the source into ranges that begin at records. */
static int cut(struct job *j, void *const *args, struct err *e)
{
	unsigned open = 0;
	int r = 0;

	for (size_t i = 0; i < j->n; i++)
		j->v[i] = (struct range){ .job = j, .src = *j->src, .arg = args[i], .e = ERR_INIT };
	if (!j->src->canonical && !j->guess)
		r = run_step(j, count_quotes, e);
	for (size_t i = 0; i < j->n; i++) {
		j->v[i].src.from = nominal(j, i);
		j->v[i].open = open;
		open ^= atomic_load(&j->quotes[i]);
	}
	if (r == 0)
		r = run_step(j, find_start, e);
	for (size_t i = 0; i + 1 < j->n; i++)
		j->v[i].src.to = j->v[i + 1].src.from;
	return r;
}

/* Cuts and scans. */
static int run_job(struct job *j, void *const *args, struct err *e)
{
	int r = cut(j, args, e);

	return r == 0 ? run_step(j, scan_range, e) : r;
}

/* The same with guessed ranges, and mapped: false, and all rows are forgotten, unless each of them came to its end without fault. */
static bool run_guessed(struct job *j, scan_again_fn *again, void *const *args)
{
	struct err quiet = ERR_INIT;
	int r;

	j->guess = true;
	scan_map_begin();
	r = run_job(j, args, &quiet);
	scan_map_end();
	if (r == 0)
		return true;
	for (size_t i = 0; i < j->n; i++)
		again(args[i]);
	j->guess = false;
	atomic_store(&j->failed, SIZE_MAX);
	return false;
}

int scan_threads(const struct scan_source *src, const struct scan_want *want, scan_row_fn *row, void *const *args,
    size_t nthreads, struct err *e)
{
	return scan_threads_again(src, want, row, NULL, args, nthreads, e);
}

int scan_threads_again(const struct scan_source *src, const struct scan_want *want, scan_row_fn *row, scan_again_fn *again,
    void *const *args, size_t nthreads, struct err *e)
{
	struct job j = { .src = src, .want = want, .row = row, .n = nthreads, .failed = SIZE_MAX };
	int r = 0;

	if ((nthreads <= 1 && (again == NULL || src->to - src->from < MAP_FROM)) || src->to < 0 || src->to <= src->from)
		return scan_rows(src, want, row, args[0], e);
	j.v = mem_zalloc(nthreads, sizeof *j.v);
	j.quotes = mem_zalloc(nthreads, sizeof *j.quotes);
	if (again == NULL || src->canonical || !run_guessed(&j, again, args))
		r = run_job(&j, args, e);
	free(j.v);
	free(j.quotes);
	return r;
}

size_t scan_cores(size_t most)
{
	const char *given = getenv("GRIDLEDGER_THREADS");
	uint64_t n = 0;
	cpu_set_t set;

	if (!given || !span_u64(span_of(given), THREADS_MAX, &n) || n == 0)
		n = sched_getaffinity(0, sizeof set, &set) == 0 ? (uint64_t)CPU_COUNT(&set) : 1;
	if (n > most)
		n = most;
	return n ? (size_t)n : 1;
}
