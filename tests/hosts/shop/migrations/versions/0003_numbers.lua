-- An age is a number: the table is rebuilt, with its children beside it
revision, down_revision = "numbers", "strict"
function upgrade()
  op.alter_column("users", "age", {type = "INTEGER"})
end
function downgrade()
  op.alter_column("users", "age", {type = "TEXT"})
end
