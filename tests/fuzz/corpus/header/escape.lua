revision = "a\65"
function upgrade() end