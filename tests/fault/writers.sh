# SPDX-License-Identifier: MIT
#
# Many writers at once, and a reader without a lock beside them (reliability.md C1, C2, C3): nothing acknowledged is
# lost, no id is given twice or left out, no batch is ever seen in part.  The lock: waiting for it is bounded and names who
# holds it (C4).  TEST_LONG=yes: 64 writers of 1000 batches each, 100 where half of them are killed.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-list

said=$(mktemp) || exit 99
trap 'rm -f "$said"' EXIT
if [ -n "${TEST_LONG-}" ]; then
	writers=64 many=1000 few=100
else
	writers=16 many=50 few=15
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
			acknowledge $1 w$1-$i
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
			acknowledge $1 w$1-$i
		else
			echo $i >>killed.$1
		fi
	done
}

acknowledge() {
	while read -r id; do
		echo "$id $2"
	done <ids.$1 >>acks.$1
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
	: >killed.0
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
	is "$(cut -d' ' -f1 acks | uniq -d)" '' 'ids acknowledged twice'
	comm -23 acks there >lost
	empty lost
	echo "$writers writers of $batches batches: $(wc -l <acks) rows acknowledged, $(wc -l <there) there, 0 lost;" \
		"$(cat killed.* | wc -l) programs killed; $(cat passes) readings beside them, 0 torn, 0 uneven" >>"$said"
}

unharmed() {
	batches=$many
	together 0
	is "$(wc -l <acks)" $((writers * batches * 2)) 'rows acknowledged'
	is "$(wc -l <there)" $((writers * batches * 2)) 'rows there'
}

killed() {
	batches=$few
	together $((writers / 2))
	[ "$(wc -l <acks)" -ge $((writers / 2 * batches * 2)) ] || fail 'the writers that were not killed'
}

# The wait for the lock is bounded, and told with the holder: $1 of its words, $2 for us.
refused_while_held() {
	cp reg/journal.csv before
	from=$(date +%s)
	batch one | status 4 hazard-add --lock-wait=1s $now -
	[ $(($(date +%s) - from)) -le 60 ] || fail 'it waited for long'
	same before reg/journal.csv
	like "$(cat err)" "busy: locked by $1.*waited [0-9]+ ms"
	batch one | status 4 hazard-add --lock-wait=0s $now -
	echo "the lock held by ${2-another}: refused with status 4" >>"$said"
}

# By flock(1) in a clerk's script; what an earlier holder left about itself is not taken for it.
lock_wait() {
	command -v flock >/dev/null || skip 'flock(1) is not installed'
	office reg
	flock reg/journal.csv sh -c ': >held; while [ ! -e free ]; do sleep 0.05; done' &
	holder=$!
	while [ ! -e held ]; do sleep 0.02; done
	refused_while_held "pid $holder, flock " 'flock(1)'
	: >free
	wait
	batch one | status 0 hazard-add --lock-wait=1s $now -
}

# A writer that waits for its input holds no lock; this one is stopped behind its begin line: strace halts it there.
lock_of_ours() {
	command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || skip 'THE LOCK OF A STOPPED PROGRAM WAS NOT TRIED: no strace here'
	office reg
	batch stopped >in.csv
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=fdatasync -e inject=fdatasync:signal=STOP:when=1 hazard-add $now in.csv >ids 2>stopped.err &
	tracer=$!
	n=0
	while ! tail -n 1 reg/journal.csv | grep -q '^begin,.*hazard-add'; do
		sleep 0.05
		n=$((n + 1))
		[ $n -lt 200 ] || fail 'the writer did not come to its begin line'
	done
	holder=$(sed -n 's/^pid \([0-9]*\),.*/\1/p' reg/.index/holder)
	is "$(cat /proc/$holder/comm)" hazard-add 'the holder'
	refused_while_held "pid $holder, .*hazard-add, since " 'a stopped hazard-add'
	# killed, it holds nothing
	kill -9 "$holder"
	wait $tracer || :
	batch one | status 0 hazard-add --lock-wait=0s $now -
	status 0 gridctl verify
	is "$(hazard-list $now --columns=hazard,place | cut -d, -f2 | sort | uniq -c | tr -s ' ' | tr '\n' ';')" ' 2 one; 1 place;' 'what is there'
}

t "$writers writers at once" unharmed
t 'half of them killed again and again' killed
t 'a lock that stays held' lock_wait
t 'the lock of a stopped and then killed writer' lock_of_ours
sed 's/^/# /' "$said"
plan
