#!/bin/sh
# SPDX-License-Identifier: MIT
# Bad input of every kind: each has its exact message, and nothing is lost or written.  What hazard-add and gridctl put say
# of rows and tables stands in hazard-add-bad.sh and gridctl-put.sh; a full disk in tests/fault/full.sh.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate rectify-report awk iconv

now=--now=2026-03-10T09:00:00+08:00

# Everything of a register that is on disk, but for what is derived.
bytes() {
	find "$1" -type f ! -path '*/.index/*' -exec sha256sum {} + | sort | sha256sum
}

# bad MESSAGE COMMAND...: refused with exactly this as the first line of standard error, and no byte of the register changed
bad() {
	said=$1
	shift
	before=$(bytes reg)
	status 3 "$@"
	is "$(head -n 1 err)" "$said" 'message'
	empty out
	is "$(bytes reg)" "$before" 'the register'
}

# policy SCRIPT FILE MESSAGE: the policy with FILE changed by sed is refused
policy() {
	rm -rf pol
	cp -r reg/policy pol
	sed -i "$1" "pol/$2"
	bad "pol/$2:$3" gridctl put policy $now pol
}

# at TEXT FILE [N]: the line of the shipped FILE on which TEXT stands for the first time, and N more
at() {
	echo $(($(grep -n -F -m 1 -e "$1" "reg/policy/$2" | cut -d: -f1) + ${3-0}))
}

policy_files() {
	office reg
	minor=$(at 'id: minor-same-day' escalation.yaml) major=$(at 'id: major-90d' escalation.yaml)
	when=$(at 'when: {severity: minor}' escalation.yaml)
	policy 's/^  - id: minor-same-day/\t- id: x/' escalation.yaml "$minor:1: a tab in the indent; YAML takes only blanks there"
	policy 's/^    basis: 重大/    bassis: 重大/' escalation.yaml \
		"$((major + 1)):5: unknown key \"bassis\"; did you mean \"basis\"? allowed: $(python3 -c '
import json, sys
s = json.load(open(sys.argv[1]))
print(", ".join(s["properties"]["rules"]["items"]["properties"]))' "$GRIDLEDGER_DATA/policy/escalation.schema.json")"
	policy 's/^    when: {severity: minor}/&\n    when: {severity: major}/' escalation.yaml \
		"$((when + 1)):5: key \"when\" is given twice; the first is on line $when"
	policy 's/id: rest-7d/id: major-90d/' escalation.yaml \
		"$(at 'id: rest-7d' escalation.yaml):9: rule id \"major-90d\" is given twice; the first is on line $major"
	policy 's,{severity: minor},{category: /[燃液]气/},' escalation.yaml "$when:23: quote the pattern: '/[燃液]气/'"
	policy 's,{severity: minor},{category: /燃{1\,2}气/},' escalation.yaml "$when:24: quote the pattern: '/燃{1,2}气/'"
	policy 's,{severity: minor},{category: /燃|液化气/},' escalation.yaml \
		"$when:22: quote the pattern: in braces and brackets /燃|液化气/ must stand in quotes, such as '/…/'"
	policy 's,{severity: minor},{category: "/(燃气/"},' escalation.yaml \
		"$when:22: category: bad pattern: missing closing parenthesis at character 4"
	policy 's/within: 90d/within: 5x/' escalation.yaml \
		"$(at 'within: 90d' escalation.yaml):19: within: found \"5x\"; allowed: a text like ^([0-9]{1,6}(m|h|d|wh|wd)|month end)\$ (10m 4h 3d: wall time; 4wh 5wd: working time; month end)"
	policy 's/{severity: minor}/{severity: minr}/' escalation.yaml \
		"$when:22: severity: \"minr\" is not one of minor, general, major; did you mean \"minor\"?"
	policy '$a---\nrules: []' escalation.yaml \
		"$(($(wc -l <reg/policy/escalation.yaml) + 1)):1: a second document begins here (---); one file holds one document"
	policy '1s/.*/rules: \&all/' escalation.yaml \
		'1:8: an anchor (&all) is not allowed; write the value out, or quote a text that begins with &'
	policy '1s/.*/rules: [a, b\nx: }/' escalation.yaml '2:2: a comma or ] is missing before this; the brackets were opened on line 1'
}

rules_that_never_match() {
	office reg
	never="$(at 'id: minor-same-day' escalation.yaml):5: rule \"minor-same-day\" can never match: rule \"major-90d\" on line $(at 'id: major-90d' escalation.yaml) takes all it would take"
	policy 's/{severity: minor}/{severity: major}/' escalation.yaml "$never"
	policy 's/{severity: major}/{severity: [minor, major]}/' escalation.yaml "$never"
	policy 's/^    when: {severity: major}//' escalation.yaml "$never"
	policy 's/^  - id: rest-7d/&\n    when: {severity: general}/' escalation.yaml \
		"$(at 'id: rest-7d' escalation.yaml 1):11: the last rule (\"rest-7d\") must match everything; leave out its \"when\", or add a last rule without one"
}

workflows() {
	office reg
	policy '/^  return: /s/from: .*/from: [rectifying], to: assigned, implied: yes}/' workflow.yaml \
		"$(at '  return: ' workflow.yaml):3: the implied steps go round in a circle: assigned -> rectifying -> assigned; step \"return\" must not be implied"
	policy '/^  close: /s/to: closed/to: close/' workflow.yaml \
		"$(at '  close: ' workflow.yaml):48: to: \"close\" is not one of reported, assigned, rectifying, rectified, rechecked, closed, terminated, void, transferred; did you mean \"closed\"?"
	policy '/^  close: /s/clerk/clrek/' workflow.yaml \
		"$(at '  close: ' workflow.yaml):120: role: \"clrek\" is not one of grid-officer, grid-leader, chief-leader, dispatcher, department, leader, expert, clerk, rectifier, volunteer; did you mean \"clerk\"?"
	# two states that lead only to each other: nobody can close what is there
	rm -rf pol
	cp -r reg/policy pol
	sed -i '/^  \(return\|transfer\|terminate\|void\): /s/from: open/from: [reported]/
		/^  close: /s/to: closed/to: rectified/
		/^  recheck: /s/fail: rectifying/fail: rectified/' pol/workflow.yaml
	before=$(bytes reg)
	status 3 gridctl put policy $now pol
	same - err <<-'END'
		pol/workflow.yaml:7:3: state "rectified" has no way to an end (a state of phase closed, ended or void); add a step from it
		pol/workflow.yaml:8:3: state "rechecked" has no way to an end (a state of phase closed, ended or void); add a step from it
		gridctl put: 2 errors, nothing was written
	END
	is "$(bytes reg)" "$before"
}

policy_folders() {
	office reg
	cp -r reg/policy pol
	mv pol/notices.yaml pol/notice.yaml
	bad 'pol/notice.yaml: is not a file of a policy; did you mean notices.yaml? There are policy.yaml, notices.yaml, workflow.yaml, escalation.yaml, calendar.yaml, cadence.yaml, sensors.yaml, rewards.yaml, scores.yaml, risk.yaml' \
		gridctl put policy $now pol
	rm -r pol
	cp -r reg/policy pol
	rm pol/workflow.yaml
	bad 'pol/workflow.yaml: there is no such file; a policy needs policy.yaml, workflow.yaml and escalation.yaml' \
		gridctl put policy $now pol
	: >pol/workflow.yaml
	bad 'pol/workflow.yaml:1:1: missing key "start"; it takes a text like ^[a-z][a-z0-9-]{0,31}$ (state of a hazard that has just been reported; of phase open)' \
		gridctl put policy $now pol
	iconv -f UTF-8 -t GB18030 reg/policy/workflow.yaml >pol/workflow.yaml
	status 3 gridctl put policy $now pol
	like "$(cat err)" '^pol/workflow.yaml:[0-9]+:[0-9]+: byte 0x[0-9A-F]{2} is not UTF-8; save the file as UTF-8 \(for GBK: iconv -f gb18030 -t utf-8\)$'
	awk 'BEGIN { for (i = 0; i < 300; i++) printf "["; print "" }' >pol/workflow.yaml
	bad 'pol/workflow.yaml:1:33: lists and maps are nested too deep; at most 32 levels are allowed' gridctl put policy $now pol
	# what an editor of Windows makes of it is taken as it is meant
	(printf '\357\273\277'; sed 's/$/\r/' reg/policy/workflow.yaml) >pol/workflow.yaml
	status 0 gridctl put policy $now pol
	status 0 gridctl check
	status 0 hazard-add $now --grid=990101 --severity=minor --description=x
}

grid_trees() {
	office reg
	gridctl get grids | sed 's/^990101001,990101,/990101001,990101001001,/' >g.csv
	bad 'g.csv:3: parent: grid 990101001 lies in itself: the way up from it leads back to it' gridctl put $now grids g.csv
	gridctl get grids | sed 's/^990101001,990101,/990101001,990101001,/' >g.csv
	bad 'g.csv:3: parent: grid 990101001 lies in itself: the way up from it leads back to it' gridctl put $now grids g.csv
	printf 'grid,parent\n990101001,990101001001\n' >g.csv
	bad 'grids.csv as merged:3: parent: grid 990101001 lies in itself: the way up from it leads back to it' \
		gridctl put $now --merge grids g.csv
	gridctl get grids | sed 's/^990101001001,990101001,/990101001001,990109,/' >g.csv
	bad 'g.csv:5: parent: there is no grid "990109"' gridctl put $now grids g.csv
	gridctl get grids | sed 's/^990101001001,990101001,/990101001001,,/' >g.csv
	bad 'g.csv:5: parent: empty, but 990101 is of level county; name the grid that this village lies in' gridctl put $now grids g.csv
	gridctl get grids | sed 's/^990101001001,990101001,village/990101001001,990101001,county/' >g.csv
	bad 'g.csv:5: parent: 990101001 is of level township, which is not above county' gridctl put $now grids g.csv
}

# spoil SCRIPT: hazards.csv of a fresh copy of the register, named in GRIDLEDGER_DIR, after sed
spoil() {
	rm -rf spoilt
	cp -r reg spoilt
	GRIDLEDGER_DIR=$PWD/spoilt
	sed "$1" reg/hazards.csv >spoilt/hazards.csv
}

# told STATUS WRITER READER VERIFY: what the next writer, a reader and verify say; the file is as its last hand left it
told() {
	before=$(bytes spoilt)
	status 5 hazard-add $now --grid=990101 --severity=general --description=x
	is "$(cat err)" "hazard-add: hazards.csv: $1" writer
	empty out
	for reader in "hazard-list $now" "rectify-report $now" "hazard-show $now T01-H2026-000001"; do
		status 5 $reader
		is "$(cat err)" "${reader%% *}: hazards.csv: $2" reader
		empty out
	done
	status 1 gridctl verify -q
	is "$(head -n 1 out)" "hazards.csv:$3" verify
	is "$(bytes spoilt)" "$before" 'the register'
}

saved_by_a_spreadsheet() {
	office reg
	hazards
	does='put the saved copy away, restore the ledger, and hand in changes with hazard-update or ledger-import'
	for how in 'it begins with a byte order mark|1s/^/\xef\xbb\xbf/' \
		'it begins with a byte order mark|1s/^/\xef\xbb\xbf/; s/2026-03-02T\(..:..\):..+08:00/2026\/3\/2 \1/; s/$/\r/' \
		'its lines end in CRLF|s/$/\r/' \
		'its header is quoted|s/[^,]*/"&"/g' \
		'its fields are separated by semicolons|s/,/;/g'; do
		spoil "${how#*|}"
		said="was saved by a spreadsheet (${how%%|*})"
		told "$said; $does" "$said; $does" "1: its header was changed: it $said (commit 1)"
	done
	spoil ''
	iconv -f UTF-8 -t UTF-16 reg/hazards.csv >spoilt/hazards.csv
	told "was saved by a spreadsheet (it is UTF-16); $does" "was saved by a spreadsheet (it is UTF-16); $does" \
		'1: its header was changed: it was saved by a spreadsheet (it is UTF-16) (commit 1)'
	cp reg/hazards.csv spoilt/hazards.csv
	status 0 hazard-add $now --grid=990101 --severity=general --description=x
	status 0 gridctl verify
}

edited() {
	office reg
	hazards
	size=$(wc -c <reg/hazards.csv)
	spoil 's,2026-03-02T08:00:00+08:00,2026/3/2 8:00,'
	less=$((size - 12))
	told "has $less bytes, $size were committed: rows were removed or changed; restore it (gridctl verify says from which commit on)" \
		"has $less bytes, $size were committed: rows were removed or changed; run gridctl verify" \
		"2-7: rows of commit 7 are missing or shorter: the ledger has $less bytes, they ended at byte $((size - 1)) (commit 7)"
	spoil '3s/软管/燃气软管/'
	told "was changed before byte $size, where the committed rows end; run gridctl verify" \
		"was changed before byte $size, where the committed rows end; run gridctl verify" \
		"2-7: rows of commit 7 (bytes 169-$((size - 1))) are not those that were committed (commit 7)"
	spoil d
	told "has 0 bytes, $size were committed: rows were removed or changed; restore it (gridctl verify says from which commit on)" \
		'no header, the file is empty; run gridctl verify' '1: its header was changed (commit 1)'
	spoil '3d'
	status 1 gridctl verify -q
	is "$(head -n 1 out)" 'hazards.csv:3: this row of commit 7 was changed: its id is not the one that was given (commit 7)'
	# of the same length: only verify can see it
	spoil '2s/,general,/,generaL,/'
	status 1 gridctl verify -q
	is "$(head -n 1 out)" "hazards.csv:2-7: rows of commit 7 (bytes 169-$((size - 1))) are not those that were committed (commit 7)"
	status 1 gridctl check rows
	has out 'hazards.csv:2: severity: "generaL" is no severity of any committed policy'
	rm spoilt/hazards.csv
	told 'is missing; restore it' 'is missing; restore it' ' is missing (commit 1)'
	spoil ''
	rm spoilt/journal.csv
	status 5 hazard-list $now
	is "$(cat err)" 'hazard-list: journal.csv: is missing; restore it'
	status 5 gridctl verify
	is "$(cat err)" 'gridctl verify: journal.csv: is missing; restore it'
	spoil ''
	rm spoilt/versions/*
	status 5 hazard-list $now
	like "$(cat err)" '^hazard-list: versions/[0-9a-f]{64}: is missing; restore it$'
}

rows_of_another_hand() {
	office reg
	hazards
	spoil ''
	tail -n 1 reg/hazards.csv | sed 's/000006/000007/' >>spoilt/hazards.csv
	size=$(wc -c <reg/hazards.csv)
	last=$(($(wc -c <spoilt/hazards.csv) - 1))
	status 5 hazard-escalate $now
	is "$(cat err)" "hazard-escalate: hazards.csv: 1 row (bytes $size-$last) was not written by this toolkit; look at it, then run gridctl adopt"
	status 0 hazard-list $now --columns=hazard
	is "$(wc -l <out)" 7 'readers see what is committed'
	status 1 gridctl verify -q
	is "$(cat out)" "hazards.csv:8: bytes $size-$last behind the last commit were not written by this toolkit; gridctl adopt takes them in"
}

copies_edited_in_place() {
	office reg
	hazards
	sed -i 's/河村/河边村/' reg/grids.csv
	echo '# x' >>reg/policy/policy.yaml
	status 0 gridctl verify
	for copy in grids.csv policy/policy.yaml; do
		has err "$copy: the working copy was edited: what is committed is not changed by it; hand it in with gridctl put, or get the committed one with gridctl get"
	done
	status 0 hazard-add $now --grid=990101001002 --severity=general --description=x
	status 0 hazard-list $now --columns=village_name --grid=990101001002
	is "$(sed -n 2p out)" 河村 'what is committed holds'
	has reg/grids.csv 河边村
	is "$(tail -n 1 reg/policy/policy.yaml)" '# x' 'the edit is kept'
	status 0 gridctl get policy policy.yaml
	sed '$d' reg/policy/policy.yaml | same - out
	status 2 gridctl get policy policy.yml
	is "$(cat err)" 'gridctl get: the policy has no file "policy.yml"; did you mean policy.yaml?'
}

fields() {
	office reg
	# 1 MiB is taken, one byte more is not
	awk 'BEGIN { print "grid,severity,description"; printf "990101,general,"; for (i = 0; i < 1048576; i++) printf "x"; print "" }' >in.csv
	status 0 hazard-add $now in.csv
	status 0 hazard-list $now --columns=description
	is "$(tail -n 1 out | wc -c)" 1048577
	awk 'BEGIN { print "grid,severity,description"; printf "990101,general,"; for (i = 0; i < 1048577; i++) printf "x"; print "" }' >in.csv
	bad 'in.csv:2: column 3: the field has 1048577 bytes, at most 1048576 are taken' \
		hazard-add $now in.csv
	printf 'grid,severity,description\n990101,general,ok\n990101,general,"a\nb\n990101,general,c\n' >in.csv
	bad 'in.csv:3:16: quote opened here is never closed' hazard-add $now in.csv
	printf 'grid,severity,description\r\n990101,general,"二\r\n行"\r\n' | (printf '\357\273\277'; cat) >in.csv
	status 0 hazard-add $now in.csv
	has reg/hazards.csv ',二␤行'
}

steps() {
	office reg
	hazards
	h=T01-H2026-000001
	hazard-update -q --now=2026-03-03T09:00:00+08:00 assign --owner=T01-E1 $h
	bad "hazard-update: --at: 2026-03-02T09:00:00+08:00 is before the hazard's last step (assign, 2026-03-03T09:00:00+08:00) (hazard $h)" \
		hazard-update $now rectify --at='2026-03-02 09:00' --reason=补录 $h
	bad "hazard-update: --at: 2026-03-11T09:00:00+08:00 is after now (2026-03-10T09:00:00+08:00) (hazard $h)" \
		hazard-update $now rectify --at='2026-03-11 09:00' $h
	bad "hazard-update: hazard $h is assigned (待接收); close may be taken from rechecked (待销号)" hazard-update $now close $h
	# the first 24 of the place's steps
	steps=$(sed -n '/^steps:/,$s/^  \([a-z-]*\): *{.*/\1/p' reg/policy/workflow.yaml | head -n 24 | tr '\n' , | sed 's/,/, /g')
	bad "hazard-update: \"rectfy\" is not a step; steps are $steps…; did you mean rectify?" \
		hazard-update $now rectfy $h
	printf 'hazard\n%s\nX09-H2026-000001\n' $h >list.csv
	before=$(bytes reg)
	status 3 hazard-update $now rectify - <list.csv
	like "$(cat err)" '^standard input:3: hazard: .*X09-H2026-000001'
	is "$(bytes reg)" "$before"
}

ten_thousand_bad_steps() {
	office reg
	hazards
	awk 'BEGIN { print "step,hazard"; for (i = 0; i < 10000; i++) print "close,T01-H2026-" sprintf("%06d", i + 1) }' >in.csv
	before=$(bytes reg)
	status 3 hazard-update $now -f in.csv
	is "$(grep -c '^in.csv:' err)" 100
	has err '… and 9900 more errors'
	has err '10000 errors, nothing was written'
	status 3 hazard-update $now --max-errors=0 -f in.csv
	is "$(grep -c '^in.csv:' err)" 10000
	status 3 hazard-update $now --max-errors=999999999 -f in.csv
	is "$(grep -c '^in.csv:' err)" 10000
	awk 'BEGIN { print "grid,parent,level,name"; for (i = 0; i < 10000; i++) print i ",999,village,x" }' >in.csv
	status 3 gridctl put $now grids in.csv
	is "$(grep -c '^in.csv:' err)" 100
	like "$(cat err)" '^… and [0-9]+ more errors'
	is "$(bytes reg)" "$before"
}

# Who reads may go away early, and a full disk behind a redirection is told.
outputs() {
	office reg
	hazards
	# so that every paper of the sweep has a receiver, and it has nothing to warn of
	hazard-update -q $now assign --owner=T01-FIRE "$(sed -n 3p ids)"
	for program in "hazard-list $now" "gridctl cat hazards" "gridctl log --changes" "rectify-report $now --by=day --format=csv" \
		"hazard-show $now T01-H2026-000001" "gridctl tree" "gridctl get grids" "gridctl --help" "hazard-escalate $now -n -q"; do
		($program 2>err; echo $? >rc) | head -n 1 >/dev/null
		empty err
		ok "$program | head" test "$(cat rc)" -eq 0 -o "$(cat rc)" -eq 141 -o "$(cat rc)" -eq 4
		[ -w /dev/full ] || continue
		rc=0
		$program >/dev/full 2>err || rc=$?
		is $rc 4 "$program >/dev/full"
		like "$(tail -n 1 err)" ': standard output: cannot write'
	done
	rc=0
	hazard-list $now >&- 2>err || rc=$?
	is $rc 4 'closed from the start'
	if [ -w /dev/full ]; then
		rc=0
		hazard-add $now --grid=990101 --severity=general --description=x >/dev/full 2>err || rc=$?
		is $rc 7
		has err 'recorded'
		is "$(hazard-list $now --columns=hazard | tail -n 1)" T01-H2026-000007
	fi
	status 0 gridctl verify
}

t 'a policy file: tab, unknown and double keys, patterns, values' policy_files
t 'a rule that can never match' rules_that_never_match
t 'a workflow with a cycle, unknown states and roles' workflows
t 'a policy folder: names, missing and empty files, encodings' policy_folders
t 'a grid tree with a cycle or an orphan' grid_trees
t 'a ledger saved by a spreadsheet' saved_by_a_spreadsheet
t 'a ledger edited, cut, emptied, removed' edited
t 'rows added by another hand' rows_of_another_hand
t 'working copies edited in place' copies_edited_in_place
t 'a field of 1 MiB, open quotes, BOM and CRLF' fields
t 'a step before the last one, after now, out of turn' steps
t '10,000 bad steps and rows in one pass' ten_thousand_bad_steps
t 'standard output closed early or full' outputs
plan
