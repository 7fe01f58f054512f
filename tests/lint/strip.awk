# tests/lint/strip.awk - C without what stands in comments and literals, line
# by line, so that rules meet code only.  Sets `code`; for use before a rule
# file: awk -f strip.awk -f idioms.awk FILE...
FNR == 1 { in_comment = 0 }
{
  code = ""
  rest = $0
  while (rest != "") {
    if (in_comment) {
      at = index(rest, "*/")
      if (!at) break
      rest = substr(rest, at + 2)
      in_comment = 0
      code = code " "
    } else if (match(rest, /\/\*|\/\/|"|'/)) {
      mark = substr(rest, RSTART, RLENGTH)
      code = code substr(rest, 1, RSTART - 1)
      rest = substr(rest, RSTART + RLENGTH)
      if (mark == "/*") in_comment = 1
      else if (mark == "//") { code = code "//"; break }
      else {
        code = code mark
        while (rest != "" && substr(rest, 1, 1) != mark)
          rest = substr(rest, substr(rest, 1, 1) == "\\" ? 3 : 2)
        rest = substr(rest, 2)
        code = code mark
      }
    } else {
      code = code rest
      break
    }
  }
}
