/* SPDX-License-Identifier: Apache-2.0 */
/* The one-time set-up token, made at the daemon's start and on demand of `conclave setup-link`. */
#include "api/call.h"

#include <stdlib.h>

struct making {
    struct cv_token token;
    cv_api_setup_fn *done;
    void *context;
};

static void on_durable(void *context, const struct cv_store_answer *answer) {
    struct making *making = context;
    making->done(making->context, answer->err, &making->token);
    cv_wipe(making, sizeof *making);
    free(making);
}

enum cv_err cv_api_make_setup(struct cv_api *api, cv_api_setup_fn *done, void *context) {
    struct cv_secret_hash hash;
    struct making *making = calloc(1, sizeof *making);
    if (!making) {
        return CV_ERR_MEMORY;
    }
    making->done = done;
    making->context = context;
    cv_token_make(api->deps.random, &making->token);
    cv_secret_hash(api->deps.secrets, CV_SECRET_SETUP, cv_slice_str(making->token.text), &hash);
    int64_t now_us = api->deps.wall_us();
    const struct cv_store_op op = {
        .kind = CV_STORE_SETUP_PUT,
        .setup_put = {.token_hash = cv_secret_hash_slice(&hash),
                      .created_at_us = now_us,
                      .expires_at_us = now_us + CV_API_SETUP_LIFETIME_US}};
    enum cv_err err = cv_store_submit(api->deps.store, &op, 1, on_durable, making);
    if (err) {
        free(making);
    }
    return err;
}
