# SPDX-License-Identifier: MIT
#
# Memory runs out (reliability.md R11): the N-th allocation of a program fails, alone or with all after it, whoever asked
# for it (the programs, libcsv, libyaml, PCRE2, LMDB, libc).  No signal, no hang; a reader says status 4 or gives its whole
# answer; of a writer's commit there is all (status 0, or 7 when it could not be told) or nothing (status 4), with words on
# standard error, and the register works on.
#
# Short form: some 75 places for each program, spread over all (OOM_START=N: from that one on; OOM_MOST=N: so many), each tried
# alone and with all that follow it failing, and the last 20; TEST_LONG=yes: every place, of those that read whole policies,
# which ask for memory four times for each word (14000 times), 4000 of them.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-escalate ledger-add rectify-report
GRIDLEDGER_THREADS=1	# so that the N-th is the same in each run
export GRIDLEDGER_THREADS
case ${TEST_LONG-} in yes) most=${OOM_MOST:-4000} ;; *) most=${OOM_MOST:-75} ;; esac
work=$(mktemp -d "${TMPDIR:-/tmp}/oom.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
shim=$work/oom.so
said=$work/said
: >"$said"
${CC:-cc} -shared -fPIC -o "$shim" "$tests/fault/oom.c" 2>"$work/cc" || ${CC:-cc} -shared -fPIC -o "$shim" "$tests/fault/oom.c" -ldl 2>"$work/cc" ||
	skip_all "NO ALLOCATION WAS FAILED: the shim cannot be compiled: $(head -n 1 "$work/cc")"
[ "$(LD_PRELOAD=$shim OOM_COUNT=$work/n gridctl --version 2>&1 | grep -c gridledger)" -eq 1 ] && [ -s "$work/n" ] ||
	skip_all 'NO ALLOCATION WAS FAILED: the programs cannot be run with a shim (built with a sanitizer?)'
index=yes	# no: each run makes it anew
start=${OOM_START:-0}
now=--now=2026-03-10T09:00:00+08:00
later=--now=2026-03-10T09:20:00+08:00

# A register with six hazards and input for the writers.
prepare() {
	office reg
	hazards
	hazard-update -q --now=2026-03-03T09:00:00+08:00 assign --owner=T01-FIRE T01-H2026-000001
	cat >in.csv <<-'END'
		grid,severity,category,assign.at,assign.owner,place,description
		990101001001,general,fire,,T01-FIRE,一,"甲,乙"
		990101001002,general,gas,2026-03-10 09:00,T01-GAS,二,乙
	END
	printf '网格,等级,隐患描述\n990101001001,一般,灭火器过期\n990101001002,一般,软管老化\n' | iconv -f UTF-8 -t GB18030 >gbk.csv
	cat >steps.csv <<-'END'
		hazard,step,note
		T01-H2026-000001,note,换新
		T01-H2026-000004,note,看过
	END
	cat >measures.csv <<-'END'
		hazard,owner,due,text
		T01-H2026-000001,T01-FIRE,2026-03-08,"换,新"
		T01-H2026-000002,,,二
	END
	gridctl get -q grids >grids.csv
	echo '990101003,990101,township,2026-01-01,南镇' >>grids.csv.more
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; n = NF } { print }
		END { for (i = 1; i <= n; i++) printf "%s%s", i == c["grid"] ? "990101003" : i == c["parent"] ? "990101" :
			i == c["level"] ? "township" : i == c["valid_from"] ? "2026-01-01" : i == c["name"] ? "南镇" : "", i < n ? "," : "\n" }' grids.csv >more.csv
	cp -a reg base
}

# Each file as it was, in its own inode: the index knows its journal by it, and allocation N is then the same in each run.
restore() {
	(cd reg && find . -depth) | while IFS= read -r f; do
		[ -e "base/$f" ] || rm -d "reg/$f"
	done
	cp -a base/. reg
	[ "$index" = yes ] || rm -r reg/.index
}

# The places to try of $1.
places() {
	awk -v n="$1" -v last="${OOM_LAST:-20}" -v most="$most" -v start="$start" 'BEGIN {
		step = n > most ? n / most : 1
		for (i = step > 1 ? start % step : 0; i < n - last; i += step)
			print int(i) + 1
		for (i = n > last ? n - last : i; i < n; i++)	# a commit stands by then
			print i + 1
	}'
}

# Run "$@" with memory failing at $at (and after it: $sticky); standard output to ./out, words to ./err.
starve() {
	got=0
	timeout -s KILL 120 env OOM_AT=$at OOM_STICKY=$sticky LD_PRELOAD="$shim" "$@" >out 2>err || got=$?
	tries=$((tries + 1))
	what="$*, allocation $at$([ $sticky = 0 ] || echo ' and all that follow') fails"
}

# Words must be said with these statuses.
spoke() {
	[ -s err ] || fail "$what: status $got and not a word"
	like "$(cat err)" 'memory|allocate' "$what: status $got: says why"
}

# A program that changes nothing.
reader() {
	prepare
	OOM_COUNT=count LD_PRELOAD=$shim "$@" >answer || fail "$*: status $?"
	tries=0 unnoticed=0
	places "$(cat count)" >list
	while read -r at; do
		for sticky in 0 1; do
			starve "$@"
			case $got in
			0)
				cmp -s answer out || fail "$what: status 0 and another answer"
				unnoticed=$((unnoticed + 1))
				;;
			4) spoke ;;
			*) fail "$what: status $got: $(head -n 3 err)" ;;
			esac
		done
	done <list
	diff -r -x .index base reg || fail "$*: the register was changed"
	echo "$*: of $(cat count) allocations $(wc -l <list) failed, $tries runs, whole answers $unnoticed, the rest status 4" >>"$said"
}

# What stands: before, after, or open (an interrupted commit, which the next writer undoes).
stands() {
	if cmp -s reg/journal.csv base/journal.csv; then
		for f in reg/*.csv reg/register.yaml; do
			cmp -s "$f" "base/${f#reg/}" || fail "$what: ${f#reg/} was changed without a commit" >&2
		done
		echo before
	elif [ "$(grep -c '^commit,' reg/journal.csv)" -gt "$(grep -c '^commit,' base/journal.csv)" ]; then
		echo after
	else
		echo open
	fi
}

writer() {
	prepare
	restore
	OOM_COUNT=count LD_PRELOAD=$shim "$@" >answer || fail "$*: status $?"
	commits=$(grep -c '^commit,' reg/journal.csv)
	is "$commits" $(($(grep -c '^commit,' base/journal.csv) + 1)) "$*: commits"
	restore
	tries=0 before=0 undone=0 unnoticed=0 untold=0
	places "$(cat count)" >list
	while read -r at; do
		for sticky in 0 1; do
			starve "$@"
			stood=$(stands)
			case $got.$stood in
			0.after)
				cmp -s answer out || fail "$what: status 0 and another answer"
				unnoticed=$((unnoticed + 1))
				;;
			4.before)
				spoke
				before=$((before + 1))
				;;
			4.open)
				spoke
				undone=$((undone + 1))
				;;
			7.after)
				spoke
				untold=$((untold + 1))
				;;
			*) fail "$what: status $got, the register is as $stood it: $(head -n 3 err)" ;;
			esac
			[ "$stood" != before ] || continue
			gridctl verify -q >verdict || fail "$what: verify: $(head -n 3 verdict)"
			"$@" >again 2>&1 || fail "$what: again: status $?: $(head -n 3 again)"
			[ "$stood" != open ] || is "$(grep -c '^commit,' reg/journal.csv)" "$commits" "$what: commits after it was run again"
			gridctl verify -q >verdict || fail "$what: verify after another run: $(head -n 3 verdict)"
			restore
		done
	done <list
	echo "$*$([ $index = yes ] || echo ', no index'): of $(cat count) allocations $(wc -l <list) failed, $tries runs: nothing done $before, undone later $undone, done and said $unnoticed, done and not said $untold" >>"$said"
}

# gridctl init: status 4 leaves nothing, or what a next one says to remove.
init() {
	GRIDLEDGER_ACTOR=T01-O1
	export GRIDLEDGER_ACTOR
	OOM_COUNT=count LD_PRELOAD=$shim gridctl init --place=default --office=T01 $now reg >answer || fail "init: status $?"
	tries=0 left=0 done=0
	places "$(cat count)" >list
	while read -r at; do
		for sticky in 0 1; do
			rm -rf reg
			starve gridctl init --place=default --office=T01 $now reg
			case $got in
			0 | 7)
				[ $got = 0 ] || spoke
				gridctl verify -q reg || fail "$what: status $got, verify $?"
				done=$((done + 1))
				;;
			4)
				spoke
				[ ! -e reg ] || left=$((left + 1))
				! gridctl verify -q reg >verdict 2>&1 || fail "$what: status 4 and a whole register"
				;;
			*) fail "$what: status $got: $(head -n 3 err)" ;;
			esac
		done
	done <list
	echo "gridctl init: of $(cat count) allocations $(wc -l <list) failed, $tries runs: whole $done, a part left $left" >>"$said"
}

add_one() { writer hazard-add $now --grid=990101001001 --severity=general --category=fire --description=一处; }
add_file() { writer hazard-add $now in.csv; }
add_gbk() { writer hazard-add $now --encoding=gb18030 gbk.csv; }
add_new() { index=no && add_gbk; }
update() { writer hazard-update $now -f steps.csv; }
ledger() { writer ledger-add measures $now measures.csv; }
escalate() { writer hazard-escalate $now; }
put() { writer gridctl put $now grids more.csv; }
verify() { reader gridctl verify; }
list() { reader hazard-list $later --overdue; }
report() { reader rectify-report $later --by=township; }

t 'hazard-add, one row' add_one
t 'hazard-add, a file' add_file
t 'hazard-add, a foreign file' add_gbk
t 'hazard-add, a foreign file, no index' add_new
t 'hazard-update' update
t 'ledger-add' ledger
t 'hazard-escalate' escalate
t 'gridctl put' put
t 'gridctl init' init
t 'gridctl verify' verify
t 'hazard-list' list
t 'rectify-report' report
sed 's/^/# /' "$said"
plan
