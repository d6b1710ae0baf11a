#!/bin/sh
# SPDX-License-Identifier: MIT
# Tai'an high-tech zone (泰安高新区): 12 communities, 61 grids, 138 micro-grids, 116 officers; 2,724 hazards of joint
# supervision, all followed up.  Rows T-01, T-03, T-06, T-12, T-15, T-17, T-23, T-24, T-28.
. "$(dirname "$0")/lib.sh"
place taian T01 2024-11-30T18:00:00+08:00
closes=no	# a passed recheck ends the loop

# Joint supervision is followed up to the last one, closed or not; of the snapshots some wait for their hand-over.
zone() {
	tree zone:1:管委会 street:1:街道 community:12:社区 basegrid:61:网格 microgrid:138:微网格
	organs joint-office safety-committee emergency fire gas industry commerce
	officers 116
	subjects microgrid enterprise:700 individual:500 site:40
	take_in <<-'END'
		2724 2460 1800 enterprise+individual+site joint fire   general 2024-03-01 200 T01-JOINT-OFFICE
		300  90   60   individual                 tip   gas    general 2024-04-01 100 -
	END
	# what was handed over and is not rectified yet has been taken over
	hazard-list --now="$now" --state=assigned --columns=hazard >assigned.csv
	ok 'some are not rectified' test "$(wc -l <assigned.csv)" -gt 100
	status 0 hazard-update accept --now="$now" - <assigned.csv
}

followed() {
	status 0 rectify-report --now="$now" --by=source --format=csv
	is "$(figure out joint found) $(figure out joint followed)" '2724 2724' 'joint supervision'
	is "$(figure out tip found) $(figure out tip followed)" '300 0' 'what was never handed over'
	ok 'followed is not closed' test "$(figure out joint closed)" -lt 2724
	agree source
	# by hand: any step after assign
	awk -F, 'FNR == 1 { split("", c); for (i = 1; i <= NF; i++) c[$i] = i; n++; next }
	    n == 1 { if ($c["source"] == "joint") joint[$c["hazard"]] = 1; next }
	    $c["step"] == "assign" { given[$c["hazard"]] = 1; next }
	    given[$c["hazard"]] && joint[$c["hazard"]] && !seen[$c["hazard"]]++ { k++ }
	    END { print k }' "$reg/hazards.csv" "$reg/events.csv" >count
	is "$(cat count)" 2724 'counted by awk'
}

four_steps() {
	status 0 hazard-list --now="$now" --columns=state --labels=zh
	is "$(sed 1d out | LC_ALL=C sort -u | grep -vxcE '已发现|已反馈|整改中|待复查|已闭环')" 0 'states in the place'\''s own words'
	is "$(sed 1d out | grep -c 已闭环)" 1860
	hazard-list --now="$now" --state=rectified --columns=hazard >wait.csv
	id=$(sed -n 2p wait.csv)
	status 3 hazard-update close --now="$now" "$id"
	status 0 hazard-update recheck --now="$now" --result=pass --verifier="$office-O0002" "$id"
	is "$(hazard-list --now="$now" --match="hazard=/^$id\$/" --columns=phase | sed 1d)" closed
}

tree_counts() {
	is "$(units community) $(units basegrid) $(units microgrid)" '12 61 138'
	status 0 gridctl tree --now="$now"
	level_count out community 12
	level_count out basegrid 61
	level_count out microgrid 138
	is "$(gridctl get posts | grep -c ',grid-officer,')" 138 'each micro-grid has an officer'
	is "$(gridctl get posts | awk -F, '$3 == "grid-officer" { print $2 }' | LC_ALL=C sort | uniq -d | wc -l)" 22 'some hold two'
}

# An office that two bodies dispatch owns what joint supervision found.
joint_office() {
	like "$(gridctl get organs)" '^T01-JOINT-OFFICE,joint-office,zone,990101,T01-GOV,T01-G'
	status 0 hazard-list --now="$now" --owner=T01-JOINT-OFFICE --columns=hazard
	is "$(sed 1d out | wc -l)" 2724
}

# Number and names of the levels are data.
levels() {
	status 0 hazard-list --now="$now" --grid=990101
	like "$(head -n 1 out)" ',zone_grid,street_grid,community_grid,basegrid_grid,microgrid_grid,'
	status 0 rectify-report --now="$now" --by=community --format=csv
	is "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["community"] != "" { n++; f += $c["found"] } END { print n, f }' out)" '12 3024'
}

# 反馈工作情况24批次: each a numbered bundle; 风险提醒函24份、工作督办函6份.
batches() {
	hazard-list --now="$now" --owner=T01-JOINT-OFFICE --open --columns=hazard | sed 1d >open
	i=0
	while [ $((i = i + 1)) -le 24 ]; do
		sed -n "$((i * 3 - 2)),$((i * 3))p" open | hazard-notice issue -q --now="$now" --kind=risk-reminder --bundle=owner - >>issued || fail "batch $i"
	done
	sed -n 101,106p open | status 0 hazard-notice issue --now="$now" --kind=supervision --bundle=none -
	gridctl cat notices | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { print $c["kind"], $c["number"] }' >numbers
	i=0
	while [ $((i = i + 1)) -le 24 ]; do
		ok "risk reminder $i" grep -qx "risk-reminder 泰高安提〔2024〕$i号" numbers
	done
	is "$(grep -c '^risk-reminder ' numbers) $(grep -c '^supervision 泰高安督〔2024〕[1-6]号$' numbers)" '24 6'
	is "$(gridctl cat notice-lines | sed 1d | wc -l)" "$((24 * 3 + 6))" 'three hazards on each reminder'
}

# 问题日交办: each morning a numbered list for each organ of what it was given and has not taken over; the same list goes out once.
daily() {
	sed -n 's/^10 8 \* \* \* *//p' "$reg/policy/crontab" >line
	has line 'hazard-notice issue'
	sed -i "s/hazard-list /&--now=$now /; s/notice issue /&--now=$now /" line
	ids=$(hazard-list --now="$now" --state=reported --columns=hazard | sed -n 4,6p)
	before=$(gridctl cat notices | wc -l)
	status 0 sh line
	is "$(gridctl cat notices | wc -l)" "$before" 'nobody was given anything'
	# shellcheck disable=SC2086 # ids
	status 0 hazard-update assign --now="$now" --owner=T01-GAS $(echo "$ids" | sed 2,3d)
	status 0 hazard-update assign --now="$now" --owner=T01-FIRE $(echo "$ids" | sed 1d)
	for i in 1 2; do
		status 0 sh line
		gridctl cat notices | awk -F, '$4 == "handover" { print $5, $7 }' >lists
		same - lists <<-'END'
			泰高安交〔2024〕1号 T01-GAS
			泰高安交〔2024〕2号 T01-FIRE
		END
	done
	is "$(gridctl cat notice-lines | tail -n 3 | wc -l)" 3
}

# 每半月研判会+常态化反馈: on the first and the sixteenth one numbered paper for each organ of what is open with it, once a day.
fortnight() {
	sed -n 's/^0 9 1,16 \* \* *//p' "$reg/policy/crontab" >line
	has line 'hazard-notice issue'
	owners=$(hazard-list --now="$now" --open --columns=owner | grep -c ^T01-)
	organs=$(hazard-list --now="$now" --open --columns=owner | grep ^T01- | LC_ALL=C sort -u | wc -l)
	before=$(gridctl cat notices | grep -c ',risk-reminder,')
	for day in 2024-12-16 2024-12-16 2025-01-01; do
		sed "s/hazard-list /&--now='$now' /; s/notice issue /&--now='$now' /; s/\$(date[^)]*)/$day/" line >today
		status 0 sh today
	done
	is "$(gridctl cat notices | grep -c ',risk-reminder,')" $((before + 2 * organs))
	is "$(gridctl cat notice-lines | tail -n "$owners" | cut -d, -f4 | LC_ALL=C sort -u | wc -l)" "$owners"
}

# One organ acts for another, and the record says for whom.
on_behalf() {
	id=$(hazard-list --now="$now" --state=reported --columns=hazard | sed -n 2p)
	status 0 hazard-update assign --now="$now" --owner=T01-JOINT-OFFICE --on-behalf-of=T01-INDUSTRY "$id"
	is "$(gridctl cat events | awk -F, -v h="$id" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["hazard"] == h { print $c["owner"], $c["on_behalf_of"] }')" \
	    'T01-JOINT-OFFICE T01-INDUSTRY'
	status 0 hazard-show --now="$now" "$id"
	has out T01-INDUSTRY
	status 3 hazard-update assign --now="$now" --owner=T01-JOINT-OFFICE --on-behalf-of=T01-NOBODY "$id"
	has err 'no organ "T01-NOBODY"'
}

t 'a zone of 3,024 hazards is taken in' zone
t '2,724 found, 2,724 followed' followed
t '12 communities, 61 grids, 138 micro-grids, 116 officers' tree_counts
t 'a joint office owns them' joint_office
t 'levels are data' levels
t '24 batches of feedback and 6 letters, numbered without gaps' batches
t 'problems are handed over daily, a list for each organ' daily
t 'twice a month each organ is told what is open with it' fortnight
t 'one organ acts for another' on_behalf
t 'four steps: a passed recheck ends the loop' four_steps
finish
