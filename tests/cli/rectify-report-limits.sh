# SPDX-License-Identifier: MIT
#
# What became of the limits beside the due date, by group, and how long they took: against figures worked out here by awk.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show rectify-report

now=2026-03-20T12:00:00+08:00

# policy: the place default with these rules (on standard input), hours 08:00-12:00 and 14:00-17:00.
policy() {
	new_rules
	sed -i 's/^hours:.*/hours: ["08:00-12:00", "14:00-17:00"]/' new/calendar.yaml
	gridctl put -q --now=2026-03-01T08:30:00+08:00 policy new
}

few() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 2d, from: reported}
		    limits:
		      - {id: ack,       from: assign,  until: accept,    within: 30m}
		      - {id: report-in, from: whistle, until: report-in, within: 4wh}
		      - {id: assess,    from: report,  until: judge,     within: 2wd}
		      - {id: review,    from: due,     until: note,      within: 3d}
	END
	hazards
	hazard-update -q --now=2026-03-10T18:00:00+08:00 -f - <<-'END'
		ref,step,at,owner,assist,verifier,result,severity,reason,note
		a1,assign,2026-03-06 09:00,T01-FIRE,,,,,补录,
		a1,accept,2026-03-06 09:20,,,,,,补录,
		a1,whistle,2026-03-06 16:00,,T01-GAS,,,,补录,
		a1,hold,2026-03-09 09:00,,,,,,停电,
		a1,resume,2026-03-09 10:30,,,,,,来电,
		a1,report-in,2026-03-09 11:30,,,,,,补录,
		a1,judge,2026-03-09 11:40,,,,,general,补录,
		a2,assign,2026-03-06 09:00,T01-GAS,,,,,补录,
		a2,assign,2026-03-06 10:00,T01-FIRE,,,,,补录,
		a2,accept,2026-03-06 10:45,,,,,,补录,
		a2,whistle,2026-03-06 11:00,,T01-GAS,,,,补录,
		a3,rectify,2026-03-02 11:00,,,,,,补录,
		a3,note,2026-03-02 12:00,,,,,,补录,看过
		a5,assign,2026-03-10 17:45,T01-E,,,,,,
		a6,void,2026-03-04 08:00,,,,,,重复登记,
	END
}

told() {
	few
	status 0 rectify-report --now=2026-03-10T18:00:00+08:00 --limits=all --format=csv
	# ack: a1 20 minutes; a2 begun anew after an hour, and 45 minutes late; a5 runs.
	# report-in: a1 an hour of Friday, 08:00-09:00 and 10:30-11:30 of Monday; a2 eight hours and more.
	# assess: a1 from Monday 2 March; five working days, less an hour and a half; a3 (implied steps lead on) lapses; a2 a4 a5 run.
	# review: a3 was noted before the due date, which its end took away; the others are past it.
	cut -d, -f1-11 out >got
	same - got <<-'END'
		limit,clock,begun,met,late,running,overdue,lapsed,median_min,p90_min,max_min
		ack,wall,4,1,1,1,1,0,20.0,45.0,45.0
		assess,days,5,0,1,0,3,1,7330.0,7330.0,7330.0
		report-in,hours,2,1,0,0,1,0,180.0,180.0,180.0
		review,wall,5,0,0,0,5,0,,,
	END
	has out ',2026-03-10T18:00:00+08:00,'
	status 0 rectify-report --now=2026-03-10T18:00:00+08:00 --limits=ack,report-in --by=organ --format=csv
	cut -d, -f1-12 out >got
	same - got <<-'END'
		organ,limit,clock,begun,met,late,running,overdue,lapsed,median_min,p90_min,max_min
		T01-E,ack,wall,1,0,0,1,0,0,,,
		T01-FIRE,ack,wall,2,1,1,0,0,0,20.0,45.0,45.0
		T01-GAS,ack,wall,1,0,0,0,1,0,,,
		T01-GAS,report-in,hours,2,1,0,0,1,0,180.0,180.0,180.0
	END
}

text() {
	few
	status 0 rectify-report --now=2026-03-10T18:00:00+08:00 --limits=ack,report-in --by=township --labels=zh
	same - out <<-'END'
		township   名称  时限          起算  按时  超时  逾期未办   中位   九成   最长
		---------  ----  ------------  ----  ----  ----  --------  -----  -----  -----
		990101001  东镇  ack              3     1     1         1   20.0   45.0   45.0
		990101001  东镇  report-in wh     2     1     0         1  180.0  180.0  180.0
		990101002  西镇  ack              1     0     0         0      /      /      /
		---------  ----  ------------  ----  ----  ----  --------  -----  -----  -----
		合计             ack              4     1     1         1   20.0   45.0   45.0
		合计             report-in wh     2     1     0         1  180.0  180.0  180.0
		minutes of the limit's own clock (wh, wd: working time)
		nearest rank; as of 2026-03-10T18:00:00+08:00; known 9
	END
	status 0 rectify-report --now=2026-03-10T18:00:00+08:00 --limits=ack --decimals=0 --format=json
	same - out <<-'END'
		[
		 {"limit": "ack", "clock": "wall", "begun": 4, "met": 1, "late": 1, "running": 1, "overdue": 1, "lapsed": 0, "median_min": 20, "p90_min": 45, "max_min": 45, "as_of": "2026-03-10T18:00:00+08:00", "known": "9"}
		]
	END
}

# Ninety hazards that go any way the workflow allows, by a generator of numbers of its own.
many() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 30d, from: reported}
		    limits:
		      - {id: ack,       from: assign,  until: accept,    within: 90m}
		      - {id: report-in, from: whistle, until: report-in, within: 2h}
		      - {id: assess,    from: report,  until: judge,     within: 20h}
		      - {id: recheck,   from: rectify, until: recheck,   within: 3h}
		      - {id: announce,  from: close,   until: note,      within: 4h}
	END
	awk 'function dice(n) { seed = (seed * 69069 + 12345) % 2147483648; return int(seed / 65536) % n }
	function at() { return sprintf("2026-03-%02d %02d:%02d:%02d", t / 86400, t % 86400 / 3600, t % 3600 / 60, t % 60) }
	function step(what, owner, assist) {
		t += 60 + dice(t0)
		print ref "," what "," at() "," owner "," assist "," (what == "recheck" ? "T01-O2,pass" : what == "refuse" ? "T01-O2,fail" : ",") "," \
		    (what == "judge" ? "general" : "") ",补录,记" >"steps.csv"
	}
	BEGIN {
		seed = 20261122
		split("990101001001 990101001002 990101002001 990101002002", grid)
		split("T01-FIRE T01-GAS T01-E T01-W", organ)
		print "ref,reported_at,grid,category,severity,reporter,description" >"hazards.csv"
		print "ref,step,at,owner,assist,verifier,result,severity,reason,note" >"steps.csv"
		for (i = 1; i <= 90; i++) {
			ref = "r" i
			t = 2 * 86400 + dice(5) * 86400 + dice(60000)
			t0 = 600 + dice(5) * 7000
			print ref "," at() "," grid[1 + dice(4)] ",fire,general,T01-O2,第" i "处" >"hazards.csv"
			state = "reported"
			for (n = dice(16); n > 0; n--) {
				k = dice(10)
				if (state == "closed") {
					if (k < 5) step("note")
					else if (k < 7) { step("reopen"); state = "reported" }
				} else if (state == "rectified") {
					if (k < 6) { step("recheck"); state = "rechecked" } else { step("refuse"); state = "rectifying" }
				} else if (state == "rechecked") { step("close"); state = "closed" }
				else if (k == 0) step("judge")
				else if (k == 1) step("whistle", "", organ[1 + dice(4)])
				else if (k == 2) step("report-in")
				else if (k == 3) { step("hold"); step("resume") }
				else if (state == "reported") { step("assign", organ[1 + dice(4)]); state = "assigned" }
				else if (k == 4) { step("assign", organ[1 + dice(4)]); state = "assigned" }
				else if (k == 5) { step("return"); state = "reported" }
				else if (state == "assigned") { step("accept"); state = "rectifying" }
				else { step("rectify"); state = "rectified" }
			}
		}
	}'
	sed -i 's/,refuse,/,recheck,/' steps.csv
	hazard-add -q --now=2026-03-12T08:00:00+08:00 hazards.csv >ids
	hazard-update -q --now=2026-03-19T23:00:00+08:00 -f steps.csv
	# what was said last of some is taken back: the steps before it count
	gridctl cat events | awk -F, 'NR > 1 { last[$4] = $1; step[$4] = $5 }
		END { for (h in last) if (step[h] ~ /accept|report-in|rectify|close/) print "retract," h "," last[h] ",误记" }' >back
	ok 'some are taken back' [ "$(wc -l <back)" -gt 5 ]
	sed '1i step,hazard,key,reason' back | hazard-update -q --now=2026-03-19T23:30:00+08:00 -f -
}

# by_awk COLUMN TIME: the same from the ledgers, as of then: group,limit,begun,met,late,running,overdue,lapsed,median,p90,max.
by_awk() {
	hazard-list --as-of="$2" --columns=hazard,"$1",reported_at >groups.csv
	gridctl cat events >events.csv
	cat groups.csv events.csv | awk -F, -v now="$2" '
	function secs(s) { return substr(s, 9, 2) * 86400 + substr(s, 12, 2) * 3600 + substr(s, 15, 2) * 60 + substr(s, 18, 2) }
	# seconds from a to b that were not held
	function elapsed(h, a, b, i, from, to, n) {
		n = b - a
		for (i = 1; i <= holds[h]; i++) {
			from = hold[h, i] > a ? hold[h, i] : a
			to = (h, i) in until && until[h, i] < b ? until[h, i] : b
			if (to > from)
				n -= to - from
		}
		return n
	}
	# what: met, runs, gone
	function told(h, l, what, by, took, over, g) {
		g = group[h] "," l
		took = elapsed(h, start[h, l], by)
		over = took > within[l]
		count[g]++
		if (what == "met") {
			sum[g, over ? "late" : "met"]++
			time[g, ++times[g]] = took
		} else
			sum[g, over ? "overdue" : what == "runs" ? "running" : "lapsed"]++
	}
	function release(h) { if (held[h]) until[h, holds[h]] = t; held[h] = 0 }
	# limit l of h, from and to steps
	function follow(h, l, from, to, lives, ends) {
		if (step == to && (h, l) in start) { told(h, l, "met", t); delete start[h, l] }
		else if (step == "reopen" || (ends && !lives)) { if ((h, l) in start) { told(h, l, "gone", t); delete start[h, l] } }
		if (step == from) { if ((h, l) in start) told(h, l, "gone", t); start[h, l] = t }
	}
	function assess(h) {	# from the report of the round, while it is open
		if (!judged[h])
			told(h, "assess", phase[h] == "open" ? "runs" : "gone", phase[h] == "open" ? secs(now) : left[h])
	}
	BEGIN { within["ack"] = 5400; within["report-in"] = 7200; within["assess"] = 72000; within["recheck"] = 10800; within["announce"] = 14400 }
	FNR == 1 { next }
	$1 == "event" { for (i = 1; i <= NF; i++) c[$i] = i; next }
	$1 ~ /-H2026/ { group[$1] = $2; start[$1, "assess"] = secs($3); phase[$1] = "open"; order[++nh] = $1; next }
	$c["at"] > now { next }
	{ rows[++nr] = $0; if ($c["step"] == "retract") undone[$c["key"]] = 1 }
	END {
		for (r = 1; r <= nr; r++) {
			$0 = rows[r]
			step = $c["step"]; h = $c["hazard"]; t = secs($c["at"])
			if (step == "retract" || $1 in undone)
				continue
			was = phase[h]
			if (step == "rectify") phase[h] = "done"
			if (step == "recheck" && $c["result"] == "fail") phase[h] = "open"
			if (step == "close") phase[h] = "closed"
			if (step == "judge" && !judged[h] && was == "open") { told(h, "assess", "met", t); judged[h] = 1 }
			if (was == "open" && phase[h] != "open") { left[h] = t; release(h) }
			if (step == "reopen") { assess(h); judged[h] = 0; start[h, "assess"] = t; phase[h] = "open" }
			if (step == "hold") { hold[h, ++holds[h]] = t; held[h] = 1 }
			if (step == "resume") release(h)
			follow(h, "ack", "assign", "accept", 0, step == "close")
			follow(h, "report-in", "whistle", "report-in", 0, step == "close")
			follow(h, "recheck", "rectify", "recheck", 0, step == "close")
			follow(h, "announce", "close", "note", 1, 0)
		}
		t = secs(now)
		n = split("ack report-in recheck announce", name, " ")
		for (i = 1; i <= nh; i++) {
			h = order[i]
			assess(h)
			for (k = 1; k <= n; k++)
				if ((h, name[k]) in start)
					told(h, name[k], "runs", t)
		}
		for (g in count) {
			for (i = 2; i <= times[g]; i++)
				for (k = i; k > 1 && time[g, k - 1] > time[g, k]; k--) { x = time[g, k]; time[g, k] = time[g, k - 1]; time[g, k - 1] = x }
			line = g "," count[g]
			split("met late running overdue lapsed", what, " ")
			for (i = 1; i <= 5; i++)
				line = line "," sum[g, what[i]] + 0
			split("50 90 100", p, " ")
			for (i = 1; i <= 3; i++) {
				rank = int((times[g] * p[i] + 99) / 100)
				x = int((time[g, rank] * 10 + 30) / 60)	# tenths of a minute, half up
				line = line "," (times[g] ? int(x / 10) "." x % 10 : "")
			}
			print line
		}
	}' | LC_ALL=C sort
}

independent() {
	many
	for at in $now 2026-03-05T23:00:00+08:00; do
		for by in township_grid owner; do
			dim=${by%_grid}
			by_awk $by $at >theirs
			ok 'there is something to compare' [ "$(wc -l <theirs)" -ge 10 ]
			rectify-report --as-of=$at --limits=all --by="$dim" --format=csv >csv
			# the name of the township and the kind of the clock are not awk's
			{ [ $dim = owner ] && cut -d, -f1,2,4-12 csv || cut -d, -f1,3,5-13 csv; } | sed 1d | LC_ALL=C sort | same theirs -
			cat theirs >>all
		done
	done
	# nothing was left out of the comparison
	awk -F, '{ for (i = 4; i <= 8; i++) n[i] += $i } END { for (i = 4; i <= 8; i++) if (!n[i]) exit 1 }' all ||
		fail 'an outcome never occurred'
}

# Any split of the hazards merges to the whole, byte for byte.
parts() {
	many
	rectify-report --now=$now --limits=all --by=township,organ --format=csv | sed 's/,[^,]*,[^,]*$//' >whole
	rectify-report --now=$now --limits=all --by=township,organ | sed '$d' >table
	for to in 03 05 06 31; do
		rectify-report --now=$now --limits=all --by=township,organ --from=2026-03-${from:-01} --to=2026-03-$to --partial
		from=$(printf %02d $((${to#0} + 1)))
	done >parts
	rectify-report --merge --format=csv parts | sed 's/,[^,]*,[^,]*$//' | same whole -
	rectify-report --merge --expect=T01,T02 parts 2>err | sed '$d' | same table -
	has err 'no part from T02'
	rectify-report --now=$now --by=township --partial >other
	status 3 rectify-report --merge parts other
	has err 'these parts have other columns than the first ones'
	status 3 rectify-report --merge other parts
	sed '2s/:1/:2/' parts >wrong
	status 3 rectify-report --merge wrong
	has err 'wrong:2: begun is not what became of them together, or times are not of all that were met'
	sed '2s/:1/:x/' parts >wrong
	status 3 rectify-report --merge wrong
	has err 'is not SECONDS:COUNT'
	sed '2s/,[0-9]*,\([^,]*\)$/,x,\1/' parts >wrong
	status 3 rectify-report --merge wrong
	has err 'lapsed: "x" is not a whole number'
}

# As it stood at a time, by what was known, of some hazards.
narrowed() {
	few
	status 0 rectify-report --now=$now --as-of=2026-03-06T10:30:00+08:00 --limits=ack --format=csv
	has out 'ack,wall,3,1,0,1,1,0,20.0,20.0,20.0,2026-03-06T10:30:00+08:00,9'
	status 0 rectify-report --now=$now --known=8 --limits=ack --format=csv
	is "$(wc -l <out)" 1
	status 0 rectify-report --now=$now --from=2026-03-02T09:00 --to=2026-03-02T09:00:00 --limits=ack --format=csv
	has out 'ack,wall,2,0,1,0,1,0,45.0,45.0,45.0,'
}

# Where organs keep hours of their own, a limit counts those of who is to act: who was named, or called in.
own_hours() {
	office reg
	policy <<-'END'
		rules:
		  - id: all
		    due: {within: 30d, from: reported}
		    limits:
		      - {id: ack,       from: assign,  until: accept,    within: 2wh}
		      - {id: report-in, from: whistle, until: report-in, within: 2wh}
	END
	sed -i '/^organs/,$d' new/calendar.yaml
	cat >>new/calendar.yaml <<-'END'
		organs:
		  fire: {hours: ["00:00-24:00"], week: [1, 2, 3, 4, 5, 6, 7], holidays: no}
		  T01-GAS: {hours: ["08:00-12:00"]}
	END
	gridctl put -q --now=2026-03-01T08:40:00+08:00 policy new
	hazards
	# from Friday 6 March 11:00: the brigade never sleeps, the gas office has an hour on Friday and opens again on Monday at 8
	hazard-update -q --now=2026-03-09T18:00:00+08:00 -f - <<-'END'
		ref,step,at,owner,assist,reason
		a1,assign,2026-03-06 11:00,T01-FIRE,,补录
		a1,accept,2026-03-06 14:00,,,补录
		a2,assign,2026-03-06 11:00,T01-GAS,,补录
		a2,accept,2026-03-09 08:30,,,补录
		a5,assign,2026-03-06 11:00,T01-E,,补录
		a5,accept,2026-03-06 15:30,,,补录
		a1,whistle,2026-03-06 15:00,,T01-GAS,补录
		a1,report-in,2026-03-09 10:30,,,补录
		a2,whistle,2026-03-09 09:00,,T01-FIRE,补录
		a2,report-in,2026-03-09 13:00,,,补录
	END
	status 0 rectify-report --now=2026-03-10T18:00:00+08:00 --limits=all --by=organ --format=csv
	cut -d, -f1-6,10-12 out >got
	same - got <<-'END'
		organ,limit,clock,begun,met,late,median_min,p90_min,max_min
		T01-E,ack,hours,1,0,1,150.0,150.0,150.0
		T01-FIRE,ack,hours,1,0,1,180.0,180.0,180.0
		T01-FIRE,report-in,hours,1,0,1,240.0,240.0,240.0
		T01-GAS,ack,hours,1,1,0,90.0,90.0,90.0
		T01-GAS,report-in,hours,1,0,1,150.0,150.0,150.0
	END
	# as --explain has it
	for ref in a1 a2 a5; do
		hazard-show --explain --now=2026-03-10T18:00:00+08:00 "$(hazard-list --match="ref=/$ref/" --columns=hazard | sed 1d)"
	done >explained
	is "$(grep -c 'late by' explained)" 4
}

refused() {
	few
	status 2 rectify-report --limits=akc
	has err '--limits: "akc" is not a limit of the policy, did you mean ack?: ack, report-in, assess, review'
	status 2 rectify-report --limits=ack --figures=found
	has err '--limits has no rate'
	status 2 rectify-report --limits=ack --check
	status 2 rectify-report --limits=ack - </dev/null
	has err '--limits reads the register, not a list'
	status 2 rectify-report --merge --limits=ack
	status 2 rectify-report --by=organ
	has err '"organ" is not a dimension'
	status 2 rectify-report --limits=ack --by=organs
	has err 'did you mean organ?'
}

t 'each limit: begun, met, late, running, overdue, lapsed, and the times by its own clock' told
t 'as a table, in Chinese, and as JSON' text
t 'the same as awk makes of the ledgers, whatever way ninety hazards went' independent
t 'parts of any split merge to the whole' parts
t 'as of a time, by what was known, in a period' narrowed
t 'the hours of the organ that is to act' own_hours
t 'what cannot be is refused by name' refused
plan
