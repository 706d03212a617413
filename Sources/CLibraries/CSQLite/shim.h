#pragma once
#include <sqlite3.h>

// Macros that Swift cannot read.
static const int martlet_sqlite_unique = SQLITE_CONSTRAINT_UNIQUE;
static const int martlet_sqlite_primary_key = SQLITE_CONSTRAINT_PRIMARYKEY;

// Functions with a variable list of arguments, which Swift cannot call.

/// Stops the library from counting its memory, which takes a lock of the whole process for every allocation.
///
/// To be called before anything else of the library.
static inline int martlet_sqlite_count_no_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/// Refuses what could corrupt the file from SQL (schema edits, shadow tables) and distrusts what the schema calls.
static inline int martlet_sqlite_harden(sqlite3 *connection) {
    int code = sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
    return code != SQLITE_OK ? code : sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)0);
}

/// Leaves the write-ahead log as it is when the last connection closes.
static inline int martlet_sqlite_leave_log(sqlite3 *connection) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
