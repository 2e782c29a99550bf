/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store for tests: one thread, nothing durable, each batch carried out and its answer posted
 * inside cv_store_submit. It is written apart from the SQL on purpose: what both agree on is right.
 */
#include "store/memory_ops.h"
#include "store/request.h"
#include "store/store.h"

#include <stdlib.h>

struct memory_store {
    struct cv_store store; /* the first member */
    struct cv_store_poster poster;
    struct cv_memory_db db;
    struct cv_store_stats stats;
};

static cv_memory_op_fn *const functions[CV_STORE_OP_KINDS] = {
    [CV_STORE_USER_CREATE] = cv_memory_user_create,
    [CV_STORE_USER_BY_EMAIL] = cv_memory_user_by_email,
    [CV_STORE_USER_LIST] = cv_memory_user_list,
    [CV_STORE_USER_COUNT] = cv_memory_user_count,
    [CV_STORE_USER_SET_PASSWORD] = cv_memory_user_set_password,
    [CV_STORE_USER_DELETE] = cv_memory_user_delete,
    [CV_STORE_SETUP_PUT] = cv_memory_setup_put,
    [CV_STORE_SETUP_CHECK] = cv_memory_setup_check,
    [CV_STORE_SETUP_FINISH] = cv_memory_setup_finish,
    [CV_STORE_SESSION_CREATE] = cv_memory_session_create,
    [CV_STORE_SESSION_FIND] = cv_memory_session_find,
    [CV_STORE_SESSION_TOUCH] = cv_memory_session_touch,
    [CV_STORE_SESSION_DELETE] = cv_memory_session_delete,
    [CV_STORE_SESSION_DELETE_ALL] = cv_memory_session_delete_all,
    [CV_STORE_MEETING_CREATE] = cv_memory_meeting_create,
    [CV_STORE_MEETING_GET] = cv_memory_meeting_get,
    [CV_STORE_MEETING_SAVE] = cv_memory_meeting_save,
    [CV_STORE_MEETING_SET_TIME_ZONE] = cv_memory_meeting_set_time_zone,
    [CV_STORE_MEETING_LIST] = cv_memory_meeting_list,
    [CV_STORE_MEETING_DELETE] = cv_memory_meeting_delete,
    [CV_STORE_MEETING_PURGE] = cv_memory_meeting_purge,
    [CV_STORE_MEETING_LOAD] = cv_memory_meeting_load,
    [CV_STORE_LINK_CREATE] = cv_memory_link_create,
    [CV_STORE_LINK_RESOLVE] = cv_memory_link_resolve,
    [CV_STORE_LINK_LIST] = cv_memory_link_list,
    [CV_STORE_LINK_REVOKE] = cv_memory_link_revoke,
    [CV_STORE_LINK_TOUCH] = cv_memory_link_touch,
    [CV_STORE_PARTICIPANT_SAVE] = cv_memory_participant_save,
    [CV_STORE_PARTICIPANT_RESUME] = cv_memory_participant_resume,
    [CV_STORE_PARTICIPANT_ADDRESS] = cv_memory_participant_address,
    [CV_STORE_BLOCK_SAVE] = cv_memory_block_save,
    [CV_STORE_BLOCK_LIST] = cv_memory_block_list,
    [CV_STORE_MODE_ADD] = cv_memory_mode_add,
    [CV_STORE_CONNECTION_ADD] = cv_memory_connection_add,
    [CV_STORE_STATS_SAVE] = cv_memory_stats_save,
    [CV_STORE_RECORD_LIST] = cv_memory_record_list,
    [CV_STORE_RECORD_PURGE] = cv_memory_record_purge,
    [CV_STORE_RECORD_TRIM] = cv_memory_record_trim,
    [CV_STORE_EXPIRE] = cv_memory_expire,
    [CV_STORE_IDEMPOTENCY_CLAIM] = cv_memory_idempotency_claim,
};

static void run_batch(struct memory_store *m, struct cv_request *request) {
    enum cv_err err = CV_OK;
    for (size_t i = 0; !err && i < request->answer.count; i++) {
        struct cv_memory_run run = {&m->db, &request->ops[i], &request->results[i],
                                    &request->output};
        err = functions[run.op->kind](&run);
        if (err)
            cv_request_fail(request, i, err, CV_STORE_FAULT_NONE, NULL);
    }
    if (err)
        cv_memory_undo(&m->db);
    else
        cv_memory_commit(&m->db);
}

static enum cv_err submit(struct cv_store *store, const struct cv_store_op *ops, size_t count,
                          cv_store_done_fn *done, void *context) {
    struct memory_store *m = CV_CONTAINER_OF(store, struct memory_store, store);
    struct cv_request *request;
    enum cv_err err = cv_request_new(ops, count, done, context, &request);
    if (err)
        return err;
    run_batch(m, request);
    m->stats.batches++;
    m->stats.commits++;
    m->stats.failed += request->answer.err == CV_ERR_MEMORY;
    m->poster.post(m->poster.context, &request->answer);
    return CV_OK;
}

static void read_stats(struct cv_store *store, struct cv_store_stats *ret_stats) {
    *ret_stats = CV_CONTAINER_OF(store, struct memory_store, store)->stats;
}

static struct cv_store *close_store(struct cv_store *store) {
    struct memory_store *m = CV_CONTAINER_OF(store, struct memory_store, store);
    cv_memory_release(&m->db);
    free(m);
    return NULL;
}

static const struct cv_store_interface interface = {
    .submit = submit,
    .stats = read_stats,
    .close = close_store,
};

enum cv_err cv_store_memory_new(struct cv_store_poster poster, struct cv_store **ret_store) {
    struct memory_store *m = calloc(1, sizeof *m);
    if (!m)
        return CV_ERR_MEMORY;
    m->store.interface = &interface;
    m->poster = poster;
    *ret_store = &m->store;
    return CV_OK;
}
