/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_db.h"

#include <stdio.h>
#include <stdlib.h>

/* A parameter or a column, and the field that it goes with. */
struct binding {
    const struct cv_field *field;
    uint16_t offset;
    uint8_t source;
};

struct cv_statement {
    sqlite3_stmt *stmt;
    uint8_t parameter_count;
    uint8_t column_count;
    struct binding bindings[]; /* parameters, then columns */
};

static bool find_parameter(const struct cv_sources *sources, const char *name,
                           struct binding *binding) {
    for (int source = 1; source >= 0; source--) {
        const struct cv_shape *shape = sources->shapes[source];
        size_t offset;
        const struct cv_field *field = shape && name ? cv_shape_find(shape, name, &offset) : NULL;
        if (field) {
            *binding = (struct binding){field, (uint16_t)offset, (uint8_t)source};
            return true;
        }
    }
    return false;
}

static enum cv_err map_names(struct cv_db *db, struct cv_statement *statement,
                             const struct cv_sources *sources, const struct cv_shape *row) {
    for (int i = 0; i < statement->parameter_count; i++) {
        const char *name = sqlite3_bind_parameter_name(statement->stmt, i + 1);
        if (!find_parameter(sources, name ? name + 1 : NULL, &statement->bindings[i])) {
            snprintf(db->message, sizeof db->message, "no field for parameter %s", name);
            return CV_ERR_INTERNAL;
        }
    }
    for (int i = 0; i < statement->column_count; i++) {
        const char *name = sqlite3_column_name(statement->stmt, i);
        size_t offset;
        const struct cv_field *field = name ? cv_shape_find(row, name, &offset) : NULL;
        if (!field) {
            snprintf(db->message, sizeof db->message, "no field for column %s", name);
            return CV_ERR_INTERNAL;
        }
        statement->bindings[statement->parameter_count + i] =
            (struct binding){field, (uint16_t)offset, 0};
    }
    return CV_OK;
}

enum cv_err cv_statement_new(struct cv_db *db, const char *sql, const struct cv_sources *sources,
                             const struct cv_shape *row, struct cv_statement **ret_statement) {
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (rc != SQLITE_OK)
        return cv_db_fail(db, rc);
    int parameters = sqlite3_bind_parameter_count(stmt);
    int columns = row ? sqlite3_column_count(stmt) : 0;
    size_t count = (size_t)parameters + (size_t)columns;
    struct cv_statement *statement = calloc(1, sizeof *statement + count * sizeof(struct binding));
    if (!statement) {
        sqlite3_finalize(stmt);
        return CV_ERR_MEMORY;
    }
    statement->stmt = stmt;
    statement->parameter_count = (uint8_t)parameters;
    statement->column_count = (uint8_t)columns;
    enum cv_err err = map_names(db, statement, sources, row);
    if (err) {
        cv_statement_free(statement);
        return err;
    }
    *ret_statement = statement;
    return CV_OK;
}

struct cv_statement *cv_statement_free(struct cv_statement *statement) {
    if (statement) {
        sqlite3_finalize(statement->stmt);
        free(statement);
    }
    return NULL;
}

static int bind_text(sqlite3_stmt *stmt, int index, const char *text, size_t size) {
    if (size == 0)
        return sqlite3_bind_null(stmt, index);
    return sqlite3_bind_text64(stmt, index, text, size, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_time(sqlite3_stmt *stmt, int index, int64_t value, int64_t absent) {
    if (value == absent)
        return sqlite3_bind_null(stmt, index);
    return sqlite3_bind_int64(stmt, index, value);
}

static int bind_field(sqlite3_stmt *stmt, int index, const struct cv_field *field, const void *at) {
    switch (field->type) {
    case CV_FIELD_TEXT: {
        const struct cv_slice *text = at;
        return bind_text(stmt, index, (const char *)text->data, text->size);
    }
    case CV_FIELD_BLOB:
    case CV_FIELD_HASH: {
        const struct cv_slice *blob = at;
        return blob->size ? sqlite3_bind_blob64(stmt, index, blob->data, blob->size, SQLITE_STATIC)
                          : sqlite3_bind_null(stmt, index);
    }
    case CV_FIELD_ID:
    case CV_FIELD_CHARS:
        return bind_text(stmt, index, at, strlen(at));
    case CV_FIELD_TIME:
    case CV_FIELD_COARSE:
        return bind_time(stmt, index, *(const int64_t *)at, 0);
    case CV_FIELD_END:
        return bind_time(stmt, index, *(const int64_t *)at, CV_TIME_NEVER);
    case CV_FIELD_INT64:
        return sqlite3_bind_int64(stmt, index, *(const int64_t *)at);
    case CV_FIELD_INT32:
        return sqlite3_bind_int(stmt, index, *(const int32_t *)at);
    case CV_FIELD_UINT32:
        return sqlite3_bind_int64(stmt, index, *(const uint32_t *)at);
    case CV_FIELD_DOUBLE:
        return sqlite3_bind_double(stmt, index, *(const double *)at);
    case CV_FIELD_BOOL:
        return sqlite3_bind_int(stmt, index, *(const bool *)at);
    case CV_FIELD_ENUM: {
        const char *name = field->enum_name(*(const unsigned *)at);
        return bind_text(stmt, index, name, strlen(name));
    }
    case CV_FIELD_CURSOR:
    case CV_FIELD_STRUCT:
        break;
    }
    return SQLITE_MISUSE;
}

enum cv_err cv_statement_bind(struct cv_db *db, struct cv_statement *statement,
                              const void *const bases[2]) {
    for (int i = 0; i < statement->parameter_count; i++) {
        const struct binding *binding = &statement->bindings[i];
        const uint8_t *at = (const uint8_t *)bases[binding->source] + binding->offset;
        int rc = bind_field(statement->stmt, i + 1, binding->field, at);
        if (rc != SQLITE_OK)
            return cv_db_fail(db, rc);
    }
    return CV_OK;
}

enum cv_err cv_statement_step(struct cv_db *db, struct cv_statement *statement, bool *ret_row) {
    int rc = sqlite3_step(statement->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return cv_db_fail(db, rc);
    *ret_row = rc == SQLITE_ROW;
    return CV_OK;
}

static enum cv_err read_slice(sqlite3_stmt *stmt, int column, struct cv_slice *slice,
                              struct cv_arena *arena) {
    const void *data = sqlite3_column_blob(stmt, column);
    size_t size = (size_t)sqlite3_column_bytes(stmt, column);
    if (!data && sqlite3_column_type(stmt, column) != SQLITE_NULL && size > 0)
        return CV_ERR_MEMORY;
    return cv_arena_copy(arena, cv_slice_of(data, size), slice);
}

static void read_chars(sqlite3_stmt *stmt, int column, char *text, size_t max) {
    const void *data = sqlite3_column_blob(stmt, column);
    size_t size = (size_t)sqlite3_column_bytes(stmt, column);
    if (data)
        memcpy(text, data, size < max ? size : max);
}

static enum cv_err read_enum(struct cv_db *db, sqlite3_stmt *stmt, int column,
                             const struct cv_field *field, unsigned *ret_value) {
    char name[32] = "";
    read_chars(stmt, column, name, sizeof name - 1);
    for (unsigned value = 0; value < field->max; value++) {
        if (strcmp(field->enum_name(value), name) == 0) {
            *ret_value = value;
            return CV_OK;
        }
    }
    return cv_db_fail(db, SQLITE_CORRUPT);
}

static enum cv_err read_field(struct cv_db *db, sqlite3_stmt *stmt, int column,
                              const struct cv_field *field, void *at, struct cv_arena *arena) {
    switch (field->type) {
    case CV_FIELD_TEXT:
    case CV_FIELD_BLOB:
    case CV_FIELD_HASH:
        return read_slice(stmt, column, at, arena);
    case CV_FIELD_ID:
        read_chars(stmt, column, at, CV_ID_BYTES - 1);
        return CV_OK;
    case CV_FIELD_CHARS:
        read_chars(stmt, column, at, field->max);
        return CV_OK;
    case CV_FIELD_END:
        *(int64_t *)at = sqlite3_column_type(stmt, column) == SQLITE_NULL
                             ? CV_TIME_NEVER
                             : sqlite3_column_int64(stmt, column);
        return CV_OK;
    case CV_FIELD_TIME:
    case CV_FIELD_COARSE:
    case CV_FIELD_INT64:
        *(int64_t *)at = sqlite3_column_int64(stmt, column);
        return CV_OK;
    case CV_FIELD_UINT32:
        *(uint32_t *)at = (uint32_t)sqlite3_column_int64(stmt, column);
        return CV_OK;
    case CV_FIELD_DOUBLE:
        *(double *)at = sqlite3_column_double(stmt, column);
        return CV_OK;
    case CV_FIELD_BOOL:
        *(bool *)at = sqlite3_column_int(stmt, column) != 0;
        return CV_OK;
    case CV_FIELD_ENUM:
        return read_enum(db, stmt, column, field, at);
    case CV_FIELD_INT32:
    case CV_FIELD_CURSOR:
    case CV_FIELD_STRUCT:
        break;
    }
    return CV_ERR_INTERNAL;
}

enum cv_err cv_statement_read(struct cv_db *db, struct cv_statement *statement, void *row,
                              struct cv_arena *arena) {
    for (int i = 0; i < statement->column_count; i++) {
        const struct binding *binding = &statement->bindings[statement->parameter_count + i];
        enum cv_err err = read_field(db, statement->stmt, i, binding->field,
                                     (uint8_t *)row + binding->offset, arena);
        if (err)
            return err;
    }
    return CV_OK;
}

void cv_statement_done(struct cv_statement *statement) {
    sqlite3_reset(statement->stmt);
    sqlite3_clear_bindings(statement->stmt);
}
