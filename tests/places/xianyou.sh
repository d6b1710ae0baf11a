#!/bin/sh
# SPDX-License-Identifier: MIT
# Xianyou (仙游): 24 townships, 325 villages, 711 grids; modules of the platform as of 25 December 2016, read after the
# year had gone on.  Rows X-13, X-15, X-23, X-24, X-27, X-29, X-30, X-32, X-34.
. "$(dirname "$0")/lib.sh"
place xianyou X01 2017-02-28T18:00:00+08:00
christmas=2016-12-25T23:59:59+08:00
new_year=2016-12-31T23:59:59+08:00

# By 25 December 565 fire hazards with 503 dealt with, 208 on the roads with 192; then the year went on.
county() {
	tree county:1:县 township:24:镇 village:325:村 basegrid:711:网格
	organs headquarters emergency fire gas transport police market
	officers 613
	subjects basegrid enterprise:500 shop:800 rental:300 road-section:90
	take_in <<-'END'
		565 503 400 shop+rental  patrol fire general 2016-10-01 80 X01-FIRE
		208 192 150 road-section patrol road general 2016-10-02 80 X01-TRANSPORT
		90  60  30  shop         patrol fire general 2016-12-27 4  X01-FIRE
		31  9   0   road-section camera road general 2017-01-05 20 X01-TRANSPORT
	END
	# some of those that were open on 25 December were dealt with later
	hazard-list --now="$now" --as-of="$christmas" --open --columns=hazard >open.csv
	sed 1d open.csv | awk 'BEGIN { print "hazard,step,at,reason" } NR % 3 == 0 { print $1 ",rectify,2016-12-28T10:00:00+08:00,补录" }' >later.csv
	ok 'some were dealt with later' test "$(wc -l <later.csv)" -gt 10
	status 0 hazard-update --now="$now" -f later.csv
}

as_of() {
	status 0 rectify-report --now="$now" --by=category --as-of="$christmas"
	like "$(row out '^(fire|消防)')" ' 565 503( .*)? 89%' 'the fire module'
	like "$(row out '^(road|道路)')" ' 208 192( .*)? 92%' 'the road module'
	status 0 rectify-report --now="$now" --by=category --as-of="$christmas" --decimals=4
	like "$(row out '^(fire|消防)')" ' 89\.0265%'
	like "$(row out '^(road|道路)')" ' 92\.3077%'
	agree category "$christmas"
}

later() {
	agree category "$new_year"
	is "$(figure out fire found)" 655 'fire hazards at the end of the year'
	agree category
	is "$(figure out road found)" 239 'road hazards to date'
}

# A date alone means its end: the whole of 25 December counts.
a_date() {
	status 0 rectify-report --now="$now" --by=category --as-of=2016-12-25
	like "$(row out '^(fire|消防)')" ' 565 503( .*)? 89%'
}

roads_by_township() {
	hazard-list --now="$now" --as-of="$christmas" --category=road >roads.csv
	status 0 rectify-report --now="$now" --by=township --format=csv roads.csv
	is "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["township"] != "" { f += $c["found"]; r += $c["rectified"] } END { print f, r }' out)" '208 192'
	ok 'more than three townships' test "$(wc -l <out)" -gt 4
}

# Raised by a village that cannot remove it: one tier up, by statement and not by timeout.
raised() {
	hazard-list --now="$now" --open --columns=hazard,tier | sed -n 2p >one
	id=$(cut -d, -f1 one)
	is "$(cut -d, -f2 one)" basegrid 'the tier it starts on'
	status 0 hazard-update raise --now="$now" --reason=村居不能立即消除 "$id"
	hazard-list --now="$now" --match="hazard=/^$id\$/" --columns=tier >after
	is "$(sed 1d after)" village 'one tier up'
	status 3 hazard-update raise --now="$now" "$id"
	has err reason
}

# The cumulative figure at the end of a year by category and source, over several years: 3,400 and more.
cumulative() {
	reg=$work/reg2
	GRIDLEDGER_DIR=$reg
	export GRIDLEDGER_DIR
	take_in <<-'END'
		1100 1000 900 shop+rental  patrol fire general 2014-06-01 200 X01-FIRE
		1150 1001 800 shop+rental  patrol fire general 2015-02-01 300 X01-FIRE
		1163 905  700 shop+rental  patrol fire general 2016-01-10 350 X01-FIRE
		77   70   60  shop         tip    fire general 2016-03-01 200 X01-FIRE
		140  20   0   shop         patrol fire general 2017-01-02 40  X01-FIRE
	END
	status 0 rectify-report --now="$now" --by=category,source --as-of="$new_year" --format=csv
	is "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["category"] == "fire" && $c["source"] == "patrol" { print $c["found"] }' out)" 3413
	agree source "$new_year"
}

# The queue of the platform: what is not verified yet, what was handed over and not received; leaders' instructions on a line of their own.
queue() {
	unit=$(gridctl get grids | awk -F, '$3 == "village" { print $1; exit }')
	status 0 hazard-add --now="$now" --grid="$unit" --category=fire --severity=general --source=camera --description=楼道堆物
	new=$(cat out)
	status 0 hazard-add --now="$now" --grid="$unit" --category=road --severity=general --source=批示 --description=临水路段无护栏
	told=$(cat out)
	hazard-list --now="$now" --state=reported --columns=hazard >queue.csv
	ok 'not verified' grep -qx "$new" queue.csv
	status 0 hazard-update verify --now="$now" --note=电话核查属实 "$new"
	hazard-list --now="$now" --state=reported --columns=hazard >queue.csv
	ok 'verified' test "$(grep -cx "$new" queue.csv)" -eq 0
	is "$(hazard-list --now="$now" --state=已核实 --columns=hazard | sed 1d)" "$new"
	status 0 hazard-update assign --now="$now" --owner=X01-TRANSPORT "$told"
	hazard-list --now="$now" --state=assigned --columns=hazard >assigned.csv
	ok 'handed over, not received' grep -qx "$told" assigned.csv
	status 0 hazard-update accept --now="$now" "$told"
	hazard-list --now="$now" --state=assigned --columns=hazard >assigned.csv
	ok 'received' test "$(grep -cx "$told" assigned.csv)" -eq 0
	status 0 rectify-report --now="$now" --by=source --format=csv
	is "$(figure out instruction found) $(figure out instruction rectified)" '1 0' 'the line of the instructions'
	status 0 hazard-update return --now="$now" --reason=不属本部门 "$told"
	is "$(gridctl cat events | grep -c ',return,')" 1 'returned once'
}

# 网格队伍协助排查+职能部门依法检查: who may report, patrol and recheck may neither order nor list.
two_roles() {
	id=$(hazard-list --now="$now" --open --columns=hazard | tail -n 1)
	officer=$(gridctl get posts | awk -F, '$3 == "grid-officer" { print $2; exit }')
	status 0 hazard-notice issue --now="$now" --kind=rectify-order "$id"
	order=$(gridctl cat notices | tail -n 1 | cut -d, -f1)
	status 3 hazard-notice approve --now="$now" --actor="$officer" "$order"
	has err leader
	status 3 hazard-update supervise --now="$now" --actor="$officer" --reason=挂牌 "$id"
	has err 'supervise may be taken by'
	status 3 hazard-add --now="$now" --actor="$officer" --grid=990101 --category=fireworks --severity=major --description=超量储存
	has err 'severity: "major" may be given by'
	status 0 hazard-add --now="$now" --actor="$officer" --grid=990101 --category=fireworks --severity=general --description=超量储存
	status 0 hazard-notice approve --now="$now" --actor="$office-O0002" "$order"
}

# Seven steps on the flow graph.
seven_steps() {
	status 0 policy-test dot xianyou
	for step in 源头发现 任务分配 问题处置 检查反馈 督查督办; do
		has out "$step"
	done
	has out 已采集
}

# The overlay that the place xianyou ships as a demonstration, put in a policy as its README says.
platform() {
	unset GRIDLEDGER_DIR	# as it ships, beside no register
	cp -r "$GRIDLEDGER_DATA/places/xianyou" place
	chmod -R u+w place
	rm -r place/tests
	cp -r place/demo/. place/
	status 0 policy-test lint place
	status 0 policy-test run place/tests/platform.test.yaml
	has out '1..2'
	rm -r place/policy.d
	status 1 policy-test run place/tests/platform.test.yaml
	like "$(cat out)" 'due: expected 2026-12-21 22:00, found 2026-12-23'
}

t 'a county of two modules is taken in' county
t 'as of 25 December: 565, 503, 89%; 208, 192, 92%' as_of
t 'later days read later figures' later
t 'a date alone means its end' a_date
t 'road hazards by township' roads_by_township
t 'a village raises what it cannot remove' raised
t 'the queue: verified, received, returned; instructions' queue
t 'two roles' two_roles
t 'seven steps are drawn' seven_steps
t 'the overlay of a platform' platform
t '3,400 and more at the end of the year' cumulative
finish
