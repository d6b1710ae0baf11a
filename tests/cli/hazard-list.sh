# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update hazard-list

now=2026-03-11T09:00:00+08:00
then=2026-03-09T08:00:00+08:00		# when steps are entered: within the policy's backdate

day() {
	office reg
	hazards
	hazard-update -q --now=$then -f - <<-'END'
		ref,step,at,owner,verifier,result,reason
		a1,assign,2026-03-03 09:00,T01-FIRE,,,
		a1,rectify,2026-03-05 09:00,,,,
		a1,recheck,2026-03-06 09:00,,T01-O2,pass,
		a1,close,2026-03-06 10:00,,,,
		a2,assign,2026-03-03 09:00,T01-GAS,,,
		a2,hold,2026-03-04 09:00,,,,等待配件
		a3,rectify,2026-03-02 10:30,,,,
		a6,void,2026-03-04 08:00,,,,重复登记
	END
}

# The refs that a filter leaves.
left() {
	hazard-list --now=$now "$@" --columns=ref | sed 1d | tr '\n' ' '
}

columns() {
	office reg
	status 0 hazard-list --now=$now
	same - out <<-'END'
		hazard,reported_at,found_at,grid,subject,point,category,severity,source,reporter,inspection,item,campaign,related,emergency,county_grid,township_grid,village_grid,basegrid_grid,microgrid_grid,subject_kind,sector,landlord,state,phase,tier,owner,person,due,first_due,overdue,light,held,days,round,followed,rectified_at,first_closed_at,closed_at,closed_by,closer_level,rebounds,supervised,county_name,township_name,village_name,basegrid_name,microgrid_name,subject_name,ref,place,description
	END
}

derived() {
	day
	hazard-list --now=$now --columns=ref,state,phase,tier,owner,due,overdue,held,days,round,followed,rectified_at,closed_at,closed_by,closer_level,rebounds >out
	same - out <<-'END'
		ref,state,phase,tier,owner,due,overdue,held,days,round,followed,rectified_at,closed_at,closed_by,closer_level,rebounds
		a1,closed,closed,village,T01-FIRE,2026-03-10T00:00:00+08:00,,,3,1,yes,2026-03-05T09:00:00+08:00,2026-03-06T10:00:00+08:00,T01-O1,county,0
		a2,assigned,open,village,T01-GAS,2026-03-17T00:00:00+08:00,,yes,9,1,yes,,,,,0
		a3,rectified,done,village,,2026-03-03T00:00:00+08:00,,,0,1,,2026-03-02T10:30:00+08:00,,,,0
		a4,reported,open,village,,2026-06-01T00:00:00+08:00,,,9,1,,,,,,0
		a5,reported,open,village,,2026-03-10T00:00:00+08:00,yes,,9,1,,,,,,0
		a6,void,void,village,,2026-03-10T00:00:00+08:00,,,9,1,,,,,,0
	END
}

filters() {
	day
	is "$(left)" 'a1 a2 a3 a4 a5 a6 '
	is "$(left --open)" 'a2 a4 a5 '
	is "$(left --closed)" 'a1 '
	is "$(left --overdue)" 'a5 '
	is "$(left --held)" 'a2 '
	is "$(left --state=rectified,void)" 'a3 a6 '
	is "$(left --state=待复查)" 'a3 '
	is "$(left --grid=990101001)" 'a1 a2 a3 a4 '
	is "$(left --grid=990101001001 --open)" 'a2 '
	is "$(left --grid=西镇)" 'a5 a6 '
	is "$(left --subject=T01-S2)" 'a2 a3 '
	is "$(left --subject=92990101MADEM00026)" 'a5 '
	is "$(left --severity=major,minor)" 'a3 a4 '
	is "$(left --severity=重大)" 'a4 '
	is "$(left --category=燃气)" 'a2 '
	is "$(left --owner=T01-GAS)" 'a2 '
	is "$(left --owner=县消防大队)" 'a1 '
	is "$(left --since='2026-03-02 11:00')" 'a4 a5 a6 '
	is "$(left --until='2026-03-02 09:00')" 'a1 a2 '
	is "$(left --until=2026-03-01)" ''
	is "$(left --until=2026-03-02)" 'a1 a2 a3 a4 a5 a6 '
	is "$(left --match='description=/老化|电动/')" 'a2 a6 '
	is "$(left --match='category=/液化气/')" 'a2 '
	is "$(left --match='severity=/^重大/')" 'a4 '
	is "$(left --match='subject_name=/^便民/' --match='category=/gas/')" 'a2 '
	is "$(left --as-of=2026-03-05 --closed)" ''
	is "$(left --as-of=2026-03-04T07:00:00+08:00 --held)" ''
	is "$(left --known=7 --state=reported)" 'a1 a2 a3 a4 a5 a6 '
	is "$(left --known=6)" ''
}

labels() {
	day
	status 0 hazard-list --now=$now --labels=zh --columns=ref,severity,category,state,overdue,township_name --severity=重大
	same - out <<-'END'
		外部编号,隐患等级,隐患类别,状态,是否超期,乡镇名称
		a4,重大隐患,消防安全,待交办,,东镇
	END
}

formats() {
	day
	status 0 hazard-list --now=$now --format=json --columns=ref,days,description --category=gas
	same - out <<-'END'
		[
		 {"ref": "a2", "days": 9, "description": "软管老化,有异味"}
		]
	END
	status 0 hazard-list --now=$now --format=text --columns=ref,village_name,description --open
	same - out <<-'END'
		ref  village_name  description
		---  ------------  ---------------
		a2   桥村          软管老化,有异味
		a4   河村          无喷淋
		a5   桥村          私拉电线
	END
}

refused() {
	office reg
	status 2 hazard-list --sate=closed
	has err '--state'
	status 2 hazard-list --columns=hazard,stat
	has err 'state'
	status 2 hazard-list --severity=serious
	has err '"serious"'
	has err 'minor, general, major'
	status 2 hazard-list --match='description=/(/'
	status 2 hazard-list --match='description=灭火器'
	has err '--match: "description=灭火器" is not COLUMN=/PATTERN/'
	status 2 hazard-list --grid=南镇
	status 2 hazard-list --since=2026-02-30
	has err '--since: "2026-02-30" is not a time'
	status 2 hazard-list reg
	has err 'takes no operand'
	status 2 hazard-list -C /
	has err 'gridctl init'
}

composes() {
	day
	hazard-list --now=$now --overdue --columns=hazard |
		hazard-update -q --now=$then assign --owner=T01-E -
	is "$(hazard-list --now=$now --columns=ref,owner --overdue | sed 1d)" 'a5,T01-E'
	hazard-list --now=$now | head -n 1 >/dev/null
	hazard-list --now=$now | grep -c . >count
	is "$(cat count)" 7
}

bare() {
	day
	hazard-list --now=$now >one
	env -i PATH="$PATH" GRIDLEDGER_DIR="$GRIDLEDGER_DIR" LC_ALL=C hazard-list --now=$now | same one -
}

t 'the columns of ledgers.md, with the levels of the place' columns
t 'what is derived' derived
t 'every filter' filters
t 'Chinese labels' labels
t 'JSON and text' formats
t 'what cannot be is refused by name' refused
t 'the start of a pipeline' composes
t "cron's bare environment gives the same bytes" bare
plan
