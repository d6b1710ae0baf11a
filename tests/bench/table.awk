# SPDX-License-Identifier: MIT
#
#	awk -v hazards=N -f table.awk targets bytes.tsv measured.tsv
#
# The table of what meas measured, then a line for each target.  A program that ran several times in a round counts with
# the median of that round; ratios are taken within a round.

FILENAME ~ /targets$/ {
	if ($1 != "" && $1 !~ /^#/)
		target[++targets] = $0
	next
}
FILENAME ~ /bytes.tsv$/ { bytes[$1] = $2; next }
{
	id = $1 "/" $2
	if (!(id in peak)) {
		program[++programs] = id
		peak[id] = 0
		if (!($1 in first))
			first[$1] = id
	}
	i = ++samples[id, $3]
	wall[id, $3, i] = $4
	cpu[id, $3, i] = $5
	if ($6 > peak[id])
		peak[id] = $6
	if ($3 > rounds)
		rounds = $3
}

# The median of a[1..n], which is left in order.
function median(a, n,    i, j, x)
{
	for (i = 2; i <= n; i++) {
		x = a[i]
		for (j = i - 1; j > 0 && a[j] > x; j--)
			a[j + 1] = a[j]
		a[j + 1] = x
	}
	return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
}

# The median of what id took in round r.
function in_round(what, id, r,    a, i)
{
	for (i = 1; i <= samples[id, r]; i++)
		a[i] = what[id, r, i]
	return median(a, samples[id, r])
}

# The median over the rounds.
function typical(what, id,    a, n, r)
{
	for (r = 1; r <= rounds; r++)
		if (samples[id, r])
			a[++n] = in_round(what, id, r)
	return n ? median(a, n) : 0
}

# The median over the rounds of x's time in terms of y's; least and most are set too.  "" without a common round.
function ratio(x, y,    a, n, r, m)
{
	for (r = 1; r <= rounds; r++)
		if (samples[x, r] && samples[y, r])
			a[++n] = in_round(wall, x, r) / in_round(wall, y, r)
	if (!n)
		return ""
	m = median(a, n)
	least = a[1]
	most = a[n]
	return m
}

# The same with x's time less what y, which does nothing else, takes beyond true of the same task: in terms of true.
function beyond(x, y,    a, n, r, t, one, m)
{
	t = x
	sub(/\/.*/, "/limit-true", t)
	for (r = 1; r <= rounds; r++)
		if (samples[x, r] && samples[y, r] && samples[t, r]) {
			one = in_round(wall, t, r)
			a[++n] = (in_round(wall, x, r) - in_round(wall, y, r) + one) / one
		}
	if (!n)
		return ""
	m = median(a, n)
	least = a[1]
	most = a[n]
	return m
}

# MB of input a second of a program whose task has an input.
function speed(id,    task)
{
	task = id
	if (!(task in bytes))
		sub(/\/.*/, "", task)
	return task in bytes ? bytes[task] / 1e3 / typical(wall, id) : 0
}

# Prints program i's line of the table.
function line(i,    id, part, mb, q)
{
	id = program[i]
	split(id, part, "/")
	mb = speed(id)
	q = ratio(id, first[part[1]])
	printf "%-8s %-16s %10.2f %10.2f %9.1f %8s  %7.2f (%.2f - %.2f)\n", part[1], part[2],
		typical(wall, id), typical(cpu, id), peak[id] / 1024, mb ? sprintf("%.0f", mb) : "", q, least, most
}

# The number a limit stands for: 1.5, 1/4, or 8+32n megabytes.
function number(limit,    part)
{
	if (split(limit, part, "/") == 2)
		return part[1] / part[2]
	if (limit ~ /n$/ && split(limit, part, /[+n]/))
		return part[1] + part[2] * hazards / 1e6
	return limit + 0
}

# Prints whether one target is reached.
function judge(kind, ours, against, limit, size, words,    got, unit, spread, reached)
{
	if (!(ours in peak) || (against != "-" && !(against in peak))) {
		printf "target: %s: not measured\n", words
		return
	}
	if (kind == "ratio") {
		got = ratio(ours, against)
		spread = sprintf(" (%.3g - %.3g; cpu %.3g)", least, most, typical(cpu, ours) / typical(cpu, against))
	} else if (kind == "start") {
		got = beyond(ours, against)
		spread = sprintf(" (%.3g - %.3g)", least, most)
	} else
		got = kind == "wall" ? typical(wall, ours) : kind == "peak" ? peak[ours] * 1.024 / 1000 : speed(ours)
	unit = kind == "wall" ? " ms" : kind == "peak" ? " MB" : kind == "speed" ? " MB/s" : ""
	reached = kind == "speed" ? got >= number(limit) : got <= number(limit)
	if (limit ~ /n$/)
		limit = sprintf("%.0f", number(limit))
	printf "target: %s: %.3g%s%s, at %s %s%s%s: %s\n", words, got, unit, spread, kind == "speed" ? "least" : "most",
		limit, unit, size == "any" || size == stated() ? "" : " (set for " size ")", reached ? "reached" : "MISSED"
	reached ? good++ : bad++
}

# This size in the words of the targets.
function stated()
{
	return hazards % 1000000 == 0 ? hazards / 1000000 "M" : hazards % 1000 == 0 ? hazards / 1000 "k" : hazards
}

END {
	printf "%-8s %-16s %10s %10s %9s %8s  %s\n", "task", "program", "wall ms", "cpu ms", "peak MiB", "MB/s",
		"times the first: median (min - max)"
	for (i = 1; i <= programs; i++)
		line(i)
	print ""
	for (i = 1; i <= targets; i++) {
		split(target[i], f, /[ \t]+/)
		words = target[i]
		sub(/^([^ \t]+[ \t]+)([^ \t]+[ \t]+)([^ \t]+[ \t]+)([^ \t]+[ \t]+)([^ \t]+[ \t]+)/, "", words)
		judge(f[1], f[2], f[3], f[4], f[5], words)
	}
	printf "targets: %d reached, %d missed, %d not measured\n", good, bad, targets - good - bad
}
