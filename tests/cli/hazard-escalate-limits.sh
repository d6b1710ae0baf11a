# SPDX-License-Identifier: MIT
#
# Limits between two steps, hand-overs, pilots, who dispatches, sending hours, gates of a rule: a policy made for it, by the programs.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate

# policy RULES: the place default with these rules (on standard input) in force from 1 March.
policy() {
	new_rules
	gridctl put -q --now=2026-03-01T08:00:00+08:00 policy new
}

add() {
	hazard-add --now="$1" --grid="${2:-990101001001}" --severity="${3:-general}" --category="${4:-fire}" --place=门口 --description=一处
}

sweep() {
	hazard-escalate --now="$1" >out 2>err
}

limits() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 30d, from: reported}
		    limits:
		      - {id: ack, from: assign, until: accept, within: 30m, miss: {do: remind, to: owner, notice: reminder}}
		      - {id: report-in, from: whistle, until: report-in, within: 2h, miss: {do: escalate, to: parent}}
		      - {id: recheck, from: rectify, until: recheck, within: 2d, miss: {do: remind, to: parent}}
	END
	h=$(add 2026-03-02T08:00:00+08:00)
	sweep 2026-03-02T09:00:00+08:00
	is "$(did "$h")" ''
	hazard-update -q --now=2026-03-02T09:00:00+08:00 assign --owner=T01-FIRE "$h"
	sweep 2026-03-02T09:29:00+08:00
	is "$(did "$h")" ''
	sweep 2026-03-02T09:30:00+08:00
	is "$(did "$h")" 'remind  all/ack/202603020900/0@owner'
	has out ',reminder,'
	cp reg/events.csv before
	sweep 2026-03-02T09:40:00+08:00
	same before reg/events.csv
	hazard-update -q --now=2026-03-02T10:00:00+08:00 whistle --assist=T01-GAS "$h"
	sweep 2026-03-02T12:00:00+08:00
	is "$(did "$h" | tail -n 1)" 'escalate township all/report-in/202603021000/0'
	hazard-update -q --now=2026-03-02T13:00:00+08:00 rectify "$h"
	sweep 2026-03-04T23:59:59+08:00
	is "$(did "$h" | wc -l)" 2
	sweep 2026-03-05T00:00:00+08:00
	is "$(did "$h" | tail -n 1)" 'remind  all/recheck/202603021300/0@parent'
	gridctl check -q
	gridctl verify -q
}

kept() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 30d, from: reported}
		    limits:
		      - {id: ack, from: assign, until: accept, within: 30m}
	END
	h=$(add 2026-03-02T08:00:00+08:00)
	hazard-update -q --now=2026-03-02T09:00:00+08:00 assign --owner=T01-FIRE "$h"
	hazard-update -q --now=2026-03-02T09:10:00+08:00 accept "$h"
	sweep 2026-03-02T19:00:00+08:00
	is "$(did "$h")" ''
	# taken back and handed on: it counts from there
	hazard-update -q --now=2026-03-03T09:00:00+08:00 return --reason=不归我管 "$h"
	hazard-update -q --now=2026-03-03T10:00:00+08:00 assign --owner=T01-GAS "$h"
	sweep 2026-03-03T10:29:00+08:00
	is "$(did "$h")" ''
	sweep 2026-03-03T10:30:00+08:00
	is "$(did "$h")" 'remind  all/ack/202603031000/0@owner'
	# a retraction undoes the step, and the limit with it
	hazard-update -q --now=2026-03-03T11:00:00+08:00 assign --owner=T01-E "$h"
	e=$(gridctl cat events | tail -n 1 | cut -d, -f1)
	hazard-update -q --now=2026-03-03T11:10:00+08:00 retract --reason=误派 "$e"
	sweep 2026-03-03T12:00:00+08:00
	is "$(did "$h" | wc -l)" 1
}

handovers() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 30d, from: reported}
		    handovers: {over: 2, do: escalate, to: parent}
	END
	h=$(add 2026-03-02T08:00:00+08:00)
	n=9
	for owner in T01-FIRE T01-GAS T01-FIRE; do
		hazard-update -q --now=2026-03-02T$n:00:00+08:00 assign --owner=$owner "$h"
		n=$((n + 1))
	done 2>/dev/null || n=12
	sweep 2026-03-02T12:30:00+08:00
	is "$(did "$h")" ''
	hazard-update -q --now=2026-03-02T13:00:00+08:00 assign --owner=T01-GAS "$h"
	sweep 2026-03-02T13:10:00+08:00
	like "$(did "$h")" '^escalate township all/handovers-1/'
	sweep 2026-03-02T13:20:00+08:00
	is "$(did "$h" | wc -l)" 1
}

pilot() {
	office reg
	policy <<-'END'
		rules:
		  - id: pilot
		    scope: {grids: ["990101001"], from: 2026-03-02, to: 2026-03-03}
		    due: {within: 1d, from: reported}
		  - id: all
		    due: {within: 30d, from: reported}
	END
	add 2026-03-01T09:00:00+08:00 >ids
	add 2026-03-02T09:00:00+08:00 >>ids
	add 2026-03-02T09:00:00+08:00 990101002001 >>ids
	add 2026-03-03T23:00:00+08:00 990101001002 >>ids
	add 2026-03-04T09:00:00+08:00 >>ids
	is "$(hazard-list --now=2026-03-05T09:00:00+08:00 --columns=rule | tail -n +2 | tr '\n' ' ')" 'all pilot all pilot all '
}

hours() {
	office reg
	rm -rf new
	cp -r reg/policy new
	rm -rf new/tests
	sed -i '/^sending/d' new/calendar.yaml
	echo 'sending: ["08:00-20:00"]' >>new/calendar.yaml
	cat >new/escalation.yaml <<-'END'
		rules:
		  - id: urgent
		    when: {severity: major}
		    due: {within: 1h, from: reported}
		    rungs: [{at: due, do: remind, to: owner, notice: reminder, send: any}]
		  - id: all
		    due: {within: 1h, from: reported}
		    rungs:
		      - {at: due, do: remind, to: owner, notice: reminder}
		      - {at: due+2h, do: escalate, to: parent}
	END
	gridctl put -q --now=2026-03-01T08:00:00+08:00 policy new
	a=$(add 2026-03-02T21:00:00+08:00)
	b=$(add 2026-03-02T21:00:00+08:00 990101001001 major)
	hazard-update -q --now=2026-03-02T21:10:00+08:00 assign --owner=T01-FIRE "$a" "$b"
	sweep 2026-03-02T22:30:00+08:00
	is "$(did "$a")" ''
	is "$(did "$b" | wc -l)" 1
	sweep 2026-03-03T00:10:00+08:00		# what moves it does not wait
	is "$(did "$a")" 'escalate township all/2/202603022200/0'
	sweep 2026-03-03T07:59:00+08:00
	is "$(did "$a" | wc -l)" 1
	sweep 2026-03-03T08:00:00+08:00
	is "$(did "$a" | tail -n 1)" 'remind  all/1/202603022200/0@owner'
}

gates() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 10d, from: reported}
		    extend: {before: 1d, max: 1, total: 5d, by: [leader]}
		    assign: {needs: [person, measure, due, fund_fen, verifier]}
		    plan: {parts: [目标任务, 经费物资]}
		    close: {acceptors: {min: 2, not: [rectifier, owner], organs: [government]}}
	END
	h=$(add 2026-03-02T08:00:00+08:00)
	status 3 hazard-update --now=2026-03-02T09:00:00+08:00 assign --owner=T01-FIRE --person=T01-O4 "$h"
	has err 'assign must fix measure, due, fund_fen, verifier too (rule all, escalation.yaml:2)'
	gridctl cat measures >/dev/null
	status 3 hazard-update --now=2026-03-02T09:00:00+08:00 note --note=方案 --plan='目标任务: 全部更换; 经费物资:' "$h"
	has err 'it does not treat 经费物资'
	status 0 hazard-update --now=2026-03-02T09:00:00+08:00 note --note=方案 --plan='目标任务: 全部更换; 经费物资: 两千元' "$h"
	status 3 hazard-update --now=2026-03-12T09:00:00+08:00 --actor=T01-O3 extend --due=2026-03-14 --reason=等配件 "$h"
	has err 'extend is asked too late: by 2026-03-12T00:00:00+08:00'
	status 3 hazard-update --now=2026-03-09T09:00:00+08:00 --actor=T01-O1 extend --due=2026-03-14 --reason=等配件 "$h"
	has err 'extend may be taken by leader'
	status 3 hazard-update --now=2026-03-09T09:00:00+08:00 --actor=T01-O3 extend --due=2026-03-20 --reason=等配件 "$h"
	has err 'is more than 5d behind the first due time'
	status 0 hazard-update --now=2026-03-09T09:00:00+08:00 --actor=T01-O3 extend --due=2026-03-14 --reason=等配件 "$h"
	is "$(hazard-list --now=2026-03-13T12:00:00+08:00 --columns=due,first_due,overdue | tail -n 1)" \
		'2026-03-14T23:59:59+08:00,2026-03-13T00:00:00+08:00,'
	status 3 hazard-update --now=2026-03-10T09:00:00+08:00 --actor=T01-O3 extend --due=2026-03-15 --reason=再等 "$h"
	has err 'was extended 1 time already'
	status 0 hazard-update --now=2026-03-10T10:00:00+08:00 --actor=T01-O4 rectify "$h"
	status 3 hazard-update --now=2026-03-10T11:00:00+08:00 recheck --result=pass --verifier=T01-O4 "$h"
	has err "T01-O4 rectified hazard $h and cannot accept it"
	status 0 hazard-update --now=2026-03-10T11:00:00+08:00 recheck --result=pass --verifier=T01-O2 "$h"
	status 3 hazard-update --now=2026-03-10T12:00:00+08:00 close "$h"
	has err 'close needs 2 officers who passed the recheck, there is 1'
	has err 'close needs an officer of government who passed the recheck'
}

raised() {
	office reg
	rm -rf new
	cp -r reg/policy new
	rm -rf new/tests
	sed -i '/{id: major, /s/by: .*/by: [leader, department]}/' new/policy.yaml
	gridctl put -q --now=2026-03-01T08:00:00+08:00 policy new
	h=$(add 2026-03-02T08:00:00+08:00)
	status 3 hazard-update --now=2026-03-02T09:00:00+08:00 --actor=T01-O1 judge --severity=major --reason=x "$h"
	has err 'hazard-update: --severity: "major" may be given by department or leader; T01-O1 is dispatcher or clerk'
	status 3 hazard-update --now=2026-03-02T09:00:00+08:00 --actor=T01-O1 correct --field=severity --value=major --reason=x "$h"
	status 0 hazard-update --now=2026-03-02T09:00:00+08:00 --actor=T01-O3 judge --severity=major --reason=x "$h"
	status 0 hazard-update --now=2026-03-02T10:00:00+08:00 --actor=T01-O1 judge --severity=general --reason=x "$h"
}

repin() {
	office reg
	h=$(add 2026-03-02T08:00:00+08:00)
	old=$(gridctl cat hazards | tail -n 1 | cut -d, -f18)
	is "$(hazard-list --now=2026-03-02T09:00:00+08:00 --columns=due | tail -n 1)" 2026-03-10T00:00:00+08:00
	policy <<-'END'
		rules:
		  - id: short
		    due: {within: 3d, from: reported}
	END
	is "$(hazard-list --now=2026-03-02T09:00:00+08:00 --columns=due | tail -n 1)" 2026-03-10T00:00:00+08:00
	status 2 gridctl repin --now=2026-03-02T10:00:00+08:00 "$h"
	has err '--reason=TEXT is needed'
	status 3 gridctl repin --now=2026-03-02T10:00:00+08:00 --reason=新规 T01-H2026-009999
	status 0 gridctl repin --now=2026-03-02T10:00:00+08:00 --reason=新规 -n "$h"
	has out ',repin,'
	status 0 gridctl repin --now=2026-03-02T10:00:00+08:00 --reason=新规 "$h"
	has err "hazard $h: due changed from 2026-03-10T00:00:00+08:00 to 2026-03-06T00:00:00+08:00"
	is "$(hazard-list --now=2026-03-02T11:00:00+08:00 --columns=due,rule | tail -n 1)" 2026-03-06T00:00:00+08:00,short
	status 3 gridctl repin --now=2026-03-02T11:00:00+08:00 --reason=新规 "$h"
	has err 'goes by that version already'
	echo "$h" | status 0 gridctl repin --now=2026-03-02T12:00:00+08:00 --reason=退回 --to="$old" -
	is "$(hazard-list --now=2026-03-02T13:00:00+08:00 --columns=due | tail -n 1)" 2026-03-10T00:00:00+08:00
	gridctl check -q
	gridctl verify -q
}

# A calendar: years that open hazards need are not taken away, and its end is told in time.
calendar() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 5wd, from: reported}
		    limits: [{id: ack, from: assign, until: accept, within: 4wh}]
	END
	a=$(add 2025-12-30T09:00:00+08:00)
	b=$(add 2025-12-31T09:00:00+08:00)
	add 2026-03-02T09:00:00+08:00 >/dev/null
	# the rules that follow count no working time, but these three go by the old ones
	cat >new/escalation.yaml <<-'END'
		rules:
		  - id: all
		    due: {within: 5d, from: reported}
	END
	gridctl put -q --now=2026-03-02T10:00:00+08:00 policy new
	status 0 gridctl check --now=2026-03-02T10:00:00+08:00 calendar
	cp new/calendar.yaml whole.yaml
	awk '/^  20[0-9][0-9]:/ { skip = $1 != "2026:" } /^[a-z]/ { skip = 0 } !skip' whole.yaml >new/calendar.yaml
	status 3 gridctl put --now=2026-03-02T11:00:00+08:00 policy new
	has err "new/calendar.yaml: 2 open hazards need days or hours that it does not give, first $a: $a: "
	has err '2025 is not covered'
	has err '; put back what was taken out'
	rm new/calendar.yaml
	status 3 gridctl put --now=2026-03-02T11:00:00+08:00 policy new
	has err 'new/calendar.yaml: 3 open hazards need days or hours'
	# when the two are closed the year may go
	hazard-update -q --now=2026-03-02T12:00:00+08:00 void --reason=误报 "$a" "$b"
	awk '/^  20[0-9][0-9]:/ { skip = $1 != "2026:" } /^[a-z]/ { skip = 0 } !skip' whole.yaml >new/calendar.yaml
	status 0 gridctl put -q --now=2026-03-02T13:00:00+08:00 policy new
	status 0 gridctl check --now=2026-11-01T08:00:00+08:00 calendar
	empty out
	status 0 gridctl check --now=2026-11-03T08:00:00+08:00 calendar
	has out 'warning: policy/calendar.yaml ends on 2026-12-31, in 58 days; enter the State Council'
	has out 'notice for 2027'
	sweep 2026-11-01T08:00:00+08:00
	empty err
	status 0 hazard-escalate -q --now=2026-11-03T08:00:00+08:00
	has err 'warning: policy/calendar.yaml ends on 2026-12-31, in 58 days'
	status 0 hazard-escalate -q --now=2026-11-03T08:10:00+08:00
	empty err
	status 0 hazard-escalate -q --now=2026-11-04T08:00:00+08:00
	has err 'in 57 days'
	# the time of an answer is looked at too
	rm new/calendar.yaml
	sed -i 's/answer: 3d/answer: 3wd/' new/notices.yaml
	status 3 gridctl put --now=2026-11-04T11:00:00+08:00 policy new
	has err 'new/notices.yaml:4: "3wd" counts working time, and there is no calendar.yaml'
}

alive() {
	office reg
	status 1 gridctl check --now=2026-03-02T08:00:00+08:00 sweep
	has out 'no sweep was ever recorded'
	sweep 2026-03-02T08:00:00+08:00
	status 0 gridctl check -q --now=2026-03-03T09:59:00+08:00 sweep
	status 1 gridctl check --now=2026-03-03T10:01:00+08:00 sweep
	has out 'the last sweep ran at 2026-03-02T08:00:00+08:00, 26 hours ago'
	status 0 gridctl check -q --now=2026-03-03T10:01:00+08:00 --max-age=2d sweep
	status 2 gridctl check --max-age=soon sweep
}

duties() {
	office reg
	rm -rf new
	cp -r reg/policy new
	rm -rf new/tests
	status 0 gridctl check -q --now=2026-03-02T08:00:00+08:00 duties
	sed -i 's/^\(  - {id: fire,.*\)duty: \[[^]]*\]/\1duty: [{lead: fire, from: 2024-01-01, to: 2026-01-31}, {lead: gas, from: 2026-03-01}]/' new/policy.yaml
	gridctl put -q --now=2026-03-01T09:00:00+08:00 policy new
	status 1 gridctl check --now=2026-03-02T08:00:00+08:00 duties
	has out 'category fire (消防安全): the duty of fire ends on 2026-01-31, and nobody answers for it until that of gas'
}

# After an outage a hazard goes up two tiers: one paper, of the level where it lands, to who had it before.
far() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 1d, from: reported}
		    rungs:
		      - {at: due, do: escalate, to: parent, notice: supervision, cc: [gas]}
		      - {at: due+2d, do: escalate, to: county, notice: listed, cc: [gas, owner]}
	END
	h=$(add 2026-03-02T08:00:00+08:00)
	hazard-update -q --now=2026-03-02T09:00:00+08:00 assign --owner=T01-E1 "$h"
	# the sweep was down for a week: both rungs have fallen
	sweep 2026-03-10T09:00:00+08:00
	empty out
	sweep 2026-03-10T09:10:00+08:00
	is "$(did "$h" | cut -d/ -f1,2 | tr '\n' ';')" 'escalate township all/1;escalate county all/2;' 'the record keeps both'
	# to the village that was late, and a copy to the gas office: nothing to the township, which had it for ten minutes
	is "$(gridctl cat notices | sed 1d | cut -d, -f4,6,7)" "$(printf 'listed,T01-GOV,T01-E1\nlisted,T01-GOV,T01-GAS')"
	sweep 2026-03-10T09:20:00+08:00
	empty out
	# by the clock every rung has its paper
	h=$(add 2026-03-11T08:00:00+08:00)
	hazard-update -q --now=2026-03-11T09:00:00+08:00 assign --owner=T01-E1 "$h"
	sweep 2026-03-13T00:00:00+08:00
	sweep 2026-03-15T00:00:00+08:00
	is "$(gridctl cat notices | sed 1,3d | cut -d, -f4,6,7 | tr '\n' ';')" \
	    'supervision,T01-E,T01-E1;supervision,T01-E,T01-GAS;listed,T01-GOV,T01-E;listed,T01-GOV,T01-GAS;'
}

# One rung that names a far level: the tiers between get nothing.
steps_up() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 30d, from: reported}
		    limits:
		      - {id: ack, from: assign, until: accept, within: 1h, miss: {do: escalate, to: top, notice: supervision, cc: [owner]}}
	END
	h=$(add 2026-03-02T08:00:00+08:00)
	hazard-update -q --now=2026-03-02T09:00:00+08:00 assign --owner=T01-E1 "$h"
	sweep 2026-03-02T10:00:00+08:00
	empty out
	is "$(did "$h")" 'escalate township all/ack/202603020900/0~township'
	sweep 2026-03-02T10:10:00+08:00
	is "$(did "$h" | tail -n 1)" 'escalate county all/ack/202603020900/0'
	is "$(gridctl cat notices | sed 1d | cut -d, -f4,6,7)" supervision,T01-GOV,T01-E1
	gridctl check -q
}

# Each limit counts the hours of who is to keep it, where the calendar gives organs hours of their own.
own_hours() {
	office reg
	rm -rf new
	cp -r reg/policy new
	rm -rf new/tests
	sed -i '/^hours/d; /^organs/,$d' new/calendar.yaml
	cat >>new/calendar.yaml <<-'END'
		hours: ["08:00-12:00", "14:00-18:00"]
		organs:
		  fire: {hours: ["00:00-24:00"], week: [1, 2, 3, 4, 5, 6, 7], holidays: no}
		  T01-GAS: {hours: ["08:00-12:00"]}
	END
	cat >new/escalation.yaml <<-'END'
		rules:
		  - id: all
		    due: {within: 10wd, from: reported}
		    limits:
		      - {id: ack,       from: assign,  until: accept,    within: 2wh}
		      - {id: report-in, from: whistle, until: report-in, within: 2wh}
		      - {id: told,      from: report,  until: note,      within: 2wh}
	END
	gridctl put -q --now=2026-03-01T08:00:00+08:00 policy new
	# Friday 6 March 17:00: an hour of the office is left, then Monday; the brigade works on; the gas office is open on Monday morning
	a=$(add 2026-03-06T17:00:00+08:00)
	b=$(add 2026-03-06T17:00:00+08:00)
	hazard-update -q --now=2026-03-06T17:00:00+08:00 assign --owner=T01-FIRE "$a"
	hazard-update -q --now=2026-03-06T17:00:00+08:00 assign --owner=T01-GAS "$b"
	hazard-update -q --now=2026-03-06T17:30:00+08:00 whistle --assist=T01-FIRE "$b"
	sweep 2026-03-06T18:59:59+08:00
	is "$(did "$a")" ''
	sweep 2026-03-06T19:00:00+08:00
	is "$(did "$a")" 'remind  all/ack/202603061700/0@owner' 'the brigade has two hours by the clock'
	sweep 2026-03-06T19:30:00+08:00
	is "$(did "$b")" 'remind  all/report-in/202603061730/0@owner' 'so has the brigade that the gas office calls in'
	sweep 2026-03-09T08:59:59+08:00
	is "$(did "$a" | wc -l) $(did "$b" | wc -l)" '1 1'
	sweep 2026-03-09T09:00:00+08:00
	is "$(did "$a" | tail -n 1)" 'remind  all/told/202603061700/0@owner' "everybody's hours from the report on"
	sweep 2026-03-09T09:59:59+08:00
	is "$(did "$b" | wc -l)" 2
	sweep 2026-03-09T10:00:00+08:00
	is "$(did "$b" | tail -n 1)" 'remind  all/ack/202603061700/0@owner' 'the gas office has two hours of its mornings'
}

t 'a limit between two steps falls once, in the open and after rectification' limits
t 'a limit that was kept, begun anew, undone' kept
t 'handed to and fro it goes up' handovers
t 'a pilot holds there and then only' pilot
t 'reminders wait for the sending hours, what moves a hazard does not' hours
t 'assign, plan, extend, recheck and close keep to the rule' gates
t 'up several tiers: one paper, of the level where it lands' far
t 'a limit that leads to a far level: nothing to those between' steps_up
t 'a limit counts the hours of the organ that is to keep it' own_hours
t 'roles that may raise a hazard to major' raised
t 'a hazard goes by another version' repin
t 'years that open hazards need stay in the calendar; its end is told' calendar
t 'a quiet night and a dead cron look different' alive
t 'every category has somebody on every day' duties
plan
