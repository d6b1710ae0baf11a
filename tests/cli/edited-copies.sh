# SPDX-License-Identifier: MIT
#
# A policy or master file edited in place, or a file laid beside them: every writer goes on with what is committed, and says so.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-escalate hazard-notice

now=--now=2026-03-10T09:00:00+08:00
words='the working copy is not what is committed; it changes nothing until gridctl put'

add() {
	hazard-add $now --grid=990101001001 --severity=general --category=fire --source=patrol --description="$1"
}

# warned FILE NAME: err names the file once, and what puts it.
warned() {
	has err "warning: $1: $words $2"
	is "$(grep -c "$words" err)" 1 'warnings'
}

# silent COMMAND…: nothing on standard error.
silent() {
	status 0 "$@"
	empty err
}

edited() {
	office reg
	silent add eins
	h=$(cat out)
	sed -i 's/within: 7d/within: 5d/' reg/policy/escalation.yaml
	status 0 add zwei
	warned policy/escalation.yaml policy
	status 0 hazard-update $now assign --owner=T01-FIRE "$h"
	warned policy/escalation.yaml policy
	status 0 hazard-add -n $now --grid=990101001001 --severity=general --category=fire --source=patrol --description=drei
	warned policy/escalation.yaml policy
	status 0 hazard-escalate -q $now
	warned policy/escalation.yaml policy
	# what is committed counts
	is "$(hazard-list $now --columns=due | tail -n 1)" 2026-03-18T00:00:00+08:00
	# a quiet sweep that writes nothing need not be mailed every ten minutes
	silent hazard-escalate -q $now
	status 0 hazard-escalate $now
	warned policy/escalation.yaml policy
	status 0 hazard-notice issue -q $now --kind=advice --to=T01-FIRE
	warned policy/escalation.yaml policy
	# who only reads is not told
	silent hazard-list $now
	# put: it counts, and nobody is told any more
	rm -rf new
	cp -r reg/policy new
	rm -rf new/tests
	status 0 gridctl put -q $now policy new
	empty err
	silent add vier
	is "$(hazard-list $now --columns=due | tail -n 1)" 2026-03-16T00:00:00+08:00
}

masters() {
	office reg
	echo 'T01-GHOST,fire,county,990101,,,2020-01-01,,幽灵,,' >>reg/organs.csv
	status 0 add eins
	warned organs.csv organs
	# the same size, and the old times: the digest tells
	gridctl get organs >committed
	cp committed reg/organs.csv
	silent add zwei
	silent add drei
	touch -r reg/organs.csv stamp
	sed -i 's/县燃气办/县煤气办/' reg/organs.csv
	touch -r stamp reg/organs.csv
	status 0 add vier
	warned organs.csv organs
	status 0 add fuenf
	warned organs.csv organs
	rm reg/organs.csv
	status 0 add sechs
	warned organs.csv organs
	cp committed reg/organs.csv
	silent add sieben
}

# Files that somebody laid under policy/: named by whoever writes until they are put or gone, in whichever folder they lie.
laid() {
	office reg
	silent add eins
	new='is not committed; it changes nothing until gridctl put policy'
	mkdir reg/policy/policy.d
	silent add zwei
	echo 'tighten: [{rules: [rest-7d], due: {within: 3d}}]' >reg/policy/policy.d/T01-FIRE.yaml
	for command in 'add drei' 'add vier' "hazard-escalate $now" 'add -n'; do
		status 0 $command
		has err "warning: policy/policy.d/T01-FIRE.yaml: $new"
		is "$(grep -c "$new" err)" 1 'warnings'
	done
	status 1 gridctl check copies
	has out "policy/policy.d/T01-FIRE.yaml: $new"
	# what it says does not count
	is "$(hazard-list $now --columns=due | sed 1d | sort -u)" 2026-03-18T00:00:00+08:00
	# a folder in a folder, beside an edited file; what is no policy is nobody's business
	mkdir -p reg/policy/guides/gas
	echo x >reg/policy/guides/gas/a.yaml
	echo x >>reg/policy/crontab
	echo x >reg/policy/README.first && echo x >reg/policy/.escalation.yaml.swp && echo x >'reg/policy/workflow.yaml~'
	mkdir reg/policy/demo && echo x >reg/policy/demo/x.csv
	ln -s escalation.yaml reg/policy/link.yaml
	name=$(printf 'a\033[2J\nb.yaml')
	echo x >"reg/policy/$name"
	status 0 add -n
	has err "warning: policy/a\u{1b}[2J\u{a}b.yaml: $new"
	rm "reg/policy/$name"
	status 0 add fuenf
	is "$(grep -c warning: err)" 3 'warnings'
	has err "warning: policy/guides/gas/a.yaml: $new"
	warned policy/crontab policy
	# the same name once more, with the times of before
	rm reg/policy/guides/gas/a.yaml
	status 0 add sechs
	is "$(grep -c "$new" err)" 1 'warnings'
	echo x >reg/policy/guides/gas/b.yaml
	status 0 add sieben
	has err "warning: policy/guides/gas/b.yaml: $new"
	# gone, put back, put in: nobody is told any more
	rm -rf reg/policy/guides reg/policy/tests
	sed -i '$d' reg/policy/crontab
	cp -r reg/policy new
	status 0 gridctl put -q $now policy new
	silent add acht
	silent add neun
	is "$(hazard-list $now --columns=due | tail -n 1)" 2026-03-14T00:00:00+08:00
}

# A touch, a copy of the register, a lost or damaged memory are no edits.
no_edits() {
	office reg
	silent add eins
	touch reg/policy/*.yaml reg/grids.csv
	silent add zwei
	cp -r reg other
	silent hazard-add -C other $now --grid=990101001001 --severity=general --category=fire --source=patrol --description=x
	for i in 1 2 3 4; do
		case $i in
		1) rm -rf reg/.index ;;
		2) : >reg/.index/copies ;;
		3) head -c 1000 /dev/urandom >reg/.index/copies ;;
		4) head -c 100 reg/.index/copies >x && mv x reg/.index/copies ;;
		esac
		silent add "drei$i"
		silent add "vier$i"
	done
	echo >>reg/grids.csv
	: >reg/.index/copies
	status 0 add sechs
	warned grids.csv grids
}

many() {
	office reg
	for f in reg/policy/templates/*.txt; do echo >>"$f"; done
	status 0 add eins
	is "$(grep -c "$words policy" err)" 5 'files named'
	has err '5 more working copies are not what is committed; gridctl check copies names them'
	status 1 gridctl check copies
	is "$(grep -c "$words policy" out err | awk -F: '{ n += $2 } END { print n }')" 10 'files'
}

# Whoever may not write the memory of what was looked at is told all the same.
unwritable() {
	office reg
	silent add eins
	mkdir reg/.index/copies.tmp
	rm reg/.index/copies
	silent add zwei
	sed -i 's/within: 7d/within: 5d/' reg/policy/escalation.yaml
	status 0 add drei
	warned policy/escalation.yaml policy
}

t 'each writer names the file and what takes it in' edited
t 'a master table, with its old size and times, gone, and put back' masters
t 'a touch, a copy of the register and a lost memory are no edits' no_edits
t 'a file laid beside the copies' laid
t 'many files' many
t 'the memory cannot be written' unwritable
plan
