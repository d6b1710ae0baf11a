#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The tests are tested (reliability.md Q3): each mutant of the file `mutants` is made, one change of one source of the
# library, and the tests named for it must fail, one of them at least; without a change all of them must pass.  Each is
# compiled and linked out of the build tree with that tree's own flags, in a directory aside: the tree stays as it is.
#
#	TEST_LONG=yes sh tests/fault/mutants.sh		all of them, as make check-long does
#	sh tests/fault/mutants.sh NAME...		these
#
# It needs the objects that make check leaves (make check TESTS= is enough); abs_top_builddir names the build tree.
top=${abs_top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd -P)} || exit 99
build=${abs_top_builddir:-$top/build}
[ $# -gt 0 ] || [ "${TEST_LONG-}" = yes ] || {
	echo '1..0 # SKIP NO MUTANT WAS MADE: they are for TEST_LONG=yes (make check-long)'
	exit 0
}
[ -e "$build/Makefile" ] && [ -e "$build/lib/libgridledger.a" ] || {
	echo "1..0 # SKIP NO MUTANT WAS MADE: $build was not built"
	exit 0
}
LC_ALL=C
AWK=${AWK:-awk}
room=$( (mktemp -d /dev/shm/gridledger-mutants.XXXXXX || mktemp -d) 2>/dev/null) || exit 99
trap 'chmod -R u+rwX "$room"; rm -rf "$room"' EXIT
trap 'exit 130' HUP INT TERM
exec </dev/null
mkdir "$room/list" "$room/tree" "$room/tree/lib" "$room/over" "$room/tmp" "$room/control"
cd "$build" || exit 99
tree=$room/tree

abs_top_srcdir=$top
abs_top_builddir=$tree
GRIDLEDGER_DATA=$top/data-schemas
GCOV_PREFIX=$room/gcov		# a build for coverage must not count what mutants do
POWERLOSS_SEED=1
export LC_ALL AWK abs_top_srcdir abs_top_builddir GRIDLEDGER_DATA GCOV_PREFIX POWERLOSS_SEED
unset TEST_LONG MAKEFLAGS MFLAGS MAKELEVEL GRIDLEDGER_DIR GRIDLEDGER_ACTOR

give_up() {
	echo "Bail out! $*"
	exit 99
}

# ---- the list: a directory for each, with name, words, file, by, and from.N and to.N ----

$AWK -v dir="$room/list" '
	function bad(why) { print "Bail out! mutants:" FNR ": " why; failed = 1; exit 99 }
	function finish() {
		if (n == 0) return
		if (file == "" || by == "" || from == 0 || to != from) bad("the mutant before this line lacks something")
		print file >(d "/file"); print by >(d "/by"); close(d "/file"); close(d "/by")
	}
	/^#/ || /^$/ { next }
	/^[a-z0-9-]+: / {
		finish()
		n++
		d = sprintf("%s/%03d", dir, n)
		system("mkdir " d)
		name = substr($0, 1, index($0, ":") - 1)
		if (name in seen) bad(name " is there twice")
		seen[name]
		print name >(d "/name"); print substr($0, length(name) + 3) >(d "/words"); close(d "/name"); close(d "/words")
		file = by = last = ""
		from = to = 0
		next
	}
	/^in / { file = $2; last = ""; next }
	/^by / { by = substr($0, 4); last = ""; next }
	/^-/ { if (last != "-") { from++; sep = "" } last = "-"; printf "%s%s", sep, substr($0, 2) >(d "/from." from); sep = "\n"; next }
	/^[+]/ { if (last != "+") { to++; sep = "" } last = "+"; printf "%s%s", sep, substr($0, 2) >(d "/to." to); sep = "\n"; next }
	{ bad("neither NAME:, in, by, - nor +") }
	END { if (!failed) finish() }' "$top/tests/fault/mutants" || exit 99

# change FILE FROM TO: the contents of FROM, which must be in FILE once, become those of TO; to standard output.
change() {
	$AWK '
		FNR == 1 { file++ }
		{ text[file] = text[file] (FNR > 1 ? "\n" : "") $0 }
		END {
			at = index(text[1], text[2])
			if (text[2] == "" || at == 0) exit 1
			rest = substr(text[1], at + length(text[2]))
			if (index(rest, text[2]) > 0) exit 2
			print substr(text[1], 1, at - 1) text[3] rest
		}' "$1" "$2" "$3"
}

# ---- the build ----

# variables: what the Makefile says, a line each: compile, link, libs, and PROGRAM|OBJECTS|LIBRARIES
programs=$($AWK '/^by / { for (i = 2; i <= NF; i++) if ($i !~ /[.]sh$/) { sub(/:.*/, "", $i); print "tests/" $i } }' "$top/tests/fault/mutants" | sort -u)
{
	echo 'include Makefile'
	echo '$(info compile|$(COMPILE))'
	echo '$(info link|$(CCLD) $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS))'
	echo '$(info libs|$(LIBS))'
	echo '$(info programs|$(bin_PROGRAMS))'
	echo 'define mutants_say'
	echo '$(info $(1)|$($(2)_OBJECTS)|$($(2)_LDADD))'
	echo 'endef'
	echo '$(foreach p,$(bin_PROGRAMS) '$programs' tests/fault/powerloss tests/fault/tamper,$(call mutants_say,$(p),$(subst -,_,$(subst /,_,$(p)))))'
	echo 'mutants-nothing: ;'
} | ${MAKE:-make} -s -f - mutants-nothing >"$room/variables" || give_up 'the Makefile cannot be read'

# said WHAT N: field N of its line
said() {
	$AWK -F'|' -v what="$1" -v n="$2" '$1 == what { print $n; exit }' "$room/variables"
}
compile=$(said compile 2)
link=$(said link 2)
libs=$(said libs 2)
cmds=$(said programs 2)

# compiled FILE: its objects, or of an .inc those that include it, from $room/over; false when one does not compile.
compiled() {
	case $1 in
	*.inc) files=$(cd "$top" && grep -l "#include \"${1#lib/}\"" lib/*/*.c) ;;
	*) files=$1 ;;
	esac
	for f in $files; do
		from=$room/over/${f#lib/}
		[ -e "$from" ] || from=$top/$f
		eval "set -- $compile"
		cc=$1
		shift
		"$cc" -I"$room/over" "$@" -Wno-error -w -c -o "$room/mutant.$(basename "$f" .c).o" "$from" >"$room/said" 2>&1 || return 1
	done
}

# linked PROGRAM...: with the objects of the mutant in front of the library, which then is not asked for its own
linked() {
	for p; do
		[ ! -e "$tree/$p" ] || continue
		mkdir -p "$tree/${p%/*}"
		objects=$(said "$p" 2)
		[ -n "$objects" ] || give_up "the Makefile has no $p"
		for o in $objects; do
			[ -e "$o" ] || give_up "$o was not built: make check TESTS="
		done
		# shellcheck disable=SC2046
		$link -o "$tree/$p" $objects $(ls "$room"/mutant.*.o 2>/dev/null) $(said "$p" 3) $libs >"$room/said" 2>&1 ||
			give_up "$p cannot be linked: $(head -n 1 "$room/said")"
	done
}

# run TEST: 0 it passed, 1 it failed, 2 it skipped all
run() {
	TMPDIR=$room/tmp
	export TMPDIR
	mkdir -p "$TMPDIR"
	case $1 in
	*.sh)
		linked $cmds
		case $1 in fault/powerloss.sh|fault/tamper.sh) linked "tests/${1%.sh}" ;; esac
		timeout 300 sh "$top/tests/$1" 2>&1 | $AWK '
			/^not ok|^Bail out/ { bad = 1; exit }
			/^1[.][.]0/ { none = 1 }
			/^1[.][.][1-9]/ { plan = 1 }
			END { exit bad ? 1 : none ? 2 : plan ? 0 : 1 }'
		;;
	*)
		linked "tests/${1%:*}"
		# fault/powerloss:N looks at N times the states
		case $1 in fault/powerloss:*) POWERLOSS_STATES=$((2000 * ${1#*:})); export POWERLOSS_STATES ;;
		*:*) CK_RUN_CASE=${1#*:}; export CK_RUN_CASE ;; esac
		LC_ALL=C.UTF-8 timeout 300 "$tree/tests/${1%:*}" >"$room/said" 2>&1 && ! grep -q 'Checks: 0,' "$room/said"
		;;
	esac
	ran=$?
	unset CK_RUN_CASE POWERLOSS_STATES
	chmod -R u+rwX "$TMPDIR"
	rm -rf "$TMPDIR" "$tree/tests/scratch"
	return $ran
}

# ---- the runs ----

chosen=
for d in "$room"/list/*; do
	name=$(cat "$d/name")
	[ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
	chosen="$chosen $d"
done
[ -n "$chosen" ] || give_up "there is no mutant of that name: $*"
tests=$(for d in $chosen; do tr ' ' '\n' <"$d/by"; done | sort -u)

n=0
failed=0
# answer WORDS...: with $good
answer() {
	n=$((n + 1))
	$good && echo "ok $n - $*" || { failed=$((failed + 1)); echo "not ok $n - $*"; }
}

good=true
for t in $tests; do
	run "$t"
	got=$?
	: >"$room/control/$(echo "$t" | tr /: __).$got"
	[ $got -ne 1 ] || { good=false; echo "# $t fails without a change"; }
	[ $got -ne 2 ] || echo "# $t CANNOT RUN HERE"
done
answer "the control: $(echo "$tests" | wc -l) tests pass without a change"

start=$(date +%s)
killed=0
for d in $chosen; do
	rm -rf "$room"/mutant.*.o "$room/over" "$tree/cmd" "$tree/tests"
	name=$(cat "$d/name") file=$(cat "$d/file") words=$(cat "$d/words")
	over=$room/over/${file#lib/}
	mkdir -p "${over%/*}"
	cp "$top/$file" "$over"
	good=false
	for f in "$d"/from.*; do
		change "$over" "$f" "$d/to.${f##*.}" >"$room/changed" || { answer "$name: $file does not have once what is to be changed"; continue 2; }
		cp "$room/changed" "$over"
	done
	compiled "$file" || { answer "$name: does not compile: $(grep -m 1 error "$room/said")"; continue; }
	by=
	able=
	before=$(date +%s%N)
	for t in $(cat "$d/by"); do
		[ ! -e "$room/control/$(echo "$t" | tr /: __).2" ] || continue
		able=yes
		run "$t" && continue
		by=$t
		break
	done
	ms=$((($(date +%s%N) - before) / 1000000))
	good=true
	if [ -n "$by" ]; then
		killed=$((killed + 1))
		answer "$name: killed by $by in $ms ms ($words)"
	elif [ -z "$able" ]; then
		answer "$name # SKIP $(cat "$d/by") cannot run here"
	else
		good=false
		answer "$name: survived $(cat "$d/by") ($words)"
	fi
done
echo "# mutants: $killed of $((n - 1)) killed, in $(($(date +%s) - start)) s"
echo "1..$n"
[ $failed -eq 0 ]
