#!/bin/sh
# sqitch: a plan and one deploy script for each change; it runs the sqlite3 shell.
set -eu

make() {
  mkdir -p "$1/deploy"
  cat >"$1/sqitch.conf" <<END
[core]
	engine = sqlite
[user]
	name = Bench
	email = bench@example.com
END
  printf '%%syntax-version=1.0.0\n%%project=bench\n\n' >"$1/sqitch.plan"
  i=0
  while [ "$i" -lt "$2" ]; do
    echo "r$i 2026-01-01T00:00:00Z Bench <bench@example.com> # Add table $i" >>"$1/sqitch.plan"
    cat >"$1/deploy/r$i.sql" <<END
BEGIN;
CREATE TABLE t$i (id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INTEGER);
CREATE INDEX ix_t${i}_name ON t$i(name);
INSERT INTO t$i(name, n) VALUES ('a', 1);
COMMIT;
END
    i=$((i + 1))
  done
}

# Its registry is a database of its own, beside the one it deploys to.
deploy() {
  target=db:sqlite:$2
  registry=$2.sqitch.db
  shift 2
  sqitch deploy --target "$target" --registry "$registry" --quiet "$@"
}

case $1 in
check) sqitch --version && perl -MDBD::SQLite -e 1 ;;
make) make "$2" "$3" ;;
stamp) cd "$2" && deploy "$2" "$3" --log-only ;;
upgrade) cd "$2" && deploy "$2" "$3" ;;
*) exit 3 ;;
esac
