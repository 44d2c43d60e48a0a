# median.awk reads the output of go test -bench -count N and prints one line per
# benchmark: the median of every figure, and how many runs it was taken from.
# Other lines (the machine, the packages, failures) pass through.

function median(key, n,    i, j, x, v) {
	for (i = 1; i <= n; i++) v[i] = value[key, i] + 0
	for (i = 2; i <= n; i++) {
		x = v[i]
		for (j = i - 1; j >= 1 && v[j] > x; j--) v[j + 1] = v[j]
		v[j + 1] = x
	}
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

# number prints as many digits as a reader can use.
function number(x) {
	if (x >= 100 || x == int(x)) return sprintf("%.0f", x)
	return sprintf("%.2f", x)
}

function flush_package(    b, u, line, name, units, n) {
	for (b = 1; b <= benchmarks; b++) {
		name = order[b]
		line = sprintf("%-48s", name)
		n = split(unit_list[name], units, "\n")
		for (u = 1; u < n; u++)
			line = line sprintf("  %12s %s", number(median(name SUBSEP units[u], count[name, units[u]])), units[u])
		print line "  (median of " runs[name] ")"
	}
	benchmarks = 0
	split("", order); split("", unit_list); split("", runs); split("", count); split("", value)
}

/^Benchmark/ && NF >= 4 && $2 ~ /^[0-9]+$/ {
	name = $1
	if (!(name in runs)) order[++benchmarks] = name
	runs[name]++
	for (i = 3; i < NF; i += 2) {
		unit = $(i + 1)
		if (!((name, unit) in count)) unit_list[name] = unit_list[name] unit "\n"
		count[name, unit]++
		value[name SUBSEP unit, count[name, unit]] = $i
	}
	next
}
/^PASS$/ { next }
/no test files/ { next }
/^ok / || /^FAIL/ { flush_package(); if ($1 == "FAIL") failed = 1 }
{ if (!($0 ~ /^ok .*\[no tests to run\]$/)) print }
END { flush_package(); exit failed }
