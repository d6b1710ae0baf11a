# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the tests about changed registers share, sourced after tap.sh.

# The script of gridledger-ledgers(5), "VERIFYING BY HAND", into the file $1.
by_hand() {
	awk '/^\.Sh / { on = $0 == ".Sh VERIFYING BY HAND" } on && /^\.Ed/ { exit } on && text { print } on && /^\.Bd/ { text = 1 }' \
		"$top/man/gridledger-ledgers.5" |
		sed "s/^\\\\&//; s/\\\\(aq/'/g; s/\\\\(ha/^/g; s/\\\\(ti/~/g; s/\\\\(ga/\`/g; s/\\\\e/\\\\/g" >"$1"
}

# ./reg: fourteen batches by the real programs, in Chinese and English: masters, hazards, events, evidence, notices, a new
# policy, one that a crash cut off and the next writer undid, one adopted, and the seal of a sweep that found nothing due.
twelve() {
	GRIDLEDGER_DIR=$PWD/reg GRIDLEDGER_ACTOR=T01-O1
	export GRIDLEDGER_DIR GRIDLEDGER_ACTOR
	at=--now=2026-03-01T08:00:00+08:00
	mkdir place
	# without what makes it only larger: comments, templates, its own tests
	for f in "$top"/data-schemas/places/default/*[!E]; do
		[ -d "$f" ] || sed '/^ *#/d; s/\(template\|brief\): [^,}]*,* *//g' "$f" >"place/${f##*/}"
	done
	gridctl init -q $at --place=place --office=T01 reg			# 1
	gridctl put -q $at grids - <<-'END'					# 2
		grid,parent,level,name
		A,,county,晴川县
		B,A,township,东镇
		C,B,village,Bridge
	END
	gridctl put -q $at organs - <<-'END'					# 3
		organ,kind,level,grid,parent,name
		GOV,government,county,A,,县政府
		GAS,gas,county,A,GOV,Gas office
		E,government,township,B,GOV,东镇政府
	END
	gridctl put -q $at officers - <<-'END'					# 4
		officer,organ,name
		T01-O1,GOV,甲一
	END
	gridctl put -q $at posts - <<-'END'					# 5
		post,officer,role,grid,organ
		P1,T01-O1,clerk,A,GOV
		P2,T01-O1,dispatcher,A,GOV
	END
	hazard-add -q --now=2026-03-02T18:00:00+08:00 - <<-'END' >ids		# 6
		grid,severity,category,assign.owner,place,description
		C,general,fire,,车间,灭火器过期
		C,general,gas,GAS,后厨,"软管老化,有异味"
	END
	hazard-add -q --now=2026-03-03T08:00:00+08:00 - <<-'END' >ids		# 7
		grid,severity,category,assign.owner,place,description
		C,minor,gas,GAS,kitchen,"hose worn, smell of gas"
	END
	echo photo >after.jpg
	hazard-update -q --now=2026-03-03T10:00:00+08:00 -f - <<-'END' >ids	# 8
		hazard,step,evidence,note
		T01-H2026-000002,rectify,after.jpg,换新
		T01-H2026-000003,note,,"looked at, fine"
	END
	hazard-escalate -q --now=2026-03-05T10:00:00+08:00			# 9
	cp -r reg/policy policy
	sed -i '1i # 第二版' policy/crontab
	gridctl put -q --now=2026-03-06T08:00:00+08:00 policy policy		# 10
	hazard-add -q --now=2026-03-06T09:00:00+08:00 --grid=C --severity=general --category=fire --description=crash >ids
	sed -i '$d' reg/journal.csv		# 11: as a crash leaves it
	gridctl set -q --now=2026-03-06T10:00:00+08:00 --reason='人口 普查' grids C population=512	# 12
	sed -n 's/E2026-000001/E2026-000002/; s/V2026-000001,8/V2026-000002,13/p' reg/evidence.csv >row
	cat row >>reg/evidence.csv
	gridctl adopt -q --now=2026-03-06T11:00:00+08:00 --reason='paper file' >ids	# 13
	hazard-escalate -q --now=2026-03-06T11:01:00+08:00			# 14
}
