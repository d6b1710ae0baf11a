#!/bin/sh
# SPDX-License-Identifier: MIT
# gridctl get, put, set: master tables and the policy.
. "$(dirname "$0")/../tap.sh"
need gridctl
now=--now=2026-01-05T08:00:00

# A register with four grids, read from a file with Chinese headers.
register() {
	gridctl init -q $now --place=yongren --office=Y01 reg
	cat >grids.csv <<-'END'
		网格编码,上级网格,网格层级,网格名称,户数,启用日期
		Y01,,县,永仁县,110,2024/1/1
		Y01A,Y01,乡镇,永定镇,６０,2024-01-01
		Y01B,Y01,township,莲池乡,50,2024年1月1日
		Y01A1,Y01A,village,东村,,2024-01-01
	END
	gridctl -C reg put -q $now grids grids.csv
}

makes_rows_canonical() {
	register
	status 0 gridctl -C reg get grids
	same - out <<-'END'
		grid,parent,level,kind,households,population,area_m2,posted_on,succeeds,valid_from,valid_to,name
		Y01,,county,,110,,,,,2024-01-01,,永仁县
		Y01A,Y01,township,,60,,,,,2024-01-01,,永定镇
		Y01B,Y01,township,,50,,,,,2024-01-01,,莲池乡
		Y01A1,Y01A,village,,,,,,,2024-01-01,,东村
	END
	cmp out reg/grids.csv
	status 0 gridctl -C reg get -v grids
	is "$(cat err)" "$(sha256sum <reg/grids.csv | cut -c1-64)"
	status 0 gridctl -C reg get --known=1 grids
	is "$(wc -l <out)" 1
	status 0 gridctl -C reg get policy
	like "$(cat out)" '^[0-9a-f]{64}  workflow.yaml$'
	status 2 gridctl -C reg get gridz
	has err 'there is no master table "gridz"; did you mean grids? there are campaigns, devices, grids'
	status 2 gridctl -C reg get hazards
	has err 'hazards is append-only and no master table; gridctl cat hazards prints it'
}

commits_no_change_twice() {
	register
	cp reg/journal.csv before
	status 0 gridctl -C reg put $now grids grids.csv
	has err 'grids: nothing to change, nothing was committed'
	cmp before reg/journal.csv
}

tells_all_errors() {
	register
	cp reg/journal.csv before
	cat >bad.csv <<-'END'
		grid,parent,level,name,valid_from,valid_to,nmae
		Y01,,county,永仁县,2024-01-01,,
		Y01A,Y01X,townshp,永定镇,2024-13-01,,
		Y01A,Y01,township,永定镇,2024-01-01,2023-01-01,
		,Y01,township,莲池乡,,,
		Y01B,Y01,township,,,,
	END
	status 3 gridctl -C reg put $now grids bad.csv
	like "$(cat err)" '^bad.csv:1: unknown column "nmae"; did you mean name\? grids has grid, parent'
	has err 'bad.csv:3: valid_from: "2024-13-01" is not a date'
	has err 'bad.csv:3: level: "townshp" is not one of county, township'
	has err 'bad.csv:3: parent: there is no grid "Y01X"'
	has err 'bad.csv:4: valid_to: 2023-01-01 is before valid_from 2024-01-01'
	has err 'bad.csv:5: grid: empty, but a value is required'
	has err 'bad.csv:6: name: empty, but a value is required'
	has err 'errors, nothing was written'
	cmp before reg/journal.csv
	status 3 gridctl -C reg put $now --max-errors=2 grids bad.csv
	has err '… and '
	printf 'grid,parent\nY01,\n' >short.csv
	status 3 gridctl -C reg put $now grids short.csv
	has err 'short.csv:1: there is no column name (网格名称), which every row needs'
	printf 'level,name\ncounty,x\n' >short.csv
	status 3 gridctl -C reg put $now grids short.csv
	has err 'short.csv:1: there is no column grid (网格编码)'
	printf 'grid,网格编码\nY01,x\n' >short.csv
	status 3 gridctl -C reg put $now grids short.csv
	has err 'short.csv:1: two columns are grid (网格编码)'
	: >short.csv
	status 3 gridctl -C reg put $now grids short.csv
	status 4 gridctl -C reg put $now grids no-such-file.csv
	status 2 gridctl -C reg put $now grids
	has err 'takes a TABLE and a FILE, or policy and a DIR, 1 operand was given'
}

looks_at_keys_and_validity() {
	register
	cat >organs.csv <<-'END'
		organ,kind,grid,parent,valid_from,valid_to,name
		GAS,gas,Y01,GOV,2024-01-01,2024-12-31,燃气办
		GAS,gas,Y01,,2024-06-01,,燃气局
		GOV,government,Y01Q,,,,县政府
		GOV,government,Y01,,,,县政府
	END
	status 3 gridctl -C reg put $now organs organs.csv
	has err 'organs.csv:3: valid_from: GAS is valid on the same day as its row on line 2; end that one with valid_to before'
	like "$(cat err)" '^organs.csv:4: grid: .*Y01Q'
	has err 'organs.csv:5: organ: GOV: there is a row with the same organ,valid_from on line 4'
	printf 'organ,parent,name\nGAS,GVO,x\n' >organs.csv
	status 3 gridctl -C reg put $now organs organs.csv
	has err 'organs.csv:2: parent: there is no organ "GVO" in this table'
}

keeps_keys_in_use() {
	register
	printf 'organ,kind,grid,name\nGOV,government,Y01B,乡政府\n' >organs.csv
	status 0 gridctl -C reg put $now organs organs.csv
	grep -v Y01B grids.csv >less.csv
	status 3 gridctl -C reg put $now grids less.csv
	has err 'less.csv: grid: Y01B is left out, but organs.csv uses it (GOV); keep its row and end it with valid_to'
	sed 's/^网格编码.*/&,停用日期/; s/^Y01B.*/&,2025-12-31/; /^Y01B/!s/^Y.*/&,/' grids.csv >ended.csv
	status 0 gridctl -C reg put $now grids ended.csv
	has err 'grids: 4 rows (0 new, 1 changed, 0 dropped), commit 4'
	grep -v Y01A1 ended.csv >less.csv
	status 0 gridctl -C reg put $now grids less.csv
	has err '(0 new, 0 changed, 1 dropped)'
}

merges_rows() {
	register
	printf 'grid,population\nY01A,1200\n' | status 0 gridctl -C reg put $now --merge grids -
	status 0 gridctl -C reg get grids
	has out 'Y01A,Y01,township,,60,1200,,,,2024-01-01,,永定镇'
	is "$(wc -l <out)" 5
	printf 'grid,parent,level,name,valid_from\nY01C,Y01,township,宜就镇,2025-01-01\nY01A,Y01,township,永定镇(新),2024-01-01\n' >m.csv
	status 0 gridctl -C reg put $now --merge grids m.csv
	has err '(1 new, 1 changed, 0 dropped)'
	status 0 gridctl -C reg get grids
	has out 'Y01A,Y01,township,,60,1200,,,,2024-01-01,,永定镇(新)'
	printf 'grid,population\nY01A,1\nY01A,2\nY09,3\n' >m.csv
	status 3 gridctl -C reg put $now --merge grids m.csv
	has err 'm.csv:3: grid: Y01A: line 2 changes the same row'
	has err 'm.csv:4: name: Y09 is new, so it needs a value here; the file has no such column'
	printf 'grid,parent,level,name,valid_from\nY01A,Y01,township,永定镇,2025-01-01\n' >m.csv
	status 3 gridctl -C reg put $now --merge grids m.csv
	has err 'grids.csv as merged:7: valid_from: grid Y01A is valid on the same days as in line 3'
}

refuses_a_stale_base() {
	register
	base=$(gridctl -C reg get -v grids 2>&1 >g.csv)
	printf 'grid,population\nY01A,1200\n' >m.csv
	status 0 gridctl -C reg put $now --merge --base="$base" grids m.csv
	printf 'grid,population\nY01A,1300\n' >m.csv
	status 3 gridctl -C reg put $now --merge --base="$base" grids m.csv
	like "$(cat err)" "grids: was changed since: the committed version is [0-9a-f]{12}, not $(printf %.12s "$base")"
	status 3 gridctl -C reg set $now --reason=x --base="$base" grids Y01A population=1
	status 2 gridctl -C reg put $now --base=xyz grids m.csv
	has err '--base: "xyz" is not a digest'
}

dry_run_writes_nothing() {
	register
	cp -r reg before
	printf 'grid,population\nY01A,1200\n' >m.csv
	status 0 gridctl -C reg put $now -n --merge grids m.csv
	has out 'Y01A,Y01,township,,60,1200'
	status 0 gridctl -C reg set $now -n --reason=x grids Y01A population=7
	has out 'Y01A,Y01,township,,60,7'
	diff -r before reg
}

reads_other_encodings() {
	register
	printf 'grid,parent,level,name\nY01,,县,永仁县\nY01A,Y01,乡镇,永定镇\nY01B,Y01,乡镇,莲池乡\nY01A1,Y01A,village,东村\n' |
		iconv -t GB18030 >gbk.csv
	status 3 gridctl -C reg put $now grids gbk.csv
	has err '--encoding'
	status 0 gridctl -C reg put $now --encoding=gb18030 grids gbk.csv
	status 0 gridctl -C reg get grids
	has out ',莲池乡'
}

sets_one_row() {
	register
	status 0 gridctl -C reg set $now --reason='户数 核实' grids Y01A 户数=61 population=900
	is "$(cat err)" 'grids: Y01A changed, commit 3'
	status 0 gridctl -C reg get grids
	has out 'Y01A,Y01,township,,61,900,,,,2024-01-01,,永定镇'
	status 0 gridctl -C reg log
	has out ',gridctl:set:户数:核实,grids,'
	status 0 gridctl -C reg set $now --reason=x grids Y01A population=
	status 0 gridctl -C reg set $now --reason=x grids Y01A households=61
	has err 'grids: nothing to change, nothing was committed'
	status 3 gridctl -C reg set $now --reason=x grids Y01A households=6x level=villag
	has err 'grids.csv:3: households: "6x" is not a whole number'
	status 3 gridctl -C reg set $now --reason=x grids Y01Z households=6
	has err 'grids has no row of grid "Y01Z"; gridctl put --merge adds rows'
	status 2 gridctl -C reg set $now --reason=x grids Y01A housholds=6
	has err 'grids has no column "housholds"; did you mean households?'
	status 2 gridctl -C reg set $now --reason=x grids Y01A households
	has err '"households" is not COL=VALUE'
	status 2 gridctl -C reg set $now --reason=x grids Y01A grid=Y02
	has err 'grid is the key of grids and stays'
	status 2 gridctl -C reg set $now grids Y01A households=6
	has err '--reason=TEXT is needed'
	status 2 gridctl -C reg set $now --reason=x hazards Y01A households=6
	status 2 gridctl -C reg set $now --reason=x grids Y01A
	has err 'takes TABLE, ID and COL=VALUE, 2 operands were given'
}

sets_the_latest_row() {
	register
	printf 'organ,kind,grid,valid_from,valid_to,name\nGAS,gas,Y01,2025-01-01,,燃气局\nGAS,gas,Y01,2024-01-01,2024-12-31,燃气办\n' >o.csv
	status 0 gridctl -C reg put $now organs o.csv
	status 0 gridctl -C reg set $now --reason=x organs GAS mail=gas@example.cn
	status 0 gridctl -C reg get organs
	has out 'GAS,gas,,Y01,,,2025-01-01,,燃气局,gas@example.cn,'
	has out '2024-12-31,燃气办,,'
}

puts_the_policy() {
	register
	status 0 gridctl -C reg put $now policy reg/policy
	has err 'policy: nothing to change, nothing was committed'
	echo '# edited' >>reg/policy/escalation.yaml
	mkdir -p reg/policy/templates
	echo x >reg/policy/templates/a.txt
	status 0 gridctl -C reg put $now policy reg/policy
	like "$(cat err)" '^policy: [0-9]+ files; hazards reported before keep the version they were reported under, commit 3$'
	status 0 gridctl -C reg log --changes --ledger=policy --since=2026-01-01
	like "$(cat out)" '^3,.*,policy,escalation.yaml,sha256,[0-9a-f]{12},[0-9a-f]{12}$'
	like "$(cat out)" '^3,.*,policy,templates/a.txt,sha256,,[0-9a-f]{12}$'
	cp -r reg/policy new
	sed -i 's/township/town/' new/*.yaml
	status 3 gridctl -C reg put $now policy new
	like "$(cat err)" '^grids.csv:3: level: "township" is not one of county, town, village'
	printf 'x:\ty\n' >new/policy.yaml
	status 3 gridctl -C reg put $now policy new
	like "$(cat err)" '^new/policy.yaml:1:'
	status 2 gridctl -C reg put $now policy no-such-dir
	has err 'no-such-dir: is not a directory with policy files'
}

puts_the_settings() {
	register
	gridctl -C reg get register >r.yaml
	status 0 gridctl -C reg put $now register r.yaml
	has err 'register: nothing to change, nothing was committed'
	sed 's/永仁县/永仁县应急局/;s/language: zh/language: en/' r.yaml >new.yaml
	status 0 gridctl -C reg put $now register new.yaml
	is "$(cat err)" 'register: changed, commit 3'
	cmp reg/register.yaml new.yaml
	status 0 gridctl verify reg
	sed 's/Y01/Y02/;s/+08:00/+09:00/;s/format: 1/format: 2/;s/language: zh/language: fr/;s/^name:.*/nmae: x/' r.yaml >bad.yaml
	status 3 gridctl -C reg put $now register bad.yaml
	has err 'unknown key "nmae"; allowed: format, office, name, offset, language, shared'
	like "$(cat err)" '^bad.yaml:2:9: format: "2" is not 1, which it is for life'
	has err 'office: "Y02" is not Y01, which it is for life'
	has err 'offset: "+09:00" is not +08:00, which it is for life'
	has err 'name: a text on one line is needed'
	has err 'language: "fr" is not one of zh, en'
}

waits_for_others() {
	register
	command -v flock >/dev/null || skip 'flock is not installed'
	cp reg/journal.csv before
	status 4 flock reg/journal.csv gridctl -C reg set $now --lock-wait=50ms --reason=x grids Y01A population=1
	cmp before reg/journal.csv
	for i in 1 2 3 4 5 6; do
		gridctl -C reg set -q $now --reason=x$i grids Y01A population=$i &
	done
	wait
	is "$(gridctl -C reg log | grep -c gridctl:set:x)" 6
	status 0 gridctl verify reg
}

asks_who_acts() {
	register
	printf 'organ,kind,grid,name\nGOV,government,Y01,县政府\n' >o.csv
	status 0 gridctl -C reg put $now organs o.csv
	status 0 gridctl -C reg log --ledger=organs
	like "$(tail -n 1 out)" "^3,2026-01-05T08:00:00\+08:00,$(id -un),$(id -un)@"
	printf 'officer,organ,name\nY01-O001,GOV,王五\n' >p.csv
	status 0 gridctl -C reg put $now --actor=setup officers p.csv
	status 0 gridctl -C reg log --actor=setup
	is "$(tail -n 1 out | cut -d, -f6,10)" officers,1
	status 2 gridctl -C reg set $now --reason=x grids Y01A population=1
	status 0 gridctl -C reg set $now --reason=x --actor=Y01-O001 grids Y01A population=1
}

t 'put takes foreign headers and words, get prints canonical rows' makes_rows_canonical
t 'put without a change commits nothing' commits_no_change_twice
t 'put tells every error in one pass' tells_all_errors
t 'put looks at keys, validity and references' looks_at_keys_and_validity
t 'put ends but does not drop a key in use' keeps_keys_in_use
t 'put --merge' merges_rows
t '--base refuses when somebody changed the table since' refuses_a_stale_base
t '--dry-run prints and writes nothing' dry_run_writes_nothing
t 'put --encoding' reads_other_encodings
t 'set changes one row and keeps the reason' sets_one_row
t 'set changes the row latest in validity' sets_the_latest_row
t 'put policy lints, checks the masters and commits' puts_the_policy
t 'put register changes name and language only' puts_the_settings
t 'writers wait for each other' waits_for_others
t 'who acts: anybody until there are officers' asks_who_acts
plan
