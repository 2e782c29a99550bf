/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory_db.h"

#include "base/grow.h"

#include <stdalign.h>
#include <stdlib.h>

struct cv_memory_row {
    struct cv_arena arena; /* what the slices of the value point to */
    alignas(max_align_t) uint8_t value[];
};

/* `before` at `index` became `after`; NULL: there was none, or is none any more. */
struct cv_memory_change {
    enum cv_table table;
    size_t index;
    struct cv_memory_row *before;
    struct cv_memory_row *after;
};

static size_t row_size(enum cv_table table) {
    switch (table) {
    case CV_TABLE_USERS:
        return sizeof(struct cv_store_user);
    case CV_TABLE_SESSIONS:
        return sizeof(struct cv_store_session);
    case CV_TABLE_MEETINGS:
        return sizeof(struct cv_store_meeting);
    case CV_TABLE_LINKS:
        return sizeof(struct cv_store_link);
    case CV_TABLE_CALLS:
        return sizeof(struct cv_store_record);
    case CV_TABLE_PARTICIPANTS:
        return sizeof(struct cv_stay);
    case CV_TABLE_BLOCKS:
        return sizeof(struct cv_memory_block);
    case CV_TABLE_MODES:
        return sizeof(struct cv_memory_mode);
    case CV_TABLE_CONNECTIONS:
        return sizeof(struct cv_connection_record);
    case CV_TABLE_STATS:
        return sizeof(struct cv_stats_record);
    case CV_TABLE_SETUP:
    case CV_TABLE_KEYS:
    case CV_TABLE_COUNT:
        break;
    }
    return sizeof(struct cv_store_op);
}

/* NULL: no slices in it. */
static const struct cv_shape *row_shape(enum cv_table table) {
    switch (table) {
    case CV_TABLE_USERS:
        return &cv_shape_user;
    case CV_TABLE_SETUP:
        return &cv_op_shape(CV_STORE_SETUP_PUT)->input;
    case CV_TABLE_SESSIONS:
        return &cv_shape_session;
    case CV_TABLE_MEETINGS:
        return &cv_shape_meeting;
    case CV_TABLE_LINKS:
        return &cv_shape_link;
    case CV_TABLE_PARTICIPANTS:
        return &cv_shape_stay;
    case CV_TABLE_KEYS:
        return &cv_op_shape(CV_STORE_IDEMPOTENCY_CLAIM)->input;
    case CV_TABLE_CALLS:
    case CV_TABLE_BLOCKS:
    case CV_TABLE_MODES:
    case CV_TABLE_CONNECTIONS:
    case CV_TABLE_STATS:
    case CV_TABLE_COUNT:
        break;
    }
    return NULL;
}

static void free_row(struct cv_memory_row *row) {
    if (row)
        cv_arena_release(&row->arena);
    free(row);
}

static struct cv_memory_row *new_row(enum cv_table table, const void *value) {
    size_t size = row_size(table);
    const struct cv_shape *shape = row_shape(table);
    struct cv_memory_row *row = calloc(1, sizeof *row + size);
    if (!row)
        return NULL;
    memcpy(row->value, value, size);
    if (shape && cv_shape_own(shape, row->value, &row->arena)) {
        free_row(row);
        return NULL;
    }
    return row;
}

/* Room for one more row and one more change, so that nothing fails half way. */
static enum cv_err reserve(struct cv_memory_db *db, enum cv_table name) {
    struct cv_memory_table *table = &db->tables[name];
    struct cv_memory_row **rows =
        cv_grow(table->rows, table->count, &table->capacity, sizeof(*rows), 16);
    if (!rows)
        return CV_ERR_MEMORY;
    table->rows = rows;
    struct cv_memory_change *changes =
        cv_grow(db->changes, db->change_count, &db->change_capacity, sizeof *changes, 16);
    if (!changes)
        return CV_ERR_MEMORY;
    db->changes = changes;
    return CV_OK;
}

static void put_in(struct cv_memory_table *table, size_t index, struct cv_memory_row *row) {
    size_t after = table->count - index;
    memmove(&table->rows[index + 1], &table->rows[index], after * sizeof(*table->rows));
    table->rows[index] = row;
    table->count++;
}

static void take_out(struct cv_memory_table *table, size_t index) {
    table->count--;
    size_t after = table->count - index;
    memmove(&table->rows[index], &table->rows[index + 1], after * sizeof(*table->rows));
}

/* Puts `after` where `before` was, either may be NULL. There is room. */
static void apply(struct cv_memory_table *table, size_t index, const struct cv_memory_row *before,
                  struct cv_memory_row *after) {
    if (before && after)
        table->rows[index] = after;
    else if (after)
        put_in(table, index, after);
    else
        take_out(table, index);
}

static void change(struct cv_memory_db *db, enum cv_table table, size_t index,
                   struct cv_memory_row *before, struct cv_memory_row *after) {
    db->changes[db->change_count++] = (struct cv_memory_change){table, index, before, after};
    apply(&db->tables[table], index, before, after);
}

const void *cv_memory_row(const struct cv_memory_db *db, enum cv_table table, size_t index) {
    return index < db->tables[table].count ? db->tables[table].rows[index]->value : NULL;
}

enum cv_err cv_memory_insert(struct cv_memory_db *db, enum cv_table table, const void *value) {
    enum cv_err err = reserve(db, table);
    struct cv_memory_row *row = err ? NULL : new_row(table, value);
    if (!row)
        return CV_ERR_MEMORY;
    change(db, table, db->tables[table].count, NULL, row);
    return CV_OK;
}

enum cv_err cv_memory_replace(struct cv_memory_db *db, enum cv_table table, size_t index,
                              const void *value) {
    enum cv_err err = reserve(db, table);
    struct cv_memory_row *row = err ? NULL : new_row(table, value);
    if (!row)
        return CV_ERR_MEMORY;
    change(db, table, index, db->tables[table].rows[index], row);
    return CV_OK;
}

enum cv_err cv_memory_delete(struct cv_memory_db *db, enum cv_table table, size_t index) {
    enum cv_err err = reserve(db, table);
    if (!err)
        change(db, table, index, db->tables[table].rows[index], NULL);
    return err;
}

size_t cv_memory_find(const struct cv_memory_db *db, enum cv_table table, cv_memory_match_fn *match,
                      const void *wanted) {
    for (size_t i = 0; i < db->tables[table].count; i++)
        if (match(db->tables[table].rows[i]->value, wanted))
            return i;
    return SIZE_MAX;
}

enum cv_err cv_memory_delete_all(struct cv_memory_db *db, enum cv_table table,
                                 cv_memory_match_fn *match, const void *wanted, int64_t *count) {
    for (size_t i = db->tables[table].count; i > 0; i--) {
        if (!match(db->tables[table].rows[i - 1]->value, wanted))
            continue;
        enum cv_err err = cv_memory_delete(db, table, i - 1);
        if (err)
            return err;
        if (count)
            ++*count;
    }
    return CV_OK;
}

void cv_memory_commit(struct cv_memory_db *db) {
    for (size_t i = 0; i < db->change_count; i++)
        free_row(db->changes[i].before);
    db->change_count = 0;
}

void cv_memory_undo(struct cv_memory_db *db) {
    while (db->change_count) {
        const struct cv_memory_change *last = &db->changes[--db->change_count];
        apply(&db->tables[last->table], last->index, last->after, last->before);
        free_row(last->after);
    }
}

void cv_memory_release(struct cv_memory_db *db) {
    cv_memory_commit(db);
    for (size_t table = 0; table < CV_TABLE_COUNT; table++) {
        for (size_t i = 0; i < db->tables[table].count; i++)
            free_row(db->tables[table].rows[i]);
        free(db->tables[table].rows);
    }
    free(db->changes);
    *db = (struct cv_memory_db){0};
}
