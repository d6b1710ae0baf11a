/* SPDX-License-Identifier: MIT */
#include "register/indexfill.h"

#include <endian.h>

#define TXN_BYTES ((size_t)32 << 20)	/* in a transaction */
#define PUT_COST 32u			/* bytes that an entry takes besides its own, … */
#define PUT_SCATTERED 128u		/* … and among others, whose pages it changes */
#define PLACE 8				/* bytes of the place at the end of a key */
#define PLACE_MAX 10u			/* packed */

void fill_close_cursor(struct fill *f)
{
	if (f->cursor != NULL)
		mdb_cursor_close(f->cursor);
	f->cursor = NULL;
}

/* The cursor is there; false: something failed. */
static bool has_cursor(struct fill *f)
{
	if (f->rc == 0 && f->cursor == NULL)
		f->rc = mdb_cursor_open(f->txn, f->env->dbi, &f->cursor);
	return f->rc == 0;
}

bool fill_stands(struct fill *f)
{
	if (f->early != NULL && f->early->stands != NULL && !f->asked) {
		f->gone = !f->early->stands(f->early->arg);
		f->asked = true;
	}
	if (f->gone && f->rc == 0)
		f->rc = MDB_BAD_TXN;	/* it is given up: nothing more is put */
	return !f->gone;
}

/* So much was put: time to commit?  A kill between two transactions must not leave a stamp on the half. */
static void count(struct fill *f, size_t bytes)
{
	f->bytes += bytes + (f->anew ? PUT_COST : PUT_SCATTERED);
	if (f->rc != 0 || f->bytes < TXN_BYTES)
		return;
	f->bytes = 0;
	if (!fill_stands(f))
		return;
	f->rc = index_drop_stamp(f->env, f->txn);
	if (f->rc != 0)
		return;
	fill_close_cursor(f);
	f->rc = mdb_txn_commit(f->txn);
	f->txn = NULL;
	if (f->rc == 0)
		f->rc = mdb_txn_begin(f->env->env, NULL, 0, &f->txn);
}

/* Put one behind all others; false: it does not belong there, or something failed. */
static bool append(struct fill *f, MDB_val key, MDB_val val)
{
	int rc;

	if (!f->anew || !has_cursor(f))
		return false;
	rc = mdb_cursor_put(f->cursor, &key, &val, MDB_APPEND);
	if (rc == MDB_KEYEXIST)
		return false;
	f->rc = rc;
	count(f, key.mv_size + val.mv_size);
	return true;
}

void fill_put(struct fill *f, MDB_val key, MDB_val val, bool keep)
{
	if (append(f, key, val) || !has_cursor(f))
		return;
	f->rc = mdb_cursor_put(f->cursor, &key, &val, keep ? MDB_NOOVERWRITE : 0);
	if (f->rc == MDB_KEYEXIST)
		f->rc = 0;
	count(f, key.mv_size + val.mv_size);
}

/* Move the cursor; false: there is nothing, or it failed. */
static bool go(struct fill *f, MDB_val *key, MDB_val *val, MDB_cursor_op op)
{
	int rc = mdb_cursor_get(f->cursor, key, val, op);

	if (rc != 0 && rc != MDB_NOTFOUND)
		f->rc = rc;
	return rc == 0;
}

/* The number at the end of an id's key. */
static uint32_t number_at(const void *key, size_t n)
{
	uint32_t number;

	memcpy(&number, (const char *)key + n - sizeof number, sizeof number);
	return be32toh(number);
}

/* Is it the key of an id that only its number tells from k? */
static bool is_akin(const MDB_val *key, const struct index_key *k)
{
	return key->mv_size == k->n && memcmp(key->mv_data, k->b, k->n - sizeof(uint32_t)) == 0;
}

/* Put n places from the id k on, which are not there and have no other run between them; p is the run that ends with the id
 * before, if one does. */
static void put_places(struct fill *f, struct index_key *k, struct places *p, const uint64_t *place, size_t n)
{
	unsigned char run[1 + PLACES_MAX];

	for (size_t i = 0; i < n && f->rc == 0; i++)
		if (p->count == INDEX_RUN || !places_add(p, 0, place[i]))
			return;
	run[0] = (unsigned char)p->count;
	memcpy(run + 1, p->b, p->n);
	fill_put(f, index_val(k), (MDB_val){ 1 + p->n, run }, false);
}

/* What stands around an id that is to be put. */
struct around {
	size_t there;		/* so many ids from it on have their places */
	size_t room;		/* else so many are free, */
	struct index_key before;	/* and this run ends with the id before: n is 0 where none does */
	struct places places;
};

/* Look around the id k. */
static void look_around(struct fill *f, const struct index_key *k, struct around *a)
{
	uint32_t number = number_at(k->b, k->n), first;
	MDB_val key = index_val(k), v;
	bool after = go(f, &key, &v, MDB_SET_RANGE);
	const unsigned char *run;

	a->there = 0;
	a->room = SIZE_MAX;
	a->before.n = 0;
	if (after && is_akin(&key, k)) {
		first = number_at(key.mv_data, key.mv_size);
		run = v.mv_data;
		a->room = first - number;
		if (first == number)
			a->there = v.mv_size > 0 && run[0] > 0 ? run[0] : 1;
	}
	if (a->there > 0 || f->rc != 0 || !go(f, &key, &v, after ? MDB_PREV : MDB_LAST) || !is_akin(&key, k) || v.mv_size == 0)
		return;
	first = number_at(key.mv_data, key.mv_size);
	run = v.mv_data;
	if (number - first < run[0]) {
		a->there = run[0] - (number - first);
	} else if (number - first == run[0] && run[0] < INDEX_RUN && places_load(&a->places, 0, 0, run + 1, v.mv_size - 1)) {
		a->before.n = key.mv_size;
		memcpy(a->before.b, key.mv_data, key.mv_size);
	}
}

/* A run into a tree that has others around it. */
static void insert_run(struct fill *f, struct index_key *k, const uint64_t *place, size_t n)
{
	struct around a;
	uint32_t number;
	size_t step;

	for (; n > 0 && has_cursor(f); n -= step, place += step) {
		look_around(f, k, &a);
		if (f->rc != 0)
			return;
		step = a.there > 0 ? a.there : a.room;
		if (step > n)
			step = n;
		if (a.there == 0 && a.before.n > 0 && a.places.count + step <= INDEX_RUN
		    && a.places.n + step * PLACE_MAX <= PLACES_MAX) {
			put_places(f, &a.before, &a.places, place, step);
		} else if (a.there == 0) {
			places_start(&a.places, 0, 0);
			put_places(f, k, &a.places, place, step);
		}
		number = htobe32(number_at(k->b, k->n) + (uint32_t)step);
		memcpy(k->b + k->n - sizeof number, &number, sizeof number);
	}
}

void fill_put_run(struct fill *f, const struct index_key *first, struct span run)
{
	struct places_reader u = { .p = (const unsigned char *)run.p + 1, .end = (const unsigned char *)run.p + run.n };
	MDB_val key = index_val(first);
	uint32_t number = number_at(first->b, first->n);
	uint64_t place[INDEX_RUN];
	struct index_key k = *first;
	size_t n = 0;

	/* in the order of the ledger mostly: behind the one before */
	if ((!is_akin(&key, &f->run) || number >= f->run_end) && append(f, key, (MDB_val){ run.n, (void *)(uintptr_t)run.p })) {
		f->run = *first;
		f->run_end = number + (unsigned char)run.p[0];
		return;
	}
	while (n < INDEX_RUN && places_next(&u) > 0)
		place[n++] = u.place;
	insert_run(f, &k, place, n);
}

/* The last value of the keys that begin with k, to go on with behind it: false, there is none that has room for more. */
static bool load_last(struct fill *f, struct index_key *k, unsigned width, uint64_t place, struct places *p)
{
	struct index_key end = *k;
	MDB_val key, v;
	uint64_t first;
	bool after;

	index_key_number(&end, UINT64_MAX, PLACE);
	key = index_val(&end);
	if (!has_cursor(f))
		return false;
	after = go(f, &key, &v, MDB_SET_RANGE);
	if (f->rc != 0 || !go(f, &key, &v, after ? MDB_PREV : MDB_LAST) || key.mv_size != k->n + PLACE
	    || memcmp(key.mv_data, k->b, k->n) != 0)
		return false;
	memcpy(&first, (const char *)key.mv_data + k->n, sizeof first);
	if (!places_load(p, width, be64toh(first), v.mv_data, v.mv_size) || p->last >= place || p->n + width + PLACE_MAX > PLACES_MAX)
		return false;
	memcpy(k->b, key.mv_data, key.mv_size);
	k->n = key.mv_size;
	return true;
}

/* Put entries whose keys begin with k, each told by what rest makes of its key. */
static void put_group(struct fill *f, struct index_key *k, unsigned width, unsigned shift, const struct sieve_entry *v, size_t n)
{
	uint32_t mask = width == 4 ? UINT32_MAX : (1u << INDEX_BLOCK) - 1;
	size_t prefix = k->n;
	struct places p;
	bool open = !f->anew && load_last(f, k, width, v[0].place, &p);

	for (size_t i = 0; i < n && f->rc == 0; i++) {
		uint32_t rest = (uint32_t)(v[i].key >> shift) & mask;

		/* of hazards that are alike the last one is asked for, so that the one before it can go when nothing came between */
		if (open && k->b[0] == INDEX_LIKE && p.count > 0 && p.rest == rest)
			places_drop(&p);
		if (open && places_add(&p, rest, v[i].place))
			continue;
		if (open)
			fill_put(f, index_val(k), (MDB_val){ p.n, p.b }, false);
		k->n = prefix;
		index_key_number(k, v[i].place, PLACE);
		places_start(&p, width, v[i].place);
		places_add(&p, rest, v[i].place);
		open = true;
	}
	if (f->rc == 0 && open)
		fill_put(f, index_val(k), (MDB_val){ p.n, p.b }, false);
}

int fill_put_block(struct fill *f, const struct sieve_entry *v, size_t n)
{
	size_t tables;
	struct index_key k;

	index_key_block(&k, schema_tables(&tables) + (v[0].key >> 48), v[0].key >> 32 & 0xffff, v[0].key & UINT32_MAX);
	put_group(f, &k, 1, 0, v, n);
	return f->rc != 0;
}

int fill_put_bucket(struct fill *f, char kind, const struct sieve_entry *v, size_t n)
{
	struct index_key k;

	index_key_bucket(&k, kind, f->bits, v[0].key);
	put_group(f, &k, 4, INDEX_PRINT - 32 - f->bits, v, n);
	return f->rc != 0;
}
