# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-show hazard-update hazard-list rectify-report
#
# However many threads read a ledger, what is printed and what is complained about stays the same.  The register is large
# enough for several blocks of events.csv and several ranges of hazards.csv; the tests stand on it one after the other.

now=2026-03-20T09:00:00+08:00
count=20000

# count hazards in four villages; some fields quoted.
many() {
	awk -v n=$count 'BEGIN {
		split("990101001001 990101001002 990101002001 990101002002", grid)
		split("minor general general general major", severity)
		print "ref,reported_at,grid,category,severity,source,reporter,place,description"
		for (i = 1; i <= n; i++)
			printf "r%d,2026-03-02 %02d:%02d,%s,fire,%s,patrol,T01-O2,%s,%s\n", i, 1 + i / 1000, i % 60,
			    grid[1 + i * 7 % 4], severity[1 + i % 5], i % 9 ? "楼" i : "\"楼,\"\"" i "\"\"\"", "第" i "号灭火器过期"
	}'
}

# Their steps: day after day, so that those of one hazard lie far apart in the ledger.
steps() {
	awk -v n=$count 'BEGIN {
		print "ref,step,at,owner,verifier,result,reason,field,value,due,plan"
		plan = "目标任务:甲;方法措施:乙;经费物资:丙;机构人员:丁;时限要求:戊;安全措施和应急预案:己"
		for (i = 1; i <= n; i++)
			printf "r%d,assign,2026-03-03 %02d:00,%s,,,,,,,\n", i, i % 24, i % 3 ? "T01-FIRE" : "T01-GAS"
		for (i = 1; i <= n; i++)
			if (i % 7 == 5)
				print "r" i ",void,2026-03-04 08:00,,,,重复登记,,,,"
			else if (i % 7 == 6)
				print "r" i ",hold,2026-03-04 08:00,,,,停产,,,,"
			else if (i % 50 == 0)
				print "r" i ",correct,2026-03-04 08:00,,,,复核,place,\"后门,二楼\",,"
		for (i = 1; i <= n; i++)
			if (i % 7 > 0 && i % 7 < 5)
				print "r" i ",rectify,2026-03-05 09:00,,,,,,,," plan
		for (i = 1; i <= n; i++)
			if (i % 7 > 0 && i % 7 < 4)
				print "r" i ",recheck,2026-03-06 09:00,,T01-O2," (i % 11 ? "pass" : "fail") ",,,,,"
	}'
}

# The register, made once, beside the directories of the tests.
built() {
	office reg
	many >many.csv
	steps >steps.csv
	hazard-add -q --now=2026-03-09T08:00:00+08:00 many.csv >ids
	hazard-update -q --now=2026-03-09T08:00:00+08:00 -f steps.csv >/dev/null
	# taken back from the middle: their hazards are folded again
	awk -F, 'NR == 1 || ($5 == "recheck" && $4 ~ /00$/) { print $1 }' reg/events.csv >wrong.csv
	# shellcheck disable=SC2046 # ids
	hazard-update -q --now=2026-03-09T09:00:00+08:00 retract --reason=误录 $(tail -n +2 wrong.csv) >/dev/null
	mv reg ../register
	mv wrong.csv ..
}

# Run a command with 1, 2 and 3 threads: the same status, output and words each time.
alike() {
	for n in 1 2 3; do
		GRIDLEDGER_THREADS=$n
		export GRIDLEDGER_THREADS
		alike_status=0
		"$@" >out.$n 2>err.$n || alike_status=$?
		echo $alike_status >status.$n
	done
	unset GRIDLEDGER_THREADS
	for n in 2 3; do
		same status.1 status.$n
		same out.1 out.$n
		same err.1 err.$n
	done
}

reads() {
	reg=$(cd ../register && pwd -P)
	alike hazard-list -C "$reg" --now=$now
	is "$(cat status.1)" 0
	is "$(wc -l <out.1)" $((count + 1))
	cp out.1 list.csv
	alike hazard-list -C "$reg" --now=$now --overdue --match='place=/后门/' --columns=hazard,due,days,light,tier
	is "$(cat status.1)" 0
	for by in township village,severity owner month,state; do
		alike rectify-report -C "$reg" --now=$now --by=$by --format=csv
		is "$(cat status.1)" 0
		sed 's/,[^,]*,[^,]*$//' out.1 >register.csv	# less as_of and known
		alike rectify-report --now=$now --by=$by --format=csv list.csv
		sed 's/,[^,]*,[^,]*$//' out.1 >file.csv
		same register.csv file.csv
		alike sh -c "hazard-list -C '$reg' --now=$now | rectify-report --now=$now --by=$by --format=csv -"
		sed 's/,[^,]*,[^,]*$//' out.1 >pipe.csv
		same register.csv pipe.csv
	done
	alike gridctl -C "$reg" verify
	is "$(cat status.1)" 0
}

# The counts themselves, by a join in awk over the two ledgers: rechecks and voids that stand, per township.
counts() {
	reg=$(cd ../register && pwd -P)
	awk -F, 'FNR == 1 { file++; next }
		file == 1 { gone[$1]; next }
		file == 2 && $1 in gone { next }
		file == 2 && $5 == "rectify" { done[$4] }
		file == 2 && $5 == "recheck" && $6 == "fail" { delete done[$4] }
		file == 2 && $5 == "void" { void[$4] }
		file == 3 && !($1 in void) { t = substr($5, 1, 9); found[t]++; rectified[t] += $1 in done }
		END { for (t in found) print t "," found[t] "," rectified[t] }' ../wrong.csv "$reg/events.csv" \
	    "$reg/hazards.csv" | sort >want
	is "$(wc -l <want)" 2
	for n in 1 2; do
		GRIDLEDGER_THREADS=$n rectify-report -C "$reg" --now=$now --by=township --figures=found,rectified --format=csv |
		    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
			{ print $at["township"] "," $at["found"] "," $at["rectified"] }' | grep ^9 >got
		same want got
	done
}

# A commit so large that its index is made ready by a thread while it is written: the same is recorded, what it brought is
# found by that index, and one that fails leaves no trace in it.
writes() {
	reg=$(cd ../register && pwd -P)
	GRIDLEDGER_ACTOR=T01-O1
	export GRIDLEDGER_ACTOR
	awk -v n=40000 'BEGIN {
		print "ref,reported_at,grid,category,severity,description"
		for (i = 1; i <= n; i++)
			printf "L%d,2026-03-10 %02d:%02d,990101001001,fire,minor,第%d处疏散通道被占用，应急照明损坏，灭火器过期未检\n", i,
			    i % 24, i % 60, i
	}' >large.csv
	for n in 1 2; do
		cp -R "$reg" reg$n
		GRIDLEDGER_THREADS=$n hazard-add -q -C reg$n --now=$now large.csv >ids.$n
		# known by its ref, with the same values: nothing is added
		hazard-add -q -C reg$n --now=$now --ref=L39999 --reported-at='2026-03-10 15:39' --grid=990101001001 --category=fire \
		    --severity=minor --description=第39999处疏散通道被占用，应急照明损坏，灭火器过期未检 >again.$n
		is "$(cat again.$n)" "$(sed -n 39999p ids.$n)"
		hazard-show -C reg$n --now=$now "$(tail -n 1 ids.$n)" >shown.$n
		has shown.$n 第40000处
		gridctl -C reg$n verify >/dev/null
	done
	is "$(wc -l <ids.2)" 40000
	same ids.1 ids.2
	same reg1/hazards.csv reg2/hazards.csv
	same shown.1 shown.2
	cp -R "$reg" reg
	hazard-add -q -C reg --now=$now --grid=990101001001 --category=fire --severity=minor --description=index >/dev/null
	cp reg/hazards.csv before.csv
	status=0
	GRIDLEDGER_THREADS=2 prlimit --fsize=$(($(wc -c <before.csv) + 3000000)) hazard-add -q -C reg --now=$now large.csv \
	    >out 2>err || status=$?
	is $status 4
	is "$(cat out)" ''
	same before.csv reg/hazards.csv
	hazard-add -q -C reg --now=$now --ref=L39999 --grid=990101001001 --category=fire --severity=minor --description=anew >out
	is "$(cat out)" "$(printf 'T01-H2026-%06d' $((count + 2)))"
	gridctl -C reg verify >/dev/null
}

# A separator in the middle of a ledger turned into another byte: the row is named, the first one where there are two.
broken() {
	reg=$(cd ../register && pwd -P)
	cp -R "$reg" reg
	for ledger in events hazards; do
		rows=$(wc -l <"reg/$ledger.csv")
		for line in $((rows * 3 / 4)) $((rows / 2)); do
			sed "${line}s/,/;/" "reg/$ledger.csv" >bad
			is "$(wc -c <bad)" "$(wc -c <"reg/$ledger.csv")"
			cp bad "reg/$ledger.csv"
			alike rectify-report -C reg --now=$now --by=township
			is "$(cat status.1)" 5
			has err.1 "$ledger.csv:$line: "
			alike hazard-list -C reg --now=$now
			is "$(cat status.1)" 5
			has err.1 "$ledger.csv:$line: "
		done
		alike gridctl -C reg verify
		is "$(cat status.1)" 1
		cp "$reg/$ledger.csv" "reg/$ledger.csv"
	done
	hazard-list -C "$reg" --now=$now >list.csv
	sed "$((count / 2))s/,/;/" list.csv >bad.csv
	alike rectify-report --now=$now --by=township bad.csv
	is "$(cat status.1)" 3
	has err.1 "bad.csv:$((count / 2)): "
}

# Texts of several lines, as other programs save them: the middle of the file, wherever it is cut, looks like a line of its own.
lines() {
	reg=$(cd ../register && pwd -P)
	hazard-list -C "$reg" --now=$now >list.csv
	awk 'NR > 1 && match($0, /,[^,"]*$/) {
		print substr($0, 1, RSTART) "\"" substr($0, RSTART + 1)
		print "a,b\nc \"\"d\"\"\n\""
		next
	} { print }' list.csv >lines.csv
	is "$(wc -l <lines.csv)" $((4 * count + 1))
	for by in township,severity owner; do
		rectify-report --now=$now --by=$by --format=csv list.csv >want
		alike rectify-report --now=$now --by=$by --format=csv lines.csv
		is "$(cat status.1)" 0
		same want out.1
	done
	line=$((2 * count + 2))	# where the row in the middle begins
	sed "${line}s/,/;/" lines.csv >bad.csv
	alike rectify-report --now=$now --by=township bad.csv
	is "$(cat status.1)" 3
	has err.1 "bad.csv:$line: "
}

t 'the register is made' built
t 'all that reads prints the same with 1, 2 and 3 threads' reads
t 'the figures are those of a join in awk' counts
t 'a large commit leaves the same ledger and an index that knows it, or no trace' writes
t 'and complains about the same row' broken
t 'a file whose texts have several lines is cut at none of them' lines
rm -rf "$tap_scratch/register" "$tap_scratch/wrong.csv"
plan
