#!/bin/sh
# SPDX-License-Identifier: MIT
# gridledger-policy(5) names every key of data-schemas/policy, and its example is a policy that is taken.
. "$(dirname "$0")/../tap.sh"
need gridctl

# Keys of a policy file: what stands under "properties" of its schema, without the words of JSON Schema.
every_key() {
	page=$top/man/gridledger-policy.5
	for schema in "$top"/data-schemas/policy/*.json; do
		grep -oE '"[a-z][a-z_]*": ?\{' "$schema" | tr -d '": {' | sort -u |
			grep -vxE 'properties|items|(pattern)?[pP]roperties|id|text|term|act|whom|copies|values|dates|aliases|organ|date|vocabulary|lead' >keys
		ok "$schema has keys" test -s keys
		while read -r key; do
			ok "$(basename "$schema"): $key is in the page" grep -qE "^\.(It )?Va (.* )?$key( |\$)" "$page"
		done <keys
	done
}

example_is_taken() {
	awk '/^A whole/ { near = 1 } on && /^\.Ed/ { exit } on { print } near && /^\.Bd/ { on = 1 }' "$top/man/gridledger-policy.5" >example
	has example 'close: {needs: [before, after]}'
	cp -r "$top/data-schemas/places/default" place
	chmod -R u+w place
	cp example place/escalation.yaml
	status 0 gridctl init --now=2026-03-16T08:00:00+08:00 --place="$PWD/place" --office=T01 reg
	printf '  - {id: more, due: none}\n' >>place/escalation.yaml
	status 3 gridctl init --now=2026-03-16T08:00:00+08:00 --place="$PWD/place" --office=T01 other
	like "$(cat err)" 'escalation.yaml:[0-9]+:[0-9]+: .*"more" can never match'
}

t 'every key of every policy file' every_key
t 'the example is a policy' example_is_taken
plan
