#!/bin/sh
# SPDX-License-Identifier: MIT
# No terminal is steered by data (reliability.md I8): whatever stands in a field, what people are shown holds no control
# byte but LF, and no character that turns the writing direction or takes no room.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate rectify-report python3

now=--now=2026-03-10T09:00:00+08:00

# What must not be shown: C0 but LF, DEL, C1, bidirectional controls, separators of lines, what is invisible, broken UTF-8.
calm() {
	python3 - "$@" <<-'END' || fail "$* steers the terminal"
		import sys, unicodedata
		bad = set(range(0x20)) - {10} | set(range(0x7f, 0xa0)) | {0x61c, 0x180e, 0x2028, 0x2029, 0xfeff} | \
		    set(range(0x200b, 0x2010)) | set(range(0x202a, 0x202f)) | set(range(0x2060, 0x2070))
		for name in sys.argv[1:]:
		    text = open(name, "rb").read().decode("utf-8", "strict")
		    found = sorted({ord(c) for c in text} & bad)
		    if found:
		        sys.exit(f"{name}: " + " ".join(f"U+{c:04X}" for c in found))
	END
}

# Characters of the Basic Multilingual Plane in a value: taken or refused by name, and shown harmlessly either way.  All of
# them but the ideographs, syllables and private ones, of which every 64th (TEST_LONG=yes: all) stands for the rest.
every_character() {
	office reg
	python3 - <<-'END'
		import os
		rows = [(c, f"990101,general,{f'x{chr(c)}y' if chr(c) not in ',' else 'x'}") for c in range(1, 0x10000)
		    if not 0xd800 <= c < 0xe000 and chr(c) not in '"\r\n\x1a' and
		    (os.getenv("TEST_LONG") == "yes" or not 0x3400 <= c < 0xf900 or c % 64 == 0)]
		open("in.csv", "w", newline="").write("grid,severity,description\n" + "\n".join(r for _, r in rows) + "\n")
	END
	rc=0
	hazard-add $now --max-errors=0 --rejects=rejects.csv in.csv >out 2>err || rc=$?
	is $rc 1 'what holds control characters is put aside'
	calm err
	n=$(hazard-list $now --columns=hazard | wc -l)
	ok "most are taken: $n" test "$n" -gt 13000
	# the ledger says what was handed in; people are shown what cannot harm them
	ok 'U+202E is in the ledger' grep -q "$(printf 'x\342\200\256y')" reg/hazards.csv
	hazard-list $now --columns=hazard,description | awk -F, '/\xe2\x80|\xe2\x81|\xd8\x9c|\xe1\xa0\x8e|\xef\xbb\xbf/ { print $1 }' >odd
	ok "$(wc -l <odd) odd ones" test "$(wc -l <odd)" -gt 100
	xargs hazard-show $now <odd >shown
	calm shown
	has shown 'x\u{202e}y'
}

# In the names of things, which are shown in tables and trees.
names() {
	office reg
	gridctl get grids >g.csv
	printf '990101003,990101,township,2020-01-01,毒\342\200\256镇\342\200\213x\n' >>g.csv
	rc=0
	gridctl put $now grids g.csv >out 2>err || rc=$?
	calm err
	if [ $rc -eq 0 ]; then
		hazard-add -q $now --grid=990101003 --severity=general --description=x
		gridctl tree >tree
		rectify-report $now --by=township >table
		rectify-report $now --by=township --format=json >json
		calm tree table json
		has tree 毒
	fi
}

# What is complained about is quoted as it was given, but for what steers.
complaints() {
	office reg
	hazards
	esc=$(printf '\033]0;pwned\007\342\200\256')
	for what in "hazard-show $now" "hazard-update $now" "hazard-update $now assign --owner=T01-FIRE" "hazard-list --grid" \
		"hazard-list --columns" "hazard-list --match" "hazard-add --grid" "rectify-report --by" "gridctl cat" "gridctl get" "gridctl" \
		"gridctl put" "gridctl set grids" "gridctl init --place" "hazard-list -C" "hazard-escalate --now" "gridctl verify --since"; do
		rc=0
		$what "$esc" >out 2>err || rc=$?
		ok "$what: status $rc" test $rc -ne 0
		ok "$what: says something" test -s err
		calm err out
	done
	printf 'grid,severity,description,\033[2J\n990101,general,x,y\n' >in.csv
	status 3 hazard-add $now in.csv
	calm err
	printf 'grid,severity\n\033[2J\342\200\256,\302\233\n' >"$(printf 'a\033[2Jb.csv')"
	status 3 hazard-add $now "$(printf 'a\033[2Jb.csv')"
	calm err
	# a ledger that somebody else spoilt
	printf 'T01-H2026-000009,\033[2J\302\233\n' >>reg/hazards.csv
	status 5 hazard-add $now --grid=990101 --severity=general --description=x
	calm err
	rc=0
	gridctl verify >out 2>err || rc=$?
	is $rc 1
	calm err out
	sed -i '2s/general/\x1b[31m/' reg/hazards.csv
	for what in "gridctl verify" "gridctl check" "hazard-show $now T01-H2026-000001" "rectify-report $now"; do
		$what >out 2>err || :
		calm err out
	done
}

# Ledgers as CSV are byte for byte what was committed, in a pipe or a file; a terminal is shown the same made harmless.
on_a_terminal() {
	command -v script >/dev/null || skip 'script(1) is not here'
	office reg
	hazard-add -q $now --grid=990101 --severity=general --description="$(printf 'x\342\200\256y')"
	hazard-list $now --columns=description >out
	is "$(sed -n 2p out)" "$(printf 'x\342\200\256y')"
	script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip 'no pseudo-terminal here'
	for what in "hazard-list $now --columns=description" "gridctl cat hazards"; do
		script -qec "$what" /dev/null </dev/null | tr -d '\r' >shown
		calm shown
		has shown 'x\u{202e}y'
	done
}

t 'the characters of the plane, in a value' every_character
t 'in names, in tables and trees' names
t 'in what is complained about' complaints
t 'on a terminal, and in a pipe' on_a_terminal
plan
