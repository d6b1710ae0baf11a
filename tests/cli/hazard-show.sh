# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update hazard-show

now=2026-03-11T09:00:00+08:00
then=2026-03-09T08:00:00+08:00		# when steps are entered: within the policy's backdate

day() {
	office reg
	hazards
	first=$(sed -n 1p ids) second=$(sed -n 2p ids)
}

timeline() {
	day
	hazard-update -q --now=$then assign --at='2026-03-03 09:00' --owner=T01-FIRE "$first"
	hazard-update -q --now=$then rectify --at='2026-03-05 09:00' --note=换新 "$first"
	status 0 hazard-show --now=$now "$first"
	has out "hazard      $first"
	has out 'state       待复查 (rectified, done)'
	has out 'grid        990101001001 桥村 < 东镇 < 晴川县'
	has out 'subject     T01-S1 晴川木业'
	has out 'due         2026-03-10T00:00:00+08:00'
	has out 'description 灭火器过期'
	like "$(cat out)" '^2026-03-03T09:00:00\+08:00 +assign 交办 +T01-O1 甲一 +owner=T01-FIRE$'
	like "$(cat out)" '^2026-03-05T09:00:00\+08:00 +accept 接收 '
	like "$(cat out)" '^2026-03-05T09:00:00\+08:00 +rectify 整改 .*note=换新$'
}

explain() {
	day
	hazard-update -q --now=2026-03-04T09:00:00+08:00 hold --reason=等待配件 "$second"
	hazard-update -q --now=2026-03-06T09:00:00+08:00 resume "$second"
	status 0 hazard-show --now=$now --explain "$second"
	has out 'rest-7d, policy/escalation.yaml:'
	has out 'basis     一般事故隐患限期整改,逾期督办'
	has out 'limit     7d from reported'
	like "$(cat out)" 'excluded  2026-03-04T09:00:00\+08:00 to 2026-03-06T09:00:00\+08:00  48:00:00  等待配件'
	# the counted spans add up: 2 March 09:00 to the end of the 9th is 183 hours
	has out 'sum       183:00:00'
	has out 'due       2026-03-12T00:00:00+08:00'
}

mistakes() {
	day
	hazard-update -q --now=$then correct --field=severity --value=major --reason=复核 "$first" 2>/dev/null
	hazard-update -q --now=$then rectify --at='2026-03-05 09:00' "$second"
	event=$(gridctl cat events | tail -n 1 | cut -d, -f1)
	hazard-update -q --now=$then retract --reason=登错 "$event" 2>/dev/null
	status 0 hazard-show --now=$now "$first" "$second"
	has out 'severity    重大隐患 (major)'
	has out 'field=severity was=general value=major reason=复核'
	has out '[retracted]'
	has out "undoes $event"
	has out 'state       待交办 (reported, open)'
	is "$(grep -c '^hazard ' out)" 2
}

refused() {
	day
	status 3 hazard-show T01-H2026-999999
	has err 'hazard-show: T01-H2026-999999: no hazard of that id'
	status 2 hazard-show
	has err 'which hazard?'
}

hostile() {
	office reg
	id=$(hazard-add --now=$now --reported-at='2026-03-02 08:00' --grid=990101001001 --severity=general --category=fire --source=patrol --description="$(printf 'a\342\200\256b')")
	status 0 hazard-show --now=$now "$id"
	has out 'a\u{202e}b'
}

csv() {
	day
	hazard-update -q --now=$then assign --at='2026-03-03 09:00' --owner=T01-FIRE "$first"
	hazard-show --now=$now --format=csv "$first" >out
	gridctl cat events | same out -
}

t 'what it is and every step' timeline
t '--explain: rule, basis, counted and excluded spans, their sum' explain
t 'corrections and retractions are shown' mistakes
t 'an unknown id' refused
t 'no character steers the terminal' hostile
t 'the rows as they stand in the ledger' csv
plan
