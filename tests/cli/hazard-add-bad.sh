#!/bin/sh
# SPDX-License-Identifier: MIT
# hazard-add: bad input, each with an exact message and nothing written.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add awk

now=--now=2026-03-10T09:00:00+08:00

# bad MESSAGE: in.csv is refused with it and the register stays as it was
bad() {
	cp reg/journal.csv before
	status 3 hazard-add $now in.csv
	has err "$1"
	empty out
	same before reg/journal.csv
	is "$(wc -l <reg/hazards.csv)" 1 'rows'
}

shapes() {
	office reg
	: >in.csv
	bad 'in.csv: '
	printf 'grid,severity,description\n' >in.csv
	bad 'in.csv: a header and no rows'
	printf 'grid,severity,description\n990101,general\n' >in.csv
	bad 'in.csv:2: 2 fields, the header has 3'
	printf 'grid,severity,description\n990101,general,a,b\n' >in.csv
	bad 'in.csv:2: 4 fields, the header has 3'
	printf 'grid,severity,description\n990101,general,"a\n990101,general,b\n' >in.csv
	bad 'in.csv:2:16: quote opened here is never closed'
	printf 'grid,severity,description\n990101,general,a\000b\n' >in.csv
	bad 'in.csv:2:17: a NUL byte'
	printf 'grid,severity,description\n990101,general,\376\n' >in.csv
	bad 'invalid UTF-8 (byte 0xFE)'
}

gbk() {
	office reg
	printf '网格,等级,隐患描述\n990101,一般,灭火器过期\n' | iconv -f UTF-8 -t GB18030 >in.csv
	bad 'gb18030'
	has err -- '--encoding'
	status 0 hazard-add $now --encoding=gb18030 in.csv
	has reg/hazards.csv ',灭火器过期'
}

headers() {
	office reg
	printf 'grid,severty,description\n990101,general,a\n' >in.csv
	bad 'in.csv:1: unknown column "severty"; did you mean severity?'
	printf 'grid,severity,隐患等级,description\n990101,general,general,a\n' >in.csv
	bad 'in.csv:1: columns 2 ("severity") and 3 ("隐患等级") are the same'
	printf 'hazard,grid,severity,description\nT01-H2026-000009,990101,general,a\n' >in.csv
	bad 'in.csv:1: column "hazard" is given by the register; leave it out'
	printf 'grid,severity,description,asign.owner\n990101,general,a,\n' >in.csv
	bad 'in.csv:1: unknown step "asign" in column "asign.owner"'
	printf 'grid,severity,description,assign.ownr\n990101,general,a,\n' >in.csv
	bad 'in.csv:1: unknown column "assign.ownr": a step has no "ownr"; did you mean owner?'
	printf 'grid,severity,description,correct.value\n990101,general,a,\n' >in.csv
	bad 'in.csv:1: column "correct.value": correct is not a step that comes with a new hazard'
	printf 'grid,severity\n990101,general\n' >in.csv
	bad 'in.csv:1: no column "description" (隐患描述): every hazard needs one'
	printf 'grid,,description\n990101,general,a\n' >in.csv
	bad 'in.csv:1: column 2 has no name'
}

values() {
	office reg
	printf 'grid,severity,description\n990199,general,a\n' >in.csv
	bad 'in.csv:2: grid: '
	has err 990199
	printf 'grid,subject,severity,description\n990101,T01-S9,general,a\n' >in.csv
	bad 'in.csv:2: subject: '
	has err T01-S9
	printf 'grid,category,severity,description\n990101,gass,general,a\n' >in.csv
	bad 'in.csv:2: category: "gass" is not one of fire, gas, '
	has err 'did you mean gas?'
	printf 'grid,severity,description\n990101,严重,a\n' >in.csv
	bad 'in.csv:2: severity: "严重" is not one of minor, general, major'
	printf 'grid,severity,reported_at,description\n990101,general,yesterday,a\n' >in.csv
	bad 'in.csv:2: reported_at: "yesterday" is not a time'
	printf 'grid,severity,found_at,description\n990101,general,46056.5,a\n' >in.csv
	bad 'in.csv:2: found_at: '
	has err '2026-02-03'
	printf 'grid,severity,description\n990101,general,a␤b\n' >in.csv
	bad 'in.csv:2: description: '
	printf 'grid,severity,description,related\n990101,general,a,T01-H2026-000009\n' >in.csv
	bad 'in.csv:2: related: T01-H2026-000009 is not in hazards.csv'
	printf 'grid,severity,description,emergency\n990101,general,a,maybe\n' >in.csv
	bad 'in.csv:2: emergency: '
}

a_field_of_a_megabyte() {
	office reg
	awk 'BEGIN { print "grid,severity,description"; printf "990101,general,"; for (i = 0; i < 1048577; i++) printf "x"; print "" }' >in.csv
	bad 'in.csv:2: column 3: the field has 1048577 bytes, at most 1048576 are taken'
}

ten_thousand_bad_rows() {
	office reg
	awk 'BEGIN { print "grid,severity,description"; for (i = 0; i < 10000; i++) print "990101,serious,row " i }' >in.csv
	bad '… and 9900 more errors'
	has err '10000 errors, nothing was written'
	is "$(grep -c 'in.csv:' err)" 100 'errors printed'
	status 3 hazard-add $now --max-errors=3 in.csv
	is "$(grep -c 'in.csv:' err)" 3 'errors printed'
	has err '… and 9997 more errors'
	status 1 hazard-add $now --rejects=bad.csv in.csv
	is "$(wc -l <bad.csv)" 10001 'rejects'
	empty out
}

the_register_is_busy() {
	command -v flock >/dev/null || skip 'no flock'
	office reg
	printf 'grid,severity,description\n990101,general,a\n' >in.csv
	status 4 flock reg/journal.csv hazard-add $now --lock-wait=100ms in.csv
	is "$(wc -l <reg/hazards.csv)" 1 'rows'
	status 0 hazard-add $now in.csv
}

another_hand() {
	office reg
	printf 'grid,severity,description\n990101,general,a\n' >in.csv
	hazard-add $now -q in.csv >/dev/null
	row=$(tail -n 1 reg/hazards.csv | sed 's/000001/000002/')
	printf '%s\n' "$row" >>reg/hazards.csv
	cp reg/hazards.csv before
	status 5 hazard-add $now --again in.csv
	has err 'hazards.csv'
	has err 'gridctl adopt'
	same before reg/hazards.csv
}

sixteen_writers() {
	office reg
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		hazard-add $now -q --grid=990101 --severity=general --description="writer $i" >id.$i &
	done
	wait
	cat id.* | sort >ids
	is "$(wc -l <ids)" 16 'acknowledged'
	tail -n +2 reg/hazards.csv | cut -d, -f1 | same - ids
	is "$(cut -d, -f2 reg/hazards.csv | sort -u | wc -l)" 17 'commits'
	status 0 gridctl verify
}

# A severity that only some roles may give: by options and by file, with what else is wrong, and row by row.
who_may_give_a_severity() {
	office reg
	cp -r reg/policy new
	rm -rf new/tests
	sed -i '/{id: major, /s/by: .*/by: [leader, department]}/' new/policy.yaml
	gridctl put -q --now=2026-03-01T08:00:00+08:00 policy new
	cp reg/journal.csv before
	status 3 hazard-add $now --grid=990101 --severity=major --category=fire --description=x
	has err 'hazard-add: --severity: "major" may be given by department or leader; T01-O1 is dispatcher or clerk'
	cat >in.csv <<-'END'
		ref,grid,severity,reporter,description,assign.owner
		a,990101001001,general,T01-O2,a,
		b,990101001001,major,T01-O2,b,T01-NONE
		c,990101001001,重大,,,T01-FIRE
		d,990101001001,major,T01-O3,d,
		e,990101001001,major,T01-O4,e,T01-FIRE
	END
	bad 'in.csv:3: severity: "major" may be given by department or leader; T01-O1 is dispatcher or clerk'
	has err 'in.csv:3: assign.owner: '
	has err 'in.csv:4: severity: "major" may be given by'
	has err 'in.csv:4: description: empty'
	is "$(grep -c 'severity:' err)" 2 'rows refused for it'
	# whoever may give it may enter what others reported, and the same file once more is nobody's judgement
	sed -i -e 's/T01-NONE/T01-GAS/' -e 's/,,,T01/,,c,T01/' in.csv
	status 0 hazard-add $now --actor=T01-O3 in.csv
	is "$(wc -l <out)" 5 'hazards'
	echo >>in.csv
	status 0 hazard-add $now --actor=T01-O1 in.csv
	has err '5 rows had a ref that is there already'
	# bad rows alone are put aside
	printf 'grid,severity,description\n990101001001,major,x\n990101001001,minor,y\n' >in.csv
	status 1 hazard-add $now --rejects=bad.csv in.csv
	is "$(wc -l <out)" 1 'hazards'
	has bad.csv 'may be given by department or leader'
}

a_register_that_is_none() {
	status 2 hazard-add -C . $now --actor=x --grid=990101
	empty out
}

t 'broken shapes of a file' shapes
t 'another encoding' gbk
t 'headers' headers
t 'values' values
t 'a field of more than 1 MiB' a_field_of_a_megabyte
t '10,000 bad rows in one pass' ten_thousand_bad_rows
t 'somebody else writes' the_register_is_busy
t 'rows added by another hand' another_hand
t 'sixteen writers at once' sixteen_writers
t 'a severity that only some roles may give' who_may_give_a_severity
t 'no register' a_register_that_is_none
plan
