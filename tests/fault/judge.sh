# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What a fault left of the register in ./tried, for tries.c: says before or after, by what a reader without a lock sees,
# when it also works on: it verifies, the writer run again adds nothing twice, and another hazard gets the next id.
# Else it fails, and says why on standard error.
. "$tests/fault/commands.sh"

bad() {
	echo "$*" >&2
	exit 1
}

run() {
	"$@" >j.out 2>j.err || bad "$*: status $?: $(head -n 3 j.err)"
}

# A register in doubt refuses writers until gridctl check has settled it.
settle() {
	cp tried/journal.csv j.journal
	write >j.out 2>j.err
	[ $? -eq 6 ] || bad "a writer while a commit is in doubt: $(head -n 3 j.err)"
	cmp -s j.journal tried/journal.csv || bad 'a writer while a commit is in doubt wrote'
	gridctl check >j.out 2>j.err || [ $? -eq 1 ] || bad "gridctl check: $(head -n 3 j.err)"
}

# One more of the same: nothing new, and the answer that was given or would have been.
again() {
	if [ $writer = adopt ] && [ $seen = after ]; then
		write >j.out 2>&1
		[ $? -eq 1 ] || bad "adopt again: $(head -n 3 j.out)"
		return
	fi
	write run
}

# A half-made register is none; the directory can be used for one.
judge_init() {
	seen=before
	if gridctl -C tried head >j.head 2>&1; then
		content >j.seen 2>j.err || bad "a register that cannot be read: $(head -n 3 j.err)"
		cmp -s j.seen ../after || bad 'not the register that was to be made'
		seen=after
	fi
	if [ $seen = before ]; then
		write >j.out 2>&1 || { rm -rf tried && write run; }
		content >j.seen && cmp -s j.seen ../after || bad 'init after init'
	fi
	echo $seen
	exit 0
}

# What the channels got, against the attempts that are recorded: one more at most, the one that was under way.  Then on to the
# end: each is recorded once, given to its channel at least once, and only that one twice.
judge_send() {
	touch got
	recorded=$(gridctl cat deliveries | sed 1d | wc -l)
	given=$(wc -l <got)
	[ "$given" -eq "$recorded" ] || [ "$given" -eq $((recorded + 1)) ] || bad "$recorded attempts recorded, $given given to a channel"
	write run
	content >j.sent 2>j.err || bad "reading: $(head -n 3 j.err)"
	cmp -s j.sent ../after || bad "not all attempts were recorded, once each: $(diff ../after j.sent | head -n 5)"
	printf '%s\n' 'main 催〔2026〕1号' 'main 督〔2026〕1号' 'spare 督〔2026〕1号' >j.all
	LC_ALL=C sort -u got >j.got
	LC_ALL=C sort j.all | cmp -s - j.got || bad "given to channels: $(cat got)"
	more=$(($(wc -l <got) - 3))
	[ $more -le $((given - recorded)) ] || bad "$more given twice"
	cp got j.before
	write run
	cmp -s got j.before || bad 'sent once more'
	run another
	content >j.final && cmp -s j.final ../after-another || bad "numbers: $(diff ../after-another j.final | head -n 5)"
	gridctl verify -q >j.verdict 2>&1 || bad "verify afterwards: $(head -n 3 j.verdict)"
	echo $seen
	exit 0
}

case $writer in
init) judge_init ;;
read-*) echo before; exit 0 ;;	# it has written nothing: every try leaves the same files
esac
content >j.seen 2>j.err || bad "reading: $(head -n 3 j.err)"
if cmp -s j.seen ../before; then
	seen=before
elif cmp -s j.seen ../after; then
	seen=after
elif [ $writer = send ] && head -c "$(wc -c <j.seen)" ../after | cmp -s - j.seen; then
	seen=before		# some attempts of all
else
	diff ../before j.seen | head -n 20 >&2
	bad 'neither the moment before nor the one after'
fi
if [ $seen = after ] || [ $writer != adopt ]; then
	gridctl verify -q >j.verdict 2>&1 || [ "$(grep -vc 'no whole line: a program was interrupted' j.verdict)" -eq 0 ] ||
		bad "verify: $(head -n 3 j.verdict)"
fi
[ ! -e tried/lost+found/in-doubt ] || settle
[ $writer != send ] || judge_send
# either may come first and find what was left
if [ $writer = adopt ] || [ $seen = after ] || [ $(($(wc -c <tried/journal.csv) % 2)) -eq 0 ]; then
	again
	run another
	wanted=../after-another
else
	run another
	again
	wanted=../another-after
fi
gridctl verify >j.verdict 2>&1 || bad "verify afterwards: $(head -n 3 j.verdict)"
! grep -q 'under way' j.verdict || bad 'a begin is still open'
content >j.final 2>j.err || bad "reading at the end: $(head -n 3 j.err)"
cmp -s j.final $wanted || {
	diff $wanted j.final | head -n 20 >&2
	bad 'not what should be there in the end'
}
echo $seen
