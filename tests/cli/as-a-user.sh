#!/bin/sh
# SPDX-License-Identifier: MIT
# What people do with the programs: slips in options, odd paths and surroundings, terminals, names that are there twice,
# ids of another office, and moments other than now.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate ledger-add rectify-report

now=--now=2026-03-10T09:00:00+08:00
programs='gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate ledger-add rectify-report'

# one WORDS COMMAND...: status 2, and WORDS is the first line of standard error
one() {
	said=$1
	shift
	status 2 "$@"
	is "$(head -n 1 err)" "$said"
	empty out
}

slips() {
	office reg
	for program in $programs; do
		for locale in C C.UTF-8; do
			LC_ALL=$locale status 0 $program --help
			is "$(head -n 1 out | cut -d' ' -f1,2)" "Usage: $program"
			has out ' --version '
			empty err
			LC_ALL=$locale status 0 $program --version
			like "$(cat out)" "^$program \(gridledger\) [0-9]"
		done
		one "$program: unknown option --verbos-; did you mean --verbose?" $program --verbos-
		one "$program: option --help takes no value" $program --help=x
		one "$program: unknown option -Z" $program -Z
	done
	one 'gridctl: there is no sub-command "verfy"; did you mean verify? There are init, get, put, repin, set, check, verify, head, log, cat, adopt, tree' gridctl verfy
	one 'hazard-list: unknown option --overdu-; did you mean --overdue?' hazard-list --overdu-
	one 'hazard-list: option --o may mean --open, --overdue, --owner' hazard-list --o
	one 'hazard-list: "x": hazard-list takes no operand; filters are options, see hazard-list --help' hazard-list -- x
	one 'hazard-list: --columns: no column is named' hazard-list --columns=
	one 'hazard-list: --columns: "hazard" is named twice' hazard-list --columns=hazard,隐患编号
	one 'hazard-list: --match: category=/(/: bad pattern: missing closing parenthesis at character 2' hazard-list '--match=category=/(/'
	one 'rectify-report: --check: there is no target to check; give --target=PCT, or target under rate in policy.yaml' rectify-report --check
	one 'gridctl get: takes one TABLE; only policy has files to name' gridctl get grids x
	: >none.csv
	status 3 rectify-report none.csv
	status 3 rectify-report - <none.csv
	is "$(cat err)" 'rectify-report: standard input: no header, the file is empty'
}

# The columns of --help stand under each other, whatever a name has for letters.
help_is_aligned() {
	for program in $programs; do
		status 0 $program --help
		is "$(sed 's/…/./g' out | grep -E '^  .{4}--[^ ]+ ' | sed -E 's/^(  .{4}--[^ ]+ +).*/\1/' | awk '{ print length($0) }' | sort -u | wc -l)" 1
	done
}

an_empty_list_hides_no_slip() {
	office reg
	status 3 hazard-update $now rectfy - </dev/null
	like "$(cat err)" '^hazard-update: "rectfy" is not a step; .*; did you mean rectify\?'
	status 3 hazard-update $now rectify --owner=T01-X - </dev/null
	like "$(head -n 1 err)" '^hazard-update: --owner: no organ "T01-X"'
	status 0 hazard-update $now rectify - </dev/null
}

which_of_many() {
	office reg
	hazards
	status 3 hazard-update $now assign T01-H2026-000001 T01-H2026-000005
	is "$(head -n 1 err)" 'hazard-update: assign needs an owner: no organ answers for category electrical there (hazard T01-H2026-000005)'
	is "$(wc -l <reg/events.csv)" 1
}

paths() {
	office 'a register of 2026'
	hazards
	status 0 gridctl verify
	status 0 hazard-show $now T01-H2026-000001
	unset GRIDLEDGER_DIR
	status 0 hazard-list -C './a register of 2026' $now --columns=hazard
	is "$(wc -l <out)" 7
	(cd 'a register of 2026' && hazard-list $now --columns=hazard) >here
	same here out
	mkdir sub
	(cd sub && hazard-list -C '../a register of 2026' $now --columns=hazard) | same here -
	status 0 env -i PATH="$PATH" "$(command -v hazard-list)" -C 'a register of 2026' $now --columns=hazard --severity=重大
	is "$(tail -n 1 out)" T01-H2026-000004
	status 2 env -i PATH="$PATH" hazard-add -C 'a register of 2026' $now --grid=990101 --severity=general --description=x
	like "$(cat err)" '^hazard-add: who acts is not known: '
	status 2 hazard-list $now
	like "$(cat err)" '^hazard-list: .*: not a register: it has no register.yaml; make one with gridctl init '
	LC_ALL=C status 0 rectify-report -C 'a register of 2026' $now --by=village
	has out 990101001001
	has out 桥村
}

names_that_are_there_twice() {
	office reg
	hazards
	one 'hazard-list: 2 grids are called "桥村": 990101001001, 990101002001; write the id' hazard-list $now --grid=桥村
	one 'hazard-list: 2 subjects are called "便民超市": T01-S2 (990101001001), T01-S3 (990101002001); write the id' \
		hazard-list $now --subject=便民超市
	status 3 hazard-add $now --subject=便民超市 --severity=general --description=x
	has err '--subject: 2 subjects are called "便民超市": T01-S2 (990101001001), T01-S3 (990101002001); write the id'
	status 0 rectify-report $now --by=village --figures=found --format=csv
	cut -d, -f1-3 out >got
	same - got <<-'END'
		village,village_name,found
		990101001001,桥村,3
		990101001002,河村,1
		990101002001,桥村,1
		990101002002,山村,1
	END
}

another_office() {
	office reg
	hazards
	status 3 hazard-show $now X09-H2026-000001
	is "$(cat err)" "hazard-show: X09-H2026-000001: is of office X09, this register ($PWD/reg) is of T01"
	status 3 hazard-update $now note --note=x X09-H2026-000001
	like "$(head -n 1 err)" 'X09-H2026-000001'
	status 3 hazard-show $now T01-H2026-000001 T01-H2026-000099
	is "$(cat err)" "hazard-show: T01-H2026-000099: no hazard of that id in $PWD/reg"
	one 'hazard-list: no organ "X09-GAS"; did you mean T01-GAS?' hazard-list $now --owner=X09-GAS
}

moments() {
	office reg
	hazards
	h=T01-H2026-000001
	hazard-update -q --now=2026-03-03T09:00:00+08:00 assign --owner=T01-E1 $h
	hazard-update -q --now=2026-03-05T09:00:00+08:00 rectify $h
	status 0 hazard-show --as-of=2026-03-03 $h
	has out '(assigned, open)'
	has out 'assign 交办'
	unlike "$(cat out)" rectify
	status 0 hazard-show --as-of=2026-03-03 --format=csv $h
	is "$(wc -l <out)" 2
	status 3 hazard-show --as-of=2026-03-01 $h
	is "$(cat err)" "hazard-show: $h: was not reported yet, but on 2026-03-02T08:00:00+08:00"
	status 0 hazard-list --as-of=2026-03-02T08:30 --columns=hazard,state
	same - out <<-END
		hazard,state
		$h,reported
	END
	status 0 hazard-show --known=8 $now $h
	has out '(assigned, open)'
}

# An old ledger has no time for every step: one without follows the one before it.
steps_without_a_time() {
	office reg
	printf '所属网格,隐患等级,隐患描述,上报时间,交办.责任单位,整改.时间\n990101,一般,甲,2026-03-01,T01-GAS,2026-03-03\n990101,一般,乙,2026-03-02,T01-GAS,\n' >in.csv
	status 0 hazard-add --history $now in.csv
	cut -d, -f3-5 reg/events.csv >got
	same - got <<-'END'
		at,hazard,step
		2026-03-01T00:00:00+08:00,T01-H2026-000001,assign
		2026-03-03T00:00:00+08:00,T01-H2026-000001,accept
		2026-03-03T00:00:00+08:00,T01-H2026-000001,rectify
		2026-03-02T00:00:00+08:00,T01-H2026-000002,assign
	END
}

# A rung may lead to an organ, which then owns the hazard, one tier up.
escalated_to_an_organ() {
	office reg
	cp -r reg/policy pol
	rm -r pol/tests			# they speak of the rules that go
	cat >pol/escalation.yaml <<-'END'
		rules:
		  - id: all
		    due: {within: 1h, from: reported}
		    rungs:
		      - {at: due, do: escalate, to: fire, notice: supervision}
	END
	gridctl put -q --now=2026-03-01T09:00:00+08:00 policy pol
	hazards
	hazard-escalate -q $now
	status 0 hazard-list $now --columns=tier,owner --match=ref=/a1/
	is "$(tail -n 1 out)" township,T01-FIRE
	cp reg/journal.csv before
	hazard-escalate -q $now
	same before reg/journal.csv
}

# On a terminal of 80 columns a table keeps its ids whole and says what it cut; no colour is asked for with NO_COLOR.
terminal() {
	command -v python3 >/dev/null || skip 'no python3'
	python3 -c 'import pty; pty.openpty()' 2>/dev/null || skip 'this machine gives out no pseudo-terminal'
	office reg
	hazards
	cat >pseudo.py <<-'END'
		import fcntl, os, pty, struct, sys, termios
		pid, fd = pty.fork()
		if pid == 0:
		    sys.stdin.readline()
		    os.execvp(sys.argv[1], sys.argv[1:])
		fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
		os.write(fd, b"\n")
		out = b""
		while True:
		    try:
		        part = os.read(fd, 65536)
		    except OSError:
		        break
		    if not part:
		        break
		    out += part
		sys.stdout.write(out.decode().replace("\r\n", "\n").lstrip("\n"))
	END
	status 0 env TERM=xterm NO_COLOR=1 python3 pseudo.py hazard-list $now --format=text --severity=general \
		--columns=hazard,reported_at,village_name,subject_name,place,description
	has out 'T01-H2026-000001  2026-03-02T08:00:00+08:00'
	has out '软管老…'
	unlike "$(cat out)" "$(printf '\033')"
	status 0 env TERM=xterm NO_COLOR=1 python3 pseudo.py hazard-add $now --grid=1 --severity=x
	unlike "$(cat out)" "$(printf '\033')"
}

# A commit whose last line never reached the journal: the next writer says whose it was.
an_interrupted_commit_is_told() {
	office reg
	hazards
	sed -i '$d' reg/journal.csv
	status 0 hazard-add --now=2026-03-03T08:00:00+08:00 --grid=990101001001 --severity=general --category=fire --source=patrol --description=x
	has err 'commit 7 (hazard-add by T01-O1, 2026-03-02T18:00:00+08:00) was interrupted and never recorded; its rows were taken out and are kept under lost+found/'
	is "$(cat out)" T01-H2026-000001
	ok 'the rows are kept' grep -q 灭火器过期 reg/lost+found/hazards.csv-*
	status 0 gridctl verify
}

t 'help, version, slips in options' slips
t 'help stands in columns' help_is_aligned
t 'an empty list hides no slip in the step' an_empty_list_hides_no_slip
t 'an option for many hazards says which it does not fit' which_of_many
t 'paths with blanks, relative ones, no environment' paths
t 'two villages, two shops of one name' names_that_are_there_twice
t 'ids of another office' another_office
t 'moments other than now' moments
t 'steps of an old ledger without a time' steps_without_a_time
t 'a rung that leads to an organ' escalated_to_an_organ
t 'an interrupted commit is told' an_interrupted_commit_is_told
t 'a terminal' terminal
plan
