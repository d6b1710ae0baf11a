#!/bin/sh
# SPDX-License-Identifier: MIT
# policy-test: run, replay, explain, dot, and that it writes nothing.  (lint: policy-test-lint.sh)
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need policy-test gridctl hazard-add hazard-list hazard-update

# A pack to spoil.
pack() {
	cp -r "$top/data-schemas/places/default" pol
	chmod -R u+w pol
}

# The masters of all cases below.
head_of_test() {
	cat <<-'END'
		masters:
		  grids:
		    - {grid: "990101", level: county, name: 晴川县}
		    - {grid: "990101001", parent: "990101", level: township, name: 东镇}
		    - {grid: "990101001001", parent: "990101001", level: village, name: 桥村}
		  organs:
		    - {organ: T01-GOV, kind: government, level: county, grid: "990101", name: 县政府}
		    - {organ: T01-E, kind: government, level: township, grid: "990101001", parent: T01-GOV, name: 东镇政府}
		    - {organ: T01-FIRE, kind: fire, level: county, grid: "990101", name: 县消防大队}
		  officers:
		    - {officer: T01-O1, organ: T01-GOV, name: 甲一}
		    - {officer: T01-O2, organ: T01-E, name: 乙二}
		  posts:
		    - {post: T01-P1, officer: T01-O1, role: dispatcher, grid: "990101", organ: T01-GOV}
		    - {post: T01-P2, officer: T01-O2, role: grid-officer, grid: "990101001001", organ: T01-E}
		cases:
	END
}

places_pass() {
	for place in "$top"/data-schemas/places/*; do
		found=0
		for file in "$place"/tests/*.test.yaml; do
			ok "$place has a test" test -s "$file"
			found=$((found + 1))
			status 0 policy-test run "$file"
			unlike "$(cat out)" '^not ok'
			like "$(tail -n 1 out)" '^1\.\.([3-9]|[1-9][0-9])$'
		done
		isnt "$found" 0 "$place"
		status 0 policy-test lint "$place"
	done
}

passes() {
	pack
	mkdir -p pol/tests tmp
	rm -f pol/tests/*
	{
		head_of_test
		cat <<-'END'
			  - name: one
			    timeline:
			      - {at: 2026-03-02 09:00, add: {ref: a, grid: "990101001001", severity: general, category: fire, description: 通道堆物}}
			      - {at: 2026-03-02 09:00, expect: {state: 待交办, due: 2026-03-10, rule: rest-7d, overdue: no, owner: none}}
			  - name: two
			    timeline:
			      - {at: 2026-03-02 09:00, add: {ref: a, grid: "990101001001", severity: minor, category: fire, description: 灭火器过期}}
			      - {at: 2026-03-02 09:00, by: T01-O2, step: {step: assign, owner: T01-FIRE}, refused: yes}
			      - {at: 2026-03-02 09:00, expect: {state: reported}}
		END
	} >pol/tests/a.test.yaml
	status 0 env TMPDIR="$PWD/tmp" policy-test run pol/tests/a.test.yaml
	same - out <<-'END'
		ok 1 - one
		ok 2 - two
		1..2
	END
	empty err
	status 0 policy-test run --filter=tw pol/tests/a.test.yaml
	is "$(head -n 1 out)" 'ok 1 - two'
	status 1 policy-test run --filter=three pol/tests/a.test.yaml
	has err 'no case has such a name'
	sed 's/^masters:/place: default\nmasters:/' pol/tests/a.test.yaml >b
	policy-test run - <b >out
	is "$(tail -n 1 out)" 1..2
	is "$(ls -A tmp)" '' 'scratch registers'
}

# A step is taken back by its name: its last event that stands, and what hung on it goes with it.
retracts() {
	pack
	rm -f pol/tests/*
	{
		head_of_test
		cat <<-'END'
			  - name: one
			    timeline:
			      - {at: 2026-03-02 09:00, add: {ref: a, grid: "990101001001", severity: general, category: fire, description: 通道堆物}}
			      - {at: 2026-03-02 09:10, step: {step: assign, owner: T01-FIRE}}
			      - {at: 2026-03-02 09:20, step: {step: accept}}
			      - {at: 2026-03-02 09:30, step: {step: retract, key: assign, reason: 误派}, refused: accept}
			      - {at: 2026-03-02 09:30, step: {step: retract, key: accept, reason: 误点}}
			      - {at: 2026-03-02 09:30, expect: {state: assigned, owner: T01-FIRE}}
			      - {at: 2026-03-02 09:40, step: {step: assign, owner: T01-E}}
			      - {at: 2026-03-02 09:40, expect: {state: assigned, owner: T01-E}}
			      - {at: 2026-03-02 09:50, step: {step: 撤回, key: 交办, reason: 误派}}
			      - {at: 2026-03-02 09:50, expect: {state: assigned, owner: T01-FIRE}}
			      - {at: 2026-03-02 10:00, step: {step: retract, key: assign, reason: 误派}}
			      - {at: 2026-03-02 10:00, expect: {state: reported, owner: none}}
			      - {at: 2026-03-02 10:10, step: {step: retract, key: assign}, refused: no step assign of this hazard stands}
			      - {at: 2026-03-02 10:10, step: {step: retract, key: assing}, refused: event assing is not one of hazard}
			      - {at: 2026-03-05 09:00, sweep: yes}
			      - {at: 2026-03-05 09:00, expect: {acts: []}}
		END
	} >pol/tests/a.test.yaml
	status 0 policy-test run pol/tests/a.test.yaml
	is "$(cat out)" "ok 1 - one
1..1"
}

# Masters from a directory of tables, the policy from one that is named; a policy that is wrong.
elsewhere() {
	pack
	demo=$top/data-schemas/places/yongren/demo
	grid=$(awk -F, '$3 == "basegrid" { print $1; exit }' "$demo/grids.csv")
	mkdir cases
	cat >cases/a.test.yaml <<-END
		place: ../pol
		office: Y01
		masters: $demo
		cases:
		  - name: there
		    timeline:
		      - {at: 2026-03-02 09:00, add: {ref: a, grid: "$grid", severity: general, category: fire, place: 门口, description: 通道堆物}}
		      - {at: 2026-03-02 09:00, expect: {due: 2026-03-10, tier: basegrid}}
	END
	status 0 policy-test run cases/a.test.yaml
	sed -i 's/^place: .*/place: yongren/' cases/a.test.yaml
	status 1 policy-test run cases/a.test.yaml
	has out 'due: expected 2026-03-10, found 2026-03-03T09:00:00+08:00'
	sed -i 's#masters: .*#masters: none#' cases/a.test.yaml
	status 1 policy-test run cases/a.test.yaml
	has out 'cases/a.test.yaml:3:10: masters: there is no cases/none/grids.csv'
	sed -i 's/^place: .*/place: ..\/pol/' cases/a.test.yaml
	sed -i 's/within: 7d/wihtin: 7d/' pol/escalation.yaml
	status 3 policy-test run cases/a.test.yaml
	has err 'unknown key "wihtin"'
	has err 'the policy under test has errors'
}

differs() {
	pack
	mkdir -p pol/tests tmp
	{
		head_of_test
		cat <<-'END'
			  - name: wrong
			    timeline:
			      - {at: 2026-03-02 09:00, add: {ref: a, grid: "990101001001", severity: general, category: fire, description: 通道堆物}}
			      - {at: 2026-03-02 09:10, step: {step: assign, owner: T01-FIRE}}
			      - {at: 2026-03-02 09:20, step: {step: accept}}
			      - at: 2026-03-02 10:00
			        expect:
			          state: assigned
			          due: 2026-03-11 00:00
			      - {at: 2026-03-10 09:00, sweep: yes}
			      - {at: 2026-03-10 09:00, expect: {acts: [remind], notices: [{kind: supervision, receiver: T01-GOV, hazards: [a]}]}}
			      - {at: 2026-03-10 10:00, step: {step: close}}
		END
	} >pol/tests/a.test.yaml
	status 1 env TMPDIR="$PWD/tmp" policy-test run pol/tests/a.test.yaml
	sed 's/, steps are .*/…/; s/; close may be .*//' out >short
	cat >want <<-'END'
		not ok 1 - wrong
		# pol/tests/a.test.yaml:24:18: a at 2026-03-02T10:00: state: expected assigned, found rectifying
		# pol/tests/a.test.yaml:25:16: a at 2026-03-02T10:00: due: expected 2026-03-11 00:00, found 2026-03-10T00:00:00+08:00
		# pol/tests/a.test.yaml:27:66: notices at 2026-03-10T09:00: expected (-) and found (+):
		#   - {kind: supervision, receiver: T01-GOV, hazards: [a]}
		#   + {kind: supervision, receiver: T01-FIRE, issuer: T01-E, hazards: [a]}
		# pol/tests/a.test.yaml:27:47: acts at 2026-03-10T09:00: expected (-) and found (+):
		#   - remind a
		#   + escalate a
		# pol/tests/a.test.yaml:28:38: is refused:
		#   pol/tests/a.test.yaml:28: hazard T01-H2026-000001 is rectifying
		1..1
	END
	sed -i 's/ is rectifying.*/ is rectifying/' short
	same want short
	has err '1 of 1 cases failed'
	is "$(ls -A tmp)" '' 'scratch registers'
}

# Test files that are wrong: status 3 and the place.
bad() {
	printf '%s\n' "$2" | sed 's/|/\n/g' >bad.yaml
	{ head_of_test; cat bad.yaml; } >pol/tests/a.test.yaml
	status "$1" policy-test run pol/tests/a.test.yaml
	cat out err >said
	has said "$3"
}

bad_tests() {
	pack
	add='{at: 2026-03-02 09:00, add: {ref: a, grid: "990101001001", severity: general, category: fire, description: x}}'
	bad 3 '  - nam: x|    timeline: []' 'a.test.yaml:17:5: unknown key "nam"; did you mean "name"?'
	bad 1 "  - name: x|    timeline:|      - $add|      - {at: 2026-03-02 08:00, sweep: yes}" 'a.test.yaml:20:14: at: 2026-03-02 08:00 is before the entry above it'
	bad 1 '  - name: x|    timeline:|      - {at: 2026-02-30 08:00, sweep: yes}' 'a.test.yaml:19:14: at: "2026-02-30 08:00" is not a time'
	bad 1 '  - name: x|    timeline:|      - {at: 2026-02-20 08:00, sweep: yes, expect: {state: x}}' 'a.test.yaml:19:9: an entry has one of add, step, measure, sweep, expect; found several'
	bad 1 "  - name: x|    timeline:|      - $add|      - {at: 2026-03-02 09:00, expect: {sate: x}}" 'a.test.yaml:20:41: "sate" is not a column of hazard-list; did you mean state?'
	bad 1 "  - name: x|    timeline:|      - $add|      - {at: 2026-03-02 09:00, expect: {hazard: b, state: x}}" 'a.test.yaml:20:49: hazard: no hazard of this case has the ref "b"'
	bad 1 "  - name: x|    timeline:|      - $add|      - {at: 2026-03-02 09:00, step: {step: assign, ownr: T01-FIRE}}" 'a.test.yaml:20:53: "ownr" is not a column of a step; did you mean owner?'
	bad 1 "  - name: x|    timeline:|      - $add|      - {at: 2026-03-02 09:00, step: {step: assign, owner: T01-FIRE}, refused: never}" 'a.test.yaml:20:80: was taken; expected to be refused'
	sed -i 's/^    - {officer: T01-O2, organ: T01-E, /    - {officer: T01-O2, organ: T01-X, /' pol/tests/a.test.yaml
	status 1 policy-test run pol/tests/a.test.yaml
	has out '# pol/tests/a.test.yaml:12: organ: no organ "T01-X"'
	status 2 policy-test run
	status 4 policy-test run no-such.test.yaml
	printf 'masters: none\nplace: nowhere\ncases: [{name: x, timeline: [{at: 2026-03-02, sweep: yes}]}]\n' >a.test.yaml
	status 2 policy-test run a.test.yaml
	has err 'there is no place "nowhere"'
}

replays() {
	office reg
	hazards
	cp -r reg before
	pack
	status 0 policy-test replay -C reg --now=2026-03-11T08:00:00+08:00 pol
	is "$(cat out)" 'hazard,field,was,would-be'
	has err '0 of 6 hazards would change: state 0, rule 0, due 0, overdue 0, next_rung 0'
	sed -i 's/within: 7d, from: reported/within: 10d, from: reported/' pol/escalation.yaml
	status 0 policy-test replay -C reg --now=2026-03-11T08:00:00+08:00 pol
	same - out <<-'END'
		hazard,field,was,would-be
		T01-H2026-000001,due,2026-03-10T00:00:00+08:00,2026-03-13T00:00:00+08:00
		T01-H2026-000001,overdue,yes,
		T01-H2026-000001,next_rung,supervise:county,escalate:township
		T01-H2026-000002,due,2026-03-10T00:00:00+08:00,2026-03-13T00:00:00+08:00
		T01-H2026-000002,overdue,yes,
		T01-H2026-000002,next_rung,supervise:county,escalate:township
		T01-H2026-000005,due,2026-03-10T00:00:00+08:00,2026-03-13T00:00:00+08:00
		T01-H2026-000005,overdue,yes,
		T01-H2026-000005,next_rung,supervise:county,escalate:township
		T01-H2026-000006,due,2026-03-10T00:00:00+08:00,2026-03-13T00:00:00+08:00
		T01-H2026-000006,overdue,yes,
		T01-H2026-000006,next_rung,supervise:county,escalate:township
	END
	has err '4 of 6 hazards would change'
	hazard-update rectify -q --now=2026-03-03T08:00:00+08:00 T01-H2026-000001
	sed -i 's/rectified\b/mended/g' pol/workflow.yaml
	sed -i 's/of: mended/of: rectified/' pol/policy.yaml
	status 0 policy-test replay -q -C reg --now=2026-03-11T08:00:00+08:00 pol
	has out 'T01-H2026-000001,state,rectified,'
	status 2 policy-test replay -C reg
	status 2 env -u GRIDLEDGER_DIR policy-test replay pol
}

explains() {
	status 0 policy-test explain --severity=一般 --category=液化气 default
	sed 's/.*escalation.yaml/escalation.yaml/' out >short
	same - short <<-'END'
		a hazard with severity general (一般隐患), category gas (燃气)
		escalation.yaml:2: rule emergency: no, emergency is no, the rule is for yes
		escalation.yaml:9: rule major-90d: no, severity is general (一般隐患), the rule is for major (重大隐患)
		escalation.yaml:26: rule minor-same-day: no, severity is general (一般隐患), the rule is for minor (小隐患)
		escalation.yaml:32: rule rest-7d: taken
		  basis: 一般事故隐患限期整改,逾期督办
		  due: 7d, from reported
		  limit ack: from assign to accept within 1d, else remind owner
		  limit recheck: from rectify to recheck within 10d, else remind owner
		  rung 1, with 20% of the time left: remind owner, notice reminder (催办单)
		  rung 2, when due: escalate to parent, notice supervision (督办函), again after 3d and then every 7d
		  rung 3, 30d after due: supervise by top, notice listed (挂牌督办通知书)
	END
	status 2 policy-test explain --category=gass default
	has err 'category: "gass" is not one of'
	has err 'did you mean gas?'
	status 2 policy-test explain --emergency=perhaps default
	status 2 policy-test explain
	cp -r "$top/data-schemas/places/default" pol
	(cd pol && status 0 policy-test explain && has out './escalation.yaml:32: rule rest-7d: taken')
}

draws() {
	for place in bicheng default guali taian xianyou yongren; do
		for labels in zh id; do
			status 0 policy-test dot --labels=$labels $place
			mv out flow-$place-$labels.dot
			status 0 policy-test dot --labels=$labels --rules $place
			mv out rules-$place-$labels.dot
		done
	done
	# what an organ asks beyond the rules stands beside each rule that it is about
	cp -r "$top/data-schemas/places/xianyou" tight
	chmod -R u+w tight
	cp -r tight/demo/policy.d tight/
	cat >tight/policy.d/T01-FIRE.yaml <<-'END'
		basis: 消防"专项"
		tighten:
		  - rules: [rest]
		    scope: {grids: ["990105001"], from: 2026-05-01}
		    limits: [{id: look, from: report, until: verify, within: 1d, miss: {do: notice, to: county, notice: reminder}}]
		    handovers: {over: 1}
		    extend: {max: 1, total: 5d, by: [leader]}
		    close: {needs: [after], measures: done, acceptors: {min: 2, not: [owner], organs: [fire]}}
		    plan: {parts: [目标], before: rectify}
		    lights: {yellow: 50, red: 90}
	END
	for labels in zh id; do
		status 0 policy-test dot --labels=$labels --rules tight
		mv out tight-$labels.dot
		status 0 policy-test dot --labels=$labels tight
	done
	is "$(grep -c ' overlay [0-9]*" \[shape=note' tight-zh.dot)" 3 'entries drawn'
	has tight-zh.dot '"1" -> "1 overlay 1" [color="#7a3fb5", arrowhead=none, label="从严"];'
	has tight-zh.dot 'T01-GAS\n“一平台一方案”燃气平台:依法取缔,及时转移液化气罐\n2026-01-01 – 2026-12-31\n限期:12h(原1d)\n限时 receipt:1h(原4h)\n另加 due-2h 催办:上一级\n销号另需证据:整改后"'
	has tight-zh.dot 'T01-FIRE\n消防\"专项\"\n2026-05-01 – \n990105001\n另加限时 look:report → verify 1d,否则发文:县\n催办单\n交接不超过1次\n延期最多1次\n延期累计不超过5d\n延期由其批准:领导干部\n销号另需证据:整改后\n每条措施都要有证据\n验收人至少2名\n责任单位不得验收\n另需其验收:消防救援机构\n方案另需:目标\n须先有方案:问题处置\n黄灯50%、红灯90%"'
	has tight-id.dot 'due within 12h instead of 1d\nlimit receipt within 1h instead of 4h\nrung added, 2h before due: remind parent\nclosing out needs evidence too: after"'
	is "$(grep -c overlay rules-xianyou-zh.dot)" 0
	has flow-yongren-zh.dot '"assigned" -> "rectifying" [label="接收\n不限", style=dashed];'
	has flow-yongren-id.dot '"rectified" -> "rechecked" [label="recheck pass\n'
	has rules-yongren-zh.dot '督办告知单'
	status 2 policy-test dot --labels=en yongren
	command -v dot >/dev/null || skip 'graphviz is not installed: nothing was rendered'
	for file in *.dot; do
		status 0 dot -Tsvg "$file"
		empty err
		has out '</svg>'
	done
}

writes_nothing() {
	office reg
	hazards
	(cd reg && find . -type f -exec sha256sum {} + | LC_ALL=C sort) >was
	chmod -R a-w reg
	policy-test lint -C reg >/dev/null || :
	policy-test replay -q -C reg yongren >/dev/null
	policy-test explain -C reg >/dev/null
	policy-test dot -C reg >/dev/null
	policy-test run reg/policy/tests/*.test.yaml >/dev/null
	chmod -R u+w reg
	(cd reg && find . -type f -exec sha256sum {} + | LC_ALL=C sort) >now
	same was now
}

puts_run_them() {
	office reg
	ok 'init carries the tests' test -s reg/policy/tests/regime.test.yaml
	status 0 gridctl get policy tests/regime.test.yaml
	same "$top/data-schemas/places/default/tests/regime.test.yaml" out
	pack
	sed -i 's/within: 7d, from: reported/within: 6d, from: reported/' pol/escalation.yaml
	status 3 gridctl put --now=2026-03-02T09:00:00+08:00 policy pol
	has err 'pol/tests/regime.test.yaml:'
	has err 'tests of the policy failed; mend the policy, or the test'
	has err 'pol: its own tests fail, nothing was written'
	status 0 gridctl log
	unlike "$(cat out)" 'policy pol'
	rm -r pol/tests
	status 0 gridctl put -q --now=2026-03-02T09:00:00+08:00 policy pol
	mkdir pol/tests
	printf 'cases: [{nam: x}]\n' >pol/tests/a.test.yaml
	status 3 gridctl put --now=2026-03-02T09:00:00+08:00 policy pol
	has err 'pol/tests/a.test.yaml:1:10: unknown key "nam"'
}

# The example of gridledger-policy(5).
manual() {
	{
		echo 'place: default'
		awk '/^\.Sh TESTS/ { near = 1 } near && /^\.Bd/ { on = 1; next } on && /^\.Ed/ { exit } on' "$top/man/gridledger-policy.5"
	} >a.test.yaml
	status 0 policy-test run a.test.yaml
	is "$(tail -n 1 out)" 1..1
}

# The page has every option of every sub-command, and no other.
options() {
	for sub in lint run replay explain dot; do
		policy-test $sub --help | sed -n '/^Options:$/,/^$/s/^  \(-[a-zA-Z], \|    \)--\([a-z-]*\).*/\2/p'
	done | LC_ALL=C sort -u >wanted
	grep -E '^\.(It|Op) Fl' "$top/man/policy-test.1" | grep -oE 'Fl -[a-z-]+' | sed 's/^Fl -//' | LC_ALL=C sort -u >got
	same wanted got
}

sub_commands() {
	status 2 policy-test
	status 2 policy-test lnt
	has err 'did you mean lint?'
	for sub in lint run replay explain dot; do
		status 0 policy-test help $sub
		has out "Usage: policy-test $sub"
	done
	status 0 policy-test --help
	has out 'never writes to a register'
}

t 'the tests of every place pass, and every place is lint-free' places_pass
t 'cases that hold, by file, by name, from standard input' passes
t 'a step is retracted by its name' retracts
t 'masters and policies from elsewhere' elsewhere
t 'cases that fail say where and what' differs
t 'tests that are wrong say where' bad_tests
t 'replay tells which hazards would change' replays
t 'explain goes rule by rule' explains
t 'graphs render' draws
t 'no register is written to' writes_nothing
t 'gridctl carries the tests, and put runs them' puts_run_them
t 'the example of the manual runs' manual
t 'the manual has the options of all sub-commands' options
t 'sub-commands' sub_commands
plan
