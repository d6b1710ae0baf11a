#!/bin/sh
# SPDX-License-Identifier: MIT
# The helpers of the tests can fail: each check of tests/tap.sh and the wrapper of the unit tests, seen failing.
. "$(dirname "$0")/../tap.sh"

# Runs the lines on standard input as a test file of its own, one test `it`; TAP to ./out.
file() {
	mkdir -p tests/cli
	cp "$tests/tap.sh" tests/
	{
		echo '. "$(dirname "$0")/../tap.sh"'
		echo 'it() {'
		cat
		echo '}'
		echo 't name it'
		echo 'plan'
	} >tests/cli/inner.sh
	env -u abs_top_srcdir -u abs_top_builddir TMPDIR="$PWD" "${BASH:-sh}" tests/cli/inner.sh >out 2>err
}

passes() {
	file
	is "$(sed -n '1p;2p' out | tr '\n' '|')" 'ok 1 - name|1..1|' "$1"
}

fails() {
	file
	like "$(cat out)" '^not ok 1 - name$' "$1"
	like "$(cat out)" "$2" "$1"
}

good_checks_pass() {
	passes all <<-'END'
		status 3 sh -c 'echo a; echo b >&2; exit 3'
		is "$(cat out err)" "$(printf 'a\nb')"
		same - out <<-'EOF'
			a
		EOF
		isnt a b
		like 'x 12' '[0-9]+$'
		unlike 'x' '[0-9]'
		has err b
		: >none
		empty none
		ok 'is a file' test -f none
	END
	is "$(ls -d gridledger-tests.* 2>/dev/null)" '' 'nothing is left'
}

bad_checks_fail() {
	echo 'status 1 true' | fails status 'true: status 0, wanted 1'
	echo 'is a b size' | fails is "size: got 'a', wanted 'b'"
	echo 'isnt a a' | fails isnt "isnt: got 'a'"
	echo 'like abc "^b"' | fails like "'abc' does not match"
	echo 'unlike abc b' | fails unlike "'abc' matches"
	echo 'echo x >f; has f y' | fails has "f has no line with 'y'"
	echo 'echo x >f; empty f' | fails empty 'f is not empty'
	echo 'empty nowhere' | fails empty 'nowhere is not empty'
	echo 'ok "a file" test -f nowhere' | fails ok 'a file: not so: test -f nowhere'
	echo 'echo x >f; echo y | same - f' | fails same '[+]x'
	echo 'false; true' | fails 'a plain command' 'status 1'
	echo 'true | status 1 true; true' | fails 'a check in a pipeline' 'wanted 1'
	echo 'fail no' | fails fail '^# no$'
}

failure_keeps_the_directory() {
	echo 'echo kept >f; fail no' | fails fail 'kept in .*/cli-inner/it$'
	is "$(cat gridledger-tests.*/cli-inner/it/f)" kept
}

skip_is_said() {
	echo 'skip no tool' | file
	is "$(head -n 1 out)" 'ok 1 - name # SKIP no tool'
	printf '%s\n' '. "$(dirname "$0")/../tap.sh"' 'need no-such-program' >tests/cli/inner.sh
	is "$(sh tests/cli/inner.sh)" '1..0 # SKIP no-such-program is not installed'
}

# A program that writes what a Check program would: report, TAP lines, exit status.
pretend() {
	printf '#!/bin/sh\nprintf "%%s\\n" "%s"\nprintf "%s" >"$CK_TAP_LOG_FILE_NAME"\nexit %s\n' "$1" "$2" "$3" >program
	chmod +x program
	"$tests/unit/run" ./program >out
}

unit_wrapper_tells_the_truth() {
	pretend '100%: Checks: 2, Failures: 0, Errors: 0' 'ok 1 - a\nok 2 - b\n1..2\n' 0
	same - out <<-'END'
		# 100%: Checks: 2, Failures: 0, Errors: 0
		ok 1 - a
		ok 2 - b
		1..2
	END
	pretend '50%: Checks: 2, Failures: 1, Errors: 0' 'ok 1 - a\nnot ok 2 - b\n1..2\n' 1
	is "$(tail -n 2 out | tr '\n' '|')" 'not ok 2 - b|1..2|'
	pretend '100%: Checks: 1, Failures: 0, Errors: 0' 'ok 1 - a\n1..1\n' 23
	is "$(tail -n 2 out | tr '\n' '|')" 'not ok 2 - program: ended with status 23 though no test failed|1..2|'
	pretend '100%: Checks: 3, Failures: 0, Errors: 0' 'ok 1 - a\n1..1\n' 0
	has out 'not ok 2 - program: Check counted 3 tests, its TAP has 1'
	pretend 'Segmentation fault' '' 139
	has out 'not ok 1 - program: ended with status 139'
	pretend 'nothing' '' 0
	has out 'not ok 1 - program: no test was run'
}

total_adds_up() {
	printf '# 100%%: Checks: 12, Failures: 0, Errors: 0\n' >a.log
	printf '# 50%%: Checks: 4, Failures: 1, Errors: 1\nok 1\n' >b.log
	status 0 "${AWK:-awk}" -f "$tests/unit/total.awk" a.log b.log
	is "$(cat out)" '87%: Checks: 16, Failures: 1, Errors: 1'
}

t 'checks that hold pass and leave nothing' good_checks_pass
t 'each check that does not hold fails its test and says why' bad_checks_fail
t 'a failed test keeps its directory' failure_keeps_the_directory
t 'skipping is said aloud' skip_is_said
t 'the wrapper of the unit tests invents and hides nothing' unit_wrapper_tells_the_truth
t 'the totals of Check are added up' total_adds_up
plan
