#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual pages are clean, and every program has one that shows its options.
. "$(dirname "$0")/../tap.sh"
need mandoc

lint_is_silent() {
	for page in "$top"/man/*.[157]; do
		status 0 mandoc -T lint -W warning "$page"
		empty out
	done
}

every_program_has_a_page() {
	found=0
	for source in "$top"/cmd/*.c; do
		grep -q 'main *(' "$source" || continue
		found=$((found + 1))
		ok "$source has a page" test -s "$top/man/$(basename "$source" .c).1"
	done
	isnt "$found" 0 'programs'
}

t 'mandoc finds nothing to warn about' lint_is_silent
t 'every program has a page in section 1' every_program_has_a_page
plan
