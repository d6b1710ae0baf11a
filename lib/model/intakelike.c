/* SPDX-License-Identifier: MIT */
#include "model/intakeint.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"

size_t intake_like(struct intake_state *s, uint64_t print, size_t line)
{
	size_t i;

	if (s->nlikes * 2 >= s->likes) {
		struct intake_like *old = s->like;
		size_t n = s->likes;

		s->likes = n > 0 ? 2 * n : 1024;
		s->like = mem_zalloc(s->likes, sizeof *s->like);
		for (size_t k = 0; k < n; k++) {
			for (i = old[k].print & (s->likes - 1); s->like[i].line != 0; i = (i + 1) & (s->likes - 1))
				;
			if (old[k].line != 0)
				s->like[i] = old[k];
		}
		free(old);
	}
	for (i = print & (s->likes - 1); s->like[i].line != 0; i = (i + 1) & (s->likes - 1))
		if (s->like[i].print == print)
			return s->like[i].line;
	s->like[i] = (struct intake_like){ print, line > 0 ? line : 1 };
	s->nlikes++;
	return line;
}

uint64_t intake_print(const struct intake_state *s, const struct span *v)
{
	struct span day = { v[s->col.reported].p, DATE_LEN };

	return mem_hash(v[s->col.description], mem_hash(day, mem_hash(v[s->col.subject], mem_hash(v[s->col.grid], 1))));
}

void intake_soon(const struct intake_state *s, const struct intake_made *made)
{
	if (!made->whole)
		return;
	__builtin_prefetch(made->tail.p);
	names_soon(&s->refs, made->ref_tag);
	if (s->likes > 0)
		__builtin_prefetch(&s->like[made->print & (s->likes - 1)], 1);
}
