/* SPDX-License-Identifier: MIT */
#include "engine/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "yaml/tree.h"

/* A key that must say what it said. */
static void check_fixed(const char *file, const struct yaml_file *f, const char *key, const char *want, struct diag *d)
{
	const struct yaml_node *n = yaml_get(f->root, key);

	if (!n)
		diag_pos(d, file, 1, 1, "there is no %s; it is %s for life", key, want);
	else if (strcmp(yaml_text(n), want))
		diag_pos(d, file, n->line, n->col, "%s: \"%s\" is not %s, which it is for life", key,
		    yaml_text(n), want);
}

void settings_check(const struct reg *r, const char *file, struct span bytes, struct diag *d)
{
	static const char *const keys[] = { "format", "office", "name", "offset", "language", "shared" };
	struct yaml_file *f = yaml_parse(file, bytes, d);
	const struct yaml_node *name, *language;
	char offset[7], format[16];

	if (!f)
		return;
	for (size_t i = 0; f->root->kind == YAML_MAP && i < f->root->n; i++) {
		const struct yaml_node *k = f->root->key[i];
		size_t at = 0;

		while (at < 6 && !span_is(k->text, keys[at]))
			at++;
		if (at == 6)
			diag_pos(d, file, k->line, k->col,
			    "unknown key \"%s\"; allowed: format, office, name, offset, language, shared",
			    yaml_text(k));
	}
	time_offset_write(r->offset, offset);
	snprintf(format, sizeof format, "%d", r->format);
	check_fixed(file, f, "format", format, d);
	check_fixed(file, f, "office", r->office, d);
	check_fixed(file, f, "offset", offset, d);
	if ((yaml_get(f->root, "shared") != NULL) != (r->file_mode == 0660))
		diag_pos(d, file, 1, 1, "shared is settled by gridctl init and stays");
	name = yaml_get(f->root, "name");
	if (!name || !name->text.n || text_clean(name->text) != name->text.n)
		diag_pos(d, file, name ? name->line : 1, name ? name->col : 1, "name: a text on one line is needed");
	language = yaml_get(f->root, "language");
	if (!language || (strcmp(yaml_text(language), "zh") && strcmp(yaml_text(language), "en")))
		diag_pos(d, file, language ? language->line : 1, language ? language->col : 1,
		    "language: \"%s\" is not one of zh, en",
		    yaml_text(language));
	yaml_free(f);
}
