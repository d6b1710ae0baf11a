#!/bin/sh
# SPDX-License-Identifier: MIT
# Bicheng sub-district (璧城): the whole chain from found to closed out; one plant with 26 hazards, all closed; what the
# sensors found.  Rows B-01, B-04, B-05, B-08, B-13, B-16, B-18, B-26, B-31, B-32.
. "$(dirname "$0")/lib.sh"
need ledger-add hazard-show
place bicheng B01 2026-02-02T14:36:00+08:00

# 26 hazards of one plant; 2,016 that sensors found in 2025; the woods' entrances and sites.
street() {
	tree district:1:区 street:1:街道 community:24:社区 basegrid:164:网格
	organs emergency fire gas gas-company culture-tourism power taskforce
	officers 164
	subjects basegrid park:1 enterprise:170 shop:370 forest-entrance:12 site:20
	take_in <<-'END'
		26   26   26   park                 expert dust       general 2025-11-03 10  B01-TASKFORCE
		2016 2016 1990 enterprise           sensor electrical general 2025-01-05 350 B01-POWER
		64   50   40   forest-entrance+site patrol fire       general 2025-03-01 200 B01-FIRE
	END
}

plant() {
	hazard-list --now="$now" --subject=B01-S000001 >plant.csv
	is "$(sed 1d plant.csv | wc -l)" 26
	status 0 rectify-report --now="$now" --by=subject plant.csv
	like "$(row out 'B01-S000001|000001号')" ' 26 26( .*)? 100\.00%' '26 of 26'
	status 0 rectify-report --now="$now" --by=subject --format=csv plant.csv
	is "$(figure out B01-S000001 found) $(figure out B01-S000001 closed) $(figure out B01-S000001 open)" '26 26 0'
	awk -F, 'FNR == 1 { split("", c); for (i = 1; i <= NF; i++) c[$i] = i; n++; next }
	    n == 1 { if ($c["subject"] == "B01-S000001") here[$c["hazard"]] = 1; next }
	    $c["step"] == "close" && here[$c["hazard"]] && !seen[$c["hazard"]]++ { k++ }
	    END { print k }' "$reg/hazards.csv" "$reg/events.csv" >count
	is "$(cat count)" 26 'counted by awk'
}

sensors() {
	status 0 rectify-report --now="$now" --by=source --format=csv
	is "$(figure out sensor found) $(figure out sensor rectified)" '2016 2016'
	agree source
}

not_only_firms() {
	status 0 rectify-report --now="$now" --by=subject_kind --format=csv
	is "$(figure out forest-entrance found) $(figure out site found)" '32 32'
	agree subject_kind
}

# Found at 14:35, reported at 14:36, handed over, on the spot within ten minutes, closed out the same evening.
gas() {
	subject=$(gridctl get subjects | awk -F, '$2 == "shop" { print $1; exit }')
	grid=$(gridctl get subjects | awk -F, '$2 == "shop" { print $4; exit }')
	status 0 hazard-add --now=2026-02-02T14:36:00+08:00 --found-at=2026-02-02T14:35 --grid="$grid" --subject="$subject" --category=gas \
	    --severity=general --source=patrol --reporter=B01-W00001 --place=后厨 --description='连接软管存在轻微破损,有燃气异味'
	id=$(cat out)
	like "$id" '^B01-H2026-[0-9]{6}$'
	is "$(hazard-list --now=2026-02-02T14:36:00+08:00 --match="hazard=/^$id\$/" --columns=found_at,reported_at,state,light | sed 1d)" \
	    '2026-02-02T14:35:00+08:00,2026-02-02T14:36:00+08:00,reported,green'
	# no edge but those of the workflow
	for step in accept start rectify close; do
		status 3 hazard-update "$step" --now=2026-02-02T14:37:00+08:00 "$id"
		has err "$step"
	done
	status 3 hazard-update recheck --now=2026-02-02T14:37:00+08:00 --result=pass --verifier=B01-O0002 "$id"
	status 0 hazard-update assign --now=2026-02-02T14:37:00+08:00 --owner=B01-GAS --assist=B01-GAS-COMPANY "$id"
	status 0 hazard-update accept --now=2026-02-02T14:44:00+08:00 "$id"
	status 0 hazard-update rectify --now=2026-02-02T16:10:00+08:00 "$id"	# start is filled in
	status 3 hazard-update close --now=2026-02-02T16:11:00+08:00 "$id"
	status 0 hazard-update recheck --now=2026-02-02T17:30:00+08:00 --result=pass --verifier=B01-O0002 "$id"
	status 0 hazard-update close --now=2026-02-02T18:20:00+08:00 "$id"
	is "$(awk -F, -v id="$id" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["hazard"] == id { printf "%s ", $c["step"] }' "$reg/events.csv")" \
	    'assign accept start rectify recheck close '
	is "$(hazard-list --now=2026-02-02T19:00:00+08:00 --match="hazard=/^$id\$/" --columns=state,days | sed 1d)" 'closed,0'
	status 0 hazard-show --now=2026-02-02T19:00:00+08:00 "$id"
	for at in 14:35 14:36 14:37 14:44 16:10 17:30 18:20; do
		has out "$at"
	done
}

# Another town copies the folder, changes a word, and has its own place.
copied() {
	cp -R "$GRIDLEDGER_DATA/places/bicheng" town
	chmod -R u+w town
	sed 's/^place: bicheng/place: elsewhere/; s/醇基液体燃料/甲醇燃料/' town/policy.yaml >new
	mv new town/policy.yaml
	status 0 gridctl init --now="$now" --place=./town --office=E01 "$PWD/reg"
	GRIDLEDGER_DIR=$PWD/reg
	GRIDLEDGER_ACTOR=E01-O0001
	{ echo grid,parent,level,valid_from,name; echo 990199,,district,2024-01-01,别处区; } >grids.csv
	{ echo officer,valid_from,name; echo E01-O0001,2024-01-01,某人; } >officers.csv
	status 0 gridctl put --now="$now" grids grids.csv
	status 0 gridctl put --now="$now" officers officers.csv
	status 0 hazard-add --now="$now" --grid=990199 --category=甲醇燃料 --severity=general --source=patrol --description=无证储存
	is "$(hazard-list --now="$now" --columns=category | sed 1d)" alcohol-fuel
	is "$(hazard-list --now="$now" --columns=category --labels=zh | sed 1d)" 甲醇燃料
}

# 谁来管: each category has one lead on every day; what nobody owns is a list.
duties() {
	status 0 gridctl check --now="$now" duties
	status 0 policy-test explain --category=电竞酒店 bicheng
	cp -R "$GRIDLEDGER_DATA/places/bicheng" town
	chmod -R u+w town
	sed -i 's/\({id: alcohol-fuel, .*\), duty: .*/\1}/' town/policy.yaml
	status 1 policy-test lint town
	has out alcohol-fuel
	status 0 hazard-list --now="$now" --open --match='owner=/^$/' --columns=hazard
	is "$(sed 1d out | wc -l)" 0 'nothing is without an owner'
	grid=$(gridctl get subjects | awk -F, '$2 == "shop" { print $4; exit }')
	status 0 hazard-add --now="$now" --grid="$grid" --category=电竞酒店 --severity=general --source=patrol --description=疏散指示灯不亮
	status 0 hazard-list --now="$now" --open --match='owner=/^$/' --columns=hazard,category --labels=zh
	is "$(sed 1d out | cut -d, -f2)" 电竞酒店 'the new one is'
}

# 将26项隐患拆解为58条具体整改措施,挂图上墙、逐日销号: none is closed while one of its measures is not shown done.
measures() {
	row=$(gridctl get subjects | awk -F, '$2 == "enterprise" { print $1 "," $4; exit }')
	awk -v row="$row" 'BEGIN { print "subject,grid,category,severity,source,description"; for (i = 1; i <= 26; i++) print row ",dust,general,expert,建材厂第" i "项" }' >plant.csv
	status 0 hazard-add --now=2026-02-03T09:00:00+08:00 plant.csv
	mv out ids
	status 0 hazard-update assign --now=2026-02-03T10:00:00+08:00 --owner=B01-TASKFORCE - <ids
	# two measures of each, a third one of the first six
	awk 'BEGIN { print "隐患编号,整改措施,整改期限,整改责任单位" }
		{ for (i = 1; i <= (NR <= 6 ? 3 : 2); i++) print $1 ",第" i "条措施,2026-02-0" 4 + i ",B01-TASKFORCE" }' ids >list.csv
	status 0 ledger-add measures --now=2026-02-03T11:00:00+08:00 list.csv
	is "$(wc -l <out)" 58
	gridctl cat measures | sed 1d | cut -d, -f1,4 >measure
	echo done >after.jpg
	awk -F, 'BEGIN { print "hazard,step,measure,evidence" } { print $2 ",progress," $1 ",after.jpg" }' measure >all.csv
	sed '$d' all.csv >most.csv
	status 0 hazard-update --now=2026-02-07T09:00:00+08:00 -f most.csv
	status 0 hazard-update rectify --now=2026-02-07T10:00:00+08:00 - <ids
	status 0 hazard-update recheck --now=2026-02-08T10:00:00+08:00 --result=pass --verifier=B01-O0002 - <ids
	status 3 hazard-update close --now=2026-02-08T11:00:00+08:00 - <ids
	is "$(grep -c 'close needs evidence' err)" 1
	has err "close needs evidence of the phase after for every measure; $(tail -n 1 measure | cut -d, -f1) has none (rule rest, "
	hazard-list --now=2026-02-08T11:00:00+08:00 --state=rechecked --columns=hazard | grep -xFf ids >waiting
	is "$(wc -l <waiting)" 26 'none is closed before all are'
	{ sed -n 1p all.csv; tail -n 1 all.csv; } >last.csv
	status 0 hazard-update --now=2026-02-08T12:00:00+08:00 -f last.csv
	status 0 hazard-update close --now=2026-02-08T13:00:00+08:00 - <ids
	# by awk over the ledgers alone: every measure has its picture, every hazard of them is closed
	awk -F, 'FNR == 1 { split("", c); for (i = 1; i <= NF; i++) c[$i] = i; n++; next }
		n == 1 { of[$c["measure"]] = $c["hazard"] }
		n == 2 && $c["phase"] == "after" && $c["measure"] in of { shown[$c["measure"]] }
		n == 3 && $c["step"] == "close" { closed[$c["hazard"]] }
		END { for (m in of) { all++; seen += m in shown; if (!(of[m] in h)) { h[of[m]]; hazards++; ended += of[m] in closed } }
			print all, seen, hazards, ended }' "$reg/measures.csv" "$reg/evidence.csv" "$reg/events.csv" >count
	is "$(cat count)" '58 58 26 26'
	status 0 hazard-show --now=2026-02-08T14:00:00+08:00 "$(head -n 1 ids)"
	is "$(grep -c ' done 2026-02-07T09:00:00+08:00 ' out)" 3
}

# A major hazard: what is missing at the end is named, all of it.
joint_acceptance() {
	grid=$(gridctl get subjects | awk -F, '$2 == "park" { print $4; exit }')
	status 0 hazard-add --now="$now" --grid="$grid" --category=dust --severity=major --source=expert --description=除尘系统失效
	id=$(cat out)
	status 0 hazard-update assign --now="$now" --owner=B01-TASKFORCE "$id"
	plan=目标任务:甲\;方法措施:乙\;经费物资:丙\;机构人员:丁\;时限要求:戊\;安全措施和应急预案:己
	status 0 hazard-update plan --now="$now" --plan="$plan" "$id"
	status 0 hazard-update rectify --now="$now" "$id"
	status 3 hazard-update recheck --now="$now" --result=pass --verifier=B01-O0001 "$id"
	has err 'B01-O0001 rectified hazard'
	status 0 hazard-update recheck --now="$now" --result=pass --verifier=B01-O0002 "$id"
	status 3 hazard-update close --now="$now" "$id"
	has err 'close needs evidence of the phase after first'
	has err 'close needs evidence of the phase recheck first'
	has err 'close needs 2 officers who passed the recheck, there is 1'
	has err 'close needs an officer of emergency who passed the recheck'
	has err 'close needs an officer of industry who passed the recheck'
}

t 'a sub-district of 2,106 hazards is taken in' street
t '26 hazards of one plant, 26 closed' plant
t 'what the sensors found, and how much of it is done' sensors
t 'subjects are not only firms' not_only_firms
t 'the whole chain, to the minute, and no other edge' gas
t 'who answers for what, and what nobody owns' duties
t '26 hazards in 58 measures, each closed when all of its own are done' measures
t 'joint acceptance: all that is missing is named' joint_acceptance
t 'a copied folder is another place' copied
finish
