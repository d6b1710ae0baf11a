# SPDX-License-Identifier: MIT
#
# The crontab that a place ships, under a real cron daemon: the sweep runs, and a dead cron is noticed.  The daemon runs in a mount
# namespace of its own, with a spool of its own; it wakes once a minute, so this takes up to two.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-escalate
command -v cron >/dev/null || skip_all 'NO CRON DAEMON WAS RUN: cron is not installed'
[ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null || skip_all 'NO CRON DAEMON WAS RUN: it takes root and a mount namespace'

runs() {
	office reg
	hazard-add -q --now=2026-03-02T08:00:00+08:00 --grid=990101001001 --severity=general --category=fire --description=一处
	status 1 gridctl check sweep
	mkdir spool run cron.d
	# every ten minutes is every minute here; no mail leaves
	sed -n "s#^\*/10 #* #p" "$top/data-schemas/places/yongren/crontab" >lines
	[ -s lines ] || fail 'the crontab of yongren has no line for every ten minutes'
	{
		echo "PATH=$PATH"
		echo "GRIDLEDGER_DIR=$PWD/reg"
		echo "GRIDLEDGER_ACTOR=$GRIDLEDGER_ACTOR"
		echo 'MAILTO=""'
		grep hazard-escalate lines
	} >spool/root
	chmod 600 spool/root
	: >crontab
	unshare -m sh -c '
		mount --make-rprivate / && mount --bind spool /var/spool/cron/crontabs && mount --bind run /run &&
			mount --bind cron.d /etc/cron.d && mount --bind crontab /etc/crontab || exit 77
		exec cron -f' 2>err &
	daemon=$!
	i=0
	while [ $i -lt 150 ] && kill -0 $daemon 2>/dev/null && ! grep -q '^commit,.*,hazard-escalate,' reg/journal.csv; do
		sleep 1
		i=$((i + 1))
	done
	kill $daemon 2>/dev/null || [ -s err ] && cat err
	wait $daemon || [ $? -ne 77 ] || skip 'NO CRON DAEMON WAS RUN: nothing can be mounted here'
	like "$(cat reg/journal.csv)" '^commit,.*,hazard-escalate,' 'the sweep ran'
	status 0 gridctl check -q sweep
	gridctl cat events | grep -q ',sweep,' || fail 'what was overdue went up'
	gridctl verify -q
}

t 'the crontab of a place under a real cron' runs
plan
