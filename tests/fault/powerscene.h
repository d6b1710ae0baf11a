/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_POWERSCENE_H
#define GL_TESTS_POWERSCENE_H
#include "powerjudge.h"
/*
 * What is recorded before the power goes: commits, a recovery, an adoption, a new register, and each of them by writers
 * that are killed or whose calls fail.
 */
#define SCENES 400
#define SCENE_MAINS 4		/* the first ones, where no call fails */
extern struct scenario scene[SCENES];
extern int nscenes;

/* Records all of them, in a new directory under $TMPDIR (or /dev/shm, /tmp): its name. */
const char *scenes_record(void);
void scenes_end(void);		/* removes it */
/* An empty directory of that name in it. */
void scene_place(const char *name, char out[400]);
/* Ends the test: what it stands on is not there; e may be NULL. */
_Noreturn void scene_fatal(const char *what, const struct err *e);

#endif
