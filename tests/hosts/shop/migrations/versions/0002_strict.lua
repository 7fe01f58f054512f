-- No user without an address: an edit, or native from SQLite 3.53 on
revision, down_revision = "strict", "brands"
function upgrade()
  op.alter_column("users", "email", {nullable = false})
  op.create_check_constraint("has_at", "users", "email LIKE '%@%'")
end
function downgrade()
  op.drop_constraint("users", "has_at")
  op.alter_column("users", "email", {nullable = true})
end
