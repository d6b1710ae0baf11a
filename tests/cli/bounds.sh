#!/bin/sh
# SPDX-License-Identifier: MIT
# The bounds of what is read (reliability.md I3): what stands at a bound is taken, one more is refused with its place, and
# nobody's memory is filled by it.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-list rectify-report awk

now=--now=2026-03-10T09:00:00+08:00

# Kilobytes at most, of address space: far over what the program needs, far under what a bomb would take.
within() {
	limit=$1
	shift
	if ldd "$(command -v gridctl)" 2>/dev/null | grep -q asan; then
		status "$@"	# a sanitizer maps terabytes
	else
		(ulimit -v "$limit" && status "$@")
	fi
}

# COUNT many TEXT
many() {
	awk -v n="$1" -v s="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", s }'
}

rows() {
	office reg
	for n in 1024 1025; do
		{ many $((n - 3)) 'x,'; echo 'grid,severity,description'; many $((n - 3)) ','; echo '990101,general,x'; } >in.csv
		status 3 hazard-add $now in.csv
		cp err err.$n
	done
	has err.1024 'in.csv:1: unknown column "x"'
	is "$(head -n 1 err.1025)" 'hazard-add: in.csv:1: 1025 fields, at most 1024 are taken'
	{ echo 'grid,severity,description'; printf '990101,general,'; many 1048577 x; echo; } >in.csv
	within 200000 3 hazard-add $now in.csv
	has err 'in.csv:2: column 3: the field has 1048577 bytes, at most 1048576 are taken'
	# a quote that is never closed is no reason to keep all that follows
	{ echo 'grid,severity,description'; printf '990101,general,"'; many 300000 "$(many 100 x)"; } >in.csv
	within 400000 3 hazard-add $now in.csv
	has err 'in.csv:2:'
	# nor is a line without an end, as a stream
	{ echo 'severity,phase,round'; many 300000 "$(many 100 ' ')"; } >in.csv
	within 400000 3 rectify-report $now --by=severity --figures=found - <in.csv
	has err 'standard input:2'
}

# try FILE-BYTES STATUS: put policy with this as its calendar.yaml (which may be anything that is YAML)
try() {
	rm -rf pol
	cp -r reg/policy pol
	cat >"pol/cadence.yaml"
	within 400000 "$1" gridctl put policy $now pol
}

yaml() {
	office reg
	{ printf 'a: x\n#'; many 262137 x; echo; } | try 0
	{ printf 'a: x\n#'; many 262138 x; echo; } | try 3
	has err 'pol/cadence.yaml: the file is 262145 bytes long; at most 262144 are allowed'
	{ printf 'a: '; many 4096 x; echo; } | try 0
	{ printf 'a: '; many 4097 x; echo; } | try 3
	has err 'pol/cadence.yaml:1:4: the text is 4097 bytes long; at most 4096 are allowed'
	{ printf 'a: '; many 31 '['; many 31 ']'; echo; } | try 0
	{ printf 'a: '; many 32 '['; many 32 ']'; echo; } | try 3
	has err 'nested too deep; at most 32 levels are allowed'
	{ printf 'a: '; many 100000 '['; } | try 3
	has err 'nested too deep'
	{ echo 'a: ['; many 99997 'x,'; echo ']'; } | try 0
	{ echo 'a: ['; many 100001 'x,'; echo ']'; } | try 3
	has err 'at most 100000'
	# a bomb of aliases is refused at its first anchor
	awk 'BEGIN { print "a0: &a0 [x,x,x,x,x,x,x,x,x,x]"; for (i = 1; i < 9; i++) { printf "a%d: &a%d [", i, i
		for (j = 0; j < 10; j++) printf "%s*a%d", (j ? "," : ""), i - 1; print "]" } }' | try 3
	has err 'pol/cadence.yaml:1:5: an anchor (&a0) is not allowed'
}

t 'rows, fields and lines' rows
t 'policy files' yaml
plan
