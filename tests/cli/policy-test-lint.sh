#!/bin/sh
# SPDX-License-Identifier: MIT
# policy-test lint: every kind of finding, with its place and remedy.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need policy-test gridctl

pack() {
	cp -r "$top/data-schemas/places/default" pol
	chmod -R u+w pol
	rm -rf pol/tests
}

# escalation.yaml from standard input
rules() {
	{ echo 'rules:'; cat; } >pol/escalation.yaml
}

clean() {
	pack
	status 0 policy-test lint pol
	empty out
	has err '0 findings, 0 warnings'
	status 0 policy-test lint -q pol
	empty err
	(cd pol && status 0 policy-test lint)
	status 2 policy-test lint
	status 2 policy-test lint no-such-place
	status 2 policy-test lint pol pol
}

# What gridctl put policy refuses is told the same way, and is a finding.
loader() {
	pack
	rules <<-'END'
		  - {id: a, when: {severity: general}, due: {wihtin: 1d, from: reported}}
		  - id: rest
		    due: {within: 7d, from: reported}
		    limits: [{id: x, from: asign, until: accept, within: 1h}]
	END
	status 1 policy-test lint pol
	has out 'pol/escalation.yaml:2:46: unknown key "wihtin"; did you mean "within"?'
	sed -i 's/wihtin/within/' pol/escalation.yaml
	status 1 policy-test lint pol
	has out 'pol/escalation.yaml:5:28: from: "asign" is not one of'
	has out 'did you mean "assign"?'
}

unreachable() {
	pack
	rules <<-'END'
		  - {id: heavy, when: {severity: [general, major]}, due: {within: 1d, from: reported}}
		  - {id: light, when: {severity: minor}, due: {within: 1d, from: reported}}
		  - {id: gas, when: {category: gas}, due: {within: 1h, from: reported}}
		  - {id: rest, due: {within: 7d, from: reported}}
	END
	status 1 policy-test lint pol
	same - out <<-'END'
		pol/escalation.yaml:4:5: rule "gas" is never reached: "heavy" (line 2), "light" (line 3) together take all it would; move it above them, or take it out
	END
	# a pattern is tried on every word; what one word is left to is reached
	rules <<-'END'
		  - {id: f, when: {category: "/消防|燃气/", emergency: "no"}, due: {within: 1d, from: reported}}
		  - {id: e, when: {emergency: "yes"}, due: {within: 1d, from: reported}}
		  - {id: fire, when: {category: fire, source: patrol}, due: {within: 1h, from: reported}}
		  - {id: water, when: {category: [fire, water]}, due: {within: 1h, from: reported}}
		  - {id: rest, due: {within: 7d, from: reported}}
	END
	status 1 policy-test lint pol
	is "$(grep -c 'never reached' out)" 1
	has out 'pol/escalation.yaml:4:5: rule "fire" is never reached: "f" (line 2), "e" (line 3) together'
	# a field that may be unknown is never used up by naming its values
	sources=$(sed -n '/^sources:/,/^[a-z]*:$/s/.*{id: \([a-z-]*\).*/\1/p' pol/policy.yaml | paste -sd,)
	rules <<-END
		  - {id: s, when: {source: [$sources]}, due: {within: 1d, from: reported}}
		  - {id: gas, when: {category: gas}, due: {within: 1h, from: reported}}
		  - {id: rest, due: {within: 7d, from: reported}}
	END
	status 0 policy-test lint pol
	# owners: named ones, and patterns as they are written
	rules <<-'END'
		  - {id: a, when: {owner: [T01-A, T01-B]}, due: {within: 1d, from: reported}}
		  - {id: p, when: {owner: "/^T01-C/"}, due: {within: 1d, from: reported}}
		  - {id: b, when: {owner: [T01-B, T01-C1]}, due: {within: 1h, from: reported}}
		  - {id: c, when: {owner: [T01-B, T01-D]}, due: {within: 1h, from: reported}}
		  - {id: rest, due: {within: 7d, from: reported}}
	END
	status 1 policy-test lint pol
	is "$(grep -c 'never reached' out)" 1
	has out 'rule "b" is never reached: "a" (line 2), "p" (line 3) together'
}

categories() {
	pack
	rules <<-'END'
		  - {id: fire, when: {category: "/消防|用电|液化气|水怪/"}, due: {within: 1d, from: reported}}
		  - {id: rest, due: {within: 7d, from: reported}}
	END
	status 0 policy-test lint pol
	line=$(grep -n 'id: gas, name: 燃气' pol/policy.yaml | tail -n 1 | cut -d: -f1)
	has out "pol/policy.yaml:$line:5: warning: category \"gas\" (燃气): no rule of escalation.yaml meets it but the last, \"rest\""
	unlike "$(cat out)" 'category "fire"'
	has out 'pol/escalation.yaml:2:33: warning: "液化气" in the pattern takes no category: it is an alias of gas (燃气), and patterns are tried on ids and names; write 燃气'
	has out 'pol/escalation.yaml:2:33: warning: "水怪" in the pattern takes no category; mend it, or take it out'
	status 1 policy-test lint --strict pol
}

duties() {
	pack
	sed -i 's/^  - {id: fire, name: 消防安全.*/  - {id: fire, name: 消防安全, duty: [{lead: gas, from: 2024-01-01, to: 2024-12-31}, {lead: fire, from: 2025-02-01, to: 2025-12-31}]}/
		s/^  - {id: gas, name: 燃气,.*duty.*/  - {id: gas, name: 燃气}/' pol/policy.yaml
	status 1 policy-test lint pol
	has out 'category "fire": no organ leads from 2025-01-01 to 2025-01-31; let one of the two duties reach over these days'
	has out 'category "fire": no organ leads after 2025-12-31; add a duty from 2026-01-01 on, or leave out "to"'
	has out 'category "gas": no organ leads it; add duty:'
	sed -i 's/from: 2025-02-01/from: 2024-12-01/' pol/policy.yaml
	status 1 policy-test lint pol
	has out 'duty: overlaps the one on line'
}

terms() {
	pack
	rules <<-'END'
		  - id: minor
		    when: {severity: minor}
		    due: {within: 9d, from: reported}
		    limits:
		      - {id: ack, from: assign, until: accept, within: 10d}
		      - {id: recheck, from: rectify, until: recheck, within: 30d}
		      - {id: hours, from: assign, until: accept, within: 100wh}
		      - {id: listed, from: supervise, until: rectify, within: 60d}
		    rungs:
		      - {at: due+3d, do: remind}
		      - {at: due+2d, do: remind}
		      - {at: due-10d, do: remind}
		      - {at: due-20%, do: remind}
		      - {at: due-50%, do: remind}
		  - {id: general, when: {severity: general}, due: {within: 2d, from: reported}}
		  - {id: rest, due: {within: 7d, from: reported}}
	END
	status 1 policy-test lint pol
	sed 's/^pol.escalation.yaml://' out >short
	same - short <<-'END'
		4:19: warning: rule "minor": a lighter hazard has more time, 9d, than a heavier one by rule "general", 2d; is that meant?
		6:56: limit "ack": 10d is longer than the due time of rule "minor", 9d; shorten it, or give the rule more time
		12:14: rung "due+2d" falls before the one above it, "due+3d"; put the rungs in order of time, or mend its time
		13:14: rung "due-10d" falls before the time of rule "minor" begins to run; write due-100% for its beginning
		13:14: rung "due-10d" falls before the one above it, "due+2d"; put the rungs in order of time, or mend its time
		15:14: rung "due-50%" falls before the one above it, "due-20%"; put the rungs in order of time, or mend its time
	END
}

# With a register: does somebody answer?
addressees() {
	office reg
	pack
	rules <<-'END'
		  - id: rest
		    due: {within: 7d, from: reported}
		    rungs:
		      - {at: due, do: escalate, to: parent}
		      - {at: due+1d, do: remind, to: village}
		      - {at: due+2d, do: remind, to: taskforce}
		      - {at: due+3d, do: remind, to: T01-GAS}
		      - {at: due+4d, do: remind, to: T01-NONE, cc: [microgrid]}
	END
	status 0 env -u GRIDLEDGER_DIR policy-test lint pol
	status 1 policy-test lint -C reg --now=2026-03-02T08:00:00+08:00 pol
	has out 'pol/escalation.yaml:6:38: to: 3 of 4 (unit of the level village) have no organ, the first is 990101001002; give them one in organs (column grid), or name another addressee'
	has out 'pol/escalation.yaml:7:38: to: the register has no organ "taskforce" now, neither as an id nor as a kind; add it to organs, or name another addressee'
	has out 'pol/escalation.yaml:9:38: to: the register has no organ "T01-NONE" now'
	has out 'pol/escalation.yaml:9:53: to: the register has no unit of the level microgrid; add it to grids, or name another addressee'
	has out ': category "electrical": the register has no organ "power" now'
	unlike "$(cat out)" 'escalation.yaml:(5|8):'
	# the register's own policy is what is looked at when no other is named
	status 1 policy-test lint -C reg --now=2026-03-02T08:00:00+08:00
	like "$(cat out)" '^reg/policy/policy.yaml:[0-9]+:[0-9]+: category "electrical"'
	(cd reg && status 1 env -u GRIDLEDGER_DIR policy-test lint && like "$(cat out)" '^policy/policy.yaml:')
}

t 'a policy without findings' clean
t 'what the loader refuses' loader
t 'rules that are never reached' unreachable
t 'categories left to the last rule, branches of patterns that take nothing' categories
t 'categories that nobody or two lead' duties
t 'limits, rungs and due times' terms
t 'addressees that the register does not have' addressees
plan
