# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-escalate

# Everything that is on disk, as one digest.
bytes() {
	find "$GRIDLEDGER_DIR" -type f ! -path '*/.index/*' -exec sha256sum {} + | sort | sha256sum
}

sweep() {
	hazard-escalate --now="$1" >out
}

day() {
	office reg
	hazards
}

once() {
	day
	sweep 2026-03-10T09:00:00+08:00
	# a1 a2 a5 a6 went past their seven days (end of the 9th), too late to remind of that; a3 was due the same day
	is "$(cut -d, -f2,7 out | sed 1d | sed 's/T01-H2026-00000/a/' | sort | tr '\n' ' ')" \
		'reminder,a3 supervision,a1 supervision,a2 supervision,a5 supervision,a6 '
	is "$(hazard-list --now=2026-03-10T09:00:00+08:00 --columns=ref,tier,owner | sed 1d | tr '\n' ' ')" \
		'a1,township,T01-E a2,township,T01-E a3,village, a4,village, a5,township,T01-W a6,township,T01-W '
	before=$(bytes)
	sweep 2026-03-10T09:10:00+08:00
	empty out
	is "$(bytes)" "$before" 'bytes after a second sweep'
}

before_due() {
	day
	# seven days from 2 March 08:00 are 184 hours to the end of the 9th; a fifth of them is left on 8 March 11:12
	sweep 2026-03-08T11:10:00+08:00
	unlike "$(cat out)" 'T01-H2026-000001'
	sweep 2026-03-08T11:20:00+08:00
	like "$(grep '^[^,]*,reminder,' out)" 'T01-H2026-000001'
	sweep 2026-03-09T11:20:00+08:00
	unlike "$(cat out)" 'T01-H2026-000001'
}

one_tier() {
	day
	# a month without a sweep: escalation and its repeats fell due many times over, the hazard still rises one tier
	sweep 2026-04-05T09:00:00+08:00
	is "$(hazard-list --now=2026-04-05T09:00:00+08:00 --columns=tier --match='ref=/a1/' | sed 1d)" township
	sweep 2026-04-10T09:00:00+08:00
	is "$(hazard-list --now=2026-04-10T09:00:00+08:00 --columns=tier --match='ref=/a1/' | sed 1d)" county
}

outage() {
	day
	for d in 10 11 12; do
		hazard-escalate -q --now=2026-03-${d}T09:00:00+08:00
	done
	gridctl cat notices | awk -F, '$4 == "reminder" && $7 == ""' >/dev/null
	# three days down after the 12th: repeats of a3's reminder (due+1d, then every 3d, 7d …) came due meanwhile
	sweep 2026-03-16T09:00:00+08:00
	is "$(grep -c ',supervision,' out)" 4
	cp -r reg other
	GRIDLEDGER_DIR=$PWD/other
	hazard-update -q --now=2026-03-16T10:00:00+08:00 note --note=x "$(sed -n 3p ids)"
	sweep 2026-04-30T09:00:00+08:00
	is "$(cut -d, -f2,7 out | grep -c reminder,T01-H2026-000003)" 1 'one notice for many missed'
	has out '停机补发'
	has out '应于2026-'
}

seal() {
	office reg
	sweep 2026-03-10T00:10:00+08:00
	empty out
	n=$(wc -l <reg/journal.csv)
	sweep 2026-03-10T00:20:00+08:00
	sweep 2026-03-10T23:50:00+08:00
	is "$(wc -l <reg/journal.csv)" "$n" 'quiet sweeps of the same day'
	sweep 2026-03-11T00:10:00+08:00
	is "$(wc -l <reg/journal.csv)" $((n + 2)) 'the first sweep of the next day seals'
	status 0 gridctl verify
}

numbers() {
	day
	sweep 2026-03-10T09:00:00+08:00
	gridctl cat notices | cut -d, -f4-7 | sed 1d | sort >numbers
	same - numbers <<-'END'
		reminder,安办催〔2026〕1号,,
		supervision,安办督〔2026〕1号,T01-E,T01-E
		supervision,安办督〔2026〕2号,T01-W,T01-W
	END
	sweep 2026-03-20T09:00:00+08:00
	gridctl cat notices | cut -d, -f5 | sed -n 's/^安办督〔2026〕\(.*\)号$/\1/p' >serials
	seq "$(wc -l <serials)" | same serials -
	gridctl cat notice-lines | cut -d, -f1 | sed 1d | sort -u >named
	gridctl cat notices | cut -d, -f1 | sed 1d | sort -u | same named -
}

nobody() {
	day
	status 0 hazard-escalate --now=2026-03-04T09:00:00+08:00
	has err 'hazard-escalate: warning: 1 line of notices without a receiver, no organ answers for the unit: T01-H2026-000003'
	# cron is to mail that, so -q does not hide it; nothing else is said
	status 0 hazard-escalate -q --now=2026-03-10T09:00:00+08:00
	empty out
	is "$(wc -l <err)" 1
}

held() {
	day
	hazard-update -q --now=2026-03-05T09:00:00+08:00 hold --reason=等待配件 "$(sed -n 1p ids)"
	sweep 2026-03-10T09:00:00+08:00
	unlike "$(cat out)" 'T01-H2026-000001'
	hazard-update -q --now=2026-03-10T10:00:00+08:00 resume "$(sed -n 1p ids)"
	sweep 2026-03-14T00:00:00+08:00
	unlike "$(grep supervision out)" 'T01-H2026-000001'
	sweep 2026-03-16T10:00:00+08:00
	like "$(grep supervision out)" 'T01-H2026-000001'
}

late_entry() {
	day
	sweep 2026-03-10T09:00:00+08:00
	# a late note changes nothing of that
	hazard-update -q --now=2026-03-10T09:30:00+08:00 note --at='2026-03-04 09:00' --note=去过 "$(sed -n 1p ids)"
	is "$(hazard-list --now=2026-03-10T09:40:00+08:00 --columns=tier --match='ref=/a1/' | sed 1d)" township
	# it had been put right on the 5th, said so only now
	hazard-update -q --now=2026-03-10T10:00:00+08:00 rectify --at='2026-03-05 09:00' --reason=补录 "$(sed -n 1p ids)"
	is "$(hazard-list --now=2026-03-10T11:00:00+08:00 --columns=state,tier,overdue --match='ref=/a1/' | sed 1d)" 'rectified,village,'
	hazard-show --now=2026-03-10T11:00:00+08:00 "$(sed -n 1p ids)" | grep -q '晚录'
}

dry() {
	day
	before=$(bytes)
	status 0 hazard-escalate -n --now=2026-03-10T09:00:00+08:00
	is "$(bytes)" "$before"
	cp out would
	sweep 2026-03-10T09:00:00+08:00
	# the exact rows of all three ledgers, as the real sweep then appends them
	{ sed 1d reg/events.csv; sed 1d reg/notice-lines.csv; sed 1d reg/notices.csv; } | sort >did
	sort would | same did -
}

quiet() {
	day
	hazard-update -q --now=2026-03-03T08:00:00+08:00 assign --owner=T01-FIRE "$(sed -n 3p ids)"
	status 0 hazard-escalate -q --now=2026-03-10T09:00:00+08:00
	empty out err
	status 0 env -i PATH="$PATH" hazard-escalate -q -C "$GRIDLEDGER_DIR" --now=2026-03-11T09:00:00+08:00
	empty out err
}

refused() {
	office reg
	status 2 hazard-escalate everything
	status 2 hazard-escalate -C /
	flock reg/journal.csv sleep 2 &
	sleep 0.3
	status 4 hazard-escalate --lock-wait=100ms --now=2026-03-10T09:00:00+08:00
	wait
}

undelivered() {
	day
	[ -w /dev/full ] || skip 'no /dev/full'
	rc=0
	hazard-escalate --now=2026-03-10T09:00:00+08:00 >/dev/full 2>err || rc=$?
	is $rc 7
	sweep 2026-03-10T09:10:00+08:00
	empty out
}

t 'what fell due is recorded once; run again no byte changes' once
t 'a reminder before the due time, once' before_due
t 'a hazard rises one tier a sweep' one_tier
t 'after an outage one notice says so' outage
t "the day's first sweep seals even when quiet" seal
t 'numbers run per kind and year without gaps' numbers
t 'papers that nobody gets are told' nobody
t 'a stopped clock is not late' held
t 'a late entry makes a sweep groundless' late_entry
t 'a dry run prints the rows and writes nothing' dry
t 'quiet under cron' quiet
t 'busy, no register, operands' refused
t 'a full standard output after the commit is 7' undelivered
plan
