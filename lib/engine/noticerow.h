/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICEROW_H
#define GL_ENGINE_NOTICEROW_H
#include "register/schema.h"
/* Rows of papers under construction, for notice.c and noticerecord.c only: values by column name. */
#define NOTICE_ROW_MAX 40	/* more columns than any ledger has */

struct notice_row {
	const struct table *t;
	struct span f[NOTICE_ROW_MAX];
};

static inline void notice_row_set(struct notice_row *r, const char *column, struct span value)
{
	r->f[schema_column(r->t, span_of(column))] = value;
}

#endif
