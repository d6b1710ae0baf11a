# SPDX-License-Identifier: MIT
#
# A child that a program of ours started would hold neither the lock nor the files of the register (reliability.md C6):
# every descriptor is close-on-exec from the call that makes it, and no program starts another, a shell least of all.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate hazard-notice ledger-add rectify-report strace
strace -o /dev/null true 2>/dev/null || skip_all 'NO DESCRIPTOR WAS LOOKED AT: ptrace is not allowed here'

said=$(mktemp) || exit 99
trap 'rm -f "$said"' EXIT
now=--now=2026-03-10T09:00:00+08:00
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS

begin() {
	office reg
	hazards
	hazard-update -q --now=2026-03-03T09:00:00+08:00 assign --owner=T01-FIRE T01-H2026-000001
	printf 'grid,severity,category,place,description\n990101001001,general,fire,一,甲\n' >in.csv
	sed -e 's/便民超市/便民商店/' reg/subjects.csv >subjects.csv
	mkdir other
}

# Descriptors that a child would inherit, but for those that are closed or marked soon after (no program makes a child),
# and calls that make a child.
loose() {
	awk '
		{ sub(/^[0-9]+ +/, "") }
		match($0, /^(close|fcntl)\([0-9]+/) && (/^close/ || /F_SETFD, FD_CLOEXEC/) {
			fd = substr($0, RSTART, RLENGTH)
			sub(/.*\(/, "", fd)
			delete left[fd]
		}
		/= -1 / { next }
		/^(openat|open|creat)\(/ && !/O_CLOEXEC/ { left[$NF] = $0 }
		/^(socket|accept4|memfd_create|eventfd2|epoll_create1|dup3)\(/ && !/CLOEXEC/ { left[$NF] = $0 }
		/^(dup|accept|eventfd|epoll_create)\(/ || /^fcntl\(.*F_DUPFD[,)]/ { left[$NF] = $0 }
		/^(socketpair|pipe2)\(/ && !/CLOEXEC/ { print }
		/^(pipe|dup2)\(/ { print }
		/^execve\(/ && ++execs > 1 { print }
		/^(fork|vfork)\(/ { print }
		/^clone3?\(/ && !/CLONE_THREAD/ { print }
		END { for (fd in left) print left[fd] }' log
}

programs() {
	begin
	n=0 calls=0
	while read -r line; do
		# shellcheck disable=SC2086
		strace -f -qq -o log -e trace=openat,open,creat,socket,socketpair,accept,accept4,memfd_create,pipe,pipe2,eventfd,eventfd2,epoll_create,epoll_create1,dup,dup2,dup3,fcntl,execve,fork,vfork,clone,clone3,close \
			$line >out 2>err || fail "$line: status $?: $(head -n 3 err)"
		loose >found
		[ ! -s found ] || { cat found; fail "$line"; }
		n=$((n + 1))
		calls=$((calls + $(grep -Ec '(openat|socket)\(.*= [0-9]' log)))
	done <<-END
		gridctl init $now --place=default --office=T02 other
		gridctl put $now subjects subjects.csv
		gridctl put $now policy $GRIDLEDGER_DATA/places/default
		gridctl set $now --reason=x grids 990101001 name=东
		hazard-add $now in.csv
		hazard-add $now --grid=990101001001 --severity=general --category=fire --description=x
		hazard-update $now note --note=x T01-H2026-000002
		ledger-add measures $now --hazard=T01-H2026-000002 --text=x
		ledger-add measures $now --replaces=T01-M2026-000001 --text=y
		hazard-update $now rectify --evidence=in.csv T01-H2026-000001
		hazard-escalate $now
		hazard-notice issue $now --kind=advice T01-H2026-000001
		hazard-notice list $now
		hazard-list $now
		hazard-show $now T01-H2026-000001
		rectify-report $now
		gridctl get subjects
		gridctl check $now
		gridctl verify
		gridctl head
		gridctl log
		gridctl cat hazards
		gridctl tree
	END
	tally "$n runs, $calls descriptors, 0 that a child would inherit; 0 children"
}

tally() {
	echo "$*" >>"$said"
}

# Stopped in the middle of a commit, with the lock and all its files open.
open_register() {
	begin
	strace -qq -o /dev/null -e trace=fdatasync -e inject=fdatasync:signal=STOP:when=1 hazard-add $now in.csv >out 2>err &
	tracer=$!
	n=0
	while ! tail -n 1 reg/journal.csv | grep -q '^begin,.*hazard-add'; do
		sleep 0.05
		n=$((n + 1))
		[ $n -lt 200 ] || fail 'the writer did not come to its begin line'
	done
	pid=$(sed -n 's/^pid \([0-9]*\),.*/\1/p' reg/.index/holder)
	n=0
	for fd in /proc/$pid/fd/*; do
		case $(readlink $fd) in
		*/reg/* | */reg)
			n=$((n + 1))
			flags=$(sed -n 's/^flags:[^0-9]*//p' /proc/$pid/fdinfo/${fd##*/})
			[ $((0$flags & 02000000)) -ne 0 ] || fail "$(readlink $fd) is not close-on-exec"
			;;
		esac
	done
	kill -9 $pid
	wait $tracer || :
	[ $n -ge 3 ] || fail "$n descriptors of the register"
	tally "stopped behind the begin line: $n descriptors of the register, all close-on-exec"
}

# Nothing in a program could start another.
no_shell() {
	command -v nm >/dev/null || skip 'nm is not installed'
	for p in gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate ledger-add rectify-report; do
		nm -D --undefined-only "$(command -v $p)" >symbols 2>/dev/null || skip "nm cannot read $p"
		is "$(grep -Ew 'system|popen|wordexp|execl|execle|execlp|execv|execve|execvp|execvpe|fexecve|posix_spawnp?|v?fork' symbols)" '' "$p"
	done
}

t 'every descriptor is close-on-exec, no program starts another' programs
t 'in the middle of a commit' open_register
t 'no call that starts a program is linked' no_shell
sed 's/^/# /' "$said"
plan
