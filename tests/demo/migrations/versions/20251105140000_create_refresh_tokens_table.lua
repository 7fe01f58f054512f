-- Create refresh_tokens, for JWT
revision      = "create_refresh_tokens_table"
down_revision = "3cab280570b6"
created       = "2025-11-05 14:00:00"

function upgrade()
  op.create_table("refresh_tokens",
    "id INTEGER PRIMARY KEY",
    "user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE",
    "token_hash TEXT NOT NULL UNIQUE",
    "expires_at TEXT NOT NULL",
    "revoked_at TEXT")
  op.create_index("ix_refresh_tokens_user_id", "refresh_tokens", {"user_id"})
  op.create_index("ix_refresh_tokens_live", "refresh_tokens", {"expires_at"},
                  {where = "revoked_at IS NULL"})
end

function downgrade()
  op.drop_table("refresh_tokens")
end
