# tests/unittest.awk - from Python's unittest summary to `N passed, N failed`.
# What it printed is passed on when a test failed.
{ text = text $0 "\n" }
/^Ran [0-9]+ tests? in / { ran = $2 }
/^(FAIL|ERROR): / && !seen[$2 $3]++ { failed++ } # once, whatever its subtests
/^(OK|FAILED)/ {
  ended = 1
  if (match($0, /skipped=[0-9]+/))
    skipped = substr($0, RSTART + 8, RLENGTH - 8)
  if (/^FAILED/ && !failed) failed = 1 # an unexpected success
}
END {
  if (!ended) failed++
  if (failed) printf "%s", text
  passed = ran - failed - skipped
  printf "%d passed, %d failed\n", (passed > 0 ? passed : 0), failed
  exit failed > 0
}
