// tests/hosts/native.js - what SQLite's own ALTER TABLE does from 3.53 on: NOT
// NULL and CHECK, put on a table without rows and taken from one with rows.
// Rows that are there are checked before anything is put on them.
const Database = require("better-sqlite3");
const db = new Database("shop.db");
db.loadExtension("migrate");

const value = (sql, ...bound) => db.prepare(sql).pluck().get(...bound);
const error = (sql) => {
  try {
    return db.exec(sql) && "no error";
  } catch (e) {
    return e.message;
  }
};
const ways = (target) => {
  for (const line of value("SELECT migrate_rehearse(?)", target).split("\n")) {
    const way = line.match(/^ +(\w+ \w+ \S+).* (native|edit|swap|rebuild) /);
    if (way) console.log(way[1] + ":", way[2]);
  }
};
const table = (name) => value("SELECT sql FROM sqlite_schema WHERE name = ?", name);
const users = table("users");

ways("strict");
db.exec("UPDATE users SET email = NULL WHERE id = 7");
console.log("refused:", error("SELECT migrate_upgrade('strict')"));
db.exec("UPDATE users SET email = 'nowhere' WHERE id = 7");
console.log("refused:", error("SELECT migrate_upgrade('strict')"));
console.log("untouched:", table("users") === users);
db.exec("UPDATE users SET email = 'a@b' WHERE id = 7");
console.log("upgraded:", value("SELECT migrate_upgrade('strict')"));
console.log("holds:", error("UPDATE users SET email = NULL"));
console.log("holds:", error("UPDATE users SET email = 'nowhere'"));
console.log("downgraded:", value("SELECT migrate_downgrade('brands')"));
console.log("restored:", table("users") === users);

value("SELECT migrate_register(?, 'empty.lua')", `
revision, down_revision = "empty", "brands"
function upgrade()
  op.alter_column("brands", "name", {nullable = true})
  op.alter_column("brands", "name", {nullable = false})
  op.create_check_constraint("named", "brands", "name <> ''")
end
function downgrade()
  op.drop_constraint("brands", "named")
end`);
ways("empty");
const brands = table("brands");
console.log("upgraded:", value("SELECT migrate_upgrade('empty')"));
console.log("holds:", error("INSERT INTO brands(name) VALUES (NULL)"));
console.log("holds:", error("INSERT INTO brands(name) VALUES ('')"));
db.exec("INSERT INTO brands(name) VALUES ('Acme')");
console.log("downgraded:", value("SELECT migrate_downgrade('brands')"));
console.log("restored:", table("brands") === brands);
console.log("checked:", value("PRAGMA integrity_check"));
