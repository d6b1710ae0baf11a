#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The unit tests and the shell tests of a working day under valgrind (reliability.md Q2): make memcheck, or
#
#	abs_top_builddir=BUILD sh tests/memcheck.sh [TEST]...
#
# TEST is a program of tests/unit or a script of tests/cli, as tests/unit/check_io or tests/cli/hazard-list.sh; without any
# all of the first and those of the list below are run.  A test passes when it does what it does without valgrind and no
# process of it read or wrote what it may not or used what was never set; a unit test must not lose memory or leave a
# descriptor open either (a program that was not built with sanitizers ends without giving anything back).  It speaks TAP.
# A build without sanitizers is wanted; the tests that trace, starve or kill programs are not for it.
set -u

top=${abs_top_srcdir:-$(cd "$(dirname "$0")/.." && pwd -P)}
build=${abs_top_builddir:?name the build tree}
day='gridctl-init gridctl-put gridctl-verify gridctl-adopt hazard-add-file hazard-add-options hazard-add-bad hazard-update-steps
	hazard-list hazard-show hazard-escalate hazard-escalate-limits hazard-notice rectify-report foreign-files workcal policy-test ledger-add'
command -v valgrind >/dev/null || {
	echo '1..0 # SKIP NOTHING WAS RUN UNDER VALGRIND: it is not installed'
	exit 0
}
room=$(mktemp -d) || exit 99
trap 'rm -rf "$room"' EXIT
trap 'exit 130' HUP INT TERM
mkdir "$room/cmd" "$room/tests" "$room/log"
# a handler of SIGBUS goes back to an access in the middle of a block of instructions
watch="valgrind -q --error-exitcode=99 --log-file=$room/log/%p --vex-iropt-register-updates=allregs-at-mem-access"
UNDER_VALGRIND=yes
export UNDER_VALGRIND
leaks='--leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=none --track-fds=yes'

# Programs of the names of ours that run ours under valgrind.
for program in "$build"/cmd/*; do
	[ -f "$program" ] && [ -x "$program" ] || continue
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$watch" "$program" >"$room/cmd/${program##*/}"
	chmod +x "$room/cmd/${program##*/}"
done

# What the logs say.  Of memory and descriptors only that of process $1 counts: children of a test end as they like, and what
# the test was given open is not its own.
findings() {
	for log in "$room"/log/*; do
		awk -v own="${log##*/}" -v first="$1" '
			/^--[0-9]+-- / { next }	# a call of the system that this valgrind is too old for
			/FILE DESCRIPTORS:/ { next }
			/Open file descriptor|Open AF_UNIX socket/ { kept = $0; left = own != first; next }
			/ (lost|reachable) in loss record / { left = own != first }
			/<inherited from parent>/ { kept = ""; next }
			{ line = $0; sub(/^==[0-9]+== */, "", line) }
			line == "" { left = 0; next }
			left { next }
			kept != "" { print kept; kept = "" }
			{ print }' "$log"
	done
}

# unit PROGRAM: run in one process, so that what it loses is seen; a test that is to end or kill its process has one of its own
unit() {
	fork=no watched="$watch $leaks"
	! grep -qE 'exit_test|raise_signal' "$top/$1.c" || fork=yes watched=$watch
	cd "$build" || exit 99
	GRIDLEDGER_DATA=$top/data-schemas CK_FORK=$fork CK_DEFAULT_TIMEOUT=0
	export GRIDLEDGER_DATA CK_FORK CK_DEFAULT_TIMEOUT
	sh -c 'echo $$ >"$0"; exec "$@"' "$room/first" $watched "./$1" </dev/null
}

# one TEST: a line of TAP
one() {
	count=$((count + 1))
	rm -f "$room"/log/*
	echo 0 >"$room/first"
	case $1 in
	*.sh) abs_top_srcdir=$top abs_top_builddir=$room sh "$top/$1" >"$room/out" 2>&1 ;;
	*) (unit "$1") >"$room/out" 2>&1 ;;
	esac
	status=$?
	findings "$(cat "$room/first")" >"$room/findings"
	if [ $status -eq 0 ] && ! grep -q '^not ok' "$room/out" && [ ! -s "$room/findings" ]; then
		echo "ok $count - $1: nothing that valgrind minds in $(find "$room/log" -type f | wc -l) processes"
		return
	fi
	echo "not ok $count - $1 (status $status)"
	{ grep -A 3 '^not ok' "$room/out"; tail -n 3 "$room/out"; head -n 60 "$room/findings"; } | sed 's/^/# /'
	failed=$((failed + 1))
}

count=0 failed=0
[ $# -gt 0 ] || set -- $(cd "$build" && find tests/unit -name 'check_*' -type f -perm -u+x | LC_ALL=C sort) \
	$(printf 'tests/cli/%s.sh ' $day)
echo "1..$#"
for name; do
	one "$name"
done
[ $failed -eq 0 ] || { echo "# $failed of $count failed"; exit 1; }
