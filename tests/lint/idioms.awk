# tests/lint/idioms.awk - what a file may not contain.
# usage: awk -f strip.awk -f idioms.awk FILE...
function say(what) { print FILENAME ":" FNR ": " what; bad = 1 }
function has(re) { return match(" " code " ", "[^A-Za-z0-9_.>]" re) }
FNR == 1 {
  ours = FILENAME !~ /^tests\//
  if ($0 !~ /^\/\*/) say("begins without a comment that says its one fact")
  if (guard_file != "" && guard < 3) guard_say()
  guard_file = ""
  if (FILENAME ~ /\.h$/) {
    guard_file = FILENAME
    guard = 0
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/\.h$/, "", name)
    name = toupper(name) "_H"
  }
}
function guard_say() {
  print guard_file ":1: wants a guard: #ifndef, #define MIG_<FILE>_H, #endif"
  bad = 1
}
guard_file != "" && guard == 0 && $0 ~ "^#ifndef MIG([A-Z_]*_)?" name "$" || \
  guard_file != "" && guard == 0 && name ~ /^MIG/ && $0 == "#ifndef " name {
  guard = 1
  symbol = $2
  next
}
guard_file != "" && guard == 1 && $0 == "#define " symbol { guard = 2; next }
guard_file != "" && guard >= 2 && /[^ \t]/ { guard = /^#endif/ ? 3 : 2 }

has("goto[ \t]") { say("goto: sticky errors need none") }
code ~ /\/\// { say("// comment: write /* */") }
!ours { next }

/^[ \t]*#[ \t]*include[ \t]*<(lua|lauxlib|lualib|luaconf)\.h>/ && FILENAME !~ /^lua\// {
  say("only lua/ includes " $2)
}
has("sqlite3_(step|exec)[ \t]*\\(") && FILENAME !~ /^ext\/db\// {
  say("only ext/db/ steps a statement: use mig_row, mig_exec_step, mig_exec")
}
FILENAME != "ext/store/os.c" && \
  /^[ \t]*#[ \t]*include[ \t]*<(unistd|dirent|fcntl|errno|signal|time|io|direct|windows|sys\/[a-z]+)\.h>/ {
  say("only ext/store/os.c touches the operating system: " $2)
}
FILENAME != "ext/store/os.c" && \
  has("(open|fopen|opendir|getenv|setenv|time|clock|clock_gettime|gettimeofday|system|popen|fork|unlink|remove|rename|mkdir|chdir|stat|isatty|usleep|sleep|printf|fprintf|puts|fputs)[ \t]*\\(") {
  say("only ext/store/os.c touches the operating system")
}
has("(malloc|calloc|realloc|free|strdup|strndup|asprintf|abort|exit)[ \t]*\\(") {
  say("memory comes from mig_alloc or sqlite3_malloc64, and nothing ends the host")
}
has("(strcpy|strcat|sprintf|vsprintf|gets|strtok|setlocale|rand)[ \t]*\\(") {
  say("a C function with no bound or a hidden state")
}
END {
  if (guard_file != "" && guard < 3) guard_say()
  exit bad
}
