/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_STREAM_H
#define GL_BASE_STREAM_H
/*
 * Standard output as every program has it: EINTR and short writes are not
 * seen (stdio's own stream gives up at the first), and a terminal is not
 * steered by data: what text_escape shows as an escape is shown so there, in
 * CSV too; pipes and files get each byte as it is.
 */
void stream_start(void);	/* before anything is printed; leaves stdio's own stream where it cannot be replaced */
int stream_flush(void);		/* everything printed, as fflush(stdout): 0 or EOF with errno */

#endif
