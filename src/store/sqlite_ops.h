/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations of port/store.h as SQL. An operation is a list of steps, each one statement; what
 * isn't said that way (pages, records with all that belongs to them) has a function of its own.
 * Nothing here begins or ends transactions.
 */
#ifndef CV_STORE_SQLITE_OPS_H
#define CV_STORE_SQLITE_OPS_H

#include "store/request.h"
#include "store/sqlite_db.h"

enum { CV_STEPS_MAX = 6 };

enum cv_step_kind {
    CV_STEP_NONE,    /* the end */
    CV_STEP_RUN,     /* whatever it does */
    CV_STEP_CHANGE,  /* must change a row, else the step's error */
    CV_STEP_ABSENT,  /* must have no row, else the step's error */
    CV_STEP_PRESENT, /* must have a row, else the step's error */
    CV_STEP_READ,    /* the row is the result (of shape `row`), else the step's error */
    CV_STEP_CLAIM,   /* a row is the result and the step's error */
    CV_STEP_COUNT,   /* adds the rows it changed to the result's count */
    CV_STEP_ROWS,    /* run by the operation's function */
};

struct cv_step {
    enum cv_step_kind kind;
    enum cv_err err;
    const char *sql;
    const struct cv_shape *row;
    const struct cv_shape *extra; /* more parameters; for the operation's function */
};

/* What an operation runs in. */
struct cv_ops_run {
    struct cv_ops *ops;
    const struct cv_store_op *op;
    struct cv_store_result *result;
    struct cv_arena *arena; /* for what the result points to */
};

struct cv_sql_op {
    struct cv_step steps[CV_STEPS_MAX];
    enum cv_err (*run)(struct cv_ops_run *run); /* instead of the steps, which it uses */
};

extern const struct cv_sql_op cv_sql_ops[CV_STORE_OP_KINDS];

/* A connection and its statements, prepared when first used. Zero-initialised is valid. */
struct cv_ops {
    struct cv_db db;
    struct cv_statement *statements[CV_STORE_OP_KINDS][CV_STEPS_MAX];
};

void cv_ops_release(struct cv_ops *ops);

/* Runs one operation; CV_ERR_STORE leaves fault and message in ops->db. */
enum cv_err cv_ops_run(struct cv_ops *ops, const struct cv_store_op *op,
                       struct cv_store_result *result, struct cv_arena *arena);

/* All rows of a step, in the arena. */
struct cv_rows {
    uint8_t *items;
    size_t count;
    size_t capacity;
};
enum cv_err cv_ops_rows(struct cv_ops_run *run, size_t step, const void *extra,
                        struct cv_rows *ret_rows);

/* The functions of operations (sqlite_lists.c). */
enum cv_err cv_run_user_list(struct cv_ops_run *run);
enum cv_err cv_run_meeting_list(struct cv_ops_run *run);
enum cv_err cv_run_meeting_load(struct cv_ops_run *run);
enum cv_err cv_run_link_list(struct cv_ops_run *run);
enum cv_err cv_run_block_list(struct cv_ops_run *run);
enum cv_err cv_run_record_list(struct cv_ops_run *run);

/* Shapes of parameters that only these functions use. */
extern const struct cv_shape cv_shape_page, cv_shape_live;

#endif
