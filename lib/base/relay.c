/* SPDX-License-Identifier: MIT */
#include "base/relay.h"

#include <pthread.h>

/* Two counters between two threads. */
struct course {
	const struct relay *r;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	unsigned long made, used;	/* slots so far */
	bool last;			/* make has filled its last one */
	bool stop;			/* use wants no more */
};

/* Is there a free slot?  Waits for one; false when no more is wanted. */
static bool wait_free(struct course *c)
{
	bool go;

	pthread_mutex_lock(&c->lock);
	while (!c->stop && c->made - c->used == c->r->slots)
		pthread_cond_wait(&c->moved, &c->lock);
	go = !c->stop;
	pthread_mutex_unlock(&c->lock);
	return go;
}

/* The thread of make. */
static void *run_make(void *arg)
{
	struct course *c = arg;
	bool last = false;

	for (unsigned slot = 0; !last && wait_free(c); slot = (slot + 1) % c->r->slots) {
		last = c->r->make(c->r->arg, slot) == RELAY_LAST;
		pthread_mutex_lock(&c->lock);
		c->made++;
		c->last = last;
		pthread_cond_signal(&c->moved);
		pthread_mutex_unlock(&c->lock);
	}
	return NULL;
}

/* Is there a filled slot?  Waits for one; false when the last was used. */
static bool wait_made(struct course *c)
{
	bool go;

	pthread_mutex_lock(&c->lock);
	while (c->made == c->used && !c->last)
		pthread_cond_wait(&c->moved, &c->lock);
	go = c->made > c->used;
	pthread_mutex_unlock(&c->lock);
	return go;
}

/* Both stages by turns; one slot will do, and stays in the caches. */
static int run_turns(const struct relay *r)
{
	int result = 0;
	bool last = false;

	while (result == 0 && !last) {
		last = r->make(r->arg, 0) == RELAY_LAST;
		result = r->use(r->arg, 0);
	}
	return result;
}

int relay_run(const struct relay *r, bool ahead)
{
	struct course c = { .r = r, .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };
	pthread_t thread;
	int result = 0;

	if (!ahead || pthread_create(&thread, NULL, run_make, &c) != 0)
		return run_turns(r);
	for (unsigned slot = 0; result == 0 && wait_made(&c); slot = (slot + 1) % r->slots) {
		result = r->use(r->arg, slot);
		pthread_mutex_lock(&c.lock);
		c.used++;
		c.stop = result != 0;
		pthread_cond_signal(&c.moved);
		pthread_mutex_unlock(&c.lock);
	}
	pthread_join(thread, NULL);
	return result;
}
