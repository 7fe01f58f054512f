revision = "a"
_ENV.down_revision = "b"
function upgrade() end