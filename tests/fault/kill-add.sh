# SPDX-License-Identifier: MIT
#
# What a fault at each single system call does (reliability.md R1, R2, R3, R8, R10), on the real programs under strace.
# A clean run of a writer is logged first; then it is run again from the same register once for every system call from
# its first touch of the register on: killed there, or with an error in place of that call.  After each one the register
# must read, byte for byte, as before the commit or as after it; agree with what the program said; and work on.
#
# A state of the files that was judged once is not judged again for the next call that leaves it ($FAULT_LONG: it is).
# Calls that only read are tried for hazard-add; for the other writers with $FAULT_LONG.
# Not seen here, because a kill leaves the page cache: a sync that is missing (reliability.md 0, point 1).
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-escalate strace
strace -o /dev/null true 2>/dev/null || skip_all 'NO FAULT WAS TRIED: ptrace is not allowed here, so strace cannot inject any'
bpf=
! strace -f --seccomp-bpf -o /dev/null -e trace=write true 2>/dev/null || bpf='-f --seccomp-bpf'	# faster; no signals

GRIDLEDGER_THREADS=1		# strace counts the calls of each thread for itself
ASAN_OPTIONS=detect_leaks=0	# LeakSanitizer cannot run under ptrace
export GRIDLEDGER_THREADS ASAN_OPTIONS
said=$(mktemp) || exit 99
trap 'rm -f "$said"' EXIT
now=--now=2026-03-10T09:00:00+08:00
later=--now=2026-03-10T09:20:00+08:00
tab=$(printf '\t')

# The writer under test, behind the words before it; run twice it adds once.
write() {
	case $writer in
	hazard-add*) "$@" hazard-add $now in.csv ;;
	hazard-update) "$@" hazard-update $now -v -f steps.csv ;;
	hazard-escalate) "$@" hazard-escalate $now ;;
	esac
}

# A register with six hazards, and what it reads like before and after a clean run of the writer, whose calls go into
# ./calls: name, how often until then, number, first text in it, result.
prepare() {
	writer=$1
	office tried
	hazards
	hazard-update -q --now=2026-03-03T09:00:00+08:00 assign --owner=T01-FIRE T01-H2026-000001
	echo photo >after.jpg
	cat >in.csv <<-'END'
		grid,severity,category,assign.at,assign.owner,place,description
		990101001001,general,fire,,T01-FIRE,一,"甲,乙"
		990101001002,general,gas,2026-03-10 09:00,T01-GAS,二,乙
		990101002001,major,fire,,,三,丙
	END
	cat >steps.csv <<-'END'
		hazard,step,evidence,note
		T01-H2026-000001,rectify,after.jpg,换新
		T01-H2026-000003,rectify,,
		T01-H2026-000004,note,after.jpg,看过
	END
	gridctl verify -q
	baseline
}

# What stands now is where every try starts.
baseline() {
	cp -a tried base
	content before
	write strace -y -s 16 -o log >answer.after
	content after
	! cmp -s before after || fail 'the writer wrote nothing'
	state=
	clean=none
	restore
	clean=$(bytes)
	state=$clean
	awk '
		!match($0, /^[a-z0-9_]+\(/) { next }
		{ name = substr($0, 1, RLENGTH - 1); n[name]++; seen = seen || index($0, "/tried") }
		!seen || /MAP_ANONYMOUS/ || name ~ /^(brk|munmap|mprotect|madvise|futex|get[a-z]*id|uname|rt_sig[a-z]*|getrandom)$/ { next }
		{
			text = match($0, /"[^"]*"/) ? substr($0, RSTART + 1, RLENGTH - 2) : ""
			result = match($0, / = [0-9]+/) ? substr($0, RSTART + 3, RLENGTH - 3) : "-1"
			print name "\t" n[name] "\t" ++k "\t" text "\t" result
		}' log >calls
	committed=$(awk -F'\t' '$1 == "write" && $4 ~ /^commit,/ { print $3; exit }' calls)
	[ -n "$committed" ] || fail 'no commit line in the log'
	[ -e base/.index/lock.mdb ] || fail 'no index'
	: >judged
	tries=0 states=0 recorded=0 told=0
}

# Every committed row, and the derived ledger, as a reader without a lock sees them.
content() {
	for l in hazards events evidence notices notice-lines; do
		gridctl cat $l || fail "gridctl cat $l: status $?"
	done >"$1"
	hazard-list $later --columns=hazard,state,owner,tier,due,rectified_at >>"$1" || fail "hazard-list: status $?"
}

# The register as it was, in the same directories, so that its index stays good.
restore() {
	if [ "$state" = "$clean" ]; then
		cp -p base/.index/lock.mdb base/.index/holder tried/.index/
		return
	fi
	find tried -type f -delete
	rm -rf tried/lost+found
	cp -a base/. tried/
	state=$clean
}

# Every byte of it, but for what names processes.
bytes() {
	find tried -type f ! -name lock.mdb ! -name holder -exec sha256sum {} + | sort | sha256sum | cut -d' ' -f1
}

# The calls that change files.
changing() {
	grep -E '^(write|pwrite64|writev|pwritev|fdatasync|fsync|ftruncate|fallocate|renameat2?|unlinkat|mkdirat|linkat)	' calls
}

# One try, on the register as it was, strace with these options: the status into $got.
try() {
	restore
	got=0
	write timeout -s KILL 30 strace "$@" >answer 2>err || got=$?
	tries=$((tries + 1))
}

# The register after the fault at $1: which of the two moments it shows ($seen), and that it works on.
judge() {
	what="$writer, fault at $1"
	state=$(bytes)
	seen=$(sed -n "s/^$state //p" judged)
	if [ -z "$seen" ] || [ -n "${FAULT_LONG-}" ]; then
		seen=$(moment)
		echo "$state $seen" >>judged
		states=$((states + 1))
		works_on
		state=
	fi
	[ "$seen" = before ] || recorded=$((recorded + 1))
}

moment() {
	content seen
	if cmp -s before seen; then
		echo before
	elif cmp -s after seen; then
		echo after
	else
		diff before seen | head -n 20 >&2
		fail "$what: neither the moment before nor the one after" >&2
	fi
}

# Verify passes; the writer again, and a new hazard, leave all that should be there, once.
works_on() {
	gridctl verify -q >verdict || fail "$what: verify: $(head -n 3 verdict)"
	if [ $((states % 2)) -eq 0 ]; then
		again
		another
	else
		another
		again
	fi
	gridctl verify >verdict 2>&1 || fail "$what: verify afterwards: $(head -n 3 verdict)"
	! grep -q 'under way' verdict || fail "$what: a begin is still open"
	content final
	is "$(ids <final | sed 's/ .*//' | sort | uniq -c | tr '\n' ' ')" "$(
		{ ids <after; echo H; } | sed 's/ .*//' | sort | uniq -c | tr '\n' ' ')" "$what: rows by letter"
	is "$(ids <final | awk '$2 != ++n[$1]')" '' "$what: ids with gaps"
}

# Letter and number of each record in a content; a line of a notice has no id of its own.
ids() {
	sed -nE -e '/^notice,commit,line,/,/^hazard,/d' -e 's/^T01-([A-Z])2026-0*([0-9]+),[0-9]+,.*/\1 \2/p'
}

again() {
	write >retried 2>err || fail "$what: $writer again: status $?: $(head -n 3 err)"
}

another() {
	hazard-add $later --grid=990101001002 --severity=general --category=other --description=another >new 2>err ||
		fail "$what: a new hazard: status $?: $(head -n 3 err)"
	is "$(wc -l <new)" 1 "$what: ids printed"
}

tally() {
	echo "$1" >>"$said"
}

# ---- the tests ----

# A kill comes before the call: what stands is what was written until then.
kills() {
	while IFS=$tab read -r call n number text result; do
		try -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$n
		is "$got" 137 "$call $n ($text): status"
		judge "kill at $call $n ($text)"
		[ "$number" -gt "$committed" ] && wanted=after || wanted=before
		is $seen $wanted "$what: the moment seen"
		if cmp -s answer answer.after; then
			told=$((told + 1))
			is $seen after "$what: said and lost"
		fi
	done
	tally "$writer: kills: $tries, states: $states, recorded: $recorded, said: $told, lost: 0"
}

# The status and what stands agree.
agree() {
	case $got in
	0) is $seen after "$1: status 0" ;;
	4) is $seen before "$1: status 4" ;;
	6) [ "$2" -ge "$committed" ] || fail "$1: in doubt before the commit line" ;;
	7)
		is $seen after "$1: status 7"
		case $3 in write | dup | close) ;; *) fail "$1: status 7" ;; esac
		;;
	*) fail "$1: status $got: $(head -n 3 err)" ;;
	esac
	eval "got_$got=\$((\${got_$got:-0} + 1))"
}

# $1: what to inject, $2: once or from then on.
errors() {
	while IFS=$tab read -r call n number text result; do
		try $bpf -o synclog -y -e trace=$call,fdatasync,fsync,ftruncate -e inject=$call:error=$1:when=$n$2
		judge "$1 at $call $n$2 ($text)"
		agree "$what" "$number" "$call"
		is "$(resynced <synclog)" '' "$what: a sync again after it failed"
	done
	tally "$writer: $1${2:+ from there on}: $tries, states: $states, $(for s in 0 4 6 7; do
		eval "[ -z \"\${got_$s-}\" ] || printf 'status $s: %s, ' \"\$got_$s\""; done)disagreeing: 0"
}

# Files that were synced after a sync of them had failed and before what failed was cut.
resynced() {
	awk '
		{ sub(/^[0-9]+ +/, "") }
		!match($0, /<[^>]*>/) { next }
		{ file = substr($0, RSTART, RLENGTH) }
		/^ftruncate/ { failed[file] = 0 }
		/^f(data)?sync/ && failed[file] { print }
		/^f(data)?sync.*INJECTED/ { failed[file] = 1 }'
}

kill_add() { prepare hazard-add; kills <calls; }
# A writer that was killed with all its rows written; the next one is killed while it undoes that.
kill_recovery() {
	prepare hazard-add
	state=
	restore
	write timeout -s KILL 30 strace -o /dev/null -e inject=write:signal=KILL:when="$(awk -F'\t' -v k="$committed" '$3 == k { print $2 }' calls)" || :
	is "$(tail -n 1 tried/journal.csv | cut -d, -f1)" begin 'the journal ends with'
	rm -rf base
	baseline
	writer='hazard-add in recovery'
	awk -F'\t' '$1 == "flock" { locked = 1 } locked' calls >c	# before that it only reads, as above
	kills <c
	is "$(ls tried/lost+found | sed 's/-.*//' | sort | tr '\n' ' ')" 'events.csv hazards.csv ' 'what was cut and saved'
}
kill_update() { prepare hazard-update; some | kills; }
kill_escalate() { prepare hazard-escalate; some | kills; }
some() { if [ -n "${FAULT_LONG-}" ]; then cat calls; else changing; fi; }

full() { prepare hazard-add; changing >c; errors ENOSPC '' <c; }
full_for_good() { prepare hazard-add; changing >c; errors ENOSPC + <c; }
bad_disk() { prepare hazard-add; grep -v exit_group calls >c; errors EIO '' <c; }
bad_disk_for_good() { prepare hazard-add; changing >c; errors EIO + <c; }
update_errors() { prepare hazard-update; changing >c; errors EIO '' <c; }
escalate_errors() { prepare hazard-escalate; changing >c; errors ENOSPC '' <c; }

# Interrupted calls are taken up again and nobody notices: every second read, each write twice in a row.
interrupted() {
	prepare hazard-add
	for call in read pread64; do
		n=$(awk -F'\t' -v c=$call '$1 == c { print $2; exit }' calls)	# what came before was the loader's
		unnoticed $call $n..9999+2
		unnoticed $call $((n + 1))..9999+2
	done
	awk -F'\t' -v last="$committed" '$1 == "write" && $3 <= last { print $2 }' calls >c
	while read -r n; do
		unnoticed write $n..$((n + 1))
	done <c
	tally "$writer: EINTR: $tries, noticed: 0"
}

unnoticed() {
	try $bpf -o /dev/null -e trace=$1 -e inject=$1:error=EINTR:when=$2
	judge "EINTR at $1 $2"
	is "$got" 0 "$what: status"
	is $seen after "$what: the moment seen"
	cmp answer answer.after
}

interrupted_answer() {
	prepare hazard-add
	unnoticed write "$(awk -F'\t' '$1 == "write" { n = $2 } END { print n }' calls)"
}

# A write that says it wrote and did not.
lies() {
	prepare hazard-add
	awk -F'\t' -v last="$committed" '$1 == "write" && $3 <= last && $4 ~ /^(begin|commit|T01-)/' calls >c
	is "$(wc -l <c)" 4 'writes of begin, hazards, events and commit'
	while IFS=$tab read -r call n number text result; do
		try $bpf -o /dev/null -e trace=$call -e inject=$call:retval=$result:when=$n
		judge "lie at $call $n ($text)"
		agree "$what" "$number" "$call"
		is $seen before "$what: the moment seen"
	done <c
	tally "$writer: lying writes: $tries, believed: 0"
}

t 'kill -9 at every call of hazard-add' kill_add
t 'kill -9 at every call of a hazard-add that recovers' kill_recovery
t 'kill -9 in hazard-update' kill_update
t 'kill -9 in hazard-escalate' kill_escalate
t 'ENOSPC at each call of hazard-add that changes a file' full
t 'ENOSPC from each one on' full_for_good
t 'EIO at every call of hazard-add' bad_disk
t 'EIO from each one on that changes a file' bad_disk_for_good
t 'EIO in hazard-update' update_errors
t 'ENOSPC in hazard-escalate' escalate_errors
t 'EINTR is not noticed' interrupted
t 'EINTR while the answer is printed' interrupted_answer
t 'writes that lie' lies
sed 's/^/# /' "$said"
plan
