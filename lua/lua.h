/*
** lua/lua.h - the door of lua/: revisions written in Lua.  Layer 5.
**
** All that the rest of the house sees is an engine.  Private to the folder:
** lua/host.h.
*/
#ifndef MIG_LUA_H
#define MIG_LUA_H
#include "ext/revision/revision.h"
extern const mig_engine mig_engine_lua;
/* Fails, with a plain message, when the Lua linked at run time is not 5.4. */
void mig_lua_check(mig_cx *cx);
/* "Lua 5.4.4" */
const char *mig_lua_version(void);
#endif
