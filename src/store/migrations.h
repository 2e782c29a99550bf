/* SPDX-License-Identifier: Apache-2.0 */
/* The numbered migrations, as the build embeds them from schema/NNNN_NAME.sql. */
#ifndef CV_STORE_MIGRATIONS_H
#define CV_STORE_MIGRATIONS_H

/* The one at index i brings a database from version i to version i + 1. */
struct cv_migration {
    const char *name;
    const char *sql;
};

extern const struct cv_migration cv_migrations[];
extern const int cv_migration_count;

#endif
