# SPDX-License-Identifier: MIT
#
# Short reads and writes and interrupted calls are invisible (reliability.md R3): status 0, the same answer, the same
# rows.  Every second call of a kind is interrupted; then, seeded, one read or write in five is interrupted and three in
# five are cut short, on files and on pipes.  TEST_LONG=yes: more seeds.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
. "$tests/fault/lib.sh"
need rectify-report
tools

# What goes wrong for a moment in calls of $writer: status 0 and all is as if it had not.
unnoticed() {
	begin "$1"
	calls
	awk -F'\t' -v seeds="${TEST_LONG:+200}" '
		$1 ~ /^(read|pread64|write|openat|flock)$/ && n[$1]++ < ($1 == "flock" ? 1 : 2) { print "EINTR/2\t" $1 "\t" $2 }
		END { for (i = 1; i <= (seeds ? seeds : 8); i++) print "short\tread\t" i }' calls >plan
	try_plan -P
	case $writer in read-*) wanted=before ;; *) wanted=after ;; esac
	awk -F'\t' -v wanted=$wanted '$4 != 0 || $5 != wanted || $6 != "same" || !$7 { print }
		$1 == "short" { n++; f += $8 }
		END { if (f < 20 * n) print "hardly tried: " f " faults in " n " runs" }' results >bad
	empty bad
	[ $wanted = after ] || is "$(cut -f10 results | sort -u | wc -l)" 1 'states of the files that were read'
	tally "short and interrupted calls, $writer: $(awk -F'\t' '{ n++; f += $8 } END { print n " runs, " f " faults, 0 noticed" }' results)"
}

for w in $all_writers $all_readers; do
	f=$(echo $w | tr - _)
	eval "unnoticed_$f() { unnoticed $w; }"
	t "short and interrupted calls, $w" unnoticed_$f
done
told
plan
