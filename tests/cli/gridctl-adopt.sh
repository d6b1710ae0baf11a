#!/bin/sh
# SPDX-License-Identifier: MIT
# A ledger that another hand was at (reliability.md C5): nothing is lost, nothing is silently trusted, no reader shows what
# was not sealed, the next writer stops with 5 and says why; what may be adopted is, under a name.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-list

# ./clean: six hazards, of commit 7.  ./open: the same, and a seventh whose commit line a crash cut off.
states() {
	office clean
	hazards
	cp -r clean open
	GRIDLEDGER_DIR=$PWD/open add crashed >ids
	sed -i '$d' open/journal.csv
	GRIDLEDGER_DIR=$PWD/reg
}

add() {
	hazard-add -q --now=2026-03-07T09:00:00+08:00 --grid=990101001001 --severity=general --category=fire --description="$1"
}

adopt() {
	gridctl adopt --now=2026-03-07T10:00:00+08:00 "$@"
}

# row NUMBER COMMIT: a hazard as a person would add it.
row() {
	policy=$(tail -n 1 clean/hazards.csv | cut -d, -f18)
	printf 'T01-H2026-%06d,%s,2026-03-02T10:00:00+08:00,,990101001001,,,fire,general,patrol,T01-O2,,,,,,,%s,,x,by hand\n' "$1" "$2" "$policy"
}

# refused READS SAYS: what was done to ./reg stops every writer, with SAYS, and stays as it is; readers show what was
# committed (READS committed) or refuse as well (refuse).
refused() {
	cp -r reg before
	for writer in 'add more' adopt; do
		status 5 $writer
		has err "$2"
		empty out
		ok 'the files stay as they are' diff -r -x .index before reg
	done
	case $1 in
	committed)
		status 0 hazard-list --columns=hazard,description
		is "$(wc -l <out)" 7 'lines of the list'
		status 0 gridctl cat hazards
		unlike "$(cat out)" 'by hand|crashed'
		;;
	refuse)
		status 5 hazard-list
		unlike "$(cat out)" 'T01-H'
		;;
	esac
	status 1 gridctl verify -q reg
	isnt "$(grep -c '^hazards.csv' out)" 0 'findings of verify'
	rm -rf before
}

# Put the ledger back as it was: all goes on as if nothing had been, and the seventh hazard is there once.
restored() {
	cp -p "$state/hazards.csv" reg/
	status 0 add seventh
	status 0 gridctl cat hazards
	is "$(wc -l <out)" 8 'lines of the ledger'
	status 0 gridctl verify reg
}

each_state() {
	states
	for state in clean open; do
		rm -rf reg
		cp -r $state reg
		undoing=
		[ $state = clean ] || undoing='cannot undo an interrupted commit: '
		"$1" reg/hazards.csv
		restored
	done
}

shorter() { sed -i '5,$d' "$1"; refused refuse "${undoing}hazards.csv: has 589 bytes, 999 were committed: rows were removed"; }
gone() { rm "$1"; refused refuse "${undoing}hazards.csv: is missing; restore it"; }
renamed() { mv "$1" "$1.bak"; refused refuse "${undoing}hazards.csv: is missing; restore it"; }
with_bom() { printf '\357\273\277' | cat - "$1" >x; mv x "$1"; refused refuse "${undoing}hazards.csv: was saved by a spreadsheet (it begins with a byte order mark)"; }
with_crlf() { sed -i 's/$/\r/' "$1"; refused refuse "${undoing}hazards.csv: was saved by a spreadsheet (its lines end in CRLF)"; }
with_quotes() { sed -i '1s/[a-z_]*/"&"/g' "$1"; refused refuse "${undoing}hazards.csv: was saved by a spreadsheet (its header is quoted)"; }
with_semicolons() { sed -i 's/,/;/g; s/$/\r/' "$1"; refused refuse "${undoing}hazards.csv: was saved by a spreadsheet (its fields are separated by semicolons)"; }
displaced() { sed -i '2s/general/major/' "$1"; [ $state = open ] || echo xxx >>"$1"; refused refuse "${undoing}hazards.csv: was changed before byte 999, where the committed rows end"; }
a_part() {
	row 7 8 | head -c 60 >>"$1"
	case $state in
	clean)
		status 5 add more
		has err 'hazards.csv: 1 row (bytes 999-1058) was not written by this toolkit; look at it, then run gridctl adopt'
		status 5 adopt
		has err 'hazards.csv: the last row that was added has no line end; end it with a newline first'
		;;
	open) refused committed 'behind an interrupted commit were not written by this toolkit; move them out of the file and try again' ;;
	esac
}
# an editor that writes a new file under the old name, with nothing changed, is nobody
edited() { cp "$1" x; mv x "$1"; status 0 gridctl verify -q reg; }

each_truncated() { each_state shorter; }
each_deleted() { each_state gone; }
each_renamed() { each_state renamed; }
each_spreadsheet() {
	for save in with_bom with_crlf with_quotes with_semicolons; do
		rm -rf clean open
		each_state $save
	done
}
each_displaced() { each_state displaced; }
each_part() { each_state a_part; }
each_edited() { each_state edited; }

# A row by hand in a clean register.
appended() {
	states
	cp -r clean reg
	row 7 8 >>reg/hazards.csv
	status 5 add more
	has err 'hazards.csv: 1 row (bytes 999-'
	status 0 hazard-list
	unlike "$(cat out)" 'by hand'
	status 0 gridctl cat hazards
	is "$(wc -l <out)" 7 'committed lines'
	status 0 adopt --actor=T01-O3 --reason='the paper of 2 March'
	is "$(cat err)" '1 row adopted, commit 8'
	like "$(cat out)" '^hazards.csv:8: T01-H2026-000007,8,.*,by hand$'
	like "$(tail -n 1 reg/journal.csv)" '^adopt,8,2026-03-07T10:00:00\+08:00,[^,]*,T01-O3,gridctl:adopt:the:paper:of:2:March,'
	status 0 hazard-list
	has out 'by hand'
	status 0 add more
	is "$(cat out)" T01-H2026-000008
	status 0 gridctl verify reg
}

# After a crash the number that the adoption gets is one more: it is that of the register under the lock that counts.
appended_after_crash() {
	states
	cp -r open reg
	tail -n 1 clean/events.csv | grep -q '^event' || fail 'there are events'
	printf 'T01-A2026-000001,9,2026-03-02T10:00:00+08:00,training,,,,,,,,,,,,,by hand,,\n' >>reg/activities.csv
	n=$(head -n 1 reg/activities.csv | tr -cd , | wc -c)
	is "$(tail -n 1 reg/activities.csv | tr -cd , | wc -c)" "$n" 'columns of the row'
	status 0 adopt
	has err 'was interrupted and never recorded; its rows were taken out and are kept under lost+found/'
	has err '1 row adopted, commit 9'
	status 0 gridctl verify reg
	status 0 add more
	is "$(cat out)" T01-H2026-000007
	has reg/lost+found/* crashed
	status 0 gridctl verify reg

	# behind the rows of the crash itself: both stay until a person has looked
	rm -rf reg
	cp -r open reg
	row 7 9 >>reg/hazards.csv
	undoing='cannot undo an interrupted commit: '
	refused committed 'behind an interrupted commit were not written by this toolkit; move them out of the file and try again'
	tail -n 1 reg/hazards.csv >mine
	sed -i '$d' reg/hazards.csv
	status 5 sh -c 'gridctl set -q --now=2026-03-07T09:30:00+08:00 --reason=x grids 990101 population=1 && cat mine >>reg/hazards.csv && hazard-add -q --grid=990101 --severity=general --category=fire --description=x'
	has err '1 row (bytes 999-'
	sed -i 's/,9,/,10,/' reg/hazards.csv
	status 0 adopt
	status 0 gridctl verify reg
	has reg/lost+found/* crashed
}

# A row that comes between the look and the lock is looked at too.
raced() {
	states
	cp -r clean reg
	row 7 8 >>reg/hazards.csv
	command -v flock >/dev/null || skip 'NOT RACED: flock is not installed'
	mkfifo held go
	flock reg/journal.csv sh -c ': >held; read -r x <go' &
	read -r x <held || :
	adopt >out 2>err &
	pid=$!
	sleep 1			# it waits for the lock by now, its reading done
	row 9 8 >>reg/hazards.csv
	echo >go
	got=0
	wait $pid || got=$?
	is $got 3 "status of adopt, $(cat err)"
	has err 'hazards.csv:9: hazard: T01-H2026-000009 is out of order: number 8 of 2026 comes next'
	status 1 gridctl verify reg
}

t 'a row by hand is refused, hidden and adopted' appended
t 'a row by hand after a crash' appended_after_crash
t 'a row that comes while adopt waits for the lock is looked at' raced
t 'a part of a row' each_part
t 'a truncated ledger' each_truncated
t 'a deleted ledger' each_deleted
t 'a renamed ledger' each_renamed
t 'a ledger that a spreadsheet saved' each_spreadsheet
t 'a ledger with a row shortened and bytes put behind' each_displaced
t 'a ledger that an editor saved as it was' each_edited
plan
