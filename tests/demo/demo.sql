.load ./migrate
.mode box
.print
.print === The revisions there are, newest first. None has run yet.
SELECT migrate_config('directory', 'tests/demo/migrations') AS directory;
SELECT revision, down_revision AS stands_on, message, status FROM migrate_history;
.print
.print === SELECT migrate_upgrade();   every revision, in one transaction
SELECT migrate_upgrade() AS applied;
SELECT revision, message, status, duration_ms AS ms, is_head AS head, is_current AS current FROM migrate_history;
SELECT revision, message, is_applied FROM migrate_heads;
SELECT count(*) AS users, sum(failed_logins > 0) AS with_failures, sum(locked_until IS NOT NULL) AS locked FROM users;
.print
.print === SELECT migrate_downgrade('-2');   the last two are taken back
SELECT migrate_downgrade('-2') AS reverted;
SELECT revision, status, is_current AS current FROM migrate_history;
.print
.print === SELECT migrate_upgrade();   and applied again
SELECT migrate_upgrade() AS applied;
SELECT revision, message, is_head, applied_at IS NOT NULL AS dated FROM migrate_current;
SELECT id, direction, revision FROM _migrate_log;
.print
.print === Nothing is lost: rows, foreign keys, the whole file
SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM products) AS products, (SELECT count(*) FROM pragma_foreign_key_check) AS violations, integrity_check FROM pragma_integrity_check;
