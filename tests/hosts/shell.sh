#!/bin/sh
# tests/hosts/shell.sh - the sqlite3 shell.  It registers no functions: Ctrl-C
# is what cancels there.
set -u
shop() { sqlite3 -batch -bail shop.db '.load migrate' "$@"; }
# What stands around the message differs from version to version.
error() { sed -n 's/ ([0-9]*)$//; s/.*\(migrate_upgrade: \)/\1/p'; }

echo "loaded: $(shop 'SELECT substr(migrate_version(), 1, 7)')"
echo "refused: $(shop "SELECT migrate_upgrade('nosuch')" 2>&1 | error)"
echo "failed: $(shop 'SELECT migrate_upgrade()' 2>&1 | error)"

sqlite3 -batch -bail shop.db '.load migrate' \
  "SELECT migrate_config('arg.endless', 'yes')" \
  "SELECT migrate_config('progress', 'on')" \
  "SELECT migrate_upgrade('names')" >/dev/null 2>errors &
until grep -q 'step 4' errors || ! kill -0 $!; do sleep 0.1; done
kill -INT $!
wait $!
echo "interrupted: $(error <errors)"
echo "as it was: $(shop '.read state.sql')"

echo "upgraded: $(shop "SELECT migrate_upgrade('names')")"
shop "SELECT 'history: ' || revision || ' ' || status FROM migrate_history"
echo "as it is: $(shop '.read state.sql')"
echo "downgraded: $(shop "SELECT migrate_downgrade('base')")"
echo "as it was: $(shop '.read state.sql')"
shop 'DELETE FROM users WHERE id = 1' "SELECT 'gone: ' || count(*) FROM gone"
