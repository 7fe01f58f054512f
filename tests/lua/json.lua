-- db.json and db.unjson: Lua tables and JSON text
revision = "json"

local fails = require "fails"

local function gives(text, v)
  local got = db.json(v)
  assert(got == text, got .. ", not " .. text)
end

-- What the text is after it has been read and written
local function again(text, want)
  gives(want or text, db.unjson(text))
end

local function nested(n)
  local t = 1
  for i = 1, n do t = {t} end
  return t
end

local function numbers()
  gives("9223372036854775807", math.maxinteger)
  gives("-9223372036854775808", math.mininteger)
  gives("0", 0)
  for _, i in ipairs{math.maxinteger, math.mininteger, 0, -1, 1 << 53} do
    local back = db.unjson(db.json(i))
    assert(back == i and math.type(back) == "integer")
  end
  gives("1.0", 1.0)
  gives("-0.0", -0.0)
  gives("0.1", 0.1)
  gives("100.0", 1e2)
  gives("1e+20", 1e20)
  gives("0.30000000000000004", 0.1 + 0.2)
  assert(1 / db.unjson("-0.0") == -math.huge)
  local doubles = {1.0, 0.1, 1 / 3, 5e-324, 2.2250738585072014e-308,
    2.2250738585072009e-308, 1.7976931348623157e308, 123456789.125, 1e22, 1e23,
    9007199254740993.0, 4.35, 0.000001, 8.41e21, 9.5e-7, 2 ^ 63, 2 ^ 64}
  local seed = 42
  for i = 1, 3000 do -- doubles of any bits
    seed = seed * 6364136223846793005 + 1442695040888963407
    local r = string.unpack("<d", string.pack("<i8", seed))
    if r == r and r ~= math.huge and r ~= -math.huge then
      doubles[#doubles + 1] = r
    end
    doubles[#doubles + 1] = (seed >> 40) / 10 ^ (seed & 15)
  end
  -- valgrind makes the long doubles short by which SQLite reads
  local exact = db.value("SELECT 1.1555263278235577e+160") == 1.1555263278235577e+160
  for _, r in ipairs(doubles) do
    local text = db.json(r)
    local back = db.unjson(text)
    assert(math.type(back) == "float", text)
    -- SQLite before 3.43 reads these wrong in the last bit
    local tiny = r ~= 0 and math.abs(r) < 1e-290
    local off = exact and (tiny and 1e-15 or 0) or 1e-13
    assert(back == r or math.abs(back - r) < math.abs(r) * off, text)
    assert(tonumber(text) == r, text)
  end
  -- beyond 64 bits, as SQLite reads them
  assert(db.unjson("9223372036854775808") == 2.0 ^ 63)
  assert(math.type(db.unjson("123456789012345678901234567890")) == "float")
  assert(db.unjson("1e400") == math.huge)
  fails("$: nan has no form in JSON", db.json, 0 / 0)
  fails("$.a[2]: an infinite number has no form", db.json, {a = {1, 1 / 0}})
end

local function texts()
  gives('""', "")
  gives('"a"', "a")
  gives([["a\"b\\c/d"]], 'a"b\\c/d')
  gives([["\t\n\r\b\f"]], "\t\n\r\b\f")
  gives([["a\u0000b\u0001"]], "a\0b\1")
  gives('"grün €, 𝄞"', "grün €, 𝄞")
  local all = {}
  for i = 0, 127 do all[#all + 1] = string.char(i) end
  for _, i in ipairs{0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000,
      0x10ffff} do all[#all + 1] = utf8.char(i) end
  all = table.concat(all)
  local text = db.json{[all] = all}
  assert(db.value("SELECT json_valid(?)", text) == 1)
  local back = db.unjson(text)
  assert(back[all] == all and next(back, next(back)) == nil)

  -- escapes; NUL and the byte that stands for it on its way
  assert(db.unjson([["\u0041\u00e9\u20ac\ud834\udd1e\/"]]) == "Aé€𝄞/")
  assert(db.unjson([["a\u0000b"]]) == "a\0b")
  assert(db.unjson([["\u0000\u0001\u00010\u00011\\u0000\\\u0000"]]) ==
         "\0\1\0010\0011\\u0000\\\0")
  assert(db.unjson([[{"\u0000k":["\u0000"]}]])["\0k"][1] == "\0")
  assert(db.unjson([["\\u0000"]]) == "\\u0000")
  assert(db.unjson([["\u0001"]]) == "\1")
  for _, s in ipairs{"\0", "\1", "\0\0\0", "\0010", "\1\0\0011", "\\u0000",
      "\\\0", ("\0x"):rep(1000)} do
    assert(db.unjson(db.json(s)) == s)
    assert(db.unjson(db.json{[s] = {s}})[s][1] == s)
  end
  -- JSON is UTF-8
  fails("$.name: the text is not UTF-8 (byte 0xff at 3)", db.json,
        {name = "ab\xff"})
  for _, s in ipairs{"\x80", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
      "\xe2\x82"} do
    fails("not UTF-8", db.json, s)
    fails("not UTF-8", db.json, {[s] = 1})
    fails("db.unjson: the text is not UTF-8 (byte 0x", db.unjson, '"' .. s .. '"')
  end
end

local function tables()
  gives("{}", {})
  gives("[1,2,3]", {1, 2, 3})
  gives('{"a":1,"b":[true,false,null],"c":{}}',
        {c = {}, b = {true, false, null}, a = 1})
  gives("null", nil)
  gives("null", null)
  gives("[null,null]", {null, null})
  gives('[{"id":1},{"id":2}]', {{id = 1}, {id = 2}})
  gives('{"":0,"1":1}', {["1"] = 1, [""] = 0})
  gives("[1,2]", {[2.0] = 2, [1.0] = 1})

  -- keys by their bytes, whatever order they were set in
  local keys = {"b", "a", "aa", "B", "_", "ä", "a b", "10", "9", "z\u{10ffff}"}
  for i = 1, 200 do keys[#keys + 1] = "k" .. (i * 7919 % 1000) end
  local t, u = {}, {}
  for i = 1, #keys do t[keys[i]] = i end
  for i = #keys, 1, -1 do u[keys[i]] = t[keys[i]] end
  local text = db.json(t)
  assert(text == db.json(u))
  local last = ""
  for key in db.values("SELECT key FROM json_each(?)", text) do
    assert(last < key or last == "", key)
    assert(t[key] == db.unjson(text)[key])
    last = key
  end

  -- raw: no metamethod is asked
  local function never() error("a metamethod ran") end
  gives('{"a":1}', setmetatable({a = 1}, {__index = never, __pairs = never,
        __len = never, __tostring = never}))
  gives("[1]", setmetatable({1}, {__len = function() return 5 end,
        __metatable = "mine"}))

  -- the same table twice is fine
  local s = {1}
  gives('{"a":[1],"b":[[1],[1]]}', {a = s, b = {s, s}})

  -- [] and {} stay what they are
  for _, x in ipairs{"[]", "{}", "[[]]", '[{},[],{"a":[],"b":{}}]', "null",
      "true", "false", "0", '"x"', "[null]", '{"a":null}'} do again(x) end
  local empty = db.unjson("[]")
  assert(getmetatable(empty) == false and #empty == 0)
  fails("protected metatable", setmetatable, empty, {})
  empty[1] = "x"
  gives('["x"]', empty)
  empty[1] = nil
  gives("[]", empty)
  local list = db.unjson("[1,2]")
  list[2], list[1] = nil, nil
  gives("[]", list)
  empty.a = 1
  gives('{"a":1}', empty)
  assert(getmetatable(db.unjson("{}")) == nil)
end

local function wrong()
  fails([[$: keys 1 to n and the key "x"; it is a list or an object]], db.json,
        {1, x = 2})
  fails("$.a[2]: keys 1 to n and the key", db.json, {a = {1, {1, y = 1}}})
  fails("$[3]: is nil, but the list goes on to 5", db.json, {1, 2, nil, nil, 5})
  fails("$[1]: is nil, but the list goes on to 9000000000", db.json,
        {[9000000000] = 1})
  fails("$: the key 1.5", db.json, {[1.5] = 1})
  fails("$: the key 0", db.json, {[0] = 1})
  fails("$: the key -1", db.json, {[-1] = 1})
  fails("$.a: a key that is a boolean", db.json, {a = {[true] = 1}})
  fails("$: a key that is a table", db.json, {[{}] = 1})
  fails("$: a key that is a userdata", db.json, {[null] = 1})
  fails("$.f: a function has no form in JSON", db.json, {f = print})
  fails("$[1]: a thread has no form", db.json, {coroutine.create(print)})
  fails("$.b: JSON has no blobs; give its text, tostring(b)", db.json,
        {b = blob("x")})
  fails("$: a userdata has no form", db.json, db.prepare("SELECT 1"))
  fails([[$."a b".c[2]: JSON has no blobs]], db.json,
        {["a b"] = {c = {1, blob("")}}})
  fails("value expected", db.json)

  -- circles and depth
  local t = {}
  t.a = {b = {t}}
  fails("$.a.b[1]: the table holds itself", db.json, t)
  t = {}
  t[1] = t
  fails("$[1]: the table holds itself", db.json, t)
  gives(("["):rep(200) .. "1" .. ("]"):rep(200), nested(200))
  again(("["):rep(200) .. ("]"):rep(200))
  fails("over 200 deep", db.json, nested(201))
  fails("db.unjson: the text nests over 200 deep", db.unjson,
        ("["):rep(201) .. ("]"):rep(201))
  fails("db.unjson:", db.unjson, ("["):rep(100000))
  -- the same table again and again would be a text without end
  t = {("x"):rep(100000)}
  for i = 1, 100 do t = {t, t} end
  fails("lua_memory_mb", db.json, t)

  -- after an error all goes on
  gives("[1]", {1})
  again('{"a":[1]}')

  for _, s in ipairs{"[1", "{", "{a:", "]", "[1,]x", '"a', "nul", "1 2", "[1] x",
      "{1:2}", "\xef\xbb\xbf"} do
    fails("db.unjson: malformed JSON: " .. s, db.unjson, s)
  end
  fails("malformed JSON: the text is empty", db.unjson, "")
  fails("malformed JSON", db.unjson, "  \n ")
  fails("malformed JSON: a NUL byte at 4", db.unjson, "[1]\0[2]")
  local ok, e = pcall(db.unjson, "[" .. ("é"):rep(1000))
  assert(e:find("malformed JSON: [ééé", 1, true) and e:sub(-3) == "..." and
         #e < 100 and utf8.len(e), e)
  fails("string expected", db.unjson, 1)
  fails("string expected", db.unjson, {})
  fails("string expected", db.unjson, blob("[]"))
end

local function reading()
  assert(db.unjson(nil) == nil and db.unjson(null) == nil)
  assert(select("#", db.unjson(nil)) == 1)
  assert(db.unjson("null") == null and db.unjson("[null]")[1] == null)
  assert(db.unjson("true") == true and db.unjson("false") == false)
  assert(db.unjson(" [ 1 , 2 ] ")[2] == 2)
  assert(db.unjson('{"a":1,"b":2,"a":3}').a == 3)
  assert(db.unjson('{"a":{"b":1},"a":[]}').a.b == nil)
  assert(db.unjson('{"a":[],"a":{"b":1}}').a.b == 1)
  again('{"a":[[],[[]],{}],"b":{"c":{"d":{}},"e":[]},"f":[{},{"g":[1]},2],"h":3}')
  again('[[[],[]],[[[1]]],{"a":{}},[],4]')
  again('{"b":1,"a":{"d":[1,{"y":2,"x":1}],"c":null}}',
        '{"a":{"c":null,"d":[1,{"x":1,"y":2}]},"b":1}')
  -- all shapes of some depth, as SQLite itself sees them
  local function shape(n, deep)
    if deep == 0 or n % 7 == 0 then return n end
    local t = db.unjson(n % 2 == 0 and "[]" or "{}")
    for i = 1, n % 4 do
      t[n % 2 == 0 and i or "k" .. i] = shape(n // 3 + i, deep - 1)
    end
    return t
  end
  for n = 1, 400 do
    local text = db.json(shape(n, 6))
    assert(db.value("SELECT json(?)", text) == text)
    again(text)
  end
end

-- Both work while a statement runs, and hold nothing open
local function within()
  op.create_table("docs", "id INTEGER PRIMARY KEY", "doc")
  for i = 1, 20 do
    op.execute("INSERT INTO docs VALUES (?, ?)", i, db.json{id = i, tags = {"a"}})
  end
  local put = db.prepare("UPDATE docs SET doc = ? WHERE id = ?")
  for id, doc in db.values("SELECT id, doc FROM docs") do
    local t = db.unjson(doc)
    assert(t.id == id)
    t.tags[2] = 'x"y'
    put(db.json(t), id)
  end
  assert(db.value("SELECT count(*) FROM docs WHERE "
    .. "json_extract(doc, '$.tags[1]') = 'x\"y'") == 20)
  fails("malformed", db.unjson, "[1,")
  op.drop_table("docs")
  op.create_table("docs", "doc CHECK (json_valid(doc))")
  gives('"\\n"', "\n")
  again("[1]")
end

-- Nothing is quadratic: ten times as much is not a hundred times as long
local function long()
  local list, map = {}, {}
  for i = 1, 100000 do list[i] = i end
  local text = db.json(list)
  local back = db.unjson(text)
  assert(#back == 100000 and back[100000] == 100000)
  for i = 1, 50000 do map["key " .. i] = i end
  back = db.unjson(db.json(map))
  for i = 1, 50000 do assert(back["key " .. i] == i) end
  list = {}
  for i = 1, 20000 do list[i] = {id = i, name = "n\n" .. i, tags = {}} end
  back = db.unjson(db.json(list))
  assert(back[20000].name == "n\n20000" and db.json(back[7]) ==
         '{"id":7,"name":"n\\n7","tags":{}}')
  local big = ('"\\é\0'):rep(200000)
  assert(db.unjson(db.json{big})[1] == big)
end

function upgrade()
  numbers()
  texts()
  tables()
  wrong()
  reading()
  within()
  long()
end
