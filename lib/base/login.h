/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_LOGIN_H
#define GL_BASE_LOGIN_H
#include <stdbool.h>
#include <sys/types.h>
#include "base/buf.h"
/*
 * The name of a user of this system, put behind what is in out; false: it has none.  /etc/passwd is read first: nearly
 * all are there, and the name services cost six times as much.
 */
bool login_name(uid_t uid, struct buf *out);

#endif
