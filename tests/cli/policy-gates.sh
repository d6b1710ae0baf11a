#!/bin/sh
# SPDX-License-Identifier: MIT
# What a policy makes a hazard wait for: a report that says all, a plan, an application, evidence, who accepts and who closes.
# (limits of due times and extensions also in data-schemas/places/default/tests)
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show

# policy [SED-SCRIPT [FILE]] RULES: the place default with these rules (on standard input) and a changed file in force.
policy() {
	new_rules
	[ $# -eq 0 ] || sed -i "$1" "new/${2:-workflow.yaml}"
	gridctl put -q --now=2026-03-01T09:00:00+08:00 policy new
}

add() {
	hazard-add --now=2026-03-02T08:00:00+08:00 --grid=990101001001 --severity="${1:-general}" --category=fire --place=门口 --description=一处
}

# step STATUS TIME STEP [options] ID
step() {
	want=$1
	at=$2
	shift 2
	status "$want" hazard-update --now="2026-03-${at%T*}T${at#*T}:00+08:00" "$@"
}

report_says_all() {
	office reg
	policy 's/{id: general, \(.*\)}$/{id: general, \1, needs: [place, subject]}/' policy.yaml <<-'END'
		rules: [{id: all, due: {within: 7d, from: reported}}]
	END
	ok 'the severity needs them' grep -q 'id: general.*needs: \[place, subject\]' new/policy.yaml
	cat >in.csv <<-'END'
		grid,subject,category,severity,place,description
		990101001001,T01-S1,fire,general,车间,灭火器过期
		990101001001,T01-S1,fire,general,,通道堆物
		990101001001,,fire,minor,,应急灯不亮
		990101001001,,fire,一般隐患,楼道,电动车充电
		990101001001,T01-S1,fire,major,整栋,无喷淋
	END
	status 3 hazard-add --now=2026-03-02T09:00:00+08:00 --actor=T01-O3 in.csv
	has err 'in.csv:3: place: empty; a hazard of the severity general needs it'
	has err 'in.csv:5: subject: empty; a hazard of the severity general needs it'
	is "$(grep -c 'needs it' err)" 2
	is "$(hazard-list --format=ids | wc -l)" 0 'all or nothing'
	status 3 hazard-add --now=2026-03-02T09:00:00+08:00 --grid=990101001001 --severity=general --category=fire --place=门口 --description=x
	has err 'hazard-add: --subject: empty; a hazard of the severity general needs it'
	sed -i 's/general,,通道/general,北门,通道/; s/,,fire,一般/,T01-S1,fire,一般/' in.csv
	status 0 hazard-add --now=2026-03-02T09:00:00+08:00 --actor=T01-O3 in.csv
	is "$(wc -l <out)" 5
}

plan_first() {
	office reg
	policy <<-'END'
		rules: [{id: all, due: {within: 7d, from: reported}, plan: {parts: [目标, 经费], before: [accept, rectify]}}]
	END
	h=$(add)
	step 3 02T09:00 rectify $h
	has err 'hazard-update: rectify needs a plan first, which treats 目标, 经费 (rule all, escalation.yaml:1)'
	step 0 02T09:00 assign --owner=T01-FIRE $h
	step 3 02T10:00 rectify $h
	has err 'hazard-update: accept needs a plan first, which treats 目标, 经费'
	step 3 02T10:00 plan --plan=目标:改好 $h
	has err 'hazard-update: --plan: it does not treat 经费'
	step 0 02T10:00 plan --plan='目标:改好;经费:三百元' $h
	step 0 02T11:00 rectify $h
	step 0 02T12:00 recheck --result=pass --verifier=T01-O3 $h
	step 0 02T13:00 close $h
	# a new round, a new plan; it may come with the step
	step 0 03T09:00 reopen --reason=反弹 $h
	step 3 03T10:00 rectify $h
	has err 'rectify needs a plan first'
	step 0 03T10:00 rectify --plan='目标:再改;经费:三百元' $h
}

closed_on_the_spot() {
	office reg
	policy 's/^  note: .*/&\n  fix-now:   {name: 立查立改, from: open, to: closed}/' <<-'END'
		rules: [{id: all, due: {within: 0d, from: reported}, close: {needs: [after]}}]
	END
	h=$(add minor)
	printf x >after.jpg
	step 3 02T09:00 fix-now $h
	has err 'hazard-update: fix-now needs evidence of the phase after first (rule all, escalation.yaml:1)'
	step 0 02T09:00 fix-now --evidence=after.jpg $h
	is "$(sed 1d reg/evidence.csv | cut -d, -f7)" after
	is "$(hazard-list --columns=state,phase | tail -n 1)" closed,closed
}

recheck_closes() {
	office reg
	policy 's/pass: rechecked/pass: closed/' <<-'END'
		rules: [{id: all, due: {within: 7d, from: reported}, close: {acceptors: {min: 2, organs: [fire]}}}]
	END
	h=$(add)
	step 0 02T09:00 rectify $h
	step 3 02T10:00 recheck --result=pass --verifier=T01-O3 $h
	has err 'recheck needs 2 officers who passed the recheck, there is 1'
	has err 'recheck needs an officer of fire who passed the recheck'
	policy 's/pass: rechecked/pass: closed/' <<-'END'
		rules: [{id: all, due: {within: 7d, from: reported}, close: {acceptors: {min: 1, organs: [fire]}}}]
	END
	h=$(add)
	step 0 02T09:00 rectify $h
	step 3 02T10:00 recheck --result=pass --verifier=T01-O3 $h
	is "$(grep -c 'who passed the recheck' err)" 1
	step 0 02T10:00 recheck --result=pass --verifier=T01-O4 $h
	is "$(hazard-list --columns=state,phase "--match=hazard=/$h/" | tail -n 1)" closed,closed
}

who_closes() {
	office reg
	policy <<-'END'
		rules:
		  - {id: major, when: {severity: major}, due: {within: 90d, from: reported}, close: {by: [leader]}}
		  - {id: rest, due: {within: 7d, from: reported}}
	END
	h=$(hazard-add --actor=T01-O3 --now=2026-03-02T08:00:00+08:00 --grid=990101001001 --severity=major --category=fire --place=整栋 --description=一处)
	g=$(add)
	step 0 02T09:00 rectify $h $g
	step 0 02T10:00 recheck --result=pass --verifier=T01-O4 $h $g
	step 3 02T11:00 close $h
	has err "hazard-update: hazard $h may be closed by leader; T01-O1 is "
	has err '(rule major, escalation.yaml:2)'
	step 0 02T11:00 close $g
	step 0 02T11:00 close --actor=T01-O3 $h
}

# The due time: earlier by any step, later only by an extension, and the first one stays in sight.
due() {
	hazard-list --columns=due,first_due --now=2026-03-03T08:00:00+08:00 "--match=hazard=/$h/" | tail -n 1
}

due_is_not_put_off() {
	office reg
	policy <<-'END'
		rules:
		  - {id: watch, when: {category: gas}, due: none}
		  - {id: major, when: {severity: major}, due: {within: 90d, from: reported}}
		  - {id: assigned, when: {severity: minor}, due: {within: 5d, from: assigned}}
		  - {id: rest, due: {within: 24h, from: reported}, assign: {needs: [due]}}
	END
	h=$(add)
	step 3 02T09:00 assign --owner=T01-FIRE --due=2026-03-03 $h
	has err '--due: 2026-03-03T23:59:59+08:00 is later than the due time, 2026-03-03T08:00:00+08:00; assign may only make it earlier, extend makes it later (rule rest, escalation.yaml:5)'
	step 0 02T09:00 assign --owner=T01-FIRE --due='2026-03-02 20:00' $h
	step 3 02T10:00 assign --owner=T01-FIRE --due='2026-03-03 08:00' $h
	step 3 02T10:00 note --note=x --due=- $h
	has err '--due: - is later than the due time, 2026-03-02T20:00:00+08:00'
	is "$(due)" 2026-03-02T20:00:00+08:00,2026-03-02T20:00:00+08:00
	# another severity, another rule: up to what it gives
	step 0 02T11:00 judge --actor=T01-O3 --severity=major --reason=研判 $h
	step 3 02T12:00 assign --owner=T01-FIRE --due='2026-06-01 08:00' $h
	has err 'is later than the due time, 2026-06-01T00:00:00+08:00'
	step 0 02T12:00 assign --owner=T01-FIRE --due='2026-05-20 18:00' $h
	is "$(due)" 2026-05-20T18:00:00+08:00,2026-03-02T20:00:00+08:00
	# counted from the assignment itself
	h=$(add minor)
	step 3 02T09:00 assign --owner=T01-FIRE --due='2026-03-08 00:01' $h
	has err 'is later than the due time, 2026-03-08T00:00:00+08:00'
	step 0 02T09:00 assign --owner=T01-FIRE --due=2026-03-07 $h
	# a rule without one: who assigns it sets it, and it is not put off then
	h=$(hazard-add --now=2026-03-02T08:00:00+08:00 --grid=990101001001 --severity=general --category=gas --description=一处)
	step 0 02T09:00 assign --owner=T01-GAS --due=2026-04-01 $h
	step 3 02T10:00 assign --owner=T01-GAS --due=2026-05-01 $h
	is "$(due)" 2026-04-01T23:59:59+08:00,2026-04-01T23:59:59+08:00
	# once it has passed there is none left to fix
	h=$(add)
	step 3 03T09:00 assign --owner=T01-FIRE --due=2026-03-04 $h
	has err 'is later than the due time, 2026-03-03T08:00:00+08:00, which has passed; assign may only make it earlier'
	step 0 03T09:00 assign --owner=T01-FIRE $h
}

asked_in_time() {
	office reg
	policy <<-'END'
		rules: [{id: all, due: {within: 10d, from: reported}, extend: {ask: ask-extension, before: 5d, total: 20d}}]
	END
	h=$(add)
	step 3 04T09:00 extend --due=2026-03-20 --reason=x $h
	has err 'hazard-update: extend must be asked for first: take ask-extension (rule all, escalation.yaml:1)'
	step 0 06T09:00 ask-extension --reason=订货 $h
	step 0 11T09:00 extend --due=2026-03-20 --reason=同意 $h
	step 3 11T10:00 extend --due=2026-03-25 --reason=x $h
	has err 'must be asked for first'
	step 0 17T09:00 ask-extension --reason=再延 $h
	step 3 17T10:00 extend --due=2026-03-25 --reason=x $h
	has err 'hazard-update: extend was asked for too late: ask-extension on 2026-03-17T09:00:00+08:00, by 2026-03-15T23:59:59+08:00 at the latest (rule all, escalation.yaml:1)'
	is "$(hazard-list --columns=due,first_due --now=2026-03-17T12:00:00+08:00 | tail -n 1)" 2026-03-20T23:59:59+08:00,2026-03-13T00:00:00+08:00
	cp -r reg/policy new
	sed -i 's/ask: ask-extension/ask: extend/' new/escalation.yaml
	status 3 gridctl put --now=2026-03-18T09:00:00+08:00 policy new
	has err 'new/escalation.yaml:1:69: ask: step "extend" is the extension itself; name the step that asks for it, or leave it out'
}

# Steps that come in a hazard's own row meet the gates as those of hazard-update do; history does not.
in_the_row() {
	office reg
	policy 's/{id: minor, \(.*\)}$/{id: minor, \1, needs: [place]}/' policy.yaml <<-'END'
		rules:
		  - {id: minor, when: {severity: minor}, due: {within: 0d, from: reported}, close: {needs: [after]}}
		  - id: rest
		    due: {within: 24h, from: reported}
		    assign: {needs: [person, verifier]}
		    plan: {parts: [目标, 经费], before: rectify}
		    close: {by: [leader], needs: [after], acceptors: {min: 1, not: [rectifier]}}
	END
	printf x >after.jpg
	cat >in.csv <<-'END'
		grid,severity,category,place,description,reported_at,assign.owner,assign.due,assign.person,assign.verifier,rectify.at,rectify.actor,rectify.plan,rectify.evidence,recheck.result,recheck.verifier,close.actor,close.reason
		990101001001,general,fire,车间,一,2026-03-02 08:00,T01-FIRE,,T01-O4,,,,,,,,,
		990101001001,general,fire,车间,二,2026-03-02 08:00,T01-FIRE,2026-03-05 08:00,T01-O4,T01-O3,,,,,,,,
		990101001001,general,fire,车间,三,2026-03-02 08:00,,,,,2026-03-02 09:00,T01-O4,目标:改好,,,,,
		990101001001,general,fire,车间,四,2026-03-02 08:00,,,,,2026-03-02 09:00,T01-O4,目标:改好;经费:无,after.jpg,pass,T01-O4,,
		990101001001,general,fire,车间,五,2026-03-02 08:00,,,,,2026-03-02 09:00,T01-O4,目标:改好;经费:无,after.jpg,pass,T01-O3,T01-O1,
		990101001001,minor,fire,车间,六,2026-03-02 08:00,,,,,2026-03-02 09:00,T01-O4,,,pass,T01-O3,,x
		990101001001,minor,fire,,七,2026-03-02 08:00,,,,,,,,,,,,
		990101001001,minor,fire,车间,八,2026-02-02 08:00,T01-FIRE,,,,,,,,,,,
	END
	cp reg/hazards.csv before
	status 3 hazard-add --now=2026-03-02T18:00:00+08:00 in.csv
	has err 'in.csv:2: assign must fix verifier too (rule rest, escalation.yaml:3)'
	has err 'in.csv:3: assign.due: 2026-03-05T08:00:00+08:00 is later than the due time, 2026-03-03T08:00:00+08:00; assign may only make it earlier'
	has err 'in.csv:4: rectify.plan: it does not treat 经费; write "目标: …" for each (rule rest, escalation.yaml:3)'
	has err 'in.csv:5: recheck.verifier: T01-O4 rectified hazard'
	has err 'in.csv:6: hazard T01-H2026-000001 may be closed by leader; T01-O1 is dispatcher or clerk (rule rest, escalation.yaml:3)'
	has err 'in.csv:7: close needs evidence of the phase after first (rule minor, escalation.yaml:2)'
	has err 'in.csv:8: place: empty; a hazard of the severity minor needs it'
	has err 'in.csv:9: assign.at: 2026-02-02T08:00:00+08:00 is more than 7d ago and needs a reason'
	is "$(grep -c '^in.csv:' err)" 8 'findings, one a row'
	has err 'comes in with --history, without the gates of today'
	same before reg/hazards.csv
	# a row is put aside for its steps, and what is mended comes in
	status 1 hazard-add --now=2026-03-02T18:00:00+08:00 --rejects=bad.csv in.csv
	is "$(grep -c . bad.csv)" 9 'put aside'
	sed -i -e '2s/T01-O4,,/T01-O4,T01-O3,/; 3s/03-05/03-02/; 4s/改好/改好;经费:无/; 5s/pass,T01-O4/pass,T01-O3/; 6s/T01-O1,$/T01-O3,/' \
	    -e '7s/,,pass/,after.jpg,pass/; 8s/,,七/,门口,七/; 9s/02-02/03-02/; 3s/08:00,T01-O4/20:00,T01-O4/' in.csv
	status 0 hazard-add --now=2026-03-02T18:00:00+08:00 in.csv
	is "$(wc -l <out)" 8 'hazards'
	is "$(hazard-list --columns=state | sed 1d | sort | uniq -c | tr -s ' ' | tr '\n' ';')" ' 3 assigned; 2 closed; 1 rechecked; 1 rectified; 1 reported;'
	is "$(sed 1d reg/evidence.csv | cut -d, -f7 | sort -u)" after
	has reg/journal.csv ',hazard-add,'
}

history() {
	office reg
	policy 's/{id: major, /&needs: [point], /; /{id: major, /s/, needs: \[place\]//' policy.yaml <<-'END'
		rules: [{id: all, due: {within: 24h, from: reported}, assign: {needs: [person]}, close: {by: [leader], needs: [after, recheck]}}]
	END
	cat >in.csv <<-'END'
		grid,severity,category,place,description,reported_at,reporter,assign.owner,assign.due,rectify.at,recheck.result,recheck.verifier,close.at
		990101001001,major,fire,车间,一,2025-03-02 08:00,T01-O2,T01-FIRE,2025-06-01,2025-04-02 09:00,pass,T01-O3,2025-04-03
		990101001001,general,fire,车间,二,2025-03-02 08:00,T01-O2,T01-FIRE,2025-03-20,,,,
	END
	# a grid officer may not judge one major, and what its report needs is missing
	status 3 hazard-add --actor=T01-O2 --now=2026-03-02T18:00:00+08:00 in.csv
	has err 'in.csv:2: point: empty; a hazard of the severity major needs it'
	has err 'in.csv:2: severity: "major" may be given by'
	status 0 hazard-add --actor=T01-O1 --now=2026-03-02T18:00:00+08:00 --history in.csv
	is "$(hazard-list --columns=state,due | sed 1d | tr '\n' ' ')" 'closed,2025-06-01T23:59:59+08:00 assigned,2025-03-20T23:59:59+08:00 '
	has reg/journal.csv ',hazard-add:history,'
	# the workflow and its roles hold for history too
	sed -i 's/T01-O3,2025-04-03/,2025-04-03/; s/,pass/,/; s/,一,/,三,/' in.csv
	status 3 hazard-add --actor=T01-O1 --now=2026-03-02T18:00:00+08:00 --history in.csv
	has err 'in.csv:2: hazard T01-H2026-000003 is rectified (待复查); close may be taken from rechecked (待销号)'
	is "$(grep -c 'comes in with --history' err)" 0 'hints'
}

t 'a report of some severity must fill its columns' report_says_all
t 'a step waits for a plan with all its parts' plan_first
t 'what closes an open hazard at once shows it put right' closed_on_the_spot
t 'the recheck that closes counts its own officer' recheck_closes
t 'who may close' who_closes
t 'no step but an extension puts the due time off' due_is_not_put_off
t 'steps in the row of a hazard meet them all' in_the_row
t 'what was done before the register was kept' history
t 'an extension is asked for in time, by the step that asks' asked_in_time
plan
