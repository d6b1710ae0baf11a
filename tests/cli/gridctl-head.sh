#!/bin/sh
# SPDX-License-Identifier: MIT
# The checkpoint of gridctl head: its four lines, and that signed by the common tools it still proves what it says.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add sha256sum

# A register, its checkpoint in ./point, and three more commits.
begin() {
	office reg
	gridctl head >point
	hazards
}

four_lines() {
	begin
	hash=$(sed -n 13p reg/journal.csv | cut -d, -f11 | tr -d '\n' | sha256sum | cut -c 1-64)
	same - point <<-END
		gridledger-checkpoint 1
		T01 6 2026-03-01T08:00:00+08:00
		$(sed -n 13p reg/journal.csv | cut -d, -f12)
		$hash
	END
	like "$(sed -n 3p point)" '^[0-9a-f]{64}$'
	status 0 gridctl head --known=6
	same point out
	status 0 gridctl head --known=point
	same point out
	status 0 gridctl head --known=2026-03-01T23:00:00+08:00
	same point out
	status 0 gridctl head
	isnt "$(cat out)" "$(cat point)" 'the head after a commit'
	is "$(sed -n 1p out)" 'gridledger-checkpoint 1'
	is "$(sed -n 2p out)" 'T01 7 2026-03-02T18:00:00+08:00'
	status 0 gridctl head --short --known=6
	is "$(cat out)" "T01 6 $(sed -n 3p point | sed 's/^\(....\)\(....\)\(....\)\(....\).*/\1-\2-\3-\4/')"
}

# taken WAY TEXT-OR-FILE: it is a checkpoint that the register extends.
taken() {
	status 0 gridctl verify --since="$2" reg
	has err 'it extends the checkpoint: nothing up to there was changed or taken back'
	status 0 gridctl cat --known="$2" hazards
	is "$(wc -l <out)" 1 "$1: hazards up to there"
}

forms() {
	begin
	taken 'a file' point
	taken 'its text' "$(cat point)"
	sed 's/$/\r/' point >dos
	taken 'with CRLF, as mail makes it' dos
}

not_one() {
	begin
	for change in 1d 2d 3d 4d '1s/1$/2/' '2s/T01 6/T01 x/' '2s/T01/t01/' '3s/.$/g/' '3s/.$//' '4s/$/0/'; do
		sed "$change" point >bad
		status 3 gridctl verify --since=bad reg
		has err 'is not a checkpoint; one has four lines, the first is gridledger-checkpoint 1'
	done
	for change in '3y/0123456789abcdef/123456789abcdef0/' '4y/0123456789abcdef/123456789abcdef0/' '2s/T01 6/T01 5/'; do
		sed "$change" point >other
		status 1 gridctl verify --since=other reg
		has out 'is not the one of the checkpoint'
	done
}

by_signify() {
	begin
	for signify in signify-openbsd signify ''; do
		! command -v "$signify" >/dev/null || break
	done
	[ -n "$signify" ] || skip 'NOT SIGNED: signify is not installed'
	"$signify" -G -n -c county -p key.pub -s key.sec
	"$signify" -S -s key.sec -m point -x point.sig
	status 0 "$signify" -V -p key.pub -m point -x point.sig
	sed '2s/6/7/' point >other
	status 1 "$signify" -V -p key.pub -m other -x point.sig
	"$signify" -S -e -s key.sec -m point -x signed
	taken 'a signed message' signed
}

by_minisign() {
	begin
	command -v minisign >/dev/null || skip 'NOT SIGNED: minisign is not installed'
	minisign -G -W -p key.pub -s key.sec >log 2>&1
	minisign -S -s key.sec -m point >log 2>&1
	status 0 minisign -V -p key.pub -m point
	sed '2s/6/7/' point >other
	status 1 minisign -V -p key.pub -m other -x point.minisig
	taken 'the signed file' point
}

by_ssh() {
	begin
	command -v ssh-keygen >/dev/null || skip 'NOT SIGNED: ssh-keygen is not installed'
	ssh-keygen -q -t ed25519 -N '' -f key
	ssh-keygen -Y sign -f key -n gridledger point 2>log || skip 'NOT SIGNED: this ssh-keygen has no -Y'
	sed 's/^/county /' key.pub >allowed
	sh -c 'ssh-keygen -Y verify -f allowed -I county -n gridledger -s point.sig <point' >log
	sed '2s/6/7/' point >other
	! sh -c 'ssh-keygen -Y verify -f allowed -I county -n gridledger -s point.sig <other' >log 2>&1 || fail 'another text was verified'
	taken 'the signed file' point
}

t 'four lines, each as the journal has it' four_lines
t 'a file, its text, and what mail makes of it' forms
t 'what is no checkpoint, or not one of this register' not_one
t 'signed with signify' by_signify
t 'signed with minisign' by_minisign
t 'signed with ssh-keygen' by_ssh
plan
