<?php
// tests/hosts/pdo.php - PHP's PDO, which loads extensions from PHP 8.4 on.
// Before, SQLite itself is told, which PHP's FFI can do.
if (PHP_VERSION_ID >= 80400) {
  $db = new Pdo\Sqlite("sqlite:shop.db");
  $db->loadExtension(getenv("MIGRATE")); // a whole path
} else {
  // README
  $c = FFI::cdef(
    "int sqlite3_auto_extension(void *);
     void *dlopen(const char *, int), *dlsym(void *, const char *);",
    "libsqlite3.so.0");
  $c->sqlite3_auto_extension(
    $c->dlsym($c->dlopen("migrate.so", 2), "sqlite3_migrate_init"));
  $db = new PDO("sqlite:shop.db");
  // end
}
function value($sql) {
  return $GLOBALS["db"]->query($sql)->fetchAll(PDO::FETCH_NUM)[0][0];
}

function error($sql) {
  try {
    return value($sql);
  } catch (PDOException $e) {
    return $e->errorInfo[2];
  }
}

$cancel = true;
$pulse = fn($told) => (int) ($GLOBALS["cancel"] && str_contains($told, '"copy"'));
if (PHP_VERSION_ID >= 80400)
  $db->createFunction("pulse", $pulse, 1);
else
  $db->sqliteCreateFunction("pulse", $pulse, 1);
$state = file_get_contents("state.sql");

echo "loaded: ", substr(value("SELECT migrate_version()"), 0, 7), "\n";
echo "refused: ", error("SELECT migrate_upgrade('nosuch')"), "\n";
echo "failed: ", error("SELECT migrate_upgrade()"), "\n";
value("SELECT migrate_config('on_progress', 'pulse')");
echo "cancelled: ", error("SELECT migrate_upgrade('names')"), "\n";
echo "as it was: ", value($state), "\n";
$cancel = false;
echo "upgraded: ", value("SELECT migrate_upgrade('names')"), "\n";
foreach ($db->query("SELECT revision, status FROM migrate_history") as $row)
  echo "history: $row[0] $row[1]\n";
echo "as it is: ", value($state), "\n";
echo "downgraded: ", value("SELECT migrate_downgrade('base')"), "\n";
echo "as it was: ", value($state), "\n";
$db->exec("DELETE FROM users WHERE id = 1");
echo "gone: ", value("SELECT count(*) FROM gone"), "\n";
