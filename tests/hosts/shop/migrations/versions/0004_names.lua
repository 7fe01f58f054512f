-- First and last name; with `endless` set it waits for who stops it
revision, down_revision = "names", "numbers"
function upgrade()
  op.add_column("users", "last TEXT")
  op.backfill{table = "users", columns = {"name", "last"}, from = {"name"},
    with = function(name) return name:match("^(%S+) (.*)$") end}
  while args.endless do end
end
function downgrade()
  op.execute("UPDATE users SET name = name || ' ' || last")
  op.drop_column("users", "last")
end
