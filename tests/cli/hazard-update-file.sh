#!/bin/sh
# SPDX-License-Identifier: MIT
# hazard-update: rows with their own steps; corrections and retractions.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update

at() { printf -- '--now=2026-03-%02dT%02d:00:00+08:00' "$1" "$2"; }

two() {
	office reg
	hazard-add -q "$(at 2 8)" - <<-'END' >/dev/null
		ref,subject,category,severity,place,description
		a1,T01-S1,fire,general,门口,甲
		a2,T01-S2,fire,general,,乙
	END
}
h1=T01-H2026-000001 h2=T01-H2026-000002

rows_with_steps() {
	two
	cat >steps.csv <<-'END'
		step,hazard,ref,at,复查人,result,note
		assign,T01-H2026-000001,,2026-03-02 09:00,,,
		assign,,a2,2026-03-02 09:00,,,
		整改,,a1,2026-03-02 10:00,,,换新
		recheck,T01-H2026-000001,,2026-03-02 11:00,T01-O3,pass,
	END
	status 0 hazard-update "$(at 3 9)" --format=ids -f steps.csv
	is "$(wc -l <out)" 5
	cut -d, -f4,5 reg/events.csv | tail -n +2 >got
	same - got <<-'END'
		T01-H2026-000001,assign
		T01-H2026-000002,assign
		T01-H2026-000001,accept
		T01-H2026-000001,rectify
		T01-H2026-000001,recheck
	END
	status 0 hazard-update "$(at 4 9)" -v -f - <steps.csv
	is "$(wc -l <out)" 5
	has err 'this input came in on 2026-03-03T09:00:00+08:00 as commit 8'
	has reg/journal.csv "$(sha256sum <steps.csv | cut -d' ' -f1)"
}

bad_rows() {
	two
	cat >steps.csv <<-'END'
		step,hazard,ref,at
		asign,T01-H2026-000001,,
		assign,,zz,
		assign,,,
		assign,T01-H2026-000009,,
		recheck,T01-H2026-000001,,
		close,T01-H2026-000001,,
		assign,T01-H2026-000002
		assign,T01-H2026-000002,,tomorrow
	END
	status 3 hazard-update "$(at 3 9)" -f steps.csv
	has err 'steps.csv:2: step: "asign" is not a step; steps are assign, '
	has err 'steps.csv:3: ref: no hazard has the ref "zz"'
	has err 'steps.csv:4: hazard: empty; name the hazard by its id or its ref'
	has err 'steps.csv:5: hazard: there is no hazard T01-H2026-000009 in this register'
	has err 'steps.csv:6: hazard T01-H2026-000001 is reported (待交办); recheck may be taken from rectified (待复查)'
	has err 'steps.csv:8: 2 fields, the header has 4'
	has err 'steps.csv:9: at: "tomorrow" is not a time'
	unlike "$(cat err)" 'steps.csv:7' 'what only follows'
	has err '7 errors, nothing was written'
	is "$(wc -l <reg/events.csv)" 1
	printf 'hazard,commit\nx,1\n' >steps.csv
	status 3 hazard-update "$(at 3 9)" -f steps.csv
	has err 'steps.csv:1: column "commit" is given by the register; leave it out'
	has err 'steps.csv:1: no column "step" (环节): every row says which step it is'
	printf 'step,reson,step\nx,1,y\n' >steps.csv
	status 3 hazard-update "$(at 3 9)" -f steps.csv
	has err 'steps.csv:1: unknown column "reson"; did you mean reason?'
	has err 'steps.csv:1: columns 1 ("step") and 3 ("step") are the same'
	has err 'steps.csv:1: no column "hazard" (隐患编号) and none "ref" (外部编号): every row names its hazard'
	: >steps.csv
	status 3 hazard-update "$(at 3 9)" -f steps.csv
	printf 'step,hazard\n' >steps.csv
	status 0 hazard-update "$(at 3 9)" -f steps.csv
	has err 'no hazard in the input; nothing was done'
}

corrections() {
	two
	status 0 hazard-update "$(at 3 9)" correct --field=severity --value=重大 --reason=复核 $h1
	has err "hazard $h1: due changed from 2026-03-10T00:00:00+08:00 to 2026-06-01T00:00:00+08:00"
	status 0 hazard-update "$(at 3 9)" correct --field=隐患部位 --value='后门,二楼' $h1
	empty err
	status 0 hazard-update "$(at 3 9)" correct --field=place --value=- $h1
	cut -d, -f5,22- reg/events.csv >got
	same - got <<-'END'
		step,field,was,value,plan,reason,note
		correct,severity,general,major,,复核,
		correct,place,门口,"后门,二楼",,,
		correct,place,"后门,二楼",-,,,
	END
	status 3 hazard-update "$(at 3 9)" correct --field=severity --value=major $h1
	has err "hazard-update: --value: hazard $h1 has this severity already"
	status 3 hazard-update "$(at 3 9)" correct --field=severty --value=major $h1
	has err 'hazard-update: --field: "severty" is not a column of hazards.csv; did you mean severity?'
	status 3 hazard-update "$(at 3 9)" correct --field=ref --value=x $h1
	has err 'hazard-update: --field: ref cannot be corrected'
	status 3 hazard-update "$(at 3 9)" correct --field=severity --value=serious $h1
	has err 'hazard-update: --value: "serious" is not one of minor, general, major'
	status 3 hazard-update "$(at 3 9)" correct --field=description --value=- $h1
	has err 'hazard-update: --value: description cannot be empty'
	status 3 hazard-update "$(at 3 9)" correct --field=place $h1
	has err 'hazard-update: correct needs a value: what is right, or - for nothing'
	status 3 hazard-update "$(at 3 9)" correct --value=x $h1
	has err 'hazard-update: correct needs a field: the column that is wrong'
	status 3 hazard-update "$(at 3 9)" correct --field=reported_at --value='2026-03-04' $h1
	has err 'hazard-update: --value: 2026-03-04T00:00:00+08:00 is after'
	status 3 hazard-update "$(at 3 9)" correct --field=found_at --value='2026-03-02 08:01' $h1
	has err 'hazard-update: --value: 2026-03-02T08:01:00+08:00 is after the hazard was reported (2026-03-02T08:00:00+08:00)'
	plan=目标任务:甲\;方法措施:乙\;经费物资:丙\;机构人员:丁\;时限要求:戊\;安全措施和应急预案:己
	status 0 hazard-update "$(at 3 9)" rectify --at='2026-03-02 09:00' --plan="$plan" $h1
}

retractions() {
	two
	hazard-update "$(at 3 9)" assign $h1
	hazard-update "$(at 3 10)" rectify $h1
	hazard-update "$(at 3 11)" recheck --result=pass --verifier=T01-O3 $h1
	status 3 hazard-update "$(at 3 12)" retract T01-E2026-000003
	has err 'hazard-update: event T01-E2026-000003 cannot be retracted while later steps stand on it: T01-E2026-000004 (recheck); retract these first'
	status 0 hazard-update "$(at 3 12)" retract --reason=误录 T01-E2026-000004 T01-E2026-000003
	status 0 hazard-update "$(at 3 12)" retract T01-E2026-000002
	status 3 hazard-update "$(at 3 12)" retract T01-E2026-000003
	has err 'hazard-update: event T01-E2026-000003 is retracted already'
	status 3 hazard-update "$(at 3 12)" retract T01-E2026-000005
	has err 'hazard-update: event T01-E2026-000005 is itself a retraction; take the step again instead'
	status 3 hazard-update "$(at 3 12)" retract T01-E2026-000099 $h1
	has err 'hazard-update: there is no event T01-E2026-000099'
	has err "hazard-update: \"$h1\" is not the id of an event; write one like T01-E2026-000001"
	status 0 hazard-update "$(at 3 12)" rectify --at='2026-03-03 09:30' $h1
	printf 'step,key,reason\nretract,T01-E2026-000009,x\n' >steps.csv
	status 3 hazard-update "$(at 3 12)" -f steps.csv
	has err 'no column "hazard"'
	printf 'step,hazard,key,reason\nretract,,T01-E2026-000009,x\n' >steps.csv
	status 0 hazard-update "$(at 3 12)" -f steps.csv
	status 0 gridctl verify
}

t 'rows with their own steps' rows_with_steps
t 'bad rows' bad_rows
t 'correct' corrections
t 'retract' retractions
plan
