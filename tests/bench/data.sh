# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154	# names are shared with bench.sh
#
# The data of the benchmarks, for bench.sh: $dir/SIZE holds list.csv (what hazard-list prints), quoted.csv (the same,
# every field quoted), reg (the register), large (a copy that the writers grow), settled (a register in which one hazard in
# fifty is open, as in a county that keeps up) and big.db (its hazards in sqlite3).
# What is there already is used again.

# The number a size stands for: 100k, 5M, or plain.
number() {
	case $1 in
	*k) echo "${1%k}000" ;;
	*M) echo "${1%M}000000" ;;
	*) echo "$1" ;;
	esac
}

# A register at $1 of the first $2 generated hazards out of $2, in commits of at most 100000; of them about $3 are open, or as
# chance has it.
register() {
	gridctl init -q --place=default --office=T01 "$start" "$1" >/dev/null 2>&1
	for t in grids organs officers posts subjects; do
		"$gen" $t | gridctl put -q -C "$1" "$start" $t -
	done
	i=0
	while [ $i -lt "$2" ]; do
		k=$(($2 - i < 100000 ? $2 - i : 100000))
		if [ -n "${3-}" ]; then "$gen" settled "$2" "$3" $i $k; else "$gen" hazards "$2" $i $k; fi |
			hazard-add -q -C "$1" "$now" --history - >/dev/null 2>&1
		i=$((i + k))
	done
}

# $dir/$1, made unless it is there: the list and the register of $2 hazards.
made() {
	[ ! -e "$dir/$1/done" ] || return 0
	rm -rf "${dir:?}/$1"
	mkdir -p "$dir/$1"
	"$gen" list "$2" >"$dir/$1/list.csv"
	register "$dir/$1/reg" "$2"
	: >"$dir/$1/done"
}

# What else a size needs, in the current directory $dir/SIZE; the writers' copy has been swept once.
more() {
	if asked quoted && [ ! -e quoted.csv ]; then
		"$gen" quote <list.csv >quoted.tmp
		mv quoted.tmp quoted.csv
	fi
	if [ ! -e large.done ]; then
		rm -rf large
		cp -rL reg large
		warm large
		: >large.done
	fi
	if asked sweep && [ ! -e settled.done ]; then
		rm -rf settled
		register settled "$n" $((n / 50))
		warm settled
		: >settled.done
	fi
	if asked add && there sqlite3 && [ "$slow" = yes ] && [ ! -e big.db ]; then
		sqlite3 big.tmp '.import --csv reg/hazards.csv h' 'create unique index k on h (hazard)'
		mv big.tmp big.db
	fi
	rm -rf work
	mkdir -p work/answers
	cp -rL "$dir/10k/reg" work/small
	warm work/small
	! asked batch || "$gen" hazards 100000 0 100000 100 >work/batch.csv
	if asked intake; then
		"$gen" reports "$intake" 0 "$intake" 102 >work/reports.csv
		"$gen" hazards "$intake" 0 "$intake" 101 >work/steps.csv
	fi
	head -n 101 list.csv >work/hundred.csv
	cat reg/*.csv large/*.csv work/*.csv >/dev/null
	! asked sweep || cat settled/*.csv >/dev/null
	! asked list || cat list.csv >/dev/null
	! asked quoted || cat quoted.csv >/dev/null
}

# What a day's first writers do to a copy of a register: the sweep, and an add that leaves the index fresh.
warm() {
	hazard-escalate -q -C "$1" "$now" 2>/dev/null || wrong "hazard-escalate -C $1: status $?"
	hazard-add -q -C "$1" "$now" --grid=990109101001 --severity=minor --category=fire --description=warm >/dev/null
}

# The sizes of the inputs, for the table's MB/s.
inputs() {
	size_of list list.csv
	! asked quoted || size_of quoted quoted.csv
	size_of join reg/hazards.csv reg/events.csv
	size_of sweep large/hazards.csv large/events.csv
	size_of sweep/ours-backlog reg/hazards.csv reg/events.csv
	! asked sweep || size_of settled settled/hazards.csv settled/events.csv
	size_of verify reg/*.csv
	! asked batch || size_of batch work/batch.csv
	! asked intake || { size_of intake/ours work/reports.csv; size_of intake/ours-steps work/steps.csv; }
}

# A line TASK BYTES for files.
size_of() {
	s_task=$1
	shift
	printf '%s\t%s\n' "$s_task" "$(cat "$@" | wc -c)"
}
