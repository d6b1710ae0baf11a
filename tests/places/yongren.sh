#!/bin/sh
# SPDX-License-Identifier: MIT
# Yongren (永仁): a county of 7 + 63 + 705 grids and 4,776 micro-grids, 3,680 hazards found from above and below.
# Rows Y-02, Y-10, Y-24, Y-39.
. "$(dirname "$0")/lib.sh"
place yongren Y01 2025-06-30T18:00:00+08:00

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

t 'a county of 3,680 hazards is taken in' county
t '3,680 found, 3,188 rectified: 87%' whole
t 'leaders 521, 446, 86%; departments 1,541, 1,350, 88%' by_source
t 'what is under 90% is marked, and fails with --check only' target
t '13 of them are major' majors
t '775 = 7 + 63 + 705 grids, 4,776 micro-grids' tree_counts
t 'parks, shops and dedicated grids are kinds' kinds
t 'seven townships add up' townships
t 'parts of seven townships merged are the county' merged
finish
