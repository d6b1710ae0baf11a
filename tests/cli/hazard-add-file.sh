#!/bin/sh
# SPDX-License-Identifier: MIT
# hazard-add: many hazards from CSV, with the steps they have had.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add awk

now=--now=2026-03-10T09:00:00+08:00

any_columns_in_any_order() {
	office reg
	status 0 hazard-add $now - <<-'END'
		description,severity,grid
		甲,general,990101001001
		乙,minor,990101002
	END
	same - out <<-'END'
		T01-H2026-000001
		T01-H2026-000002
	END
	has reg/hazards.csv 'T01-H2026-000001,7,2026-03-10T09:00:00+08:00,,990101001001,,,,general,,T01-O1,'
}

chinese_titles() {
	office reg
	printf '\357\273\277所属网格,隐患等级,单位名称,上报日期,存在问题\r\n东镇,一般隐患,便民超市,２０２６年３月２日,"第一行\r\n第二行"\r\n' >in.csv
	status 0 hazard-add $now --format=csv in.csv
	same - out <<-'END'
		hazard,row,subject_name
		T01-H2026-000001,1,便民超市
	END
	has reg/hazards.csv ',2026-03-02T00:00:00+08:00,,990101001,T01-S2,'
	has reg/hazards.csv ',第一行␤第二行'
}

steps_of_an_old_ledger() {
	office reg
	cat >in.csv <<-'END'
		grid,severity,category,description,reported_at,close.at,assign.owner,assign.at,rectify.at,recheck.at,复查.验收人,recheck.result
		990101001,general,fire,甲,2025-02-01,2025-02-05,T01-FIRE,2025-02-01,2025-02-03,2025-02-04,丙三,合格
		990101001,general,fire,乙,2025-02-02,,T01-FIRE,2025-02-02,,,,
		990101001,general,fire,丙,2025-02-03,,,,,,,
	END
	status 3 hazard-add $now in.csv
	has err 'in.csv:2: assign.at: 2025-02-01T00:00:00+08:00 is more than 7d ago and needs a reason'
	has err 'hazard-add: what was done before the register was kept comes in with --history'
	status 0 hazard-add $now --history in.csv
	cut -d, -f1,3-6,7,9,12 reg/events.csv >got
	same - got <<-'END'
		event,at,hazard,step,result,actor,owner,verifier
		T01-E2026-000001,2025-02-01T00:00:00+08:00,T01-H2026-000001,assign,,T01-O1,T01-FIRE,
		T01-E2026-000002,2025-02-03T00:00:00+08:00,T01-H2026-000001,accept,,T01-O1,,
		T01-E2026-000003,2025-02-03T00:00:00+08:00,T01-H2026-000001,rectify,,T01-O1,,
		T01-E2026-000004,2025-02-04T00:00:00+08:00,T01-H2026-000001,recheck,pass,T01-O1,,T01-O3
		T01-E2026-000005,2025-02-05T00:00:00+08:00,T01-H2026-000001,close,,T01-O1,,
		T01-E2026-000006,2025-02-02T00:00:00+08:00,T01-H2026-000002,assign,,T01-O1,T01-FIRE,
	END
	is "$(cut -d, -f2 reg/hazards.csv reg/events.csv | grep -v commit | sort -u | wc -l)" 1 'one commit'
}

a_step_that_cannot_be() {
	office reg
	cat >in.csv <<-'END'
		grid,severity,description,reported_at,rectify.at,close.at
		990101001,general,甲,2026-02-03,2026-02-01,
		990101001,general,乙,2026-02-03,,2026-02-05
		990101001,general,丙,2026-02-03,soon,
	END
	status 3 hazard-add $now in.csv
	has err "in.csv:2: rectify.at: 2026-02-01T00:00:00+08:00 is before the hazard's last step (report, 2026-02-03T00:00:00+08:00)"
	has err 'in.csv:3: hazard T01-H2026-000001 is reported (待交办); close may be taken from rechecked (待销号)'
	has err 'in.csv:4: rectify.at: "soon" is not a time'
	has err '3 errors, nothing was written'
	is "$(wc -l <reg/hazards.csv)" 1 'rows'
}

the_same_file_again() {
	office reg
	printf 'grid,severity,description\n990101,general,甲\n990101,general,乙\n' >in.csv
	status 0 hazard-add $now in.csv
	mv out first
	cp reg/journal.csv before
	status 0 hazard-add --now=2026-03-11 - <in.csv
	same first out
	has err 'hazard-add: this input came in on 2026-03-10T09:00:00+08:00 as commit 7; nothing was added (--again insists)'
	same before reg/journal.csv
	has reg/journal.csv "$(sha256sum <in.csv | cut -d' ' -f1)"
	status 0 hazard-add --now=2026-03-11 --again in.csv
	has out T01-H2026-000004
}

refs_in_a_file() {
	office reg
	printf 'ref,grid,severity,description\nr1,990101,general,甲\nr2,990101,general,乙\n' >in.csv
	status 0 hazard-add $now in.csv
	printf 'ref,grid,severity,description\nr1,990101,general,甲\nr3,990101,general,丙\nr3,990101,general,丙\nr3,990101,minor,丙\n' >more.csv
	status 3 hazard-add $now more.csv
	has err 'more.csv:5: ref: "r3" is line 3 with another severity ("general" there)'
	sed -i '$d' more.csv
	status 0 hazard-add $now more.csv
	same - out <<-'END'
		T01-H2026-000001
		T01-H2026-000003
		T01-H2026-000003
	END
	has err '2 rows had a ref that is there already with the same values; nothing was added for them'
}

rejects() {
	office reg
	cat >in.csv <<-'END'
		grid,severity,description
		990101,general,甲
		990101,serious,"乙, ""二"""
		990101,general
		990101,general,丁
	END
	status 1 hazard-add $now --rejects=bad.csv in.csv
	same - out <<-'END'
		T01-H2026-000001
		T01-H2026-000002
	END
	has err 'in.csv:3: severity: "serious" is not one of minor, general, major'
	has err '2 of 4 rows were put aside in bad.csv'
	same - bad.csv <<-'END'
		grid,severity,description,rejected_line,rejected_reason
		990101,serious,"乙, ""二""",3,"severity: ""serious"" is not one of minor, general, major"
		990101,general,4,"2 fields, the header has 3"
	END
	sed -e 's/serious,/minor,/' -e 's/^990101,general,4/990101,general,丙,4/' bad.csv >mended.csv
	status 0 hazard-add $now mended.csv
	is "$(cut -d, -f1,9 reg/hazards.csv | sed -n 4p)" T01-H2026-000003,minor
	status 2 hazard-add $now --rejects=bad.csv mended.csv
	has err 'hazard-add: --rejects: bad.csv is there already; name a new file'
	status 0 hazard-add $now --again --rejects=none.csv mended.csv
	ok 'no file without rejects' test ! -e none.csv
}

a_pipeline() {
	need_update=$(command -v hazard-update) || skip 'no hazard-update'
	office reg
	printf 'grid,severity,category,description\n990101,general,fire,甲\n990101,general,gas,乙\n' >patrol.csv
	hazard-add $now patrol.csv | hazard-update $now assign -
	cut -d, -f5,9 reg/events.csv >got
	same - got <<-'END'
		step,owner
		assign,T01-FIRE
		assign,T01-GAS
	END
}

t 'any columns in any order' any_columns_in_any_order
t 'Chinese titles, BOM, CRLF, full-width digits' chinese_titles
t 'an old ledger with its steps' steps_of_an_old_ledger
t 'steps that cannot be' a_step_that_cannot_be
t 'the same file again' the_same_file_again
t 'refs in a file' refs_in_a_file
t 'bad rows put aside, mended, fed back' rejects
t 'the pipeline of the manual' a_pipeline
plan
