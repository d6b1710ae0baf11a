# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the tests that put faults into system calls share, sourced after tap.sh and office.sh.  tries.c does the runs,
# inject.c the faults, judge.sh says what they left.
#
#	tools			compiles them, once for a file; skips it, saying so, where faults cannot be injected
#	begin WRITER		a register in work/w0/tried, and alike in w1, for one of $all_writers; $writer is its name
#	calls [FAULT]		./calls: the system calls of the writer from its first touch of the register on, as inject.h
#				says; after a first run with FAULT (KIND:CALL:N) when that is named.  $committed is the
#				number of the one that writes the commit line
#	run_plan [FAULT]	tries all of ./plan, into ./results; what does not hold fails the test
#	tally WORDS...		a line for the end of the file; `told` prints them all
#
# The work is done in memory where there is room: a kill leaves the page cache, so no disk is needed.

. "$tests/fault/commands.sh"
need gridctl hazard-add hazard-update hazard-list hazard-escalate hazard-notice ledger-add
judge_all=${TEST_LONG-}		# not only what a state of the files is judged the first time
GRIDLEDGER_THREADS=1		# calls are counted for the whole process
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
export GRIDLEDGER_THREADS ASAN_OPTIONS
tab=$(printf '\t')
said=$(mktemp) || exit 99
bin=$(mktemp -d) || exit 99
trap 'rm -rf "$said" "$bin"' EXIT
trap 'exit 1' HUP INT TERM

tally() {
	echo "$*" >>"$said"
}

told() {
	sed 's/^/# /' "$said"
}

tools() {
	command -v "${CC:-cc}" >/dev/null || skip_all "NO FAULT WAS TRIED: no C compiler here (\$CC or cc)"
	"${CC:-cc}" -std=gnu11 -O2 -o "$bin/tries" "$tests/fault/tries.c" "$tests/fault/inject.c" "$tests/fault/tree.c" || exit 99
	mkdir "$bin/w"
	(cd "$bin" && ./tries -l log -w w -- true && grep -q exit_group log) 2>"$bin/why" ||
		skip_all "NO FAULT WAS TRIED: no seccomp listener here ($(head -n 1 "$bin/why"))"
}

# ---- the writers ----

# What the commands above need, beside the register and in it.
inputs() {
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
	cat >measures.csv <<-'END'
		hazard,owner,due,replaces,text
		T01-H2026-000001,T01-FIRE,2026-03-08,,"换,新"
		T01-H2026-000002,,,,二
		T01-H2026-000001,,,T01-M2026-000001,三
	END
	cat >subjects.csv <<-'END'
		subject,kind,sector,grid,uscc,valid_from,name
		T01-S1,enterprise,industry,990101001001,91990101MADEM0003C,2020-01-01,晴川木业新厂
		T01-S2,shop,commerce,990101001001,92990101MADEM00013,2020-01-01,便民超市
		T01-S3,shop,commerce,990101002001,92990101MADEM00026,2020-01-01,便民超市
		T01-S4,rental,,990101002002,,2020-01-01,山村出租房
	END
}

# ---- a test ----

begin() {
	writer=$1
	top=$PWD
	memory=$(mktemp -d /dev/shm/gridledger-faults.XXXXXX 2>/dev/null) || memory=$PWD
	trap 'leave' EXIT
	cd "$memory"
	export writer GRIDLEDGER_ACTOR=T01-O1
	for w in w0 w1; do
		mkdir $w
		(cd $w && inputs && register)
	done
	GRIDLEDGER_DIR=tried
	export GRIDLEDGER_DIR
	channel
	moments
	echo ". '$tests/fault/judge.sh'" >judge
	: >judged
}

# The program that send runs: what it was given, by which channel, goes to the end of ./got.
channel() {
	printf '#!/bin/sh\nsed -n "s/^Number: /$1 /p" >>got\n' >"$bin/gl-channel"
	chmod +x "$bin/gl-channel"
	PATH=$bin:$PATH
	export PATH
}

# The answer, and what there is to read before the writer, after it, and after it and one hazard more in either order.
moments() {
	case $writer in read-*)
		(cd w0; write >../answer)
		[ "$(wc -l <answer)" -gt 1 ] || fail 'nothing was read'
		return
		;;
	esac
	cp -a w0 w
	cd w
	if [ $writer != init ]; then
		content >../before
		cp -a tried kept
	fi
	write >../answer
	content >../after
	if [ $writer != init ]; then
		! cmp -s ../before ../after || fail 'the writer wrote nothing'
		another >/dev/null
		content >../after-another
		rm -rf tried
		mv kept tried
		[ $writer = adopt ] || another >/dev/null
		write >/dev/null
		content >../another-after
	fi
	cd ..
	rm -rf w
}

# Memory is given back; what failed is kept with the test.
leave() {
	left=$?
	cd "$top"
	if [ "$memory" != "$top" ]; then
		if [ $left -ne 0 ] || [ -e "$tap_dir.fail" ]; then
			cp -a "$memory" kept || :
		fi
		rm -rf "$memory"
	fi
}

calls() {
	write "$bin/tries" -l log ${1:+-s "$1"} -w w1 -- || fail "the writer, watched: status $?"
	write "$bin/tries" -l log ${1:+-s "$1"} -w w0 -- || fail "the writer, watched: status $?"
	awk -F'\t' '$5 ~ /(^|\/)tried(\/|$)/ { seen = 1 } seen' log >calls
	case $writer in read-*) return ;; esac
	# one that makes several commits has done its work with the last
	committed=$(awk -F'\t' -v many="$([ $writer != send ] || echo 1)" \
		'$1 == "write" && $5 ~ /journal.csv$/ && $6 ~ /^(commit|adopt|kind),/ { n = $3; if (!many) exit } END { print n }' calls)
	[ -n "$committed" ] || fail 'no commit line in the log'
}

# Every line of ./plan, with these options.
try_plan() {
	write "$bin/tries" -p plan -o "$PWD/results" -J judged -j "$PWD/judge" -a "$PWD/answer" ${judge_all:+-L} "$@" -w w0 -w w1 -- ||
		fail 'tries failed'
	cat results.* >results
	rm -f results.[0-9]
	is "$(wc -l <results)" "$(wc -l <plan)" 'tries'
}

# What must hold whatever was tried; a result is FAULT CALL N NUMBER DOES FILE TEXT STATUS SEEN SAID REACHED FAULTS RESYNCED DIGEST.
run_plan() {
	try_plan ${1:+-s "$1"}
	awk -F'\t' -v committed="$committed" -v writer=$writer -v empty="$([ -s answer ] || echo 1)" '
		function bad(why) { print why ": " $0 }
		$9 == "BAD" { bad("judged bad") }
		$11 != 1 { bad("the call did not come") }
		$13 != 0 { bad("a sync again after it failed") }
		# adopt shows the rows before it seals them; its status says whether it did
		$10 == "same" && $9 != "after" && !empty && writer != "adopt" { bad("said and lost") }
		$1 == "kill" || $1 == "torn" {
			if ($8 != 137) bad("status")
			if (($4 > committed) != ($9 == "after")) bad("the moment seen")
			next
		}
		$8 == 0 && $9 == "after" { next }
		$8 == 4 && $9 == "before" { next }
		$8 == 6 && $4 >= committed { next }
		$8 == 7 && $9 == "after" && $2 ~ /^(write|dup|close)$/ { next }
		{ bad("status and files") }' results >bad
	empty bad
}

# Counts of ./results for the tally.
counts() {
	awk -F'\t' '
		{ n++; if (!($14 in seen)) { seen[$14]; states++ }; after += $9 == "after"; said += $10 == "same" && $9 == "after"; status[$8]++ }
		END {
			printf "%d runs, %d states, %d recorded, 0 lost, 0 torn; status", n, states, after
			for (s = 0; s < 200; s++) if (s in status) printf " %d: %d,", s, status[s]
		}' results | sed 's/,$//'
}

# The errnos of reliability.md R2 that a call may give, for each call of ./calls: those that change files, lock or close
# what was written; with TEST_LONG=yes, or when $1 says all, those that only look too.  $2 goes behind each errno.
errnos() {
	awk -F'\t' -v all="${TEST_LONG:+all}$1" -v behind="${2-}" '
		BEGIN {
			can["write"] = "ENOSPC EIO EDQUOT EINTR ENOMEM EAGAIN"
			can["pwrite64"] = can["writev"] = can["pwritev"] = "ENOSPC EIO EDQUOT EINTR ENOMEM"
			can["fdatasync"] = can["fsync"] = "EIO ENOSPC EDQUOT EINTR ENOMEM"
			can["ftruncate"] = "EIO EINTR ENOSPC ENOMEM"
			can["fallocate"] = "ENOSPC EDQUOT EIO EINTR ENOMEM"
			can["renameat"] = can["renameat2"] = can["rename"] = can["linkat"] = "ENOSPC EDQUOT EIO ENOMEM"
			can["mkdirat"] = can["mkdir"] = can["unlinkat"] = can["unlink"] = can["fchmod"] = "ENOSPC EDQUOT EIO ENOMEM"
			can["flock"] = "EINTR ENOMEM EIO EAGAIN"
			can["openat"] = "EMFILE ENOMEM ENOSPC EDQUOT EIO EINTR"
			can["close"] = "EIO ENOSPC EDQUOT EINTR"
			look["openat"] = "EMFILE ENOMEM EIO EINTR"
			look["read"] = look["pread64"] = "EIO EINTR ENOMEM EAGAIN"
			look["newfstatat"] = look["fstat"] = look["faccessat2"] = look["fstatfs"] = "EIO EINTR ENOMEM"
			look["getdents64"] = look["readlinkat"] = look["lseek"] = "EIO ENOMEM"
			look["mmap"] = "ENOMEM"
			look["dup"] = look["socket"] = "EMFILE"
			look["close"] = "EIO EINTR"
		}
		{ list = $4 == "look" ? (all != "" && $5 !~ /^socket/ ? look[$1] : "") : can[$1] }
		# a socket is not a file, and who does not get the lock at once asks again for 30 s
		$5 ~ /^(socket|pipe)/ { next }
		behind != "" { sub(/ ?EAGAIN/, "", list) }
		{
			n = split(list, e, " ")
			for (i = 1; i <= n; i++) print e[i] behind "\t" $1 "\t" $2 "\t" $3 "\t" $4 "\t" $5 "\t" $6
		}' calls
}
