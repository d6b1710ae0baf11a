/* SPDX-License-Identifier: MIT */
#include "register/indexenv.h"

#include "base/digest.h"
#include "base/mem.h"

#define TEXT_MAX 400		/* a longer value goes by its digest */
#define BUCKET_BYTES 8192u	/* of hazards in a bucket, at most, on the average */

void index_key(struct index_key *k, char kind, const struct table *t)
{
	size_t n;

	k->b[0] = (unsigned char)kind;
	k->n = 1;
	k->packed = false;
	if (t != NULL)
		k->b[k->n++] = (unsigned char)(t - schema_tables(&n));
}

void index_key_number(struct index_key *k, uint64_t v, int bytes)
{
	while (bytes-- > 0)
		k->b[k->n++] = (unsigned char)(v >> (8 * bytes));
}

void index_key_text(struct index_key *k, struct span text)
{
	char digest[DIGEST_HEX + 1];

	/* the length first, so that no value is the beginning of another */
	index_key_number(k, text.n > TEXT_MAX ? 0xffff : text.n, 2);
	if (text.n > TEXT_MAX) {
		digest_of(text, digest);
		text = (struct span){ digest, DIGEST_HEX };
	}
	if (text.n > 0)
		memcpy(k->b + k->n, text.p, text.n);
	k->n += text.n;
}

void index_key_id(struct index_key *k, const char *office, struct span id)
{
	struct schema_id x;

	k->packed = schema_id_parse(id, &x) && span_is(x.office, office);
	index_key_number(k, k->packed, 1);
	if (!k->packed) {
		index_key_text(k, id);
		return;
	}
	index_key_number(k, (unsigned char)x.letter, 1);
	index_key_number(k, (uint64_t)x.year, 2);
	index_key_number(k, x.number, 4);
}

uint64_t index_pack(struct ledger_at at)
{
	return (uint64_t)at.segment << 48 | (uint64_t)at.at;
}

struct ledger_at index_unpack(uint64_t v)
{
	return (struct ledger_at){ (unsigned)(v >> 48), (off_t)(v & 0xffffffffffff) };
}

void index_key_odd(struct index_key *k, char kind, const struct table *t, struct span id)
{
	index_key(k, kind, t);
	index_key_number(k, 0, 1);
	index_key_text(k, id);
}

void index_key_block(struct index_key *k, const struct table *t, uint64_t year, uint64_t number)
{
	index_key(k, INDEX_HAZARD, t);
	index_key_number(k, 1, 1);
	index_key_number(k, year, 2);
	index_key_number(k, number >> INDEX_BLOCK, 4);
}

void index_key_bucket(struct index_key *k, char kind, unsigned bits, uint64_t print)
{
	index_key(k, kind, NULL);
	index_key_number(k, bits, 1);
	index_key_number(k, print >> (INDEX_PRINT - bits), 3);
}

unsigned index_bits(uint64_t bytes)
{
	unsigned bits = 6;

	/* in steps, so that a register that grows leaves few kinds of buckets behind */
	while (bits < 22 && bytes >> bits > BUCKET_BYTES)
		bits += 4;
	return bits;
}

/* One hash of what makes two hazards alike. */
static uint64_t hash_like(const struct span part[4], uint64_t seed)
{
	for (size_t i = 0; i < 4; i++)
		seed = mem_hash(part[i], seed);
	return seed;
}

void index_fingerprint(struct span grid, struct span subject, struct span day, struct span description, char out[16])
{
	const struct span part[] = { grid, subject, day, description };
	/* it leads to a warning at most, so two plain hashes will do */
	uint64_t print[2] = { hash_like(part, 1), hash_like(part, 2) };

	memcpy(out, print, sizeof print);
}

uint64_t index_print_like(struct span grid, struct span subject, struct span day, struct span description)
{
	const struct span part[] = { grid, subject, day, description };

	return hash_like(part, 1) >> (64 - INDEX_PRINT);
}

uint64_t index_print_ref(struct span ref)
{
	return mem_hash(ref, INDEX_REF) >> (64 - INDEX_PRINT);
}
