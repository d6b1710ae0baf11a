# SPDX-License-Identifier: MIT
#
# The answer that cannot be delivered (reliability.md R9): standard output is a full disk, closed, or a pipe that nobody
# reads, for every program and sub-command.  A writer records and says 7; a reader says 4.  Only a reader whose reader has
# gone ends quietly, as `hazard-list | head -n 1` should.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate hazard-notice ledger-add rectify-report
[ -c /dev/full ] || skip_all 'NO ANSWER WAS LOST: no /dev/full here'

said=$(mktemp) || exit 99
trap 'rm -f "$said"' EXIT
now=--now=2026-03-10T09:00:00+08:00

# Run a program with standard output so; status into $got.
lost() {
	how=$1
	shift
	got=0
	case $how in
	full) "$@" >/dev/full 2>err || got=$? ;;
	closed) "$@" >&- 2>err || got=$? ;;
	gone)
		mkfifo pipe
		: <pipe &
		{
			wait $!		# the reader has come and gone
			"$@" 2>err || got=$?
			echo $got >got
		} >pipe
		rm pipe
		got=$(cat got)
		;;
	esac
	tried=$((tried + 1))
}

begin() {
	office reg
	hazards
	hazard-update -q --now=2026-03-03T09:00:00+08:00 assign --owner=T01-FIRE T01-H2026-000001
	printf 'grid,severity,category,place,description\n990101001001,general,fire,一,甲\n990101002001,minor,gas,二,乙\n' >in.csv
	gridctl get subjects >subjects.csv
	tried=0
}

# Each of these has an answer and no commit.
readers() {
	begin
	while read -r line; do
		for how in full closed gone; do
			before=$(cat reg/journal.csv | sha256sum)
			# shellcheck disable=SC2086
			lost $how $line
			[ $how = gone ] && wanted=0 || wanted=4
			is "$got" $wanted "$line, standard output $how ($(head -n 1 err)): status"
			[ $how = gone ] || [ -s err ] || fail "$line, standard output $how: nothing was said"
			is "$(cat reg/journal.csv | sha256sum)" "$before" "$line: the journal"
		done
	done <<-END
		hazard-list $now
		hazard-list $now --format=text
		hazard-show $now T01-H2026-000001
		hazard-show $now --explain T01-H2026-000001
		rectify-report $now
		rectify-report $now --format=csv
		rectify-report $now --format=json
		rectify-report $now --partial
		gridctl get subjects
		gridctl head
		gridctl head --short
		gridctl log
		gridctl log --changes
		gridctl cat hazards
		gridctl cat journal
		gridctl tree
		gridctl --help
		gridctl cat --help
		gridctl --version
		hazard-add --help
		hazard-add --version
		hazard-add $now -n in.csv
		hazard-update --help
		hazard-update $now -n note --note=x T01-H2026-000002
		hazard-list --help
		hazard-show --help
		hazard-escalate --help
		hazard-escalate $now -n
		hazard-notice --help
		hazard-notice draft $now --kind=advice T01-H2026-000001
		hazard-notice issue $now -n --kind=advice T01-H2026-000001
		ledger-add --help
		ledger-add measures --help
		ledger-add measures $now -n --hazard=T01-H2026-000002 --text=x
		rectify-report --help
	END
	echo "readers: $tried answers that could not be delivered, 0 unsaid" >>"$said"
}

# Each of these commits and then answers; asked again it tells what was not heard.
writers() {
	for how in full closed gone; do
		for line in "hazard-add --again $now in.csv" \
			"hazard-add $now --grid=990101001001 --severity=general --category=fire --description=$how" \
			"hazard-add --again --format=csv $now in.csv" \
			"hazard-update $now -v note --note=$how T01-H2026-000002" \
			"ledger-add measures $now --hazard=T01-H2026-000002 --text=$how" \
			"hazard-escalate $now" \
			"hazard-notice issue $now --kind=advice T01-H2026-000001" \
			"gridctl adopt $now"; do
			rm -rf reg
			begin_again
			case $line in
			*adopt*) sed -n 's/^T01-H2026-000006,[0-9]*,\(.*\),a6,/T01-H2026-000007,9,\1,a7,/p' reg/hazards.csv >>reg/hazards.csv ;;
			esac
			before=$(grep -Ec '^(commit|adopt),' reg/journal.csv)
			# shellcheck disable=SC2086
			lost $how $line
			is "$got" 7 "$line, standard output $how ($(head -n 1 err)): status"
			[ -s err ] || fail "$line, standard output $how: nothing was said"
			is "$(grep -Ec '^(commit|adopt),' reg/journal.csv)" $((before + 1)) "$line, standard output $how: commits"
			status 0 gridctl verify
		done
	done
	echo "writers: $tried recorded and not heard, 0 lost, 0 unsaid" >>"$said"
}

begin_again() {
	if [ ! -e kept ]; then
		begin
		mv reg kept
	fi
	cp -a kept reg
}

# The same input again tells the ids that were not heard, and adds nothing.
asked_again() {
	begin
	lost full hazard-add $now in.csv
	is "$got" 7 'status'
	status 0 hazard-add $now in.csv
	same - out <<-'END'
		T01-H2026-000007
		T01-H2026-000008
	END
	is "$(gridctl cat hazards | wc -l)" 9 'lines of hazards'
}

# Programs that say nothing on standard output have nothing to lose.
silent() {
	begin
	for how in full closed gone; do
		lost $how gridctl set $now --reason=x grids 990101001 name=$how
		is "$got" 0 "gridctl set, standard output $how ($(head -n 1 err))"
		sed "s/便民超市/$how/" subjects.csv >changed.csv
		lost $how gridctl put $now subjects changed.csv
		is "$got" 0 "gridctl put, standard output $how ($(head -n 1 err))"
		lost $how gridctl init $now --place=default --office=T02 other-$how
		is "$got" 0 "gridctl init, standard output $how ($(head -n 1 err))"
		status 0 gridctl verify -C other-$how
	done
}

t 'readers' readers
t 'writers' writers
t 'what was not heard is told again' asked_again
t 'nothing to say' silent
sed 's/^/# /' "$said"
plan
