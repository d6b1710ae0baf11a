# SPDX-License-Identifier: MIT
# What hazard-notice refuses, and slips in what a place writes for it.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update hazard-notice

now=2026-03-12T09:00:00+08:00

# Six hazards; a1 and a2 are the fire brigade's.
day() {
	office reg
	hazards
	hazard-update -q --now=2026-03-03T08:00:00+08:00 assign --owner=T01-FIRE "$(nth 1)" "$(nth 2)"
}

refused() {
	day
	status 2 hazard-notice
	has err 'which command? There are draft, issue'
	status 2 hazard-notice isue --kind=advice
	has err 'did you mean issue?'
	status 2 hazard-notice issue --now=$now "$(nth 1)"
	has err 'which kind of paper?'
	status 2 hazard-notice issue --now=$now --kind=supervison "$(nth 1)"
	has err 'did you mean "supervision"?'
	status 2 hazard-notice draft --kind=advice --witness=x "$(nth 1)"
	has err '--witness goes with serve, not with draft'
	status 2 hazard-notice draft --now=$now --kind=advice --bundle=x "$(nth 1)"
	status 3 hazard-notice draft --now=$now --kind=advice T01-H2026-000099 T01-H2026-000098
	has err 'T01-H2026-000099: no hazard of that id'
	has err 'T01-H2026-000098: no hazard of that id'
	status 3 hazard-notice draft --now=$now --kind=advice T01-N2026-000001
	status 3 hazard-notice show T01-N2026-000001
	status 3 hazard-notice ack --now=$now T01-N2026-000001
	has err 'no notice of that id'
	status 2 hazard-notice reply --now=$now T01-N2026-000001
	status 2 hazard-notice withdraw --now=$now T01-N2026-000001
	printf 'a,b\n1,2\n' >rows
	status 3 sh -c "hazard-notice issue --now=$now --kind=advice - <rows"
	has err 'no column "hazard"'
	: >rows
	status 0 sh -c "hazard-notice issue --now=$now --kind=advice - <rows"
	is "$(sed 1d reg/notices.csv | wc -l)" 0
	flock reg/journal.csv sleep 2 &
	sleep 0.3
	status 4 hazard-notice issue --lock-wait=100ms --now=$now --kind=advice --to=T01-E --text=x
	status 0 hazard-notice draft --now=$now --kind=advice --to=T01-E --text=x
	wait
}

# Slips in notices.yaml and in templates are told with their place.
slips() {
	office reg
	bad() {
		rm -rf pol
		cp -r "$GRIDLEDGER_DATA/places/default" pol
		rm -rf pol/tests
		sed -i "$1" "${3:-pol/notices.yaml}"
		status 3 gridctl put --now=$now policy pol
		has err "$2"
	}
	bad 's/template: reminder.txt/template: remind.txt/' 'template: there is no file pol/templates/remind.txt'
	bad 's/{subject}/{subjekt}/' 'there is no placeholder {subjekt}; did you mean {subject}?'
	bad '3s/^.*$/{receiver} {numbr}/' 'pol/templates/reminder.txt:3:12: there is no placeholder {numbr}; did you mean {number}?' pol/templates/reminder.txt
	bad '/{\/lines}/d' '{annex} may not stand inside {lines}' pol/templates/reminder.txt
	bad 's/{number}/{number/' 'pol/templates/reminder.txt:3:1: { is not closed by } on its line' pol/templates/reminder.txt
	bad 's/approval: leader/approval: king/' 'role: "king" is not one of'
	bad 's/channels: \[sms\]/channels: [smoke]/' 'channels: "smoke" is not one of mail, sms'
	bad 's/^  sms: {/  sms: {fallback: mail, /' 'stand in for each other in a circle'
	bad 's/timeout: 60s/timeout: 60 seconds/' 'timeout'
	bad 's/to: subject/to: subjekt/' 'to: "subjekt" is not one of owner, subject, parent, top'
	bad 's/prefix: 安办交/prefix: 安办催/' 'prefix: "安办催" is that of "reminder"'
	bad 's/by: major, silences: minor/by: major, silences: major/' 'would silence itself'
	bad 's/by: major/by: huge/' 'severity: "huge" is not one of'
	bad 's/channels:  /chanels:  /' 'unknown key "chanels"; did you mean "channels"?'
	bad 's/prefix: 安办交/prefix: 安 办交/' 'prefix: a number may hold no blank'
}

t 'what is refused, and how it is said' refused
t 'slips in notices.yaml and templates' slips
plan
