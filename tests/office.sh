# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A small office for the tests of single programs, sourced after tap.sh: `office DIR` makes a register of the place
# default (office T01, one county, two townships, four villages) on 2026-03-01 and names it in GRIDLEDGER_DIR.  The
# clerk T01-O1 may take every step; T01-O2 is a grid officer; T01-O3 is a leader.

office() {
	GRIDLEDGER_DIR=$PWD/$1
	GRIDLEDGER_ACTOR=T01-O1
	export GRIDLEDGER_DIR GRIDLEDGER_ACTOR
	at=2026-03-01T08:00:00+08:00
	gridctl init --place=default --office=T01 --now=$at "$1" >/dev/null
	gridctl put -q --now=$at grids - <<-'END'
		grid,parent,level,valid_from,name
		990101,,county,2020-01-01,晴川县
		990101001,990101,township,2020-01-01,东镇
		990101002,990101,township,2020-01-01,西镇
		990101001001,990101001,village,2020-01-01,桥村
		990101001002,990101001,village,2020-01-01,河村
		990101002001,990101002,village,2020-01-01,桥村
		990101002002,990101002,village,2020-01-01,山村
	END
	gridctl put -q --now=$at organs - <<-'END'
		organ,kind,level,grid,parent,valid_from,name
		T01-GOV,government,county,990101,,2020-01-01,县政府
		T01-FIRE,fire,county,990101,T01-GOV,2020-01-01,县消防大队
		T01-GAS,gas,county,990101,T01-GOV,2020-01-01,县燃气办
		T01-E,government,township,990101001,T01-GOV,2020-01-01,东镇政府
		T01-W,government,township,990101002,T01-GOV,2020-01-01,西镇政府
		T01-E1,committee,village,990101001001,T01-E,2020-01-01,东镇桥村村委会
	END
	gridctl put -q --now=$at officers - <<-'END'
		officer,organ,login,valid_from,name
		T01-O1,T01-GOV,clerk,2020-01-01,甲一
		T01-O2,T01-E1,officer,2020-01-01,乙二
		T01-O3,T01-GOV,leader,2020-01-01,丙三
		T01-O4,T01-FIRE,fire,2020-01-01,丁四
	END
	gridctl put -q --now=$at subjects - <<-'END'
		subject,kind,sector,grid,uscc,valid_from,name
		T01-S1,enterprise,industry,990101001001,91990101MADEM0003C,2020-01-01,晴川木业
		T01-S2,shop,commerce,990101001001,92990101MADEM00013,2020-01-01,便民超市
		T01-S3,shop,commerce,990101002001,92990101MADEM00026,2020-01-01,便民超市
		T01-S4,rental,,990101002002,,2020-01-01,山村出租房
	END
	gridctl put -q --now=$at posts - <<-'END'
		post,officer,role,grid,organ,valid_from
		T01-P1,T01-O1,clerk,990101,T01-GOV,2020-01-01
		T01-P2,T01-O1,dispatcher,990101,T01-GOV,2020-01-01
		T01-P3,T01-O2,grid-officer,990101001001,T01-E1,2020-01-01
		T01-P4,T01-O3,leader,990101,T01-GOV,2020-01-01
		T01-P5,T01-O4,department,990101,T01-FIRE,2020-01-01
	END
}

# Six hazards of 2 March: three in 东镇桥村 (one of them minor), one in 河村, two in 西镇.
hazards() {
	hazard-add -q --now=2026-03-02T18:00:00+08:00 - <<-'END' >ids
		ref,reported_at,grid,subject,category,severity,source,reporter,place,description
		a1,2026-03-02 08:00,990101001001,T01-S1,fire,general,patrol,T01-O2,车间,灭火器过期
		a2,2026-03-02 09:00,990101001001,T01-S2,gas,general,patrol,T01-O2,后厨,"软管老化,有异味"
		a3,2026-03-02 10:00,990101001001,T01-S2,fire,minor,patrol,T01-O2,门口,通道堆物
		a4,2026-03-02 11:00,990101001002,,fire,major,leader,T01-O3,仓库,无喷淋
		a5,2026-03-02 12:00,990101002001,T01-S3,electrical,general,department,T01-O4,二楼,私拉电线
		a6,2026-03-02 13:00,990101002002,T01-S4,fire,general,patrol,T01-O2,楼道,电动车充电
	END
}

# nth NUMBER: the id of one of them.
nth() {
	sed -n "$1p" ids
}

# did ID: step, tier and key of what sweeps did to a hazard.
did() {
	gridctl cat events | awk -F, -v h="$1" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$c["hazard"] == h && $c["actor"] == "sweep" { print $c["step"], $c["tier"], $c["key"] }'
}

# The policy of the register in ./new, with an escalation.yaml from standard input; without the tests that hold for the one
# that ships.
new_rules() {
	rm -rf new
	cp -r "$GRIDLEDGER_DIR/policy" new
	rm -rf new/tests
	cat >new/escalation.yaml
}
