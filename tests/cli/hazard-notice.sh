# SPDX-License-Identifier: MIT
# The life of a paper: drafted, issued, approved, served, acknowledged, answered, withdrawn, and the lists of what is open.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-escalate hazard-notice

now=2026-03-12T09:00:00+08:00

bytes() {
	find "$GRIDLEDGER_DIR" -type f ! -path '*/.index/*' -exec sha256sum {} + | sort | sha256sum
}

# Six hazards; a1 and a2 are the fire brigade's.
day() {
	office reg
	hazards
	hazard-update -q --now=2026-03-03T08:00:00+08:00 assign --owner=T01-FIRE "$(nth 1)" "$(nth 2)"
}

notice() {
	hazard-notice "$1" --now="$now" "$@" | tail -n +1
}

# A policy of the default place with another notices.yaml, from standard input.
policy() {
	rm -rf pol
	cp -r "$GRIDLEDGER_DATA/places/default" pol
	rm -rf pol/tests	# they hold for the policy as it ships
	cat >pol/notices.yaml
	gridctl put -q --now="$now" policy pol
}

draft() {
	day
	before=$(bytes)
	hazard-list --now=$now --overdue --owner=T01-FIRE | hazard-notice draft --now=$now --kind=supervision --bundle=owner - >out
	is "$(bytes)" "$before" 'bytes after a draft'
	is "$(head -n 1 out)" '【草稿】'
	has out '(草稿,未编号)'
	has out '县消防大队:'
	is "$(grep -c '隐患编号T01-H2026-' out)" 2
	unlike "$(cat out)" '〔2026〕'
	# who issues it need not be known yet
	status 0 env -u GRIDLEDGER_ACTOR hazard-notice draft --now=$now --kind=督办函 "$(nth 1)"
}

issue() {
	day
	status 0 hazard-notice issue --now=$now --kind=supervision "$(nth 1)" "$(nth 2)"
	cp out issued
	has issued '安办督〔2026〕1号'
	has issued '整改期限2026年3月9日24时(超期2日)'
	unlike "$(cat issued)" '草稿'
	is "$(sed 1d reg/notices.csv | cut -d, -f1,3-7)" 'T01-N2026-000001,2026-03-12T09:00:00+08:00,supervision,安办督〔2026〕1号,T01-GOV,T01-FIRE'
	is "$(sed 1d reg/notice-lines.csv | cut -d, -f1,3-6 | tr '\n' ' ')" \
	    'T01-N2026-000001,1,T01-H2026-000001,2026-03-10T00:00:00+08:00,yes T01-N2026-000001,2,T01-H2026-000002,2026-03-10T00:00:00+08:00,yes '
	status 0 hazard-notice show T01-N2026-000001
	same issued out
	status 0 gridctl verify
	status 0 gridctl check
}

# Whatever is mended, renamed or rewritten later: the paper stays as it went out.
same_bytes() {
	day
	hazard-notice issue --now=$now --kind=supervision "$(nth 1)" "$(nth 2)" >issued
	hazard-update -q --now=2026-03-13T09:00:00+08:00 correct --field=description --value='完全不同' "$(nth 1)"
	hazard-update -q --now=2026-03-13T09:10:00+08:00 rectify "$(nth 2)"
	gridctl get organs | sed 's/县消防大队/县消防救援局/' >organs.csv
	gridctl put -q --now=2026-03-13T09:20:00+08:00 organs organs.csv
	cp -r "$GRIDLEDGER_DATA/places/default" pol
	rm -rf pol/tests	# they hold for the policy as it ships
	echo '新样式 {number}' >pol/templates/supervision.txt
	gridctl put -q --now=2026-03-13T09:30:00+08:00 policy pol
	status 0 hazard-notice show --now=2026-04-01T09:00:00+08:00 T01-N2026-000001
	same issued out
	rm -r reg/.index
	status 0 hazard-notice show T01-N2026-000001
	same issued out
	status 0 hazard-notice draft --now=2026-03-14T09:00:00+08:00 --kind=supervision "$(nth 1)"
	has out '新样式'
}

thirty() {
	office reg
	for i in $(seq 30); do
		echo "b$i,2026-03-02 08:00,990101001001,T01-S1,fire,general,patrol,T01-O2,车间$i,问题$i"
	done | { echo ref,reported_at,grid,subject,category,severity,source,reporter,place,description; cat; } |
	    hazard-add -q --now=2026-03-02T18:00:00+08:00 - >ids
	hazard-list --now=$now --overdue | hazard-notice issue --now=$now --kind=rectify-order - >out
	is "$(sed 1d reg/notices.csv | wc -l)" 1
	is "$(sed 1d reg/notice-lines.csv | wc -l)" 30
	is "$(grep -c '隐患编号' out)" 30
	has out '第30项:2026年3月9日24时前整改完毕'
	has out '晴川木业:'
	is "$(sed 1d reg/notices.csv | cut -d, -f5-9)" '县政府责改〔2026〕1号,T01-GOV,T01-S1,,T01-S1'
}

bundles() {
	day
	count() {
		hazard-list --now=$now --overdue | hazard-notice draft --now=$now --kind=advice "$@" --format=csv - 2>err | sed 1d |
		    awk -F, '{ n += $6 == 1 } END { print n + 0, NR }'
	}
	is "$(count --to=T01-GOV)" '1 5'
	is "$(count --to=T01-GOV --bundle=owner)" '2 5'
	is "$(count --to=T01-GOV --bundle=subject)" '4 5'
	is "$(count --to=T01-GOV --bundle=none)" '5 5'
	is "$(count --to=subject)" '4 5'
	is "$(count --to=township)" '2 5'
	is "$(count --to=parent)" '2 5'
	is "$(count --to=top)" '1 5'
	is "$(count --to=fire)" '1 5'
	is "$(count --to=县燃气办,晴川木业)" '2 10'
	status 2 hazard-notice draft --now=$now --kind=advice --to=owner,T01-GAS "$(nth 1)"
	has err 'stands alone'
	status 2 hazard-notice draft --now=$now --kind=advice --to=nobody "$(nth 1)"
	has err 'no organ "nobody"'
}

# The opinion names the order it answers to: the last one about these hazards that stands.
opinion() {
	day
	doc() { hazard-notice draft --now=$1 --kind=recheck "$2" | grep 作出; }
	before='________于____年__月__日作出《________________》的决定(文号:________________),经对你单位整改情况进行复查,提出如下意见:'
	is "$(doc $now "$(nth 1)")" "$before" 'no order, no number'
	hazard-notice issue -q --now=2026-03-12T10:00:00+08:00 --issuer=T01-FIRE --kind=rectify-order "$(nth 1)" >/dev/null
	hazard-notice issue -q --now=2026-03-13T10:00:00+08:00 --issuer=T01-FIRE --kind=rectify-order "$(nth 1)" "$(nth 2)" >/dev/null
	hazard-notice issue -q --now=2026-03-14T10:00:00+08:00 --issuer=T01-FIRE --kind=rectify-order "$(nth 1)" >/dev/null
	hazard-notice issue -q --now=2026-03-14T11:00:00+08:00 --kind=supervision "$(nth 1)" >/dev/null
	hazard-notice withdraw -q --now=2026-03-14T12:00:00+08:00 --reason=误发 "$(gridctl cat notices | grep 责改〔2026〕4号 | cut -d, -f1)"
	at=2026-03-20T09:00:00+08:00
	order=$(gridctl cat notices | grep 责改〔2026〕2号 | cut -d, -f12)
	wanted="县消防大队于2026年3月13日作出《$order》的决定(文号:县消防大队责改〔2026〕2号),经对你单位整改情况进行复查,提出如下意见:"
	[ -n "$order" ] || fail 'no title'
	is "$(doc $at "$(nth 1)")" "$wanted"
	hazard-notice issue --now=$at --issuer=T01-FIRE --kind=recheck "$(nth 1)" >issued
	has issued "$wanted"
	# shown later it has the same bytes, whatever was ordered, withdrawn or renamed since
	hazard-notice issue -q --now=2026-03-21T10:00:00+08:00 --issuer=T01-FIRE --kind=rectify-order "$(nth 1)" >/dev/null
	hazard-notice withdraw -q --now=2026-03-21T12:00:00+08:00 --reason=误发 "$(gridctl cat notices | grep 责改〔2026〕2号 | cut -d, -f1)"
	hazard-notice show --now=2026-04-01T09:00:00+08:00 "$(gridctl cat notices | grep ,recheck, | cut -d, -f1)" >shown
	same issued shown
	is "$(doc 2026-04-01T09:00:00+08:00 "$(nth 4)")" "$before" 'another hazard has none'
}

# Sixteen at once: no number twice, none left out.
numbers() {
	day
	for i in $(seq 16); do
		hazard-notice issue -q --now=$now --kind=advice --to=T01-FIRE --text="第$i件" >/dev/null 2>"err$i" &
	done
	wait
	cut -d, -f5 reg/notices.csv | sed -n 's/^安办示〔2026〕\(.*\)号$/\1/p' >serials
	seq 16 | same - serials
	# another organ has numbers of its own where the prefix names the issuer
	for organ in T01-FIRE T01-GAS T01-FIRE; do
		hazard-notice issue -q --now=$now --issuer=$organ --kind=rectify-order "$(nth 1)" >/dev/null
	done
	cut -d, -f5 reg/notices.csv | grep 责改 >serials
	printf '%s\n' 县消防大队责改〔2026〕1号 县燃气办责改〔2026〕1号 县消防大队责改〔2026〕2号 | same - serials
	hazard-notice issue -q --now=2027-01-02T09:00:00+08:00 --kind=advice --to=T01-FIRE --text=x >/dev/null
	has reg/notices.csv '安办示〔2027〕1号'
}

letters() {
	day
	status 0 hazard-notice issue --now=$now --kind=risk-reminder --to=T01-E,西镇政府,T01-S1 --title=关于做好高温天气安全防范的提醒 --text='近日高温。
请加强巡查。'
	is "$(grep -c '^请加强巡查。$' out)" 3
	is "$(sed 1d reg/notices.csv | cut -d, -f5,7,9,12 | tr '\n' ' ')" \
	    '安办险〔2026〕1号,T01-E,,关于做好高温天气安全防范的提醒 安办险〔2026〕2号,T01-W,,关于做好高温天气安全防范的提醒 安办险〔2026〕3号,T01-S1,T01-S1,关于做好高温天气安全防范的提醒 '
	is "$(sed 1d reg/notice-lines.csv | cut -d, -f4 | sort -u)" ''
	cp out issued
	status 0 hazard-notice show T01-N2026-000001 T01-N2026-000002 T01-N2026-000003
	same issued out
	status 2 hazard-notice issue --now=$now --kind=risk-reminder --text=x
	has err 'needs its addressees'
	# all organs of a level or a kind under the issuer
	status 0 hazard-notice issue --now=$now --kind=risk-reminder --to=township --title=防汛提醒 --text='近日有暴雨。'
	is "$(sed 1d reg/notices.csv | tail -n +4 | cut -d, -f7 | tr '\n' ' ')" 'T01-E T01-W '
	is "$(grep -c '近日有暴雨。' out)" 2
	status 0 hazard-notice draft --now=$now --kind=risk-reminder --to=fire --title=防火提醒 --text='近日干燥。'
	has out 县消防大队
	is "$(grep -c '近日干燥。' out)" 1
	status 0 hazard-notice draft --now=$now --kind=risk-reminder --to=village --issuer=T01-E --text='近日有暴雨。'
	is "$(grep -c '近日有暴雨。' out)" 1
	has out 桥村村委会
	status 2 hazard-notice draft --now=$now --kind=risk-reminder --to=village --issuer=T01-W --text=x
	has err 'hazard-notice: --to: no organ of level "village" lies under T01-W'
	status 2 hazard-notice issue --now=$now --kind=risk-reminder --to=owner --text=x
	has err 'hazard-notice: --to: "owner" means somebody only of a hazard; a paper without hazards is for organs or subjects, or for all of a level or an organ kind'
	status 2 hazard-notice issue --now=$now --kind=supervision --to=T01-E --text=x
	has err 'have no place for a text of their own'
	status 2 hazard-notice issue --now=$now --kind=advice --to=T01-E --text=x "$(nth 1)"
}

approval() {
	day
	status 0 hazard-notice issue --now=$now --kind=listed --to=T01-FIRE "$(nth 1)"
	has err 'T01-N2026-000001 (安办挂〔2026〕1号) waits for approval by '
	is "$(hazard-notice list --now=$now --unapproved --format=ids)" T01-N2026-000001
	status 3 hazard-notice serve --now=$now --to=王五 T01-N2026-000001
	has err 'must first be approved by leader'
	status 3 hazard-notice send --now=$now T01-N2026-000001
	has err 'must first be approved by leader'
	status 3 hazard-notice approve --now=$now T01-N2026-000001
	has err 'may be approved by leader'
	is "$(sed 1d reg/deliveries.csv | wc -l)" 0
	status 0 hazard-notice approve --now=$now --actor=T01-O3 T01-N2026-000001
	is "$(sed 1d reg/deliveries.csv | cut -d, -f4,5,10)" T01-N2026-000001,approve,T01-O3
	status 0 hazard-notice approve --now=$now --actor=T01-O3 T01-N2026-000001
	has err 'was approved on'
	is "$(sed 1d reg/deliveries.csv | wc -l)" 1
	is "$(hazard-notice list --now=$now --unapproved --format=ids)" ''
	status 0 hazard-notice serve --now=$now --to=王五 T01-N2026-000001
	status 0 hazard-notice issue -q --now=$now --kind=advice --to=T01-FIRE "$(nth 1)"
	status 3 hazard-notice approve --now=$now --actor=T01-O3 T01-N2026-000002
	has err 'needs no approval'
}

lists() {
	day
	list() {
		hazard-notice list --now=$now "$@" --format=ids | sed 's/T01-N2026-00000//' | tr '\n' ' '
	}
	hazard-notice issue -q --now=$now --kind=rectify-order "$(nth 1)" >/dev/null 2>&1
	hazard-notice issue -q --now=$now --kind=supervision "$(nth 2)" >/dev/null
	hazard-notice issue -q --now=$now --kind=recheck "$(nth 1)" >/dev/null
	is "$(list)/$(list --unapproved)/$(list --undelivered)/$(list --unserved)/$(list --unacknowledged)/$(list --unanswered)/$(list --withdrawn)" \
	    '1 2 3 /1 /2 /1 3 /1 2 3 /2 /'
	hazard-notice approve -q --now=$now --actor=T01-O3 T01-N2026-000001
	hazard-notice serve -q --now=$now --by=T01-O4 --to=张厂长 T01-N2026-000001
	hazard-notice list --now=$now --unserved --format=ids | hazard-notice serve -q --now=$now --to=张厂长 --how=post -
	hazard-notice ack -q --now=$now T01-N2026-000001
	hazard-notice reply -q --now=$now --note='已派人整改' T01-N2026-000002
	is "$(list)/$(list --unapproved)/$(list --undelivered)/$(list --unserved)/$(list --unacknowledged)/$(list --unanswered)/$(list --withdrawn)" \
	    '1 2 3 //2 //3 //'
	hazard-notice withdraw -q --now=$now --reason=编号有误 T01-N2026-000002
	is "$(list)/$(list --undelivered)/$(list --withdrawn)/$(list --kind=recheck)/$(list --receiver=T01-S1)" '1 2 3 //2 /3 /1 3 '
	for act in serve:--to=x ack:-q reply:--note=x approve:-q; do
		status 3 hazard-notice "${act%%:*}" --now=$now --actor=T01-O3 "${act#*:}" T01-N2026-000002
		has err 'was withdrawn'
	done
	status 0 hazard-notice withdraw --now=$now --reason=x T01-N2026-000002
	has err 'was withdrawn on'
	is "$(hazard-notice list --now=$now --format=csv | cut -d, -f1,16 | sed 1d | tr '\n' ' ')" \
	    'T01-N2026-000001,done T01-N2026-000002,withdrawn T01-N2026-000003,unacknowledged '
	hazard-notice list --now=$now --format=csv | hazard-notice show - >out
	is "$(grep -c -e '----------' out)" 2
	hazard-notice list --now=$now --format=json | python3 -c 'import json, sys; assert len(json.load(sys.stdin)) == 3'
	hazard-notice list --now=$now >out
	ok 'no line is wider than 80 columns' test "$(LC_ALL=C.UTF-8 wc -L <out)" -le 80
}

served() {
	day
	for i in 1 2 3; do
		hazard-notice issue -q --now=$now --kind=recheck "$(nth 1)" >/dev/null
	done
	status 2 hazard-notice serve --now=$now --to=张厂长 --refused T01-N2026-000001
	has err 'needs a witness'
	status 2 hazard-notice serve --now=$now T01-N2026-000001
	has err 'who took it'
	status 2 hazard-notice serve --now=$now --to=x --how=throw T01-N2026-000001
	status 3 hazard-notice serve --now=$now --at='2026-03-11 10:00' --to=张厂长 T01-N2026-000001
	has err 'was issued on 2026-03-12T09:00:00+08:00 only'
	status 2 hazard-notice serve --now=$now --at='2026-03-13 10:00' --to=张厂长 T01-N2026-000001
	status 0 hazard-notice serve --now=$now --by=丁四 --to=张厂长 --refused --witness=社区李主任 --note=拒绝签字 T01-N2026-000001
	status 0 hazard-notice serve --now=$now --how=public T01-N2026-000002
	is "$(sed 1d reg/deliveries.csv | cut -d, -f4-6,8,10-12 | tr '\n' ' ')" \
	    'T01-N2026-000001,serve,left,refused,T01-O4,张厂长,见证人:社区李主任;拒绝签字 T01-N2026-000002,serve,public,ok,T01-O1,, '
	is "$(hazard-notice list --now=$now --unserved --format=ids)" T01-N2026-000003
}

# S2 has a major hazard and two minor ones; S1 a minor one.
graver() {
	day
	hazard-add -q --now=2026-03-02T19:00:00+08:00 - <<-'END' >>ids
		ref,reported_at,grid,subject,category,severity,source,reporter,place,description
		c1,2026-03-02 08:00,990101001001,T01-S2,fire,major,expert,T01-O2,后厨,重大
		c2,2026-03-02 08:00,990101001001,T01-S2,fire,minor,expert,T01-O2,后厨,小事
		c3,2026-03-02 08:00,990101001001,T01-S1,fire,minor,expert,T01-O2,车间,小事
	END
}

inhibit() {
	graver
	hazard-list --now=$now --open --match='subject=/T01-S[12]/' | hazard-notice issue --now=$now --kind=supervision --to=T01-E --format=csv - >out
	is "$(sed 1d out | cut -d, -f6,7,10 | sed 's/T01-H2026-00000/a/g' | tr '\n' ' ')" '1,a1, 2,a2, 3,a7, 4,a9, 5,a3,a7 6,a8,a7 '
	status 0 hazard-notice show T01-N2026-000001
	has out '下列4项隐患'
	sed -n '/^附件/,$p' out >annex
	is "$(grep -c '并入T01-H2026-000007' annex)" 2
	# alone they get no paper, and are not lost sight of
	status 0 hazard-notice issue --now=$now --kind=supervision --to=T01-E "$(nth 3)"
	empty out
	has err 'T01-H2026-000003 gets no paper of its own while T01-H2026-000007 of its subject is graver'
	status 0 hazard-notice draft --now=$now --kind=supervision --to=T01-E --no-inhibit "$(nth 3)"
	has out 'T01-H2026-000003'
}

# In a sweep: no paper for a3 and a8, whose events say why; the next paper about the major one has them in its annex.
inhibit_sweep() {
	graver
	for i in 3 7 8; do
		hazard-update -q --now=2026-03-03T08:00:00+08:00 assign --owner=T01-E "$(nth $i)"
	done
	hazard-escalate -q --now=$now
	unlike "$(cut -d, -f4,7 reg/notice-lines.csv)" '000003,$|000008,$'
	is "$(grep -c '并入T01-H2026-000007,不另发文' reg/events.csv)" 2
	hazard-escalate -q --now=2026-06-02T09:00:00+08:00
	like "$(cut -d, -f4,7 reg/notice-lines.csv)" 'T01-H2026-000003,T01-H2026-00000[27]'
	like "$(cut -d, -f4,7 reg/notice-lines.csv)" 'T01-H2026-000008,T01-H2026-00000[27]'
	status 0 gridctl check
}

# A kind's own addressee, its copies, its post and its reply are those of the policy; a sweep uses the same code.
addressees() {
	day
	gridctl get posts >posts.csv
	echo T01-P9,T01-O2,grid-officer,first-shift,,T01-FIRE,,2026-01-01, >>posts.csv
	echo T01-P8,T01-O4,grid-officer,night,,T01-FIRE,,2026-01-01,2026-02-01 >>posts.csv
	gridctl put -q --now="$now" posts posts.csv
	policy <<-'END'
		kinds:
		  - {id: reminder, name: 催办单, prefix: 催, title: "催办{hazard}", to: owner post duty, answer: 24h}
		  - {id: supervision, name: 督办函, prefix: 督, title: "督办{count}项", to: top post leader}
		  - {id: listed, name: 挂牌, prefix: 挂, title: "挂牌{subject}", bundle: none}
	END
	hazard-notice issue -q --now=$now --kind=reminder "$(nth 1)" "$(nth 2)" >/dev/null
	hazard-notice issue -q --now=$now --kind=supervision "$(nth 1)" "$(nth 5)" >/dev/null
	hazard-notice issue -q --now=$now --kind=listed "$(nth 1)" "$(nth 2)" >/dev/null
	is "$(sed 1d reg/notices.csv | cut -d, -f4,5,7,8,10,12 | tr '\n' ' ')" \
	    'reminder,催〔2026〕1号,T01-FIRE,T01-O2,2026-03-13T09:00:00+08:00,催办T01-H2026-000001等2项 supervision,督〔2026〕1号,T01-GOV,T01-O3,,督办2项 listed,挂〔2026〕1号,T01-FIRE,,,挂牌晴川木业 listed,挂〔2026〕2号,T01-FIRE,,,挂牌便民超市 '
}

# Copies of a rung's paper go to those it names, each on a paper of its own.
copies() {
	office reg
	cp -r "$GRIDLEDGER_DATA/places/default" pol
	rm -rf pol/tests
	sed -i '/id: rest-7d/,$s/notice: supervision, repeat: \[3d, 7d\]/&, cc: [T01-GAS, fire, owner]/' pol/escalation.yaml
	gridctl put -q --now=2026-03-01T09:00:00+08:00 policy pol
	hazards
	hazard-escalate -q --now=2026-03-10T09:00:00+08:00 2>/dev/null
	is "$(sed 1d reg/notices.csv | awk -F, '$4 == "supervision" { print $5, $6, $7 }' | sort | tr '\n' ';')" \
	    '安办督〔2026〕1号 T01-E T01-E;安办督〔2026〕2号 T01-E T01-GAS;安办督〔2026〕3号 T01-E T01-FIRE;安办督〔2026〕4号 T01-E ;安办督〔2026〕5号 T01-W T01-W;安办督〔2026〕6号 T01-W T01-GAS;安办督〔2026〕7号 T01-W T01-FIRE;安办督〔2026〕8号 T01-W ;'
	is "$(sed 1d reg/notice-lines.csv | cut -d, -f4 | sort | uniq -c | awk '$1 == 4 { print substr($2, 16) }' | tr '\n' ' ')" '1 2 5 6 '
}

# A kind that the policy dropped goes on for hazards that are pinned to the version before.
dropped() {
	day
	cp -r "$GRIDLEDGER_DATA/places/default" pol
	rm -rf pol/tests
	sed -i 's/\(id\|notice\): supervision/\1: oversight/; s/督办函/监督函/g; s/安办督/安办监/' pol/*.yaml
	gridctl put -q --now=2026-03-09T09:00:00+08:00 policy pol
	hazard-escalate -q --now=2026-03-10T09:00:00+08:00 2>/dev/null
	like "$(cut -d, -f4,5 reg/notices.csv)" '^supervision,安办督〔2026〕1号$'
	status 0 hazard-notice show "$(grep ,supervision, reg/notices.csv | head -n 1 | cut -d, -f1)"
	has out '未按期整改到位,现予督办'
	status 0 hazard-notice list --now=2026-03-10T10:00:00+08:00 --format=csv
}

language() {
	day
	draft_in() {
		env -u LANG LC_ALL="$1" LANGUAGE="$2" hazard-notice draft --now=$now --kind=supervision "$(nth 1)"
	}
	draft_in C.UTF-8 '' >one
	draft_in C '' >two
	draft_in zh_CN.UTF-8 zh >three
	draft_in en_US.UTF-8 en >four
	same one two
	same one three
	same one four
	policy <<-'END'
		kinds:
		  - {id: reminder, name: Reminder, prefix: R, title: "Reminder about {hazard}", language: en}
		  - {id: supervision, name: S, prefix: S, title: "x"}
		  - {id: listed, name: L, prefix: L, title: "x"}
	END
	status 0 hazard-notice draft --now=$now --kind=reminder "$(nth 1)" "$(nth 2)"
	is "$(head -n 1 out)" DRAFT
	has out 'Reminder about T01-H2026-000001 and 1 more'
	has out '2026-03-10 00:00 (overdue by 2 days)'
}

retry() {
	day
	hazard-list --now=$now --overdue --owner=T01-FIRE >rows
	hazard-notice issue -q --now=$now --kind=supervision - <rows >/dev/null
	status 0 sh -c "hazard-notice issue --now=$now --kind=supervision - <rows"
	empty out
	has err 'nothing was added (--again insists)'
	is "$(sed 1d reg/notices.csv | wc -l)" 1
	hazard-notice issue -q --now=$now --kind=supervision --again - <rows >/dev/null
	hazard-notice issue -q --now=$now --kind=advice - <rows >/dev/null
	is "$(sed 1d reg/notices.csv | wc -l)" 3
	status 0 sh -c "hazard-notice issue --now=$now --kind=supervision --format=ids - <rows"
	is "$(cat out)" T01-N2026-000002 || is "$(cat out)" T01-N2026-000001
}

dry() {
	day
	before=$(bytes)
	status 0 hazard-notice issue -n --now=$now --kind=supervision "$(nth 1)"
	is "$(bytes)" "$before"
	cp out would
	hazard-notice issue -q --now=$now --kind=supervision "$(nth 1)" >/dev/null
	{ sed 1d reg/notices.csv; sed 1d reg/notice-lines.csv; } | sort >did
	sort would | same did -
}

nobody() {
	day
	status 0 hazard-notice issue -q --now=$now --kind=supervision "$(nth 3)"
	has err 'warning: T01-N2026-000001 (安办督〔2026〕1号) has no receiver, nobody answers for T01-H2026-000003'
	has out '________:'
}

undelivered() {
	day
	[ -w /dev/full ] || skip 'no /dev/full'
	rc=0
	hazard-notice issue --now=$now --kind=supervision "$(nth 1)" >/dev/full 2>err || rc=$?
	is $rc 7
	is "$(sed 1d reg/notices.csv | wc -l)" 1
}

t 'a draft is marked, has no number, records nothing' draft
t 'issued: numbered, recorded, shown again' issue
t 'shown later it has the bytes it was issued with' same_bytes
t 'thirty overdue lines of one firm are one paper' thirty
t 'bundles and addressees' bundles
t 'sixteen at once: numbers without gaps, per kind, year and organ' numbers
t 're-inspection: the order it answers to' opinion
t 'letters that name no hazard' letters
t 'nothing unsigned leaves' approval
t 'lists of what is open' lists
t 'service: in hand, by post, refused before a witness' served
t 'a graver hazard silences the minor ones of its subject' inhibit
t 'in a sweep too' inhibit_sweep
t 'addressees, posts and replies by the policy' addressees
t 'copies' copies
t 'a kind that was dropped since' dropped
t "the language is the register's or the kind's, not the environment's" language
t 'the same rows again add nothing' retry
t 'a dry run prints the rows' dry
t 'a paper that nobody gets is told' nobody
t 'a full standard output after the commit is 7' undelivered
plan
