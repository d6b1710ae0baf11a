#!/bin/sh
# SPDX-License-Identifier: MIT
# gridctl: dispatch, help, init.
. "$(dirname "$0")/../tap.sh"
need gridctl
now=--now=2026-01-05T08:00:00

names_sub_commands() {
	status 0 gridctl --help
	for sub in init get put repin set check verify head log cat adopt tree; do
		like "$(cat out)" "^  $sub +[a-z]"
	done
	cp out all
	status 0 gridctl help
	same all out
	status 0 gridctl --version
	like "$(cat out)" '^gridctl \(gridledger\) '
}

helps_with_each() {
	for sub in init get put repin set check verify head log cat adopt tree; do
		status 0 gridctl $sub --help
		like "$(cat out)" "^Usage: gridctl $sub "
		cp out one
		status 0 gridctl help $sub
		same one out
		status 0 gridctl $sub --version
	done
	status 0 gridctl -C nowhere head --help
}

refuses_words() {
	status 2 gridctl
	is "$(cat err)" 'gridctl: which sub-command? gridctl --help lists them'
	status 2 gridctl hed
	is "$(cat err)" 'gridctl: there is no sub-command "hed"; did you mean head? There are init, get, put, repin, set, check, verify, head, log, cat, adopt, tree'
	status 2 gridctl help xyzzy
	has err 'there is no sub-command "xyzzy"; there are init'
	status 2 gridctl head --shrt
	has err 'gridctl head: unknown option --shrt; did you mean --short?'
	status 2 gridctl head x
	has err 'gridctl head: takes no operand, 1 operand was given'
}

makes_a_register() {
	status 0 gridctl init $now --place=yongren --office=Y01 reg
	has err 'reg: register Y01 (永仁县) with the policy of yongren'
	is "$(head -n 1 reg/hazards.csv | cut -d, -f1-3)" hazard,commit,reported_at
	ok policy test -s reg/policy/escalation.yaml
	ok crontab test -s reg/policy/crontab
	ok 'no README' test ! -e reg/policy/README
	ok 'no demo' test ! -e reg/policy/demo
	has reg/register.yaml 'name: "永仁县"'
	status 0 gridctl verify reg
	status 0 gridctl -C reg check
}

takes_options() {
	status 0 gridctl init $now --office=T01 --name='东港 镇' --offset=-03:30 --language=en reg
	has reg/register.yaml 'name: "东港 镇"'
	has reg/register.yaml 'offset: "-03:30"'
	has reg/register.yaml 'language: en'
	status 0 gridctl -C reg head
	has out 'T01 1 2026-01-05T08:00:00-03:30'
	status 0 gridctl init $now --place="$GRIDLEDGER_DATA/places/default/" --office=T02 -q reg2
	empty err
}

refuses_options() {
	status 2 gridctl init reg
	has err '--office=CODE is needed'
	status 2 gridctl init --office=t-1 reg
	has err '--office: "t-1" is not an office code: 1 to 12 characters A-Z and 0-9'
	status 2 gridctl init --office=T01 --offset=Europe/Berlin reg
	has err '--offset: "Europe/Berlin" is not an offset from UTC'
	status 2 gridctl init --office=T01 --language=fr reg
	has err '--language: "fr" is not one of zh, en'
	status 2 gridctl init --office=T01 --name= reg
	has err '--name: "" is not a name'
	status 2 gridctl init --office=T01 --place=yongrn reg
	has err 'there is no place "yongrn"; did you mean yongren?'
	status 2 gridctl init --office=T01 --shared=no-such-group reg
	has err 'no group "no-such-group"'
	status 2 gridctl init --office=T01
	has err 'takes one DIR, the directory to make, 0 operands were given'
	ok 'nothing made' test ! -e reg
	mkdir full && : >full/x
	status 2 gridctl init --office=T01 full
	has err 'full: is not empty'
}

lints_the_pack() {
	cp -r "$GRIDLEDGER_DATA/places/default" pack
	sed -i 's/^backdate:/backdat:/' pack/policy.yaml
	mkdir -p pack/templates
	echo '{hazard}' >pack/templates/x.txt
	status 3 gridctl init --office=T01 --place=./pack reg
	like "$(cat err)" '^\./pack/policy.yaml:[0-9]+:[0-9]+: unknown key "backdat"; did you mean "?backdate"?'
	has err 'nothing was written'
	ok 'nothing made' test ! -e reg
	sed -i 's/^backdat:/backdate:/' pack/policy.yaml
	status 0 gridctl init --office=T01 --place=pack reg
	ok 'templates are taken' test -s reg/policy/templates/x.txt
	mkdir empty
	status 3 gridctl init --office=T01 --place=./empty reg2
	has err './empty: holds no policy file'
}

shares_with_a_group() {
	[ "$(id -u)" = 0 ] || skip 'needs root to give a directory to a group'
	status 0 gridctl init --office=T01 --shared=daemon reg
	is "$(stat -c %a:%G reg)" 2770:daemon
	is "$(stat -c %a reg/hazards.csv)" 660
}

t '--help and help list all sub-commands' names_sub_commands
t 'each sub-command has its own help' helps_with_each
t 'unknown words are refused with the nearest one' refuses_words
t 'init makes a register that checks' makes_a_register
t 'init takes name, offset, language, and a directory as place' takes_options
t 'init refuses bad options and leaves nothing' refuses_options
t 'init lints the pack first and takes all its files' lints_the_pack
t 'init --shared' shares_with_a_group
plan
