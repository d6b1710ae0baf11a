/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "register/indexenv.h"
#include "register/indexplaces.h"

int index_answer(int rc)
{
	if (rc == ENOMEM)
		mem_exhausted();
	return rc == 0 ? 1 : rc == MDB_NOTFOUND ? 0 : -1;
}

/* A number as it is stored. */
static uint64_t val_u64(const MDB_val *v)
{
	uint64_t n = 0;

	if (v->mv_size == sizeof n)
		memcpy(&n, v->mv_data, sizeof n);
	return n;
}

/* Look one key up. */
static int get(struct index *x, const struct index_key *k, struct ledger_at *at)
{
	MDB_val key = index_val(k), v;
	int found = index_answer(mdb_get(x->txn, x->env->dbi, &key, &v));

	if (found <= 0)
		return found;
	*at = index_unpack(val_u64(&v));
	return 1;
}

/* Move the cursor for single look-ups: 1, 0, -1. */
static int go(struct index *x, MDB_val *key, MDB_val *v, MDB_cursor_op op)
{
	if (x->cursor == NULL && index_answer(mdb_cursor_open(x->txn, x->env->dbi, &x->cursor)) < 0)
		return -1;
	return index_answer(mdb_cursor_get(x->cursor, key, v, op));
}

/* Does the key begin with k? */
static bool begins(const MDB_val *key, const struct index_key *k)
{
	return key->mv_size >= k->n && memcmp(key->mv_data, k->b, k->n) == 0;
}

/* What stands in a key behind its first n bytes, as a number. */
static uint64_t behind(const MDB_val *key, size_t n)
{
	const unsigned char *p = key->mv_data;
	uint64_t v = 0;

	for (; n < key->mv_size; n++)
		v = v << 8 | p[n];
	return v;
}

/* The place of the id k in a run of ids that follow by number: 1, 0 it is not one of them, -1 the run is damaged. */
static int place_in(const struct index_key *k, const MDB_val *key, const MDB_val *v, uint64_t *place)
{
	struct places_reader u = { .p = v->mv_data, .end = (const unsigned char *)v->mv_data + v->mv_size };
	uint32_t first, here;
	size_t same = k->n - sizeof first;
	int more = 1;

	if (key->mv_size != k->n || memcmp(key->mv_data, k->b, same) != 0)
		return 0;
	memcpy(&first, (const char *)key->mv_data + same, sizeof first);
	memcpy(&here, k->b + same, sizeof here);
	here = be32toh(here) - be32toh(first);
	if (v->mv_size == 0)
		return -1;
	if (here >= *u.p++)
		return 0;
	for (uint32_t i = 0; i <= here && more > 0; i++)
		more = places_next(&u);
	*place = u.place;
	return more > 0 ? 1 : -1;
}

/* An id of this office: in the run that begins with it or before it. */
static int get_run(struct index *x, const struct index_key *k, struct ledger_at *at)
{
	MDB_val key = index_val(k), v;
	uint64_t place = 0;
	int found = go(x, &key, &v, MDB_SET_RANGE);

	if (found == 0 || (found > 0 && (key.mv_size != k->n || !begins(&key, k))))
		found = go(x, &key, &v, found > 0 ? MDB_PREV : MDB_LAST);
	if (found > 0)
		found = place_in(k, &key, &v, &place);
	*at = index_unpack(place);
	return found;
}

int index_find_id(struct index *x, const struct table *t, struct span id, struct ledger_at *at)
{
	struct index_key k;

	index_key(&k, INDEX_ID, t);
	index_key_id(&k, x->r->office, id);
	return k.packed ? get_run(x, &k, at) : get(x, &k, at);
}

/* Everything whose key begins with k: fn gets the rest of the key as a number, and the value.  -1: the index cannot tell. */
static int each(struct index *x, const struct index_key *k, int (*fn)(void *arg, uint64_t rest, const MDB_val *v), void *arg)
{
	MDB_val key = index_val(k), v;
	MDB_cursor *cursor;
	int result = 0, more;

	if (index_answer(mdb_cursor_open(x->txn, x->env->dbi, &cursor)) < 0)
		return -1;
	for (more = index_answer(mdb_cursor_get(cursor, &key, &v, MDB_SET_RANGE)); more > 0 && result == 0 && begins(&key, k);
	    more = index_answer(mdb_cursor_get(cursor, &key, &v, MDB_NEXT)))
		result = fn(arg, behind(&key, k->n), &v);
	mdb_cursor_close(cursor);
	return more < 0 ? -1 : result;
}

struct each_hazard {
	index_fn *fn;
	void *arg;
	uint32_t rest;		/* of the hazard, in its block */
};

/* Rows of a block of hazards: the first place is in the key. */
static int one_block(void *arg, uint64_t first, const MDB_val *v)
{
	struct places_reader u = { .p = v->mv_data, .end = (const unsigned char *)v->mv_data + v->mv_size, .width = 1, .place = first };
	struct each_hazard *h = arg;
	int result = 0, more;

	while (result == 0 && (more = places_next(&u)) != 0)
		result = more < 0 ? -1 : u.rest == h->rest ? h->fn(h->arg, index_unpack(u.place)) : 0;
	return result;
}

/* A row of a hazard of another office: the place is in the key. */
static int one_odd(void *arg, uint64_t place, const MDB_val *v)
{
	struct each_hazard *h = arg;

	(void)v;
	return h->fn(h->arg, index_unpack(place));
}

int index_each_hazard(struct index *x, const struct table *t, struct span hazard, index_fn *fn, void *arg)
{
	struct each_hazard h = { fn, arg, 0 };
	struct schema_id id;
	struct index_key k;

	if (schema_id_parse(hazard, &id) && id.letter == 'H' && span_is(id.office, x->r->office)) {
		index_key_block(&k, t, (uint64_t)id.year, id.number);
		h.rest = id.number & ((1u << INDEX_BLOCK) - 1);
		return each(x, &k, one_block, &h);
	}
	index_key_odd(&k, INDEX_HAZARD, t, hazard);
	return each(x, &k, one_odd, &h);
}

/* The places of a print in all its buckets. */
struct prints {
	uint64_t *place;
	size_t n, cap;
};

/* Those in one value of a bucket. */
static int one_bucket(struct prints *p, uint32_t rest, uint64_t first, const MDB_val *v)
{
	struct places_reader u = { .p = v->mv_data, .end = (const unsigned char *)v->mv_data + v->mv_size, .width = 4, .place = first };
	int more;

	while ((more = places_next(&u)) > 0)
		if (u.rest == rest) {
			MEM_GROW(p->place, p->cap, p->n + 1);
			p->place[p->n++] = u.place;
		}
	return more;
}

/* By how many bits are the buckets told that there are?  0, -1 the index cannot tell. */
static int find_levels(struct index *x, char kind, struct index_levels *l)
{
	struct index_key k;
	MDB_val key, v;
	int more;

	for (unsigned bits = 0; !l->known; bits++) {
		index_key(&k, kind, NULL);
		index_key_number(&k, bits, 1);
		key = index_val(&k);
		more = go(x, &key, &v, MDB_SET_RANGE);
		if (more < 0)
			return -1;
		if (more == 0 || key.mv_size < 2 || ((unsigned char *)key.mv_data)[0] != k.b[0]) {
			l->known = true;
			break;
		}
		bits = ((unsigned char *)key.mv_data)[1];
		if (l->n == INDEX_LEVELS || bits > INDEX_PRINT - 32)
			return -1;
		l->bits[l->n++] = (uint8_t)bits;
	}
	return 0;
}

/* Those in a bucket.  0, -1 the index cannot tell. */
static int each_bucket(struct index *x, char kind, unsigned bits, uint64_t print, struct prints *p)
{
	struct index_key k;
	MDB_val key, v;
	int more;

	index_key_bucket(&k, kind, bits, print);
	key = index_val(&k);
	for (more = go(x, &key, &v, MDB_SET_RANGE); more > 0 && begins(&key, &k); more = go(x, &key, &v, MDB_NEXT))
		if (one_bucket(p, index_print_rest(bits, print), behind(&key, k.n), &v) < 0)
			return -1;
	return more < 0 ? -1 : 0;
}

/* Does the row at a place really have this ref, or this fingerprint?  -1: the index is not to be believed. */
static int is_meant(struct index *x, char kind, struct span key, struct ledger_at at)
{
	const struct table *t = schema_table(SPAN("hazards"));
	struct span f[SCAN_WANT_MAX], day;
	struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	char print[16];
	int result = ledger_read(x->r, &x->at, "hazards", at, &text, f, &ignored);

	if (result == 0 && kind == INDEX_REF) {
		result = span_eq(f[schema_column(t, SPAN("ref"))], key);
	} else if (result == 0) {
		day = f[schema_column(t, SPAN("reported_at"))];
		day.n = day.n < INDEX_DAY ? day.n : INDEX_DAY;
		index_fingerprint(f[schema_column(t, SPAN("grid"))], f[schema_column(t, SPAN("subject"))], day,
		    f[schema_column(t, SPAN("description"))], print);
		result = span_eq((struct span){ print, sizeof print }, key);
	}
	buf_clear(&text);
	return result;
}

static int by_place(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The first row with a ref, or the last one with a fingerprint. */
static int get_print(struct index *x, char kind, struct span key, struct ledger_at *at)
{
	struct index_levels *l = kind == INDEX_REF ? &x->ref : &x->like;
	struct prints p = { .place = NULL };
	uint64_t print;
	int found;

	if (kind == INDEX_REF) {
		print = index_print_ref(key);
	} else {
		memcpy(&print, key.p, sizeof print);
		print >>= 64 - INDEX_PRINT;
	}
	found = find_levels(x, kind, l);
	for (unsigned i = 0; i < l->n && found == 0; i++)
		found = each_bucket(x, kind, l->bits[i], print, &p);
	if (p.n > 1)
		qsort(p.place, p.n, sizeof *p.place, by_place);
	for (size_t i = 0; i < p.n && found == 0; i++) {
		*at = index_unpack(p.place[kind == INDEX_REF ? i : p.n - 1 - i]);
		found = is_meant(x, kind, key, *at);
	}
	free(p.place);
	return found;
}

int index_get(struct index *x, char kind, struct span key, struct ledger_at *at)
{
	struct index_key k;

	if (kind == INDEX_REF || kind == INDEX_LIKE)
		return get_print(x, kind, key, at);
	index_key(&k, kind, NULL);
	index_key_text(&k, key);
	return get(x, &k, at);
}

bool index_has_master(struct index *x, const struct table *t, const char *digest)
{
	const char *have = moment_version(&x->at, t->name);

	return have != NULL && strcmp(have, digest) == 0;
}

struct each_master {
	index_master_fn *fn;
	void *arg;
};

/* The line is in the key, the offset is the value. */
static int one_master(void *arg, uint64_t rest, const MDB_val *v)
{
	struct each_master *h = arg;

	return h->fn(h->arg, (off_t)val_u64(v), (size_t)rest);
}

int index_each_master(struct index *x, const struct table *t, int col, struct span value, index_master_fn *fn, void *arg)
{
	struct each_master h = { fn, arg };
	struct index_key k;

	index_key(&k, INDEX_MASTER, t);
	index_key_number(&k, (uint64_t)col, 1);
	index_key_text(&k, value);
	return each(x, &k, one_master, &h);
}
