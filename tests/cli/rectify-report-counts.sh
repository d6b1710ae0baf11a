# SPDX-License-Identifier: MIT
#
# How hazards went: hand-overs, returns, raises and climbs, for whom an owner acts, first times of steps, pilots; in the
# list, in reports and through a list.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-escalate rectify-report

now=2026-03-14T09:00:00+08:00
ways=handovers,returns,raised,climbed

# a1 goes from hand to hand; a2 is dealt with by the township for the gas bureau; a5 and a6 are overdue.
day() {
	office reg
	hazards
	hazard-update -q --now=2026-03-09T08:00:00+08:00 -f - <<-'END'
		ref,step,at,owner,on_behalf_of,result,verifier,reason
		a1,assign,2026-03-03 09:00,T01-FIRE,,,,
		a1,return,2026-03-03 10:00,,,,,不归我管
		a1,assign,2026-03-03 11:00,T01-GAS,,,,
		a1,accept,2026-03-03 11:30,,,,,
		a1,assign,2026-03-03 12:00,T01-GAS,,,,
		a1,assign,2026-03-03 13:00,T01-E,,,,
		a1,raise,2026-03-03 14:00,,,,,乡镇不能消除
		a2,assign,2026-03-03 09:00,T01-E,T01-GAS,,,
		a3,rectify,2026-03-02 10:30,,,,,
		a3,recheck,2026-03-02 11:30,,,pass,T01-O2,
		a3,close,2026-03-02 12:00,,,,,
		a3,reopen,2026-03-04 09:00,,,,,又有堆物
		a3,rectify,2026-03-04 10:00,,,,,
		a5,assign,2026-03-03 09:00,T01-W,,,,
		a6,assign,2026-03-03 09:00,T01-FIRE,T01-GAS,,,
		a6,assign,2026-03-03 10:00,T01-W,,,,
	END
	hazard-escalate -q --now=2026-03-10T00:10:00+08:00
	hazard-escalate -q --now=2026-03-13T00:10:00+08:00
}

list() {
	day
	status 0 hazard-list --now=$now --columns=ref,owner,duty,$ways,assign_at,accept_at,rectify_at
	same - out <<-'END'
		ref,owner,duty,handovers,returns,raised,climbed,assign_at,accept_at,rectify_at
		a1,T01-GOV,T01-GOV,2,1,1,1,2026-03-03T09:00:00+08:00,2026-03-03T11:30:00+08:00,
		a2,T01-GOV,T01-GAS,0,0,0,2,2026-03-03T09:00:00+08:00,,
		a3,,,0,0,0,0,,,2026-03-04T10:00:00+08:00
		a4,,,0,0,0,0,,,
		a5,T01-GOV,T01-GOV,0,0,0,2,2026-03-03T09:00:00+08:00,,
		a6,T01-GOV,T01-GOV,1,0,0,2,2026-03-03T09:00:00+08:00,,
	END
	is "$(hazard-list --now=$now --columns=ref --match='duty=/GAS/' | sed 1d)" a2
	is "$(hazard-list --now=$now --columns=ref --match='climbed=/^[1-9]/' --match='returns=/^0/' | sed 1d | tr '\n' ' ')" 'a2 a5 a6 '
	status 0 hazard-list --now=$now --columns=ref,duty,raised,accept_at --labels=zh --match='ref=/a1/'
	same - out <<-'END'
		外部编号,责任部门,上报次数,接收时间
		a1,T01-GOV,1,2026-03-03T11:30:00+08:00
	END
	status 0 hazard-list --now=$now --columns=ref,climbed --format=json --match='ref=/a2/'
	has out '{"ref": "a2", "climbed": 2}'
	# they are no default columns
	hazard-list --now=$now | head -n 1 >header
	unlike "$(cat header)" 'duty|climbed|accept_at|scope'
}

# The same from events.csv, by sqlite3: a person's step that names another owner, unless it sent it back.
counted() {
	day
	gridctl cat events >events.csv
	hazard-list --now=$now >list.csv
	sqlite3 :memory: '.import --csv events.csv e' '.import --csv list.csv l' '.mode csv' \
	    "with o as (select *, (select p.owner from e p where p.hazard = e.hazard and p.owner <> '' and p.event < e.event
	        order by p.event desc limit 1) as former from e)
	    select l.township_grid, sum(o.actor <> 'sweep' and o.step <> 'return' and o.step <> 'raise' and o.owner <> '' and o.owner <> o.former),
	    sum(o.step = 'return'), sum(o.step = 'raise'), sum(o.actor = 'sweep' and o.step = 'escalate')
	    from o join l using (hazard) group by 1 order by 1" | tr -d '\r' >theirs
	rectify-report --now=$now --by=township --figures=$ways --format=csv | sed 1d | cut -d, -f1,3-6 | same theirs -
	status 0 rectify-report --now=$now --figures=$ways --labels=zh
	like "$(head -n 1 out)" '^转办  退回  主动上报  逾期升级$'
	like "$(cat out)" '^   3     1         1         7$'
	# who does not ask is not told
	rectify-report --now=$now --format=csv | head -n 1 >header
	unlike "$(cat header)" 'handovers'
	rectify-report --now=$now --figures=all --format=csv | head -n 1 | grep -q ',mean_days,handovers,returns,raised,climbed,basis,' ||
		fail '--figures=all has them'
}

duty() {
	day
	status 0 rectify-report --now=$now --by=duty --figures=found,open --format=csv
	sed 's/,rectified.*//' out >got
	same - got <<-'END'
		duty,found,open,basis,as_of,known
		,3,1
		T01-GAS,1,1
		T01-GOV,3,3
	END
	# who acts, and for whom
	status 0 rectify-report --now=$now --by=owner,duty --figures=open --format=csv
	has out 'T01-GOV,T01-GAS,1,'
	has out 'T01-GOV,T01-GOV,3,'
	# as of a time when the fire brigade acted for the gas bureau
	is "$(hazard-list --as-of=2026-03-03T09:30:00+08:00 --columns=ref,owner,duty --match='ref=/a6/' | sed 1d)" a6,T01-FIRE,T01-GAS
	hazard-update -q --now=2026-03-14T09:00:00+08:00 note --note=撤销 --on-behalf-of=- "$(hazard-list --match='ref=/a2/' --columns=hazard | sed 1d)"
	is "$(hazard-list --now=$now --columns=duty --match='ref=/a2/' | sed 1d)" T01-GOV
}

# A late entry takes the ground from a climb; a retracted step never was.
undone() {
	day
	hazard-update -q --now=2026-03-14T08:00:00+08:00 -f - <<-'END'
		ref,step,at,reason
		a5,rectify,2026-03-09 18:00,补录
	END
	is "$(hazard-list --now=$now --columns=climbed,state --match='ref=/a5/' | sed 1d)" 0,rectified
	is "$(rectify-report --now=$now --figures=climbed --format=csv | sed 1d | cut -d, -f1)" 5
	h=$(hazard-list --now=$now --columns=hazard --match='ref=/a4/' | sed 1d)
	hazard-update -q --now=2026-03-14T08:10:00+08:00 assign --owner=T01-E --on-behalf-of=T01-GAS "$h"
	hazard-update -q --now=2026-03-14T08:20:00+08:00 return --reason=退 "$h"
	is "$(hazard-list --now=$now --columns=duty,returns --match='ref=/a4/' | sed 1d)" T01-GAS,1
	for i in 1 2; do
		e=$(gridctl cat events | tail -n $((2 * i - 1)) | head -n 1 | cut -d, -f1)
		hazard-update -q --now=2026-03-14T08:30:00+08:00 retract --reason=误记 "$e"
	done
	is "$(hazard-list --now=$now --columns=duty,returns,owner --match='ref=/a4/' | sed 1d)" ,0,
}

from_list() {
	day
	hazard-list --now=$now --columns=phase,round,township_grid,township_name,duty,$ways >list.csv
	for by in township duty; do
		rectify-report --now=$now --by=$by --figures=found,$ways --format=csv | sed 's/,[^,]*,[^,]*$//' >direct
		rectify-report --now=$now --by=$by --figures=found,$ways --format=csv list.csv | sed 's/,[^,]*,[^,]*$//' | same direct -
		for i in 1 2 3; do
			awk -v i=$i 'NR == 1 || NR % 3 == i - 1' list.csv >part.$i
			rectify-report --by=$by --figures=all --partial part.$i
		done >parts
		rectify-report --merge --figures=found,$ways --format=csv parts | sed 's/,[^,]*,[^,]*$//' | same direct -
		rectify-report --now=$now --by=$by --figures=all --partial | rectify-report --merge --figures=found,$ways --format=csv |
			sed 's/,[^,]*,[^,]*$//' | same direct -
	done
	# what the list does not say is not 0
	hazard-list --now=$now >list.csv
	status 0 rectify-report --now=$now --figures=found,handovers,climbed list.csv
	like "$(cat out)" '^    7          -        -$'
	status 0 rectify-report --now=$now --figures=found,handovers --format=csv list.csv
	has out '7,,'
	rectify-report --now=$now --partial list.csv | rectify-report --merge --figures=climbed >out
	like "$(cat out)" '^      -$'
	status 3 rectify-report --now=$now --by=duty list.csv
	has err 'no column "duty"'
}

scope() {
	office reg
	rm -rf new
	cp -r reg/policy new
	rm -rf new/tests
	cat >new/escalation.yaml <<-'END'
		rules:
		  - id: major
		    when: {severity: major}
		    due: {within: 90d, from: reported}
		  - id: east-fire
		    when: {category: [fire, gas]}
		    scope: {grids: ["990101001"], from: 2026-03-01, to: 2026-03-31}
		    due: {within: 3d, from: reported}
		  - id: bridge
		    scope: {grids: ["990101001001"]}
		    due: {within: 5d, from: reported}
		  - id: ended
		    scope: {to: 2026-02-28}
		    due: {within: 5d, from: reported}
		  - id: rest
		    due: {within: 7d, from: reported}
	END
	gridctl put -q --now=2026-03-01T09:00:00+08:00 policy new
	hazards
	# the major one goes by its own rule, and lies in the pilot all the same
	status 0 hazard-list --now=$now --columns=ref,rule,scope
	same - out <<-'END'
		ref,rule,scope
		a1,east-fire,east-fire;bridge
		a2,east-fire,east-fire;bridge
		a3,east-fire,east-fire;bridge
		a4,major,east-fire
		a5,rest,
		a6,rest,
	END
	is "$(hazard-list --now=$now --scope=east-fire --columns=ref | sed 1d | tr '\n' ' ')" 'a1 a2 a3 a4 '
	is "$(hazard-list --now=$now --scope=bridge --severity=minor --columns=ref | sed 1d)" a3
	is "$(hazard-list --now=$now --scope=bridge,east-fire --columns=ref | sed 1d | wc -l)" 4
	is "$(hazard-list --now=$now --scope=ended --columns=ref | sed 1d)" ''
	status 0 rectify-report --now=$now --scope=east-fire --by=village --figures=found --format=csv
	sed 's/,rectified.*//' out >got
	same - got <<-'END'
		village,village_name,found,basis,as_of,known
		990101001001,桥村,3
		990101001002,河村,1
	END
	status 0 rectify-report --now=$now --by=scope --figures=found --format=csv
	has out 'east-fire,1,'
	has out 'east-fire;bridge,3,'
	rectify-report --now=$now --by=scope --figures=found --format=csv | sed 's/,[^,]*,[^,]*$//' >direct
	hazard-list --now=$now --columns=phase,round,scope | rectify-report --by=scope --figures=found --format=csv - |
		sed 's/,[^,]*,[^,]*$//' | same direct -
	status 2 rectify-report --scope=east
	has err '--scope: "east" is not a rule with a scope'
	has err 'east-fire, bridge, ended'
	status 2 hazard-list --scope=rest
	status 2 rectify-report --scope=bridge - </dev/null
	has err 'give them to the hazard-list'
}

t 'the list has them when they are asked for' list
t 'the same as sqlite3 counts in the ledgers' counted
t 'the duty owner stays, whoever acts' duty
t 'late entries and retractions' undone
t 'through a list, and in parts' from_list
t 'pilots: rules with a scope' scope
plan
