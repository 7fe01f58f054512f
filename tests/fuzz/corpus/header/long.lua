--[[ m ]]
revision = [[a]]
local x = [==[
revision = "b"
]==]
function upgrade() end