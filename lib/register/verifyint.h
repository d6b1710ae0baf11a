/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_VERIFYINT_H
#define GL_REGISTER_VERIFYINT_H
#include "base/digest.h"
#include "base/mem.h"
#include "register/inside.h"
#include "register/verify.h"
/*
 * What the files of verify share: verify.c reads the journal, verifyfile.c the
 * ledgers, verifycopy.c versions and working copies.
 */
#define VERIFY_WINDOW (1u << 20)

struct verify_span {
	off_t offset, length;
	uint64_t rows, seq;
	size_t line;			/* of its first row in the file */
	bool adopted;
	unsigned char digest[32];
};

struct verify_file {
	char name[REG_FILE_MAX];
	const struct table *table;
	unsigned segment;
	struct verify_span *span;
	size_t n, cap;
	size_t lines;
	off_t end;			/* what the journal says */
};

struct verify_version {
	char name[REG_FILE_MAX], digest[65];
	uint64_t seq;
};

struct verify {
	struct reg *r;
	struct verify_sum *sum;
	struct err *e;
	struct verify_file *file;
	size_t nfiles, files_cap;
	struct names digests;		/* versions by digest, first seen */
	struct verify_version *version;
	size_t nversions, versions_cap;
	struct verify_finding *finding;
	size_t nfindings, findings_cap;
	char *window;			/* VERIFY_WINDOW bytes to read into */
	off_t torn;			/* bytes behind the last line of the journal */
	/* while the journal is walked */
	struct journal_span open[SPANS_MAX];
	size_t nopen;
	bool is_open;
	bool adrift;			/* the last line did not fit: whose turn it is must be learnt anew */
	uint64_t seq;			/* of the last begin or adopt */
	struct moment now;
	struct checkpoint since;
	bool has_since, since_found, since_told;
};

/* Note a finding; rows 0 when unknown. */
void verify_find(struct verify *v, uint64_t seq, const char *file, size_t first, size_t last, bool warning, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));
int verify_file(struct verify *v, const struct verify_file *f, struct err *e);
int verify_versions(struct verify *v, struct err *e);
int verify_copies(struct verify *v, struct err *e);
void verify_binary(const char hex[65], unsigned char out[32]);

#endif
