#!/bin/sh
# SPDX-License-Identifier: MIT
# gridctl log, tree, check.
. "$(dirname "$0")/../tap.sh"
need gridctl
now=--now=2026-01-05T08:00:00

# The grids of yongren's size: 7 townships, 63 villages, 705 groups; names in full-width characters.
register() {
	gridctl init -q $now --place=yongren --office=Y01 reg
	{
		echo grid,parent,level,population,name
		echo Y01,,county,7050,永仁县
		for t in 1 2 3 4 5 6 7; do
			echo "Y01$t,Y01,township,,乡镇$t"
			for v in 1 2 3 4 5 6 7 8 9; do
				echo "Y01$t$v,Y01$t,village,,村$v"
			done
		done
		awk 'BEGIN { for (i = 0; i < 705; i++) { v = i % 63; printf "Y01%d%d-%03d,Y01%d%d,basegrid,10,组%d\n", v / 9 + 1, v % 9 + 1,
			i, v / 9 + 1, v % 9 + 1, i } }'
	} >grids.csv
	gridctl -C reg put -q $now grids grids.csv
}

# A small one with hazards and events by another hand, adopted: events LINES, from standard input.
small() {
	gridctl init -q $now --place=yongren --office=Y01 reg
	printf 'grid,parent,level,name\nY01,,county,永仁县\nY01A,Y01,township,永定镇\n' | gridctl -C reg put -q $now grids -
	printf 'organ,kind,grid,name\nGAS,gas,Y01,燃气局\n' | gridctl -C reg put -q $now organs -
	policy=$(gridctl -C reg get -v policy 2>&1 >/dev/null | cut -c1-12)
	echo "Y01-H2026-000001,4,2026-01-02T07:00:00+08:00,${1-},Y01A,,,gas,general,patrol,x,,,,,,,$policy,,厨房,软管老化" >>reg/hazards.csv
	cat >>reg/events.csv
	gridctl -C reg adopt -q $now >/dev/null
}

# event NUMBER AT STEP [OWNER]
event() {
	echo "Y01-E2026-00000$1,4,2026-01-0$2T07:00:00+08:00,Y01-H2026-000001,$3,,Y01-O001,,${4-},,,,,,,,,,,,,,,,,,"
}

draws_the_tree() {
	register
	status 0 gridctl -C reg tree
	is "$(tail -n 1 out)" '7 township, 63 village, 705 basegrid: 775 grids'
	is "$(sed -n 3,5p out)" '永仁县       Y01        county
  乡镇1      Y011       township
    村1      Y0111      village'
	empty err
	status 0 gridctl -C reg tree Y013
	is "$(tail -n 1 out)" '9 village, 99 basegrid: 108 grids'
	status 0 gridctl -C reg tree --format=csv Y0111
	is "$(head -n 2 out)" 'depth,grid,parent,level,name
0,Y0111,Y011,village,村1'
	like "$(cat err)" '^12 basegrid: 12 grids$'
	status 2 gridctl -C reg tree Y0199
	has err 'no grid "Y0199"'
	status 0 gridctl -C reg tree 乡镇3
	is "$(tail -n 1 out)" '9 village, 99 basegrid: 108 grids'
	status 2 gridctl -C reg tree --format=json
	has err '--format: "json" is not one of text, csv'
}

checks_the_sums() {
	gridctl init -q $now --place=yongren --office=Y01 reg
	status 3 gridctl -C reg tree
	has err 'there are no grids yet; gridctl put grids FILE brings them'
	cat >g.csv <<-'END'
		grid,parent,level,households,name,valid_to
		Y01,,county,100,永仁县,
		Y01A,Y01,township,60,永定镇,
		Y01B,Y01,township,50,莲池乡,
		Y01C,Y01,township,1,宜就镇,2025-12-31
		Y01C1,Y01C,village,,西村,2025-12-31
	END
	gridctl -C reg put -q $now grids g.csv
	status 0 gridctl -C reg tree $now
	has err 'warning: Y01 (永仁县): households is 100, but those below it (2) add up to 110'
	is "$(tail -n 1 out)" '2 township: 2 grids'
	status 0 gridctl -C reg tree --now=2025-06-01T00:00
	is "$(tail -n 1 out)" '3 township, 1 village: 4 grids'
	status 2 gridctl -C reg tree $now Y01C
	has err 'grid Y01C is not valid on this day; --now=DATE shows another day'
	status 0 gridctl -C reg tree --known=2 $now Y01A
	is "$(tail -n 1 out)" 'nothing below'
}

lists_commits() {
	register
	status 0 gridctl -C reg log
	is "$(head -n 1 out)" commit,at,actor,login,command,ledger,id,column,was,value
	files=$(find "$top/data-schemas/places/yongren" -type f ! -path '*/demo/*' ! -name README | wc -l)
	is "$(cut -d, -f1,5- out | tail -n 3)" "1,gridctl:init,register,,,,1
1,gridctl:init,policy,,,,$files
2,gridctl:put,grids,,,,776"
	status 0 gridctl -C reg log --since=2026-01-06
	is "$(wc -l <out)" 1
	status 0 gridctl -C reg log --until=2026-01-05 --ledger=grids
	is "$(wc -l <out)" 2
	status 2 gridctl -C reg log --ledger=gridz
	status 2 gridctl -C reg log --since=yesterday
	has err '--since'
	status 2 gridctl -C reg log x
	has err 'takes no operand'
}

lists_changes() {
	event 1 3 assign GAS >ev
	small <ev
	gridctl -C reg set -q $now --reason=census grids Y01A population=900
	status 0 gridctl -C reg log --changes --id=Y01-H2026-000001
	is "$(cut -d, -f1,6- out | sed 1d)" '4,events,Y01-E2026-000001,at,,2026-01-03T07:00:00+08:00
4,events,Y01-E2026-000001,hazard,,Y01-H2026-000001
4,events,Y01-E2026-000001,step,,assign
4,events,Y01-E2026-000001,actor,,Y01-O001
4,events,Y01-E2026-000001,owner,,GAS
4,hazards,Y01-H2026-000001,reported_at,,2026-01-02T07:00:00+08:00
4,hazards,Y01-H2026-000001,grid,,Y01A
4,hazards,Y01-H2026-000001,category,,gas
4,hazards,Y01-H2026-000001,severity,,general
4,hazards,Y01-H2026-000001,source,,patrol
4,hazards,Y01-H2026-000001,reporter,,x
4,hazards,Y01-H2026-000001,policy,,'"$policy"'
4,hazards,Y01-H2026-000001,place,,厨房
4,hazards,Y01-H2026-000001,description,,软管老化'
	status 0 gridctl -C reg log --changes --ledger=grids --id=Y01A
	is "$(tail -n 1 out | cut -d, -f1,5-)" '5,gridctl:set:census,grids,Y01A,population,,900'
	status 0 gridctl -C reg log --id=Y01-H2026-000001
	is "$(sed 1d out | cut -d, -f1,6-)" '4,events,Y01-E2026-000001,,,1
4,hazards,Y01-H2026-000001,,,1'
}

takes_names_of_checks() {
	event 1 3 assign GAS >ev
	small <ev
	status 0 gridctl -C reg check $now
	empty out
	is "$(cat err)" 'gridctl check: 0 findings'
	status 0 gridctl -C reg check -v rows ids order replay
	has err 'replay: 0 findings'
	unlike "$(cat err)" refs
	status 2 gridctl -C reg check rows refz
	has err 'there is no check "refz"; did you mean refs? there are rows, ids, refs, order, replay, masters, policy, copies, index'
	status 2 gridctl -C reg check --max-errors=x
	has err '--max-errors: "x" is not a whole number'
}

shows_the_example() {
	small </dev/null
	gridctl -C reg set -q $now --reason=census grids Y01A population=900
	gridctl -C reg set -q $now --reason='census 2026' grids Y01A population=5120
	gridctl -C reg log --changes --id=Y01A | grep ,population, | cut -d, -f2,3,9,10 >out
	is "$(cat out)" "2026-01-05T08:00:00+08:00,$(id -un),,900
2026-01-05T08:00:00+08:00,$(id -un),900,5120"
}

checks_order() {
	{ event 1 4 accept; event 2 3 note; event 3 1 note; } >ev
	small 2026-01-02T08:00:00+08:00 <ev
	status 1 gridctl -C reg check order
	same - out <<-'END'
		hazards.csv:2: found_at: 2026-01-02T08:00:00+08:00 is after the report (2026-01-02T07:00:00+08:00)
		events.csv:3: at: 2026-01-03T07:00:00+08:00 is before the last step of Y01-H2026-000001 (2026-01-04T07:00:00+08:00)
		events.csv:4: at: 2026-01-01T07:00:00+08:00 is before the last step of Y01-H2026-000001 (2026-01-04T07:00:00+08:00)
	END
	status 1 gridctl -C reg check --max-errors=1 order
	is "$(tail -n 1 out)" '… and 2 more'
}

replays_steps() {
	{ event 1 3 close; event 2 3 rectify; } >ev
	small <ev
	status 1 gridctl -C reg check replay
	is "$(cat out)" 'events.csv:2: step: close may not be taken from reported, in which Y01-H2026-000001 is'
}

t 'tree of 775 grids, with counts per level' draws_the_tree
t 'tree checks sums and shows a day' checks_the_sums
t 'log lists commits and ledgers' lists_commits
t 'log --changes lists values' lists_changes
t 'log as in EXAMPLES' shows_the_example
t 'check takes names' takes_names_of_checks
t 'check order' checks_order
t 'check replay' replays_steps
plan
