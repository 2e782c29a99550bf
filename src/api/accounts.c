/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set-up of the first administrator, signing in and out, changing the password. Whether an account
 * exists can't be told from the answer nor from how long it takes.
 */
#include "api/call.h"

#include "base/log.h"

#include <ctype.h>

/* --- sessions --- */

static void on_session_made(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (cv_call_failed(call, answer->err)) {
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

static void check_setup(struct cv_call *call, struct cv_slice token, cv_store_done_fn *done) {
    cv_secret_hash(call->api->deps.secrets, CV_SECRET_SETUP, token, &call->session);
    const struct cv_store_op op = {
        .kind = CV_STORE_SETUP_CHECK,
        .setup_check = {.token_hash = cv_secret_hash_slice(&call->session),
                        .now_us = call->now_us}};
    cv_call_store(call, &op, 1, done);
}

static void on_setup_checked(void *context, const struct cv_store_answer *answer) {
    cv_call_done(context, answer->err);
}

void cv_api_check_setup(struct cv_call *call) {
    struct cv_slice token = cv_input_secret(&call->input, "token", 0, CV_TOKEN_MAX_CHARS);
    if (!cv_input_finish(&call->input)) {
        cv_call_invalid(call);
        return;
    }
    check_setup(call, token, on_setup_checked);
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
    if (cv_call_failed(call, err)) {
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
    if (!cv_call_failed(call, answer->err)) { /* only now, so that strangers can't make us hash */
        cv_call_hash(call, cv_input_again(&call->input, "password"), on_setup_hash);
    }
}

void cv_api_set_up(struct cv_call *call) {
    struct cv_slice token = cv_input_secret(&call->input, "token", 0, CV_TOKEN_MAX_CHARS);
    struct cv_slice name = cv_input_text(&call->input, "name", CV_INPUT_REQUIRED, 1, CV_NAME_CHARS);
    struct cv_slice email = cv_input_email(&call->input);
    cv_input_secret(&call->input, "password", CV_INPUT_PASSWORD_MIN, CV_INPUT_PASSWORD_MAX);
    if (!cv_input_finish(&call->input)) {
        cv_call_invalid(call);
        return;
    }
    call->user = (struct cv_store_user){.name = name,
                                        .email = email,
                                        .role = CV_STORE_ACCOUNT_ADMIN,
                                        .created_at_us = call->now_us};
    cv_id_make(call->api->deps.random, 'u', &call->user.id);
    check_setup(call, token, on_setup_good);
}

/* --- signing in --- */

static struct cv_slice lower_case(struct cv_slice email, uint8_t *lower) {
    for (size_t i = 0; i < email.size; i++) {
        lower[i] = (uint8_t)tolower(email.data[i]);
    }
    return cv_slice_of(lower, email.size);
}

static void refuse_sign_in(struct cv_call *call, struct cv_slice email) {
    char address[CV_ADDR_TEXT_BYTES], whom[CV_INPUT_EMAIL_MAX + 1] = "";
    cv_addr_format_host(&cv_call_request(call)->client, address);
    if (email.size < sizeof whom) {
        memcpy(whom, email.data, email.size);
    }
    CV_LOG(CV_LOG_INFO, "a sign-in was refused", CV_LOG_PRIVATE("address", address),
           CV_LOG_PRIVATE("email", whom));
    cv_call_fail(call, 401, "sign-in", "E-mail address or password is wrong.");
}

static void on_password_checked(void *context, enum cv_err err) {
    struct cv_call *call = context;
    if (err == CV_ERR_AUTH) {
        refuse_sign_in(call, cv_input_again(&call->input, "email"));
        return;
    }
    if (cv_call_failed(call, err)) {
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
    struct cv_slice hash = {NULL, 0};
    enum cv_err err = answer->err;
    if (!err) {
        err = cv_call_keep_user(call, &answer->results[0].user);
        hash = call->user.password_hash;
    }
    if (err != CV_ERR_NOT_FOUND && cv_call_failed(call, err)) {
        return;
    }
    cv_call_verify(call, cv_input_again(&call->input, "password"), hash, on_password_checked);
}

void cv_api_sign_in(struct cv_call *call) {
    struct cv_slice email =
        cv_input_text(&call->input, "email", CV_INPUT_REQUIRED, 0, CV_INPUT_EMAIL_MAX);
    struct cv_slice password = cv_input_secret(&call->input, "password", 0, CV_INPUT_PASSWORD_MAX);
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
        refuse_sign_in(call, email);
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
    if (cv_call_failed(call, answer->err)) {
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

/* By the administrator there is no session to be kept. */
static const struct cv_secret_hash *own_session(const struct cv_call *call) {
    return call->signed_in ? &call->session : NULL;
}

static void on_password_set(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    cv_call_signed_out(call, NULL, own_session(call));
    cv_call_empty(call, 204);
}

static void on_new_hash(void *context, enum cv_err err, const char *hash) {
    struct cv_call *call = context;
    if (cv_call_failed(call, err)) {
        return;
    }
    struct cv_store_op ops[] = {
        {.kind = CV_STORE_USER_SET_PASSWORD,
         .user_set_password = {.id = call->user.id, .password_hash = cv_slice_str(hash)}},
        {.kind = CV_STORE_SESSION_DELETE_ALL, .session_delete_all = {.user = call->user.id}},
    };
    if (own_session(call)) {
        ops[1].session_delete_all.except_hash = cv_secret_hash_slice(own_session(call));
    }
    cv_call_store(call, ops, 2, on_password_set);
}

void cv_api_set_password(struct cv_call *call, struct cv_slice password) {
    cv_call_hash(call, password, on_new_hash);
}

static void on_current_checked(void *context, enum cv_err err) {
    struct cv_call *call = context;
    if (err == CV_ERR_AUTH) {
        cv_call_fail(call, 401, "password", "The present password is wrong.");
    } else if (!cv_call_failed(call, err)) {
        cv_api_set_password(call, cv_input_again(&call->input, "new"));
    }
}

void cv_api_change_password(struct cv_call *call) {
    struct cv_slice current = cv_input_secret(&call->input, "current", 0, CV_INPUT_PASSWORD_MAX);
    cv_input_secret(&call->input, "new", CV_INPUT_PASSWORD_MIN, CV_INPUT_PASSWORD_MAX);
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
    cv_call_verify(call, current, call->user.password_hash, on_current_checked);
}
