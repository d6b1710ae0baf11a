/* SPDX-License-Identifier: MIT */
/*
 * Runs a command and appends what it took to a file; or, as a floor for writers, does the bare syncs of a commit.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char usage[] =
	"usage: meas TSV TASK LABEL ROUND OUT COMMAND...   run with standard output to OUT; one line to TSV:\n"
	"                                                  task label round wall-ms cpu-ms peak-KiB status\n"
	"       meas syncs JOURNAL LEDGER...               what a commit cannot do without: a line to JOURNAL, to each\n"
	"                                                  LEDGER, to JOURNAL, each on disk before the next\n";

/* Milliseconds of some clock. */
static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* Appends a row and waits until it is on the disk. */
static int append(const char *file)
{
	char row[200];
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	memset(row, 'x', sizeof row);
	row[sizeof row - 1] = '\n';
	if (fd < 0 || write(fd, row, sizeof row) != (ssize_t)sizeof row || fdatasync(fd) != 0 || close(fd) != 0) {
		perror(file);
		return 4;
	}
	return 0;
}

/* The bare syncs of a commit that touches the n - 1 ledgers behind the journal. */
static int syncs(char **file, int n)
{
	int status = append(file[0]);

	for (int i = 1; i < n && status == 0; i++)
		status = append(file[i]);
	return status != 0 ? status : append(file[0]);
}

/* Runs argv with its standard output in a file; its wait status, or -1. */
static int run(const char *out, char **argv, double *wall, struct rusage *ru)
{
	posix_spawn_file_actions_t fa;
	double from;
	pid_t pid;
	int status, rc;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	from = now_ms();
	rc = posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	if (rc != 0) {
		fprintf(stderr, "meas: %s: %s\n", argv[0], strerror(rc));
		return -1;
	}
	while (wait4(pid, &status, 0, ru) < 0)
		if (errno != EINTR)
			return -1;
	*wall = now_ms() - from;
	return status;
}

int main(int argc, char **argv)
{
	struct rusage ru;
	double wall;
	int status;
	FILE *tsv;

	if (argc >= 4 && strcmp(argv[1], "syncs") == 0)
		return syncs(argv + 2, argc - 2);
	if (argc < 7) {
		fputs(usage, stderr);
		return 2;
	}
	status = run(argv[5], argv + 6, &wall, &ru);
	if (status < 0)
		return 4;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	tsv = fopen(argv[1], "a");
	if (tsv == NULL || fprintf(tsv, "%s\t%s\t%s\t%.3f\t%.3f\t%ld\t%d\n", argv[2], argv[3], argv[4], wall,
	    ms(ru.ru_utime) + ms(ru.ru_stime), ru.ru_maxrss, status) < 0 || fclose(tsv) != 0) {
		perror(argv[1]);
		return 4;
	}
	return status;
}
