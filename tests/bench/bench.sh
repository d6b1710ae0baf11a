# SPDX-License-Identifier: MIT
#
# How fast the programs are, beside others that do the same work on the same data: make bench, or
#
#	abs_top_builddir=BUILD sh tests/bench/bench.sh
#
#	BENCH_SIZES='100k 1M 5M'  registers of so many hazards, three events each (BENCH_N=N: of one size only)
#	BENCH_ROUNDS=5            so often each command runs; the short ones BENCH_SAMPLES=20 times in each round
#	BENCH_TASKS='list ...'    only these tasks: list quoted join start add update batch intake index verify sweep
#	BENCH_INTAKE=1000000      rows of the intake (as many as the register has, where that is less)
#	BENCH_SLOW=no             leaves Miller, sqlite3's import and the first sweep out above 1M
#	BENCH_DIR=DIR             where the data go; kept when named, and used again
#	BENCH_INSTALL=yes         installs rivals that are not here (rivals.sh); DuckDB goes to BENCH_RIVALS=DIR
#
# Commands run interleaved, round by round, so that a busy machine hurts all alike: read the paired ratios, not the
# milliseconds.  No time is ever an assertion; answers that differ are, and give status 1.
#
# shellcheck disable=SC2034,SC1091	# names are shared with data.sh and tasks.sh
set -eu

top=${abs_top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd -P)}
build=${abs_top_builddir:?name the build tree}
sizes=${BENCH_N:-${BENCH_SIZES:-100k 1M 5M}}
rounds=${BENCH_ROUNDS:-5}
samples=$(seq "${BENCH_SAMPLES:-20}")
tasks=${BENCH_TASKS:-list quoted join start add update batch intake index verify sweep}
mkdir -p "$build/tests/bench" "${BENCH_DIR:-$build/tests/bench/data}"
dir=$(cd "${BENCH_DIR:-$build/tests/bench/data}" && pwd -P)
rivals=${BENCH_RIVALS:-$build/tests/bench/rivals}
# programs as they are installed, like those that they are compared with: a file that ld wrote starts slower than its copy
mkdir -p "$dir/bin"
find "$build/cmd" -maxdepth 1 -type f -perm -u+x -exec cp --remove-destination -t "$dir/bin" {} +
PATH=$dir/bin:$PATH
GRIDLEDGER_DATA=${GRIDLEDGER_DATA:-$top/data-schemas}
GRIDLEDGER_ACTOR=T01-O0
LC_ALL=C.UTF-8
export PATH GRIDLEDGER_DATA GRIDLEDGER_ACTOR LC_ALL
unset GRIDLEDGER_DIR GRIDLEDGER_THREADS
now=--now=2026-07-01T00:00:00+08:00
start=--now=2024-07-01T00:00:00+08:00
run=$(date +%s)-$$
wrong=0

say() { printf '%s\n' "$*"; }
wrong() { say "WRONG:      $*"; wrong=1; }
there() { command -v "$1" >/dev/null; }
asked() { case " $tasks " in *" $1 "*) ;; *) return 1 ;; esac; }
. "$top/tests/bench/data.sh"
. "$top/tests/bench/tasks.sh"

# The tools of the bench, compiled when they are older than their source.
tools() {
	for p in gen meas newlines duckq; do
		t_new=$build/tests/bench/$p t_source=$top/tests/bench/$p.c
		if [ ! -x "$t_new" ] || [ -n "$(find "$t_source" -newer "$t_new")" ]; then
			${CC:-cc} -std=gnu11 -O2 -D_GNU_SOURCE -o "$t_new" "$t_source" -ldl
		fi
	done
	gen=$build/tests/bench/gen
	meas=$build/tests/bench/meas
	newlines=$build/tests/bench/newlines
	duckq=$build/tests/bench/duckq
}

# Says on what machine and with which binaries this is measured.
machine() {
	flags='not known' optimised='not known'
	if [ -e "$build/Makefile" ]; then
		flags=$(sed -n 's/^\(GL_\)\{0,1\}CFLAGS = //p' "$build/Makefile" | tr '\n' ' ')
		case $flags in
		*sanitize* | *coverage* | *-O0*) optimised=no ;;
		*-O[23]*) optimised=yes ;;
		*) optimised=no ;;
		esac
	fi
	say "machine:    $(uname -srm), $(getconf _NPROCESSORS_ONLN) cores," \
		"$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)," \
		"$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), load $(cut -d' ' -f1 /proc/loadavg)"
	say "programs:   $(gridctl --version | head -n 1); optimised: $optimised ($flags)"
	[ "$optimised" != no ] || say '            THESE BINARIES ARE NOT WHAT IS SHIPPED:' \
		'configure another tree without sanitizers or coverage, with -O2'
}

# Finds the rivals, and says which there are and which are missing.
find_rivals() {
	if [ "${BENCH_INSTALL-}" = yes ]; then
		sh "$top/tests/bench/rivals.sh" "$rivals" || say 'rivals.sh could not install all rivals'
	fi
	libduckdb=$(find "$rivals" -name libduckdb.so 2>/dev/null | head -n 1)
	versions=
	! there mawk || versions="$(mawk -W version 2>&1 | sed -n '1s/^\(mawk [0-9.]*\).*/\1/p'), "
	! there gawk || versions="$versions$(gawk --version | sed -n '1s/^GNU Awk \([0-9.]*\).*/gawk \1/p'), "
	! there mlr || versions="$versions$(mlr --version), "
	! there sqlite3 || versions="${versions}sqlite3 $(sqlite3 --version | cut -d' ' -f1), "
	[ -z "$libduckdb" ] || versions="${versions}DuckDB $("$duckq" "$libduckdb"), "
	say "rivals:     ${versions%, }"
	for a in mawk gawk mlr sqlite3; do
		there $a || say "NOT HERE:   $a (BENCH_INSTALL=yes installs it)"
	done
	[ -n "$libduckdb" ] || say 'NOT HERE:   DuckDB (BENCH_INSTALL=yes installs it)'
}

# Makes the data of a size and goes there.
prepare() {
	n=$(number "$1")
	slow=yes
	[ "${BENCH_SLOW:-yes}" = yes ] || [ "$n" -le 1000000 ] || slow=no
	intake=${BENCH_INTAKE:-1000000}
	[ "$intake" -le "$n" ] || intake=$n
	say "
==== $1"
	room=$(df -Pk "$dir" | awk 'NR == 2 { print $4 }')
	if [ ! -e "$dir/$1/large.done" ] && [ "$room" -lt $((n * 5 + 2000000)) ]; then
		say "NOT RUN:    too little room in $dir, about $((n / 200 + 2000)) MB are needed"
		return 1
	fi
	seconds=$(date +%s)
	made 100 100
	made 10k 10000
	made "$1" "$n"
	cd "$dir/$1"
	more
	inputs >work/bytes.tsv
	say "data:       $n hazards, $(($(wc -l <reg/events.csv) - 1)) events, $(wc -c <list.csv) bytes listed," \
		"$(cat reg/hazards.csv reg/events.csv | wc -c) in the register; ready in $(($(date +%s) - seconds)) s"
	[ $slow = yes ] || say 'left out:   Miller, sqlite3 import and the first sweep (BENCH_SLOW=no)'
}

# Whether the answers are right.
check() {
	# The generator derives the ledger on its own; a difference is a wrong answer of one of the two.
	if ! asked list && ! asked join; then
		:
	elif hazard-list -C reg "$now" | cmp -s - list.csv; then
		say 'check:      hazard-list prints the generated ledger, byte for byte'
	else
		wrong 'hazard-list AND THE GENERATED LEDGER DIFFER'
	fi
	! asked list || agree list 1,3-5
	! asked quoted || agree quoted 1,3-5
	! asked join || agree join 1,3,4
	for d in large work/small; do
		gridctl verify -q $d || wrong "$d does not verify"
	done
}

# Everything about one size.
measure() {
	prepare "$1" || return 0
	seconds=$(date +%s)
	round=0
	while [ $round -lt "$rounds" ]; do
		round=$((round + 1))
		for task in $tasks; do
			"${task}_task"
		done
	done
	check
	say "measured:   $rounds rounds in $(($(date +%s) - seconds)) s, load $(cut -d' ' -f1 /proc/loadavg)
"
	awk -v hazards="$n" -f "$top/tests/bench/table.awk" "$top/tests/bench/targets" work/bytes.tsv work/measured.tsv
	rm -rf work
}

tools
machine
find_rivals
[ -n "${BENCH_DIR-}" ] || trap 'cd /; rm -rf "$dir"' EXIT
say "
list    R1: town by severity from the ledger as CSV       quoted  R1, every field quoted
join    R2: rectified by town from the register's ledgers pipe    R2 by hazard-list | rectify-report
start   R1 and R2 over 100 rows                           batch   100,000 rows with steps in one commit
add     one hazard, on disk when it is said               update  one step, on disk when it is said
intake  a CSV of reports, without and with steps          index   one hazard-add that builds a lost index
verify  the register against its journal                  sweep   hazard-escalate -n: nothing due; and a backlog
settled the same where one in fifty is open: the next sweep, the first one; plain: R2 of that
ours-1, ours-2, duckdb-1, duckdb-2: so many threads       limit-  floors: newlines counted, bare syncs, true"
for size in $sizes; do
	measure "$size"
done
exit $wrong
