/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set-up of the first administrator, signing in and out, changing the password. Whether an account
 * exists can't be told from the answer nor from how long it takes.
 */
#include "api/call.h"

#include <ctype.h>

enum { PASSWORD_MIN = 10, PASSWORD_MAX = 256, NAME_MAX_CHARS = 64 };

/* --- sessions --- */

static void on_session_made(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err) {
        cv_call_error(call, answer->err);
        return;
    }
    if (call->user.role == CV_STORE_ACCOUNT_ADMIN) {
        call->api->admin = CV_ADMIN_THERE;
    }
    cv_call_set_cookie(call, &call->token);
    cv_call_json(call, call->answer_status, cv_api_json_user(&call->user));
}

static void make_session_op(struct cv_call *call, struct cv_store_op *op) {
    cv_token_make(call->api->deps.random, &call->token);
    cv_secret_hash(call->api->deps.secrets, CV_SECRET_SESSION, cv_slice_str(call->token.text),
                   &call->session);
    *op = (struct cv_store_op){
        .kind = CV_STORE_SESSION_CREATE,
        .session_create = {
            .token_hash = cv_secret_hash_slice(&call->session),
            .user = call->user.id,
            .created_at_us = call->now_us,
            .expires_at_us = call->now_us + call->api->deps.settings->session_us,
            .seen_at_us = call->now_us,
        }};
}

/* --- set-up --- */

static void setup_hash(struct cv_call *call, struct cv_slice token) {
    cv_secret_hash(call->api->deps.secrets, CV_SECRET_SETUP, token, &call->session);
}

static void on_setup_checked(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err) {
        cv_call_error(call, answer->err);
    } else {
        cv_call_empty(call, 204);
    }
}

void cv_api_check_setup(struct cv_call *call) {
    struct cv_slice token = cv_input_secret(&call->input, "token", 0, CV_TOKEN_MAX_CHARS);
    if (!cv_input_finish(&call->input)) {
        cv_call_invalid(call);
        return;
    }
    setup_hash(call, token);
    const struct cv_store_op op = {
        .kind = CV_STORE_SETUP_CHECK,
        .setup_check = {.token_hash = cv_secret_hash_slice(&call->session),
                        .now_us = call->now_us}};
    cv_call_store(call, &op, 1, on_setup_checked);
}

static void on_set_up(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err == CV_ERR_STATE) { /* somebody was faster: the token is good no more */
        cv_call_not_found(call);
        return;
    }
    if (answer->err == CV_ERR_EXISTS) {
        cv_input_error(&call->input, "email", "belongs to an account already");
        cv_call_invalid(call);
        return;
    }
    on_session_made(context, answer);
}

static void on_setup_hash(void *context, enum cv_err err, const char *hash) {
    struct cv_call *call = context;
    if (err) {
        cv_call_error(call, err);
        return;
    }
    struct cv_secret_hash setup = call->session;
    struct cv_store_op ops[2];
    make_session_op(call, &ops[1]);
    call->user.password_hash = cv_slice_str(hash);
    ops[0] = (struct cv_store_op){.kind = CV_STORE_SETUP_FINISH,
                                  .setup_finish = {.token_hash = cv_secret_hash_slice(&setup),
                                                   .now_us = call->now_us,
                                                   .user = call->user}};
    call->answer_status = 201;
    cv_call_store(call, ops, 2, on_set_up);
}

static void on_setup_good(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    struct cv_slice password =
        cv_slice_str(json_string_value(json_object_get(call->input.root, "password")));
    enum cv_err err = answer->err;
    if (!err) { /* only now, so that strangers can't make us hash */
        err = call->api->deps.passwords.hash(call->api->deps.passwords.context, password,
                                             on_setup_hash, call);
        err = err == CV_ERR_FULL ? CV_ERR_AGAIN : err;
    }
    if (err) {
        cv_call_error(call, err);
    }
}

void cv_api_set_up(struct cv_call *call) {
    struct cv_slice token = cv_input_secret(&call->input, "token", 0, CV_TOKEN_MAX_CHARS);
    struct cv_slice name =
        cv_input_text(&call->input, "name", CV_INPUT_REQUIRED, 1, NAME_MAX_CHARS);
    struct cv_slice email = cv_input_email(&call->input);
    cv_input_secret(&call->input, "password", PASSWORD_MIN, PASSWORD_MAX);
    if (!cv_input_finish(&call->input)) {
        cv_call_invalid(call);
        return;
    }
    call->user = (struct cv_store_user){.name = name,
                                        .email = email,
                                        .role = CV_STORE_ACCOUNT_ADMIN,
                                        .created_at_us = call->now_us};
    cv_id_make(call->api->deps.random, 'u', &call->user.id);
    setup_hash(call, token);
    const struct cv_store_op op = {
        .kind = CV_STORE_SETUP_CHECK,
        .setup_check = {.token_hash = cv_secret_hash_slice(&call->session),
                        .now_us = call->now_us}};
    cv_call_store(call, &op, 1, on_setup_good);
}

/* --- signing in --- */

static struct cv_slice lower_case(struct cv_slice email, uint8_t *lower) {
    for (size_t i = 0; i < email.size; i++) {
        lower[i] = (uint8_t)tolower(email.data[i]);
    }
    return cv_slice_of(lower, email.size);
}

static void refuse_sign_in(struct cv_call *call) {
    cv_call_fail(call, 401, "sign-in", "E-mail address or password is wrong.");
}

static void on_password_checked(void *context, enum cv_err err) {
    struct cv_call *call = context;
    if (err == CV_ERR_AUTH) {
        refuse_sign_in(call);
        return;
    }
    if (err) {
        cv_call_error(call, err);
        return;
    }
    cv_limiter_reset(&call->api->sign_in_account, cv_secret_hash_slice(&call->idempotency_key));
    struct cv_store_op op;
    make_session_op(call, &op);
    call->answer_status = 200;
    cv_call_store(call, &op, 1, on_session_made);
}

static void on_account(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    struct cv_slice password =
        cv_slice_str(json_string_value(json_object_get(call->input.root, "password")));
    struct cv_slice hash = {NULL, 0};
    enum cv_err err = answer->err;
    if (!err) {
        call->user = answer->results[0].user;
        hash = call->user.password_hash;
        struct cv_slice name = call->user.name;
        struct cv_slice email = call->user.email;
        err = cv_buf_append(&call->user_texts, name.data, name.size);
        if (!err) {
            err = cv_buf_append(&call->user_texts, email.data, email.size);
        }
        call->user.name.data = call->user_texts.data;
        call->user.email.data = call->user_texts.data + name.size;
    }
    if (!err || err == CV_ERR_NOT_FOUND) {
        err = call->api->deps.passwords.verify(call->api->deps.passwords.context, password, hash,
                                               on_password_checked, call);
        err = err == CV_ERR_FULL ? CV_ERR_AGAIN : err;
    }
    if (err) {
        cv_call_error(call, err);
    }
}

void cv_api_sign_in(struct cv_call *call) {
    struct cv_slice email =
        cv_input_text(&call->input, "email", CV_INPUT_REQUIRED, 0, CV_INPUT_EMAIL_MAX);
    struct cv_slice password = cv_input_secret(&call->input, "password", 0, PASSWORD_MAX);
    if (!cv_input_finish(&call->input)) {
        cv_call_invalid(call);
        return;
    }
    struct cv_secret_hash source;
    cv_call_source_hash(call, &source);
    if (cv_call_limited(call, &call->api->sign_in_source, &source)) {
        return;
    }
    uint8_t lower[4 * CV_INPUT_EMAIL_MAX];
    cv_secret_hash(call->api->deps.secrets, CV_SECRET_LIMIT, lower_case(email, lower),
                   &call->idempotency_key);
    if (cv_call_limited(call, &call->api->sign_in_account, &call->idempotency_key)) {
        return;
    }
    if (!email.size || email.size > CV_INPUT_EMAIL_MAX || !password.size) {
        refuse_sign_in(call);
        return;
    }
    const struct cv_store_op op = {.kind = CV_STORE_USER_BY_EMAIL,
                                   .user_by_email = {.email = email}};
    cv_call_store(call, &op, 1, on_account);
}

void cv_api_get_session(struct cv_call *call) {
    cv_call_json(call, 200, cv_api_json_user(&call->user));
}

static void signed_out(struct cv_call *call, const struct cv_store_answer *answer,
                       const struct cv_secret_hash *only) {
    if (answer->err) {
        cv_call_error(call, answer->err);
        return;
    }
    cv_call_signed_out(call, only, NULL);
    cv_call_set_cookie(call, NULL);
    cv_call_empty(call, 204);
}

static void on_signed_out(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    signed_out(call, answer, &call->session);
}

static void on_signed_out_everywhere(void *context, const struct cv_store_answer *answer) {
    signed_out(context, answer, NULL);
}

void cv_api_sign_out(struct cv_call *call) {
    const struct cv_store_op op = {
        .kind = CV_STORE_SESSION_DELETE,
        .session_delete = {.token_hash = cv_secret_hash_slice(&call->session)}};
    cv_call_store(call, &op, 1, on_signed_out);
}

void cv_api_sign_out_everywhere(struct cv_call *call) {
    const struct cv_store_op op = {.kind = CV_STORE_SESSION_DELETE_ALL,
                                   .session_delete_all = {.user = call->user.id}};
    cv_call_store(call, &op, 1, on_signed_out_everywhere);
}

/* --- changing the password --- */

static void on_password_changed(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err) {
        cv_call_error(call, answer->err);
    } else {
        cv_call_signed_out(call, NULL, &call->session);
        cv_call_empty(call, 204);
    }
}

static void on_new_hash(void *context, enum cv_err err, const char *hash) {
    struct cv_call *call = context;
    if (err) {
        cv_call_error(call, err);
        return;
    }
    const struct cv_store_op ops[] = {
        {.kind = CV_STORE_USER_SET_PASSWORD,
         .user_set_password = {.id = call->user.id, .password_hash = cv_slice_str(hash)}},
        {.kind = CV_STORE_SESSION_DELETE_ALL,
         .session_delete_all = {.user = call->user.id,
                                .except_hash = cv_secret_hash_slice(&call->session)}},
    };
    cv_call_store(call, ops, 2, on_password_changed);
}

static void on_current_checked(void *context, enum cv_err err) {
    struct cv_call *call = context;
    struct cv_slice password =
        cv_slice_str(json_string_value(json_object_get(call->input.root, "new")));
    if (err == CV_ERR_AUTH) {
        cv_call_fail(call, 401, "password", "The present password is wrong.");
        return;
    }
    if (!err) {
        err = call->api->deps.passwords.hash(call->api->deps.passwords.context, password,
                                             on_new_hash, call);
    }
    if (err) {
        cv_call_error(call, err == CV_ERR_FULL ? CV_ERR_AGAIN : err);
    }
}

void cv_api_change_password(struct cv_call *call) {
    struct cv_slice current = cv_input_secret(&call->input, "current", 0, PASSWORD_MAX);
    cv_input_secret(&call->input, "new", PASSWORD_MIN, PASSWORD_MAX);
    if (!cv_input_finish(&call->input)) {
        cv_call_invalid(call);
        return;
    }
    struct cv_secret_hash account;
    cv_secret_hash(call->api->deps.secrets, CV_SECRET_LIMIT, cv_slice_str(call->user.id.text),
                   &account);
    if (cv_call_limited(call, &call->api->sign_in_account, &account)) {
        return;
    }
    enum cv_err err =
        call->api->deps.passwords.verify(call->api->deps.passwords.context, current,
                                         call->user.password_hash, on_current_checked, call);
    if (err) {
        cv_call_error(call, err == CV_ERR_FULL ? CV_ERR_AGAIN : err);
    }
}
