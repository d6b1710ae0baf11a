/* SPDX-License-Identifier: MIT */
/*
 * One SQL statement through DuckDB's C library, which is loaded from a path, so that neither its headers nor the
 * start-up of another language are needed.  Ends without tearing the database down, as a fair rival would.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"usage: duckq LIBDUCKDB.SO                 its version\n"
	"       duckq LIBDUCKDB.SO THREADS SQL     the rows of a query, fields parted by commas\n";

/* As in DuckDB's C interface (duckdb.h); handles are opaque pointers. */
struct result {
	uint64_t counts[3];
	void *columns;
	char *error;
	void *data;
};
static struct {
	const char *(*version)(void);
	int (*create_config)(void **config);
	int (*set_config)(void *config, const char *name, const char *value);
	int (*open)(const char *path, void **db, void *config, char **error);
	int (*connect)(void *db, void **connection);
	int (*query)(void *connection, const char *sql, struct result *r);
	const char *(*result_error)(struct result *r);
	uint64_t (*row_count)(struct result *r);
	uint64_t (*column_count)(struct result *r);
	char *(*value)(struct result *r, uint64_t column, uint64_t row);
	void (*free)(void *p);
} duck;
static const struct { const char *name; void *to; } names[] = {
	{ "duckdb_library_version", &duck.version }, { "duckdb_create_config", &duck.create_config },
	{ "duckdb_set_config", &duck.set_config }, { "duckdb_open_ext", &duck.open }, { "duckdb_connect", &duck.connect },
	{ "duckdb_query", &duck.query }, { "duckdb_result_error", &duck.result_error },
	{ "duckdb_row_count", &duck.row_count }, { "duckdb_column_count", &duck.column_count },
	{ "duckdb_value_varchar", &duck.value }, { "duckdb_free", &duck.free },
};

/* Binds the functions of the library at path. */
static bool load(const char *path)
{
	void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; lib != NULL && i < sizeof names / sizeof *names; i++) {
		void *f = dlsym(lib, names[i].name);

		if (f == NULL)
			lib = NULL;
		else
			memcpy(names[i].to, &f, sizeof f);
	}
	if (lib == NULL)
		fprintf(stderr, "duckq: %s\n", dlerror());
	return lib != NULL;
}

static bool run(const char *threads, const char *sql, struct result *r)
{
	void *config = NULL, *db = NULL, *connection = NULL;
	char *error = NULL;

	if (duck.create_config(&config) != 0 || duck.set_config(config, "threads", threads) != 0 ||
	    duck.open(NULL, &db, config, &error) != 0 || duck.connect(db, &connection) != 0) {
		fprintf(stderr, "duckq: %s\n", error != NULL ? error : "cannot start");
		return false;
	}
	if (duck.query(connection, sql, r) != 0) {
		fprintf(stderr, "duckq: %s\n", duck.result_error(r));
		return false;
	}
	return true;
}

static void print(struct result *r)
{
	uint64_t rows = duck.row_count(r), columns = duck.column_count(r);

	for (uint64_t i = 0; i < rows; i++)
		for (uint64_t j = 0; j < columns; j++) {
			char *s = duck.value(r, j, i);

			printf("%s%c", s != NULL ? s : "", j + 1 < columns ? ',' : '\n');
			duck.free(s);
		}
}

int main(int argc, char **argv)
{
	struct result r = { .error = NULL };

	if (argc != 2 && argc != 4) {
		fputs(usage, stderr);
		return 2;
	}
	if (!load(argv[1]))
		return 4;
	if (argc == 2)
		puts(duck.version());
	else if (run(argv[2], argv[3], &r))
		print(&r);
	else
		return 4;
	_exit(fflush(stdout) == 0 ? 0 : 4);
}
