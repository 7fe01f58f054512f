# tests/lint/layers.awk - an include may only point downward.
# usage: awk -f layers.awk FILE...      FILEs are named from the root
#
# A folder is a layer, with one header for the others, named after it.  A file
# includes its own folder's headers, and the headers of lower layers.
function folder(f) { sub(/\/[^\/]*$/, "", f); return f }
function door(d, n, part) { n = split(d, part, "/"); return d "/" part[n] ".h" }
function say(what) { print FILENAME ":" FNR ": " what; bad = 1 }
BEGIN {
  rank["ext/base"] = 0; rank["ext/sql"] = 1; rank["ext/db"] = 2
  rank["ext/revision"] = 3; rank["ext/schema"] = 3; rank["ext/store"] = 4
  rank["ext/run"] = 5; rank["lua"] = 6; rank["vtab"] = 6; rank["ext"] = 7
}
FNR == 1 {
  own = folder(FILENAME)
  if (FILENAME ~ /^tests\//) { own = "tests"; next }
  if (!(own in rank)) say("a folder that is no layer; see README, The map")
}
own == "tests" || !/^[ \t]*#[ \t]*include[ \t]*"/ { next }
{
  split($0, quoted, "\"")
  to = quoted[2]
  if (to == "sqlite3ext.h" || to == "sqlite3.h") next
  into = folder(to)
  if (to !~ /\// || !(into in rank))
    say("include \"" to "\" from the root: \"folder/" to "\"")
  else if (into == own)
    next
  else if (own == "ext/revision" && into != "ext/base")
    say("revision/ includes base/ only, not " to)
  else if (own == "vtab" && into == "ext/run")
    say("a table changes nothing: vtab/ may not include " to)
  else if (rank[into] >= rank[own])
    say(own "/ may not include " to ": arrows point down")
  else if (to != door(into))
    say(to " is private to " into "/; include " door(into))
}
END { exit bad }
