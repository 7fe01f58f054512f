# tests/lint/length.awk - functions are short.
# usage: awk -f strip.awk -f length.awk FILE...
#
# A function is counted from its first line to its brace.  None over 80; of the
# product's, at most 5 in 100 over 50, and the median at most 15.
function say(at, what) { print FILENAME ":" at ": " what; bad = 1 }
FNR == 1 { start = 0 }
code ~ /^[A-Za-z_]/ && !start { first = FNR }
!start && code ~ /\{[ \t]*$/ && code ~ /[)][ \t]*\{[ \t]*$/ { start = first }
start && code ~ /^\}[ \t]*$/ {
  n = FNR - start + 1
  if (n > 80) say(start, "a function of " n " lines; 80 is the limit")
  if (FILENAME !~ /^tests\//) {
    total++
    if (n > 50) { over++; longest = longest "\n  " FILENAME ":" start ": " n " lines" }
    count[n]++
    if (n > max) max = n
  }
  start = 0
}
END {
  for (n = 1; n <= max && seen * 2 < total; n++) { seen += count[n]; median = n }
  if (over * 20 > total) {
    printf "%d of %d functions are over 50 lines; 5 in 100 may be%s\n", over, total, longest
    bad = 1
  }
  if (median > 15) { printf "the median function has %d lines; 15 is the limit\n", median; bad = 1 }
  if (verbose) printf "%d functions, median %d lines, %d over 50, longest %d\n", total, median, over, max
  exit bad
}
