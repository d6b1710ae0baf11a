# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update hazard-list rectify-report

now=2026-03-11T09:00:00+08:00
then=2026-03-09T08:00:00+08:00		# when steps are entered: within the policy's backdate

# Two of six are rectified, one of them closed out; one is void.
day() {
	office reg
	hazards
	hazard-update -q --now=$then -f - <<-'END'
		ref,step,at,owner,verifier,result,reason
		a1,assign,2026-03-03 09:00,T01-FIRE,,,
		a1,rectify,2026-03-05 09:00,,,,
		a1,recheck,2026-03-06 09:00,,T01-O2,pass,
		a1,close,2026-03-06 10:00,,,,
		a3,rectify,2026-03-02 10:30,,,,
		a6,void,2026-03-04 08:00,,,,重复登记
	END
}

by_village() {
	day
	status 0 rectify-report --now=$now --by=village
	same - out <<-'END'
		village       name  found  rectified    rate  open  overdue  major
		------------  ----  -----  ---------  ------  ----  -------  -----
		990101001001  桥村      3          2  66.67%     1        1      0
		990101001002  河村      1          0   0.00%     1        0      1
		990101002001  桥村      1          0   0.00%     1        1      0
		990101002002  山村      0          0       /     0        0      0
		------------  ----  -----  ---------  ------  ----  -------  -----
		total                   5          2  40.00%     3        2      1
		rate = rectified/found; as of 2026-03-11T09:00:00+08:00; known 8
	END
	empty err
}

# The same figures, counted by sqlite3 from the printed ledger.
independent() {
	day
	hazard-list --now=$now >list.csv
	rectify-report --now=$now --by=township --format=csv | cut -d, -f1,3,4,6,7,8,9,10 >ours
	sqlite3 :memory: '.import --csv list.csv l' '.mode csv' \
	    "select township_grid, sum(phase<>'void'), sum(phase in ('done','closed')), sum(phase='closed'), sum(phase='open'),
	    sum(overdue='yes'), sum(severity='major' and phase<>'void'), sum(followed='yes' and phase<>'void')
	    from l group by 1 order by 1" | tr -d '\r' >theirs
	sed 1d ours | same - theirs
}

from_list() {
	day
	for by in village,severity subject source state month subject_kind owner closer_level ''; do
		rectify-report --now=$now --by=$by --format=csv | sed 's/,[^,]*,[^,]*$//' >direct
		hazard-list --now=$now | rectify-report --now=$now --by=$by --format=csv - | sed 's/,[^,]*,[^,]*$//' | same direct -
		hazard-list --now=$now >list.csv
		rectify-report --now=$now --by=$by --format=csv list.csv | sed 's/,[^,]*,[^,]*$//' | same direct -
		hazard-list --now=$now --labels=zh >zh.csv
		rectify-report --now=$now --by=$by --format=csv zh.csv | sed 's/,[^,]*,[^,]*$//' | same direct -
	done
}

target() {
	day
	status 0 rectify-report --now=$now --by=township --target=50
	has out '990101001  东镇      4          2  50.00%'
	like "$(grep 990101002 out)" '<50%'
	unlike "$(grep 990101001 out)" '<50%'
	status 1 rectify-report --now=$now --by=township --target=50 --check
	status 0 rectify-report --now=$now --by=township --target=0 --check
	status 0 rectify-report --now=$now --target=40 --check
	status 1 rectify-report --now=$now --target=41 --check --format=csv
	has out ',yes,'
}

period() {
	day
	status 0 rectify-report --now=$now --from=2026-03-02T09:00 --to=2026-03-02T11:00:00 --format=csv --figures=found
	has out '3,rectified/found'
	status 0 rectify-report --now=$now --as-of=2026-03-04 --figures=found,rectified,void,overdue --format=csv
	has out '5,1,1,0,rectified/found,2026-03-04T23:59:59+08:00,8'
	status 0 rectify-report --now=$now --known=7 --figures=found,rectified,void --format=csv
	has out '6,0,0,'
}

parts() {
	day
	rectify-report --now=$now --by=village,severity --format=csv | sed 's/,[^,]*,[^,]*$//' >whole
	hazard-list --now=$now >list.csv
	for i in 1 2 3; do
		awk -v i=$i 'NR == 1 || NR % 3 == i - 1' list.csv >part.$i
		rectify-report --by=village,severity --partial part.$i
	done >parts
	rectify-report --merge --format=csv <parts | sed 's/,[^,]*,[^,]*$//' | same whole -
	status 0 rectify-report --merge --expect=T01,T02 parts
	has err 'no part from T02'
	has out 'reported by 1 of 2'
	rectify-report --by=village --partial part.1 >>parts
	status 3 rectify-report --merge parts
	has err '18 fields, the header has 19'
	rectify-report --by=village,source --partial part.1 >other
	rectify-report --by=village,severity --partial part.1 >>other
	status 3 rectify-report --merge other
	has err 'these parts have other columns than the first ones'
}

shown_alike() {
	day
	rectify-report --now=$now --by=village --decimals=0 --target=60 | sed '$d' >whole
	rectify-report --now=$now --by=village --decimals=0 --target=60 --partial | rectify-report --merge | sed '$d' | same whole -
}

refused() {
	office reg
	status 2 rectify-report --by=vilage
	has err 'rectify-report: --by: "vilage" is not a dimension, did you mean village?'
	status 2 rectify-report --decimals=7
	has err '--decimals: "7" is not a whole number from 0 to 6'
	status 2 rectify-report --figures=rat
	has err '--figures: "rat" is not a figure; did you mean rate?'
	status 2 rectify-report --merge --by=village
	status 2 rectify-report --known=3 -
	status 2 rectify-report --format=pdf
	has err 'text, csv, json'
	printf 'phase,round\nopen\n' >short.csv
	status 3 rectify-report short.csv
	like "$(cat err)" '^rectify-report: short.csv:2: '
	printf 'a,b\n1,2\n' >other.csv
	status 3 rectify-report --by=severity other.csv
	has err 'other.csv:1: no column "severity"; hazard-list --columns=…,severity prints it'
	: >nothing.csv
	status 3 rectify-report nothing.csv
	status 4 rectify-report missing.csv
	has err 'missing.csv: No such file or directory'
}

no_hazards() {
	office reg
	status 0 rectify-report --now=$now
	has out '/'
	status 0 rectify-report --now=$now --by=village --format=csv
	is "$(wc -l <out)" 1
	status 0 rectify-report --now=$now --format=json
	same - out <<-'END'
		[]
	END
}

undelivered() {
	office reg
	[ -w /dev/full ] || skip 'no /dev/full'
	rc=0
	rectify-report --now=$now >/dev/full 2>err || rc=$?
	is $rc 4
	like "$(cat err)" 'standard output'
}

no_register() {
	printf 'severity,phase,round,overdue,township_grid\nmajor,open,1,yes,a\nminor,done,1,,b\nmajor,closed,2,,b\n' >list.csv
	mkdir empty_dir
	status 0 rectify-report -C empty_dir --by=township --format=csv --figures=found,rectified,major,overdue,mean_days list.csv
	same - out <<-'END'
		township,township_name,found,rectified,major,overdue,mean_days,basis,as_of,known
		a,,1,0,1,1,,rectified/found,,
		b,,3,3,2,0,,rectified/found,,
	END
}

json() {
	day
	rectify-report --now=$now --by=severity --figures=found,rate --format=json >out
	same - out <<-'END'
		[
		 {"severity": "general", "found": 3, "rate": "33.33%", "basis": "rectified/found", "as_of": "2026-03-11T09:00:00+08:00", "known": "8"},
		 {"severity": "major", "found": 1, "rate": "0.00%", "basis": "rectified/found", "as_of": "2026-03-11T09:00:00+08:00", "known": "8"},
		 {"severity": "minor", "found": 1, "rate": "100.00%", "basis": "rectified/found", "as_of": "2026-03-11T09:00:00+08:00", "known": "8"}
		]
	END
}

t 'figures by village: two villages of one name stay two' by_village
t 'the figures are what sqlite3 counts in the printed ledger' independent
t "hazard-list's CSV, in English or Chinese, gives the same report as the register" from_list
t 'under the target is marked, and is status 1 only with --check' target
t 'periods, as-of and known' period
t 'parts of any split merge to the whole' parts
t 'a merge shows what one run shows' shown_alike
t 'what cannot be is refused by name' refused
t 'an empty register' no_hazards
t 'a full standard output is told' undelivered
t 'a list without a register beside it' no_register
t 'JSON' json
plan
