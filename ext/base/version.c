/*
** ext/base/version.c - what differs between the SQLites that migrate runs on,
** all of it: from which version on, and where SQLite says so.
**
** What a build leaves out (SQLITE_OMIT_...) is no matter of versions: that is
** tried, where it is used.
*/
#include "ext/base/base.h"

static const int version_since[] = {
    /* STRICT, pragma_table_list, sqlite3_total_changes64(), txn_state():
    ** releaselog/3_37_0.html */
    [MIG_SINCE_LOADS] = 3037000,
    /* A member of sqlite3_api_routines since then: sqlite3ext.h */
    [MIG_SINCE_SERIALIZE] = 3039000,
    /* "Use a statement journal on DML statement affecting two or more database
    ** rows if the statement makes use of a SQL functions that might abort":
    ** releaselog/3_39_3.html */
    [MIG_SINCE_UNDONE] = 3039003,
    /* Underscores in numbers, and with them what follows 0x1 belongs to it:
    ** releaselog/3_46_0.html, tokenize.c */
    [MIG_SINCE_HEX_RUN] = 3046000,
    /* ALTER TABLE sets and drops NOT NULL and CHECK: releaselog/3_53_0.html */
    [MIG_SINCE_ALTER] = 3053000,
    /* No column may be named as the rowid: build.c */
    [MIG_SINCE_ROWID_REFUSED] = 3054000,
};

int mig_sqlite_has(int version, mig_since what) {
  return version >= version_since[what];
}
