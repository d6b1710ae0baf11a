/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/value.h"

#define WORDS_MAX 24		/* words of a vocabulary that a message lists */

void values_words(struct buf *out, const struct vocab *w, struct span said)
{
	const char **names = mem_zalloc(w->n + 1, sizeof *names), *near;

	for (size_t i = 0; i < w->n; i++)
		names[i] = w->v[i].id;
	text_list(out, names, w->n, WORDS_MAX);
	near = text_nearest(said, names, w->n);
	if (near == NULL) {
		for (size_t i = 0; i < w->n; i++)
			names[i] = w->v[i].name;
		near = text_nearest(said, names, w->n);
	}
	if (near != NULL)
		buf_printf(out, "; did you mean %s?", near);
	free(names);
}
