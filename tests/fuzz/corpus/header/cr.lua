revision = "a"
down_revision = "b"
function upgrade()
end
