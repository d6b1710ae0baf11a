/* SPDX-License-Identifier: MIT */
#include "model/figures.h"

#include <stdbool.h>

#define DECIMALS_MAX 9

void figures_add(struct figures *to, const struct figures *f)
{
	to->found += f->found;
	to->rectified += f->rectified;
	to->closed += f->closed;
	to->open += f->open;
	to->overdue += f->overdue;
	to->major += f->major;
	to->followed += f->followed;
	to->terminated += f->terminated;
	to->void_ += f->void_;
	to->days += f->days;
	to->ndays += f->ndays;
	to->handovers += f->handovers;
	to->returns += f->returns;
	to->raised += f->raised;
	to->climbed += f->climbed;
}

/* num * scale / den with decimals, half up. */
static void put_ratio(struct buf *out, uint64_t num, uint64_t den, uint64_t scale, int decimals)
{
	unsigned __int128 v;
	uint64_t unit = 1;

	decimals = decimals < 0 ? 0 : decimals > DECIMALS_MAX ? DECIMALS_MAX : decimals;
	for (int i = 0; i < decimals; i++)
		unit *= 10;
	v = ((unsigned __int128)num * scale * unit * 2 + den) / ((unsigned __int128)den * 2);
	buf_printf(out, "%llu", (unsigned long long)(v / unit));
	if (decimals > 0)
		buf_printf(out, ".%0*llu", decimals, (unsigned long long)(v % unit));
}

void figures_rate(struct buf *out, uint64_t num, uint64_t den, int decimals)
{
	if (den == 0) {
		buf_putc(out, '/');
		return;
	}
	put_ratio(out, num, den, 100, decimals);
	buf_putc(out, '%');
}

void figures_mean(struct buf *out, uint64_t num, uint64_t den, int decimals)
{
	if (den == 0)
		buf_putc(out, '/');
	else
		put_ratio(out, num, den, 1, decimals);
}

int figures_under(uint64_t num, uint64_t den, int percent)
{
	if (den == 0 || percent < 0)
		return false;
	return (unsigned __int128)num * 100 < (unsigned __int128)den * (unsigned)percent;
}
