#!/bin/sh
# SPDX-License-Identifier: MIT
# The tour of README and of README.zh-CN does what the page shows.  Lines of a section that begin with four blanks are
# commands, those of one block run together, all blocks in one shell; lines that begin with "  | " are what the block
# before prints, on standard output and standard error, with … for what differs from machine to machine.  The first block
# says where the programs are and makes a directory; here tests/tap.sh did that.
. "$(dirname "$0")/../tap.sh"
need gridctl hazard-add hazard-update hazard-list hazard-show hazard-escalate hazard-notice rectify-report policy-test workcal

# The blocks of a section (its heading underlined with =) of page $1 to block.N and, where the page shows one, want.N.
blocks() {
	LC_ALL=C awk -v heading="$2" '
	{ line[NR] = $0 }
	END {
		for (i = 1; i <= NR; i++) {
			if (line[i + 1] ~ /^==+$/)
				on = line[i] == heading
			if (!on)
				continue
			if (line[i] ~ /^    /) {
				if (kind != "block")
					n++
				kind = "block"
				print substr(line[i], 5) >("block." n)
			} else if (line[i] ~ /^  \| / || line[i] == "  |") {
				kind = "want"
				print substr(line[i], 5) >("want." n)
			} else if (line[i] != "" || line[i + 1] !~ /^    /)
				kind = ""
			else if (kind == "block")
				print "" >("block." n)
		}
		print n + 0 >"count"
	}' "$1"
}

# Each line of want.N is one of got.N, … standing for anything.
compare() {
	sed 's/[][\.*^$]/\\&/g; s/…/.*/g' "want.$1" >pattern
	is "$(wc -l <"got.$1")" "$(wc -l <pattern)" "lines of block $1: $(cat "block.$1" "got.$1")"
	exec 3<"got.$1"
	while IFS= read -r pattern; do
		IFS= read -r got <&3
		printf '%s\n' "$got" | grep -qx -e "$pattern" || fail "block $1: got '$got', the page has '$pattern'"
	done <pattern
	exec 3<&-
}

tour() {
	blocks "$1" "$2"
	n=$(cat count)
	ok "the page has a tour ($n blocks)" test "$n" -ge 10
	mkdir home
	{
		echo 'set -e; cd home'
		i=1
		while [ $((i = i + 1)) -le "$n" ]; do
			echo "exec >../got.$i 2>&1"
			cat "block.$i"
		done
	} >script
	ok 'the first block is about the place' grep -q 'build/cmd' block.1
	status 0 sh script
	i=1
	while [ $((i = i + 1)) -le "$n" ]; do
		[ ! -e "want.$i" ] || compare "$i"
	done
}

english() {
	tour "$top/README" 'A tour of ten minutes'
}

chinese() {
	tour "$top/README.zh-CN" '十分钟上手'
}

packages() {
	sed -n "/^packages='/,/^'/p" "$top/bootstrap" | tr -s '\t ' '\n\n' | grep -v "[='']" | grep . >names
	ok 'bootstrap names packages' test "$(wc -l <names)" -gt 10
	while read -r name; do
		ok "README gives the reason for $name" grep -q "^  $name  " "$top/README"
	done <names
}

first_lines() {
	is "$(head -n 2 "$top/README")" "$(printf '    ./bootstrap demo\n    ./bootstrap check')"
	is "$(head -n 2 "$top/README.zh-CN")" "$(printf '    ./bootstrap demo\n    ./bootstrap check')"
}

t 'the two commands stand at the top' first_lines
t 'every package that bootstrap installs has its reason' packages
t 'the tour of README' english
t 'the tour of README.zh-CN' chinese
plan
