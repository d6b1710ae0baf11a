# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What the shell tests share; sourced first: . "$(dirname "$0")/../tap.sh".  A test file is functions, one per test, then
#
#	t 'what holds' function		run function in a new empty directory of its own: one TAP line.  The function is
#					run with set -e: a command that fails fails the test, as does a check below.
#					The directory is removed when it passed, else kept and named.
#	plan				as the last line, prints the plan; a file that ends before it fails
#
# (`plan N` as the first line says beforehand how many tests there are.)  Before the first t, for a whole file:
#
#	need PROGRAM...			skip the file, saying so, unless all are there
#	skip_all REASON			skip the file
#
# Inside a test; each check that does not hold says what it saw and ends the test:
#
#	status N COMMAND...		run COMMAND, standard output to ./out, standard error to ./err; its exit status is N
#	same EXPECTED FILE		FILE has the bytes of the file EXPECTED, or, for -, of standard input (a here-document)
#	is GOT WANTED [WHAT]		two strings are equal
#	isnt GOT UNWANTED [WHAT]	two strings differ
#	like TEXT ERE [WHAT]		a line of TEXT matches (grep -E)
#	unlike TEXT ERE [WHAT]		none does
#	has FILE TEXT			a line of FILE contains TEXT, a fixed string
#	empty FILE...			each FILE is there and has no byte
#	ok WHAT COMMAND...		COMMAND is true
#	fail WHAT			the test fails
#	skip REASON			the test ends here and is counted as skipped
#
#	status 1 hazard-list -C reg --overdue
#	same - out <<-'END'
#		hazard
#	END
#
# What a test may count on: the programs that were built stand first in PATH; GRIDLEDGER_DATA is the tree's data-schemas;
# $tests is the folder tests/, $top the source tree; LC_ALL=C.UTF-8 (TEST_LC_ALL=... when calling says otherwise), TZ=UTC, umask 022; no
# GRIDLEDGER_DIR, GRIDLEDGER_ACTOR or NO_COLOR, no terminal, standard input empty.  Time is fixed by --now alone.
# By hand: `sh tests/cli/NAME.sh` takes the programs of ./build; abs_top_builddir=DIR names another build.

top=${abs_top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd -P)} || exit 99
tests=$top/tests
if [ -z "${abs_top_builddir-}" ] && [ -d "$top/build/cmd" ]; then
	abs_top_builddir=$top/build
fi
if [ -n "${abs_top_builddir-}" ]; then
	PATH=$abs_top_builddir/cmd:$PATH
	tap_scratch=$abs_top_builddir/tests/scratch
else
	tap_scratch=${TMPDIR:-/tmp}/gridledger-tests.$$
fi
tap_scratch=$tap_scratch/$(basename "$(dirname "$0")")-$(basename "$0" .sh)
GRIDLEDGER_DATA=${GRIDLEDGER_DATA:-$top/data-schemas}
LC_ALL=${TEST_LC_ALL:-C.UTF-8}
TZ=UTC
export PATH GRIDLEDGER_DATA LC_ALL TZ top tests
unset GRIDLEDGER_DIR GRIDLEDGER_ACTOR NO_COLOR COLUMNS LANGUAGE CDPATH
umask 022
tap_count=0
tap_failed=0
tap_planned=
tap_dir=
exec </dev/null

plan() {
	if [ $# -gt 0 ]; then
		tap_planned=$1
		echo "1..$1"
		return
	fi
	[ -n "$tap_planned" ] || echo "1..$tap_count"
	rmdir "$tap_scratch" "${tap_scratch%/*}" 2>/dev/null || :
	[ "$tap_failed" -eq 0 ] || echo "# $tap_failed of $tap_count failed; their directories are in $tap_scratch"
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

need() {
	for tap_program; do
		command -v "$tap_program" >/dev/null || skip_all "$tap_program is not installed"
	done
}

t() {
	tap_count=$((tap_count + 1))
	tap_dir=$tap_scratch/$2
	[ ! -e "$tap_dir" ] || { chmod -R u+rwX "$tap_dir"; rm -rf "$tap_dir"; }
	rm -f "$tap_dir.skip" "$tap_dir.fail" "$tap_dir.want"
	mkdir -p "$tap_dir" || exit 99
	(
		cd "$tap_dir" || exit 99
		if [ -n "${BASH_VERSION-}" ]; then
			eval "set -E; trap 'echo \"line \$LINENO: failed: \$BASH_COMMAND\" >>\"\$tap_dir.said\"' ERR"
		fi
		set -e
		"$2"
	) >"$tap_dir.said" 2>&1
	tap_status=$?
	if [ -e "$tap_dir.skip" ] && [ ! -e "$tap_dir.fail" ]; then
		echo "ok $tap_count - $1 # SKIP $(cat "$tap_dir.skip")"
	elif [ "$tap_status" -eq 0 ] && [ ! -e "$tap_dir.fail" ]; then
		echo "ok $tap_count - $1"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $1"
		echo "# function $2, status $tap_status, kept in $tap_dir"
		tail -n 100 "$tap_dir.said" | sed 's/^/# /'
		rm -f "$tap_dir.skip" "$tap_dir.fail" "$tap_dir.said"
		return 0
	fi
	rm -f "$tap_dir.skip" "$tap_dir.said"
	chmod -R u+rwX "$tap_dir"
	rm -rf "$tap_dir"
}

# The mark is a file, so that a check in a pipeline or a subshell counts too.
fail() {
	: >"$tap_dir.fail"
	printf '%s\n' "$*"
	exit 1
}

skip() {
	printf '%s\n' "$*" >"$tap_dir.skip"
	exit 0
}

status() {
	tap_want=$1
	shift
	tap_got=0
	"$@" >out 2>err || tap_got=$?
	[ "$tap_got" -eq "$tap_want" ] || {
		echo "standard output:"
		head -n 20 out
		echo "standard error:"
		head -n 40 err
		fail "$*: status $tap_got, wanted $tap_want"
	} >>"$tap_dir.said"
}

same() {
	if [ "$1" = - ]; then
		cat >"$tap_dir.want"
		set -- "$tap_dir.want" "$2"
	fi
	if ! diff -u -L expected -L "$2" "$1" "$2" >>"$tap_dir.said" 2>&1; then
		fail "$2 is not as expected" >>"$tap_dir.said"
	fi
	rm -f "$tap_dir.want"
}

is() {
	[ "$1" = "$2" ] || fail "${3:-is}: got '$1', wanted '$2'" >>"$tap_dir.said"
}

isnt() {
	[ "$1" != "$2" ] || fail "${3:-isnt}: got '$1'" >>"$tap_dir.said"
}

like() {
	printf '%s\n' "$1" | grep -Eq -e "$2" || fail "${3:-like}: '$1' does not match /$2/" >>"$tap_dir.said"
}

unlike() {
	! printf '%s\n' "$1" | grep -Eq -e "$2" || fail "${3:-unlike}: '$1' matches /$2/" >>"$tap_dir.said"
}

has() {
	grep -qF -e "$2" "$1" || { head -n 20 "$1" || :; fail "$1 has no line with '$2'"; } >>"$tap_dir.said" 2>&1
}

empty() {
	for tap_file; do
		[ -e "$tap_file" ] && [ ! -s "$tap_file" ] ||
			{ head -n 20 "$tap_file" || :; fail "$tap_file is not empty"; } >>"$tap_dir.said" 2>&1
	done
}

ok() {
	tap_what=$1
	shift
	"$@" || fail "$tap_what: not so: $*" >>"$tap_dir.said"
}
