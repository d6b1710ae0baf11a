#!/bin/sh
# SPDX-License-Identifier: MIT
# hazard-update: one step on many hazards.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update

at() { printf -- '--now=2026-03-%02dT%02d:00:00+08:00' "$1" "$2"; }

# three hazards of 2 March 8:00: two of fire, one of gas
three() {
	office reg
	hazard-add -q "$(at 2 8)" - <<-'END' >/dev/null
		ref,subject,category,severity,description
		a1,T01-S1,fire,general,甲
		a2,T01-S2,fire,general,乙
		a3,T01-S4,gas,general,丙
	END
}
h1=T01-H2026-000001 h2=T01-H2026-000002 h3=T01-H2026-000003

a_whole_life() {
	three
	status 0 hazard-update "$(at 2 9)" assign --due=2026-03-05 --person=王老板 $h1 $h3
	empty out err
	status 0 hazard-update "$(at 3 9)" -v rectify $h1
	same - out <<-'END'
		T01-E2026-000003
		T01-E2026-000004
	END
	status 0 hazard-update "$(at 4 9)" --format=csv recheck --result=pass --verifier=丙三 $h1
	same - out <<-'END'
		event,hazard,step
		T01-E2026-000005,T01-H2026-000001,recheck
	END
	status 0 hazard-update "$(at 4 10)" 销号 $h1
	cut -d, -f1,3-7,9,11-13 reg/events.csv >got
	same - got <<-'END'
		event,at,hazard,step,result,actor,owner,person,verifier,due
		T01-E2026-000001,2026-03-02T09:00:00+08:00,T01-H2026-000001,assign,,T01-O1,T01-FIRE,王老板,,2026-03-05T23:59:59+08:00
		T01-E2026-000002,2026-03-02T09:00:00+08:00,T01-H2026-000003,assign,,T01-O1,T01-GAS,王老板,,2026-03-05T23:59:59+08:00
		T01-E2026-000003,2026-03-03T09:00:00+08:00,T01-H2026-000001,accept,,T01-O1,,,,
		T01-E2026-000004,2026-03-03T09:00:00+08:00,T01-H2026-000001,rectify,,T01-O1,,,,
		T01-E2026-000005,2026-03-04T09:00:00+08:00,T01-H2026-000001,recheck,pass,T01-O1,,,T01-O3,
		T01-E2026-000006,2026-03-04T10:00:00+08:00,T01-H2026-000001,close,,T01-O1,,,,
	END
	status 0 gridctl verify
}

ids_from_standard_input() {
	three
	printf '%s\n\n%s\r\n' $h1 $h2 >ids
	status 0 hazard-update "$(at 2 9)" assign <ids
	is "$(grep -c assign reg/events.csv)" 2
	status 0 hazard-update "$(at 2 9)" assign - <ids
	has err 'hazard-update: this input came in on 2026-03-02T09:00:00+08:00 as commit 8; nothing was added (--again insists)'
	is "$(grep -c assign reg/events.csv)" 2
	printf 'description,hazard,state\n"x, y",%s,open\n' $h3 >rows.csv
	status 0 hazard-update "$(at 2 9)" assign - <rows.csv
	is "$(grep -c assign reg/events.csv)" 3
	status 0 hazard-update "$(at 2 10)" rectify - <ids
	is "$(grep -c rectify reg/events.csv)" 2 'the same list for another step'
	: >ids
	status 0 hazard-update "$(at 2 10)" rectify - <ids
	has err 'hazard-update: no hazard in the input; nothing was done'
	printf 'state,grid\n' >ids
	status 3 hazard-update "$(at 2 10)" rectify - <ids
	has err 'standard input:1: no column "hazard" (隐患编号) and no ids one a line'
}

refused() {
	three
	status 3 hazard-update "$(at 2 9)" recheck --result=pass --verifier=T01-O3 $h1
	has err "hazard-update: hazard $h1 is reported (待交办); recheck may be taken from rectified (待复查)"
	status 3 hazard-update "$(at 2 9)" --actor=T01-O2 assign $h1
	has err 'hazard-update: assign may be taken by grid-leader, chief-leader, dispatcher, department, leader or clerk; T01-O2 is grid-officer'
	hazard-update "$(at 2 9)" rectify $h1
	status 3 hazard-update "$(at 2 9)" recheck $h1
	has err 'hazard-update: recheck needs a result: pass or fail'
	has err 'hazard-update: recheck needs a verifier'
	status 3 hazard-update "$(at 2 9)" recheck --result=perhaps --verifier=T01-O99 $h1 $h2
	has err 'hazard-update: --result: '
	has err 'hazard-update: --verifier: '
	has err '2 errors, nothing was written'
	status 3 hazard-update "$(at 2 9)" rectify --result=pass $h2
	has err 'hazard-update: --result: rectify takes no result'
	status 3 hazard-update "$(at 2 9)" rectify --field=place $h2
	has err 'hazard-update: --field: rectify takes no field'
	status 3 hazard-update "$(at 2 9)" escalate $h2
	has err 'hazard-update: escalate is taken by the sweep alone (hazard-escalate)'
	status 3 hazard-update "$(at 2 9)" repin $h2
	has err 'hazard-update: repin is taken by gridctl repin'
	status 3 hazard-update "$(at 2 9)" asign $h2
	has err 'hazard-update: "asign" is not a step; steps are assign, accept'
	has err 'did you mean assign?'
	status 3 hazard-update "$(at 2 9)" rectify T01-H2026-000009 H1
	has err 'hazard-update: there is no hazard T01-H2026-000009 in this register'
	has err 'hazard-update: "H1" is not the id of a hazard; write one like T01-H2026-000001'
	status 3 hazard-update "$(at 2 9)" rectify $h2 T01-H2026-000009
	is "$(grep -c rectify reg/events.csv)" 1 'all or nothing'
}

times_in_order() {
	three
	hazard-update "$(at 3 9)" assign $h1
	status 3 hazard-update "$(at 3 10)" rectify --at='2026-03-03 08:00' $h1
	has err "hazard-update: --at: 2026-03-03T08:00:00+08:00 is before the hazard's last step (assign, 2026-03-03T09:00:00+08:00)"
	status 3 hazard-update "$(at 3 10)" rectify --at='2026-03-03 11:00' $h1
	has err 'hazard-update: --at: 2026-03-03T11:00:00+08:00 is after now (2026-03-03T10:00:00+08:00)'
	status 3 hazard-update "$(at 20 10)" rectify --at=2026-03-04 $h1
	has err 'hazard-update: --at: 2026-03-04T00:00:00+08:00 is more than 7d ago and needs a reason'
	status 0 hazard-update "$(at 20 10)" rectify --at=2026-03-04 --reason=补录 $h1
	status 3 hazard-update "$(at 20 10)" assign --at='2026-03-14 08:00' --due='2026-03-20 18:00' --reason=x $h2
	has err 'hazard-update: --due: 2026-03-20T18:00:00+08:00 is later than the due time, 2026-03-10T00:00:00+08:00, which has passed; assign may only make it earlier, extend makes it later (rule rest-7d, escalation.yaml:'
	status 0 hazard-update "$(at 20 10)" assign --at='2026-03-14 08:00' --reason=x $h2
	status 0 hazard-update "$(at 20 10)" extend --due='2026-03-20 18:00' --reason=x $h2
	status 3 hazard-update "$(at 20 11)" extend --due='2026-03-20 18:00' --reason=x $h2
	has err 'hazard-update: --due: 2026-03-20T18:00:00+08:00 is not later than the due time now (2026-03-20T18:00:00+08:00)'
	status 0 hazard-update "$(at 20 11)" extend --due=2026-03-25 --reason=x $h2
	status 3 hazard-update "$(at 20 11)" assign --due=2026-03-01 $h3
	has err 'hazard-update: --due: 2026-03-01T23:59:59+08:00 is before the step itself'
	status 0 hazard-update "$(at 20 11)" rectify --at=2026-03-20 $h3
	status 0 hazard-update "$(at 20 12)" recheck --at=2026-03-20 --result=fail --verifier=T01-O3 $h3
}

the_clock() {
	three
	status 3 hazard-update "$(at 2 9)" hold $h1
	has err 'hazard-update: hold needs a reason'
	status 3 hazard-update "$(at 2 9)" resume $h1
	has err "hazard-update: hazard $h1 is not held"
	status 0 hazard-update "$(at 2 9)" hold --reason=x $h1
	status 3 hazard-update "$(at 2 9)" hold --reason=x $h1
	has err "hazard-update: hazard $h1 is held already"
	status 0 hazard-update "$(at 2 10)" resume $h1
	status 3 hazard-update "$(at 2 9)" delist $h1
	has err "hazard-update: hazard $h1 is not supervised"
	status 0 hazard-update "$(at 2 10)" supervise $h1
	status 3 hazard-update "$(at 2 10)" supervise $h1
	has err "hazard-update: hazard $h1 is supervised already"
}

who_answers() {
	three
	hazard-add -q "$(at 2 8)" --grid=990101 --severity=general --description=x >/dev/null
	hazard-add -q "$(at 2 8)" --grid=990101 --severity=general --category=road --description=x >/dev/null
	status 3 hazard-update "$(at 2 9)" assign T01-H2026-000004 T01-H2026-000005
	has err 'hazard-update: assign needs an owner: hazard T01-H2026-000004 has no category that says who answers for it'
	has err 'hazard-update: assign needs an owner: no organ answers for category road there'
	status 0 hazard-update "$(at 2 9)" assign --owner=县燃气办 T01-H2026-000004 T01-H2026-000005
	is "$(grep -c ,T01-GAS, reg/events.csv)" 2
}

raising() {
	three
	status 0 hazard-update "$(at 2 9)" raise --reason=无权 $h1
	cut -d, -f8,9 reg/events.csv | tail -n 1 >got
	echo township,T01-E | same - got
	status 0 hazard-update "$(at 2 10)" raise --reason=无权 $h1
	cut -d, -f8,9 reg/events.csv | tail -n 1 >got
	echo county,T01-GOV | same - got
	status 3 hazard-update "$(at 2 11)" raise --reason=无权 $h1
	has err "hazard-update: hazard $h1 is at the top tier (county) already"
	status 0 hazard-update "$(at 2 11)" raise --reason=无权 --tier=county --owner=T01-FIRE $h2
	cut -d, -f8,9 reg/events.csv | tail -n 1 >got
	echo county,T01-FIRE | same - got
	status 3 hazard-update "$(at 2 11)" raise --reason=无权 --tier=village $h2
	has err "hazard-update: --tier: village is not above the tier of hazard $h2 (county)"
}

evidence() {
	three
	printf before >before.jpg
	printf after >after.jpg
	status 0 hazard-update "$(at 2 9)" assign --evidence=before.jpg $h1
	status 0 hazard-update "$(at 2 10)" rectify --evidence=./after.jpg $h1
	cut -d, -f1,3,4,7-9,11- reg/evidence.csv >got
	same - got <<-END
		evidence,at,hazard,phase,bytes,sha256,by,file
		T01-V2026-000001,2026-03-02T09:00:00+08:00,$h1,before,6,$(sha256sum <before.jpg | cut -d' ' -f1),T01-O1,before.jpg
		T01-V2026-000002,2026-03-02T10:00:00+08:00,$h1,after,5,$(sha256sum <after.jpg | cut -d' ' -f1),T01-O1,./after.jpg
	END
	status 3 hazard-update "$(at 2 11)" note --note=x --evidence=none.jpg $h1
	has err 'hazard-update: --evidence: none.jpg: No such file or directory'
	hazard-add -q "$(at 2 12)" --grid=990101001 --severity=major --category=fire --place=x --description=x >id
	status 3 hazard-update "$(at 2 13)" rectify "$(cat id)"
	has err 'hazard-update: rectify needs a plan first, which treats 目标任务, 方法措施, 经费物资, 机构人员, 时限要求, 安全措施和应急预案 (rule major-90d, escalation.yaml:'
	plan=目标任务:甲\;方法措施:乙\;经费物资:丙\;机构人员:丁\;时限要求:戊\;安全措施和应急预案:己
	hazard-update "$(at 2 13)" rectify --plan="$plan" "$(cat id)"
	hazard-update "$(at 2 13)" recheck --result=pass --verifier=T01-O3 "$(cat id)"
	status 3 hazard-update "$(at 2 13)" close "$(cat id)"
	has err 'hazard-update: close needs evidence of the phase after first (rule major-90d, escalation.yaml:'
	has err 'hazard-update: close needs evidence of the phase recheck first'
}

a_dry_run() {
	three
	cp reg/journal.csv before
	status 0 hazard-update "$(at 2 9)" -n assign $h1
	mv out dry
	same before reg/journal.csv
	hazard-update "$(at 2 9)" assign $h1
	tail -n 1 reg/events.csv >row
	same dry row
}

the_pipeline_of_the_manual() {
	command -v hazard-list >/dev/null || skip 'no hazard-list'
	three
	hazard-update "$(at 2 9)" rectify $h1 $h2 $h3
	hazard-list "$(at 2 10)" --state=rectified --grid=990101001 |
		hazard-update "$(at 2 10)" recheck --result=pass --verifier=T01-O3 -
	cut -d, -f4,5 reg/events.csv | grep recheck >got
	same - got <<-END
		$h1,recheck
		$h2,recheck
	END
}

usage() {
	three
	status 2 hazard-update
	has err 'hazard-update: which step? hazard-update STEP ID..., or -f FILE'
	status 2 hazard-update -f x.csv assign
	has err '"assign": with -f the rows say step and hazard'
	status 2 hazard-update -f x.csv --note=x
	has err 'with -f the rows have their own values; put these options into columns'
	status 2 hazard-update --evidence= assign $h1
	has err '--evidence: empty; write a FILE'
	status 2 hazard-update --verifer=x assign $h1
	has err 'did you mean --verifier?'
	status 4 hazard-update -f missing.csv
	has err missing.csv
	status 0 hazard-update --help
	has out '--fund-fen=N'
}

t 'the whole life of a hazard' a_whole_life
t 'hazards from standard input' ids_from_standard_input
t 'refused steps say why' refused
t 'times' times_in_order
t 'hold, resume, supervise, delist' the_clock
t 'the organ that answers for the category' who_answers
t 'raise' raising
t 'evidence' evidence
t 'a dry run' a_dry_run
t 'the pipeline of the manual' the_pipeline_of_the_manual
t 'usage' usage
plan
