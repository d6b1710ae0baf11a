#!/bin/sh
# SPDX-License-Identifier: MIT
# How the programs are built, and what modes the files of a register get.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate ledger-add rectify-report stat

programs='gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate ledger-add rectify-report'

binaries() {
	command -v readelf >/dev/null || skip 'readelf(1) is not here'
	for p in $programs; do
		f=$(command -v "$p")
		readelf -hldW "$f" >elf
		readelf -sW "$f" >symbols
		! grep -qE '__asan_|__gcov_' symbols || skip 'a build with sanitizers or for coverage'
		like "$(cat elf)" 'Type: *DYN' "$p: position independent"
		like "$(cat elf)" 'GNU_RELRO' "$p: relocations read-only"
		like "$(cat elf)" 'BIND_NOW|FLAGS.* NOW' "$p: bound at start"
		unlike "$(grep GNU_STACK elf)" 'RWE' "$p: no code on the stack"
		like "$(grep UND symbols)" '__stack_chk_fail' "$p: stack protector"
		like "$(grep UND symbols)" '__[a-z]*_chk@' "$p: fortified"
		unlike "$(grep UND symbols)" ' (system|popen|gets|tmpnam|mktemp|exec[a-z]*)@' "$p: runs no shell"
	done
}

# modes FILE-MODE DIR-MODE: of all that is in the register
modes() {
	find reg ! -path '*/.index/*' -type f -exec stat -c '%a %n' {} + | grep -v "^$1 " >odd || :
	empty odd
	find reg -type d -exec stat -c '%a %n' {} + | grep -v "^$2 " >odd || :
	empty odd
}

# Whoever makes the register says by his umask who reads it; what is made later follows.
masks() {
	for pair in '027 640 750' '077 600 700' '022 644 755'; do
		set -- $pair
		rm -rf reg
		umask "$1"
		office reg
		hazards
		gridctl set -q --now=2026-03-09T09:00:00+08:00 --reason=改名 grids 990101001 name=东镇镇
		gridctl check -q
		modes "$2" "$3"
		find reg/.index -type f -exec stat -c %a {} + | grep -v "^$2$" >odd || :
		empty odd
	done
}

# With --shared the group writes, whatever the umask of the one who works.
shared() {
	group=$(id -gn)
	umask 077
	gridctl init --place=default --office=T01 --now=2026-03-01T08:00:00+08:00 --shared="$group" reg >/dev/null
	modes 660 2770
	GRIDLEDGER_DIR=reg GRIDLEDGER_ACTOR=T01-O1
	export GRIDLEDGER_DIR GRIDLEDGER_ACTOR
	printf 'grid,parent,level,valid_from,name\n990101,,county,2020-01-01,晴川县\n' |
		gridctl put -q --now=2026-03-01T08:00:00+08:00 grids -
	printf 'officer,valid_from,name\nT01-O1,2020-01-01,甲一\n' | gridctl put -q --now=2026-03-01T08:00:00+08:00 officers -
	hazard-add -q --now=2026-03-02T08:00:00+08:00 --grid=990101 --severity=general --description=x
	modes 660 2770
	find reg/.index -type f -exec stat -c %a {} + | grep -v '^660$' >odd || :
	empty odd
}

t 'the binaries are hardened' binaries
t 'modes follow the umask' masks
t 'modes of a shared register' shared
plan
