/* SPDX-License-Identifier: MIT */
#include "yaml/flat.h"
#include "base/text.h"

#define MAX_LINE 1024
#define MAX_KEYS 16

/* Is it text in which no line ends for libyaml either (U+0085, U+2028), and no mark of byte order stands? */
static bool is_simple(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] == 0xC2 || (unsigned char)s.p[i] == 0xE2 || (unsigned char)s.p[i] == 0xEF)
			return false;
	return s.n <= MAX_LINE && text_clean(s) == s.n;
}

/* How many bytes at the begin are letters, or with digits also those. */
static size_t word_length(struct span s, bool digits)
{
	size_t n = 0;
	while (n < s.n && ((s.p[n] >= 'a' && s.p[n] <= 'z') ||
			   (digits && ((s.p[n] >= 'A' && s.p[n] <= 'Z') || (s.p[n] >= '0' && s.p[n] <= '9')))))
		n++;
	return n;
}

/* The key and the value of a line, without quotes. */
static bool split_line(struct span line, struct span *key, struct span *value, bool *plain)
{
	*key = (struct span){ line.p, word_length(line, false) };
	if (key->n == 0 || line.n < key->n + 3 || line.p[key->n] != ':' || line.p[key->n + 1] != ' ')
		return false;
	*value = (struct span){ line.p + key->n + 2, line.n - key->n - 2 };
	*plain = value->p[0] != '"';
	if (*plain)
		return word_length(*value, true) == value->n;
	if (value->n < 2 || value->p[value->n - 1] != '"')
		return false;
	*value = (struct span){ value->p + 1, value->n - 2 };
	return value->n == 0 || (memchr(value->p, '"', value->n) == NULL && memchr(value->p, '\\', value->n) == NULL);
}

/* A scalar of the tree. */
static struct yaml_node *scalar(struct yaml_file *f, struct span text, bool plain, size_t line, size_t col)
{
	struct yaml_node *n = arena_alloc(&f->mem, sizeof *n);
	*n = (struct yaml_node){ .kind = YAML_SCALAR, .plain = plain, .line = line, .col = col,
				 .text = { arena_spandup(&f->mem, text), text.n } };
	return n;
}

/* All lines into a map. */
static bool read_lines(struct yaml_file *f, struct yaml_node *map, struct span rest)
{
	struct span line, key, value;
	bool plain;
	for (size_t number = 1; span_split(&rest, '\n', &line); number++) {
		if (!is_simple(line))
			return false;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (map->n == MAX_KEYS || !split_line(line, &key, &value, &plain) || yaml_get_span(map, key) != NULL)
			return false;
		map->key[map->n] = scalar(f, key, true, number, 1);
		map->item[map->n++] = scalar(f, value, plain, number, key.n + 3);
	}
	return map->n > 0;
}

bool yaml_flat(struct yaml_file *f, struct span bytes)
{
	struct yaml_node *map = arena_alloc(&f->mem, sizeof *map);
	*map = (struct yaml_node){ .kind = YAML_MAP, .col = 1 };
	map->item = arena_alloc(&f->mem, 2 * MAX_KEYS * sizeof(*map->item));
	map->key = map->item + MAX_KEYS;
	if (!read_lines(f, map, bytes)) {
		arena_clear(&f->mem);
		return false;
	}
	map->line = map->key[0]->line;
	f->root = map;
	return true;
}
