#!/bin/sh
# SPDX-License-Identifier: MIT
# Every file of the kept corpus through its fuzz target, as it is and changed a little; see replay.c.
: "${abs_top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}" "${abs_top_builddir:=$PWD}"
: "${GRIDLEDGER_DATA:=$abs_top_srcdir/data-schemas}"
export abs_top_srcdir GRIDLEDGER_DATA
exec "$abs_top_builddir/tests/fuzz/replay" "$@"
