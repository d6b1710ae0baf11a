# SPDX-License-Identifier: MIT
#
# Many writers at once, and a reader without a lock beside them (reliability.md C1, C2, C3): nothing acknowledged is
# lost, no id is given twice or left out, no batch is ever seen in part.  FAULT_LONG=N: 64 writers of N batches each.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-list

said=$(mktemp) || exit 99
trap 'rm -f "$said"' EXIT
if [ -n "${FAULT_LONG-}" ]; then
	writers=64 batches=$FAULT_LONG
	case $batches in *[!0-9]* | 0 | 1) batches=1000 ;; esac
else
	writers=16 batches=10
fi
now=--now=2026-03-10T09:00:00+08:00

# Batch $1 is two hazards, each with a step: four rows in two ledgers, marked by place.
batch() {
	printf 'grid,severity,category,assign.owner,place,description\n'
	printf '990101001001,general,fire,T01-FIRE,%s,"甲,乙"\n' "$1"
	printf '990101002001,minor,gas,T01-GAS,%s,丙\n' "$1"
}

# Writer $1: its acknowledged ids, with the batch, into acks.$1; what failed into failures.$1.
writer() {
	: >acks.$1
	: >failures.$1
	i=0
	while [ $i -lt "$batches" ]; do
		i=$((i + 1))
		if batch w$1-$i | hazard-add -q --lock-wait=120s $now - >ids.$1 2>err.$1; then
			sed "s/\$/ w$1-$i/" ids.$1 >>acks.$1
		else
			echo "w$1-$i: status $?: $(cat err.$1)" >>failures.$1
		fi
	done
}

# A writer whose programs are killed, each after a moment that differs; only those that had ended are acknowledged.
doomed() {
	: >acks.$1
	: >failures.$1
	i=0
	while [ $i -lt "$batches" ]; do
		i=$((i + 1))
		batch w$1-$i >in.$1
		hazard-add -q --lock-wait=120s $now in.$1 >ids.$1 2>err.$1 &
		sleep 0.0$((($1 * 7 + i * 3) % 10))$(((i * 7) % 10))
		kill -9 $! 2>>kills.$1 || :
		if wait $! 2>>kills.$1; then
			sed "s/\$/ w$1-$i/" ids.$1 >>acks.$1
		fi
	done
}

# Reads again and again until ./stop is there; what is wrong goes into ./torn.
reader() {
	passes=0
	: >torn
	while [ ! -e stop ]; do
		passes=$((passes + 1))
		hazard-list $now --columns=hazard,state,owner,place,description >rows 2>reader.err || echo "status $?: $(cat reader.err)" >>torn
		whole rows >>torn
		echo $passes >passes
	done
}

# Rows that are torn or without their step, ids with gaps, batches that are not there in full.
whole() {
	awk -F, '
		NR == 1 { if ($0 != "hazard,state,owner,place,description") print "header: " $0; next }
		$1 != sprintf("T01-H2026-%06d", NR - 1) { print "wanted hazard " NR - 1 ": " $0 }
		$2 != "assigned" || $3 !~ /^T01-(FIRE|GAS)$/ { print "without its step: " $0 }
		$5 !~ /^(丙|"甲)$/ || ($5 == "丙" ? NF != 5 : NF != 6 || $6 != "乙\"") { print "torn: " $0 }
		{ n[$4]++; rows++ }
		END {
			for (b in n)
				if (n[b] != 2)
					print "half a batch: " b
		}' "$1"
	[ "$(tail -c 1 "$1" | od -An -c | tr -d ' ')" = '\n' ] || echo 'the last line is cut'
}

# All writers ($1 of them doomed) and the reader; then the books are compared.
together() {
	office reg
	reader &
	reading=$!
	pids=
	w=0
	while [ $w -lt $writers ]; do
		w=$((w + 1))
		if [ $w -le "$1" ]; then doomed $w & else writer $w & fi
		pids="$pids $!"
	done
	wait $pids
	: >stop
	wait $reading
	cat failures.* >failures
	empty failures torn
	[ "$(cat passes)" -gt 1 ] || fail 'the reader had no time'
	batch last | hazard-add -q $now - >last
	gridctl verify >verdict 2>&1 || fail "verify: $(head -n 3 verdict)"
	! grep -q 'under way' verdict || fail "$(cat verdict)"
	hazard-list $now --columns=hazard,state,owner,place,description >rows
	is "$(whole rows)" '' 'the ledger at the end'
	is "$(tail -n 2 rows | cut -d, -f1)" "$(cat last)" 'one more batch'
	gridctl cat events | awk -F, 'NR > 1 && $1 != sprintf("T01-E2026-%06d", NR - 1)' >gaps
	empty gaps
	awk -F, 'NR > 1 && $4 != "last" { print $1 " " $4 }' rows | sort >there
	cat acks.* | sort >acks
	comm -23 acks there >lost
	empty lost
	echo "$writers writers of $batches batches, $1 of them killed: $(wc -l <acks) rows acknowledged, $(wc -l <there) there," \
		"0 lost; $(cat passes) readings beside them, 0 torn" >>"$said"
}

unharmed() {
	together 0
	is "$(wc -l <acks)" $((writers * batches * 2)) 'rows acknowledged'
	is "$(wc -l <there)" $((writers * batches * 2)) 'rows there'
}

killed() {
	together $((writers / 2))
	[ "$(wc -l <acks)" -ge $((writers / 2 * batches * 2)) ] || fail 'the writers that were not killed'
}

# The wait for the lock is bounded, and told with the holder.
lock_wait() {
	command -v flock >/dev/null || skip 'flock(1) is not installed'
	office reg
	cp reg/journal.csv before
	flock reg/journal.csv sh -c ': >held; while [ ! -e free ]; do sleep 0.05; done' &
	while [ ! -e held ]; do sleep 0.02; done
	batch one | status 4 hazard-add --lock-wait=1s $now -
	same before reg/journal.csv
	like "$(cat err)" 'lock|busy|held'
	: >free
	wait
	batch one | status 0 hazard-add --lock-wait=1s $now -
}

t "$writers writers at once" unharmed
t 'half of them killed again and again' killed
t 'a lock that stays held' lock_wait
sed 's/^/# /' "$said"
plan
