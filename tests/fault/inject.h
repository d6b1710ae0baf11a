/* SPDX-License-Identifier: MIT */
#ifndef FAULT_INJECT_H
#define FAULT_INJECT_H
#include <stdbool.h>
#include <stdio.h>
/*
 * Run a program with a fault in one of its system calls.  The calls stop in a seccomp(2) filter and this process
 * answers for the kernel: no ptrace, no preloading, so it works on any build of a program and for root or not
 * (Linux 5.6 and later).  What the program does between two calls is its own.  Programs that it starts run without faults
 * and to their end, also when it is killed meanwhile.
 */
enum fault_kind {
	FAULT_NONE,
	FAULT_KILL,		/* kill -9 before the call */
	FAULT_TORN,		/* a write: half of it is done, then kill -9 */
	FAULT_ERROR,		/* the call fails with an errno and does nothing */
	FAULT_HALF,		/* a write: half of it is done and said so; the next of its kind fails, as on a disk that gets full */
	FAULT_LIE,		/* a write says that all was written and writes nothing */
	FAULT_SHORT,		/* reads and writes give less than was asked for, or EINTR, at random */
};

struct fault {
	enum fault_kind kind;
	int error;		/* errno */
	int call;		/* index of a call's name, see fault_call */
	int n;			/* its n-th call, counted from 1 */
	int step;		/* 0: once; 1: all from there on; 2: every second from there on */
	unsigned seed;		/* FAULT_SHORT */
};

struct outcome {
	int status;		/* exit status; 128 and the signal's number; 124 after 30 seconds */
	bool reached;		/* the call came */
	int faults;		/* how many were injected */
	int resynced;		/* syncs of a file after a sync of it had failed and it was not cut since */
};

/* "kill", "torn", "lie", "half-ENOSPC", "EIO", "EIO+", "EINTR/2" or "short" at the n-th call of this name (FAULT_SHORT: seed
 * n, the name does not matter); false when that is not a fault. */
bool fault_of(struct fault *f, const char *kind, const char *call, int n);

/* Run argv with standard output to answer (through a pipe when piped) and standard error to words.  With log, every call
 * goes there: name, its number among those of the name, number, what it does (look, lock, change), file, first bytes
 * of what is written.  -1 with errno when it cannot be run so. */
int fault_run(char **argv, const char *answer, bool piped, const char *words, const struct fault *f, FILE *log, struct outcome *o);

#endif
