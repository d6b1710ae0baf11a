# SPDX-License-Identifier: MIT
#
# policy.d/ORGAN.yaml: what an organ asks beyond the rules, of the hazards it leads.  It may only tighten.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate policy-test

# The policy in force as a directory `new`, without its tests, with rules that the tests know the lines of.
base() {
	new_rules <<-'END'
		rules:
		  - id: emergency
		    when: {emergency: "yes"}
		    due: {within: 4h, from: reported}
		  - id: watch
		    when: {severity: minor, source: hotline}
		    due: none
		  - id: minor-same-day
		    when: {severity: minor}
		    due: {within: 0d, from: reported}
		  - id: rest-7d
		    basis: 一般事故隐患限期整改,逾期督办
		    due: {within: 7d, from: reported}
		    limits:
		      - {id: ack, from: assign, until: accept, within: 1d}
		      - {id: recheck, from: rectify, until: recheck, within: 10d}
		    rungs:
		      - {at: due-20%, do: remind, to: owner, notice: reminder}
		      - {at: due, do: escalate, to: parent, notice: supervision, repeat: [3d, 7d]}
		      - {at: due+30d, do: supervise, to: top, notice: listed}
	END
	mkdir -p new/policy.d
}

# overlay ORGAN TIME: those rules with that overlay (standard input), put at that time.
overlay() {
	base
	cat >"new/policy.d/$1.yaml"
	gridctl put -q --now="$2" policy new
}

# An overlay of the gas organ for most of what follows.
gas() {
	overlay T01-GAS 2026-03-01T08:00:00+08:00 <<-'END'
		basis: 县燃气办一平台一方案
		from: 2026-03-01
		to: 2026-12-31
		tighten:
		  - rules: [rest-7d]
		    due: {within: 60h}
		    limits:
		      - {id: ack, within: 4h}
		      - {id: look, from: report, until: judge, within: 2h, miss: {do: remind, to: parent}}
		    rungs:
		      - {at: due-12h, do: notice, to: parent, notice: advice, send: any}
		    close: {needs: [sign], acceptors: {not: [rectifier]}}
		    extend: {max: 1, before: 1d, by: [leader]}
		    assign: {needs: [person]}
		    lights: {yellow: 50}
		  - rules: [minor-same-day]
		    limits: [{id: ack, from: assign, until: accept, within: 30m}]
	END
}

add() {
	hazard-add --now="$1" --grid="${2:-990101001001}" --severity="${3:-general}" --category="${4:-gas}" --description=一处
}

due() {
	hazard-list --now="$2" --columns=due --match="hazard=/^$1\$/" | tail -n 1
}

record() {
	cat reg/*.csv reg/register.yaml reg/versions/* | sha256sum
}

shorter() {
	office reg
	early=$(add 2026-02-28T08:00:00+08:00)
	gas
	a=$(add 2026-03-02T08:00:00+08:00)
	b=$(add 2026-03-02T08:00:00+08:00 990101001001 general fire)
	c=$(add 2026-03-02T08:00:00+08:00 990101002 minor)
	now=2026-03-02T09:00:00+08:00
	is "$(due "$a" $now)" 2026-03-04T20:00:00+08:00 'what the organ leads'
	is "$(due "$b" $now)" 2026-03-10T00:00:00+08:00 'what another one leads'
	is "$(due "$c" $now)" 2026-03-03T00:00:00+08:00 'a rule that the overlay leaves its time'
	is "$(due "$early" $now)" 2026-03-08T00:00:00+08:00 'reported under the policy before'
	# the days it holds for are those of the report
	d=$(add 2026-12-31T23:59:59+08:00)
	e=$(add 2027-01-01T00:00:00+08:00)
	is "$(due "$d" 2027-01-01T00:00:00+08:00)" 2027-01-03T11:59:59+08:00
	is "$(due "$e" 2027-01-01T00:00:00+08:00)" 2027-01-09T00:00:00+08:00
	# a corrected category is led by another organ
	hazard-update -q --now=2026-03-02T10:00:00+08:00 correct --field=category --value=fire "$a"
	is "$(due "$a" 2026-03-02T10:00:00+08:00)" 2026-03-10T00:00:00+08:00 'corrected'
	hazard-update -q --now=2026-03-02T11:00:00+08:00 correct --field=category --value=gas "$b"
	is "$(due "$b" 2026-03-02T11:00:00+08:00)" 2026-03-04T20:00:00+08:00 'corrected the other way'
	gridctl check -q
	gridctl verify -q
	gridctl get policy | grep -q ' policy.d/T01-GAS.yaml$'
}

explained() {
	office reg
	gas
	a=$(add 2026-03-02T08:00:00+08:00)
	b=$(add 2026-03-02T08:00:00+08:00 990101001001 general fire)
	hazard-show --now=2026-03-02T09:00:00+08:00 --explain "$a" >out
	like "$(cat out)" 'overlay +policy/policy\.d/T01-GAS\.yaml:5: due within 60h instead of 7d; limit ack within 4h instead of 1d; limit look added, from report to judge within 2h, else remind parent; rung added, 12h before due: notice to parent, notice advice'
	like "$(cat out)" 'basis +一般事故隐患限期整改,逾期督办；县燃气办一平台一方案'
	like "$(cat out)" 'limit +60h from reported'
	has out 'limit look'
	like "$(cat out)" 'rest-7d, policy/policy\.d/T01-GAS\.yaml:9'
	hazard-show --now=2026-03-02T09:00:00+08:00 --explain "$b" >out
	ok 'nothing is said of it elsewhere' sh -c '! grep -q overlay out'
	policy-test explain --category=gas --severity=general reg/policy >out
	like "$(cat out)" 'rest-7d: taken'
	like "$(cat out)" 'reg/policy/policy\.d/T01-GAS\.yaml:5: where T01-GAS leads from 2026-03-01 to 2026-12-31: due within 60h instead of 7d; limit ack'
	policy-test explain --category=gas --severity=minor reg/policy >out
	like "$(cat out)" 'T01-GAS\.yaml:16: where T01-GAS leads .*: limit ack added, from assign to accept within 30m, else remind owner$'
	policy-test explain --emergency=yes reg/policy >out
	ok 'a rule that it is not about' sh -c '! grep -q T01-GAS out'
}

swept() {
	office reg
	gas
	a=$(add 2026-03-02T08:00:00+08:00)
	b=$(add 2026-03-02T08:00:00+08:00 990101001001 general fire)
	hazard-update -q --now=2026-03-02T09:00:00+08:00 assign --owner=T01-E1 --person=T01-O2 "$a"
	hazard-update -q --now=2026-03-02T09:00:00+08:00 assign --owner=T01-E1 "$b"
	hazard-escalate -q --now=2026-03-02T09:59:59+08:00
	is "$(did "$a")" ''
	hazard-escalate -q --now=2026-03-02T13:00:00+08:00
	is "$(did "$a")" "remind  rest-7d/ack/202603020900/0@owner
remind  rest-7d/look/202603020800/0@parent" 'limits, shorter and new'
	hazard-update -q --now=2026-03-02T14:00:00+08:00 accept "$a" "$b"
	# an added rung has a number of its own; those of the rule keep theirs
	hazard-escalate -q --now=2026-03-04T08:30:00+08:00
	is "$(did "$a" | tail -n +3)" "remind  rest-7d/1/202603042000/0@owner
remind  rest-7d/+1/202603042000/0@parent" 'rungs'
	hazard-escalate -q --now=2026-03-04T20:00:00+08:00
	is "$(did "$a" | tail -n 1)" 'escalate township rest-7d/2/202603042000/0'
	like "$(gridctl cat events)" 'rest-7d/2/202603042000/0,.*县燃气办一平台一方案' 'the ground is recorded'
	is "$(did "$b")" ''
	record >before
	hazard-escalate -q --now=2026-03-04T20:10:00+08:00
	record >after
	same before after
	hazard-list --now=2026-03-03T14:00:00+08:00 --columns=light --as-of=2026-03-03T14:00:00+08:00 --match="hazard=/^$a\$/" >out
	is "$(tail -n 1 out)" yellow 'half of the time is used'
	hazard-list --now=2026-03-03T13:59:00+08:00 --columns=light --as-of=2026-03-03T13:59:00+08:00 --match="hazard=/^$a\$/" >out
	is "$(tail -n 1 out)" green
}

gates() {
	office reg
	gas
	a=$(add 2026-03-02T08:00:00+08:00)
	status 3 hazard-update --now=2026-03-02T09:00:00+08:00 assign --owner=T01-E1 "$a"
	has err "assign must fix person too (rule rest-7d, escalation.yaml:11, policy.d/T01-GAS.yaml:5)"
	hazard-update -q --now=2026-03-02T09:00:00+08:00 assign --owner=T01-E1 --person=T01-O2 "$a"
	status 3 hazard-update --now=2026-03-04T08:00:00+08:00 extend --due=2026-03-06T08:00:00+08:00 --reason=等配件 --actor=T01-O3 "$a"
	like "$(cat err)" 'extend is asked too late: by 2026-03-03T20:00:00\+08:00 \(rule rest-7d, escalation\.yaml:11, policy\.d/T01-GAS\.yaml:5\)'
	status 3 hazard-update --now=2026-03-03T08:00:00+08:00 extend --due=2026-03-06T08:00:00+08:00 --reason=等配件 "$a"
	like "$(cat err)" 'may be taken by leader'
	status 0 hazard-update --now=2026-03-03T08:00:00+08:00 extend --due=2026-03-06T08:00:00+08:00 --reason=等配件 --actor=T01-O3 "$a"
	status 3 hazard-update --now=2026-03-03T09:00:00+08:00 extend --due=2026-03-07T08:00:00+08:00 --reason=再等 --actor=T01-O3 "$a"
	has err 'was extended 1 time already'
	status 0 hazard-update --now=2026-03-03T10:00:00+08:00 rectify "$a"
	status 3 hazard-update --now=2026-03-03T11:00:00+08:00 recheck --result=pass --verifier=T01-O1 "$a"
	has err 'rectified hazard'
	status 0 hazard-update --now=2026-03-03T11:00:00+08:00 recheck --result=pass --verifier=T01-O3 "$a"
	status 3 hazard-update --now=2026-03-03T12:00:00+08:00 close "$a"
	has err 'close needs evidence of the phase sign first'
}

# refused LINE:COLUMN TEXT: the entry on standard input loosens something; lint and put say where
refused() {
	sed 's/^/  /' >entry
	{ echo tighten:; cat entry; } >new/policy.d/T01-GAS.yaml
	status 1 policy-test lint new
	is "$(head -n 1 out)" "new/policy.d/T01-GAS.yaml:$1: $2"
	status 3 gridctl put --now=2026-03-01T09:00:00+08:00 policy new
	is "$(head -n 1 err)" "new/policy.d/T01-GAS.yaml:$1: $2"
}

loosening() {
	office reg
	base
	sed -i 's/^  - id: rest-7d/&\n    extend: {max: 2, before: 1d, total: 10d, by: [leader, dispatcher]}\n    handovers: {over: 3, do: escalate}\n    close: {needs: [after], acceptors: {min: 2}}/' new/escalation.yaml
	gridctl put -q --now=2026-03-01T08:30:00+08:00 policy new
	record >before
	only='an overlay may only tighten'
	refused 3:19 "within: 8d is longer than the 7d of rule \"rest-7d\" (escalation.yaml:11); $only: write at most 7d" <<-'END'
		- rules: [rest-7d]
		  due: {within: 8d}
	END
	refused 3:19 "within: 7wd may be longer than the 7d of rule \"rest-7d\" (escalation.yaml:11), as the calendar has it; write at most 7d, in that unit" <<-'END'
		- rules: [rest-7d]
		  due: {within: 7wd}
	END
	refused 3:19 "within: 169h may be longer than the 7d of rule \"rest-7d\" (escalation.yaml:11), as the calendar has it; write at most 7d, in that unit" <<-'END'
		- rules: [rest-7d]
		  due: {within: 169h}
	END
	refused 3:29 "from: found \"assigned\", and the time of rule \"rest-7d\" (escalation.yaml:11) counts from reported; leave it out" <<-'END'
		- rules: [rest-7d]
		  due: {within: 3d, from: assigned}
	END
	refused 3:32 "within: 2d is longer than the 1d of rule \"rest-7d\" (escalation.yaml:11); $only: write at most 1d" <<-'END'
		- rules: [rest-7d]
		  limits: [{id: ack, within: 2d}]
	END
	refused 3:42 "miss: what happens when limit \"ack\" of rule \"rest-7d\" (escalation.yaml:18) is missed stays as it is; leave it out, or add a limit of another id" <<-'END'
		- rules: [rest-7d]
		  limits: [{id: ack, within: 2h, miss: {do: notice, notice: advice}}]
	END
	refused 3:31 "until: found \"rectify\", and limit \"ack\" of rule \"rest-7d\" (escalation.yaml:18) ends with accept; leave it out, or add a limit of another id" <<-'END'
		- rules: [rest-7d]
		  limits: [{id: ack, until: rectify, from: assign, within: 2h}]
	END
	refused 3:19 "rule \"rest-7d\" (escalation.yaml:11) has no limit \"akc\"; a new one needs from and until" <<-'END'
		- rules: [rest-7d]
		  limits: [{id: akc, within: 2h}]
	END
	refused 3:19 "max: 3 is more than the 2 of rule \"rest-7d\" (escalation.yaml:11); $only: write at most 2" <<-'END'
		- rules: [rest-7d]
		  extend: {max: 3}
	END
	refused 3:22 "before: 12h may be less than the 1d of rule \"rest-7d\" (escalation.yaml:11); $only: write at least 1d" <<-'END'
		- rules: [rest-7d]
		  extend: {before: 12h}
	END
	refused 3:21 "total: 11d is longer than the 10d of rule \"rest-7d\" (escalation.yaml:11); $only: write at most 10d" <<-'END'
		- rules: [rest-7d]
		  extend: {total: 11d}
	END
	refused 3:19 "by: \"clerk\" may not grant an extension by rule \"rest-7d\" (escalation.yaml:11); an overlay may only take roles away" <<-'END'
		- rules: [rest-7d]
		  extend: {by: [clerk]}
	END
	refused 3:23 "over: 4 is more than the 3 of rule \"rest-7d\" (escalation.yaml:11); $only: write at most 3" <<-'END'
		- rules: [rest-7d]
		  handovers: {over: 4}
	END
	refused 3:30 "min: 1 is fewer than the 2 of rule \"rest-7d\" (escalation.yaml:11); $only: write at least 2" <<-'END'
		- rules: [rest-7d]
		  close: {acceptors: {min: 1}}
	END
	refused 2:22 "yellow: 90 comes later than the 80 of policy.yaml; an overlay may only warn earlier" <<-'END'
		- lights: {yellow: 90}
	END
	refused 3:10 "due: rule \"watch\" (escalation.yaml:5) has no due date; add from: reported, found, assigned or tier" <<-'END'
		- rules: [watch]
		  due: {within: 8d}
	END
	refused 3:12 "rungs: rule \"watch\" (escalation.yaml:5) has no due date; give it one with due" <<-'END'
		- rules: [watch]
		  rungs: [{at: due, do: remind}]
	END
	refused 3:13 "rungs: rule \"rest-7d\" has this rung already (escalation.yaml:21); leave it out" <<-'END'
		- rules: [rest-7d]
		  rungs: [{at: due-20%, do: remind, notice: reminder}]
	END
	refused 2:13 "rules: \"rest-8d\" is not one of emergency, watch, minor-same-day, rest-7d; did you mean \"rest-7d\"?" <<-'END'
		- rules: [rest-8d]
		  due: {within: 1d}
	END
	record >after
	same before after
}

names() {
	office reg
	base
	echo 'tighten: [{rules: [rest-7d], due: {within: 3d}}]' >new/policy.d/T01-GAS.yaml
	for wrong in gas.yaml T01-GAS.yml README T01-GAS.yaml.old .T01 'T01 GAS.yaml' sub/T01-GAS.yaml; do
		mkdir -p "new/policy.d/$(dirname "$wrong")"
		echo x: >"new/policy.d/$wrong"
		case $wrong in
		.T01)	;;		# names that begin with a dot are no policy anywhere
		*)
			status 3 gridctl put --now=2026-03-01T09:00:00+08:00 policy new
			is "$(head -n 1 err)" "new/policy.d/$wrong: is no overlay of an organ; policy.d/ holds only files CODE.yaml, named by the code of an organ (organs.csv), which begins with a capital letter or a digit: rename it, or move it elsewhere"
			;;
		esac
		rm -rf "new/policy.d/$wrong" new/policy.d/sub
	done
	# a code that is no organ's
	mv new/policy.d/T01-GAS.yaml new/policy.d/T01-GSA.yaml
	status 3 gridctl put --now=2026-03-01T09:00:00+08:00 policy new
	is "$(head -n 1 err)" 'new/policy.d/T01-GSA.yaml: organs.csv has no organ T01-GSA; did you mean T01-GAS? name the file by the code of an organ, or put the organ first'
	status 1 policy-test lint new
	like "$(cat out)" 'new/policy\.d/T01-GSA\.yaml:1:1: the register has no organ T01-GSA'
	# one that leads nothing, units that are not there
	mv new/policy.d/T01-GSA.yaml new/policy.d/T01-E1.yaml
	cat >new/policy.d/T01-GAS.yaml <<-'END'
		tighten:
		  - {scope: {grids: ["990101009"]}, rules: [rest-7d], due: {within: 12h}}
		  - {rules: [rest-7d], limits: [{id: recheck, within: 10d}]}
	END
	status 1 policy-test lint --now=2026-03-01T09:00:00+08:00 new
	like "$(cat out)" 'T01-E1\.yaml:1:1: T01-E1 \(committee\) leads no category, so the overlay holds for no hazard'
	like "$(cat out)" 'T01-GAS\.yaml:2:22: grids: the register has no unit "990101009"'
	like "$(cat out)" 'T01-GAS\.yaml:2:69: the due time of rule "rest-7d" becomes 12h, shorter than its limit "ack", 1d \(escalation\.yaml:15\); shorten the limit here too'
	like "$(cat out)" 'T01-GAS\.yaml:3:5: warning: the entry tightens nothing'
}

# The organ of an overlay ends, goes, or comes back: both ways in say the same.
organ_ends() {
	office reg
	overlay T01-GAS 2026-03-01T08:00:00+08:00 <<-'END'
		tighten: [{rules: [rest-7d], due: {within: 3d}}]
	END
	now=--now=2026-03-02T09:00:00+08:00
	ends='organ T01-GAS ends on 2026-06-30, so its overlay holds for nothing that is reported later; say `to: 2026-06-30`, and give one to the organ that follows'
	gridctl get organs >organs
	status 0 gridctl put $now organs organs
	empty out
	is "$(grep -c overlay err)" 0 'nothing is said of an organ that stays'
	# it goes
	grep -v T01-GAS organs >without
	cp reg/journal.csv before
	status 3 gridctl put $now organs without
	has err 'without: organ T01-GAS would go, and a committed policy has an overlay of it, policy.d/T01-GAS.yaml; keep the row and end it (valid_to)'
	same before reg/journal.csv
	# it ends
	col=$(head -n 1 organs | tr , '\n' | grep -n '^valid_to$' | cut -d: -f1)
	awk -F, -v OFS=, -v c="$col" '/T01-GAS/ { $c = "2026-06-30" } { print }' organs >ended
	status 0 gridctl put $now organs ended
	has err "warning: ended: policy/policy.d/T01-GAS.yaml: $ends"
	status 0 gridctl put $now organs ended
	is "$(grep -c overlay err)" 0 'said once'
	cp -r reg/policy new
	rm -rf new/tests
	sed -i '1i # again' new/policy.d/T01-GAS.yaml
	status 0 gridctl put $now policy new
	has err "warning: new/policy.d/T01-GAS.yaml: $ends"
	status 1 policy-test lint $now new
	has out "new/policy.d/T01-GAS.yaml:2:1: warning: $ends"
	# one that ends with it is as it should be
	sed -i '1s/.*/to: 2026-06-30/' new/policy.d/T01-GAS.yaml
	status 0 gridctl put $now policy new
	is "$(grep -c 'ends on' err)" 0 'warnings'
	status 1 policy-test lint $now new
	is "$(grep -c 'ends on' out)" 0 'findings'
	status 0 gridctl set $now --reason=撤并 organs T01-GAS valid_to=2026-05-31
	has err 'organ T01-GAS ends on 2026-05-31, so its overlay'
	status 0 gridctl set $now --reason=撤并 organs T01-GAS valid_to=
	is "$(grep -c 'ends on' err)" 0 'warnings'
	# without the overlay: hazards may be pinned to the version that had it
	rm -rf new/policy.d
	status 0 gridctl put $now policy new
	status 3 gridctl put $now organs without
	has err 'organ T01-GAS would go'
}

pinned() {
	office reg
	gas
	a=$(add 2026-03-02T08:00:00+08:00)
	overlay T01-GAS 2026-03-02T09:00:00+08:00 <<-'END'
		tighten: [{rules: [rest-7d], due: {within: 24h}}]
	END
	b=$(add 2026-03-02T10:00:00+08:00)
	now=2026-03-02T11:00:00+08:00
	is "$(due "$a" $now)" 2026-03-04T20:00:00+08:00 'the version it was reported under'
	is "$(due "$b" $now)" 2026-03-03T10:00:00+08:00
	hazard-show --now=$now --explain "$a" >out
	like "$(cat out)" 'overlay .*due within 60h'
	# without the folder, and back
	cp -r reg/policy new2
	rm -rf new2/tests new2/policy.d
	gridctl put -q --now=2026-03-02T12:00:00+08:00 policy new2
	c=$(add 2026-03-02T13:00:00+08:00)
	is "$(due "$c" $now)" 2026-03-10T00:00:00+08:00
	is "$(due "$a" $now)" 2026-03-04T20:00:00+08:00
	gridctl repin -q --now=2026-03-02T14:00:00+08:00 --actor=T01-O3 --reason=统一 "$a" || gridctl repin --help
	is "$(due "$a" 2026-03-02T14:00:00+08:00)" 2026-03-10T00:00:00+08:00 'repinned'
	# the index is no part of it
	hazard-list --now=$now --columns=hazard,due >before
	rm -rf reg/.index
	hazard-list --now=$now --columns=hazard,due >after
	same before after
	# edited in place it changes nothing, and is told
	mkdir -p reg/policy/policy.d
	echo 'tighten: [{rules: [rest-7d], due: {within: 1h}}]' >reg/policy/policy.d/T01-GAS.yaml
	hazard-escalate --now=2026-03-02T15:00:00+08:00 >out 2>err
	hazard-list --now=$now --columns=hazard,due >after
	same before after
	gridctl check --now=2026-03-02T15:00:00+08:00 >out 2>err || :
	like "$(cat out err)" 'policy\.d/T01-GAS\.yaml'
}

pilot() {
	office reg
	overlay T01-GAS 2026-03-01T08:00:00+08:00 <<-'END'
		tighten:
		  - rules: [rest-7d]
		    due: {within: 5d}
		  - rules: [rest-7d]
		    basis: 东镇试点
		    scope: {grids: ["990101001"], from: 2026-03-05, to: 2026-03-31}
		    due: {within: 3d}
	END
	a=$(add 2026-03-04T08:00:00+08:00 990101001001)
	b=$(add 2026-03-05T08:00:00+08:00 990101001001)
	c=$(add 2026-03-05T08:00:00+08:00 990101002001)
	now=2026-03-05T09:00:00+08:00
	is "$(due "$a" $now)" 2026-03-10T00:00:00+08:00 'before the pilot'
	is "$(due "$b" $now)" 2026-03-09T00:00:00+08:00 'in the pilot'
	is "$(due "$c" $now)" 2026-03-11T00:00:00+08:00 'elsewhere'
	hazard-show --now=$now --explain "$b" >out
	like "$(cat out)" 'basis .*东镇试点'
	is "$(grep -c 'overlay ' out)" 2
}

# A task force leads for the length of a campaign: duties with dates, and an overlay of its own.
taskforce() {
	office reg
	gridctl get organs >organs.csv
	gridctl put -q --now=2026-03-01T08:10:00+08:00 organs - <<-'END'
		organ,kind,level,grid,parent,valid_from,name
		T01-GOV,government,county,990101,,2020-01-01,县政府
		T01-FIRE,fire,county,990101,T01-GOV,2020-01-01,县消防大队
		T01-GAS,gas,county,990101,T01-GOV,2020-01-01,县燃气办
		T01-E,government,township,990101001,T01-GOV,2020-01-01,东镇政府
		T01-W,government,township,990101002,T01-GOV,2020-01-01,西镇政府
		T01-E1,committee,village,990101001001,T01-E,2020-01-01,东镇桥村村委会
		T01-TF,taskforce,county,990101,T01-GOV,2020-01-01,大平安专班
	END
	sed -i 's/\(id: fire, .*\)duty: \[{lead: fire[^}]*}\]/\1duty: [{lead: fire, to: 2026-03-14}, {lead: taskforce, from: 2026-03-15, to: 2026-04-30}, {lead: fire, from: 2026-05-01}]/' reg/policy/policy.yaml
	ok 'the duty is dated' grep -q 'lead: taskforce' reg/policy/policy.yaml
	overlay T01-TF 2026-03-01T08:30:00+08:00 <<-'END'
		tighten: [{rules: [rest-7d], due: {within: 2d}}]
	END
	a=$(add 2026-03-14T23:00:00+08:00 990101001001 general fire)
	b=$(add 2026-03-15T00:00:00+08:00 990101001001 general fire)
	c=$(add 2026-03-15T00:00:00+08:00 990101001001 general gas)
	now=2026-03-15T09:00:00+08:00
	is "$(due "$a" $now)" 2026-03-22T00:00:00+08:00
	is "$(due "$b" $now)" 2026-03-18T00:00:00+08:00
	is "$(due "$c" $now)" 2026-03-23T00:00:00+08:00
}

taken_id() {
	office reg
	base
	sed -i 's/{id: ack, from/{id: handovers-1, from/' new/escalation.yaml
	status 3 gridctl put --now=2026-03-01T09:00:00+08:00 policy new
	is "$(head -n 1 err)" 'new/escalation.yaml:15:14: limit id "handovers-1" is what the keys of events call too many hand-overs; choose another one'
	sed -i 's/handovers-1/handovers-soon/' new/escalation.yaml
	status 0 gridctl put --now=2026-03-01T09:00:00+08:00 policy new
}

# Enough hazards for several threads: each has the due time of its own category, counted here by awk.
many() {
	office reg
	gas
	awk 'BEGIN {
		split("990101001001 990101001002 990101002001 990101002002", grid)
		split("gas fire electrical gas gas", category)
		print "ref,reported_at,grid,category,severity,source,description"
		for (i = 1; i <= 20000; i++)
			printf "r%d,2026-03-%02d 08:00,%s,%s,general,patrol,第%d处\n", i, 2 + i % 20, grid[1 + i * 7 % 4], category[1 + i % 5], i
	}' >rows.csv
	hazard-add -q --now=2026-03-25T08:00:00+08:00 rows.csv >/dev/null
	hazard-list --now=2026-03-25T08:00:00+08:00 --columns=ref,due | tail -n +2 | LC_ALL=C sort >got
	awk 'BEGIN {
		split("gas fire electrical gas gas", category)
		for (i = 1; i <= 20000; i++) {
			day = 2 + i % 20
			if (category[1 + i % 5] == "gas")
				printf "r%d,2026-03-%02dT20:00:00+08:00\n", i, day + 2
			else
				printf "r%d,2026-03-%02dT00:00:00+08:00\n", i, day + 8
		}
	}' | LC_ALL=C sort >want
	same want got
}

t 'the due time of what the organ leads is shorter' shorter
t 'explain says what tightened it' explained
t 'the sweep goes by it' swept
t 'gates are those of the rule and of the overlay' gates
t 'a loosening is refused, with its place' loosening
t 'file names, and organs that are not there' names
t 'a hazard keeps the overlay it was reported under' pinned
t 'entries for some units and days' pilot
t 'a task force leads for a time' taskforce
t 'many hazards, by several threads' many
t 'a limit may not be called like hand-overs' taken_id
t 'an organ ends or goes while it has an overlay' organ_ends
plan
