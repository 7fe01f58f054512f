-- fails(part, f, ...): f(...) must fail, with this part in the message; the message
return function(part, f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok, "did not fail: " .. part)
  assert(tostring(e):find(part, 1, true), tostring(e))
  return tostring(e)
end
