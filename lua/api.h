/*
** lua/api.h - Lua's functions, as lua/ calls them.  Private to lua/; in place
** of <lua.h>.
**
** SQLite loads an extension's libraries into the one scope of the program,
** behind it: one that has a Lua of its own, 5.1 say, and exports it, would get
** our calls, and those that liblua makes to itself.  So a loadable library
** that uses Lua's shared one does not link it.  It opens MIG_LUA_SO, that
** library's soname, apart from the program (api.c), and calls through a table,
** as an extension calls SQLite.  A function that is not in it fails to link.
**
** Without MIG_LUA_SO calls are direct: where Lua is inside (LUA_SRC=, or a
** static one), in a program that migrate is compiled into, and on macOS, which
** looks up a name in the library it was linked with.
*/
#ifndef MIG_LUA_API_H
#define MIG_LUA_API_H
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

/* What keeps Lua from being called, in memory of the dynamic linker's, or
** NULL. */
const char *mig_lua_missing(void);

#ifdef MIG_LUA_SO
/* clang-format off */
#define MIG_LUA_EACH(X) \
  X(luaL_addlstring) X(luaL_addstring) X(luaL_addvalue) X(luaL_argerror) \
  X(luaL_buffinit) X(luaL_buffinitsize) X(luaL_callmeta) X(luaL_checkany) \
  X(luaL_checkinteger) X(luaL_checklstring) X(luaL_checkstack) \
  X(luaL_checktype) X(luaL_checkudata) X(luaL_checkversion_) X(luaL_error) \
  X(luaL_getmetafield) X(luaL_getsubtable) X(luaL_gsub) X(luaL_len) \
  X(luaL_loadbufferx) X(luaL_newmetatable) X(luaL_optinteger) \
  X(luaL_optlstring) X(luaL_prepbuffsize) X(luaL_pushresult) \
  X(luaL_pushresultsize) X(luaL_ref) X(luaL_requiref) X(luaL_setfuncs) \
  X(luaL_setmetatable) X(luaL_testudata) X(luaL_tolstring) X(luaL_typeerror) \
  X(luaL_unref) X(lua_callk) X(lua_checkstack) X(lua_close) X(lua_compare) \
  X(lua_concat) X(lua_copy) X(lua_createtable) X(lua_error) X(lua_gc) \
  X(lua_getallocf) X(lua_getfield) X(lua_gethook) X(lua_gethookcount) \
  X(lua_geti) X(lua_getinfo) X(lua_getiuservalue) X(lua_getmetatable) \
  X(lua_getstack) X(lua_gettable) X(lua_gettop) X(lua_isinteger) \
  X(lua_isstring) X(lua_newstate) X(lua_newthread) X(lua_newuserdatauv) \
  X(lua_next) X(lua_pcallk) X(lua_pushboolean) X(lua_pushcclosure) \
  X(lua_pushfstring) X(lua_pushinteger) X(lua_pushlightuserdata) \
  X(lua_pushlstring) X(lua_pushnil) X(lua_pushnumber) X(lua_pushstring) \
  X(lua_pushvalue) X(lua_rawequal) X(lua_rawget) X(lua_rawgeti) \
  X(lua_rawgetp) X(lua_rawlen) X(lua_rawset) X(lua_rawseti) X(lua_rawsetp) \
  X(lua_rotate) X(lua_setfield) X(lua_sethook) X(lua_setiuservalue) \
  X(lua_setmetatable) X(lua_settop) X(lua_setupvalue) X(lua_status) \
  X(lua_toboolean) X(lua_tocfunction) X(lua_toclose) X(lua_tointegerx) \
  X(lua_tolstring) X(lua_tonumberx) X(lua_topointer) X(lua_tothread) \
  X(lua_touserdata) X(lua_type) X(lua_typename) X(lua_upvaluejoin) \
  X(lua_version) X(lua_xmove) X(luaopen_base) X(luaopen_coroutine) \
  X(luaopen_math) X(luaopen_string) X(luaopen_table) X(luaopen_utf8)
/* clang-format on */

#define MIG_LUA_MEMBER(name) __typeof__(name) *name;
typedef struct mig_lua_api mig_lua_api;
struct mig_lua_api {
  MIG_LUA_EACH(MIG_LUA_MEMBER)
};
__attribute__((visibility("hidden"))) extern mig_lua_api mig_lua;

#define luaL_addlstring mig_lua.luaL_addlstring
#define luaL_addstring mig_lua.luaL_addstring
#define luaL_addvalue mig_lua.luaL_addvalue
#define luaL_argerror mig_lua.luaL_argerror
#define luaL_buffinit mig_lua.luaL_buffinit
#define luaL_buffinitsize mig_lua.luaL_buffinitsize
#define luaL_callmeta mig_lua.luaL_callmeta
#define luaL_checkany mig_lua.luaL_checkany
#define luaL_checkinteger mig_lua.luaL_checkinteger
#define luaL_checklstring mig_lua.luaL_checklstring
#define luaL_checkstack mig_lua.luaL_checkstack
#define luaL_checktype mig_lua.luaL_checktype
#define luaL_checkudata mig_lua.luaL_checkudata
#define luaL_checkversion_ mig_lua.luaL_checkversion_
#define luaL_error mig_lua.luaL_error
#define luaL_getmetafield mig_lua.luaL_getmetafield
#define luaL_getsubtable mig_lua.luaL_getsubtable
#define luaL_gsub mig_lua.luaL_gsub
#define luaL_len mig_lua.luaL_len
#define luaL_loadbufferx mig_lua.luaL_loadbufferx
#define luaL_newmetatable mig_lua.luaL_newmetatable
#define luaL_optinteger mig_lua.luaL_optinteger
#define luaL_optlstring mig_lua.luaL_optlstring
#define luaL_prepbuffsize mig_lua.luaL_prepbuffsize
#define luaL_pushresult mig_lua.luaL_pushresult
#define luaL_pushresultsize mig_lua.luaL_pushresultsize
#define luaL_ref mig_lua.luaL_ref
#define luaL_requiref mig_lua.luaL_requiref
#define luaL_setfuncs mig_lua.luaL_setfuncs
#define luaL_setmetatable mig_lua.luaL_setmetatable
#define luaL_testudata mig_lua.luaL_testudata
#define luaL_tolstring mig_lua.luaL_tolstring
#define luaL_typeerror mig_lua.luaL_typeerror
#define luaL_unref mig_lua.luaL_unref
#define lua_callk mig_lua.lua_callk
#define lua_checkstack mig_lua.lua_checkstack
#define lua_close mig_lua.lua_close
#define lua_compare mig_lua.lua_compare
#define lua_concat mig_lua.lua_concat
#define lua_copy mig_lua.lua_copy
#define lua_createtable mig_lua.lua_createtable
#define lua_error mig_lua.lua_error
#define lua_gc mig_lua.lua_gc
#define lua_getallocf mig_lua.lua_getallocf
#define lua_getfield mig_lua.lua_getfield
#define lua_gethook mig_lua.lua_gethook
#define lua_gethookcount mig_lua.lua_gethookcount
#define lua_geti mig_lua.lua_geti
#define lua_getinfo mig_lua.lua_getinfo
#define lua_getiuservalue mig_lua.lua_getiuservalue
#define lua_getmetatable mig_lua.lua_getmetatable
#define lua_getstack mig_lua.lua_getstack
#define lua_gettable mig_lua.lua_gettable
#define lua_gettop mig_lua.lua_gettop
#define lua_isinteger mig_lua.lua_isinteger
#define lua_isstring mig_lua.lua_isstring
#define lua_newstate mig_lua.lua_newstate
#define lua_newthread mig_lua.lua_newthread
#define lua_newuserdatauv mig_lua.lua_newuserdatauv
#define lua_next mig_lua.lua_next
#define lua_pcallk mig_lua.lua_pcallk
#define lua_pushboolean mig_lua.lua_pushboolean
#define lua_pushcclosure mig_lua.lua_pushcclosure
#define lua_pushfstring mig_lua.lua_pushfstring
#define lua_pushinteger mig_lua.lua_pushinteger
#define lua_pushlightuserdata mig_lua.lua_pushlightuserdata
#define lua_pushlstring mig_lua.lua_pushlstring
#define lua_pushnil mig_lua.lua_pushnil
#define lua_pushnumber mig_lua.lua_pushnumber
#define lua_pushstring mig_lua.lua_pushstring
#define lua_pushvalue mig_lua.lua_pushvalue
#define lua_rawequal mig_lua.lua_rawequal
#define lua_rawget mig_lua.lua_rawget
#define lua_rawgeti mig_lua.lua_rawgeti
#define lua_rawgetp mig_lua.lua_rawgetp
#define lua_rawlen mig_lua.lua_rawlen
#define lua_rawset mig_lua.lua_rawset
#define lua_rawseti mig_lua.lua_rawseti
#define lua_rawsetp mig_lua.lua_rawsetp
#define lua_rotate mig_lua.lua_rotate
#define lua_setfield mig_lua.lua_setfield
#define lua_sethook mig_lua.lua_sethook
#define lua_setiuservalue mig_lua.lua_setiuservalue
#define lua_setmetatable mig_lua.lua_setmetatable
#define lua_settop mig_lua.lua_settop
#define lua_setupvalue mig_lua.lua_setupvalue
#define lua_status mig_lua.lua_status
#define lua_toboolean mig_lua.lua_toboolean
#define lua_tocfunction mig_lua.lua_tocfunction
#define lua_toclose mig_lua.lua_toclose
#define lua_tointegerx mig_lua.lua_tointegerx
#define lua_tolstring mig_lua.lua_tolstring
#define lua_tonumberx mig_lua.lua_tonumberx
#define lua_topointer mig_lua.lua_topointer
#define lua_tothread mig_lua.lua_tothread
#define lua_touserdata mig_lua.lua_touserdata
#define lua_type mig_lua.lua_type
#define lua_typename mig_lua.lua_typename
#define lua_upvaluejoin mig_lua.lua_upvaluejoin
#define lua_version mig_lua.lua_version
#define lua_xmove mig_lua.lua_xmove
#define luaopen_base mig_lua.luaopen_base
#define luaopen_coroutine mig_lua.luaopen_coroutine
#define luaopen_math mig_lua.luaopen_math
#define luaopen_string mig_lua.luaopen_string
#define luaopen_table mig_lua.luaopen_table
#define luaopen_utf8 mig_lua.luaopen_utf8
#endif
#endif
