<?php
// tests/hosts/php.php - PHP's SQLite3 class.
// README
// php.ini: sqlite3.extension_dir = /usr/local/lib
$db = new SQLite3("shop.db");
$db->enableExceptions(true);
$db->loadExtension("migrate.so");
// end

function error($sql) {
  global $db;
  try {
    return $db->querySingle($sql);
  } catch (Exception) {
    return $db->lastErrorMsg();
  }
}

$cancel = true;
$db->createFunction("pulse", fn($told) =>
  $GLOBALS["cancel"] && str_contains($told, '"copy"'));
$state = file_get_contents("state.sql");

echo "loaded: ", substr($db->querySingle("SELECT migrate_version()"), 0, 7), "\n";
echo "refused: ", error("SELECT migrate_upgrade('nosuch')"), "\n";
echo "failed: ", error("SELECT migrate_upgrade()"), "\n";
$db->querySingle("SELECT migrate_config('on_progress', 'pulse')");
echo "cancelled: ", error("SELECT migrate_upgrade('names')"), "\n";
echo "as it was: ", $db->querySingle($state), "\n";
$cancel = false;
echo "upgraded: ", $db->querySingle("SELECT migrate_upgrade('names')"), "\n";
$rows = $db->query("SELECT revision, status FROM migrate_history");
while ($row = $rows->fetchArray(SQLITE3_NUM))
  echo "history: $row[0] $row[1]\n";
$rows->finalize();
echo "as it is: ", $db->querySingle($state), "\n";
echo "downgraded: ", $db->querySingle("SELECT migrate_downgrade('base')"), "\n";
echo "as it was: ", $db->querySingle($state), "\n";
$db->exec("DELETE FROM users WHERE id = 1");
echo "gone: ", $db->querySingle("SELECT count(*) FROM gone"), "\n";
