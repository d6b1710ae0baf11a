#!/bin/sh
# SPDX-License-Identifier: MIT
# hazard-add: one hazard by options.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add

now=--now=2026-03-02T09:00:00+08:00

an_id_is_printed() {
	office reg
	status 0 hazard-add $now --subject=T01-S1 --severity=general --category=fire --description='灭火器过期'
	echo T01-H2026-000001 | same - out
	empty err
	cut -d, -f1,3-12 reg/hazards.csv | tail -n 1 >row
	same - row <<-'END'
		T01-H2026-000001,2026-03-02T09:00:00+08:00,,990101001001,T01-S1,,fire,general,,T01-O1,
	END
	status 0 gridctl verify
}

both_spellings_names_and_labels() {
	office reg
	status 0 hazard-add $now --found_at='2026年3月2日8时05分' --reported-at='2026/3/2 8：30' --grid=西镇 --subject=92990101MADEM00026 \
		--severity=一般隐患 --category=液化气 --source=网格巡查 --reporter=乙二 --place=' 厨房 ' --description='软管,老化'
	tail -n 1 reg/hazards.csv >row
	has row '2026-03-02T08:30:00+08:00,2026-03-02T08:05:00+08:00,990101002,T01-S3,,gas,general,patrol,T01-O2,'
	has row ',厨房,"软管,老化"'
}

a_name_is_looked_for_in_the_grid() {
	office reg
	status 3 hazard-add $now --subject=便民超市 --severity=general --description=x
	has err 'hazard-add: --subject: '
	has err 'T01-S2'
	status 0 hazard-add $now --grid=990101002001 --subject=便民超市 --severity=general --description=x
	has reg/hazards.csv ',T01-S3,'
}

all_that_is_wrong_is_said_at_once() {
	office reg
	cp reg/hazards.csv before
	status 3 hazard-add $now --grid=990199 --severity=serious --category=gass --reported-at=2026-02-30 --description=
	has err 'hazard-add: --grid: '
	has err 'hazard-add: --severity: "serious" is not one of minor, general, major'
	has err 'did you mean gas?'
	has err 'hazard-add: --reported-at: "2026-02-30" is not a time'
	has err 'hazard-add: --description: empty; say what is wrong'
	has err '5 errors, nothing was written'
	empty out
	same before reg/hazards.csv
}

times_in_order() {
	office reg
	status 3 hazard-add $now --grid=990101 --severity=general --description=x --reported-at='2026-03-02 10:00'
	has err 'hazard-add: --reported-at: 2026-03-02T10:00:00+08:00 is after now (2026-03-02T09:00:00+08:00)'
	status 3 hazard-add $now --grid=990101 --severity=general --description=x --found-at='2026-03-02 08:30' --reported-at='2026-03-02 08:00'
	has err 'hazard-add: --found-at: 2026-03-02T08:30:00+08:00 is after reported_at (2026-03-02T08:00:00+08:00)'
	status 3 hazard-add $now --grid=990101 --severity=general --description=x --found-at=46056
	has err '2026-02-03'
}

missing_columns() {
	office reg
	status 3 hazard-add $now --place=x
	has err 'hazard-add: --grid: empty; give the grid, or a subject that lies in one'
	has err 'hazard-add: --severity: empty; give one of minor, general, major'
	has err 'hazard-add: --description: empty; say what is wrong'
}

a_ref_is_taken_once() {
	office reg
	status 0 hazard-add $now --ref='12345-甲/7' --grid=990101 --severity=general --description=x
	cp reg/journal.csv before
	status 0 hazard-add --now=2026-03-03 --ref='12345-甲/7' --grid=990101 --severity=general --description=x
	echo T01-H2026-000001 | same - out
	has err '1 row had a ref that is there already with the same values; nothing was added for it'
	same before reg/journal.csv
	status 3 hazard-add $now --ref='12345-甲/7' --grid=990101 --severity=major --place=y --description=x
	has err '--ref: "12345-甲/7" is hazard T01-H2026-000001 with another severity ("general" there), place ("" there)'
}

a_key_is_taken_once() {
	office reg
	status 0 hazard-add $now --key=shift-7 --grid=990101 --severity=general --description=x
	status 0 hazard-add $now --key=shift-7 --grid=990101 --severity=general --description=x
	echo T01-H2026-000001 | same - out
	has err 'hazard-add: this input came in on 2026-03-02T09:00:00+08:00 as commit '
	status 0 hazard-add $now --key=shift-7 --again --grid=990101 --severity=general --description=x
	echo T01-H2026-000002 | same - out
	status 0 hazard-add $now --grid=990101 --severity=general --description=x
	echo T01-H2026-000003 | same - out
}

a_likely_duplicate_is_named() {
	office reg
	status 0 hazard-add $now --subject=T01-S1 --severity=general --description=x
	status 0 hazard-add $now --subject=T01-S1 --severity=general --description=x
	echo T01-H2026-000002 | same - out
	has err 'hazard-add: warning: T01-H2026-000002 may be T01-H2026-000001 once more: same grid, subject, day and description'
}

a_dry_run_shows_the_rows() {
	office reg
	cp reg/journal.csv before
	status 0 hazard-add $now -n --subject=T01-S1 --severity=general --description=x
	mv out dry
	same before reg/journal.csv
	status 0 hazard-add $now --subject=T01-S1 --severity=general --description=x
	tail -n 1 reg/hazards.csv >row
	same dry row
}

what_is_printed() {
	office reg
	status 0 hazard-add $now --format=csv --subject=T01-S2 --severity=general --description=x
	same - out <<-'END'
		hazard,row,subject_name
		T01-H2026-000001,1,便民超市
	END
}

usage() {
	office reg
	status 2 hazard-add $now --grid=990101 file.csv
	has err '"file.csv": columns are given by options for one hazard, or by a file for many, not both'
	status 2 hazard-add $now --grid=990101 --rejects=bad.csv
	has err '--rejects: goes with a file of hazards only'
	status 2 hazard-add $now a.csv b.csv
	has err '"b.csv": one file at a time, or - for standard input'
	status 2 hazard-add $now --grid=990101 --grid=990101001
	has err '--grid: given twice'
	status 2 hazard-add $now --key= --grid=990101
	has err '--key: empty; write a KEY'
	status 2 hazard-add $now --gird=990101
	has err 'did you mean --grid?'
	status 2 hazard-add $now --actor=T01-O99 --grid=990101 --severity=general --description=x
	has err 'T01-O99'
	status 4 hazard-add $now missing.csv
	has err 'missing.csv'
	status 0 hazard-add --help
	has out '--found-at=TIME'
	status 0 hazard-add --version
}

the_answer_cannot_be_delivered() {
	[ -w /dev/full ] || skip 'no /dev/full'
	office reg
	got=0
	hazard-add $now --grid=990101 --severity=general --description=x >/dev/full 2>err || got=$?
	is "$got" 7 status
	has err 'recorded, but the answer could not be delivered'
	has reg/hazards.csv T01-H2026-000001
}

t 'a hazard by options' an_id_is_printed
t 'both spellings of options, names and labels' both_spellings_names_and_labels
t 'a name is looked for in the grid' a_name_is_looked_for_in_the_grid
t 'all that is wrong is said at once' all_that_is_wrong_is_said_at_once
t 'times are in order and not of the future' times_in_order
t 'what must be given' missing_columns
t 'a ref is taken once' a_ref_is_taken_once
t 'a key is taken once' a_key_is_taken_once
t 'a likely duplicate is named' a_likely_duplicate_is_named
t 'a dry run shows the exact rows' a_dry_run_shows_the_rows
t '--format=csv' what_is_printed
t 'usage' usage
t 'an answer that cannot be delivered' the_answer_cannot_be_delivered
plan
