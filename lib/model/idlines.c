/* SPDX-License-Identifier: MIT */
#include "model/idlines.h"

#include "register/schema.h"

bool idlines(struct span bytes)
{
	struct schema_id id;
	struct span first;
	size_t line = 0;

	return idlines_next(&bytes, &first, &line) && schema_id_parse(first, &id);
}

bool idlines_next(struct span *rest, struct span *id, size_t *line)
{
	struct span s;

	while (span_split(rest, '\n', &s)) {
		++*line;
		*id = span_trim((struct span){ s.p, s.n > 0 && s.p[s.n - 1] == '\r' ? s.n - 1 : s.n });
		if (id->n > 0)
			return true;
	}
	return false;
}
