# SPDX-License-Identifier: MIT
#
# An errno in place of every system call that changes a file, of each writing program (reliability.md R2, R8): what
# stands afterwards, what was said and the exit status agree, no file is synced again after its sync failed, and
# it works on.  Also a disk that is full after half a write, and writes that say they wrote and did not.
# For hazard-add of a file also the calls that only look, EIO; TEST_LONG=yes: for all programs with all errnos, and
# errors that stay (from one call on, at all of its kind).
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
. "$tests/fault/lib.sh"
tools

errors() {
	begin "$1"
	calls
	{
		errnos
		[ $writer != add-csv ] || [ -n "${TEST_LONG-}" ] || errnos all | grep "^EIO$tab.*${tab}look$tab"
		awk -F'\t' '$1 == "write" { print "half-ENOSPC\t" $0 }' calls
	} >plan
	run_plan
	tally "$writer, errnos: $(counts)"
	[ $writer != init ] || nothing_left
}

# An init that failed leaves nothing.
nothing_left() {
	clean=$(awk -F'\t' '$1 == "EMFILE" && $8 == 4 { print $14; exit }' results)
	awk -F'\t' -v clean="$clean" '$8 == 4 && $14 != clean' results >left
	empty left
}

# The error stays: what cannot be undone is left for the next writer.
lasting() {
	[ -n "${TEST_LONG-}" ] || skip 'only with TEST_LONG=yes'
	begin "$1"
	calls
	errnos '' + | grep -v "^EINTR" >plan
	run_plan
	tally "$writer, errnos that stay: $(counts)"
}

# Those of the protocol, looked at by the size of the file afterwards.
lies() {
	begin add-csv
	calls
	awk -F'\t' -v last="$committed" '$1 == "write" && $3 <= last && $6 ~ /^(begin|commit|T01-)/ { print "lie\t" $0 }' calls >plan
	is "$(wc -l <plan)" 4 'writes of begin, hazards, events and commit'
	run_plan
	is "$(cut -f9 results | sort -u)" before 'the moment seen'
	tally "$writer, writes that lie: $(counts)"
}

for w in $all_writers; do
	f=$(echo $w | tr - _)
	eval "errors_$f() { errors $w; }; lasting_$f() { lasting $w; }"
	t "errnos at the calls of $w" errors_$f
	t "errors that stay, in $w" lasting_$f
done
t 'writes that lie' lies
told
plan
