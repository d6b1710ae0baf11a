# SPDX-License-Identifier: MIT
#
# Faults while a fault is being undone (reliability.md R4).  A writer is killed at each call that changes a file, and in
# the middle of each write; every distinct half-done state that is left is a start: from there the next writer, which
# recovers, is killed at and inside each of its changing calls up to its own begin line, and these fail with EIO, ENOSPC
# and EINTR.
# TEST_LONG=yes: all writers, also the calls that only look, and all errnos of errors.sh.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
. "$tests/fault/lib.sh"
tools
judge_all=	# kill.sh and errors.sh do that for these states

# The half-done states of the writer: one fault for each, into ./starts.
starts() {
	begin "$1"
	calls
	awk -F'\t' -v last="$committed" '
		$3 <= last && $4 == "change" && $1 ~ /^(write|fdatasync|fsync|ftruncate|openat|renameat|mkdirat)/ { print "kill\t" $0 }
		$3 <= last && $1 == "write" { print "torn\t" $0 }' calls >plan
	run_plan
	clean=$(awk -F'\t' '{ print $4 "\t" $14 }' results | sort -n | head -n 1 | cut -f2)
	sort -t"$tab" -k4,4n -k1,1 results | awk -F'\t' -v clean="$clean" '$14 != clean && !($14 in seen) { seen[$14]; print $1 ":" $2 ":" $3 }' >starts
	[ -s starts ] || fail 'no half-done state'
}

# A writer that starts from each.
recoveries() {
	starts "$1"
	: >all
	while read -r start; do
		calls "$start"
		# after its own begin line it is a writer like any other
		mv calls c
		awk '{ print } /\tbegin,/ { exit }' c >calls
		if [ -n "${TEST_LONG-}" ]; then
			{ sed "s/^/kill$tab/" calls; errnos all; } >plan
		else
			{
				grep -E "$tab(change|lock)$tab" calls | sed "s/^/kill$tab/"
				errnos '' | grep -E '^(EIO|ENOSPC|EINTR)'
			} >plan
		fi
		awk -F'\t' '$1 == "write" { print "torn\t" $0 }' calls >>plan
		run_plan "$start"
		cat results >>all
	done <starts
	mv all results
	tally "recovery, $writer, from $(wc -l <starts) half-done states: $(counts)"
}

for w in $all_writers; do
	case $w in
	init) continue ;;	# what it leaves is no register
	add-csv | put) ;;
	*) [ -n "${TEST_LONG-}" ] || continue ;;
	esac
	f=$(echo $w | tr - _)
	eval "recover_$f() { recoveries $w; }"
	t "faults in a recovery, $w" recover_$f
done
told
plan
