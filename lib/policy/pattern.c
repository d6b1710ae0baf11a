/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/pattern.h"
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include "base/mem.h"

#define MAX_PATTERN 1000
#define MAX_SUBJECT 4096
#define MATCH_LIMIT 10000	/* per start position */
#define HEAP_LIMIT (8 * 1024)	/* KiB */
#define DEADLINE_NS (50 * 1000000)
#define CLOCK_EVERY 32		/* callouts between looks at the clock */

struct pattern {
	struct span text;	/* until it is compiled */
	pcre2_code *code;	/* NULL: not yet */
	pcre2_match_data *data;
	pcre2_match_context *context;
	int64_t deadline;	/* monotonic ns; set at the first look of a match */
	uint32_t callouts;
};

/* Nanoseconds of a clock that only goes on: a budget, not a date. */
static int64_t ticks(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Called by PCRE2 between the items of a pattern: ends a match that takes too long. */
static int on_callout(pcre2_callout_block *block, void *arg)
{
	struct pattern *p = arg;
	(void)block;
	if (++p->callouts % CLOCK_EVERY != 0)
		return 0;
	int64_t now = ticks();
	if (p->deadline == 0)
		p->deadline = now + DEADLINE_NS;
	return now > p->deadline ? PCRE2_ERROR_CALLOUT : 0;
}

/* The 1-based character of a byte offset. */
static size_t char_of(struct span s, size_t at)
{
	size_t n = 1;
	for (size_t i = 0; i < at && i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

/* Compile a pattern's text: 0, or -1 with e. */
static int compile(struct pattern *p, struct err *e)
{
	struct span text = p->text;
	int code;
	PCRE2_SIZE at;
	PCRE2_UCHAR why[128];
	if (text.n == 0)
		return err_set(e, ERR_DATA, "the pattern is empty");
	if (text.n > MAX_PATTERN)
		return err_set(e, ERR_DATA, "the pattern is %zu bytes long; at most %d are allowed", text.n, MAX_PATTERN);
	p->code = pcre2_compile((PCRE2_SPTR)text.p, text.n,
				PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY | PCRE2_AUTO_CALLOUT,
				&code, &at, NULL);
	if (!p->code) {
		if (code == PCRE2_ERROR_HEAP_FAILED)
			mem_exhausted();
		pcre2_get_error_message(code, why, sizeof why);
		return err_set(e, ERR_DATA, "bad pattern: %s at character %zu", (char *)why, char_of(text, at));
	}
	p->data = pcre2_match_data_create(1, NULL);
	p->context = pcre2_match_context_create(NULL);
	if (!p->data || !p->context)
		mem_exhausted();
	pcre2_set_match_limit(p->context, MATCH_LIMIT);
	pcre2_set_heap_limit(p->context, HEAP_LIMIT);
	pcre2_set_callout(p->context, on_callout, p);
	return 0;
}

struct pattern *pattern_later(struct span text)
{
	struct pattern *p = mem_zalloc(1, sizeof *p);
	p->text = text;
	return p;
}

struct pattern *pattern_new(struct span text, struct err *e)
{
	struct pattern *p = pattern_later(text);
	if (compile(p, e) == 0)
		return p;
	pattern_free(p);
	return NULL;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pcre2_match_context_free(p->context);
	pcre2_match_data_free(p->data);
	pcre2_code_free(p->code);
	free(p);
}

int pattern_match(struct pattern *p, struct span subject, struct err *e)
{
	PCRE2_UCHAR why[128];
	if (subject.n > MAX_SUBJECT)
		return err_set(e, ERR_DATA, "the text is %zu bytes long; a pattern is tried on at most %d",
			       subject.n, MAX_SUBJECT);
	if (!p->code && compile(p, e) < 0)
		return -1;
	p->deadline = 0;
	p->callouts = 0;
	int rc = pcre2_match(p->code, (PCRE2_SPTR)(subject.p ? subject.p : ""), subject.n, 0, 0, p->data,
			     p->context);
	if (rc >= 0)
		return 1;
	switch (rc) {
	case PCRE2_ERROR_NOMATCH:
		return 0;
	case PCRE2_ERROR_NOMEMORY:
		mem_exhausted();
	case PCRE2_ERROR_CALLOUT:
		return err_set(e, ERR_DATA, "the pattern takes more than 50 ms on one text; make it simpler");
	case PCRE2_ERROR_MATCHLIMIT:
	case PCRE2_ERROR_DEPTHLIMIT:
	case PCRE2_ERROR_HEAPLIMIT:
		return err_set(e, ERR_DATA, "the pattern needs too many tries on one text; make it simpler");
	default:
		pcre2_get_error_message(rc, why, sizeof why);
		return err_set(e, ERR_DATA, "the pattern cannot be tried: %s", (char *)why);
	}
}

bool pattern_slashes(struct span s, struct span *inside)
{
	if (s.n < 2 || s.p[0] != '/' || s.p[s.n - 1] != '/')
		return false;
	*inside = (struct span){ s.p + 1, s.n - 2 };
	return true;
}
