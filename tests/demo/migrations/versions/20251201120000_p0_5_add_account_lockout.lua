-- Add account lockout fields
revision      = "p0_5_add_account_lockout"
down_revision = "create_refresh_tokens_table"
created       = "2025-12-01 12:00:00"

function upgrade()
  op.add_column("users", "failed_logins INTEGER NOT NULL DEFAULT 0")
  op.add_column("users", "locked_until TIMESTAMP")
  op.create_index("ix_users_locked_until", "users", {"locked_until"})

  -- the number was kept in a note until now: 'failed logins: 7'
  local limit = tonumber(args.lock_after)
  local put = db.prepare("UPDATE users SET failed_logins = ?, locked_until = ? WHERE id = ?")
  for id, note in db.values("SELECT id, note FROM users WHERE note IS NOT NULL") do
    local n = math.tointeger(note:match("^failed logins: (%d+)$"))
    if n then
      put(n, n >= limit and "2025-12-02 00:00:00" or nil, id)
    end
  end
end

function downgrade()
  op.drop_index("ix_users_locked_until")
  op.drop_column("users", "locked_until")
  op.drop_column("users", "failed_logins")
end
