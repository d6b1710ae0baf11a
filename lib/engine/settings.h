/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_SETTINGS_H
#define GL_ENGINE_SETTINGS_H
#include "base/diag.h"
#include "register/register.h"
/*
 * A new register.yaml (gridctl put register): the office's name and the
 * language of papers may change; format, office, offset and shared are for
 * life.  Complaints to d as file:line:column.
 */
void settings_check(const struct reg *r, const char *file, struct span bytes, struct diag *d);

#endif
