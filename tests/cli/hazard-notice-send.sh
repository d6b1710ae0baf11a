# SPDX-License-Identifier: MIT
# Sending: by a real client to a real server (msmtp, aiosmtpd), and by clients that are refused, hang, fail or are killed.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-notice hazard-escalate

now=2026-03-12T09:00:00+08:00

# An office whose papers go out by `main`, and by `spare` when that gave up; both scripts of this directory.
day() {
	office reg
	hazards
	hazard-update -q --now=2026-03-03T08:00:00+08:00 assign --owner=T01-FIRE "$(nth 1)" "$(nth 2)"
	gridctl put -q --now="$now" organs - <<-'END'
		organ,kind,level,grid,parent,valid_from,name,mail,phone
		T01-GOV,government,county,990101,,2020-01-01,县政府,gov@example.org,0878-1
		T01-FIRE,fire,county,990101,T01-GOV,2020-01-01,县消防大队,fire@example.org,13800000001
		T01-GAS,gas,county,990101,T01-GOV,2020-01-01,县燃气办,,13800000002
		T01-E,government,township,990101001,T01-GOV,2020-01-01,东镇政府,,
		T01-W,government,township,990101002,T01-GOV,2020-01-01,西镇政府,not an address,call me
		T01-E1,committee,village,990101001001,T01-E,2020-01-01,东镇桥村村委会,,
	END
	printf '#!/bin/sh\ncat >>%s/main.got\nexec >/dev/null\n' "$PWD" >main
	printf '#!/bin/sh\ncat >>%s/spare.got\n' "$PWD" >spare
	chmod +x main spare
	rm -rf pol
	cp -r "$GRIDLEDGER_DATA/places/default" pol
	rm -rf pol/tests	# they hold for the policy as it ships
	channels "${1-}"
}

# The channels, with a line of more keys for `main`.
channels() {
	cat >pol/notices.yaml <<-END
		kinds:
		  - {id: reminder, name: 催办单, prefix: 催, title: "关于隐患{hazard}的催办单", channels: [main]}
		  - {id: supervision, name: 督办函, prefix: 督, title: "关于{subject}隐患的督办函", template: supervision.txt, brief: sms.txt, channels: [main]}
		  - {id: listed, name: 挂牌, prefix: 挂, title: "挂牌", approval: leader, channels: [main, spare]}
		  - {id: alarm, name: 警报, prefix: 警, title: "警报", send: any, channels: [spare]}
		  - {id: urgent, name: 急件, prefix: 急, title: "急件", to: owner post duty, channels: [spare]}
		channels:
		  main: {run: [$PWD/main], address: phone, retry: [10m, 30m], give-up: 2h, timeout: 1s, fallback: spare$1}
		  spare: {run: [$PWD/spare], address: phone, timeout: 1s}
	END
	gridctl put -q --now="$now" policy pol
}

issue() {
	hazard-notice issue -q --now="$now" "$@" >/dev/null
}

send() {
	hazard-notice send --now="$@"
}

# notice number:channel:attempt:result:next_at of all attempts
sent() {
	sed 1d reg/deliveries.csv | awk -F, '$5 == "send" { print substr($4, 11) ":" $6 ":" $7 ":" $8 ":" substr($9, 6, 11) }' | tr '\n' ' '
}

python_with() {
	for python in python3 /usr/bin/python3; do
		"$python" -c "import $1" 2>/dev/null && return
	done
	return 1
}

free_port() {
	/usr/bin/env python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Channel mail of a real client to a port of this host.
mail_to() {
	cat >pol/notices.yaml <<-END
		kinds:
		  - {id: supervision, name: 督办函, prefix: 督, title: "关于{subject}隐患{hazard}的督办函", template: supervision.txt, channels: [mail]}
		  - {id: reminder, name: 催, prefix: 催, title: x}
		  - {id: listed, name: 挂, prefix: 挂, title: x}
		channels:
		  mail: {run: [msmtp, --file=/dev/null, --host=127.0.0.1, --port=$1, --read-envelope-from, --read-recipients],
		         address: mail, timeout: ${2-20s}, retry: [10m], give-up: 1h}
	END
	gridctl put -q --now="$now" policy pol
}

mail() {
	command -v msmtp >/dev/null || skip 'msmtp is not installed'
	python_with aiosmtpd || skip 'python3-aiosmtpd is not installed'
	day
	port=$(free_port)
	"$python" -m aiosmtpd -n -l "127.0.0.1:$port" -c aiosmtpd.handlers.Mailbox "$PWD/box" 2>server.err &
	server=$!
	trap 'kill $server 2>/dev/null || :' EXIT
	for i in $(seq 100); do
		"$python" -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2>/dev/null && break
		sleep 0.1
	done
	mail_to "$port"
	issue --kind=supervision "$(nth 1)" "$(nth 2)"
	status 0 hazard-notice send --now=$now
	has err '1 sent'
	status 0 hazard-notice send --now=$now
	has err 'nothing to send'
	is "$(sent)" '000001:mail:1:ok: '
	is "$(find box/new -type f | wc -l)" 1 'mails that arrived'
	hazard-notice show T01-N2026-000001 >paper
	"$python" - <<-'END'
		import email, email.policy, glob
		m = email.message_from_binary_file(open(glob.glob("box/new/*")[0], "rb"), policy=email.policy.default)
		assert m["Subject"] == "关于晴川木业等单位隐患T01-H2026-000001等2项的督办函", m["Subject"]
		assert m["To"] == "<fire@example.org>" or "fire@example.org" in m["To"], m["To"]
		assert "gov@example.org" in m["From"] and m["From"].addresses[0].display_name == "县政府", m["From"]
		assert m["Message-ID"] == "<T01-N2026-000001.T01-FIRE@T01.gridledger>", m["Message-ID"]
		assert m["X-Notice-Number"] == "督〔2026〕1号", m["X-Notice-Number"]
		assert m["Date"].datetime.isoformat() == "2026-03-12T09:00:00+08:00"
		assert m.get_content().replace("\r\n", "\n") == open("paper", encoding="utf-8").read(), m.get_content()
		raw = open(glob.glob("box/new/*")[0], "rb").read()
		assert max(map(len, raw.splitlines())) <= 78 and all(c < 128 for c in raw)
	END
	is "$(hazard-notice list --now=$now --undelivered --format=ids)" ''
	# the server is gone: temporary, again when the time has come
	kill $server
	wait $server 2>/dev/null || :
	issue --kind=supervision "$(nth 1)"
	status 0 hazard-notice send --now=$now
	has err '1 to be tried again'
	is "$(sent)" '000001:mail:1:ok: 000002:mail:1:temporary:03-12T09:10 '
	has reg/deliveries.csv 'exit status 75: msmtp: cannot connect'
}

hangs() {
	command -v msmtp >/dev/null || skip 'msmtp is not installed'
	day
	python3 -c 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(8)
open("port", "w").write(str(s.getsockname()[1])); time.sleep(60)' &
	server=$!
	trap 'kill $server 2>/dev/null || :' EXIT
	for i in $(seq 100); do
		[ -s port ] && break
		sleep 0.1
	done
	mail_to "$(cat port)" 1s
	issue --kind=supervision "$(nth 1)"
	status 0 hazard-notice send --now=$now
	is "$(sent)" '000001:mail:1:temporary:03-12T09:10 '
	has reg/deliveries.csv 'no answer within 1 s'
}

# What a client gets, and what it does not.
phone() {
	day
	printf '#!/bin/sh\necho "$#" >args\nls -l /proc/self/fd >fds\ncat >got\n' >main
	cd "$PWD"
	issue --kind=supervision "$(nth 1)"
	(cd "$tap_dir" && status 0 hazard-notice send --now=$now)
	is "$(cat args)" 0
	same - got <<-'END'
		Number: 督〔2026〕1号
		Notice: T01-N2026-000001
		To: 13800000001
		Subject: 关于晴川木业隐患的督办函

		隐患T01-H2026-000001(车间)超期57小时,责任人,电话0878-1
	END
	# 0 1 2, and the folder that ls reads
	is "$(grep -c -e "->" fds)" 4 descriptors
	is "$(sed 1d reg/deliveries.csv | cut -d, -f3-)" "$now,T01-N2026-000001,send,main,1,ok,,T01-O1,T01-FIRE,"
	unlike "$(cat reg/*.csv)" 'reg/deliveries.*1380'
	ok 'no phone number in the record' sh -c '! grep -q 13800000001 reg/deliveries.csv reg/notices.csv'
}

short() {
	day
	sed -i 's/$/{description}{description}{description}/' pol/templates/sms.txt
	channels
	hazard-add -q --now=2026-03-03T18:00:00+08:00 --grid=990101001001 --category=fire --severity=general --source=patrol --reporter=T01-O2 \
	    --place=车间 --description='这里的描述很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长' >>ids
	hazard-update -q --now=2026-03-04T08:00:00+08:00 assign --owner=T01-FIRE "$(nth 7)"
	issue --kind=supervision "$(nth 7)"
	status 0 hazard-notice send --now=$now
	is "$(tail -n 1 main.got | tr -d '\n' | LC_ALL=C.UTF-8 wc -m)" 70
	like "$(tail -n 1 main.got)" '…$'
}

temporary() {
	day
	printf '#!/bin/sh\ncat >/dev/null\necho busy >&2\nexit 75\n' >main
	issue --kind=supervision "$(nth 1)"
	status 0 hazard-notice send --now=2026-03-12T09:00:00+08:00
	status 0 hazard-notice send --now=2026-03-12T09:09:59+08:00
	is "$(sent)" '000001:main:1:temporary:03-12T09:10 '
	status 0 hazard-notice send --now=2026-03-12T09:10:00+08:00
	status 0 hazard-notice send --now=2026-03-12T09:40:00+08:00
	status 0 hazard-notice send --now=2026-03-12T10:10:00+08:00
	is "$(sent)" '000001:main:1:temporary:03-12T09:10 000001:main:2:temporary:03-12T09:40 000001:main:3:temporary:03-12T10:10 000001:main:4:temporary:03-12T10:40 '
	is "$(hazard-notice list --now=2026-03-12T10:20:00+08:00 --undelivered --format=csv | sed 1d | cut -d, -f16,17)" \
	    'undelivered,2026-03-12T10:40:00+08:00'
	# two hours after the first it gives up, and the spare one takes it at once
	status 1 hazard-notice send --now=2026-03-12T10:50:00+08:00
	has err 'warning: T01-N2026-000001: not delivered by main: exit status 75: busy; given up'
	like "$(sent)" '000001:main:5:failed: 000001:spare:1:ok: $'
	is "$(grep -c '^Notice: T01-N2026-000001$' spare.got)" 1
	status 0 hazard-notice send --now=2026-03-13T10:50:00+08:00
	has err 'nothing to send'
}

# One that fails for good, beside others that arrive.
final() {
	day
	printf '#!/bin/sh\nif grep -q "^To: 13800000002"; then printf "\\033[31mno such\\nnumber" >&2; exit 1; fi\n' >main
	printf '#!/bin/sh\ncat >/dev/null\nexit 1\n' >spare
	issue --kind=supervision --to=T01-FIRE "$(nth 1)"
	issue --kind=supervision --to=T01-GAS "$(nth 1)"
	issue --kind=supervision --to=T01-FIRE "$(nth 2)"
	status 1 hazard-notice send --now=$now
	has err '2 sent, 2 failed'
	is "$(sent)" '000001:main:1:ok: 000002:main:1:failed: 000002:spare:1:failed: 000003:main:1:ok: '
	has reg/deliveries.csv 'exit status 1: \u{1b}[31mno such number'
	unlike "$(cat err)" "$(printf '\033')"
	is "$(hazard-notice list --now=$now --format=csv | sed 1d | cut -d, -f16 | tr '\n' ' ')" 'unacknowledged failed unacknowledged '
	status 0 hazard-notice send --now=2026-04-12T09:00:00+08:00
	is "$(sent | wc -w)" 4 'attempts'
	# a person may insist
	printf '#!/bin/sh\ncat >/dev/null\n' >main
	status 0 hazard-notice send --now=$now T01-N2026-000002
	like "$(sent)" '000002:main:2:ok: $'
	status 0 hazard-notice send --now=$now T01-N2026-000001
	has err 'nothing to send'
	status 0 hazard-notice send --now=$now --again T01-N2026-000001
	like "$(sent)" '000001:main:2:ok: $'
}

missing() {
	day
	rm main spare
	issue --kind=supervision "$(nth 1)"
	status 1 hazard-notice send -q --now=$now
	has err "warning: T01-N2026-000001: not delivered by main: $PWD/main cannot be run; install it, or change the channel main in notices.yaml"
	is "$(sent)" '000001:main:1:failed: 000001:spare:1:failed: '
}

# Clients that do not read, or never stop talking.
rude() {
	day
	printf '#!/bin/sh\nexit 0\n' >main
	issue --kind=supervision "$(nth 1)"
	status 0 hazard-notice send --now=$now
	printf '#!/bin/sh\nyes 讲个不停\n' >main
	issue --kind=supervision "$(nth 2)"
	status 0 hazard-notice send --now=$now
	printf '#!/bin/sh\ntrap "" TERM\nsleep 30 & wait; sleep 30\n' >main
	issue --kind=supervision "$(nth 1)"
	status 0 hazard-notice send --now=$now
	is "$(sent)" '000001:main:1:ok: 000002:main:1:temporary:03-12T09:10 000003:main:1:temporary:03-12T09:10 '
	ok 'the note is short' awk '{ exit length($0) > 500 }' reg/deliveries.csv
}

# A channel that hangs is left alone after three papers; the next run goes on.
hung() {
	day
	printf '#!/bin/sh\nexec sleep 30\n' >main
	sed -i 's/timeout: 1s, fallback: spare/timeout: 1s/' pol/notices.yaml
	gridctl put -q --now="$now" policy pol
	for i in 1 2 3 4 5; do
		issue --kind=supervision --to=T01-FIRE "$(nth 1)"
	done
	issue --kind=alarm --to=T01-FIRE "$(nth 1)"
	status 0 hazard-notice send --now=$now
	has err '1 sent, 3 to be tried again, 2 left for the next run, because their channel hangs'
}

nobody() {
	day
	issue --kind=supervision --to=T01-E "$(nth 1)"
	issue --kind=supervision --to=T01-W "$(nth 1)"
	status 1 hazard-notice send -q --now=$now
	has err 'warning: T01-N2026-000001: nobody to send it to by main, for T01-E: neither it nor a person there has a phone number'
	has err 'T01-N2026-000002: nobody to send it to by main, for T01-W: what stands there is no phone number'
	is "$(sent)" '000001:main:1:no-addressee:03-13T09:00 000001:spare:1:no-addressee:03-13T09:00 000002:main:1:no-addressee:03-13T09:00 000002:spare:1:no-addressee:03-13T09:00 '
	status 0 hazard-notice send -q --now=2026-03-12T23:00:00+08:00
	empty err
	# somebody is on duty the next day
	gridctl get posts >posts.csv
	echo T01-P9,T01-O2,grid-officer,day-shift,,T01-E,,2026-03-13,2026-03-13 >>posts.csv
	gridctl put -q --now="$now" posts posts.csv
	gridctl get officers | sed 's/乙二,*$/乙二,13900000009/' >officers.csv
	gridctl put -q --now="$now" officers officers.csv
	status 1 hazard-notice send -q --now=2026-03-13T09:00:00+08:00
	like "$(sent)" '000001:main:2:ok: '
	has main.got 'To: 13900000009'
	is "$(sed 1d reg/deliveries.csv | awk -F, '$4 ~ /1$/ && $8 == "ok" { print $11 }')" T01-O2
}

unsigned() {
	day
	issue --kind=listed "$(nth 1)"
	issue --kind=supervision "$(nth 1)"
	hazard-notice withdraw -q --now=$now --reason=误发 T01-N2026-000002
	status 0 hazard-notice send --now=$now
	has err '1 waiting for approval'
	is "$(sent)" ''
	hazard-notice approve -q --now=$now --actor=T01-O3 T01-N2026-000001
	status 0 hazard-notice send --now=$now
	is "$(sent)" '000001:main:1:ok: 000001:spare:1:ok: '
}

hours() {
	day
	echo 'sending: ["08:00-18:00"]' >>pol/calendar.yaml
	gridctl put -q --now="$now" policy pol
	issue --kind=supervision "$(nth 1)"
	issue --kind=alarm "$(nth 1)"
	status 0 hazard-notice send --now=2026-03-12T20:00:00+08:00
	has err '1 sent, 1 waiting for sending hours'
	status 0 hazard-notice send --now=2026-03-13T07:59:59+08:00
	is "$(sent)" '000002:spare:1:ok: '
	status 0 hazard-notice send --now=2026-03-13T08:00:00+08:00
	is "$(sent)" '000002:spare:1:ok: 000001:main:1:ok: '
	issue --kind=supervision "$(nth 2)"
	status 0 hazard-notice send --now=2026-03-13T20:00:00+08:00 T01-N2026-000003
	is "$(sent | wc -w)" 2 'attempts'
	status 0 hazard-notice send --now=2026-03-13T20:00:00+08:00 --any-hour
	is "$(sent | wc -w)" 3 'attempts'
	# a sweep's paper goes by its rung
	hazard-escalate -q --now=2026-03-14T09:00:00+08:00
	status 0 hazard-notice send --now=2026-03-14T20:00:00+08:00
	is "$(sent | wc -w)" 3 'attempts'
	sed -i '/id: rest-7d/,$s/notice: supervision, repeat/send: any, &/' pol/escalation.yaml
	gridctl put -q --now=2026-03-14T20:00:00+08:00 policy pol
	rc=0
	hazard-notice send -q --now=2026-03-14T20:00:00+08:00 2>/dev/null || rc=$?
	isnt "$(sent | wc -w)" 3 'attempts'
}

# A kind that a newer policy drops takes no paper with it: they go by the rules they were issued under.
dropped() {
	day
	issue --kind=listed "$(nth 1)"
	issue --kind=supervision "$(nth 1)"
	issue --kind=supervision "$(nth 2)"
	gridctl cat notice-lines >lines
	cat >pol/notices.yaml <<-END
		kinds:
		  - {id: letter, name: 函, prefix: 函, title: 函, channels: [spare]}
		channels:
		  spare: {run: [$PWD/spare], address: phone, timeout: 1s}
	END
	sed -i 's/, notice: [a-z]*//' pol/escalation.yaml
	gridctl put -q --now=2026-03-12T09:30:00+08:00 policy pol
	later=2026-03-12T10:00:00+08:00
	hazard-notice list --now=$later --undelivered --format=csv | sed 1d | cut -d, -f1,3,16 >open
	same - open <<-'END'
		T01-N2026-000001,listed,unapproved
		T01-N2026-000002,supervision,undelivered
		T01-N2026-000003,supervision,undelivered
	END
	is "$(hazard-notice list --now=$later --kind=supervision --format=ids | wc -l)" 2
	# signed by whom the old rules name, sent by the old channel, which has no other name here now
	status 3 hazard-notice approve --now=$later T01-N2026-000001
	has err 'may be approved by leader'
	status 0 hazard-notice approve -q --now=$later --actor=T01-O3 T01-N2026-000001
	printf '#!/bin/sh\nif grep -q 000003; then exit 1; fi\n' >main
	status 1 hazard-notice send --now=$later
	has err '4 sent, 1 failed'
	is "$(sent)" '000001:main:1:ok: 000001:spare:1:ok: 000002:main:1:ok: 000003:main:1:failed: 000003:spare:1:ok: '
	status 0 hazard-notice send --now=$later
	has err 'nothing to send'
	is "$(hazard-notice list --now=$later --undelivered --format=ids)" ''
	hazard-notice show --now=$later T01-N2026-000002 | grep -q 督〔2026〕1号
	status 0 gridctl check
	# no kinds at all
	gridctl cat notices >papers
	issue --kind=letter --to=T01-FIRE "$(nth 1)"
	rm pol/notices.yaml
	gridctl put -q --now=$later policy pol
	status 0 hazard-notice send --now=2026-03-12T11:00:00+08:00
	like "$(sent)" '000004:spare:1:ok: $'
}

# While a client works nobody waits for the register, and a second run does not send the same.
unlocked() {
	day
	printf '#!/bin/sh\ncat >>%s/main.got\n: >started\nsleep 2\n' "$PWD" >main
	sed -i 's/timeout: 1s, fallback/timeout: 20s, fallback/' pol/notices.yaml
	gridctl put -q --now="$now" policy pol
	issue --kind=supervision "$(nth 1)"
	hazard-notice send -q --now=$now &
	for i in $(seq 100); do
		[ -e started ] && break
		sleep 0.05
	done
	status 0 hazard-update --lock-wait=1s --now=$now note --note=x "$(nth 1)"
	status 4 hazard-notice send --lock-wait=10ms --now=$now
	has err 'another hazard-notice send is under way'
	status 0 hazard-notice send --now=$now
	wait
	is "$(grep -c '^Notice:' main.got)" 1
	is "$(sent)" '000001:main:1:ok: '
}

# Killed while a client works: the next run sends again, with the same number, and completes.
killed() {
	day
	printf '#!/bin/sh\ncat >>%s/main.got\n: >started\nexec sleep 3\n' "$PWD" >main
	sed -i 's/timeout: 1s, fallback/timeout: 20s, fallback/' pol/notices.yaml
	gridctl put -q --now="$now" policy pol
	issue --kind=supervision "$(nth 1)"
	issue --kind=supervision "$(nth 2)"
	hazard-notice send -q --now=$now &
	victim=$!
	for i in $(seq 200); do
		[ -e started ] && break
		sleep 0.05
	done
	kill -9 $victim
	wait $victim 2>/dev/null || :
	is "$(sent)" ''
	printf '#!/bin/sh\ncat >>%s/main.got\n' "$PWD" >main
	status 0 hazard-notice send --now=2026-03-12T09:10:00+08:00
	is "$(sent)" '000001:main:1:ok: 000002:main:1:ok: '
	is "$(grep '^Number:' main.got | sort | uniq -c | awk '{ print $1, $3 }' | tr '\n' ' ')" '2 督〔2026〕1号 1 督〔2026〕2号 '
	status 0 gridctl verify
	status 0 gridctl check
}

# The pipeline of DESIGN 5, under cron's bare environment.
cron() {
	day
	hazard-escalate -q --now=2026-03-10T09:00:00+08:00
	hazard-update -q --now=2026-03-10T09:00:00+08:00 assign --owner=T01-GAS "$(nth 3)" "$(nth 5)" "$(nth 6)"
	status 1 env -i PATH="$PATH" GRIDLEDGER_ACTOR=T01-O1 hazard-notice send -q -C "$GRIDLEDGER_DIR" --now=2026-03-10T09:00:00+08:00
	empty out
	has err 'T01-N2026-000002: nobody to send it to by main: the paper has no receiver'
	n=$(sed 1d reg/notices.csv | grep -c ,supervision,)
	isnt "$n" 0
	before=$(cat reg/*.csv | sha256sum)
	status 0 env -i PATH="$PATH" GRIDLEDGER_ACTOR=T01-O1 hazard-notice send -q -C "$GRIDLEDGER_DIR" --now=2026-03-10T09:05:00+08:00
	empty out err
	is "$(cat reg/*.csv | sha256sum)" "$before" 'bytes after a quiet run'
}

t 'mail by msmtp to an SMTP server arrives whole; a server that is gone is tried again' mail
t 'a server that hangs' hangs
t 'what a client gets: standard input alone, no data as arguments, no descriptor' phone
t 'text for phones has at most 70 characters' short
t 'exit 75: again by the retry list, given up, the fallback' temporary
t 'any other status is final; others go on' final
t 'a program that is not installed is told' missing
t 'clients that do not read, or do not stop' rude
t 'a channel that hangs does not hold up the others' hung
t 'nobody to send to is recorded and told; duty roster of the day' nobody
t 'nothing unsigned or withdrawn is sent' unsigned
t 'nothing is sent outside sending hours' hours
t 'no lock on the register while a client works; one run at a time' unlocked
t 'a kind that the policy has no more: its papers go by their old rules' dropped
t 'killed in the middle, the next run completes' killed
t 'quiet under cron; run again no byte changes' cron
plan
