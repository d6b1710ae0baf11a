# SPDX-License-Identifier: MIT
# Adds up Check's summary lines in the logs of the unit tests: "# 100%: Checks: 12, Failures: 0, Errors: 0".
/^# [0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+$/ {
	gsub(/[^0-9]+/, " ")
	split($0, part, " ")
	checks += part[2]
	failures += part[3]
	errors += part[4]
	programs++
}
END {
	if (programs)
		printf "%d%%: Checks: %d, Failures: %d, Errors: %d\n",
		    checks ? int(100 * (checks - failures - errors) / checks) : 100, checks, failures, errors
}
