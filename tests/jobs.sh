# shellcheck shell=sh
# tests/jobs.sh - run suites side by side and add up what they say.  Sourced by
# tests/all and tests/fault/run, from the repository's root.
#
#   job NAME SCRIPT   a suite: shell text that ends in `N passed, N failed`
#   jobs_run          run them all, print what failed or is `left out: ...`, and
#                     the sum; the status says whether all is well

: "${EXT:=./migrate.so}" "${PYTHON:=python3}" "${SANITIZE:=}" "${CC:=cc}"
: "${BUILD:?run this by make}"
EXT=$(cd "$(dirname "$EXT")" && pwd)/$(basename "$EXT")
# One more than processors: some suites wait most of their time.
JOBS=$(($(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1))
LOG=$BUILD/log-$(basename "$0")
MIGRATE=$EXT # what tests/host/project.py loads
export MIGRATE EXT PYTHON BUILD SANITIZE
export ASAN_OPTIONS="allocator_may_return_null=1:${ASAN_OPTIONS:-}"
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
unset MIGRATE_DIRECTORY

rm -rf "$LOG"
mkdir -p "$LOG"
njobs=0

job() {
  njobs=$((njobs + 1))
  printf '%s\n' "$2" >"$LOG/$(printf '%03d' $njobs)-$(echo "$1" | tr / -)"
}

# A suite that is one command: passed when it succeeds.
job_command() {
  job "$1" "if $2; then echo '1 passed, 0 failed'; else echo '0 passed, 1 failed'; fi"
}

# Files of Python's unittest, whose summary is put in our words; $3: more for
# the environment.
job_python() {
  preload=
  case $SANITIZE in
  *address*)
    preload=$("$CC" -print-file-name=libasan.so)
    [ -f "$preload" ] || return 0 # clang's runtime is not a library to preload
    ;;
  esac
  job "$1" "${3:-} LD_PRELOAD=$preload ASAN_OPTIONS=detect_leaks=0:$ASAN_OPTIONS \
    PYTHONDONTWRITEBYTECODE=1 \
    '$PYTHON' -m unittest discover -s '$(dirname "$2")' -p '$(basename "$2")' 2>&1 | \
    awk -f tests/unittest.awk"
}

job_sum() { # of a log: "passed failed", or nothing
  tail -n 1 "$1" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p'
}

jobs_run() {
  passed=0
  failed=0
  find "$LOG" -type f | sort | xargs -P "$JOBS" -I{} \
    sh -c 'sh {} >{}.out 2>&1; echo $? >{}.rc'
  for out in "$LOG"/*.out; do
    name=$(basename "$out" .out | cut -c5-)
    sum=$(job_sum "$out")
    if [ -z "$sum" ]; then # it died
      echo "not ok - $name: ended with status $(cat "${out%.out}.rc")"
      sum="0 1"
    elif [ "$(cat "${out%.out}.rc")" != 0 ] && [ "${sum#* }" = 0 ]; then
      echo "not ok - $name: passed, then ended with status $(cat "${out%.out}.rc")"
      sum="${sum% *} 1"
    fi
    if [ "${sum#* }" != 0 ]; then
      sed '$ { /^[0-9]* passed, [0-9]* failed$/d
      }' "$out" | tail -n 300
    else
      grep '^left out: ' "$out" || :
    fi
    passed=$((passed + ${sum% *}))
    failed=$((failed + ${sum#* }))
  done
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
