#!/bin/sh
# SPDX-License-Identifier: MIT
# workcal: working time by a calendar, of a file and of a register.  The expected times were worked out by hand, the months
# by an independent program (domain.md 9).
. "$(dirname "$0")/../tap.sh"
need workcal gridctl
# shellcheck source=tests/office.sh disable=SC1091
. "$tests/office.sh"

# The shipped days with hours 08:00-12:00 and 14:00-17:00, and what else is given.
calendar() {
	sed '/^hours:/,$d' "$top/data-schemas/calendars/cn.yaml"
	echo 'hours: ["08:00-12:00", "14:00-17:00"]'
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

adds() {
	calendar >c.yaml
	while read -r start term due; do
		status 0 workcal --calendar=c.yaml add "$start" "$term"
		is "$(cat out)" "$due" "$start + $term"
	done <<-'END'
		2026-05-08T16:30 4wh 2026-05-09T11:30:00+08:00
		2026-03-13T16:30 4wh 2026-03-16T11:30:00+08:00
		2026-04-30T16:30 4wh 2026-05-06T11:30:00+08:00
		2026-04-30T16:30 5wd 2026-05-12T00:00:00+08:00
		2026-04-30T15:00 24h 2026-05-01T15:00:00+08:00
		2026-04-30T15:00 3d 2026-05-04T00:00:00+08:00
		2024-02-28T16:00 2wh 2024-02-29T09:00:00+08:00
		2026-01-30T16:30 1wd 2026-02-03T00:00:00+08:00
		2025-12-31T10:00 3wd 2026-01-07T00:00:00+08:00
		2026-02-13 1wd 2026-02-15T00:00:00+08:00
		2026-02-13 2wd 2026-02-25T00:00:00+08:00
	END
	status 0 workcal --calendar=c.yaml add 2026-01-15 'month end'
	is "$(cat out)" 2026-02-01T00:00:00+08:00
	status 0 workcal --calendar=c.yaml add -- 2026-05-06T11:30 -4wh
	is "$(cat out)" 2026-04-30T16:30:00+08:00
	status 0 workcal --calendar=c.yaml --now=2026-04-30T16:30 add now 4wh
	is "$(cat out)" 2026-05-06T11:30:00+08:00
}

# A Sunday that is worked; nothing else is in this calendar.
sunday() {
	cat >c.yaml <<-'END'
		years: {2026: {holidays: [], workdays: [2026-03-08]}}
		hours: ["08:00-12:00", "14:00-17:00"]
	END
	status 0 workcal --calendar=c.yaml --explain add 2026-03-06T16:30 4wh
	same - out <<-'END'
		hours of everybody
		from                       to                                   length    why
		-------------------------  -------------------------  --------  --------  -----------
		2026-03-06T16:30:00+08:00  2026-03-06T17:00:00+08:00  counted   0:30:00
		2026-03-06T17:00:00+08:00  2026-03-08T08:00:00+08:00  left out  39:00:00  weekend
		2026-03-08T08:00:00+08:00  2026-03-08T11:30:00+08:00  counted   3:30:00   make-up day
		counted 4:00:00
		2026-03-08T11:30:00+08:00
	END
	status 0 workcal --calendar=c.yaml add 2026-03-13T16:30 4wh
	is "$(cat out)" 2026-03-16T11:30:00+08:00
}

holds() {
	calendar >c.yaml
	status 0 workcal --calendar=c.yaml --explain --hold='2026-03-09 08:30..2026-03-09 09:35' add 2026-03-09T08:00 2h
	same - out <<-'END'
		hours of everybody
		from                       to                                   length   why
		-------------------------  -------------------------  --------  -------  ----
		2026-03-09T08:00:00+08:00  2026-03-09T08:30:00+08:00  counted   0:30:00
		2026-03-09T08:30:00+08:00  2026-03-09T09:35:00+08:00  left out  1:05:00  hold
		2026-03-09T09:35:00+08:00  2026-03-09T11:05:00+08:00  counted   1:30:00
		counted 2:00:00
		2026-03-09T11:05:00+08:00
	END
	# over a weekend nothing is lost; two holds, given in the wrong order; one that is still open moves with now
	status 0 workcal --calendar=c.yaml --hold=2026-03-13T18:00..2026-03-16T08:00 add 2026-03-13T16:00 2wh
	is "$(cat out)" 2026-03-16T09:00:00+08:00
	status 0 workcal --calendar=c.yaml --hold=2026-03-09T10:00..2026-03-09T10:30 --hold=2026-03-09T09:00..2026-03-09T09:30 add 2026-03-09T08:00 3wh
	is "$(cat out)" 2026-03-09T12:00:00+08:00
	status 0 workcal --calendar=c.yaml --now=2026-03-16T10:00 --hold=2026-03-13T16:30.. add 2026-03-13T16:00 1wh
	is "$(cat out)" '2026-03-16T10:30:00+08:00 held'
	status 0 workcal --calendar=c.yaml --hold=2026-03-13T16:30..2026-03-16T09:00 between 2026-03-13T16:00 2026-03-16T10:00
	is "$(cat out)" 1:30:00
	status 2 workcal --calendar=c.yaml --hold=2026-03-09T10:00 add 2026-03-09T08:00 3wh
	has err '--hold: "2026-03-09T10:00" is no span of time; write FROM..TO'
	status 2 workcal --calendar=c.yaml --hold=2026-03-09T10:00..2026-03-09T09:00 add 2026-03-09T08:00 3wh
	has err 'ends before it begins'
	status 2 workcal --calendar=c.yaml --hold=2026-03-09T10:00..2026-03-09T11:00 --hold=2026-03-09T10:30.. add 2026-03-09T08:00 3wh
	has err 'two of them overlap'
	status 2 workcal --calendar=c.yaml --hold=2026-03-09T10:00..x add 2026-03-09T08:00 3wh
	has err '--hold: "x" is not a time'
}

between_times() {
	calendar 'sending: ["08:00-20:00"]' >c.yaml
	status 0 workcal --calendar=c.yaml between 2026-04-30T16:30 2026-05-06T11:30
	is "$(cat out)" 4:00:00
	status 0 workcal --calendar=c.yaml between 2026-05-06T11:30 2026-04-30T16:30
	is "$(cat out)" -4:00:00
	while read -r a b n; do
		status 0 workcal --calendar=c.yaml --kind=days between "$a" "$b"
		is "$(cat out)" "$n"
	done <<-'END'
		2026-02-04 2026-03-01 14d
		2026-02-14 2026-02-25 2d
		2025-09-27 2025-10-14 7d
		2024-05-01 2024-05-12 6d
		2026-02-03T12:00 2026-02-05 1d 12:00:00
	END
	status 0 workcal --calendar=c.yaml --kind=sending --format=csv between 2026-05-01 2026-05-03
	same - out <<-'END'
		from,to,kind,organ,seconds
		2026-05-01T00:00:00+08:00,2026-05-03T00:00:00+08:00,sending,,86400
	END
	status 0 workcal --calendar=c.yaml --explain --format=csv between 2026-05-08T16:00 2026-05-09T09:00
	same - out <<-'END'
		from,to,counted,seconds,why
		2026-05-08T16:00:00+08:00,2026-05-08T17:00:00+08:00,yes,3600,
		2026-05-08T17:00:00+08:00,2026-05-09T08:00:00+08:00,no,54000,off hours
		2026-05-09T08:00:00+08:00,2026-05-09T09:00:00+08:00,yes,3600,make-up day
	END
}

open_or_not() {
	calendar >c.yaml
	status 0 workcal --calendar=c.yaml is-open 2026-05-09T08:00
	is "$(cat out)" 'open until 2026-05-09T12:00:00+08:00: make-up day'
	status 1 workcal --calendar=c.yaml is-open 2026-05-09T12:00
	is "$(cat out)" 'closed until 2026-05-09T14:00:00+08:00: off hours'
	status 1 workcal --calendar=c.yaml is-open 2026-05-01T09:00
	is "$(cat out)" 'closed until 2026-05-06T08:00:00+08:00: holiday'
	status 1 workcal --calendar=c.yaml is-open 2026-12-31T18:00
	is "$(cat out)" 'closed: off hours'
	status 1 workcal --calendar=c.yaml --format=csv is-open 2026-05-10T09:00
	same - out <<-'END'
		time,open,until,why
		2026-05-10T09:00:00+08:00,no,2026-05-11T08:00:00+08:00,weekend
	END
	status 1 workcal -q --calendar=c.yaml is-open 2026-05-01T09:00
	empty out
	status 0 workcal -q --calendar=c.yaml is-open 2026-05-06T09:00
	empty out
	status 0 workcal --calendar=c.yaml next 2026-04-30T17:00
	is "$(cat out)" '2026-05-06T08:00:00+08:00 2026-05-06T12:00:00+08:00'
	status 0 workcal --calendar=c.yaml --kind=days --format=csv next 2026-05-06T11:00
	same - out <<-'END'
		from,to
		2026-05-06T00:00:00+08:00,2026-05-07T00:00:00+08:00
	END
	status 3 workcal --calendar=c.yaml next 2026-12-31T17:00
	has err 'c.yaml: 2027 is not covered; add it under years'
}

# Working days of the months, as an independent program computed them.
months() {
	calendar >c.yaml
	while read -r year rest; do
		status 0 workcal --calendar=c.yaml --format=csv days "$year"
		is "$(tail -n +2 out | cut -d, -f2 | tr '\n' ' ')" "$rest "
		status 0 workcal --calendar=c.yaml days "$year"
		is "$(tail -n 1 out | awk '{ print $2 }')" "$(echo "$rest" | awk '{ for (i = 1; i <= NF; i++) n += $i; print n }')"
	done <<-'END'
		2024 22 18 21 22 21 19 23 22 21 19 21 22
		2025 19 19 21 22 19 20 23 21 23 18 20 23
		2026 21 16 22 21 19 21 23 21 22 18 21 23
	END
	has out '2026-02       16       2     0        9        3   112:00'
	status 3 workcal --calendar=c.yaml days 2027
	has err '2027 is not covered'
	empty out
}

# Round the clock: no minute is lost at midnight, on a holiday, on a leap day.
round_the_clock() {
	calendar 'organs: {fire: {hours: ["00:00-24:00"], week: [1, 2, 3, 4, 5, 6, 7], holidays: no, basis: 全天备勤}}' >c.yaml
	status 0 workcal --calendar=c.yaml --organ=fire add 2024-02-28T23:59 26wh
	is "$(cat out)" 2024-03-01T01:59:00+08:00
	status 0 workcal --calendar=c.yaml --organ=fire between 2024-01-01 2027-01-01
	is "$(cat out)" 26304:00:00
	status 0 workcal --calendar=c.yaml --organ=fire --explain add 2026-04-30T15:00 24wh
	has out 'hours of fire: 全天备勤'
	has out '2026-04-30T15:00:00+08:00  2026-05-01T15:00:00+08:00  counted  24:00:00'
	status 2 workcal --calendar=c.yaml --organ=gas add 2026-04-30T15:00 24wh
	has err 'c.yaml has no hours for "gas"'
}

# The calendar of a register: by organ, by its kind, by name, as it was known.
register() {
	office reg
	status 0 workcal -C reg add 2026-04-30T16:30 4wh
	is "$(cat out)" 2026-05-06T10:30:00+08:00
	cp -r reg/policy pol
	rm -r pol/tests		# of the calendar that is replaced
	{
		calendar
		echo 'organs: {fire: {hours: ["00:00-24:00"], week: [1, 2, 3, 4, 5, 6, 7], holidays: no}, T01-GAS: {hours: ["09:00-10:00"]}}'
	} >pol/calendar.yaml
	gridctl put -q --now=2026-03-02T08:00:00+08:00 policy pol
	status 0 workcal -C reg add 2026-04-30T16:30 4wh
	is "$(cat out)" 2026-05-06T11:30:00+08:00
	status 0 workcal -C reg --known=2026-03-01T12:00 add 2026-04-30T16:30 4wh
	is "$(cat out)" 2026-05-06T10:30:00+08:00
	status 0 workcal -C reg --organ=县消防大队 add 2026-04-30T16:30 4wh
	is "$(cat out)" 2026-04-30T20:30:00+08:00
	status 0 workcal -C reg --organ=fire --format=csv add 2026-04-30T16:30 4wh
	has out '2026-04-30T16:30:00+08:00,4wh,fire,2026-04-30T20:30:00+08:00,'
	status 0 workcal -C reg --organ=T01-GAS add 2026-04-30T16:30 2wh
	is "$(cat out)" 2026-05-07T10:00:00+08:00
	status 0 workcal -C reg --organ=T01-E add 2026-04-30T16:30 4wh
	is "$(cat out)" 2026-05-06T11:30:00+08:00
	status 3 workcal -C reg add 2026-12-31T16:30 4wh
	has err 'policy/calendar.yaml: 2027 is not covered; add it under years (gridctl put policy)'
	rm pol/calendar.yaml
	sed -i 's/\([0-9]\)wd/\1d/g' pol/*.yaml
	gridctl put -q --now=2026-03-03T08:00:00+08:00 policy pol
	status 3 workcal -C reg add 2026-03-31T16:30 4wh
	has err 'the policy of this register has no calendar.yaml'
}

# A register whose rules count working time: everybody's hours, those of the owner, working days.
clocks() {
	office "$1"
	cp -r "$1/policy" pol
	rm -rf pol/tests		# of the rules of the place
	cat >pol/escalation.yaml <<-'END'
		rules:
		  - id: own
		    when: {category: gas}
		    due: {within: 2wh, from: assigned}
		  - id: hours
		    when: {severity: general}
		    due: {within: 4wh, from: reported}
		    rungs:
		      - {at: due-50%, do: remind}
		      - {at: due, do: escalate, repeat: [1wd]}
		  - id: days
		    due: {within: 5wd, from: found}
	END
	calendar 'organs: {fire: {hours: ["00:00-24:00"], week: [1, 2, 3, 4, 5, 6, 7], holidays: no}}' >pol/calendar.yaml
	gridctl put -q --now=2026-03-02T08:00:00+08:00 policy pol
	hazard-add -q --now=2026-04-30T18:00:00+08:00 - <<-'END' >ids
		ref,reported_at,grid,subject,category,severity,source,reporter,place,description
		a1,2026-04-30 16:30,990101001001,T01-S1,fire,general,patrol,T01-O2,车间,灭火器过期
		a2,2026-04-30 16:30,990101001001,T01-S1,fire,minor,patrol,T01-O2,车间,通道堆物
		a3,2026-04-30 15:00,990101001001,T01-S2,gas,minor,patrol,T01-O2,后厨,软管老化
	END
}

due_times() {
	clocks reg
	# the fire brigade works at night, and the clock that began under it goes on by its hours when others take over
	hazard-update -q assign --owner=T01-FIRE --now=2026-04-30T19:00:00+08:00 T01-H2026-000003
	hazard-update -q assign --owner=T01-GAS --now=2026-04-30T19:30:00+08:00 T01-H2026-000003
	status 0 hazard-list --columns=hazard,owner,due,light --now=2026-05-06T10:00
	same - out <<-'END'
		hazard,owner,due,light
		T01-H2026-000001,,2026-05-06T11:30:00+08:00,green
		T01-H2026-000002,,2026-05-12T00:00:00+08:00,green
		T01-H2026-000003,T01-GAS,2026-04-30T21:00:00+08:00,red
	END
	# 40 of 240 minutes are left
	status 0 hazard-list --columns=light --now=2026-05-06T10:50 --match=ref=/a1/
	is "$(tail -n 1 out)" yellow
	status 0 hazard-show --explain --now=2026-05-06T10:00 T01-H2026-000001
	has out 'counted   2026-04-30T16:30:00+08:00 to 2026-04-30T17:00:00+08:00  0:30:00'
	has out 'excluded  2026-04-30T17:00:00+08:00 to 2026-05-06T08:00:00+08:00  135:00:00  holiday'
	has out 'sum       4:00:00'
	status 0 hazard-show --explain --now=2026-05-06T10:00 T01-H2026-000003
	has out '  hours     of fire'
	# half of four working hours before the due time, then at it, then a working day later: a Saturday
	status 0 hazard-escalate --now=2026-05-06T09:29
	empty out
	status 0 hazard-escalate --now=2026-05-06T09:30
	status 0 hazard-escalate --now=2026-05-09T11:30
	status 0 gridctl cat events
	like "$(cat out)" '2026-05-06T09:30:00\+08:00,T01-H2026-000001,remind,.*,hours/1/202605061130/0@owner'
	like "$(cat out)" '2026-05-09T11:30:00\+08:00,T01-H2026-000001,escalate,.*,hours/2/202605061130/3'
	# a hold over the holidays takes away what would have counted: half an hour and three hours
	status 0 workcal --organ=T01-W --hold=2026-04-30T16:45..2026-05-06T11:00 add 2026-04-30T16:30 4wh
	is "$(cat out)" 2026-05-06T16:45:00+08:00
}

# Calendars are facts: another one moves every due time that is counted by it, and a year that is missing has a name.
newest_calendar() {
	clocks reg
	sed 's/2026-05-04, 2026-05-05/2026-05-05/' pol/calendar.yaml >c.yaml
	mv c.yaml pol/calendar.yaml
	gridctl put -q --now=2026-05-01T08:00:00+08:00 policy pol
	status 0 hazard-list --columns=due --now=2026-05-02T10:00 --match=ref=/a1/
	is "$(tail -n 1 out)" 2026-05-04T11:30:00+08:00
	status 0 hazard-list --columns=due --now=2026-05-02T10:00 --match=ref=/a1/ --known=2026-04-30T19:00
	is "$(tail -n 1 out)" 2026-05-06T11:30:00+08:00
	hazard-add -q --now=2026-12-30T18:00:00+08:00 --grid=990101001001 --category=fire --severity=minor --source=patrol \
		--reporter=T01-O2 --description=十二月
	for program in hazard-list hazard-escalate 'hazard-show T01-H2026-000004'; do
		# shellcheck disable=SC2086
		status 3 $program --now=2026-12-30T18:00
		has err ': T01-H2026-000004: policy/escalation.yaml:11: rule days: policy/calendar.yaml: 2027 is not covered; add it under years (gridctl put policy)'
	done
	sed 's/^years:/&\n  2027: {holidays: [2027-01-01], workdays: []}/' pol/calendar.yaml >c.yaml
	mv c.yaml pol/calendar.yaml
	gridctl put -q --now=2026-12-30T19:00:00+08:00 policy pol
	status 0 hazard-list --columns=hazard,due --now=2026-12-30T20:00
	has out T01-H2026-000004,2027-01-08T00:00:00+08:00
}

no_calendar() {
	clocks reg
	rm pol/calendar.yaml
	status 3 gridctl put policy pol
	same - err <<-'END'
		pol/escalation.yaml:2: "2wh" counts working time, and there is no calendar.yaml; add one, or write it in m, h or d
		pol/escalation.yaml:5: "4wh" counts working time, and there is no calendar.yaml; add one, or write it in m, h or d
		pol/escalation.yaml:10: "1wd" counts working time, and there is no calendar.yaml; add one, or write it in m, h or d
		pol/escalation.yaml:11: "5wd" counts working time, and there is no calendar.yaml; add one, or write it in m, h or d
		gridctl put: 4 errors, nothing was written
	END
	calendar | sed '/^hours:/d' >pol/calendar.yaml
	status 3 gridctl put policy pol
	has err 'pol/escalation.yaml:5: "4wh" counts working hours, and calendar.yaml gives none; add hours to it'
	unlike "$(cat err)" 5wd
}

wrong() {
	calendar >c.yaml
	status 2 workcal
	has err 'which command? add, between, days, is-open or next'
	status 2 workcal --calendar=c.yaml adds 2026-01-05 1wd
	has err '"adds" is not one of add, between, days, is-open, next'
	status 2 workcal --calendar=c.yaml add 2026-01-05
	has err 'add takes a TIME and a TERM'
	status 2 workcal --calendar=c.yaml add 2026-02-30 1wd
	has err '"2026-02-30" is not a time'
	status 2 workcal --calendar=c.yaml add 2026-01-05 1week
	has err '"1week" has no known unit'
	status 2 workcal --calendar=c.yaml days 26
	has err 'days: "26" is no year'
	status 2 workcal --calendar=c.yaml --kind=minutes next 2026-01-05
	has err '--kind: "minutes" is not one of hours, days, sending'
	status 2 workcal --calendar=c.yaml --offset=8 next 2026-01-05
	has err '--offset: "8" is no offset'
	status 2 workcal --calendar=c.yaml --known=3 next 2026-01-05
	has err '--known: a file has no history'
	status 0 workcal --calendar=c.yaml --offset=Z next 2026-01-05
	is "$(cat out)" '2026-01-05T08:00:00+00:00 2026-01-05T12:00:00+00:00'
	status 4 workcal --calendar=none.yaml next 2026-01-05
	has err 'none.yaml'
	sed 's/^hours:/houres:/' c.yaml >bad.yaml
	status 3 workcal --calendar=bad.yaml next 2026-01-05
	like "$(cat err)" '^bad.yaml:[0-9]+:1: unknown key "houres"; did you mean "hours"\?'
	calendar | workcal --calendar=- next 2026-01-05 >out
	is "$(cat out)" '2026-01-05T08:00:00+08:00 2026-01-05T12:00:00+08:00'
	sed '/^hours/d' c.yaml >bad.yaml
	status 3 workcal --calendar=bad.yaml next 2026-01-05
	has err 'bad.yaml: gives no working hours; add hours'
	status 0 workcal --calendar=bad.yaml --kind=days next 2026-01-05
	status 0 workcal --calendar=bad.yaml --format=csv days 2026
	has out '2026-01,21,1,0,3,7,'
	status 4 sh -c 'workcal --calendar=c.yaml next 2026-01-05 >/dev/full'
}

t 'limits end when the rules of a calendar say' adds
t 'a make-up day counts, and --explain says so' sunday
t 'a held clock' holds
t 'what was counted between two times' between_times
t 'open or closed, and what comes next' open_or_not
t 'the months of the years that are shipped' months
t 'a calendar of all hours loses no minute' round_the_clock
t 'the calendar of a register' register
t 'due times and rungs of working time' due_times
t 'clocks count by the newest calendar' newest_calendar
t 'working time needs a calendar' no_calendar
t 'mistakes' wrong
plan
