#!/bin/sh
# SPDX-License-Identifier: MIT
# The corpus of tests/policy through the real program: good policies are taken, each bad file is refused with all that its
# head says (file, line:column, words) and nothing else.  What an independent validator makes of the same files stands at
# the end; tests/validate-policies tells what a head holds.
. "$(dirname "$0")/../tap.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate awk

corpus=$tests/policy
now=--now=2026-03-01T08:00:00+08:00

register() {
	status 0 gridctl init $now --place="$corpus/good/minimal" --office=T01 reg
}

# Files of a register that are the record.
record() {
	cat reg/*.csv reg/register.yaml reg/policy/*.yaml reg/versions/* | sha256sum
}

good_ones_are_taken() {
	register
	for dir in "$corpus"/good/*/; do
		dir=${dir%/}
		rm -rf new
		status 0 gridctl init $now --place="$dir" --office=T01 new
		(cd "$dir" && find . -type f ! -name README | sed 's,^\./,,' | LC_ALL=C sort) >files
		gridctl -C new get policy | sed 's/^[0-9a-f]*  //' >taken
		same files taken
		status 0 gridctl -C reg put --dry-run $now policy "$dir"
		if command -v policy-test >/dev/null; then
			status 0 policy-test lint "$dir"
		fi
	done
	status 0 gridctl -C new check
}

# The head of a bad file: of its first lines, or beside it.
head_of() {
	if [ -e "${1%.yaml}.head" ]; then
		cat "${1%.yaml}.head"
	else
		LC_ALL=C sed -n '/^# /!q;p' "$1"
	fi
}

# said HEAD FILE: what is wrong with the complaints on standard input about pol/FILE
said() {
	LC_ALL=C awk -v head="$1" -v name="pol/$2:" '
	BEGIN {
		while ((getline line <head) > 0) {
			if (line ~ /^# at: /)
				at[++n] = substr(line, 7) ": "
			else if (line ~ /^# says: /)
				says[n, ++m[n]] = substr(line, 9)
		}
		if (n == 0)
			print "the head names no place"
	}
	/^gridctl put: [0-9]+ errors?, nothing was written$/ { sum = $3; next }
	{
		count++
		found = 0
		for (i = 1; i <= n && !found; i++) {
			if (i in used || index($0, name at[i]) != 1)
				continue
			fits = 1
			for (k = 1; k <= m[i]; k++)
				fits = fits && index($0, says[i, k])
			if (fits)
				used[i] = found = 1
		}
		if (!found)
			print "not expected: " $0
	}
	END {
		for (i = 1; i <= n; i++)
			if (!(i in used))
				print "not said: " name at[i] says[i, 1]
		if (sum != count)
			print "the last line tells of " sum + 0 " errors, not of " count
	}'
}

# refused FILE: each bad file that stands for FILE is refused as it should be
refused() {
	register
	record >before
	count=0
	for bad in "$corpus"/bad/*.yaml; do
		head_of "$bad" >head
		grep -qxF "# file: $1" head || continue
		count=$((count + 1))
		rm -rf pol
		cp -r "$corpus/good/minimal" pol
		mkdir -p "$(dirname "pol/$1")"
		cp "$bad" "pol/$1"
		code=0
		gridctl -C reg put --dry-run $now policy pol >out 2>err || code=$?
		[ "$code" -eq 3 ] || echo "$bad: status $code" >>wrong
		[ ! -s out ] || echo "$bad: prints something" >>wrong
		said head "$1" <err | sed "s,^,${bad##*/}: ," >>wrong
		if [ $count -le 8 ] && command -v policy-test >/dev/null; then
			sed '$d' err >told
			status 1 policy-test lint pol
			same told out
		fi
	done
	ok "$1 has bad files" test $count -gt 0
	empty wrong
	record >after
	same before after
}

bad_policy() { refused policy.yaml; }
bad_workflow() { refused workflow.yaml; }
bad_escalation() { refused escalation.yaml; }
bad_calendar() { refused calendar.yaml; }
bad_notices() { refused notices.yaml; }
bad_tests() { refused tests/a.test.yaml; }
bad_overlays() { refused policy.d/T01-GAS.yaml; }

the_corpus_is_whole() {
	for bad in "$corpus"/bad/*.yaml; do
		head_of "$bad" >head
		like "$(cat head)" '^# file: (policy|workflow|escalation|calendar|notices|tests/a\.test|policy\.d/T01-GAS)\.yaml$' "$bad"
		like "$(cat head)" '^# wrong: ' "$bad"
		like "$(cat head)" '^# schema: (yes|no|yaml)$' "$bad"
	done
	set -- "$corpus"/bad/*.yaml
	ok "at least 60 bad files" test $# -ge 60
}

# large MESSAGE: pol/escalation.yaml, which is made rather than kept, is refused at once
large() {
	rm -rf pol
	cp -r "$corpus/good/minimal" pol
	cat >pol/escalation.yaml
	status 3 timeout 20 gridctl -C reg put --dry-run $now policy pol
	is "$(head -n 1 err)" "pol/escalation.yaml:$1" message
	has err 'gridctl put: 1 error, nothing was written'
}

# repeated TEXT N: to standard output
repeated() {
	awk -v text="$1" -v n="$2" 'BEGIN { while (n-- > 0) printf "%s", text }'
}

what_is_large() {
	register
	(echo '# large'; repeated x 300000) | large ' the file is 300008 bytes long; at most 262144 are allowed'
	(printf 'rules: ['; repeated 1, 100001; echo ']') |
		large '1:200003: the file has too many parts; at most 100000 are allowed'
	repeated '[' 100000 | large '1:33: lists and maps are nested too deep; at most 32 levels are allowed'
	repeated '{a: ' 50000 | large '1:129: lists and maps are nested too deep; at most 32 levels are allowed'
	repeated '- ' 50000 | large '1:65: lists and maps are nested too deep; at most 32 levels are allowed'
	(printf 'rules:\n  - id: rest\n    basis: '; repeated 字 1400; printf '\n    due: none\n') |
		large '3:12: the text is 4200 bytes long; at most 4096 are allowed'
	(echo 'rules:'; repeated '  - {id: rest, due: none}
' 1001) >many
	rm -rf pol
	cp -r "$corpus/good/minimal" pol
	cp many pol/escalation.yaml
	status 3 gridctl -C reg put --dry-run $now policy pol
	has err 'pol/escalation.yaml:2:3: rules: found 1001; a policy has a list of 1 to 1000'
}

# A pattern that no word of the policy makes explode, but an organ of the register.
catastrophe() {
	cp -r "$corpus/good/minimal" pol
	cat >pol/escalation.yaml <<-'END'
		rules:
		  - id: greedy
		    when: {owner: "/^T01-(A+)+$/"}
		    due: {within: 1d, from: reported}
		  - id: rest
		    due: {within: 7d, from: reported}
	END
	status 0 gridctl init $now --place="$PWD/pol" --office=T01 reg
	export GRIDLEDGER_DIR="$PWD/reg" GRIDLEDGER_ACTOR=T01-O1
	gridctl put -q $now grids - <<-'END'
		grid,level,valid_from,name
		990101,county,2020-01-01,晴川县
	END
	gridctl put -q $now organs - <<-'END'
		organ,kind,level,grid,valid_from,name
		T01-GOV,government,county,990101,2020-01-01,县政府
		T01-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB,gas,county,990101,2020-01-01,燃气办
	END
	gridctl put -q $now officers - <<-'END'
		officer,organ,valid_from,name
		T01-O1,T01-GOV,2020-01-01,甲一
	END
	later=--now=2026-03-20T10:00:00+08:00
	hazard-add -q $now --grid=990101 --severity=minor --category=gas --source=patrol --description=漏气 >/dev/null
	hazard-update -q assign --now=2026-03-02T10:00:00+08:00 --owner=T01-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB T01-H2026-000001
	record >before
	for program in hazard-escalate 'hazard-show --explain' hazard-list; do
		operand=
		[ "${program%% *}" != hazard-show ] || operand=T01-H2026-000001
		status 3 timeout 20 $program $later $operand
		like "$(cat err)" "^${program%% *}: .*rule greedy: owner: the pattern needs too many tries on one text; make it simpler"
	done
	record >after
	same before after
}

independent_validator() {
	python=
	for candidate in python3 /usr/bin/python3; do
		if "$candidate" -c 'import yaml, jsonschema' 2>/dev/null; then
			python=$candidate
			break
		fi
	done
	[ -n "$python" ] || skip 'NOT CHECKED: python3-yaml and python3-jsonschema are not installed'
	if ! "$python" "$tests/validate-policies" --corpus="$corpus" >out; then
		grep -A 1 '^not ok' out >>"$tap_dir.said" || :
		fail 'they do not agree' >>"$tap_dir.said"
	fi
	set -- "$corpus"/bad/*.yaml
	ok 'all bad files were judged' test "$(grep -c '^ok .* bad/' out)" -eq $#
	status 0 "$python" "$tests/validate-policies" "$GRIDLEDGER_DATA/places"
	# it can say no
	cp -r "$corpus/good/minimal" pol
	echo 'more: yes' >>pol/escalation.yaml
	status 1 "$python" "$tests/validate-policies" pol
	has out pol/escalation.yaml:1:1:
}

t 'good policies are taken' good_ones_are_taken
t 'the heads of the bad files' the_corpus_is_whole
t 'bad files in place of policy.yaml' bad_policy
t 'bad files in place of workflow.yaml' bad_workflow
t 'bad files in place of escalation.yaml' bad_escalation
t 'bad files in place of calendar.yaml' bad_calendar
t 'bad files in place of notices.yaml' bad_notices
t 'bad files in place of a test' bad_tests
t 'bad files in place of an overlay' bad_overlays
t 'what is too large or too deep' what_is_large
t 'a catastrophic pattern is stopped, and its rule named' catastrophe
t 'an independent validator says the same' independent_validator
plan
