-- m
revision = "a"
down_revision = {"b", "c"}
branch_labels = "x"
depends_on = {"d"}
created = "now"
transactional = false
irreversible = "no"
function upgrade() end
function downgrade() end
