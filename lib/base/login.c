/* SPDX-License-Identifier: MIT */
#include "base/login.h"

#include <fcntl.h>
#include <pwd.h>

#include "base/io.h"

#define PASSWD_MAX 65536	/* a longer one is left to the name services */

/* The name in /etc/passwd. */
static bool in_passwd(uid_t uid, struct buf *out)
{
	struct err ignored = ERR_INIT;
	struct buf text = BUF_INIT;
	struct span rest, line, f[4];
	bool found = false;

	if (io_slurp(AT_FDCWD, "/etc/passwd", PASSWD_MAX, &text, &ignored) < 0)
		buf_reset(&text);
	for (rest = buf_view(&text); !found && span_split(&rest, '\n', &line);) {
		uint64_t id;
		size_t n = 0;

		while (n < 4 && span_split(&line, ':', &f[n]))
			n++;
		found = n == 4 && f[0].n > 0 && span_u64(f[2], UINT32_MAX, &id) && id == uid;
	}
	if (found)
		buf_span(out, f[0]);
	buf_clear(&text);
	return found;
}

bool login_name(uid_t uid, struct buf *out)
{
	char store[4096];
	struct passwd pw, *found = NULL;

	if (in_passwd(uid, out))
		return true;
	if (getpwuid_r(uid, &pw, store, sizeof store, &found) != 0 || found == NULL || pw.pw_name[0] == '\0')
		return false;
	buf_puts(out, pw.pw_name);
	return true;
}
