#!/bin/sh
# SPDX-License-Identifier: MIT
# Names that shells and programs trip over (reliability.md I9): of files, of registers, of officers, in values.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate rectify-report

now=--now=2026-03-10T09:00:00+08:00
nl='
'

# Each is a file and a directory that a clerk could have; nobody expands, splits or runs it.
file_names() {
	office reg
	for name in 'a b.csv' '-n' '--help' '*.csv' '$(touch pwned)' '`touch pwned`' ';touch pwned' '|touch pwned' "a'b" 'a"b' 'a\b' '%s%n' \
		"a${nl}b" '报表 三月.csv' '~' '$HOME' '..csv' '#x'; do
		printf 'grid,severity,description\n990101,general,%s\n' x >"./$name"
		status 0 hazard-add $now --again -- "$name"
		printf 'grid,severity\n990101,nosuch\n' >"./$name"
		status 3 hazard-add $now -- "$name"
		is "$(wc -l <err)" 2 "lines said of $name"
	done
	is "$(gridctl cat hazards | wc -l)" 19
	ok 'nothing was run' test ! -e pwned
}

register_names() {
	GRIDLEDGER_ACTOR=T01-O1
	export GRIDLEDGER_ACTOR
	for name in 'reg 1' '-C' '--now' '*' '$(touch pwned)' "a${nl}b" '台账' 'a;b'; do
		status 0 gridctl init --place=default --office=T01 $now -- "$name"
		(
			cd -- "./$name"
			gridctl put -q $now officers - <<-'END'
				officer,organ,login,valid_from,name
				T01-O1,,clerk,2020-01-01,甲一
			END
			gridctl put -q $now grids - <<-'END'
				grid,parent,level,valid_from,name
				990101,,county,2020-01-01,晴川县
			END
		)
		status 0 hazard-add -C "./$name" $now --actor=T01-O1 --grid=990101 --severity=general --description=x
		status 0 hazard-list -C "./$name" $now
		status 0 hazard-escalate -C "./$name" $now
		status 0 rectify-report -C "./$name" $now
		status 0 gridctl verify "./$name"
	done
	ok 'nothing was run' test ! -e pwned
}

# A ledger, a version or the journal that is a link leads out of the register: nobody follows it.
symbolic_links() {
	office reg
	hazards
	for file in journal.csv hazards.csv events.csv register.yaml; do
		rm -rf linked
		cp -a reg linked
		mv "linked/$file" outside
		ln -s ../outside "linked/$file"
		sum=$(sha256sum <outside)
		rc=0
		hazard-add -C linked $now --grid=990101 --severity=general --description=x >out 2>err || rc=$?
		ok "$file: a writer does not follow it (status $rc)" test $rc -ge 4 -a $rc -le 5
		like "$(cat err)" "$file: (is a symbolic link|is not a regular file|.*symbolic links)"
		rc=0
		hazard-list -C linked $now >out 2>err || rc=$?
		ok "$file: a reader does not follow it (status $rc)" test $rc -ge 4 -a $rc -le 5
		is "$(sha256sum <outside)" "$sum" "$file outside"
		rm outside
	done
	# the register itself may be reached by one
	ln -s reg way
	status 0 hazard-list -C way $now
}

# Evidence is named from the outside and copied nowhere: it may not climb out of sight, nor be a folder or a pipe.
evidence() {
	office reg
	hazards
	mkdir folder
	mkfifo pipe
	echo x >'a  b.jpg'
	hazard-update -q $now assign --owner=T01-FIRE T01-H2026-000001
	status 0 hazard-update $now note --evidence='a  b.jpg' --note=x T01-H2026-000001
	for path in folder pipe missing.jpg; do
		status 3 hazard-update $now note --evidence=$path --note=x T01-H2026-000001
		like "$(cat err)" "$path"
	done
}

# Ids and keys as text that begins with a dash, holds slashes or dots, or is of another table.
ids() {
	office reg
	hazards
	for id in -x --help ../../etc/passwd T01-H2026-000001/../x 'T01-H2026-000001 ' T01-E2026-000001 T01-H2026-1 T01-H2026-0000001 \
		T01-H2026-999999999999999999999 "T01-H2026-000001${nl}" '%s' '' '*'; do
		rc=0
		hazard-show $now -- "$id" >out 2>err || rc=$?
		ok "hazard-show -- '$id' (status $rc)" test $rc -eq 1 -o $rc -eq 2 -o $rc -eq 3
		is "$(wc -l <err)" 1 "lines said of '$id'"
		empty out
	done
	status 0 hazard-add $now --grid=990101 --severity=general --ref=-r --description=--help
	status 0 hazard-list $now --columns=ref,description --match=ref=/^-r/
	is "$(tail -n 1 out)" '-r,--help'
}

t 'files' file_names
t 'registers' register_names
t 'symbolic links inside a register' symbolic_links
t 'evidence' evidence
t 'ids and references' ids
plan
