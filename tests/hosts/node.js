// tests/hosts/node.js - Node's better-sqlite3, which brings its own SQLite.
// README
const Database = require("better-sqlite3");
const db = new Database("shop.db");
db.loadExtension("migrate");
// end

const value = (sql) => db.prepare(sql).pluck().get();
const error = (sql) => {
  try {
    return value(sql);
  } catch (e) {
    return e.message;
  }
};

let cancel = true;
db.function("pulse", (told) => Number(cancel && told.includes('"copy"')));
const state = require("fs").readFileSync("state.sql", "utf8");

console.log("loaded:", value("SELECT migrate_version()").slice(0, 7));
console.log("refused:", error("SELECT migrate_upgrade('nosuch')"));
console.log("failed:", error("SELECT migrate_upgrade()"));
value("SELECT migrate_config('on_progress', 'pulse')");
console.log("cancelled:", error("SELECT migrate_upgrade('names')"));
console.log("as it was:", value(state));
cancel = false;
console.log("upgraded:", value("SELECT migrate_upgrade('names')"));
for (const row of db.prepare("SELECT revision, status FROM migrate_history").iterate())
  console.log("history:", row.revision, row.status);
console.log("as it is:", value(state));
console.log("downgraded:", value("SELECT migrate_downgrade('base')"));
console.log("as it was:", value(state));
db.exec("DELETE FROM users WHERE id = 1");
console.log("gone:", value("SELECT count(*) FROM gone"));
