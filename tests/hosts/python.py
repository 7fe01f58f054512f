# tests/hosts/python.py - Python's own sqlite3.
# README
import sqlite3

db = sqlite3.connect("shop.db", isolation_level=None)
db.enable_load_extension(True)
db.load_extension("migrate")
# end


def value(sql):
    return db.execute(sql).fetchall()[0][0]  # to the end, so that it is done


def error(sql):
    try:
        return value(sql)
    except sqlite3.Error as e:
        return e


cancel = True
db.create_function("pulse", 1, lambda told: cancel and '"copy"' in told)
state = open("state.sql").read()

print("loaded:", value("SELECT migrate_version()")[:7])
print("refused:", error("SELECT migrate_upgrade('nosuch')"))
print("failed:", error("SELECT migrate_upgrade()"))
value("SELECT migrate_config('on_progress', 'pulse')")
print("cancelled:", error("SELECT migrate_upgrade('names')"))
print("as it was:", value(state))
cancel = False
print("upgraded:", value("SELECT migrate_upgrade('names')"))
for revision, status in db.execute("SELECT revision, status FROM migrate_history"):
    print("history:", revision, status)
print("as it is:", value(state))
print("downgraded:", value("SELECT migrate_downgrade('base')"))
print("as it was:", value(state))
db.execute("DELETE FROM users WHERE id = 1")
print("gone:", value("SELECT count(*) FROM gone"))
