# SPDX-License-Identifier: MIT
#
# Power loss by a model (reliability.md R5): see powerloss.c, which speaks TAP itself.  TEST_LONG=yes: 100000 states.
program=${abs_top_builddir:-.}/tests/fault/powerloss
if [ ! -x "$program" ]; then
	echo "1..0 # SKIP NO POWER CUT WAS TRIED: $program was not built"
	exit 0
fi
exec "$program"
