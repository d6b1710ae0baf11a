# SPDX-License-Identifier: MIT
#
# No room: a full disk refuses a batch whole (reliability.md R7): a full file system in memory, every room that is
# nearly enough, a full ext4 where loop mounts work, a limit on file sizes.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-list
said=$(mktemp) || exit 99
trap 'rm -f "$said"' EXIT

now=--now=2026-03-10T09:00:00+08:00

# A tmpfs of $1 KiB on ./disk, gone again when the test ends; skips where that is not allowed.
disk() {
	mkdir disk
	mount -t tmpfs -o size=$1k none disk 2>mount.err ||
		skip "NO FULL DISK WAS TRIED: a tmpfs cannot be mounted here ($(tail -n 1 mount.err))"
	trap 'umount -l "$tap_dir/disk"' EXIT
}

batch() {
	printf 'grid,severity,category,assign.owner,place,description\n'
	i=0
	while [ $i -lt 40 ]; do
		i=$((i + 1))
		printf '990101001001,general,fire,T01-FIRE,%s-%s,灭火器 %s-%s 过期\n' "$1" $i "$1" $i
	done
}

hazards_there() {
	hazard-list $now --columns=hazard,owner | grep -c ',T01-FIRE$' || :
}

# Batches until the disk is full; what was acknowledged is there, the rest is not, and it works on when there is room.
fill() {
	n=0
	while :; do
		batch $n >in.csv
		got=0
		hazard-add -q $now in.csv >out 2>err || got=$?
		[ $got -eq 0 ] || break
		n=$((n + 1))
		[ $n -lt 1000 ] || fail 'the disk does not get full'
	done
	is $got 4 "status on a full disk, $(cat err)"
	like "$(cat err)" 'No space left'
	empty out
	is "$(hazards_there)" $((n * 40)) 'hazards after the refusal'
	status 0 gridctl verify
	# and again, now from what the first refusal left
	status 4 hazard-add -q $now in.csv
	is "$(hazards_there)" $((n * 40)) 'hazards after the second refusal'
	rm -f disk/filler
	status 0 hazard-add $now in.csv
	is "$(wc -l <out)" 40 'ids'
	is "$(head -n 1 out)" "$(printf 'T01-H2026-%06d' $((n * 40 + 1)))" 'the next id'
	is "$(hazards_there)" $((n * 40 + 40)) 'hazards at the end'
	status 0 gridctl verify
	unlike "$(cat err)" 'under way'
	echo "$1: full after $n batches of 80 rows, 2 refused whole with status 4, 0 rows lost; works on" >>"$said"
}

# The index is on the same disk, and may be what does not fit.
full_disk() {
	disk 800
	office disk/reg
	head -c $((200 << 10)) /dev/zero >disk/filler
	fill tmpfs
}

# A file system that keeps a journal of its own, of 8 MiB.
full_ext4() {
	command -v mkfs.ext4 >/dev/null || skip 'NO FULL EXT4 WAS TRIED: no mkfs.ext4 here'
	truncate -s 8M image
	mkfs.ext4 -q -F image
	mkdir disk
	mount -o loop image disk 2>mount.err ||
		skip "NO FULL EXT4 WAS TRIED: no loop mounts here ($(tail -n 1 mount.err))"
	trap 'umount -l "$tap_dir/disk"' EXIT
	office disk/reg
	# all but 800 KiB, a part of it to be given back
	head -c $((300 << 10)) /dev/zero >disk/filler
	room=$(df -k --output=avail disk | tail -n 1)
	head -c $(((room - 800) << 10)) /dev/zero >disk/rest
	sync -f disk/rest
	fill ext4
}

# Nearly full from the start, so that every write meets its end of the disk; a journal of several lengths, so that its
# lines meet it in the middle too.
each_room() {
	disk 2048
	office disk/reg
	batch 0 >in.csv
	refused=0 taken=0
	for before in 0 1 2 3; do
		[ $before -eq 0 ] || hazard-add -q $now --grid=990101001001 --severity=minor --category=fire --description=$before >/dev/null
		rm -rf kept
		cp -a disk/reg kept
		free=0
		while [ $free -le 40 ]; do
			rm -rf disk/reg
			cp -a kept disk/reg
			gridctl verify -q >/dev/null
			room=$(df -k --output=avail disk | tail -n 1)
			head -c $(((room - free) << 10)) /dev/zero >disk/filler
			one_room "with $free KiB left, $before hazards before"
			free=$((free + 4))
		done
		rm -rf disk/reg
		cp -a kept disk/reg
	done
	[ $refused -gt 0 ] && [ $taken -gt 0 ] || fail "$refused refused, $taken taken"
	echo "rooms of 0 to 40 KiB, 4 lengths of the journal: $refused refused whole, $taken taken whole, 0 in part" >>"$said"
}

one_room() {
	got=0
	hazard-add -q $now in.csv >out 2>err || got=$?
	case $got in
	0) taken=$((taken + 1)); is "$(hazards_there)" 40 "hazards $1" ;;
	4) refused=$((refused + 1)); is "$(hazards_there)" 0 "hazards $1" ;;
	*) fail "status $got $1: $(cat err)" ;;
	esac
	status 0 gridctl verify
	rm disk/filler
	status 0 hazard-add -q $now in.csv
	is "$(hazards_there)" 40 "hazards after the retry $1"
	status 0 gridctl verify
}

# A limit on the size of files is a full disk too, not a signal.
size_limit() {
	office reg
	batch 0 >in.csv
	(ulimit -f 4; status 4 hazard-add -q $now in.csv) 2>shell
	is "$(hazards_there)" 0
	status 0 gridctl verify
	status 0 hazard-add -q $now in.csv
	is "$(hazards_there)" 40
}

t 'a full disk' full_disk
t 'a full ext4' full_ext4
t 'every room that is too small' each_room
t 'a limit on file sizes' size_limit
sed 's/^/# /' "$said"
plan
