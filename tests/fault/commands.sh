# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The programs that faults are tried in, by the name in $writer, for the tests (lib.sh) and for judge.sh.
all_readers='read-list read-report read-cat read-log'
# Those that make a commit for each thing they do, and run programs: a kill between two leaves a moment of its own.
all_senders='send'
all_writers='add-one add-csv update ledger escalate escalate-kept notice put set adopt init'
now=--now=2026-03-10T09:00:00+08:00

# The words of $writer after those given, run with a register in ./tried.
write() {
	case $writer in
	add-one) "$@" hazard-add $now --ref=x1 --grid=990101001001 --severity=general --category=fire --place=一 --description=甲,乙 ;;
	add-csv) "$@" hazard-add $now in.csv ;;
	update) "$@" hazard-update $now -v -f steps.csv ;;
	ledger) "$@" ledger-add measures $now measures.csv ;;
	escalate*) "$@" hazard-escalate $now ;;
	notice) "$@" hazard-notice issue $now --key=k1 --format=ids --kind=listed --to=T01-FIRE,T01-GAS T01-H2026-000001 T01-H2026-000002 ;;
	send) "$@" hazard-notice send $now ;;
	put) "$@" gridctl put $now subjects subjects.csv ;;
	set) "$@" gridctl set $now --reason=更名 grids 990101001 name=新东镇 ;;
	adopt) "$@" gridctl adopt $now --reason=补录 ;;
	read-list) "$@" hazard-list $now ;;
	read-report) "$@" rectify-report $now --by=township,severity --format=csv ;;
	read-cat) "$@" gridctl cat hazards ;;
	read-log) "$@" gridctl log ;;
	init) "$@" gridctl init $now --place=small --office=T01 --name=县 tried ;;
	esac
}

# Committed rows and the derived ledger as a reader without a lock sees them, without the numbers of commits.
content() {
	case $writer in
	init)
		[ ! -e tried ] || gridctl -C tried verify -q
		for file in grids hazards; do gridctl -C tried get $file 2>/dev/null || gridctl -C tried cat $file || return 1; done
		return
		;;
	escalate* | notice | send) set -- hazards events notices notice-lines deliveries ;;
	update) set -- hazards events evidence ;;
	ledger) set -- hazards events measures ;;
	*) set -- hazards events ;;
	esac
	for l; do
		gridctl cat $l || return 1
	done | sed 's/^\([^,]*\),[0-9]*,/\1,/'
	case $writer in
	send) return ;;
	put) gridctl get subjects || return 1 ;;
	set) gridctl get grids || return 1 ;;
	esac
	hazard-list --now=2026-03-10T09:20:00+08:00 --columns=hazard,state,owner,tier,due,rectified_at,grid,place
}

register() {
	if [ $writer = init ]; then
		mkdir small
		cp -R "$GRIDLEDGER_DATA/places/default/." small/
		rm -rf small/maps small/reports small/profiles small/guides small/templates small/tests
		sed -i 's/template: [a-z.-]*, *//; s/brief: [a-z.-]*, *//' small/notices.yaml
		return
	fi
	office tried
	GRIDLEDGER_DIR=tried
	hazards
	hazard-update -q --now=2026-03-03T09:00:00+08:00 assign --owner=T01-FIRE T01-H2026-000001
	if [ $writer = send ]; then
		papers
	fi
	[ $writer != escalate-kept ] || watched
	if [ $writer = ledger ]; then
		ledger-add -q measures --now=2026-03-03T10:00:00+08:00 --hazard=T01-H2026-000001 --text=一 >ids
	fi
	if [ $writer = adopt ]; then
		sed -n 's/^T01-E2026-000001,\([0-9]*\),\(.*\),T01-H2026-000001,assign,/T01-E2026-000002,9,2026-03-04T09:00:00+08:00,T01-H2026-000002,assign,/p' \
			tried/events.csv >>tried/events.csv
		sed -n 's/^T01-H2026-000006,[0-9]*,\(.*\),a6,/T01-H2026-000007,9,\1,a7,/p' tried/hazards.csv >>tried/hazards.csv
	fi
}

# What is watched was kept by a sweep; since then a hazard has ended, one was reopened, and one has come.
watched() {
	set -- T01-H2026-000002 T01-H2026-000005
	hazard-update -q --now=2026-03-03T10:00:00+08:00 rectify "$@"
	hazard-update -q --now=2026-03-03T10:00:00+08:00 recheck --result=pass --verifier=T01-O2 "$@"
	hazard-update -q --now=2026-03-03T10:00:00+08:00 close T01-H2026-000002
	hazard-escalate -q --now=2026-03-04T09:00:00+08:00
	[ -s tried/.index/watch ] || fail 'nothing of what is watched was kept'
	hazard-update -q --now=2026-03-05T10:00:00+08:00 reopen --reason=又有 T01-H2026-000002
	hazard-update -q --now=2026-03-05T10:00:00+08:00 close T01-H2026-000005
	hazard-add -q --now=2026-03-05T10:00:00+08:00 --grid=990101001001 --severity=minor --category=other --description=new
}

# Two papers to send: one by two channels, one by one.
papers() {
	cp -R tried/policy pol
	rm -rf pol/tests
	sed -i 's/, notice: [a-z-]*//g; s/, *cc: *\[[^]]*\]//g' pol/escalation.yaml
	cat >pol/notices.yaml <<-'END'
		kinds:
		  - {id: supervision, name: 督办函, prefix: 督, title: 督办, channels: [main, spare]}
		  - {id: reminder, name: 催办单, prefix: 催, title: 催办, channels: [main]}
		channels:
		  main: {run: [gl-channel, main], address: phone}
		  spare: {run: [gl-channel, spare], address: phone}
	END
	gridctl put -q --now=2026-03-04T08:00:00+08:00 policy pol
	gridctl get organs | awk 'BEGIN { FS = OFS = "," } NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i } NR > 1 { $c["phone"] = "1380000000" NR } { print }' >organs.csv
	gridctl put -q --now=2026-03-04T08:00:00+08:00 organs organs.csv
	rm -rf pol organs.csv
	hazard-notice issue -q --now=2026-03-05T08:00:00+08:00 --kind=supervision --to=T01-FIRE T01-H2026-000001 >issued
	hazard-notice issue -q --now=2026-03-05T08:00:00+08:00 --kind=reminder --to=T01-GAS T01-H2026-000002 >issued
	rm issued
}

another() {
	if [ $writer = send ]; then
		hazard-notice issue --now=2026-03-10T09:20:00+08:00 --format=ids --kind=reminder --to=T01-FIRE T01-H2026-000002
		return
	fi
	hazard-add --now=2026-03-10T09:20:00+08:00 --grid=990101001002 --severity=general --category=other --description=another
}
