#!/bin/sh
# SPDX-License-Identifier: MIT
# Yongren (永仁): a county of 7 + 63 + 705 grids and 4,776 micro-grids, 3,680 hazards found from above and below.
# Rows Y-02, Y-10, Y-18, Y-22, Y-24, Y-36, Y-38, Y-39, Y-48.
. "$(dirname "$0")/lib.sh"
place yongren Y01 2025-06-30T18:00:00+08:00
fixed=yes

# 13 leaders found 521, 24 departments and 7 townships 1,541, joint checks 65, the grids the rest.
county() {
	tree county:1:县 township:7:乡 village:63:村 basegrid:705:网格 microgrid:4776:微网格
	organs safety-committee emergency fire gas construction market transport power taskforce
	officers 4776
	subjects basegrid enterprise:600 shop:900 rental:400 site:24 park:6 forest-entrance:15 slope:20
	take_in <<-'END'
		521  446  200 enterprise+site            leader     construction general 2025-03-01 80 Y01-CONSTRUCTION
		1528 1337 600 enterprise+shop+park       department fire         general 2025-03-02 80 Y01-FIRE
		13   13   0   enterprise                 department building     major   2025-03-03 20 Y01-TASKFORCE
		65   65   65  shop                       joint      ebike        general 2025-03-10 10 Y01-FIRE
		1553 1327 300 shop+rental+forest-entrance+slope patrol electrical minor  2025-03-05 80 Y01-POWER
	END
}

whole() {
	status 0 rectify-report --now="$now"
	like "$(tr -s ' ' <out)" '(^| )3680 3188( .*)? 87%' 'the whole county'
	status 0 rectify-report --now="$now" --decimals=4
	like "$(tr -s ' ' <out)" '(^| )3680 3188( .*)? 86\.6304%'
}

by_source() {
	status 0 rectify-report --now="$now" --by=source
	like "$(row out '^(leader|领导)')" ' 521 446( .*)? 86%' 'leaders'
	like "$(row out '^(department|部门)')" ' 1541 1350( .*)? 88%' 'departments and townships'
	like "$(row out '^(joint|联合)')" ' 65 65( .*)? 100%' 'joint checks'
	like "$(tr -s ' ' <out)" ' 3680 3188( .*)? 87%' 'the total row'
	agree source
}

target() {
	status 0 rectify-report --now="$now" --by=source --target=90
	cp out table
	isnt "$(mark table '^(leader|领导[^ ]*)')" '' 'leaders are marked'
	is "$(mark table '^(department|部门[^ ]*)')" "$(mark table '^(leader|领导[^ ]*)')" 'departments are marked'
	is "$(mark table '^(patrol|网格巡查)')" "$(mark table '^(leader|领导[^ ]*)')" 'grids are marked'
	isnt "$(mark table '^(joint|联合[^ ]*)')" "$(mark table '^(leader|领导[^ ]*)')" 'joint checks, 100%, are not'
	status 1 rectify-report --now="$now" --by=source --target=90 --check
	status 0 rectify-report --now="$now" --by=source --target=85 --check
	status 1 rectify-report --now="$now" --check	# the place's own target is 90
}

majors() {
	status 0 rectify-report --now="$now" --by=source --format=csv
	is "$(figure out department major)" 13
}

tree_counts() {
	is "$(units township) $(units village) $(units basegrid) $(units microgrid)" '7 63 705 4776'
	is "$(($(units township) + $(units village) + $(units basegrid)))" 775
	status 0 gridctl tree --now="$now"
	level_count out township 7
	level_count out village 63
	level_count out basegrid 705
	level_count out microgrid 4776
}

kinds() {
	gridctl get grids >grids.csv
	for kind in resident park shops project dedicated; do
		ok "grids of kind $kind" grep -q "microgrid,$kind," grids.csv
	done
}

townships() {
	status 0 rectify-report --now="$now" --by=township --format=csv
	is "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["township"] != "" { n++; f += $c["found"]; r += $c["rectified"] } END { print n, f, r }' out)" \
	    '7 3680 3188' 'seven townships add up to the county'
}

# The county is the sum of its townships, whichever way it is cut.
merged() {
	status 0 rectify-report --now="$now" --by=source --format=csv
	cp out whole
	i=0
	gridctl get grids | awk -F, '$3 == "township" { print $1 }' >townships
	while read -r unit; do
		i=$((i + 1))
		hazard-list --now="$now" --grid="$unit" >list.csv
		rectify-report --now="$now" --by=source --partial list.csv >"part.$i"
	done <townships
	is "$i" 7
	cat part.* >parts
	status 0 rectify-report --merge --format=csv parts
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { print $c["source"], $c["found"], $c["rectified"], $c["major"] }' whole | sort >want
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { print $c["source"], $c["found"], $c["rectified"], $c["major"] }' out | sort >got
	same want got
}

# 定责任人、定措施、定完成时间、定资金、定验收人, and the other lists of what an assignment fixes, as one line of data.
five_fixed() {
	fixes=$(sed -n 's/^    assign: {needs: \[\(.*\)\]}.*五定.*/\1/p' "$top/data-schemas/places/yongren/escalation.yaml")
	is "$fixes" 'person, plan, due, fund_fen, verifier'
	cp -r "$top/data-schemas/places/yongren" variant
	chmod -R u+w variant
	rm -rf variant/tests
	i=0
	# 五定(b) without funds, 六定 with the source of funds, 五落实 with who assists
	for needs in 'person, plan, due, verifier' 'plan, fund_fen, fund_source, person, due, verifier' 'person, plan, fund_fen, due, assist'; do
		i=$((i + 1))
		sed "s/^\(    assign: {needs: \[\).*\(\]}.*五定.*\)/\1$needs\2/" "$top/data-schemas/places/yongren/escalation.yaml" >variant/escalation.yaml
		gridctl init -q --now=2025-03-01T08:00:00+08:00 --place="$PWD/variant" --office=Y01 "reg.$i"
		(
			GRIDLEDGER_DIR=$PWD/reg.$i
			for table in grids organs officers posts; do
				gridctl put -q --now=2025-03-01T08:00:00+08:00 "$table" "$work/$table.csv"
			done
			h=$(hazard-add --now=2025-03-03T08:00:00+08:00 --grid=990101 --severity=general --category=fire --place=门口 --description=一处)
			status 3 hazard-update --now=2025-03-03T09:00:00+08:00 assign --owner=Y01-FIRE "$h"
			has err "assign must fix $needs too"
		)
	done
}

# 问题交办5件,县政府挂牌督办34件: the papers are numbered without gaps, and nothing unsigned leaves.
ladder() {
	hazard-list --now="$now" --state=rectifying,assigned,reported --severity=general --columns=hazard | sed 1d >open
	cp open "$work/open"
	ok 'enough that are not dealt with' test "$(wc -l <open)" -ge 39
	head -n 5 open | status 0 hazard-update press --now=2025-06-30T18:10:00+08:00 --reason=久拖不改 -
	sed -n 6,39p open | status 0 hazard-update supervise --now=2025-06-30T18:20:00+08:00 --reason=县政府挂牌 -
	status 0 hazard-list --now=2025-06-30T18:30:00+08:00 --match='supervised=/yes/' --columns=hazard
	is "$(sed 1d out | wc -l)" 34 'under listed supervision'
	is "$(gridctl cat events | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["step"] == "press" { n++ } END { print n }')" 5
	head -n 5 open | status 0 hazard-notice issue --now=2025-06-30T18:40:00+08:00 --kind=handover --bundle=none -
	sed -n 6,39p open | status 0 hazard-notice issue --now=2025-06-30T18:40:00+08:00 --kind=listed --bundle=none -
	gridctl cat notices | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { print $c["kind"], $c["number"] }' >numbers
	is "$(grep -c '^handover 永安办交〔2025〕[1-5]号$' numbers)" 5
	i=0
	while [ $((i = i + 1)) -le 34 ]; do
		ok "number $i" grep -qx "listed 永安办挂〔2025〕$i号" numbers
	done
	is "$(grep -c '^listed ' numbers)" 34
	status 0 hazard-notice list --format=csv --now=2025-06-30T18:50:00+08:00 --unapproved --kind=listed
	is "$(sed 1d out | wc -l)" 34 'wait for a leader'
	status 0 hazard-notice list --format=csv --now=2025-06-30T18:50:00+08:00 --unserved --kind=listed
	is "$(sed 1d out | wc -l)" 34 'are to be served'
}

# 整改通知书、督办告知单: signed, served on the subject, and a list of what is not served; 安全提示 without a hazard.
papers() {
	sed -n 40,41p "$work/open" | status 0 hazard-notice issue --now=2025-07-01T09:00:00+08:00 --kind=rectify --bundle=none -
	gridctl cat notices | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["kind"] == "rectify" { print $c["notice"] }' >orders
	is "$(wc -l <orders)" 2
	first=$(sed -n 1p orders)
	status 0 hazard-notice list --format=csv --now=2025-07-01T09:10:00+08:00 --unserved --kind=rectify
	is "$(sed 1d out | wc -l)" 2 'to be served'
	status 3 hazard-notice serve --now=2025-07-01T09:20:00+08:00 --how=direct --to=张三 "$first"	# not signed yet
	status 3 hazard-notice approve --now=2025-07-01T09:30:00+08:00 --actor=Y01-O0001 "$first"
	has err leader
	status 0 hazard-notice approve --now=2025-07-01T09:30:00+08:00 --actor=Y01-O0002 "$first"
	status 0 hazard-notice serve --now=2025-07-01T10:00:00+08:00 --how=direct --to=张三 "$first"
	status 0 hazard-notice list --format=csv --now=2025-07-01T10:10:00+08:00 --unserved --kind=rectify
	is "$(sed 1d out | wc -l)" 1 'still to be served'
	status 0 hazard-notice show "$first"
	has out 责令
	# 执法文书 and 督办告知单 are served as well
	sed -n 42p "$work/open" | status 0 hazard-notice issue --now=2025-07-01T10:15:00+08:00 --kind=督办告知单 -
	sed -n 43p "$work/open" | status 0 hazard-notice issue --now=2025-07-01T10:15:00+08:00 --kind=rectify-order -
	for kind in supervision rectify-order; do
		status 0 hazard-notice list --format=csv --now=2025-07-01T10:20:00+08:00 --unserved --kind=$kind
		is "$(sed 1d out | wc -l)" 1 "to be served: $kind"
	done
	towns=$(gridctl get organs | awk -F, '$3 == "township" { print $1 }' | paste -sd, -)
	status 0 hazard-notice issue --now=2025-07-01T10:20:00+08:00 --kind=advice --to="$towns" --text='近期强降雨,注意山体滑坡,及时转移受威胁群众'
	is "$(gridctl cat notices | grep -c ',advice,')" 7 'one for each township'
}

# The text a rule stands on is shown with its arithmetic, and stands on the paper.
basis() {
	id=$(sed -n 1p "$work/open")
	status 0 hazard-show --now="$now" --explain "$id"
	has out '一般隐患24小时内处置完毕'
	gridctl cat notices | awk -F, '$2 != "" && /永安办交〔2025〕1号/ { print $1 }' >paper
	status 0 hazard-notice draft --now="$now" --kind=handover "$id"
	has out '依据:“网格员→网格长→总网格长”三级快速响应机制,一般隐患24小时内处置完毕'
	has out 草稿
}

t 'a county of 3,680 hazards is taken in' county
t '3,680 found, 3,188 rectified: 87%' whole
t 'leaders 521, 446, 86%; departments 1,541, 1,350, 88%' by_source
t 'what is under 90% is marked, and fails with --check only' target
t '13 of them are major' majors
t '775 = 7 + 63 + 705 grids, 4,776 micro-grids' tree_counts
t 'parks, shops and dedicated grids are kinds' kinds
t 'seven townships add up' townships
t 'parts of seven townships merged are the county' merged
t 'five fixed, six fixed: one line of data' five_fixed
t '5 handed over, 34 listed by the county' ladder
t 'papers are signed and served, and what is not is a list' papers
t 'the basis of a rule is shown and printed' basis
finish
