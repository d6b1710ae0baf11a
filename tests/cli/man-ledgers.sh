#!/bin/sh
# SPDX-License-Identifier: MIT
# gridledger-ledgers(5) names the columns that data-schemas/tables has: each table, its columns in order, what each holds.
. "$(dirname "$0")/../tap.sh"

# table, column, what it holds, as the schema files say.
of_schemas() {
	for schema in "$top"/data-schemas/tables/*.json; do
		LC_ALL=C awk -v table="$(basename "$schema" .json)" '
		function value(key, from, to,    at) {
			if (!(at = index($0, "\"" key "\": " from)))
				return ""
			at += length(key) + 4 + length(from)
			return substr($0, at, index(substr($0, at), to) - 1)
		}
		index($0, "{\"name\": ") {
			type = value("x-type", "\"", "\"")
			holds = type == "place" ? "word " value("x-vocabulary", "\"", "\"") : type == "qty" ? "quantity" : type
			if (type != "place" && value("x-ref", "\"", "\"") != "")
				holds = holds " " value("x-ref", "\"", "\"")
			enum = value("enum", "[", "]")
			gsub(/[",]/, "", enum)
			print table, value("name", "\"", "\"") ": " holds (enum == "" ? "" : " " enum) (/"required": true/ ? ", required" : "")
		}' "$schema"
	done
}

of_page() {
	LC_ALL=C awk '
	/^\.Sh / { table = "" }
	/^\.Ss / { table = $2 }
	table != "" && /^\.It Va [a-z]/ { sub(/^\.It Va /, ""); sub(/ Pq /, ": "); print table, $0 }' "$top/man/gridledger-ledgers.5"
}

# Stable by table, so that the order of columns within one counts.
by_table() {
	LC_ALL=C sort -s -t' ' -k1,1
}

columns_are_those_of_the_schemas() {
	of_schemas | by_table >wanted
	of_page | by_table >got
	ok 'there are columns' test "$(wc -l <wanted)" -gt 250
	same wanted got
}

titles_are_those_of_the_schemas() {
	for schema in "$top"/data-schemas/tables/*.json; do
		table=$(basename "$schema" .json)
		title=$(sed -n '1,/"fields"/s/^  "title_zh": "\(.*\)",$/\1/p' "$schema")
		isnt "$title" '' "$schema: title"
		ok "heading of $table" grep -qxF ".Ss $table $title" "$top/man/gridledger-ledgers.5"
		sed -n 's/^    {"name": "\([^"]*\)".*"title_zh": "\([^"]*\)".*/\1 \2/p' "$schema" >wanted
		awk -v table="$table" '
			/^\.Ss / { on = $2 == table } /^\.Sh / { on = 0 }
			on && /^\.It Va [a-z]/ { column = $3; getline; sub(/: .*/, ""); print column, $0 }
		' "$top/man/gridledger-ledgers.5" >got
		same wanted got
	done
}

t 'every column of every ledger, in order, with what it holds' columns_are_those_of_the_schemas
t 'every Chinese title' titles_are_those_of_the_schemas
plan
