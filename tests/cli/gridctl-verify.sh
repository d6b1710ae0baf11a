#!/bin/sh
# SPDX-License-Identifier: MIT
# gridctl verify, head, cat, adopt.
. "$(dirname "$0")/../tap.sh"
need gridctl
now=--now=2026-01-05T08:00:00

# A register with two grids and, adopted, two hazards.
register() {
	gridctl init -q $now --place=yongren --office=Y01 reg
	printf 'grid,parent,level,name\nY01,,county,永仁县\nY01A,Y01,township,永定镇\n' >grids.csv
	gridctl -C reg put -q $now grids grids.csv
	policy=$(gridctl -C reg get -v policy 2>&1 >/dev/null | cut -c1-12)
	hazard 1 3 >>reg/hazards.csv
	hazard 2 3 >>reg/hazards.csv
	gridctl -C reg adopt -q $now --reason=fixture >/dev/null
}

# hazard NUMBER COMMIT
hazard() {
	printf 'Y01-H2026-%06d,%s,2026-01-0%sT07:00:00+08:00,,Y01A,,,gas,general,patrol,x,,,,,,,%s,,厨房,"软管, 老化"\n' "$1" "$2" "$1" "$policy"
}

prints_a_checkpoint() {
	register
	status 0 gridctl -C reg head
	is "$(wc -l <out)" 4
	is "$(sed -n 1,2p out)" "gridledger-checkpoint 1
Y01 3 2026-01-05T08:00:00+08:00"
	is "$(sed -n 3p out)" "$(tail -n 1 reg/journal.csv | sed 's/.*,//')"
	status 0 gridctl -C reg head --short
	like "$(cat out)" '^Y01 3 [0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}$'
	status 0 gridctl -C reg head --known=2 --short
	like "$(cat out)" '^Y01 2 '
}

is_good() {
	register
	gridctl -C reg head --known=2 >two
	status 0 gridctl verify reg
	empty out
	like "$(cat err)" '^gridctl verify: 3 commits, 2 rows, [0-9]+ bytes are as they were written; head Y01 3 '
	has err 'not proven without --since=CHECKPOINT: that the whole history was not rolled back or rewritten'
	status 0 gridctl -C reg verify --since=two
	has err 'it extends the checkpoint: nothing up to there was changed or taken back'
	status 0 gridctl -C reg verify -q
	empty out err
}

names_a_changed_byte() {
	register
	sed -i 's/Y01-H2026-000002,3,2026-01-02/Y01-H2026-000002,3,2026-01-03/' reg/hazards.csv
	status 1 gridctl verify reg
	like "$(cat out)" '^hazards.csv:.*3.*\(commit 3\)$'
	has err 'gridctl verify: 1 finding in 3 commits'
	status 2 gridctl verify reg reg
	status 4 gridctl verify no-such-dir
	has err 'no-such-dir: cannot open the directory'
	rm reg/register.yaml
	status 2 gridctl verify reg
	has err "not a register"
}

finds_a_rollback() {
	gridctl init -q $now --place=yongren --office=Y01 reg
	cp -r reg old
	printf 'grid,level,name\nY01,county,永仁县\n' | gridctl -C reg put -q $now grids -
	gridctl -C reg head >point
	status 0 gridctl verify old
	status 1 gridctl verify --since=point old
	ok 'a finding is printed' test -s out
	printf 'grid,level,name\nY01,county,别的\n' | gridctl -C old put -q $now grids -
	status 1 gridctl verify --since=point old
	ok 'a finding is printed' test -s out
	status 3 gridctl verify --since=reg/register.yaml reg
}

warns_of_edited_copies() {
	register
	echo '# x' >>reg/policy/workflow.yaml
	sed -i 's/永定/永订/' reg/grids.csv
	status 0 gridctl verify reg
	has err 'warning: policy/workflow.yaml: the working copy'
	has err 'warning: grids.csv: the working copy'
	status 1 gridctl -C reg check copies
	has out 'policy/workflow.yaml: the working copy is not what is committed; it changes nothing until gridctl put policy'
	has out 'grids.csv: the working copy is not what is committed; it changes nothing until gridctl put grids'
	status 0 gridctl -C reg tree
	has out 永定镇
}

# An office or an offset put in by hand does not change what is written.
edited_settings_change_nothing() {
	register
	cp reg/register.yaml keep
	n=1
	for edit in s/Y01/Y02/ s/+08:00/+09:00/ s/zh/en/; do
		sed "$edit" keep >reg/register.yaml
		ok "$edit changes it" test "$(cmp keep reg/register.yaml)" != ''
		status 0 gridctl -C reg set $now --reason=x grids Y01A population=$n
		has err 'warning: register.yaml: the working copy is not what is committed; it changes nothing until gridctl put register'
		status 0 gridctl -C reg head
		is "$(sed -n 2p out)" "Y01 $((n + 3)) 2026-01-05T08:00:00+08:00" "$edit"
		n=$((n + 1))
	done
	status 0 gridctl verify reg
	has err 'warning: register.yaml: the working copy'
	sed 's/zh/en/' keep >reg/register.yaml
	status 0 gridctl -C reg put $now register reg/register.yaml
	unlike "$(cat err)" 'it changes nothing'
	status 0 gridctl -C reg set $now --reason=x grids Y01A population=9
	unlike "$(cat err)" 'it changes nothing'
	sed 's/Y01/Y02/' keep >reg/register.yaml
	status 3 gridctl -C reg put $now register reg/register.yaml
	status 0 gridctl verify reg
}

# A ledger that is no file is a finding like any other.
no_regular_file() {
	register
	mv reg/events.csv reg/events
	ln -s events reg/events.csv
	status 1 gridctl verify reg
	is "$(cat out)" 'events.csv: is not a regular file (commit 1)'
	rm reg/events.csv
	mkdir reg/events.csv
	status 1 gridctl verify reg
	is "$(cat out)" 'events.csv: is not a regular file (commit 1)'
}

cats_committed_rows() {
	register
	status 0 gridctl -C reg cat hazards
	cmp out reg/hazards.csv
	printf 'half a ro' >>reg/hazards.csv
	status 0 gridctl -C reg cat hazards
	is "$(wc -l <out)" 3
	status 0 gridctl -C reg cat --known=2 hazards
	is "$(wc -l <out)" 1
	status 0 gridctl -C reg cat journal
	cmp out reg/journal.csv
	status 2 gridctl -C reg cat hazard
	has err 'there is no ledger "hazard"; did you mean hazards? there are actions'
	status 2 gridctl -C reg cat grids
	has err 'grids is a master table and no ledger; gridctl get grids prints it'
}

adopts_rows() {
	register
	status 1 gridctl -C reg adopt $now
	has err 'gridctl adopt: there are no rows to adopt'
	hazard 3 4 >>reg/hazards.csv
	status 5 gridctl -C reg set $now --reason=x grids Y01A population=1
	has err 'gridctl adopt'
	status 0 gridctl -C reg adopt $now -n
	has out 'hazards.csv:4: Y01-H2026-000003,4,2026-01-03'
	status 0 gridctl -C reg adopt $now --reason='手工 补录'
	is "$(cat err)" '1 row adopted, commit 4'
	status 0 gridctl -C reg log
	like "$(tail -n 1 out)" '^4,.*,gridctl:adopt:手工:补录,hazards,Y01-H2026-000003,,,1$'
	status 0 gridctl verify reg
	status 0 gridctl -C reg set $now --reason=x grids Y01A population=1
}

refuses_bad_rows() {
	register
	cp reg/hazards.csv good
	hazard 4 7 | sed 's/,gas,/,gass,/;s/,Y01A,/,Y01B,/' >>reg/hazards.csv
	status 3 gridctl -C reg adopt $now
	has err 'hazards.csv:4: hazard: Y01-H2026-000004 is out of order: number 3 of 2026 comes next'
	has err 'hazards.csv:4: category: "gass" is not one of fire, gas'
	has err 'hazards.csv:4: grid: there is no "Y01B" in grids.csv'
	has err 'hazards.csv:4: commit: 7 is not the commit that takes it in: write 4'
	cp good reg/hazards.csv
	hazard 3 4 | sed 's/Y01-H/Y02-H/;s/T07:00:00/ 07:00/' >>reg/hazards.csv
	status 3 gridctl -C reg adopt $now
	has err 'Y02-H2026-000003 is not an id of office Y01'
	has err 'hazards.csv:4: reported_at: '
	cp good reg/hazards.csv
	status 0 gridctl verify reg
}

tells_of_lost_answers() {
	register
	[ -w /dev/full ] || skip 'no /dev/full'
	hazard 3 4 >>reg/hazards.csv
	got=0
	gridctl -C reg adopt $now >/dev/full 2>err || got=$?
	is $got 7
	has err 'recorded, but the answer could not be delivered'
	status 0 gridctl verify reg
	got=0
	gridctl -C reg get grids >/dev/full 2>err || got=$?
	is $got 4
	gridctl -C reg log --changes | head -n 1 >/dev/null
}

t 'head prints a checkpoint' prints_a_checkpoint
t 'verify of a good register, with and without a checkpoint' is_good
t 'verify names file, row and commit of a changed byte' names_a_changed_byte
t 'verify --since finds a rollback and a fork' finds_a_rollback
t 'edited working copies are warned about and change nothing' warns_of_edited_copies
t 'settings edited by hand change nothing' edited_settings_change_nothing
t 'a ledger that is no regular file' no_regular_file
t 'cat prints committed rows only' cats_committed_rows
t 'adopt shows and seals rows by another hand' adopts_rows
t 'adopt refuses bad rows' refuses_bad_rows
t 'an answer that cannot be delivered' tells_of_lost_answers
plan
