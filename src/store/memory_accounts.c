/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, the set-up token, sign-in sessions, idempotency keys. */
#include "store/cursor.h"
#include "store/memory_ops.h"

#include <stdlib.h>

bool cv_match_user(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_store_user *)row)->id, wanted);
}

static bool match_email(const void *row, const void *wanted) {
    char left[CV_STORE_EMAIL_MAX_BYTES + 1], right[CV_STORE_EMAIL_MAX_BYTES + 1];
    cv_fold_email(((const struct cv_store_user *)row)->email, left);
    cv_fold_email(*(const struct cv_slice *)wanted, right);
    return strcmp(left, right) == 0;
}

static bool match_admin(const void *row, const void *wanted) {
    return ((const struct cv_store_user *)row)->role == CV_STORE_ACCOUNT_ADMIN;
}

static bool has_admin(const struct cv_memory_db *db) {
    return cv_memory_find(db, CV_TABLE_USERS, match_admin, NULL) != SIZE_MAX;
}

static enum cv_err create_user(struct cv_memory_run *run, const struct cv_store_user *user) {
    if (cv_memory_find(run->db, CV_TABLE_USERS, cv_match_user, &user->id) != SIZE_MAX ||
        cv_memory_find(run->db, CV_TABLE_USERS, match_email, &user->email) != SIZE_MAX)
        return CV_ERR_EXISTS;
    return cv_memory_insert(run->db, CV_TABLE_USERS, user);
}

enum cv_err cv_memory_user_create(struct cv_memory_run *run) {
    return create_user(run, &run->op->user_create);
}

static enum cv_err show_user(struct cv_memory_run *run, cv_memory_match_fn *match,
                             const void *wanted, struct cv_store_user *ret_user) {
    size_t index = cv_memory_find(run->db, CV_TABLE_USERS, match, wanted);
    if (index == SIZE_MAX)
        return CV_ERR_NOT_FOUND;
    *ret_user = *(const struct cv_store_user *)cv_memory_row(run->db, CV_TABLE_USERS, index);
    return cv_shape_own(&cv_shape_user, ret_user, run->arena);
}

enum cv_err cv_memory_user_by_email(struct cv_memory_run *run) {
    return show_user(run, match_email, &run->op->user_by_email.email, &run->result->user);
}

static int by_email(const void *left, const void *right) {
    char a[CV_STORE_EMAIL_MAX_BYTES + 1], b[CV_STORE_EMAIL_MAX_BYTES + 1];
    cv_fold_email(((const struct cv_store_user *)left)->email, a);
    cv_fold_email(((const struct cv_store_user *)right)->email, b);
    return strcmp(a, b);
}

enum cv_err cv_memory_user_list(struct cv_memory_run *run) {
    const struct cv_cursor *cursor = (const void *)run->op->user_list.cursor.data;
    size_t limit = (size_t)run->op->user_list.limit, count = 0;
    size_t total = run->db->tables[CV_TABLE_USERS].count;
    struct cv_store_user *users = cv_arena_alloc(run->arena, (total + 1) * sizeof *users);
    if (!users)
        return CV_ERR_MEMORY;
    for (size_t i = 0; i < total; i++) {
        char folded[CV_STORE_EMAIL_MAX_BYTES + 1];
        users[count] = *(const struct cv_store_user *)cv_memory_row(run->db, CV_TABLE_USERS, i);
        cv_fold_email(users[count].email, folded);
        count += !cursor || strcmp(folded, cursor->id) > 0;
    }
    qsort(users, count, sizeof *users, by_email);
    run->result->users.items = users;
    run->result->users.count = count < limit ? count : limit;
    for (size_t i = 0; i < run->result->users.count; i++)
        if (cv_shape_own(&cv_shape_user, &users[i], run->arena))
            return CV_ERR_MEMORY;
    if (count <= limit)
        return CV_OK;
    struct cv_cursor next = {0};
    cv_fold_email(users[limit - 1].email, next.id);
    return cv_cursor_encode(&next, run->arena, &run->result->users.next);
}

static int64_t count_admins(const struct cv_memory_db *db) {
    const struct cv_store_user *user;
    int64_t count = 0;
    for (size_t i = 0; (user = cv_memory_row(db, CV_TABLE_USERS, i)); i++)
        count += user->role == CV_STORE_ACCOUNT_ADMIN;
    return count;
}

enum cv_err cv_memory_user_count(struct cv_memory_run *run) {
    run->result->user_count.admins = count_admins(run->db);
    return CV_OK;
}

enum cv_err cv_memory_user_set_password(struct cv_memory_run *run) {
    size_t index =
        cv_memory_find(run->db, CV_TABLE_USERS, cv_match_user, &run->op->user_set_password.id);
    if (index == SIZE_MAX)
        return CV_ERR_NOT_FOUND;
    struct cv_store_user user =
        *(const struct cv_store_user *)cv_memory_row(run->db, CV_TABLE_USERS, index);
    user.password_hash = run->op->user_set_password.password_hash;
    return cv_memory_replace(run->db, CV_TABLE_USERS, index, &user);
}

static bool match_session_of(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_store_session *)row)->user, wanted);
}

static bool match_key_of(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_store_op *)row)->idempotency_claim.owner, wanted);
}

static enum cv_err forget_stays(struct cv_memory_db *db, const struct cv_id *account) {
    const struct cv_stay *stay;
    for (size_t i = 0; (stay = cv_memory_row(db, CV_TABLE_PARTICIPANTS, i)); i++) {
        if (!cv_id_eq(&stay->participant.account, account))
            continue;
        struct cv_stay changed = *stay;
        changed.participant.account = (struct cv_id){{0}};
        memset(changed.participant.name, 0, sizeof changed.participant.name);
        enum cv_err err = cv_memory_replace(db, CV_TABLE_PARTICIPANTS, i, &changed);
        if (err)
            return err;
    }
    return CV_OK;
}

enum cv_err cv_memory_user_delete(struct cv_memory_run *run) {
    const struct cv_id *id = &run->op->user_delete.id;
    size_t index = cv_memory_find(run->db, CV_TABLE_USERS, cv_match_user, id);
    if (index == SIZE_MAX)
        return CV_ERR_NOT_FOUND;
    const struct cv_store_user *user = cv_memory_row(run->db, CV_TABLE_USERS, index);
    if (user->role == CV_STORE_ACCOUNT_ADMIN && count_admins(run->db) == 1)
        return CV_ERR_STATE;
    enum cv_err err = cv_memory_delete(run->db, CV_TABLE_USERS, index);
    if (!err)
        err = cv_memory_delete_all(run->db, CV_TABLE_SESSIONS, match_session_of, id, NULL);
    if (!err)
        err = cv_memory_delete_all(run->db, CV_TABLE_KEYS, match_key_of, id, NULL);
    for (size_t i = run->db->tables[CV_TABLE_MEETINGS].count; !err && i > 0; i--) {
        const struct cv_store_meeting *meeting = cv_memory_row(run->db, CV_TABLE_MEETINGS, i - 1);
        if (cv_id_eq(&meeting->owner, id))
            err = cv_memory_drop_meeting(run->db, i - 1);
    }
    return err ? err : forget_stays(run->db, id);
}

enum cv_err cv_memory_setup_put(struct cv_memory_run *run) {
    if (has_admin(run->db))
        return CV_ERR_STATE;
    if (cv_memory_row(run->db, CV_TABLE_SETUP, 0))
        return cv_memory_replace(run->db, CV_TABLE_SETUP, 0, run->op);
    return cv_memory_insert(run->db, CV_TABLE_SETUP, run->op);
}

static enum cv_err check_token(const struct cv_memory_db *db, struct cv_slice hash,
                               int64_t now_us) {
    const struct cv_store_op *stored = cv_memory_row(db, CV_TABLE_SETUP, 0);
    if (!stored || !cv_slice_eq(stored->setup_put.token_hash, hash))
        return CV_ERR_NOT_FOUND;
    int64_t expires_at_us = stored->setup_put.expires_at_us;
    return expires_at_us == 0 || expires_at_us > now_us ? CV_OK : CV_ERR_NOT_FOUND;
}

enum cv_err cv_memory_setup_check(struct cv_memory_run *run) {
    return check_token(run->db, run->op->setup_check.token_hash, run->op->setup_check.now_us);
}

enum cv_err cv_memory_setup_finish(struct cv_memory_run *run) {
    enum cv_err err =
        check_token(run->db, run->op->setup_finish.token_hash, run->op->setup_finish.now_us);
    if (!err && has_admin(run->db))
        err = CV_ERR_STATE;
    if (!err)
        err = cv_memory_delete(run->db, CV_TABLE_SETUP, 0);
    return err ? err : create_user(run, &run->op->setup_finish.user);
}

static bool match_session(const void *row, const void *wanted) {
    return cv_slice_eq(((const struct cv_store_session *)row)->token_hash,
                       *(const struct cv_slice *)wanted);
}

enum cv_err cv_memory_session_create(struct cv_memory_run *run) {
    const struct cv_store_session *session = &run->op->session_create;
    if (cv_memory_find(run->db, CV_TABLE_SESSIONS, match_session, &session->token_hash) != SIZE_MAX)
        return CV_ERR_EXISTS;
    if (cv_memory_find(run->db, CV_TABLE_USERS, cv_match_user, &session->user) == SIZE_MAX)
        return CV_ERR_NOT_FOUND;
    return cv_memory_insert(run->db, CV_TABLE_SESSIONS, session);
}

enum cv_err cv_memory_session_find(struct cv_memory_run *run) {
    size_t index = cv_memory_find(run->db, CV_TABLE_SESSIONS, match_session,
                                  &run->op->session_find.token_hash);
    const struct cv_store_session *stored = cv_memory_row(run->db, CV_TABLE_SESSIONS, index);
    if (!stored || stored->expires_at_us <= run->op->session_find.now_us)
        return CV_ERR_NOT_FOUND;
    run->result->session.session = *stored;
    enum cv_err err = cv_shape_own(&cv_shape_session, &run->result->session.session, run->arena);
    return err ? err : show_user(run, cv_match_user, &stored->user, &run->result->session.user);
}

enum cv_err cv_memory_session_touch(struct cv_memory_run *run) {
    size_t index = cv_memory_find(run->db, CV_TABLE_SESSIONS, match_session,
                                  &run->op->session_touch.token_hash);
    const struct cv_store_session *stored = cv_memory_row(run->db, CV_TABLE_SESSIONS, index);
    if (!stored)
        return CV_OK;
    struct cv_store_session session = *stored;
    session.seen_at_us = run->op->session_touch.seen_at_us;
    return cv_memory_replace(run->db, CV_TABLE_SESSIONS, index, &session);
}

enum cv_err cv_memory_session_delete(struct cv_memory_run *run) {
    return cv_memory_delete_all(run->db, CV_TABLE_SESSIONS, match_session,
                                &run->op->session_delete.token_hash, NULL);
}

static bool match_signed_in(const void *row, const void *wanted) {
    const struct cv_store_session *session = row;
    const struct cv_store_op *op = wanted;
    return cv_id_eq(&session->user, &op->session_delete_all.user) &&
           !cv_slice_eq(session->token_hash, op->session_delete_all.except_hash);
}

enum cv_err cv_memory_session_delete_all(struct cv_memory_run *run) {
    return cv_memory_delete_all(run->db, CV_TABLE_SESSIONS, match_signed_in, run->op,
                                &run->result->count);
}

static bool match_expired_session(const void *row, const void *now_us) {
    return ((const struct cv_store_session *)row)->expires_at_us <= *(const int64_t *)now_us;
}

static bool match_expired_token(const void *row, const void *now_us) {
    int64_t expires_at_us = ((const struct cv_store_op *)row)->setup_put.expires_at_us;
    return expires_at_us != 0 && expires_at_us <= *(const int64_t *)now_us;
}

static bool match_expired_key(const void *row, const void *now_us) {
    return ((const struct cv_store_op *)row)->idempotency_claim.expires_at_us <=
           *(const int64_t *)now_us;
}

enum cv_err cv_memory_expire(struct cv_memory_run *run) {
    const int64_t *now_us = &run->op->expire.now_us;
    int64_t *count = &run->result->count;
    enum cv_err err =
        cv_memory_delete_all(run->db, CV_TABLE_SESSIONS, match_expired_session, now_us, count);
    if (!err)
        err = cv_memory_delete_all(run->db, CV_TABLE_SETUP, match_expired_token, now_us, count);
    if (!err)
        err = cv_memory_delete_all(run->db, CV_TABLE_KEYS, match_expired_key, now_us, count);
    return err;
}

static bool match_key(const void *row, const void *wanted) {
    const struct cv_store_op *stored = row, *op = wanted;
    return cv_id_eq(&stored->idempotency_claim.owner, &op->idempotency_claim.owner) &&
           cv_slice_eq(stored->idempotency_claim.key_hash, op->idempotency_claim.key_hash);
}

enum cv_err cv_memory_idempotency_claim(struct cv_memory_run *run) {
    size_t index = cv_memory_find(run->db, CV_TABLE_KEYS, match_key, run->op);
    if (index == SIZE_MAX)
        return cv_memory_insert(run->db, CV_TABLE_KEYS, run->op);
    const struct cv_store_op *stored = cv_memory_row(run->db, CV_TABLE_KEYS, index);
    if (stored->idempotency_claim.expires_at_us <= run->op->idempotency_claim.created_at_us)
        return cv_memory_replace(run->db, CV_TABLE_KEYS, index, run->op);
    enum cv_err err = cv_arena_copy(run->arena, stored->idempotency_claim.request_hash,
                                    &run->result->idempotency.request_hash);
    if (!err)
        err = cv_arena_copy(run->arena, stored->idempotency_claim.answer,
                            &run->result->idempotency.answer);
    return err ? err : CV_ERR_EXISTS;
}
