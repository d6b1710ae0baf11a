#!/bin/sh
# SPDX-License-Identifier: MIT
# The pages of the reading programs and of the sweep show the options that --help shows, no fewer and no more.
. "$(dirname "$0")/../tap.sh"
need hazard-list hazard-show hazard-escalate hazard-notice rectify-report

same_options() {
	for program in hazard-list hazard-show hazard-escalate hazard-notice rectify-report; do
		status 0 "$program" --help
		sed -n '/^Options:$/,/^$/s/^  \(-[a-zA-Z], \|    \)--\([a-z-]*\).*/\2/p' out | LC_ALL=C sort >wanted
		awk '/^\.Sh / { on = $2 == "DESCRIPTION" } on && /^\.It Fl/ {
			for (i = 2; i < NF; i++)
				if ($i == "Fl" && $(i + 1) == "Fl")
					print $(i + 2)
		}' "$top/man/$program.1" | LC_ALL=C sort >got
		ok "$program has options" test -s wanted
		same wanted got
	done
}

formats() {
	for program in hazard-list hazard-show hazard-escalate hazard-notice rectify-report; do
		status 0 "$program" --help
		sed -n 's/^ *--format=F *\([a-z|]*\) .*/\1/p' out >wanted
		sed -n 's/^\.It Fl Fl format Ns = //p' "$top/man/$program.1" | sed 's/Ns Cm //g; s/ Ns | /|/g' >got
		same wanted got
	done
}

t 'pages and --help name the same options' same_options
t 'and the same formats, the default first' formats
plan
