# SPDX-License-Identifier: MIT
#
# Power cuts on a real file system (reliability.md R6): four writers on a loop image, stopped at some moment; the image
# is copied as it stands, so what was not synced is not in it; the copy is mounted, recovered, verified and compared with
# what the writers had acknowledged.  The control: without the syncs acknowledged rows are missing, and this test sees it.
# Only with TEST_LONG=yes: 20 cuts on ext4, or TEST_CUTS of them.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-list
[ -n "${TEST_LONG-}" ] || skip_all 'NO POWER WAS CUT: only with TEST_LONG=yes'
command -v mkfs.ext4 >/dev/null && command -v setsid >/dev/null || skip_all 'NO POWER WAS CUT: no mkfs.ext4 or setsid here'

said=$(mktemp) || exit 99
trap 'rm -f "$said"' EXIT
cuts=${TEST_CUTS:-20}
now=--now=2026-03-10T09:00:00+08:00
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
export ASAN_OPTIONS

# Writer $1 until it is killed; an id is acknowledged when the program has ended with 0.
cat_writer() {
	cat <<-'END'
		i=0
		while :; do
			i=$((i + 1))
			printf 'grid,severity,category,assign.owner,place,description\n990101001001,general,fire,T01-FIRE,%s,甲\n990101002001,minor,gas,T01-GAS,%s,乙\n' \
				w$1-$i w$1-$i >in.$1
			if $under hazard-add -q --lock-wait=120s $now in.$1 >ids.$1 2>err.$1; then
				while read -r id; do echo "$id w$1-$i"; done <ids.$1 >>acks.$1
			fi
		done
	END
}

# One cut after a moment of $1 ms; what was acknowledged until then and is not there goes into ./lost.
cut_power() {
	rm -f acks.* acks there lost image copy
	truncate -s 64M image
	mkfs.ext4 -q -F -O ^metadata_csum image
	mount -o loop image disk 2>mount.err || skip "NO POWER WAS CUT: no loop mounts here ($(tail -n 1 mount.err))"
	cp -a kept disk/reg
	GRIDLEDGER_DIR=$PWD/disk/reg
	sync -f disk/reg
	pids=
	for w in 1 2 3 4; do
		: >acks.$w
		setsid sh writer.sh $w &
		pids="$pids $!"
	done
	sleep "$1"
	for p in $pids; do kill -s STOP -- -$p; done
	sleep 0.02
	cat acks.? | sort >acks
	cp --sparse=always image copy
	for p in $pids; do kill -s KILL -- -$p; done
	wait $pids 2>/dev/null || :
	pids=
	unmount
	mount -o loop copy disk
	[ "$(tail -n 1 disk/reg/journal.csv | cut -c1-6)" = commit ] || half=$((half + 1))
	hazard-add -q $now --grid=990101001001 --severity=minor --category=fire --place=last --description=last >/dev/null 2>last.err ||
		fail "after the cut: $(head -n 3 last.err)"
	gridctl verify >verdict 2>&1 || fail "verify after the cut: $(head -n 3 verdict)"
	hazard-list $now --columns=hazard,place,owner | awk -F, 'NR > 1 && $2 ~ /^w/' >rows
	is "$(cut -d, -f2 rows | sort | uniq -c | awk '$1 != 2')" '' 'half a batch'
	is "$(awk -F, '$3 == ""' rows)" '' 'hazards without their step'
	tr , ' ' <rows | cut -d' ' -f1,2 | sort >there
	comm -23 acks there >lost
	acknowledged=$((acknowledged + $(wc -l <acks)))
	missing=$((missing + $(wc -l <lost)))
	unmount
}

# What was killed may take a moment to let go.
unmount() {
	tries=0
	while ! umount disk 2>umount.err; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || fail "$(cat umount.err)"
		sleep 0.1
	done
}

begin() {
	office kept
	mkdir disk
	pids=
	trap 'for p in $pids; do kill -s KILL -- -$p 2>/dev/null || kill -s KILL $p || :; done; umount -l "$tap_dir/disk" 2>/dev/null || :' EXIT
	cat_writer >writer.sh
	export now under GRIDLEDGER_DIR
	n=0 half=0 acknowledged=0 missing=0
}

syncing() {
	under=
	begin
	while [ $n -lt "$cuts" ]; do
		n=$((n + 1))
		cut_power 0.$(((n * 37) % 60 + 20))
		empty lost
	done
	[ $acknowledged -gt 0 ] || fail 'nothing was acknowledged'
	echo "ext4: $n cuts, $half in the middle of a commit, $acknowledged rows acknowledged, $missing lost" >>"$said"
}

control() {
	strace -o /dev/null true 2>/dev/null || skip 'strace cannot take the syncs away here'
	under='strace -qq -f -o /dev/null -e trace=fdatasync,fsync -e inject=fdatasync,fsync:retval=0'
	begin
	while [ $n -lt 3 ]; do
		n=$((n + 1))
		cut_power 0.9
	done
	[ $missing -gt 0 ] || fail "without syncs $acknowledged rows were acknowledged and none is missing: this test sees nothing"
	echo "ext4, without the syncs: $n cuts, $acknowledged rows acknowledged, $missing lost, as should be" >>"$said"
}

t "$cuts power cuts on ext4" syncing
t 'without the syncs they are seen' control
sed 's/^/# /' "$said"
plan
