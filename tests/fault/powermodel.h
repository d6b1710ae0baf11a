/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_POWERMODEL_H
#define GL_TESTS_POWERMODEL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/buf.h"
/*
 * What a disk may hold after a power cut.  model_record puts a recorder under lib/base/io: every call that changes a
 * file or a directory below a root goes into a log, beside being made.  model_cut then builds one of the states that the
 * disk may hold when the power goes after any number of those calls:
 *  - what was synced is there; a file that was not synced has its old bytes, all new ones, any prefix, zeros, any subset
 *    of the new 512-byte sectors, or garbage in them, with any size on the way;
 *  - a name that was made, renamed or removed is as it was at the last sync of its directory, or at any time since;
 *    a sync of a file does not make its name durable;
 *  - what a failed sync left unsynced is never made durable by a later one, unless it is written or cut again.
 * Bytes that were durable and not written over stay ("powersafe overwrite", reliability.md 4.3).
 */
enum op_kind { OP_MAKE, OP_REMOVE, OP_RENAME, OP_WRITE, OP_CUT, OP_SYNC, OP_SYNC_FAILED, OP_ACK };
struct op {
	enum op_kind kind;
	int node;		/* of the file; of the directory for names and their syncs; OP_ACK: number of the commit */
	int child;		/* OP_MAKE */
	char name[96], to[96];	/* in the directory */
	off_t at;
	char *bytes;
	size_t n;
};
#define MODEL_OPS 4000
#define MODEL_NODES 600
struct node {
	bool is_dir;
	char path[160];		/* as first seen, below the parent of the root */
	int parent;
	char name[96];
	struct buf base;	/* durable bytes at the start */
};
struct model {
	struct op op[MODEL_OPS];
	int nops;
	struct node node[MODEL_NODES];	/* 0 is the directory that the root lies in, 1 the root */
	int nnodes, nbase;		/* there at the start */
	int die, fail;			/* the number of the change before which the process dies, or that fails; 0 none */
	int changes;			/* tried so far */
	bool dead, failed;
};
/* Start: what stands below root (or nothing) is durable. */
struct model *model_new(const char *root);
void model_free(struct model *m);
void model_record(struct model *m);	/* the recorder takes the place of the kernel */
void model_stop(void);
void model_ack(struct model *m, int number);	/* acknowledged; not by a dead process */
/* The bytes of a file as the running kernel had them after n ops; false when it had none of that name. */
bool model_file(const struct model *m, int n, const char *path, struct buf *out);
int model_node(const struct model *m, int n, const char *path);	/* as "hazards.csv", below the root; -1 none */
void model_bytes(const struct model *m, int n, int node, struct buf *out);

#define MODEL_NONE (-1)
/* The node of a name in a directory after n ops, or MODEL_NONE. */
int model_lookup(const struct model *m, int n, int dir, const char *name);
/* A file's bytes: some at a place, with zeros before it where there are none yet; another size. */
void model_put_at(struct buf *out, off_t at, const char *p, size_t n);
void model_set_size(struct buf *out, size_t size);
_Noreturn void model_die(const char *what);		/* the model itself cannot go on */

#define MODEL_SECTOR 512u
/* One state: the power goes after n ops, the syncs of skip do not count. */
struct cut {
	int n;
	const bool *skip;	/* per op, or NULL */
	uint64_t *seed;
	bool text;		/* garbage may be text */
	bool has_text;		/* out: some is */
};
uint64_t model_random(uint64_t *seed, uint64_t below);
/* Lay the state out under the directory `to`, where the root is `to`/reg. */
void model_cut(const struct model *m, struct cut *c, const char *to);

#endif
