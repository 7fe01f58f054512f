/*
** ext/migrate.h - for programs that compile migrate in, or register it by hand.
**
**     sqlite3_auto_extension((void (*)(void))sqlite3_migrate_init);
**
** Programs that load the library need nothing of this.
*/
#ifndef MIGRATE_H
#define MIGRATE_H
#include "sqlite3.h"
#ifdef __cplusplus
extern "C" {
#endif
#if defined(_WIN32)
#define MIGRATE_API __declspec(dllexport)
#elif defined(__GNUC__)
#define MIGRATE_API __attribute__((visibility("default")))
#else
#define MIGRATE_API
#endif
struct sqlite3_api_routines;

/*
** Register every function and table on a connection.  SQLITE_OK, or
** SQLITE_ERROR with a message in *err (to be freed with sqlite3_free()) when
** SQLite is older than 3.37.0 or Lua is not 5.4, or SQLITE_NOMEM; then nothing
** stays registered.
*/
MIGRATE_API int sqlite3_migrate_init(sqlite3 *db, char **err,
                                     const struct sqlite3_api_routines *api);
#ifdef __cplusplus
}
#endif
#endif
