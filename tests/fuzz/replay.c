/* SPDX-License-Identifier: MIT */
/*
 * replay [TARGET…]: runs every file of corpus/ through its target, and seeded
 * changes of it (flipped bits, cuts, doubled and moved pieces, bytes that mean
 * something), without libFuzzer; TAP, one line a target.  Each target runs in
 * a process of its own, so one that falls does not hide the others; the input
 * it fell over is left as replay-TARGET.crash.
 * $FUZZ_CHANGES: changes of each file (200; 5000 with TEST_LONG=yes), up to
 * $FUZZ_SECONDS of processor time a target (2; 60).  $SEED repeats a run.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "fuzz.h"

#define INPUT_MAX 65536u
#define FILES_MAX 500

#define TARGETS(T) T(args) T(checkpoint) T(decode) T(filter) T(foreign) T(header) T(intake) T(journal) T(master) T(pattern) \
	T(policy) T(report) T(scan) T(settings) T(term) T(text) T(time) T(walk) T(yaml)
#define DECLARE(name) fuzz_fn fuzz_##name;
#define ENTRY(name) { #name, fuzz_##name },
TARGETS(DECLARE)
static const struct {
	const char *name;
	fuzz_fn *run;
} targets[] = { TARGETS(ENTRY) };
#define NTARGETS (sizeof targets / sizeof *targets)

/* What a child is at, seen by its parent. */
static struct progress {
	size_t files, runs, n;
	char file[256];
	uint8_t input[INPUT_MAX];
} *at;

static uint64_t state;

static uint32_t below(uint32_t n)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)(((z >> 32) * n) >> 32);
}

static size_t number(const char *name, size_t usual)
{
	const char *said = getenv(name);

	return said ? strtoul(said, NULL, 10) : usual;
}

/* The input as it stands, from an allocation of its size. */
static void run(fuzz_fn *fn)
{
	uint8_t *copy = malloc(at->n ? at->n : 1);

	memcpy(copy, at->input, at->n);
	at->runs++;
	fn(copy, at->n);
	free(copy);
}

/* Puts n bytes of p into the input at byte i, if there is room. */
static void insert(size_t i, const void *p, size_t n)
{
	char piece[64];

	if (n > sizeof piece || at->n + n > INPUT_MAX)
		return;
	memcpy(piece, p, n);
	memmove(at->input + i + n, at->input + i, at->n - i);
	memcpy(at->input + i, piece, n);
	at->n += n;
}

/* One change of the input. */
static void change(void)
{
	static const char special[] = "\",\n\r \t\0;:/-{}[]#'\\|=%&*!\x1a\xff\xef\xe3\x80";
	size_t n = at->n, i = n ? below((uint32_t)n) : 0, k = n ? 1 + below((uint32_t)(n - i < 40 ? n - i : 40)) : 0;

	switch (n ? below(7) : 0) {
	case 0:
		insert(i, &special[below(sizeof special - 1)], 1);
		break;
	case 1:
		at->input[i] = (uint8_t)(at->input[i] ^ 1u << below(8));
		break;
	case 2:
		at->n = i;
		break;
	case 3:
		insert(below((uint32_t)n + 1), at->input + i, k);
		break;
	case 4:
		memmove(at->input + i, at->input + i + k, n - i - k);
		at->n -= k;
		break;
	case 5:
		at->input[i] = (uint8_t)special[below(sizeof special - 1)];
		break;
	default:
		at->input[i] = (uint8_t)below(256);
	}
}

/* Reads corpus/NAME/FILE as the input. */
static void load(const char *dir, const char *file)
{
	char path[1024];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, file);
	snprintf(at->file, sizeof at->file, "%s", file);
	f = fopen(path, "r");
	FUZZ_CHECK(f != NULL, "%s cannot be read", path);
	at->n = fread(at->input, 1, INPUT_MAX, f);
	fclose(f);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the files in dir, sorted; theirs to free is the end of the process. */
static size_t list(const char *dir, char **name)
{
	DIR *d = opendir(dir);
	struct dirent *f;
	size_t n = 0;

	while (d && (f = readdir(d)) != NULL && n < FILES_MAX)
		if (f->d_name[0] != '.')
			name[n++] = strdup(f->d_name);
	if (d)
		closedir(d);
	qsort(name, n, sizeof *name, by_name);
	return n;
}

/* All of a target's corpus, as it is and changed. */
static void replay(const char *top, size_t t, uint64_t seed)
{
	bool is_long = getenv("TEST_LONG") && strcmp(getenv("TEST_LONG"), "yes") == 0;
	size_t changes = number("FUZZ_CHANGES", is_long ? 5000 : 200), seconds = number("FUZZ_SECONDS", is_long ? 60 : 2);
	clock_t end = clock() + (clock_t)seconds * CLOCKS_PER_SEC;
	static char *name[FILES_MAX];
	char dir[900];
	size_t n;

	snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s", top, targets[t].name);
	n = list(dir, name);
	for (size_t i = 0; i < n; i++) {
		load(dir, name[i]);
		run(targets[t].run);
		at->files++;
	}
	state = seed;
	for (size_t k = 0; k < changes && clock() < end; k++)
		for (size_t i = 0; i < n; i++) {
			load(dir, name[i]);
			for (uint32_t more = 1 + below(4); more; more--)
				change();
			run(targets[t].run);
		}
	for (size_t i = 0; i < n; i++)
		free(name[i]);
}

/* The child's end, in TAP. */
static bool report(size_t t, size_t number, int status)
{
	bool good = status == 0 && at->files > 0;
	char path[64];
	FILE *f;

	printf("%sok %zu - %s: %zu files, %zu runs\n", good ? "" : "not ", number, targets[t].name, at->files, at->runs);
	if (status) {
		snprintf(path, sizeof path, "replay-%s.crash", targets[t].name);
		printf("# status %d at %s, changed; the input is left in %s\n", status, at->file, path);
		f = fopen(path, "w");
		if (f) {
			fwrite(at->input, 1, at->n, f);
			fclose(f);
		}
	} else if (!good) {
		printf("# no corpus\n");
	}
	fflush(stdout);
	return good;
}

static bool is_asked(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	const char *top = getenv("abs_top_srcdir");
	uint64_t seed = number("SEED", 1);
	size_t n = 0, bad = 0;

	at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	FUZZ_CHECK(at != MAP_FAILED, "memory");
	printf("# SEED=%llu\n", (unsigned long long)seed);
	for (size_t t = 0; t < NTARGETS; t++) {
		int status = 0;
		pid_t child;

		if (!is_asked(argc, argv, targets[t].name))
			continue;
		at->files = at->runs = 0;
		fflush(stdout);
		child = fork();
		if (child == 0) {
			replay(top ? top : ".", t, seed);
			exit(0);
		}
		FUZZ_CHECK(child > 0 && waitpid(child, &status, 0) == child, "no child");
		bad += !report(t, ++n, status);
	}
	printf("1..%zu\n", n);
	return bad || n == 0;
}
