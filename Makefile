# migrate - schema migrations inside SQLite.  `make help` lists the targets.
#
#   make                              ./migrate.so
#   make deps test                    install what is missing, then test
#   make SANITIZE=address,undefined test
#   make VALGRIND=1 test
#   make LUA_CFLAGS=... LUA_LIBS=...  another Lua 5.4 than pkg-config's
#   make LUA_SRC=dir                  Lua 5.4 from its sources, inside
#   make SMALL=1                      for devices: no part of it for speed
#   make V=1                          show the commands
#
# Every set of flags has its own folder in build/, so objects never mix.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

TARGETS := all static onefile dist demo test test-alembic test-hosts \
  test-versions test-devices property fault lint bench bench-peers bench-plot \
  fuzz cover format install uninstall man deb test-deb clean help
.PHONY: $(TARGETS) deps FORCE

# As many jobs as processors, unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
ifneq ($(filter output-sync,$(.FEATURES)),)
MAKEFLAGS += -Otarget
endif
endif

ifneq ($(filter deps,$(MAKECMDGOALS)),)
# ---- `make deps GOAL...`: first what is missing, then a make that finds it --

REST := $(filter-out deps,$(MAKECMDGOALS))

deps:
	+@CC='$(CC)' PYTHON='$(PYTHON)' sh .ci/deps $(REST)

ifneq ($(REST),)
.PHONY: $(REST)
$(firstword $(REST)): deps
	+@$(MAKE) $(REST)
$(filter-out $(firstword $(REST)),$(REST)): $(firstword $(REST)) ; @:
endif

else
# ---- settings ----

PREFIX ?= /usr/local
SANITIZE ?=
VALGRIND ?=
DEVELOPER ?=
V ?=
SMALL ?=
# What users load is small, but for what goes over every token, byte or row
# (HOT); C has no need of tables to unwind its stack.
ifeq ($(DEVELOPER)$(SANITIZE)$(COVER),)
ifeq ($(origin CFLAGS),undefined)
CFLAGS := -Os -g -fno-asynchronous-unwind-tables
HOT_CFLAGS := $(if $(SMALL),,-O2)
endif
endif
CFLAGS ?= -O2 -g
ASKED := $(CFLAGS)
HOT := $(wildcard ext/base/*.c) ext/sql/token.c ext/sql/read.c lua/pattern.c \
  $(patsubst %,lua5/l%.c,api do gc string table vm)
FUZZ_SECONDS ?= 10
FAULT_POINTS ?= 400
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
CLANG ?= clang
# make's own default is cc, which a machine with only gcc or clang may lack.
ifeq ($(origin CC),default)
CC := $(shell command -v cc || command -v gcc || command -v clang || echo cc)
endif

PKG := $(shell command -v pkg-config || command -v pkgconf)
LUA_PC := $(if $(PKG),$(firstword $(foreach p,lua5.4 lua-5.4 lua54,\
  $(shell $(PKG) --exists $p && echo $p))))
# Lua's own sources, compiled in: the parts that a script's sandbox has.
ifdef LUA_SRC
LUA_CFLAGS := -isystem $(LUA_SRC)
LUA_LIBS := -lm
LUA_PARTS := -ffunction-sections -w
LUA_IN := $(patsubst %,$(LUA_SRC)/l%.c,api code ctype debug do dump func gc lex \
  mem object opcodes parser state string table tm undump vm zio auxlib baselib \
  corolib mathlib strlib tablib utf8lib)
endif
ifndef LUA_CFLAGS
LUA_CFLAGS := $(if $(LUA_PC),$(shell $(PKG) --cflags $(LUA_PC)),\
  -I/usr/include/lua5.4)
endif
ifndef LUA_LIBS
LUA_LIBS := $(if $(LUA_PC),$(shell $(PKG) --libs $(LUA_PC)),-llua5.4)
endif
SQLITE_CFLAGS ?= $(shell $(PKG) --cflags sqlite3 2>/dev/null)
SQLITE_LIBS ?= $(shell $(PKG) --libs sqlite3 2>/dev/null || echo -lsqlite3)
SQLITE_CFLAGS := $(SQLITE_CFLAGS)
SQLITE_LIBS := $(SQLITE_LIBS)

comma := ,
UNAME := $(shell uname -s)
ifeq ($(UNAME),Darwin)
SO := migrate.dylib
SHARED := -dynamiclib
else
SO := migrate.so
SHARED := -shared -Wl,-soname,$(SO)
# Nothing but what SQLite hands over: a direct call would bind to whichever
# SQLite library happens to be near.  (A sanitizer's own calls stay open.)
SHARED += $(if $(SANITIZE)$(COVER),,-Wl,-z,defs)
# A static Lua stays inside; a shared one is opened: see lua/api.h.
SHARED += -Wl,--exclude-libs,ALL -Wl,--as-needed
# Relative relocations take 24 bytes each, or one bit where both this linker
# and this C library know how.
RELR := -Wl,-z,pack-relative-relocs
RELR := $(shell printf '\043include <limits.h>\n\043if __GLIBC__ < 2 ||\
  __GLIBC__ == 2 && __GLIBC_MINOR__ < 36\n\043error\n\043endif\n' | \
  $(CC) -shared -fPIC $(LDFLAGS) $(RELR) -Wl,--fatal-warnings -o /dev/null \
  -x c - 2>/dev/null && echo $(RELR))
SHARED += $(RELR) -Wl,--gc-sections \
  $(if $(SMALL),-Wl$(comma)-z$(comma)noseparate-code)
DLLIB := -ldl
LUA_SO_H = $(if $(LUA_SRC),,$B/lua_so.h)
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
  $(if $(DEVELOPER),-Werror)
SAN := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
  -fno-omit-frame-pointer)
override CFLAGS += -std=c11 -I. $(WARN) $(SAN) $(COVER) $(LUA_CFLAGS) \
  $(SQLITE_CFLAGS)

FLAGS := $(CC) $(LUA_SRC) $(CFLAGS) $(HOT_CFLAGS) $(LDFLAGS) $(SHARED) $(LUA_LIBS) $(SQLITE_LIBS)
B := build/$(notdir $(firstword $(CC)))$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))$(if $(COVER),-cover)-$(firstword \
  $(shell printf '%s' '$(FLAGS)' | cksum))

ifdef V
say = @:
Q :=
else
say = @printf '  %-4s %s\n'
Q := @
endif

# ---- the library ----

SRC := $(sort $(wildcard ext/*.c ext/*/*.c vtab/*.c lua/*.c))
LUA_PIC := $(LUA_IN:$(LUA_SRC)/%.c=$B/pic/lua5/%.o)
LUA_CORE := $(LUA_IN:$(LUA_SRC)/%.c=$B/core/lua5/%.o)
PIC := $(SRC:%.c=$B/pic/%.o) $(LUA_PIC)
CORE := $(SRC:%.c=$B/core/%.o) $(LUA_CORE)
UNIT := $(patsubst %.c,$B/unit/%.o,$(sort $(wildcard tests/unit/*.c)))
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FAULT := $(patsubst %.c,$B/%.o,$(sort $(wildcard tests/fault/*.c)))
DEPS := $(PIC:.o=.d) $(CORE:.o=.d) $(UNIT:.o=.d) $(FAULT:.o=.d) $B/tests/run.d \
  $(FUZZ:%=$B/unit/tests/fuzz/fuzz_%.d) $B/unit/tests/fuzz/replay.d \
  $B/unit/tests/alembic/graph.d

# A sanitized library needs a sanitized host, so it is not what users load.
USED := $(if $(SANITIZE)$(COVER),$B/$(SO),$(SO))
all: $(USED)

$(SO): $B/$(SO) FORCE
	@cmp -s $< $@ || { cp $< $@.new && mv -f $@.new $@; }

$B/$(SO): $(PIC)
	$(say) LINK $(SO)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) $(SHARED) -o $@ $(PIC) $(LUA_LIBS) $(DLLIB)

$(HOT:%.c=$B/pic/%.o) $(HOT:%.c=$B/core/%.o): FAST = $(HOT_CFLAGS)

$B/pic/%.o: %.c
	$(say) CC $<
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) $(FAST) $(APART) -fPIC -fvisibility=hidden -MMD -MP \
	  -c -o $@ $<

ifneq ($(LUA_SO_H),)
$(filter $B/pic/lua/%,$(PIC)): APART = -include $(LUA_SO_H)
$(filter $B/pic/lua/%,$(PIC)): $(LUA_SO_H)

# What a program that is linked with LUA_LIBS asks the system for.
$(LUA_SO_H):
	@mkdir -p $(@D)
	@echo 'int lua_newstate(void); int f(void) { return lua_newstate(); }' | \
	  $(CC) -shared -fPIC -o $@.so -x c - -x none $(LUA_LIBS)
	@readelf -d $@.so | sed -n \
	  's/.*NEEDED.*\[\(lib[^]]*lua[^]]*\)].*/#define MIG_LUA_SO "\1"/p' >$@
endif

ifdef LUA_SRC
$B/pic/lua5/%.o: $(LUA_SRC)/%.c
	$(say) CC $<
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) $(FAST) $(LUA_PARTS) -fPIC -fvisibility=hidden -MMD -MP \
	  -c -o $@ $<

$B/core/lua5/%.o: $(LUA_SRC)/%.c
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) $(FAST) $(LUA_PARTS) -MMD -MP -c -o $@ $<
endif

# Where these flags put the library: for tests that build another one.
where:
	@echo $B/$(SO)
.PHONY: where

# ---- to compile into a program ----

VERSION := $(shell sed -n 's/^\#define MIG_VERSION "\(.*\)"/\1/p' ext/*/*.h)
ARCHIVE := build/migrate-$(VERSION).tar.gz

static: $B/libcore.a
	@cp $< build/libmigrate.a

onefile: $(SRC)
	@mkdir -p build
	@.ci/onefile $(SRC) >build/migrate.c

# What a checkout has; builds without git.
dist:
	@mkdir -p build
	@git ls-files -z | tar --null -czf $(ARCHIVE) --owner=0 --group=0 \
	  --transform 's,^,migrate-$(VERSION)/,' -T -
	@echo $(ARCHIVE)

# ---- the tests' programs ----

# The same sources, calling SQLite directly.
$B/core/%.o: %.c
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) $(FAST) -DSQLITE_CORE -MMD -MP -c -o $@ $<

$B/libcore.a: $(CORE)
	@rm -f $@
	$Q$(AR) rcs $@ $(CORE)

$B/unit/%.o: %.c
	$(say) CC $<
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) -DSQLITE_CORE -D_GNU_SOURCE -MMD -MP -c -o $@ $<

$B/unit/run: $(UNIT) $B/libcore.a
	$(say) LINK tests/unit
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(UNIT) $B/libcore.a $(LUA_LIBS) \
	  $(SQLITE_LIBS) -lm

$B/tests/run: tests/run.c
	$(say) CC $<
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) -D_GNU_SOURCE -MMD -MP $(LDFLAGS) -o $@ $< \
	  $(SQLITE_LIBS) $(DLLIB)

# The same library on a disk that fails, and whose power is cut.
$B/tests/fault/%.o: tests/fault/%.c
	$(say) CC $<
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) -D_GNU_SOURCE -MMD -MP -c -o $@ $<

$B/fault/run: $(FAULT)
	$(say) LINK tests/fault
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SQLITE_LIBS) $(DLLIB)

# The graph as a program: only the layers below any SQL and any file.
$B/alembic/graph: $B/unit/tests/alembic/graph.o \
  $B/unit/tests/unit/test_revisions.o \
  $(filter $B/core/ext/base/% $B/core/ext/revision/%,$(CORE))
	$(say) LINK tests/alembic
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SQLITE_LIBS)

# The fuzz targets without a fuzzer, for the inputs that are kept.
.SECONDARY: $(FUZZ:%=$B/unit/tests/fuzz/fuzz_%.o) $B/unit/tests/fuzz/replay.o
$B/fuzz/%: $B/unit/tests/fuzz/fuzz_%.o $B/unit/tests/fuzz/replay.o \
  $B/unit/tests/unit/test_revisions.o $B/libcore.a
	$(say) LINK tests/fuzz/$*
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LUA_LIBS) $(SQLITE_LIBS) -lm

-include $(DEPS)

# ---- tests ----

TESTENV = EXT='$(USED)' BUILD='$B' CC='$(CC)' SANITIZE='$(SANITIZE)' \
  PYTHON='$(PYTHON)' MAKE='$(MAKE)'

test: export VALGRIND := $(VALGRIND)
test: $(USED) $B/unit/run $B/tests/run $(FUZZ:%=$B/fuzz/%)
	+@$(TESTENV) tests/all

# The same library, run by other SQLites.
test-versions: $(USED) $B/unit/run $B/tests/run
	+@$(TESTENV) ALL='$(ALL)' tests/versions $(VERSIONS)

# Cross-built, and run under qemu.
test-devices:
	+@$(TESTENV) ALL='$(ALL)' tests/devices $(DEVICES)

# Random graphs, here and in Alembic, which must be there for $(PYTHON).
test-alembic: $B/alembic/graph
	@$(PYTHON) tests/alembic/oracle.py $<

# In every kind of program that loads it, or has it compiled in; in threads.
test-hosts: $(SO) static onefile
	+@$(TESTENV) tests/hosts/run

# Autogenerate: from any schema to any other, and back; two processes.
property: $(SO)
	+@$(TESTENV) PAIRS='$(PAIRS)' tests/property

fault: $(USED) $B/unit/run $B/tests/run $B/fault/run
	+@$(TESTENV) FAULT_POINTS='$(FAULT_POINTS)' tests/fault/run

lint: $(SO)
	+@$(TESTENV) CFLAGS='$(CFLAGS)' TIDY='$(TIDY)' tests/lint/run

demo: $(SO)
	+@$(TESTENV) tests/demo/run

bench: $(SO)
	+@$(TESTENV) ROWS='$(ROWS)' PATIENCE='$(PATIENCE)' \
	  LUA_CFLAGS='$(LUA_CFLAGS)' LUA_LIBS='$(LUA_LIBS)' \
	  LUA_SRC='$(LUA_SRC)' tests/bench/run

# What others use for the same, to measure beside.  Debian's packages.
BENCH_PEERS := alembic python3-django sqlite-utils ruby-activerecord \
  ruby-sqlite3 sqitch libdbd-sqlite3-perl
bench-peers:
	apt-get install -y --no-install-recommends $(BENCH_PEERS)

# The plot of the last run becomes the README's.
bench-plot:
	cp build/bench/rows.svg tests/bench/rows.svg

fuzz:
	+@$(TESTENV) CLANG='$(CLANG)' LUA_CFLAGS='$(LUA_CFLAGS)' \
	  LUA_LIBS='$(LUA_LIBS)' FUZZ_SECONDS='$(FUZZ_SECONDS)' tests/fuzz/run

# What of each file the tests ran, with and without a failing allocation.
cover:
	+@$(MAKE) COVER=--coverage CFLAGS='-O0 -g' cover-run
cover-run: $(USED) $B/unit/run $B/tests/run $(FUZZ:%=$B/fuzz/%)
	@find $B -name '*.gcda' -exec rm {} +
	+@$(TESTENV) OOM=5 tests/all >$B/cover.log || tail -n 30 $B/cover.log
	@sh tests/cover $B $(SRC)
.PHONY: cover-run

format:
	clang-format -i $(wildcard ext/*.[ch] ext/*/*.[ch] vtab/*.[ch] lua/*.[ch] \
	  tests/*.[ch] tests/*/*.[ch])

# ---- installing ----

# `.load migrate` leaves the search to dlopen(), which looks in the linker's
# own folders and in ldconfig's cache.  The cache takes in only files named
# lib*, under the soname that stands in them: so that is the file's name, and
# migrate.so is its soname and a link to it.  Under /usr, Debian's folder has
# the architecture in its name.
ARCHDIR = $(if $(filter /usr,$(PREFIX)),$(shell $(CC) -print-multiarch \
  2>/dev/null))
LIBDIR ?= $(PREFIX)/lib$(if $(ARCHDIR),/$(ARCHDIR))
MANDIR ?= $(PREFIX)/share/man
LDCONFIG = $(if $(DESTDIR),:,if command -v ldconfig >/dev/null; then \
  ldconfig || :; fi)

# What `pkg-config migrate` says: to link with it, or where it is.
define PC
prefix=$(PREFIX)
libdir=$(LIBDIR)
includedir=$(PREFIX)/include

Name: migrate
Description: Schema migrations inside SQLite
Version: $(VERSION)
Requires: sqlite3 >= 3.37.0
Cflags: -I$${includedir}
Libs: -L$${libdir} -lmigrate
endef
export PC

install: $B/$(SO) build/migrate.3
	install -d '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(PREFIX)/include' \
	  '$(DESTDIR)$(MANDIR)/man3'
	install -m 644 ext/migrate.h '$(DESTDIR)$(PREFIX)/include/migrate.h'
	printf '%s\n' "$$PC" >'$(DESTDIR)$(LIBDIR)/pkgconfig/migrate.pc'
	install -m 644 build/migrate.3 '$(DESTDIR)$(MANDIR)/man3/migrate.3'
	install -m 755 $B/$(SO) '$(DESTDIR)$(LIBDIR)/lib$(SO)'
	ln -sf lib$(SO) '$(DESTDIR)$(LIBDIR)/$(SO)'
	@$(LDCONFIG)

uninstall:
	rm -f '$(DESTDIR)$(LIBDIR)/$(SO)' '$(DESTDIR)$(LIBDIR)/lib$(SO)' \
	  '$(DESTDIR)$(LIBDIR)/pkgconfig/migrate.pc' \
	  '$(DESTDIR)$(PREFIX)/include/migrate.h' \
	  '$(DESTDIR)$(MANDIR)/man3/migrate.3'
	@$(LDCONFIG)

# migrate(3) is the README's reference.
man: build/migrate.3

build/migrate.3: FORCE
	@mkdir -p build
	@.ci/man '$(VERSION)' "$$(date -u -d @$(EPOCH) +%Y-%m-%d 2>/dev/null || \
	  date -u -r $(EPOCH) +%Y-%m-%d)" >$@

# When these sources were committed, so that a package is the same each time.
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null || \
  date -r README.md +%s))

deb:
	+@CC='$(CC)' CFLAGS='$(ASKED)' HOT_CFLAGS='$(HOT_CFLAGS)' \
	  LUA_LIBS='$(LUA_LIBS)' MAKE='$(MAKE)' VERSION='$(VERSION)' EPOCH='$(EPOCH)' .ci/deb

# Installed, tried, removed: as root.
test-deb: deb
	+@$(TESTENV) tests/deb

clean:
	rm -rf build $(SO)

help:
	@sed -n 's/^## //p' Makefile
endif

## make            build ./migrate.so (macOS: migrate.dylib)
## make deps       install what building and testing need; does nothing when
##                 all is there.  Goals may follow: make deps test
## make static     build/libmigrate.a, to link into a program that has SQLite
## make onefile    build/migrate.c, all of it in one file
## make dist       build/migrate-VERSION.tar.gz, which builds without git
## make demo       a real schema history, run in the sqlite3 shell
## make test       every test; the last line is `N passed, N failed`
## make test-alembic
##                 random graphs: the same plans and rows as Alembic's, except
##                 where ours is meant to differ (make deps test-alembic)
## make test-hosts the library in the shell, in languages, compiled in, in threads
##                 (make deps test-hosts)
## make test-versions
##                 the suite with the oldest SQLite that is supported and with the
##                 newest (npm); VERSIONS="sid trixie+odd", see tests/versions
## make test-devices
##                 cross-built for i686, arm64 and armhf, and run there or under
##                 qemu; ALL=1: every script and unit test; DEVICES=TRIPLET
## make property   autogenerate from any schema to any other, and back: PAIRS=5000
## make fault      every allocation and every I/O call failing in turn, once and
##                 for good; interrupts and power cuts anywhere (FAULT_POINTS=400
##                 for each case; 0: all, which takes hours)
## make lint       layers, idioms, formatting
## make bench      what a user waits for, as ratios to the least that it could
##                 cost, beside the peers that are installed (ROWS=1000000)
## make bench-peers
##                 install them: Alembic, Django, sqlite-utils, Rails'
##                 ActiveRecord, sqitch (Debian's packages)
## make bench-plot take the plot of the last run for the README
## make fuzz       every fuzz target for FUZZ_SECONDS=10 (clang)
## make cover      how much of each file the tests run (gcc)
## make format     clang-format all
## make install    to PREFIX=/usr/local, where `.load migrate` finds it; DESTDIR
## make uninstall  take it away
## make man        build/migrate.3, from the README (make install installs it)
## make deb        build/sqlite3-migrate_VERSION_ARCH.deb, for Debian and Ubuntu
##                 (make deps deb); DEBFULLNAME= DEBEMAIL= DEB_REVISION=
## make test-deb   the same, installed, tried and removed (as root)
## make clean      remove what was built
##
## CC=clang  SANITIZE=address,undefined  DEVELOPER=1 (warnings are errors)  V=1
## SMALL=1 (a smaller library, no part of it made for speed)
## VALGRIND=1 (make test, without the host's tests)
## LUA_CFLAGS= LUA_LIBS=  PREFIX= DESTDIR= LIBDIR=  PYTHON=
