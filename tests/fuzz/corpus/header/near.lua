revison = "a"
function upgrade() end