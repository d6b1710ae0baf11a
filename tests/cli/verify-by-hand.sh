#!/bin/sh
# SPDX-License-Identifier: MIT
# The verifier printed in gridledger-ledgers(5) finds nothing in a register as it was written, and finds what was changed.
. "$(dirname "$0")/../tap.sh"
need gridctl hazard-add hazard-update sha256sum

# The script of the page, to ./verify-by-hand.
extract() {
	awk '/^\.Sh / { on = $0 == ".Sh VERIFYING BY HAND" } on && /^\.Ed/ { exit } on && text { print } on && /^\.Bd/ { text = 1 }' \
		"$top/man/gridledger-ledgers.5" | sed 's/^\\&//; s/\\e/\\/g' >verify-by-hand
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
	hazard-update -q --now=2026-03-18T08:30:00+08:00 -f "$demo/steps.csv" >/dev/null
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
	again; sed -n 2p changed/hazards.csv >row; cat row >>changed/hazards.csv; found 'a doubled row' 'hazards.csv: has not the '
	again; sed -i '$d' changed/events.csv; found 'a cut row' 'events.csv: '
	again; sed -i '4s/gridctl:put/gridctl:set/' changed/journal.csv; found 'another command' 'journal.csv: the line does not fit the chain'
	again; sed -i '4d' changed/journal.csv; found 'a line less' 'journal.csv: the line does not fit the chain'
	again; sed -i '$d' changed/journal.csv; sed -i '$d' changed/journal.csv; found 'the last commit' 'has not the '
	again; v=$(grep -l '一般隐患24小时内处置完毕' changed/versions/*); sed -i 's/24/25/' "$v"; found 'a rule' 'file escalation.yaml: versions/'
	again; v=$(grep -l '^subject,kind' changed/versions/* | tail -n 1); rm "$v"; found 'a master version' 'is missing or changed'
}

script_is_short() {
	extract
	ok 'about thirty lines' test "$(grep -c . verify-by-hand)" -le 40
	unlike "$(cat verify-by-hand)" 'gridctl|hazard-|rectify-' 'none of the programs'
}

t 'the script is short and stands alone' script_is_short
t 'nothing is found where nothing was changed' nothing_to_find
t 'what was changed is found, as gridctl verify finds it' changes_are_found
plan
