# SPDX-License-Identifier: MIT
#
# A sync that fails is never tried again (reliability.md R8): after it the kernel calls the pages clean, whether or not the
# disk has them.  Before the commit line nothing was recorded (status 4); at the commit line the commit is in doubt
# (status 6) and every writer ends so until gridctl check has settled it; readers go on.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-list strace
strace -o /dev/null true 2>/dev/null || skip_all 'NO SYNC WAS FAILED: ptrace is not allowed here, so strace cannot inject any'
GRIDLEDGER_THREADS=1
ASAN_OPTIONS=detect_leaks=0	# LeakSanitizer cannot run under ptrace
export GRIDLEDGER_THREADS ASAN_OPTIONS
now=--now=2026-03-10T09:00:00+08:00
later=--now=2026-03-10T09:20:00+08:00
said=$(mktemp) || exit 99
trap 'rm -f "$said"' EXIT

# A register, and a commit over three files, whose last fdatasync is the commit point.
prepare() {
	office reg
	cat >in.csv <<-'END'
		grid,severity,category,assign.owner,description
		990101001001,general,fire,T01-FIRE,甲
		990101001002,general,gas,T01-GAS,乙
	END
	cp -a reg base
	strace -o log -e trace=fdatasync hazard-add $now in.csv >ids
	syncs=$(grep -c ^fdatasync log)
	is "$syncs" 4 'syncs: begin, hazards, events, commit'
	hazard-list $later --columns=hazard,state >listed
}

restore() {
	rm -rf reg
	cp -a base reg
}

# Files that were synced after a sync of them had failed and before what failed was cut or written again.
resynced() {
	awk '
		{ sub(/^[0-9]+ +/, "") }
		!match($0, /<[^>]*>/) { next }
		{ file = substr($0, RSTART, RLENGTH) }
		/^(ftruncate|pwrite64)/ { failed[file] = 0 }
		/^f(data)?sync/ && failed[file] { print }
		/^f(data)?sync.*INJECTED/ { failed[file] = 1 }' "$@"
}

# hazard-add with the syncs $1 failing; its status into $got.
failing() {
	got=0
	strace -y -o log -e trace=fdatasync,fsync,ftruncate,pwrite64 -e inject=fdatasync:error=EIO:when="$1" hazard-add $now in.csv >out 2>err || got=$?
	is "$(resynced log)" '' "fdatasync $1: synced again after it failed"
}

before_commit() {
	prepare
	for n in 1 2 3; do
		for more in '' +; do
			restore
			failing $n$more
			is "$got" 4 "fdatasync $n$more fails: status"
			has err 'Input/output error'
			[ ! -e reg/lost+found/in-doubt ] || fail "fdatasync $n$more: in doubt"
			is "$(hazard-list $later --columns=hazard | wc -l)" 1 "fdatasync $n$more fails: rows"
			status 0 hazard-add $now in.csv
			same ids out
			status 0 gridctl verify -q
		done
	done
	echo 'fdatasync 1-3 of 4 failing, alone and with all after it: status 4, nothing recorded, 0 syncs tried again' >>"$said"
}

# In doubt: refused until it is settled.
at_commit() {
	prepare
	for more in '' +; do
		restore
		failing 4$more
		is "$got" 6 "fdatasync 4$more fails: status"
		has err 'may or may not have been recorded: run gridctl check'
		for again in 1 2; do
			status 6 hazard-add $now in.csv
			has err 'is in doubt: its sync failed (Input/output error)'
			has err 'run gridctl check'
		done
		status 6 gridctl put -q $now grids base/grids.csv
		status 0 hazard-list $later --columns=hazard,state
		same listed out
		status 0 gridctl verify
		has err 'is in doubt'
		status 0 gridctl check -v
		has err 'was in doubt and was recorded; events T01-E2026-000001 to T01-E2026-000002 (2); hazards T01-H2026-000001 to T01-H2026-000002 (2)'
		[ ! -e reg/lost+found/in-doubt ] || fail 'still in doubt'
		status 0 gridctl check
		unlike "$(cat err)" doubt
		status 0 hazard-add $now in.csv	# the same input: it is there already
		same ids out
		is "$(grep -c '^T01' reg/hazards.csv)" 2 'rows'
		status 0 hazard-add $later --grid=990101001001 --severity=general --category=fire --description=丙
		status 0 gridctl verify -q
	done
	echo 'fdatasync 4 of 4 failing: status 6, every writer refused until gridctl check, 0 syncs tried again' >>"$said"
}

# The disk fails while it is settled too.
check_fails() {
	prepare
	for call in fdatasync fsync pwrite64; do
		restore
		failing 4
		got=0
		strace -y -o log -e trace=fdatasync,fsync,ftruncate,pwrite64 -e inject=$call:error=EIO:when=1+ gridctl check >out 2>err || got=$?
		[ "$call" != fsync ] || [ -e reg/lost+found/in-doubt ] || continue	# the mark was gone already
		is "$got" 6 "gridctl check, $call fails: status"
		has err 'stays in doubt: see to the disk, then run gridctl check again'
		is "$(resynced log)" '' "gridctl check, $call fails: synced again"
		status 6 hazard-add $now in.csv
		status 0 gridctl check
		has err 'was in doubt and was recorded'
		status 0 hazard-add $now in.csv
		same ids out
	done
}

# What the disk has lost of the line: the commit did not come to be.
lost() {
	prepare
	restore
	failing 4
	size=$(wc -c <reg/journal.csv)
	line=$(tail -n 1 reg/journal.csv | wc -c)
	truncate -s $((size - line)) reg/journal.csv
	truncate -s "$size" reg/journal.csv
	status 6 hazard-add $now in.csv
	status 0 gridctl check
	has err 'was in doubt and was not recorded; the next writer takes out what is left of it'
	status 0 hazard-add $now in.csv
	same ids out
	is "$(grep -c '^T01' reg/hazards.csv)" 2 'rows'
	status 0 gridctl verify -q
}

# Who may not write says so and leaves it.
no_right() {
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to be somebody else'
	command -v setpriv >/dev/null || skip 'setpriv is not installed'
	prepare
	restore
	failing 4
	chmod -R a+rX .
	setpriv --reuid=65534 --regid=65534 --clear-groups gridctl cat hazards >/dev/null 2>&1 || skip 'another user cannot reach this directory'
	status 6 setpriv --reuid=65534 --regid=65534 --clear-groups gridctl check
	has err 'you may not write to this register: somebody who may must run gridctl check'
	[ -e reg/lost+found/in-doubt ] || fail 'the mark is gone'
	status 0 gridctl check
}

t 'a sync before the commit line fails' before_commit
t 'the sync of the commit line fails' at_commit
t 'gridctl check fails on the same disk' check_fails
t 'the commit line did not reach the disk' lost
t 'gridctl check by somebody who may not write' no_right
sed 's/^/# /' "$said"
plan
