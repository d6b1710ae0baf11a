#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Whatever is changed behind the programs' back is found (reliability.md T1, T2, T3): each byte, each length, each line of
# each ledger, of the journal and of every version, by gridctl verify, which names file, commit and row; the little that a
# chain cannot show, a journal cut at the end of a line, and what an owner of the directory can do (an older copy, a
# history written anew), by a checkpoint.  All cases go through the library, which is all that the program asks; through the
# program 2000 of them, or with TEST_LONG=yes 60000; through the script of gridledger-ledgers(5) 40, or 600.
. "$(dirname "$0")/../tap.sh"
. "$tests/fault/tamper-reg.sh"
need gridctl hazard-add hazard-update hazard-escalate sha256sum
PATH=$PATH:${abs_top_builddir-.}/tests/fault
need tamper

long=${TEST_LONG-}
seed=${TAMPER_SEED:-1}
said=$(mktemp) || exit 99
trap 'rm -f "$said"' EXIT

# tried NAME HOW...: run tamper on a copy of ./reg, keep what it counted.
tried() {
	name=$1
	shift
	cp -r reg copy
	status 0 "$@"
	ok 'cases were tried' grep -q 'not found or not named: 0;' out
	sed "s/^/$name: /" out >>"$said"
	ok 'the copy is as it was' diff -r reg copy
	rm -rf copy
}

by_library() {
	twelve
	tried 'in the library' tamper library copy
	# what a chain cannot show is exactly this: the sweep's seal, the last commit and one without rows, taken away
	grep '^only' out >hidden
	same - hidden <<-'END'
		only a checkpoint tells: journal.csv cut behind adopt 13
		only a checkpoint tells: journal.csv cut behind begin 14
	END
	ok 'more than 200000 cases' test "$(sed -n 's/ cases, .*//p' out)" -gt 200000
}

by_program() {
	twelve
	n=2000
	[ "$long" != yes ] || n=60000
	tried "by gridctl verify, seed $seed" tamper program copy $n "$seed" gridctl verify
}

by_script() {
	twelve
	by_hand verify-by-hand
	n=40
	[ "$long" != yes ] || n=600
	tried "by the script of the manual, seed $seed" tamper verdict copy $n "$seed" sh verify-by-hand
}

# The last commit line alone is an interrupted commit; with its rows, nothing that ever was.
last_commit() {
	twelve
	hazard-add -q --now=2026-03-07T09:00:00+08:00 --grid=C --severity=general --category=fire --description=last >ids
	gridctl head >point
	by_hand verify-by-hand
	cp -r reg whole
	sed -i '$d' reg/journal.csv
	status 0 gridctl verify reg
	has err 'a commit was under way or was cut off; the next writer undoes it'
	status 0 sh verify-by-hand reg
	sed -i '$d' reg/journal.csv
	status 1 gridctl verify reg
	has out 'hazards.csv:5: bytes '
	status 1 sh verify-by-hand reg
	for l in hazards events; do
		tail -n 1 reg/$l.csv | grep -q ,15, || continue
		sed -i '$d' reg/$l.csv
	done
	status 0 gridctl verify reg
	status 0 sh verify-by-hand reg
	status 1 gridctl verify --since=point reg
	has out 'the checkpoint is of commit 15, this register ends at commit 14: it was rolled back, or is another one'
	cp whole/journal.csv reg/
	status 1 gridctl verify reg
}

# rewritten OLD NEW: after a rewrite that fits itself, a checkpoint of before finds it and nothing else does.
rewritten() {
	rm -rf forged
	cp -r reg forged
	status 0 tamper forge forged hazards.csv "$1" "$2"
	isnt "$(cmp reg/hazards.csv forged/hazards.csv)" '' 'the ledger was rewritten'
	status 0 gridctl verify forged
	empty out
	has err 'not proven without --since=CHECKPOINT: that the whole history was not rolled back or rewritten'
	status 0 sh verify-by-hand forged
	status 0 gridctl -C forged check rows ids refs order
	for point in at6 at12 at14; do
		status 1 gridctl verify --since=$point forged
		like "$(head -n 1 out)" "^journal.csv:[0-9]+: commit ${point#at} is not the one of the checkpoint .*: the history up to it was rewritten"
		status 0 gridctl verify --since=$point reg
	done
	status 0 gridctl verify --since=at5 forged	# from before what was rewritten: nothing was changed up to there
}

rewritten_history() {
	twelve
	by_hand verify-by-hand
	for n in 5 6 12 14; do
		gridctl head --known=$n >at$n
	done
	rewritten 灭火器过期 灭火器完好
	rewritten 灭火器过期 'nothing at all was wrong here'
	rewritten ,general,, ,minor,,
}

rolled_back() {
	twelve
	cp -r reg old
	gridctl head >before
	hazard-add -q --now=2026-03-07T09:00:00+08:00 --grid=C --severity=general --category=fire --description=one >ids
	gridctl head >after
	status 0 gridctl verify --since=before reg
	status 0 gridctl verify --since=after reg
	status 0 gridctl verify old
	status 0 gridctl verify --since=before old
	status 1 gridctl verify --since=after old
	has out 'it was rolled back, or is another one'
	# it goes on, and is longer than what was taken back
	for d in other third; do
		hazard-add -C old -q --now=2026-03-07T09:00:00+08:00 --grid=C --severity=general --category=fire --description=$d >ids
	done
	status 0 gridctl verify old
	status 1 gridctl verify --since=after old
	has out 'the history up to it was rewritten'
	status 0 gridctl verify --since=before old
}

# A day on which nothing falls due has its own checkpoint.
quiet_days() {
	twelve
	for day in 07 08 09; do
		hazard-escalate -q --now=2026-03-${day}T23:00:00+08:00
		gridctl head >day$day
		gridctl verify -q --since=day$day
	done
	is "$(sed -n 2p day07 day08 day09 | cut -d' ' -f2 | tr '\n' ' ')" '15 ' 'head of day 7'
	isnt "$(cat day07)" "$(cat day08)" 'checkpoints of two days'
	isnt "$(cat day08)" "$(cat day09)" 'checkpoints of two days'
	status 1 gridctl verify --since="$(sed 's/^T01 15 /T01 16 /' day07)"
}

t 'every small change is found and named' by_library
t 'the same by the program' by_program
t 'the script of the manual gives the same verdict' by_script
t 'the last commit, taken away cleanly' last_commit
t 'a history written anew is found by an old checkpoint' rewritten_history
t 'an older copy is found by a newer checkpoint' rolled_back
t 'quiet days are sealed' quiet_days
sed 's/^/# /' "$said"
plan
