#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What other readers of C say about the sources (reliability.md Q2): make lint, or
#
#	abs_top_builddir=BUILD sh tests/lint.sh [analyzer|cppcheck|tidy]...
#
# BUILD holds the generated *.inc.  Each finding is printed as the tool says it; one finding is status 1.  A tool that is not
# here is named and counts as one; LINT_ALLOW_MISSING=yes forgives that.  Warnings of the compiler are errors in a git checkout
# anyway, -Wconversion among them.
#
# What is left out, and why: sizes of pointers (arrays of pointers are meant), easily swapped parameters (C has no named ones),
# bounds-checked variants of C11's Annex K (glibc has none), unused results of stdio (standard output is asked once, at its
# end), strcmp as a truth (the house writes == 0), small constants multiplied as int and char from ?: (gcc's -Wconversion sees
# what matters there), va_list (clang 14 does not see va_start in variadic functions with attributes).
set -u

top=${abs_top_srcdir:-$(cd "$(dirname "$0")/.." && pwd -P)}
build=${abs_top_builddir:?name the build tree}
defines=$(mktemp) || exit 4	# strings do not survive the shells on their way to the compiler
printf '#define %s\n' 'PACKAGE_VERSION "0"' 'PKGDATADIR "/usr/share/gridledger"' 'LOCALEDIR "/usr/share/locale"' >"$defines"
flags="-std=gnu11 -D_GNU_SOURCE -Ilib -I$build/lib -include $defines"
tidy='-*,clang-analyzer-*,bugprone-*,cert-*,-bugprone-sizeof-expression,-bugprone-easily-swappable-parameters'
tidy=$tidy,'-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-cert-err33-c,-bugprone-suspicious-string-compare'
tidy=$tidy,'-clang-analyzer-valist.Uninitialized,-bugprone-implicit-widening-of-multiplication-result,-bugprone-narrowing-conversions'
found=$(mktemp) || exit 4
jansson=$(mktemp) || exit 4	# what cppcheck must know of a library whose headers it is not shown
trap 'rm -f "$found" "$jansson" "$defines"' EXIT
cat >"$jansson" <<'END'
#define json_array_foreach(a, i, v) for ((i) = 0; ((v) = json_array_get(a, i)) != 0; (i)++)
#define json_object_foreach(o, k, v) for ((k) = first_key(o); ((v) = json_object_get(o, k)) != 0; (k) = next_key(o, k))
END
bad=0
cd "$top" || exit 4

# Two sources at a time.
each() {
	printf '%s\n' lib/*/*.c cmd/*.c | xargs -P 2 -I FILE sh -c "$1" 2>&1
}

# judged NAME: what stands in $found are findings
judged() {
	if [ -s "$found" ]; then
		cat "$found"
		bad=1
	fi
	printf 'lint: %s: %s findings in %s files\n' "$1" "$(grep -cE '(warning|error|style|performance|portability):' "$found")" \
		"$(printf '%s\n' lib/*/*.c cmd/*.c | wc -l)"
}

missing() {
	printf 'lint: %s: NOT LOOKED AT, %s is not installed\n' "$1" "$2"
	[ "${LINT_ALLOW_MISSING-}" = yes ] || bad=1
}

for tool in ${@:-analyzer cppcheck tidy}; do
	case $tool in
	analyzer)
		# it takes an iconv_t of -1 for memory, and a count that a struct holds for another one the second time it is asked
		each "${CC:-gcc} $flags -O2 -fanalyzer -fdiagnostics-plain-output -Wall -Wextra -Wconversion -c -o /dev/null FILE" |
			grep -E '(warning|error):' | grep -v -e "^lib/base/text.c:.* leak of .*cd" \
			-e "^lib/engine/rollup.c:.* uninitialized value .*\(id\|name\)_" -e "^lib/base/buf.h:33:.* dereference of NULL .q" >"$found"
		judged 'gcc -fanalyzer'
		;;
	cppcheck)
		command -v cppcheck >/dev/null || { missing cppcheck cppcheck; continue; }
		cppcheck -j 2 --quiet --enable=warning,performance,portability --inline-suppr --std=c11 -Ilib -I"$build/lib" -D_GNU_SOURCE \
			--include="$jansson" \
			--suppress=missingIncludeSystem lib cmd >"$found" 2>&1
		judged cppcheck
		;;
	tidy)
		command -v clang-tidy >/dev/null || { missing clang-tidy clang-tidy; continue; }
		each "clang-tidy -quiet -checks='$tidy' FILE -- $flags" | grep -v '^[0-9]* warnings\{0,1\} generated' >"$found"
		judged clang-tidy
		;;
	*)
		printf 'usage: lint.sh [analyzer|cppcheck|tidy]...\n' >&2
		exit 2
		;;
	esac
done
exit $bad
