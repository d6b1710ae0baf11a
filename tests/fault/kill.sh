# SPDX-License-Identifier: MIT
#
# kill -9 at every single system call of each writing program, from its first touch of the register on, and in the middle
# of every write (reliability.md R1, R10).  After each one the register reads, byte for byte, as before the commit or
# as after it; what was said is there; it verifies and works on; the same input again leaves one copy.
#
# A state of the files that was judged once is not judged again for the next call that leaves it (TEST_LONG=yes: it is).
# Not seen here, because a kill leaves the page cache: a sync that is missing (reliability.md 0, point 1).
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
. "$tests/fault/lib.sh"
tools

kills() {
	begin "$1"
	calls
	awk -F'\t' '{ print "kill\t" $1 "\t" $2 "\t" $3 "\t" $4 "\t" $5 "\t" $6 } $1 ~ /^p?write(64)?$/ && $5 !~ /^(pipe|socket)/ {
		print "torn\t" $1 "\t" $2 "\t" $3 "\t" $4 "\t" $5 "\t" $6 }' calls >plan
	run_plan
	tally "kill -9, $writer: $(counts)"
}

# What all of this rests on: the call at which a program is killed is not done.
not_done() {
	mkdir w
	echo one >w/file
	echo '[ -e file ] && echo before || echo after' >judge
	: >answer
	: >judged
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		printf 'kill\tunlinkat\t1\n'
	done >plan
	"$bin/tries" -p plan -o "$PWD/results" -J judged -j "$PWD/judge" -a "$PWD/answer" -w w -- rm file || fail "tries: status $?"
	is "$(cut -f4,5,7 results.0 | sort | uniq -c | tr -s ' \t' ' ')" ' 20 137 before 1' 'killed before it is done'
}
t 'a call at which a program is killed is not done' not_done

for w in $all_writers; do
	eval "kill_$(echo $w | tr - _)() { kills $w; }"
	t "kill -9 at every call of $w" kill_$(echo $w | tr - _)
done
for w in $all_senders; do
	eval "kill_$w() { kills $w; }"
	t "kill -9 at every call of $w, the channels it runs go on" kill_$w
done
told
plan
