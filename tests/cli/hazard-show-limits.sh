# SPDX-License-Identifier: MIT
#
# Limits beside the due date, as --explain shows them, and those that go on after a hazard is closed.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-show hazard-list hazard-escalate

# policy [DAY] RULES: the place default with these rules (on standard input) in force, from 1 March or that day; hours 08:00-12:00
# and 14:00-17:00, and a step `announce` that a closed hazard takes.
policy() {
	new_rules
	grep -q '^  announce:' new/workflow.yaml || sed -i 's/^  void: .*from: open.*/&\n  announce:   {name: 公示, from: any}/' new/workflow.yaml
	sed -i 's/^hours:.*/hours: ["08:00-12:00", "14:00-17:00"]/' new/calendar.yaml
	gridctl put -q --now="2026-03-${1:-01}T08:00:00+08:00" policy new
}

add() {
	hazard-add --now="$1" --grid=990101001001 --severity="${2:-general}" --category=fire --place=一楼 --description=一处
}

# step TIME STEP [options] ID
step() {
	at=$1
	shift
	hazard-update -q --now="2026-03-${at%T*}T${at#*T}:00+08:00" "$@"
}

sweep() {
	hazard-escalate --now="2026-03-${1%T*}T${1#*T}:00+08:00" >out 2>err
}

# explain TIME ID LIMIT: the lines of one limit.
explain() {
	hazard-show --explain --now="2026-03-${1%T*}T${1#*T}:00+08:00" "$2" >all 2>err || cat err >&2
	awk -v limit="limit $3" '$0 == limit { on = 1; next } /^$/ { on = 0 } on' all >out
}

# The counted lines of out, in seconds.
counted() {
	awk '$1 == "counted" { split($5, t, ":"); n += t[1] * 3600 + t[2] * 60 + t[3] } END { print n }' out
}

shown() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 30d, from: reported}
		    limits:
		      - {id: ack,       from: assign,  until: accept,    within: 30m}
		      - {id: report-in, from: whistle, until: report-in, within: 4wh}
		      - {id: assess,    from: report,  until: judge,     within: 1d}
		      - {id: recheck,   from: rectify, until: recheck,   within: 10d}
	END
	h=$(add 2026-03-06T08:00:00+08:00)
	step 06T09:00 assign --owner=T01-FIRE "$h"
	step 06T09:20 accept "$h"
	# Friday 16:00, four hours of working time: one of them on Friday, the others on Monday, when an hour and a half were held
	step 06T16:00 whistle --assist=T01-GAS "$h"
	step 09T09:00 hold --reason=停电 "$h"
	step 09T10:30 resume "$h"
	explain 10T08:00 "$h" ack
	has out '  limit     30m from assign until accept'
	has out '  start     2026-03-06T09:00:00+08:00 assign 交办'
	has out '  end       2026-03-06T09:30:00+08:00'
	has out '  met       2026-03-06T09:20:00+08:00 by accept 接收, T01-O1 甲一'
	is "$(counted)" 1800
	explain 10T08:00 "$h" report-in
	has out '  rule      all, policy/escalation.yaml:6'
	has out '  limit     4wh from whistle until report-in'
	has out '  start     2026-03-06T16:00:00+08:00 whistle 吹哨'
	has out '  counted   2026-03-06T16:00:00+08:00 to 2026-03-06T17:00:00+08:00  1:00:00'
	has out '  excluded  2026-03-06T17:00:00+08:00 to 2026-03-09T08:00:00+08:00  63:00:00  weekend'
	has out '  excluded  2026-03-09T09:00:00+08:00 to 2026-03-09T10:30:00+08:00  1:30:00  停电'
	has out '  excluded  2026-03-09T12:00:00+08:00 to 2026-03-09T14:00:00+08:00  2:00:00  off hours'
	has out '  counted   2026-03-09T14:00:00+08:00 to 2026-03-09T14:30:00+08:00  0:30:00'
	has out '  sum       4:00:00'
	has out '  held      1:30:00 left out'
	is "$(counted)" 14400
	explain 09T11:00 "$h" report-in
	has out '  end       2026-03-09T14:30:00+08:00'
	has out '  state     open'
	explain 10T08:00 "$h" report-in
	has out '  state     overdue by 17:30:00'
	explain 10T08:00 "$h" recheck
	has out '  start     not begun'
	explain 10T08:00 "$h" assess
	has out '  start     2026-03-06T08:00:00+08:00 report'
	has out '  state     overdue by '
	# the sweep says the same: what is overdue falls at the end that is shown
	sweep 09T14:29
	is "$(did "$h" | grep -c report-in)" 0
	sweep 09T14:30
	is "$(did "$h" | grep -c report-in)" 1
	step 10T09:00 report-in "$h"
	step 10T10:00 rectify "$h"
	explain 10T12:00 "$h" report-in
	has out '  met       2026-03-10T09:00:00+08:00 by report-in 报到, T01-O1 甲一, late by 18:30:00'
	explain 10T12:00 "$h" assess
	has out '  lapsed    2026-03-10T10:00:00+08:00 with rectify 整改, overdue by '
}

again() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 2d, from: reported}
		    limits:
		      - {id: ack,    from: assign, until: accept, within: 30m}
		      - {id: review, from: due,    until: judge,  within: 10d}
	END
	h=$(add 2026-03-06T08:00:00+08:00)
	explain 06T09:00 "$h" ack
	has out '  start     not begun'
	step 06T09:00 assign --owner=T01-FIRE "$h"
	step 06T09:10 accept "$h"
	step 06T10:00 return --reason=不归我管 "$h"
	step 06T11:00 assign --owner=T01-GAS "$h"
	explain 06T11:20 "$h" ack
	has out '  start     2026-03-06T11:00:00+08:00 assign'
	has out '  state     open'
	# retracted: the one before stands
	e=$(gridctl cat events | tail -n 1 | cut -d, -f1)
	step 06T11:30 retract --reason=误派 "$e"
	explain 06T12:00 "$h" ack
	has out '  met       2026-03-06T09:10:00+08:00 by accept'
	explain 06T12:00 "$h" review
	has out '  start     2026-03-09T00:00:00+08:00 due'
	# the due time is the end of Sunday the 8th: ten days more end with the 18th
	has out '  end       2026-03-19T00:00:00+08:00'
	# held now
	step 06T13:00 assign --owner=T01-GAS "$h"
	step 06T13:10 hold --reason=停电 "$h"
	explain 06T15:00 "$h" ack
	has out '  held      1:50:00 left out'
	has out '  state     clock stopped'
	has out '  end       2026-03-06T15:20:00+08:00'
}

published() {
	office reg
	policy <<-'END'
		rules:
		  - id: major
		    when: {severity: major}
		    due: {within: 90d, from: reported}
		    limits:
		      - {id: publication, from: close, until: announce, within: 5wd, miss: {do: remind, to: owner, repeat: [1d]}}
		      - {id: ack, from: assign, until: accept, within: 30m}
		  - id: rest
		    due: {within: 7d, from: reported}
		    limits:
		      - {id: recheck, from: rectify, until: recheck, within: 10d}
	END
	for i in 1 2 3; do add 2026-03-02T08:00:00+08:00 major; done >ids
	add 2026-03-02T08:00:00+08:00 >>ids
	xargs hazard-update -q --now=2026-03-02T09:00:00+08:00 assign --owner=T01-FIRE <ids
	xargs hazard-update -q --now=2026-03-03T09:00:00+08:00 rectify <ids
	xargs hazard-update -q --now=2026-03-04T09:00:00+08:00 recheck --result=pass --verifier=T01-O3 <ids
	sweep 05T09:00
	xargs hazard-update -q --now=2026-03-06T16:00:00+08:00 close <ids
	h=$(sed -n 1p ids) second=$(sed -n 2p ids) third=$(sed -n 3p ids) general=$(sed -n 4p ids)
	is "$(hazard-list --state=closed --now=2026-03-07T08:00:00+08:00 --columns=hazard | tail -n +2 | wc -l)" 4
	explain 09T08:00 "$h" publication
	has out '  start     2026-03-06T16:00:00+08:00 close 销号'
	has out '  end       2026-03-14T00:00:00+08:00'
	has out '  state     open'
	is "$(counted)" "$((5 * 86400 + 8 * 3600))"
	step 12T10:00 announce "$second"
	cp reg/events.csv before
	sweep 13T23:59
	same before reg/events.csv
	sweep 14T00:00
	is "$(did "$h")" 'remind  major/publication/202603061600/0@owner'
	is "$(did "$second")$(did "$general")" ''
	cp reg/events.csv before
	sweep 14T00:10
	same before reg/events.csv
	sweep 15T00:00
	is "$(did "$h" | tail -n 1)" 'remind  major/publication/202603061600/1@owner'
	explain 15T08:00 "$h" publication
	has out '  state     overdue by 32:00:00'
	explain 15T08:00 "$second" publication
	has out '  met       2026-03-12T10:00:00+08:00 by announce 公示'
	step 15T10:00 announce "$h"
	# reopened: what ran is over, what is closed again begins anew
	step 15T11:00 reopen --reason=反弹 "$third"
	cp reg/events.csv before
	sweep 15T23:59
	same before reg/events.csv
	is "$(did "$third" | wc -l)" 2
	step 15T12:00 assign --owner=T01-FIRE "$third"
	step 15T13:00 accept "$third"
	sweep 30T08:00
	is "$(did "$third" | grep -c publication)" 2
	step 30T09:00 rectify "$third"
	step 30T10:00 recheck --result=pass --verifier=T01-O3 "$third"
	step 30T11:00 close "$third"
	sweep 31T08:00
	is "$(did "$third" | grep -c publication)" 2
	explain 31T08:00 "$third" publication
	has out '  start     2026-03-30T11:00:00+08:00 close'
	gridctl check -q
	gridctl verify -q
}

# A hazard that has ended is not moved: the paper alone goes up.
moved() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 30d, from: reported}
		    limits:
		      - {id: publication, from: close,  until: announce, within: 1d, miss: {do: escalate, to: parent, notice: supervision}}
		      - {id: archive,     from: delist, until: note,    within: 1d, miss: {do: remind}}
		      - {id: receipt,     from: transfer, until: note,  within: 1d, miss: {do: remind}}
	END
	h=$(add 2026-03-02T08:00:00+08:00)
	t=$(add 2026-03-02T08:00:00+08:00)
	step 02T09:00 assign --owner=T01-E1 "$h"
	step 02T09:30 supervise "$h"
	step 02T10:00 rectify "$h"
	step 02T11:00 recheck --result=pass --verifier=T01-O3 "$h"
	step 02T12:00 close "$h"
	step 02T12:00 transfer --reason=移交市级 "$t"
	sweep 04T00:00
	is "$(did "$h")" 'remind  all/publication/202603021200/0@parent'
	is "$(did "$t")" 'remind  all/receipt/202603021200/0@owner'
	has out ',supervision,'
	has out ',T01-E,'
	is "$(hazard-list --now=2026-03-04T08:00:00+08:00 --columns=hazard,tier,owner --match=hazard="/$h/" | tail -n +2)" "$h,village,T01-E1"
	# a step after the close that begins one, beside one that runs
	step 05T09:00 delist "$h"
	sweep 06T23:59
	is "$(did "$h" | wc -l)" 1
	sweep 07T00:00
	is "$(did "$h" | tail -n 1)" 'remind  all/archive/202603050900/0@owner'
	step 07T09:00 announce "$h"
	step 07T09:10 note --note=归档 "$h"
	for i in publication archive; do
		explain 08T08:00 "$h" $i
		has out '  met       2026-03-07T09:'
	done
	gridctl check -q
}

# Only the policies of the hazard, and the one in force, are read: one of another time may be gone.
pinned() {
	office reg
	for i in 1 2 3; do
		policy "0$i" <<-END
			rules:
			  - id: all
			    basis: 第${i}版
			    due: {within: 3${i}d, from: reported}
			    limits: [{id: ack, from: assign, until: accept, within: ${i}h}]
		END
		add "2026-03-0${i}T09:00:00+08:00" >>ids
		ls reg/versions >"v$i"
	done
	xargs hazard-update -q --now=2026-03-03T10:00:00+08:00 assign --owner=T01-FIRE <ids
	comm -13 v1 v2 | while read -r f; do rm -f "reg/versions/$f"; done
	rm -rf reg/.index
	explain 03T12:00 "$(sed -n 1p ids)" ack
	has out '  limit     1h from assign until accept'
	has out '  state     overdue by 1:00:00'
	has all '第1版'
	explain 03T12:00 "$(sed -n 3p ids)" ack
	has out '  limit     3h from assign until accept'
	status 5 hazard-show --explain --now=2026-03-03T12:00:00+08:00 "$(sed -n 2p ids)"
}

t '--explain shows each limit: start, spans, held time, end, met or overdue' shown
t 'a step taken again, retracted, a review from the due date, a clock that stands' again
t 'a limit from the close is swept, shown and ended after the close' published
t 'a hazard that has ended is not moved by a limit, and later steps begin limits' moved
t '--explain reads the policies of the hazard alone' pinned
plan
