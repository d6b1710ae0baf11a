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
	hazard-list hazard-show hazard-escalate hazard-escalate-limits hazard-notice rectify-report foreign-files workcal policy-test'
command -v valgrind >/dev/null || {
	echo '1..0 # SKIP NOTHING WAS RUN UNDER VALGRIND: it is not installed'
	exit 0
}
room=$(mktemp -d) || exit 99
trap 'rm -rf "$room"' EXIT
trap 'exit 130' HUP INT TERM
mkdir "$room/cmd" "$room/tests" "$room/log"
watch="valgrind -q --error-exitcode=99 --log-file=$room/log/%p"
leaks='--leak-check=full --show-leak-kinds=definite,indirect --track-fds=yes'

# Programs of the names of ours that run ours under valgrind.
for program in "$build"/cmd/*; do
	[ -f "$program" ] && [ -x "$program" ] || continue
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$watch" "$program" >"$room/cmd/${program##*/}"
	chmod +x "$room/cmd/${program##*/}"
done

# What the tools of the logs say that counts: a descriptor that the test itself gave the program does not.
findings() {
	cat "$room"/log/* 2>/dev/null | awk '
		/FILE DESCRIPTORS:/ { next }
		/Open file descriptor|Open AF_UNIX socket/ { kept = $0; next }
		/<inherited from parent>/ { kept = ""; next }
		kept != "" { print kept; kept = "" }
		{ line = $0; sub(/^==[0-9]+== */, "", line) }
		line != "" { print }'
}

# one TEST: a line of TAP
one() {
	count=$((count + 1))
	rm -f "$room"/log/*
	case $1 in
	*.sh) abs_top_srcdir=$top abs_top_builddir=$room sh "$top/$1" >"$room/out" 2>&1 ;;
	*) (cd "$build" && GRIDLEDGER_DATA=$top/data-schemas CK_FORK=no CK_DEFAULT_TIMEOUT=0 $watch $leaks "./$1") >"$room/out" 2>&1 </dev/null ;;
	esac
	status=$?
	findings >"$room/findings"
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
