#!/bin/sh
# SPDX-License-Identifier: MIT
# ledger-add: rows of the record ledgers that have no program of their own, and the measures of a hazard from the first one
# to its closing out.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need ledger-add gridctl hazard-add hazard-list hazard-update hazard-show iconv awk

now=--now=2026-03-10T09:00:00+08:00
h1=T01-H2026-000001
h2=T01-H2026-000002

start() {
	office reg
	hazards
}

# rows TABLE: the recorded rows without header and commit number.
rows() {
	gridctl cat "$1" | sed 1d | sed 's/^\([^,]*\),[0-9]*,/\1,/'
}

# A policy in which rules ask more: sed scripts over escalation.yaml.
rules() {
	cp -R reg/policy pol
	rm -rf pol/tests
	for edit; do
		sed -i "$edit" pol/escalation.yaml
	done
	gridctl put -q --now=2026-03-01T09:00:00+08:00 policy pol
	rm -rf pol
}

one_row_of_each() {
	start
	status 0 ledger-add measures $now --hazard=$h1 --owner=县消防大队 --person=丁四 --due='2026-03-09 12:00' --fund-fen=100 --verifier=T01-O3 --text='换, 灭火器'
	echo T01-M2026-000001 | same - out
	status 0 ledger-add activities $now --kind=training --organ=T01-FIRE --at=2026-03-05 --people=３０ --title=消防培训
	echo T01-A2026-000001 | same - out
	status 0 ledger-add actions $now --kind=closed --organ=T01-FIRE --subject=晴川木业 --hazard=$h1 --amount-fen=2000000 --doc-no=晴消封〔2026〕1号
	echo T01-X2026-000001 | same - out
	status 0 ledger-add incidents $now --at='2026年3月9日10时5分' --kind=fire --grid=990101001001 --subject=便民超市 --dead=0 --loss_fen=500
	echo T01-K2026-000001 | same - out
	status 0 ledger-add declared $now --organ=东镇政府 --period=2026-02 --figure=found --value=-3.5
	echo T01-F2026-000001 | same - out
	status 0 ledger-add tags $now --subject=91990101MADEM0003C --name=red --valid-from=2026-03-10 --reason=复燃
	echo T01-T2026-000001 | same - out
}

# What stands in the ledgers, written down by hand.
the_rows() {
	one_row_of_each >/dev/null
	for l in measures activities actions incidents declared tags; do rows $l; done >got
	same - got <<-END
		T01-M2026-000001,2026-03-10T09:00:00+08:00,$h1,1,T01-FIRE,T01-O4,2026-03-09T12:00:00+08:00,100,T01-O3,,"换, 灭火器"
		T01-A2026-000001,2026-03-05T00:00:00+08:00,training,T01-FIRE,,,,,,,30,,,,,消防培训,,
		T01-X2026-000001,2026-03-10T09:00:00+08:00,closed,T01-FIRE,T01-S1,$h1,,,,2000000,,晴消封〔2026〕1号,
		T01-K2026-000001,2026-03-09T10:05:00+08:00,fire,990101001001,T01-S2,0,,500,,
		T01-F2026-000001,T01-E,2026-02,found,,-3.5,,
		T01-T2026-000001,2026-03-10T09:00:00+08:00,T01-S1,red,2026-03-10,,,复燃
	END
	status 0 gridctl verify -q
	status 0 gridctl check
	gridctl log | cut -d, -f1,5,6,7,10 | tail -n 6 >got
	same - got <<-'END'
		8,ledger-add:measures,measures,T01-M2026-000001,1
		9,ledger-add:activities,activities,T01-A2026-000001,1
		10,ledger-add:actions,actions,T01-X2026-000001,1
		11,ledger-add:incidents,incidents,T01-K2026-000001,1
		12,ledger-add:declared,declared,T01-F2026-000001,1
		13,ledger-add:tags,tags,T01-T2026-000001,1
	END
	if python3 "$tests/validate-tables" --schemas="$top/data-schemas/tables" reg >out 2>&1; then
		:
	else
		fail "validate-tables: $(head -n 5 out)"
	fi
}

# Chinese headers in any order, GBK, CRLF, full-width digits; ids and numbers go on without a gap; a year has its own.
many_rows() {
	start
	printf '整改措施,隐患编号,整改资金(分),整改期限,验收人\r\n换软管,%s,１００,2026/3/8,丙三\r\n装报警器,%s,,2026年3月9日,\r\n清理,%s,,,\r\n' $h2 $h2 $h1 >utf8.csv
	iconv -f UTF-8 -t GBK utf8.csv >gbk.csv
	status 3 ledger-add measures $now gbk.csv
	has err 'gb18030'
	status 0 ledger-add measures $now --encoding=gb18030 --format=csv gbk.csv
	same - out <<-'END'
		measure,row
		T01-M2026-000001,1
		T01-M2026-000002,2
		T01-M2026-000003,3
	END
	printf '\357\273\277hazard,text\n%s,再培训\n' $h2 >bom.csv
	status 0 ledger-add measures $now bom.csv
	status 0 ledger-add measures --now=2027-01-05T09:00:00+08:00 --hazard=$h2 --text=年检
	rows measures >got
	same - got <<-END
		T01-M2026-000001,2026-03-10T09:00:00+08:00,$h2,1,,,2026-03-08T23:59:59+08:00,100,T01-O3,,换软管
		T01-M2026-000002,2026-03-10T09:00:00+08:00,$h2,2,,,2026-03-09T23:59:59+08:00,,,,装报警器
		T01-M2026-000003,2026-03-10T09:00:00+08:00,$h1,1,,,,,,,清理
		T01-M2026-000004,2026-03-10T09:00:00+08:00,$h2,3,,,,,,,再培训
		T01-M2027-000001,2027-01-05T09:00:00+08:00,$h2,4,,,,,,,年检
	END
	is "$(gridctl cat measures | sed 1d | cut -d, -f2 | uniq -c | awk '{ printf "%s ", $1 }')" '3 1 1 ' 'rows of each commit'
}

# Everything that is wrong is said at once, and nothing of the input is written.
all_errors() {
	start
	cat >bad.csv <<-'END'
		hazard,text,owner,person,due,fund_fen,verifier,no
		T01-H2026-000001,good,T01-FIRE,,2026-03-09,1,T01-O3,
		T01-H2026-000099,a,,,,,,
		T01-H2026-000001,,T01-FIR,,45992,x,王五,0
		H1,b,,,2026-02-30,,,
		,c,,,,,,
		T01-H2026-000001,d,T01-FIRE
		T01-H2026-000001,e,,,2026-03-01,,,1
	END
	cp reg/journal.csv before
	status 3 ledger-add measures $now bad.csv
	empty out
	grep -v '^ledger-add' err | sed 's/: write .*//' >said
	same - said <<-'END'
		bad.csv:3: hazard: T01-H2026-000099 is not in hazards.csv
		bad.csv:4: no: "0" is not a number from 1 to 999999999999999
		bad.csv:4: owner: no organ "T01-FIR"; did you mean T01-FIRE?
		bad.csv:4: due: "45992" is not a time: it looks like a day number of Excel; write 2025-12-01T00:00:00+08:00
		bad.csv:4: fund_fen: "x" is not a whole number of fen
		bad.csv:4: verifier: no officer "王五"
		bad.csv:4: text: empty, but a value is required
		bad.csv:5: hazard: "H1" is not an id of hazards
		bad.csv:5: due: "2026-02-30" is not a time: February 2026 has 28 days; write 2026-02-28T00:00:00+08:00
		bad.csv:6: hazard: empty, but a value is required
		bad.csv:7: 3 fields, the header has 8
		bad.csv:8: due: 2026-03-01T23:59:59+08:00 is before hazard T01-H2026-000001 was found (2026-03-02T08:00:00+08:00)
		bad.csv:8: no: 1 is the number of T01-M2026-000001; leave it empty for 2, or say what it replaces
	END
	has err 'ledger-add measures: 13 errors, nothing was written'
	same before reg/journal.csv
	is "$(rows measures)" ''
}

headers() {
	start
	for header in 'hazard,text,measure' 'hazard,text,commit' 'hazard,text,编号,text' 'hazard,整改措施,text' 'hazard,owner' 'hazard,,text'; do
		echo "$header" >in.csv
		status 3 ledger-add measures $now in.csv
		cat err >>said
	done
	grep -v errors*, said >got
	same - got <<-'END'
		in.csv:1: column "measure" is given by the register; leave it out
		in.csv:1: column "commit" is given by the register; leave it out
		in.csv:1: unknown column "编号"; did you mean no?
		in.csv:1: columns 2 ("text") and 4 ("text") are the same
		in.csv:1: columns 2 ("整改措施") and 3 ("text") are the same
		in.csv:1: no column "text" (整改措施): every row needs one
		in.csv:1: column 2 has no name
	END
	: >in.csv
	status 3 ledger-add measures $now in.csv
	echo 'hazard,text' >in.csv
	status 0 ledger-add measures $now in.csv
	empty out
}

command_line() {
	start
	status 2 ledger-add
	has err 'which ledger? ledger-add --help lists them'
	status 2 ledger-add mesures
	has err 'there is no ledger "mesures"; did you mean measures? There are actions, activities, declared, incidents, measures, tags'
	for l in hazards events evidence notices grids journal hazard-list; do
		status 2 ledger-add $l </dev/null
		has err "there is no ledger \"$l\""
	done
	status 0 ledger-add --help
	like "$(cat out)" '^  measures +整改措施台账$'
	status 0 ledger-add tags --help
	has out -- '--valid-from=DATE'
	unlike "$(cat out)" '--(tag|commit)='
	status 2 ledger-add tags $now --nmae=x
	has err 'did you mean --name'
	status 2 ledger-add tags $now --name=x --name=y
	has err '--name: given twice'
	status 2 ledger-add tags $now --name=x in.csv
	has err 'not both'
	status 2 ledger-add tags $now a.csv b.csv
	has err 'one file at a time'
	status 3 ledger-add tags $now --name=a,b
	has err 'ledger-add tags: --subject: empty, but a value is required'
	has err 'ledger-add tags: --name: '
	status 4 ledger-add tags $now none.csv
	GRIDLEDGER_ACTOR=
	status 2 ledger-add tags $now --actor=T01-O77 --subject=T01-S1 --name=red
	is "$(rows tags)" ''
}

# What was valid on the day of the row, not today; and what was not yet.
on_the_day() {
	start
	gridctl put -q $now --merge organs - <<-'END'
		organ,kind,level,grid,parent,valid_from,valid_to,name
		T01-OLD,fire,county,990101,T01-GOV,2020-01-01,2026-03-05,旧消防队
	END
	status 3 ledger-add activities $now --kind=drill --organ=T01-OLD --title=演练
	has err '--organ: '
	status 0 ledger-add activities $now --kind=drill --organ=T01-OLD --title=演练 --at='2026-03-05 08:00'
	status 3 ledger-add activities $now --kind=drill --organ=T01-FIRE --title=演练 --at='2026-03-10 09:01'
	has err '--at: 2026-03-10T09:01:00+08:00 is after now (2026-03-10T09:00:00+08:00)'
	status 3 ledger-add tags $now --subject=T01-S1 --name=red --valid-from=2026-03-02 --valid-to=2026-03-01
	has err '--valid-to: 2026-03-01 is before valid_from (2026-03-02)'
}

once_only() {
	start
	echo 'subject,name
T01-S1,red' >in.csv
	status 0 ledger-add tags $now in.csv
	echo T01-T2026-000001 | same - out
	cp -R reg was
	status 0 ledger-add tags --now=2026-03-11T09:00:00+08:00 in.csv
	echo T01-T2026-000001 | same - out
	has err 'this input came in on 2026-03-10T09:00:00+08:00 as commit 8; nothing was added (--again insists)'
	same was/journal.csv reg/journal.csv
	status 0 ledger-add tags $now --format=csv - <in.csv
	same - out <<-'END'
		tag,row
		T01-T2026-000001,1
	END
	status 0 ledger-add tags $now --again in.csv
	echo T01-T2026-000002 | same - out
	# the key is the ledger's name, a NUL, and the bytes: the same bytes are other rows elsewhere
	{ printf 'tags\0'; cat in.csv; } | sha256sum | cut -d' ' -f1 >key
	has reg/journal.csv ",$(cat key),"
	status 0 ledger-add tags $now --key=k1 --subject=T01-S2 --name=red
	status 0 ledger-add tags $now --key=k1 --subject=T01-S3 --name=red
	echo T01-T2026-000003 | same - out
	status 0 ledger-add tags $now --subject=T01-S2 --name=red
	status 0 ledger-add tags $now --subject=T01-S2 --name=red
	is "$(rows tags | wc -l)" 5 'without a key each call is one'
}

dry_run() {
	start
	cp -R reg was
	printf 'hazard,text\n%s,一\n%s,二\n' $h1 $h1 >in.csv
	status 0 ledger-add measures $now -n in.csv
	cp out would
	diff -r -x .index reg was || fail 'a dry run changed the register'
	status 0 ledger-add measures $now in.csv
	gridctl cat measures | sed 1d >recorded
	grep T01-M2026 would >rows
	same recorded rows
	status 3 ledger-add measures $now -n --hazard=$h1
}

# A row that corrects another one: what it does not say stays, both rows stay, and only the last one can be corrected.
corrections() {
	start
	status 0 ledger-add incidents $now --at='2026-03-09 10:00' --kind=fire --grid=990101001001 --dead=1 --note=初报
	status 0 ledger-add incidents --now=2026-03-11T09:00:00+08:00 --replaces=T01-K2026-000001 --dead=0
	status 0 ledger-add incidents --now=2026-03-11T09:00:00+08:00 --replaces=T01-K2026-000002 --injured=1 --note=
	rows incidents >got
	same - got <<-'END'
		T01-K2026-000001,2026-03-09T10:00:00+08:00,fire,990101001001,,1,,,,初报
		T01-K2026-000002,2026-03-09T10:00:00+08:00,fire,990101001001,,0,,,T01-K2026-000001,初报
		T01-K2026-000003,2026-03-09T10:00:00+08:00,fire,990101001001,,0,1,,T01-K2026-000002,
	END
	status 3 ledger-add incidents $now --replaces=T01-K2026-000001 --dead=2
	has err '--replaces: T01-K2026-000001 is replaced already; name the row that replaces it'
	status 3 ledger-add incidents $now --replaces=T01-K2026-000009 --dead=2
	is "$(grep -c . err)" 2 'one complaint and the sum'
	has err '--replaces: T01-K2026-000009 is not in incidents.csv'
	status 3 ledger-add incidents $now --replaces=X09-K2026-000001 --dead=2
	has err '--replaces: X09-K2026-000001 is not in incidents.csv'
	status 3 ledger-add incidents $now --replaces=T01-M2026-000001
	has err '--replaces: "T01-M2026-000001" is not an id of incidents'
	printf 'replaces,dead\nT01-K2026-000003,1\nT01-K2026-000003,2\n' >in.csv
	status 3 ledger-add incidents $now in.csv
	has err 'in.csv:3: replaces: T01-K2026-000003 is replaced already'
	is "$(rows incidents | wc -l)" 3
}

# One that ends, one that has another clock, one of funds.
measures_and_their_hazard() {
	start
	hazard-update -q $now assign --owner=T01-FIRE --fund-fen=500 $h1
	status 0 ledger-add measures $now --hazard=$h1 --fund-fen=500 --text=一
	empty err
	status 0 ledger-add measures $now --hazard=$h1 --fund-fen=100 --due=2026-03-20 --text=二
	same - err <<-END
		ledger-add measures: warning: the measure is due 2026-03-20T23:59:59+08:00, after hazard $h1 (2026-03-10T00:00:00+08:00)
		ledger-add measures: warning: the measures of hazard $h1 come to 600 fen, its funds are 500
	END
	status 0 ledger-add measures $now --replaces=T01-M2026-000001 --fund-fen=400 --due=2026-03-08
	empty err
	hazard-update -q $now void --reason=误报 $h2
	status 3 ledger-add measures $now --hazard=$h2 --text=三
	has err "--hazard: hazard $h2 is void (已作废) and takes no more measures"
	status 3 ledger-add measures $now --hazard=X09-H2026-000001 --text=三
	has err '--hazard: there is no hazard X09-H2026-000001 in this register'
	status 3 ledger-add measures $now --at=2026-03-01 --hazard=$h1 --text=三
	has err "--at: 2026-03-01T00:00:00+08:00 is before hazard $h1 was reported (2026-03-02T08:00:00+08:00)"
	status 0 ledger-add measures $now --at=2026-03-02 --hazard=$h1 --text=当天
	is "$(rows measures | tail -n 1)" "T01-M2026-000004,2026-03-02T08:00:00+08:00,$h1,3,,,,,,,当天"
	status 3 ledger-add measures $now --hazard=T01-H2026-000003 --replaces=T01-M2026-000002 --text=三
	has err '--replaces: T01-M2026-000002 is not a measure of hazard T01-H2026-000003'
	# a thousand rows say twenty warnings one by one
	awk -v h=$h1 'BEGIN { print "hazard,text,due"; for (i = 0; i < 1000; i++) print h ",m" i ",2026-04-01" }' >many.csv
	status 0 ledger-add measures $now -q many.csv
	is "$(grep -c 'is due 2026-04-01' err)" 20
	has err '980 warnings more'
	is "$(rows measures | tail -n 1 | cut -d, -f1,4)" 'T01-M2026-001004,1003'
}

# 清单管理: split, shown done one by one, closed when the last one is.
closing_out() {
	office reg
	rules 's/^    close: {\(.*\)needs: \[after, recheck\]/    close: {\1measures: done/'
	has reg/policy/escalation.yaml 'measures: done'
	hazards
	h=T01-H2026-000004	# the major one
	echo 1 >a.jpg
	echo 2 >b.jpg
	hazard-update -q --now=2026-03-03T09:00:00+08:00 assign --owner=T01-FIRE $h
	printf 'hazard,text,due\n%s,清理,2026-03-05\n%s,喷淋,2026-03-20\n%s,培训,2026-03-20\n' $h $h $h >m.csv
	status 0 ledger-add measures --now=2026-03-03T10:00:00+08:00 m.csv
	hazard-update -q --now=2026-03-04T09:00:00+08:00 plan --plan='目标任务:一;方法措施:二;经费物资:三;机构人员:四;时限要求:五;安全措施和应急预案:六' $h
	status 0 hazard-update --now=2026-03-04T10:00:00+08:00 note --note=清理完 --measure=T01-M2026-000001 --evidence=a.jpg $h
	status 3 hazard-update --now=2026-03-04T10:00:00+08:00 note --note=x --measure=T01-M2026-000002 $h2
	has err "--measure: T01-M2026-000002 is not a measure of hazard $h2"
	status 0 ledger-add measures --now=2026-03-04T11:00:00+08:00 --replaces=T01-M2026-000002 --text=装喷淋
	status 3 hazard-update --now=2026-03-05T10:00:00+08:00 note --note=x --measure=T01-M2026-000002 --evidence=b.jpg $h
	has err '--measure: T01-M2026-000002 is replaced by T01-M2026-000004; name that one'
	status 0 hazard-show --now=2026-03-21T09:00:00+08:00 $h
	sed -n '/^measures$/,/^$/p' out | awk 'NR > 3 && NF { print $1, $2, $4, $5, $6, $7 }' >states
	same - states <<-'END'
		T01-M2026-000001 1 done 2026-03-04T10:00:00+08:00 清理 
		T01-M2026-000002 2 replaced by T01-M2026-000004 喷淋
		T01-M2026-000003 3 overdue 培训  
		T01-M2026-000004 2 overdue 装喷淋  
	END
	status 0 hazard-show --now=2026-03-21T09:00:00+08:00 --as-of=2026-03-04T09:59:59+08:00 $h
	is "$(grep -c 'T01-M2026-.* overdue ' out)" 0 'none is due by then'
	is "$(grep -c 'T01-M2026-.* done ' out)" 0 'and none is done'
	status 0 hazard-show --now=2026-03-21T09:00:00+08:00 --known=2026-03-04T10:30:00+08:00 $h
	has out '  喷淋'
	unlike "$(cat out)" 'replaced|装喷淋'
	status 0 hazard-update --now=2026-03-06T09:00:00+08:00 rectify --measure=T01-M2026-000003 --evidence=b.jpg $h
	status 0 hazard-update --now=2026-03-06T10:00:00+08:00 recheck --result=pass --verifier=T01-O3 $h
	status 3 hazard-update --now=2026-03-06T11:00:00+08:00 close --actor=T01-O3 $h
	has err 'close needs evidence of the phase after for every measure; T01-M2026-000004 has none (rule '
	# the last one's file and the closing in one file of steps
	printf 'hazard,step,measure,evidence,note,actor\n%s,note,T01-M2026-000004,b.jpg,装好,\n%s,close,,,,T01-O3\n' $h $h >steps.csv
	status 0 hazard-update --now=2026-03-06T11:00:00+08:00 -f steps.csv
	gridctl cat evidence | awk -F, 'NR > 1 { print $5, $7 }' >got
	same - got <<-'END'
		T01-M2026-000001 after
		T01-M2026-000003 after
		T01-M2026-000004 after
	END
	status 3 ledger-add measures --now=2026-03-07T09:00:00+08:00 --hazard=$h --text=补
	has err "hazard $h is closed (已销号) and takes no more measures"
	status 0 gridctl verify -q
}

# 五定: an assignment that must fix a measure finds it in measures.csv, of this round.
five_fixed() {
	office reg
	rules '/^    assign:/d' 's/^    due: .*/&\n    assign: {needs: [measure]}/'
	has reg/policy/escalation.yaml 'assign: {needs: [measure]}'
	hazards
	status 3 hazard-update --now=2026-03-03T09:00:00+08:00 assign --owner=T01-FIRE $h1
	has err 'assign must fix measure too (rule '
	status 0 ledger-add measures --now=2026-03-03T09:10:00+08:00 --hazard=$h2 --text=别的
	status 3 hazard-update --now=2026-03-03T09:20:00+08:00 assign --owner=T01-FIRE $h1
	status 0 ledger-add measures --now=2026-03-03T09:30:00+08:00 --hazard=$h1 --text=换灭火器
	status 0 hazard-update --now=2026-03-03T09:40:00+08:00 assign --owner=T01-FIRE $h1
	status 0 hazard-update --now=2026-03-03T10:00:00+08:00 assign --owner=T01-GAS --measure=T01-M2026-000001 $h2
}

# The pipeline of ledger-add(1).
one_for_all() {
	start
	hazard-list $now --open --subject=T01-S2 --columns=hazard |
		awk 'NR == 1 { print $0 ",text"; next } { print $0 ",停用并断电" }' |
		ledger-add measures $now - >out
	is "$(wc -l <out)" 2
	gridctl cat measures | sed 1d | cut -d, -f4,5,12 >got
	same - got <<-'END'
		T01-H2026-000002,1,停用并断电
		T01-H2026-000003,1,停用并断电
	END
}

busy_and_full() {
	start
	if command -v flock >/dev/null; then
		flock reg/journal.csv sleep 5 &
		sleep 0.5
		status 4 ledger-add tags $now --lock-wait=100ms --subject=T01-S1 --name=red
		wait
	fi
	if [ -w /dev/full ]; then
		got=0
		ledger-add tags $now --subject=T01-S1 --name=red >/dev/full 2>err || got=$?
		is $got 7
		is "$(rows tags | cut -d, -f1)" T01-T2026-000001 'it is recorded'
	fi
	echo 'x' >>reg/tags.csv
	status 5 ledger-add tags $now --subject=T01-S1 --name=red
}

t 'one row of each ledger by options; the new ids are printed' one_row_of_each
t 'the rows are those that were said, and an independent validator agrees' the_rows
t 'many rows: GBK, a BOM, Chinese headers, full-width digits; ids without a gap' many_rows
t 'all that is wrong is said in one pass with what to write, and nothing is written' all_errors
t 'headers that are no columns' headers
t 'the command line' command_line
t 'references are valid on the day of the row' on_the_day
t 'the same input adds nothing; another ledger, --again and no key do' once_only
t 'a dry run prints what would be appended' dry_run
t 'a row that replaces another one' corrections
t 'measures against the state, the due time and the funds of their hazard' measures_and_their_hazard
t 'measures are done one by one, and then the hazard closes' closing_out
t 'an assignment finds its measure in the ledger' five_fixed
t 'the same measure for all hazards of a subject' one_for_all
t 'busy, an answer that cannot be given, rows of another hand' busy_and_full
plan
