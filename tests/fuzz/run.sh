#!/bin/sh
# SPDX-License-Identifier: MIT
# The fuzz targets under libFuzzer with ASan and UBSan (Debian: clang, libclang-rt-14-dev).
#   run.sh build [NAME…]         all targets, or these, into $FUZZ_BUILD
#   run.sh NAME [-runs=N …]      one target; new inputs are kept in $FUZZ_BUILD/found/NAME, crashers in $FUZZ_BUILD/crash
#   run.sh all RUNS              every target, one after the other; a table of executions and findings at the end
#   run.sh merge NAME            the least part of corpus/NAME and of what was found that covers the same, into corpus/NAME
set -u
here=$(cd "$(dirname "$0")" && pwd) top=$(cd "$(dirname "$0")/../.." && pwd)
FUZZ_BUILD=${FUZZ_BUILD:-${TMPDIR:-/tmp}/gridledger-fuzz}
CLANG=${CLANG:-clang}
GRIDLEDGER_DATA=${GRIDLEDGER_DATA:-$top/data-schemas}
# one caller of each allocation, and a quarantine that stays in the cache, but longer than any execution needs
ASAN_OPTIONS=${ASAN_OPTIONS:-malloc_context_size=1:quarantine_size_mb=2:thread_local_quarantine_size_kb=64}
export GRIDLEDGER_DATA ASAN_OPTIONS
targets=$(cd "$here" && ls fuzz_*.c | LC_ALL=C sed 's/^fuzz_//; s/\.c$//')

# The longest input worth trying.
longest()
{
	case $1 in
	pattern) echo 128 ;;
	args | filter) echo 400 ;;
	time | term) echo 64 ;;
	text | decode | checkpoint | settings) echo 512 ;;
	header | intake | master | report) echo 1024 ;;
	policy | yaml) echo 2048 ;;
	*) echo 4096 ;;
	esac
}

make_all()
{
	command -v "$CLANG" >/dev/null || { echo "run.sh: $CLANG is not here: no fuzzing" >&2; return 77; }
	${MAKE:-make} -s -k -j2 -f - top="$top" here="$here" B="$FUZZ_BUILD" CLANG="$CLANG" $(for t in ${*:-$targets}; do echo "$FUZZ_BUILD/fuzz-$t"; done) <<'MAKE'
# no calls at comparisons: they take half the time, and the words they would teach stand in the dictionaries
SAN = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-coverage=trace-cmp -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CPPFLAGS = -D_GNU_SOURCE -DFUZZER -I$(top)/lib -I$(B)/lib -DPACKAGE_VERSION='"fuzz"' -DPKGDATADIR='"$(top)/data-schemas"' -DLOCALEDIR='"none"'
CFLAGS = -std=gnu11 -g -O1 -Wall -Wextra $(SAN)
LIBS = -lcsv -lyaml -lpcre2-8 -ljansson -lutf8proc -lnettle -llmdb -lpthread
OBJS = $(patsubst $(top)/%.c,$(B)/%.o,$(wildcard $(top)/lib/*/*.c))
$(B)/fuzz-policy: LIBS += -Wl,--wrap=json_loads,--wrap=yaml_parse,--wrap=yaml_check
$(B)/fuzz-%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/fuzz.o $(B)/tests/fuzz/office.o $(B)/lib.a
	$(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)
$(B)/lib.a: $(OBJS)
	rm -f $@; ar rcs $@ $^
$(B)/lib/register/schema.o: $(B)/lib/register/tables.inc
$(B)/lib/policy/load.o: $(B)/lib/policy/schemas.inc
$(B)/lib/register/tables.inc: $(sort $(wildcard $(top)/data-schemas/tables/*.json)) $(top)/data-schemas/compile.awk
	mkdir -p $(@D); LC_ALL=C awk -v mode=tables -f $(top)/data-schemas/compile.awk $(filter %.json,$^) >$@
$(B)/lib/policy/schemas.inc: $(sort $(wildcard $(top)/data-schemas/policy/*.json)) $(top)/data-schemas/compile.awk
	mkdir -p $(@D); LC_ALL=C awk -v mode=embed -f $(top)/data-schemas/compile.awk $(filter %.json,$^) >$@
$(B)/%.o: $(top)/%.c
	mkdir -p $(@D); $(CLANG) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
# clang does not read the pragma from which gcc takes the instruction set
$(B)/lib/csv/scanmask_%.o: CFLAGS += $(shell sed -n 's/^#pragma GCC target("\(.*\)")/\1/p' $< | sed 's/^/-m/; s/,/ -m/g')
.PRECIOUS: $(B)/%.o
-include $(OBJS:.o=.d) $(wildcard $(B)/tests/fuzz/*.d)
MAKE
}

one()
{
	name=$1; shift
	dict=
	[ -f "$here/fuzz_$name.dict" ] && dict=-dict=$here/fuzz_$name.dict
	mkdir -p "$FUZZ_BUILD/found/$name" "$FUZZ_BUILD/crash" "$here/corpus/$name"
	cd "$FUZZ_BUILD" && "$FUZZ_BUILD/fuzz-$name" -max_len="$(longest "$name")" -timeout=20 -rss_limit_mb=2048 -reload=0 -print_final_stats=1 \
	    -artifact_prefix="$FUZZ_BUILD/crash/$name-" $dict "$@" "$FUZZ_BUILD/found/$name" "$here/corpus/$name"
}

all()
{
	make_all || return
	mkdir -p "$FUZZ_BUILD/log"
	for t in $targets; do
		(one "$t" -runs="$1") >"$FUZZ_BUILD/log/$t" 2>&1
		awk -v t="$t" -v status=$? '/number_of_executed_units/ { n = $2 } /Done/ { n = $2 }
			END { printf "%-12s %12d executions  %s\n", t, n, status ? "FINDING, status " status : "0 findings" }' "$FUZZ_BUILD/log/$t"
	done
}

merge()
{
	new=$FUZZ_BUILD/merged/$1
	rm -rf "$new" && mkdir -p "$new" "$FUZZ_BUILD/found/$1"
	"$FUZZ_BUILD/fuzz-$1" -merge=1 -max_len="$(longest "$1")" "$new" "$here/corpus/$1" "$FUZZ_BUILD/found/$1"
	echo "merged into $new"
}

case ${1:-} in
build) shift; make_all "$@" ;;
all) all "${2:-100000}" ;;
merge) merge "$2" ;;
'' | -*) sed -n '3,7s/^#//p' "$0" >&2; exit 2 ;;
*) one "$@" ;;
esac
