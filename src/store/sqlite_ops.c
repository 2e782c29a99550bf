/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_ops.h"

enum { FIRST_ROWS = 8 };

void cv_ops_release(struct cv_ops *ops) {
    for (size_t kind = 0; kind < CV_STORE_OP_KINDS; kind++)
        for (size_t step = 0; step < CV_STEPS_MAX; step++)
            ops->statements[kind][step] = cv_statement_free(ops->statements[kind][step]);
    if (ops->db.handle)
        cv_db_close(&ops->db);
}

/* Gets a statement ready to step; cv_statement_done in any case where *ret_statement is set. */
static enum cv_err start(struct cv_ops_run *run, size_t step, const void *extra,
                         struct cv_statement **ret_statement) {
    enum cv_store_op_kind kind = run->op->kind;
    const struct cv_step *described = &cv_sql_ops[kind].steps[step];
    struct cv_statement **statement = &run->ops->statements[kind][step];
    struct cv_db *db = &run->ops->db;
    if (!*statement) {
        const struct cv_sources sources = {{&cv_op_shape(kind)->input, described->extra}};
        enum cv_err err = cv_statement_new(db, described->sql, &sources, described->row, statement);
        if (err)
            return err;
    }
    *ret_statement = *statement;
    return cv_statement_bind(db, *statement, (const void *const[2]){run->op, extra});
}

static enum cv_err step_result(struct cv_ops_run *run, const struct cv_step *step,
                               struct cv_statement *statement, bool row) {
    struct cv_db *db = &run->ops->db;
    bool changed = sqlite3_changes(db->handle) > 0;
    enum cv_err err = CV_OK;
    switch (step->kind) {
    case CV_STEP_CHANGE:
        return changed ? CV_OK : step->err;
    case CV_STEP_ABSENT:
        return row ? step->err : CV_OK;
    case CV_STEP_PRESENT:
        return row ? CV_OK : step->err;
    case CV_STEP_READ:
        return row ? cv_statement_read(db, statement, run->result, run->arena) : step->err;
    case CV_STEP_CLAIM:
        if (row)
            err = cv_statement_read(db, statement, run->result, run->arena);
        return row && !err ? step->err : err;
    case CV_STEP_COUNT:
        run->result->count += sqlite3_changes64(db->handle);
        return CV_OK;
    case CV_STEP_RUN:
        return CV_OK;
    case CV_STEP_NONE:
    case CV_STEP_ROWS:
        break;
    }
    return CV_ERR_INTERNAL;
}

static enum cv_err run_step(struct cv_ops_run *run, size_t index) {
    struct cv_statement *statement = NULL;
    bool row = false;
    enum cv_err err = start(run, index, NULL, &statement);
    if (!err)
        err = cv_statement_step(&run->ops->db, statement, &row);
    if (!err)
        err = step_result(run, &cv_sql_ops[run->op->kind].steps[index], statement, row);
    if (statement)
        cv_statement_done(statement);
    return err;
}

enum cv_err cv_ops_run(struct cv_ops *ops, const struct cv_store_op *op,
                       struct cv_store_result *result, struct cv_arena *arena) {
    const struct cv_sql_op *described = &cv_sql_ops[op->kind];
    struct cv_ops_run run = {ops, op, result, arena};
    if (described->run)
        return described->run(&run);
    enum cv_err err = CV_OK;
    for (size_t i = 0; !err && i < CV_STEPS_MAX && described->steps[i].kind != CV_STEP_NONE; i++)
        err = run_step(&run, i);
    return err;
}

static void *add_row(struct cv_rows *rows, size_t size, struct cv_arena *arena) {
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity ? rows->capacity * 2 : FIRST_ROWS;
        uint8_t *items = cv_arena_alloc(arena, capacity * size);
        if (!items)
            return NULL;
        if (rows->count)
            memcpy(items, rows->items, rows->count * size);
        rows->items = items;
        rows->capacity = capacity;
    }
    return rows->items + rows->count++ * size;
}

enum cv_err cv_ops_rows(struct cv_ops_run *run, size_t step, const void *extra,
                        struct cv_rows *ret_rows) {
    const struct cv_shape *shape = cv_sql_ops[run->op->kind].steps[step].row;
    struct cv_statement *statement = NULL;
    struct cv_rows rows = {0};
    enum cv_err err = start(run, step, extra, &statement);
    while (!err) {
        bool more = false;
        err = cv_statement_step(&run->ops->db, statement, &more);
        if (err || !more)
            break;
        void *row = add_row(&rows, shape->size, run->arena);
        err = row ? cv_statement_read(&run->ops->db, statement, row, run->arena) : CV_ERR_MEMORY;
    }
    if (statement)
        cv_statement_done(statement);
    if (!err)
        *ret_rows = rows;
    return err;
}
