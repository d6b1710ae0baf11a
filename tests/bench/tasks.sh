# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2016,SC2034,SC2154	# names are shared with bench.sh; programs of awk and mlr
#
# What bench.sh measures, one function a task, in the directory of a size's data.  Programs named ours-1 and ours-2 run
# with that many threads; those named limit-... do less than the task needs: floors, not rivals.

# m TASK PROGRAM COMMAND...: one run.  The first program of a task is what the others are compared with in the table.
m() {
	m_task=$1 m_program=$2
	shift 2
	m_status=0
	m_answer=work/answers/$m_task.$m_program
	"$meas" work/measured.tsv "$m_task" "$m_program" "$round" "$m_answer" "$@" 2>work/stderr || m_status=$?
	[ $m_status -eq 0 ] || wrong "$m_task/$m_program: status $m_status: $(head -n 1 work/stderr)"
}

# Files are in the page cache before the first program of a task asks for them, which else would pay for all.
cached() {
	cat "$@" >/dev/null
}

# The same with 1 and 2 threads.
ours() {
	o_task=$1
	shift
	for k in 1 2; do
		GRIDLEDGER_THREADS=$k
		export GRIDLEDGER_THREADS
		m "$o_task" ours-$k "$@"
	done
	unset GRIDLEDGER_THREADS
}

# DuckDB with 1 and 2 threads.
duckdb() {
	[ -z "$libduckdb" ] || for k in 1 2; do
		m "$1" duckdb-$k "$duckq" "$libduckdb" $k "$2"
	done
}

# A CSV file as a table of DuckDB: all text, nothing guessed.
table() {
	columns=$(head -n 1 "$1" | sed "s/\"//g; s/[^,]*/'&': 'VARCHAR'/g")
	printf '%s' "read_csv('$1', auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"',
		columns = {$columns})"
}

# The newline count of files in C: by pread and by mmap, one thread.
newlines_of() {
	n_task=$1
	shift
	m "$n_task" limit-read "$newlines" read "$@"
	m "$n_task" limit-mmap "$newlines" mmap "$@"
}

# R1 of a CSV file in SQL, and for awk, by the numbers of the columns.
list_duckdb() {
	printf '%s' "select township_grid, severity, count(*), count(*) filter (where overdue = 'yes')
		from $(table "$1") where phase <> 'void' group by township_grid, severity"
}

list_awk='NR > 1 && $25 != "void" { k = $17 "," $8; n[k]++; o[k] += $31 == "yes" }
	END { for (k in n) print k "," n[k] "," o[k] + 0 }'

# R1: town by severity from the ledger as CSV.
list_task() {
	cached list.csv
	ours list rectify-report "$now" --by=township,severity --figures=found,overdue --format=csv list.csv
	newlines_of list list.csv
	duckdb list "$(list_duckdb list.csv)"
	for a in mawk gawk; do
		! there $a || LC_ALL=C m list $a $a -F, "$list_awk" list.csv
	done
	[ "$slow" = yes ] || return 0
	! there mlr || m list mlr mlr -S --icsv --ocsv --headerless-csv-output filter '$phase != "void"' 'then' put -q \
		'@n[$township_grid][$severity] += 1; @o[$township_grid][$severity] += $overdue == "yes" ? 1 : 0;
		end { emit (@n, @o), "township_grid", "severity" }' list.csv
	! there sqlite3 || m list sqlite3 sqlite3 :memory: '.mode csv' '.import --csv list.csv l' \
		"select township_grid, severity, count(*), sum(overdue = 'yes') from l where phase <> 'void'
		group by township_grid, severity"
}

# R1 again, every field quoted.
quoted_task() {
	cached quoted.csv
	ours quoted rectify-report "$now" --by=township,severity --figures=found,overdue --format=csv quoted.csv
	newlines_of quoted quoted.csv
	duckdb quoted "$(list_duckdb quoted.csv)"
}

join_awk='FNR == 1 { file++; next } file == 1 { if ($5 == "rectify") r[$4]; else if ($5 == "void") v[$4]; next }
	!($1 in v) { t = substr($5, 1, 9); n[t]++; R[t] += $1 in r } END { for (t in n) print t "," n[t] "," R[t] }'

# R2: hazards and those rectified by town, from the register: hazards joined with their events.
join_task() {
	cached reg/*.csv
	set -- "$now" --by=township --figures=found,rectified,rate --format=csv
	ours join rectify-report -C reg "$@"
	m join ours-pipe sh -c "hazard-list -C reg $now --columns=township_grid,township_name,phase,round |
		rectify-report $* -"
	newlines_of join reg/hazards.csv reg/events.csv
	duckdb join "select substr(grid, 1, 9) t, count(*), count(*) filter (where r) from $(table reg/hazards.csv) h
		left join (select hazard, bool_or(step = 'rectify') r, bool_or(step = 'void') v from $(table reg/events.csv)
		where step = 'rectify' or step = 'void' group by hazard) e on h.hazard = e.hazard
		where v is distinct from true group by t"
	for a in mawk gawk; do
		! there $a || LC_ALL=C m join $a $a -F, "$join_awk" reg/events.csv reg/hazards.csv
	done
	[ "$slow" = yes ] || return 0
	! there mlr || m join mlr mlr -S --icsv --ocsv --headerless-csv-output put -q 'begin { @r = {}; @v = {} }
		if (is_present($event)) {
			if ($step == "rectify") { @r[$hazard] = 1 } elif ($step == "void") { @v[$hazard] = 1 }
		} elif (!haskey(@v, $hazard)) {
			t = substr0($grid, 0, 8); @n[t] += 1; @R[t] += haskey(@r, $hazard) ? 1 : 0
		}
		end { emit (@n, @R), "t" }' reg/events.csv reg/hazards.csv
	! there sqlite3 || m join sqlite3 sqlite3 :memory: '.mode csv' '.import --csv reg/hazards.csv h' \
		'.import --csv reg/events.csv e' "select t, count(*), sum(r) from (select substr(grid, 1, 9) t,
		hazard in (select hazard from e where step = 'rectify') r from h
		where hazard not in (select hazard from e where step = 'void')) group by t"
}

# Start-up: the same over 100 rows.
start_task() {
	for s in $samples; do
		m start ours-list rectify-report "$now" --by=township,severity --figures=found,overdue --format=csv \
			work/hundred.csv
		m start ours-join rectify-report -C "$dir/100/reg" "$now" --by=township \
			--figures=found,rectified,rate --format=csv
		m start limit-true true
		! there mawk || LC_ALL=C m start mawk mawk -F, "$list_awk" work/hundred.csv
	done
}

# One hazard, acknowledged when it is on the disk, into the large register and into one of 10000.
add_task() {
	sync	# what others wrote before is not to be waited for
	set -- "$now" --grid=990109101001 --severity=minor --category=fire
	for s in $samples; do
		m add ours-large hazard-add -q -C large "$@" --description="$run $round $s"
		m add ours-small hazard-add -q -C work/small "$@" --description="$run $round $s"
		m add limit-true true
		m add limit-syncs "$meas" syncs work/floor-journal work/floor-ledger
		[ ! -e big.db ] || m add sqlite3 sqlite3 big.db \
			"insert into h (hazard, grid, description) values ('$run $round $s', '990109101001', 'x')"
	done
	said add.ours-large add.ours-small
}

# One step on one hazard.
update_task() {
	sync
	for s in $samples; do
		set -- -q --format=ids "$now" note --note="$run $round $s"
		m update ours-large hazard-update -C large "$@" "$(hazard "$n")"
		m update ours-small hazard-update -C work/small "$@" "$(hazard 10000)"
		m update limit-true true
		m update limit-syncs "$meas" syncs work/floor-journal work/floor-ledger
	done
	said update.ours-large update.ours-small
}

# The id of one of the first $1 hazards, another one at each sample.
hazard() {
	printf 'T01-H2026-%06d' $(((round * 7919 + s * 104729) % $1 + 1))
}

# The answers are there: a record that came in once before would add nothing.
said() {
	for f; do
		[ -s "work/answers/$f" ] || wrong "$f: no id was printed"
	done
}

# m with a register of 10000 hazards to grow, as $dir/new, made afresh.
grow() {
	rm -rf work/new
	cp -rL "$dir/10k/reg" work/new
	m "$@"
}

# 100,000 rows with steps in one commit; sqlite3 checks nothing but that ref is unique.
batch_task() {
	grow batch ours hazard-add -q -C work/new "$now" --history work/batch.csv
	there sqlite3 || return 0
	rm -f work/batch.db
	sqlite3 work/batch.db "create table b ($(head -n 1 work/batch.csv | sed 's/[^,]*/"&"/g'))" \
		'create unique index k on b (ref)'
	m batch sqlite3 sqlite3 work/batch.db '.import --csv --skip 1 work/batch.csv b'
}

# A large file of foreign rows, without and with steps.
intake_task() {
	grow intake ours hazard-add -q -C work/new "$now" work/reports.csv
	grow intake ours-steps hazard-add -q -C work/new "$now" --history work/steps.csv
	rm -rf work/new
}

# The first add after the index was removed builds it again: all of that process.
index_task() {
	rm -rf large/.index
	m index ours hazard-add -q -C large "$now" --grid=990109101001 --severity=minor --category=fire \
		--description="$run $round index"
	newlines_of index large/hazards.csv large/events.csv
}

verify_task() {
	cached reg/*.csv
	m verify ours gridctl verify -q reg
	m verify limit-sha256sum sha256sum reg/hazards.csv reg/events.csv reg/journal.csv
}

# What cron does: a sweep that finds nothing due, where a third of the hazards is open, and the first one ever, which finds two
# years' backlog.  Where one in fifty is open: the next sweep, the first one, which has nothing kept of what is watched, and
# beside them the plain scan of the two ledgers and the report that folds them.
sweep_task() {
	for r in large settled; do		# keeps what is watched
		hazard-escalate -q -C $r "$now" 2>/dev/null || wrong "hazard-escalate -C $r: status $?"
	done
	cached large/hazards.csv large/events.csv
	m sweep ours hazard-escalate -q -n -C large "$now"
	newlines_of sweep large/hazards.csv large/events.csv
	[ "$slow" = no ] || m sweep ours-backlog hazard-escalate -q -n -C reg "$now"
	cached settled/hazards.csv settled/events.csv
	m settled ours-next hazard-escalate -q -n -C settled "$now"
	mv settled/.index/watch work/watch
	m settled ours-first hazard-escalate -q -n -C settled "$now"
	mv work/watch settled/.index/watch
	m settled ours-plain rectify-report -C settled "$now" --by=township --figures=found,rectified,rate --format=csv
	newlines_of settled settled/hazards.csv settled/events.csv
	cmp -s work/answers/settled.ours-next work/answers/settled.ours-first || wrong 'settled: THE FIRST SWEEP AND THE NEXT ONE DIFFER'
}

# agree TASK FIELDS: all that answered the task answered like ours-1; of our CSV those fields, without its header.
agree() {
	plain "work/answers/$1.ours-1" "$2" >work/first
	[ -s work/first ] || wrong "$1: NO ANSWER"
	a_alike=
	for f in work/answers/"$1".*; do
		case $f in
		*.limit-*) continue ;;
		esac
		if plain "$f" "$2" | cmp -s work/first -; then
			a_alike="$a_alike ${f##*.}"
		else
			wrong "$1: THE ANSWERS DIFFER: ours-1, ${f##*.}"
		fi
	done
	say "check:      $1: $(wc -l <work/first) groups, alike from$a_alike"
}

# The groups of an answer, sorted, whoever gave it.
plain() {
	case $1 in
	*.ours*) sed 1d "$1" | cut -d, -f"$2" ;;
	*) tr -d '\r"' <"$1" ;;
	esac | LC_ALL=C sort
}
