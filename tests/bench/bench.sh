# SPDX-License-Identifier: MIT
#
# How fast the programs are, beside others that do the same work on the same data: make bench, or
#
#	abs_top_builddir=BUILD sh tests/bench/bench.sh
#
# BENCH_N=100000 hazards (with about three events each), BENCH_ROUNDS=5, BENCH_DIR= where the data go (kept when named).
# Commands run interleaved, round by round, so that a busy machine hurts all alike: read the paired ratios, not the
# milliseconds.  No time is ever an assertion; answers that differ are, and give status 1.
set -eu

top=${abs_top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd -P)}
build=${abs_top_builddir:?name the build tree}
n=${BENCH_N:-100000}
rounds=${BENCH_ROUNDS:-5}
batch=$((n / 10))
small=1000
dir=${BENCH_DIR:-$build/tests/bench/data}
PATH=$build/cmd:$PATH
GRIDLEDGER_DATA=${GRIDLEDGER_DATA:-$top/data-schemas}
GRIDLEDGER_ACTOR=T01-O0
LC_ALL=C.UTF-8
export PATH GRIDLEDGER_DATA GRIDLEDGER_ACTOR LC_ALL
unset GRIDLEDGER_DIR GRIDLEDGER_THREADS
now=--now=2026-07-01T00:00:00+08:00
start=--now=2024-07-01T00:00:00+08:00
wrong=0

say() { printf '%s\n' "$*"; }
there() { command -v "$1" >/dev/null; }

# ---- programs and data ----

mkdir -p "$build/tests/bench" "$dir"
for p in gen meas; do
	if [ ! -x "$build/tests/bench/$p" ] || [ -n "$(find "$top/tests/bench/$p.c" -newer "$build/tests/bench/$p")" ]; then
		${CC:-cc} -std=gnu11 -O2 -D_GNU_SOURCE -o "$build/tests/bench/$p" "$top/tests/bench/$p.c"
	fi
done
gen=$build/tests/bench/gen meas=$build/tests/bench/meas
[ -n "${BENCH_DIR-}" ] || trap 'rm -rf "$dir"' EXIT
cd "$dir"
rm -rf reg large small floor.txt big.db measured.tsv answers
mkdir answers
if [ -e "$build/Makefile" ]; then
	flags=$(sed -n 's/^\(GL_\)\{0,1\}CFLAGS = //p' "$build/Makefile" | tr '\n' ' ')
	case $flags in
	*sanitize* | *coverage* | *-O0*) optimised=no ;;
	*-O[23]*) optimised=yes ;;
	*) optimised=no ;;
	esac
else
	flags='not known' optimised='not known'
fi
say "machine:    $(uname -srm), $(getconf _NPROCESSORS_ONLN) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)," \
	"load $(cut -d' ' -f1 /proc/loadavg)"
say "programs:   $(gridctl --version | head -n 1); optimised: $optimised ($flags)"
[ "$optimised" != no ] || say '            THESE BINARIES ARE NOT WHAT IS SHIPPED: configure another tree without sanitizers or coverage, with -O2'

# A register of the hazards 0 to $2-1 of n, in commits of at most 100000.
register() {
	gridctl init -q --place=default --office=T01 $start "$1" >/dev/null 2>&1
	for t in grids organs officers posts subjects; do
		"$gen" $t | gridctl put -q -C "$1" $start $t -
	done
	i=0
	while [ $i -lt "$2" ]; do
		k=$(($2 - i < 100000 ? $2 - i : 100000))
		"$gen" hazards "$n" $i $k | hazard-add -q -C "$1" $now - >/dev/null
		i=$((i + k))
	done
}
seconds=$(date +%s)
"$gen" list "$n" >list.csv
register reg "$n"
register small $small
say "data:       $n hazards, $(($(wc -l <reg/events.csv) - 1)) events, $(wc -c <list.csv) bytes listed," \
	"$(cat reg/hazards.csv reg/events.csv | wc -c) in the register; made in $(($(date +%s) - seconds)) s"
# The generator derives the ledger on its own; a difference is a wrong answer of one of the two.
if hazard-list -C reg $now | cmp -s - list.csv; then
	say 'check:      hazard-list prints the generated ledger, byte for byte'
else
	say 'check:      hazard-list AND THE GENERATED LEDGER DIFFER'
	wrong=1
fi
cp -r reg large
for d in large small; do
	hazard-add -q -C $d $now --grid=990109101001 --severity=minor --category=fire --description=warm >/dev/null
done

# ---- what is measured ----

# m TASK LABEL COMMAND...: the first label of a task is what the others are compared with.
m() {
	m_task=$1 m_label=$2
	shift 2
	m_status=0
	"$meas" measured.tsv "$m_task" "$m_label" $round "answers/$m_task.$m_label" "$@" 2>answers/stderr || m_status=$?
	[ $m_status -eq 0 ] || { say "$m_task: $m_label: status $m_status: $(head -n 1 answers/stderr)"; wrong=1; }
}

# The answers of a task after a command that makes them alike: ours, and whether the others agree.
agree() {
	a_task=$1 a_ours=$2
	shift 2
	for f in answers/$a_task.ours*; do
		"$@" <$f | LC_ALL=C sort >$f.plain
	done
	for f in answers/$a_task.*; do
		case $f in
		*.plain | *limit*) continue ;;
		*.ours*) other=$f.plain ;;
		*) LC_ALL=C sort $f | tr -d '\r' >$f.plain; other=$f.plain ;;
		esac
		cmp -s answers/$a_task.$a_ours.plain $other || { say "$a_task: THE ANSWERS DIFFER: $f"; wrong=1; }
	done
	[ -s answers/$a_task.$a_ours.plain ] || { say "$a_task: NO ANSWER"; wrong=1; }
}

list_awk='NR > 1 && $25 != "void" { k = $17 "," $8; n[k]++; o[k] += $31 == "yes" } END { for (k in n) print k "," n[k] "," o[k] + 0 }'
list_sql="select township_grid || ',' || severity || ',' || count(*) || ',' || sum(overdue = 'yes') from l
	where phase <> 'void' group by township_grid, severity"
join_awk='FNR == 1 { file++; next } file == 1 { if ($5 == "rectify") r[$4]; else if ($5 == "close") c[$4]; else if ($5 == "void") v[$4]; next }
	!($1 in v) { t = substr($5, 1, 9); n[t]++; R[t] += $1 in r; C[t] += $1 in c } END { for (t in n) print t "," n[t] "," R[t] "," C[t] }'
join_sql="select t || ',' || count(*) || ',' || sum(r) || ',' || sum(c) from (select substr(grid, 1, 9) t,
	hazard in (select hazard from e where step = 'rectify') r, hazard in (select hazard from e where step = 'close') c
	from h where hazard not in (select hazard from e where step = 'void')) group by t"

# Town by severity from the ledger as CSV (R1).
list_task() {
	set -- rectify-report $now --by=township,severity --figures=found,overdue --format=csv list.csv
	GRIDLEDGER_THREADS=1 m list ours-1-thread "$@"
	GRIDLEDGER_THREADS=2 m list ours-2-threads "$@"
	m list limit-wc-l wc -l list.csv
	for a in mawk gawk; do
		! there $a || LC_ALL=C m list $a $a -F, "$list_awk" list.csv
	done
	! there sqlite3 || m list sqlite3-import sqlite3 :memory: '.import --csv list.csv l' "$list_sql"
	! there mlr || m list mlr mlr --icsv --ocsv --headerless-csv-output filter '$phase != "void"' then put -q \
		'@n[$township_grid][$severity] += 1; @o[$township_grid][$severity] += $overdue == "yes" ? 1 : 0;
		end { emit (@n, @o), "township_grid", "severity" }' list.csv
	! there duckdb || for k in 1 2; do
		m list duckdb-$k-threads duckdb -noheader -list -c "set threads = $k" -c \
			"select township_grid || ',' || severity || ',' || count(*) || ',' || count(*) filter (where overdue = 'yes')
			from read_csv('list.csv', all_varchar = true, header = true) where phase <> 'void' group by township_grid, severity"
	done
}

# The figures of each town from the register: hazards joined with their events (R2).
join_task() {
	set -- rectify-report -C reg $now --by=township --figures=found,rectified,closed --format=csv
	GRIDLEDGER_THREADS=1 m join ours-1-thread "$@"
	GRIDLEDGER_THREADS=2 m join ours-2-threads "$@"
	m join limit-wc-l wc -l reg/hazards.csv reg/events.csv
	for a in mawk gawk; do
		! there $a || LC_ALL=C m join $a $a -F, "$join_awk" reg/events.csv reg/hazards.csv
	done
	! there sqlite3 || m join sqlite3-import sqlite3 :memory: '.import --csv reg/hazards.csv h' '.import --csv reg/events.csv e' \
		"$join_sql"
}

# One hazard, acknowledged when it is on the disk.
one_task() {
	set -- $now --grid=990109101001 --severity=minor --category=fire
	m one ours-large hazard-add -q -C large "$@" --description="round $round"
	m one ours-small hazard-add -q -C small "$@" --description="round $round"
	m one limit-append "$meas" append floor.txt
	m one limit-true true
	! there sqlite3 || m one sqlite3-insert sqlite3 big.db "insert into h (hazard, grid, description) values ('n$round', '990109101001', 'x')"
}

# Many hazards in one commit; sqlite3 checks nothing but that ref is unique.
batch_task() {
	"$gen" hazards $batch 0 $batch $((100 + round)) >batch.csv
	m batch ours hazard-add -q -C large $now batch.csv
	! there sqlite3 || m batch sqlite3-import sqlite3 batch.db '.import --csv --skip 1 batch.csv b'
}

verify_task() {
	m verify ours gridctl verify -q reg
	m verify limit-sha256sum sha256sum reg/hazards.csv reg/events.csv reg/journal.csv
}

if there sqlite3; then
	rm -f big.db batch.db
	sqlite3 big.db '.import --csv reg/hazards.csv h' 'create unique index k on h (hazard)'
	sqlite3 batch.db "create table b ($("$gen" hazards 0 | sed 's/[^,]*/"&"/g')); create unique index k on b (ref)"
fi
for a in mawk gawk sqlite3 mlr duckdb; do
	there $a || say "not here:   $a"
done
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	list_task
	join_task
	one_task
	batch_task
	verify_task
done
agree list ours-1-thread sh -c 'sed 1d | cut -d, -f1,3-5'
agree join ours-1-thread sh -c 'sed 1d | cut -d, -f1,3-5'
for d in large small; do
	gridctl verify -q $d || wrong=1
done

# ---- the table ----

say "
list:   town by severity from the ledger as CSV    join:   hazards with their events, from the register
one:    one hazard, on disk when it is said        batch:  $batch hazards with their steps in one commit
verify: the whole register against its journal     (first line of each: what the others are compared with)
"
awk -F'\t' '
	function median(a, n,    i, j, x) {
		for (i = 2; i <= n; i++) {
			x = a[i]
			for (j = i - 1; j > 0 && a[j] > x; j--)
				a[j + 1] = a[j]
			a[j + 1] = x
		}
		return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
	}
	!(($1, $2) in seen) { seen[$1, $2]; task[++k] = $1; label[k] = $2; if (!($1 in first)) first[$1] = $2 }
	{ wall[$1, $2, $3] = $4; cpu[$1, $2, $3] = $5; if ($6 > rss[$1, $2]) rss[$1, $2] = $6; if ($3 > rounds) rounds = $3 }
	END {
		printf "%-8s %-16s %10s %10s %9s  %s\n", "task", "program", "wall ms", "cpu ms", "peak MiB", "times the first: median (min - max)"
		for (i = 1; i <= k; i++) {
			t = task[i]; l = label[i]
			for (r = 1; r <= rounds; r++) {
				w[r] = wall[t, l, r]; c[r] = cpu[t, l, r]; q[r] = w[r] / wall[t, first[t], r]
			}
			a = median(w, rounds); b = median(c, rounds); m = median(q, rounds)
			printf "%-8s %-16s %10.2f %10.2f %9.1f  %6.2f (%.2f - %.2f)\n", t, l, a, b, rss[t, l] / 1024, m, q[1], q[rounds]
		}
	}' measured.tsv
exit $wrong
