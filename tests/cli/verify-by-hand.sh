#!/bin/sh
# SPDX-License-Identifier: MIT
# The verifier printed in gridledger-ledgers(5) finds nothing in a register as it was written, and finds what was changed.
. "$(dirname "$0")/../tap.sh"
. "$tests/fault/tamper-reg.sh"
need gridctl hazard-add hazard-update sha256sum

# The script of the page, to ./verify-by-hand.
extract() {
	by_hand verify-by-hand
	isnt "$(wc -l <verify-by-hand)" 0 'lines of the script'
}

# A register with some commits, ./reg.
make_register() {
	GRIDLEDGER_DIR=$PWD/reg GRIDLEDGER_ACTOR=Y01-O001
	export GRIDLEDGER_DIR GRIDLEDGER_ACTOR
	demo=$top/data-schemas/places/yongren/demo
	gridctl init -q --now=2026-03-16T07:00:00+08:00 --place=yongren --office=Y01 reg
	for table in grids organs officers subjects posts points; do
		gridctl put -q --now=2026-03-16T07:30:00+08:00 "$table" "$demo/$table.csv"
	done
	hazard-add -q --now=2026-03-16T18:00:00+08:00 "$demo/hazards.csv" >/dev/null
	(cd "$demo" && hazard-update -q --now=2026-03-18T08:30:00+08:00 -f steps.csv) >/dev/null	# its evidence lies there
}

# A copy to be changed.
again() {
	rm -rf changed
	cp -r reg changed
}

# found WHAT TEXT: both verifiers see it, and the one by hand says TEXT.
found() {
	for by in verify-by-hand verify; do
		case $by in
		verify) status 1 gridctl verify changed ;;
		*) status 1 sh verify-by-hand changed; cp out by-hand ;;
		esac
		isnt "$(cat out)" '' "$1, $by"
	done
	has by-hand "$2"
}

nothing_to_find() {
	extract
	make_register
	status 0 sh verify-by-hand reg
	empty out err
	status 0 gridctl verify reg
}

changes_are_found() {
	extract
	make_register
	again; sed -i '2s/2026/2025/' changed/hazards.csv; found 'an edited row' 'hazards.csv: '
	again; sed -i '3d' changed/events.csv; found 'a deleted row' 'events.csv: '
	again; sed -n 2p changed/hazards.csv >row; cat row >>changed/hazards.csv; found 'a doubled row' 'hazards.csv: is too long'
	again; sed -i '$d' changed/events.csv; found 'a cut row' 'events.csv: '
	again; sed -i '4s/gridctl:put/gridctl:set/' changed/journal.csv; found 'another command' 'journal.csv: line 4 does not fit the chain'
	again; sed -i '4d' changed/journal.csv; found 'a line less' 'journal.csv: line 4 does not fit the chain'
	again; sed -i '$d' changed/journal.csv; sed -i '$d' changed/journal.csv; found 'the last commit' 'is too long'
	again; v=$(grep -l '^rules:' changed/versions/*); sed -i 's/24/25/' "$v"; found 'a rule' 'file escalation.yaml: versions/'
	again; v=$(grep -l '^subject,kind' changed/versions/* | tail -n 1); rm "$v"; found 'a master version' 'is missing or changed'
}

script_is_short() {
	extract
	ok 'about thirty lines' test "$(grep -c . verify-by-hand)" -le 40
	unlike "$(cat verify-by-hand)" 'gridctl|hazard-|rectify-' 'none of the programs'
}

# What a reader of the page sees is the script, blanks at the start of lines apart.
page_shows_it() {
	extract
	man=$(command -v "${MANDOC:-mandoc}") || skip 'NOT COMPARED WITH THE PAGE: mandoc is not installed'
	"$man" -T utf8 -O width=160 "$top/man/gridledger-ledgers.5" | sed 's/.\x08//g; s/^[[:blank:]]*//' |
		awk '/^#!\/bin\/sh/ { on = 1 } on; /journal.csv$/ && on { exit }' | tr -s '[:blank:]' ' ' >shown
	tr -s '[:blank:]' ' ' <verify-by-hand | sed 's/^ //' >wanted
	same wanted shown
}

any_awk() {
	extract
	make_register
	again
	sed -i '2s/2026/2025/' changed/hazards.csv
	tried=
	for awk in mawk gawk original-awk 'busybox awk'; do
		$awk 'BEGIN { exit }' 2>/dev/null || continue
		sed "s/exec awk/exec $awk/" verify-by-hand >by-awk
		status 0 sh by-awk reg
		empty out err
		status 1 sh by-awk changed
		has out 'hazards.csv: '
		tried="$tried $awk"
	done
	isnt "$tried" '' 'kinds of awk'
}

# A journal that somebody wrote with care must not make the script run what it says.
runs_nothing() {
	extract
	make_register
	for evil in '$(touch ran)' '`touch ran`' '";touch ran;"' 'x;touch ran' '../x y|touch ran'; do
		again
		awk -F, -v OFS=, -v e="$evil" 'NR == 2 { $10 = e ".csv:0:1:1:" $12 ";" e "::" $12 ";" e } NR == 3 { $12 = e } { print }' reg/journal.csv >changed/journal.csv
		got=0
		(cd changed && sh ../verify-by-hand .) >out 2>err || got=$?
		is $got 1 "$evil"
		ok "$evil was not run" test ! -e changed/ran -a ! -e ran
	done
}

t 'the script is short and stands alone' script_is_short
t 'the page shows it as it is' page_shows_it
t 'any awk will do' any_awk
t 'nothing is found where nothing was changed' nothing_to_find
t 'what was changed is found, as gridctl verify finds it' changes_are_found
t 'a hostile journal runs nothing' runs_nothing
plan
