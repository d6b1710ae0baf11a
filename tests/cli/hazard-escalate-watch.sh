# SPDX-License-Identifier: MIT
#
# What a sweep remembers for the next one (.index/watch) changes no answer: whatever came meanwhile, a sweep finds what
# one finds that starts without it.  tests/unit/check_watch.c tries random histories; here they are what the programs write.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-escalate

# What a sweep would write in $1 at several times, without and with what is kept.
alike() {
	rm -rf without
	cp -r reg without
	rm -rf without/.index
	for then in "$1" 2026-04-20T09:00:00+08:00 2026-08-03T10:00:00+08:00; do
		hazard-escalate -n --now="$then" >kept 2>kept.err || fail "$then: $(head -n 3 kept.err)"
		hazard-escalate -C without -n --now="$then" >anew 2>anew.err || fail "$then, anew: $(head -n 3 anew.err)"
		same kept anew
		same kept.err anew.err
	done
}

# alike, then the sweep for good.
swept() {
	alike "$1"
	hazard-escalate -q --now="$1" 2>/dev/null
	[ -s reg/.index/watch ] || fail 'nothing was kept'
}

day() {
	office reg
	hazards
	hazard-escalate -q --now=2026-03-03T09:00:00+08:00
}

# Hazards of which rows are kept.
kept() {
	head -n 1 reg/.index/watch | cut -d' ' -f13
}

is_kept() {
	office reg
	hazards
	hazard-escalate -q -n --now=2026-03-03T09:00:00+08:00
	[ ! -e reg/.index/watch ] || fail 'a dry run left a trace'
	hazard-escalate -q --now=2026-03-03T09:00:00+08:00
	is "$(kept)" 6
	# what is neither open nor has a limit that runs on is dropped
	hazard-update -q --now=2026-03-03T10:00:00+08:00 void --reason=误报 T01-H2026-000001 T01-H2026-000002
	swept 2026-03-03T10:10:00+08:00
	is "$(kept)" 4
	status 0 gridctl verify
}

steps() {
	day
	set -- T01-H2026-000001 T01-H2026-000002
	hazard-update -q --now=2026-03-03T10:00:00+08:00 assign --owner=T01-FIRE "$@"
	swept 2026-03-03T12:00:00+08:00
	hazard-update -q --now=2026-03-04T10:00:00+08:00 hold --reason=等待配件 T01-H2026-000001
	hazard-update -q --now=2026-03-04T10:00:00+08:00 rectify T01-H2026-000002
	swept 2026-03-05T12:00:00+08:00
	hazard-update -q --now=2026-03-06T10:00:00+08:00 resume T01-H2026-000001
	hazard-update -q --now=2026-03-06T10:00:00+08:00 recheck --result=pass --verifier=T01-O2 T01-H2026-000002
	hazard-update -q --now=2026-03-06T10:00:00+08:00 close T01-H2026-000002
	swept 2026-03-07T12:00:00+08:00
	hazard-update -q --now=2026-03-08T10:00:00+08:00 extend --due=2026-03-30 --reason=备件未到 T01-H2026-000001
	swept 2026-03-10T09:00:00+08:00
	# things about one that has ended: a note, a correction, a new round
	hazard-update -q --now=2026-03-11T10:00:00+08:00 note --note=看过 T01-H2026-000002
	alike 2026-03-11T12:00:00+08:00
	hazard-update -q --now=2026-03-11T13:00:00+08:00 correct --field=category --value=fire T01-H2026-000002
	swept 2026-03-12T12:00:00+08:00
	hazard-update -q --now=2026-03-13T10:00:00+08:00 reopen --reason=又坏了 T01-H2026-000002
	swept 2026-03-24T12:00:00+08:00
	has reg/events.csv '2026-03-24T12:00:00+08:00,T01-H2026-000002,escalate'
	# an end that is taken back, by the last event of it
	hazard-update -q --now=2026-03-25T10:00:00+08:00 void --reason=误报 T01-H2026-000003
	swept 2026-03-25T12:00:00+08:00
	hazard-update -q --now=2026-03-26T10:00:00+08:00 retract --reason=误操作 \
		"$(awk -F, '$4 == "T01-H2026-000003" && $5 == "void" { print $1 }' reg/events.csv)"
	swept 2026-03-27T12:00:00+08:00
	# a late entry takes back what sweeps did
	hazard-update -q --now=2026-03-28T10:00:00+08:00 rectify --at='2026-03-05 09:00' --reason=补录 T01-H2026-000005
	swept 2026-03-29T12:00:00+08:00
	has reg/events.csv '2026-03-29T12:00:00+08:00,T01-H2026-000003,remind'
	status 0 gridctl verify
}

policies() {
	day
	hazard-update -q --now=2026-03-04T10:00:00+08:00 void --reason=误报 T01-H2026-000001
	hazard-escalate -q --now=2026-03-04T12:00:00+08:00
	is "$(kept)" 5
	cp -R reg/policy pol
	rm -rf pol/tests
	# by what is put now one that has ended is to be watched again
	sed -i 's/- {id: ack, *from: assign, until: accept, within: 1d}/&\n      - {id: told, from: void, until: note, within: 2d, miss: {do: remind, to: owner, notice: reminder}}/' pol/escalation.yaml
	gridctl put -q --now=2026-03-05T10:00:00+08:00 policy pol
	swept 2026-03-06T12:00:00+08:00
	gridctl repin -q --now=2026-03-07T10:00:00+08:00 --reason=新规 T01-H2026-000001 T01-H2026-000002
	swept 2026-03-08T12:00:00+08:00
	has reg/events.csv '2026-03-08T12:00:00+08:00,T01-H2026-000001,remind'
	sed -i 's/within: 7d, from: reported/within: 2d, from: reported/' pol/escalation.yaml
	gridctl put -q --now=2026-03-08T13:00:00+08:00 policy pol
	hazard-add -q --now=2026-03-08T14:00:00+08:00 --grid=990101001001 --severity=general --category=fire --description=new
	swept 2026-03-12T12:00:00+08:00
	gridctl get subjects | sed 's/T01-S2,shop/T01-S2,enterprise/' >subjects.csv
	gridctl put -q --now=2026-03-13T10:00:00+08:00 subjects subjects.csv
	swept 2026-03-16T12:00:00+08:00
}

by_hand() {
	day
	sed -n 's/^T01-H2026-000006,[0-9]*,\(.*\),a6,/T01-H2026-000007,9,\1,a7,/p' reg/hazards.csv >row
	cat row >>reg/hazards.csv
	gridctl adopt -q --now=2026-03-04T10:00:00+08:00 --reason=补录 >/dev/null
	swept 2026-03-10T09:00:00+08:00
	has reg/events.csv 'T01-H2026-000007,escalate'
}

# A register put back from a copy, with the cache of what it was later, and one whose ledgers another's were copied over.
elsewhere() {
	day
	cp -r reg early
	hazard-update -q --now=2026-03-04T10:00:00+08:00 void --reason=误报 T01-H2026-000001 T01-H2026-000002 T01-H2026-000005 T01-H2026-000006
	hazard-escalate -q --now=2026-03-04T12:00:00+08:00
	is "$(kept)" 2
	cp reg/.index/watch late
	rm -rf reg
	cp -r early reg
	cp late reg/.index/watch
	alike 2026-03-10T09:00:00+08:00
	hazard-update -q --now=2026-03-04T11:00:00+08:00 void --reason=误报 T01-H2026-000003 T01-H2026-000004 T01-H2026-000005 T01-H2026-000006
	hazard-update -q --now=2026-03-04T11:00:00+08:00 note --note=长一些 T01-H2026-000001
	cp late reg/.index/watch
	swept 2026-03-10T09:00:00+08:00
	has reg/events.csv 'T01-H2026-000001,escalate'
	mv reg one
	office reg
	hazards
	cp -r one/. reg/
	alike 2026-03-12T09:00:00+08:00
	cp late reg/.index/watch
	alike 2026-03-12T09:00:00+08:00
	# a copy has its own way from here
	cp -r reg two
	hazard-update -q -C two --now=2026-03-12T10:00:00+08:00 void --reason=误报 T01-H2026-000001
	hazard-escalate -q -C two --now=2026-03-12T12:00:00+08:00
	cp two/.index/watch reg/.index/watch
	swept 2026-03-18T12:00:00+08:00
}

no_room() {
	day
	rm -rf reg/.index
	mkdir -p reg/.index/watch reg/.index/watch.tmp
	alike 2026-03-10T09:00:00+08:00
	status 0 hazard-escalate -q --now=2026-03-10T09:00:00+08:00
	! grep watch err || fail 'a cache that cannot be written is no news'
	has reg/events.csv 'T01-H2026-000001,escalate'
	rm -rf reg/.index
	status 0 hazard-escalate -q --now=2026-03-10T09:10:00+08:00
	[ -s reg/.index/watch ] || fail 'nothing was kept'
	# half of it, as a power cut leaves it
	head -c 700 reg/.index/watch >half
	cp half reg/.index/watch
	swept 2026-03-20T09:10:00+08:00
}

t 'what is open is kept for the next sweep, and nothing by a dry run' is_kept
t 'steps of any kind between two sweeps' steps
t 'policies, pins and master data that came between two sweeps' policies
t 'rows that were added by hand' by_hand
t 'a register put back, copied, or copied over another' elsewhere
t 'a cache that cannot be written, is gone or was cut' no_room
plan
