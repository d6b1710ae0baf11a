/* SPDX-License-Identifier: MIT */
#include "register/indexearly.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/mem.h"
#include "csv/scan.h"
#include "register/indexfill.h"

#define WORTH_A_THREAD ((size_t)4 << 20)	/* bytes of rows */

struct index_early {
	struct reg *r;
	struct index_env *env;
	struct fill_early job;
	struct index_gain gain;
	struct index_rows rows[REG_LEDGERS_MAX];
	int lock;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t told;
	bool is_told, stands;
	int result;
	bool broken;			/* the index is to be forgotten */
	struct err e;
};

/* Does the commit stand?  Waits to be told. */
static bool wait_told(void *arg)
{
	struct index_early *x = arg;
	bool stands;

	pthread_mutex_lock(&x->mutex);
	while (!x->is_told)
		pthread_cond_wait(&x->told, &x->mutex);
	stands = x->stands;
	pthread_mutex_unlock(&x->mutex);
	return stands;
}

/* The thread. */
static void *work(void *arg)
{
	struct index_early *x = arg;

	x->result = index_fill_early(x->r, x->env, &x->job, &x->broken, &x->e);
	return NULL;
}

struct index_early *index_early_start(struct reg *r, const struct index_gain *g)
{
	struct index_env *env = index_env(r, false);
	struct index_early *x;
	size_t bytes = 0;
	int lock;

	for (size_t i = 0; i < g->n; i++)
		bytes += g->rows[i].bytes.n;
	if (bytes < WORTH_A_THREAD || env == NULL || scan_cores(2) < 2)
		return NULL;
	lock = index_lock(r, 0);
	if (lock < 0)
		return NULL;
	index_let_go(r);	/* a reader of the old state would make the file grow */
	x = mem_zalloc(1, sizeof *x);
	x->r = r;
	x->env = env;
	x->lock = lock;
	memcpy(x->rows, g->rows, g->n * sizeof *g->rows);
	x->gain = *g;
	x->gain.rows = x->rows;
	x->job = (struct fill_early){ &x->gain, wait_told, x };
	pthread_mutex_init(&x->mutex, NULL);
	pthread_cond_init(&x->told, NULL);
	if (pthread_create(&x->thread, NULL, work, x) == 0)
		return x;
	io.close(lock);
	free(x);
	return NULL;
}

void index_early_tell(struct index_early *x, bool stands)
{
	if (x == NULL)
		return;
	pthread_mutex_lock(&x->mutex);
	if (!x->is_told)
		x->stands = stands;
	x->is_told = true;
	pthread_cond_signal(&x->told);
	pthread_mutex_unlock(&x->mutex);
}

int index_early_end(struct index_early *x, struct err *e)
{
	int result;

	if (x == NULL)
		return 1;
	index_early_tell(x, false);
	pthread_join(x->thread, NULL);
	result = x->result;
	if (x->broken)
		index_forget(x->r);
	if (result == 0) {
		reg_inner(x->r)->writing = false;
		reg_inner(x->r)->env_behind = 0;
	} else if (result < 0) {
		err_set(e, x->e.status, "%s", x->e.text);
	}
	io.close(x->lock);
	pthread_cond_destroy(&x->told);
	pthread_mutex_destroy(&x->mutex);
	free(x);
	return result;
}
