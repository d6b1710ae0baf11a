/* SPDX-License-Identifier: MIT */
#include "csv/scanint.h"
#include <signal.h>
#include <sys/mman.h>

#define BLOCK ((off_t)2 << 20)	/* what a processor maps at once, where the page cache holds it in one piece */

/* The window of each thread, for the signal. */
static _Thread_local struct scan_map *mine;
/* What SIGBUS meant before. */
static struct sigaction before;

/* A page of a window is not there any more, or cannot be read: zeros instead, and a note.  Anything else is what it was. */
static void on_bus(int signal, siginfo_t *info, void *context)
{
	struct scan_map *m = mine;
	const char *at = info->si_addr;

	(void)context;
	if (info->si_code > 0 && m != NULL && at >= m->p && at < m->p + m->size &&
	    mmap(m->p, m->size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == m->p) {
		m->lost = 1;
		return;
	}
	sigaction(signal, &before, NULL);
	if (info->si_code <= 0)
		raise(signal);	/* sent by somebody; a fault comes again by itself */
}

void scan_map_begin(void)
{
	struct sigaction ours = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &ours, &before);
}

void scan_map_end(void)
{
	sigaction(SIGBUS, &before, NULL);
}

bool scan_map(struct scan_map *m, int fd, off_t at, off_t to, size_t least)
{
	off_t from = at / BLOCK * BLOCK, end = to < from + BLOCK ? to : from + BLOCK;
	void *p;

	if (end - at < (off_t)(least + SCAN_SLACK))
		return false;
	p = mmap(NULL, (size_t)(end - from), PROT_READ, MAP_SHARED, fd, from);
	if (p == MAP_FAILED)
		return false;
	m->p = p;
	m->size = (size_t)(end - from);
	m->at = from;
	atomic_signal_fence(memory_order_release);
	mine = m;
	return true;
}

void scan_unmap(struct scan_map *m)
{
	mine = NULL;
	atomic_signal_fence(memory_order_release);
	if (m->p != NULL)
		munmap(m->p, m->size);
	m->p = NULL;
}
