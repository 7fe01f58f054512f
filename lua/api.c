/*
** lua/api.c - Lua's shared library, opened apart from the program's own Lua.
** Beside os.c the one file that asks the system for something: for no more
** than a library.
*/
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_DEEPBIND */
#endif
#include "lua/host.h"
#ifdef MIG_LUA_SO
#include <dlfcn.h>

mig_lua_api mig_lua;

/* One behind the other: an array of pointers needs as many relocations. */
#define API_NAME(name) #name "\0"
static const char api_names[] = MIG_LUA_EACH(API_NAME);
enum { API_COUNT = sizeof mig_lua / sizeof(void *) };

/* The program's own, by which a name is found in what is loaded for all. */
static void *api_find(const char *name) {
  void *all = dlopen(NULL, RTLD_LAZY), *at = all ? dlsym(all, name) : NULL;

  if (all) dlclose(all);
  return at;
}

/* With RTLD_DEEPBIND a library prefers its own names.  Only where another Lua
** is near, for it also passes by what replaces malloc(); and the sanitizers end
** a program that asks for it.  musl does not have it. */
static int api_apart(void) {
#ifdef RTLD_DEEPBIND
  if (!api_find("__sanitizer_print_stack_trace")) return RTLD_DEEPBIND;
#endif
  return 0;
}

/* Before anything can be called, so no two threads fill the table. */
__attribute__((constructor)) static void api_open(void) {
  void *other = api_find("lua_newstate"), *at[API_COUNT], *lib;
  const char *name = api_names;
  int apart = other ? api_apart() : 0, i;

  lib = dlopen(MIG_LUA_SO, RTLD_NOW | RTLD_LOCAL | apart);
  if (!lib) return;
  for (i = 0; i < API_COUNT; i++, name += strlen(name) + 1)
    if (!(at[i] = dlsym(lib, name))) break;
  if (i < API_COUNT || (other && !apart && other != dlsym(lib, "lua_newstate")))
    dlclose(lib);
  else
    memcpy(&mig_lua, at, sizeof mig_lua);
}

const char *mig_lua_missing(void) {
  if (lua_newstate) return NULL;
  if (!dlopen(MIG_LUA_SO, RTLD_NOW | RTLD_LOCAL)) return dlerror();
  return api_find("lua_newstate")
             ? "the program has another Lua, which " MIG_LUA_SO " would call"
             : MIG_LUA_SO " lacks functions of Lua 5.4";
}
#else
const char *mig_lua_missing(void) {
  return NULL;
}
#endif
