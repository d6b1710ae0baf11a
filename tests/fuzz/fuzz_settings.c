/* SPDX-License-Identifier: MIT */
/* register.yaml: as a register is opened with it, and as gridctl put takes a new one. */
#include <stdlib.h>
#include "base/io.h"
#include "base/time.h"
#include "engine/settings.h"
#include "fuzz.h"
#include "register/inside.h"

fuzz_fn FUZZ_TARGET(settings);

int FUZZ_TARGET(settings)(const uint8_t *p, size_t n)
{
	struct fuzz_in in = { { (const char *)p, n } };
	struct span s = fuzz_rest(&in);
	struct reg fixed = { .format = 1, .office = "T01", .offset = 28800, .file_mode = 0666 };
	struct err e = ERR_INIT;
	struct fuzz_said said;
	struct reg *r;
	size_t errors;

	fuzz_file("d", SPAN(""));
	fuzz_file(REGISTER_FILE, s);
	r = reg_open("d", &e);
	if (r) {
		FUZZ_CHECK(r->format == 1 && schema_office_ok(span_of(r->office)) && r->name && r->language, "%s", r->office);
		FUZZ_CHECK(r->offset % 60 == 0 && abs(r->offset) <= 14 * 3600, "%d", r->offset);
	} else {
		fuzz_error(&e);
	}
	fuzz_listen(&said, 20);
	settings_check(&fixed, "f", s, &said.d);
	errors = said.d.errors;
	fuzz_heard(&said, "f", s);
	/* what put takes opens */
	FUZZ_CHECK(errors > 0 || (r && strcmp(r->office, "T01") == 0 && r->offset == 28800), "%s", e.text);
	reg_close(r);
	fuzz_files_end();
	fuzz_free(s);
	return 0;
}
